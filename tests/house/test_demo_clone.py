"""Where `make demo` works: in a clone with its history cut off, on a detached HEAD, beside other branches."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

from house.copies import fresh_clone


def test_demo_in_a_workflows_checkout(tmp_path: Path) -> None:
    """A checkout with one commit and no branch is enough: the demo's origin has a main with these files, and is whole."""
    copy = fresh_clone(tmp_path)
    copy.git("commit", "--quiet", "--allow-empty", "--message", "Another")
    copy.git("branch", "draft")  # would be in the way of draft/NAME
    copy.git("clone", "--quiet", "--depth=1", f"file://{copy.path}", str(tmp_path / "shallow"))
    subprocess.run(["git", "checkout", "--quiet", "--detach"], cwd=tmp_path / "shallow", check=True)
    spec = importlib.util.spec_from_file_location("demo", tmp_path / "shallow/tooling/demo.py")
    assert spec and spec.loader
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    (tmp_path / "desk").mkdir()

    desk = demo._clone(tmp_path / "desk")

    assert desk.read("git", "rev-parse", "--is-shallow-repository").strip() == "false"
    assert desk.read("git", "branch", "--all", "--format=%(refname)").split() == [
        "refs/heads/main", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"
    ]  # fmt: skip
    assert desk.read("git", "rev-parse", "main^{tree}").strip() == copy.git("rev-parse", "HEAD^{tree}")
    assert desk.read("git", "fsck", "--no-dangling").strip() == ""
