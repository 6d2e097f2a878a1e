"""What an adapter has to know of its tracer."""

from __future__ import annotations

import abc
import importlib.metadata
from contextlib import AbstractContextManager
from typing import Any, Callable, ClassVar

DROP, KEEP, SEND, DISABLED = "drop", "keep", "send", "disabled"
"""What becomes of finished traces: thrown away, kept in ``kept``, sent to the agent; or they are never made."""


class AbsentError(Exception):
    """The contestant has nothing of the kind; the message is what the table says."""


class Contestant(abc.ABC):
    """One tracer. A method that is not overridden says that there is no such thing."""

    distribution: ClassVar[str]
    """Its name on the package index."""

    imports: ClassVar[str]
    """The statement by which a program begins to trace by hand."""

    header: ClassVar[str] = "traceparent"
    """The header that carries its trace's id, where there is no other style."""

    def __init__(self) -> None:
        self.kept: list[Any] = []
        """With KEEP: finished spans, or finished traces, in whatever form they leave the tracer."""

    @classmethod
    def version(cls) -> str:
        """Of what is measured here."""
        return importlib.metadata.version(cls.distribution)

    @abc.abstractmethod
    def start(self, finished: str, agent_url: str) -> None:
        """Set the tracer up; ``finished`` is one of the four above."""

    @abc.abstractmethod
    def one_span(self) -> None:
        """Make a trace of one span without tags."""

    @abc.abstractmethod
    def ten_spans(self) -> None:
        """Make a trace of ten spans, each with the tags of the workload."""

    @abc.abstractmethod
    def root(self) -> AbstractContextManager[Any]:
        """A trace for the calls of a block."""

    def spans_kept(self) -> int:
        """How many spans there are in what was kept."""
        return len(self.kept)

    def spans_in_one_trace(self, count: int) -> None:
        """Make a trace of a root and ``count - 1`` children, without tags."""
        raise AbsentError("not measured")

    def flush(self) -> None:
        """Send what is finished, and return when that is done."""
        raise AbsentError("none")

    def encoder(self, version: str) -> Callable[[], int]:
        """What encodes all that was kept and returns the size; the version is ``v0.4`` or ``v0.5``."""
        raise AbsentError("none")

    def injector(self, style: str) -> Callable[[dict[str, str]], None]:
        """What writes the current context into headers; the style is ``both`` (Datadog and W3C) or ``w3c``."""
        raise AbsentError("none")

    def extractor(self, style: str) -> Callable[[dict[str, str]], Any]:
        """What reads a context out of headers."""
        raise AbsentError("none")

    def trace_id_of(self, extracted: Any) -> int:
        """The trace id in what an extractor returned."""
        return extracted.trace_id

    def integrate(self, library: str) -> None:
        """Begin to trace a library, which is not imported yet."""
        raise AbsentError("none")

    def integrate_project(self, settings: Any) -> Any:
        """The settings of a Django project that is traced, where that has to be asked for there."""
        return settings

    def integrate_app(self, app: Any) -> Any:
        """A Flask application that is traced, where that has to be asked for each of them."""
        return app
