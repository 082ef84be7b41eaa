"""Linters that others wrote: GitHub's own schemas, and zizmor at its strictest."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from workflows.reading import ACTIONS, ROOT, WORKFLOWS

BIN = Path(sys.executable).parent
SCHEMAS = {
    "github-workflows": WORKFLOWS,
    "github-actions": ACTIONS,
    "github-issue-forms": [ROOT / ".github/ISSUE_TEMPLATE/skill.yml"],
    "github-issue-config": [ROOT / ".github/ISSUE_TEMPLATE/config.yml"],
    "dependabot": [ROOT / ".github/dependabot.yml"],
}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_schema(schema: str) -> None:
    """Valid by the schema that editors use."""
    command = [BIN / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *SCHEMAS[schema]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def zizmor(*options: str) -> list[str]:
    """The audits that find something, by name."""
    command = [BIN / "zizmor", "--offline", "--no-progress", "--persona", "pedantic", "--format", "json", *options]
    done = subprocess.run([*command, ROOT / ".github"], capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    return sorted(finding["ident"] for finding in found if "--no-ignores" in options or not finding["ignored"])


def test_zizmor_has_no_finding() -> None:
    """At the pedantic persona."""
    assert zizmor() == []


def test_what_zizmor_may_not_say_is_justified() -> None:
    """Some findings are ignored where they arise, each with the reason on its line."""
    ignored = [
        line
        for file in [*WORKFLOWS, *ACTIONS]
        for line in file.read_text(encoding="utf-8").splitlines()
        if "zizmor:" in line
    ]

    assert all(re.search(r"# zizmor: ignore\[[a-z-]+\] \w+", line) for line in ignored)
    assert zizmor("--no-ignores") == [*["dangerous-triggers"] * 3, "self-repository"]


def test_actions_are_pinned_as_one() -> None:
    """Everywhere the same commit of an action, with its version beside it."""
    pins: dict[str, set[str]] = {}
    for file in [*WORKFLOWS, *ACTIONS]:
        for name, rest in re.findall(r"uses: ([\w.-]+/[\w.-]+)@(.*)", file.read_text(encoding="utf-8")):
            if name.startswith("OWNER/") or rest == "...":
                continue
            assert re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", rest), f"{file.name}: {name}@{rest}"
            pins.setdefault(name, set()).add(rest)

    assert all(len(versions) == 1 for versions in pins.values())
