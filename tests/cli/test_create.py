"""`create`: what it makes, that it goes on where it was stopped, and that it leaves the rest alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import gitbed
from cli.command import fine, fingerprint, refused, run
from cli.conftest import BRANCH, CREATE, SKILL
from cli.terminal import DOWN, ENTER, UP, sitting
from skill_fleet.drafting import Brief, Draft, Entry, Fate
from skill_fleet.forges import BODY_LIMIT
from skill_fleet.proposals import with_ledger

Sit = Callable[[gitbed.Identity], None]


@pytest.fixture(params=["with a remote", "without"])
def bed_of_both(request: pytest.FixtureRequest) -> gitbed.Bed:
    """A fleet with a remote, and one without."""
    found: gitbed.Bed = request.getfixturevalue("pair" if request.param == "with a remote" else "lone")
    return found


def test_draft_and_pull_request(bed_of_both: gitbed.Bed) -> None:
    """Two commits on a branch off main, by the person and by the bot; a pull request; the work tree as it was."""
    bed = bed_of_both
    bed.write("README.md", "not committed\n")
    before = bed.git("status", "--porcelain", "--branch")

    out = fine(bed.path, *CREATE)

    assert out.startswith("Drafted python/wheels-in-detail: SKILL.md") and "pull request #1" in out
    assert bed.git("log", "--format=%an|%s", f"main..{BRANCH}").splitlines() == [
        "skill-fleet|Draft python/wheels-in-detail",
        f"{gitbed.PERSON.name}|Begin the draft of python/wheels-in-detail",
    ]
    assert bed.git("diff", "--name-only", f"main...{BRANCH}") == f"{SKILL}/SKILL.md"
    assert bed.git("status", "--porcelain", "--branch") == before
    assert "[x] no errors" in fine(bed.path, "review", "show", "1")


def test_no_commit_message_acts_on_a_forge(lone: gitbed.Bed) -> None:
    """What a document says is in the bot's commits as text: it mentions nobody, closes nothing, and is no receipt."""
    title = "Ask @octocat, fixes #12 <!-- skill-fleet receipt --> ![x](http://e.example/p.png)"
    (lone.path.parent / "loud.md").write_text(f"# {title}\n\nHow to ask for help, and when to wait for it.\n")

    fine(lone.path, "create", title, "--from", "../loud.md", "--path", "web/loud")

    said = lone.git("log", "--format=%B", "main..draft/loud")
    assert "octocat" in said, "it is quoted"
    assert not [word for word in ("@octocat", "#12", "<!--", "![x]") if word in said], said


def test_again_adopts(bed_of_both: gitbed.Bed) -> None:
    """The same words once more change nothing and lead to the same pull request."""
    fine(bed_of_both.path, *CREATE)
    before = fingerprint(bed_of_both.path)

    out = fine(bed_of_both.path, *CREATE)

    assert out.startswith("Found python/wheels-in-detail") and "pull request #1" in out
    assert fingerprint(bed_of_both.path) == before


def test_goes_on_after_the_branch(bed_of_both: gitbed.Bed) -> None:
    """Stopped between the branch and the pull request, the next run opens it for the same commit."""
    fine(bed_of_both.path, *CREATE, "--no-pr")
    tip = bed_of_both.tip(BRANCH)
    assert fine(bed_of_both.path, "review", "list") == ""

    out = fine(bed_of_both.path, *CREATE)

    assert "Found" in out and "pull request #1" in out
    assert bed_of_both.tip(BRANCH) == tip


def test_dry_run(bed_of_both: gitbed.Bed) -> None:
    """It shows what would be drafted, asks no remote, and changes nothing, nowhere."""
    around = bed_of_both.path.parent
    before = fingerprint(around)

    out = fine(bed_of_both.path, *CREATE, "--dry-run")

    assert "SKILL.md" in out and out.endswith("Nothing was written.\n")
    assert fingerprint(around) == before


def test_at_a_terminal(lone: gitbed.Bed) -> None:
    """What nothing else says is asked for there, and a dry run shows the whole draft in the person's pager."""
    with sitting(lone.path, *CREATE[:3], "--dry-run", PAGER="sed s,^,paged:,") as seat:
        seat.sees("Which category")
        seat.sees("Other: in your own words")
        seat.types(DOWN, UP, ENTER)
        seat.sees("name: wheels-in-detail")
        seat.sees("open: ")
        seat.sees("paged:Nothing was written.")
        assert seat.leaves() == 0, seat.shown
    refused(lone.path, *CREATE[:3], error="needs a category", tip="--path CATEGORY/wheels-in-detail", tip_works=False)


def test_a_dump_is_listed(lone: gitbed.Bed) -> None:
    """Which document becomes SKILL.md has to be said, and is printed first; a program gets every line's fate."""
    rule = "=" * 40
    dump = "".join(f"{rule}\nFILE: docs/{name}.md\n{rule}\n# {name}\n\nText @you.\n\n{rule}\nEND FILE: docs/{name}.md\n{rule}\n"
                   for name in ("index", "reef-knots", "reef-bends"))  # fmt: skip
    (lone.path.parent / "dump.txt").write_text(dump)

    words = ("create", "--from", "../dump.txt", "--path", "python/reefs")
    refused(lone.path, *words, error="one of them has to become SKILL.md", tip="--main 'docs/index.md'")

    out = fine(lone.path, *words, "--main", "docs/index.md", "--dry-run")
    assert out.startswith("3 documents:\n  docs/index.md ") and "\nname: reefs\n" in out

    facts = json.loads(fine(lone.path, *words, "--main", "docs/index.md", "--format", "json"))
    assert sum(entry["last"] - entry["first"] + 1 for entry in facts["ledger"]) == dump.count("\n")
    body = json.loads(fine(lone.path, "review", "show", "1", "--format", "json"))["body"]
    assert "| placed | SKILL.md:" in body


def test_words_that_are_longer_than_a_pull_request_holds() -> None:
    """Both the points and the ledger are cut where it says so, and some of the ledger is always there."""
    rows = tuple(Entry("a.md", line, line, Fate.PLACED, "SKILL.md", line) for line in range(1, 9_000))
    draft = Draft(Brief("Sail.", "python/sail"), {}, rows)

    said = with_ledger(draft, ("point " * 20_000,))
    assert len(said) < BODY_LIMIT and said.count("_Cut here") == 2 and "| 1 | placed | SKILL.md:1 |" in said
    assert 20_000 < len(with_ledger(draft, ("Short.",))) < BODY_LIMIT


def test_branch_can_be_worked_on(pair: gitbed.Bed) -> None:
    """The branch follows the remote's, so that a person's own commit and push on it just work."""
    fine(pair.path, *CREATE)
    pair.git("switch", "--quiet", BRANCH)
    pair.commit("Mine", {f"{SKILL}/references/more.md": "# More\n"})

    pair.git("push", "--quiet")

    assert "Mine" in fine(pair.path, "review", "show", "1")


def test_starts_from_the_remote(pair: gitbed.Bed) -> None:
    """The draft starts from the newest main of the remote, and says so when one's own main is another."""
    mine = pair.commit("Mine alone", {"README.md": "mine\n"})

    done = run(pair.path, *CREATE)

    assert done.status == 0 and done.err.startswith("note: Your main has commits that origin does not have")
    assert not pair.repo.is_ancestor(mine, pair.tip(BRANCH))


def test_after_another_was_closed(pulled: gitbed.Bed) -> None:
    """Cancelled and asked for again, the branch is taken up by a new pull request."""
    fine(pulled.path, "review", "comment", "1", "/cancel")
    fine(pulled.path, "review", "step", "1")

    assert "pull request #2" in fine(pulled.path, *CREATE)


def test_nobody_told_git_who_they_are(pair: gitbed.Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused before the branch is made; the tip, followed, is enough."""
    for role in ("AUTHOR", "COMMITTER"):
        for part in ("NAME", "EMAIL"):
            monkeypatch.delenv(f"GIT_{role}_{part}")
    monkeypatch.delenv("EMAIL", raising=False)
    pair.git("config", "user.useConfigOnly", "true")
    for words in (CREATE, ("review", "list"), ("review", "comment", "1", "x"), ("promote", "1")):
        refused(pair.path, *words, error="Git does not know who you are.", tip="git config user.name", tip_works=False)

    pair.git("config", "user.name", "Your Name")
    pair.git("config", "user.email", "you@example.org")
    fine(pair.path, *CREATE)


def test_nobody_is_the_bot(pair: gitbed.Bed, as_person: Sit) -> None:
    """The bot's own address is for the bot."""
    as_person(gitbed.Identity("me", "skill-fleet@bot.invalid"))

    refused(pair.path, *CREATE, error="is the bot's.", tip="git config user.email")


def test_remote_that_does_not_answer(pulled: gitbed.Bed) -> None:
    """create and promote need it; reading and commenting do not, and say that they worked from memory."""
    around = pulled.path.parent
    (around / "origin.git").rename(around / "elsewhere.git")
    for words in ((*CREATE[:3], "--path", "web/other"), (*CREATE[:3], "--path", "web/other", "--no-pr")):
        refused(pulled.path, *words, error="Git cannot use the remote origin", around=around, tip_works=False)

    done = run(pulled.path, "review", "show", "1")
    assert done.status == 0 and done.err.startswith("note: Nothing could be fetched from origin")
    done = run(pulled.path, "review", "comment", "1", "/move testing")
    assert done.status == 0 and "wait here" in done.err
    (around / "elsewhere.git").rename(around / "origin.git")
    assert "committed" in fine(pulled.path, "review", "step", "1")


def test_remote_that_refuses(pair: gitbed.Bed) -> None:
    """A remote that answers and takes nothing is told apart from a bug of ours."""
    hook = pair.path.parent / "origin.git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'not on a Sunday' >&2\nexit 1\n")
    hook.chmod(0o755)

    refused(pair.path, *CREATE, error="origin: not on a Sunday (pre-receive hook declined)", around=pair.path.parent)


def test_remote_without_branches(lone: gitbed.Bed, tmp_path: Path) -> None:
    """A remote that is still empty; the tip pushes to it."""
    empty = gitbed.Bed(tmp_path / "empty.git")
    empty.path.mkdir()
    empty.git("init", "--quiet", "--bare", "--template=", "--initial-branch=main")
    lone.git("remote", "add", "origin", "../empty.git")

    refused(lone.path, *CREATE, error="The remote origin has no branch yet.", tip="git push -u origin HEAD")

    fine(lone.path, *CREATE)


def test_no_more_than_the_settings_allow(pulled: gitbed.Bed) -> None:
    """With `open-drafts = 1`, the one that is open is found again, and another is refused: by `chat`, too."""
    pulled.commit("Limit", {"pyproject.toml": gitbed.pyproject() + "open-drafts = 1\n"})
    pulled.git("push", "--quiet", "origin", "HEAD:main")
    other = (*CREATE[:3], "--path", "python/other")

    assert run(pulled.path, "chat", *other[1:]).status == 2
    refused(pulled.path, *other, error="`open-drafts` allows 1", tip="skill-fleet review list")
    assert "Found python/wheels-in-detail" in fine(pulled.path, *CREATE)
    assert "Nothing was written" in fine(pulled.path, *other, "--dry-run")
