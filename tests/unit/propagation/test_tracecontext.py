"""The headers traceparent and tracestate."""

import pytest

from ddtrace.context import Context
from ddtrace.propagation.http import HTTPPropagator
from tests.unit.propagation.conftest import injected, place

TRACE_HEX = "640cfd8d00000000abcdefab12345678"
TRACE_ID = int(TRACE_HEX, 16)
SPAN_HEX = "00000000000000ab"
PARENT = f"00-{TRACE_HEX}-{SPAN_HEX}-01"


@pytest.fixture(autouse=True)
def style(use):
    use("tracecontext")


def extracted(traceparent=PARENT, tracestate=None):
    headers = {"traceparent": traceparent}
    return HTTPPropagator.extract(headers if tracestate is None else {**headers, "tracestate": tracestate})


def written_state(priority=None, origin=None, **fields):
    context = Context(TRACE_ID, 0xAB, origin, priority, **fields)
    return injected(context).get("tracestate")


@pytest.mark.parametrize("priority, flag", [(None, "00"), (-1, "00"), (0, "00"), (1, "01"), (2, "01")])
def test_traceparent_has_ids_and_flag(priority, flag):
    """A priority above 0 is sampled."""
    headers = injected(Context(TRACE_ID, 0xAB, sampling_priority=priority))

    assert headers["traceparent"] == f"00-{TRACE_HEX}-{SPAN_HEX}-{flag}"


def test_short_trace_id_is_padded():
    """64 bits are 32 digits, too."""
    assert injected(Context(7, 8)) == {"traceparent": f"00-{7:032x}-{8:016x}-00"}


@pytest.mark.parametrize(
    "traceparent",
    [
        PARENT,
        f" {PARENT}\t",
        PARENT.encode(),
        f"01-{TRACE_HEX}-{SPAN_HEX}-01",
        f"cc-{TRACE_HEX}-{SPAN_HEX}-03-of-a-later-version",
    ],
)
def test_traceparent_is_read(traceparent):
    """A later version may have more fields."""
    context = extracted(traceparent)

    assert place(context) == (TRACE_ID, 0xAB, 1)
    assert list(context._meta) == ["traceparent"] and len(context._meta["traceparent"]) == 55


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        PARENT[:-1],
        PARENT + "-",
        PARENT + "-00",
        PARENT + "\nx",
        PARENT.upper(),
        PARENT.replace("00-", "ff-", 1),
        PARENT.replace("00-", "0g-", 1),
        f"01-{TRACE_HEX}-{SPAN_HEX}-01x",
        f"00-{'0' * 32}-{SPAN_HEX}-01",
        f"00-{TRACE_HEX}-{'0' * 16}-01",
        f"00_{TRACE_HEX}_{SPAN_HEX}_01",
        "\ud800",
        None,
        [PARENT],
    ],
)
def test_wrong_traceparent_is_no_context(traceparent):
    """And its tracestate does not count either."""
    assert extracted(traceparent, "dd=s:2") == Context()


@pytest.mark.parametrize(
    "flag, said, priority",
    [
        ("01", "2", 2),
        ("01", "1", 1),
        ("01", "0", 1),
        ("01", "-1", 1),
        ("00", "-1", -1),
        ("00", "0", 0),
        ("00", "2", 0),
        ("03", "7", 7),
        ("01", "x", 1),
        ("00", "", 0),
        ("01", "9" * 1000, 1),
    ],
)
def test_priority_counts_where_it_agrees_with_the_flag(flag, said, priority):
    """Otherwise somebody in between has decided anew, and the flag is the verdict."""
    assert extracted(PARENT[:-2] + flag, f"dd=s:{said}").sampling_priority == priority


def test_our_member_is_read():
    """Origin and tags have ~ for the equals sign; both headers are kept."""
    tracestate = "a=1,dd=s:2;o:r~m;t.dm:-4;t.usr.id:YWI~;unknown:1;t.:;flag,b=2"

    context = extracted(tracestate=tracestate)

    assert context._meta == {
        "traceparent": PARENT,
        "tracestate": tracestate,
        "_dd.p.dm": "-4",
        "_dd.p.usr.id": "YWI=",
        "_dd.origin": "r=m",
    }


@pytest.mark.parametrize("field", ["t.tid:1", "t.upstream_services:x", "t.a=b:c", "t.a b:c", "t.a:"])
def test_tag_that_is_none_is_left_out(field):
    """Neither the high half of the id, which is in traceparent, nor what could not be sent on."""
    assert set(extracted(tracestate=f"dd={field}")._meta) == {"traceparent", "tracestate"}


def test_wrong_decision_maker_is_told():
    """As with the other format."""
    context = extracted(tracestate="dd=t.dm:keep")

    assert "_dd.p.dm" not in context._meta
    assert context._meta["_dd.propagation_error"] == "decoding_error"


@pytest.mark.parametrize(
    "came, kept",
    [
        ("a=1,b=caf\xe9,c=3", "a=1,c=3"),
        ("a=1,\ud800,\tc=3", "a=1,c=3"),
        (",".join(f"k{number}=v" for number in range(40)), ",".join(f"k{number}=v" for number in range(32))),
    ],
)
def test_member_that_cannot_be_sent_on_is_left_out(came, kept):
    """Only printable ASCII, and not more than 32."""
    assert extracted(tracestate=came)._meta["tracestate"] == kept


@pytest.mark.parametrize(
    "fields, expected",
    [
        ({}, None),
        ({"priority": 1}, "dd=s:1"),
        ({"origin": "rum"}, "dd=o:rum"),
        ({"origin": "a=b,c;d~e"}, "dd=o:a~b_c_d_e"),
        ({"meta": {"_dd.p.a": "caf\xe9"}}, "dd=t.a:caf_"),
        ({"meta": {"_dd.p.a b": "c"}}, "dd=t.a_b:c"),
        ({"meta": {"colour": "blue", "_dd.p.tid": "1"}}, None),
        (
            {"priority": 2, "origin": "o", "meta": {"_dd.p.x": "1", "_dd.p.usr.id": "YWI=", "_dd.p.dm": "-4"}},
            "dd=s:2;o:o;t.dm:-4;t.usr.id:YWI~;t.x:1",
        ),
    ],
)
def test_our_member_is_written(fields, expected):
    """Priority, origin, decision maker, user, the rest; nothing where there is nothing to say."""
    assert written_state(**fields) == expected


@pytest.mark.parametrize(
    "theirs, expected",
    [
        ("a=1,b=2", "dd=s:1,a=1,b=2"),
        ("dd=s:0;o:old,a=1", "dd=s:1,a=1"),
        ("a=1, dd=s:0 ,b=2", "dd=s:1,a=1,b=2"),
        ("dd=s:0,a=1,dd=s:2", "dd=s:1,a=1"),
        ("add=s:0,a=dd=", "dd=s:1,add=s:0,a=dd="),
        ("dd=s:0", "dd=s:1"),
    ],
)
def test_members_of_others_follow_ours(theirs, expected):
    """Ours is first and there once; theirs are as they came."""
    assert written_state(priority=1, meta={"tracestate": theirs}) == expected


def test_members_of_others_go_on_without_ours():
    """They do not depend on our having something to say."""
    assert written_state(meta={"tracestate": "dd=s:0,a=1"}) == "a=1"


def test_ours_takes_the_place_of_the_last():
    """There are never more than 32 members."""
    theirs = [f"k{number}=v" for number in range(32)]

    assert written_state(priority=1, meta={"tracestate": ",".join(theirs)}) == ",".join(["dd=s:1", *theirs[:31]])


def test_our_member_is_256_characters_at_most():
    """A tag that does not fit is left out; one that does is written."""
    meta = {"_dd.p.long": "x" * 250, "_dd.p.short": "y", "_dd.p.huge": "z" * 1000}

    assert written_state(priority=1, meta=meta) == "dd=s:1;t.short:y"
    assert len(written_state(meta={"_dd.p.a": "x" * 249})) == 256
    assert written_state(meta={"_dd.p.a": "x" * 250}) is None


def test_round_trip_keeps_all():
    """What was written is read as it was."""
    context = Context(TRACE_ID, 0xAB, "a=b", 2, {"_dd.p.dm": "-4", "tracestate": "a=1"})

    again = HTTPPropagator.extract(injected(context))

    assert place(again) == place(context)
    assert (again.dd_origin, again._meta["_dd.p.dm"]) == ("a=b", "-4")
    assert injected(again) == injected(context)
