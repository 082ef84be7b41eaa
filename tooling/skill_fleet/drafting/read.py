"""From paths to Documents: files and folders decoded, converted to Markdown, repaired. Only this module touches a disk."""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from skill_fleet.checks import find_secrets
from skill_fleet.drafting.openapi import read_openapi
from skill_fleet.drafting.pandoc import BINARY, FORMATS, convert
from skill_fleet.drafting.types import Document, Kind, Place, Point, Severity
from skill_fleet.errors import UserError
from skill_fleet.markdown import PLACEHOLDER

DESCRIPTION = "DESCRIPTION"  # the placeholder that only a person replaces
_MARKDOWN = {".md", ".markdown", ".mdown", ".mkd", ".mdx", ".mdc", ".txt", ".text", ".rmd", ".qmd"}
_DATA = {".yaml", ".yml", ".json"}
_MOST_BYTES = 16 * 1024 * 1024
_SKIPPED_FOLDERS = {"node_modules", "__pycache__", "venv", "site-packages"}
_NOT_PROSE = {"license", "licence", "copying", "makefile", "dockerfile", "codeowners", "gemfile", "procfile", "notice"}
_CODECS = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman"}
_RUN = re.compile(r"[^\x00-\x7f]+")
_API = re.compile(rb"^\s{0,2}[\"']?(?:openapi|swagger)[\"']?\s*:", re.MULTILINE)
_FEWEST_RUNS = 3  # of misread characters: fewer can be real text
_CONVERTERS = {
    ".pdf": "pdftotext -layout {0} {1}.txt",
    ".doc": "soffice --headless --convert-to docx {0}",
    ".pptx": "pip install markitdown && markitdown {0} > {1}.md",
    ".xlsx": "pip install markitdown && markitdown {0} > {1}.md",
    ".gz": "gunzip -k {0}",
}


def read_documents(paths: Sequence[Path | str], only: Sequence[str] = ()) -> tuple[Document, ...]:
    """Read each path, a file or a folder, as Documents. Raises UserError for what cannot be read, with a way out.

    A folder gives a Document for each file in it, in path order, hidden ones left out; `only` are patterns for the files
    of a folder to read. A file in a folder that is no document is one without text, and its `unread` says why.
    """
    if not paths:
        raise UserError("No source was given.", "Name a document: skill-fleet create --from DOC.md")
    documents: list[Document] = []
    for given in map(Path, paths):
        path = given.expanduser()
        if path.is_dir() or (path.name.lower() == "skill.md" and path.is_file()):
            folder = path if path.is_dir() else path.parent  # the folder of a skill comes with it
            documents += _folder(folder, only, alone=len(paths) == 1)
        else:
            documents.append(_file(path))
    names = [document.name for document in documents]
    if double := next((name for name in names if names.count(name) > 1), "") if len(names) < 1000 else "":
        raise UserError(f"Two sources are called {double}.", "Name each once, or give the folder they are in.")
    return tuple(documents)


def document_from_text(name: str, text: str, path: str = "", home: str = "", converter: str = "") -> Document:
    """A Document of Markdown that is no file: line ends made equal, certain misreadings repaired, secrets redacted."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    text, points = _repaired(text, name)
    for kind, found in find_secrets(text):
        if found[0] in text:
            line = text.count("\n", 0, text.index(found[0])) + 1
            points.append(Point(Kind.SECRET, Severity.ERROR, kind, places=(Place(name, line),)))
            text = text.replace(found[0], "\n".join("REDACTED" for _ in found[0].split("\n")))
    return Document(name, text, path or name, home, converter, points=tuple(points))


def _repaired(text: str, name: str) -> tuple[str, list[Point]]:
    """The text without UTF-8 that was once read as cp1252 or Mac Roman, as far as that is certain, and what was found.

    A maximal run of non-ASCII characters is replaced if all of it encodes in the codec and the bytes are UTF-8, and only
    in a text with three or more such runs, since a single pair can be real text.
    """
    if text.isascii():
        return text, []
    runs = _RUN.findall(text)
    good = {codec: {run: fixed for run in {*runs} if (fixed := _undone(run, codec))} for codec in _CODECS}
    counts = {codec: sum(run in good[codec] for run in runs) for codec in _CODECS}
    codec = max(_CODECS, key=lambda name: counts[name])
    points: list[Point] = []
    if counts[codec] >= _FEWEST_RUNS:
        text = _RUN.sub(lambda found: good[codec].get(found[0], found[0]), text)
        points.append(Point(Kind.REPAIRED, Severity.NOTE, _CODECS[codec], count=counts[codec], places=(Place(name),)))
    codec = codec if points else "ascii"
    lines = enumerate(text.split("\n"), 1)
    if damaged := [number for number, line in lines if any(_is_damaged(run, codec) for run in _RUN.findall(line))]:
        places = tuple(Place(name, number) for number in damaged)
        points.append(Point(Kind.CHARACTERS, places=places, count=len(damaged)))
    return text, points


def _is_damaged(run: str, codec: str) -> bool:
    """Whether a run lost characters, or begins as misread UTF-8 does."""
    return "\ufffd" in run or re.match(rb"[\xc2-\xf4][\x80-\xbf]", run[:2].encode(codec, "replace")) is not None


def _undone(run: str, codec: str) -> str:
    # Five bytes have no character in cp1252; browsers and editors make C1 controls of them.
    parts = (bytes([ord(c)]) if c in "\x81\x8d\x8f\x90\x9d" and codec == "cp1252" else c.encode(codec) for c in run)
    try:
        fixed = b"".join(parts).decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return ""
    # Line separators would change what a line is, and controls are no text: then the run was no misread UTF-8.
    return "" if any(char < "\u00a0" or char in "\u2028\u2029" for char in fixed) else fixed


def fill(sources: Sequence[Document], values: Mapping[str, str]) -> tuple[Document, ...]:
    """The sources with `{{KEY}}` replaced by its value, which is one line. Raises UserError for an unknown key."""
    known = {key for document in sources for key in PLACEHOLDER.findall(document.text)}
    for key, value in values.items():
        if key == DESCRIPTION:
            raise UserError("The description is not filled with --set.", "Write it: --description 'TEXT'")
        if key not in known:
            tip = f"The sources have {', '.join(sorted(known))}." if known else "The sources have no placeholders."
            raise UserError(f"No source has the placeholder {{{{{key}}}}}.", tip)
        if "\n" in value or "\r" in value:
            raise UserError(f"The value of {key} has more than one line.", f"Write it in one line: --set {key}=TEXT")
    filled = (PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), one.text) for one in sources)
    return tuple(replace(one, text=text) for one, text in zip(sources, filled, strict=True)) if values else (*sources,)


def markup_of(path: str) -> str:
    """The markup of a path by its ending: "markdown", a format of pandoc, "data", or "" for no document."""
    pure = PurePosixPath(path)
    ending = pure.suffix.lower()
    if ending in _MARKDOWN or pure.name in (".cursorrules", ".windsurfrules"):
        return "markdown"
    if not ending and pure.name.lower() not in _NOT_PROSE:
        return "markdown"
    if re.fullmatch(r"\.[1-9][a-z]{0,4}", ending):
        return "man"
    return FORMATS.get(ending, "data" if ending in _DATA else "")


def _file(path: Path) -> Document:
    shown = _shown(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        tip = "Check the path; it is relative to the working directory."
        raise UserError(f"There is no file {shown}.", tip) from None
    except OSError as problem:
        raise UserError(f"{shown} cannot be read: {problem.strerror}.", "Check its permissions.") from None
    if len(data) > _MOST_BYTES:
        raise UserError(f"{shown} is larger than 16 MiB.", "Split it, or name a part.")
    place, home = _place(path)
    name = _shown(Path(path.name) if path.is_absolute() or ".." in path.parts else path)
    return converted(data, name, place, home)


def converted(data: bytes, name: str, path: str, home: str = "") -> Document:
    """The Document of a file in any markup that is read, chosen by the ending of `path`. Raises UserError if it is not."""
    markup, ending = markup_of(path), PurePosixPath(path).suffix.lower()
    quoted, bare = shlex.quote(name), shlex.quote(name.rpartition(".")[0] or name)
    if ending in _CONVERTERS:
        command = _CONVERTERS[ending].format(quoted, bare)
        raise UserError(f"{name} cannot be read as it is ({ending[1:].upper()}).", f"Convert it: {command}")
    if not markup:
        tip = "Give a document; scripts and assets come with a folder: --from FOLDER --only '*.md' --only PATTERN"
        raise UserError(f"{name} is not a document ({ending[1:] or 'unknown'}).", tip)
    if not data.strip():
        raise UserError(f"{name} is empty.", "Give a document with something in it.")
    if markup == "markdown" and data.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        markup = "html"
    if markup in ("markdown", "data"):
        text = _decoded(data, name)
        if markup == "markdown":
            return document_from_text(name, text, path, home)
        return document_from_text(name, read_openapi(text, name), path, home, "OpenAPI")
    result = convert(data if markup in BINARY else _decoded(data, name).encode(), markup, name)
    document = document_from_text(name, result.text, path, home, result.converter)
    if result.lost or result.warnings:
        severity = Severity.WARNING if result.lost else Severity.NOTE
        count, examples = result.lost.total(), tuple(result.lost)[:20]
        point = Point(Kind.CONVERSION, severity, "", result.warnings, (Place(name),), count, examples)
        return replace(document, points=(*document.points, point))
    return document


def _decoded(data: bytes, name: str) -> str:
    quoted = shlex.quote(name)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise UserError(f"{name} is UTF-16.", f"Convert it: iconv -f UTF-16 -t UTF-8 {quoted} > {quoted}.utf8")
    if b"\0" in data[:65536]:
        raise UserError(f"{name} is binary.", "Give Markdown, plain text, or a document that pandoc reads.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        tip = f"Convert it: iconv -f WINDOWS-1252 -t UTF-8 {quoted} > {quoted}.utf8"
        raise UserError(f"{name} is not UTF-8: line {line} cannot be decoded.", tip) from None


def _folder(folder: Path, only: Sequence[str], alone: bool) -> Iterator[Document]:
    top = _shown(Path(folder.resolve().name))
    place, repository = _place(folder.resolve() / "x")
    parents = (repository, *PurePosixPath(place).parent.parts) if repository else (top,)
    home = "/".join(part for part in parents if part and not part.startswith("tmp"))
    found, total = False, 0
    for path in sorted(_files(folder), key=lambda path: path.relative_to(folder).as_posix()):
        inside = _shown(path.relative_to(folder))
        name, inner = f"{top}/{inside}", inside if alone else f"{top}/{inside}"
        markup = markup_of(inside)
        if only and not matches(inside, only):
            yield Document(name, "", inner, home, unread="not chosen by --only")
            continue
        total += path.stat().st_size
        if total > _MOST_BYTES:
            raise UserError(f"The folder {folder} has more than 16 MiB.", "Choose files: --only PATTERN")
        data = path.read_bytes()
        try:
            if markup in BINARY or (markup and (only or markup != "data" or _API.search(data[:4000]))):
                yield converted(data, name, inner, home)
            elif only or not markup:
                text = document_from_text(name, _decoded(data, name), inner, home)
                yield text if only else replace(text, unread=f"no document ({PurePosixPath(inside).suffix or inside})")
            else:
                yield Document(name, "", inner, home, unread="data")
                continue
            found = True
        except UserError as problem:
            if only and markup:
                raise
            yield Document(name, "", inner, home, unread=problem.message)
    if not found:
        raise UserError(f"The folder {folder} has no document.", "Give Markdown, or what pandoc reads.")


def matches(path: str, patterns: Sequence[str]) -> bool:
    """Whether a path, its name or one of its folders matches one of the patterns."""
    names = [path, PurePosixPath(path).name, *(str(parent) for parent in PurePosixPath(path).parents)]
    return any(fnmatchcase(name, pattern.strip("/")) for pattern in patterns for name in names)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _SKIPPED_FOLDERS)
        for name in sorted(names):
            path = Path(place) / name
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def _place(path: Path) -> tuple[str, str]:
    """The path of a file in its repository and the repository's name; without one, the path that names it.

    A path of somebody's machine never gets into a draft: of an absolute one outside a repository, only the folder before
    the file is kept, unless that is a temporary or home folder.
    """
    whole = path.absolute()
    for parent in whole.parents:
        if (parent / ".git").exists():
            return _shown(whole.relative_to(parent)), _shown(Path(parent.name))
    if not path.is_absolute() and ".." not in path.parts:
        return _shown(path), ""
    temporary = {Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")}
    if temporary & {*whole.parents} or whole.parent in (Path.home(), Path(whole.anchor)):
        return _shown(Path(whole.name)), ""
    return _shown(Path(whole.parent.name, whole.name)), ""


def _shown(path: Path) -> str:
    """A path as text that can be written anywhere, whatever the bytes of its name."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")
