"""The time of spans."""

from time import time_ns

__all__ = ["time_ns"]
