"""Lines are followed through Git's own diffs, and paths through the moves of their folder."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

import gitbed
from skill_fleet.forges import count_lines, follow, lines_of, moved, moves, untouched, where
from skill_fleet.git import Commit, write_blobs

edits = st.lists(
    st.tuples(st.sampled_from(["keep", "drop", "change", "add"]), st.integers(0, 2)), min_size=1, max_size=14
)


@given(edits)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([("add", 1), ("drop", 0), ("keep", 0)])
def test_a_line_that_is_followed_is_the_same_line(store: gitbed.Bed, steps: list[tuple[str, int]]) -> None:
    repo = store.repo
    old: list[bytes] = []
    new: list[bytes] = []
    for place, (what, kind) in enumerate(steps):
        text = b"%d\n" % kind if kind else b"line %d\n" % place  # some lines are alike
        if what != "add":
            old.append(text)
        if what != "drop":
            new.append(b"changed %d\n" % place if what == "change" else text)
    before, after = b"".join(old), b"".join(new)
    hunks = repo.hunks(*write_blobs(repo, [before, after]))
    found = [follow(number, number, hunks) for number in range(1, len(old) + 1)]
    for number, (start, line) in enumerate(found, start=1):
        assert start == line
        if line:
            assert lines_of(after, line, line) == lines_of(before, number, number)
            assert where(number, hunks) == line
        assert 0 < where(number, hunks) <= max(len(new), 1)
    kept = [line for _, line in found if line]
    assert kept == sorted(set(kept))
    touched = sum(hunk.old_count for hunk in hunks)
    assert len(kept) == len(old) - touched
    for first in range(1, len(old) + 1):
        for last in range(first, len(old) + 1):
            start, line = follow(first, last, hunks)
            assert (start == 0) == (line == 0)
            if line:
                assert lines_of(after, start, line) == lines_of(before, first, last)
                above, below = untouched(first, last, hunks)
                above, below = min(above, first - 1), min(below, len(old) - last)
                assert lines_of(after, start - above, line + below) == lines_of(before, first - above, last + below)


@pytest.mark.parametrize("content", [b"", b"\n", b"a", b"a\n", b"a\rb\n\nc", b"\x0c\x1c\n\x85"])
def test_lines_are_counted_as_git_does(content: bytes) -> None:
    assert count_lines(content) == content.count(b"\n") + (content[-1:] not in (b"", b"\n"))
    assert lines_of(content, 1, 99) == content


def commit(message: str) -> Commit:
    return Commit("0" * 40, "0" * 40, (), gitbed.PERSON, message)


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("Move\n\nMoved: web/x -> api/x\n", (("skills/web/x", "skills/api/x"),)),
        ("Move\n\nwhy\n\nSkill: web/x\nMoved: skills/web/x -> skills/api/x", (("skills/web/x", "skills/api/x"),)),
        ("Moved: web/x -> api/x", ()),
        ("Move\n\nMoved: web/x -> api/x\n\nSkill: web/x", ()),
        ("Move\n\nprose\nMoved: web/x -> api/x", ()),
        ("Move\n\nMoved: web/x -> api/x y", ()),
        ("Move\n\nSkill: a\u2028Moved: web/x -> api/x", ()),
    ],
)
def test_moves_are_trailers(message: str, found: tuple[tuple[str, str], ...]) -> None:
    assert moves([commit(message)]) == found


def test_moves_follow_one_another() -> None:
    through = [("skills/web/x", "skills/api/x"), ("skills/api/x", "skills/web/y")]
    assert moved("skills/web/x/a.md", through) == "skills/web/y/a.md"
    assert moved("skills/web/x", through) == "skills/web/y"
    assert moved("skills/web/xx/a.md", through) == "skills/web/xx/a.md"
    assert moved("skills/web/x/a.md", [*through, ("skills/web/y", "skills/web/x")]) == "skills/web/x/a.md"
