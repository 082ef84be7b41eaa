"""Documents that no skill can be drafted from, and documents with odd names that one can."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import gitbed
from cli.command import fine, refused

TEXT = b"# Wheels in detail\n\nHow to build wheels, and how to upload them.\n"


def _content(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def _folder(names: dict[str, bytes]) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.mkdir()
        for name, content in names.items():
            (path / name).write_bytes(content)

    return make


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.write(TEXT)
        file.truncate(50 * 1024 * 1024)


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing": (lambda path: None, "There is no file"),
    "empty": (_content(b""), "is empty."),
    "whitespace": (_content(b" \n\t\r\n\n"), "is empty."),
    "only a byte order mark": (_content(b"\xef\xbb\xbf\n"), "has nothing to make a skill of"),
    "binary": (_content(b"\x89PNG\r\n\0\0\0\rIHDR"), "is binary"),
    "not UTF-8": (_content(TEXT + b"caf\xe9\n"), "is not UTF-8: line 4"),
    "UTF-16": (_content("\ufeff# Wheels\n".encode("utf-16-le")), "is UTF-16"),
    "50 MB": (_huge, "is larger than 16 MiB"),
    "an empty folder": (_folder({}), "has no document."),
    "a folder of pictures": (_folder({"a.png": b"\x89PNG\0", ".hidden.md": TEXT}), "has no document."),
    "a link to nothing": (lambda path: path.symlink_to("nowhere"), "There is no file"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_document(case: str, pair: gitbed.Bed) -> None:
    """Each is refused in one sentence before the remote is even asked, and nothing is left behind."""
    make, error = BAD[case]
    make(pair.path.parent / "document.md")

    refused(pair.path, "create", "--from", "../document.md", error=error, around=pair.path.parent)


def test_one_bad_document_among_good_ones(pair: gitbed.Bed) -> None:
    """All documents are read before anything is written."""
    refused(pair.path, "create", "--from", "../wheels.md", "--from", "../no.md", error="no.md", around=pair.path.parent)
    refused(pair.path, "create", "--from", "../wheels.md", "--from", "../wheels.md", error="wheels.md")


def test_no_document(pair: gitbed.Bed) -> None:
    """Without a model, a task alone is not enough; the tip ends its sentence before it says why there is none."""
    tip = "--from DOCUMENT.md. No model is configured"
    refused(pair.path, "create", "make a skill of wheels", error="a skill is drafted from documents.", tip=tip)
    refused(pair.path, "revise", "packaging", "Shorter.", error="documents can be added to a skill", tip=tip)


@pytest.mark.parametrize("words", [("--from", "./-x.md"), ("--from=--help.md",), ("--from", "a b $(id).md")], ids=str)
def test_document_named_like_an_option(words: tuple[str, ...], pair: gitbed.Bed) -> None:
    """Such a file is a document like any other, all the way into Git."""
    name = words[-1].removeprefix("--from=").removeprefix("./")
    (pair.path / name).write_bytes(TEXT)

    out = fine(pair.path, "create", *words, "--path", "python/odd")

    assert "pull request #1" in out
    assert pair.git("log", "-1", "--format=%(trailers:key=Source,valueonly)", "draft/odd") == f"{name} -> SKILL.md"
    pair.write(name, None)
    assert pair.git("status", "--porcelain") == ""


def test_control_characters_are_shown_not_obeyed(pair: gitbed.Bed) -> None:
    """A terminal's commands in a file's name or in a text arrive at the terminal as visible escapes."""
    name = "a\x1b[2Jb\u202e.md"
    (pair.path / name).write_bytes(b"# A \x1b]0;title\x07 b\n\nHow to do b, and when to do something else.\n")

    done = refused(pair.path, "create", "--from", f"{name}x", error="\\x1b[2J")
    fine(pair.path, "create", "--from", name, "--path", "python/odd")
    shown = fine(pair.path, "review", "show", "1") + fine(pair.path, "list", "--ref", "draft/odd") + done.err

    assert not any(char in shown for char in "\x1b\x07\u202e")
