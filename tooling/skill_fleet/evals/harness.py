"""The agent under test: one task, run by a program in a fresh project with a fresh HOME.

The program is hostile as far as we know, and what it makes is too: it gets neither our environment nor the answers, and
no process of its group outlives it. The same holds for the programs of a case: its setup and its checks.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.evals.cases import Case, File, Files, digest_of

UNAVAILABLE = 75
"""The exit status (EX_TEMPFAIL) by which a program says that the model was not available."""
CHECK_SECONDS = 60.0
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")
_MOST_TEXT, _MOST_BYTES, _MOST_FILES = 1_000_000, 20_000_000, 5_000
_MOST_COUNT = 1e12
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/opt", "/nix")


class Unavailable(Exception):
    """The program could not run the task, so there is nothing to grade; it may be tried again.

    That is status 75, and any failure without an answer, such as that of a program that lacks a library.
    """


class Stopped(Exception):
    """The run was ended from outside, so there is nothing to grade."""


@dataclass(frozen=True)
class Harness:
    """A program that runs an agent: the prompt on standard input, the answer on standard output, files in its folder.

    Words of the command may hold `{prompt}`, or `{prompt-file}` for its path. SKILL_FLEET_MODEL is the model that was asked
    for, SKILL_FLEET_SKILLS the folder of the skills. In the file SKILL_FLEET_REPORT the program may leave a JSON object
    with what it knows: `model` as served, `tokens`, `cost`, `turns`, `skills` (the names of those that were read) and
    `tools` (objects with `name` and `input`).
    """

    name: str
    command: tuple[str, ...]
    version: str
    model: str = ""
    isolation: str = "none"
    passed: tuple[str, ...] = ()
    """The variables of the environment that it gets besides the harmless ones."""
    mounts: tuple[str, ...] = ()
    """The files and folders that it can read in bubblewrap, besides the system and the files that its command names."""
    skills_folder: str = ".agents/skills"


@dataclass(frozen=True)
class Output:
    """What one run came to. `exit` is None when its time was over; facts that the program did not report are None."""

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


def find_harness(command: Sequence[str], name: str, version: str, model: str, isolation: str, **more: Any) -> Harness:
    """Find the program of a command line. Unless given, its version is the digest of the files that the line names.

    `isolation` is `auto`, `bubblewrap` or `none`. UserError when there is no such program, or no bubblewrap.
    """
    program = shutil.which(command[0]) if command else None
    if program is None:
        raise UserError(f"There is no program {command[0] if command else ''!r}.", "Name one with --command.")
    words = [str(Path(word).absolute()) if _is_file(word) else word for word in (program, *command[1:])]
    digests = [hashlib.sha256(Path(word).read_bytes()).hexdigest() for word in words if _is_file(word)]
    version = version or digest_of(digests)[:12]
    found = "none" if isolation == "none" else isolation_here()
    if isolation == "bubblewrap" != found:
        raise UserError("Bubblewrap does not work here.", "Install it (bwrap), or use --isolation none.")
    return Harness(name or Path(program).name, tuple(words), version, model, found, **more)


def _is_file(word: str) -> bool:
    with suppress(OSError, ValueError):
        return Path(word).is_file()
    return False


def isolation_here() -> str:
    """The best isolation that works on this machine."""
    program = shutil.which("bwrap")
    trial = [program, "--ro-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "true"] if program else ["false"]
    return "none" if subprocess.run(trial, capture_output=True, check=False).returncode else "bubblewrap"


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


def run_case(harness: Harness, case: Case, skills: Mapping[str, Files], stop: threading.Event) -> Output:
    """Run one task, with `skills` (the files of each by name) in the project. Raises Unavailable, or Stopped."""
    folder = harness.skills_folder
    staged = {f"{folder}/{name}/{path}": file for name, files in skills.items() for path, file in files.items()}
    with fresh_folder({**case.files, **staged}) as root:
        for command in case.setup:
            if execute(command, root, harness, CHECK_SECONDS, stop) != 0:
                raise UserError(f"The setup of case {case.id} failed: {' '.join(command)}", "Fix the case.")
        prompt, report = root / "prompt", root / "report.json"
        prompt.write_text(case.prompt, encoding="utf-8")
        fill = {"{prompt}": case.prompt, "{prompt-file}": str(prompt)}
        more = {
            **{name: os.environ[name] for name in harness.passed if name in os.environ},
            "SKILL_FLEET_MODEL": harness.model,
            "SKILL_FLEET_SKILLS": str(root / "project" / folder),
            "SKILL_FLEET_REPORT": str(report),
        }
        begin = time.monotonic()
        status = execute(
            [fill.get(word, word) for word in harness.command], root, harness, case.timeout, stop, prompt, more
        )
        seconds = round(time.monotonic() - begin, 3)
        answer, errors = (_read(root / name, _MOST_TEXT)[0].decode("utf-8", "replace") for name in ("out", "err"))
        if status == UNAVAILABLE or (status and not answer.strip()):
            raise Unavailable(f"status {status}: {errors[-300:].strip()}")
        files, omitted = _collect(root / "project", folder)
        errors = errors[-10_000:] + (f"\n{omitted} files were left out: there was too much." if omitted else "")
        return Output(answer, files, status, seconds, errors, **_facts(report))


def execute(
    command: Sequence[str],
    root: Path,
    harness: Harness,
    seconds: float,
    stop: threading.Event,
    stdin: Path = Path(os.devnull),
    more: Mapping[str, str] | None = None,
) -> int | None:
    """Run one program in `root`/project, and kill its group when it has ended or its time is over. Raises Stopped.

    Returns its status, None when its time was over. What it prints is in `root`/out and `root`/err.
    """
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {"HOME": str(root / "home"), "TMPDIR": str(root / "home"), "TERM": "dumb", **(more or {})}
    words = _isolated(command, root, harness) if harness.isolation == "bubblewrap" else list(command)
    with (root / "out").open("wb") as out, (root / "err").open("wb") as err, stdin.open("rb") as feed:
        try:
            process = subprocess.Popen(
                words, cwd=root / "project", env=environment, stdin=feed, stdout=out, stderr=err, start_new_session=True
            )
        except OSError:  # there is no such program: the status that shells have for it
            return 127
    deadline = time.monotonic() + seconds
    try:
        while process.poll() is None and not stop.is_set() and (left := deadline - time.monotonic()) > 0:
            with suppress(subprocess.TimeoutExpired):
                process.wait(min(0.1, left))
        status = process.poll()
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if status is None and stop.is_set():
        raise Stopped
    return status


def _isolated(command: Sequence[str], root: Path, harness: Harness) -> list[str]:
    """The command in namespaces of its own, where only the system, the harness's program and the run's folder are."""
    places = [word for name in _SYSTEM for word in ("--ro-bind-try", name, name)]
    files = [*filter(_is_file, harness.command), *(str(Path(name).absolute()) for name in harness.mounts)]
    programs = [word for name in files for word in ("--ro-bind", name, name)]
    alone = [
        "--unshare-user",
        "--unshare-pid",
        "--unshare-ipc",
        "--die-with-parent",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
    ]
    here = ["--tmpfs", "/tmp", *programs, "--bind", str(root), str(root), "--chdir", str(root / "project")]
    return ["bwrap", *alone, *places, *here, "--", *command]


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
