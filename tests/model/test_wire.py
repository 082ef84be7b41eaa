"""The server failing in each way at each step: a clear end, nothing half done, the budget respected."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from model.scripted import Exchange, Scripted
from model.skills import SKILL, document, drafted, drafter, finding, revised, thread
from skill_fleet.errors import UserError
from skill_fleet.fleet import ModelSettings
from skill_fleet.model import ModelFailed

DRAFTING = ("draft", "critique", "edit")


def _status(status: int, **headers: str) -> Callable[[Exchange], None]:
    def misbehave(one: Exchange) -> None:
        one.status, one.headers, one.text = (
            status,
            {key.replace("_", "-"): value for key, value in headers.items()},
            "no",
        )

    return misbehave


def _with(**facts: object) -> Callable[[Exchange], None]:
    def misbehave(one: Exchange) -> None:
        for name, value in facts.items():
            setattr(one, name, value)

    return misbehave


def _without_end(one: Exchange) -> None:
    one.text = one.text.replace("[[ ## completed ## ]]\n", "")


def _cut(one: Exchange) -> None:
    one.text, one.finish = one.text[: len(one.text) // 2], "length"


TOO_LONG = "did not answer: it took longer than"
WAYS: dict[str, tuple[Callable[[Exchange], None], str]] = {
    "slow": (_with(delay=0.4), TOO_LONG),
    "dripping": (_with(drip=0.01), TOO_LONG),
    "cut off": (_cut, "cut off"),
    "without an end mark": (_without_end, "may not be whole"),
    "filtered": (_with(finish="content_filter"), "cut off: it ended with 'content_filter'"),
    "malformed": (_with(text="Sure! Here you go."), "does not end with the line"),
    "no JSON": (_with(body=b"<html>busy</html>"), "did not answer"),
    "empty": (_with(text=""), "The reply is empty"),
    "busy": (_status(429, Retry_After="3600"), "did not answer: it accepts no more requests for now."),
    "broken": (_status(500), "did not answer: it has an internal error."),
    "forbidden": (_status(401), "did not answer: it does not accept the key."),
    "hanging up": (_with(hang_up=True), "did not answer"),
}


@pytest.mark.parametrize("step", DRAFTING)
@pytest.mark.parametrize("way", WAYS)
def test_each_way_at_each_step(way: str, step: str, settings: ModelSettings, server: Scripted) -> None:
    """One sentence and a tip, within the time and the budget. Only the edits may fail and leave a whole draft."""
    misbehave, reason = WAYS[way]
    server.always[step] = misbehave
    quick = replace(settings, timeout=0.25 if reason == TOO_LONG else 5)
    began = time.monotonic()
    is_wrong = [finding("SKILL.md", "is wrong")] if step == "edit" else []
    refused_only = "did not answer" not in reason
    if step == "edit" and refused_only:
        draft = drafted(quick, document(), check=lambda _: is_wrong)
        assert draft.points and server.counts["edit"] == 2
        return
    with pytest.raises(ModelFailed) as caught:
        drafted(quick, document(), check=lambda _: is_wrong)

    assert reason in caught.value.message and caught.value.tip
    assert server.counts[step] <= 2, "no retry of a retry"
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("step", ["triage", "revise"])
@pytest.mark.parametrize("way", WAYS)
def test_each_way_in_a_round(way: str, step: str, settings: ModelSettings, server: Scripted) -> None:
    """No answer ends the round with nothing changed; an answer that cannot be used leaves its threads open."""
    misbehave, reason = WAYS[way]
    server.always[step] = misbehave
    quick = replace(settings, timeout=0.25 if reason == TOO_LONG else 5)
    asked = thread(1, "Please replace `with care` with `slowly`.")
    if "did not answer" in reason:
        with pytest.raises(ModelFailed):
            revised(quick, asked)
        return
    done = revised(quick, asked)

    assert done.files == SKILL and done.handled[0].outcome == "open" and reason.split(":")[0] in done.handled[0].reply


@pytest.mark.parametrize("misbehave", [_status(429, Retry_After="0"), _status(503), _with(hang_up=True)])
@pytest.mark.parametrize("step", DRAFTING[:2])
def test_once_is_tried_again(
    step: str, misbehave: Callable[[Exchange], None], settings: ModelSettings, server: Scripted
) -> None:
    """What passes by itself costs a try and nothing else."""
    server.script[step, 1] = misbehave

    assert "3 calls" in drafted(settings, document()).notes[-2]


@pytest.mark.parametrize("step", DRAFTING[:2])
def test_a_bad_reply_is_asked_for_once_more_with_the_reason(
    step: str, settings: ModelSettings, server: Scripted
) -> None:
    """The second question is the first with the reason why, and the reply, quoted so that it cannot pose as a field."""
    server.script[step, 1] = _without_end
    drafted(settings, document())
    first, second = [one.fields for one in server.asked if one.step == step][:2]

    assert first["refused"] == "(none)" and "may not be whole" in second["refused"]
    assert "\n\nThe reply was:\n> [[ ## " in second["refused"]
    assert {**first, "refused": ""} == {**second, "refused": ""}


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_a_budget_of_calls(calls: int, settings: ModelSettings, server: Scripted) -> None:
    """The call that would be one too many is not made. Without the edits there is a draft, with its problems."""
    scarce, is_wrong = replace(settings, calls=calls), [finding("SKILL.md", "is wrong")]
    if calls == 1:
        with pytest.raises(ModelFailed, match=r"The budget ended in the step"):
            drafted(scarce, document(), check=lambda _: is_wrong)
    else:
        assert drafted(scarce, document(), check=lambda _: is_wrong).points

    assert sum(server.counts.values()) <= calls


def test_a_budget_of_tokens(settings: ModelSettings, server: Scripted) -> None:
    """No call is made that could go beyond it, also when the server says that nothing was spent."""
    for one in ("draft", "critique"):
        server.always[one] = _with(usage={"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0})
    with pytest.raises(ModelFailed, match="tokens are spent"):
        drafted(replace(settings, tokens=3_300), document())

    assert sum(server.counts.values()) == 1 and 1_000 < server.requests[0]["max_tokens"] < 2_000, "no longer reply"


def test_a_server_that_does_not_count(settings: ModelSettings, server: Scripted) -> None:
    """Tokens are estimated, and the cost is unknown, not zero."""
    for one in DRAFTING:
        server.always[one] = _with(usage=None)

    assert "about " in (note := drafted(settings, document()).notes[-2]) and "cost unknown" in note


def test_a_stopped_run_goes_on(settings: ModelSettings, server: Scripted, tmp_path: Path) -> None:
    """What was recorded before the stop is not asked again, and the end is the same as without a stop."""
    tape = tmp_path / "tape.jsonl"
    server.script["critique", 1] = server.script["critique", 2] = _status(401)
    with pytest.raises(ModelFailed):
        drafted(settings, document(), record=tape)
    before = sum(server.counts.values())
    server.script.clear()
    draft = drafted(settings, document(), replay=tape, record=tape)

    assert sum(server.counts.values()) - before == 1  # the critic
    assert draft.files == drafted(settings, document()).files


def test_replay_needs_no_server(settings: ModelSettings, server: Scripted, tmp_path: Path) -> None:
    """A run again, offline, word for word; what was never asked is an error that says what to type."""
    tape = tmp_path / "tape.jsonl"
    first = drafted(settings, document(), record=tape)
    away = replace(settings, api_base="http://127.0.0.1:9/v1", model="")
    again = drafted(away, document(), replay=tape)

    assert again.files == first.files and again.drafted_by == first.drafted_by
    paid = drafter(away, replay=tape)
    paid.draft(paid.understand("Explain knots.", (document(),)).brief, (document(),))
    assert paid.client.meter.begin("", settings.tokens) == settings.tokens
    assert "2 calls, 2 of them replayed" in again.notes[-2]
    with pytest.raises(UserError, match="has no answer to this question of the step 'draft'") as caught:
        drafted(away, document("other.md"), replay=tape)
    assert "--record" in caught.value.tip


def test_the_same_question_twice(settings: ModelSettings, server: Scripted, tmp_path: Path) -> None:
    """Two answers to one question are two lines, and come back in their order."""
    from skill_fleet.model import Reply, Tape

    asked, options = [{"role": "user", "content": "x"}], {"temperature": None}
    tape = Tape(record=tmp_path / "t")
    for text in ("one", "two"):
        assert tape.find("draft", asked, options) is None
        tape.keep("draft", asked, options, Reply(text, "stop", "m"))
    again = Tape(replay=tmp_path / "t")

    assert [again.find("draft", asked, options).text for _ in range(2)] == ["one", "two"]  # type: ignore[union-attr]


@pytest.mark.parametrize("part", ['{"step": "dr', '{"step": "draft"', "", "{}"])
def test_a_record_that_ends_in_the_middle(part: str, tmp_path: Path) -> None:
    """What a killed run wrote of a last line is taken away before the next is written, so the record stays readable."""
    from skill_fleet.model import Reply, Tape

    file, options = tmp_path / "t", {"temperature": None}
    questions = [[{"role": "user", "content": text}] for text in ("one", "two", "three")]
    tape = Tape(record=file)
    assert tape.find("draft", questions[0], options) is None
    tape.keep("draft", questions[0], options, Reply("one", "stop", "m"))
    whole = file.read_text()
    file.write_text(whole + part if part != "{}" else whole.removesuffix("\n"))  # the last: only its end is missing
    for question in questions[1:]:
        tape = Tape(record=file, replay=file)
        assert tape.find("draft", question, options) is None
        tape.keep("draft", question, options, Reply(question[0]["content"], "stop", "m"))
    again = Tape(replay=file)

    found = [again.find("draft", question, options) for question in questions]
    assert [one.text for one in found if one] == ["one", "two", "three"]


def test_no_key_anywhere(
    settings: ModelSettings, server: Scripted, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The key is in the header of a request and nowhere else: no record, note, error, output."""

    key = "sk-very-secret-key-1234567890"
    keyed = replace(settings, api_key=key)

    one = drafter(keyed, record=tmp_path / "tape")
    draft = one.draft(one.understand("Explain knots.", (document(),)).brief, (document(),))
    server.always["draft"] = lambda exchange: (
        _status(401)(exchange),
        exchange.__setattr__("text", f"bad key {key}"),
    )[0]
    with pytest.raises(ModelFailed) as caught:
        drafted(keyed, document())
    seen = [
        (tmp_path / "tape").read_text(),
        str(draft),
        json.dumps(one.record),
        str(caught.value),
        repr(keyed),
        *capfd.readouterr(),
    ]  # type: ignore[arg-type]

    assert f"Bearer {key}" in server.authorizations and [text for text in seen if key in text] == []


def test_nothing_is_sent_but_the_question(settings: ModelSettings, server: Scripted) -> None:
    """One address, one kind of call, no temperature unless it is set, and a limit for the reply."""
    drafted(settings, document())
    extra = [{name for name in request if name != "messages"} for request in server.requests]

    assert set(server.paths) == {"/v1/chat/completions"} and all(one == {"model", "max_tokens"} for one in extra)


def test_an_address_is_enough(settings: ModelSettings, server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server without a name for its model is asked once which one it has, past any proxy; one that is away is said."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "example.org")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    draft = drafted(replace(settings, model=""), document())

    assert (
        draft.drafted_by == "dspy small-model"
        and server.paths[0] == "/v1/models"
        and server.paths.count("/v1/models") == 1
    )
    with pytest.raises(ModelFailed, match="names no model"):
        drafted(replace(settings, model="", api_base="http://127.0.0.1:9/v1"), document())


def _cut_after(marker: str) -> Callable[[Exchange], None]:
    def misbehave(one: Exchange) -> None:
        one.text, one.finish = one.text.partition(marker)[0] + marker, "length"

    return misbehave


def test_a_draft_that_is_cut_off_is_completed_by_file_name(settings: ModelSettings, server: Scripted) -> None:
    """Files that are whole are kept, and only the others are asked for; a plan alone is no reason to keep anything."""
    whole = drafted(settings, document()).files
    server.script["draft", 2] = _cut_after("=== FILE references/more-3.md")

    def rest(one: Exchange) -> None:
        head, _, files = one.text.partition("=== FILE SKILL.md")
        one.text = head + "=== FILE references" + files.partition("=== FILE references")[2]

    server.script["draft", 3] = rest
    assert drafted(settings, document()).files == whole
    asked = [one.fields["refused"] for one in server.asked if one.step == "draft"][2]
    assert "complete and kept: SKILL.md." in asked and "=== FILE" not in asked
    server.script["draft", 4] = _cut_after("[[ ## files ## ]]")
    drafted(settings, document())
    assert "kept" not in [one.fields["refused"] for one in server.asked if one.step == "draft"][4]


def test_the_key_is_never_part_of_what_is_asked(settings: ModelSettings, server: Scripted) -> None:
    """Whatever a document contains: no request has the key in its text."""
    key = "zq4-orbit-9f2c-lantern"
    source = document()
    drafted(replace(settings, api_key=key), replace(source, text=f"{source.text}\nThe gate opens with {key} here.\n"))

    assert (
        server.requests and key not in json.dumps(server.requests) and "opens with [key]" in json.dumps(server.requests)
    )
