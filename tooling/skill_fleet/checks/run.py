"""Select rules, explain them, and run them: on a skill, a fleet or a change."""

from __future__ import annotations

import difflib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from skill_fleet.checks.contexts import FleetContext, SkillContext, compare
from skill_fleet.checks.rule import Finding, Outcome, Rule, Scope
from skill_fleet.checks.rules import RULES
from skill_fleet.errors import UserError
from skill_fleet.fleet import Configuration, Fleet, Skill
from skill_fleet.markdown import parser


@dataclass(frozen=True)
class Selection:
    """The names of the rules to run; by default, of all rules."""

    names: frozenset[str] = frozenset(RULES)

    def rules(self, scope: Scope) -> list[Rule]:
        """The rules of one scope, in the order of their names."""
        return [RULES[name] for name in sorted(self.names) if RULES[name].scope == scope]


ALL = Selection()


def select(wanted: Iterable[str] = (), ignored: Iterable[str] = ()) -> Selection:
    """Select the rules of `--select` (default: all) without those of `--ignore`. UserError for an unknown name.

    A name is that of a rule or of a family. One word may hold several, separated by commas.
    """
    chosen = _named(wanted) or set(RULES)
    return Selection(frozenset(chosen - _named(ignored)))


def explain(name: str) -> str:
    """Return the text of the rule `name`, or the list of the rules of a family. UserError for an unknown name."""
    if name in RULES:
        rule = RULES[name]
        return f"{rule.name} ({rule.severity})\n\n{rule.text}\n"
    family = sorted((rule for rule in RULES.values() if rule.family == name.rstrip("/")), key=lambda rule: rule.name)
    if not family:
        raise _unknown(name)
    width = max(len(rule.name) for rule in family)
    return "".join(f"{rule.name:<{width}}  {rule.severity:<5}  {rule.summary}\n" for rule in family)


def _named(words: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for name in (part.strip() for word in words for part in word.split(",")):
        rules = {each for each in RULES if name in (each, RULES[each].family)}
        if name and not rules:
            raise _unknown(name)
        found |= rules
    return found


def _unknown(name: str) -> UserError:
    """The error for a name that is neither a rule nor a family, with the most similar names as its tip."""
    families = sorted({rule.family for rule in RULES.values()})
    known = {**{each: each for each in (*families, *RULES)}, **{rule.partition("/")[2]: rule for rule in RULES}}
    close = list(dict.fromkeys(known[each] for each in difflib.get_close_matches(name[:80].lower(), known, 4, 0.6)))
    tip = f"Did you mean {' or '.join(close[:3])}?" if close else f"The families are: {', '.join(families)}."
    return UserError(f"There is no rule or family {name!r}.", tip)


_BATCH = 50
"""The number of skills in one task: few enough to hold in memory, enough to pay for a message or a call of Git."""
_WORTH_FORKING = 200
"""The number of skills from which starting processes takes less time than it saves."""

Progress = Callable[[int, int], None]
"""Called with the number of skills that are done, and the number of all."""
Task = Callable[[], list[Finding]]


def check_skill(skill: Skill, selection: Selection = ALL) -> tuple[Finding, ...]:
    """Run the rules about one skill. Reads only the skill's own tree."""
    return tuple(sorted(_check_skill(skill, selection.rules("skill"))))


def check_fleet(
    fleet: Fleet, selection: Selection = ALL, progress: Progress | None = None, workers: int | None = None
) -> tuple[Finding, ...]:
    """Run the rules about one skill on each skill, and those about the fleet.

    `workers` is the number of processes; None: one for a small fleet, else one for each processor.
    UserError when the fleet's configuration cannot be read.
    """
    configuration = fleet.configuration

    def whole() -> list[Finding]:
        return list(_check(FleetContext(fleet, configuration), selection.rules("fleet")))

    return tuple(sorted(_not_ignored(_check_all(fleet, selection, [whole], progress, workers), configuration)))


def check_skills(fleet: Fleet, selection: Selection = ALL) -> tuple[Finding, ...]:
    """Run only the rules about one skill, on each skill: for skills that are not a fleet."""
    return tuple(sorted(_check_all(fleet, selection, [])))


def check_change(base: Fleet, head: Fleet, selection: Selection = ALL) -> Outcome:
    """Check what `head` changes in `base`: each changed skill, the fleet, and the change itself.

    A finding that the base has too, in whatever line, is `existing`. The configuration and the categories are those of
    the base. UserError when they cannot be read.
    """
    change, configuration = compare(base, head), base.configuration
    rules = selection.rules("skill")
    new: list[Finding] = []
    old: list[Finding] = []
    previous = {skill.id: change.previous(skill) for skill in change.changed}
    # prefetched separately, so that Git does not unpack all of the base for the little that is read of it
    for tree, skills in ((base.tree, previous.values()), (head.tree, change.changed)):
        tree.prefetch(entry for skill in skills if skill for entry in skill.entries)
    for skill in change.changed:
        before = previous[skill.id]
        known = _check_skill(before, rules) if before else ()
        _split(_check_skill(skill, rules), known, new, old, skill, before)
    context = FleetContext(head, configuration, frozenset(previous), base.taxonomy)
    if now := list(_check(context, selection.rules("fleet"))):
        focus = frozenset(before.id for before in previous.values() if before)
        earlier = FleetContext(base, configuration, focus, None, focus | context.near_duplicates)
        found = {finding.rule for finding in now}
        _split(now, _check(earlier, [rule for rule in selection.rules("fleet") if rule.name in found]), new, old)
    new += _check(change, selection.rules("change"))
    new, old = ([*_not_ignored(findings, configuration)] for findings in (new, old))
    return Outcome(len(change.changed), tuple(sorted(new)), tuple(sorted(old)))


def _check_skill(skill: Skill, rules: Iterable[Rule]) -> Iterator[Finding]:
    return _check(SkillContext(skill), rules, skill.id)


def _check(context: object, rules: Iterable[Rule], skill: str = "") -> Iterator[Finding]:
    for rule in rules:
        yield from rule.findings(context, skill)


def _check_all(
    fleet: Fleet,
    selection: Selection,
    first: list[Task],
    progress: Progress | None = None,
    workers: int | None = None,
) -> list[Finding]:
    """Run the tasks `first`, which take longest, and the rules about one skill on each skill."""
    rules = selection.rules("skill")
    batches = [fleet.skills[start : start + _BATCH] for start in range(0, len(fleet.skills), _BATCH)]

    def check_batch(skills: Sequence[Skill]) -> list[Finding]:
        files = [entry for skill in skills for entry in skill.entries]
        fleet.tree.prefetch(files)
        # copies, so that what was read of a skill is freed with them
        found = [finding for skill in skills for finding in _check_skill(replace(skill), rules)]
        fleet.tree.release(files)
        return found

    if workers is None:
        workers = _processors() if len(fleet.skills) >= _WORTH_FORKING else 1
    if workers > 1:
        parser()  # once here, not in every process
    found: list[Finding] = []
    done = 0
    for number, some in run_tasks([*first, *(partial(check_batch, batch) for batch in batches)], workers):
        found += some
        if number >= len(first):
            done += len(batches[number - len(first)])
            if progress:
                progress(done, len(fleet.skills))
    return found


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_tasks(tasks: Sequence[Task], workers: int) -> Iterator[tuple[int, list[Finding]]]:
    """Run every task, and yield its number with its findings, in any order. What a task raises is raised here.

    The processes are forked, so they share the fleet without a copy. Where there is no fork, or where another thread
    would be left behind by it, the tasks run here.
    """
    import threading

    count = min(workers, len(tasks))
    if count < 2 or not hasattr(os, "fork") or threading.active_count() > 1:
        yield from enumerate(task() for task in tasks)
        return
    from concurrent.futures import ProcessPoolExecutor, as_completed  # 40 ms
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(count, get_context("fork"), _forked.extend, (tasks,))
    try:
        numbers = {pool.submit(_run_forked, number): number for number in range(len(tasks))}
        for future in as_completed(numbers):
            yield numbers[future], future.result()
    finally:
        pool.shutdown(cancel_futures=True)


_forked: list[Task] = []
"""In a forked process: all tasks, which cannot be pickled."""


def _run_forked(number: int) -> list[Finding]:
    return _forked[number]()


def _not_ignored(findings: Iterable[Finding], configuration: Configuration) -> Iterator[Finding]:
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
    """Sort the findings of the head into `new` and `old`: each finding of the base excuses one that is the same."""
    excused = Counter(_identity(finding, before) for finding in known)
    for finding in sorted(now):
        same = _identity(finding, skill)
        if excused[same]:
            excused[same] -= 1
            old.append(finding)
        else:
            new.append(finding)


def _identity(finding: Finding, skill: Skill | None) -> tuple[str, str, str]:
    """What two findings that are the same have in common. Paths are relative to the skill, so a move changes nothing."""
    return finding.rule, skill.relative(finding.path) if skill else finding.path, finding.key
