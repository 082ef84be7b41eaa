"""For programs and for lists: `--format json` of every command, `list`, `explain`, and the tables of commands."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable

import click
import pytest

import gitbed
from cli.command import fine, run
from cli.conftest import BRANCH, CREATE
from skill_fleet.checks import RULES
from skill_fleet.cli import main, review as review_group

Sit = Callable[[gitbed.Identity], None]

SKILL_KEYS = {"id", "name", "category", "description", "status", "version", "path"}
LISTED_KEYS = {"number", "title", "state", "draft", "head", "labels", "author"} | {
    "updated", "approvals", "open", "turn", "why",
}  # fmt: skip
DRAFT_KEYS = {
    "description",
    "assumptions",
    "left_out",
    "ledger",
    "skill",
    "files",
    "open_points",
    "findings",
    "material",
    "branch",
    "commit",
    "adopted",
    "number",
    "further",
}
FINDING_KEYS = {"rule", "severity", "skill", "path", "line", "column", "message", "fix"}


def _commands() -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for package, commands in (("skill_fleet.cli", main.COMMANDS), ("skill_fleet.cli.review", review_group.COMMANDS)):
        for name, (module, _) in commands.items():
            found.append((name, getattr(importlib.import_module(f"{package}.{module}"), name.replace("-", "_"))))
    return found


def _all_commands() -> list[tuple[str, click.Command]]:
    """With those of the groups `eval` and `learn`, each in one module."""
    found = _commands()
    groups = [(name, group) for name, group in found if isinstance(group, click.Group) and name != "review"]
    inside = [(f"{name} {one}", command) for name, group in groups for one, command in group.commands.items()]
    return [*found, *inside]


def test_tables_of_commands_are_the_docstrings() -> None:
    """The tables that --help prints say what each command says of itself."""
    tables = [*main.COMMANDS.items(), *review_group.COMMANDS.items()]

    for (name, command), (listed, (_, words)) in zip(_commands(), tables, strict=True):
        assert (name, command.name) == (listed, listed)
        assert words == inspect.cleandoc(command.help or "").split("\n")[0], name


def test_every_option_has_a_help() -> None:
    """No option is left to guessing, and each help ends in a full stop."""
    for name, command in _all_commands():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help and parameter.help.rstrip().endswith("."), f"{name} {parameter.opts}"


def test_every_command_for_people_speaks_json() -> None:
    """All but the groups, and those whose output is a file for the next step or a script."""
    files = {"review", "eval", "eval pull", "learn", "learn data", "fetch", "decide", "write", "export", "completion"}

    for name, command in _all_commands():
        assert any("--format" in parameter.opts for parameter in command.params) == (name not in files), name


def test_json_of_a_whole_session(pair: gitbed.Bed, as_person: Sit) -> None:
    """Every command of the main job gives one JSON value with keys that do not depend on what happened."""

    def ask(*words: str, status: int = 0) -> dict[str, object]:
        done = run(pair.path, *words, "--format", "json")
        assert done.status == status, done
        told: dict[str, object] = json.loads(done.out)
        return told

    assert ask("create", *CREATE[1:], "--dry-run").keys() == DRAFT_KEYS
    assert ask("create", *CREATE[1:], "--no-pr")["number"] is None
    made = ask("create", *CREATE[1:])
    assert made.keys() == DRAFT_KEYS and (made["number"], made["adopted"], made["branch"]) == (1, True, BRANCH)
    rows = json.loads(run(pair.path, "review", "list", "--format", "json").out)
    assert [row.keys() for row in rows] == [LISTED_KEYS]
    as_person(gitbed.REVIEWER)
    key = ask("review", "comment", "1", "Look here", "--path", "SKILL.md")["key"]
    assert ask("review", "resolve", "1", str(key)) == {"number": 1, "key": key, "resolved": True}
    asked = ask("review", "request-changes", "1", "Say more")["key"]
    assert ask("review", "step", "1").keys() == {"number", "done"}
    assert ask("promote", "1", status=1).keys() == {"number", "merged", "queued", "commit", "gates"}
    assert ask("review", "withdraw", "1", str(asked)) == {"number": 1, "key": asked}
    plan = fine(pair.path, "review", "decide", "-", stdin=fine(pair.path, "review", "fetch", "1").encode())
    done = run(pair.path, "review", "apply", "-", "--format", "json", stdin=plan.encode())
    assert json.loads(done.out).keys() == {"number", "done"}
    ask("review", "approve", "1", "Good")
    assert {"number", "state", "items", "threads", "commits", "gates"} <= ask("review", "show", "1").keys()
    merged = ask("promote", "1")
    assert merged["merged"] is True and merged["commit"] == pair.tip("origin/main")
    assert ask("review", "watch", "1")["ended"] == "completed"


def test_json_of_validate(lone: gitbed.Bed) -> None:
    """The keys are those that the design promises, lines and columns count from 1."""
    lone.write("skills/web/bad/SKILL.md", gitbed.skill("Bad"))

    told = json.loads(run(lone.path, "validate", "--format", "json").out)

    assert told.keys() == {"skills", "errors", "hints", "findings"}
    assert told["skills"] == 2 and told["errors"] + told["hints"] == len(told["findings"])
    for finding in told["findings"]:
        assert finding.keys() == FINDING_KEYS and finding["line"] >= 1 and finding["column"] >= 1


def test_list(lone: gitbed.Bed) -> None:
    """One row a skill, sorted by id; a long description is cut for people, and whole for programs."""
    lone.commit("More", {"skills/api/long/SKILL.md": gitbed.skill("long", f"{'word ' * 100}. Use when asked.")})

    rows = json.loads(fine(lone.path, "list", "--format", "json"))
    lines = fine(lone.path, "list").splitlines()

    assert [row["id"] for row in rows] == ["api/long", "python/packaging"]
    assert all(row.keys() == SKILL_KEYS for row in rows) and len(rows[0]["description"]) > 500
    assert [line.split()[0] for line in lines] == ["api/long", "python/packaging"] and len(lines[0]) < 130
    assert fine(lone.path, "list", "--ref", "main~1").startswith("python/packaging")


@pytest.mark.parametrize("rule", sorted(RULES))
def test_explain(rule: str, lone: gitbed.Bed) -> None:
    """Every rule is explained, and stands in the list of its family."""
    assert fine(lone.path, "explain", rule).startswith(f"{rule} ({RULES[rule].severity}")
    assert rule in fine(lone.path, "explain", RULES[rule].family)


def test_explain_everything(tmp_path: object, lone: gitbed.Bed) -> None:
    """Without a name all rules are listed, for people and for programs."""
    assert {line.split()[0] for line in fine(lone.path, "explain").splitlines() if line} == set(RULES)

    told = json.loads(fine(lone.path, "explain", "--format", "json"))
    assert [row["rule"] for row in told] == sorted(RULES)
    assert json.loads(fine(lone.path, "explain", "spec/name", "--format", "json")) == [
        row for row in told if row["rule"] == "spec/name"
    ]
