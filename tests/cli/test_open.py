"""`review open`: a branch that a person made becomes a pull request, is reviewed by people, and merged."""

from __future__ import annotations

import json
from collections.abc import Callable

import gitbed
from cli.command import fine, refused, run

Sit = Callable[[gitbed.Identity], None]

SKILL = "skills/web/forms/SKILL.md"
OPEN = ("review", "open")


def test_a_skill_by_hand_to_its_merge(pair: gitbed.Bed, as_person: Sit) -> None:
    """New, filled in, committed, opened, commented on, refused by the bot, approved by another person, merged."""
    folder = pair.path
    pair.git("switch", "--quiet", "-c", "forms")
    fine(folder, "new", "web/forms", "--description", "Lays out forms. Use when a page asks for data.")
    refused(folder, *OPEN, error="skills/web/forms has changes that are not committed.", tip="stash", tip_works=False)
    pair.commit("Add web/forms\n\nPages ask for data.", {SKILL: gitbed.skill("forms")})

    opened = json.loads(fine(folder, *OPEN, "--format", "json"))
    assert opened == {
        "number": 1, "title": "Add web/forms", "branch": "forms", "base": "main", "commit": pair.tip(),
    }  # fmt: skip
    assert pair.git("rev-parse", "@{upstream}") == pair.tip()
    shown = fine(folder, "review", "show", "1")
    assert "open: forms into main" in shown and "  Pages ask for data." in shown
    refused(folder, *OPEN, error="Pull request #1 is already open for forms.", tip="review show 1")

    assert "committed" not in fine(folder, "review", "step", "1")
    as_person(gitbed.REVIEWER)
    for said in (
        run(folder, "review", "comment", "1", "--path", "SKILL.md", "--line", "3", "/move testing"),
        run(folder, "review", "request-changes", "1", "Not yet."),
    ):
        assert said.out.endswith("Next: skill-fleet review show 1\n")
        assert "opened by hand" in said.err and "Ada Byron" in said.err
    assert "no changes requested: requested by Grace Murray" in run(folder, "promote", "1").out
    fine(folder, "review", "approve", "1")
    assert "Merged #1" in fine(folder, "promote", "1")
    assert pair.read("origin/main", SKILL) == gitbed.skill("forms")
    assert "\nSkill: web/forms\nPull-request: #1\n" in pair.git("log", "-1", "--format=%B", "origin/main")
    refused(folder, *OPEN, "forms", error="forms has no commit that origin/main does not have.", tip="git status")


def test_one_by_hand_is_closed(lone: gitbed.Bed, as_person: Sit) -> None:
    """By who opened it or a writer, with the reason; by nobody else; and it can be opened again."""
    lone.commit("Name who decides", {"pyproject.toml": gitbed.pyproject(gitbed.REVIEWER.email)})
    lone.commit_to("forms", {SKILL: gitbed.skill("forms")})
    fine(lone.path, *OPEN, "forms")
    close = ("review", "close", "1", "Not now.")
    as_person(gitbed.Identity("Mary Ward", "mary@example.org"))
    refused(lone.path, *close, error="You may not close pull requests of others here.", tip="`writers`")
    for who in (gitbed.PERSON, gitbed.REVIEWER):
        as_person(who)
        assert fine(lone.path, *close).startswith("#1 is closed.\n")
        assert "  Not now.\n" in fine(lone.path, "review", "show", "1")
        fine(lone.path, "review", "reopen", "1")


def test_words_of_several_commits(lone: gitbed.Bed) -> None:
    """The first commit names it and all are listed; what is said instead wins; a merged base is no word of it."""
    lone.git("switch", "--quiet", "-c", "forms")
    lone.commit("Add web/forms", {SKILL: gitbed.skill("forms")})
    lone.commit_to("main", {"README.md": "More.\n"}, "Say more")
    lone.git("merge", "--quiet", "--no-edit", "main")
    lone.commit("Fix web/forms", {SKILL: gitbed.skill("forms", body="Ask, then check.")})
    fine(lone.path, *OPEN)
    shown = json.loads(fine(lone.path, "review", "show", "1", "--format", "json"))
    assert shown["title"] == "Add web/forms"
    assert "- Add web/forms" in shown["body"] and "- Fix web/forms" in shown["body"] and "Merge" not in shown["body"]

    lone.commit_to("tables", {"skills/web/tables/SKILL.md": gitbed.skill("tables")})
    assert "#2: Tables (tables into main)" in fine(
        lone.path, *OPEN, "tables", "--title", "Tables", "-F", "-", stdin=b"In full."
    )
    assert "  In full." in fine(lone.path, "review", "show", "2")


def test_nothing_to_open(lone: gitbed.Bed) -> None:
    """The base itself, no such branch, nothing committed, a draft of the bot, no branch at all: a sentence and a tip."""
    refused(lone.path, *OPEN, error="main is the branch that pull requests are merged into.", tip="git switch -c")
    refused(lone.path, *OPEN, "nope", error="There is no branch 'nope'.", tip="git branch --all")
    refused(lone.path, *OPEN, "--", "-x", error="There is no branch '-x'.")
    refused(lone.path, *OPEN, error="my-skill has no commit that main does not have.", tip="git status")
    fine(lone.path, "create", "--from", "../wheels.md", "--path", "python/wheels", "--no-pr")
    refused(lone.path, *OPEN, "draft/wheels", error="draft/wheels is a draft of the bot.", tip="--no-pr")
    lone.git("switch", "--quiet", "--detach")
    refused(lone.path, *OPEN, error="No branch is checked out.", tip="review open BRANCH", tip_works=False)


def test_branch_differs_from_the_remotes(pair: gitbed.Bed) -> None:
    """What others would not see is pushed first, and what is not here is fetched first; a branch of others opens."""
    pair.git("switch", "--quiet", "-c", "forms")
    first = pair.commit("Add web/forms", {SKILL: gitbed.skill("forms")})
    pair.git("push", "--quiet", "origin", "forms")
    pair.commit("Fix it", {SKILL: gitbed.skill("forms", body="Ask.")})
    refused(pair.path, *OPEN, error="forms is not at the same commit here and on origin.", tip="git push origin forms")
    pair.git("reset", "--quiet", "--hard", first)
    refused(pair.path, *OPEN, error="forms is not at the same commit here and on origin.", tip="git pull --rebase")
    pair.git("switch", "--quiet", "main")
    pair.git("branch", "--quiet", "-D", "forms")
    assert "#1: Add web/forms" in fine(pair.path, *OPEN, "forms")
