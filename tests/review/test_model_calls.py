"""The raw calls that come with words: whole, bounded, without a secret, and nothing but what may be kept."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from review.test_write import TALK, reviser
from skill_fleet.drafting import Call
from skill_fleet.errors import UserError
from skill_fleet.review import (
    MOST_CALLS,
    Words,
    collect_words,
    decide,
    decode,
    encode,
    model_calls,
    replayed,
    round_row,
)

SECRET = "hunter2-Correct+Horse/7Battery"
CALL = Call(
    "triage", "5e55", {"threads": "Why?"}, [{"thread": "T1"}], "[[ ## verdicts ## ]]", "stop", "some/model",
    {"temperature": 0.2, "max_tokens": 9}, 10, None, "",
)  # fmt: skip
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=8,
)


def nested(depth: int) -> Any:
    """A list in a list in a list."""
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


@settings(deadline=None, max_examples=40)
@given(st.lists(st.builds(replace, st.just(CALL), reply=st.text(), output=PLAIN), max_size=3))
def test_on_their_way(calls: list[Call]) -> None:
    """What a run heard is what is kept, through JSON; and the plan's words are what they are without it."""
    plan = decide(TALK)
    words = collect_words(TALK, plan, reviser(["answered"], "Yes"))
    told = replace(words, by="me", calls=model_calls([{"calls": [asdict(each) for each in calls]}], [SECRET]))
    got = decode(Words, json.loads(json.dumps(encode(told))))
    row = round_row(got.by, plan.head_oid, got.calls)

    assert got == told and replayed(plan, got) is not None
    wanted = {"kind": "round", "by": "me", "head": plan.head_oid, "calls": [asdict(each) for each in calls]}
    assert row == (wanted if calls else None)


def test_only_so_much() -> None:
    """Whole calls from the first on, as far as a quarter of what words may have."""
    long = asdict(replace(CALL, reply="x" * (MOST_CALLS // 3)))
    found = model_calls([{"calls": [long, long]}, {"calls": [long, asdict(CALL)]}], [])

    assert [asdict(each) for each in found] == [long, long]
    assert round_row("me", "c" * 40, found) is not None


@pytest.mark.parametrize("form", [SECRET, SECRET[::-1], " ".join(SECRET), base64.b64encode(SECRET.encode()).decode()])
@pytest.mark.parametrize("where", ["reply", "inputs", "output", "refused"])
def test_a_secret_of_the_job(form: str, where: str) -> None:
    """In whatever form, wherever it stands: no call leaves the job."""
    value: Any = {"text": form} if where == "inputs" else [{"why": form}] if where == "output" else f"It is {form}."
    leaking = asdict(replace(CALL, **{where: value}))

    assert model_calls([{"calls": [asdict(CALL), leaking]}], [SECRET]) == ()
    assert len(model_calls([{"calls": [asdict(CALL)]}], [SECRET])) == 1


MUTANTS: dict[str, dict[str, Any]] = {
    "names a pull request": {"number": 8},
    "names a ref": {"ref": "refs/heads/main"},
    "has inputs that are no texts": {"inputs": {"brief": ["x"]}},
    "has a table for a reply": {"reply": {"text": "x"}},
    "has half a token": {"prompt_tokens": 0.5},
    "goes deep": {"output": nested(400)},
    "goes deep in its options": {"options": {"x": nested(400)}},
    "has a number that is none": {"output": [float("nan")]},
    "has no end": {"options": {"temperature": float("inf")}},
    "is too long": {"reply": "x" * (MOST_CALLS + 1)},
    "is too long in its output": {"output": ["x" * (MOST_CALLS + 1)]},
    "is no step's": {"step": None},
}


@pytest.mark.parametrize("name", MUTANTS)
def test_calls_of_another_shape(name: str) -> None:
    """Refused whole, before anything is done: the job that wrote these is not ours."""
    plan = decide(TALK)
    good = encode(collect_words(TALK, plan, reviser(["answered"], "Yes")))
    call = {**encode(CALL), **MUTANTS[name]}
    with pytest.raises(UserError):
        words = decode(Words, json.loads(json.dumps({**good, "calls": [call]})))
        round_row(words.by, plan.head_oid, words.calls)


def test_calls_cut_short() -> None:
    """A call without one of its fields is none."""
    for name in encode(CALL):
        with pytest.raises(UserError):
            decode(Call, {key: value for key, value in encode(CALL).items() if key != name})


def test_killed_of_tried(capsys: pytest.CaptureFixture[str]) -> None:
    """The number to print, as for what a model may not write."""
    with capsys.disabled():
        print(f" mutants of calls: {len(MUTANTS)} tried ", end="")

    assert len(MUTANTS) >= 10
