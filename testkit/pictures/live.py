"""A page that fills while spans come, for the eyes of who started it: on this machine, at a secret address."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from testkit.collector import serving
from testkit.pictures import page
from testkit.pictures.received import Received

PATIENCE_S = 10.0
"""How long a question for something new stays open."""

_PATH = re.compile(r"/(?P<token>[^/]+)/(?:since/(?P<version>[0-9]{1,18}))?")
_SCRIPT = (Path(__file__).parent / "live.js").read_text(encoding="utf-8")

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@contextmanager
def live_page(received: Received) -> Iterator[str]:
    """The URL of a page of what has been received, for the time of a with statement.

    The URL holds a token, without which nothing is told. The header Host has to name this machine, so that no web page
    from elsewhere gets here by a name of its own.
    """
    token = secrets.token_urlsafe(24)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 (the name is http.server's)
            asked = _PATH.fullmatch(self.path)
            port = self.server.server_address[1]
            if self.headers.get("Host") not in (f"127.0.0.1:{port}", f"localhost:{port}"):
                self._answer(403, f"expected the header Host to be 127.0.0.1:{port}\n")
            elif asked is None or not secrets.compare_digest(asked["token"].encode(), token.encode()):
                self._answer(404, "expected the whole URL that was printed, with its token\n")
            elif asked["version"] is None:
                whole = page.render(received.view(), script=_SCRIPT, connect="'self'")
                # The page says itself what else it may; only of frames it cannot.
                self._answer(200, whole, "text/html", {"Content-Security-Policy": "frame-ancestors 'none'"})
            else:
                self._tell_since(int(asked["version"]))

        def _tell_since(self, version: int) -> None:
            now = received.wait(version, PATIENCE_S)
            text = "\n".join(page.content(received.view())) if now != version else ""
            self._answer(200, text, "text/html", {"X-Version": str(now)})

        def _answer(
            self, status: int, text: str, kind: str = "text/plain", headers: dict[str, str] | None = None
        ) -> None:
            answer = text.encode(errors="backslashreplace")
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(answer)))
            for name, value in {**_HEADERS, **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            """Stay silent."""

    with serving(Handler) as port:
        yield f"http://127.0.0.1:{port}/{token}/"
