"""The review of a whole draft before people see it: what the rules and a critic find, and edits that solve it.

Each problem is kept with what became of it, and each edit with what it rests on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from skill_fleet.markdown import estimated_tokens, tidy
from skill_fleet.model.client import NONE, ModelClient, Refused
from skill_fleet.model.edits import Applied, Offered, apply_edits
from skill_fleet.model.grounding import not_in
from skill_fleet.model.skill_text import Check, finding_file, is_markdown, shown_files, without_front_matter
from skill_fleet.model.sources import Range, Sources

if TYPE_CHECKING:
    from skill_fleet.model.prompts import Left, SkillEdit

MOST_ROUNDS, MOST_PROBLEMS = 2, 12
SHORT = 2_000  # tokens of sources that the editor is shown whole
_AROUND = 5  # lines around those that a problem names


class Outcome(StrEnum):
    """What became of a problem."""

    OPEN = "open"  # no edit was offered for it
    FIXED = "fixed"
    LEFT = "left"  # the editor says why it is none
    REFUSED = "edit-refused"  # its edit could not be made
    UNPLACED = "quote-not-found"  # the critic quotes words that are not in the file


@dataclass(frozen=True)
class Found:
    """A problem in `file`. `rule` is that of the critic, or with `checked` the slug of a rule of `validate`.

    `blocks`: the draft has an error with it. `name` is a name that is in no source, if the problem is about one.
    `reason` is what the editor or a program said to it. `added` are texts that its edits added from knowledge.
    """

    file: str
    line: int
    rule: str
    why: str
    quote: str = ""
    lines: str = ""
    checked: bool = False
    blocks: bool = False
    name: str = ""
    outcome: Outcome = Outcome.OPEN
    reason: str = ""
    added: tuple[str, ...] = field(default=())

    @property
    def is_open(self) -> bool:
        """Whether people have to see to it."""
        return self.outcome not in (Outcome.FIXED, Outcome.UNPLACED)


@dataclass(frozen=True)
class Reviewed:
    """The files after the edits, the rounds of edits, and all problems with what became of them."""

    files: dict[str, str]
    rounds: int
    found: tuple[Found, ...]


@dataclass(frozen=True)
class Review:
    """Reviews one draft. `brief` is the text that the model reads, `cited` are the ranges that its sections rest on."""

    client: ModelClient
    brief: str
    sources: Sources
    cited: Sequence[Range]
    neighbours: str
    check: Check
    budget: int

    def review(self, files: dict[str, str]) -> Reviewed:
        """Solve what the rules and the critic find. A second round is only for errors that the first left or made."""
        broken, names = [*self._broken(files)], [*self._unknown(files)]
        criticised = [*self._criticise(files, [*broken, *names])]
        settled = [one for one in criticised if one.outcome is not Outcome.OPEN]
        todo = {f"C{number}": one for number, one in enumerate(broken, 1)}
        todo |= {f"F{number}": one for number, one in enumerate((one for one in criticised if one not in settled), 1)}
        rounds = 0
        while todo and rounds < MOST_ROUNDS:
            rounds += 1
            files, solved = self._edited(files, todo)
            settled += solved
            left = [one for one in self._broken(files) if one.blocks]
            todo = {f"C{number}": one for number, one in enumerate(left, 1)} if rounds < MOST_ROUNDS else {}
        said = {_key(one): one for one in settled}
        now = {_key(one): one for one in (*self._broken(files), *self._unknown(files))}
        still = (replace(one, outcome=was.outcome, reason=was.reason) if (was := said.get(key)) and was.is_open else one
                 for key, one in now.items())  # fmt: skip
        done = (replace(one, outcome=Outcome.FIXED, reason="") if one.checked else _moved(one, files)
                  for key, one in said.items() if key not in now)  # fmt: skip
        return Reviewed(files, rounds, (*still, *done))

    def _broken(self, files: Mapping[str, str]) -> Iterator[Found]:
        for one in self.check(dict(files)):
            if path := finding_file(one, files):
                why = f"{one.rule}: {one.message} {one.fix}".strip()
                yield Found(path, one.line, one.rule, why, checked=True, blocks=one.severity == "error")

    def _unknown(self, files: Mapping[str, str]) -> Iterator[Found]:
        """Names that no source has. Without sources, all of it is the model's knowledge."""
        if not self.sources.all:
            return
        known = "\n".join([self.sources.words(), self.brief, *files])
        for path, text in files.items():
            for one in not_in(known, without_front_matter(text), whole_code=not is_markdown(path)):
                yield Found(path, one.line, "name", f"`{one.name}` is in no source.", one.name, name=one.name)

    def _criticise(self, files: Mapping[str, str], found: Sequence[Found]) -> Iterator[Found]:
        """Ask the critic. A problem whose quote does not exist is about another text."""
        size = sum(map(estimated_tokens, files.values()))
        rows = [f"{one.file}, line {one.line}: {one.why}" for one in found]
        if size > self.budget * 1.2:
            rows.append(f"The skill has about {size:,} tokens; it should have {self.budget:,} at most.")
        problems = self.client.ask(
            "critique" if self.sources.all else "critique_task",
            lambda _: "",
            brief=self.brief,
            files=shown_files(files),
            neighbours=self.neighbours,
            findings="\n".join(rows) or NONE,
            **({"sources": self._passages(self.cited, self.client.settings.context)} if self.sources.all else {}),
        )
        for one in problems[:MOST_PROBLEMS]:
            quote, lines = one.quote.strip(), getattr(one, "lines", "")
            file = (
                one.file
                if quote in files.get(one.file, "")
                else next((each for each in files if quote in files[each]), "")
            )
            if not quote or not file:
                yield Found(one.file, 0, one.rule, tidy(one.why), quote, lines, outcome=Outcome.UNPLACED)
            else:
                yield Found(file, _line_of(files[file], quote), one.rule, tidy(one.why), quote, lines)

    def _passages(self, ranges: Sequence[Range], most: int) -> str:
        """All sources if they fit into `most` tokens, else the lines around `ranges`."""
        if estimated_tokens(everything := self.sources.text()) <= most:
            return everything
        return (
            self.sources.passages(Range(one.source, one.first - _AROUND, one.last + _AROUND) for one in ranges) or NONE
        )

    def _edited(self, files: dict[str, str], todo: Mapping[str, Found]) -> tuple[dict[str, str], list[Found]]:
        """Return the files with the edits that can be made, and each problem with what became of it."""
        results: list[Applied] = []

        def judge(reply: tuple[list[SkillEdit], list[Left]]) -> str:
            offered = [Offered(one.problem, one.file, one.old, one.new) for one in reply[0] if one.problem in todo]
            results.append(apply_edits(files, offered, self.check))
            if offered and not results[-1].made:  # a few that do not fit are no reason to have all of them again
                return " ".join(f"{label}: {why}" for label, why in results[-1].refused.items())
            return ""

        named = self.sources.ranges_in(" ".join(one.lines for one in todo.values()))
        try:
            edits, left = self.client.ask(
                "edit" if self.sources.all else "edit_task",
                judge,
                brief=self.brief,
                files=shown_files(files),
                problems="\n".join(_asked(label, one) for label, one in todo.items()),
                **({"passages": self._passages(named, SHORT)} if self.sources.all else {}),
            )
        except Refused as refused:  # the problems become open points
            return files, [replace(one, outcome=Outcome.REFUSED, reason=refused.reason) for one in todo.values()]
        result, known = results[-1], "\n".join([self.sources.words(), *files.values()])
        reasons = {one.problem: tidy(one.why) for one in left}
        ended = []
        for label, one in todo.items():
            if label in result.made:
                mine = (each for each in edits if each.problem == label and self._from_knowledge(each, known))
                ended.append(replace(one, outcome=Outcome.FIXED, added=tuple(each.new for each in mine)))
            elif label in result.refused:
                ended.append(replace(one, outcome=Outcome.REFUSED, reason=result.refused[label]))
            elif label in reasons:
                ended.append(replace(one, outcome=Outcome.LEFT, reason=reasons[label]))
            else:  # another edit may have taken it out
                gone = one.quote and one.quote not in result.files.get(one.file, "")
                ended.append(replace(one, outcome=Outcome.FIXED if gone else Outcome.OPEN))
        return result.files, ended

    def _from_knowledge(self, edit: Any, known: str) -> bool:
        """Whether an edit adds what no source says. That it rests on the sources is believed only with lines that exist,
        that it only rewords only without new names. Without sources all of the skill is from knowledge."""
        if not self.sources.all or not edit.new.strip():
            return False
        if edit.basis == "source":
            return not self.sources.ranges_in(edit.lines)
        return edit.basis == "knowledge" or bool(not_in(known, edit.new))


def _key(one: Found) -> tuple[str, ...]:
    """What makes two findings the same: a rule's may have moved."""
    return one.file, one.rule, one.why, one.quote


def _asked(label: str, one: Found) -> str:
    quoted = f", {one.quote!r}" if one.quote else ""
    return f"{label} {one.file}, line {one.line}{quoted}: {'' if one.checked else f'{one.rule}: '}{one.why}" + (
        f" [{one.lines}]" if one.lines else ""
    )


def _line_of(text: str, quote: str) -> int:
    """The line of `quote` in `text`."""
    return text.count("\n", 0, text.index(quote)) + 1


def _moved(one: Found, files: Mapping[str, str]) -> Found:
    """A problem at the line where its quote is now."""
    text = files.get(one.file, "")
    return replace(one, line=_line_of(text, one.quote)) if one.quote and one.quote in text else one
