"""Every fenced block does what the text around it says: Python runs, the wrong way fails, the rest parses."""

from __future__ import annotations

import builtins
import json
import logging
import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from skills.blocks import Block, all_blocks, blocks, chain, run
from skills.probes import checks, symptoms
from skills.product import ROOT

PYTHON = blocks("python")
RUNNABLE = [block for block in PYTHON if not block.is_wrong and "file" not in block.marks]
WRONG = [block for block in PYTHON if block.is_wrong]
PROJECTS = [block for block in PYTHON if Path(block.marks.get("file", "")).name.startswith("test_")]

# What stands in a fence; the second row is shown to readers and not read by any machine here.
LANGUAGES = {"python", "bash", "json", "yaml", "toml"} | {"text", "markdown", "dockerfile", "ini", "http", "suggestion"}


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that a block makes go to a folder of its own, and what it changes in logging is put back."""
    monkeypatch.chdir(tmp_path)
    for name in ("", "uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        monkeypatch.setattr(logger, "handlers", list(logger.handlers))
        monkeypatch.setattr(logger, "propagate", logger.propagate)
        monkeypatch.setattr(logger, "level", logger.level)


@pytest.mark.parametrize("block", all_blocks(), ids=str)
def test_the_language_is_named(block: Block) -> None:
    assert block.language in LANGUAGES


@pytest.mark.parametrize("block", RUNNABLE, ids=str)
def test_the_right_way_runs(block: Block) -> None:
    module = run(block)
    for check in checks(block):
        check(module)
    if "right" in block.marks:
        assert symptoms(block), f"nothing tells the right way from the wrong one: {block.slug}"
    for symptom in symptoms(block):
        assert not symptom(module), f"the right way shows the symptom of the wrong one: {symptom.__doc__}"


@pytest.mark.parametrize("block", WRONG, ids=str)
def test_the_wrong_way_fails_as_the_text_says(block: Block) -> None:
    error = block.marks.get("raises")
    if error:
        with pytest.raises(_error(error)) as caught:
            run(block)
        comments = " ".join(line.partition("#")[2] for line in block.source.splitlines())
        said = comments.partition(f"{error.rpartition('.')[2]}: ")[2].strip()
        assert said, f"no comment says what {error} says"
        assert said.split(" # ")[0] in " ".join(str(caught.value).split())
        return
    assert symptoms(block), f"no probe shows what is wrong: {block.slug}"
    module = run(block)
    for symptom in symptoms(block):
        assert symptom(module), f"the symptom does not show: {symptom.__doc__}"


@pytest.mark.parametrize("block", PROJECTS, ids=str)
def test_a_project_in_blocks_passes_its_own_tests(block: Block, tmp_path: Path) -> None:
    for each in chain(block):
        path = tmp_path / each.marks["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(each.source, encoding="utf-8")
    # without a folder of its own, pytest would delete the folders of earlier whole runs when it ends, which takes minutes
    options = ["-q", "-W", "error", "-p", "anyio", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'tmp'}"]
    command = [sys.executable, "-m", "pytest", *options]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_file_belongs_to_a_project() -> None:
    files = {str(block) for block in PYTHON if "file" in block.marks}
    assert files == {str(each) for block in PROJECTS for each in chain(block)}


@pytest.mark.parametrize("block", blocks("bash"), ids=str)
def test_shell_parses(block: Block) -> None:
    result = subprocess.run(["bash", "-n"], input=block.source, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_parses(block: Block) -> None:
    json.loads(block.source)


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_yaml_parses(block: Block) -> None:
    assert list(yaml.safe_load_all(block.source))


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_toml_parses(block: Block) -> None:
    tomllib.loads(block.source)


def test_what_is_meant_as_right_is_clean(tmp_path: Path) -> None:
    right = [block for block in PYTHON if not block.is_wrong]
    continued = {str(each) for block in PYTHON if "file" not in block.marks for each in chain(block)[:-1]}
    alone = [
        block for block in right if str(block) not in continued and ("file" in block.marks or len(chain(block)) == 1)
    ]
    chained = [block for block in right if str(block) not in continued and block not in alone]
    # a block that is continued imports for all its continuations, of which a chain holds one
    _ruff(
        tmp_path / "chained",
        [[each.source for each in chain(block)] for block in chained],
        ["--extend-ignore=E402,F811,F401"],
    )
    _ruff(tmp_path / "alone", [[block.source] for block in alone], [])


def _ruff(folder: Path, texts: list[list[str]], ignore: list[str]) -> None:
    folder.mkdir()
    for number, parts in enumerate(texts):
        (folder / f"block_{number}.py").write_text("\n\n".join(parts), encoding="utf-8")
    program = Path(sys.executable).parent / "ruff"
    command = [program, "check", "--quiet", "--no-cache", "--config", ROOT / "pyproject.toml", *ignore, folder]
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def _error(name: str) -> type[BaseException]:
    module, _, last = name.rpartition(".")
    found = getattr(import_module(module) if module else builtins, last)
    assert issubclass(found, BaseException)
    return found
