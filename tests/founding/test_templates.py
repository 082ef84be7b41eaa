"""The files of a new fleet and this repository's own are the same files: nothing is maintained twice."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from skill_fleet.founding import own_files, shared_files, without_local

ROOT = Path(__file__).resolve().parents[2]


def test_marks() -> None:
    """Between two lines, or on one; nothing else of the text changes."""
    text = "a\n  # only here: begin\n  b\n  # only here: end\nc\n- d # only here\ne only here\n<!-- only here: begin -->\nf\n<!-- only here: end -->\n"

    assert without_local(text) == "a\nc\ne only here\n"
    assert without_local(without_local(text)) == without_local(text)


def test_shared_files_are_this_repositorys_own() -> None:
    """Each is a file of this repository, less its own parts; and each YAML is still one."""
    shared = shared_files()

    for path, text in shared.items():
        assert text == without_local((ROOT / path).read_text(encoding="utf-8")), path
        if path.endswith((".yml", ".yaml")):
            assert yaml.safe_load(text), path
    missing = {path.relative_to(ROOT).as_posix() for path in (ROOT / ".github").rglob("*") if path.is_file()} - set(
        shared
    )
    assert {path for path in missing if "__pycache__" not in path} == {
        ".github/CODEOWNERS",
        ".github/SCENARIOS.md",
        ".github/workflows/release.yml",
    }
    check = yaml.safe_load(shared[".github/workflows/check.yml"])["jobs"]
    assert set(check) == {"skills", "new-tool", "preview", "gate"} and check["gate"]["needs"] == ["skills", "new-tool"]


def test_no_template_is_a_second_copy() -> None:
    """What a fleet has of its own is not among what it shares."""
    assert not set(own_files("x")) & set(shared_files())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built and unpacked."""
    pytest.importorskip("hatchling", reason="the build back end is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_installed_package_founds_the_same_fleet(wheel: Path) -> None:
    """The templates travel in the wheel."""
    code = "from skill_fleet.founding.files import *; print(repr(founding_files(Options('x'))))"
    own, installed = (
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": str(path)},
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for path in (ROOT / "tooling", wheel)
    )

    assert (wheel / "skill_fleet/founding/github").is_dir()
    assert installed == own
