"""A draft from a model: whole, accounted for, and held to the same as one without."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drafting.accounting import faults
from model.answers import plan
from model.scripted import Exchange, Scripted
from model.skills import BRIEF, NEIGHBOURS, document, drafted, drafter, finding
from skill_fleet.drafting import Document, Draft, Kind, Place, Point
from skill_fleet.errors import UserError
from skill_fleet.markdown import read_front_matter
from skill_fleet.model import ModelFailed, ModelSettings, checks_for, not_in

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
    assert "[S1:" not in "".join(draft.files.values())
    assert "## Part 1\n" in skill and "| [more-3](references/more-3.md) | need part 4 |" in skill
    assert draft.drafted_by == "dspy small-model"
    assert draft.notes[-2].startswith("Written by small-model: 10 calls, 1,500 tokens, cost unknown; 0 rounds")
    assert draft.points == ()
    assert any("cited in SKILL.md, Part 1" in entry.reason for entry in draft.ledger)
    assert server.counts == {"understand": 1, "plan": 1, "write": 5, "describe": 1, "critique": 2}


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


def test_from_a_task_alone(settings: ModelSettings) -> None:
    """Without a document, the request is the source, and it can be cited."""
    draft = drafted(settings)

    assert draft.files["SKILL.md"].endswith("Explain knots.\n") and draft.ledger == ()
    assert draft.points == (Point(Kind.NOT_IN_SOURCES),)


def test_what_a_model_knows_is_listed_and_not_repaired(settings: ModelSettings, server: Scripted) -> None:
    """Without a document, names that the model adds are not repaired: the reviewer sees which they are."""
    server.always["write"] = lambda one: one.say("Call `tie_knot` with `turns_of_rope` or `--twice`. [S0:1]")
    draft = drafted(settings)

    names = ("--twice", "tie_knot", "turns_of_rope")
    places = (Place("SKILL.md", 10),) * 3
    assert server.counts["edit"] == 0
    assert draft.points[1:] == (Point(Kind.NOT_IN_SOURCES, places=places, examples=names),)


def test_what_rests_on_the_request_beside_documents_is_listed(settings: ModelSettings, server: Scripted) -> None:
    """By section, or by line where a section rests on documents as well; of code, by its first line."""
    server.script["understand", 1] = lambda one: one.say(
        {**_understanding(one), "claims": [_claim(0, 1, 1), _claim(1, 1, 4), _claim(1, 5, 8)]}
    )
    server.always["plan"] = lambda one: one.say(_with_claims(plan(one.fields), [[1], [1, 2], [3]]))
    server.script["write", 1] = lambda one: one.say("Sail well. [S0:1]")
    server.script["write", 2] = lambda one: one.say(
        "A knot holds. [S1:3]\n\n```text\nknot\nhitch\n```\n\n[S0:1]\n\nTie it. [S0:1]"
    )

    points = drafted(settings, document()).points
    assert [(one.kind, one.examples) for one in points] == [
        (Kind.NOT_IN_SOURCES, ("Part 1",)),
        (Kind.NOT_IN_SOURCES, ("knot", "Tie it.")),
    ]


def test_what_the_source_has_wrong_is_listed_and_not_repaired(settings: ModelSettings, server: Scripted) -> None:
    """With its line after all repairs; a problem that another repair settled is not listed."""
    said = [("tie_knot(rope, turns=2)", "source", "No such call."), ("Hang", "passages", "Not said; a drying line is.")]
    server.always["critique"] = lambda one: one.say(
        [{"quote": quote, "rule": rule, "why": why} for quote, rule, why in said if quote in one.fields["text"]]
    )
    server.always["edit"] = lambda one: one.say([{"thread": "F1", "old": "Hang", "new": "Two\nlines.\n\nHang"}])
    draft = drafted(settings, document())

    (point,) = draft.points
    assert (point.kind, point.places, point.detail) == (Kind.PROBLEM, (Place("SKILL.md", 21),), "No such call.")
    assert "tie_knot(rope, turns=2)" in point.subject and server.counts["edit"] == 1
    assert "Two\nlines." in draft.files["references/more-3.md"]


def test_what_could_not_be_repaired_is_listed(settings: ModelSettings, server: Scripted) -> None:
    """Edits that do not fit leave the problem for people."""
    problem = {"quote": "holds a rope", "rule": "clarity", "why": "Which rope?"}
    server.script["critique", 1] = lambda one: one.say([problem])
    server.always["edit"] = lambda one: one.say([{"thread": "F1", "old": "nowhere", "new": "x"}])

    (point,) = drafted(settings, document()).points
    assert (point.kind, point.places, point.detail) == (Kind.PROBLEM, (Place("SKILL.md", 12),), "Which rope?")


def test_answers_are_read_with_the_sources(settings: ModelSettings, server: Scripted) -> None:
    """A brief that people changed is understood again, for what it rests on; what was answered is no question any more."""
    question = {
        "text": "Which rope?",
        "why": "It is not said.",
        "options": ["hemp", "nylon"],
        "default": "hemp",
        "changes": "all",
    }
    server.script["understand", 1] = lambda one: one.say({**_understanding(one), "questions": [question]})
    one = drafter(settings)
    brief = one.understand("Explain knots.", (document(),)).brief
    settled = replace(brief, assumptions=("Which rope? nylon",), questions=())
    draft = one.draft(settled, (document(),))

    assert brief.questions[0].options == ("hemp", "nylon")
    assert server.counts["understand"] == 2 and "Which rope? nylon" in server.asked[1].fields["sources"]
    assert draft.points == ()


def test_what_nobody_answered_is_said(settings: ModelSettings, server: Scripted) -> None:
    """With open questions the defaults are taken, and the reviewer reads which."""
    question = {"text": "Which rope?", "why": "?", "options": ["hemp", "nylon"], "default": "hemp", "changes": "all"}
    server.script["understand", 1] = lambda one: one.say(
        {
            **_understanding(one),
            "questions": [question],
            "covered_by": "python/boats",
            "other_tasks": ["Explain sails."],
        }
    )
    draft = drafted(settings, document())

    assert server.counts["understand"] == 1
    assert [(one.kind, one.subject, one.detail, one.examples) for one in draft.points] == [
        (Kind.ASSUMED, "Which rope?", "hemp", ()),
        (Kind.COVERED, "", "", ("python/boats",)),
        (Kind.OTHER_TASK, "Explain sails.", "", ()),
    ]


def test_repair_fixes_what_the_checks_find(settings: ModelSettings, server: Scripted) -> None:
    """A finding goes back as a request; when it is fixed, no second round is asked for."""

    def check(files):  # type: ignore[no-untyped-def]
        return [finding("SKILL.md", "says dry")] if "holds a rope" in files["SKILL.md"] else []

    server.always["edit"] = lambda one: one.say(
        [{"thread": "F1", "old": "A knot holds a rope.", "new": "A knot keeps a rope."}]
    )
    draft = drafted(settings, document(), check=check)

    assert "keeps a rope" in draft.files["SKILL.md"] and server.counts["edit"] == 1
    assert "links/target: says dry" in server.asked[-1].fields["requests"]
    assert "1 round of repair" in draft.notes[-2] and draft.points == ()
    assert faults(draft, (document(),)) == []


def test_repair_ends_after_two_rounds(settings: ModelSettings, server: Scripted) -> None:
    """What cannot be fixed is an open point; two rounds are the most."""
    server.always["edit"] = lambda one: one.say([])
    draft = drafted(settings, document(), check=lambda _: [finding("SKILL.md", "is wrong")])

    assert server.counts["edit"] == 2
    (point,) = draft.points
    assert (point.kind, point.places) == (Kind.PROBLEM, (Place("SKILL.md", 1),)) and "is wrong" in point.detail


def test_a_repair_that_makes_it_worse_is_not_used(settings: ModelSettings, server: Scripted) -> None:
    """More errors after than before: the file stays as it was."""

    def check(files):  # type: ignore[no-untyped-def]
        return [finding("SKILL.md", "one"), *([finding("SKILL.md", "two")] if "BAD" in files["SKILL.md"] else [])]

    server.always["edit"] = lambda one: one.say([{"thread": "F1", "old": "A knot holds a rope.", "new": "BAD."}])
    draft = drafted(settings, document(), check=check)

    assert "BAD" not in draft.files["SKILL.md"]


def test_what_is_not_safe_is_never_a_draft(settings: ModelSettings, server: Scripted) -> None:
    """A safety error that stays ends the run."""
    server.always["edit"] = lambda one: one.say([])
    with pytest.raises(ModelFailed, match="not safe to commit"):
        drafted(settings, document(), check=lambda _: [finding("SKILL.md", "is evil", "safety/signal")])


def test_the_critic_must_quote(settings: ModelSettings, server: Scripted) -> None:
    """A problem whose words are not in the file is dropped; the other is fixed."""
    server.script["critique", 1] = lambda one: one.say(
        [
            {"quote": "nowhere to be read", "rule": "clarity", "why": "odd"},
            {"quote": "A knot holds a rope.", "rule": "Passages", "why": "It holds two."},
        ]
    )
    server.always["edit"] = lambda one: one.say(
        [{"thread": "F1", "old": "A knot holds a rope.", "new": "A knot holds two."}]
    )
    draft = drafted(settings, document())

    assert "holds two" in draft.files["SKILL.md"] and "odd" not in server.asked[-1].fields["requests"]


MISSING = "Read all of this."  # stands in the lines that the first section rests on
LEFT_OUT = {"quote": MISSING, "line": 10, "rule": "missing", "why": "Nobody reads it."}


@pytest.mark.parametrize("quote", [MISSING, f"S1:3| A knot holds a rope. {MISSING}", "Work with Knots"])
def test_the_critic_can_say_what_is_missing(quote: str, settings: ModelSettings, server: Scripted) -> None:
    """By words of the passages or of a capability: they go to the editor with the line to tell them after."""
    server.script["write", 1] = lambda one: one.say("A knot holds a rope. [S1:3]")
    server.script["critique", 1] = lambda one: one.say([{**LEFT_OUT, "quote": quote}])
    server.always["edit"] = lambda one: one.say([{"thread": "F1", "old": "a rope.", "new": "a rope. Read on."}])
    draft = drafted(settings, document())

    edited = next(one.fields for one in server.asked if one.step == "edit")
    shown = repr(quote.removeprefix("S1:3| "))
    assert edited["requests"] == f"Request F1 after line 10, missing there: {shown}: Nobody reads it."
    assert "Read on." in draft.files["SKILL.md"] and draft.points == ()
    critic = next(one.fields for one in server.asked if one.step == "critique")
    assert "references/more-3.md" in critic["outline"]


def test_what_stays_missing_is_listed(settings: ModelSettings, server: Scripted) -> None:
    """Where no edit fits, the reviewer is told what the file does not say; and at no line that is not there."""
    server.script["write", 1] = lambda one: one.say("A knot holds a rope. [S1:3]")
    server.script["critique", 1] = lambda one: one.say([{**LEFT_OUT, "line": 999}])
    server.always["edit"] = lambda one: one.say([{"thread": "F1", "old": "nowhere", "new": "x"}])
    draft = drafted(settings, document())

    last = draft.files["SKILL.md"].count("\n")
    (point,) = draft.points
    assert (point.kind, point.places) == (Kind.PROBLEM, (Place("SKILL.md", last),))
    assert MISSING in point.subject and point.detail == "Nobody reads it."


def test_with_the_real_checks(settings: ModelSettings) -> None:
    """A draft of a model that behaves has no error by the rules that guard the fleet, and what is a hint is said."""
    check = checks_for("python/scripted-skill")
    draft = drafted(settings, document(), check=check)

    assert [one for one in check(draft.files) if one.severity == "error"] == []
    assert {one.rule for one in check({**draft.files, "SKILL.md": "no front matter"})} >= {"spec/front-matter"}


def test_sources_that_are_too_long(settings: ModelSettings) -> None:
    """Said before anything is asked."""
    with pytest.raises(UserError, match="the model is shown 10 at most"):
        drafted(replace(settings, context=10), document())


def test_neighbours_are_shown_and_not_copied(settings: ModelSettings, server: Scripted) -> None:
    """Twelve words in a row of another skill's description are refused."""
    server.script["describe", 1] = lambda one: one.say("Use when asked. " + NEIGHBOURS["python/boats"])
    drafted(settings, document())

    assert server.counts["describe"] == 2
    assert "repeats words of these directions or of another skill" in _last(server, "describe").fields["refused"]


def test_a_source_may_hold_the_marks_of_the_form(settings: ModelSettings) -> None:
    """A skill about DSPy has lines that look like fields, in prose and in code: nothing of them is lost."""
    lines = "[[ ## markdown ## ]]\nanswer\n[[ ## completed ## ]]\n[[ ## refused ## ]]"
    draft = drafted(
        settings, Document("dspy.md", f"# Fields\n\n{lines}\n\n```\n{lines}\n```\n\nThe end is here.\n", "dspy.md")
    )

    assert draft.files["SKILL.md"].count(lines) == 2 and "The end is here." in draft.files["SKILL.md"]


def _understanding(one: Exchange) -> dict[str, object]:
    from model.answers import understand

    return understand(one.fields)


def _last(server: Scripted, step: str) -> Exchange:
    return [one for one in server.asked if one.step == step][-1]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ('`raise Missing("Agent", agent_id)`', ["Missing"]),
        ("`Missing(whole_id=agent_id)`", ["Missing", "whole_id"]),
        ("`fix: Mended the knot.` and `tie_rope -i in knots.toml`", ["tie_rope", "knots.toml"]),
        ('`{"detail": ...}` and `tie_knot(rope, turns=2)`', []),
        ("```python\ntie_knot(\n    rope,\n    speed=3,\n)\n```", ["speed"]),
        ("```python\nclass Rope:\n    speed: int\n\nknot = Rope(speed=3)\ntie_knot(knot, turns=2)\n```", []),
    ],
)
def test_names_that_stand_in_no_passage(written: str, found: list[str]) -> None:
    """Calls and their keywords, in code spans and in blocks; not what an example names itself or hands over."""
    assert [one.name for one in not_in("tie_knot(rope, turns=2)", written)] == found


def _claim(source: int, first: int, last: int) -> dict[str, object]:
    return {"text": "what these lines say", "source": source, "first": first, "last": last}


def _with_claims(plan: dict[str, Any], claims: list[list[int]]) -> dict[str, Any]:
    """A plan whose sections of SKILL.md rest on these claims, and that has no other file."""
    first = plan["files"][0]
    sections = [{**section, "claims": each} for section, each in zip(first["sections"], claims, strict=True)]
    return {**plan, "files": [{**first, "sections": sections}]}
