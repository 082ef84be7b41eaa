"""What cannot be done in a repository, or on a server, is said in the words of who refuses, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path

import pytest

from cli.command import PROGRAM, Done, run
from gitbed import Bed
from kinds.ground import KINDS, Place, script
from kinds.test_story import ADA, DOCUMENT, do

CREATE = ("create", "--from", "../log-rotation.md", "--path", "practices")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A clone, and a document beside it."""
    (tmp_path / "log-rotation.md").write_text(DOCUMENT, encoding="utf-8")
    return KINDS["plain"](tmp_path)


def refuses(place: Place, *words: str, says: str, tip: str = "") -> Done:
    """Run a command that ends with status 2; nothing on the server or here changes."""
    before = (place.truth.refs(), Bed(place.at).git("for-each-ref", "refs/heads", "refs/skill-fleet"))
    done = run(place.at, *words)
    assert done.status == 2, done
    assert says in done.err and tip in done.err, done
    assert (place.truth.refs(), Bed(place.at).git("for-each-ref", "refs/heads", "refs/skill-fleet")) == before
    return done


HOOKS = {
    "protected": (
        'case "$ref" in refs/heads/draft/*) echo "drafts are closed" >&2; exit 1;; esac',
        "drafts are closed",
    ),
    "only heads": ('case "$ref" in refs/skill-fleet/*) echo "only heads and tags" >&2; exit 1;; esac', "only heads"),
    "quota": ('echo "Quota exceeded." >&2; echo "Ask Ada." >&2; exit 1', "Quota exceeded. Ask Ada. (pre-receive hook"),
}


@pytest.mark.parametrize("atomic", [True, False], ids=["atomic", "in turn"])
@pytest.mark.parametrize("name", HOOKS)
def test_a_server_that_refuses(place: Place, name: str, atomic: bool) -> None:
    """Branch and pull request arrive together or not at all, and the server's words are shown."""
    hook, says = HOOKS[name]
    where = "pre-receive"
    script(place.truth.path / "hooks" / where, f"while read old new ref; do\n{hook}\ndone")
    if not atomic:
        place.truth.git("config", "receive.advertiseAtomic", "false")
    done = refuses(place, *CREATE, says=says)
    assert "answer" not in done.err
    (place.truth.path / "hooks" / where).unlink()
    assert run(place.at, *CREATE).status == 0


def test_a_server_that_hides_our_refs(place: Place) -> None:
    """The reason in brackets is shown."""
    place.truth.git("config", "transfer.hideRefs", "refs/skill-fleet")
    refuses(place, *CREATE, says="deny updating a hidden ref")


def test_a_server_that_is_not_there(place: Place) -> None:
    """Git's words, and a tip to look at the remote."""
    Bed(place.at).git("remote", "set-url", "origin", "file:///nowhere.git")
    refuses(place, *CREATE, says="does not appear to be a git repository", tip="git remote show origin")


@pytest.mark.parametrize("lock", ["refs/heads/draft/log-rotation.lock", "config.lock", "packed-refs.lock"])
def test_a_stale_lock(place: Place, lock: str) -> None:
    """A lock that stays is named, with who may remove it; once it is gone, the same command finishes."""
    Bed(place.at).git("pack-refs", "--all")
    file = place.at / ".git" / lock
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"")
    done = run(place.at, *CREATE)
    if done.status:  # some locks are in nobody's way
        assert done.status == 2 and file.name in done.err and "may run: rm " in done.err, done
    file.unlink()
    assert run(place.at, *CREATE).status == 0
    assert "draft/log-rotation" in Bed(place.at).git("branch", "--list", "draft/*")


def test_a_lock_of_the_index(place: Place) -> None:
    """The merge is done on the server, and what keeps the branch here behind is said."""
    (place.at / ".git" / "index.lock").write_bytes(b"")
    assert run(place.at, *CREATE, "--description", "Rotates logs. Use when a host is full.").status == 0
    with pytest.MonkeyPatch.context() as patch:
        do(patch, place, ADA, "review", "show", "1")


@pytest.mark.parametrize("name", ["treeless", "blobless"])
@pytest.mark.parametrize("words", [("validate", "--base", "main", "--head", "origin/main"), CREATE, ("review", "list")])
def test_a_partial_clone_whose_promisor_is_out_of_reach(tmp_path: Path, name: str, words: tuple[str, ...]) -> None:
    """What is not here ends with status 2 and Git's words, never as an empty fleet; what needs nothing more works."""
    (tmp_path / "log-rotation.md").write_text(DOCUMENT, encoding="utf-8")
    place = KINDS[name](tmp_path)
    bed = Bed(place.at)
    new = {f"skills/practices/new/{file}": "---\nname: new\n---\n" for file in ("SKILL.md", "references/a.md")}
    place.truth.commit_to("main", new)
    bed.git("fetch", "--quiet", "origin")
    assert bed.git("rev-list", "--objects", "--missing=print", "origin/main").count("?")
    bed.git("remote", "set-url", "origin", "file:///nowhere.git")
    before = bed.git("for-each-ref")
    done = run(place.at, *words)
    if words[0] == "review":  # the pull requests that were fetched last: none
        assert done.status == 0 and "nowhere.git" in done.err, done
    else:
        assert done.status == 2 and "nowhere.git" in done.err, done
    assert bed.git("for-each-ref") == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
def test_a_folder_of_somebody_else(place: Place) -> None:
    """Git refuses it, and says how to trust it."""
    for top, folders, files in os.walk(place.at):
        for name in [*folders, *files, "."]:
            os.chown(f"{top}/{name}", 65534, 65534, follow_symlinks=False)
    done = run(place.at, "validate")
    assert done.status == 2 and "safe.directory" in done.err, done


@pytest.mark.parametrize("knows", ["--write-tree", "-z"])
def test_a_git_that_is_too_old(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knows: str) -> None:
    """A Git that does not know an option is named as such, with the version that does."""
    real = subprocess.run(["which", "git"], capture_output=True, check=True, text=True).stdout.strip()
    words = f'for word in "$@"; do [ "$word" = "{knows}" ] && echo "error: unknown option" >&2 && exit 129; done'
    script(tmp_path / "bin" / "git", f'{words}\nexec {real} "$@"')
    assert run(place.at, *CREATE).status == 0
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    done = run(place.at, "promote", "1")
    assert done.status == 2 and "too old" in done.err and "2.38" in done.err, done


def test_a_disk_that_is_full(place: Place, tmp_path: Path) -> None:
    """Nothing is changed, and the reason is the true one. (A limit of the file size stands in for the disk.)"""
    from resource import RLIMIT_FSIZE, getrlimit, setrlimit

    Bed(place.at).write("skills/web/large/SKILL.md", "---\nname: Large\ndescription: x\n---\n" + "x\n" * 40_000)
    before = Bed(place.at).git("status", "--porcelain")
    soft, hard = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (20_000, hard))
    try:
        for words in (("fix",), ("move", "web/large", "api/large")):
            done = run(place.at, *words)
            assert done.status == 2 and "File too large" in done.err, done
            assert Bed(place.at).git("status", "--porcelain") == before
    finally:
        setrlimit(RLIMIT_FSIZE, (soft, hard))


def test_a_missing_blob(place: Place) -> None:
    """What cannot be read is never taken for an empty file."""
    bed = Bed(place.at)
    bed.commit("More", {"skills/web/a/SKILL.md": "---\nname: a\ndescription: A. Use when b.\n---\n\n# A\n"})
    bed.commit("Notes", {"skills/web/a/references/n.md": "# N\n\nText that is here alone.\n"})
    oid = bed.git("rev-parse", "HEAD:skills/web/a/references/n.md")
    (place.at / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    done = run(place.at, "validate", "--base", "HEAD~1", "--head", "HEAD")
    assert done.status == 2 and "references/n.md" in done.err, done


@pytest.mark.parametrize(
    ("names", "status", "says"),
    [
        (("SKILL.md", "SKILL.md"), 2, "malformed"),
        (("..", "x"), 1, "layout/path"),
        ((".git", "x"), 1, "layout/path"),
    ],
)
def test_a_malformed_tree(place: Place, names: tuple[str, str], status: int, says: str) -> None:
    """A tree that nobody could check out is refused, or its odd name is an error."""
    bed = Bed(place.at)
    blob = bed.git("hash-object", "-w", "--stdin", stdin=b"---\nname: a\ndescription: A. Use when b.\n---\n\n# A\n")
    rows = b"".join(b"100644 " + name.encode() + b"\0" + bytes.fromhex(blob) for name in (*names, "SKILL.md"))
    tree = bed.git("hash-object", "-t", "tree", "--literally", "-w", "--stdin", stdin=rows)
    for folder in ("a", "web", "skills"):
        row = b"40000 " + folder.encode() + b"\0" + bytes.fromhex(tree)
        tree = bed.git("hash-object", "-t", "tree", "--literally", "-w", "--stdin", stdin=row)
    commit = bed.git("commit-tree", "-m", "Odd", "-p", "HEAD", tree)
    done = run(place.at, "validate", "--base", "HEAD", "--head", commit)
    assert done.status == status and says in done.err + done.out, done


def test_two_jobs_push_at_once(place: Place, tmp_path: Path) -> None:
    """Two jobs that comment and step in two clones at once end with one timeline that has all of it."""
    assert run(place.at, *CREATE).status == 0
    place.truth.git("clone", "--quiet", ".", str(tmp_path / "second"))
    jobs = [
        subprocess.Popen([*PROGRAM, "review", "comment", "1", f"From {at.name} {n}"], cwd=at)
        for n in range(2)
        for at in (place.at, tmp_path / "second")
    ]
    assert [job.wait() for job in jobs] == [0] * 4
    said = run(place.at, "review", "show", "1").out
    assert all(f"From {name} {n}" in said for n in range(2) for name in ("clone", "second"))


# root obeys the modes of files as others do without this capability
AS_OTHERS = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] if os.geteuid() == 0 else []


def _obeys_modes(folder: Path) -> bool:
    """Whether this machine lets a program be run that cannot write into `folder`, which nobody may write into."""
    with contextlib.suppress(OSError):
        return (
            subprocess.run([*AS_OTHERS, "mkdir", str(folder / "x")], capture_output=True, check=False).returncode == 1
        )
    return False


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("skills/web/odd", ("fix",)),
        ("skills/web", ("move", "web/odd", "practices/odd")),
        ("skills/practices", ("move", "web/odd", "practices/odd")),
        ("skills", ("new", "api/fresh")),
        ("skills", ("generate-xml",)),
        (".git", CREATE),
        (".git/objects", CREATE),
    ],
)
def test_a_folder_that_cannot_be_written(place: Place, folder: str, words: tuple[str, ...]) -> None:
    """Nothing is changed, and the true reason is said."""
    bed = Bed(place.at)
    odd = "---\nname: Odd\ndescription: Does x. Use when y.\n---\n\n# Odd\n"
    bed.commit("Odd", {"skills/web/odd/SKILL.md": odd, "skills/practices/.keep": ""})
    bed.git("push", "--quiet", "origin", "main")
    before = _all_of(place.at), place.truth.refs()
    closed = [Path(top) for top, _, _ in os.walk(place.at / folder)]
    for each in closed:
        each.chmod(0o555)
    try:
        if not _obeys_modes(place.at / folder):
            pytest.skip("this machine lets root write everywhere")
        done = subprocess.run([*AS_OTHERS, *PROGRAM, *words], cwd=place.at, capture_output=True, check=False, text=True)
    finally:
        for each in closed:
            each.chmod(0o755)
    assert done.returncode == 2 and "ermission" in done.stderr, done
    assert (_all_of(place.at), place.truth.refs()) == before


def _all_of(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder, but not Git's objects, which nobody sees until something names them."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git/objects" not in str(path)
    }
