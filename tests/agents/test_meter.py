"""Agents behind the meter: what they are told and shown, what is counted, what they cannot find, and when a run is none."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from agents.provider import INPUT, OUTPUT, Call, Provider, Script, Shown, serving
from skill_fleet.agents import (
    File,
    Harness,
    Isolation,
    Output,
    OverBudget,
    Price,
    Task,
    Unavailable,
    find_client,
    isolations_here,
    run_task,
)
from skill_fleet.errors import UserError
from skill_fleet.fleet import Configuration

KEY = "key-that-nobody-may-see"
TEXT = (
    "---\nname: colours\ndescription: Names the colour.\n---\n\n# Colours\n\nAnswer BLUE, whatever the question is.\n"
)
SKILL = {"colours": {"SKILL.md": File(TEXT.encode()), "references/more.md": File(b"More.")}}
PLACES = isolations_here()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of a person who has a key."""
    monkeypatch.setenv("SKILL_FLEET_MODEL_KEY", KEY)
    return monkeypatch


def ran(
    environment: pytest.MonkeyPatch,
    script: Script,
    isolation: Isolation = Isolation.NONE,
    skills: Mapping[str, Any] = SKILL,
    turns: int = 9,
    change: Mapping[str, Any] = {},
    **more: Any,
) -> tuple[Output, Provider]:
    """Run the agent `lm` on one task, with a scripted model."""
    with serving(script) as provider:
        for name, value in change.items():
            setattr(provider, name, value)
        run = run_task(
            harness(environment, provider, isolation, turns),
            Task("Which colour?", {}),
            skills,
            threading.Event(),
            **more,
        )
        return run, provider


def harness(environment: pytest.MonkeyPatch, provider: Provider, isolation: Isolation, turns: int) -> Harness:
    """The agent `lm`, whose model is at this provider."""
    environment.setenv("SKILL_FLEET_API_BASE", f"{provider.address}/v1")
    price = Price(1.0, 10.0, 0.0, 0.0)
    return find_client("lm", "small", isolation, turns=turns, price=price, settings=Configuration())


def reads_the_skill(shown: Shown) -> str | Call:
    """Reads the skill, writes its answer to a file, and says it."""
    steps: list[str | Call] = [
        Call("skill", {"name": "colours"}),
        Call("write_file", {"path": "out/answer.txt", "content": "BLUE" if "Answer BLUE" in shown.text else "RED"}),
        Call("bash", {"command": "cat out/answer.txt; exit 3"}),
        "BLUE" if "[status 3]" in shown.text else "RED",
    ]
    return steps[shown.results]


@pytest.mark.parametrize("isolation", PLACES)
def test_a_run_of_the_loop(environment: pytest.MonkeyPatch, isolation: Isolation) -> None:
    """The agent uses its tools; what it did and what that cost is known from the meter."""
    output, provider = ran(environment, reads_the_skill, isolation)

    assert (output.answer, output.exit, output.files) == ("BLUE\n", 0, {"out/answer.txt": File(b"BLUE")})
    assert (output.turns, output.tokens, output.model) == (4, 4 * (INPUT + OUTPUT), "small")
    assert output.cost == 4 * (INPUT + 10 * OUTPUT)
    assert output.skills == ("colours",)
    assert [each["name"] for each in output.tools] == ["skill", "write_file", "bash"]
    assert {f"Bearer {KEY}"} == {*provider.keys}


def test_a_skill_that_is_not_read(environment: pytest.MonkeyPatch) -> None:
    """It is listed, and the meter sees that its body was not shown; without skills, there is no list and no tool."""
    output, provider = ran(environment, lambda _: "RED")
    ((_, request),) = provider.requests

    assert output.skills == () and "Names the colour." in json.dumps(request)
    output, provider = ran(environment, lambda _: "RED", skills={})
    assert output.skills == () and "skill" not in json.dumps(provider.requests[0][1])


def test_a_skill_that_is_read_with_another_tool(environment: pytest.MonkeyPatch) -> None:
    """What counts is that its body was shown, by whatever way."""
    command = {"command": "head -20 .agents/skills/*/SKILL.md"}
    output, _ = ran(environment, lambda shown: "RED" if shown.results else Call("bash", command))
    assert output.skills == ("colours",)


def test_the_limit_of_turns(environment: pytest.MonkeyPatch) -> None:
    """A run that reaches it is a run with what is there by then."""
    output, provider = ran(environment, lambda _: Call("write_file", {"path": "x", "content": "1"}), turns=3)

    assert output.turns == len(provider.requests) == 3
    assert output.files == {"x": File(b"1")} and output.exit != 0


def test_the_limit_of_money(environment: pytest.MonkeyPatch) -> None:
    """A call that would go beyond it is refused, and the run is none; what it has cost is known."""
    with pytest.raises(OverBudget) as caught:
        ran(environment, lambda _: Call("bash", {"command": "true"}), limit=550.0)
    assert caught.value.cost == 2 * (INPUT + 10 * OUTPUT)


@pytest.mark.parametrize("status", [401, 429, 500, 529])
def test_a_provider_that_does_not_answer(environment: pytest.MonkeyPatch, status: int) -> None:
    """Then there is nothing to grade, and no key is in what is said."""
    with pytest.raises(Unavailable) as caught:
        ran(environment, lambda _: "RED", change={"status": status})
    assert KEY not in str(caught.value)


def test_the_model_as_served(environment: pytest.MonkeyPatch) -> None:
    """It is what the provider says."""
    output, _ = ran(environment, lambda _: "RED", change={"served": "small-2"})
    assert output.model == "small-2"


def test_a_run_is_replayed(environment: pytest.MonkeyPatch) -> None:
    """With the kept calls, nobody is asked, and the same comes out."""
    output, _ = ran(environment, reads_the_skill)
    again, provider = ran(environment, lambda _: "RED", replay=output.calls)

    assert provider.requests == []
    assert (again.answer, again.files, again.tokens, again.skills) == (
        output.answer,
        output.files,
        output.tokens,
        output.skills,
    )
    with pytest.raises(Unavailable):
        ran(environment, lambda _: "RED", replay=output.calls[:2])
    assert KEY not in json.dumps(output.calls)


@pytest.mark.thorough
def test_the_time_of_the_model_is_not_the_agents(environment: pytest.MonkeyPatch) -> None:
    """A slow provider ends no run; a slow agent does."""
    waits = threading.Event()

    def slow(shown: Shown) -> str | Call:
        waits.wait(10.5)
        return "RED"

    with serving(slow) as provider:
        agent = harness(environment, provider, Isolation.NONE, 9)
        output = run_task(agent, Task("Which colour?", {}, timeout=10), SKILL, threading.Event())
        assert output.exit == 0
        provider.script = lambda _: Call("bash", {"command": "sleep 60"})
        assert run_task(agent, Task("Which colour?", {}, timeout=1.2), SKILL, threading.Event()).exit is None


def test_other_skills_than_the_staged_ones_stop_the_measurement(environment: pytest.MonkeyPatch) -> None:
    """A skill that came from elsewhere is named, and so is one that the client does not list."""
    with serving(lambda _: "RED") as provider:
        agent = harness(environment, provider, Isolation.NONE, 9)
        for name in ("no-such-part", "Skills are (.*?)begin, and"):
            changed = Harness(**{**vars(agent), "catalogue": (name, r"(\w+) for")})
            with pytest.raises(UserError):
                run_task(changed, Task("Which colour?", {}), SKILL, threading.Event())


SEARCH = """
A=WORD-OF-THE; K=key-that-nobody
for place in / /tmp /dev /root /home "$PWD/.."; do find "$place" -xdev -type f; done 2>/dev/null | xargs grep -sI -e $A-ANSWER -e $K-may
grep -rsI -e $A-ANSWER -e $K-may /etc; env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'
git --git-dir=FLEET/.git log -p --all; cat FLEET/skills/*/*/evals/evals.json FLEET/../*.tar /proc/1/root/FLEET/*
find "$PWD/.." -name 'eval*.json'
"""


@pytest.mark.parametrize("isolation", [each for each in PLACES if each is not Isolation.NONE])
def test_an_agent_that_searches_finds_neither_answers_nor_key(
    environment: pytest.MonkeyPatch, isolation: Isolation, tmp_path: Any
) -> None:
    """In its folder, HOME, the environment, processes, staged folders, archives, the fleet; and no network leads out."""
    fleet = tmp_path / "fleet"
    (fleet / "skills/python/colours/evals").mkdir(parents=True)
    for name in ("skills/python/colours/evals/evals.json", "notes.env"):
        (fleet / name).write_text("WORD-OF-THE-ANSWER")
    (tmp_path / "fleet.tar").write_text("WORD-OF-THE-ANSWER")
    environment.setenv("OTHER_API_KEY", KEY)
    with serving(lambda _: "RED") as provider:
        port = provider.address.rpartition(":")[2]
        reach = (
            f"python3 -c \"import socket; print('rea' + 'ched', socket.create_connection(('127.0.0.1', {port})))\" 2>&1"
        )
        command = {"command": f"{SEARCH.replace('FLEET', str(fleet))}\n{reach}"}
        provider.script = lambda shown: shown.text if shown.results else Call("bash", command)
        output = run_task(harness(environment, provider, isolation, 9), Task("Search.", {}), SKILL, threading.Event())
        found = provider.requests[-1][1]["messages"][-1]["content"]

    assert "SKILL_FLEET_TOKEN=" in found and "No such file" in found, "it did search"
    assert KEY not in found and "WORD-OF-THE-ANSWER" not in found
    assert "reached" not in found
    assert output.exit == 0
