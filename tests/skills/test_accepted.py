"""The validators accept every skill: ours without a hint, the specification's, and a second opinion."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from skills_ref import validate as reference

from skill_fleet.cli.main import app, main
from skills.blocks import Block, blocks
from skills.product import ROOT, SKILLS, Product, products

# What a skill says that it was checked with, and the package that shows whether this is still so.
NAMED = re.compile(r"\b(FastAPI|Starlette|SQLAlchemy|Pydantic|Alembic|httpx2|dspy|gepa) (\d+(?:\.\d+)+)")

CALLS = [block for block in blocks("bash") if "skill-fleet " in block.source]


def test_the_fleet_is_valid_without_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(ROOT), "validate", "--strict"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("product", products(), ids=lambda product: product.id)
def test_the_reference_validator_accepts_it(product: Product) -> None:
    assert not reference(product.folder)


def test_agnix_accepts_them() -> None:
    command = [Path(sys.executable).parent / "agnix", "--format", "json", SKILLS]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    found = json.loads(result.stdout)["diagnostics"]
    assert not [each for each in found if each["level"] != "info"]


@pytest.mark.parametrize("product", products(), ids=lambda product: product.id)
def test_it_is_short_and_complete(product: Product) -> None:
    text = (product.folder / "SKILL.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 300
    assert len(product.description) <= 400
    front = text.split("---")[1]
    assert "license: Apache-2.0" in front
    for key in ("version", "tags", "type", "weight", "load_priority"):
        assert re.search(rf'^  {key}: ".+"$', front, re.MULTILINE), key


@pytest.mark.parametrize("product", products(), ids=lambda product: product.id)
def test_the_versions_it_names_are_those_of_the_tests(product: Product) -> None:
    front = (product.folder / "SKILL.md").read_text(encoding="utf-8").split("---")[1]
    for name, said in NAMED.findall(front):
        assert f"{version(name.lower())}.".startswith(f"{said}."), f"{name} is no longer {said}: read it again"


@pytest.mark.parametrize("product", products(), ids=lambda product: product.id)
def test_every_file_is_mentioned_in_the_skill(product: Product) -> None:
    text = (product.folder / "SKILL.md").read_text(encoding="utf-8")
    for path in product.folder.rglob("*"):
        relative = path.relative_to(product.folder)
        left_behind = any(part.startswith((".", "__pycache__")) for part in relative.parts)
        if path.is_file() and not left_behind and relative.parts[0] not in ("SKILL.md", "evals"):
            folders = [f"{folder.as_posix()}/" for folder in relative.parents if folder.name]
            assert any(mention in text for mention in (relative.as_posix(), *folders)), relative


@pytest.mark.parametrize("block", CALLS, ids=str)
def test_each_command_of_this_tool_exists(block: Block) -> None:
    for line in block.source.replace("\\\n", " ").splitlines():
        if line.startswith("skill-fleet "):
            _look_up(shlex.split(line, comments=True)[1:])


def _look_up(words: list[str]) -> None:
    command: click.Command = app
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, f"no command {words[0]}"
        command, words = found, words[1:]
    known = {name for parameter in command.params for name in parameter.opts} | {"--help", "-h"}
    asked = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"}
    assert asked <= known, f"{command.name} has no {asked - known}"
