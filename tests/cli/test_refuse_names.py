"""Ids that a new skill cannot have, and branches that are in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

import gitbed
from cli.command import fine, refused, run
from cli.conftest import BRANCH, CREATE
from skill_fleet.fleet import MAX_NAME

DOC = ("create", "--from", "../wheels.md")

MALFORMED = ("", "/", "wheels", "/wheels", "python/Wheels", "python/a--b", "python/-a", "python/a_b", "../x",
             "python/../../x", "python/wäh", "python/a b", f"python/{'a' * (MAX_NAME + 1)}", "python/x.lock", "-")  # fmt: skip


@pytest.mark.parametrize("path", MALFORMED)
def test_malformed_path(path: str, lone: gitbed.Bed) -> None:
    """What is not CATEGORY/NAME is refused, and the tip shows one that is."""
    refused(lone.path, *DOC, f"--path={path}", error="is not of the form CATEGORY/NAME.", tip="python/async-testing")


def test_unknown_category(lone: gitbed.Bed) -> None:
    """The tip lists the categories there are."""
    refused(lone.path, *DOC, "--path", "nope/x", error="There is no category 'nope'.", tip="api, architecture, devops")


def test_name_taken(lone: gitbed.Bed) -> None:
    """A name is unique in the fleet, in whatever category; who meant that skill is told how to revise it."""
    error, tip = "The name packaging is taken by python/packaging.", "Revise that one (skill-fleet revise python/pack"
    for path in ("python/packaging", "testing/packaging", "skills/web/packaging/"):
        refused(lone.path, *DOC, "--path", path, error=error, tip=tip)


def test_name_that_was_somebodys(lone: gitbed.Bed) -> None:
    """A name that a skill had before is never used for something else."""
    text = gitbed.skill("packaging").replace("---\n\n#", "metadata:\n  formerly: web/old-name\n---\n\n#")
    lone.commit("Move it", {f"{gitbed.FIRST_SKILL}/SKILL.md": text})

    refused(lone.path, *DOC, "--path", "api/old-name", error="python/packaging was once called web/old-name")


def test_name_from_the_text_is_taken(lone: gitbed.Bed) -> None:
    """Where the text decides on the name, the skill that has it is offered for revision."""
    (lone.path.parent / "p.md").write_text("# Packaging\n\nHow to package a library with Python, step by step.\n")

    refused(
        lone.path,
        "create",
        "--from",
        "../p.md",
        "--path",
        "python",
        error="python/packaging has the name that",
        tip="--path",
    )


def test_category_is_never_guessed(lone: gitbed.Bed) -> None:
    """Without a terminal and without a category, the categories are listed and nothing is written."""
    refused(lone.path, *DOC, error="The skill needs a category.", tip="--path CATEGORY/wheels-in-detail, of api")


@pytest.mark.parametrize("broken", [None, "", "categories: [a, b\n", "categories: {}\n", "- python\n", "\x00"])
def test_taxonomy_missing_or_broken(broken: str | None, lone: gitbed.Bed) -> None:
    """Without categories there is nowhere to put a skill; validate reports what is broken, and what a change removes."""
    lone.commit("Break it", {"skills/taxonomy.yaml": broken})

    refused(lone.path, *DOC, error="The base has no category", tip="skills/taxonomy.yaml")
    if broken != "categories: {}\n":
        assert run(lone.path, "validate", *(() if broken is not None else ("--base", "HEAD~1"))).status == 1


def test_branch_is_another_draft(pair: gitbed.Bed) -> None:
    """The branch of another draft, or of somebody's own work, is never taken over."""
    fine(pair.path, *CREATE)
    around = pair.path.parent
    (around / "other.md").write_text("# Other wheels\n\nHow other people build wheels in other ways.\n")
    words = ("create", "--from", "../other.md", "--path", "python/wheels-in-detail")

    refused(pair.path, *words, error=f"The branch {BRANCH} exists and is another draft.", around=around)
    refused(pair.path, *CREATE[:3], "--path", "web/wheels-in-detail", error="is another draft.", around=around)


def test_branch_of_somebodys_own(lone: gitbed.Bed) -> None:
    """A branch of that name without a draft on it is not ours."""
    lone.git("branch", BRANCH)

    refused(lone.path, *CREATE, error=f"The branch {BRANCH} exists and is another draft.")


def test_branch_called_draft(pair: gitbed.Bed) -> None:
    """Git cannot hold `draft` and `draft/x` at once; the tip renames the one that is in the way."""
    pair.git("branch", "draft")

    refused(pair.path, *CREATE, error="a branch called 'draft'", around=pair.path.parent)  # and follows the tip

    fine(pair.path, *CREATE)


def test_local_branch_that_is_not_on_the_remote(pair: gitbed.Bed) -> None:
    """It may be work that nobody else has, so it is left alone; deleted, as the tip says, it is no obstacle."""
    pair.git("branch", BRANCH)

    refused(pair.path, *CREATE, error=f"There is a local branch {BRANCH} that is not on origin.", tip_works=False)

    pair.git("branch", "-D", BRANCH)
    fine(pair.path, *CREATE)


def test_base_that_is_not_there(pair: gitbed.Bed, tmp_path: Path) -> None:
    """A base has to be a branch."""
    refused(pair.path, *CREATE, "--base", "nope", error="There is no branch nope to start from.", tip="--base BRANCH")
