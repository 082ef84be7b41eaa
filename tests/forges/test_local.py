"""What is special to pull requests in the repository: a person's own branches, the outbox, a remote that is away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import gitbed
from forges.grounds import ADA, GRACE, NOTES, Ground
from skill_fleet.errors import UserError
from skill_fleet.forges import Anchor, Forge, StaleHead
from skill_fleet.forges.local import TRIES, LocalForge, open_local_forge, timeline_ref
from skill_fleet.git import Repository

AWAY = "../nowhere.git"


def forge_at(bed: gitbed.Bed) -> LocalForge:
    return open_local_forge(bed.repo, GRACE)


def unplug(bed: gitbed.Bed) -> None:
    """Take the remote away."""
    bed.git("config", "remote.origin.url", AWAY)


def plug(bed: gitbed.Bed) -> None:
    """Bring it back."""
    bed.git("config", "remote.origin.url", "../origin.git")


def second(ground: Ground) -> gitbed.Bed:
    return gitbed.Bed(ground.bed.path.parent / "second")


def test_it_is_a_forge(bed: gitbed.Bed) -> None:
    forge: Forge = open_local_forge(bed.repo, ADA)
    assert (forge.name, forge.actor) == ("local", ADA)
    assert forge.list() == ()


def test_origin_is_the_truth_when_there_is_one(shared: Ground, lone: Ground) -> None:
    assert forge_at(shared.bed).remote == "origin"
    assert forge_at(lone.bed).remote is None


@pytest.mark.parametrize("place", ["clone", "origin.git"])
def test_held_records_stay_where_they_are(shared: Ground, place: str) -> None:
    """What is kept of a run before its pull request holds documents in clear: no exchange of pull requests takes it
    along, in neither direction, whether somebody reads, writes, waits without the remote, pushes or merges."""
    session = "refs/skill-fleet/records-waiting/s"
    kept = gitbed.Bed(shared.bed.path.parent / place)
    secret = kept.git("commit-tree", "-m", "In clear", kept.git("mktree", stdin=b""))
    kept.git("update-ref", session, secret)
    unplug(shared.bed)
    shared.bot.comment(1, "later")
    plug(shared.bed)
    shared.bot.comment(1, "now")
    head = shared.head
    shared.bot.push(1, new := shared.commit(head, {NOTES: "new\n"}), head)
    forge_at(shared.bed).merge(1, new, "Merge\n")
    forge_at(second(shared)).snapshot(1)

    beds = [shared.bed, second(shared), shared.truth]
    assert [bed.path.name for bed in beds if secret in bed.refs().values()] == [place]
    others = [bed for bed in beds if bed.path.name != place]
    assert all(bed.git("cat-file", "-t", secret, check=False) == "" for bed in others), "not even its objects"


# a person's own branches


def test_a_push_brings_ones_own_branch_along(ground: Ground) -> None:
    if ground.bed is not ground.truth:
        ground.bed.git("fetch", "--quiet")
    ground.bed.git("checkout", "--quiet", "draft/x")
    ground.bed.write("untracked.txt", "mine")
    head = ground.head
    ground.bot.push(1, new := ground.commit(head, {NOTES: "new\n"}), head)
    assert ground.bed.tip() == ground.bed.tip("draft/x") == new
    assert (ground.bed.path / NOTES).read_text() == "new\n"
    assert ground.bed.git("status", "--porcelain") == "?? untracked.txt"


def test_a_branch_with_commits_of_its_own_is_left_alone(shared: Ground) -> None:
    shared.bed.git("fetch", "--quiet")
    shared.bed.git("checkout", "--quiet", "draft/x")
    mine = shared.bed.commit("Mine")
    head = shared.head
    shared.bot.push(1, shared.commit(head, {NOTES: "new\n"}), head)
    assert shared.bed.tip("draft/x") == mine
    (note,) = shared.bot.notes  # type: ignore[attr-defined]
    assert "draft/x" in note


def test_a_dirty_work_tree_is_refused_before_anything_changes(ground: Ground) -> None:
    head = ground.head
    new = ground.commit(head, {NOTES: "new\n"})
    ground.author.snapshot(1)
    ground.bed.write("README.md", "not committed\n")
    refs = ground.truth.refs(), ground.bed.refs()
    with pytest.raises(UserError, match=r"main is checked out in"):
        ground.reviewer.merge(1, head, "x")
    ground.bed.git("switch", "--quiet", "draft/x")
    refs = ground.truth.refs(), ground.bed.refs()
    with pytest.raises(UserError, match=r"draft/x is checked out in"):
        ground.bot.push(1, new, head)
    assert (ground.truth.refs(), ground.bed.refs()) == refs
    assert (ground.bed.path / "README.md").read_text() == "not committed\n"


def test_a_branch_in_another_work_tree_is_seen(ground: Ground, tmp_path: Path) -> None:
    ground.author.snapshot(1)
    ground.bed.git("worktree", "add", "--quiet", str(tmp_path / "tree"), "draft/x")
    head = ground.head
    new = ground.commit(head, {NOTES: "new\n"})
    (tmp_path / "tree" / NOTES).write_text("not committed\n")
    with pytest.raises(UserError, match="not committed"):
        ground.bot.push(1, new, head)
    gitbed.Bed(tmp_path / "tree").git("checkout", "--quiet", ".")
    ground.bot.push(1, new, head)
    assert (tmp_path / "tree" / NOTES).read_text() == "new\n"


def test_a_file_in_the_way_is_refused(lone: Ground) -> None:
    lone.bed.write(NOTES, "mine, not known to Git\n")
    refs = lone.bed.refs()
    with pytest.raises(UserError, match="main was left where it is"):
        lone.reviewer.merge(1, lone.head, "x")
    assert lone.bed.refs() == refs
    assert (lone.bed.path / NOTES).read_text() == "mine, not known to Git\n"


def test_a_file_in_the_way_of_ones_own_branch_is_a_note(shared: Ground) -> None:
    shared.bed.write(NOTES, "mine, not known to Git\n")
    commit = shared.reviewer.merge(1, shared.head, "x")
    assert shared.truth.tip("main") == commit != shared.bed.tip("main")
    assert "main was left where it is" in shared.reviewer.notes[-1]  # type: ignore[attr-defined]


def test_a_forced_push_to_a_branch_that_is_checked_out_is_refused(lone: Ground) -> None:
    lone.bed.git("switch", "--quiet", "draft/x")
    head = lone.head
    with pytest.raises(UserError, match="commits of its own"):
        lone.bot.push(1, lone.commit(lone.truth.tip("main"), {NOTES: "new\n"}), head)
    assert lone.head == head


# the remote does not answer


def test_reading_while_the_remote_is_away(shared: Ground) -> None:
    before = shared.author.snapshot(1)
    unplug(shared.bed)
    forge = forge_at(shared.bed)
    assert forge.snapshot(1) == before
    assert [row.number for row in forge.list()] == [1]
    assert len(forge.notes) == 1 and "origin" in forge.notes[0]


def test_writing_while_the_remote_is_away(shared: Ground) -> None:
    shared.author.snapshot(1)
    unplug(shared.bed)
    forge = forge_at(shared.bed)
    refs = shared.truth.refs()
    key = forge.comment_on(1, "one", Anchor(NOTES, "", 1, 1))
    forge.reply(1, key, "two")
    forge.review(1, "approved", "three")
    forge.label(1, "later")
    assert [item.body for item in forge.snapshot(1).items] == ["one", "two", "three"]
    assert sum("#1" in note for note in forge.notes) == 1, "all that waits is one note"
    assert shared.truth.refs() == refs
    shared.elsewhere.comment(1, "meanwhile")
    plug(shared.bed)
    after = forge_at(shared.bed)
    snapshot = after.snapshot(1)
    assert sorted(item.body for item in snapshot.items) == ["meanwhile", "one", "three", "two"]
    (note,) = after.notes
    assert "#1" in note and "origin" in note
    assert shared.elsewhere.snapshot(1) == snapshot
    assert timeline_ref(1) not in shared.bed.refs()


def test_what_waits_goes_with_the_next_write(shared: Ground) -> None:
    shared.author.snapshot(1)
    unplug(shared.bed)
    forge_at(shared.bed).comment(1, "offline")
    plug(shared.bed)
    forge_at(shared.bed).comment(1, "online")
    assert [item.body for item in shared.elsewhere.snapshot(1).items] == ["offline", "online"]


def test_a_reply_to_what_was_deleted_meanwhile_is_not_lost(shared: Ground) -> None:
    thread = shared.author.comment_on(1, "one", Anchor(NOTES, "", 1, 1))
    unplug(shared.bed)
    forge_at(shared.bed).reply(1, thread, "two")
    shared.elsewhere.delete(1, thread)
    plug(shared.bed)
    snapshot = forge_at(shared.bed).snapshot(1)
    assert [(item.body, item.thread) for item in snapshot.items] == [("two", thread)]
    assert snapshot.threads[0].key == thread


def test_moving_branches_needs_the_remote(shared: Ground) -> None:
    head = shared.head
    new = shared.commit(head, {NOTES: "new\n"})
    shared.author.snapshot(1)
    unplug(shared.bed)
    forge = forge_at(shared.bed)
    refs = shared.bed.refs()
    calls: list[Callable[[], object]] = [
        lambda: forge.open(title="T", body="", head="draft/y", base="main", head_oid=new, draft=True),
        lambda: forge.push(1, new, head),
        lambda: forge.merge(1, head, "x"),
    ]
    for call in calls:
        with pytest.raises(UserError, match="Git cannot use the remote origin"):
            call()
    assert shared.bed.refs() == refs


def refuse_pushes(ground: Ground) -> None:
    hook = ground.truth.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'You may not.' >&2\nexit 1\n")
    hook.chmod(0o755)


def test_a_remote_that_refuses_pushes(shared: Ground) -> None:
    head, main = shared.head, shared.truth.tip("main")
    new = shared.commit(head, {NOTES: "new\n"})
    shared.author.snapshot(1)
    refuse_pushes(shared)
    forge = forge_at(shared.bed)
    for call in (
        lambda: forge.open(title="T", body="", head="draft/y", base="main", head_oid=new, draft=True),
        lambda: forge.push(1, new, head),
        lambda: forge.merge(1, head, "x"),
    ):
        with pytest.raises(UserError, match=r"origin: You may not. \(pre-receive hook declined\)"):
            call()
    assert (shared.head, shared.truth.tip("main"), shared.bed.tip("main")) == (head, main, main)
    forge.comment(1, "mine")
    forge.snapshot(1)
    assert any("refused" in note and "#1" in note for note in forge.notes)
    assert shared.elsewhere.snapshot(1).items == ()
    (shared.truth.path / "hooks" / "pre-receive").unlink()
    assert [item.body for item in forge_at(shared.bed).snapshot(1).items] == ["mine"]
    assert [item.body for item in shared.elsewhere.snapshot(1).items] == ["mine"]


# a remote that comes later, or is another one


def test_pull_requests_of_before_there_was_a_remote_are_handed_over(lone: Ground) -> None:
    lone.reviewer.comment(1, "early")
    before = lone.author.snapshot(1)
    folder = lone.bed.path.parent
    lone.bed.git("init", "--quiet", "--bare", "--initial-branch=main", str(folder / "origin.git"))
    lone.bed.git("remote", "add", "origin", "../origin.git")
    lone.bed.git("push", "--quiet", "origin", "main", "draft/x")
    assert forge_at(lone.bed).snapshot(1) == replace(before, remote="origin")
    clone = gitbed.clone(gitbed.Bed(folder / "origin.git"), folder / "other")
    assert forge_at(clone).snapshot(1) == replace(before, remote="origin")


def test_two_pull_requests_of_one_number_are_not_mixed(shared: Ground) -> None:
    bed = second(shared)
    bed.git("remote", "rename", "origin", "elsewhere")
    other = bed.commit_to("draft/z", {"skills/web/z/SKILL.md": gitbed.skill("z")})
    mine = open_local_forge(bed.repo, ADA)
    assert mine.open(title="Mine", body="", head="draft/z", base="main", head_oid=other, draft=False) == 1
    bed.git("remote", "rename", "elsewhere", "origin")
    forge = forge_at(bed)
    assert forge.snapshot(1).title == "Draft web/x"
    assert f"git update-ref -d {timeline_ref(1)}" in forge.notes[0]
    forge.comment(1, "about x")
    assert shared.author.snapshot(1).items[0].body == "about x"


def test_a_shallow_clone_gets_the_history_that_it_lacks(shared: Ground, tmp_path: Path) -> None:
    for text in ("one\n", "two\n"):
        shared.place("main", shared.commit(shared.truth.tip("main"), {"README.md": text}))
    shared.bed.git("clone", "--quiet", "--depth=1", f"file://{shared.truth.path}", str(tmp_path / "shallow"))
    shallow = gitbed.Bed(tmp_path / "shallow")
    assert forge_at(shallow).snapshot(1).changed == shared.author.snapshot(1).changed
    assert not shallow.repo.is_shallow


# the races that are too short to be met by chance


class Slow(Repository):
    """Lets somebody else act just before a push or a ref update, as often as there is something to do."""

    def __init__(self, path: Path, *others: Callable[[], object]) -> None:
        super().__init__(path)
        self.others = list(others)

    def attempt(self, *words: str, **more: object) -> tuple[int, bytes, str]:
        if words[0] in ("push", "update-ref", "merge") and self.others:
            self.others.pop(0)()
        return super().attempt(*words, **more)  # type: ignore[arg-type]


def slow(ground: Ground, *others: Callable[[], object]) -> LocalForge:
    return open_local_forge(Slow(ground.bed.path, *others), GRACE)


def test_a_comment_that_lost_the_race_comes_after(ground: Ground) -> None:
    slow(ground, lambda: ground.elsewhere.comment(1, "first"), lambda: ground.elsewhere.comment(1, "second")).comment(
        1, "third"
    )
    assert [item.body for item in ground.author.snapshot(1).items] == ["first", "second", "third"]


def test_a_writer_who_always_loses_gives_up(lone: Ground) -> None:
    rivals = [lambda: lone.elsewhere.label(1, "x"), lambda: lone.elsewhere.label(1, "x", present=False)] * TRIES
    with pytest.raises(UserError, match=f"{TRIES} times in a row"):
        slow(lone, *rivals).comment(1, "never")


def test_a_number_that_was_taken_meanwhile(ground: Ground) -> None:
    new = ground.commit(ground.truth.tip("main"), {"skills/web/z/SKILL.md": gitbed.skill("z")})
    forge = slow(ground, lambda: ground.open("draft/y"))
    assert forge.open(title="z", body="", head="draft/z", base="main", head_oid=new, draft=True) == 3
    assert [row.head for row in ground.elsewhere.list()] == ["draft/x", "draft/y", "draft/z"]


def test_a_push_that_lost_to_a_comment_goes_on_and_to_a_push_does_not(ground: Ground) -> None:
    head = ground.head
    new = ground.commit(head, {NOTES: "new\n"})
    slow(ground, lambda: ground.elsewhere.comment(1, "x")).push(1, new, head)
    assert ground.head == new
    newer = ground.commit(new, {NOTES: "newer\n"})
    with pytest.raises(StaleHead):
        slow(ground, lambda: ground.grow({NOTES: "by hand\n"})).push(1, newer, new)
    assert ground.truth.read("draft/x", NOTES) == "by hand\n"
    assert [each.message.strip() for each in ground.author.snapshot(1).commits] == ["Draft web/x", "Change", "Change"]


def test_a_merge_while_the_base_or_the_head_moves(ground: Ground) -> None:
    ground.bed.git("switch", "--quiet", "--detach")
    head = ground.head
    other = ground.commit(ground.truth.tip("main"), {"README.md": "moved\n"})
    merged = slow(ground, lambda: ground.place("main", other)).merge(1, head, "x")
    assert ground.truth.git("log", "-1", "--format=%P", merged) == f"{other} {head}"
    number = ground.open("draft/y")
    tip = ground.truth.tip("draft/y")
    later = ground.commit(tip, {"skills/web/y/more.md": "x\n"})
    with pytest.raises(StaleHead):
        slow(ground, lambda: ground.place("draft/y", later)).merge(number, tip, "x")
    assert (ground.truth.tip("main"), ground.author.snapshot(number).state) == (merged, "open")


def test_a_head_that_moves_once_the_work_tree_has_the_merge(lone: Ground) -> None:
    head = lone.head
    later = lone.commit(head, {NOTES: "later\n"})
    moved: list[str] = []

    def by_hand() -> None:
        lone.bed.git("update-ref", "refs/heads/draft/x", later)
        moved.append(later)

    merged = slow(lone, by_hand).merge(1, head, "x")
    assert moved and lone.truth.tip("main") == lone.bed.tip() == merged
    snapshot = lone.author.snapshot(1)
    assert (snapshot.state, snapshot.head_oid) == ("merged", head)
    assert lone.bed.git("status", "--porcelain") == ""


def test_two_merges_at_once_are_one(ground: Ground) -> None:
    merged: list[str] = []
    again = slow(ground, lambda: merged.append(ground.reviewer.merge(1, ground.head, "theirs")))
    assert [again.merge(1, ground.head, "ours")] == merged == [ground.truth.tip("main")]
