"""Writing files of the work tree: all the commands that change files go through here."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from skill_fleet.errors import UserError


def write_changes(root: Path, changes: Mapping[str, bytes | None], executable: Collection[str] = ()) -> None:
    """Write, replace and remove (None) files below `root`, in the order of `changes`.

    All contents are written beside their files first, so that a full disk or a read-only folder changes nothing; then each is renamed, and the
    rest is removed. An interruption loses no text and leaves no half-written file, and the same call finishes it.
    UserError when a file cannot be written, or when a link leads out of `root`; the latter is checked first.
    """
    top = root.resolve()
    for path in changes:
        if not (root / path).parent.resolve().is_relative_to(top):
            raise UserError(f"{path} leads out of the folder by a link.", "Remove the link first.")
    written = [root / path for path, content in changes.items() if content is not None]
    try:
        for path, content in changes.items():
            if content is not None:
                _put_beside(root / path, content, path in executable)
            elif (folder := (root / path).parent).is_dir() and not os.access(folder, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(root / path))
        for file in written:
            _beside(file).replace(file)
        for path, content in changes.items():
            if content is None:
                _remove(root / path, top)
    except OSError as problem:
        name = str(problem.filename or "A file").replace("/.", "/").removesuffix(_NEW)
        raise UserError(
            f"{name} cannot be written: {problem.strerror}.", "Make room, or check its permissions, then run it again."
        ) from problem
    finally:
        for file in written:
            with suppress(OSError):
                _beside(file).unlink()
                _remove_empty(file.parent, top)


_NEW = ".new"


def _beside(file: Path) -> Path:
    """The name of a file's new content until it is complete: always the same, so that the next run replaces it."""
    return file.with_name(f".{file.name}{_NEW}")


def _put_beside(file: Path, content: bytes, executable: bool) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o755 if executable else 0o644
    _beside(file).write_bytes(content)
    _beside(file).chmod(mode)


def _remove(file: Path, top: Path) -> None:
    """Remove a file, and the folders that it leaves empty."""
    if not file.parent.is_dir() or file.name not in (each.name for each in file.parent.iterdir()):
        return  # it is gone, or, on a case-insensitive disk, has its new name already
    file.unlink()
    _remove_empty(file.parent, top)


def _remove_empty(lowest: Path, top: Path) -> None:
    """Remove a folder if it is empty, and then those above it, but not `top`."""
    for folder in (lowest, *lowest.parents):
        if folder.resolve() == top:
            break
        with suppress(OSError):  # not empty: it stays, and so do the folders above it
            folder.rmdir()
            continue
        break
