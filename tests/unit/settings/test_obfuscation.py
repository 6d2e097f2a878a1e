"""What of a query is hidden, and that looking for it takes a time in proportion to the query's length."""

import re

import pytest

from ddtrace.settings import obfuscation
from ddtrace.settings.obfuscation import compile_pattern, secret_pattern


@pytest.fixture(scope="module")
def pattern():
    return compile_pattern(None)


@pytest.mark.parametrize(
    "name",
    """pass password passwd pwd pword passphrase pass_phrase secret token api_key apikey api_key_id privateKey
    public_key_id access_key accesskeyid secret_key consumer_id consumerkey consumer_secret sign signed signature
    auth authentication authorization""".split(),
)
@pytest.mark.parametrize("form", [str, str.upper, str.title])
def test_value_of_a_secret_s_name_is_hidden(pattern, name, form):
    """In any case, up to the next parameter."""
    assert pattern.sub("-", f"a=1&{form(name)}=b%26c=d/e&x=2") == "a=1&-&x=2"


@pytest.mark.parametrize(
    "query, shown",
    [
        ("password%3Dx%26y&z=1", "-&z=1"),
        ("password%20=x&z=1", "-&z=1"),
        ("password+=x&z=1", "-&z=1"),
        ("my_password=x", "my_-"),
        ('q={"password":"a b","x":"y"}', 'q={"-,"x":"y"}'),
        ("q=%7B%22password%22%3A%20%22a%2520b%22%2C%22x%22%3A1%7D", "q=%7B%22-%2C%22x%22%3A1%7D"),
        ('q={"password":"never closed&x=1', 'q={"-'),
        ("h=Bearer%20abc.def-_~&x=1", "h=-&x=1"),
        ("h=bearer+abc", "h=-"),
        ("token:0123456789abc", "-"),
        ("token%3A0123456789abcd", "-d"),
        ("x=ghp_" + "a0" * 18, "x=-"),
        ("x=GHO_" + "a0" * 18 + "z", "x=-z"),
        ("jwt=eyJhbGciOi.eyJzdWIiOi.Sflp-_&x=1", "jwt=-&x=1"),
        ("eyJhbGciOi.eyJzdWIiOi", "-"),
        ("x=%22eyJhbGciOi%3D%3D.eyJzdWIiOi%22", "x=%22-%22"),
        ("k=-----BEGIN RSA PRIVATE KEY-----\nab+/=\n-----END RSA PRIVATE KEY-----&x=1", "k=-&x=1"),
        ("k=-----BEGIN%20PRIVATE%20KEY-----ab%0A", "k=-"),
        ("k=ssh-rsa%20" + "aB/+" * 25 + "&x=1", "k=-&x=1"),
    ],
)
def test_secret_is_hidden(pattern, query, shown):
    """By its name, or by its form alone."""
    assert pattern.sub("-", query) == shown


@pytest.mark.parametrize(
    "query",
    [
        "colour=blue&page=2",
        "passport=1&tokens=2&designer=x&authors=y&secretary=z",
        "password=&x=1",
        "token:short",
        "ghp_short",
        "keyboard=eyJhbGciOi",
        "xeyJhbGciOi.eyJzdWIiOi",
        "ssh-rsa short",
        "-----BEGIN CERTIFICATE-----abc",
    ],
)
def test_what_is_no_secret_is_shown(pattern, query):
    """A name that only begins like a secret's, and forms that are not complete."""
    assert pattern.sub("-", query) == query


# -- the time it takes ------------------------------------------------------------------------------------------------


def quantifiers(pattern):
    """The unbounded repetitions of a pattern, each with the character after it."""
    bare = re.sub(r"\\.|\[[^\]]*\]", "x", pattern)
    return re.findall(r"([*+]|\{\d+,\})(.?)", re.sub(r"(\*|\+|\})\+", r"\1!", bare))


def test_no_repetition_is_tried_again():
    """Each that has no bound is possessive: what it took it keeps, and whatever follows fails at once."""
    found = quantifiers(secret_pattern())

    assert len(found) > 10
    assert {after for _, after in found if after != "!"} == set()


@pytest.mark.parametrize("greedy", ["a*b", "a+", "(?:ab)+c", "a{3,}b"])
def test_repetition_that_is_tried_again_is_found(greedy):
    """What looks for them does see them."""
    assert quantifiers(greedy)[0][1] != "!"


@pytest.mark.parametrize("first", sorted({text[0] for text in obfuscation.NAMES + obfuscation.SECRETS}))
def test_no_secret_begins_among_blanks(first):
    """So that those before a value are passed over once, and not once for each beginning among them."""
    assert not re.fullmatch(obfuscation.BLANK, first)


@pytest.mark.parametrize("run", ["eyJ" * 1000, "eyJ_-" * 1000, "abceyJ" * 1000])
def test_token_is_looked_for_once_in_a_word(run):
    """However often the word holds the letters that one begins with."""
    beginning = re.compile(f"ey{obfuscation.WORD_START}")

    assert len(beginning.findall(f"x={run}")) <= 1


@pytest.mark.parametrize("name", ["pass", "token", "-----BEGIN PRIVATE KEY-----"])
def test_value_that_is_never_closed_goes_on_to_the_end(pattern, name):
    """It is one match whatever it holds: nothing in it is looked at a second time."""
    value = name + ('":"' if name.isalpha() else "") + "pass=token:eyJ" * 1000

    assert pattern.fullmatch(value)
