"""What is published: a wheel that carries the schemas and works where there is no repository around it."""

from __future__ import annotations

import email.parser
import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from house.imports import PACKAGE, ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the files as they are, without the network."""
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling, which builds the wheel, is not installed here")
    folder = tmp_path_factory.mktemp("wheel")
    words = [
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *words], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return next(folder.glob("*.whl"))


def test_wheel_carries_everything(wheel: Path) -> None:
    """Every module and data file of the package, every schema, the mark that it is typed, the licence, and nothing else."""
    names = set(zipfile.ZipFile(wheel).namelist())
    inside = {name.removeprefix("skill_fleet/") for name in names if name.startswith("skill_fleet/")}
    ours = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    schemas = {f"schemas/{path.name}" for path in (ROOT / "schemas").glob("*.json")}

    assert "py.typed" in ours and schemas
    assert inside >= ours | schemas
    assert not [name for name in names if name.startswith(("tests", "skills/", "tooling"))]
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_wheel_says_what_it_is(wheel: Path) -> None:
    """The metadata names the command, the Python it needs, and only the gate's dependencies outside the extras."""
    archive = zipfile.ZipFile(wheel)
    read = {
        name.rpartition("/")[2]: archive.read(name).decode() for name in archive.namelist() if ".dist-info/" in name
    }
    facts = email.parser.Parser().parsestr(read["METADATA"])

    assert "skill-fleet = skill_fleet.cli.main:run" in read["entry_points.txt"]
    assert facts["Requires-Python"] == ">=3.11" and facts["License-Expression"] == "Apache-2.0"
    needed = [row for row in facts.get_all("Requires-Dist", []) if "extra ==" not in row]
    assert not [row for row in needed if row.startswith(("dspy", "pygithub", "pytest"))]


def test_installed_copy_works_alone(wheel: Path, tmp_path: Path) -> None:
    """Unpacked somewhere else, with no repository around, the package finds its schemas and checks a skill."""
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    (tmp_path / "skill/demo").mkdir(parents=True)
    (tmp_path / "skill/demo/SKILL.md").write_text(
        "---\nname: demo\ndescription: How to demo. Use when asked.\n---\n\n# D\n\nSay it.\n"
    )
    ask = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "import skill_fleet\n"
        f"assert skill_fleet.__file__.startswith({str(site)!r}), skill_fleet.__file__\n"
        "from skill_fleet.fleet import load_schema\n"
        f"for name in {sorted(path.name.partition('.')[0] for path in (ROOT / 'schemas').glob('*.schema.json'))!r}:\n"
        "    assert load_schema(name)['$schema']\n"
        "from skill_fleet.cli.main import main\n"
        "sys.exit(main(['validate', 'skill']))\n"
    )
    done = subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, capture_output=True, check=False)

    assert done.returncode == 0, done
    assert done.stdout.decode().startswith("1 skill checked: no errors")
