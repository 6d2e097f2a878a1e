"""What is hidden in the queries of URLs: passwords, keys and tokens, whole."""

from __future__ import annotations

import re

from ddtrace.internal.log import get_logger

log = get_logger(__name__)

# Every repetition is possessive, and none can run over a place where the same alternative could begin: each character
# is looked at a bounded number of times, however hostile the query.
SECRET = r"""(?xi)
    (?: p(?:ass)?w(?:or)?d | pass(?:_?phrase)? | secret | token
      | (?:api|private|public|access|secret)_?key(?:_?id)?
      | consumer_?(?:id|key|secret)
      | sign(?:ed|ature)?
      | auth(?:entication|orization)?
    )
    (?: (?:\s|%20)*+ (?:=|%3D) [^&]++
      | (?:"|%22) (?:\s|%20)*+ (?::|%3A) (?:\s|%20)*+ (?:"|%22) (?:[^"%]|%(?!22))++ (?:"|%22)?
    )
  | bearer (?:\s|%20)++ [a-z0-9._~+/=-]++
  | token (?::|%3A) [a-z0-9]{13}
  | gh[opsu]_ [a-z0-9]{36}
  | (?: (?<![\w-]) | (?<=%[0-9a-f][0-9a-f]) )
    ey[i-l] [\w-]++ (?:=|%3D){0,2} \. ey[i-l] [\w-]++ (?:=|%3D){0,2} (?: \. (?:[\w.+/=-]|%3D|%2F|%2B)++ )?
  | -{5} BEGIN (?:[a-z\s]|%20){1,40} PRIVATE (?:\s|%20) KEY -{5} [^-]++
    (?: -{5} END (?:[a-z\s]|%20){1,40} PRIVATE (?:\s|%20) KEY (?:-{5})? )?
  | ssh-rsa (?:\s|%20)*+ (?: [a-z0-9/.+] | %2F | %5C | %2B ){100,}+
"""


def compile_pattern(text: str | None) -> re.Pattern[str] | None:
    """The pattern that a user gave, or ours; None where it is empty, or, with one logged line, not valid."""
    if text is None:
        return re.compile(SECRET)
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
