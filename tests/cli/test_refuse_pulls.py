"""Pull requests that are not there, or have ended: what every command says of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import gitbed
from cli.command import fine, refused
from cli.conftest import BRANCH, CREATE, SKILL
from skill_fleet.cli.review import COMMANDS

Sit = Callable[[gitbed.Identity], None]

ON_A_PULL_REQUEST = [
    ("promote",),
    ("promote", "--dry-run"),
    ("review", "show"),
    ("review", "fetch"),
    ("review", "step"),
    ("review", "watch", "--timeout=0"),
    ("review", "comment", "--reply-to=x", "-F-"),
    ("review", "comment", "--path=SKILL.md", "-F-"),
    ("review", "comment", "-F-"),
    ("review", "approve"),
    ("review", "request-changes"),
    ("review", "close"),
    ("review", "reopen"),
]


def test_every_command_about_a_pull_request_is_here() -> None:
    """A new command has to be added to the list above."""
    other = {
        "list",
        "inbox",
        "open",
        "decide",
        "write",
        "apply",
        "export",
        "resolve",
        "withdraw",
        "receipts",
    }  # no number, or with a second argument

    assert {words[1] for words in ON_A_PULL_REQUEST if words[0] == "review"} == COMMANDS.keys() - other


@pytest.mark.parametrize("words", ON_A_PULL_REQUEST, ids=" ".join)
def test_no_such_pull_request(words: tuple[str, ...], pulled: gitbed.Bed) -> None:
    """The tip lists those there are."""
    error, around = "There is no pull request #7.", pulled.path.parent

    refused(pulled.path, *words, "7", error=error, tip="skill-fleet review list", stdin=b"text", around=around)


@pytest.mark.parametrize("command", ["resolve", "withdraw"])
def test_no_such_item(command: str, pulled: gitbed.Bed) -> None:
    """Neither in one that is not there, nor in one that is; an empty key names nothing."""
    refused(pulled.path, "review", command, "7", "x", error="There is no pull request #7.")
    refused(pulled.path, "review", command, "1", "x", error="'x' in #1.", tip="skill-fleet review show 1")
    refused(pulled.path, "review", command, "1", "", error="'' in #1.", tip="skill-fleet review show 1")


@pytest.mark.parametrize("number", ["0", "x", "-1", "1.0", "", "#", "9" * 30, "\u0663", "1 2"])
def test_no_number(number: str, pulled: gitbed.Bed) -> None:
    """What is no number is called that; #1 is one."""
    words = ("review", "show", "--", number)

    refused(pulled.path, *words, error="is not the number of a pull request.", tip="skill-fleet review list")

    assert fine(pulled.path, "review", "show", "#1") == fine(pulled.path, "review", "show", "1")


@pytest.mark.parametrize(
    "words", ["promote 1", "promote 1 --dry-run", "review approve 1", "review request-changes 1", "review close 1"]
)
def test_closed(words: str, closed: gitbed.Bed) -> None:
    """No verdict on one that is closed, and no merge."""
    error, around = "Pull request #1 is closed.", closed.path.parent

    refused(closed.path, *words.split(), error=error, tip="skill-fleet review list", around=around)


def test_closed_can_be_read_talked_about_and_opened_again(closed: gitbed.Bed) -> None:
    """As on any forge: it shows, takes comments, is left alone by step, and can be opened again."""
    assert "closed: draft/" in fine(closed.path, "review", "show", "1")
    assert "#1  closed" in fine(closed.path, "review", "list", "--all")
    assert fine(closed.path, "review", "list") == ""
    assert fine(closed.path, "review", "watch", "1").endswith("cancelled\n")
    fine(closed.path, "review", "comment", "1", "a word")

    fine(closed.path, "review", "reopen", "1")

    assert "#1  draft" in fine(closed.path, "review", "list")
    fine(closed.path, "review", "step", "1")
    assert "#1  draft" in fine(closed.path, "review", "list")


@pytest.mark.parametrize(
    "words", ["promote 1", "review approve 1", "review request-changes 1", "review close 1", "review reopen 1"]
)
def test_merged(words: str, merged: gitbed.Bed) -> None:
    """What is merged stays merged."""
    refused(merged.path, *words.split(), error="Pull request #1 is merged.", around=merged.path.parent)


def test_close_is_the_command_cancel(pulled: gitbed.Bed) -> None:
    """On a draft of the bot: said with the reason, carried out and answered, whatever Markdown the reason is."""
    assert fine(pulled.path, "review", "close", "1", "```\nA second one.").startswith("#1 is closed.\n")

    shown = fine(pulled.path, "review", "show", "1")
    assert "  /cancel\n\n  ```\n  A second one.\n" in shown and "Closed without merging." in shown
    fine(pulled.path, "review", "reopen", "1")
    assert fine(pulled.path, "review", "step", "1") == "wrote the status\n"  # an old /cancel closes nothing again
    assert json.loads(fine(pulled.path, "review", "close", "1", "--format", "json"))["state"] == "closed"


def test_merged_can_be_read_and_its_name_is_taken(merged: gitbed.Bed) -> None:
    """It shows, with its commits; watch says completed; its document cannot be drafted again under that name."""
    assert f"{SKILL}/SKILL.md" in fine(merged.path, "review", "show", "1")
    assert fine(merged.path, "review", "watch", "1").endswith("completed\n")
    refused(merged.path, *CREATE, error="The name wheels-in-detail is taken")


def test_branch_deleted(pulled: gitbed.Bed) -> None:
    """Where the branch is gone, promote says so in its gates, and show still shows."""
    pulled.git("push", "--quiet", "origin", "--delete", BRANCH)
    from cli.command import run

    assert f"branch exists: the branch {BRANCH} was deleted" in fine(pulled.path, "review", "show", "1")
    assert run(pulled.path, "promote", "1").status == 1


def test_not_on_the_diff(pulled: gitbed.Bed) -> None:
    """A comment has to be on lines that the pull request changes; the tip names its files, or shows them."""
    comment = ("review", "comment", "1", "text")
    refused(pulled.path, *comment, "--path", "README.md", error="does not change 'README.md'.", tip=f"{SKILL}/SKILL.md")
    refused(pulled.path, *comment, "--path", "SKILL.md", "--line", "9999", error="not in the diff", tip="git diff")
    refused(pulled.path, *comment, "--line", "3", error="needs a file and a line.", tip="--path PATH")
    refused(pulled.path, *comment, "--path", "SKILL.md", "--start-line", "3", error="needs a file and a line.")
    refused(pulled.path, *comment, "--suggest", "x", error="needs a file and a line.")
    refused(pulled.path, *comment, "--path", "x", "--reply-to", "y", error="--path")
    refused(pulled.path, "review", "comment", "1", "  \n", error="The comment is empty.")
    refused(pulled.path, "review", "comment", "1", "-F", "no.txt", error="no.txt cannot be read")
    refused(pulled.path, "review", "comment", "1", "-F", "-", stdin=b"caf\xe9", error="- is not UTF-8 text.")


def test_withdraw_is_for_ones_own(pulled: gitbed.Bed, as_person: Sit, tmp_path: Path) -> None:
    """Nobody takes back what another said."""
    fine(pulled.path, "review", "comment", "1", "/move testing")
    key = next(line for line in fine(pulled.path, "review", "show", "1").splitlines() if line.startswith("Ada"))
    key = key.partition("[")[2].rstrip("]")
    as_person(gitbed.REVIEWER)

    refused(pulled.path, "review", "withdraw", "1", key, error="is by Ada Byron.", around=pulled.path.parent)

    as_person(gitbed.PERSON)
    fine(pulled.path, "review", "withdraw", "1", key)
    assert "/move" not in fine(pulled.path, "review", "show", "1")
