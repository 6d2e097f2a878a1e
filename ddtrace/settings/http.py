"""What of HTTP requests and responses becomes tags."""

from __future__ import annotations

from typing import Iterable, Mapping

from ddtrace.internal.log import get_logger

__all__ = ["HttpConfig", "HttpServerConfig"]

log = get_logger(__name__)


class HttpConfig:
    """The headers that become tags, and whether queries do; of all integrations, or of one.

    ``header_tags`` maps a header's name to its tag; an empty tag stands for the usual one,
    ``http.request.headers.<name>`` or ``http.response.headers.<name>``. Names are compared without regard to case.
    """

    def __init__(self, header_tags: Mapping[str, str] | None = None) -> None:
        self._header_tags = {name.strip().lower(): tag for name, tag in (header_tags or {}).items()}
        self.trace_query_string: bool | None = None
        """Whether queries become the tag ``http.query.string``; None leaves it to the settings of all integrations."""

    @property
    def is_header_tracing_configured(self) -> bool:
        """Whether any header becomes a tag."""
        return bool(self._header_tags)

    def trace_headers(self, whitelist: str | Iterable[str] | None) -> HttpConfig:
        """Make one or several more headers tags, under their usual names."""
        for name in [whitelist] if isinstance(whitelist, str) else whitelist or ():
            self._header_tags.setdefault(name.strip().lower(), "")
        return self

    def header_is_traced(self, header_name: str) -> bool:
        """Whether a header becomes a tag."""
        return self._header_tag_name(header_name) is not None

    def _header_tag_name(self, header_name: str) -> str | None:
        """A header's tag, empty for the usual one; None where it becomes none."""
        return self._header_tags.get(header_name.strip().lower()) if self._header_tags else None

    def __repr__(self) -> str:
        return f"HttpConfig(header_tags={self._header_tags!r}, trace_query_string={self.trace_query_string!r})"


class HttpServerConfig:
    """Which responses are errors: ``config.http_server.error_statuses = "404,500-599"``."""

    def __init__(self) -> None:
        self.error_statuses = "500-599"

    @property
    def error_statuses(self) -> str:
        """Status codes and ranges of them, apart by commas."""
        return self._error_statuses

    @error_statuses.setter
    def error_statuses(self, value: str) -> None:
        ranges = []
        for part in filter(None, (part.strip() for part in value.split(","))):
            first, _, last = part.partition("-")
            try:
                ranges.append((int(first), int(last or first)))
            except ValueError:
                log.warning(
                    "config.http_server.error_statuses: %r is neither a status code nor a range such as 500-599; "
                    "it is left out",
                    part,
                )
        self._error_statuses = value
        self.error_ranges: list[tuple[int, int]] = ranges
        """First and last code of each range."""

    def is_error_code(self, status_code: int) -> bool:
        """Whether a response with this status code is an error."""
        for first, last in self.error_ranges:
            if first <= status_code <= last:
                return True
        return False
