"""`make bench`: how long the commands take, each as a whole process, next to what one would compare them with.

Figures are the medians of several runs in turn on this machine, so quote the ratios. Nothing here is a test.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from evals.planted import case as task, cases as evals_json
from gitbed import PERSON, Bed, make_repo, skill
from skill_fleet import evals
from skill_fleet.fleet import fleet_at
from skill_fleet.forges import account
from skill_fleet.forges.local import timeline_ref, write_events
from skill_fleet.git import ABSENT, Update, move_refs

SKILLS = 1000
MANY = 5000
RUNS = 5
RIVALS = {"agnix": ["--max-files", "0", "validate"], "skillsaw": ["lint"]}
"""Other validators with the words that start them, measured where they are installed. (agnix stops at 10,001 files else.)"""
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
WATCH = """
import resource, subprocess, sys, time
begin = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
seconds = time.perf_counter() - begin
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2))
sys.exit(done.returncode)
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
        many = Path(folder) / "many"
        _many(many)
        document = Path(folder) / "document.md"
        document.write_text("# A long document\n\n" + BODY.replace("print", "x = 1\nprint") * 60)
        tool = str(Path(sys.executable).parent / "skill-fleet")
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "skill-fleet --help": [tool, "--help"],
            f"skill-fleet validate, {SKILLS} skills": [tool, "validate"],
            f"skill-fleet validate PATH --select spec, {SKILLS} skills": [
                tool, "validate", str(root / "skills"), "--select", "spec",
            ],
            f"skill-fleet validate PATH, {SKILLS} skills": [tool, "validate", str(root / "skills")],
            f"skill-fleet validate --base, 10 of {SKILLS}": [tool, "validate", "--base", "start", "--head", "main"],
            f"skill-fleet validate --base, 10 of {MANY}": [
                tool, "-C", str(many), "validate", "--base", "start", "--head", "main",
            ],
            f"skill-fleet validate --base, files, 10 of {MANY}": [tool, "-C", str(many), "validate", "--base", "start"],
            f"skill-fleet validate, {MANY} skills": [tool, "-C", str(many), "validate"],
            f"skill-fleet validate --head main, {MANY} skills": [tool, "-C", str(many), "validate", "--head", "main"],
            f"skill-fleet generate-xml, {SKILLS} skills": [tool, "generate-xml"],
            f"skill-fleet create --dry-run, {document.stat().st_size // 1024} KiB": [
                tool, "create", "--dry-run", "--from", str(document), "--path", "web",
            ],
            f"markdown-it-py, {SKILLS} bodies": [sys.executable, "-c", PARSE, str(root)],
            f"skills-ref in one process, {SKILLS} skills": [sys.executable, "-c", REFERENCE, str(root)],
        }  # fmt: skip
        for rival, words in RIVALS.items():
            if path := shutil.which(rival, path=f"{Path(tool).parent}{os.pathsep}{os.environ.get('PATH', '')}"):
                commands[f"{rival}, {SKILLS} skills"] = [path, *words, str(root)]
        figures = _measure(commands, root)
    _print_figures(figures)
    _print_ratios(figures)
    slopes()


def slopes() -> None:
    """Print how the time of a command grows with what it reads: 1 is linear, 2 a square. What it takes for one is left out."""
    makers = {
        "events of a pull request": (_events, ["review", "show", "1"], (2_000, 20_000)),
        "comments": (_comments, ["review", "show", "1"], (500, 5_000)),
        "open pull requests": (_pulls, ["review", "list"], (10, 100)),
        "files in a skill": (_files, ["validate", "--base", "start", "--head", "main"], (2_000, 20_000)),
        "skills with evidence": (_evidence, ["eval", "verify"], (30, 300)),
        "changed skills": (_changed, ["validate", "--base", "start", "--head", "main"], (400, 4_000)),
    }
    tool = str(Path(sys.executable).parent / "skill-fleet")
    for name, (make, words, sizes) in makers.items():
        seconds = []
        for size in (1, *sizes):
            with tempfile.TemporaryDirectory() as folder:
                make(Path(folder) / "fleet", size)
                seconds.append(min(_run([tool, *words], Path(folder) / "fleet").cpu for _ in range(2)))
        one, few, many = seconds
        slope = math.log(max(many - one, 0.01) / max(few - one, 0.01), sizes[1] / sizes[0])
        print(
            f"{name}: {few:.2f} s of CPU for {sizes[0]:,}, {many:.2f} s for {sizes[1]:,}: exponent {slope:.2f}",
            flush=True,
        )


def _opened(bed: Bed, number: int, events: Iterable[dict[str, Any]] = ()) -> None:
    """A pull request for a branch of its own, with these events after the first."""
    branch, base = f"topic-{number}", bed.tip("main")
    tip = bed.commit_to(branch, {f"notes/{number}.md": "Note.\n"})
    facts = {
        "repository": base,
        "title": "Note",
        "body": "",
        "head": branch,
        "base": "main",
        "commit": tip,
        "draft": False,
    }
    rows = [{"type": "opened", **facts}, *events]
    at = {"at": "2026-01-01T00:00:00Z", "actor": {"id": PERSON.email, "name": PERSON.name}}
    timeline = [{"id": f"e{n}", "seq": n, **at, **row} for n, row in enumerate(rows, 1)]
    commit = write_events(bed.repo, number, (), timeline, account(PERSON))
    move_refs(bed.repo, [Update(timeline_ref(number), commit, ABSENT)])


def _events(root: Path, size: int) -> None:
    _opened(make_repo(root), 1, ({"type": "labelled", "label": f"l{n}", "present": n % 2 == 0} for n in range(size)))


def _comments(root: Path, size: int) -> None:
    _opened(make_repo(root), 1, ({"type": "commented", "body": f"Remark {n} about `x`."} for n in range(size)))


def _pulls(root: Path, size: int) -> None:
    bed = make_repo(root)
    for number in range(1, size + 1):
        _opened(bed, number)


def _files(root: Path, size: int) -> None:
    bed = make_repo(root)
    bed.git("branch", "start")
    links = "".join(f"- [n{n}](references/n{n}.md)\n" for n in range(size))
    files = {f"skills/web/x/references/n{n}.md": f"# Note {n}\n\nText {n}.\n" for n in range(size)}
    bed.commit("Add", {"skills/web/x/SKILL.md": skill("x", body=links), **files})


def _evidence(root: Path, size: int) -> None:
    """Skills with the evidence of 20 tasks, each run five times with the skill and without it."""
    draws, at, arms = random.Random(size), "2026-01-01T00:00:00+00:00", ("with_skill", "without_skill")
    tasks = [task(number) for number in range(1, 21)]
    names = [f"s-{n}" for n in range(size)]
    cases = {f"skills/web/{name}/evals/evals.json": evals_json(*tasks) for name in names}
    bed = make_repo(root, {**{f"skills/web/{name}/SKILL.md": skill(name) for name in names}, **cases})
    found = fleet_at(bed.repo, None)
    documents = {}
    for each in found.skills:
        runs = [
            evals.Run(
                case["id"], evals.Arm(arm), number, {case["assertions"][0]: draws.random() < 0.5}, 0, draws.random(), "m",
                draws.randint(500, 900), draws.random(), draws.randint(1, 9), 1, arm == "with_skill", at,
                draws.randbytes(32).hex(),
            )
            for case, arm, number in itertools.product(tasks, arms, range(1, 6))
        ]  # fmt: skip
        digests = {str(case.id): case.digest for case in evals.read_cases(each)}
        documents[f"{each.path}/evals/evidence/lm--m.json"] = json.dumps(
            {
                "metadata": {
                    "skill_name": each.folder, "executor_model": "m", "timestamp": at, "evals_run": [*range(1, 21)],
                    "runs_per_configuration": 5, "configurations": arms, "harness": "lm", "harness_version": "1", "seed": 0,
                    "isolation": "namespaces", "neighbours": [], "attempt": 1, "plan": "0" * 40, "loop": 1,
                },
                "subject": {
                    "tree": evals.subject_of(found, each).tree, "requires": {}, "base": "", "cases": digests, "grader": 1,
                },
                "runs": [run.as_json() for run in runs],
                **evals.figures(runs),
            }
        )  # fmt: skip
    bed.commit("Measure them", documents)


def _changed(root: Path, size: int) -> None:
    bed = make_repo(root)
    bed.git("branch", "start")
    words = ["otter", "pond", "wheel", "ferry", "lamp", "quill", "cedar", "basalt", "harbour", "meadow"]
    texts = (
        f"Moves {words[n % 10]} {n} to {words[n // 10 % 10]} {n * 7}. Use when {n * 31} is due." for n in range(size)
    )
    bed.commit("Add", {f"skills/web/s-{n}/SKILL.md": skill(f"s-{n}", text) for n, text in enumerate(texts)})


def _print_figures(figures: dict[str, Figure]) -> None:
    floor = figures["python -c pass"].seconds
    width = max(map(len, figures))
    print(f"{'command':<{width}}  median s  times python  CPU s  MiB in the largest process")
    for name, each in figures.items():
        print(
            f"{name:<{width}}  {each.seconds:8.3f}  {each.seconds / floor:12.1f}  {each.cpu:5.2f}  {each.memory:>6.0f}"
        )


def _print_ratios(figures: dict[str, Figure]) -> None:
    """What the others take, as multiples of what we take on the same files."""
    every, spec = (f"skill-fleet validate {what}, {SKILLS} skills" for what in ("PATH", "PATH --select spec"))
    rivals = {
        name: (spec if "skills-ref" in name else every) for name in figures if not name.startswith(("skill-", "py"))
    }
    for name, ours in rivals.items():
        theirs, own = figures[name], figures[ours]
        print(
            f"{name} takes {theirs.seconds / own.seconds:.1f} times as long as {ours}, CPU {theirs.cpu / own.cpu:.1f} times"
        )


def _many(root: Path) -> None:
    """A large fleet whose skills differ, with a branch `start` before ten of them changed."""
    files = {
        f"skills/web/skill-{n:04}/SKILL.md": skill(
            f"skill-{n:04}",
            f"Does number {n} of {n * 7 % 1009} and {n * 13 % 2003} kinds. Use it when {n * 31} is asked for.",
            BODY.replace("Do", f"Do {n} times").replace("- ", f"- {n} and ").replace("print(", f"print({n}"),
        )
        for n in range(MANY)
    }
    bed = make_repo(root, {"skills/taxonomy.yaml": "categories:\n  web:\n    description: Web.\n", **files})
    bed.git("branch", "start")
    changed = {path: f"{text}\nOne more line.\n" for path, text in list(files.items())[:: MANY // 10]}
    bed.commit("Change ten", changed)


class Figure(NamedTuple):
    """What a command takes: wall time, processor time of all its processes, and the memory of the largest in MiB."""

    seconds: float
    cpu: float
    memory: float


def _measure(commands: dict[str, list[str]], folder: Path) -> dict[str, Figure]:
    """The medians of each command's runs, the commands in turn, so that a slow moment hits all."""
    found: dict[str, list[Figure]] = {name: [] for name in commands}
    for turn in range(RUNS + 1):
        for name, words in commands.items():
            figure = _run(words, folder)
            if turn:  # the first turn warms the caches
                found[name].append(figure)
    return {name: Figure(*map(statistics.median, zip(*each, strict=True))) for name, each in found.items()}


def _run(words: list[str], folder: Path) -> Figure:
    """One run. A process of its own watches it, since the peak of children is kept for all that a process ever had.
    Python may keep what it compiled, as it does wherever a tool is installed."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *words],
        cwd=folder,
        capture_output=True,
        check=False,
        env={**own, "NO_COLOR": "1"},
    )
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(words)}: {done.stderr.decode()}")
    return Figure(*map(float, done.stdout.split()))


if __name__ == "__main__":
    slopes() if sys.argv[1:] == ["slopes"] else bench()
