"""What is refused is refused in one sentence with a tip; what is read is read to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from skill_fleet.drafting.sources.read import MOST_BYTES, read_sources
from skill_fleet.errors import UserError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"PK\x03\x04\x00\x00", "binary"),
        (b"# Fine\n\ncaf\xe9\n", "line 3"),
        ("# Zwei\n".encode("utf-16"), "UTF-16"),
        (b"x" * (MOST_BYTES + 1), "16 MiB"),
    ],
)
def test_refused(here: Path, data: bytes, says: str) -> None:
    (here / "doc.md").write_bytes(data)
    with pytest.raises(UserError) as refused:
        read_sources([Path("doc.md")])
    assert "doc.md" in refused.value.message
    assert says in refused.value.message
    assert refused.value.tip
    assert "\n" not in refused.value.message


def test_missing_and_none(here: Path) -> None:
    with pytest.raises(UserError, match=r"no file absent\.md"):
        read_sources([Path("absent.md")])
    with pytest.raises(UserError, match="No source"):
        read_sources([])


def test_same_file_twice(here: Path) -> None:
    (here / "a.md").write_text("a\n")
    with pytest.raises(UserError, match=r"called a\.md"):
        read_sources([Path("a.md"), Path("a.md")])


def test_a_file_named_like_an_option(here: Path) -> None:
    (here / "--all").write_text("# All\n")
    (document,) = read_sources([Path("--all")])
    assert (document.name, document.text) == ("--all", "# All\n")


def test_byte_order_mark_and_line_ends(here: Path) -> None:
    (here / "w.md").write_bytes(b"\xef\xbb\xbf# W\r\n\r\none\rtwo\r\n")
    (document,) = read_sources([Path("w.md")])
    assert document.text == "# W\n\none\ntwo\n"


def test_a_folder_gives_its_files_in_order(here: Path) -> None:
    folder = here / "guide"
    (folder / "b").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("secret")
    (folder / "b" / "two.md").write_text("# Two\n")
    (folder / "a.md").write_text("# A\n")
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    (folder / "hosts.md").symlink_to("/etc/hosts")
    documents = read_sources([Path("guide")])
    assert [(d.name, d.path, d.unread) for d in documents] == [
        ("guide/a.md", "a.md", ""),
        ("guide/b/two.md", "b/two.md", ""),
        ("guide/logo.png", "logo.png", "no UTF-8 text"),
    ]


def test_a_folder_without_text(here: Path) -> None:
    (here / "empty").mkdir()
    with pytest.raises(UserError, match="holds no text"):
        read_sources([Path("empty")])


def test_an_absolute_path_names_no_machine(here: Path) -> None:
    (here / "a.md").write_text("a\n")
    (document,) = read_sources([here / "a.md"])
    assert (document.name, document.path) == ("a.md", "a.md")
