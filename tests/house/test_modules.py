"""Every file of the repository: documented, not too long, and without a trace of the machine it was written on."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from house.imports import ROOT, modules

MOST_LINES = 800
# Names of hosts that packages come from, and folders of somebody's machine.
TRACES = re.compile(
    r"pypi\.org|pythonhosted|files\.python|--index-url|--extra-index|index-url|find-links|artifactory|jfrog|nexus\."
    r"|(?<![\w.-])/(?:(?:home|Users)/(?!(?:me|jana|user)\b)|root/|work/)[a-z.]|[A-Z]:\\\\Users",
    re.IGNORECASE,
)


@cache
def files() -> tuple[Path, ...]:
    """Every file of the repository that Git knows."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached"], cwd=ROOT, capture_output=True, check=True)
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file() and not path.is_symlink()))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT / "tooling")))
def test_documented(path: Path) -> None:
    """A module says in a docstring what it is for; so does each public function and class. None is over 800 lines."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "no docstring"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"
    assert text.count("\n") <= MOST_LINES, f"{text.count(chr(10))} lines"


def test_tests_are_documented() -> None:
    """Each file of tests says in its docstring what it is about."""
    for path in files():
        if path.suffix != ".py" or not path.is_relative_to(ROOT / "tests"):
            continue
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path.relative_to(ROOT)} has none"


def test_no_trace_of_a_machine() -> None:
    """No file names a host that packages come from, or a folder of somebody's machine."""
    found = []
    for path in files():
        # the cases of a rule about such folders name some that nobody has
        if path == Path(__file__) or path.suffix in (".png", ".jpg") or path.parent.name == "home-path":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n"), 1):
            if match := TRACES.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match[0]}")

    assert found == []


def test_versions_are_pinned() -> None:
    """constraints.txt pins one version of each package and says nothing else."""
    rows = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [row for row in rows if row.strip() and not row.startswith("#")]

    assert pins and all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!-]*( ;.*)?", row) for row in pins)
    assert len({row.partition("==")[0].lower() for row in pins}) == len(pins)


def test_line_ends_and_generated_files() -> None:
    """Git keeps \\n everywhere, and pull requests fold what is generated away."""
    rows = [row.split() for row in (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines() if row.strip()]
    attributes = {row[0]: set(row[1:]) for row in rows}

    assert {"text=auto", "eol=lf"} <= attributes["*"]
    assert "linguist-generated=true" in attributes["skills/available_skills.xml"]
    ask = ["git", "check-attr", "eol", "linguist-generated", "--", "skills/available_skills.xml"]
    listed = subprocess.run(ask, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    assert "eol: lf" in listed and "linguist-generated: true" in listed
