"""Two processes at the same moment, each with its own clone or both in one repository."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from forges.grounds import NOTES, Ground
from skill_fleet.forges import BODY_LIMIT, Actor, StaleHead
from skill_fleet.forges.local import LocalForge, open_local_forge
from skill_fleet.git import Repository

LONG = 60


def act(what: str, folder: Path, name: str, words: list[str], start: Barrier, said: Connection) -> None:
    """One runner: open the forge, wait for the others, write, and send what came of it."""
    repo = Repository(folder)
    forge = open_local_forge(repo, Actor(f"{name}@example.org", name))
    start.wait(LONG)
    said.send(list(write(forge, what, name, words)))


def write(forge: LocalForge, what: str, name: str, words: list[str]) -> Iterator[str]:
    """What each kind of runner does."""
    if what == "comment":
        for number in range(5):
            yield forge.comment(1, f"{name} {number}")
    elif what == "open":
        for oid in words:
            branch = f"draft/{oid}"
            yield str(forge.open(title=oid, body="", head=branch, base="main", head_oid=oid, draft=True))
    elif what == "push":
        try:
            forge.push(1, *words)
            yield "pushed"
        except StaleHead:
            yield "stale"
    elif what == "merge":
        yield forge.merge(1, words[0], name)


@pytest.fixture(scope="module")
def processes(isolated_git: None) -> ForkServerContext:
    """Makes processes from one that has imported everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "git"])
    return context


Race = Callable[..., list[list[str]]]


@pytest.fixture
def race(processes: ForkServerContext) -> Race:
    """`race(what, *runners)` lets the runners go at once, and returns the lines of each."""

    def run(what: str, *runners: tuple[Path, str, list[str]]) -> list[list[str]]:
        start, running = processes.Barrier(len(runners)), []
        for folder, name, words in runners:
            ours, theirs = processes.Pipe(duplex=False)
            process = processes.Process(target=act, args=(what, folder, name, words, start, theirs))
            process.start()
            theirs.close()
            running.append((process, ours))
        said: list[list[str]] = [ours.recv() for _, ours in running]
        for process, ours in running:
            process.join(LONG)
            ours.close()
        assert [process.exitcode for process, _ in running] == [0] * len(runners)
        return said

    return run


def folders(ground: Ground) -> tuple[Path, Path]:
    second = ground.bed.path.parent / "second"
    return ground.bed.path, second if second.exists() else ground.bed.path


def test_no_comment_is_lost(race: Race, ground: Ground) -> None:
    one, two = folders(ground)
    keys = race("comment", (one, "ann", []), (two, "bob", []))
    items = ground.author.snapshot(1).items
    assert sorted(item.key for item in items) == sorted(keys[0] + keys[1])
    for name in ("ann", "bob"):
        assert [item.body for item in items if item.body.startswith(name)] == [
            f"{name} {number}" for number in range(5)
        ]
    assert ground.elsewhere.snapshot(1).items == items


def test_two_in_one_clone(race: Race, shared: Ground) -> None:
    keys = race("comment", (shared.bed.path, "ann", []), (shared.bed.path, "bob", []))
    assert sorted(item.key for item in shared.elsewhere.snapshot(1).items) == sorted(keys[0] + keys[1])


def test_no_number_is_given_twice(race: Race, ground: Ground) -> None:
    one, two = folders(ground)
    main = ground.truth.tip("main")
    oids = [ground.commit(main, {"skills/web/y/SKILL.md": f"{number}"}) for number in range(4)]
    if one != two:
        ground.bed.git("push", "--quiet", str(two), *(f"{oid}:refs/fetched/{oid}" for oid in oids))
    numbers = race("open", (one, "ann", oids[:2]), (two, "bob", oids[2:]))
    assert sorted(numbers[0] + numbers[1]) == ["2", "3", "4", "5"]
    assert {row.head for row in ground.author.list()} == {"draft/x", *(f"draft/{oid}" for oid in oids)}


def test_one_push_wins(race: Race, ground: Ground) -> None:
    one, two = folders(ground)
    head = ground.head
    new = [ground.commit(head, {NOTES: name}) for name in ("ann", "bob")]
    if one != two:
        ground.bed.git("push", "--quiet", str(two), f"{new[1]}:refs/fetched/new")
    said = race("push", (one, "ann", [new[0], head]), (two, "bob", [new[1], head]))
    assert sorted(said) == [["pushed"], ["stale"]]
    winner = new[said.index(["pushed"])]
    assert ground.head == winner
    assert ground.author.snapshot(1).head_oid == winner


def test_one_merge_is_made(race: Race, ground: Ground) -> None:
    one, two = folders(ground)
    head = ground.head
    said = race("merge", (one, "ann", [head]), (two, "bob", [head]))
    assert said[0] == said[1] == [ground.truth.tip("main")]
    assert ground.truth.git("rev-list", "--count", "--merges", "main") == "1"
    assert ground.author.snapshot(1).state == "merged"


@pytest.mark.parametrize("size", [BODY_LIMIT])
def test_the_longest_comment_arrives_whole(ground: Ground, size: int) -> None:
    body = "ü\n" * (size // 2)
    ground.author.comment(1, body)
    assert [item.body for item in ground.elsewhere.snapshot(1).items] == [body]
