"""`chat` with a model: what it asks, what words change, that a stop costs nothing, and rounds that the model answers."""

from __future__ import annotations

import json
import time

import pytest

import gitbed
from cli.command import Done, fine, run
from cli.conftest import CREATE
from cli.terminal import ENTER, sitting
from model.scripted import Exchange, Misbehaviour, Scripted
from model.skills import planned, written

CHAT = ("chat", *CREATE[1:])
BRANCH = "draft/wheels-in-detail"
FILE = "skills/python/wheels-in-detail/SKILL.md"
TOOL = {"text": "Which tool?", "why": "There are two.", "options": ["hatch", "uv"], "default": "uv", "changes": "the commands"}  # fmt: skip
READER = {
    "text": "Who reads it?",
    "why": "",
    "options": ["everybody", "beginners"],
    "default": "everybody",
    "changes": "the words",
}


def say(bed: gitbed.Bed, *lines: str, words: tuple[str, ...] = CHAT) -> Done:
    """Hold a session with these answers."""
    return run(bed.path, *words, stdin="".join(f"{line}\n" for line in lines).encode())


def test_from_questions_to_ready(pair: gitbed.Bed, model: Scripted) -> None:
    """Answers and words are in the brief that is written, a default stays open, and a request in words is a round."""
    model.always["draft"] = planned(questions=[TOOL, READER])
    change = "Please replace `Run the build.` with `Build it twice.`"

    done = say(pair, "1", "", "also for Windows", "", change, "", "")

    assert done.status == 0, done
    assert "Clarify, 1 of 2" in done.out and "Clarify, 2 of 2" in done.out and "Clarify, 3" not in done.out
    brief = pair.git("log", "-1", "--format=%b", f"{BRANCH}~2")
    assert "Which tool? hatch" in brief and "also for Windows" in brief
    assert "also for Windows" in model.asked[1].fields["agreed"]
    for line in (
        "- Who reads it? everybody",
        "-Run the build.",
        "+Build it twice.",
        "Replaced it by",
        "  critique  (",
    ):
        assert line in done.out, line
    assert "Build it twice." in pair.read(BRANCH, FILE)
    assert "\x1b" not in done.out + done.err and not [*(pair.path / ".git/skill-fleet/chat").glob("*")]
    assert not json.loads(fine(pair.path, "review", "fetch", "1"))["draft"]


def test_same_questions_are_not_asked_again(lone: gitbed.Bed, model: Scripted) -> None:
    """After a change in words: neither those that were answered nor more than four in all."""
    questions = [{**TOOL, "text": f"Question {number}?"} for number in range(1, 5)]
    model.always["draft"] = planned(questions=questions)
    again = planned(questions=[{**TOOL, "text": "Another?"}, *questions[:3]])
    model.script["draft", 2] = again

    done = say(lone, "1", "2", "", "", "shorter", "/quit")

    assert done.out.count("== Clarify, ") == 4 and "Another?\n" not in done.out.partition("shorter")[0]
    assert "- Question 1? hatch" in done.out.rpartition("== Confirm")[2]


@pytest.mark.parametrize("step", ["draft", "critique"])
def test_a_model_that_fails(step: str, lone: gitbed.Bed, model: Scripted) -> None:
    """One sentence and a tip, no branch; going on asks the model nothing twice, and the person nothing at all."""

    def fail(one: Exchange) -> None:
        one.text, one.finish = one.text[:5], "length"

    model.always[step] = fail
    done = say(lone, "", "", "")
    assert done.status == 2 and "error: " in done.err and not lone.repo.refs("refs/heads/draft/"), done
    model.always.clear()
    before = model.counts.copy()

    done = say(lone, "/quit") if step == "critique" else say(lone, "", "/quit")

    assert done.status == 0 and "pull request #1" in done.out, done
    if step == "critique":
        assert "As before: The brief" in done.out
        assert model.counts["draft"] == before["draft"]


def test_stopped_while_the_model_works(lone: gitbed.Bed, model: Scripted) -> None:
    """Ctrl-C at a terminal in the middle of a step ends with 130 and the command that resumes it; the answers are there again."""
    slow: Misbehaviour = lambda one: setattr(one, "delay", 20)  # noqa: E731
    model.script["critique", 1] = slow
    with sitting(lone.path, *CHAT) as seat:
        seat.sees("Confirm:")
        seat.sees("3. Change it")
        seat.types(ENTER)
        seat.sees("critique")
        while not model.counts["critique"]:
            time.sleep(0.01)
        seat.interrupts()
        seat.sees(": skill-fleet chat --from")
        assert seat.leaves() == 130
    assert model.counts == {"draft": 1, "critique": 1}

    done = say(lone, "/quit")

    assert done.status == 0 and "pull request #1" in done.out, done
    assert model.counts["draft"] == 1


def test_what_is_there_is_offered_first(lone: gitbed.Bed, model: Scripted) -> None:
    """A skill that covers it can be revised instead; further ones are named as sessions of their own."""
    model.always["draft"] = planned(covered_by=["python/packaging"], other_tasks=["Upload wheels"])

    done = say(lone, "1", words=CHAT[:3])
    assert done.status == 0 and "Next: skill-fleet revise python/packaging --from ../wheels.md" in done.out, done
    assert model.counts == {"draft": 1}

    done = say(lone, "2", "", "", "", words=CHAT[:3])
    assert done.status == 0 and "Next: skill-fleet chat 'Upload wheels' --from ../wheels.md" in done.out, done
    assert model.counts["draft"] == 1


def test_record_and_replay(lone: gitbed.Bed, model: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recorded session, its rounds too, is held again with no model set up, also while it is recorded anew."""
    one, two = (str(lone.path.parent / name) for name in ("one.jsonl", "two.jsonl"))
    change = "Please replace `Run the build.` with `Build it twice.`"
    others = [lone.copy(lone.path.parent / name) for name in ("second", "third")]
    say(lone, "", change, "/quit", words=(*CHAT, "--record", one))
    asked = len(model.asked)
    monkeypatch.delenv("SKILL_FLEET_API_BASE")

    for other, tapes in zip(others, [("--replay", one, "--record", two), ("--replay", two)], strict=True):
        done = say(other, "", change, "/quit", words=(*CHAT, *tapes))
        assert done.status == 0 and len(model.asked) == asked, done
        assert other.read(BRANCH, FILE) == lone.read(BRANCH, FILE) and "Build it twice." in lone.read(BRANCH, FILE)


def test_a_merged_program_is_asked(lone: gitbed.Bed, model: Scripted) -> None:
    """In the rounds of a session as in its drafting."""
    from skill_fleet.model import file_of, save_program

    said = "You are an agent. Decide on each thread of this skill as the base has it."
    lone.commit("Merge it", {file_of("triage"): save_program("triage", said, {}, [])})
    say(lone, "", "Please replace `Run the build.` with `Build it twice.`", "/quit")

    assert said in next(
        str(one["messages"][0]) for one in model.requests if "verdicts ## ]]" in str(one["messages"][0])
    )


def test_a_round_that_fails(lone: gitbed.Bed, model: Scripted) -> None:
    """The request stays open, its reason is said, and the session goes on."""

    def fail(one: Exchange) -> None:
        one.status, one.text = 401, "no"

    model.always["triage"] = fail

    done = say(lone, "", "make it better", "/proceed", "/quit")

    assert done.status == 0 and "did not answer" in done.out and "request is still open" in done.out, done


def test_a_draft_that_is_not_safe(lone: gitbed.Bed, model: Scripted) -> None:
    """It is not committed, and not played again: going on has it written anew, on the brief that was agreed on."""

    model.always["draft"] = written(f"## Build\n\n    key = 'sk-ant-api03-{'aB3' * 31}'\n\n[S1:1]")
    done = say(lone, "")
    assert done.status == 2 and "is not safe to commit" in done.err and not lone.repo.refs("refs/heads/draft/"), done
    model.always.clear()

    done = say(lone, "/quit")

    assert done.status == 0 and "pull request #1" in done.out, done
    assert model.counts["draft"] == 2


def test_a_cancel_leaves_no_record(lone: gitbed.Bed, model: Scripted) -> None:
    """Who leaves for now finds everything again; who cancels leaves nothing, not even what the model was asked."""
    refs = ("for-each-ref", "refs/skill-fleet/records-waiting/", "refs/skill-fleet/records/")
    say(lone, "/quit")
    assert "records-waiting" in lone.git(*refs)
    done = say(lone, "/cancel")

    assert "Cancelled" in done.out and lone.git(*refs) == ""
