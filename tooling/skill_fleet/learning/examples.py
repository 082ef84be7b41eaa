"""Examples: what a step is asked, and what is known about the right answer. They are made of errors that are planted in
skills, or of what reviewers said: of the words of people with write access, and of the bot's."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import groupby
from types import SimpleNamespace
from typing import Any

from skill_fleet import evals, model
from skill_fleet.drafting import Brief, Document
from skill_fleet.errors import UserError
from skill_fleet.fleet import SKILL_FILE, Fleet, Skill, descriptions
from skill_fleet.learning.planting import Change, plant
from skill_fleet.markdown import estimated_tokens

_NEIGHBOURS = 20
_MOST_VALIDATION = 20
_SHARE = 0.3  # of the skills, or pull requests, that are for the test

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Example:
    """One question to a step. `inputs` are its fields, `gold` is what the metric of the step compares the answer with, as
    JSON. `number` is that of the pull request, or of the skill, and orders the examples."""

    step: str
    key: str
    skill: str
    inputs: Mapping[str, str]
    gold: Mapping[str, Any]
    number: int = 0


@dataclass(frozen=True)
class Parts:
    """Examples to learn from, to choose by, and to test with. No skill is in two of them."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    test: tuple[Example, ...]

    @property
    def digest(self) -> str:
        """The digest of the test set."""
        rows = sorted(json.dumps([one.step, one.key, one.inputs], sort_keys=True) for one in self.test)
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


def split(examples: Sequence[Example]) -> Parts:
    """Return the parts of examples, by their numbers: the newest are for the test, and what is older and of one of their
    skills is for nothing."""
    numbers = sorted({one.number for one in examples})
    newest = set(numbers[len(numbers) - math.ceil(len(numbers) * _SHARE) :])
    test = [one for one in examples if one.number in newest]
    tested = {one.skill for one in test}
    rest = [one for one in examples if one.number not in newest and one.skill not in tested]
    skills = list(dict.fromkeys(one.skill for one in sorted(rest, key=lambda one: one.number)))
    chosen = {*skills[1:][-math.ceil(len(skills) / 3) :]}
    validation = [one for one in rest if one.skill in chosen][:_MOST_VALIDATION]
    return Parts(tuple(one for one in rest if one.skill not in chosen), tuple(validation), tuple(test))


@dataclass(frozen=True)
class Planting:
    """How examples are made of the skills of a fleet: `errors` in each, planted by `seed`, and no file beyond `context`
    tokens but SKILL.md."""

    fleet: Fleet
    context: int
    seed: int = 0
    errors: int = 5
    step: str = "critique_task"

    def examples(self, skill: Skill, count: int, number: int = 0) -> Iterator[Example]:
        """Yield up to `count` examples. For the critic, the first is the skill as it is; for the editor, the problems name
        the errors."""
        files, critic = self._files(skill), self.step in ("critique", "critique_task")
        asked = {"brief": model.brief_text(Brief(skill.description, skill.id))}
        if critic:
            others = {one.id: one.description for one in self.fleet.skills if one.id != skill.id}
            asked["neighbours"] = model.listed(model.nearest(others, skill.description, _NEIGHBOURS))
            asked["findings"] = model.NONE
        if self.step == "critique":  # its sources are what the skill said before
            asked["sources"] = model.number_sources(Document(path, text) for path, text in files.items()).text()
        for variant in range(count):
            key, bare = f"{skill.id}#{self.seed}.{variant}", critic and not variant
            made, planted = plant(skill.id, files, key, 0 if bare else self.errors)
            inputs = {**asked, "files": model.shown_files(made)}
            gold: dict[str, Any] = {"files": made, "errors": [*map(asdict, planted)]}
            if not critic:
                inputs["problems"] = "\n".join(_problem(*each) for each in enumerate(planted, 1))
                gold |= {"skill": skill.id, "before": made, "after": files}
            if planted or bare:
                yield Example(self.step, key, skill.id, inputs, gold, number)

    def parts(self, learning: int, test: int) -> Parts:
        """Return at least `learning` and `test` examples, of different skills. UserError with fewer than three skills."""
        skills = sorted(self.fleet.skills, key=lambda one: hashlib.sha256(one.id.encode()).digest())
        if len(skills) < 3:
            raise UserError("There are fewer than three skills, so that they cannot be split.", "See: skill-fleet list")
        tested = math.ceil(len(skills) * _SHARE)
        learned = len(skills) - tested
        counts = [math.ceil(learning / learned)] * learned + [math.ceil(test / tested)] * tested
        rows = enumerate(zip(skills, counts, strict=True))
        return split([one for at, (skill, count) in rows for one in self.examples(skill, count, at)])

    def _files(self, skill: Skill) -> dict[str, str]:
        found, room = dict[str, str](), self.context
        files = evals.staged(self.fleet, skill)[skill.folder]
        for path in sorted(files, key=lambda each: (each != SKILL_FILE, each)):
            with suppress(UnicodeDecodeError):
                text = files[path].content.decode()
                room -= estimated_tokens(text)
                if room >= 0 or path == SKILL_FILE:
                    found[path] = text
        return found


def _problem(number: int, one: Change) -> str:
    quoted = one.new.strip() or one.lines[0].strip()
    right = f"it should be {one.old!r}" if one.old else "it should not be there"
    return f"F{number} {one.file}, line {one.first}, {quoted!r}: false: This is wrong: {right}."


def data_rows(records: Iterable[Row]) -> tuple[list[dict[str, Any]], Parts]:
    """Return a row for each draft and each thread of the pull requests that were merged, with the part that it is in ("" for
    none), and the parts."""
    found = []
    for number, skill, rows in _merged(records):
        for row in rows:
            about = {"number": number, "skill": skill, "kind": row["kind"]}
            if row["kind"] == "draft":
                draft, problems = row.get("first") or row.get("files"), row.get("problems", [])
                about |= {"task": row.get("task"), "draft": draft, "findings": problems, "after": rows[-1]["after"]}
                found.append(about)
            elif row["kind"] == "request" and row["may_decide"]:
                about |= {"comment": row["text"], "edit": row.get("diff", ""), "kind": "thread"}
                known = ("key", "path", "first", "last", "lines", "outcome", "reply")
                found.append(about | {name: row[name] for name in known if name in row})
    parts = split([Example("", str(at), row["skill"], {}, row, row["number"]) for at, row in enumerate(found)])
    names = {one["key"]: name for name, each in asdict(parts).items() for one in each}
    return [{**row, "part": names.get(str(at), "")} for at, row in enumerate(found)], parts


def recorded_examples(records: Iterable[Row], fleet: Fleet) -> Iterator[Example]:
    """Yield examples of drafts and rounds: the skill that was merged is right, and what reviewers did not come back to. A
    pull request with words that people adopted from somebody without write access is left out."""
    known = {"descriptions": descriptions(fleet), "prompts": [*evals.prompts(fleet)]}
    for number, skill, rows in _merged(records):
        calls = [call for row in rows for call in row.get("calls", ()) if not call["refused"]]
        if not all(row.get("may_decide", True) for row in rows):
            continue
        said = [model.threads_said(call["inputs"].get("threads", "")) for call in calls]
        again = set[str]()
        last = max((at for at, call in enumerate(calls) if call["step"].startswith("draft")), default=-1)
        for at, call in enumerate(calls):
            gold, inputs = dict[str, Any](), call["inputs"]
            if call["step"] == "triage":
                later = [now for each in said[at + 1 :] for now in each.values()]
                again = {name for name, was in said[at].items() if any(now[: len(was)] == was != now for now in later)}
                gold = {"verdicts": {one["thread"]: one for one in call["output"] if one["thread"] not in again}}
            elif call["step"] == "revise" and not again:
                before, edits = model.files_shown(inputs["files"]), [SimpleNamespace(**one) for one in call["output"]]
                gold = {"before": before, "after": model.made_edits(before, edits, lambda _: ()).files}
            elif call["step"] in ("draft", "draft_task") and at == last and rows[-1]["files"]:
                inputs = {**inputs, "may_ask": "no"}
                gold = {**known, "after": rows[-1]["files"], "sources": inputs.get("sources", "")}
            if any(gold.values()):
                yield Example(call["step"], f"{number}/{at}", skill, inputs, {**gold, "skill": skill}, number)


def _merged(records: Iterable[Row]) -> Iterator[tuple[int, str, list[Row]]]:
    """The rows of each pull request that was merged, with its skill. How it ended is the last of them."""
    for number, rows in groupby(records, key=lambda row: int(row["number"])):
        found = list(rows)
        skill = next((row["skill"] for row in found if row.get("skill")), "")
        if found[-1]["kind"] == "ending" and found[-1]["state"] == "merged" and skill:
            yield number, skill, found
