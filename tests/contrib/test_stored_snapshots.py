"""What holds for each stored snapshot, whatever it is of."""

from pathlib import Path

import pytest

from testkit.snapshots.decoding import parse
from testkit.snapshots.disclosures import find_disclosures
from testkit.snapshots.encoding import render
from testkit.snapshots.files import write_whole

FOLDER = Path(__file__).parent
STORED = sorted(FOLDER.glob("*/snapshots/*.json"))


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_what_is_stored_could_be_stored_again(path, tmp_path):
    """There is nothing in it for which a change to it would be refused, and no byte that would be written otherwise."""
    stored = parse(path.read_text(), path.name)

    write_whole(tmp_path / path.name, render(stored))

    assert not list(find_disclosures(stored))
    assert (tmp_path / path.name).read_bytes() == path.read_bytes()
