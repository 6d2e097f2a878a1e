"""What differs between two untraced runs is left out of the comparison, and nothing else."""

from __future__ import annotations

from testkit.lenses import MARGIN_BYTES, lens_for_counts, lens_for_requests, lens_for_streams

GET = b"GET /%s HTTP/1.1\r\nHost: shop\r\nDate: %s\r\n\r\n"


def test_equal_bytes_are_compared_in_their_order() -> None:
    """Where two runs are equal, the order of connections counts, too."""
    lens = lens_for_streams({"redis_url": [b"one", b"two"]}, {"redis_url": [b"one", b"two"]})

    assert lens({"redis_url": [b"one", b"two"]}) != lens({"redis_url": [b"two", b"one"]})


def test_connections_that_change_places_are_compared_in_any_order() -> None:
    """Threads may come first in one run and second in another; what each sends still counts."""
    lens = lens_for_streams({"redis_url": [b"one", b"two"]}, {"redis_url": [b"two", b"one"]})

    assert lens({"redis_url": [b"one", b"two"]}) != lens({"redis_url": [b"one", b"too"]})


def test_a_header_that_differs_is_left_out_of_requests() -> None:
    """A date may be longer than another; line, body and the other headers are still compared."""
    lens = lens_for_streams({"url": [GET % (b"1", b"now")]}, {"url": [GET % (b"1", b"later")]})

    assert lens({"url": [GET % (b"1", b"never")]}) == lens({"url": [GET % (b"1", b"now")]})
    assert lens({"url": [GET % (b"2", b"now")]}) != lens({"url": [GET % (b"1", b"now")]})
    assert lens({"url": [b"PING"]}) != lens({"url": [GET % (b"1", b"now")]})


def test_a_header_that_one_run_lacks_is_left_out() -> None:
    """Also by its presence a header may differ from run to run."""
    with_size, without = GET.replace(b"Host", b"Size: 1\r\nHost"), GET
    lens = lens_for_streams({"url": [with_size % (b"1", b"now")]}, {"url": [without % (b"1", b"now")]})

    assert lens({"url": [with_size % (b"1", b"now")]}) == lens({"url": [without % (b"1", b"now")]})


def test_runs_of_different_numbers_of_requests_have_no_lens() -> None:
    """There is nothing to hold each request against."""
    assert lens_for_requests([], [object()]) is None  # type: ignore[list-item]


def test_bytes_that_differ_are_left_out_of_other_protocols() -> None:
    """Around a random number all is compared but for a margin."""
    text = b"login %s as the user of the shop"
    lens = lens_for_streams({"url": [text % b"8371"]}, {"url": [text % b"1329"]})

    assert lens({"url": [text % b"9999"]}) == lens({"url": [text % b"8371"]})
    assert len(b" as the ") == MARGIN_BYTES
    assert lens({"url": [(text % b"8371").replace(b"shop", b"SHOP")]}) != lens({"url": [text % b"8371"]})
    assert lens({"url": [text % b"12345"]}) != lens({"url": [text % b"8371"]})


def test_bytes_of_different_lengths_have_no_lens() -> None:
    """Nobody knows where to hold them against one another."""
    assert lens_for_streams({"url": [b"login 1"]}, {"url": [b"login 12"]}) is None


def test_counts_that_change_places_are_compared_by_their_sum() -> None:
    """Which node of a cluster is asked may depend on chance, how many may not; all other counts are compared."""
    lens = lens_for_counts({"node 1": 2, "node 2": 1, "look-ups": 3}, {"node 1": 1, "node 2": 2, "look-ups": 3})

    assert lens({"node 1": 3, "look-ups": 3}) == lens({"node 1": 1, "node 2": 2, "look-ups": 3})
    assert lens({"node 1": 3, "look-ups": 4}) != lens({"node 1": 1, "node 2": 2, "look-ups": 3})
    assert lens({"node 1": 4, "look-ups": 2}) != lens({"node 1": 1, "node 2": 2, "look-ups": 3})


def test_counts_without_a_sum_have_no_lens() -> None:
    """Where even that differs there is nothing to compare."""
    assert lens_for_counts({"node 1": 1}, {"node 1": 2}) is None
