"""What a WSGI environment says of a request, as PEP 3333 has it; nothing in it is sure to be there, or to be text."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ddtrace.contrib._http_url import LONGEST_PATH, authority_of, resource_of_request, url_of_request

_WITHOUT_PREFIX = ("CONTENT_TYPE", "CONTENT_LENGTH")


def url_of(environ: Mapping[str, Any]) -> str:
    """The URL of a request, without its query."""
    scheme = environ.get("wsgi.url_scheme", "http")
    host = environ.get("HTTP_HOST") or authority_of(
        scheme, str(environ.get("SERVER_NAME", "")), environ.get("SERVER_PORT")
    )
    path = f"{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}"[:LONGEST_PATH]
    # The characters of a path are bytes, by PEP 3333; where they are more, somebody has decoded them.
    return url_of_request(scheme, host, path, "latin-1" if max(path, default="") <= "\xff" else "utf-8")


def resource_of(environ: Mapping[str, Any]) -> str:
    """``METHOD /path``."""
    path = str(environ.get("PATH_INFO", ""))[:LONGEST_PATH]
    if not path.isascii() and max(path) <= "\xff":
        path = path.encode("latin-1").decode("utf-8", "replace")
    return resource_of_request(environ.get("REQUEST_METHOD", ""), path)


class RequestHeaders:
    """The headers in a WSGI environment, by their own names."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    def get(self, name: str) -> Any:
        """The value of one header; None where it is missing."""
        return self._environ.get("HTTP_" + name.upper().replace("-", "_"))

    def items(self) -> Iterator[tuple[str, Any]]:
        """Each header."""
        for key, value in self._environ.items():
            if isinstance(key, str):
                if key.startswith("HTTP_"):
                    yield key[5:].replace("_", "-").title(), value
                elif key in _WITHOUT_PREFIX:
                    yield key.replace("_", "-").title(), value


def is_file(environ: Mapping[str, Any], result: Any) -> bool:
    """Whether an application returned what it had from the server's ``wsgi.file_wrapper``.

    A server knows that by its type or by its identity, so that nothing may be put around it.
    """
    wrapper = environ.get("wsgi.file_wrapper")
    if wrapper is None:
        return False
    return isinstance(result, wrapper) if isinstance(wrapper, type) else hasattr(result, "read")
