"""A file that is too large is a finding by its size, and never held in memory: thorough, since Git hashes it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import gitbed

CODE = "import sys; from skill_fleet.cli.main import main; sys.exit(main())"
SIZE = 200_000_000


@pytest.mark.parametrize("words", [["validate"], ["validate", "--base", "main^", "--head", "main"]])
def test_a_large_file_is_refused_by_its_size(bed: gitbed.Bed, words: list[str]) -> None:
    """In the work tree and in Git's objects; the process stays far below the size of the file."""
    path = f"{gitbed.FIRST_SKILL}/big.md"
    with bed.write(path, "").open("wb") as file:
        file.truncate(SIZE)
    bed.commit("Add a large file")
    limit = lambda: resource.setrlimit(resource.RLIMIT_DATA, (SIZE, SIZE))  # noqa: E731
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", CODE, *words]
    if len(words) > 1:  # here Git, a child of the process, may need the size itself
        limit = lambda: None  # noqa: E731
    done = subprocess.run(command, cwd=bed.path, env=env, capture_output=True, text=True, check=False, preexec_fn=limit)
    assert done.returncode == 1 and "layout/file-size" in done.stdout, done.stderr


def test_a_blob_is_skipped_and_the_next_one_read(bed: gitbed.Bed, tmp_path: Path) -> None:
    """Those around a large one are read; its size is known. Names of what is missing may have line ends."""
    large: dict[str, int] = {}
    with (tmp_path / "big").open("wb") as file:
        file.truncate(SIZE)
    oid = bed.git("hash-object", "-w", str(tmp_path / "big"))
    first, last = "main:README.md", "main:pyproject.toml"
    found = bed.repo.blobs([first, oid, "main:no\nsuch\nfile", "main:none", last], large)
    assert found == {first: b"# A fleet\n", last: bed.read("main", "pyproject.toml").encode()}
    assert large == {oid: SIZE}
