"""Edits by a model: placed exactly once, made without overlap, each request whole or not at all, and refused if they
break the skill. What was refused is asked for once more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from skill_fleet.checks import Finding
from skill_fleet.markdown import CannotPlace, Markdown, Replacement, estimated_tokens, place, put, without_front_matter
from skill_fleet.model.client import ModelClient, Refused, Spent

if TYPE_CHECKING:
    from skill_fleet.model.prompts import SkillEdit

# besides SKILL.md, the files that a draft may have; a revision may create references
FILE = re.compile(r"references/[a-z0-9]+(?:-[a-z0-9]+)*\.md\Z|(?:scripts|assets)/[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")
_PROMPT = 1_500  # tokens of the question to an editor beside its inputs
_LABELS = re.compile(r"[,;\s]+")


Check = Callable[[dict[str, str]], Sequence[Finding]]  # of a skill's files, by their path in its folder
SkillCheck = Callable[[str, dict[str, str]], Sequence[Finding]]  # the same for the skill of an id
Made = dict[str, list[Replacement]]  # of one request, by file
Reach = Callable[[str, Made], str]
"""Returns the reason why a request may not have these replacements; "" if it may."""


@dataclass
class Applied:
    """The files with all edits that could be made. The others are by label (of a request)."""

    files: dict[str, str]
    given: dict[str, Sequence[SkillEdit]] = field(default_factory=dict)  # as the model gave them
    made: dict[str, Made] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)  # why they could not be made
    left: dict[str, str] = field(default_factory=dict)  # why the model gave none
    along: dict[str, str] = field(default_factory=dict)  # the label whose edits solve this, too
    short: dict[str, str] = field(default_factory=dict)  # why not every planned edit was made


def edited(
    client: ModelClient,
    step: str,
    files: Mapping[str, str],
    labels: Iterable[str],
    question: Callable[[Mapping[str, str]], dict[str, str]],
    check: Check,
    unsolved: Callable[[Applied], dict[str, str]],
    *,
    reach: Reach = lambda *_: "",
    most: int | None = None,
) -> Applied:
    """Ask for the edits of each label, and once more for those that are `unsolved` (the reason by label).

    `question` returns the inputs for the open labels, each with the reason why its edits were refused, "" at first. A run
    with `most`, the tokens of all calls at which it stops asking, can do without edits.
    """
    open_ = dict.fromkeys(labels, "")
    first: Applied | None = None
    done = Applied(dict(files))
    for _ in range(2):
        try:
            inputs = question(open_)
            if most is not None and client.meter.used + cost_of(inputs, len(open_)) > most:
                raise Spent("The budget is spent.", "")
            reply = client.ask(step, inputs)
        except (Refused, Spent) as problem:
            if isinstance(problem, Spent) and most is None:
                raise
            why = problem.reason if isinstance(problem, Refused) else problem.message
            done.refused |= {label: why for label in open_ if label not in done.made and label not in done.refused}
            break
        edits, left = reply if isinstance(reply, tuple) else (reply, [])
        given: dict[str, list[SkillEdit]] = {}
        for one in edits:
            label, *others = _LABELS.split(one.id.strip())
            done.along |= dict.fromkeys(others, label)
            if label in open_:
                given.setdefault(label, []).append(one)
        trial = apply_edits(files, {**done.given, **given}, check, reach)
        trial.along = done.along
        trial.left = done.left | {label: one.why for one in left for label in _LABELS.split(one.id)}
        first = first or trial
        still = unsolved(trial)
        if (len(still), -len(trial.made)) <= (len(open_), -len(done.made)):  # the second time may be worse
            done, open_ = trial, still
        if not open_:
            break
    for label in done.made:
        if first and (label in open_ or len(done.given[label]) < len(first.given.get(label, ()))):
            done.short[label] = first.refused.get(label) or open_.get(label) or "the model left some out."
    return done


def cost_of(inputs: Mapping[str, str], edits: int) -> int:
    """Return the tokens of a question with these inputs and its reply of so many edits, about."""
    return sum(map(estimated_tokens, inputs.values())) + _PROMPT + 200 * (1 + edits)


def apply_edits(
    files: Mapping[str, str], given: Mapping[str, Sequence[SkillEdit]], check: Check, reach: Reach
) -> Applied:
    """Make the edits of each label, all or none, in the order of `given`, each checked together with those before it."""
    result = Applied(dict(files), dict(given))
    for label, edits in given.items():
        mine: Made = {}
        try:
            for one in edits:
                if why := cannot_edit(one.file, files):
                    raise CannotPlace(why)
                mine.setdefault(one.file, []).append(place(files.get(one.file, ""), label, one.old, one.new))
            if why := reach(label, mine):
                raise CannotPlace(why)
            trial = dict(result.files)
            for path, replacements in mine.items():
                others = [one for made in result.made.values() for one in made.get(path, ())]
                trial[path] = put(files.get(path, ""), [*others, *replacements])
            if why := breakage(result.files, trial, check):
                raise CannotPlace(why)
        except CannotPlace as problem:
            result.refused[label] = str(problem)
        else:
            result.files, result.made[label] = trial, mine
    return result


def made_edits(files: Mapping[str, str], edits: Iterable[Any], check: Check) -> Applied:
    """Make edits, those of one id all or none."""
    given: dict[str, list[SkillEdit]] = {}
    for one in edits:
        given.setdefault(one.id, []).append(one)
    return apply_edits(files, given, check, lambda *_: "")


def cannot_edit(path: str, files: Mapping[str, str]) -> str:
    """Return the reason why a revision may neither edit nor create a file; "" if it may."""
    may = path in files or (FILE.match(path) and path.startswith("references/"))
    return "" if may else f"There is no file {path!r}, and a new one may only be references/NAME.md."


def breakage(before: Mapping[str, str], after: dict[str, str], check: Check) -> str:
    """Return what a change of files breaks: a heading or a code block, a rule. "" if nothing."""
    for path in (path for path in after if path.endswith(".md") and after[path] != before.get(path)):
        old, new = (Markdown(without_front_matter(each.get(path, ""))) for each in (before, after))
        was, now = Counter(old.lines), Counter(new.lines)
        for line in Counter(_marks(old)) - Counter(_marks(new)):
            if now[line] >= was[line]:
                return f"After the edit, the line {line!r} is in a code block that it does not belong to."
    known = {_key(one) for one in check(dict(before))}
    errors = (one for one in check(dict(after)) if one.severity == "error")
    error = next((one for one in errors if _key(one) not in known), None)
    return f"The edit causes an error: {error.rule}: {error.message}" if error else ""


def _key(one: Finding) -> tuple[str, ...]:
    return one.path, one.rule, one.key or one.message


def _marks(text: Markdown) -> Iterator[str]:
    """The lines that begin a heading or a code block."""
    yield from (text.lines[block.start] for block in text.blocks if block.kind in ("heading", "fence"))
