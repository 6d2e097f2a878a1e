import re

from testkit.snapshots.markdown import MARK, SIZE_LIMIT_BYTES, render


def test_one_group_is_one_section(project):
    """A change of many snapshots is told once, with its count."""
    for number in range(12):
        project.store(f"get{number}", f"redis GET{number}")
    for number in range(12):
        project.receive(f"get{number}", f"redis GET{number} lang=py")

    text = render(project.review.groups())

    assert text.startswith(MARK)
    assert text.count("### ") == 1
    assert re.search(r"^### additive-[0-9a-f]{6}: 12 snapshots, on `redis`$", text, re.M)
    assert '```diff\n+ lang: "py"\n```' in text
    assert "- and 2 more" in text


def hint(project, stored, received):
    if stored:
        project.store("get", stored)
    project.receive("get", received)
    return re.search(r"Next version: \*\*(\w+)\*\*", render(project.review.groups()))[1]


def test_what_breaks_is_for_a_major_version(project):
    """Somebody's dashboard may name the tag."""
    assert hint(project, "a t=1", "a") == "major"


def test_what_is_added_is_for_a_minor_version(project):
    """More is there than before."""
    assert hint(project, "a", "a t=1") == "minor"


def test_a_new_snapshot_is_for_a_minor_version(project):
    """Something more is traced."""
    assert hint(project, "", "a") == "minor"


def test_an_unused_snapshot_is_for_a_patch(project):
    """No span changes."""
    project.leave_unused("gone")

    assert "Next version: **patch**" in render(project.review.groups())


def test_no_change_is_said(project):
    """A comment of an earlier run is replaced by one that says so."""
    assert render([]) == f"{MARK}\n## Span snapshots\n\nNo snapshot changes.\n"


def test_the_size_is_bounded(project):
    """A comment may have 65,536 characters; what does not fit is counted and named."""
    for number in range(120):
        project.store(f"get{number}", "a")
        project.receive(f"get{number}", f"a t{number}=" + "é" * 400)

    text = render(project.review.groups())

    assert len(text.encode()) <= SIZE_LIMIT_BYTES
    shown = text.count("\n### ")
    assert shown > 10
    assert f"\n{120 - shown} groups too many to be shown" in text


def test_markup_in_a_value_is_text(project):
    """A value cannot end its block, mention somebody, or be HTML outside of one."""
    project.store("get", "a")
    project.receive("get", "a t=```</details><script>@all")

    text = render(project.review.groups())

    outside = re.sub(r"(?ms)^(````+)diff$.*?^\1$", "", text)
    assert "script" in text
    assert "script" not in outside and "@all" not in outside


def test_backticks_in_a_name_are_text(project):
    """A span's name stands in a heading."""
    project.store("get", "a`b``")
    project.receive("get", "a`b`` t=1")

    assert ", on ``` a`b`` ```\n" in render(project.review.groups())
