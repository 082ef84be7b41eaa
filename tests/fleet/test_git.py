"""The two modules that run Git, on real repositories."""

from __future__ import annotations

import pickle
import shutil
import subprocess
from pathlib import Path

import pytest

import gitbed
from gitbed import PERSON, Bed
from skill_fleet.errors import UserError
from skill_fleet.git import (
    ABSENT,
    SUBMODULE,
    SYMLINK,
    GitFailure,
    RefMoved,
    RemoteUnreachable,
    Repository,
    Update,
    create_branch,
    fetch,
    follow_branch,
    forget_inherited_repository,
    merge_trees,
    move_refs,
    push,
    refuse_blocked,
    refuse_dirty,
    write_commit,
    write_folder,
    write_tree,
)


def test_no_repository(tmp_path: Path) -> None:
    """A folder outside any repository is something the user can fix."""
    with pytest.raises(UserError, match="not in a Git repository"):
        Repository(tmp_path)


def test_what_is_opened(bed: Bed, tmp_path: Path) -> None:
    """A clone, a folder in it, a linked work tree and a bare repository are opened; each knows where its files are."""
    bed.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    bed.git("clone", "--quiet", "--bare", str(bed.path), str(tmp_path / "bare"))
    inside, linked, bare = (Repository(path) for path in (bed.path / "skills", tmp_path / "linked", tmp_path / "bare"))

    assert (inside.root, inside.directory) == (bed.path, bed.path / ".git")
    assert (linked.root, linked.directory) == (tmp_path / "linked", bed.path / ".git")
    assert (bare.root, bare.directory) == (None, tmp_path / "bare")
    assert {each.resolve("HEAD") for each in (inside, linked, bare)} == {bed.tip()}


def test_no_git_and_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Git, a folder that is gone and a broken repository are things the user can fix."""
    with pytest.raises(UserError, match="no folder"):
        Repository(tmp_path / "gone")
    Bed(tmp_path).git("init", "--quiet")
    (tmp_path / ".git" / "config").write_text("[core\n")
    with pytest.raises(UserError, match="cannot open") as broken:
        Repository(tmp_path)
    assert "bad config" in broken.value.tip and "\n" not in broken.value.tip
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="git was not found"):
        Repository(tmp_path)


def test_a_folder_that_is_gone(bed: Bed, tmp_path: Path) -> None:
    """A folder that was deleted is named, whatever the command; a work tree that was deleted holds no branch."""
    there = tmp_path / "there"
    bed.git("worktree", "add", "--quiet", "-b", "other", str(there))
    assert bed.repo.worktrees()["refs/heads/other"] == there
    shutil.rmtree(there)
    for command in ("status", "merge"):
        with pytest.raises(UserError, match=f"no folder {there}"):
            bed.repo.run(command, cwd=there)
    assert "refs/heads/other" not in bed.repo.worktrees()


def test_options_before_the_command(bed: Bed) -> None:
    """They change neither how a command is run nor the name that its failure has."""
    with pytest.raises(GitFailure, match="git ls-tree: ") as failed:
        bed.repo.run("-c", "core.quotePath=false", "--literal-pathspecs", "ls-tree", "nothing")
    assert str(pickle.loads(pickle.dumps(failed.value))) == str(failed.value)
    assert "_handle" not in vars(bed.repo)
    bed.repo.run("-c", "core.quotePath=false", "--literal-pathspecs", "update-ref", "refs/heads/b", bed.tip())
    assert "_handle" in vars(bed.repo) and bed.git("rev-parse", "refs/heads/b") == bed.tip()


def test_names_that_are_no_plain_text(bed: Bed, tmp_path: Path) -> None:
    """Refs, paths and folders whose names hold line separators or are not UTF-8 are read and written like any other."""
    ref, tip = "refs/heads/a\u2028b\udcff", bed.tip()
    move_refs(bed.repo, [Update(ref, tip, ABSENT)])
    assert bed.repo.refs("refs/heads/") == {ref: tip, "refs/heads/main": tip}
    assert bed.repo.resolve(ref) == tip
    bed.git("worktree", "add", "--quiet", str(tmp_path / "\udcff"), ref.removeprefix("refs/heads/"))
    assert bed.repo.worktrees()[ref] == tmp_path / "\udcff"

    contents = {"a\udcff": b"1", "a\nHEAD": b"2", "a": b"3"}
    tree = write_tree(bed.repo, None, contents)
    assert {entry.path for entry in bed.repo.entries(tree)} == contents.keys()
    names = {f"{tree}:{path}": content for path, content in contents.items()}
    absent = [f"{tree}:no\nHEAD", f"{tree}:a\0HEAD", f"{tree}:\udcfe", "HEAD\nHEAD"]
    assert bed.repo.blobs([*absent, *names]) == names
    flat = write_folder(bed.repo, {"\udcff": b"1"})
    assert bed.repo.blobs([f"{flat}:\udcff"]) == {f"{flat}:\udcff": b"1"}


def test_an_index_that_cannot_be_read(bed: Bed) -> None:
    """A work tree that Git cannot list is an error, not one in which nothing is ignored."""
    (bed.path / ".git" / "index").write_bytes(b"broken")
    with pytest.raises(UserError, match="cannot list"):
        bed.repo.files(bed.path)


def test_history_is_read_whatever_is_configured(bed: Bed) -> None:
    """Neither signatures nor another encoding of output change what is read; a folder named like a branch is no path."""
    bed.git("config", "log.showSignature", "true")
    bed.git("config", "i18n.logOutputEncoding", "latin1")
    bed.commit("Grüße", {"a": "x\n"})
    signed = bed.git("cat-file", "commit", "HEAD").replace("\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n\n", 1)
    tip = bed.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=f"{signed}\n".encode())
    move_refs(bed.repo, [Update("refs/heads/skills", tip, ABSENT)])
    assert [(commit.oid, commit.message) for commit in bed.repo.commits("skills", "^main^")] == [(tip, "Grüße\n")]
    assert list(bed.repo.mainline("skills", "main^")) == [tip]


def test_names_that_no_branch_may_have(bed: Bed) -> None:
    """HEAD, options and names with odd characters are none."""
    assert bed.repo.is_branch_name("a/b")
    assert not [name for name in ("HEAD", "-d", "a..b", "a b") if bed.repo.is_branch_name(name)]


def test_a_repository_with_longer_object_ids(tmp_path: Path) -> None:
    """Trees, commits and refs are written, moved and deleted under SHA-256 too."""
    for name in ("origin", "clone"):
        subprocess.run(["git", "init", "--quiet", "--object-format=sha256", tmp_path / name], check=True)
    repo, remote = Repository(tmp_path / "clone"), Repository(tmp_path / "origin")
    first = write_commit(repo, write_tree(repo, None, {"a": b"1", "b/c": b"2"}), [], "First", PERSON)
    second = write_commit(repo, write_tree(repo, first, {"a": None, "b/d": b"3"}), [first], "Second", PERSON)
    assert len(second) == 64 and [entry.path for entry in repo.entries(second)] == ["b/c", "b/d"]
    move_refs(repo, [Update("refs/heads/x", first, ABSENT)])
    move_refs(repo, [Update("refs/heads/x", second, first)])
    with pytest.raises(RefMoved):
        move_refs(repo, [Update("refs/heads/x", first, ABSENT)])
    repo.run("remote", "add", "origin", str(tmp_path / "origin"))
    push(repo, "origin", [Update("refs/heads/x", second, ABSENT)])
    assert remote.refs() == {"refs/heads/x": second}
    push(repo, "origin", [Update("refs/heads/x", ABSENT, second)])
    move_refs(repo, [Update("refs/heads/x", ABSENT, second)])
    assert repo.refs() == remote.refs() == {}


def test_inside_the_folder_of_git(bed: Bed) -> None:
    """There is no work tree inside `.git`, but the repository can be read."""
    inside = Repository(bed.path / ".git")
    assert (inside.root, inside.resolve("HEAD")) == (None, bed.tip())


def test_a_hook_of_another_repository_changes_nothing(
    bed: Bed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Git puts into the environment of a hook names another repository, and is not listened to."""
    tip = bed.tip()
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    forget_inherited_repository()

    assert Repository(bed.path).resolve("HEAD") == tip


def test_resolve(bed: Bed) -> None:
    """A branch, a tag, an abbreviated id and a remote's branch are found; anything else is a UserError."""
    tip = bed.tip()
    bed.git("tag", "--annotate", "--message", "One", "v1")
    bed.git("update-ref", "refs/remotes/origin/draft/x", tip)

    assert [bed.repo.resolve(ref) for ref in ("main", "v1", tip[:8], "draft/x", "origin/draft/x")] == [tip] * 5
    for ref in ("nothing", "--help", "main:README.md", "", "@{u}"):
        with pytest.raises(UserError, match="no commit called"):
            bed.repo.resolve(ref)


def test_resolve_before_the_first_commit(tmp_path: Path) -> None:
    """An empty repository says so, instead of naming a ref."""
    bed = Bed(tmp_path)
    bed.git("init", "--quiet")
    with pytest.raises(UserError, match="no commit yet"):
        bed.repo.resolve("HEAD")


def test_entries_and_blobs(bed: Bed) -> None:
    """Odd names, links and submodules come out as what they are; missing blobs are left out."""
    odd = "skills/web/o d\td/näme\n.md"
    tree = write_tree(bed.repo, "main", {odd: b"x", "empty": b""})
    link = bed.git("hash-object", "-w", "--stdin", stdin=b"../../etc/passwd")
    listing = f"120000 blob {link}\tlink\n160000 commit {bed.tip()}\tmodule\n040000 tree {tree}\tsub\n"
    top = bed.git("mktree", stdin=listing.encode())
    entries = {entry.path: entry for entry in bed.repo.entries(top)}

    assert entries["link"].mode == SYMLINK
    assert entries["module"].mode == SUBMODULE
    blobs = bed.repo.blobs([entries[f"sub/{odd}"].oid, entries["sub/empty"].oid, "1" * 40])
    assert blobs == {entries[f"sub/{odd}"].oid: b"x", entries["sub/empty"].oid: b""}


@pytest.mark.parametrize("path", ["../x", "a/../../x", ".git/config", "a/.GIT/x", "/etc/passwd", "a//b", "."])
def test_a_tree_never_leaves_itself(bed: Bed, path: str) -> None:
    """Git refuses to write a path that would leave the tree or touch its own folder."""
    with pytest.raises(Exception, match=r"update-index|Ignoring path|Invalid path"):
        write_tree(bed.repo, "main", {path: b"x"})


def test_writing_leaves_the_work_tree_alone(bed: Bed) -> None:
    """A commit from objects changes neither files nor index, whatever is staged."""
    bed.write("staged.md", "mine")
    bed.git("add", "staged.md")
    before = bed.git("status", "--porcelain")
    bed.commit_to("draft/x", {"skills/web/x/SKILL.md": gitbed.skill("x"), "README.md": None})

    assert bed.git("status", "--porcelain") == before
    assert "README.md" not in bed.git("ls-tree", "--name-only", "draft/x").split()


def test_refs_move_together_or_not_at_all(bed: Bed) -> None:
    """One ref that is not where it should be stops all."""
    tip = bed.tip()
    with pytest.raises(RefMoved):
        move_refs(bed.repo, [Update("refs/heads/a", tip, ABSENT), Update("refs/heads/main", tip, "1" * 40)])
    assert "refs/heads/a" not in bed.refs()


def test_push_holds_its_lease(origin_and_clone: tuple[Bed, Bed]) -> None:
    """A ref that moved, was deleted or exists by now refuses the whole push."""
    origin, clone = origin_and_clone
    old = clone.tip()
    new = clone.commit("Mine", {"a.md": "a"})
    other = origin.commit_to("main", {"b.md": "b"})
    for update in (Update("refs/heads/main", new, old), Update("refs/heads/gone", new, old)):
        with pytest.raises(RefMoved):
            push(clone.repo, "origin", [Update("refs/heads/new", new, ABSENT), update])
    with pytest.raises(RefMoved):
        push(clone.repo, "origin", [Update("refs/heads/main", new, ABSENT)])
    assert origin.refs() == {"refs/heads/main": other}
    push(clone.repo, "origin", [Update("refs/heads/new", new, ABSENT), Update("refs/heads/main", new, other)])
    assert origin.tip("main") == origin.tip("new") == new


def test_unreachable_remote(bed: Bed) -> None:
    """A remote that does not answer raises an error of its own."""
    bed.git("remote", "add", "origin", "../nowhere.git")
    with pytest.raises(RemoteUnreachable):
        fetch(bed.repo, "origin", ["+refs/heads/*:refs/remotes/origin/*"])
    with pytest.raises(RemoteUnreachable):
        push(bed.repo, "origin", [Update("refs/heads/x", bed.tip(), ABSENT)])


def test_follow_branch_with_its_files(bed: Bed, tmp_path: Path) -> None:
    """A branch that a work tree has checked out moves with its files; one with commits of its own stays."""
    old = bed.tip()
    new = bed.commit_to("next", {"new.md": "new"})
    bed.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "other"))

    assert follow_branch(bed.repo, "main", new) is None
    assert follow_branch(bed.repo, "other", new) is None
    assert (bed.path / "new.md").read_text() == (tmp_path / "other" / "new.md").read_text() == "new"
    assert bed.git("status", "--porcelain") == ""
    assert "commits of its own" in (follow_branch(bed.repo, "main", old) or "")
    assert follow_branch(bed.repo, "nothing", new) is None


def test_follow_branch_keeps_unknown_files(bed: Bed) -> None:
    """A file that Git does not know is never overwritten; the branch is left where it is, and that is said."""
    old = bed.tip()
    new = bed.commit_to("next", {"mine.md": "theirs"})
    bed.write("mine.md", "mine")

    assert "left where it is" in (follow_branch(bed.repo, "main", new) or "")
    assert (bed.tip(), (bed.path / "mine.md").read_text()) == (old, "mine")


def test_refuse_dirty(bed: Bed) -> None:
    """Changes that are not committed stop what would move the branch under them; other branches may move."""
    bed.write("README.md", "changed")
    refuse_dirty(bed.repo, "other")
    with pytest.raises(UserError, match="not committed"):
        refuse_dirty(bed.repo, "main")


def test_merge(bed: Bed) -> None:
    """Two branches that agree merge without a work tree; two that do not name the file."""
    bed.commit_to("a", {"a.md": "a"})
    bed.commit_to("b", {"b.md": "b"})
    bed.commit_to("c", {"a.md": "c"})
    names = bed.git("ls-tree", "--name-only", merge_trees(bed.repo, "a", "b")).split()

    assert {"a.md", "b.md"} <= set(names)
    with pytest.raises(UserError, match=r"conflicts with its base in a\.md"):
        merge_trees(bed.repo, "a", "c")


def test_create_branch(origin_and_clone: tuple[Bed, Bed]) -> None:
    """A new branch exists on the remote and here, and a person's `git push` and `git pull` on it work."""
    origin, clone = origin_and_clone
    create_branch(clone.repo, "origin", "draft/x", clone.tip())

    assert origin.tip("draft/x") == clone.tip("draft/x") == clone.tip("origin/draft/x")
    assert clone.git("rev-parse", "--abbrev-ref", "draft/x@{upstream}") == "origin/draft/x"
    with pytest.raises(RefMoved):
        create_branch(clone.repo, "origin", "draft/x", clone.commit("More"))


def test_refuse_blocked(bed: Bed) -> None:
    """A branch `draft` makes every `draft/x` impossible, and that is said before anything is tried."""
    refuse_blocked(bed.repo, "draft/x")
    bed.git("branch", "draft")
    with pytest.raises(UserError, match="called 'draft'"):
        refuse_blocked(bed.repo, "draft/x")
    bed.git("branch", "kept/y")
    bed.git("update-ref", "refs/remotes/origin/a", "main")
    refuse_blocked(bed.repo, "kept/x", "origin")
    refuse_blocked(bed.repo, "a/b/c")
    with pytest.raises(UserError, match="called 'a'"):
        refuse_blocked(bed.repo, "a/b/c", "origin")


def test_remote_url(bed: Bed) -> None:
    """The present address of a remote, whatever was asked before: it is added, moved, shortened and removed."""
    addresses = [bed.repo.remote_url("origin")]
    for change in (
        ("remote", "add", "origin", "../there"),
        ("remote", "set-url", "origin", "../other"),
        ("remote", "set-url", "origin", "gh:o/r"),
        ("config", "url.https://github.com/.insteadOf", "gh:"),
        ("remote", "remove", "origin"),
    ):
        bed.git(*change)
        addresses.append(bed.repo.remote_url("origin"))

    assert addresses == [None, "../there", "../other", "gh:o/r", "https://github.com/o/r", None]
    assert not bed.repo.has_remote("origin")
    assert bed.repo.remote_url("--push") is None


def test_default_branch(bed: Bed, tmp_path: Path) -> None:
    """main, then master, then the only one there is; also among refs that were listed with others."""
    assert bed.repo.default_branch() == "main"
    bed.git("branch", "--move", "trunk")
    assert bed.repo.default_branch() == "trunk"
    listed = bed.repo.refs("refs/tags/", "refs/heads/", "refs/remotes/") | {"refs/remotes/origin/main": bed.tip()}
    assert bed.repo.default_branch(refs=listed) == "trunk"
    assert bed.repo.default_branch("origin", listed) == "main"
    bed.git("branch", "other")
    with pytest.raises(UserError, match="several branches"):
        bed.repo.default_branch()


def test_commits_and_trailers_survive_any_message(bed: Bed) -> None:
    """A message with separators of our own format is read back whole."""
    message = "One\n\nA line\x01\n\n%H%n\nKey: value\n"
    bed.commit_to("x", {"a": "a"}, message)

    assert [commit.message.rstrip("\n") for commit in bed.repo.commits("main..x")] == [message.rstrip("\n")]
