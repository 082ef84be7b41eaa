"""Replies of a model that does wrong in a way that looks right. Each has to be refused, listed or left open."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from model.answers import plan as good_plan, understand as good_understanding
from model.scripted import Exchange, Scripted
from model.skills import SKILL, document, drafted, revised, thread
from model.test_revise import edit, verdict
from skill_fleet.drafting import point_text
from skill_fleet.model import ModelSettings, Refused, Thread, checks_for, prompt_texts

Mutate = Callable[[Exchange], None]


def _understanding(**changes: object) -> Mutate:
    return lambda one: one.say({**good_understanding(one.fields), **changes})


def _claim(**changes: object) -> Mutate:
    def mutate(one: Exchange) -> None:
        good = good_understanding(one.fields)
        one.say({**good, "claims": [{**good["claims"][0], **changes}, *good["claims"][1:]]})

    return mutate


def _plan(change: Callable[[dict], None]) -> Mutate:  # type: ignore[type-arg]
    def mutate(one: Exchange) -> None:
        plan = good_plan(one.fields)
        change(plan)
        one.say(plan)

    return mutate


def _written(text: str) -> Mutate:
    return lambda one: one.say(text)


def _raw(change: Callable[[str], str]) -> Mutate:
    def mutate(one: Exchange) -> None:
        one.text = change(one.text)

    return mutate


# Those of a draft are wrong each time, so that the run has to end with the reason.
DRAFTS: dict[str, tuple[str, Mutate, str]] = {
    "cites a line that is not there": ("understand", _claim(last=9999), "cites lines that do not exist"),
    "cites a source that is not there": ("understand", _claim(source=7), "There is no source S7"),
    "invents a category": ("understand", _understanding(path="magic/knots"), "There is no category"),
    "leaves the fleet": ("understand", _understanding(path="../knots"), "is not CATEGORY/NAME"),
    "claims a neighbour": ("understand", _understanding(covered_by="python/none"), "There is no neighbour"),
    "asks five questions": (
        "understand",
        _understanding(
            questions=[{"text": "?", "why": "?", "options": ["a", "b"], "default": "a", "changes": "?"}] * 5
        ),
        "questions",
    ),
    "asks without a choice": (
        "understand",
        _understanding(questions=[{"text": "?", "why": "?", "options": ["a", "b"], "default": "c", "changes": "?"}]),
        "one of its options",
    ),
    "misspells a key": ("understand", _understanding(capabilites=[]), "Extra inputs"),
    "plans no SKILL.md": ("plan", _plan(lambda plan: plan["files"].pop(0)), "must be SKILL.md"),
    "plans a file elsewhere": ("plan", _plan(lambda plan: plan["files"][1].update(path="../x.md")), "is not SKILL.md"),
    "plans a hook": ("plan", _plan(lambda plan: plan["files"][1].update(path=".git/hooks/x")), "is not SKILL.md"),
    "forgets a capability": (
        "plan",
        _plan(lambda plan: plan["files"][0]["sections"][0].update(covers=[1])),
        "No section covers K2",
    ),
    "plans on no claim": (
        "plan",
        _plan(lambda plan: plan["files"][0]["sections"][0].update(claims=[99])),
        "which do not exist",
    ),
    "plans too much": (
        "plan",
        _plan(lambda plan: plan["files"][0]["sections"][0].update(tokens=7000)),
        "the limit is 3000",
    ),
    "stops mid-fence": ("write", _written("Do it:\n\n```python\ntie_knot(\n"), "is not closed"),
    "omits completed": ("write", _raw(lambda text: text.replace("[[ ## completed ## ]]", "")), "may not be whole"),
    "says more after the end": ("write", _raw(lambda text: text + "\nHope this helps!"), "may not be whole"),
    "cites nothing": ("write", _written("A knot holds a rope."), "cites no line"),
    "opens another section": ("write", _written("Text. [S1:1]\n\n## Extra\n\nMore. [S1:1]"), "heading above ###"),
    "links to nowhere": ("write", _written("See [it](references/none.md). [S1:1]"), "leads to no file"),
    "leaves a placeholder": ("write", _written("Use {{NAME}}. [S1:1]"), "placeholders"),
    "repeats the prompt": (
        "write",
        lambda one: one.say(" ".join(prompt_texts()[0].split()[:40]) + " [S1:1]"),
        "repeats words",
    ),
    "describes with tags": ("describe", _written("Ties <b>knots</b>. Use when tying."), "may not contain"),
    "does not say when": ("describe", _written("Ties all kinds of knots in ropes."), "Use when"),
    "describes at length": ("describe", _written("Use when tying. " + "Knots are fine. " * 80), "characters"),
    "finds no list": ("critique", _raw(lambda text: text.replace("[]", '{"problems": []}')), "problems"),
}


# Those of a round keep their thread open, and nothing is changed.
ROUNDS: dict[str, tuple[object, object, str]] = {
    "edits another section": ([verdict("T1")], [edit("T1", "Then sail.", "Then go.")], "lies outside of the section"),
    "edits here and there": (
        [verdict("T1")],
        [edit("T1", "with care", "slowly"), edit("T1", "Then sail.", "Then go.")],
        "lies outside of the section",
    ),
    "rewrites the file": ([verdict("T1")], [edit("T1", SKILL["SKILL.md"], "# New\n")], "outside"),
    "claims a change not made": ([verdict("T1", reply="Changed it.")], [], "changed nothing"),
    "changes nothing": ([verdict("T1")], [edit("T1", "with care", "with care")], "is the same"),
    "misses the thread": ([], [], "gave no answer"),
    "answers twice": ([verdict("T1"), verdict("T1", "answer")], [], "has 2 entries"),
    "answers another": ([verdict("T9")], [], "none of the threads"),
    "quotes what is not there": ([verdict("T1")], [edit("T1", "with great care", "slowly")], "occurs 0 times"),
    "quotes what is there twice": ([verdict("T1")], [edit("T1", "`tie_knot`", "`x`")], "occurs 2 times"),
    "stops mid-fence": (
        [verdict("T1")],
        [edit("T1", "tie_knot(rope)\n```", "tie_knot(rope)")],
        "leaves a code block open",
    ),
    "takes the front matter": (
        [verdict("T1", section="")],
        [edit("T1", "---\nname: knots\ndescription: Ties knots. Use when tying.\n---\n", "x\n")],
        "front matter",
    ),
    "edits another file": (
        [verdict("T1", files=("references/splices.md",), section="Short")],
        [edit("T1", "An eye", "One eye")],
        "outside",
    ),
    "invents a section": ([verdict("T1", section="Knitting")], [], "has a section"),
    "names no file": ([verdict("T1", files=())], [], "names the files"),
    "overlaps": (
        [verdict("T1")],
        [edit("T1", "Use `tie_knot` with", "Use it with"), edit("T1", "tie_knot` with care", "x` slowly")],
        "overlap",
    ),
    "answers for nobody": ([verdict("T1")], [edit("T7", "with care", "slowly")], "changed nothing"),
    "says nothing": ([verdict("T1", "answer", reply=" ")], [], "no reply"),
}


@pytest.mark.parametrize("name", DRAFTS)
def test_a_draft_that_is_wrong(name: str, settings: ModelSettings, server: Scripted) -> None:
    """Refused twice, with the reason both times in words."""
    step, mutate, reason = DRAFTS[name]
    server.always[step] = mutate
    with pytest.raises(Refused) as caught:
        drafted(settings, document())

    assert reason in caught.value.reason and server.counts[step] == 2
    assert reason in [one for one in server.asked if one.step == step][1].fields["refused"]


@pytest.mark.parametrize("name", ROUNDS)
def test_a_round_that_is_wrong(name: str, settings: ModelSettings, server: Scripted) -> None:
    """Open, with the reason, and every file as it was."""
    verdicts, edits, reason = ROUNDS[name]
    server.always["triage"] = lambda one: one.say(verdicts)
    server.always["edit"] = lambda one: one.say(edits)
    done = revised(settings, thread(1, "Please say it otherwise."))

    assert done.files == SKILL
    assert [one.outcome for one in done.handled] == ["open"] and reason in done.handled[0].reply


LISTED = {
    "a function": ("Call `fast_knot()` now. [S1:1]", "fast_knot"),
    "a method in code": ("Do:\n\n```python\nrope.magically(2)\n```\n[S1:1]", "magically"),
    "an import": ("Do:\n\n```python\nfrom knotlib import tie_knot\n```\n[S1:1]", "knotlib"),
    "a flag": ("Give it --thrice. [S1:1]", "--thrice"),
    "a version": ("It works since 9.7. [S1:1]", "9.7"),
    "an address": ("See https://knots.example/x for more. [S1:1]", "https://knots.example/x"),
    "lines it did not see": ("A knot. [S1:19]", "S1:19 is not among the passages"),
    "lines that are not there": ("A knot. [S1:1, S1:900]", "S1:900 is not a range"),
}


@pytest.mark.parametrize("name", LISTED)
def test_a_draft_that_invents(name: str, settings: ModelSettings, server: Scripted) -> None:
    """What is in no passage is an open point for the reviewer, if no repair removes it."""
    text, listed = LISTED[name]
    for number in (1, 2):
        server.script["write", number] = _written(text)
    if "S1" not in listed:
        server.script.pop(("write", 2))
    server.always["edit"] = lambda one: one.say([])
    draft = drafted(settings, document())

    assert any(listed in point_text(point) for point in draft.points), draft.points


# What a critic says without words that stand where its rule has them. The passages have line 3, the file does not.
CRITICS: dict[str, dict[str, object]] = {
    "quotes what nobody wrote": {"quote": "Dry the rope in the sun."},
    "quotes across lines": {"quote": "Read all of this.\nS1:4|"},
    "quotes a bit of anything": {"quote": "of this"},
    "quotes the name of a source": {"quote": "S1 = knots.md"},
    "quotes what was not agreed on": {"quote": "Audience: People who build things."},
    "quotes nothing": {"quote": "  "},
    "finds a passage unclear": {"rule": "clarity"},
    "finds a name that is not there": {"rule": "finding"},
    "finds a passage copied": {"rule": "source"},
}


@pytest.mark.parametrize("name", CRITICS)
def test_a_critic_that_is_wrong(name: str, settings: ModelSettings, server: Scripted) -> None:
    """Not heard: nothing is edited, and nothing is said to people."""
    server.script["write", 1] = _written("A knot. [S1:3]")
    problem = {"quote": "Read all of this.", "line": 9, "rule": "missing", "why": "An agent needs it."}
    server.script["critique", 1] = lambda one: one.say([{**problem, **CRITICS[name]}])

    assert drafted(settings, document()).points == () and server.counts["edit"] == 0


# Those of a task on the whole skill have no section to keep to; what they may not do is the same.
WHOLE: dict[str, tuple[object, object, str]] = {
    "leaves the folder": ([verdict("T1", files=("../x/SKILL.md",), section="")], [], "There is no file"),
    "adds a script": ([verdict("T1", files=("scripts/x.sh",), section="")], [], "There is no file"),
    "adds a hook": ([verdict("T1", files=("references/../../.git/hooks/x.md",), section="")], [], "There is no file"),
    "rewrites all of it": ([verdict("T1", section="")], [edit("T1", SKILL["SKILL.md"], "# New\n")], "front matter"),
    "takes the front matter": (
        [verdict("T1", section="")],
        [edit("T1", "---\nname: knots\ndescription: Ties knots. Use when tying.\n---\n", "")],
        "front matter",
    ),
    "renames it": ([verdict("T1", section="")], [edit("T1", "name: knots", "name: ropes")], "causes an error"),
    "takes the description": (
        [verdict("T1", section="")],
        [edit("T1", "description: Ties knots. Use when tying.\n", "")],
        "causes an error",
    ),
    "links to nowhere": (
        [verdict("T1", section="")],
        [edit("T1", "Intro.", "See [it](references/x.md).")],
        "causes an error",
    ),
    "makes an empty file": (
        [verdict("T1", files=("references/new.md",), section="")],
        [edit("T1", "x", "y")],
        "occurs 0 times",
    ),
    "stops mid-fence": ([verdict("T1", section="")], [edit("T1", "Intro.", "~~~\nIntro.")], "leaves a code block open"),
    "swallows a section": ([verdict("T1", section="")], [edit("T1", "Intro.", "```\nIntro.")], "does not belong to"),
    "overlaps": (
        [verdict("T1", section="")],
        [edit("T1", "Use `tie_knot` with", "Use it with"), edit("T1", "tie_knot` with care", "x` slowly")],
        "overlap",
    ),
    "claims a change not made": ([verdict("T1", section="", reply="Changed it.")], [], "changed nothing"),
    "says nothing": ([verdict("T1", "answer", reply=" ", section="")], [], "no reply"),
    "invents a verdict": ([{**verdict("T1"), "verdict": "rewrite"}], [], "could not read the requests"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_revision_that_is_wrong(name: str, settings: ModelSettings, server: Scripted) -> None:
    """A task on the whole skill, as `revise` gives it: open, with the reason, and every file as it was."""
    verdicts, edits, reason = WHOLE[name]
    server.always["triage"] = lambda one: one.say(verdicts)
    server.always["edit"] = lambda one: one.say(edits)
    task = Thread("task", "", 0, 0, "", (("anna", "Say it otherwise."),))
    done = revised(settings, task, check=checks_for("python/knots"), sources=[document()])

    assert done.files == SKILL
    assert [one.outcome for one in done.handled] == ["open"] and reason in done.handled[0].reply, done.handled


def test_killed_of_tried(capsys: pytest.CaptureFixture[str]) -> None:
    """The number to print: each mutant above is one test, and all of them have to fail to get through."""
    tried = len(DRAFTS) + len(ROUNDS) + len(LISTED) + len(CRITICS) + len(WHOLE)
    with capsys.disabled():
        print(f" mutants: {tried} tried ", end="")

    assert tried >= 50
