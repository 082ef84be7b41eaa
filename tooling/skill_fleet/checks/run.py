"""Run the rules: on one skill, on a fleet, on a change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from skill_fleet.checks.change import compare
from skill_fleet.checks.finding import Finding, Outcome
from skill_fleet.checks.parallel import Task, cores, run_all
from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Rule
from skill_fleet.checks.selection import ALL, Selection
from skill_fleet.checks.survey import Survey
from skill_fleet.fleet import Configuration, Fleet, Skill
from skill_fleet.markdown import parser

_TOGETHER = 50
"""How many skills are one task: few enough to be held, many enough to pay for a message or a call of Git."""
_ENOUGH = 200
"""From how many skills on starting workers takes less time than it saves."""

Progress = Callable[[int, int], None]
"""Told how many skills are done, of how many."""


def check_skill(skill: Skill, selection: Selection = ALL) -> tuple[Finding, ...]:
    """Run the rules about one skill. Reads nothing but the skill's own tree."""
    return tuple(sorted(_on_skill(skill, selection.rules("skill"))))


def check_fleet(
    fleet: Fleet, selection: Selection = ALL, progress: Progress | None = None, workers: int | None = None
) -> tuple[Finding, ...]:
    """Run the rules about one skill on each, and those about the fleet on the whole.

    `workers` is how many processes share the skills; None: as many as pay.
    UserError when the fleet's configuration cannot be read.
    """
    configuration = fleet.configuration

    def whole() -> list[Finding]:
        return list(_on_fleet(Survey(fleet, configuration), selection.rules("fleet")))

    return tuple(sorted(_holding(_shared(fleet, selection, [whole], progress, workers), configuration)))


def check_skills(fleet: Fleet, selection: Selection = ALL, workers: int | None = None) -> tuple[Finding, ...]:
    """Run the rules about one skill on each, and nothing else: for skills that are no fleet. `workers` as above."""
    return tuple(sorted(_shared(fleet, selection, [], None, workers)))


def _shared(
    fleet: Fleet, selection: Selection, first: list[Task], progress: Progress | None, workers: int | None
) -> list[Finding]:
    """What the `first` tasks find, and the rules about one skill on each. The first begin first: they take longest."""
    rules = selection.rules("skill")
    portions = [fleet.skills[start : start + _TOGETHER] for start in range(0, len(fleet.skills), _TOGETHER)]

    def part(skills: Sequence[Skill]) -> list[Finding]:
        files = [entry for skill in skills for entry in skill.entries]
        fleet.tree.prefetch(files)
        # of copies, so that what was read of a skill goes with it
        of_each = [finding for skill in skills for finding in _on_skill(replace(skill), rules)]
        fleet.tree.release(files)
        return of_each

    if workers is None:
        workers = cores() if len(fleet.skills) >= _ENOUGH else 1
    if workers > 1:
        parser()  # once, and not in every worker
    found: list[Finding] = []
    done = 0
    for number, some in run_all([*first, *(partial(part, portion) for portion in portions)], workers):
        found += some
        if number >= len(first):
            done += len(portions[number - len(first)])
            if progress:
                progress(done, len(fleet.skills))
    return found


def check_change(base: Fleet, head: Fleet, selection: Selection = ALL) -> Outcome:
    """Check what `head` brings against `base`: the skills whose files differ one by one, the fleet as a whole.

    A finding that the base has too, whatever its line, is not the change's fault: it is `existing`. The configuration
    and the categories are the base's. UserError when that cannot be read.
    """
    change, configuration = compare(base, head), base.configuration
    rules = selection.rules("skill")
    new: list[Finding] = []
    old: list[Finding] = []
    # read on their own: that something of the base is needed must not make Git unpack all of it
    for tree, skills in ((base.tree, map(change.before, change.touched)), (head.tree, change.touched)):
        tree.prefetch(entry for skill in skills if skill for entry in skill.entries)
    for skill in change.touched:
        before = change.before(skill)
        known = _on_skill(before, rules) if before else ()
        _split(_on_skill(skill, rules), known, new, old, skill, before)
    focus = frozenset(skill.id for skill in change.touched)
    survey = Survey(head, configuration, focus, base.taxonomy)
    if now := list(_on_fleet(survey, selection.rules("fleet"))):
        was = frozenset(before.id for skill in change.touched if (before := change.before(skill)))
        told = {finding.rule for finding in now}
        again = [rule for rule in selection.rules("fleet") if rule.name in told]
        _split(
            now, _on_fleet(Survey(base, configuration, was, among=was | survey.alike, beside=survey), again), new, old
        )
    for rule in selection.rules("change"):
        new += rule.findings(change)
    return Outcome(
        len(change.touched),
        tuple(sorted(_holding(new, configuration))),
        tuple(sorted(_holding(old, configuration))),
    )


def _on_skill(skill: Skill, rules: Iterable[Rule]) -> Iterator[Finding]:
    reading = Reading(skill)
    for rule in rules:
        yield from rule.findings(reading, skill.id)


def _on_fleet(survey: Survey, rules: Iterable[Rule]) -> Iterator[Finding]:
    for rule in rules:
        yield from rule.findings(survey)


def _holding(findings: Iterable[Finding], configuration: Configuration) -> Iterator[Finding]:
    """The findings of rules that the maintainers have not switched off, for the fleet or for a skill."""
    if not (configuration.ignore or configuration.exempt):
        yield from findings
        return
    for finding in findings:
        names = {finding.rule, finding.rule.partition("/")[0]}
        ids = {finding.skill, f"{finding.skill.partition('/')[0]}/"}
        exempt = {name for each in ids for name in configuration.exempt.get(each, ())}
        if not names & {*configuration.ignore, *exempt}:
            yield finding


def _split(
    now: Iterable[Finding],
    known: Iterable[Finding],
    new: list[Finding],
    old: list[Finding],
    skill: Skill | None = None,
    before: Skill | None = None,
) -> None:
    """Sort what is found now into `new` and `old`: each known finding excuses one of the same fingerprint."""
    excused = Counter(_fingerprint(finding, before) for finding in known)
    for finding in sorted(now):
        mark = _fingerprint(finding, skill)
        if excused[mark]:
            excused[mark] -= 1
            old.append(finding)
        else:
            new.append(finding)


def _fingerprint(finding: Finding, skill: Skill | None) -> tuple[str, str, str]:
    """What makes two findings the same. A skill's paths count from its folder, so that a move changes none."""
    return finding.rule, skill.relative(finding.path) if skill else finding.path, finding.key
