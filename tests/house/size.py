"""Print the size of the code, and how many modules two commands run through: `make size`. A test holds the limits.

A line of code is one that is not blank and has more than a comment or a docstring. Tests and skills are not counted.
"""

from __future__ import annotations

import ast
import io
import os
import subprocess
import sys
import tempfile
import tokenize
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAX_LINES = 800
MAX_VALIDATE = 28
MAX_CREATE = 65

TAXONOMY = "categories:\n  web:\n    description: Pages and forms.\n"
SKILL = """---
name: forms
description: Fills forms in a browser. Use when a page has a form to fill in.
---

# Forms

Fill in each field, then submit.
"""
DOCUMENT = """# Rotate logs

A full disk stops every service on a host. Rotate the logs before that.

## Steps

1. Find the largest files: `du -sh /var/log/*`.
2. Write a rule for each of them.
3. Run `logrotate --debug` and read what it would do.

Keep two weeks of logs.
"""
# Runs the command line, and then writes the names of the modules that were imported to a file.
PROGRAM = """
import sys
from pathlib import Path
from skill_fleet.cli.main import run
names, *sys.argv = sys.argv[1:]
try:
    status = run()
finally:
    ours = sorted(name for name in sys.modules if name.partition(".")[0] == "skill_fleet")
    Path(names).write_text("\\n".join(ours))
sys.exit(status)
"""


def lines_of_code(text: str) -> int:
    """Count the lines of a module that are code."""
    docstrings: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if ast.get_docstring(node, clean=False) is not None else None
            docstrings.update(range(first.lineno, (first.end_lineno or 0) + 1) if first else ())
    blank = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = (token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type not in blank)
    return len({line for token in tokens for line in range(token.start[0], token.end[0] + 1)} - docstrings)


def counted_modules() -> list[Path]:
    """Every Python file outside tests and skills that Git knows or does not ignore."""
    ask = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.py"]
    listed = subprocess.run(ask, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return sorted(ROOT / name for name in listed if name and not name.startswith(("tests/", "skills/")))


def modules_of_validate(folder: Path) -> list[str]:
    """The modules, without `checks/rules/`, that `validate --base` of one changed skill imports."""
    path = _repository(folder) / "skills/web/forms/SKILL.md"
    path.write_text(f"{SKILL}\nThen see [the result](#forms).\n", encoding="utf-8")
    return _imported(folder, "validate", "--base", "main")


def modules_of_create(folder: Path) -> list[str]:
    """The modules, without `checks/rules/`, that `create --dry-run` of a document of twelve lines imports."""
    _repository(folder)
    (folder / "document.md").write_text(DOCUMENT, encoding="utf-8")
    return _imported(folder, "create", "--from", "../document.md", "--path", "web/rotating-logs", "--dry-run")


def _repository(folder: Path) -> Path:
    """A fleet of two skills, committed to main."""
    root = folder / "fleet"
    files = {
        "taxonomy.yaml": TAXONOMY,
        "web/forms/SKILL.md": SKILL,
        "web/tables/SKILL.md": SKILL.replace("orm", "able"),
    }
    for name, text in files.items():
        path = root / "skills" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for words in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "--message=Begin"]):
        subprocess.run(["git", *words], cwd=root, env=_environment(), check=True)
    return root


def _imported(folder: Path, *words: str) -> list[str]:
    names = folder / "names"
    command = [sys.executable, "-c", PROGRAM, str(names), "skill-fleet", *words]
    done = subprocess.run(command, cwd=folder / "fleet", env=_environment(), capture_output=True, check=False)
    if done.returncode > 1:
        sys.exit(f"skill-fleet {' '.join(words)} failed:\n{done.stderr.decode(errors='replace')}")
    imported = names.read_text(encoding="utf-8").split()
    return [name for name in imported if not name.startswith("skill_fleet.checks.rules")]


def _environment() -> dict[str, str]:
    """Without the machine's own Git configuration, and with the package of this work tree."""
    person = {f"GIT_{who}_{what}": "ada@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    git = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    return {**kept, **git, **person, "PYTHONPATH": str(ROOT / "tooling")}


def main() -> None:
    """Print all figures."""
    code: Counter[str] = Counter()
    files: Counter[str] = Counter()
    long = []
    for path in counted_modules():
        text = path.read_text(encoding="utf-8")
        room = path.parent.relative_to(ROOT).as_posix()
        code[room] += lines_of_code(text)
        files[room] += 1
        if text.count("\n") > MAX_LINES:
            long.append(path.relative_to(ROOT).as_posix())
    for room in sorted(code):
        print(f"{room:45} {files[room]:4} modules {code[room]:7,} lines of code")
    print(f"{'total':45} {files.total():4} modules {code.total():7,} lines of code")
    print(f"modules of more than {MAX_LINES} lines: {', '.join(long) or 'none'}")
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        validate, create = modules_of_validate(Path(one)), modules_of_create(Path(other))
    print(f"validate --base runs through {len(validate)} modules (beside checks/rules; at most {MAX_VALIDATE})")
    print(f"create --dry-run runs through {len(create)} modules (beside checks/rules; at most {MAX_CREATE})")


if __name__ == "__main__":
    main()
