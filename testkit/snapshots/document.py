"""A page as one file: it needs no network, and allows no script but its own."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from hashlib import sha256
from html import escape


def document(title: str, body: Iterable[str], *, style: str, script: str, connect: str = "'none'") -> str:
    """The whole page around the escaped lines of its body; `connect` is where its script may ask for more."""
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; connect-src {connect}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        "\n".join(
            [
                '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
                f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
                f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>',
                f"<style>{style}</style></head><body>",
                f"<header><h1>{escape(title)}</h1></header><main>",
                *body,
                f"</main><script>{script}</script></body></html>",
                "",
            ]
        )
        .encode(errors="backslashreplace")
        .decode()
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"
