"""Kill every command that writes, run it again, and compare with a run that nobody disturbed: python tests/kills.py 500

Two kinds of kills. At each listed write: the process ends itself with SIGKILL just before it, once for each write that an
undisturbed run makes (a process that it starts, a file that it opens to write, renames or removes, a folder that it makes
or removes). At random moments: SIGKILL to the process alone, as when memory runs out (Git ends what it was asked to do), or
SIGINT or SIGTERM to the process and what it started, as when a person or a job stops it.

After each, the same command is run again. It has to end with the status, the files, the refs and the text of the pull
requests of the undisturbed run, up to ids and times, and leave no lock and no temporary file.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tooling")]

import gitbed  # noqa: E402
from forges.faults import READS  # noqa: E402
from skill_fleet.cli.main import main  # noqa: E402

DOCUMENT = "# Log rotation\n\nRotates logs.\n\n## Steps\n\n1. Find `/var/log`.\n\n## Pitfalls\n\nOpen files.\n"
SKILL = "skills/practices/log-rotation/SKILL.md"
LINE = "description: Rotates the logs of a service. Use when a host runs out of space."
CREATE = ("create", "--from", "../log-rotation.md", "--path", "practices")
BROKEN = "---\nname: {name}\ndescription: Does {name}.\nversion: 2\n---\n\n# {name}\n\nText.\n"
FILES = {
    **gitbed.FLEET,
    "skills/web/old/SKILL.md": gitbed.skill("old", body="See [a](references/a.md)."),
    "skills/web/old/references/a.md": "# A\n\nweb/old\n",
    "skills/web/old/scripts/run.sh": "#!/bin/sh\necho one\n",
    **{f"skills/web/user-{n}/SKILL.md": gitbed.skill(f"user-{n}", body="Use web/old first.") for n in range(3)},
    **{f"skills/api/broken-{n}/SKILL.md": BROKEN.format(name=f"broken-{n}") for n in range(3)},
}
ELSEWHERE = {f"lib/one-{n}/{name}": f"---\nname: one-{n}\ndescription: Does {n}.\n---\n\n# {n}\n" if name == "SKILL.md"
             else f"# {n}\n" for n in range(4) for name in ("SKILL.md", "references/more.md")}  # fmt: skip


@dataclass(frozen=True)
class Command:
    """A command that writes: the commands before it, and its words. `shared`: with a remote."""

    words: tuple[str, ...]
    before: tuple[tuple[str, tuple[str, ...]], ...] = ()
    shared: bool = True
    who: str = "Ada"
    at: str = "clone"


OPENED = (("Ada", CREATE),)
ASKED = (
    *OPENED,
    ("Grace", ("review", "comment", "1", "--path", SKILL, "--line", "3", "--suggest", LINE)),
    ("Grace", ("review", "comment", "1", "/move devops/logs-rotated")),
)
STEPPED = (*ASKED, ("Grace", ("review", "step", "1")))
APPROVED = (*STEPPED, ("Mary", ("review", "approve", "1")))

COMMANDS = {
    "create": Command(CREATE),
    "create, alone": Command(CREATE, shared=False),
    "step": Command(("review", "step", "1"), ASKED),
    "step, alone": Command(("review", "step", "1"), ASKED, shared=False),
    "promote": Command(("promote", "1"), APPROVED, who="Mary"),
    "promote, alone": Command(("promote", "1"), APPROVED, shared=False, who="Mary"),
    "close": Command(("review", "close", "1"), OPENED),
    "close, alone": Command(("review", "close", "1"), OPENED, shared=False),
    "move": Command(("move", "web/old", "devops/newer")),
    "retire": Command(("retire", "web/old", "--superseded-by", "web/user-1")),
    "migrate": Command(("migrate", "../lib", "--to", "python")),
    "fix": Command(("fix",)),
    "generate-xml": Command(("generate-xml",)),
    "new": Command(("new", "python/fresh")),
    "init": Command(("init", "fresh"), at="."),
    "adopt": Command(("init", "--adopt", "--baseline"), at="adopted"),
}
# Run again once it is done, these are refused, and say so: what they did is there.
DONE = {"promote", "promote, alone", "close", "close, alone", "new", "init"}


@dataclass
class Tally:
    """What was tried and what came of it."""

    tried: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def make_beds(folder: Path, command: Command) -> None:
    """The repositories before the command, in `folder`."""
    if command.shared:
        gitbed.make_origin_and_clone(folder, FILES)
    else:
        gitbed.make_repo(folder / "clone", FILES)
    (folder / "log-rotation.md").write_text(DOCUMENT, encoding="utf-8")
    gitbed.make_repo(
        folder / "adopted", {f"skills/{path.removeprefix('lib/')}": text for path, text in ELSEWHERE.items()}
    )
    for path, text in ELSEWHERE.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for who, words in command.before:
        status = _in_child(folder / "clone", words, who)[1]
        assert status in (0, 1), (words, status)


def _in_child(
    folder: Path, words: Sequence[str], who: str, *, die_at: int = -1, send: Callable[[int], None] | None = None
) -> tuple[int, int, str]:
    """Run a command in a process of its own; return the number of writes, the status, and what it printed.

    `die_at` is the write before which it kills itself; `send` gets the process as soon as it runs.
    """
    out, into = os.pipe()
    said = tempfile.TemporaryFile()  # noqa: SIM115
    child = os.fork()
    if not child:
        status = 99
        try:
            os.setsid()
            os.close(out)
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            os.environ |= {f"GIT_{role}_NAME": who for role in ("AUTHOR", "COMMITTER")}
            os.environ |= {f"GIT_{role}_EMAIL": f"{who.lower()}@example.org" for role in ("AUTHOR", "COMMITTER")}
            os.chdir(folder)
            count = 0

            def hook(event: str, arguments: tuple[object, ...]) -> None:
                nonlocal count
                if _is_write(event, arguments):
                    if count == die_at:
                        os.kill(os.getpid(), signal.SIGKILL)
                    count += 1

            sys.addaudithook(hook)
            sys.stdout = open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
            sys.stderr = open(2, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
            status = main(list(words))
            sys.stdout.flush()
            sys.stderr.flush()
            os.write(into, str(count).encode())
        finally:
            os._exit(status)
    os.close(into)
    if send:
        send(child)
    _, ended = os.waitpid(child, 0)
    _await_group(child)
    count = int(os.read(out, 20) or b"-1")
    os.close(out)
    said.seek(0)
    text = said.read().decode("utf-8", "replace")
    said.close()
    return count, os.waitstatus_to_exitcode(ended), text


def _await_group(leader: int) -> None:
    """Wait until what a process had started has ended too."""
    for _ in range(1000):
        try:
            os.killpg(leader, 0)
        except (ProcessLookupError, PermissionError):
            return
        time.sleep(0.01)


def _is_write(event: str, arguments: tuple[object, ...]) -> bool:
    if event == "open":
        name, mode = arguments[:2]
        return (
            isinstance(mode, str)
            and any(sign in mode for sign in "wax+")
            and not str(name).startswith(("/dev/", "/tmp"))
        )
    if event == "subprocess.Popen":  # its second argument is the command: git -C FOLDER [-c SETTING]... COMMAND
        words = [str(word) for word in cast(Sequence[object], arguments[1])]
        return not READS & {*words}
    return event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir")


_VOLATILE = re.compile(r"\b[0-9a-f]{7,64}\b|\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?|(?<=/)[0-9a-f]{16}")


def state_of(folder: Path) -> str:
    """All that a person can see: refs with what is in them, files, settings; ids and times are left out."""
    rows: list[str] = []
    for top, folders, files in os.walk(folder):
        folders.sort()
        inside = Path(top)
        if ".git" in folders or (inside / "HEAD").is_file():
            folders[:] = [name for name in folders if name != ".git"] if ".git" in folders else []
            rows += _state_of_repository(inside)
        if not (inside / "HEAD").is_file():
            rows += [
                f"{(inside / name).relative_to(folder)} {(inside / name).stat().st_mode:o} {(inside / name).read_text()}"
                for name in sorted(files)
            ]
    return _VOLATILE.sub("ID", "\n".join(rows))


def _state_of_repository(path: Path) -> list[str]:
    bed = gitbed.Bed(path)
    rows = [f"== {path.name}", bed.git("symbolic-ref", "HEAD"), bed.git("config", "--local", "--list")]
    for ref in sorted(bed.git("for-each-ref", "--format=%(refname)").splitlines()):
        if "/records-waiting/" in ref:
            continue
        if ref.endswith("/timeline"):
            blobs = bed.git("log", "--reverse", "--format=%H", ref).splitlines()
            rows += [ref, *(bed.git("show", f"{oid}:events.jsonl", check=False) for oid in blobs)]
        else:
            rows += [ref, bed.git("ls-tree", "-r", ref), bed.git("log", "--reverse", "--format=%an %B", ref)]
    status = bed.git("status", "--porcelain", check=False)
    return [*rows, status]


def left_behind(folder: Path) -> list[str]:
    """Locks and temporary files."""
    return [
        str(Path(top, name).relative_to(folder))
        for top, folders, files in os.walk(folder)
        for name in [*folders, *files]
        if re.search(r"\.lock$|\.new$|^tmp|^\.skill-fleet-|^incoming-", name)
    ]


def try_command(name: str, folder: Path, tally: Tally, *, at_writes: bool, random_kills: int) -> None:
    """Kill one command at each of its writes, at random moments, or both."""
    command = COMMANDS[name]
    start = folder / "start"
    make_beds(start, command)

    def fresh(where: str) -> Path:
        shutil.rmtree(folder / where, ignore_errors=True)
        shutil.copytree(start, folder / where, symlinks=True)
        return folder / where

    good = fresh("good")
    began = time.monotonic()
    writes, status, said = _in_child(good / command.at, command.words, command.who)
    took = time.monotonic() - began
    assert status in (0, 1), f"{name}: {said}"
    expected = state_of(good)

    def check(moment: str, place: Path) -> None:
        tally.tried[name] += 1
        _, again, text = _in_child(place / command.at, command.words, command.who)
        problems = []
        if again != status and not (again == 2 and name in DONE and state_of(place) == expected):
            problems.append(f"status {again}: {text[-400:]}")
        if (found := state_of(place)) != expected:
            problems.append(_first_difference(expected, found))
        if stray := left_behind(place):
            problems.append(f"left behind: {stray}")
        for problem in problems:
            tally.wrong.append(f"{name}, {moment}: {problem}")
            print(tally.wrong[-1], flush=True)
        if tally.tried[name] % 10 == 0:
            print(f"{name}: {tally.tried[name]} kills so far", flush=True)

    for at in range(writes if at_writes else 0):
        place = fresh("killed")
        _in_child(place / command.at, command.words, command.who, die_at=at)
        check(f"before write {at} of {writes}", place)
    for number in range(random_kills):
        place = fresh("killed")
        delay = random.uniform(0, took * 1.05)
        sign, whole = random.choice([(signal.SIGKILL, False), (signal.SIGTERM, True), (signal.SIGINT, True)])

        def send(child: int, delay: float = delay, sign: int = sign, whole: bool = whole) -> None:
            time.sleep(delay)
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if whole else os.kill)(child, sign)

        _in_child(place / command.at, command.words, command.who, send=send)
        check(f"{signal.Signals(sign).name} after {delay:.3f} s ({number})", place)


def _first_difference(expected: str, found: str) -> str:
    one, other = expected.splitlines(), found.splitlines()
    for number, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return f"line {number}: {left[:160]!r} became {right[:160]!r}"
    return f"{len(one)} lines became {len(other)}: {(one + other)[min(len(one), len(other))][:160]!r}"


def run_all(names: Sequence[str], folder: Path, *, at_writes: bool = True, random_kills: int = 0) -> Tally:
    """Try commands; `random_kills` are those of each."""
    tally = Tally()
    for name in names:
        here = folder / name.replace(", ", "-")
        try_command(name, here, tally, at_writes=at_writes, random_kills=random_kills)
        shutil.rmtree(here, ignore_errors=True)
        print(f"{name}: {tally.tried[name]} kills", flush=True)
    return tally


sys.dont_write_bytecode = True  # what Python keeps of a module is no write of a command


def _isolate(folder: Path) -> None:
    """No configuration of this machine."""
    config = folder / "gitconfig"
    config.write_text("[core]\n\tfsync = none\n[maintenance]\n\tauto = false\n[receive]\n\tautogc = false\n", "utf-8")
    os.environ |= {"GIT_CONFIG_GLOBAL": str(config), "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    for role in ("AUTHOR", "COMMITTER"):
        os.environ |= {f"GIT_{role}_NAME": "Ada", f"GIT_{role}_EMAIL": "ada@example.org"}
    for variable in [*os.environ]:
        if variable.startswith("SKILL_FLEET_") or variable.endswith("_API_KEY"):
            del os.environ[variable]


def program(total: int, names: Sequence[str]) -> int:
    """Kill `total` times or, if there are more writes than that, once at each; print what came of it."""
    with tempfile.TemporaryDirectory() as name:
        _isolate(Path(name))
        fixed = run_all(names, Path(name))
        rest = max(0, total - fixed.tried.total())
        more = run_all(names, Path(name), at_writes=False, random_kills=-(-rest // len(names))) if rest else Tally()
    wrong = [*fixed.wrong, *more.wrong]
    print(f"{fixed.tried.total()} kills at writes, {more.tried.total()} at random moments, {len(wrong)} wrong ends")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(program(int(sys.argv[1]) if len(sys.argv) > 1 else 500, sys.argv[2:] or [*COMMANDS]))
