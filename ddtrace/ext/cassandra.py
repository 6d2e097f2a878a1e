"""Tags of Cassandra queries."""

CLUSTER = "cassandra.cluster"
CONSISTENCY_LEVEL = "cassandra.consistency_level"
KEYSPACE = "cassandra.keyspace"
PAGE_NUMBER = "cassandra.page_number"
PAGINATED = "cassandra.paginated"
ROW_COUNT = "cassandra.row_count"
