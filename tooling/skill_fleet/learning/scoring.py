"""How good the answers of a step are. Code decides: no model is asked, and the words of a skill or a reply are never run.

A score is one from 0 to 1, the reason in words for an optimiser, and what was counted. Whether a program is better is
decided by `score`, outside of any optimiser: each example is asked once, in a run that counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import partial
from statistics import fmean
from typing import Any

from skill_fleet import evals, model
from skill_fleet.checks import check_files
from skill_fleet.fleet import ModelSettings, prompts_led
from skill_fleet.learning.examples import Example
from skill_fleet.markdown import estimated_tokens

UNBOUNDED = "findings in a skill as it is"
"""What is counted for each skill, and is no share."""
_PROMPT = 1_500  # tokens of a question beside its inputs

Gold = Mapping[str, Any]
"""What is known about the right answer, as JSON."""


@dataclass(frozen=True)
class Score:
    """The score of one answer, what to say to an optimiser, and what was counted: by name, how many of how many."""

    value: float
    feedback: str = ""
    seen: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)


def critique_score(gold: Gold, problems: Sequence[Any]) -> Score:
    """Score findings by the errors that were planted. A finding counts when it quotes one of the lines of an error, or
    names what the error put there; `missing` may quote the line before."""
    errors, files = gold["errors"], gold["files"]
    named = [{at for at, error in enumerate(errors) if _names(one, error, files)} for one in problems]
    found, right = set[int]().union(*named), sum(map(bool, named))
    feedback = [f"Missed: {_described(error)}" for at, error in enumerate(errors) if at not in found]
    wrong = (one for one, hits in zip(problems, named, strict=True) if not hits)
    feedback += [f"Reported, and no error: {one.rule} in {one.file}, {one.quote!r}: {one.why}" for one in wrong]
    if not errors:
        bare = Counter({UNBOUNDED: len(problems)})
        return Score(1 / (1 + len(problems)), "\n".join(feedback), bare, Counter([*bare]))
    kinds = Counter(f"recall, {error['kind']}" for error in errors)
    of = Counter({"recall": len(errors), "precision": len(problems)}) + kinds
    seen = Counter({"recall": len(found), "precision": right})
    seen.update(f"recall, {errors[at]['kind']}" for at in found)
    return Score((len(found) + right) / (len(errors) + len(problems)), "\n".join(feedback), seen, of)


def _names(one: Any, error: Gold, files: Mapping[str, str]) -> bool:
    quote, new = one.quote.strip(), error["new"].strip()
    if len(new) > 5 and new in f"{quote} {one.why}":
        return True
    first = error["first"] - (one.rule == "missing")
    lines = files.get(one.file, "").split("\n")[max(first, 1) - 1 : error["last"]]
    return bool(quote) and one.file == error["file"] and any(quote in line for line in lines)


def _described(error: Gold) -> str:
    place = f"{error['kind']} in {error['file']}, line {error['first']}"
    return f"{place}: {error['old']!r} became {error['new']!r}" if error["new"] else f"{place}: it was {error['old']!r}"


def edit_score(gold: Gold, reply: Any) -> Score:
    """Score edits: the share that can be made and breaks no rule, times how far the lines that they change are those that
    were changed by what people accepted."""
    before, wanted = gold["before"], gold["after"]
    edits = reply[0] if isinstance(reply, tuple) else reply
    done = model.made_edits(before, edits, partial(check_files, gold["skill"]))
    ours, theirs = _changed(before, done.files), _changed(before, wanted)
    common, all_ = len(ours & theirs), len(ours | theirs)
    feedback = [f"{label}: {why}" for label, why in done.refused.items()]
    feedback += [f"Not changed: {path}, line {at}" for path, at in sorted(theirs - ours)]
    feedback += [f"Changed without need: {path}, line {at}" for path, at in sorted(ours - theirs)]
    seen, of = Counter(placed=len(done.made), lines=common), Counter(placed=len(done.given), lines=all_)
    share = len(done.made) / len(done.given) if done.given else float(not theirs)
    return Score(share * (common / all_ if all_ else 1.0), "\n".join(feedback), seen, of)


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> set[tuple[str, int]]:
    """The lines of `before`, from 1, that differ in `after`; for what is inserted, the line above it."""
    found = set()
    for path in {*before, *after}:
        old, new = (each.get(path, "").split("\n") for each in (before, after))
        for tag, first, last, _, _ in SequenceMatcher(None, old, new).get_opcodes():
            if tag != "equal":
                found |= {(path, at) for at in range(first + (last > first), max(last, first) + 1)}
    return found


def triage_score(gold: Gold, verdicts: Sequence[Any]) -> Score:
    """Score verdicts by those that reviewers accepted: half for the verdict, half for the files."""
    said = {one.thread: one for one in verdicts}
    scores, feedback = [], []
    for label, wanted in gold["verdicts"].items():
        one = said.get(label)
        right = one and one.verdict == wanted["verdict"]
        scores.append((bool(right) + bool(right and one and {*one.files} == {*wanted["files"]})) / 2)
        if scores[-1] < 1:
            feedback.append(f"{label}: not {one and one.verdict}, but {wanted['verdict']} {wanted['files']}")
    seen = Counter({"threads": sum(each == 1 for each in scores)})
    return Score(fmean(scores) if scores else 1.0, "\n".join(feedback), seen, Counter({"threads": len(scores)}))


def draft_score(gold: Gold, reply: Any) -> Score:
    """Score a draft by the mean of three: whether it breaks no rule, the share of its lines that are in the skill that was
    merged, and its description."""
    try:
        files = model.drafted(gold["skill"], reply, model.sources_shown(gold["sources"]))
    except model.Unreadable as problem:
        return Score(0.0, str(problem))
    errors = [one for one in check_files(gold["skill"], files) if one.severity == "error"]
    ours, merged = (Counter(filter(str.strip, "\n".join(each.values()).split("\n"))) for each in (files, gold["after"]))
    kept, words = (ours & merged).total(), describe_score(gold, reply[0].description)
    feedback = [f"{one.rule} in {one.path}, line {one.line}: {one.message}" for one in errors]
    feedback += [f"Not in the skill that was merged: {line}" for line in ours - merged]
    seen = Counter({"without errors": int(not errors), "lines": kept}) + words.seen
    of = Counter({"without errors": 1, "lines": ours.total()}) + words.of
    mean = fmean([float(not errors), kept / ours.total(), *([words.value] if words.of else [])])
    return Score(mean, "\n".join([*feedback, words.feedback]), seen, of)


def describe_score(gold: Gold, description: str) -> Score:
    """Score a description by the prompts of the fleet that belong to its skill or lead to it: the share that is right."""
    asked = [*prompts_led(gold["skill"], description, gold["descriptions"], gold["prompts"])]
    wrong = [
        f"{'Leads' if does else 'Does not lead'} to it: {query}" for query, should, does in asked if should != does
    ]
    seen, of = Counter(prompts=len(asked) - len(wrong)), Counter(prompts=len(asked))
    return Score(seen.total() / max(of.total(), 1), "\n".join(wrong), seen, +of)


METRICS: Mapping[str, Callable[[Gold, Any], Score]] = {
    "critique": critique_score,
    "critique_task": critique_score,
    "draft": draft_score,
    "draft_task": draft_score,
    "edit_task": edit_score,
    "revise": edit_score,
    "triage": triage_score,
}


@dataclass(frozen=True)
class Scored:
    """The scores of a program by example, and what the run cost, in words."""

    scores: Mapping[str, Score]
    model: str
    cost: str

    @property
    def mean(self) -> float:
        """The mean score."""
        return fmean(one.value for one in self.scores.values()) if self.scores else 0.0

    def counts(self) -> dict[str, dict[str, float]]:
        """Return what was counted, by name: how many, of how many, and the interval of 95 % for the share."""
        seen = sum((one.seen for one in self.scores.values()), Counter[str]())
        rows: dict[str, dict[str, float]] = {}
        for name, of in sorted(sum((one.of for one in self.scores.values()), Counter[str]()).items()):
            low, high = evals.share_interval(min(seen[name], of), of)
            rows[name] = {"count": seen[name], "of": of} | ({"low": low, "high": high} if name != UNBOUNDED else {})
        return rows

    def lines(self) -> Iterator[str]:
        """Yield the mean score and what was counted, for people."""
        yield f"mean score {self.mean:.3f} of {len(self.scores)} examples"
        for name, row in self.counts().items():
            bounds = f" ({row['low']:.2f} to {row['high']:.2f})" if "low" in row else ""
            yield f"{name}: {row['count'] / row['of']:.2f}{bounds}, {row['count']} of {row['of']}"


def tokens_of(examples: Sequence[Example]) -> int:
    """Return about how many tokens it takes to ask each example once."""
    return sum(_PROMPT + reply_tokens(one.step) + estimated_tokens("".join(one.inputs.values())) for one in examples)


def reply_tokens(step: str) -> int:
    """Return about how many tokens a reply to a step has."""
    return 5_000 if step.startswith("draft") else 1_500


def score(
    examples: Sequence[Example],
    settings: ModelSettings,
    tape: model.Tape,
    steps: Mapping[str, Any] | None = None,
    *,
    jobs: int = 1,
    meter: model.Meter | None = None,
    done: Callable[[int], None] = lambda _: None,
) -> Scored:
    """Ask each example once, `jobs` at a time, and score the answers; `done` is called with how many have ended.

    `meter` is that of a run of which this is a part. An answer that is refused twice scores 0. Raises ModelFailed if the model fails or the budget of `settings` is spent.
    """
    clients: list[model.ModelClient] = []
    meter = meter or model.Meter(settings.calls, settings.tokens)

    def ask(example: Example) -> Score:
        client = model.ModelClient(settings, tape, steps=steps)
        client.meter = meter
        with client.connected():
            clients.append(client)
            try:
                return METRICS[example.step](example.gold, client.ask(example.step, example.inputs))
            except model.Refused as refused:
                return Score(0.0, refused.reason)
            finally:
                done(len(clients))

    with ThreadPoolExecutor(jobs) as pool:
        found = dict(zip((one.key for one in examples), pool.map(ask, examples), strict=True))
    return Scored(found, clients[-1].model if clients else settings.model, meter.words())
