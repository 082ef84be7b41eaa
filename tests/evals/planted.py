"""Skills with an effect that is known: a fleet with cases, and a scripted program as the agent.

The agent answers BLUE or RED. BLUE is right. Without the skill it answers so at the rate that the prompt names; what it does
with it is planted, by its first argument:

    follow   reads the skill, and answers BLUE if that says so
    ignore   reads the skill, and goes on as before
    misled   reads the skill, and answers RED, whatever it says
    blind    never reads it, and does not say that it did
    placebo  answers BLUE if there is any skill, whatever it says
"""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import gitbed
from cli.command import Done, run

SKILL = "python/colours"
FOLDER = f"skills/{SKILL}"
AGENT = r"""
import json, os, pathlib, random, re, sys, time
mode, *more = sys.argv[1:]
prompt = sys.stdin.read()
rate = float(re.search(r"rate ([\d.]+)", prompt)[1])
found = sorted(pathlib.Path(os.environ["SKILL_FLEET_SKILLS"]).glob("*/SKILL.md"))
there = mode != "blind" and bool(found)
skill = found[0] if found else None
text = skill.read_text() if there else ""
answer = "BLUE" if random.random() < rate else "RED"
if mode == "follow" and "Answer BLUE" in text or mode == "placebo" and there:
    answer = "BLUE"
if mode == "misled" and there:
    answer = "RED"
pathlib.Path("answer.txt").write_text(answer)
pathlib.Path(os.environ["SKILL_FLEET_REPORT"]).write_text(json.dumps({
    "model": os.environ["SKILL_FLEET_MODEL"] or "scripted-1", "tokens": 100 + (50 if there else 0), "cost": 0.01, "turns": 1,
    "skills": [skill.parent.name] if there else [], "tools": [{"name": "write", "input": {"path": "answer.txt"}}],
}))
for word in more:
    exec(word)
print(f"My answer is {answer}.")
"""


def case(number: int, rate: float | None = None, **more: Any) -> dict[str, Any]:
    """One task: the file has to say BLUE. Without the skill, it does so for every other task."""
    return {
        "id": number,
        "prompt": f"Task {number} (rate {number % 2 if rate is None else rate}): which colour?",
        "expected_output": "BLUE",
        "files": [],
        "assertions": ["The answer is BLUE"],
        "checks": [{"assertion": 1, "type": "regex", "path": "answer.txt", "pattern": "^BLUE$"}],
        **more,
    }


def cases(*each: dict[str, Any]) -> str:
    """The text of an evals.json."""
    return json.dumps({"skill_name": "colours", "evals": list(each)})


def make_fleet(folder: Path, tasks: int = 16, **files: gitbed.Content) -> gitbed.Bed:
    """A fleet with the skill, its cases, and the agent beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "agent.py").write_text(AGENT)
    return gitbed.make_repo(
        folder / "fleet",
        {
            **gitbed.FLEET,
            f"{FOLDER}/SKILL.md": gitbed.skill("colours", body="Answer BLUE, whatever the question is."),
            f"{FOLDER}/evals/evals.json": cases(*(case(number) for number in range(1, tasks + 1))),
            **files,
        },
    )


def agent(bed: gitbed.Bed, mode: str, *more: str) -> str:
    """The command line of the agent; `more` are statements that it carries out at the end of a run."""
    return shlex.join([sys.executable, "-I", "-S", str(bed.path.parent / "agent.py"), mode, *more])


def measured(bed: gitbed.Bed, mode: str, *words: str, more: tuple[str, ...] = (), runs: int = 1) -> Done:
    """Run `skill-fleet eval` with the agent and no isolation."""
    fixed = ("--harness", "scripted", "--isolation", "none", "--jobs", "2", "--runs", str(runs))
    return run(bed.path, "eval", SKILL, "--command", agent(bed, mode, *more), *fixed, *words)


def verified(bed: gitbed.Bed, *words: str) -> list[dict[str, Any]]:
    """What `eval verify` says of each file."""
    found: list[dict[str, Any]] = json.loads(run(bed.path, "eval", "verify", "--format", "json", *words).out)
    return found


def evidence(bed: gitbed.Bed) -> tuple[Path, dict[str, Any]]:
    """The only file of evidence, and what it holds."""
    (path,) = (bed.path / FOLDER / "evals/evidence").iterdir()
    return path, json.loads(path.read_text())
