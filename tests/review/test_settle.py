"""Much at once, and things that happen after an answer: every request ends answered, after finitely many runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

import gitbed
from review.scenes import ADA, BOT, FOLDER, GRACE, MALLORY, NOTES, SKILL, Scene, commits_of, suggest
from skill_fleet.forges import BODY_LIMIT, Anchor, Item
from skill_fleet.git import write_commit
from skill_fleet.review import WRITES_A_RUN, decide, receipts, step

Scenes = Callable[..., Scene]


def turn(scene: Scene, ids: str) -> tuple[str, ...]:
    """One run of the bot, which leaves nothing to decide unless it says so."""
    forge = scene.forge(ids=ids)
    done = step(forge.repo, forge, 1)
    assert not decide(forge.snapshot(1)).actions or "Run it again" in done[-1]
    return done


def answers(scene: Scene) -> dict[str, str]:
    """The bot's answers by the key of their request, without the receipt."""
    return {key: receipt.item.body.partition("\n")[2] for key, receipt in receipts(scene.forge().snapshot(1)).items()}


def tip_message(scene: Scene) -> str:
    """The message of the newest commit."""
    return list(commits_of(scene))[-1][1]


def test_more_than_one_run_may_say(scene: Scenes) -> None:
    """One run writes twenty comments at most and says that more is owed; some runs later all is answered, once."""
    one = scene("lone")
    grace = one.forge(GRACE, ids="1")
    asked = {f"help:{grace.comment(1, '/help')}" for _ in range(WRITES_A_RUN + 5)}
    assert "Run it again" in turn(one, "a")[-1]
    assert len(answers(one)) == WRITES_A_RUN
    assert "Run it again" not in turn(one, "b")[-1]
    assert set(answers(one)) == {*asked, "status:pull/1"}


def test_two_hundred_requests_are_decided_at_once(scene: Scenes) -> None:
    """A plan for 200 comments answers each, in their order; reading the same again decides the same."""
    snapshot = scene("lone").forge().snapshot(1)
    many = [Item(f"comment/{n}", GRACE, f"{n:06}", f"/describe Number {n}. Use it when asked.") for n in range(200)]
    plan = decide(replace(snapshot, items=tuple(many), permissions={**snapshot.permissions, GRACE.id: "write"}))
    assert [action.key for action in plan.actions[:200]] == [f"describe:{item.key}" for item in many]  # type: ignore[union-attr]
    assert len(plan.actions) == 401


def test_a_suggestion_on_the_last_line_and_one_with_crlf(scene: Scenes) -> None:
    """A last line without an end stays one; line ends of a browser become the file's own."""
    one = scene("lone")
    suggest(one, "```suggestion\r\ndrei\r\n```", 3, NOTES)
    suggest(one, "```suggestion\r\nONE\r\nmore\r\n```", 1, NOTES, ids="2")
    turn(one, "a")
    assert one.truth.read("draft/x", NOTES) == "ONE\nmore\ntwo\ndrei"


def test_a_suggestion_on_the_path_before_a_move(scene: Scenes) -> None:
    """A comment made before two moves still lands in its file; the old folders are gone."""
    one = scene("lone", "opened")
    thread = one.forge(GRACE, ids="1").comment_on(1, "Hm.", Anchor(SKILL, "", 3, 3))
    one.forge(ADA, ids="2").comment(1, "/move testing")
    turn(one, "a")
    one.forge(ADA, ids="3").comment(1, "/move devops/y")
    turn(one, "b")
    one.forge(GRACE, ids="4").reply(1, thread, "```suggestion\ndescription: Moved on. Use it when asked.\n```")
    turn(one, "c")
    assert "description: Moved on." in one.truth.read("draft/x", "skills/devops/y/SKILL.md")
    tree = one.truth.git("ls-tree", "-r", "--name-only", "draft/x", "skills/").split()
    assert [path for path in tree if "packaging" not in path and "taxonomy" not in path] == [
        "skills/devops/y/SKILL.md",
        "skills/devops/y/references/notes.md",
    ]


def test_an_answer_that_was_deleted_or_edited_is_given_again(scene: Scenes) -> None:
    """The commit is found by its trailer and named again; nothing is made twice. So is the status."""
    one = scene("lone", "suggestion")
    turn(one, "a")
    before, commits = answers(one), list(commits_of(one))
    grace, kept = one.forge(GRACE, ids="2"), receipts(one.forge().snapshot(1))
    for key, receipt in kept.items():
        if key.startswith("status:"):
            grace.edit(1, receipt.item.key, receipt.item.body.replace("preview", "completed"))
        else:
            grace.delete(1, receipt.item.key)
    turn(one, "b")
    assert answers(one) == before and list(commits_of(one)) == commits


@pytest.mark.parametrize("answered", [True, False])
def test_a_force_push_that_loses_a_commit_of_the_bot(scene: Scenes, answered: bool) -> None:
    """What was answered stays answered; what was not is owed again, and done on the new head."""
    one = scene("lone", "suggestion")
    turn(one, "a")
    if not answered:
        one.forge(BOT, ids="8").delete(
            1, next(r.item.key for k, r in receipts(one.forge().snapshot(1)).items() if "line" in k)
        )
    one.truth.git("update-ref", "refs/heads/draft/x", "draft/x~")
    turn(one, "b")
    assert ("Addresses: suggestion:" in tip_message(one)) != answered


def test_a_person_s_commit_on_top(scene: Scenes) -> None:
    """The bot builds on what people push, and freezes when they push something else."""
    one = scene("lone", "suggestion")
    hers = one.truth.commit_to("draft/x", {NOTES: "mine\n"})
    turn(one, "a")
    assert one.truth.git("rev-parse", "draft/x~") == hers
    one.truth.commit_to("draft/x", {"Makefile": "all:\n"})
    one.forge(GRACE, ids="2").comment(1, "/drop references/notes.md")
    turn(one, "b")
    assert "also changes `Makefile`" in "".join(answers(one).values())
    assert one.truth.read("draft/x", NOTES) == "mine\n"


def test_a_forged_trailer_yields_an_answer_and_nothing_else(scene: Scenes) -> None:
    """A person's commit that claims to address a request is named in the answer, for all to see."""
    one = scene("lone", "suggestion")
    key = next(item.key for item in one.forge().snapshot(1).items)
    parent = one.truth.tip("draft/x")
    tree = one.truth.git("rev-parse", f"{parent}^{{tree}}")
    message = f"Nothing\n\nAddresses: suggestion:{key}\n"
    forged = write_commit(one.truth.repo, tree, [parent], message, one.truth.repo.identity())
    one.truth.git("update-ref", "refs/heads/draft/x", forged)
    turn(one, "a")
    assert answers(one)[f"suggestion:{key}"].startswith(f"Done in {forged}.")
    assert one.truth.tip("draft/x") == forged


def test_a_comment_as_long_as_allowed(scene: Scenes) -> None:
    """65,536 characters of hostile Markdown with a command at the end: the command is carried out."""
    one = scene("lone")
    command = "\n\n/describe Short. Use it when asked.\n"
    one.forge(GRACE, ids="1").comment(1, ("> - `[x](@y) <b>" * 5_000)[: BODY_LIMIT - len(command)] + command)
    turn(one, "a")
    assert 'description: "Short. Use it when asked."' in one.truth.read("draft/x", f"{FOLDER}/SKILL.md")


def test_an_edit_by_a_stranger_is_not_obeyed(scene: Scenes) -> None:
    """Words under the name of somebody with write count only if somebody with write put them there."""
    one = scene("lone")
    one.truth.commit("Two may write", {"pyproject.toml": gitbed.pyproject(ADA.id, GRACE.id)})
    comment = one.forge(GRACE, ids="1").comment(1, "Nice.")
    one.forge(MALLORY, ids="2").edit(1, comment, "/cancel")
    turn(one, "a")
    assert one.forge().snapshot(1).state == "open" and set(answers(one)) == {"status:pull/1"}
