"""Records in Git: each row once, whoever writes, with and without a remote; and no secret in them."""

from __future__ import annotations

import threading

import pytest

import gitbed
from skill_fleet.git import Identity, Repository
from skill_fleet.proposals import PREFIX, fetch_records, keep_rows, kept_rows, redacted

BOT = Identity("skill-fleet", "skill-fleet@bot.invalid")


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "with a remote"])
def test_many_writers(shared: bool, origin_and_clone: tuple[gitbed.Bed, gitbed.Bed]) -> None:
    """Each row is kept, whoever wins; with a remote they are there."""
    origin, clone = origin_and_clone

    def write(number: int) -> None:
        repo = Repository(clone.path)
        keep_rows(repo, 1, [{"kind": "round", "n": number}], BOT, "origin" if shared else None)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    repo = Repository(origin.path if shared else clone.path)
    assert sorted(row["n"] for row in kept_rows(repo, 1)) == [0, 1, 2, 3]


def test_two_clones_and_a_remote_that_is_away(origin_and_clone: tuple[gitbed.Bed, gitbed.Bed]) -> None:
    """Rows that the remote does not accept are kept here, with a warning, and go with the next ones, after those of others."""
    origin, clone = origin_and_clone
    other = gitbed.clone(origin, origin.path.parent / "other")
    mine = Repository(clone.path)
    theirs = Repository(other.path)
    assert keep_rows(mine, 1, [{"n": 1}], BOT, "origin") == ""
    clone.git("config", "remote.origin.url", "../nowhere.git")
    assert "origin" in keep_rows(mine, 1, [{"n": 2}], BOT, "origin")
    assert [row["n"] for row in kept_rows(mine, 1, "origin")] == [1, 2]
    assert keep_rows(theirs, 1, [{"n": 3}], BOT, "origin") == ""
    clone.git("config", "remote.origin.url", "../origin.git")
    assert keep_rows(mine, 1, [{"n": 4}], BOT, "origin") == ""
    fetch_records(theirs, "origin")

    assert [row["n"] for row in kept_rows(theirs, 1, "origin")] == [1, 3, 2, 4]
    assert [row["n"] for row in kept_rows(mine, 1, "origin")] == [1, 3, 2, 4]
    assert mine.refs(PREFIX) == {}


def test_redacted() -> None:
    """What looks like a secret goes, wherever it stands, and so does a value that is known to be one."""
    row = {"a": ["x hunter2hunter2 y"], "b": {"AKIAIOSFODNN7ABCDEFG": 1}, "c": None, "d": "plain"}

    assert redacted(row, ["hunter2hunter2"]) == {"a": ["x [secret] y"], "b": {"[secret]": 1}, "c": None, "d": "plain"}
