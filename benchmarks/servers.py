"""What the contestants talk to: an agent of our own, and the services, each a process of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from testkit.fixtures import SERVICES
from testkit.fixtures.providers import serve
from testkit.fixtures.service import Unavailable


@contextlib.contextmanager
def agent() -> Iterator[str]:
    """The URL of an agent that takes everything."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("sink.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()


@contextlib.contextmanager
def service(name: str) -> Iterator[str | None]:
    """The URL of a service, or None where nothing on this machine can serve it."""
    with contextlib.ExitStack() as held:
        try:
            url = held.enter_context(serve(SERVICES[name])).url
        except Unavailable as unavailable:
            print(unavailable, file=sys.stderr, flush=True)
            url = None
        yield url
