"""The review of a whole draft before people see it: what the rules and a critic find, and edits that solve it.

Each problem is kept with what became of it, and each edit with what it rests on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import estimated_tokens, not_in, without_front_matter
from skill_fleet.model.client import ModelClient
from skill_fleet.model.edits import Applied, Check, cost_of, edited
from skill_fleet.model.shown import NONE, Range, Sources, shown_files

MOST_PROBLEMS = 12
SHORT = 2_000  # tokens of sources that the editor is shown whole
UNKNOWN = "name"  # the rule of a problem whose quote is a name that no source has
_TOO_LONG = 1.5  # times the size that a skill should have


def size_for(sources: int) -> int:
    """Return how many tokens a skill should have, made of sources of so many tokens (0 without any)."""
    return max(1_000, min(4_000, sources * 4 // 5), sources // 4) if sources else 4_000


class Outcome(StrEnum):
    """What became of a problem."""

    OPEN = "open"  # no edit was offered for it
    FIXED = "fixed"
    LEFT = "left"  # the editor says why it is none
    REFUSED = "edit-refused"  # its edit could not be made
    UNPLACED = "quote-not-found"  # the critic quotes words that are not in the file


@dataclass(frozen=True)
class Found:
    """A problem in `file`. `rule` is that of the critic, UNKNOWN, or with `checked` the slug of a rule of `validate`."""

    file: str
    line: int
    rule: str
    why: str
    quote: str = ""
    lines: str = ""  # of the sources, which settle it
    checked: bool = False
    blocks: bool = False  # it is an error
    outcome: Outcome = Outcome.OPEN
    reason: str = ""  # why it was not solved
    added: tuple[str, ...] = ()  # texts that its edits added from knowledge

    @property
    def is_open(self) -> bool:
        """Whether people have to see to it."""
        return self.outcome not in (Outcome.FIXED, Outcome.UNPLACED)

    @property
    def key(self) -> tuple[str, ...]:
        """What two findings have in common that are the same: a rule's may have moved."""
        return self.file, self.rule, self.why, self.quote

    def asked(self, label: str, refused: str) -> str:
        """Return the problem as the editor reads it, with the reason why an edit of it was refused."""
        quoted = f", {self.quote!r}" if self.quote else ""
        text = f"{label} {self.file}, line {self.line}{quoted}: {'' if self.checked else f'{self.rule}: '}{self.why}"
        text += f" [{self.lines}]" if self.lines else ""
        return text + (f" Your edit of it was refused: {refused}" if refused else "")


@dataclass(frozen=True)
class Review:
    """Reviews one draft. `brief` and `neighbours` are what the model reads."""

    client: ModelClient
    brief: str
    sources: Sources
    cited: Sequence[Range]  # that the sections rest on
    neighbours: str
    check: Check
    size: int  # in tokens, that the skill should have
    most: int  # tokens of all calls, beyond which no edit is asked for

    def review(self, files: dict[str, str]) -> tuple[dict[str, str], tuple[Found, ...]]:
        """Return the files after the edits, and all that the rules and the critic found, with what became of it."""
        broken = [*self._broken(files)]
        found = [*self._criticise(files, [*broken, *self._unknown(files)])]
        todo = {f"C{number}": one for number, one in enumerate(broken, 1)}
        todo |= {f"F{number}": one for number, one in enumerate((one for one in found if one.is_open), 1)}
        ended = [one for one in found if not one.is_open]
        if todo:
            done = self._edited(files, todo)
            files = done.files
            ended += (self._ended(label, one, done) for label, one in todo.items())
        now = {one.key: one for one in (*self._broken(files), *self._unknown(files))}
        new = now.keys() - {one.key for one in ended}
        return files, (*(one for key, one in now.items() if key in new), *(_settled(one, now, files) for one in ended))

    def _broken(self, files: Mapping[str, str]) -> Iterator[Found]:
        for one in self.check(dict(files)):
            if path := next((name for name in files if f"/{one.path}".endswith(f"/{name}")), ""):
                why = f"{one.rule}: {one.message} {one.fix}".strip()
                yield Found(path, one.line, one.rule, why, checked=True, blocks=one.severity == "error")
        if sum(map(estimated_tokens, files.values())) > (most := self.size * _TOO_LONG):
            why = f"The skill is too long: it has more than {most:,.0f} tokens, where about {self.size:,} will do."
            yield Found(SKILL_FILE, 0, "too-long", why, checked=True)

    def _unknown(self, files: Mapping[str, str]) -> Iterator[Found]:
        """Names that no source has. Without sources, all of it is the model's knowledge."""
        known = "\n".join([self.sources.text(), self.brief, *files])
        for path, text in files.items() if self.sources.all else ():
            for name, line in not_in(known, without_front_matter(text), whole_code=not path.endswith(".md")).items():
                yield Found(path, line, UNKNOWN, f"`{name}` is in no source.", name)

    def _criticise(self, files: Mapping[str, str], found: Sequence[Found]) -> Iterator[Found]:
        """Ask the critic. A problem whose quote does not exist is about another text."""
        findings = "\n".join(f"{one.file}, line {one.line}: {one.why}" for one in found) or NONE
        shown = {"brief": self.brief, "files": shown_files(files), "neighbours": self.neighbours, "findings": findings}
        if self.sources.all:
            shown["sources"] = self.sources.passages(self.cited, self.client.settings.context)
        problems = self.client.ask("critique" if self.sources.all else "critique_task", shown)
        for one in problems[:MOST_PROBLEMS]:
            quote, lines = one.quote.strip(), getattr(one, "lines", "")
            file = next((each for each in (one.file, *files) if quote and quote in files.get(each, "")), "")
            line, outcome = (_line_of(files[file], quote), Outcome.OPEN) if file else (0, Outcome.UNPLACED)
            yield Found(file or one.file, line, one.rule, one.why, quote, lines, outcome=outcome)

    def _edited(self, files: dict[str, str], todo: Mapping[str, Found]) -> Applied:
        """Ask the editor."""

        def question(open_: Mapping[str, str]) -> dict[str, str]:
            found, again = [todo[label] for label in open_], any(open_.values())
            problems = "\n".join(todo[label].asked(label, refused) for label, refused in open_.items())
            named = self.sources.ranges_in(" ".join(one.lines for one in found))
            passages = self.sources.passages(named, 0 if again else SHORT) or NONE
            inputs = {"brief": self.brief, "files": shown_files(files), "problems": problems}
            inputs |= {"passages": passages} if self.sources.all else {}
            if again or self.client.meter.used + cost_of(inputs, len(found)) > self.most:  # only what they are about
                inputs["files"] = shown_files(files, [(one.file, one.line) for one in found])
            return inputs

        def unsolved(done: Applied) -> dict[str, str]:
            there = {one.key for one in self._broken(done.files)}
            left = [label for label, one in todo.items() if one.blocks and one.key in there]
            if left:
                return {label: done.refused.get(label, "It is still there.") for label in left}
            return {} if done.made else done.refused  # a few edits that do not fit are no reason to ask again

        step = "edit" if self.sources.all else "edit_task"
        return edited(self.client, step, files, todo, question, self.check, unsolved, most=self.most)

    def _ended(self, label: str, one: Found, done: Applied) -> Found:
        if done.along.get(label, label) in done.made:
            added = tuple(each.new for each in done.given.get(label, ()) if self._from_knowledge(each))
            return replace(one, outcome=Outcome.FIXED, added=added)
        if label in done.refused:
            return replace(one, outcome=Outcome.REFUSED, reason=done.refused[label])
        if label in done.left:
            return replace(one, outcome=Outcome.LEFT, reason=done.left[label])
        # another edit may have taken it out
        gone = one.quote and one.quote not in done.files.get(one.file, "")
        return replace(one, outcome=Outcome.FIXED if gone else Outcome.OPEN)

    def _from_knowledge(self, edit: Any) -> bool:
        """Whether an edit adds what no source says. That it rests on the sources is believed only with lines that exist.
        Without sources all of the skill is from knowledge."""
        basis = edit.basis if self.sources.all and edit.new.strip() else ""
        return basis == "knowledge" or (basis == "source" and not self.sources.ranges_in(edit.lines))


def _settled(one: Found, now: Mapping[tuple[str, ...], Found], files: Mapping[str, str]) -> Found:
    """A problem after the edits: of a rule, whether its finding is still there; else at the line of its quote."""
    if not one.checked:
        text = files.get(one.file, "")
        return replace(one, line=_line_of(text, one.quote)) if one.quote and one.quote in text else one
    if here := now.get(one.key):
        return replace(one, line=here.line, outcome=one.outcome if one.is_open else Outcome.OPEN)
    return replace(one, outcome=Outcome.FIXED, reason="")


def _line_of(text: str, quote: str) -> int:
    return text.count("\n", 0, text.index(quote)) + 1
