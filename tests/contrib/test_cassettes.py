"""What is committed: every cassette can be read, and holds no credential."""

from __future__ import annotations

from pathlib import Path

from testkit.fixtures.cassette_file import CassetteError, read


def problems_of(folder: Path) -> list[str]:
    """What is wrong with the cassettes of a folder's integrations, a line or more each."""
    problems = []
    for path in sorted(folder.glob("*/cassettes/*")):
        try:
            read(path)
        except CassetteError as error:
            problems.append(str(error))
    return problems


def test_committed_cassettes_are_sound() -> None:
    """Each is safe YAML of the right form, of bounded size, without a credential in it."""
    assert not problems_of(Path(__file__).parent)


def test_unsound_cassette_is_found(tmp_path: Path) -> None:
    """Whatever is put into a folder of cassettes is looked at."""
    folder = tmp_path / "redis" / "cassettes"
    folder.mkdir(parents=True)
    (folder / "get.yaml").write_text("<<<<<<< ours")
    (folder / "notes.txt").write_text("anything")
    assert len(problems_of(tmp_path)) == 2
