"""The agent under test: one task, run by a program in a fresh project with a fresh HOME.

The program is hostile as far as we know, and what it makes is too: it gets neither our environment nor the answers. One
that asks a model by a meter has no key either, and what it did is known without its help.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import stat
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skill_fleet.agents.meter import Meter, Provider, Refusal, complete, serving
from skill_fleet.agents.sandbox import Isolation, Sandbox, execute, find_isolation
from skill_fleet.errors import UserError
from skill_fleet.markdown import read_front_matter

UNAVAILABLE = 75
"""The exit status (EX_TEMPFAIL) by which a program says that the model was not available."""
CHECK_SECONDS = 60.0
_MOST_TEXT, _MOST_BYTES, _MOST_FILES = 1_000_000, 20_000_000, 5_000
_MOST_COUNT = 1e12


@dataclass(frozen=True)
class File:
    """The content of a file of a project, and whether it can be executed."""

    content: bytes
    executable: bool = False


Files = Mapping[str, File]
"""The files of a project by path."""


@dataclass(frozen=True)
class Task:
    """What an agent is asked to do, the files that it is given, and the seconds that it has."""

    prompt: str
    files: Files
    setup: tuple[list[str], ...] = ()
    timeout: float = 600.0


class Unavailable(Exception):
    """The program could not run the task, so there is nothing to grade; it may be tried again.

    That is status 75, a model that did not answer, and any failure without an answer, such as that of a program that lacks
    a library.
    """


class OverBudget(Exception):
    """The run was ended because it would have cost too much. `cost` is what was paid for it."""

    def __init__(self, cost: float) -> None:
        super().__init__(cost)
        self.cost = cost


@dataclass(frozen=True)
class Harness:
    """A program that runs an agent: the prompt on standard input, the answer on standard output, files in its folder.

    Words of the command may hold `{prompt}`, or `{prompt-file}` for its path. SKILL_FLEET_MODEL is the model that was asked
    for, SKILL_FLEET_SKILLS the folder of the skills. In the file SKILL_FLEET_REPORT the program may leave a JSON object
    with what it knows: `model` as served, `tokens`, `cost`, `turns`, `skills` (the names of those that were read) and
    `tools` (objects with `name` and `input`).

    With a `provider`, the program asks a model by a meter. Then these facts are read there, and words and values of
    `variables` may hold `{address}`, `{token}` and `{model}`.
    """

    name: str
    command: tuple[str, ...]
    version: str
    model: str = ""
    isolation: Isolation = Isolation.NONE
    passed: tuple[str, ...] = ()
    """The variables of the environment that it gets besides those that every program gets."""
    mounts: tuple[str, ...] = ()
    """The files and folders that it can read in a sandbox, besides the system and the files that its command names."""
    skills_folder: str = ".agents/skills"
    variables: Mapping[str, str] = field(default_factory=dict)
    turns: int = 0
    """The most calls of a model in a run, of those with tools."""
    catalogue: tuple[str, str] = ("", "")
    """Patterns of the part of a request that lists skills, and of each name in it."""
    built_in: frozenset[str] = frozenset()
    """The skills that the program brings with it."""
    provider: Provider | None = field(default=None, repr=False, compare=False)

    @property
    def sandbox(self) -> Sandbox:
        """Where the program, and those of the cases, are run."""
        named = [str(Path(name).absolute()) for name in self.mounts]
        return Sandbox(self.isolation, (*filter(_is_file, self.command), *named))

    @property
    def conditions(self) -> dict[str, Any]:
        """What has to be the same for a run to be used again."""
        names = ("name", "command", "version", "model", "isolation", "passed", "skills_folder", "turns")
        temperature = self.provider.settings.temperature if self.provider else None
        return {**{name: getattr(self, name) for name in names}, "temperature": temperature}


@dataclass(frozen=True)
class Output:
    """What one run came to. `exit` is None when its time was over; facts that nobody knows are None.

    `calls` are what the meter kept of the model.
    """

    answer: str
    files: Files
    exit: int | None
    seconds: float
    errors: str = ""
    model: str = ""
    tokens: int | None = None
    cost: float | None = None
    turns: int | None = None
    skills: tuple[str, ...] | None = None
    tools: tuple[Mapping[str, Any], ...] = ()
    calls: tuple[Mapping[str, Any], ...] = ()


def find_harness(command: Sequence[str], name: str, version: str, model: str, isolation: str, **more: Any) -> Harness:
    """Find the program of a command line. Unless given, its version is the digest of the files that the line names.

    `isolation` is `auto` or the name of one. UserError when there is no such program or isolation.
    """
    program = shutil.which(command[0]) if command else None
    if program is None:
        raise UserError(f"There is no program {command[0] if command else ''!r}.", "Name one with --command.")
    words = [str(Path(word).absolute()) if _is_file(word) else word for word in (program, *command[1:])]
    digests = [hashlib.sha256(Path(word).read_bytes()).hexdigest() for word in words if _is_file(word)]
    version = version or hashlib.sha256("".join(digests).encode()).hexdigest()[:12]
    return Harness(name or Path(program).name, tuple(words), version, model, find_isolation(isolation), **more)


def _is_file(word: str) -> bool:
    with suppress(OSError, ValueError):
        return Path(word).is_file()
    return False


@contextmanager
def fresh_folder(files: Files) -> Iterator[Path]:
    """A temporary folder with `files` in `project`, beside an empty `home`."""
    with tempfile.TemporaryDirectory(prefix="eval-", ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve()
        (root / "home").mkdir()
        write_files(root / "project", files)
        yield root


def write_files(folder: Path, files: Files) -> None:
    """Write files below `folder`, which has no links. A path that leads out of it, or to no file, is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in files.items():
        target = folder / name
        if any(part in ("", "..") for part in name.split("/")) or target.is_dir() or Path(name).is_absolute():
            continue
        with suppress(OSError, ValueError):  # a file where another has its folder, a name that is too long
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content)
            target.chmod(0o755 if file.executable else 0o644)


def run_task(
    harness: Harness,
    task: Task,
    skills: Mapping[str, Files],
    stop: threading.Event,
    limit: float | None = None,
    replay: Sequence[Mapping[str, Any]] | None = None,
    others: Mapping[str, Files] | None = None,
) -> Output:
    """Run one task, with `skills` (the files of each by name) in the project. Raises Unavailable, OverBudget, or Stopped.

    `others` are skills that the agent is not given; if it was shown one of them, that is among those that it read.
    Only an agent with a meter can hold a `limit` of money, or be given the calls of an earlier run to `replay`.
    """
    folder = harness.skills_folder
    staged = {f"{folder}/{name}/{path}": file for name, files in skills.items() for path, file in files.items()}
    with fresh_folder({**task.files, **staged}) as root, ExitStack() as stack:
        for command in task.setup:
            if execute(command, root, harness.sandbox, CHECK_SECONDS, stop) != 0:
                raise UserError(f"The setup of a case failed: {' '.join(command)}", "Fix the case.")
        prompt, report = root / "prompt", root / "report.json"
        prompt.write_text(task.prompt, encoding="utf-8")
        meter = Meter(harness.provider, harness.turns, limit, replay) if harness.provider else None
        gate = None
        if meter:
            ours = None
            if harness.isolation is not Isolation.NONE:
                ours, theirs = map(stack.enter_context, socket.socketpair())
                gate = theirs.fileno()
            stack.enter_context(serving(meter, ours))
        fill = {"{prompt}": task.prompt, "{prompt-file}": str(prompt)}
        more = {
            **{name: os.environ[name] for name in harness.passed if name in os.environ},
            "SKILL_FLEET_MODEL": harness.model,
            "SKILL_FLEET_SKILLS": str(root / "project" / folder),
            "SKILL_FLEET_REPORT": str(report),
            "SKILL_FLEET_CATALOGUE": json.dumps([_described(name, files) for name, files in skills.items()]),
            **{name: _filled(value, harness, meter) for name, value in harness.variables.items()},
        }
        words = [fill.get(word, _filled(word, harness, meter)) for word in harness.command]
        begin = time.monotonic()
        waited = meter.waited if meter else lambda: 0.0
        status = execute(words, root, harness.sandbox, task.timeout, stop, prompt, more, gate, waited)
        seconds = round(time.monotonic() - begin, 3)
        answer, errors = (_read(root / name, _MOST_TEXT)[0].decode("utf-8", "replace") for name in ("out", "err"))
        facts = _facts(report)
        if meter:
            facts = _metered(harness, meter, task, skills, others or {}, f"status {status}: {errors[-300:].strip()}")
        elif status == UNAVAILABLE or (status and not answer.strip()):
            raise Unavailable(f"status {status}: {errors[-300:].strip()}")
        files, omitted = _collect(root / "project", folder)
        errors = errors[-10_000:] + (f"\n{omitted} files were left out: there was too much." if omitted else "")
        return Output(answer, files, status, seconds, errors, **facts)


def ask(provider: Provider, question: str) -> tuple[str, str]:
    """Return the reply of a model to one question, and the model as served. Raises Unavailable."""
    meter = Meter(provider, 1)
    request = {"messages": [{"role": "user", "content": question}], "model": provider.name}
    status, reply = complete(meter, request)
    if status != 200:
        raise Unavailable(meter.failed or f"status {status} of the model's provider")
    return str(json.loads(reply)["choices"][0]["message"]["content"] or ""), meter.model


def _filled(text: str, harness: Harness, meter: Meter | None) -> str:
    if meter:
        model = harness.model
        values = {"address": meter.address, "token": meter.token, "model": model, "name": model.partition("/")[2]}
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
    return text


def _described(name: str, files: Files) -> tuple[str, str]:
    """The name and the description of a skill."""
    return name, read_front_matter(files["SKILL.md"].content).value("description") or ""


def _metered(
    harness: Harness, meter: Meter, task: Task, skills: Mapping[str, Files], others: Mapping[str, Files], ended: str
) -> dict[str, Any]:
    """What the meter knows of a run that has ended. Raises Unavailable, OverBudget, or UserError for other skills."""
    if meter.refused is Refusal.MONEY:
        raise OverBudget(meter.cost or 0.0)
    if meter.failed or not meter.turns:
        raise Unavailable(meter.failed or f"no question for the model, {ended}")
    listed = meter.listed(*harness.catalogue)
    if (listed | harness.built_in) != (skills.keys() | harness.built_in):
        other = ", ".join(sorted(listed - harness.built_in - skills.keys())) or "none"
        missing = ", ".join(sorted(skills.keys() - listed)) or "none"
        raise UserError(
            f"{harness.name} did not list the staged skills. Missing: {missing}; unknown: {other}.",
            "Check the front matter of those that are missing. Name what this version brings with --built-in NAME.",
        )
    known = {**others, **skills}.items()
    read = tuple(name for name, files in known if meter.showed(_opening(files, task)))
    return {
        "model": meter.model, "tokens": meter.tokens, "cost": meter.cost, "turns": min(meter.turns, harness.turns),
        "skills": read, "tools": tuple(meter.tools), "calls": tuple(meter.calls),
    }  # fmt: skip


def _opening(files: Files, task: Task) -> list[str]:
    """The first lines of a skill's body that are not in the task, by which it is known that the agent was shown it."""
    given = "\n".join([task.prompt, *(file.content.decode("utf-8", "replace") for file in task.files.values())])
    lines = (line.strip()[:60] for line in read_front_matter(files["SKILL.md"].content).body.splitlines())
    return [line for line in lines if len(line) >= 4 and line not in given][:5]


def _collect(project: Path, skills_folder: str) -> tuple[dict[str, File], int]:
    """The regular files of a project without the staged skills, and how many were left out. Links are not followed."""
    found: dict[str, File] = {}
    left, omitted = _MOST_BYTES, 0
    for folder, folders, names in os.walk(project):
        inside = Path(folder).relative_to(project)
        folders[:] = sorted(name for name in folders if (inside / name).as_posix() != skills_folder)
        for name in sorted(names):
            content, mode = _read(Path(folder, name), left + 1)
            if len(content) > left or len(found) >= _MOST_FILES:
                omitted += 1
            elif mode:
                left -= len(content)
                found[(inside / name).as_posix()] = File(content, bool(mode & stat.S_IXUSR))
    return found, omitted


def _read(path: Path, most: int) -> tuple[bytes, int]:
    """The content of a regular file, up to `most` bytes, and its mode; b"" and 0 for anything else, such as a pipe."""
    with suppress(OSError):
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(file, "rb") as opened:
            mode = os.fstat(file).st_mode
            return (opened.read(most), mode) if stat.S_ISREG(mode) else (b"", 0)
    return b"", 0


def _facts(report: Path) -> dict[str, Any]:
    """What the program reported, as far as it has the right types."""
    data = None
    with suppress(ValueError, RecursionError):
        data = json.loads(_read(report, _MOST_TEXT)[0])
    facts = data if isinstance(data, dict) else {}
    found: dict[str, Any] = {"model": facts["model"]} if isinstance(facts.get("model"), str) else {}
    for name, kinds in {"tokens": (int,), "turns": (int,), "cost": (int, float)}.items():
        if type(facts.get(name)) in kinds and 0 <= facts[name] < _MOST_COUNT:
            found[name] = facts[name]
    if isinstance(facts.get("skills"), list):
        found["skills"] = tuple(map(str, facts["skills"]))
    tools = facts.get("tools")
    return {
        **found,
        "tools": tuple(each for each in tools if isinstance(each, dict)) if isinstance(tools, list) else (),
    }
