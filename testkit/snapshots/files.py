"""Read and write the files of snapshots: bounded, in UTF-8, as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from testkit.snapshots.decoding import MalformedSnapshot, explain

SIZE_LIMIT_BYTES = 8 * 2**20


def read_text(path: Path) -> str:
    """The text of a file; MalformedSnapshot where it is too big or not text, FileNotFoundError where it is not."""
    with path.open("rb") as file:
        content = file.read(SIZE_LIMIT_BYTES + 1)
        size = os.fstat(file.fileno()).st_size
    if len(content) > SIZE_LIMIT_BYTES:
        problem = f"expected at most {SIZE_LIMIT_BYTES} bytes, found {size}"
        raise MalformedSnapshot(explain(str(shown_path(path)), "size", problem))
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise MalformedSnapshot(explain(str(shown_path(path)), f"byte {error.start}", "expected UTF-8")) from None


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # A lone surrogate has no UTF-8; its escape is the same text to JSON.
        part.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def delete(path: Path) -> None:
    """Remove a stored file, and its folder with the last one."""
    path.unlink()
    if not any(path.parent.iterdir()):
        path.parent.rmdir()


def shown_path(path: Path) -> Path:
    """The path from the current folder, where it is below that."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
