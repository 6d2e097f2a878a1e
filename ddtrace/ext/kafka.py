"""Tags and span names of messages that go through Kafka."""

SERVICE = "kafka"

CONSUME = "kafka.consume"
PRODUCE = "kafka.produce"

GROUP_ID = "kafka.group_id"
HOST_LIST = "messaging.kafka.bootstrap.servers"
MESSAGE_KEY = "kafka.message_key"
MESSAGE_OFFSET = "kafka.message_offset"
PARTITION = "kafka.partition"
RECEIVED_MESSAGE = "kafka.received_message"
TOMBSTONE = "kafka.tombstone"
TOPIC = "kafka.topic"
