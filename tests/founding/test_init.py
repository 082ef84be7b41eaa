"""`skill-fleet init`: a new fleet that works, and how it is kept up to date."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gitbed import Bed, make_repo
from skill_fleet.cli.init import init
from skill_fleet.errors import UserError
from skill_fleet.founding import checkup

TOOL = Path(sys.executable).parent / "skill-fleet"
PINNED = f"skill-fleet @ git+https://example.org/tools/skill-fleet@{'a' * 40}"
DOCUMENT = """# Rotating logs

Use this when a service fills its disk with logs.

## Set the size

Keep ten files of a hundred megabytes. Compress all but the newest two.

## Check it

Write a line, rotate once, and see that the service goes on writing into the new file.
"""


def run(*words: str) -> int:
    """The command, in this process; its exit status."""
    status = init.main(args=list(words), standalone_mode=False)
    assert isinstance(status, int)
    return status


def tool(fleet: Bed, *words: str) -> subprocess.CompletedProcess[str]:
    """The installed program, in the fleet."""
    return subprocess.run([TOOL, *words], cwd=fleet.path, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def founded(isolated_git: None, tmp_path_factory: pytest.TempPathFactory) -> Bed:
    """A new fleet; copied, never changed."""
    folder = tmp_path_factory.mktemp("founding") / "acme-skills"
    assert run(str(folder), "--owner", "@acme/keepers", "--tool", PINNED) == 0
    return Bed(folder)


@pytest.fixture
def fleet(founded: Bed, tmp_path: Path) -> Bed:
    """A copy of the new fleet."""
    return founded.copy(tmp_path / "acme-skills")


def test_first_commit(founded: Bed) -> None:
    """One commit on main by the person, everything in it, and the folder beside it is as it was."""
    assert founded.git("log", "--format=%an %s", "--all") == "Ada Byron Found the fleet acme-skills"
    assert founded.git("branch", "--show-current") == "main"
    assert founded.git("status", "--porcelain", "--ignored") == ""
    assert [path.name for path in founded.path.parent.iterdir()] == ["acme-skills"]


def test_what_is_in_it(founded: Bed) -> None:
    """What a maintainer expects to find, with the fleet's name and owners filled in."""
    files = set(founded.git("ls-files").splitlines())

    assert {
        f".github/workflows/{name}.yml" for name in ["check", "doorbell", "review", "draft", "catalog", "nightly"]
    } <= files
    assert ".github/workflows/release.yml" not in files, "a fleet publishes no package"
    assert {"README.md", "pyproject.toml", ".gitattributes", ".pre-commit-config.yaml", ".github/SECURITY.md"} <= files
    assert {"skills/taxonomy.yaml", "skills/available_skills.xml", ".claude-plugin/marketplace.json"} <= files
    assert "<name>skill-review</name>" in founded.read("HEAD", "skills/available_skills.xml")
    assert '"name": "acme-skills"' in founded.read("HEAD", ".claude-plugin/marketplace.json")
    assert "\n* @acme/keepers\n/skills/\n/skills/taxonomy.yaml @acme/keepers\n" in founded.read(
        "HEAD", ".github/CODEOWNERS"
    )
    for path in files:
        text = founded.read("HEAD", path)
        assert "only here" not in text or path.endswith("CONTRIBUTING.md"), path
        assert "@NAME@" not in text and "@skill-fleet/" not in text, path


def test_its_checks_run(fleet: Bed) -> None:
    """A document becomes a draft in it, the draft passes; a broken one does not. The generated files are in order."""
    document = fleet.path.parent / "logs.md"
    document.write_text(DOCUMENT, encoding="utf-8")

    created = tool(
        fleet,
        "create",
        "--from",
        str(document),
        "--path",
        "devops/log-rotation",
        "--description",
        "Rotate logs. Use when a disk fills up.",
    )
    assert created.returncode == 0, created.stderr
    good = tool(fleet, "validate", "--base", "main", "--head", "draft/log-rotation")
    assert good.returncode == 0, good.stdout + good.stderr
    assert tool(fleet, "generate-xml", "--check").returncode == 0
    fleet.git("switch", "--quiet", "draft/log-rotation")
    fleet.commit("Break it", {"skills/devops/log-rotation/SKILL.md": "No front matter.\n"})
    assert tool(fleet, "validate", "--base", "main").returncode == 1


def test_its_workflows_have_no_finding(founded: Bed) -> None:
    """zizmor at the pedantic persona, on what is left when the parts of the tool's own repository are gone."""
    command = [TOOL.parent / "zizmor", "--offline", "--no-progress", "--persona", "pedantic", "--format", "json"]
    done = subprocess.run([*command, founded.path / ".github"], capture_output=True, text=True, check=False)

    assert [finding["ident"] for finding in json.loads(done.stdout) if not finding["ignored"]] == []


@pytest.mark.parametrize("there", ["file.txt", ".git/config", "folder/file"])
def test_used_folder_is_refused(tmp_path: Path, there: str) -> None:
    """Whatever is in it; nothing of it changes."""
    file = tmp_path / "here" / there
    file.parent.mkdir(parents=True)
    file.write_text("mine", encoding="utf-8")

    with pytest.raises(UserError, match="is not empty"):
        run(str(tmp_path / "here"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [file]


def test_file_and_empty_folder(tmp_path: Path) -> None:
    """A file is no folder; an empty folder will do, and stays the same one."""
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    place = (tmp_path / "empty").stat().st_ino

    with pytest.raises(UserError, match="is not empty"):
        run(str(tmp_path / "file"))
    assert run(str(tmp_path / "empty"), "--name", "my-skills") == 0
    assert "# my-skills\n" in (tmp_path / "empty/README.md").read_text(encoding="utf-8")
    assert (tmp_path / "empty").stat().st_ino == place


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["___"], id="folder gives no name"),
        pytest.param(["new", "--name", "My Skills"], id="name"),
        pytest.param(["new", "--owner", "me"], id="owner without @"),
        pytest.param(["new", "--owner", "@me @you"], id="two owners in one"),
    ],
)
def test_wrong_options_leave_nothing(tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Said before anything is made."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UserError):
        run(*words)
    assert list(tmp_path.iterdir()) == []


def test_nobody_told_git_who_works_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit cannot be made: a sentence, and no half-made fleet."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    config = tmp_path / "config"
    config.write_text("[user]\n\tuseConfigOnly = true\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    (tmp_path / "place").mkdir()

    with pytest.raises(UserError, match="Git does not know who you are"):
        run(str(tmp_path / "place" / "new"))
    assert list((tmp_path / "place").iterdir()) == []


def test_new_fleet_has_not_drifted(fleet: Bed, capsys: pytest.CaptureFixture[str]) -> None:
    """What init made is what --check expects, from any folder of it."""
    assert run("--check", str(fleet.path / "skills")) == 0
    assert "up to date" in capsys.readouterr().out


def owners_of(fleet: Bed) -> tuple[str, str]:
    """What the doctor says of the code owners: the state, and the command that fixes it."""
    return next((each.state, each.fix) for each in checkup(fleet.repo) if each.what == "code owners")


def test_drift_is_a_patch_that_fixes_it(fleet: Bed, capsys: pytest.CaptureFixture[str]) -> None:
    """An edited, a removed and a cut-off workflow, and a new owner: exit 1, and `git apply` takes what is printed."""
    check = fleet.path / ".github/workflows/check.yml"
    fleet.write(".github/workflows/check.yml", check.read_text(encoding="utf-8").replace("always()", "true"))
    fleet.write(".github/workflows/nightly.yml", None)
    fleet.write(".github/workflows/draft.yml", "name: cut")
    owners = (fleet.path / "skills/taxonomy.yaml").read_text(encoding="utf-8")
    fleet.write("skills/taxonomy.yaml", owners.replace("owners: []", "owners: [ada]", 1))

    assert owners_of(fleet) == ("hint", "skill-fleet init --check . | git apply")
    assert run("--check", str(fleet.path)) == 1
    patch = capsys.readouterr().out
    fleet.git("apply", stdin=patch.encode())
    assert run("--check", str(fleet.path)) == 0
    assert owners_of(fleet)[0] == "good"
    assert fleet.git("status", "--porcelain").split() == ["M", ".github/CODEOWNERS", "M", "skills/taxonomy.yaml"]
    assert "/skills/api/ @ada\n" in (fleet.path / ".github/CODEOWNERS").read_text(encoding="utf-8")


def test_later_pins_are_no_drift(fleet: Bed, capsys: pytest.CaptureFixture[str]) -> None:
    """What Dependabot raised is not lowered; an older pin is raised, in the same file."""
    file = fleet.path / ".github/workflows/nightly.yml"
    text = file.read_text(encoding="utf-8")
    pins = dict(re.findall(r"uses: actions/([\w-]+)@(.+)", text))
    newer = text.replace(pins["checkout"], f"{'b' * 40} # v99.0.0")
    file.write_text(newer, encoding="utf-8")
    assert run("--check", str(fleet.path)) == 0
    file.write_text(newer.replace(pins["upload-artifact"], f"{'c' * 40} # v1.10.0"), encoding="utf-8")
    capsys.readouterr()
    assert run("--check", str(fleet.path)) == 1
    patch = capsys.readouterr().out
    fleet.git("apply", stdin=patch.encode())
    assert file.read_text(encoding="utf-8") == newer


def test_own_parts_of_a_fleet_are_no_drift(fleet: Bed) -> None:
    """A fleet may add jobs of its own between the marks, and look after the tool's version by itself."""
    check = fleet.path / ".github/workflows/check.yml"
    added = "  # only here: begin\n  spelling:\n    runs-on: ubuntu-24.04\n  # only here: end\n  gate:\n"
    fleet.write(".github/workflows/check.yml", check.read_text(encoding="utf-8").replace("  gate:\n", added, 1))
    fleet.write(".github/actions/skill-fleet/requirements.txt", "skill-fleet==99\n")

    assert run("--check", str(fleet.path)) == 0


def test_json(tmp_path: Path, fleet: Bed, capsys: pytest.CaptureFixture[str]) -> None:
    """For programs, both."""
    assert run(str(tmp_path / "other"), "--format", "json") == 0
    made = json.loads(capsys.readouterr().out)
    assert made["name"] == "other" and "skills/taxonomy.yaml" in made["files"]
    fleet.write(".github/workflows/nightly.yml", None)
    assert run("--check", str(fleet.path), "--format", "json") == 1
    (row,) = json.loads(capsys.readouterr().out)["files"]
    assert row["path"] == ".github/workflows/nightly.yml" and "new file mode 100644" in row["patch"]


def test_outside_a_repository(tmp_path: Path) -> None:
    """--check says where it can be used."""
    with pytest.raises(UserError, match="not in a Git repository"):
        run("--check", str(tmp_path))


def test_this_repository_has_not_drifted(capsys: pytest.CaptureFixture[str]) -> None:
    """Its own CODEOWNERS follows from its taxonomy, too."""
    status = run("--check", str(Path(__file__).resolve().parents[2]))

    assert status == 0, capsys.readouterr().out


def test_hooks_of_a_persons_set_up_stay_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template folder with a hook that refuses every commit does not stop the first one."""
    hook = tmp_path / "template/hooks/pre-commit"
    hook.parent.mkdir(parents=True)
    hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    monkeypatch.setenv("GIT_TEMPLATE_DIR", os.fspath(tmp_path / "template"))

    assert run(str(tmp_path / "new")) == 0


def test_inside_another_repository(tmp_path: Path) -> None:
    """Refused, with a place to go: the repository around it would lose it. One that ignores the folder may keep it."""
    around = make_repo(tmp_path / "around dir")

    with pytest.raises(UserError, match="is inside the repository") as caught:
        run(str(around.path / "fleets" / "new"))
    assert f"such as '{tmp_path / 'around dir'}'" not in caught.value.tip and f"{tmp_path / 'new'}" in caught.value.tip
    assert around.git("status", "--porcelain", "--ignored") == "" and not (around.path / "fleets").exists()
    around.write(".gitignore", "fleets/new/\n")
    assert run(str(around.path / "fleets" / "new")) == 0
    assert Bed(around.path / "fleets/new").git("rev-list", "--count", "HEAD") == "1"


@pytest.mark.parametrize("folder", ["plain", "an odd 'name' $(id)"])
def test_what_is_printed_next_works(tmp_path: Path, folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Pasted into a shell as printed, in a folder of any name: the new fleet is green on its first day."""
    assert run(str(tmp_path / folder), "--name", "acme-skills") == 0
    (command,) = re.findall(r"^Next: (.*)$", capsys.readouterr().out, re.MULTILINE)

    path = f"{TOOL.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(["bash", "-c", command], env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("1 skill checked: no errors")
