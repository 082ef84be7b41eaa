"""The hooks for pre-commit, installed in a fresh repository and run by the real pre-commit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitbed import FLEET, Bed, make_repo, skill
from skill_fleet.cli.main import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bed:
    """A fleet with the hook installed; the program comes from here instead of being built, so no network is needed."""
    local = [{**hook, "language": "system", "entry": f"{BIN}/{hook['entry']}"} for hook in HOOKS]
    config = yaml.safe_dump({"repos": [{"repo": "local", "hooks": local}]})
    bed = make_repo(tmp_path / "fleet", {**FLEET, ".pre-commit-config.yaml": config})
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "store"))
    subprocess.run([BIN / "pre-commit", "install"], cwd=bed.path, capture_output=True, check=True)
    return bed


def commit(bed: Bed, path: str, text: str) -> subprocess.CompletedProcess[str]:
    """Try to commit one file."""
    bed.write(path, text)
    bed.git("add", "--all")
    command = ["git", "commit", "--message", "Try"]
    return subprocess.run(command, cwd=bed.path, capture_output=True, text=True, check=False)


def test_hook_refuses_a_bad_skill(guarded: Bed) -> None:
    """The commit is not made, and the reason is on the line; fixed, it is; what is no skill is not checked."""
    text = skill("wheels", "Builds and uploads binary archives. Use when a release needs one for each platform.")
    before = guarded.tip()

    bad = commit(guarded, "skills/python/wheels/SKILL.md", text.replace("name: wheels", "name: Rounds"))
    assert bad.returncode == 1
    assert "skills/python/wheels/SKILL.md:2:7" in bad.stdout + bad.stderr
    assert guarded.tip() == before
    good = commit(guarded, "skills/python/wheels/SKILL.md", text)
    assert good.returncode == 0, good.stdout + good.stderr
    other = commit(guarded, "README.md", "More.\n")
    assert "(no files to check)Skipped" in other.stdout + other.stderr


def test_what_is_staged_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain Git hook sees what the commit will have, and nothing of the rest of the work tree."""
    bed = make_repo(tmp_path / "fleet")
    hook = bed.path / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {BIN}/skill-fleet validate --base HEAD --staged\n", encoding="utf-8")
    hook.chmod(0o755)
    path = next(path for path in FLEET if path.endswith("/SKILL.md"))
    good, bad = bed.read("main", path) + "\nMore.\n", bed.read("main", path) + "\nSee [more](more.md).\n"

    def put(staged: str, there: str) -> int:
        bed.write(path, staged)
        bed.git("add", path)
        bed.write(path, there)
        return main(["validate", "--base", "HEAD", "--staged"])

    monkeypatch.chdir(bed.path)
    assert put(bad, good) == 1
    bed.write(path.replace("SKILL.md", "more.md"), "Never added.\n")
    assert put(bad, bad) == 1
    assert put(good, bad) == 0
    with pytest.raises(subprocess.CalledProcessError):  # `--all` commits from an index of its own
        subprocess.run(["git", "commit", "-qam", "Try"], cwd=bed.path, capture_output=True, check=True)
    bed.git("commit", "-qm", "Try")
    assert bed.read("HEAD", path) == good


def test_manifest_is_valid() -> None:
    """By pre-commit's own reader, and each entry is a command that is there."""
    command = [BIN / "pre-commit", "validate-manifest", ".pre-commit-hooks.yaml"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    for hook in HOOKS:
        program, command = hook["entry"].split()[:2]
        assert program == "skill-fleet" and command in COMMANDS
        assert hook["id"] == f"skill-fleet-{command}"


def test_own_hooks_are_local() -> None:
    """This repository's hooks run what is installed beside them: nothing is fetched, no second pin of a version."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))

    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    for hook in config["repos"][0]["hooks"]:
        assert hook["language"] == "system" and hook["entry"].startswith(".venv/bin/")
