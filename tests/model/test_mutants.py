"""Replies of a model that does wrong in a way that looks right. Each has to be refused, listed or left open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from model.answers import draft
from model.scripted import Exchange, Scripted
from model.skills import SKILL, document, drafted, edit_of, edits, plan_with, planned, problem, revised, thread, written
from model.test_revise import edit, verdict
from skill_fleet.checks import check_files
from skill_fleet.drafting import Discussion, point_text
from skill_fleet.fleet import ModelSettings
from skill_fleet.model import Refused

Mutate = Callable[[Exchange], None]
ASKED = {"text": "?", "why": "?", "options": ["a", "b"], "default": "a", "changes": "?"}
FIRST = {"path": "SKILL.md", "title": "Knots", "read_when": ""}


def _files(*paths: str) -> Mutate:
    """A plan with these files and no other, and the text as always."""
    return planned(files=[{**FIRST, "path": path} for path in paths])


def _text(change: Callable[[str], str]) -> Mutate:
    """The files of a draft, changed."""
    return lambda one: one.say(plan_with(one), change(draft(one.fields)[1]))


def _raw(change: Callable[[str], str]) -> Mutate:
    def mutate(one: Exchange) -> None:
        one.text = change(one.text)

    return mutate


# Those of a draft are wrong each time, so that the run has to end with the reason.
DRAFTS: dict[str, tuple[str, Mutate, str]] = {
    "puts in lines that are not there": ("draft", written("## A\n\n[[S1:900-910]]"), "is not a range of S1"),
    "puts in a source that is not there": ("draft", written("## A\n\n[[S7:1]]"), "There is no source S7"),
    "invents a category": ("draft", planned(path="magic/knots"), "There is no category"),
    "leaves the fleet": ("draft", planned(path="../knots"), "is not CATEGORY/NAME"),
    "asks five questions": ("draft", planned(questions=[ASKED] * 5), "questions"),
    "asks without a choice": ("draft", planned(questions=[{**ASKED, "default": "c"}]), "one of its options"),
    "asks instead of writing": (
        "draft",
        lambda one: one.say(plan_with(one, questions=[ASKED], files=[]), "(none)"),
        "must be SKILL.md",
    ),
    "misspells a key": ("draft", planned(capabilites=[]), "Extra inputs"),
    "writes no SKILL.md": ("draft", _files("references/a.md"), "must be SKILL.md"),
    "writes a file elsewhere": ("draft", _files("SKILL.md", "../x.md"), "is not SKILL.md"),
    "writes a hook": ("draft", _files("SKILL.md", ".git/hooks/x"), "is not SKILL.md"),
    "plans a file twice": ("draft", _files("SKILL.md", "SKILL.md"), "planned twice"),
    "forgets a file": ("draft", _files("SKILL.md", "references/none.md"), "content of references/none.md is missing"),
    "forgets all files": ("draft", _text(lambda _: "(none)"), "content of SKILL.md is missing"),
    "stops mid-fence": (
        "draft",
        written("Do it:\n\n```python\ntie_knot(\n"),
        "SKILL.md: a code block is not closed: it opens at line 3, '```python'",
    ),
    "omits completed": ("draft", _raw(lambda text: text.replace("[[ ## completed ## ]]", "")), "may not be whole"),
    "omits the files": ("draft", _raw(lambda text: text.replace("[[ ## files ## ]]", "")), "in this order"),
    "says more after the end": ("draft", _raw(lambda text: text + "\nHope this helps!"), "may not be whole"),
    "finds no list": ("critique", _raw(lambda text: text.replace("[]", '{"problems": []}')), "problems"),
    "finds a rule of its own": ("critique", lambda one: one.say([problem("rope", "style")]), "problems"),
}


# Those of a round keep their thread open, and nothing is changed.
ROUNDS: dict[str, tuple[object, object, str]] = {
    "edits another section": ([verdict("T1")], [edit("T1", "Then sail.", "Then go.")], "lies outside"),
    "edits here and there": (
        [verdict("T1")],
        [edit("T1", "with care", "slowly"), edit("T1", "Then sail.", "Then go.")],
        "lies outside",
    ),
    "rewrites the file": ([verdict("T1")], [edit("T1", SKILL["SKILL.md"], "# New\n")], "outside"),
    "claims a change not made": ([verdict("T1", reply="Changed it.")], [], "changed nothing"),
    "changes nothing": ([verdict("T1")], [edit("T1", "with care", "with care")], "is the same"),
    "misses the thread": ([], [], "gave no answer"),
    "answers twice": ([verdict("T1"), verdict("T1", "answer")], [], "has 2 entries"),
    "answers another": ([verdict("T9")], [], "gave no answer"),
    "quotes what is not there": ([verdict("T1")], [edit("T1", "with great care", "slowly")], "occurs 0 times"),
    "quotes what is there twice": ([verdict("T1")], [edit("T1", "`tie_knot`", "`x`")], "occurs 2 times"),
    "stops mid-fence": (
        [verdict("T1")],
        [edit("T1", "tie_knot(rope)\n```", "tie_knot(rope)")],
        "in a code block",
    ),
    "takes the front matter": (
        [verdict("T1", section="")],
        [edit("T1", "---\nname: knots\ndescription: Ties knots. Use when tying.\n---\n", "x\n")],
        "causes an error",
    ),
    "edits a file that it did not name": (
        [verdict("T1")],
        [edit("T1", "An eye", "One eye", "references/splices.md")],
        "outside",
    ),
    "edits another file": (
        [verdict("T1", files=("references/splices.md",), section="Short")],
        [edit("T1", "An eye", "One eye", "references/splices.md")],
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
    verdicts, changes, reason = ROUNDS[name]
    server.always["triage"] = lambda one: one.say(verdicts)
    server.always["revise"] = lambda one: one.say(changes)
    done = revised(settings, thread(1, "Please say it otherwise."), check=partial(check_files, "python/knots"))

    assert done.files == SKILL
    assert [one.outcome for one in done.handled] == ["open"] and reason in done.handled[0].reply


LISTED = {
    "a function": ("Call `fast_knot()` now. [S1:1]", "fast_knot"),
    "a method in code": ("Do:\n\n```python\nrope.magically(2)\n```\n[S1:1]", "magically"),
    "an import": ("Do:\n\n```python\nfrom knotlib import tie_knot\n```\n[S1:1]", "knotlib"),
    "a flag": ("Give it --thrice. [S1:1]", "--thrice"),
    "a version": ("It works since 9.7. [S1:1]", "9.7"),
    "an address": ("See https://knots.example/x for more. [S1:1]", "https://knots.example/x"),
    "lines that are not there": ("A knot. [S1:1, S1:900]", "S1:900 is not a range"),
    "a source that is not there": ("A knot. [S3:1]", "There is no source S3"),
}


@pytest.mark.parametrize("name", LISTED)
def test_a_draft_that_invents(name: str, settings: ModelSettings, server: Scripted) -> None:
    """What is in no source is an open point for the reviewer, if no edit removes it."""
    text, listed = LISTED[name]
    server.always["draft"] = written(text)
    draft = drafted(settings, document())

    assert any(listed in point_text(point) for point in draft.points), draft.points


# What a critic says of words that are in no file.
CRITICS: dict[str, dict[str, str]] = {
    "quotes what nobody wrote": {"quote": "Dry the rope in the sun."},
    "quotes across lines": {"quote": "Read all of this.\n## Nothing"},
    "quotes nothing": {"quote": "  "},
    "quotes a passage": {"quote": "Pull `the_end`"},
    "finds a file that is not there": {"quote": "Dry it.", "file": "references/none.md"},
}


@pytest.mark.parametrize("name", CRITICS)
def test_a_critic_that_is_wrong(name: str, settings: ModelSettings, server: Scripted) -> None:
    """Not heard: nothing is edited, and nothing is said to people."""
    server.always["draft"] = written("A knot. [S1:1-23]")
    server.script["critique", 1] = lambda one: one.say([{**problem(""), **CRITICS[name]}])

    assert drafted(settings, document()).points == () and server.counts["edit"] == 0


# Edits of a draft that may not be made: the problem stays an open point, and every file is as it was.
EDITS: dict[str, tuple[dict[str, str], str]] = {
    "quotes what is not there": (edit_of("F1", "nowhere", "x"), "occurs 0 times"),
    "quotes what is there twice": (edit_of("F1", "## Part", "## Chapter"), "times in the file"),
    "changes nothing": (edit_of("F1", "Pull", "Pull"), "is the same"),
    "edits another skill": (edit_of("F1", "x", "y", file="../boats/SKILL.md"), "There is no file"),
    "stops mid-fence": (edit_of("F1", "turns=2)\n```", "turns=2)"), "in a code block"),
    "takes the front matter": (edit_of("F1", "---\nname: scripted-skill\n", ""), "causes an error"),
    "swallows a section": (edit_of("F1", "A knot holds", "```\nA knot holds"), "does not belong"),
    "renames it": (edit_of("F1", "name: scripted-skill", "name: ropes"), "causes an error"),
    "links to nowhere": (edit_of("F1", "A knot holds", "See [it](references/x.md). A knot holds"), "causes an error"),
    "answers for nobody": (edit_of("F9", "A knot holds", "A rope holds"), ""),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_that_is_wrong(name: str, settings: ModelSettings, server: Scripted) -> None:
    """Not made, and said with the reason."""
    wrong, reason = EDITS[name]
    check = partial(check_files, "python/scripted-skill")
    good = drafted(settings, document(), check=check).files
    server.always["critique"] = lambda one: one.say([problem("A knot holds a rope.")])
    server.always["edit"] = edits(wrong)
    draft = drafted(settings, document(), check=check)

    assert draft.files == good
    assert any(reason in point_text(point) for point in draft.points), draft.points


# Those of a task on the whole skill have no section to keep to; what they may not do is the same.
WHOLE: dict[str, tuple[object, object, str]] = {
    "leaves the folder": ([verdict("T1", files=("../x/SKILL.md",), section="")], [], "There is no file"),
    "adds a script": ([verdict("T1", files=("scripts/x.sh",), section="")], [], "There is no file"),
    "adds a hook": ([verdict("T1", files=("references/../../.git/hooks/x.md",), section="")], [], "There is no file"),
    "rewrites all of it": ([verdict("T1", section="")], [edit("T1", SKILL["SKILL.md"], "# New\n")], "causes an error"),
    "takes the front matter": (
        [verdict("T1", section="")],
        [edit("T1", "---\nname: knots\ndescription: Ties knots. Use when tying.\n---\n", "")],
        "causes an error",
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
    "edits a script that is not there": (
        [verdict("T1", section="")],
        [edit("T1", "", "ls", "scripts/x.sh")],
        "There is no file",
    ),
    "leaves the folder in an edit": ([verdict("T1", section="")], [edit("T1", "", "x", "../x.md")], "There is no file"),
    "makes an empty file": (
        [verdict("T1", files=("references/new.md",), section="")],
        [edit("T1", "x", "y", "references/new.md")],
        "occurs 0 times",
    ),
    "stops mid-fence": ([verdict("T1", section="")], [edit("T1", "Intro.", "~~~\nIntro.")], "in a code block"),
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
    verdicts, changes, reason = WHOLE[name]
    server.always["triage"] = lambda one: one.say(verdicts)
    server.always["revise"] = lambda one: one.say(changes)
    task = Discussion("task", "", 0, 0, "", (("anna", "Say it otherwise."),))
    done = revised(settings, task, check=partial(check_files, "python/knots"), sources=[document()])

    assert done.files == SKILL
    assert [one.outcome for one in done.handled] == ["open"] and reason in done.handled[0].reply, done.handled


def test_killed_of_tried(capsys: pytest.CaptureFixture[str]) -> None:
    """The number to print: each mutant above is one test, and all of them have to fail to get through."""
    tried = len(DRAFTS) + len(ROUNDS) + len(LISTED) + len(CRITICS) + len(EDITS) + len(WHOLE)
    with capsys.disabled():
        print(f" mutants: {tried} tried ", end="")

    assert tried >= 50
