"""Select rules, explain them, and run them: on a skill, a fleet or a change."""

from __future__ import annotations

import difflib
import gc
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from skill_fleet.checks.contexts import ChangeContext, FleetContext, SkillContext, compare
from skill_fleet.checks.rule import Finding, Outcome, Rule, Scope
from skill_fleet.checks.rules import RULES
from skill_fleet.errors import UserError
from skill_fleet.fleet import ROOT, Configuration, Copy, Fleet, MemoryTree, Skill, is_in, real_paths
from skill_fleet.markdown import parser


@dataclass(frozen=True)
class Selection:
    """The rules to run: those of `--select` (None: the default ones), without those of `--ignore`."""

    wanted: frozenset[str] | None = None
    ignored: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    """The rules to which the settings give a severity, and which therefore run by default."""

    @property
    def names(self) -> frozenset[str]:
        """The names of the rules."""
        default = {name for name in RULES if RULES[name].default or name in self.named}
        return frozenset((default if self.wanted is None else self.wanted) - self.ignored)

    def under(self, configuration: Configuration) -> Selection:
        """The same selection where these settings apply. UserError when they name a rule that does not exist."""
        used = (*configuration.ignore, *configuration.severity, *chain.from_iterable(configuration.exempt.values()))
        _named((each for each in used if each.partition("/")[0] != "evals"), " (the settings name it)")
        unheeded = {} if configuration.clients else {name for name in RULES if RULES[name].profile_only}
        return replace(self, named=frozenset(configuration.severity), ignored=self.ignored.union(unheeded))

    def rules(self, scope: Scope, is_ours: bool = True) -> list[Rule]:
        """The rules of one scope, in the order of their names; those of a fleet only where it `is_ours`."""
        chosen = (RULES[name] for name in sorted(self.names))
        return [each for each in chosen if each.scope == scope and (is_ours or not each.ours)]


ALL = Selection()


def select(wanted: Iterable[str] = (), ignored: Iterable[str] = ()) -> Selection:
    """Select the rules of `--select` (default: all default rules) without those of `--ignore`.

    A name is that of a rule or of a family, or `all`. One word may hold several, separated by commas. A family has its
    default rules. UserError for an unknown name, and when no rule is left.
    """
    words = tuple(wanted)
    chosen = {name for name, exactly in _named(words) if exactly or RULES[name].default}
    found = Selection(frozenset(chosen) if words else None, frozenset(name for name, _ in _named(ignored)))
    if not found.names:
        raise UserError("No rule is left to run.", "See --select and --ignore: skill-fleet validate --help")
    return found


def rules_digest() -> str:
    """A digest of the code of all rules. With the same digest, the same files give the same findings."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def explain(name: str) -> str:
    """Return the text of the rule `name`, or the list of the rules of a family. UserError for an unknown name."""
    if name in RULES:
        rule = RULES[name]
        return f"{rule.name} ({rule.severity}{'' if rule.default else ', off by default'})\n\n{rule.text}\n"
    family = sorted((rule for rule in RULES.values() if rule.family == name.rstrip("/")), key=lambda rule: rule.name)
    if not family:
        raise _unknown(name)
    width = max(len(rule.name) for rule in family)
    return "".join(
        f"{rule.name:<{width}}  {rule.severity if rule.default else 'off':<5}  {rule.summary}\n" for rule in family
    )


def _named(words: Iterable[str], where: str = "") -> set[tuple[str, bool]]:
    """The rules that the words name, each with whether it is named itself and not by its family."""
    found: set[tuple[str, bool]] = set()
    for name in (part.strip() for word in words for part in word.split(",")):
        rules = {(each, name != RULES[each].family) for each in RULES if name in (each, RULES[each].family, "all")}
        if name and not rules:
            raise _unknown(name, where)
        found |= rules
    return found


def _unknown(name: str, where: str = "") -> UserError:
    """The error for a name that is neither a rule nor a family, with the most similar names as its tip."""
    families = sorted({rule.family for rule in RULES.values()})
    meant = {each: [each] for each in (*families, *RULES)}
    for rule in RULES:  # also named without its family
        meant.setdefault(rule.partition("/")[2], []).append(rule)
    similar = difflib.get_close_matches(name[:80].lower(), meant, 4, 0.6)
    close = list(dict.fromkeys(each for word in similar for each in meant[word]))
    tip = f"Did you mean {' or '.join(close[:3])}?" if close else f"The families are: {', '.join(families)}."
    return UserError(f"There is no rule or family {name!r}{where}.", tip)


_BATCH = 50
"""The number of skills in one task: small enough to hold in memory, large enough to amortise one Git call."""
_WORTH_FORKING = 500
"""Below this many skills, starting processes costs more than it saves."""

Result = TypeVar("Result")


def check_skill(skill: Skill, selection: Selection = ALL) -> tuple[Finding, ...]:
    """Run the rules about one skill. Reads only the skill's own tree."""
    return as_configured(_skill_findings(skill, selection.rules("skill")), Configuration())


def check_files(skill: str, files: Mapping[str, str]) -> tuple[Finding, ...]:
    """Run the rules about one skill on texts, by path in the folder of the skill with this id."""
    folder = f"{ROOT}/{skill}"
    tree = MemoryTree({f"{folder}/{path}": text.encode("utf-8", "surrogatepass") for path, text in files.items()})
    return check_skill(Skill(skill, folder, tree.entries, tree))


def check_fleet(fleet: Fleet, selection: Selection = ALL, workers: int | None = None) -> tuple[Finding, ...]:
    """Run the rules about one skill on each skill, and those about all of them.

    `workers` is the number of processes; None: one for a small fleet, else one for each processor.
    UserError when the fleet's configuration cannot be read.
    """
    configuration = fleet.configuration
    selection = selection.under(configuration)

    def check_whole() -> list[Finding]:
        found = _run_rules(FleetContext(fleet, configuration), selection.rules("fleet", fleet.is_ours))
        return [*found, *_only_in_copies(fleet.copies, selection.rules("skill"))]

    return as_configured(_check_in_batches(fleet, selection, [check_whole], workers), configuration)


def _only_in_copies(copies: Iterable[Copy], rules: Sequence[Rule]) -> Iterator[Finding]:
    """The findings of copies that differ from their sources, without those that their sources have as well."""
    for copy in copies:
        if copy.differing:
            found, there = (_skill_findings(skill, rules) for skill in (copy.skill, copy.source))
            yield from _split(found, there, copy.skill, copy.source)[0]


def check_change(base: Fleet, head: Fleet, selection: Selection = ALL, within: Sequence[str] = ("",)) -> Outcome:
    """Check what `head` changes in `base`, below the folders `within`: each changed skill, all together, the change.

    A finding also present in the base, on any line, counts as existing. The configuration and the categories are those
    of the base. UserError when they cannot be read.
    """
    change, configuration = compare(base, head), base.configuration
    selection = selection.under(configuration)
    changed = [skill for skill in change.changed if is_in(skill.path, within)]
    base_skills = {skill.id: change.previous(skill) for skill in changed}
    # prefetched separately, so that Git does not unpack all of the base for the little that is read of it
    for tree, skills in ((base.tree, base_skills.values()), (head.tree, changed)):
        tree.prefetch(entry for skill in skills if skill for entry in skill.entries)
    rules = selection.rules("skill")
    new, existing = _split_fleet(base, head, base_skills, selection.rules("fleet", head.is_ours))
    new += _run_rules(change, selection.rules("change", head.is_ours))
    copies = [each for each in head.copies if any(entry.path in change.paths for entry in each.skill.entries)]
    new += _in_copies(base, copies, rules)
    for head_skill in changed:
        base_skill = base_skills[head_skill.id]
        base_findings = _skill_findings(base_skill, rules) if base_skill else ()
        fresh, known = _split(_skill_findings(head_skill, rules), base_findings, head_skill, base_skill)
        new += fresh
        existing += known
    new, existing = ([each for each in findings if is_in(each.path, within)] for findings in (new, existing))
    return Outcome(
        len(changed) + len(copies), as_configured(new, configuration), as_configured(existing, configuration)
    )


def _in_copies(base: Fleet, copies: Iterable[Copy], rules: Sequence[Rule]) -> Iterator[Finding]:
    """The findings that a change brings into copies: neither in the copy before, nor in its source now."""
    before = {each.path: each for each in (*base.skills, *(copy.skill for copy in base.copies))}
    for copy in copies:
        old = before.get(copy.skill.path)
        new, _ = _split(_skill_findings(copy.skill, rules), _skill_findings(old, rules) if old else (), copy.skill, old)
        yield from _split(new, _skill_findings(copy.source, rules), copy.skill, copy.source)[0]


def _split_fleet(
    base: Fleet, head: Fleet, base_skills: Mapping[str, Skill | None], rules: Sequence[Rule]
) -> tuple[list[Finding], list[Finding]]:
    """Run the rules about a fleet, and return the new and the existing findings. What is in a moved file is new."""
    settings = base.configuration
    head_context = FleetContext(head, settings, focus=frozenset(base_skills), taxonomy=base.taxonomy)
    head_findings = _run_rules(head_context, rules)
    broken = {finding.rule for finding in head_findings}
    focus = frozenset(skill.id for skill in base_skills.values() if skill)
    # only what was found in the head can be existing: so only its rules, and only its near duplicates are compared again
    candidates = focus | head_context.near_duplicates
    base_context = FleetContext(base, settings, focus=focus, candidates=candidates)
    return _split(head_findings, _run_rules(base_context, [rule for rule in rules if rule.name in broken]))


def _skill_findings(skill: Skill, rules: Iterable[Rule]) -> list[Finding]:
    """Run rules about one skill; what they read of it is dropped at the end."""
    context = SkillContext(skill)
    found = _run_rules(context, rules, skill.id)
    context.forget()
    return found


def _run_rules(
    context: SkillContext | FleetContext | ChangeContext, rules: Iterable[Rule], skill: str = ""
) -> list[Finding]:
    return [finding for rule in rules for finding in rule.findings(context, skill)]


def _check_in_batches(
    fleet: Fleet, selection: Selection, first: Sequence[Callable[[], list[Finding]]] = (), workers: int | None = None
) -> list[Finding]:
    """Run the tasks `first`, which take longest, and the rules about one skill on each skill."""
    rules = selection.rules("skill")

    def check_batch(skills: Sequence[Skill]) -> list[Finding]:
        files = [entry for skill in skills for entry in skill.entries]
        fleet.tree.prefetch(files)
        # copies, so that what was read of a skill is freed with them
        found = [finding for skill in skills for finding in _skill_findings(replace(skill), rules)]
        fleet.tree.release(files)
        return found

    if len(fleet.skills) >= _WORTH_FORKING:
        parser()  # once here, not in every process
    return in_batches(fleet.skills, check_batch, first, workers)


def in_batches(
    skills: Sequence[Skill], work: Callable[[Sequence[Skill]], list[Result]],
    first: Sequence[Callable[[], list[Result]]] = (), workers: int | None = None,
) -> list[Result]:  # fmt: skip
    """Do the tasks `first` and some work on skills, and return all results, which can be pickled, in this order.

    `workers` is the number of processes; None: one for few skills, else one for each processor.
    """
    if workers is None and len(skills) >= _WORTH_FORKING:
        workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    batches = (skills[start : start + _BATCH] for start in range(0, len(skills), _BATCH))
    return run_tasks([*first, *(partial(work, batch) for batch in batches)], workers or 1)


def run_tasks(tasks: Sequence[Callable[[], list[Result]]], workers: int) -> list[Result]:
    """Run every task and return all results. An exception in a task is re-raised here.

    The processes are forked, so they share the fleet without a copy. Where there is no fork or it is not safe
    (macOS), or where another thread would be left behind by it, the tasks run here.
    """
    import threading

    count = min(workers, len(tasks))
    is_safe = hasattr(os, "fork") and sys.platform != "darwin" and threading.active_count() == 1
    if count < 2 or not is_safe:
        return [result for task in tasks for result in task()]
    from concurrent.futures import ProcessPoolExecutor  # 40 ms
    from multiprocessing import get_context

    gc.freeze()  # or each process would look through the fleet again and again, and copy it in doing so
    with ProcessPoolExecutor(count, get_context("fork"), _forked.extend, (tasks,)) as pool:
        return [result for found in pool.map(_run_forked, range(len(tasks))) for result in found]


_forked: list[Callable[[], list[Any]]] = []
"""In a forked process: all tasks, which cannot be pickled."""


def _run_forked(number: int) -> list[Any]:
    return _forked[number]()


def as_configured(findings: Iterable[Finding], configuration: Configuration) -> tuple[Finding, ...]:
    """The findings in order, as the settings have it: without some rules or clients, or with another severity."""
    kept, clients = [], frozenset(configuration.clients)
    for finding in findings:
        rule = RULES.get(finding.rule)  # evidence is checked elsewhere
        if not (finding.clients & clients if finding.clients and clients else not (rule and rule.profile_only)):
            continue
        names = {finding.rule, finding.rule.partition("/")[0]}
        parts = finding.skill.split("/")
        ids = {finding.skill, *("/".join(parts[:end]) + "/" for end in range(1, len(parts)))}
        exempt = {name for each in ids for name in configuration.exempt.get(each, ())}
        if not names & {*configuration.ignore, *exempt}:
            severity = configuration.severity.get(finding.rule, finding.severity)
            kept.append(finding if severity == finding.severity else replace(finding, severity=severity))
    return tuple(sorted(kept))


def on_real_paths(outcome: Outcome, fleet: Fleet) -> Outcome:
    """The outcome with each finding on the file itself, where that was read through a link."""
    if not (real := real_paths(fleet)):
        return outcome
    found, existing = (
        tuple(sorted(replace(each, path=real.get(each.path, each.path)) for each in findings or ()))
        for findings in (outcome.findings, outcome.existing)
    )
    return replace(outcome, findings=found, existing=existing if outcome.existing is not None else None)


def _split(
    head_findings: Iterable[Finding],
    base_findings: Iterable[Finding],
    head_skill: Skill | None = None,
    base_skill: Skill | None = None,
) -> tuple[list[Finding], list[Finding]]:
    """Return the new and the existing findings of the head: each finding of the base excuses one that is the same."""
    excused = Counter(_identity(finding, base_skill) for finding in base_findings)
    new: list[Finding] = []
    existing: list[Finding] = []
    for finding in sorted(head_findings):
        same = _identity(finding, head_skill)
        (existing if excused[same] > 0 else new).append(finding)
        excused[same] -= 1
    return new, existing


def _identity(finding: Finding, skill: Skill | None) -> tuple[str, str, str]:
    """What two findings that are the same have in common. Paths are relative to `skill`, if given: then a move is none."""
    return finding.rule, skill.relative(finding.path) if skill else finding.path, finding.key
