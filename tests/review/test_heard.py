"""Everything that people with write access say is heard, and what the bot answered is corrected when it becomes false."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from review.scenes import ADA, FOLDER, GRACE, NOTES, SKILL, SUGGESTION, Scene, suggest
from review.stops import Trial
from review.watched import WatchedForge
from skill_fleet.drafting import Discussion
from skill_fleet.forges import Anchor, Snapshot
from skill_fleet.review import (
    Condition,
    Receipt,
    Reply,
    Revised,
    Round,
    check_gates,
    collect_words,
    decide,
    open_requests,
    receipts,
    replayed,
    step,
    write,
)

Scenes = Callable[..., Scene]
OTHER = "```suggestion\ndescription: Quite another. Use it when asked.\n```"


class Talker:
    """A reviser that gives each request the reply to its last words; `edits` are lines of notes.md to replace."""

    def __init__(self, replies: Mapping[str, tuple[str, str]], edits: Mapping[str, str] | None = None) -> None:
        self.replies, self.edits = replies, edits or {}
        self.asked: list[Discussion] = []

    def __call__(self, given: Round) -> Revised:
        """Reply to each request of the round."""
        self.asked += given.wanted
        notes = given.files["references/notes.md"]
        replies = []
        for each in given.wanted:
            outcome, text = self.replies[each.conversation[-1][1]]
            replies.append(Reply(each.key, outcome, text))
            old, _, new = self.edits.get(each.conversation[-1][1], "").partition(">")
            notes = notes.replace(old, new) if old else notes
        return Revised({**given.files, "references/notes.md": notes}, tuple(replies), "me")


def turn(scene: Scene, reviser: Talker | None = None, ids: str = "b") -> Snapshot:
    """One run of the bot; what it comes to."""
    forge = scene.forge(ids=ids)
    step(forge.repo, forge, 1, reviser)
    snapshot = forge.snapshot(1)
    assert not decide(snapshot).actions
    return snapshot


def answer(snapshot: Snapshot, item: str) -> Receipt:
    """The last answer to an item."""
    return [each for key, each in receipts(snapshot).items() if key.partition(":")[2].partition("@")[0] == item][-1]


def said(snapshot: Snapshot) -> int:
    """The number of comments by the bot, without the status."""
    return sum(item.author.id == snapshot.bot.id for item in snapshot.items) - 1


def test_thanks_hold_nothing(scene: Scenes) -> None:
    """Without a model, words outside threads are counted in the status, get no answer, and shut no gate."""
    one = scene("lone")
    one.forge(GRACE, ids="1").comment(1, "Thanks!")
    one.forge(GRACE, ids="2").review(1, "approved", "Fine.")
    after = turn(one)

    status = receipts(after)["status:pull/1"].item.body
    assert "Thanks!" in status and "Fine." in status and said(after) == 0
    assert not open_requests(after)
    for has_model in (False, True):  # with a model, words are open until it has read them
        (gate,) = [one for one in check_gates(after, 0, has_model) if one.what is Condition.NO_REQUESTS]
        assert gate.met != has_model and "2 comments" in gate.note


def test_words_for_which_nothing_is_owed(scene: Scenes) -> None:
    """A model that sees nothing to do is not asked again, and nothing is posted; edited words are new ones."""
    one, talker = (
        scene("lone"),
        Talker(
            {"Thanks!": ("noted", ""), "Two is wrong.": ("changed", "It is zwei now.")}, {"Two is wrong.": "two>zwei"}
        ),
    )
    grace = one.forge(GRACE, ids="1")
    key = grace.comment(1, "Thanks!")
    after = turn(one, talker)
    assert said(after) == 0 and "Thanks!" not in receipts(after)["status:pull/1"].item.body
    turn(one, talker, ids="c")
    assert len(talker.asked) == 1

    grace.edit(1, key, "Two is wrong.")
    after = turn(one, talker, ids="d")
    assert "zwei" in one.truth.read("draft/x", NOTES) and answer(after, key).outcome == "done"


def test_a_thread_for_which_nothing_is_owed(scene: Scenes) -> None:
    """A thread gets an answer in words, also if the model has none for it."""
    one, talker = scene("lone"), Talker({"Nice line.": ("noted", "")})
    key = one.forge(GRACE, ids="1").comment_on(1, "Nice line.", Anchor(NOTES, "", 1, 1))
    given = answer(turn(one, talker), key)
    assert given.outcome == "done" and given.item.body.partition("\n")[2].strip()


def test_a_model_that_comes_later_hears_what_was_counted(scene: Scenes) -> None:
    """What was only counted while there was no model is answered by one, by way of `write` and `apply` as well."""
    one, talker = scene("lone"), Talker({"Why three?": ("answered", "The document says so.")})
    key = one.forge(GRACE, ids="1").comment(1, "Why three?")
    snapshot = turn(one)
    plan = decide(snapshot)
    assert not plan.actions and [each.target for each in plan.remarks] == [key]

    read = replayed(plan, collect_words(snapshot, plan, talker))
    assert read and write(snapshot, plan, read) == write(snapshot, plan, talker)
    after = turn(one, talker, ids="c")
    assert answer(after, key).outcome == "done" and "Why three?" in answer(after, key).item.body


@pytest.mark.parametrize("where", ["thread", "conversation"])
def test_an_answer_to_the_bot_s_question_needs_no_command(scene: Scenes, where: str) -> None:
    """The model gets the request, its question and the answer; until then the question holds the merge."""
    one = scene("lone")
    talker = Talker(
        {"Shorter.": ("asked", "Which line?"), "The second.": ("changed", "Shortened.")}, {"The second.": "two>2"}
    )
    grace = one.forge(GRACE, ids="1")
    key = (
        grace.comment_on(1, "Shorter.", Anchor(NOTES, "", 1, 1)) if where == "thread" else grace.comment(1, "Shorter.")
    )
    waiting = turn(one, talker)
    assert answer(waiting, key).outcome == "asked" and len(open_requests(waiting)) == 1

    if where == "thread":
        one.forge(ADA, ids="2").reply(1, key, "The second.")
    else:
        one.forge(ADA, ids="3").comment(1, "/help")
        grace.comment(1, "The second.")
    after = turn(one, talker, ids="c")

    assert answer(after, key).outcome == "done" and not open_requests(after)
    assert one.truth.read("draft/x", NOTES) == "one\n2\nthree"
    words = [text for _, text in talker.asked[-1].conversation]
    assert words[0] == "Shorter." and "Which line?" in words[1] and words[2:] == ["The second."]


def test_a_failed_attempt_is_told_to_the_next(scene: Scenes) -> None:
    """The reason comes from the bot's own answer: whoever tries next knows it, also another process after a `/retry`."""
    one, seen = scene("lone"), list[str]()
    grace = one.forge(GRACE, ids="1")
    key = grace.comment_on(1, "Say more.", Anchor(NOTES, "", 1, 1))

    def fail(given: Round) -> Revised:
        seen.extend(each.failed for each in given.wanted)
        assert all(len(each.conversation) == 1 for each in given.wanted)
        return Revised(given.files, (), "", f"Reason {len(seen)}.")

    for ids in "bd":
        forge = one.forge(ids=ids)
        step(forge.repo, forge, 1, fail)
        one.forge(GRACE, ids="7" if ids == "b" else "8").reply(1, key, "/retry")
    assert (
        seen[0] == "" and all(f"Reason {number}." in why for number, why in enumerate(seen[1:], 1)) and len(seen) == 4
    )
    assert "try once more" not in "".join(seen)


def test_two_requests_that_contradict_each_other(scene: Scenes) -> None:
    """Both are asked which, whatever the verdict on the other, and nothing is edited for either."""
    one = scene("lone")
    keys = [one.forge(GRACE, ids=str(n)).comment_on(1, f"Number {n}.", Anchor(NOTES, "", n, n)) for n in (1, 2)]

    def contradict(given: Round) -> Revised:
        first, second = given.wanted
        replies = (Reply(first.key, "changed", "Done."), Reply(second.key, "asked", "Or as above?", first.key))
        return Revised({**given.files, "references/notes.md": "x"}, replies, "me")

    forge, tip = one.forge(), one.truth.tip("draft/x")
    step(forge.repo, forge, 1, contradict)
    after = forge.snapshot(1)
    assert one.truth.tip("draft/x") == tip and {answer(after, key).outcome for key in keys} == {"asked"}
    plan = decide(scene("lone").forge().snapshot(1))
    assert not plan.remarks


class Arbiter(Talker):
    """A reviser that asks which of the requests `One.` and `Two.` it shall be, until both are answered."""

    def __call__(self, given: Round) -> Revised:
        """Ask about the first round; then change what is asked for first and answer the other."""
        done = super().__call__(given)
        first = done.replies[0]
        if first.outcome == "asked":
            return replace(done, replies=(first, *(replace(each, against=first.key) for each in done.replies[1:])))
        return done


@pytest.mark.parametrize("where", ["thread", "conversation"])
@pytest.mark.parametrize("settled", ["answered", "withdrawn"])
def test_a_contradiction_ends_for_both(scene: Scenes, where: str, settled: str) -> None:
    """The answer about one goes with both requests into one round; if one is withdrawn, the other is read again."""
    one = scene("lone")
    grace = one.forge(GRACE, ids="1")
    keys = [
        grace.comment_on(1, words, Anchor(NOTES, "", line, line)) if where == "thread" else grace.comment(1, words)
        for line, words in ((1, "One."), (3, "Two."))
    ]
    waiting = turn(one, Arbiter({"One.": ("asked", "Which?"), "Two.": ("asked", "Which?")}))
    assert len(open_requests(waiting)) == 2
    talker = Talker({"Two it is.": ("changed", "It is drei.")}, {"Two it is.": "three>drei"})
    if settled == "withdrawn":
        if where == "thread":
            grace.resolve(1, keys[0])
        else:
            grace.delete(1, keys[0])
        said_last = next(item for item in waiting.items if item.key == answer(waiting, keys[1]).item.key).body
        words = said_last.partition("\n")[2].strip()
        after = turn(one, Talker({words: ("answered", "Only this one is left.")}), ids="c")
        assert answer(after, keys[1]).outcome == "done" and not open_requests(after)
        return
    if where == "thread":
        grace.reply(1, keys[0], "Two it is.")
    else:
        grace.comment(1, "Two it is.")
    after = turn(one, talker, ids="c")

    assert [each.key.partition(":")[2].partition("@")[0] for each in talker.asked] == keys
    assert {answer(after, key).outcome for key in keys} == {"done"} and not open_requests(after)
    assert one.truth.read("draft/x", NOTES) == "one\ntwo\ndrei"
    if where == "thread":
        for key in keys:
            grace.resolve(1, key)
        assert not open_requests(turn(one, talker, ids="d")) and len(talker.asked) == 2


def test_a_reply_that_a_later_suggestion_makes_false(scene: Scenes) -> None:
    """It is corrected once, and its thread reopened; a person's click after that stands."""
    one = scene("lone", "suggestion")
    grace = one.forge(GRACE, ids="2")
    first = next(item.key for item in one.forge().snapshot(1).items)
    turn(one)
    grace.resolve(1, first)
    suggest(one, OTHER, ids="3")
    after = turn(one, ids="c")

    assert answer(after, first).outcome == "corrected" and after.head_oid in answer(after, first).item.body
    assert not any(thread.resolved for thread in after.threads)
    assert [each.outcome for key, each in receipts(after).items() if key.startswith("suggestion")] == [
        "corrected",
        "done",
    ]
    grace.resolve(1, first)
    assert any(thread.resolved for thread in turn(one, ids="d").threads)


def test_a_reply_of_a_model_that_a_person_s_commit_makes_false(scene: Scenes) -> None:
    """Each request of a round has its own lines: only the answer whose lines are gone is corrected."""
    one = scene("lone")
    talker = Talker(
        {"German.": ("changed", "It is eins."), "Too.": ("changed", "It is drei.")},
        {"German.": "one>eins", "Too.": "three>drei"},
    )
    keys = [
        one.forge(GRACE, ids=ids).comment_on(1, words, Anchor(NOTES, "", line, line))
        for ids, words, line in (("1", "German.", 1), ("2", "Too.", 3))
    ]
    turn(one, talker)
    one.truth.commit_to("draft/x", {NOTES: "uno\ntwo\ndrei"})
    after = turn(one, talker, ids="c")
    assert [answer(after, key).outcome for key in keys] == ["corrected", "done"]


@pytest.mark.parametrize("touched", [True, False])
def test_an_answer_about_lines_that_change(scene: Scenes, touched: bool) -> None:
    """A question that was answered is corrected when its lines change, and only then."""
    one, talker = scene("lone"), Talker({"Why two?": ("answered", "There are two.")})
    key = one.forge(GRACE, ids="1").comment_on(1, "Why two?", Anchor(NOTES, "", 2, 2))
    turn(one, talker)
    one.truth.commit_to("draft/x", {NOTES: "new\none\nthree\nthree" if touched else "new\none\ntwo\nthree"})
    assert answer(turn(one, ids="c"), key).outcome == ("corrected" if touched else "done")


def test_the_last_word_of_a_thread_counts(scene: Scenes) -> None:
    """Who has his lines changed again in the same thread gets no correction of the first answer."""
    one = scene("lone", "suggestion")
    first = next(item.key for item in one.forge().snapshot(1).items)
    turn(one)
    one.forge(ADA, ids="2").comment(1, "/move testing")
    turn(one, ids="c")
    talker = Talker({"No, shorter.": ("changed", "Shortened.")})

    def shorten(given: Round) -> Revised:
        done = talker(given)
        text = given.files["SKILL.md"].replace("Another one. Use it when asked.", "Use it when asked.")
        return Revised({**done.files, "SKILL.md": text}, done.replies, "me")

    one.forge(GRACE, ids="3").reply(1, first, "No, shorter.")
    forge = one.forge(ids="d")
    step(forge.repo, forge, 1, shorten)
    assert "description: Use it when asked." in one.truth.read("draft/x", SKILL.replace(FOLDER, "skills/testing/x"))
    assert {each.outcome for key, each in receipts(forge.snapshot(1)).items() if first in key} == {"done"}


def test_a_correction_stopped_anywhere(scene: Scenes, tmp_path: Path) -> None:
    """Stopped at any write, the end is that of the undisturbed run: corrected once, and the thread open."""
    start = scene("lone", "suggestion")
    first = next(item.key for item in start.forge().snapshot(1).items)
    turn(start)
    start.forge(GRACE, ids="2").resolve(1, first)
    suggest(start, OTHER, ids="3")

    def take_step(scene: Scene, forge: WatchedForge) -> None:
        step(forge.repo, forge, 1)  # type: ignore[arg-type]

    trial = Trial(start, take_step, tmp_path / "trial", git=False).all_stops()
    assert {"forge resolve", "forge edit"} <= {*trial.tried}


def test_two_suggestions_for_the_same_lines(scene: Scenes) -> None:
    """Both are asked which; resolving one applies the other, and a note on a person's pull request is all there."""
    one = scene("lone")
    keys = [suggest(one, SUGGESTION, ids="1"), suggest(one, OTHER, ids="2")]
    waiting = turn(one)
    assert {answer(waiting, key).outcome for key in keys} == {"asked"} and len(open_requests(waiting)) == 2
    one.forge(ADA, ids="3").resolve(1, keys[0])
    after = turn(one, ids="c")
    assert "Quite another." in one.truth.read("draft/x", SKILL) and not open_requests(after)


def test_a_suggestion_that_was_chosen_and_then_overtaken(scene: Scenes) -> None:
    """The answer to what was asked for again is corrected like any other, also in a resolved thread."""
    one = scene("lone")
    keys = [suggest(one, SUGGESTION, ids="1"), suggest(one, OTHER, ids="2")]
    ada = one.forge(ADA, ids="3")
    turn(one)
    ada.resolve(1, keys[0])
    turn(one, ids="c")
    ada.resolve(1, keys[1])
    suggest(one, "```suggestion\ndescription: The last. Use it when asked.\n```", ids="4")
    after = turn(one, ids="d")
    assert answer(after, keys[1]).outcome == "corrected"
    assert [thread.key for thread in after.threads if thread.resolved] == [keys[0]]
