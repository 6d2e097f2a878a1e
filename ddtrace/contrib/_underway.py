"""Calls that a library makes of its own methods while one of them is traced already."""

from __future__ import annotations

from typing import Any

from ddtrace.contrib._tracing import Call


class Underway(Call):
    """A call on an object, by the id of that; those that the library makes on it meanwhile are to have no spans."""

    __slots__ = ("_ids", "_id")

    def __init__(self, call: Call, ids: set[int], id: int) -> None:
        super().__init__(call.span)
        self._ids = ids
        self._id = id
        ids.add(id)

    def __exit__(self, *exception: Any) -> None:
        self._ids.discard(self._id)
        super().__exit__(*exception)
