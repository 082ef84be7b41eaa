"""What waits for whom: `review list`, `review inbox` and `review show`, for three people."""

from __future__ import annotations

import json
from collections.abc import Callable

import gitbed
from cli.command import fine
from cli.test_review import BETTER, reviewer as reviewer

Sit = Callable[[gitbed.Identity], None]


def turn(bed: gitbed.Bed) -> str:
    """Whose turn it is at #1."""
    (row,) = json.loads(fine(bed.path, "review", "list", "--format", "json"))
    return str(row["turn"])


def test_everybody_sees_what_waits_for_them(reviewer: gitbed.Bed, as_person: Sit) -> None:
    """A reviewer reviews and objects, the bot applies what was asked, and the requester gets it back."""
    folder = reviewer.path
    assert turn(reviewer) == "reviewers" and "--diff" in fine(folder, "review", "inbox")
    fine(folder, "review", "comment", "1", "--path", "SKILL.md", "--line", "3", "--suggest", BETTER)
    fine(folder, "review", "comment", "1", "/move testing")
    assert turn(reviewer) == "bot" and "skill-fleet review step 1" in fine(folder, "review", "inbox")

    fine(folder, "review", "step", "1")
    fine(folder, "review", "comment", "1", "- a list\n- of text")
    fine(folder, "review", "request-changes", "1", "Not yet.")
    fine(folder, "review", "step", "1")
    assert turn(reviewer) == "requester" and fine(folder, "review", "inbox") == ""
    as_person(gitbed.PERSON)
    assert "skill-fleet review show 1" in fine(folder, "review", "inbox")


def test_the_page_has_dates_places_and_the_title_of_today(reviewer: gitbed.Bed) -> None:
    """A thread whose lines have changed is marked, with the lines it was on; the title follows a move."""
    folder = reviewer.path
    fine(
        folder, "review", "comment", "1", "--path", "SKILL.md", "--start-line", "2", "--line", "3", "--suggest",
        f"name: wheels-in-detail\n{BETTER}",
    )  # fmt: skip
    fine(folder, "review", "comment", "1", "/move testing")
    fine(folder, "review", "step", "1")
    page = fine(folder, "review", "show", "1")
    assert "#1 Draft testing/wheels-in-detail\n" in page and "SKILL.md:2-3 (outdated" in page
    assert " UTC [line/" in page and "testing/wheels-in-detail" in fine(folder, "review", "list")
