"""Replies are read strictly: whole, in order, and nothing lost. DSPy's own DummyLM answers here."""

from __future__ import annotations

import pytest

from skill_fleet import model  # its names are taken in the tests: most of them load DSPy
from skill_fleet.errors import UserError
from skill_fleet.model import Unreadable


@pytest.fixture(scope="module")
def split():  # type: ignore[no-untyped-def]
    """The parser."""
    return model.split_fields


def test_marks_within_the_text_are_text(split) -> None:  # type: ignore[no-untyped-def]
    """Only the first marker of a field and the last end mark count."""
    inner = "[[ ## markdown ## ]]\n[[ ## other ## ]]\n[[ ## completed ## ]]"
    reply = f"\n[[ ## markdown ## ]]\n    indented\n```\n{inner}\n```\x0cfeed\u2028line\n\n[[ ## completed ## ]]\n\n"

    assert split(reply, ["markdown"]) == {"markdown": f"    indented\n```\n{inner}\n```\x0cfeed\u2028line"}


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("[[ ## a ## ]]\nx", "may not be whole"),
        ("[[ ## a ## ]]\nx\n[[ ## completed ## ]]\nmore", "may not be whole"),
        ("[[ ## b ## ]]\nx\n[[ ## completed ## ]]", "in this order"),
        ("x\n[[ ## a ## ]]\nx\n[[ ## completed ## ]]", "in this order"),
        ("[[ ## completed ## ]]", "in this order"),
        ("", "may not be whole"),
    ],
)
def test_what_is_not_the_form_is_refused(split, reply: str, why: str) -> None:  # type: ignore[no-untyped-def]
    """Each with a reason that the model can act on."""
    with pytest.raises(Unreadable, match=why):
        split(reply, ["a"])


def test_fields_in_order(split) -> None:  # type: ignore[no-untyped-def]
    """Two fields, each with its text; out of order is refused."""
    assert split("[[ ## a ## ]]\n1\n[[ ## b ## ]]\n2\n[[ ## completed ## ]]", ["a", "b"]) == {"a": "1", "b": "2"}
    with pytest.raises(Unreadable):
        split("[[ ## b ## ]]\n1\n[[ ## a ## ]]\n2\n[[ ## completed ## ]]", ["a", "b"])


@pytest.mark.parametrize(
    "answer",
    ['[{"a": 1}', '{"id": "T1"}', "[1]", '[{"id":"T1","file":"SKILL.md","old":"a","new":"b","more":1}]'],
)
def test_json_that_is_not_what_was_asked_for(answer: str) -> None:
    """Truncated JSON is not completed, unknown keys are not dropped."""
    with pytest.raises(Unreadable):
        model.StrictAdapter().parse(
            model.signature_of("revise"), f"[[ ## changes ## ]]\n{answer}\n[[ ## completed ## ]]"
        )


def test_json_in_a_fence_and_in_capitals() -> None:
    """What can only mean one thing is taken."""
    row = '[{"thread": "T1", "verdict": " Answer", "files": [], "sections": [], "reply": "Yes."}]'
    found = model.StrictAdapter().parse(
        model.signature_of("triage"), f"[[ ## verdicts ## ]]\n```json\n{row}\n```\n[[ ## completed ## ]]"
    )

    assert found["verdicts"][0].verdict == "answer"


def test_a_step_with_dummy_lm() -> None:
    """A step is a DSPy module like others: it runs with any LM and in any context."""
    dspy = model.load_dspy()
    from dspy.utils import DummyLM

    class WithEnd(dspy.ChatAdapter):  # type: ignore[misc]
        """DummyLM leaves the end mark out."""

        def format_field_with_value(self, fields_with_values):  # type: ignore[no-untyped-def]
            return super().format_field_with_value(fields_with_values) + "\n\n[[ ## completed ## ]]"

    lm = DummyLM([{"covered_by": '["python/knots"]'}], adapter=WithEnd())
    with dspy.context(lm=lm, adapter=model.StrictAdapter()):
        reply = model.load_steps()["cover"](task="t", headings="h", neighbours="n", refused="(none)")

    assert reply == ["python/knots"]


def test_programs_are_saved_and_loaded() -> None:
    """An optimised step arrives as JSON without a model; one made from another text is left alone, with a word."""
    text = model.save_program("cover", "Look well.", {"task": "the task"}, [{"task": "t", "covered_by": ["a/b"]}])
    taken = model.load_steps({"cover": text})["cover"]
    left = model.load_steps({"cover": text.replace('"made_from": "', '"made_from": "x')})["cover"]

    assert taken.predict.signature.instructions == "Look well." and taken.digest != left.digest
    assert taken.predict.signature.fields["task"].json_schema_extra["desc"] == "the task"
    assert taken.predict.demos[0].covered_by == ["a/b"]
    assert "is not used" in left.note and left.digest == model.load_steps()["cover"].digest
    assert '"lm": null' in text and len({model.load_steps()[step].digest for step in model.STEPS}) == len(model.STEPS)


@pytest.mark.parametrize("change", ['"extra": 1, "lm"', '"lm2"'])
def test_a_program_with_strange_keys(change: str) -> None:
    """Refused, not obeyed."""
    text = model.save_program("cover", "Describe it.", {}, []).replace('"lm"', change)
    with pytest.raises(UserError, match="not a program of the step cover"):
        model.load_steps({"cover": text})
    for fields, demos in (({"api_base": "http://evil"}, []), ({}, [{"api_base": "http://evil"}])):
        with pytest.raises(UserError, match="does not have"):
            model.load_steps({"cover": model.save_program("cover", "x", fields, demos)})
    for broken in ("{", "[]", "[" * 9999, "1"):
        with pytest.raises(UserError, match=r"\.skill-fleet/programs/cover\.json is not"):
            model.load_steps({"cover": broken})


def test_a_program_as_it_is_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """What `python -m` prints for a step asks what the step asks."""
    from skill_fleet.model.program import _print

    _print(["cover"])
    taken = model.load_steps({"cover": capsys.readouterr().out})["cover"]
    plain = model.load_steps()["cover"].predict.signature

    assert not taken.note and taken.predict.signature.instructions == plain.instructions
    assert taken.predict.signature.fields.keys() == plain.fields.keys()
    with pytest.raises(SystemExit, match="Name one step"):
        _print(["nothing"])
