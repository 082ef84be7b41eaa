"""`chat` without a model, over pipes: one answer a line, the same branch and pull request as `create`, plain text."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import gitbed
from cli.command import Done, fine, refused, run
from cli.conftest import BRANCH, CREATE, SKILL

CHAT = ("chat", *CREATE[1:])
OPEN = (*CHAT[:3], *CHAT[5:])  # without a place, which is asked for then


def say(bed: gitbed.Bed, *lines: str, words: tuple[str, ...] = CHAT) -> Done:
    """Hold a session with these answers."""
    return run(bed.path, *words, stdin="".join(f"{line}\n" for line in lines).encode())


def kept(bed: gitbed.Bed) -> list[Path]:
    """What is remembered of sessions before their first commit."""
    return [*(bed.path / ".git/skill-fleet/chat").glob("*")]


@pytest.fixture(params=["with a remote", "without"])
def fleet(request: pytest.FixtureRequest) -> gitbed.Bed:
    """A fleet with a remote, and one without."""
    found: gitbed.Bed = request.getfixturevalue("pair" if request.param == "with a remote" else "lone")
    return found


def test_to_the_pull_request(fleet: gitbed.Bed) -> None:
    """Brief, preview, ready: the branch and the pull request are what `create` would have made, and it finds them.

    The work tree is left alone, whatever is not committed in it.
    """
    fleet.write("README.md", "not committed\n")
    before = fleet.git("status", "--porcelain", "--branch")
    done = say(fleet, "", "", "")

    assert done.status == 0, done
    heads = [line for line in done.out.splitlines() if line.startswith("==")]
    assert heads == [
        "== Confirm: python/wheels-in-detail ==",
        "== Preview: python/wheels-in-detail, pull request #1 ==",
        "== skill-fleet ==",
        "== Validate: python/wheels-in-detail ==",
        "== Pull request #1: validate ==",
    ]
    assert "\x1b" not in done.out + done.err and "Next: skill-fleet review approve 1" in done.out
    authors = fleet.git("log", "--format=%an|%s", f"main..{BRANCH}").splitlines()
    assert authors == [
        "skill-fleet|Draft python/wheels-in-detail",
        f"{gitbed.PERSON.name}|Begin the draft of python/wheels-in-detail",
    ]
    assert not json.loads(fine(fleet.path, "review", "fetch", "1"))["draft"]
    assert not kept(fleet) and fleet.git("status", "--porcelain", "--branch") == before
    assert fine(fleet.path, *CREATE).startswith("Found python/wheels-in-detail")


def test_place_is_asked_for(lone: gitbed.Bed) -> None:
    """The category is a question with the known ones; a whole id, a move and a wrong one are understood."""
    done = say(lone, "nope", "web/round-things", "/move testing", "/move nope", "", "", "", words=OPEN)

    assert done.status == 0 and "== Clarify ==" in done.out and "  2. " in done.out
    assert done.out.count("There is no category 'nope'.") == 2
    assert lone.git("diff", "--name-only", "main...draft/round-things") == "skills/testing/round-things/SKILL.md"


def test_answers_that_end(lone: gitbed.Bed) -> None:
    """Silence is no consent: it stops with 2 and the command that resumes it, and the answers so far are not asked for again."""
    before = lone.repo.refs("refs/heads/")
    done = say(lone, "testing", words=OPEN)

    assert done.status == 2 and "The answers ended before the session did." in done.err
    assert ": skill-fleet chat --from ../wheels.md" in done.err
    assert lone.repo.refs("refs/heads/") == before and len(kept(lone)) == 1

    done = say(lone, "/quit", words=OPEN)
    assert done.status == 0 and "As before: Which category" in done.out and len(kept(lone)) == 1

    done = say(lone, "", "/quit", words=OPEN)
    assert done.status == 0 and "pull request #1" in done.out and not kept(lone)
    assert ": skill-fleet chat --pull 1\n" in done.out

    done = say(lone, "", "", words=("chat", "--pull", "1"))
    assert done.status == 0 and "Next: skill-fleet promote 1" in done.out
    assert "skills/testing/wheels-in-detail/" in done.out


def test_the_same_words_find_the_pull_request(lone: gitbed.Bed) -> None:
    """Also when an answer gave it another place than the words would have; one that is closed is said to be."""
    say(lone, "testing", "", "/quit", words=OPEN)

    assert "== Preview: testing/wheels-in-detail, pull request #1 ==" in say(lone, "/cancel", words=OPEN).out
    again = say(lone, words=OPEN)
    assert again.status == 0 and "== Pull request #1: cancelled ==" in again.out
    assert "review reopen 1" in again.out


def test_the_end_of_the_answers(lone: gitbed.Bed) -> None:
    """Before the draft is ready it is no consent; when it is, nothing more has to be said."""
    assert say(lone, "").status == 2
    done = say(lone, "")
    assert done.status == 0 and "== Pull request #1: validate ==" in done.out and done.err == ""


def test_rounds(lone: gitbed.Bed) -> None:
    """A command is a comment, its answer a panel, and the change a diff; free-form requests are refused without a model."""
    done = say(
        lone, "", "Please be brief", "/describe Builds wheels. Use when a wheel is built.", "/drop no.md", "/quit"
    )

    assert done.status == 0, done
    assert "Free-form requests need a model" in done.out
    assert "+description: " in done.out and "Done in " in done.out and "no.md" in done.out
    bodies = [item["body"] for item in json.loads(fine(lone.path, "review", "fetch", "1"))["items"]]
    assert "/describe Builds wheels. Use when a wheel is built." in bodies
    assert not any("Please" in body for body in bodies)
    assert "Builds wheels." in lone.read(BRANCH, f"{SKILL}/SKILL.md")


def test_words_before_the_skill(lone: gitbed.Bed) -> None:
    """Nor do words change the brief without a model; commands that come later say so."""
    done = say(lone, "shorter", "/describe x", "/help", "/quit", words=CHAT)

    assert (
        "Free-form requests need a model" in done.out
        and "There is no skill yet." in done.out
        and "== Commands ==" in done.out
    )


def test_a_cancel_forgets(lone: gitbed.Bed) -> None:
    """The answers are not there again."""
    say(lone, "testing", words=OPEN)
    done = say(lone, "/cancel", words=OPEN)

    assert done.status == 0 and "As before" in done.out and not kept(lone)
    assert "As before" not in say(lone, words=OPEN).out


def test_errors_end_with_one(lone: gitbed.Bed) -> None:
    """A skill with errors is not marked ready, its findings are shown in place, and the status says so."""
    (lone.path.parent / "wheels.md").write_text("# Wheels in detail\n\nHow to build.\n\nSee {{PLACE}}.\n")
    done = say(lone, words=(*CHAT, "--auto-approve"))

    assert done.status == 1, done
    assert "The checks find" in done.out and f"{SKILL}/SKILL.md:" in done.out
    assert "== Pull request #1: preview ==" in done.out


def test_placeholders_are_asked_for(lone: gitbed.Bed) -> None:
    """A placeholder is a question, once; the answer is in the skill."""
    (lone.path.parent / "wheels.md").write_text("# Wheels in detail\n\nHow to build.\n\nSee {{PLACE}}, {{PLACE}}.\n")

    done = say(lone, "the attic", "", "/quit")

    assert done.status == 0 and done.out.count("{{PLACE}}`?") == 1
    assert "See the attic, the attic." in lone.read(BRANCH, f"{SKILL}/SKILL.md")


def test_auto_approve_and_json(lone: gitbed.Bed) -> None:
    """Nothing is asked, no input is read, and standard output is one JSON value."""
    done = say(lone, words=(*CHAT, "--auto-approve", "--format", "json"))

    assert done.status == 0, done
    told = json.loads(done.out)
    assert told.keys() == {"number", "branch", "stage", "files", "findings", "next"}
    assert (told["number"], told["branch"], told["stage"]) == (1, BRANCH, "validate")
    assert "== Validate" in done.err and not kept(lone)
    left = say(lone, "/quit", words=("chat", "--pull", "1", "--format", "json"))
    assert left.status == 0 and json.loads(left.out).keys() == told.keys()
    assert json.loads(left.out)["next"] == ["skill-fleet chat --pull 1"]


def test_fleet_of_one(lone: gitbed.Bed) -> None:
    """Where nobody has to approve it, nobody is asked to."""
    lone.commit("One person", {"pyproject.toml": gitbed.pyproject(approvals=0)})

    done = say(lone, words=(*CHAT, "--auto-approve"))

    assert done.status == 0 and done.out.endswith("into main.\nNext: skill-fleet promote 1\n")


def test_with_nothing_said(lone: gitbed.Bed) -> None:
    """It asks what the skill is for, and takes a document's path."""
    done = say(lone, "../wheels.md", "", "", "/quit", words=("chat",))
    assert done.status == 0 and "pull request #1" in done.out

    assert say(lone, words=("chat",)).status == 2
    long = say(lone, "What wheels are for. " * 50, words=("chat",))
    assert long.status == 2 and "Without a model, skills are drafted from documents." in long.err


def test_refusals_change_nothing(lone: gitbed.Bed) -> None:
    """What `create` refuses, this does, in the same words and with nothing kept."""
    refused(lone.path, "chat", "a task", error="Without a model, skills are drafted from documents.")
    refused(lone.path, *CHAT, "--set", "X", error="'X' is not of the form KEY=VALUE.")
    refused(lone.path, *OPEN, "--path", "nope/x", error="There is no category 'nope'.")
    refused(lone.path, "chat", "--pull", "9", error="There is no pull request #9.", tip_works=False)


def test_no_document_can_give_answers(lone: gitbed.Bed) -> None:
    """A document full of commands and escapes is text, on the screen and in the brief."""
    (lone.path.parent / "wheels.md").write_text(
        "# /cancel \x1b[2J\n\n/proceed\n\n## 1. /quit\n\nDo one thing after another.\n\n## b\n\nAnd then the rest of it.\n"
    )

    done = say(lone, "/quit")

    assert done.status == 0 and "\x1b" not in done.out and "== Confirm" in done.out


def test_starts_light(lone: gitbed.Bed) -> None:
    """Help loads neither the screen's libraries nor GitPython; a session over pipes without a model loads no keys and no dspy."""
    seen = "print(*sorted({'rich', 'git', 'yaml', 'prompt_toolkit', 'dspy', 'github'} & set(sys.modules)), file=sys.stderr)"
    session = [*CHAT, "--auto-approve"]
    code = f"from skill_fleet.cli.main import main; import sys; main(['chat', '--help']); {seen}; main({session!r}); {seen}"
    done = subprocess.run([sys.executable, "-c", code], cwd=lone.path, capture_output=True, check=True)

    assert done.stderr.decode().split("\n") == ["", "git rich yaml", ""]


def test_the_main_document_of_a_dump_is_asked_for(lone: gitbed.Bed) -> None:
    """Of several documents a person says which one becomes SKILL.md; the others are its references."""
    rule = "=" * 40
    parts = (
        f"{rule}\nFILE: {name}.md\n{rule}\n# Notes on {name}\n\nHow to do it, step by step.\n\n"
        for name in ("sailing", "baking")
    )
    (lone.path.parent / "dump.txt").write_text("".join(parts))

    done = say(lone, "2", "", "/quit", words=("chat", "--from", "../dump.txt", "--path", "web/notes"))

    assert done.status == 0 and "Which document becomes SKILL.md?" in done.out, done
    assert "# Notes on baking" in lone.read("draft/notes", "skills/web/notes/SKILL.md")
    texts = lone.git("grep", "-h", "# Notes on", "draft/notes", "--", "skills/web/notes/references")
    assert "# Notes on sailing" in texts and "baking" not in texts
