"""What is hidden in the queries of URLs: passwords, keys and tokens.

A query comes from a stranger, and looking through it must take a time in proportion to its length. Two things see to
that, and a test to them: every repetition without a bound is possessive, so that none is ever tried again at another
length; and no repetition runs over a place where the same secret could begin once more, so that each character is
looked at a bounded number of times.
"""

from __future__ import annotations

import re

from ddtrace.internal.log import get_logger

log = get_logger(__name__)

BLANK = r"(?:\s|\+|%20)"
QUOTE = r'(?:"|%22)'
KEY_ID = r"_?key(?:_?id)?"
DASHES = "-----"
PEM_KIND = r"(?:[a-z\s+]|%20){1,40}PRIVATE" + BLANK + "KEY"
JWT_PART = r"ey[i-l][\w-]++(?:=|%3D){0,2}"

# A value goes on to the end where its quote is never closed: it would be looked for anew from each later secret.
VALUE = rf"(?:{BLANK}*+(?:=|%3D)[^&]++" rf'|{QUOTE}{BLANK}*+(?::|%3A){BLANK}*+{QUOTE}(?:[^"%]|%(?!22))++{QUOTE}?)'

NAMES = (
    r"pass(?:w(?:or)?d|_?phrase)?",
    r"pw(?:or)?d",
    rf"secret(?:{KEY_ID})?",
    rf"api{KEY_ID}",
    rf"access{KEY_ID}",
    rf"private{KEY_ID}",
    rf"public{KEY_ID}",
    r"consumer_?(?:id|key|secret)",
    r"token",
    r"sign(?:ed|ature)?",
    r"auth(?:entication|orization)?",
)
"""What has a secret for its value."""

SECRETS = (
    rf"bearer{BLANK}++[\w.~+/=-]++",
    r"token(?::|%3A)[a-z0-9]{13}",
    r"gh[opsu]_[a-z0-9]{36}",
    rf"{JWT_PART}\.{JWT_PART}(?:\.(?:[\w.+/=-]|%3D|%2F|%2B)++)?",
    rf"{DASHES}BEGIN{PEM_KIND}{DASHES}[^-]++(?:{DASHES}END{PEM_KIND}(?:{DASHES})?)?",
    rf"ssh-rsa{BLANK}*+(?:[a-z0-9/.+]|%2F|%5C|%2B){{100,}}+",
)
"""What is a secret by its form. A JWT begins where a word does, or after an escaped character."""

WORD_START = r"(?:(?<![\w-]..)|(?<=%[0-9a-f][0-9a-f]..))"


def alternative(text: str) -> str:
    """One of the alternatives, without its first character, which has been read already.

    The engine compares the first character of an alternative at once if it knows both its cases; and skips quickly to
    the next place where any begins if the whole begins with a set of characters.
    """
    start = WORD_START if text.startswith(JWT_PART) else ""
    return f"{both_cases(text[1])}(?<={both_cases(text[0])}.){start}(?i:{text[2:]})"


def both_cases(character: str) -> str:
    return f"[{character}{character.upper()}]" if character.isalpha() else re.escape(character)


def one_of(texts: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(map(alternative, texts))})"


def secret_pattern() -> str:
    """The regular expression of everything above."""
    first = "".join(sorted({text[0] for text in NAMES + SECRETS}))
    return f"[{first.upper()}{first.replace('-', '')}](?:{one_of(NAMES)}(?i:{VALUE})|{one_of(SECRETS)})"


def compile_pattern(text: str | None) -> re.Pattern[str] | None:
    """The pattern that a user gave, or ours for None; None where it is empty, or, with one logged line, not valid."""
    if text is None:
        return re.compile(secret_pattern())
    if not text:
        return None
    try:
        return re.compile(text)
    except re.error as error:
        log.warning(
            "DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP=%r is no regular expression (%s); queries are left out of URLs",
            text,
            error,
        )
        return None
