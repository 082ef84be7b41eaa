"""Changes to files of the work tree, as `fix`, `move`, `retire`, `new` and `migrate` make them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from skill_fleet.errors import UserError


def write_changes(root: Path, changes: Mapping[str, bytes | None], executable: Collection[str] = ()) -> None:
    """Write, replace and remove (None) files below `root`; UserError when one cannot be written.

    What is new comes first, each in one move, so that whatever stops this, no text is lost and nobody reads half of it.
    A path that a link would lead out of `root` is refused before anything is written.
    """
    top = root.resolve()
    for path in changes:
        if not (root / path).parent.resolve().is_relative_to(top):
            raise UserError(f"{path} leads out of the repository by a link.", "Take the link out first.")
    try:
        for path, content in changes.items():
            if content is not None:
                _put(root / path, content, path in executable)
        for path, content in changes.items():
            if content is None:
                _remove(root / path, top)
    except OSError as problem:
        raise UserError(
            f"{problem.filename} cannot be written: {problem.strerror}.", "Look at who owns it, then run it again."
        ) from problem


def _put(file: Path, content: bytes, executable: bool) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o755 if executable else 0o644
    beside = file.with_name(f".{file.name}.new")
    beside.write_bytes(content)
    beside.chmod(mode)
    beside.replace(file)


def _remove(file: Path, top: Path) -> None:
    """Remove a file, and the folders that it leaves empty."""
    if file.name not in (each.name for each in file.parent.iterdir()):
        return  # the disk does not tell case apart, and the new name is all there is now
    file.unlink()
    for folder in file.parents:
        if folder.resolve() == top:
            break
        with suppress(OSError):  # not empty: so it stays, and so do those above it
            folder.rmdir()
            continue
        break
