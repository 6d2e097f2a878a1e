"""Tags of databases and caches."""

NAME = "db.name"
ROWCOUNT = "db.row_count"
SYSTEM = "db.system"
USER = "db.user"
