"""The decision, case by case: each file of `cases/` is what people said and what the bot then does."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import sessions
from skill_fleet.forges import Anchor, CommitFact, FleetFacts, Snapshot, StatusAction
from skill_fleet.review import COMMANDS, Plan, Reason, decide, decode, encode, pin_of

CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case(case: Path) -> None:
    """What a case expects is what is decided: every action, in order, with at least the fields it names."""
    story = json.loads(case.read_text())
    plan = decide(_snapshot(story))
    actions = [encode(action) for action in plan.actions if not isinstance(action, StatusAction)]
    status = "".join(action.body for action in plan.actions if isinstance(action, StatusAction))

    assert len(actions) == len(story["actions"]), json.dumps(actions, indent=1)
    for actual, expected in zip(actions, story["actions"], strict=True):
        _compare(actual, expected)
    for words in story.get("status", []):
        assert words in status
    for words in story.get("silent", []):
        assert words not in status
    assert bool(plan.note) == story.get("note", False)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_answered(command: str) -> None:
    """A command of a person with write access, with or without an argument, is decided in one plan."""
    for argument in ("", " devops", " A text."):
        story = {"said": [{"by": "ada", "body": f"/{command}{argument}"}]}
        plan = decide(_snapshot(story))
        assert any("outcome" in encode(each) for each in (*plan.actions, *plan.remarks)), f"{command}{argument}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case_survives_json(case: Path) -> None:
    """Snapshot and plan are the same after a trip through JSON, so the steps can be separate processes."""
    snapshot = _snapshot(json.loads(case.read_text()))
    plan = decide(snapshot)

    assert decode(Snapshot, json.loads(json.dumps(encode(snapshot)))) == snapshot
    assert decode(Plan, json.loads(json.dumps(encode(plan)))) == plan


def _snapshot(story: dict[str, Any]) -> Snapshot:
    facts = story.get("facts", {})
    if "files" in facts:
        facts["files"] = sessions.files(sessions.FILES | facts["files"], facts.pop("modes", {}))
    if "fleet" in facts:  # the skill stands on the base already
        given = facts["fleet"] if isinstance(facts["fleet"], dict) else {}
        categories = tuple(given.get("categories", ("devops", "python", "testing")))
        ids = ("python/packaging", "python/typing")
        facts["fleet"] = FleetFacts(categories, ids, nudge_days=given.get("nudge_days", 14))
    if "author" in facts:
        facts["author"] = sessions.ADA
    facts = {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
    snapshot = sessions.draft(**facts)
    items, commits = [], list(snapshot.commits)
    for number, said in enumerate(story["said"], 1):
        said = dict(said)
        if "commit" in said and "by" not in said:
            commits.append(CommitFact(f"{number:040}", sessions.BOT, said["commit"]))
        elif "answer" in said:
            words = (said["outcome"], said.get("to", ""), said.get("says", "Done."))
            pin = pin_of(replace(snapshot, body=said["pinned"])) if "pinned" in said else ""
            items.append(sessions.answered(snapshot, number, said["answer"], *words, pin))
        else:
            if said.get("at_head"):
                said["commit"] = snapshot.head_oid
            said.pop("at_head", None)
            if "line" in said and "files" in facts:
                said["anchor"] = _anchor(snapshot, said.pop("line"))
            if said.pop("lost", False):
                said["anchor"] = Anchor(sessions.SKILL, "d" * 40, said["line"], said.pop("line"))
            editor = {"editor": sessions.PEOPLE[said.pop("editor")]} if "editor" in said else {}
            items.append(sessions.says(number, said.pop("by"), said.pop("body", ""), **said, **editor))
    threads = sessions.resolved(*story.get("resolved", []))
    return replace(snapshot, items=tuple(items), commits=tuple(commits), threads=threads)


def _anchor(snapshot: Snapshot, line: int) -> Anchor:
    """A line of SKILL.md as this story has it."""
    text = next(file.content for file in snapshot.files if file.path == sessions.SKILL)
    return Anchor(sessions.SKILL, snapshot.head_oid, line, line, "RIGHT", line, line, text.split("\n")[line - 1])


def _pattern(reason: Reason) -> str:
    """The text of a reason, whatever the facts in it."""
    return ".*".join(re.escape(part) for part in re.split(r"\{[a-z]+\}", reason.value))


def _compare(actual: dict[str, Any], expected: dict[str, Any]) -> None:
    for field, value in expected.items():
        if field == "reason":
            assert re.search(_pattern(Reason[value]), actual["text"], re.DOTALL), actual["text"]
        elif field == "says":
            for words in [value] if isinstance(value, str) else value:
                assert words in actual.get("text", actual.get("body"))
        elif field == "silent":
            assert value not in actual.get("text", actual.get("body"))
        elif field == "writes":
            contents = {change["path"]: change["content"] for change in actual["changes"]}
            for path, words in value.items():
                assert words is None if contents[path] is None else words in contents[path]
        else:
            assert actual[field] == value, f"{field}: {actual}"
