import pytest

from testkit.snapshots.model import SnapshotError
from testkit.snapshots.variants import choose, file_stem, installed_version

INSTALLED = {"redis": "5.2.1", "django": "6.0rc1"}.get


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        ([], "get.json"),
        (["get.json"], "get.json"),
        (["get.json", "get@redis<6.json"], "get@redis<6.json"),
        (["get.json", "get@redis>=5,<5.3.json"], "get@redis>=5,<5.3.json"),
        (["get.json", "get@redis>=6.json"], "get.json"),
        (["get@redis>=6.json"], "get.json"),
        (["get@absent>1.json"], "get.json"),
        (["get@django>=6.0rc1.json"], "get@django>=6.0rc1.json"),
        (["get_all@redis<6.json", "get@redis>=6.json"], "get.json"),
    ],
)
def test_the_installed_version_chooses(tmp_path, files, chosen):
    """A variant whose specifier holds wins over the plain file."""
    for name in files:
        (tmp_path / name).touch()

    assert choose(tmp_path, "get", INSTALLED).name == chosen


def test_two_variants_are_an_error(tmp_path):
    """Nobody guesses between two variants that match."""
    for name in ("get@redis<6.json", "get@redis>=5.json"):
        (tmp_path / name).touch()

    with pytest.raises(SnapshotError, match="get@redis<6.json and get@redis>=5.json"):
        choose(tmp_path, "get", INSTALLED)


@pytest.mark.parametrize("variant", ["redis", "", "redis~", "redis<6; python_version<'3'", "redis[x]<6"])
def test_a_misnamed_variant_is_an_error(tmp_path, variant):
    """A variant says a distribution and a specifier, or it is refused by name."""
    (tmp_path / f"get@{variant}.json").touch()

    with pytest.raises(SnapshotError, match="expected a distribution with a version specifier"):
        choose(tmp_path, "get", INSTALLED)


@pytest.mark.parametrize("name", ["test_get", "test_get[redis-6.2]", "get,a=b+c"])
def test_plain_names_are_kept(name):
    """What is legal everywhere needs no change."""
    assert file_stem(name) == name


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a\\b", "a\0b", ".hidden", "é", "a@b", "x" * 500])
def test_a_name_cannot_leave_the_folder(name, tmp_path):
    """Separators, dots in front, odd characters and length do no harm."""
    path = (tmp_path / f"{file_stem(name)}.json").resolve()

    assert path.parent == tmp_path.resolve()
    assert path.name[0] not in "." and "@" not in path.name and len(path.name) < 150


def test_two_names_never_share_a_file():
    """Names which differ only in what was replaced are told apart."""
    assert file_stem("a/b") != file_stem("a:b")


def test_a_name_is_needed():
    """Nothing is no name."""
    with pytest.raises(ValueError, match="needs a name"):
        file_stem("")


def test_the_installed_version_is_looked_up():
    """What is not installed has no version."""
    assert installed_version("pytest") == pytest.__version__
    assert installed_version("surely-absent-distribution") is None
