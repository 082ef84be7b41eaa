"""From paths to Documents: the only module of this room that touches a disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from skill_fleet.drafting.types import Document
from skill_fleet.errors import UserError

MOST_BYTES = 16 * 1024 * 1024
_SKIPPED_FOLDERS = {"node_modules", "__pycache__", "venv", "site-packages"}
_TIP = "Give Markdown or plain text in UTF-8."


def read_sources(paths: Sequence[Path]) -> tuple[Document, ...]:
    """Read each path, a file or a folder of files, as Documents; refuse what cannot be drafted from.

    A folder gives a Document a file, in path order, hidden ones left out; a file in it that is no text (a picture) is
    a Document without text that says so, so that the ledger can set it aside by name.
    """
    if not paths:
        raise UserError("No source was given.", "Name a document: skill-fleet create --from DOC.md")
    documents: list[Document] = []
    for given in paths:
        path = Path(given).expanduser()
        if path.is_dir():
            documents += _folder(path, alone=len(paths) == 1)
        else:
            place = _place(path)
            documents.append(Document(name=place, text=_text(path, str(given)), path=place))
    return tuple(_distinct(documents))


def _folder(folder: Path, alone: bool) -> Iterator[Document]:
    found = False
    total = 0
    for path in sorted(_files(folder), key=lambda path: path.relative_to(folder).as_posix()):
        place = _shown(path.relative_to(folder))
        name = f"{_shown(Path(folder.resolve().name))}/{place}"
        place = place if alone else name
        total += path.stat().st_size
        if total > MOST_BYTES:
            raise UserError(f"The folder {folder} holds more than 16 MiB.", "Name the files that matter instead.")
        data = path.read_bytes()
        if b"\0" in data[:65536] or _undecodable(data):
            yield Document(name=name, text="", path=place, unread="no UTF-8 text")
        elif not data.strip():
            yield Document(name=name, text="", path=place, unread="empty")
        else:
            found = True
            yield Document(name=name, text=_clean(data), path=place)
    if not found:
        raise UserError(f"The folder {folder} holds no text.", _TIP)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _SKIPPED_FOLDERS)
        for name in sorted(names):
            path = Path(place) / name
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def _text(path: Path, name: str) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise UserError(f"{name} is larger than 16 MiB, the most a document may have.", "Split it, or name a part.")
    except FileNotFoundError:
        raise UserError(f"There is no file {name}.", "Check the path; it is relative to where you stand.") from None
    except OSError as problem:
        raise UserError(f"{name} cannot be read: {problem.strerror}.", "Check its permissions.") from None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise UserError(f"{name} is UTF-16, not UTF-8.", f"Convert it: iconv -f UTF-16 -t UTF-8 {name} > {name}.utf8")
    if b"\0" in data:
        raise UserError(f"{name} is binary: it has NUL bytes.", _TIP)
    problem_at = _undecodable(data)
    if problem_at:
        raise UserError(f"{name} is not UTF-8: line {problem_at} cannot be decoded.", "Save it as UTF-8 and try again.")
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        raise UserError(f"{name} is empty.", _TIP)
    return _clean(data)


def _undecodable(data: bytes) -> int:
    """The number of the first line that is not UTF-8, or 0."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as problem:
        return data.count(b"\n", 0, problem.start) + 1
    return 0


def _clean(data: bytes) -> str:
    return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _place(path: Path) -> str:
    """The path that names a document and resolves its links: relative as given, else only the name.

    It is written into commits, where a path of somebody's machine has no meaning, and a draft must be the same anywhere.
    """
    return _shown(Path(path.name) if path.is_absolute() or ".." in path.parts else path)


def _shown(path: Path) -> str:
    """A path as text that can be written anywhere, whatever the bytes of its name."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def _distinct(documents: Sequence[Document]) -> Iterator[Document]:
    seen: set[str] = set()
    for document in documents:
        if document.name in seen:
            raise UserError(
                f"Two sources are called {document.name}.", "Name each once, or give the folder they are in."
            )
        seen.add(document.name)
        yield document
