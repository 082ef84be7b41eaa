"""Stop before every write of every operation, or after the last: run again, it ends as if nothing had happened.

A stop is what is on the disk at that moment: the undisturbed run copies the ground before each write. To stop after one
write is to stop before the next: only reads are in between. Moments that show the same refs, settings and files are
run again once: between them nothing was written but objects that no ref reaches. Ends that show the same are compared
once. What callers do when they run again is in `again`: where an operation is not its own repetition, they look first
whether it arrived, as the review does.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import gitbed
from forges.faults import Fault, FaultyRepository
from forges.grounds import ADA, FACTORIES, GRACE, NOTES, Ground
from skill_fleet.errors import UserError
from skill_fleet.forges import BOT, Anchor, Item
from skill_fleet.forges.local import Exchange, LocalForge, read_chains

WRITTEN_AT = "2026-01-01T00:00:00Z"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Rich:
    """A ground with one item of each kind; `new` is a commit on top of the head."""

    folder: Path
    comment: str
    thread: str
    review: str
    head: str
    new: str
    other: str


@dataclass(frozen=True)
class Operation:
    """Something to do with a forge, how it is run again, and what is so before it."""

    do: Callable[[LocalForge, Rich], object]
    again: Callable[[LocalForge, Rich], object]
    before: Callable[[gitbed.Bed], object] = lambda bed: None


def item_with(forge: LocalForge, body: str) -> Item | None:
    return next((item for item in forge.snapshot(1).items if item.body == body), None)


def repeated(do: Callable[[LocalForge, Rich], object]) -> Operation:
    return Operation(do, do)


def unless_said(do: Callable[[LocalForge, Rich], object]) -> Operation:
    return Operation(do, lambda forge, rich: item_with(forge, "said") or do(forge, rich))


def open_another(forge: LocalForge, rich: Rich) -> object:
    return forge.open(title="T", body="B", head="draft/y", base="main", head_oid=rich.other, draft=True)


def push(forge: LocalForge, rich: Rich) -> None:
    forge.push(1, rich.new, rich.head)


def merge(forge: LocalForge, rich: Rich) -> object:
    return forge.merge(1, rich.head, "Merge\n\nReviewed-by: Grace\n")


def check_out(bed: gitbed.Bed) -> None:
    """A person has the branch in his work tree."""
    bed.git("checkout", "--quiet", "draft/x")


def have_branch(bed: gitbed.Bed) -> None:
    """A person has the branch, but not in his work tree."""
    if "refs/heads/draft/x" not in bed.refs():
        bed.git("branch", "--quiet", "draft/x", "origin/draft/x")


def write_offline(bed: gitbed.Bed) -> None:
    """What somebody wrote while the remote did not answer, and others wrote there meanwhile."""
    url = bed.git("config", "remote.origin.url")
    bed.git("config", "remote.origin.url", "../nowhere.git")
    LocalForge(bed.repo, GRACE, "origin", new_id=lambda: "b" * 16).comment(1, "offline")
    bed.git("config", "remote.origin.url", url)
    second = gitbed.Bed(bed.path.parent / "second")
    LocalForge(second.repo, ADA, "origin", new_id=lambda: "a" * 16).comment(1, "online")


BOTH = {
    "open": Operation(open_another, lambda forge, rich: forge.list(head="draft/y") or open_another(forge, rich)),
    "comment": unless_said(lambda forge, rich: forge.comment(1, "said")),
    "comment_on": unless_said(lambda forge, rich: forge.comment_on(1, "said", Anchor(NOTES, "", 2, 3))),
    "reply": unless_said(lambda forge, rich: forge.reply(1, rich.thread, "said")),
    "review": unless_said(lambda forge, rich: forge.acting_as(GRACE).review(1, "approved", "said")),
    "dismiss": repeated(lambda forge, rich: forge.dismiss(1, rich.review)),
    "edit": unless_said(lambda forge, rich: forge.edit(1, rich.comment, "said")),
    "describe": repeated(lambda forge, rich: forge.describe(1, "said")),
    "retitle": repeated(lambda forge, rich: forge.retitle(1, "said")),
    "delete": Operation(
        lambda forge, rich: forge.delete(1, rich.comment),
        lambda forge, rich: forge.delete(1, rich.comment) if item_with(forge, "comment") else None,
    ),
    "resolve": repeated(lambda forge, rich: forge.resolve(1, rich.thread)),
    "label": repeated(lambda forge, rich: forge.label(1, "failed")),
    "set_draft": repeated(lambda forge, rich: forge.set_draft(1, True)),
    "close": repeated(lambda forge, rich: forge.close(1)),
    "push": Operation(push, push, have_branch),
    "push, checked out": Operation(push, push, check_out),
    "merge": Operation(merge, merge, lambda bed: bed.git("checkout", "--quiet", "--detach")),
    "merge, checked out": repeated(merge),
}
WAITING = Operation(lambda forge, rich: forge.snapshot(1), lambda forge, rich: forge.snapshot(1), write_offline)
OPERATIONS = {
    **{("lone", name): operation for name, operation in BOTH.items()},
    **{("shared", name): operation for name, operation in BOTH.items()},
    ("shared", "hand over"): WAITING,
}

EVENT = ["hash-object", "mktree", "commit-tree"]
MERGE = ["merge-tree", "commit-tree", *EVENT]
SIMPLE = [name for name in BOTH if name.split(",")[0] not in ("push", "merge")]
WRITE_POINTS = {
    **{("lone", name): [*EVENT, "update-ref"] for name in SIMPLE},
    **{("shared", name): ["fetch", *EVENT, "push", "update-ref"] for name in SIMPLE},
    ("lone", "push"): [*EVENT, "update-ref"],
    ("lone", "push, checked out"): [*EVENT, "merge", "update-ref"],
    ("lone", "merge"): [*MERGE, "update-ref"],
    ("lone", "merge, checked out"): [*MERGE, "merge", "update-ref"],
    # the last one moves the person's own branch
    ("shared", "push"): ["fetch", *EVENT, "push", "update-ref", "update-ref"],
    ("shared", "push, checked out"): ["fetch", *EVENT, "push", "update-ref", "merge"],
    ("shared", "merge"): ["fetch", *MERGE, "push", "update-ref", "update-ref"],
    ("shared", "merge, checked out"): ["fetch", *MERGE, "push", "update-ref", "merge"],
    ("shared", "hand over"): ["fetch", "mktree", "commit-tree", "push", "update-ref"],
}


@pytest.fixture(scope="module", autouse=True)
def one_moment() -> Iterator[None]:
    """All commits are made at one time, so that equal ones have equal ids."""
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_DATE", WRITTEN_AT)
        yield


@pytest.fixture(scope="module")
def rich(prepared: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rich]:
    """Of each kind one ground with items."""
    made = {}
    for kind, factory in FACTORIES.items():
        folder = tmp_path_factory.mktemp("rich") / kind
        ground = factory.make(prepared(kind), folder)
        thread = ground.reviewer.comment_on(1, "thread", Anchor(NOTES, "", 1, 1))
        comment, review = ground.author.comment(1, "comment"), ground.reviewer.review(1, "approved", "review")
        new = ground.commit(ground.head, {NOTES: "new\n"})
        other = ground.commit(ground.truth.tip("main"), {"skills/web/y/SKILL.md": gitbed.skill("y")})
        made[kind] = Rich(folder, comment, thread, review, ground.head, new, other)
    return made


@dataclass
class Trial:
    """One operation on one kind of ground, tried with every fault."""

    kind: str
    operation: Operation
    rich: Rich
    folder: Path
    moments: dict[str, tuple[str, Path]] = field(default_factory=dict)
    ends: set[str] = field(default_factory=set)

    def all_faults(self) -> list[str]:
        """Its writes, each of which was tried; AssertionError names the one that ends in another way."""
        whole = self.ground("undisturbed")
        fault = Fault()
        fault.before = lambda: self.keep(f"stopped before {len(fault.seen)}", whole)
        self.operation.do(self.forge(whole, "a", fault), self.rich)
        self.keep("stopped after the last", whole)
        self.operation.again(self.forge(whole, "b"), self.rich)
        self.wanted = state(whole)
        self.ends.add(shown(whole))
        for at, command in enumerate(fault.seen):
            if command == "push":
                ground = self.ground(f"lost {at}")
                with contextlib.suppress(UserError):
                    self.operation.do(self.forge(ground, "a", Fault(lost=at)), self.rich)
                self.keep(f"lost the answer of push {at}", ground)
        for moment, folder in self.moments.values():
            ground = FACTORIES[self.kind].get(folder)
            self.operation.again(self.forge(ground, "b"), self.rich)
            if (end := shown(ground)) not in self.ends:
                assert state(ground) == self.wanted, f"{moment} of {fault.seen}"
                self.ends.add(end)
        return fault.seen

    def ground(self, name: str) -> Ground:
        """A ground of its own where the operation can begin."""
        ground = FACTORIES[self.kind].make(self.rich.folder, self.folder / name)
        self.operation.before(ground.bed)
        return ground

    def keep(self, moment: str, ground: Ground) -> None:
        """Copy the ground as it is now, unless one that shows the same was copied before."""
        if (key := shown(ground)) not in self.moments:
            copy = self.folder / f"moment {len(self.moments)}"
            gitbed.copy_folder(ground.bed.path.parent, copy)
            self.moments[key] = moment, copy

    def forge(self, ground: Ground, ids: str, fault: Fault | None = None) -> LocalForge:
        """The forge of one process; the ids of what it writes begin with `ids`."""
        repo = FaultyRepository(ground.bed.path, fault) if fault else ground.bed.repo
        numbers = count()
        remote = None if ground.bed is ground.truth else "origin"
        return LocalForge(repo, BOT, remote, clock=lambda: NOW, new_id=lambda: f"{ids}{next(numbers):015x}")


def shown(ground: Ground) -> str:
    """Everything of a ground that a later run can find."""
    return gitbed.visible(*{bed.path: bed for bed in (ground.bed, ground.truth)}.values())


def state(ground: Ground) -> dict[str, Any]:
    """All that a snapshot is a function of, without what differs from run to run: the ids and times of events."""
    notes: list[str] = []
    exchange = Exchange(ground.bed.repo, None if ground.bed is ground.truth else "origin", notes)
    view = exchange.read()
    chains = read_chains(ground.bed.repo, [tip for number in view.numbers for tip in view.tips(number)])
    found: dict[str, Any] = {"notes": notes, "status": ground.bed.git("status", "--porcelain", "--branch")}
    ids: dict[str, str] = {}
    for number in view.numbers:
        events = chains.timeline(number, view.tips(number)).events
        ids |= {event["id"]: f"{number}.{place}" for place, event in enumerate(events)}
        found[f"events {number}"] = events
    for bed in {ground.bed.path: ground.bed, ground.truth.path: ground.truth}.values():
        refs = bed.repo.refs("refs/")
        found[f"refs {bed.path.name}"] = {ref: "" if ref.endswith("/timeline") else oid for ref, oid in refs.items()}
    text = re.sub(r"20\d\d-\d\d-\d\dT[\d:]+Z", "", json.dumps(found))
    plain: dict[str, Any] = json.loads(re.sub("|".join(ids), lambda match: ids[match[0]], text))
    return plain


@pytest.mark.parametrize(("kind", "name"), OPERATIONS)
def test_stopped_anywhere_and_run_again(kind: str, name: str, rich: dict[str, Rich], tmp_path: Path) -> None:
    assert Trial(kind, OPERATIONS[kind, name], rich[kind], tmp_path).all_faults() == WRITE_POINTS[kind, name]


def test_every_operation_is_listed() -> None:
    assert set(WRITE_POINTS) == set(OPERATIONS)
    public = {name for name in vars(LocalForge) if not name.startswith("_") and callable(getattr(LocalForge, name))}
    tried = {name.split(",")[0] for _, name in OPERATIONS} - {"hand over"}
    # `follow` does again what a push that was stopped has left
    assert public - {"acting_as", "snapshot", "snapshots", "list", "follow"} == tried
