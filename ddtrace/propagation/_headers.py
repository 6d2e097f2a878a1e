"""Find a header, whatever the case of its name, in a dictionary or in a WSGI environment."""

from __future__ import annotations

import re
from typing import Any

from ddtrace.constants import LARGEST_ID
from ddtrace.internal.native import compiled

NameForms = tuple[str, str]
"""A header's name as it is on the wire and as WSGI spells it, both in lower case."""

_PRIORITIES = {"-1": -1, "0": 0, "1": 1, "2": 2}
_DIGITS_OF_64_BITS = 20
_SHORT_NUMBER = re.compile(r"-?[0-9]{1,9}")


def forms_of(name: str) -> NameForms:
    """Both spellings of a header's name."""
    return name, "http_" + name.replace("-", "_")


@compiled
def with_lower_names(headers: Any) -> dict[str, Any]:
    """The headers by their names in lower case, to be read only; a name that is no text is left out."""
    if type(headers) is dict:
        try:
            names = "".join(headers)
        except TypeError:
            pass
        else:
            # One comparison of all names spares those which are in lower case already, as ASGI's are, a copy.
            return headers if names == names.lower() else {name.lower(): value for name, value in headers.items()}
    found = {}
    for name, value in headers.items():
        if isinstance(name, bytes):
            name = name.decode("latin-1")
        if isinstance(name, str):
            found[name.lower()] = value
    return found


def text_of(headers: dict[str, Any], forms: NameForms) -> str | None:
    """The text of one header; None where it is missing or is no text."""
    value = headers.get(forms[0])
    if type(value) is str:
        return value
    if value is None:
        value = headers.get(forms[1])
    if value is None or type(value) is str:
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    # The text of a huge number takes the square of its length.
    if type(value) is int and value.bit_length() <= 64:
        return str(value)
    return None


@compiled
def read_id(text: str) -> int | None:
    """The id that a header gives in decimal digits; None for what is no number of 64 bits."""
    # The length before int(), which takes the square of it. isdigit() alone would let other scripts' digits pass.
    if len(text) <= _DIGITS_OF_64_BITS and text.isdigit() and text.isascii():
        value = int(text)
        return value if value <= LARGEST_ID else None
    stripped = text.strip()
    return None if stripped == text else read_id(stripped)


@compiled
def read_high_id(text: str) -> int | None:
    """The 64 bits that exactly 16 hexadecimal digits in lower case give; None for any other text."""
    return int(text, 16) if len(text) == 16 and not text.strip("0123456789abcdef") else None


def read_priority(text: str) -> int | None:
    """The sampling priority that a header gives; None for what is no number."""
    priority = _PRIORITIES.get(text)
    if priority is None:
        text = text.strip()
        priority = int(text) if _SHORT_NUMBER.fullmatch(text) is not None else None
    return priority
