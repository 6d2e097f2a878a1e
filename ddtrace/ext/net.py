"""Tags of the peer that a call goes to."""

BYTES_OUT = "net.out.bytes"
TARGET_HOST = "out.host"
TARGET_PORT = "network.destination.port"
