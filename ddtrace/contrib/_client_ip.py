"""Which address a request came from, told from its headers and its connection."""

from __future__ import annotations

import ipaddress
from typing import Any, Iterator, Mapping

HEADERS = (
    "x-forwarded-for",
    "x-real-ip",
    "true-client-ip",
    "x-client-ip",
    "x-forwarded",
    "forwarded-for",
    "x-cluster-client-ip",
    "fastly-client-ip",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
)
"""Where proxies note the client's address, the likeliest first."""

LONGEST_HEADER = 4096
"""Characters of a header that are looked at."""


def client_ip(headers: Mapping[str, Any], peer_ip: str | None, only_header: str | None = None) -> str | None:
    """The client's address: the first public one of the headers, else that of the connection, else any.

    ``headers`` have their names in lower case; ``only_header`` is the one that counts, if any. What is no address is
    passed over; None where nothing is one.
    """
    names = HEADERS if only_header is None else (only_header.strip().lower(),)
    found = [address for name in names for address in addresses_in(headers.get(name))]
    found += addresses_in(peer_ip)
    public = next((address for address in found if address.is_global), None)
    if public is not None:
        return str(public)
    return str(found[0]) if found else None


def addresses_in(value: Any) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The addresses of a list apart by commas; each may have a port."""
    if isinstance(value, bytes):
        value = value[:LONGEST_HEADER].decode("latin-1")
    if not isinstance(value, str):
        return
    for part in value[:LONGEST_HEADER].split(","):
        try:
            yield ipaddress.ip_address(without_port(part.strip()))
        except ValueError:
            pass


def without_port(text: str) -> str:
    """``1.2.3.4:80`` and ``[::1]:80`` without port and brackets."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
