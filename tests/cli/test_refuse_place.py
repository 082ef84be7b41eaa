"""Where the person stands: what is refused there, and what has to work there all the same."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import gitbed
from cli.command import PROGRAM, fine, fingerprint, refused, run
from cli.conftest import BRANCH, CREATE, SKILL

NEEDS_A_REPOSITORY = [
    ("list",),
    ("validate",),
    ("validate", "--base", "main"),
    ("generate-xml",),
    ("fix",),
    ("create", "--from", "wheels.md"),
    ("promote", "1"),
    ("review", "list"),
    ("review", "show", "1"),
    ("review", "step", "1"),
]


@pytest.mark.parametrize("words", NEEDS_A_REPOSITORY, ids=" ".join)
def test_no_repository(words: tuple[str, ...], tmp_path: Path) -> None:
    """Outside a repository, every command that needs one says so."""
    (tmp_path / "wheels.md").write_text("# Wheels\n\nText.\n")

    refused(tmp_path, *words, error="is not in a Git repository.", tip="git init")


@pytest.mark.parametrize("words", [words for words in NEEDS_A_REPOSITORY if len(words) > 1], ids=" ".join)
def test_no_commit_yet(words: tuple[str, ...], tmp_path: Path) -> None:
    """In a repository without a commit, what needs one says so."""
    gitbed.Bed(tmp_path).git("init", "--quiet", "--template=", "--initial-branch=main")
    (tmp_path / "wheels.md").write_text("# Wheels\n\nText.\n")

    refused(tmp_path, *words, error="This repository has no commit yet.", tip="git commit", tip_works=False)


def test_files_need_no_commit(tmp_path: Path) -> None:
    """What looks at files as they are works before the first commit."""
    bed = gitbed.Bed(tmp_path)
    bed.git("init", "--quiet", "--template=", "--initial-branch=main")
    for path, content in gitbed.FLEET.items():
        bed.write(path, content)

    assert fine(tmp_path, "list").startswith("python/packaging")
    fine(tmp_path, "validate")
    fine(tmp_path, "generate-xml")


@pytest.mark.parametrize("words", [("list",), ("validate",), ("generate-xml", "-o", "-")], ids=" ".join)
def test_bare_repository(words: tuple[str, ...], origin_and_clone: tuple[gitbed.Bed, gitbed.Bed]) -> None:
    """A bare repository has no files to look at; naming a commit, as the tip says, works."""
    origin, _ = origin_and_clone
    option = "--head" if words[0] == "validate" else "--ref"

    refused(origin.path, *words, error="There is no work tree here", tip=f"Name a commit: {option} HEAD")

    assert fine(origin.path, *words, option, "HEAD")
    refused(origin.path, "fix", error="There is no work tree here", tip="Name a commit: --diff --head HEAD")
    fine(origin.path, "fix", "--diff", "--head", "HEAD")


def test_bare_repository_has_no_catalogue_file(origin_and_clone: tuple[gitbed.Bed, gitbed.Bed]) -> None:
    """The catalogue of a commit can be written from a bare repository, but the person has to say where to."""
    refused(origin_and_clone[0].path, "generate-xml", "--ref", "main", error="no work tree", tip="-o FILE")


def test_pull_requests_in_a_bare_repository(pulled: gitbed.Bed) -> None:
    """Nothing about a pull request needs a work tree."""
    origin = pulled.path.parent / "origin.git"
    gitbed.Bed(origin).git("remote", "remove", "origin")

    assert "#1" in fine(origin, "review", "list")
    assert "preview" in fine(origin, "review", "show", "1")
    fine(origin, "validate", "--base", "main", "--head", BRANCH)


def test_detached_head(pulled: gitbed.Bed) -> None:
    """A detached HEAD stops nobody: validate, list, create and review work."""
    pulled.git("checkout", "--quiet", "--detach")

    fine(pulled.path, "validate")
    fine(pulled.path, "validate", "--base", "main")
    fine(pulled.path, "list")
    fine(pulled.path, *CREATE[:3], "--path", "web/other")
    fine(pulled.path, "review", "comment", "1", "/move testing")
    fine(pulled.path, "review", "step", "1")
    assert pulled.git("rev-parse", "--abbrev-ref", "HEAD") == "HEAD"


def test_subfolder_and_linked_work_tree(pulled: gitbed.Bed) -> None:
    """Deep in the repository, and in a linked work tree, the commands see the same fleet and the same pull requests."""
    pulled.git("worktree", "add", "--quiet", "--detach", "../linked")
    linked = pulled.path.parent / "linked"
    for folder in (pulled.path / "skills/python", linked, linked / "skills"):
        assert fine(folder, "list") == fine(pulled.path, "list")
        assert fine(folder, "validate") == fine(pulled.path, "validate")
        assert fine(folder, "review", "show", "1") == fine(pulled.path, "review", "show", "1")
    (linked / "doc.md").write_text("# Glue\n\nHow to glue two boards so that they hold.\n")

    fine(linked, "create", "--from", "doc.md", "--path", "web/glue")
    fine(linked / "skills", "generate-xml")

    assert (linked / "skills/available_skills.xml").is_file()
    assert not (pulled.path / "skills/available_skills.xml").exists()


def test_folder_that_is_gone(tmp_path: Path) -> None:
    """In a folder that somebody has removed meanwhile, the command says so."""
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    done = subprocess.run(["sh", "-c", script, "sh", *PROGRAM, "list"], cwd=tmp_path, capture_output=True, check=False)

    assert done.returncode == 2
    assert done.stderr.decode().splitlines()[0] == "error: The current folder no longer exists."


def test_shallow_clone(pulled: gitbed.Bed) -> None:
    """Where a shallow clone hides the base, the error names the fetch that gets it, and after that it works."""
    origin = pulled.path.parent / "origin.git"
    for number in range(2):
        gitbed.Bed(origin).commit_to("main", {"README.md": f"{number}\n"})
    for name, branch in (("one", BRANCH), ("other", "main")):
        shallow = pulled.path.parent / name
        pulled.git("clone", "--quiet", "--depth=1", f"--branch={branch}", f"file://{origin}", str(shallow))
        base, head = ("main", "HEAD") if branch == BRANCH else ("main", f"origin/{BRANCH}")
        if branch == "main":
            gitbed.Bed(shallow).git("fetch", "--quiet", "--depth=1", "origin", f"{BRANCH}:refs/remotes/origin/{BRANCH}")

        refused(shallow, "validate", "--base", base, "--head", head, error="shallow", tip="git fetch --unshallow")

        fine(shallow, "validate", "--base", base, "--head", head)


def test_dirty_branch_is_not_moved(pulled: gitbed.Bed) -> None:
    """A step that would move a branch which is checked out with changes is refused; put aside, it follows."""
    pulled.git("switch", "--quiet", BRANCH)
    fine(pulled.path, "review", "comment", "1", "/move testing")
    pulled.write(f"{SKILL}/SKILL.md", "mine\n")

    refused(pulled.path, "review", "step", "1", error="with changes that are not committed.", around=pulled.path.parent)

    fine(pulled.path, "review", "step", "1")
    assert (pulled.path / "skills/testing/wheels-in-detail/SKILL.md").is_file()
    assert pulled.tip() == pulled.tip(f"origin/{BRANCH}")


def test_branch_checked_out_elsewhere(lone: gitbed.Bed) -> None:
    """Without a remote as well: a linked work tree that has the branch is brought along if clean, refused if dirty."""
    fine(lone.path, *CREATE)
    lone.git("worktree", "add", "--quiet", "../linked", BRANCH)
    linked = gitbed.Bed(lone.path.parent / "linked")
    fine(lone.path, "review", "comment", "1", "/move testing")
    linked.write(f"{SKILL}/SKILL.md", "mine\n")
    around = lone.path.parent

    refused(
        lone.path, "review", "step", "1", error="with changes that are not committed.", around=around, tip_works=False
    )

    linked.git("checkout", "--quiet", "--", ".")
    fine(lone.path, "review", "step", "1")
    assert linked.tip() == lone.tip(BRANCH)
    assert (linked.path / "skills/testing/wheels-in-detail/SKILL.md").is_file()
    assert linked.git("status", "--porcelain") == ""


def test_reading_changes_nothing(pulled: gitbed.Bed) -> None:
    """What only reads leaves every file of the clone and of the remote as it was."""
    before = fingerprint(pulled.path.parent)
    for words in ("list", "validate", f"validate --base main --head {BRANCH}", "generate-xml --check", "explain",
                  "review list", "review show 1", "review fetch 1", "promote 1", "promote 1 --dry-run",
                  "create --from ../wheels.md --path web/x --dry-run"):  # fmt: skip
        assert run(pulled.path, *words.split()).status in (0, 1), words

    assert fingerprint(pulled.path.parent) == before
