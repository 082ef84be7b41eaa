"""What a job with a model hands to the one that may write: texts and replies, of this plan alone, and no secret."""

from __future__ import annotations

import base64
import codecs
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings, strategies as st

from cli.command import run
from review.scenes import GRACE, NOTES, Scene
from review.stories import snapshots, text
from review.test_write import OUTCOMES, TALK, reviser
from skill_fleet.errors import UserError
from skill_fleet.forges import Anchor, AnswerAction, CommitAction, Snapshot, StaleHead
from skill_fleet.review import (
    LEAKED,
    Revised,
    Round,
    Words,
    collect_words,
    decide,
    decode,
    encode,
    guarded,
    own_secrets,
    plan_digest,
    replayed,
    without_words,
    write,
)

SECRET = "hunter2-Correct+Horse/7Battery"


@settings(deadline=None, max_examples=40)
@given(snapshots(), st.lists(st.sampled_from(OUTCOMES[:6]), min_size=1, max_size=4), text)
def test_by_way_of_words(snapshot: Snapshot, outcomes: list[str], said: str) -> None:
    """Written in one job and carried out in another is the same plan as in one process, also through JSON."""
    assume(snapshot.state == "open")
    plan = decide(snapshot)
    wrote = reviser(outcomes, said)

    def named(given: Round) -> Revised:
        return replace(wrote(given), by="dspy some/model")

    words = decode(Words, json.loads(json.dumps(encode(collect_words(snapshot, plan, named)))))
    read = replayed(plan, words)

    assert read is not None
    assert write(snapshot, plan, read) == write(snapshot, plan, named)


def test_a_model_that_failed() -> None:
    """The reason goes with the words, so that the answers are those of one process."""
    plan = decide(TALK)

    def fail(given: Round) -> Revised:
        return Revised(given.files, (), "", "The model is asleep.")

    read = replayed(plan, collect_words(TALK, plan, fail))
    assert read and write(TALK, plan, read) == write(TALK, plan, fail)
    (answer,) = [action for action in write(TALK, plan, without_words).actions if isinstance(action, AnswerAction)]
    assert answer.outcome == "failing" and answer.text


@pytest.mark.parametrize(
    "change",
    [
        {"plan": "0" * 64},
        {"replies": [{"item": 2, "outcome": "answered", "text": "x", "against": 0}]},
        {"replies": [{"item": 0, "outcome": "answered", "text": "x", "against": 0}]},
        {"replies": [{"item": 1, "outcome": "asked", "text": "x", "against": 2}]},
        {"replies": [{"item": 1, "outcome": "cancelled", "text": "x", "against": 0}]},
        {"replies": [{"item": 1, "outcome": "answered", "text": "x", "against": 0, "target": "line/9"}]},
        {"by": "x\nAddresses: cancel:comment/1"},
        {"number": 8},
        {"files": {"SKILL.md": None}},
    ],
)
def test_words_of_another_shape(change: dict[str, Any]) -> None:
    """Another plan's, an answer the plan does not have, a target of its own, a trailer: refused whole."""
    plan = decide(TALK)
    good = encode(collect_words(TALK, plan, reviser(["answered"], "Yes")))
    with pytest.raises(UserError):
        replayed(plan, decode(Words, {**good, **change}))


def test_withdrawn_since() -> None:
    """What was changed for somebody who does not want it any more is not committed for the others."""
    plan = decide(TALK)
    read = replayed(plan, replace(collect_words(TALK, plan, reviser(["changed"], "\nMore.\n")), by="me"))
    assert read
    with pytest.raises(StaleHead):
        read(Round("python/packaging", "", {}, ()))


@pytest.mark.parametrize("where", ["file", "reply", "path", "by"])
@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        SECRET.upper(),
        " ".join(SECRET),
        SECRET[::-1],
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"ab{SECRET}".encode()).decode(),
        base64.urlsafe_b64encode(f"x{SECRET}yz".encode()).decode(),
        SECRET.encode().hex(),
        quote(SECRET, safe=""),
        base64.b32encode(f"abc{SECRET}d".encode()).decode(),
        codecs.encode(SECRET, "rot13"),
        SECRET.encode().hex()[::-1],
        "".join(f"\\u{ord(char):04x}" for char in SECRET),
        "".join(f"&#{ord(char)};" for char in SECRET),
        "".join(f"&#x{ord(char):x};" for char in SECRET),
        " ".join(f"{ord(char):08b}" for char in SECRET),
        "-".join(f"%{ord(char):02X}" for char in SECRET),
        "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8",
    ],
)
def test_a_secret_in_what_a_model_wrote(form: str, where: str) -> None:
    """As it is, spaced, backwards, encoded, or somebody else's token: nothing is used, and nothing repeats it."""

    def leak(given: Round) -> Revised:
        made = reviser(["changed"], "Fine.")(given)
        if where == "file":
            return replace(made, files={**made.files, "SKILL.md": f"x{form}x" if form[:4] != "ghp_" else form})
        if where == "path":
            return replace(made, files={**made.files, f"references/{form}.md": "x"})
        if where == "by":
            return replace(made, by=form)
        return replace(made, replies=(replace(made.replies[0], text=f"It is {form}"),))

    secrets = own_secrets(
        {"MODEL_KEY": SECRET, "PIP_KEYRING": "subprocess", "SHORT_TOKEN": "x1", "A_KEY": "production"}
    )
    assert secrets == (SECRET,)
    plan = decide(TALK)
    words = collect_words(TALK, plan, guarded(leak, secrets))

    told = json.dumps(encode(words))
    assert form not in told and words.files == {} and LEAKED in told
    written = write(TALK, plan, guarded(leak, secrets))
    assert not any(isinstance(action, CommitAction) for action in written.actions)
    assert form not in json.dumps(encode(written))


def test_what_is_no_secret() -> None:
    """A skill that speaks of keys, and one that had an example of a token, can be written."""
    plan = decide(TALK)
    wrote = reviser(["changed"], "\nexport API_KEY=...; the production subprocess.\n")
    assert write(TALK, plan, guarded(wrote, own_secrets({"A_KEY": "production", "B_TOKEN": ""}))) == write(
        TALK, plan, wrote
    )


def test_another_run_writes_nothing(
    scene: Callable[..., Scene], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan is for the run and the attempt that made it; any other, or none, leaves every ref as it is."""
    one = scene("lone")
    one.forge(GRACE, ids="1").comment_on(1, "Say more.", Anchor(NOTES, "", 1, 1))
    folder, (snapshot, plan, words) = one.truth.path, (tmp_path / name for name in ("s.json", "p.json", "w.json"))
    assert run(folder, "review", "fetch", "1", "-o", str(snapshot)).status == 0
    for name, value in (("GITHUB_RUN_ID", "77"), ("GITHUB_RUN_ATTEMPT", "1")):
        monkeypatch.setenv(name, value)
    assert run(folder, "review", "decide", str(snapshot), "-o", str(plan)).status == 0
    decided = json.loads(plan.read_text())
    assert (decided["run"], decided["attempt"]) == ("77", "1")
    assert run(folder, "review", "write", str(plan), "-o", str(words)).status == 0
    assert json.loads(words.read_text()) == {
        "plan": words_digest(decided),
        "by": "",
        "files": {},
        "replies": None,
        "calls": [],
    }
    before = one.truth.refs()

    monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "2")
    refused = run(folder, "review", "apply", str(plan), "--words", str(words))
    assert refused.status == 2 and "another run" in refused.err and one.truth.refs() == before
    for name in ("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"):
        monkeypatch.delenv(name)
    assert run(folder, "review", "apply", str(plan)).status == 2 and one.truth.refs() == before
    assert run(folder, "review", "apply", str(plan), "--words", str(words), "--unwritten").status == 2
    mine = ("--run-id", "77", "--attempt", "1")
    done = run(folder, "review", "apply", str(plan), "--unwritten", *mine)
    assert done.status == 0 and ": failing" in done.out, done


def words_digest(decided: dict[str, Any]) -> str:
    """By which words name their plan."""
    from skill_fleet.review import Plan

    return plan_digest(decode(Plan, decided))
