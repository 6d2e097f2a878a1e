"""An agent that takes everything over HTTP and forgets it, but for how much it was.

Run as a program it prints its port and serves until its standard input ends. ``GET /received`` answers with what came
since it was last asked: ``bytes``, ``traces`` (of which the Datadog protocol tells the number) and
``names`` (how often the name of the workload's spans was in them).
"""

from __future__ import annotations

import json
import socketserver
import sys
import threading
from collections import Counter

NAME = b"shop.step"
"""Of the spans of contestants/workload.py."""


class Sink(socketserver.ThreadingTCPServer):
    """On a free port of this machine."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.received: Counter[str] = Counter()


class Connection(socketserver.StreamRequestHandler):
    """Requests, one after another, until the other side closes."""

    disable_nagle_algorithm = True
    server: Sink

    def handle(self) -> None:
        while request_line := self.rfile.readline():
            method, path, _ = request_line.decode("latin-1").split(" ", 2)
            headers = self.read_headers()
            body = self.read_body(headers)
            if path == "/received":
                answer = json.dumps({name: self.server.received[name] for name in ("traces", "names", "bytes")})
                self.server.received.clear()
            else:
                answer = "" if path == "/v1/traces" else "{}"
                if method in ("PUT", "POST"):
                    self.server.received["traces"] += int(headers.get("x-datadog-trace-count", 0))
                    self.server.received["names"] += body.count(NAME)
                    self.server.received["bytes"] += len(body)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n"
            self.wfile.write(f"{head}{answer}".encode())

    def read_headers(self) -> dict[str, str]:
        headers = {}
        while (line := self.rfile.readline().decode("latin-1").strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return headers

    def read_body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(headers.get("content-length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)


def main() -> None:
    with Sink() as sink:
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        print(sink.server_address[1], flush=True)
        sys.stdin.read()
        sink.shutdown()


if __name__ == "__main__":
    main()
