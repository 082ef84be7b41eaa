"""`make bench`: how long the verbs take, each as a whole process, next to what one would compare them with.

Figures are the medians of several runs in turn on this machine, so quote the ratios. Nothing here is a test.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gitbed import make_repo, skill

SKILLS = 1000
RUNS = 5
BODY = "\n".join(
    f"## Step {n}\n\nDo *this* with [a link](#step-{n}) and `code`.\n\n```python\nprint({n})\n```\n\n- one\n- two\n"
    for n in range(12)
)

PARSE = """
import pathlib, sys
from markdown_it import MarkdownIt
parser = MarkdownIt("commonmark").enable("table")
for file in pathlib.Path(sys.argv[1]).rglob("SKILL.md"):
    parser.parse(file.read_text())
"""
REFERENCE = """
import pathlib, sys
from skills_ref import validate
for file in pathlib.Path(sys.argv[1]).rglob("SKILL.md"):
    validate(file.parent)
"""


def bench() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "fleet"
        files = {
            f"skills/web/skill-{n:04}/SKILL.md": skill(f"skill-{n:04}", body=f"Number {n}.\n\n{BODY}")
            for n in range(SKILLS)
        }
        bed = make_repo(root, {"skills/taxonomy.yaml": "categories:\n  web:\n    description: Web.\n", **files})
        bed.git("branch", "start")
        bed.commit(
            "Ten more",
            {f"skills/web/skill-{n:04}/SKILL.md": skill(f"skill-{n:04}", body="Changed.") for n in range(10)},
        )
        document = Path(folder) / "document.md"
        document.write_text("# A long document\n\n" + BODY.replace("print", "x = 1\nprint") * 60)
        tool = str(Path(sys.executable).parent / "skill-fleet")
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "skill-fleet --help": [tool, "--help"],
            f"skill-fleet validate, {SKILLS} skills": [tool, "validate"],
            f"skill-fleet validate --select spec, {SKILLS} skills": [tool, "validate", "--select", "spec"],
            "skill-fleet validate --base, 10 changed": [tool, "validate", "--base", "start", "--head", "main"],
            f"skill-fleet generate-xml, {SKILLS} skills": [tool, "generate-xml"],
            f"skill-fleet create --dry-run, {document.stat().st_size // 1024} KiB": [
                tool, "create", "--dry-run", "--from", str(document),
            ],
            f"markdown-it-py, {SKILLS} bodies": [sys.executable, "-c", PARSE, str(root)],
            f"skills-ref in one process, {SKILLS} skills": [sys.executable, "-c", REFERENCE, str(root)],
        }  # fmt: skip
        figures = _measure(commands, root)
    floor = figures["python -c pass"]
    width = max(map(len, figures))
    print(f"{'command':<{width}}  median s  times python")
    for name, seconds in figures.items():
        print(f"{name:<{width}}  {seconds:8.3f}  {seconds / floor:12.1f}")


def _measure(commands: dict[str, list[str]], folder: Path) -> dict[str, float]:
    """The median of each command's wall time, the commands in turn, so that a slow moment hits all."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(RUNS + 1):
        for name, words in commands.items():
            begin = time.perf_counter()
            done = subprocess.run(
                words, cwd=folder, capture_output=True, check=False, env={**os.environ, "NO_COLOR": "1"}
            )
            if done.returncode not in (0, 1):
                sys.exit(f"{' '.join(words)}: {done.stderr.decode()}")
            if turn:  # the first turn warms the caches
                seconds[name].append(time.perf_counter() - begin)
    return {name: statistics.median(each) for name, each in seconds.items()}


if __name__ == "__main__":
    bench()
