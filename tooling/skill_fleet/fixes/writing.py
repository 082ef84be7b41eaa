"""Writing files of the work tree: all the commands that change files go through here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from skill_fleet.errors import UserError


def write_changes(root: Path, changes: Mapping[str, bytes | None], executable: Collection[str] = ()) -> None:
    """Write, replace and remove (None) files below `root`.

    Files are written before any is removed, each by a rename, so that an interruption loses no text and leaves no
    half-written file. UserError when a file cannot be written, or when a link leads out of `root`; the latter is checked
    before the first write.
    """
    top = root.resolve()
    for path in changes:
        if not (root / path).parent.resolve().is_relative_to(top):
            raise UserError(f"{path} leads out of the folder by a link.", "Remove the link first.")
    try:
        for path, content in changes.items():
            if content is not None:
                _put(root / path, content, path in executable)
        for path, content in changes.items():
            if content is None:
                _remove(root / path, top)
    except OSError as problem:
        raise UserError(
            f"{problem.filename} cannot be written: {problem.strerror}.", "Check its permissions, then run it again."
        ) from problem


def _put(file: Path, content: bytes, executable: bool) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o755 if executable else 0o644
    beside = file.with_name(f".{file.name}.new")
    try:
        beside.write_bytes(content)
        beside.chmod(mode)
        beside.replace(file)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _remove(file: Path, top: Path) -> None:
    """Remove a file, and the folders that it leaves empty."""
    if file.name not in (each.name for each in file.parent.iterdir()):
        return  # a case-insensitive disk: the file has its new name already
    file.unlink()
    for folder in file.parents:
        if folder.resolve() == top:
            break
        with suppress(OSError):  # not empty: it stays, and so do the folders above it
            folder.rmdir()
            continue
        break
