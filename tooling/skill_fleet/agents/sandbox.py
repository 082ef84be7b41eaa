"""Where programs that nobody trusts are run: a project, a fresh HOME, next to no environment, namespaces where there are.

The programs are those of agents, and what agents made: nothing of their group outlives them. In a sandbox they see the
system's programs, the folder of the run, and no other process; an agent with a meter has no network but that.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from skill_fleet.errors import UserError

PORT = 8317
"""Where the meter answers in a network that has nothing else."""
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")
# Of /etc only this: settings of clients for the whole machine, and keys in /etc/environment, are none of an agent's business.
_ETC = (
    "alternatives", "ca-certificates", "ca-certificates.conf", "fonts", "gitconfig", "group", "hosts", "java", "ld.so.cache",
    "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "nsswitch.conf", "passwd", "pki", "protocols", "resolv.conf",
    "services", "ssl", "timezone",
)  # fmt: skip
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt", "/nix", *(f"/etc/{name}" for name in _ETC))
_PYTHON = os.path.realpath(sys.executable)
_ENTER = str(Path(__file__).with_name("enter.py"))


class Isolation(StrEnum):
    """What keeps an agent from the rest of the machine."""

    BUBBLEWRAP = "bubblewrap"
    NAMESPACES = "namespaces"
    NONE = "none"


class Stopped(Exception):
    """The run was ended from outside, so there is nothing to grade."""


@dataclass(frozen=True)
class Sandbox:
    """How programs are confined. `mounts` are the files and folders that they can read besides the system.

    Without `network`, they have a loopback of their own and nothing else, except where there is no isolation.
    """

    isolation: Isolation = Isolation.NONE
    mounts: tuple[str, ...] = ()
    network: bool = True

    def words(self, command: Sequence[str], root: Path, gate: int | None) -> list[str]:
        """Return the command line that runs `command` in this sandbox, with `root` to write to.

        With a `gate`, it has a network of its own, of which the only socket comes out through that.
        """
        if self.isolation is Isolation.NONE:
            return list(command)
        ours = (_ENTER, sys.base_prefix)
        read = [name for name in (*_SYSTEM, *ours, *self.mounts) if Path(name).exists()]
        plan: dict[str, Any] = {} if gate is None else {"gate": gate, "port": PORT}
        shared = gate is None and self.network
        net = [] if shared else ["--net" if self.isolation is Isolation.NAMESPACES else "--unshare-net"]
        if self.isolation is Isolation.NAMESPACES:
            plan |= {"root": str(root / "root"), "read": read, "write": str(root), "loopback": not shared}
            (root / "root").mkdir(exist_ok=True)
            alone = ["--user", "--map-root-user", "--mount", "--pid", "--ipc", "--fork", "--kill-child", *net]
            # bubblewrap has an option for this: to end with us, whatever ends us
            return [
                "setpriv",
                "--pdeathsig",
                "KILL",
                "unshare",
                *alone,
                _PYTHON,
                "-I",
                "-S",
                _ENTER,
                json.dumps(plan),
                *command,
            ]
        alone = ["--unshare-user", "--unshare-pid", "--unshare-ipc", *net, "--cap-drop", "ALL", "--die-with-parent"]
        places = [word for name in read for word in ("--ro-bind", name, name)]
        here = ["--bind", str(root), str(root), "--chdir", str(root / "project")]
        made = ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
        enter = [_PYTHON, "-I", "-S", _ENTER, json.dumps(plan)] if plan else []
        return ["bwrap", *alone, *made, *places, *here, "--", *enter, *command]


def isolations_here() -> list[Isolation]:
    """The kinds of isolation that work on this machine, as a trial of each shows; the best first, the last is none."""
    return [isolation for isolation in Isolation if _works(isolation)]


def _works(isolation: Isolation) -> bool:
    with tempfile.TemporaryDirectory(prefix="eval-") as folder, suppress(FileNotFoundError):
        root = Path(folder).resolve()
        (root / "project").mkdir()
        words = Sandbox(isolation).words(["true"], root, None)
        return subprocess.run(words, cwd=root / "project", capture_output=True, check=False).returncode == 0
    return False


def find_isolation(wanted: str = "auto") -> Isolation:
    """Return the isolation of this name, or for `auto` the best. UserError when it does not work here, and on Windows."""
    if os.name != "posix":
        raise UserError(
            "Agents are run on Linux and macOS alone: here nothing can end all that they started.", "Use WSL."
        )
    if wanted == "auto":
        return next(filter(_works, Isolation))
    if not _works(Isolation(wanted)):
        raise UserError(f"The isolation {wanted} does not work here.", "Use --isolation auto.")
    return Isolation(wanted)


def execute(
    command: Sequence[str],
    root: Path,
    sandbox: Sandbox,
    seconds: float,
    stop: threading.Event,
    stdin: Path = Path(os.devnull),
    more: Mapping[str, str] | None = None,
    gate: int | None = None,
    waited: Callable[[], float] = lambda: 0.0,
) -> int | None:
    """Run one program in `root`/project, and kill its group when it has ended or its time is over. Raises Stopped.

    Returns its status, None when its time was over; what it has `waited` for a model is not counted. What it prints is in
    `root`/out and `root`/err.
    """
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {"HOME": str(root / "home"), "TMPDIR": str(root / "home"), "TERM": "dumb", **(more or {})}
    words, passed = sandbox.words(command, root, gate), () if gate is None else (gate,)
    with (root / "out").open("wb") as out, (root / "err").open("wb") as err, stdin.open("rb") as feed:
        try:
            process = subprocess.Popen(
                words, cwd=root / "project", env=environment, stdin=feed, stdout=out, stderr=err, pass_fds=passed,
                start_new_session=True,
            )  # fmt: skip
        except OSError:  # there is no such program: the status that shells have for it
            return 127
    deadline = time.monotonic() + seconds
    try:
        while process.poll() is None and not stop.is_set() and (left := deadline + waited() - time.monotonic()) > 0:
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
