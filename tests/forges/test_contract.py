"""What any forge must do, method by method, and what it must refuse. Every kind of ground goes through all of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace

import pytest

import gitbed
from forges.grounds import ADA, FILES, GRACE, NOTES, SKILL, Ground
from skill_fleet.errors import UserError
from skill_fleet.forges import BODY_LIMIT, BOT, Anchor, CommitFact, Item, Snapshot, StaleHead, Thread


def same_everywhere(ground: Ground) -> Snapshot:
    """The snapshot, which is the same from elsewhere and survives a trip through JSON."""
    snapshot = ground.author.snapshot(1)
    assert ground.elsewhere.snapshot(1) == snapshot
    assert json.loads(json.dumps(asdict(snapshot)))["number"] == 1
    return snapshot


def only_item(ground: Ground) -> Item:
    (item,) = same_everywhere(ground).items
    return item


def anchor(line: int, start: int = 0, path: str = NOTES, **facts: str) -> Anchor:
    return Anchor(path, facts.get("commit", ""), start, line, facts.get("side", "RIGHT"))  # type: ignore[arg-type]


# opening and listing


def test_open_keeps_what_it_was_given(ground: Ground) -> None:
    snapshot = same_everywhere(ground)
    assert (snapshot.number, snapshot.author, snapshot.bot) == (1, ADA, BOT)
    assert (snapshot.title, snapshot.body) == ("Draft web/x", "The **brief**.")
    assert (snapshot.state, snapshot.draft, snapshot.complete) == ("open", False, True)
    assert (snapshot.base, snapshot.head, snapshot.head_exists) == ("main", "draft/x", True)
    assert snapshot.base_oid == snapshot.merge_base == ground.truth.tip("main")
    assert snapshot.head_oid == ground.head
    assert snapshot.repository == ground.truth.git("rev-list", "--max-parents=0", "main")
    assert (snapshot.items, snapshot.threads, snapshot.labels) == ((), (), ())


def test_open_takes_the_next_number(ground: Ground) -> None:
    assert [ground.open("draft/y"), ground.open("draft/z", draft=True)] == [2, 3]
    rows = ground.elsewhere.list()
    assert [(row.number, row.title, row.state, row.draft, row.head, row.author) for row in rows] == [
        (1, "Draft web/x", "open", False, "draft/x", ADA),
        (2, "Add y", "open", False, "draft/y", ADA),
        (3, "Add z", "open", True, "draft/z", ADA),
    ]


def test_open_creates_a_branch_that_is_not_there(ground: Ground) -> None:
    new = ground.commit(ground.truth.tip("main"), {"skills/web/z/SKILL.md": gitbed.skill("z")})
    ground.author.open(title="z", body="", head="draft/z", base="main", head_oid=new, draft=True)
    assert ground.truth.tip("draft/z") == new


def test_list_by_state_and_branch(ground: Ground) -> None:
    ground.open("draft/y")
    ground.author.label(2, "size: small")
    ground.author.close(2)
    assert [row.number for row in ground.elsewhere.list()] == [1]
    assert [(row.number, row.state) for row in ground.elsewhere.list("all")] == [(1, "open"), (2, "closed")]
    (row,) = ground.elsewhere.list("all", head="draft/y")
    assert (row.number, row.labels) == (2, ("size: small",))
    assert ground.elsewhere.list(head="draft/y") == ()


def opening(ground: Ground, **facts: str) -> Callable[[], object]:
    main = ground.truth.tip("main")
    given = {"title": "T", "body": "", "head": "draft/y", "base": "main", **facts}
    oid = given.pop("head_oid", "") or ground.commit(main, {"skills/web/y/SKILL.md": gitbed.skill("y")})
    return lambda: ground.author.open(draft=False, head_oid=oid, **given)


def test_open_refuses(ground: Ground) -> None:
    main = ground.truth.tip("main")
    for match, act in {
        "already open": opening(ground, head="draft/x", head_oid=ground.head),
        "no commits between": opening(ground, head_oid=main),
        "no branch other": opening(ground, base="other"),
        "no commit 1234": opening(ground, head_oid="1234" * 10),
        "title is empty": opening(ground, title=" \n"),
        "title has 257": opening(ground, title="x" * 257),
        "description has 65,537": opening(ground, body="x" * (BODY_LIMIT + 1)),
        "cannot be the name": opening(ground, head="draft/../x"),
    }.items():
        with pytest.raises(UserError, match=match):
            act()
    ground.branch("draft/y", {"README.md": "x\n"})
    with pytest.raises(StaleHead):
        opening(ground, head="draft/y")()
    assert [row.number for row in ground.elsewhere.list("all")] == [1]


def test_open_again_after_closing(ground: Ground) -> None:
    ground.author.close(1)
    oid = ground.head
    assert ground.author.open(title="Again", body="", head="draft/x", base="main", head_oid=oid, draft=False) == 2
    with pytest.raises(UserError, match="#2 is already open for draft/x"):
        ground.author.close(1, closed=False)


# items


def test_describe(ground: Ground) -> None:
    ground.author.describe(1, "Say it anew.\n\n- One\n")
    assert ground.elsewhere.snapshot(1).body.strip() == "Say it anew.\n\n- One"
    with pytest.raises(UserError, match="no pull request #9"):
        ground.author.describe(9, "x")


def test_retitle(ground: Ground) -> None:
    ground.author.retitle(1, "Another one")
    assert ground.elsewhere.snapshot(1).title == ground.elsewhere.list()[0].title == "Another one"
    with pytest.raises(UserError, match="empty"):
        ground.author.retitle(1, " ")


def test_comment_edit_delete(ground: Ground) -> None:
    key = ground.reviewer.comment(1, "Say `more`.\n\n```suggestion\nx\n```\n")
    item = only_item(ground)
    assert (item.key, item.author, item.editor) == (key, GRACE, None)
    assert item.body == "Say `more`.\n\n```suggestion\nx\n```\n"
    assert (item.anchor, item.verdict, item.thread, item.hidden) == (None, None, "", False)
    ground.author.edit(1, key, "Say less.")
    edited = only_item(ground)
    assert edited == replace(item, body="Say less.", editor=ADA, edited=edited.edited)
    assert item.edited == "" and edited.edited > edited.order
    ground.author.delete(1, key)
    later = ground.reviewer.comment(1, "Later.")
    assert edited.edited < only_item(ground).order
    ground.author.delete(1, later)
    assert same_everywhere(ground).items == ()


def test_items_are_in_the_order_they_came(ground: Ground) -> None:
    keys = [ground.author.comment(1, "1"), ground.elsewhere.comment(1, "2"), ground.reviewer.review(1, "approved", "3")]
    keys += [ground.elsewhere.comment(1, "4")]
    items = same_everywhere(ground).items
    assert [item.key for item in items] == keys
    assert sorted(items, key=lambda item: item.order) == list(items)


def test_items_that_are_refused(ground: Ground) -> None:
    key = ground.author.comment(1, "x" * BODY_LIMIT)
    gone = ground.author.comment(1, "gone")
    ground.author.delete(1, gone)
    review = ground.reviewer.review(1, "approved", "")
    refused: dict[str, Callable[[], object]] = {
        "has 65,537": lambda: ground.author.comment(1, "x" * (BODY_LIMIT + 1)),
        "comment is empty": lambda: ground.author.comment(1, " \n"),
        "no item 'comment/0'": lambda: ground.author.edit(1, "comment/0", "x"),
        "no item 'nonsense'": lambda: ground.author.delete(1, "nonsense"),
        "no item 'comment/": lambda: ground.author.edit(1, gone, "x"),
        "comment has 65,537": lambda: ground.author.edit(1, key, "x" * (BODY_LIMIT + 1)),
        "comment is empty ": lambda: ground.author.edit(1, key, ""),
        "review cannot be deleted": lambda: ground.author.delete(1, review),
    }
    for match, act in refused.items():
        with pytest.raises(UserError, match=match.strip()):
            act()
    assert [item.key for item in same_everywhere(ground).items] == [key, review]


def test_a_number_that_does_not_exist(ground: Ground) -> None:
    calls: list[Callable[[], object]] = [
        lambda: ground.author.snapshot(7),
        lambda: ground.author.comment(7, "x"),
        lambda: ground.author.comment_on(7, "x", anchor(1)),
        lambda: ground.author.reply(7, "line/1", "x"),
        lambda: ground.author.review(7, "approved", ""),
        lambda: ground.author.dismiss(7, "review/1"),
        lambda: ground.author.edit(7, "comment/1", "x"),
        lambda: ground.author.delete(7, "comment/1"),
        lambda: ground.author.resolve(7, "line/1"),
        lambda: ground.author.label(7, "x"),
        lambda: ground.author.set_draft(7, True),
        lambda: ground.author.close(7),
        lambda: ground.author.push(7, ground.head, ground.head),
        lambda: ground.author.merge(7, ground.head, "x"),
    ]
    for call in calls:
        with pytest.raises(UserError, match="no pull request #7") as error:
            call()
        assert "skill-fleet review list" in error.value.tip


# threads


def test_a_thread(ground: Ground) -> None:
    key = ground.reviewer.comment_on(1, "Why?", anchor(4, 2))
    reply = ground.author.reply(1, key, "Because.")
    snapshot = same_everywhere(ground)
    first, second = snapshot.items
    assert (first.key, first.thread, first.author, first.body) == (key, key, GRACE, "Why?")
    assert replace(first.anchor, above=0, below=0) == Anchor(
        NOTES, ground.head, 2, 4, "RIGHT", 2, 4, "note 2\nnote 3\nnote 4\n", NOTES
    )
    assert first.commit == ground.head
    assert (second.key, second.thread, second.author, second.body) == (reply, key, ADA, "Because.")
    assert second.anchor == first.anchor
    assert snapshot.threads == (Thread(key),)
    ground.author.resolve(1, key)
    assert same_everywhere(ground).threads == (Thread(key, True, ADA),)
    ground.reviewer.resolve(1, key, resolved=False)
    assert same_everywhere(ground).threads == (Thread(key),)


def test_a_thread_outlives_its_first_comment_but_not_its_last(ground: Ground) -> None:
    key = ground.reviewer.comment_on(1, "Why?", anchor(1))
    reply = ground.author.reply(1, key, "Because.")
    ground.reviewer.delete(1, key)
    assert (only_item(ground).thread, same_everywhere(ground).threads) == (key, (Thread(key),))
    ground.author.delete(1, reply)
    assert (same_everywhere(ground).items, same_everywhere(ground).threads) == ((), ())
    for act in (lambda: ground.author.reply(1, key, "x"), lambda: ground.author.resolve(1, key)):
        with pytest.raises(UserError, match="no thread"):
            act()


def test_a_comment_on_a_whole_file(ground: Ground) -> None:
    ground.reviewer.comment_on(1, "Do we need it?", anchor(0))
    assert only_item(ground).anchor == Anchor(NOTES, ground.head, 0, 0)


def test_comments_outside_the_diff_are_refused(ground: Ground) -> None:
    readme = ground.branch("draft/r", {"README.md": "".join(f"{n}\n" for n in range(40))})
    ground.place("main", readme)
    ground.branch("draft/s", {"README.md": "".join(f"{n}{'!' * (n == 20)}\n" for n in range(40))})
    oid = ground.truth.tip("draft/s")
    ground.author.open(title="s", body="", head="draft/s", base="main", head_oid=oid, draft=False)
    for number, place in (
        (1, anchor(31)),
        (1, anchor(2, 5)),
        (1, anchor(-1)),
        (1, anchor(1, side="LEFT")),
        (1, anchor(1, path="README.md")),
        (1, anchor(0, path="skills/web/none.md")),
        (1, anchor(1, commit=readme)),
        (2, anchor(1, path="README.md")),
        (2, anchor(17, path="README.md")),
        (2, anchor(25, 19, path="README.md")),
        (2, anchor(40, path="README.md", side="LEFT")),
    ):
        with pytest.raises(UserError):
            ground.reviewer.comment_on(number, "x", place)
    for place in (anchor(18, path="README.md"), anchor(24, path="README.md"), anchor(24, 18, "README.md", side="LEFT")):
        ground.reviewer.comment_on(2, "x", place)
    assert [item.anchor.original for item in ground.elsewhere.snapshot(2).items if item.anchor] == [
        "17\n",
        "23\n",
        "".join(f"{n}\n" for n in range(17, 24)),
    ]


def test_lines_are_followed_to_the_head(ground: Ground) -> None:
    for start, line in ((1, 1), (5, 6), (9, 11), (20, 20), (30, 30)):
        ground.reviewer.comment_on(1, "x", anchor(line, start))
    lines = [f"note {number}\n" for number in range(1, 31)]
    new = ["first\n", *lines[:5], "between\n", *lines[5:9], "ten\n", *lines[10:19], *lines[20:]]
    first = ground.head
    second = ground.grow({NOTES: "".join(new)})
    anchors = [item.anchor for item in same_everywhere(ground).items if item.anchor]
    assert [(each.current_start, each.current_line) for each in anchors] == [(2, 2), (0, 0), (0, 0), (0, 0), (31, 31)]
    assert {each.commit for each in anchors} == {first}
    assert anchors[1].original == "note 5\nnote 6\n"
    assert ground.head == second
    ground.reviewer.comment_on(1, "x", anchor(31, commit=second))
    ground.reviewer.comment_on(1, "on what it was", anchor(5, commit=first))
    *_, late, early = [item.anchor for item in same_everywhere(ground).items if item.anchor]
    assert (late.commit, late.current_line, early.commit, early.current_line) == (second, 31, first, 6)
    ground.grow({NOTES: None})
    anchors = [item.anchor for item in same_everywhere(ground).items if item.anchor]
    assert {(each.current_start, each.current_line) for each in anchors} == {(0, 0)}
    assert anchors[0].original == "note 1\n"


def test_lines_are_followed_through_a_move(ground: Ground) -> None:
    ground.reviewer.comment_on(1, "x", anchor(3))
    moved = {path.replace("web", "api"): text for path, text in FILES.items()}
    gone = dict.fromkeys(FILES, None)
    ground.grow({**gone, **moved}, "Move it\n\nSkill: web/x\nMoved: web/x -> api/x\n")
    ground.grow({"skills/api/x/references/notes.md": "new\n" + FILES[NOTES]})
    place = only_item(ground).anchor
    assert place and (place.path, place.line, place.current_line) == (NOTES, 3, 4)
    assert [fact.path for fact in ground.author.snapshot(1).files] == [*sorted(moved)]


def test_hostile_bytes_around_a_comment(ground: Ground) -> None:
    content = b"\xff\xfe one\r\ntwo\rstill two\x00\n\xe2\x80\xa8three\x0cstill three\nno end"
    ground.grow({NOTES: content})
    for line in (1, 2, 3, 4):
        ground.reviewer.comment_on(1, "x", anchor(line))
    places = [item.anchor for item in same_everywhere(ground).items if item.anchor]
    assert [place.original.encode("latin-1") for place in places] == [
        b"\xff\xfe one\r\n",
        b"two\rstill two\x00\n",
        b"\xe2\x80\xa8three\x0cstill three\n",
        b"no end",
    ]
    assert (
        next(fact for fact in ground.author.snapshot(1).files if fact.path == NOTES).content.encode("latin-1")
        == content
    )
    with pytest.raises(UserError):
        ground.reviewer.comment_on(1, "x", anchor(5))


# reviews


def test_reviews(ground: Ground) -> None:
    keys = [
        ground.reviewer.review(1, "changes_requested", ""),
        ground.reviewer.review(1, "approved", "Good."),
        ground.author.review(1, "commented", "Thanks."),
    ]
    items = same_everywhere(ground).items
    assert [(item.key, item.verdict, item.body, item.commit) for item in items] == [
        (keys[0], "changes_requested", "", ground.head),
        (keys[1], "approved", "Good.", ground.head),
        (keys[2], "commented", "Thanks.", ground.head),
    ]
    approved_at = ground.head
    ground.grow({NOTES: "new\n"})
    assert same_everywhere(ground).items[1].commit == approved_at
    ground.author.dismiss(1, keys[1])
    ground.author.dismiss(1, keys[1])
    assert [item.verdict for item in same_everywhere(ground).items] == ["changes_requested", "dismissed", "commented"]


def test_reviews_that_are_refused(ground: Ground) -> None:
    comment = ground.author.comment(1, "x")
    remark = ground.author.review(1, "commented", "x")
    for act in (
        lambda: ground.author.review(1, "approved", ""),
        lambda: ground.author.review(1, "changes_requested", "x"),
        lambda: ground.reviewer.review(1, "commented", ""),
        lambda: ground.reviewer.review(1, "dismissed", "x"),
        lambda: ground.reviewer.review(1, "approved", "x" * (BODY_LIMIT + 1)),
        lambda: ground.reviewer.dismiss(1, comment),
        lambda: ground.reviewer.dismiss(1, remark),
        lambda: ground.reviewer.dismiss(1, "review/0"),
    ):
        with pytest.raises(UserError):
            act()
    assert len(same_everywhere(ground).items) == 2


# flags


def test_labels(ground: Ground) -> None:
    ground.author.label(1, "failed")
    ground.author.label(1, "failed")
    ground.reviewer.label(1, "a label, with: ünïcode")
    assert same_everywhere(ground).labels == ("a label, with: ünïcode", "failed")
    ground.author.label(1, "failed", present=False)
    ground.author.label(1, "never there", present=False)
    assert same_everywhere(ground).labels == ("a label, with: ünïcode",)
    for name in ("", "x" * 51):
        with pytest.raises(UserError):
            ground.author.label(1, name)


def test_draft_and_ready(ground: Ground) -> None:
    ground.bot.set_draft(1, True)
    snapshot = same_everywhere(ground)
    assert (snapshot.draft, snapshot.draft_changed) == (True, "")
    ground.author.set_draft(1, False)
    snapshot = same_everywhere(ground)
    assert not snapshot.draft and snapshot.draft_changed
    before = ground.author.comment(1, "x")
    ground.author.set_draft(1, False)
    assert same_everywhere(ground).draft_changed == snapshot.draft_changed < only_item(ground).order
    assert only_item(ground).key == before


def test_close_and_reopen(ground: Ground) -> None:
    ground.author.close(1)
    ground.author.close(1)
    closed, head = same_everywhere(ground), ground.head
    assert (closed.state, closed.reopened, closed.head_oid) == ("closed", "", head)
    comment = ground.author.comment(1, "Why?")
    ground.author.edit(1, comment, "Why not?")
    later = ground.grow({NOTES: "new\n"})
    assert same_everywhere(ground).head_oid == head
    for act in (
        lambda: ground.reviewer.review(1, "approved", ""),
        lambda: ground.author.set_draft(1, True),
        lambda: ground.author.push(1, head, later),
        lambda: ground.author.merge(1, head, "x"),
    ):
        with pytest.raises(UserError, match="#1 is closed"):
            act()
    ground.author.close(1, closed=False)
    again = same_everywhere(ground)
    assert (again.state, again.head_oid) == ("open", later)
    assert again.reopened > only_item(ground).order


# branches


def test_push(ground: Ground) -> None:
    old = ground.head
    new = ground.commit(old, {NOTES: "new\n"}, "Say less\n\nAddresses: comment/1\n", gitbed.REVIEWER)
    ground.bot.push(1, new, old)
    snapshot = same_everywhere(ground)
    assert snapshot.head_oid == ground.head == new
    assert snapshot.commits[-1] == CommitFact(new, GRACE, "Say less\n\nAddresses: comment/1\n")
    assert len(snapshot.commits) == 2
    ground.bot.push(1, new, old)
    assert same_everywhere(ground) == snapshot


def test_push_that_is_refused(ground: Ground) -> None:
    old = ground.head
    new, other = (ground.commit(old, {NOTES: text}) for text in ("new\n", "other\n"))
    with pytest.raises(UserError, match="no commit"):
        ground.bot.push(1, "1234" * 10, old)
    ground.place("draft/x", other)
    for expected in (old, new):
        with pytest.raises(StaleHead):
            ground.bot.push(1, new, expected)
    ground.place("draft/x", ground.truth.tip("main"))
    with pytest.raises(StaleHead):
        ground.bot.push(1, new, other)
    ground.truth.git("update-ref", "-d", "refs/heads/draft/x")
    with pytest.raises(StaleHead):
        ground.bot.push(1, new, other)
    assert "refs/heads/draft/x" not in ground.truth.refs()


def test_what_happened_behind_the_draft(ground: Ground) -> None:
    before = same_everywhere(ground)
    assert (before.lost, before.conflicts) == ((), ())
    first, main = ground.head, ground.truth.tip("main")
    ground.reviewer.comment_on(1, "Here.", anchor(1))
    ground.place("draft/x", ground.commit(main, {**FILES, NOTES: "forced\n"}))
    ground.place("main", ground.commit(main, {SKILL: gitbed.skill("x", "Mine. Use it when it is mine.")}))
    after = same_everywhere(ground)
    assert (after.lost, after.conflicts) == ((first,), (SKILL,))
    assert before.updated < after.updated <= after.fetched or ground.author.name == "local"
    assert len(after.fetched) == len("2026-01-01T00:00:00Z") == len(after.updated)
    ground.place("draft/x", first)
    assert first not in same_everywhere(ground).lost


def test_merge(ground: Ground) -> None:
    base, head = ground.truth.tip("main"), ground.head
    before = same_everywhere(ground)
    commit = ground.reviewer.merge(1, head, "Merge web/x\n\nReviewed-by: Grace\n")
    assert ground.truth.tip("main") == commit
    assert ground.truth.git("log", "-1", "--format=%P %an <%ae>%n%B", commit).rstrip() == (
        f"{base} {head} Grace Murray <grace@example.org>\nMerge web/x\n\nReviewed-by: Grace"
    )
    after = same_everywhere(ground)
    assert after == replace(before, state="merged")
    assert ground.reviewer.merge(1, head, "Merge it again") == commit == ground.truth.tip("main")
    ground.author.comment(1, "Thanks!")
    for act in (
        lambda: ground.author.close(1),
        lambda: ground.author.close(1, closed=False),
        lambda: ground.author.set_draft(1, True),
        lambda: ground.author.push(1, head, head),
        lambda: ground.author.merge(1, base, "x"),
        lambda: ground.reviewer.review(1, "approved", ""),
    ):
        with pytest.raises(UserError, match="#1 is merged"):
            act()


def test_merge_that_is_refused(ground: Ground) -> None:
    head, base = ground.head, ground.truth.tip("main")
    ground.author.set_draft(1, True)
    with pytest.raises(UserError, match="is a draft"):
        ground.reviewer.merge(1, head, "x")
    ground.author.set_draft(1, False)
    with pytest.raises(StaleHead):
        ground.reviewer.merge(1, base, "x")
    ground.place("main", ground.commit(base, {NOTES: "mine\n"}))
    with pytest.raises(UserError, match=f"conflicts with its base in {NOTES}"):
        ground.reviewer.merge(1, head, "x")
    assert same_everywhere(ground).state == "open"


def test_merge_onto_a_base_that_moved(ground: Ground) -> None:
    base = ground.place("main", ground.commit(ground.truth.tip("main"), {"README.md": "new\n"}))
    before = same_everywhere(ground)
    assert (before.base_oid, before.merge_base) == (base, ground.truth.git("rev-parse", "main~"))
    commit = ground.reviewer.merge(1, ground.head, "x")
    assert ground.truth.git("rev-parse", f"{commit}^1") == base
    assert ground.truth.read("main", "README.md") == "new\n"
    assert same_everywhere(ground) == replace(before, state="merged")


def test_a_merge_by_hand_is_as_good(ground: Ground) -> None:
    before = same_everywhere(ground)
    tree = ground.truth.git("rev-parse", "draft/x^{tree}")
    merge = write_commit_in(ground, tree, [before.base_oid, before.head_oid])
    later = ground.commit(ground.place("main", merge), {"README.md": "later\n"})
    ground.place("main", later)
    assert same_everywhere(ground) == replace(before, state="merged")
    assert [row.state for row in ground.author.list("all")] == ["merged"]
    assert ground.reviewer.merge(1, before.head_oid, "x") == merge
    assert same_everywhere(ground) == replace(before, state="merged")


def test_a_branch_that_was_reset_to_its_base_is_not_merged(ground: Ground) -> None:
    ground.author.snapshot(1)
    ground.place("draft/x", ground.truth.tip("main"))
    snapshot = same_everywhere(ground)
    assert (snapshot.state, snapshot.commits, snapshot.changed) == ("open", (), ())
    with pytest.raises(UserError, match="no commits between"):
        ground.reviewer.merge(1, ground.head, "x")


def write_commit_in(ground: Ground, tree: str, parents: list[str]) -> str:
    above = [word for parent in parents for word in ("-p", parent)]
    return ground.bed.git("commit-tree", tree, *above, "-m", "Merge by hand")


def test_a_deleted_branch(ground: Ground) -> None:
    head = ground.head
    new = ground.commit(head, {NOTES: "new\n"})
    ground.bot.push(1, new, head)
    before = same_everywhere(ground)
    ground.truth.git("update-ref", "-d", "refs/heads/draft/x")
    assert same_everywhere(ground) == replace(before, head_exists=False)
    with pytest.raises(UserError, match="was deleted"):
        ground.reviewer.merge(1, new, "x")
    ground.author.close(1)
    with pytest.raises(UserError, match="was deleted"):
        ground.author.close(1, closed=False)
    assert same_everywhere(ground) == replace(before, head_exists=False, state="closed")


def test_commits_pushed_by_hand_outlive_the_branch(ground: Ground) -> None:
    new = ground.grow({NOTES: "by hand\n"})
    ground.reviewer.comment(1, "Nice.")
    ground.truth.git("update-ref", "-d", "refs/heads/draft/x")
    ground.truth.git("reflog", "expire", "--expire=now", "--all")
    ground.truth.git("gc", "--quiet", "--prune=now")
    assert same_everywhere(ground).head_oid == new


# what a snapshot says of the fleet


def test_files_and_changes(ground: Ground) -> None:
    snapshot = same_everywhere(ground)
    assert snapshot.changed == (SKILL, NOTES)
    assert {fact.path: (fact.mode, fact.content) for fact in snapshot.files} == {
        path: (0o100644, text) for path, text in FILES.items()
    }
    assert snapshot.fleet.categories == gitbed.CATEGORIES
    assert (snapshot.fleet.ids, snapshot.fleet.former, snapshot.fleet.approvals) == (("python/packaging",), (), 1)
    ground.grow({"README.md": "also\n"})
    assert same_everywhere(ground).files == snapshot.files
    ground.grow({f"{gitbed.FIRST_SKILL}/more.md": "a second skill\n"})
    assert same_everywhere(ground).files == ()


def test_a_change_to_a_skill_shows_all_its_files(ground: Ground) -> None:
    head = ground.branch("draft/p", {f"{gitbed.FIRST_SKILL}/references/new.md": "x\n"})
    ground.author.open(title="p", body="", head="draft/p", base="main", head_oid=head, draft=False)
    snapshot = ground.elsewhere.snapshot(2)
    assert snapshot.changed == (f"{gitbed.FIRST_SKILL}/references/new.md",)
    assert [fact.path for fact in snapshot.files] == [
        f"{gitbed.FIRST_SKILL}/{name}" for name in ("SKILL.md", "references/new.md")
    ]


def test_the_base_says_who_may_write(ground: Ground) -> None:
    ground.author.comment(1, "x")
    ground.reviewer.comment(1, "y")
    ground.bot.comment(1, "z")
    assert set(same_everywhere(ground).permissions.values()) == {"write"}
    ground.grow({"pyproject.toml": gitbed.pyproject(ADA.id, GRACE.id, approvals=0)})
    assert set(same_everywhere(ground).permissions.values()) == {"write"}
    ground.place(
        "main",
        ground.commit(ground.truth.tip("main"), {"pyproject.toml": gitbed.pyproject("GRACE@Example.ORG", approvals=2)}),
    )
    snapshot = same_everywhere(ground)
    assert snapshot.permissions == {ADA.id: "none", GRACE.id: "write", BOT.id: "write"}
    assert snapshot.fleet.approvals == 2


def test_one_address_is_one_account(ground: Ground) -> None:
    forge = type(ground.author).acting_as(ground.author, replace(ADA, id="  ADA@Example.org "))  # type: ignore[attr-defined]
    with pytest.raises(UserError, match="neither approve"):
        forge.review(1, "approved", "")
    forge.comment(1, "x")
    assert only_item(ground).author.id == ADA.id
