"""A library that mixes paint."""

from __future__ import annotations


class UnknownColour(Exception):
    """There is no such colour."""


class Mixer:
    """Mixes two colours at a time."""

    MIXTURES = {("blue", "yellow"): "green", ("blue", "red"): "purple"}

    def mix(self, one: str, other: str) -> list[str]:
        """What comes of two colours, and how much of it; raises UnknownColour."""
        first, second = sorted((one, other))
        try:
            return [self.MIXTURES[first, second], "2 l"]
        except KeyError:
            raise UnknownColour(one, other) from None
