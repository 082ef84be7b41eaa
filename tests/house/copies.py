"""A repository like the one that will be published: the files as they are now, committed, with a bare origin."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from house.imports import ROOT


@dataclass(frozen=True)
class Copy:
    """A fresh clone, its environment, and the means to run a command line in it."""

    path: Path

    @property
    def environment(self) -> dict[str, str]:
        """The machine's. The package is that of .venv: the same files, which Python has compiled already."""
        fill_in = "sed -i s/{{[A-Z_]*}}/Read-it-aloud./"  # what a person would do at length
        return {**os.environ, "NO_COLOR": "1", "EDITOR": fill_in}

    def git(self, *words: str) -> str:
        """Run Git in the clone."""
        done = subprocess.run(["git", *words], cwd=self.path, capture_output=True, check=True)
        return done.stdout.decode().strip()


def published_files() -> list[str]:
    """The paths of all files that are, or would be, committed."""
    ask = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(ask, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def fresh_clone(folder: Path) -> Copy:
    """Clone the working copy as it is now, so that a change is tested before it is committed."""
    seed = folder / "seed"
    for name in published_files():
        (seed / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, seed / name)
    for words in (["init", "--quiet", "--initial-branch=main"], ["add", "--all"], ["commit", "--quiet", "-m", "All"]):
        subprocess.run(["git", *words], cwd=seed, check=True, capture_output=True)
    for words in (["clone", "--quiet", "--bare", "seed", "origin.git"], ["clone", "--quiet", "origin.git", "clone"]):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    copy = Copy(folder / "clone")
    # what `make demo` would have installed
    (copy.path / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    return copy
