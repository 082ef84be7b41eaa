"""The commands that texts for people name exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from skill_fleet.cli.main import COMMANDS
from skill_fleet.founding import own_files, shared_files

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {**{path: (ROOT / path).read_text(encoding="utf-8") for path in shared_files()}, **own_files("x")}
TYPED = sorted(
    (path, command)
    for path, text in TEXTS.items()
    if "/evals/" not in path  # tasks speak of the product in sentences
    for command in dict.fromkeys(re.findall(r"skill-fleet ([a-z-]+) ", text))
)


@pytest.mark.parametrize(
    ("path", "command"), [pair for pair in TYPED if pair[1] not in ("and", "comes", "is", "itself")]
)
def test_commands_exist(path: str, command: str) -> None:
    """Every `skill-fleet COMMAND` that a text, a workflow or a hook names."""
    assert command in COMMANDS


def test_ten_lines_from_a_clone() -> None:
    """CONTRIBUTING keeps its promise, here and in a fleet."""
    for text in (TEXTS[".github/CONTRIBUTING.md"], shared_files()[".github/CONTRIBUTING.md"]):
        (block,) = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        assert len(block.splitlines()) == 10


def test_settings_are_the_ones_that_the_workflows_read() -> None:
    """SECURITY lists each variable, secret, environment and branch, and none that is not there."""
    workflows = "".join(text for path, text in TEXTS.items() if path.startswith(".github/workflows/"))
    read = set(re.findall(r"(?:vars|secrets)\.(SKILL_FLEET_\w+)", workflows))
    read |= set(re.findall(r"(?:environment:|branch) (skill-fleet-[a-z]+)", workflows))
    named = set(re.findall(r"SKILL_FLEET_[A-Z_]+|(?<=`)skill-fleet-[a-z]+(?=`)", TEXTS[".github/SECURITY.md"]))

    assert read == named


def test_what_readme_says_of_an_existing_repository() -> None:
    """Both files can be copied: they name an action, inputs and hooks that are there, and the pins of the workflows."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    workflow, hooks = (
        yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    )
    checkout, ours = workflow["jobs"]["skills"]["steps"]
    manifest = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    assert checkout["uses"] in TEXTS[".github/workflows/check.yml"]
    assert ours["uses"] == "OWNER/skill-fleet/.github/actions/skill-fleet@COMMIT"
    assert {hook["id"] for hook in hooks["repos"][0]["hooks"]} <= {hook["id"] for hook in manifest}


def test_no_text_takes_the_tool_from_an_index() -> None:
    """By its bare name an index may hold somebody else's; what a tip installs is what pyproject.toml asks for."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    wanted = {row for rows in extras.values() for row in rows}
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tooling/skill_fleet").rglob("*.py"))
    texts = [*TEXTS.values(), (ROOT / "README.md").read_text(encoding="utf-8"), code]
    tips = re.findall(r"pip install '([^']+)'", code)

    assert len(tips) >= 3 and set(tips) <= wanted
    assert not [
        found for text in texts for found in re.findall(r"pip install [^\n`]*(?<![/\w-])skill-fleet(?![\w/@-])", text)
    ]
