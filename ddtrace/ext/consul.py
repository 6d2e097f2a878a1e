"""Tags of Consul commands."""

APP = "consul"
SERVICE = "consul"

CMD = "consul.command"
KEY = "consul.key"
