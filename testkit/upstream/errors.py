"""What ends a differential without a verdict."""

from __future__ import annotations


class UpstreamError(Exception):
    """The two sides could not be compared; the message says why, and what to do."""
