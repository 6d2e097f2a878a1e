import pytest

from testkit.snapshots.changes import Class
from testkit.snapshots.redaction import Port


def groups_of(project, stored, received):
    project.store("get", stored)
    project.receive("get", received)
    return project.review.groups()


@pytest.mark.parametrize(
    ("stored", "received", "kind", "lines"),
    [
        ("a", "a t=1", Class.ADDITIVE, ('+ t: "1"',)),
        ("a", "a rows:=1", Class.ADDITIVE, ("+ rows: 1.0",)),
        ("a\n  b", "a\n  b\n  c GET", Class.ADDITIVE, ('+ c "GET"',)),
        ("a t=1", "a", Class.BREAKING, ('- t: "1"',)),
        ("a t=1", "a t=2", Class.BREAKING, ('~ t: "1" -> "2"',)),
        ("a GET", "a get", Class.BREAKING, ('~ resource: "GET" -> "get"',)),
        ("a service=s", "a", Class.BREAKING, ('~ service: "s" -> null',)),
        ("a", "a !error", Class.BREAKING, ("~ error: 0 -> 1",)),
        ("a\n  b x", "a\n  c x", Class.BREAKING, ('~ name: "b" -> "c"',)),
        ("a\n  b\n  c", "a\n  b", Class.BREAKING, ("- c",)),
        ("a\n  b\n    c", "a\n  b\n  c", Class.BREAKING, ("> c: from b to a",)),
        ("a\n  b\n  c", "a\n  c\n  b", Class.BREAKING, ("^ b",)),
        ("a t=1", "a t:=1", Class.BREAKING, ('- t: "1"', "+ t: 1.0")),
        ("a t=1", "a t=1 u=1 !error", Class.BREAKING, ("~ error: 0 -> 1", '+ u: "1"')),
    ],
)
def test_a_change_is_classed_by_the_gravest(project, stored, received, kind, lines):
    """Adding is additive; whatever is renamed, removed, moved or different is breaking."""
    (group,) = groups_of(project, stored, received)

    assert (group.kind, group.lines) == (kind, tuple(sorted(lines)))


def test_overlapping_spans_in_another_order_are_no_change(project):
    """What ran at the same time has no order, in two files as in a run."""
    (group,) = groups_of(project, "a\n  b\n  &c\n  d", "a t=1\n  c\n  &b\n  d")

    assert group.lines == ('+ t: "1"',)


def test_identical_changes_are_one_decision(project):
    """One tag that is put into many spans of many integrations is one group."""
    for number in range(5):
        project.store(f"get{number}", f"redis GET{number}\n  tcp", "redis")
        project.store(f"view{number}", f"web /{number}", "flask")
    for number in range(5):
        project.receive(f"get{number}", f"redis GET{number} lang=py\n  tcp lang=py", "redis")
        project.receive(f"view{number}", f"web /{number} lang=py", "flask")

    (group,) = project.review.groups()

    assert group.title == '+ lang: "py", on redis, tcp, web'
    assert (len(group.changes), group.integrations) == (10, ["flask", "redis"])


def test_other_changes_are_other_decisions(project):
    """A snapshot with one change more than others is decided on its own."""
    for name in ("one", "two"):
        project.store(name, "a")
    project.receive("one", "a t=1")
    project.receive("two", "a t=1 u=1")

    assert [len(group.changes) for group in project.review.groups()] == [1, 1]


def test_a_group_keeps_its_name(project):
    """The name follows from the change, so that a comment's group is the one on another machine."""
    (before,) = groups_of(project, "a", "a t=1")
    project.store("other", "b")
    project.receive("other", "b t=1")
    (after,) = project.review.groups()

    assert before.name == after.name
    assert before.name.startswith("additive-")


def test_new_and_unused_ones_are_grouped_by_integration(project):
    """What has nothing beside it is told apart by where it is."""
    project.receive("one", "a", "redis")
    project.receive("two", "b", "redis")
    project.leave_unused("gone", "flask")

    assert [(group.kind, group.lines, len(group.changes)) for group in project.review.groups()] == [
        (Class.ORPHAN, ("- snapshots of flask that no test uses",), 1),
        (Class.NEW, ("+ snapshots of redis",), 2),
    ]


def test_a_value_that_breaks_its_redaction_is_breaking(project):
    """A port that turns into nothing is shown with the shape that was promised."""
    project.store("get", "a out.port:=6379")
    path = project.folder("toy") / "get.json"
    path.write_text(path.read_text().replace("6379.0", '"<Port>"').replace("6379", '"<Port>"'))
    project.receive("get", "a out.port:=-1", redact={"out.port": Port()})

    (group,) = project.review.groups()

    assert (group.kind, group.lines) == (Class.BREAKING, ("~ out.port: <Port> -> -1.0",))


def test_a_new_value_that_does_not_fit_is_breaking(project):
    """What could not be stored is never offered as an addition."""
    project.store("get", "a")
    project.receive("get", "a out.port=http", redact={"out.port": Port()})

    (group,) = project.review.groups()

    assert group.kind is Class.BREAKING
    assert "which is no <Port>" in project.review.obstacles(group)[0]


@pytest.mark.parametrize("tag", ["a", "language", "z"])
@pytest.mark.parametrize("value", range(5))
def test_a_tag_in_concurrent_traces_is_one_change(project, spans_of, tag, value):
    """Traces that overlap in time keep their order when all of them change alike."""
    outline = "get\n\nget !error e=x\n\nget code=200\n\nget code=404"

    def concurrent(text):
        spans = spans_of(text)
        for span in spans:
            span.start_ns, span.duration_ns = 1_000, 1_000
        return spans

    project.store("get", concurrent(outline))
    project.receive("get", concurrent(outline.replace("get", f"get {tag}={value}")))

    (group,) = project.review.groups()
    assert group.lines == (f'+ {tag}: "{value}"',)
