"""Running the command in a test, and finding out whether it changed anything.

done = run(folder, "validate", "--format", "json")             # in process
refused(folder, "create", "--from", "x.md", error="There is no file x.md.")   # one sentence, a true tip, no change
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from skill_fleet.cli.main import main

PROGRAM = [sys.executable, "-c", "from skill_fleet.cli.main import run; run()"]

_TIP_COMMAND = re.compile(r"(?:^|: )((?:git|skill-fleet) .+)$")

_RUN_TOGETHER = re.compile(r"[^.?!:;,(\s] (?:Answer|Choose|Fix|Name|No|Run|See|Set|Use)\b:? [a-z]")


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    status: int
    out: str
    err: str


def run(folder: Path, *words: str, stdin: bytes = b"") -> Done:
    """Run one command line in this process, as if started in `folder`."""
    out, err, feed = (io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="\n") for data in (b"", b"", stdin))
    keep, before = sys.stdin, Path.cwd()
    os.chdir(folder)
    try:
        sys.stdin = feed
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main(words)
    finally:
        sys.stdin = keep
        os.chdir(before)
    return Done(status, _text(out), _text(err))


def spawn(folder: Path, *words: str, stdin: bytes = b"", **environment: str) -> Done:
    """Run one command line in a process of its own."""
    there = {**os.environ, **environment}
    done = subprocess.run([*PROGRAM, *words], cwd=folder, input=stdin, capture_output=True, check=False, env=there)
    return Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def fine(folder: Path, *words: str, stdin: bytes = b"") -> str:
    """Run a command that has to end with status 0, and return what it prints."""
    done = run(folder, *words, stdin=stdin)
    assert done.status == 0, f"{words}: {done}"
    return done.out


def refused(
    folder: Path,
    *words: str,
    error: str,
    tip: str = "",
    stdin: bytes = b"",
    around: Path | None = None,
    tip_works: bool = True,
) -> Done:
    """Run a command that has to be refused, and hold it to what a refusal promises.

    Status 2, nothing on standard output, one `error:` line of one sentence that says `error`, one `tip:` line that
    says `tip`, and nothing changed in `around` (`folder`, if not given). A command in the tip is run: it has to work,
    unless `tip_works` says that only a person can make it work.
    """
    watched = around or folder
    before = fingerprint(watched)
    done = run(folder, *words, stdin=stdin)
    assert done.status == 2, done
    assert done.out == "", done
    lines = [line for line in done.err.splitlines() if not re.match(r"note: |\d+ s  ", line)]  # nor progress
    assert [line.partition(": ")[0] for line in lines] == ["error", "tip"], done
    assert error in lines[0], done
    assert not re.search(r"[.?!] [A-Z]", lines[0]), f"more than one sentence: {done}"
    assert tip in lines[1], done
    assert not _RUN_TOGETHER.search(lines[1]), f"two sentences without a full stop between: {done}"
    assert fingerprint(watched) == before
    if tip_works and (command := _TIP_COMMAND.search(lines[1].removeprefix("tip: "))):
        _follow(folder, shlex.split(command[1]))
    return done


def _follow(folder: Path, words: list[str]) -> None:
    if words[0] == "skill-fleet":
        fine(folder, *words[1:])
    else:
        done = subprocess.run(words, cwd=folder, capture_output=True, check=False)
        assert done.returncode == 0, f"the tip {words} fails: {done.stderr.decode()}"


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file below `folder` with its mode and content, Git's own too: refs, HEAD, reflogs, configuration, stash.

    Objects are left out, as nothing can be seen of one that no ref reaches. An index is read by what it says, since
    reading it writes down when files were last looked at. So are records of what a model was asked: also a run that
    fails leaves one.
    """
    found = {}
    for place, folders, names in os.walk(folder):
        if "HEAD" in names and "objects" in folders:
            folders.remove("objects")
        if ".git" in folders or ".git" in names:
            staged = subprocess.run(["git", "ls-files", "--stage", "-v"], cwd=place, capture_output=True, check=True)
            found[f"{place} index"] = staged.stdout.decode("utf-8", "surrogateescape")
        for name in names:
            path = Path(place, name)
            if name != "index":
                content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
                found[str(path)] = f"{path.lstat().st_mode:o} {hashlib.sha256(content).hexdigest()}"
        found |= {f"{place}/{name}/": "" for name in folders}
    return {
        path: state
        for path, state in found.items()
        if "/refs/skill-fleet/records" not in path and not path.endswith("/refs/skill-fleet/")
    }


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    content: bytes = stream.buffer.getvalue()  # type: ignore[attr-defined]
    return content.decode("utf-8", "surrogateescape")
