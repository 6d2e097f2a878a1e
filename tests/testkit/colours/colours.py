"""A library of one class."""


class Palette:
    """Knows its way among colours."""

    def lighten(self, colour):
        """A lighter one; raises ValueError where there is none."""
        if colour == "white":
            raise ValueError("nothing is lighter than white")
        return f"light {colour}"
