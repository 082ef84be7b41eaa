"""The command as a process: how it starts, how it ends when it is cut off, and what a bug of ours looks like."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import gitbed
from cli.command import PROGRAM, fine, run, spawn

HEAVY = ("git", "yaml", "jsonschema", "rich", "markdown_it", "dspy", "xml", "importlib.metadata")


@pytest.mark.parametrize("code", ["import skill_fleet.cli.main", "from skill_fleet.cli.main import main; main(['--help'])",
                                  "from skill_fleet.cli.main import main; main(['review', '--help'])",
                                  "from skill_fleet.cli.main import main; main(['--version'])"])  # fmt: skip
def test_starts_light(code: str, tmp_path: Path) -> None:
    """Help and version import neither Git nor YAML nor anything else that a command may need."""
    ask = f"{code}; import sys; print('\\n' + ' '.join(sorted(set({HEAVY!r}) & set(sys.modules))), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, capture_output=True, check=True)

    assert done.stderr.decode().strip() == ""


def test_commands_about_skills_need_no_model_and_no_terminal(lone: gitbed.Bed) -> None:
    """The gate's commands import no library of a model, of terminals or of GitHub, and not GitPython to read."""
    commands = (["list"], ["validate"], ["validate", "--base", "HEAD"], ["generate-xml"], ["explain"])
    ask = (
        f"import sys; from skill_fleet.cli.main import main\nfor command in {commands!r}:\n    main(command)\n"
        "    assert not {'dspy', 'rich', 'github', 'git'} & set(sys.modules), command"
    )
    subprocess.run([sys.executable, "-c", ask], cwd=lone.path, capture_output=True, check=True)


def test_to_show_a_pull_request_needs_no_drafter(pulled: gitbed.Bed) -> None:
    """`review show` reads what was drafted, and imports nothing that drafts."""
    ask = (
        "from skill_fleet.cli.main import main; main(['review', 'show', '1']);"
        "import sys; print(*(name for name in sys.modules if '.drafting.' in name), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", ask], cwd=pulled.path, capture_output=True, check=True)

    assert b"lines on where the source went" in done.stdout and done.stderr.decode().strip() == ""


def test_console_script(lone: gitbed.Bed) -> None:
    """The installed command is the same program."""
    script = Path(sys.executable).parent / "skill-fleet"
    if not script.exists():
        pytest.skip("the package is not installed here, only on the path")
    done = subprocess.run([script, "list"], cwd=lone.path, capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == fine(lone.path, "list")


def test_statuses_of_the_process(lone: gitbed.Bed) -> None:
    """0, 1 and 2 arrive at the shell, output and complaint on their own streams."""
    assert spawn(lone.path, "validate").status == 0
    refused = spawn(lone.path, "explain", "nope")
    assert (refused.status, refused.out) == (2, "") and "Traceback" not in refused.err
    lone.write("skills/web/bad/SKILL.md", "")
    found = spawn(lone.path, "validate")
    assert (found.status, found.err) == (1, "")


@pytest.mark.parametrize(
    "words", ["list", "validate --format json", "generate-xml -o -", "explain", "--help", "review fetch 1"]
)
def test_reader_that_has_gone(words: str, pulled: gitbed.Bed) -> None:
    """With `| head -1`, nothing is said, and the status is what shells give for it: neither fine nor findings."""
    for number in range(40):
        pulled.write(f"skills/web/s{number}/SKILL.md", "x" * 4000)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*PROGRAM, *words.split()], cwd=pulled.path, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)

    said = [line for line in done.stderr.decode().splitlines() if not line.startswith("left out: ")]
    assert (done.returncode, said) == (141, [])


def test_interrupted(pulled: gitbed.Bed) -> None:
    """Ctrl-C ends it with 130 and one word."""
    words = [*PROGRAM, "review", "watch", "1", "--poll", "60"]
    with subprocess.Popen(words, cwd=pulled.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline().startswith(b"waits for: ")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert err.decode().strip() == "Stopped." and b"Traceback" not in out


def test_bug(lone: gitbed.Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw ends with 3 and says what a report needs: versions, the command, the trace."""
    from skill_fleet import catalog

    def fail(*_: object) -> None:
        raise RuntimeError("boom \x1b[2J")

    monkeypatch.setattr(catalog, "render_catalogue", fail, raising=False)

    done = run(lone.path, "generate-xml", "-o", "my file.xml")

    assert (done.status, done.out) == (3, "")
    first, tip, *rest = done.err.splitlines()
    assert first == "bug: RuntimeError: boom \\x1b[2J" and "Please report it" in tip
    assert any(line.startswith("skill-fleet 0.") and "Python 3" in line for line in rest)
    assert "command: skill-fleet generate-xml -o 'my file.xml'" in rest and "Traceback" in done.err


def test_inherited_repository_is_forgotten(lone: gitbed.Bed, tmp_path: Path) -> None:
    """Called from a hook, which names its own repository in the environment, the command works where it stands."""
    other = gitbed.make_repo(tmp_path / "other", {"README.md": "x\n"})
    inherited = {"GIT_DIR": str(other.path / ".git"), "GIT_WORK_TREE": str(other.path), "GIT_INDEX_FILE": "nowhere"}

    assert spawn(lone.path, "list", **inherited).out == fine(lone.path, "list")


def test_no_git_program(lone: gitbed.Bed, tmp_path: Path) -> None:
    """Without Git on the path, one sentence says so."""
    done = spawn(lone.path, "list", PATH=str(tmp_path))

    assert done.status == 2
    assert done.err.splitlines()[0] == "error: The program git was not found."


def test_completion_for_shells(lone: gitbed.Bed) -> None:
    """Click's own completion works, as it does for other programs."""
    assert "_SKILL_FLEET_COMPLETE=bash_complete" in spawn(lone.path, _SKILL_FLEET_COMPLETE="bash_source").out


def test_work_as_if_started_elsewhere(lone: gitbed.Bed, tmp_path: Path) -> None:
    """-C comes first, and what the command is given counts from there."""
    (lone.path / "doc.md").write_text("# Glue\n\nHow to glue two boards so that they hold.\n")

    assert fine(tmp_path, "-C", str(lone.path), "list") == fine(lone.path, "list")
    fine(tmp_path, "-C", str(lone.path), "create", "--from", "doc.md", "--path", "web/glue", "--dry-run")
