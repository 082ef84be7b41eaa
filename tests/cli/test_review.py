"""A review from end to end as people type it, and `promote`: who may, when, and what stays as it was when not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import gitbed
from cli.command import fine, fingerprint, refused, run
from cli.conftest import BRANCH, CREATE, SKILL

Sit = Callable[[gitbed.Identity], None]

BETTER = "description: How to build wheels. Use when a package is to be published."


@pytest.fixture
def reviewer(pulled: gitbed.Bed, as_person: Sit) -> gitbed.Bed:
    """Grace's own clone of the repository where #1 is open, with her at the keyboard."""
    as_person(gitbed.REVIEWER)
    return gitbed.clone(gitbed.Bed(pulled.path.parent / "origin.git"), pulled.path.parent / "grace")


def test_the_main_job(reviewer: gitbed.Bed, pulled: gitbed.Bed) -> None:
    """A suggestion and a move, one commit each, answered; approved, promoted, and in the catalogue."""
    folder = reviewer.path
    fine(folder, "review", "comment", "1", "--path", "SKILL.md", "--line", "3", "--suggest", BETTER)
    assert "Next: skill-fleet review step 1" in fine(folder, "review", "comment", "1", "/move testing")
    assert fine(folder, "review", "approve", "1", "Reads well.").endswith("Next: skill-fleet review step 1\n")

    done = fine(folder, "review", "step", "1").splitlines()
    assert [line.split()[0] for line in done] == ["committed", "committed", "set", "answered", "answered", "wrote"]
    assert json.loads(fine(folder, "review", "step", "1", "--format", "json"))["done"] == []

    assert run(folder, "promote", "1").out.endswith("skill-fleet review approve 1\n")
    fine(folder, "review", "approve", "1", "Reads well.")
    before = fingerprint(folder.parent)
    assert "Not merged" in fine(folder, "promote", "1", "--dry-run")
    assert fingerprint(folder.parent) == before
    assert "Merged #1" in fine(folder, "promote", "1")

    text = (folder / "skills/testing/wheels-in-detail/SKILL.md").read_text()
    assert BETTER in text and reviewer.git("status", "--porcelain") == ""
    trailers = reviewer.git("log", "-1", "--format=%(trailers:only)")
    assert "Pull-request: #1" in trailers and "Reviewed-by: Grace Murray" in trailers
    assert "<name>wheels-in-detail</name>" in fine(folder, "generate-xml", "-o", "-")
    assert "merged" in fine(pulled.path, "review", "list", "--all")


def test_step_in_four_parts(reviewer: gitbed.Bed) -> None:
    """fetch, decide, write, apply do what step does; decide and write need no repository."""
    folder, elsewhere = reviewer.path, reviewer.path.parent
    fine(folder, "review", "comment", "1", "/describe How to build wheels. Use when publishing.")
    snapshot = fine(folder, "review", "fetch", "1")

    plan = fine(elsewhere, "review", "decide", "-", stdin=snapshot.encode())
    assert fine(elsewhere, "review", "decide", "-", stdin=snapshot.encode()) == plan
    words = elsewhere / "words.json"
    words.write_text(fine(elsewhere, "review", "write", "-", stdin=plan.encode()))
    assert "committed" in fine(folder, "review", "apply", "-", "--words", str(words), stdin=plan.encode())

    assert json.loads(fine(folder, "review", "step", "1", "--format", "json"))["done"] == []
    assert "How to build wheels. Use when publishing." in fine(folder, "list", "--ref", BRANCH)


def test_threads(reviewer: gitbed.Bed) -> None:
    """A thread is named by the beginning of its key; what is resolved is not asked any more."""
    folder = reviewer.path
    key = fine(folder, "review", "comment", "1", "Say more here", "--path", "SKILL.md", "--line", "3").split()[1]
    short = key.partition("/")[2][:8]
    fine(folder, "review", "comment", "1", "and here", "--reply-to", short)
    assert "no open requests: " in fine(folder, "review", "show", "1")

    fine(folder, "review", "resolve", "1", short)
    shown = fine(folder, "review", "show", "1")
    assert "[x] no open requests" in shown and f"thread on {SKILL}/SKILL.md:3 (resolved)" in shown

    fine(folder, "review", "resolve", "1", short, "--undo")
    assert "[ ] no open requests" in fine(folder, "review", "show", "1")


def test_request_in_the_conversation_can_be_withdrawn(reviewer: gitbed.Bed) -> None:
    """Without a model nobody can do what a command asks in words, so its author has to be able to take it back.

    The approval says which gates are still shut, which request waits, and how to take that back.
    """
    folder = reviewer.path
    key = fine(folder, "review", "comment", "1", "/refine More examples").split()[1]
    fine(folder, "review", "step", "1")
    said = fine(folder, "review", "approve", "1").splitlines()
    assert said[1:] == [
        f"[ ] no open requests: 1 open: {key}, '/refine More examples'",
        f"Next: Grace Murray runs: skill-fleet review withdraw 1 {key}",
    ]
    assert run(folder, "promote", "1").out.endswith(f"Not merged.\n{said[2]}\n")

    fine(folder, "review", "withdraw", "1", key)
    fine(folder, "review", "step", "1")
    fine(folder, "review", "approve", "1")

    assert "Merged #1" in fine(folder, "promote", "1")


def test_plain_words_are_counted(reviewer: gitbed.Bed) -> None:
    """Words outside threads are shown by the bot's next turn, and shut no gate; those on a line do."""
    said = run(reviewer.path, "review", "comment", "1", "A word to Ada.")
    assert said.out.endswith("Next: skill-fleet review step 1\n") and said.err == ""
    fine(reviewer.path, "review", "step", "1")
    shown = fine(reviewer.path, "review", "show", "1")
    assert shown.count("A word to Ada.") == 2 and "[x] no open requests" in shown
    fine(reviewer.path, "review", "comment", "1", "--path", "SKILL.md", "--line", "1", "A word to you.")
    fine(reviewer.path, "review", "step", "1")
    assert "[ ] no open requests" in fine(reviewer.path, "review", "show", "1")


def test_asker_cannot_approve_alone(pulled: gitbed.Bed) -> None:
    """Whoever asked for the draft is not the one whose approval counts: said at once, and again at the gate."""
    said = fine(pulled.path, "review", "approve", "1")
    assert "It does not count" in said and "approvals = 0" in said and "Next: somebody else runs: " in said

    done = run(pulled.path, "promote", "1")

    assert done.status == 1 and "[ ] approved" in done.out
    assert "Ada Byron requested it\nNot merged.\nNext: somebody who did not ask for it runs: " in done.out


def test_refused_promotion_changes_nothing(reviewer: gitbed.Bed) -> None:
    """With changes that are not committed on main, or a remote that is gone: the draft stays a draft, all as it was."""
    folder, around = reviewer.path, reviewer.path.parent
    fine(folder, "review", "approve", "1")
    reviewer.write("README.md", "mine\n")
    refused(folder, "promote", "1", error="The branch main is checked out", tip="stash", around=around)
    (around / "origin.git").rename(around / "elsewhere.git")

    refused(folder, "promote", "1", error="Git cannot use the remote origin", around=around, tip_works=False)

    (around / "elsewhere.git").rename(around / "origin.git")
    assert "draft: " in fine(folder, "review", "show", "1")
    assert "Merged #1" in fine(folder, "promote", "1")


def test_only_writers_promote(lone: gitbed.Bed, as_person: Sit) -> None:
    """Where the maintainers say who may write, somebody else may not merge, also if he never said a word there."""
    lone.commit("Name the writers", {"pyproject.toml": gitbed.pyproject(gitbed.REVIEWER.email, gitbed.PERSON.email)})
    fine(lone.path, *CREATE)
    as_person(gitbed.REVIEWER)
    fine(lone.path, "review", "approve", "1")
    as_person(gitbed.STRANGER)

    refused(lone.path, "promote", "1", error="You may not merge here.", tip="writers")
    fine(lone.path, "review", "approve", "1")
    refused(lone.path, "promote", "1", error="You may not merge here.", tip="writers")

    as_person(gitbed.REVIEWER)
    assert "Merged #1" in fine(lone.path, "promote", "1")


def test_conflict(pulled: gitbed.Bed) -> None:
    """A branch that conflicts with its base is shown with a note, and refused by promote with what to do."""
    pulled.commit("Take the place", {f"{SKILL}/SKILL.md": gitbed.skill("wheels-in-detail")})
    pulled.git("push", "--quiet")

    shown = run(pulled.path, "review", "show", "1")
    assert shown.status == 0 and "note: The branch conflicts with its base" in shown.err

    refused(pulled.path, "promote", "1", error="conflicts with its base in", around=pulled.path.parent)


def test_error_on_main_shuts_the_gate(reviewer: gitbed.Bed) -> None:
    """The checks are made on the merge with the base as it is now, not as it was when the draft began."""
    folder = reviewer.path
    fine(folder, "review", "approve", "1")
    reviewer.commit("Take the name", {"skills/web/wheels-in-detail/SKILL.md": gitbed.skill("wheels-in-detail")})
    reviewer.git("push", "--quiet")

    done = run(folder, "promote", "1")

    assert done.status == 1 and "[ ] no errors" in done.out


def test_watch_ends(reviewer: gitbed.Bed) -> None:
    """watch does what is asked until the end, and gives up when it is told to."""
    folder = reviewer.path
    fine(folder, "review", "comment", "1", "/move testing")
    done = run(folder, "review", "watch", "1", "--timeout=0")
    assert done.status == 2 and "committed" in done.out and "is still open." in done.err
    fine(folder, "review", "comment", "1", "/cancel")

    assert fine(folder, "review", "watch", "1").endswith("cancelled\n")


def test_text_from_a_file_and_from_a_pipe(reviewer: gitbed.Bed, tmp_path: Path) -> None:
    """What is long does not have to be quoted for a shell."""
    (tmp_path / "words.md").write_text("From a file: `$x`\n")
    fine(reviewer.path, "review", "comment", "1", "-F", str(tmp_path / "words.md"))
    fine(reviewer.path, "review", "request-changes", "1", "-F", "-", stdin="From a pipe: ü\n".encode())

    shown = fine(reviewer.path, "review", "show", "1")

    assert "From a file: `$x`" in shown and "From a pipe: ü" in shown


def test_the_change_as_a_patch(pulled: gitbed.Bed) -> None:
    """--diff prints what the branch changes since it left its base, without colour in a pipe; JSON has it as well."""
    pulled.commit("Later on main", {"skills/web/later/SKILL.md": gitbed.skill("later")})
    pulled.git("push", "--quiet")

    patch = fine(pulled.path, "review", "show", "1", "--diff")

    assert f"+++ b/{SKILL}/SKILL.md\n" in patch and "+name: wheels-in-detail\n" in patch
    assert "later" not in patch and "\x1b" not in patch
    told = json.loads(fine(pulled.path, "review", "show", "1", "--diff", "--format", "json"))
    assert told["diff"] == patch and told["number"] == 1


def test_a_patch_cannot_move_the_cursor(pulled: gitbed.Bed) -> None:
    """What a branch says is shown, never obeyed: control characters are escaped, and no program of the clone runs."""
    pulled.git("switch", "--quiet", BRANCH)
    pulled.commit("Hide", {f"{SKILL}/references/x.md": "a\tb\x1b[2Jc\n", ".gitattributes": "*.md diff=evil\n"})
    pulled.git("push", "--quiet")
    pulled.git("config", "diff.evil.textconv", "echo pwned #")

    patch = fine(pulled.path, "review", "show", "1", "--diff")

    assert "+a\tb\\x1b[2Jc\n" in patch and "pwned" not in patch
