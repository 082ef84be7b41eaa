"""Enter a sandbox: `python -I -S enter.py PLAN COMMAND...`, inside the namespaces that `sandbox.py` asked for.

PLAN is a JSON object. With `root`, an empty folder, the file system becomes what `read` and `write` name, and the process
loses what it could do as the root of its namespaces. With `loopback`, that interface of the network is switched on. With
`gate`, a descriptor, a socket that listens on `port` of this network is sent through it: so the meter, which is outside,
answers here, and nothing else does. Linux 5.12 or newer.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

_BIND, _ALL_BELOW, _PRIVATE = 0x1000, 0x4000, 0x40000
_NEW_USER = 0x10000000
_DETACH = 2
_MOUNT_SETATTR, _HERE, _RECURSIVE, _READ_ONLY = 442, -100, 0x8000, struct.pack("QQQQ", 1, 0, 0, 0)
_NO_NEW_PRIVILEGES = 38
_SET_FLAGS, _UP = 0x8914, 1
_DEVICES = ("null", "zero", "full", "random", "urandom")
_USER = 1000

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *words: object) -> None:
    """Call a function of the C library. Raises OSError."""
    if getattr(_libc, name)(*words) == -1:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}", str(words))


def _mount(source: str, target: Path, kind: str = "", flags: int = 0, data: str = "") -> None:
    _call("mount", source.encode(), bytes(target), kind.encode(), ctypes.c_ulong(flags), data.encode())


def _show(name: str, root: Path, *, writable: bool = False) -> None:
    """Show a file or folder of the machine at its own path below `root`."""
    source, target = Path(name).resolve(), root / name.lstrip("/")
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    elif not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _mount(str(source), target, flags=_BIND | _ALL_BELOW)
    if not writable:
        _call("syscall", _MOUNT_SETATTR, _HERE, bytes(target), _RECURSIVE, _READ_ONLY, len(_READ_ONLY))


def _change_root(root: Path, read: Iterable[str], write: str) -> None:
    """Make a new file system, and leave the old one."""
    _mount("none", Path("/"), flags=_ALL_BELOW | _PRIVATE)
    _mount("tmpfs", root, "tmpfs", data="mode=755")
    for name in ("proc", "dev/pts", "dev/shm", "old", "tmp"):
        (root / name).mkdir(parents=True, mode=0o777)
    for name in (*read, *(f"/dev/{device}" for device in _DEVICES)):
        _show(name, root, writable=name.startswith("/dev/"))
    _show(write, root, writable=True)
    _mount("proc", root / "proc", "proc")
    _mount("devpts", root / "dev/pts", "devpts", data="newinstance,ptmxmode=0666")
    for link, target in (
        ("fd", "/proc/self/fd"),
        ("ptmx", "pts/ptmx"),
        ("stdin", "fd/0"),
        ("stdout", "fd/1"),
        ("stderr", "fd/2"),
    ):
        (root / "dev" / link).symlink_to(target)
    subprocess.run(["pivot_root", root, root / "old"], check=True)
    os.chdir("/")
    _call("umount2", b"/old", _DETACH)
    Path("/old").rmdir()


def _drop_privileges() -> None:
    """Become an ordinary user of a namespace below, who can mount nothing."""
    owner, group = os.getuid(), os.getgid()
    _call("unshare", _NEW_USER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_USER} {owner} 1")
    Path("/proc/self/gid_map").write_text(f"{_USER} {group} 1")
    _call("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def main() -> None:
    """Do what the plan says, and become the command."""
    plan, command = json.loads(sys.argv[1]), sys.argv[2:]
    root, folder = plan.get("root"), Path.cwd()
    if plan.get("loopback"):
        with socket.socket() as any_socket:
            fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))
    if "gate" in plan:
        with socket.socket() as listener, socket.socket(fileno=plan["gate"]) as gate:
            listener.bind(("127.0.0.1", plan["port"]))
            listener.listen(64)
            socket.send_fds(gate, [b"."], [listener.fileno()])
    if root:
        _change_root(Path(root), plan["read"], plan["write"])
        _drop_privileges()
        os.chdir(folder)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
