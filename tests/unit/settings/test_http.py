"""What of HTTP becomes tags, and which responses are errors."""

import pytest

from ddtrace.settings import HttpConfig
from ddtrace.settings.http import HttpServerConfig
from tests.unit.conftest import messages


@pytest.fixture
def server():
    return HttpServerConfig()


def test_no_header_is_traced_by_default():
    """Nor is the query."""
    http = HttpConfig()

    assert not http.is_header_tracing_configured and not http.header_is_traced("host")
    assert http.trace_query_string is None


@pytest.mark.parametrize("name", ["x-colour", "X-Colour", " X-COLOUR "])
def test_case_does_not_count(name):
    """Neither where a header is named nor where it is looked for."""
    assert HttpConfig({name: "colour"})._header_tag_name("X-coloUR") == "colour"
    assert HttpConfig().trace_headers(name).header_is_traced(name)


def test_tag_that_was_given_stays():
    """``trace_headers`` adds names; it takes no tag away."""
    http = HttpConfig({"X-Colour": "colour"}).trace_headers(["X-Colour", "X-Size"])

    assert (http._header_tag_name("x-colour"), http._header_tag_name("x-size")) == ("colour", "")


@pytest.mark.parametrize("nothing", [None, [], ()])
def test_no_names_change_nothing(nothing):
    """None and empty lists."""
    assert not HttpConfig().trace_headers(nothing).is_header_tracing_configured


def test_repr_shows_the_headers():
    """And the decision on queries."""
    assert repr(HttpConfig({"Host": "h"})) == "HttpConfig(header_tags={'host': 'h'}, trace_query_string=None)"


@pytest.mark.parametrize("code, is_error", [(200, False), (404, False), (499, False), (500, True), (599, True)])
def test_failures_of_the_server_are_errors(server, code, is_error):
    """500 to 599, unless something else is set."""
    assert server.error_statuses == "500-599"
    assert server.is_error_code(code) is is_error


def test_errors_can_be_set(server):
    """Codes and ranges, apart by commas."""
    server.error_statuses = "404, 500-502,"

    assert server.error_ranges == [(404, 404), (500, 502)]
    assert [server.is_error_code(code) for code in (403, 404, 500, 502, 503)] == [False, True, True, True, False]


def test_part_that_is_no_code_is_left_out(server, caplog):
    """One logged line names it; the others count."""
    server.error_statuses = "four,500-"

    assert server.error_ranges == [(500, 500)]
    assert messages(caplog) == [
        "config.http_server.error_statuses: 'four' is neither a status code nor a range such as 500-599; it is left out"
    ]
