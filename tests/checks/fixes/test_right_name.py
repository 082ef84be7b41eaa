"""The name of a skill, where its folder leaves one right answer."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from skill_fleet.fixes import named_as_folder
from skill_fleet.markdown import read_front_matter

MENDED = ["name: Tmux-Sessions", "name: tmux sessions", "name: 'TMUX_sessions'", "name:", ""]
KEPT = ["name: tmux", "name: other-one", "name: Other One", "name: [a]", "name: tmux-sessions", "name: 'open"]


def file(name: str, end: str = "\n") -> bytes:
    """A SKILL.md with this line for the name, the description before it."""
    rows = ["---", "description: Does x.", *([name] if name else []), "---", "", "# T", ""]
    return end.join(rows).encode()


@pytest.mark.parametrize("name", MENDED)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_it_is_written_as_the_folder_is_called(name: str, end: str) -> None:
    """One written otherwise, an empty one, one that is not there; everything else keeps its bytes."""
    assert named_as_folder(file(name, end), "tmux-sessions") == file("name: tmux-sessions", end)


@pytest.mark.parametrize("name", KEPT)
def test_what_has_another_answer_stays(name: str) -> None:
    """Another name, valid or not, no text, front matter that cannot be read, a folder whose name is none."""
    assert named_as_folder(file(name), "tmux-sessions") == file(name)
    assert named_as_folder(file("name: X"), "Tmux") == file("name: X")


def test_a_name_that_yaml_would_read_otherwise_is_quoted() -> None:
    """A folder may be called `true`, which is no text to YAML."""
    assert read_front_matter(named_as_folder(file("name: True"), "true")).value("name") == "true"


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_any_name(name: str) -> None:
    """Once is enough, and what is changed reads as the folder's name."""
    once = named_as_folder(file(f"name: {name}"), "a-b")
    assert named_as_folder(once, "a-b") == once
    assert once == file(f"name: {name}") or read_front_matter(once).value("name") == "a-b"
