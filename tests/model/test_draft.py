"""A draft from a model: whole, accounted for, and held to the same as one without."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from drafting.accounting import faults
from model.scripted import Exchange, Scripted
from model.skills import (
    BRIEF,
    CATEGORIES,
    NEIGHBOURS,
    document,
    drafted,
    drafter,
    edit_of,
    edits,
    finding,
    plan_with,
    planned,
    problem,
    written,
)
from skill_fleet.checks import check_files
from skill_fleet.drafting import Document, Draft, Fate, Kind, Place, Point
from skill_fleet.errors import UserError
from skill_fleet.fleet import ModelSettings
from skill_fleet.markdown import not_in, read_front_matter
from skill_fleet.model import (
    ModelFailed,
    agreed_answer,
    size_for,
)

KINDS = {
    "reference": "# Ropes\n\nRopes are tied.\n\n"
    + "".join(
        f"## Rope {n}\n\n| turns | holds |\n| --- | --- |\n| {n} | yes |\n\n```sh\ntie --turns {n}\n```\n\n"
        for n in range(30)
    ),
    "front matter": "---\nname: ropes\ntools: Read, Bash\n---\n\nYou tie ropes.\n\n# Task\n\nTie {{ROPE}} now.\n",
    "cut off": "# Ropes\n\nTie them:\n\n```python\ntie_knot(rope,\n",
    "one paragraph": "Hang the rope up to dry, then coil it.\n",
}


@pytest.mark.parametrize("kind", KINDS)
def test_of_every_kind(kind: str, settings: ModelSettings) -> None:
    """Each source line has one fate, each file is reachable from SKILL.md, and the same replies give the same draft."""
    source = Document("ropes.md", KINDS[kind], "ropes.md")
    draft = drafted(settings, source)

    assert faults(draft, (source,)) == []
    assert all(text.count("\n") <= 500 for text in draft.files.values())
    assert [path for path in draft.files if path != "SKILL.md" and path not in draft.files["SKILL.md"]] == []
    assert draft == drafted(settings, source)


def test_the_files(settings: ModelSettings, server: Scripted) -> None:
    """Front matter, title, sections without citations, a table of what to read when; who wrote it, for how much."""
    draft = drafted(settings, document())
    skill = draft.files["SKILL.md"]
    matter = read_front_matter(skill.encode())

    assert matter.value("name") == "scripted-skill" and "Use when" in (matter.value("description") or "")
    assert "[S1:" not in "".join(draft.files.values()) and skill.count("# Scripted skill\n") == 1
    assert "## Part 1\n" in skill and "| [more-3](references/more-3.md) | need part 4 |" in skill
    assert draft.drafted_by == "dspy small-model"
    assert draft.notes[-2].startswith("Written by small-model: 2 calls, 300 tokens, cost unknown")
    assert draft.points == ()
    assert any(entry.reason.startswith("told in SKILL.md") for entry in draft.ledger)
    assert server.counts == {"draft": 1, "critique": 1}


def test_code_is_the_sources(settings: ModelSettings, server: Scripted) -> None:
    """Put in by number, to the letter, and the account says where it is; of a block, the lines that are named."""
    code = "def tie(rope):\n    if rope:\n        return knot(rope)\n\n\ntie(hemp)\n"
    source = Document("k.md", f"# Knots\n\n```python\n{code}```\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n", "k.md")
    server.always["draft"] = written(
        "## Tie\n\n1. Define it:\n\n   ```python\n   [[S1:4-6]]\n   ```\n\n2. Call it:\n\n   ```python\n   [[S1:9-10]]\n   ```\n\n"
        "[[S1:12-14]]\n\n[S1:1-14]"
    )
    draft = drafted(settings, source)
    skill = draft.files["SKILL.md"]

    assert "   def tie(rope):\n       if rope:\n           return knot(rope)\n   ```" in skill
    assert "   ```python\n   tie(hemp)\n   ```" in skill and "| a | b |\n| --- | --- |\n| 1 | 2 |" in skill
    placed = [one for one in draft.ledger if one.fate is Fate.PLACED]
    assert [(one.first, one.last) for one in placed] == [(4, 6), (9, 9), (12, 14)]
    assert faults(draft, (source,)) == []


@pytest.mark.parametrize("step", ["1. Define it:\n\n   ```python\n[[S1:4]]\n   ```", "1. ```python\n[[S1:4]]\n```"])
def test_code_in_a_step(step: str, settings: ModelSettings, server: Scripted) -> None:
    """A reference at the margin, in the fence of a numbered step, gets the indentation of that fence."""
    source = Document("k.md", "# Knots\n\n```python\ntie(hemp)\n```\n", "k.md")
    server.always["draft"] = written(f"## Tie\n\n{step}\n\n2. Go on.\n\n[S1:1-4]")
    draft = drafted(settings, source)

    assert "python\n   tie(hemp)\n   ```\n\n2. Go on." in draft.files["SKILL.md"] and server.counts["draft"] == 1
    assert faults(draft, (source,)) == []


def test_code_that_holds_a_fence(settings: ModelSettings, server: Scripted) -> None:
    """What is put in never ends the block that it is put into."""
    source = Document("m.md", "# Doc\n\n````markdown\n```sh\nls\n```\n````\n", "m.md")
    server.always["draft"] = written("## Show\n\n```markdown\n[[S1:4-6]]\n```\n\nThe end. [S1:1]")
    skill = drafted(settings, source).files["SKILL.md"]

    assert "````markdown\n```sh\nls\n```\n````\n" in skill and "The end." in skill


def test_what_no_section_names_is_said(settings: ModelSettings, server: Scripted) -> None:
    """Only of lines of which that is so; and what the model leaves out as wrong is left out for that reason."""
    left = [{"lines": "S1:13-15", "why": "It unties itself."}]
    server.always["draft"] = written(
        "## Tie\n\nTie it. [S1:1-7]", left_out=left, lacking=["How long the rope must be."]
    )
    draft = drafted(settings, document())
    reasons = {at: one.reason for one in draft.ledger for at in range(one.first, one.last + 1)}

    assert reasons[7] == "told in SKILL.md, Tie" and reasons[20] == "no section names it"
    assert "unties itself" in reasons[14]
    assert {one.kind for one in draft.points} == {Kind.DROPPED, Kind.PROBLEM}
    assert any("how long the rope" in one.detail.lower() for one in draft.points)


def test_what_is_in_the_skill_is_not_left_out(settings: ModelSettings, server: Scripted) -> None:
    """Lines that the skill has after all are not listed, but an unsafe line that an edit changed."""
    left = [{"lines": "S1:13-14", "why": "No."}, {"lines": "S1:23", "why": "It rots."}]
    server.always["draft"] = written(
        "## Untie\n\nPull `the_end` until it yields.\n\nCall `tie(rope)` now.", left_out=left
    )
    server.always["critique"] = lambda one: one.say([problem("Call `tie(rope)` now.", "unsafe")])
    server.always["edit"] = edits(edit_of("F1", "tie(rope)", "tie_knot(rope)"))
    draft = drafted(settings, document())

    assert [one.subject for one in draft.points if one.kind is Kind.DROPPED] == ["S1:23", "`Call tie(rope) now.`"]


def test_a_title_is_told_once(settings: ModelSettings, server: Scripted) -> None:
    """Front matter, title and a section of its words that a model writes are not there twice."""
    server.always["draft"] = written("---\nname: x\n---\n\n# Scripted skill\n\n# Tie\n\nTie it. [S1:1]")
    skill = drafted(settings, document()).files["SKILL.md"]

    assert skill.count("Scripted skill") == 1 and skill.count("---\n") == 2 and "\n## Tie\n" in skill


def test_a_licence_stays(settings: ModelSettings) -> None:
    """What a document says of its licence and of what it needs is true of a draft that is made of it."""
    source = document()
    told = replace(source, text=f"---\nname: knots\nlicense: MIT\ncompatibility: Needs rope\n---\n\n{source.text}")
    matter = read_front_matter(drafted(settings, told).files["SKILL.md"].encode())
    assert (matter.value("license"), matter.value("compatibility")) == ("MIT", "Needs rope")


def test_it_is_a_drafter(settings: ModelSettings) -> None:
    """It drafts from a brief and sources, and its name has that of the model."""
    one = drafter(settings)

    assert isinstance(one.draft(BRIEF, (document(),)), Draft) and one.name == "dspy small-model"


def test_from_a_task_alone(settings: ModelSettings, server: Scripted) -> None:
    """Without a document nothing is cited or searched for names: that all is the model's knowledge is said once."""
    server.always["draft"] = written("## Tie\n\nCall `tie_knot` with `--twice`.")
    draft = drafted(settings)

    assert draft.ledger == () and draft.points == (Point(Kind.NOT_IN_SOURCES),)
    assert "findings" in server.asked[1].fields and server.asked[1].fields["findings"] == "(none)"
    assert server.counts == {"draft": 1, "critique": 1}


def test_the_critic_sees_all_of_it(settings: ModelSettings, server: Scripted) -> None:
    """The brief, every file, the sources, what programs found, and the neighbours that are near."""
    drafted(settings, document(), task="Explain knots for boats.", check=lambda _: [finding("SKILL.md", "is wrong")])
    asked = next(one.fields for one in server.asked if one.step == "critique")

    assert "K1: " in asked["brief"] and "=== FILE references/more-3.md" in asked["files"]
    assert "| Call `tie_knot`" in asked["sources"] and "is wrong" in asked["findings"]
    assert "python/boats: Builds boats" in asked["neighbours"]


def test_what_an_edit_rests_on(settings: ModelSettings, server: Scripted) -> None:
    """What was added from knowledge is listed, also if the lines that an edit names do not exist, or it only claims to
    reword; what the source says is not."""
    server.script["critique", 1] = lambda one: one.say(
        [problem(quote) for quote in ("A knot holds a rope.", "Call `tie_knot`", "Pull `the_end`", "### Knots")]
    )
    server.always["edit"] = edits(
        edit_of("F1", "A knot holds a rope.", "Wet the rope first.", "knowledge"),
        edit_of("F2", "Call `tie_knot`", "Always call `tie_knot`", "source", "S1:900"),
        edit_of("F3", "Pull `the_end`", "Hang it up. Pull `the_end`", "source", "S1:23"),
        edit_of("F4", "### Knots", "### Knots with `rope_magic`", "skill"),
    )
    draft = drafted(settings, document())
    listed = [text for one in draft.points if one.kind is Kind.NOT_IN_SOURCES for text in one.examples]

    assert "Wet the rope first." in listed and "Always call `tie_knot`" in listed
    assert any("rope_magic" in text for text in listed) and not any("Hang it up" in text for text in listed)
    assert server.counts["edit"] == 1


def test_what_is_unsafe_in_the_source_is_taken_out_and_listed(settings: ModelSettings, server: Scripted) -> None:
    """And the account does not call it placed any more."""
    unsafe = problem("tie_knot(rope, turns=2)", "unsafe")
    server.script["critique", 1] = lambda one: one.say([unsafe])
    server.always["edit"] = edits(edit_of("F1", "\n```python\ntie_knot(rope, turns=2)\n```\n", ""))
    draft = drafted(settings, document())

    assert "turns=2" not in draft.files["SKILL.md"] and [one.kind for one in draft.points] == [Kind.DROPPED]
    assert not any(one.fate is Fate.PLACED for one in draft.ledger) and faults(draft, (document(),)) == []


def test_the_editor_is_shown_whole_paragraphs(settings: ModelSettings, server: Scripted) -> None:
    """Of a long source those around what the critic names: a sentence is not cut in two."""
    rows = (f"Step {n}.{at} of the knot is to be tied with the left hand first." for n in range(30) for at in range(8))
    text = "\n".join(f"\n{row}" if number % 8 == 0 else row for number, row in enumerate(rows))
    source = document()
    source = replace(source, text=f"{source.text}\n## More\n{text}\n")
    at = source.text.split("\n").index("Step 9.3 of the knot is to be tied with the left hand first.") + 1
    server.script["critique", 1] = lambda one: one.say([problem("holds a rope", lines=f"S1:{at}")])
    drafted(settings, source)

    shown = server.asked[-1].fields["passages"]
    assert all(f"Step {n}.{row} " in shown for n in (8, 9) for row in range(8)) and "Step 7.7" not in shown


def test_what_is_left_is_listed(settings: ModelSettings, server: Scripted) -> None:
    """With the editor's reason; what a critic says of words that are nowhere is not heard."""
    said = [problem("holds a rope", "unclear", why="Which rope?"), problem("nowhere to be read", why="odd")]
    server.script["critique", 1] = lambda one: one.say(said)
    server.always["edit"] = edits(left={"F1": "Any rope."})
    (point,) = drafted(settings, document()).points

    assert (point.kind, point.places) == (Kind.PROBLEM, (Place("SKILL.md", 12),))
    assert "Which rope?" in point.detail and "Any rope." in point.detail
    assert "odd" not in server.asked[-1].fields["problems"]


def test_nothing_found_nothing_edited(settings: ModelSettings, server: Scripted) -> None:
    """Two calls are enough for a draft in which nothing is wrong."""
    drafted(settings, document())
    assert "edit" not in server.counts


def test_a_long_draft_is_said_to_be_long(settings: ModelSettings, server: Scripted) -> None:
    """The model is told how long the skill may be; that it is longer goes to the critic and the editor, and if it still is,
    to the reviewer."""
    text = "## Tie\n\n" + "Tie the rope around the post. " * 1_500
    server.always["draft"] = written(text)
    draft = drafted(settings)

    assert f"{size_for(0):,}" in server.asked[0].fields["budget"] and "too long" in server.asked[1].fields["findings"]
    assert server.asked[2].fields["problems"].startswith("C1 SKILL.md, line 0: The skill is too long")
    assert server.counts["edit"] == 1 and Kind.PROBLEM in {one.kind for one in draft.points}
    server.always["edit"] = lambda one: one.say(
        [{"id": "C1", "file": "SKILL.md", "old": text[9:-1], "new": "Tie."}], []
    )
    assert {one.kind for one in drafted(settings).points} == {Kind.NOT_IN_SOURCES}


def test_answers_reach_every_call(settings: ModelSettings, server: Scripted) -> None:
    """What was chosen is agreed, is no open point any more, and is before the eyes of the critic; another choice than
    the default is written anew, the default is not."""
    server.always["draft"] = planned(questions=[QUESTION], assumptions=["Ropes are wet."])
    for chosen, calls in (("nylon", 2), ("hemp", 1)):
        server.counts.clear()
        one = drafter(settings)
        brief = one.understand("Explain knots.", (document(),)).brief
        settled = replace(
            brief, agreed=(agreed_answer(brief.questions[0], chosen), *brief.assumptions), assumptions=(), questions=()
        )
        draft = one.draft(settled, (document(),))

        assert server.counts["draft"] == calls and draft.points == ()
        assert f"Agreed: Which rope? {chosen}" in server.asked[-1].fields["brief"]
        if calls == 2:
            assert f"Agreed: Which rope? {chosen}" in server.asked[1].fields["agreed"]


def test_what_nobody_answered_is_said(settings: ModelSettings, server: Scripted) -> None:
    """With open questions the defaults are taken, and the reviewer reads which."""
    server.always["draft"] = planned(
        questions=[QUESTION], covered_by=["python/boats", "python/none"], other_tasks=["Explain sails."]
    )
    draft = drafted(settings, document())

    assert server.counts["draft"] == 1 and server.asked[0].fields["may_ask"] == "no"
    assert [(one.kind, one.subject, one.detail, one.examples) for one in draft.points] == [
        (Kind.ASSUMED, "Which rope?", "hemp", ()),
        (Kind.COVERED, "", "", ("python/boats",)),
        (Kind.OTHER_TASK, "Explain sails.", "", ()),
    ]


def test_a_question_may_come_before_the_files(settings: ModelSettings, server: Scripted) -> None:
    """Where somebody can answer, a model may ask first; then the skill is written on what was agreed."""
    server.script["draft", 1] = lambda one: one.say(plan_with(one, questions=[QUESTION], files=[]), "(none)")
    one = drafter(settings, asks=True)
    brief = one.understand("Explain knots.", (document(),)).brief
    draft = one.draft(replace(brief, agreed=("Which rope? hemp",), questions=()), (document(),))

    assert server.asked[0].fields["may_ask"] == "yes" and server.asked[1].fields["may_ask"] == "no"
    assert server.counts["draft"] == 2 and draft.files


def test_what_is_covered_is_not_written(settings: ModelSettings, server: Scripted) -> None:
    """Also where nobody can answer, until somebody wants a second skill."""
    server.script["draft", 1] = lambda one: one.say(plan_with(one, covered_by=["python/boats"], files=[]), "(none)")
    one = drafter(settings)
    found = one.understand("Explain knots.", (document(),))

    assert found.covered_by == ("python/boats",) and server.counts == {"draft": 1}
    assert one.draft(found.brief, (document(),)).files and "a new skill is wanted" in server.asked[1].fields["agreed"]


def test_a_long_source_is_not_sent_for_what_is_there(settings: ModelSettings, server: Scripted) -> None:
    """One cheap question on headings comes first, if a skill is near; with `new`, or with a yes, it is not asked."""
    block = "Lay the planks of the boat, one by one, and caulk them well.\n" * 30
    source = Document("boats.md", "# Boats\n\n" + "".join(f"## Plank {n}\n\n{block}\n" for n in range(20)), "boats.md")
    server.always["cover"] = lambda one: one.say(["python/boats", "python/none"])
    one = drafter(settings)
    found = one.understand("Build boats.", (source,))

    assert (found.covered_by, found.asked) == (("python/boats",), False) and server.counts == {"cover": 1}
    assert "- Plank 7" in server.asked[0].fields["headings"] and "caulk" not in str(server.asked[0].fields["headings"])
    assert one.understand("Build boats.", (source,), new=True).asked and server.counts == {"cover": 1, "draft": 1}
    assert "a new skill is wanted" in server.asked[1].fields["agreed"]


def test_edits_fix_what_the_checks_find(settings: ModelSettings, server: Scripted) -> None:
    """A finding goes to the editor; when it is fixed, nothing more is asked for."""

    def check(files):  # type: ignore[no-untyped-def]
        return [finding("SKILL.md", "says dry")] if "holds a rope" in files["SKILL.md"] else []

    server.always["edit"] = edits(edit_of("C1", "A knot holds a rope.", "A knot keeps a rope."))
    draft = drafted(settings, document(), check=check)

    assert "keeps a rope" in draft.files["SKILL.md"] and server.counts["edit"] == 1
    assert "links/target: says dry" in server.asked[-1].fields["problems"]
    assert draft.points == ()
    assert faults(draft, (document(),)) == []


def test_a_description_that_breaks_a_rule_is_edited(settings: ModelSettings, server: Scripted) -> None:
    """The whole skill is not written anew for it."""
    long = "Use when tying. " + "Knots are fine. " * 80
    server.always["draft"] = planned(description=long)
    server.always["edit"] = edits(edit_of("C1", long.strip(), "Ties knots in ropes. Use when a rope has to hold."))
    draft = drafted(settings, document(), check=partial(check_files, "python/scripted-skill"))

    assert server.counts == {"draft": 1, "critique": 1, "edit": 1} and draft.points == ()
    assert "Ties knots in ropes." in draft.files["SKILL.md"]


def test_edits_end_after_two_calls(settings: ModelSettings, server: Scripted) -> None:
    """An error that is left is a reason to ask again, once; then it is an open point."""
    draft = drafted(settings, document(), check=lambda _: [finding("SKILL.md", "is wrong")])

    assert server.counts["edit"] == 2
    (point,) = draft.points
    assert (point.kind, point.places) == (Kind.PROBLEM, (Place("SKILL.md", 1),)) and "is wrong" in point.detail


def test_an_edit_that_makes_it_worse_is_not_made(settings: ModelSettings, server: Scripted) -> None:
    """An error that was not there before: the file stays as it was, and the others' edits are made."""

    def check(files):  # type: ignore[no-untyped-def]
        return [finding("SKILL.md", "two")] if "BAD" in files["SKILL.md"] else []

    server.script["critique", 1] = lambda one: one.say([problem("holds a rope"), problem("the_end")])
    server.always["edit"] = edits(
        edit_of("F1", "A knot holds a rope.", "BAD."), edit_of("F2", "Pull `the_end`", "Draw `the_end`")
    )
    draft = drafted(settings, document(), check=check)

    assert "BAD" not in draft.files["SKILL.md"] and "Draw `the_end`" in draft.files["SKILL.md"]


def test_what_is_not_safe_is_never_a_draft(settings: ModelSettings, server: Scripted) -> None:
    """A safety error that stays ends the run."""
    with pytest.raises(ModelFailed, match="not safe to commit"):
        drafted(settings, document(), check=lambda _: [finding("SKILL.md", "is evil", "safety/signal")])


def test_with_the_real_checks(settings: ModelSettings) -> None:
    """A draft of a model that behaves has no error by the rules that guard the fleet, and what is a hint is said."""
    check = partial(check_files, "python/scripted-skill")
    draft = drafted(settings, document(), check=check)

    assert [one for one in check(draft.files) if one.severity == "error"] == []
    assert {one.rule for one in check({**draft.files, "SKILL.md": "no front matter"})} >= {"spec/front-matter"}


def test_sources_that_are_too_long(settings: ModelSettings) -> None:
    """Said before anything is asked."""
    with pytest.raises(UserError, match="the model is shown 10 at most"):
        drafted(replace(settings, context=10), document())


def test_a_source_may_hold_the_marks_of_the_form(settings: ModelSettings) -> None:
    """A skill about DSPy has lines that look like fields, in prose and in code: nothing of them is lost."""
    lines = "[[ ## files ## ]]\nanswer\n[[ ## completed ## ]]\n[[ ## refused ## ]]\n=== FILE x.md"
    draft = drafted(
        settings, Document("dspy.md", f"# Fields\n\n{lines}\n\n```\n{lines}\n```\n\nThe end is here.\n", "dspy.md")
    )

    assert draft.files["SKILL.md"].count(lines) == 2 and "The end is here." in draft.files["SKILL.md"]


def test_a_file_line_may_lack_its_word(settings: ModelSettings, server: Scripted) -> None:
    """Models leave out the word FILE: the path says enough, and the whole reply is not asked for again."""

    def leave_out(one: Exchange) -> None:
        one.text = one.text.replace("=== FILE ", "=== ")

    server.always["draft"] = leave_out
    assert "SKILL.md" in drafted(settings, document()).files
    assert server.counts["draft"] == 1


QUESTION = {"text": "Which rope?", "why": "?", "options": ["hemp", "nylon"], "default": "hemp", "changes": "all"}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ('`raise Missing("Agent", agent_id)`', ["Missing"]),
        ("`Missing(whole_id=agent_id)`", ["whole_id", "Missing"]),
        ("`fix: Mended the knot.` and `tie_rope -i in knots.toml`", ["tie_rope", "knots.toml"]),
        ('`{"detail": ...}` and `tie_knot(rope, turns=2)`', []),
        ("```python\ntie_knot(rope, speed=3)\n```", ["speed"]),
        ("```python\ntie_knot(\n    rope,\n    speed=3,\n)\n```", ["speed"]),
        ("```python\nclass Rope:\n    speed: int\n\nknot = Rope(speed=3)\ntie_knot(knot, turns=2)\n```", []),
    ],
)
def test_names_that_stand_in_no_passage(said: str, found: list[str]) -> None:
    """Calls and their keywords, in code spans and in blocks; not what an example names itself or hands over."""
    assert [*not_in("tie_knot(rope, turns=2)", said)] == found


def test_the_second_edit_sees_only_what_it_is_about(settings: ModelSettings, server: Scripted) -> None:
    """The open problems with the reason, and the parts of the files that they are in; edits that were made stay."""
    server.script["critique", 1] = lambda one: one.say([problem("A knot holds a rope."), problem("Pull `the_end`")])
    server.always["edit"] = edits(
        edit_of("F1", "A knot holds a rope.", "A knot keeps a rope."), edit_of("C1", "Never", "x")
    )

    def check(files):  # type: ignore[no-untyped-def]
        return [finding("SKILL.md", "is wrong", line=20)] if "tie_knot" in files["SKILL.md"] else []

    draft = drafted(settings, document(), check=check)
    first, second = (one.fields for one in server.asked if one.step == "edit")

    assert "keeps a rope" in draft.files["SKILL.md"] and "F1 " in first["problems"]
    assert second["problems"].startswith("C1 ") and "F1 " not in second["problems"] and "occurs 0" in second["problems"]
    assert len(second["files"]) < len(first["files"]) / 2 and "Call `tie_knot`" in second["files"]
    assert second["passages"] == "(none)" and second["refused"] == "(none)"


@pytest.mark.parametrize("sources", [(), (document(),)], ids=["a task", "a document"])
def test_what_a_skill_may_cost(sources: tuple[Document, ...], settings: ModelSettings, server: Scripted) -> None:
    """No edit is asked for if its call would exceed the limits: the draft is there, with its problems."""
    dear = {"prompt_tokens": 12_000, "completion_tokens": 2_500, "total_tokens": 14_500}
    server.always["draft"] = lambda one: setattr(one, "usage", dear)
    server.always["critique"] = lambda one: (
        one.say([{k: v for k, v in problem("i").items() if k != "lines" or sources}]),
        setattr(one, "usage", dear),
    )
    seen: list[str] = []
    draft = drafted(settings, *sources, progress=lambda step, *_: seen.append(step))

    assert server.counts == {"draft": 1, "critique": 1} and "edit" not in seen
    assert any("budget is spent" in one.detail for one in draft.points)
    assert "30,000 at most" in drafter(settings).estimate("Explain knots.", ())


@pytest.mark.parametrize("sources", [(), (document(),)], ids=["a task", "a document"])
def test_a_refused_draft_leaves_room_for_edits(
    sources: tuple[Document, ...], settings: ModelSettings, server: Scripted
) -> None:
    """What a reply that is refused costs counts for the budget, not for what the edits may cost."""
    dear = {"prompt_tokens": 8_000, "completion_tokens": 2_500, "total_tokens": 10_500}
    server.always["draft"] = lambda one: setattr(one, "usage", dear)
    server.script["draft", 1] = lambda one: one.say(plan_with(one, path="none/x"), "(none)")
    server.always["critique"] = lambda one: one.say(
        [{k: v for k, v in problem("i").items() if k != "lines" or sources}]
    )
    drafted(settings, *sources)

    assert server.counts == {"draft": 2, "critique": 1, "edit": 1}


def test_what_is_cheap_is_not_shown_less(settings: ModelSettings, server: Scripted) -> None:
    """The editor sees whole files while the limits allow it, else the parts that the problems are about."""
    server.always["critique"] = lambda one: one.say([problem("Pull `the_end`")])
    for spent, whole in ((100, True), (12_500, False)):
        server.always["draft"] = lambda one, spent=spent: setattr(  # type: ignore[misc]
            one, "usage", {"prompt_tokens": spent, "completion_tokens": 1, "total_tokens": spent}
        )
        drafted(settings, document())
        assert ("A knot holds" in server.asked[-1].fields["files"]) is whole and server.asked[-1].step == "edit"


def test_one_program_for_an_optimiser(settings: ModelSettings, server: Scripted) -> None:
    """Called with examples, it drafts; its steps can be found, copied and given demonstrations."""
    from skill_fleet.model import STEPS, SkillProgram  # they load DSPy

    program = SkillProgram(settings, CATEGORIES, NEIGHBOURS)
    names = {name for name, _ in program.named_predictors()}
    made = program.deepcopy()(task="Explain knots.", documents=[document()])

    assert len(names) == len(STEPS) and made.files == drafted(settings, document()).files
    assert made.record["outcome"] == "drafted" and made.draft.points == ()
    step = program.steps["draft"].predict
    step.signature = step.signature.with_instructions("Be brief.")
    program(task="Explain knots.", documents=[document()])
    assert server.requests[-2]["messages"][0]["content"].startswith("Be brief.")


def test_steps_are_told(settings: ModelSettings) -> None:
    """Each when it begins, with the tokens used so far; and that none is running, whenever that is so."""
    seen: list[tuple[str, int]] = []
    one = drafter(settings, progress=lambda step, _, used: seen.append((step, used)))
    one.draft(one.understand("Explain knots.", ()).brief, ())

    assert [step for step, _ in seen] == ["draft", "", "critique", ""]
    assert [used for _, used in seen] == [0, *sorted(used for _, used in seen[1:])]


def test_one_edit_for_several_problems(settings: ModelSettings, server: Scripted) -> None:
    """An edit may name all the problems that it solves: none of them is open afterwards."""
    server.script["critique", 1] = lambda one: one.say([problem("holds a rope"), problem("the_end"), problem("dry")])
    server.always["edit"] = edits(edit_of("F1, F3", "A knot holds a rope.", "A knot keeps a rope."), left={"F2": "No."})
    (point,) = drafted(settings, document()).points

    assert "the_end" in point.subject and "Not changed: No." in point.detail


def test_an_answer_has_its_own_price(settings: ModelSettings, server: Scripted) -> None:
    """What people say is paid for: the limits of a skill hold from one word of theirs to the next."""
    dear = {"prompt_tokens": 20_000, "completion_tokens": 1, "total_tokens": 20_001}
    server.always["draft"] = lambda one: setattr(one, "usage", dear)
    server.always["critique"] = lambda one: one.say([{"rule": "false", "file": "", "quote": "Do it", "why": "No."}])
    one = drafter(settings)
    one.understand("Explain knots.", ())
    one.draft(one.understand("Explain knots.", (), answers=["Short."]).brief, ())

    assert server.counts == {"draft": 2, "critique": 1, "edit": 1}


def test_few_edits_that_do_not_fit(settings: ModelSettings, server: Scripted) -> None:
    """They are no reason to ask again: the others are made, and these are open."""
    server.script["critique", 1] = lambda one: one.say([problem("holds a rope"), problem("the_end")])
    server.always["edit"] = edits(edit_of("F1", "A knot holds", "A knot keeps"), edit_of("F2", "nowhere", "x"))
    draft = drafted(settings, document())

    assert server.counts["edit"] == 1 and "A knot keeps" in draft.files["SKILL.md"]
    assert ["occurs 0 times" in one.detail for one in draft.points] == [True]
