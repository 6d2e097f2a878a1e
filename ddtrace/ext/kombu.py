"""Tags and span names of messages that go through kombu."""

SERVICE = "kombu"

PUBLISH_NAME = "kombu.publish"
RECEIVE_NAME = "kombu.receive"

BODY_LEN = "kombu.body_length"
EXCHANGE = "kombu.exchange"
ROUTING_KEY = "kombu.routing_key"
VHOST = "out.vhost"
