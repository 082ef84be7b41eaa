"""The baseline: old findings fail nothing, new ones do, and nothing is hidden by accident."""

from __future__ import annotations

from dataclasses import replace

import pytest

from skill_fleet.checks import RENAMED, Finding, Outcome, render_baseline, with_baseline
from skill_fleet.errors import UserError

OLD = Finding("skills/a/SKILL.md", 3, 1, "links/missing-target", "error", "a", "No `x`.", "Add it.", "x")
UNSAFE = replace(OLD, rule="safety/secret", key="password: hunter2hunter2")
HINT = replace(OLD, rule="content/when", severity="hint", key="when")
PATHS = {OLD.path}


def applied(baseline: str, *findings: Finding, paths: set[str] = PATHS) -> tuple[Outcome, str]:
    """The outcome of these findings, and the baseline without what is fixed."""
    return with_baseline(Outcome(1, tuple(sorted(findings))), baseline.encode(), paths)


def test_what_was_there_fails_nothing() -> None:
    """On any line; it is counted as existing, and no more of the same is."""
    baseline = render_baseline([OLD, HINT])

    outcome, pruned = applied(baseline, replace(OLD, line=80), HINT)
    assert (outcome.findings, len(outcome.existing or ()), outcome.notes, pruned) == ((), 2, (), baseline)
    twice, _ = applied(baseline, OLD, replace(OLD, line=9))
    assert [each.line for each in twice.findings] == [9]
    other, _ = applied(baseline, replace(OLD, key="y"))
    assert other.errors == 1


def test_lines_are_sorted_and_tell_no_secret() -> None:
    """One line a finding, in an order that merges well, without the text that was found, and any path is one word."""
    odd = replace(OLD, path="skills/a b\n/é.md")
    text = render_baseline([odd, OLD, UNSAFE, HINT])
    head, *lines = text.splitlines()
    assert head.startswith("# ") and lines == sorted(lines) and [len(line.split()) for line in lines] == [3, 3, 3]
    assert "hunter2" not in text and not applied(text, odd, paths={odd.path})[0].findings


def test_safety_is_never_taken_in_silently() -> None:
    """It is not written; where somebody has put it there by hand, each run says so."""
    assert render_baseline([UNSAFE]) == render_baseline([])
    line = render_baseline([replace(UNSAFE, rule="content/when")]).replace("\ncontent/when", "\nsafety/secret")
    outcome, _ = applied(line, UNSAFE)
    assert not outcome.findings and any(path == UNSAFE.path for path, _ in outcome.notes)


def test_files_and_rules_may_be_renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is gone and another with the same finding are one; the name of a rule is the one it has now."""
    moved = replace(OLD, path="skills/b/SKILL.md")
    outcome, _ = applied(render_baseline([OLD]), moved, paths={moved.path})
    assert not outcome.findings and not outcome.notes
    copied, _ = applied(render_baseline([OLD]), OLD, moved, paths={OLD.path, moved.path})
    assert [each.path for each in copied.findings] == [moved.path]
    monkeypatch.setitem(RENAMED, "links/dead", OLD.rule)
    outcome, _ = applied(render_baseline([OLD]).replace(OLD.rule, "links/dead"), OLD)
    assert not outcome.findings


def test_new_rules_begin_as_hints() -> None:
    """A rule that there was not when the baseline was written fails nothing, except one about safety."""
    baseline = render_baseline([]).replace(f" {OLD.rule}", "").replace(f" {UNSAFE.rule}", "")
    outcome, pruned = applied(baseline, OLD, UNSAFE)
    assert {each.rule: each.severity for each in outcome.findings} == {OLD.rule: "hint", UNSAFE.rule: "error"}
    assert applied(pruned, OLD)[0].errors == 0


def test_what_is_fixed_is_a_note_and_can_be_removed() -> None:
    """Only a check of everything tells; pruning removes, and adds nothing."""
    baseline = render_baseline([OLD, HINT])
    outcome, pruned = applied(baseline, HINT, replace(OLD, key="new"))
    assert len(outcome.notes) == 1 and pruned == render_baseline([HINT])
    part, _ = with_baseline(Outcome(1, ()), baseline.encode(), PATHS, is_whole=False)
    assert not part.notes


def test_a_broken_baseline_is_an_error() -> None:
    """Not one in which nothing is listed."""
    with pytest.raises(UserError, match=":2 is not"):
        applied("# Rules\n<<<<<<< HEAD\n")
