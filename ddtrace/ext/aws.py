"""Tags of calls to AWS, and which of their arguments must not become any."""

from __future__ import annotations

from typing import Any

AGENT = "aws.agent"
OPERATION = "aws.operation"
REGION = "aws.region"

EXCLUDED_ENDPOINT = frozenset({"events", "kinesis", "kms", "sns", "sts"})
"""Services whose arguments hold secrets or payloads."""

LARGEST_VALUE_BYTES = 1024


def truncate_arg_value(value: Any, max_len: int = LARGEST_VALUE_BYTES) -> Any:
    """The value, or ``b"..."`` in the place of more than ``max_len`` bytes."""
    return b"..." if isinstance(value, bytes) and len(value) > max_len else value
