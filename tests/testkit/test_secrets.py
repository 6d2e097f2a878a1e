"""Credentials are found in text, and ordinary text is left alone."""

from __future__ import annotations

import pytest

from testkit.secrets import find_secrets

HEX_32 = "0123456789abcdef" * 2
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("-----BEGIN RSA PRIVATE KEY-----\nMII", "a private key", "-----BEGIN RSA PRIVATE KEY-----"),
        ("-----BEGIN PRIVATE KEY-----", "a private key", "-----BEGIN PRIVATE KEY-----"),
        (f'{{"jwt": "{JWT}"}}', "a JSON web token", JWT),
        ("AKIAIOSFODNN7EXAMPLE", "an AWS access key id", "AKIAIOSFODNN7EXAMPLE"),
        ("ghp_" + "a1" * 18, "a token of a known issuer", "ghp_" + "a1" * 18),
        ("sk-" + "a1" * 18, "a token of a known issuer", "sk-" + "a1" * 18),
        ("Authorization: Bearer abcdef0123456789", "a bearer token", "abcdef0123456789"),
        ("basic dXNlcjpwYXNz", "a name and a password", "dXNlcjpwYXNz"),
        ("https://user:pa55@host/x", "a password in a URL", "pa55"),
        (f"DD-API-KEY={HEX_32}", "a key of 32 or 40 hexadecimal digits", HEX_32),
        (f"id {HEX_32}01234567.", "a key of 32 or 40 hexadecimal digits", f"{HEX_32}01234567"),
        ("/get?api_key=abcd123&x=1", "a value with the name of a credential", "abcd123"),
        ('{"access_token": "opaque-1"}', "a value with the name of a credential", "opaque-1"),
        ("client_secret: swordfish", "a value with the name of a credential", "swordfish"),
        ("X-Amz-Security-Token=IQoJb3JpZ2lu", "a value with the name of a credential", "IQoJb3JpZ2lu"),
        ("authorization: Digest1", "a value with the name of a credential", "Digest1"),
    ],
)
def test_credential_is_found(text, kind, value):
    """Each kind is found, once, with its very value and its place."""
    (secret,) = find_secrets(text)
    assert (secret.kind, secret.value) == (kind, value)
    assert text[secret.start :].startswith(value)


@pytest.mark.parametrize(
    "text",
    [
        "basic authentication is explained there, and bearer tokens are, too",
        '{"max_tokens": 1000000, "prompt_tokens": 1234567, "token_type": "access-card"}',
        "2026-11-23T01:02:03Z http://127.0.0.1:8126/v0.4/traces?limit=100",
        "550e8400-e29b-41d4-a716-446655440000",
        "Authorization: Bearer <hidden> token=<hidden> password=******** api_key={api_key} secret=REDACTED",
        '{"token": null, "password": ""}',
        "mail user@example.org about http://example.org/a:b@c",
        "a" * 32 + " " + "1" * 32,
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8",
    ],
)
def test_ordinary_text_is_left_alone(text):
    """Words, identifiers, stand-ins and pictures are no credentials."""
    assert list(find_secrets(text)) == []


def test_allowed_value_is_left_alone():
    """Only the very value that is allowed is."""
    assert list(find_secrets(f"{HEX_32} {HEX_32[::-1]}", allowed=[HEX_32]))[0].value == HEX_32[::-1]


def test_credential_is_not_printed():
    """What is printed of a find cannot be used to log in."""
    (secret,) = find_secrets("client_secret: swordfish")
    assert "swordfish" not in f"{secret} {secret!r}"
    assert repr(secret) == "a value with the name of a credential, swo... of 9 characters at 15"
