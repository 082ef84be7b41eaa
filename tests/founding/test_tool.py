"""Where a fleet's workflows get the tool from: a commit of the repository that made it, never a bare name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.command import run
from gitbed import Bed, make_repo
from house.copies import published_files
from skill_fleet.cli.init import init
from skill_fleet.errors import UserError
from skill_fleet.founding import TOOL_FILE, checked_requirement, running_requirement, tool
from workflows.reading import ACTIONS, load

ROOT = Path(__file__).resolve().parents[2]
COMMIT = "0123456789" * 4
HASH = "0123456789abcdef" * 4
INSTALL, CHECK = (step for step in load(ACTIONS[-1])["runs"]["steps"] if "run" in step)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (f"git+https://a.example/o/r@{COMMIT}", f"skill-fleet @ git+https://a.example/o/r@{COMMIT}"),
        (
            f"skill-fleet@git+ssh://git@a.example/o/r.git@{COMMIT}",
            f"skill-fleet @ git+ssh://git@a.example/o/r.git@{COMMIT}",
        ),
        (f" skill-fleet @ git+https://a.example/r@{COMMIT}\n", f"skill-fleet @ git+https://a.example/r@{COMMIT}"),
        (f"git+file:///srv/r@{COMMIT}", None),
        (f"https://a.example/s-1.whl#sha256={HASH}", f"skill-fleet @ https://a.example/s-1.whl#sha256={HASH}"),
        ("skill-fleet == 1.0", None),
        ("skill-fleet==1.0", "skill-fleet==1.0"),
        ("skill-fleet", None),
        ("skill-fleet>=1", None),
        ("other==1.0", None),
        ("git+https://a.example/o/r", None),
        ("git+https://a.example/o/r@main", None),
        (f"git+https://a.example/o/r@{COMMIT[:12]}", None),
        (f"git+http://a.example/o/r@{COMMIT}", None),
        (f"git+https://me:secret@a.example/o/r@{COMMIT}", None),
        ("https://a.example/s-1.whl", None),
        (f"git+https://a.example/o/r@{COMMIT}\nevil==1", None),
        (f"git+https://a.example/o r@{COMMIT}", None),
        ("-r other.txt", None),
        ("", None),
    ],
)
def test_what_may_be_named(said: str, taken: str | None) -> None:
    """A whole commit, an archive with its hash, or a version that somebody answers for; anything else is refused."""
    if taken:
        assert checked_requirement(said) == taken
        assert checked_requirement(taken) == taken
    else:
        with pytest.raises(UserError):
            checked_requirement(said)


@pytest.mark.parametrize(
    ("origin", "address"),
    [
        ("https://a.example/o/r.git", "https://a.example/o/r.git"),
        ("https://me:secret@a.example/o/r", "https://a.example/o/r"),
        ("git@a.example:o/r.git", "https://a.example/o/r.git"),
        ("ssh://git@a.example/o/r.git", "https://a.example/o/r.git"),
        ("/srv/r.git", None),
        ("http://a.example/o/r", None),
        ("../r", None),
    ],
)
def test_of_a_checkout(bed: Bed, monkeypatch: pytest.MonkeyPatch, origin: str, address: str | None) -> None:
    """Run from a clone: its origin's public address, without anybody's password, once the commit is there."""
    bed.commit("Be a tool", {"pyproject.toml": ""})
    monkeypatch.setattr(tool, "_CHECKOUT", bed.path)
    assert running_requirement() is None, "no origin"
    bed.git("remote", "add", "origin", origin)
    assert running_requirement() is None, "not pushed"

    bed.git("update-ref", "refs/remotes/origin/main", "HEAD")
    assert running_requirement() == (address and f"skill-fleet @ git+{address}@{bed.tip()}")
    monkeypatch.setattr(tool, "_CHECKOUT", bed.path / "skills")
    bed.write("skills/pyproject.toml", "")
    assert running_requirement() is None, "a copy inside another repository"


@pytest.mark.parametrize(
    ("noted", "line"),
    [
        (None, None),
        (
            {"url": "https://a.example/r", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            f"git+https://a.example/r@{COMMIT}",
        ),
        ({"url": "https://a.example/r", "vcs_info": {"vcs": "hg", "commit_id": COMMIT}}, None),
        ({"url": "file:///nowhere/at/all", "dir_info": {}}, None),
        ({"url": "https://a.example/s.whl", "archive_info": {}}, None),
    ],
    ids=["by name", "git", "other", "folder that is gone", "archive"],
)
def test_of_an_installed_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, noted: dict[str, object] | None, line: str | None
) -> None:
    """What pip noted down of where it came from; from an index, by name, nothing is known."""
    info = tmp_path / "skill_fleet-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: skill-fleet\nVersion: 1\n", encoding="utf-8")
    if noted:
        (info / "direct_url.json").write_text(json.dumps(noted), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(tool, "_CHECKOUT", tmp_path)

    assert running_requirement() == (line and f"skill-fleet @ {line}")


def install_and_check(
    fleet: Bed, folder: Path, extras: str = "", action: Path | None = None, arguments: str = ""
) -> subprocess.CompletedProcess[str]:
    """The two steps of the composite action on a repository, as a runner runs them; pip may use no network."""
    (folder / "bin").mkdir(parents=True)
    site = folder / "site"
    python = folder / "bin/python"
    python.write_text(
        f"#!/bin/sh\nexec {sys.executable} \"$@\" --no-deps --no-build-isolation --no-index --target '{site}'\n",
        encoding="utf-8",
    )
    program = folder / "bin/skill-fleet"  # what `--target` gives is for this Python, and finds it by the path
    program.write_text(
        f"#!/bin/sh\nPYTHONPATH='{site}' exec {sys.executable} -c "
        "'import sys; from skill_fleet.cli.main import run; run()' \"$@\"\n",
        encoding="utf-8",
    )
    for file in (python, program):
        file.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_ACTION_PATH": str((action or fleet.path) / ".github/actions/skill-fleet"),
        "ARGUMENTS": arguments,
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "RUNNER_TEMP": str(folder),
        "REPOSITORY": str(fleet.path),
        "EXTRAS": extras,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONSAFEPATH": "1",
    }
    script = f"{INSTALL['run']}\n{CHECK['run']}"
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], cwd=fleet.path, env=environment, capture_output=True, text=True
    )


def test_fleet_is_checked_by_what_its_requirements_name(
    isolated_git: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a Git address, at the commit that init was given: the check runs that code, though the branch has moved on."""
    files = {path: (ROOT / path).read_bytes() for path in published_files() if not path.startswith("tests/")}
    source = make_repo(tmp_path / "tool", {**files})
    report = "tooling/skill_fleet/reports/terminal.py"
    marked = source.commit("Mark it", {report: files[report] + b"\nprint('marked')\n"})
    source.commit("Break it", {report: b"no code at all"})
    words = [str(tmp_path / "fleet"), "--tool", f"git+https://tools.example/skill-fleet@{marked}"]
    assert init.main(args=words, standalone_mode=False) == 0
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")  # the address leads to the folder
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{source.path}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://tools.example/skill-fleet")

    done = install_and_check(Bed(tmp_path / "fleet"), tmp_path / "runner", "github")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "marked\n" in done.stdout and "1 skill checked: no errors" in done.stdout


def test_fleet_that_does_not_know_its_tool(isolated_git: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made all the same, init says so, and its checks stop with a sentence instead of asking an index by name.

    To the doctor that is a hint, as it was a note to init, until there is a remote where workflows run.
    """
    info = tmp_path / "index/skill_fleet-1.dist-info"  # installed by name, and so without a record of its source
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: skill-fleet\nVersion: 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path / "index")
    monkeypatch.setattr(tool, "_CHECKOUT", tmp_path)
    assert init.main(args=[str(tmp_path / "fleet")], standalone_mode=False) == 0
    fleet = Bed(tmp_path / "fleet")

    done = install_and_check(fleet, tmp_path / "runner")

    assert done.returncode == 1 and "does not say yet where skill-fleet comes from" in done.stdout
    lines = fleet.read("HEAD", TOOL_FILE).splitlines()
    assert lines and all(line.startswith("#") for line in lines)
    fresh = run(fleet.path, "doctor")
    assert fresh.status == 0 and "\n-- tool: " in fresh.out and "!! " not in fresh.out
    fleet.git("remote", "add", "origin", str(fleet.path))
    published = run(fleet.path, "doctor")
    assert published.status == 1 and "\n!! tool: " in published.out


def test_in_a_repository_that_is_no_fleet(bed: Bed, tmp_path: Path) -> None:
    """With `uses: OWNER/skill-fleet/...` the tool is the checkout around the action, and any folder can be checked."""
    bed.git("rm", "--quiet", "-r", "skills")
    text = "---\nname: bows\nlevel: 1.0\ndescription: Ties bows. Use when a lace is loose.\n---\n\n# Bows\n"
    bed.commit("Keep skills elsewhere", {"agents/bows/SKILL.md": text})

    done = install_and_check(bed, tmp_path / "runner", action=ROOT, arguments="agents")

    assert done.returncode == 1 and "agents/bows/SKILL.md:3:1" in done.stdout, done.stdout + done.stderr
    assert "::error " in done.stdout and "1 skill checked: " in done.stdout
    summary = (tmp_path / "runner/summary.md").read_text(encoding="utf-8")
    assert "git apply fix.patch" in summary and '+  level: "1.0"' in summary


@pytest.mark.parametrize(("given", "expected"), [("", "HEAD^1"), ("queued", "queued")])
def test_base_is_that_of_the_test_merge(bed: Bed, tmp_path: Path, given: str, expected: str) -> None:
    """The base that an event names may be old; where no test merge is checked out, there is nothing better."""
    then = bed.tip("main")
    topic = bed.commit_to("topic", {"a.md": "x\n"})
    bed.commit("Merged meanwhile", {"b.md": "x\n"})
    program = tmp_path / "bin/skill-fleet"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >>"{tmp_path}/asked"\n', encoding="utf-8")
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    variables = {"BASE": given, "HEAD": topic, "BASE_THEN": then, "ARGUMENTS": "", "REPOSITORY": str(bed.path)}
    variables |= {"PATH": path, "RUNNER_TEMP": str(tmp_path), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    for merged in (False, True):
        if merged:
            bed.git("merge", "--quiet", "--no-ff", "--message", "Test merge", "topic")
        subprocess.run(["bash", "-eo", "pipefail", "-c", CHECK["run"]], env=variables, capture_output=True, check=True)

    asked = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    assert f"--base {given or then}" in asked[0] and f"--base {expected}" in asked[-1]
