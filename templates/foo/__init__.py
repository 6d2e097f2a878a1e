"""The toy library of ``templates/integration``: clients, sync and asyncio, that know one answer."""

from __future__ import annotations

ANSWERS = {"colour": "blue"}


class NoAnswer(LookupError):
    """Nobody knows."""


class Client:
    """Answers questions."""

    def answer(self, question: str) -> str:
        if question not in ANSWERS:
            raise NoAnswer(question)
        return ANSWERS[question]


class AsyncClient:
    """The same, to be awaited."""

    async def answer(self, question: str) -> str:
        if question not in ANSWERS:
            raise NoAnswer(question)
        return ANSWERS[question]
