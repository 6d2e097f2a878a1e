"""The upstream differential: a library's own released test suite, run without tracing and with it.

``tests/contrib/<name>/upstream.py`` says which release, as an ``Upstream`` named ``upstream``.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from testkit.fixtures.service import Service

__all__ = ["Upstream"]


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """A release of a library whose sdist has its test suite, and how pytest runs that suite.

    ``sha256`` is the sdist's. ``requirements`` are what the suite needs besides the library, as pip has them;
    ``arguments`` and ``environment`` are pytest's, in the unpacked sdist. They may name the services that each run has
    for itself: ``{redis_url}``, ``{redis_host}`` and ``{redis_port}`` are those of a service named redis. A run that
    takes more than ``limit_s`` seconds hangs.

    A suite that has a runner of its own may need more to run by pytest: ``plugin`` is the path of a plugin of pytest,
    which has the suite's environment and nothing else to import from.

    ``accepted`` are tests that tracing breaks and may break, each with the reason, which every report prints.

    ``sdist`` is the path of a file to take instead of the package index's. The suite of a library of the standard
    library comes with Python: it has neither version nor sdist, and its arguments are such as ``--pyargs
    test.test_logging``.
    """

    version: str = ""
    sha256: str = ""
    requirements: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    limit_s: float = 900.0
    plugin: str = ""
    accepted: tuple[tuple[str, str], ...] = ()
    sdist: str = ""

    def __post_init__(self) -> None:
        if bool(self.version) != bool(self.sha256):
            raise ValueError(f"version is {self.version!r} and sha256 is {self.sha256!r}; expected both or neither")
        if self.sha256 and not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise ValueError(f"sha256 is {self.sha256!r}; expected 64 hexadecimal digits in small letters")
        if self.plugin and not Path(self.plugin).is_file():
            raise ValueError(f"plugin is {self.plugin!r}; expected the path of a file")
        for test, reason in self.accepted:
            if not reason.strip():
                raise ValueError(f"{test} is accepted and must say why")
        known = {f"{service.name}_{part}" for service in self.services for part in ("url", "host", "port")}
        for text in (*self.arguments, *self.environment.values()):
            for _, name, _, _ in string.Formatter().parse(text):
                if name is not None and name not in known:
                    raise ValueError(f"{text!r} names {name!r}; its services give {', '.join(sorted(known)) or 'none'}")
