"""The drafter with a model: one call writes the whole skill, one criticises it, one edits; code checks in between."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from skill_fleet.checks import check_files
from skill_fleet.drafting import Brief, Document, Draft, Kind, Place, Point, Question, Severity
from skill_fleet.errors import UserError
from skill_fleet.fleet import SKILL_FILE, is_skill_id
from skill_fleet.markdown import Markdown, shortened, tidy
from skill_fleet.model.client import ModelClient
from skill_fleet.model.compose import Filled, account, compose, fill_in, split_files, terms_of
from skill_fleet.model.critique import UNKNOWN, Found, Outcome, Review, size_for
from skill_fleet.model.edits import FILE, SkillCheck
from skill_fleet.model.run import Unreadable, Unsafe
from skill_fleet.model.shown import NONE, Sources, brief_text, listed, narrowed, nearest, number_sources

if TYPE_CHECKING:
    from skill_fleet.model.prompts import Plan

MOST_NEIGHBOURS = 6  # that are shown
LONG = 6_000  # tokens of sources, from which it is asked first whether the fleet has the skill
_MOST_HEADINGS = 200
_PROMPTS = 7_000  # tokens of three questions and what is found, beside the sources and the skill
_MOST_QUOTED = 60  # characters of words that an open point quotes
_NEVER = {"safety", "layout"}  # groups of rules whose errors may never be committed


@dataclass(frozen=True)
class Understood:
    """The brief that the model made of a task. `covered_by` are skills that could be revised instead, the best first;
    each of `other_tasks` asks for another skill. `asked` is false if nothing but `covered_by` is known yet."""

    brief: Brief
    covered_by: tuple[str, ...] = ()
    other_tasks: tuple[str, ...] = ()
    asked: bool = True


@dataclass(frozen=True)
class _Wish:
    """What is asked for. `answers` are what people decided; `brief` is the one that they agreed to, if they did. With
    `new`, a second skill is wanted whatever the fleet has."""

    task: str
    documents: tuple[Document, ...]
    path: str | None = None
    answers: Sequence[str] = ()
    new: bool = False
    asks: bool = False
    brief: Brief | None = None

    @property
    def words(self) -> str:
        return " ".join([self.task, *self.answers])

    def agreed(self) -> str:
        """What is decided, as the model reads it."""
        rows = [brief_text(self.brief)] if self.brief else [f"Agreed: {tidy(one)}" for one in self.answers]
        rows += ["Agreed: a new skill is wanted, whatever the fleet has."] if self.new else []
        return "\n".join(rows) or NONE


@dataclass(frozen=True)
class _Written:
    """A skill as the model wrote it: what it understood, its plan, and the contents of its files, filled in."""

    understood: Understood
    plan: Plan
    filled: Mapping[str, Filled]
    sources: Sources
    neighbours: Mapping[str, str]


@dataclass
class DspyDrafter:
    """Writes a skill from a task and documents with a model. One drafter is one run.

    `categories` and `neighbours` are descriptions: of the fleet's categories by name, and of its skills by id. `check`
    returns the findings on the skill's files. Without `asks`, nobody can answer a question. `record` is that of the
    last draft.
    """

    client: ModelClient
    categories: Mapping[str, str]
    neighbours: Mapping[str, str]
    check: SkillCheck = check_files
    asks: bool = False
    record: dict[str, Any] | None = None
    _written: _Written | None = None
    _most: int = 0  # tokens of all calls, beyond which no edit is asked for

    @property
    def name(self) -> str:
        """The value of the `Drafted-by:` trailer."""
        return f"dspy {self.client.model}"

    def estimate(self, task: str, sources: tuple[Document, ...]) -> str:
        """Return in words what a draft is going to cost, without replies that are refused."""
        size = self._shown(_Wish(task, sources)).tokens()
        about = min(_limit(size), (_PROMPTS + size * 5 // 2 + 2 * size_for(size)) // 1_000 * 1_000)
        tokens = f"about {about:,} tokens, {_limit(size):,} at most; replies that are refused are not counted in this."
        return f"A draft takes 2 to {5 if size else 4} calls and {tokens}"

    def understand(
        self,
        task: str,
        sources: tuple[Document, ...],
        path: str | None = None,
        answers: Sequence[str] = (),
        *,
        new: bool = False,
    ) -> Understood:
        """Return what the skill would be, with at most four questions, to be agreed on; it may be written already.

        `answers` are what people decided when they saw an earlier brief. With `new`, a second skill is wanted even if
        the fleet covers the task.
        """
        wish = _Wish(task, sources, path, answers, new, self.asks)
        shown = self._begin(wish)
        with self.client.connected():
            if covered := self._covered(wish, shown):
                self.client.record("covered", covered_by=covered)
                return Understood(Brief(tidy(task), path or ""), covered, asked=False)
            self._written = self._write(wish, shown)
            found = self._written.understood
            outcome = "understood" if self._written.filled or not found.covered_by else "covered"
            self.client.record(outcome, brief=asdict(found.brief), covered_by=found.covered_by)
        return found

    def draft(self, brief: Brief, sources: tuple[Document, ...]) -> Draft:
        """Write the skill that `brief` asks for. Open questions take their defaults.

        A brief that differs from the one that was understood is written anew. Raises Unsafe if the draft breaks a rule
        that no commit may break, ModelFailed if the model fails.
        """
        client = self.client
        with client.connected():
            if not (self._written and self._written.filled and _same(self._written.understood.brief, brief)):
                wish = _Wish(brief.task, sources, brief.path, brief.agreed, True, brief=brief)
                self._written = self._write(wish, self._begin(wish))
            written = self._written
            bodies = {path: one.text for path, one in written.filled.items()}
            first = compose(brief.name, written.plan, bodies, terms_of(sources))
            cited = [one for filled in written.filled.values() for _, one in filled.cited]
            size, near, check = (
                size_for(written.sources.tokens()),
                listed(written.neighbours),
                partial(self.check, brief.path),
            )
            refused = (call for call in client.calls if call.refused)
            most = self._most + sum((call.prompt_tokens or 0) + (call.completion_tokens or 0) for call in refused)
            lacking = [f"Lacking: {each}" for each in getattr(written.plan, "lacking", ())]
            told = "\n".join([brief_text(brief), *lacking])
            review = Review(client, told, written.sources, cited, near, check, size, most)
            files, found = review.review(first)
            # without the words of the sources: the calls have those that the model was shown
            facts = {"brief": asdict(brief), "plan": written.plan.model_dump(), "first": first, "files": files}
            self.record = client.record("drafted", **facts, problems=tuple(map(asdict, found)))
            for one in found:
                if one.is_open and one.blocks and one.rule.partition("/")[0] in _NEVER:
                    why = f"The draft of {client.model} is not safe to commit: {one.why}"
                    raise Unsafe(why, "Run again, or draft without a model.")
        wrong = getattr(written.plan, "left_out", ())
        left_out = {one: each.why for each in wrong for one in written.sources.ranges_in(each.lines)}
        ledger, generated = account(written.sources, written.filled, files, left_out)
        programs = client.asked.values()
        notes = (
            *written.sources.notes,
            *(program.note for program in programs if program.note),
            f"Written by {client.model}: {client.meter.words()}.",
            f"Programs: {', '.join(f'{program.step} {program.digest}' for program in programs)}.",
        )
        points = tuple(dict.fromkeys(_points(brief, written, found, files)))
        return Draft(brief, files, ledger, points, self.name, notes, generated)

    def _begin(self, wish: _Wish) -> Sources:
        """Begin a run, and return the sources to show. The limit holds from one word of people to the next."""
        shown = self._shown(wish)
        self._most = self.client.meter.used + _limit(shown.tokens())
        self.client.facts = {
            "kind": "draft", "task": wish.task, "sources": tuple(one.facts() for one in wish.documents),
            "neighbours": tuple(self._near(wish)), "answers": tuple(wish.answers),
        }  # fmt: skip
        return shown

    def _shown(self, wish: _Wish) -> Sources:
        """The sources: if they are too long, their parts on the task."""
        if not wish.documents and not wish.task.strip():
            raise UserError("There is neither a task nor a document.", "Say what the skill is for.")
        return narrowed(number_sources(wish.documents), wish.words, self.client.settings.context)

    def _near(self, wish: _Wish) -> dict[str, str]:
        return nearest(self.neighbours, f"{wish.words} {_headings(wish.documents)}", MOST_NEIGHBOURS)

    def _covered(self, wish: _Wish, shown: Sources) -> tuple[str, ...]:
        """The skills that serve the task already, asked for by headings before a long source is sent."""
        near = {} if wish.new or wish.answers or shown.tokens() <= LONG else self._near(wish)
        if not near:
            return ()
        inputs = {"task": wish.task or NONE, "headings": _headings(wish.documents), "neighbours": listed(near)}
        return self._known(self.client.ask("cover", inputs))

    def _known(self, ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(one for one in dict.fromkeys(ids) if one in self.neighbours)

    def _write(self, wish: _Wish, sources: Sources) -> _Written:
        """Ask for the plan and the files, in one call."""
        near = self._near(wish)
        kept: dict[str, str] = {}  # of a reply that was cut off

        def files_of(plan: Plan, text: str) -> dict[str, Filled]:
            bodies = split_files(text, paths := [file.path for file in plan.files])
            bodies |= {path: kept[path] for path in paths if path in kept}
            return {path: fill_in(body, sources, whole_code=not path.endswith(".md")) for path, body in bodies.items()}

        def judge(reply: tuple[Plan, str]) -> str:
            return " ".join(_wrong(reply[0], files_of(*reply), wish, self.categories))

        def rescue(text: str) -> str:
            head, _, files = text.partition("[[ ## files ## ]]")
            bodies = split_files(files, re.findall(r'"path": *"([^"]+)"', head))
            kept.update([*bodies.items()][:-1])  # the last one may be incomplete
            ask = "Give the same plan again, and after it only the content of the files that are missing."
            return f"These files of it are complete and kept: {', '.join(kept)}. {ask}" if kept else ""

        inputs = {
            "task": wish.task or "Make a skill of the sources.",
            "agreed": wish.agreed(),
            "may_ask": "yes" if wish.asks else "no",
            "given_path": wish.path or NONE,
            "categories": listed(self.categories),
            "neighbours": listed(near),
            "budget": f"About {size_for(sources.tokens()):,} tokens for all files together; less is better.",
        } | ({"sources": sources.text()} if sources.all else {})
        plan, text = self.client.ask("draft" if sources.all else "draft_task", inputs, judge, rescue=rescue)
        understood = Understood(_brief(wish, plan, sources), self._known(plan.covered_by), tuple(plan.other_tasks))
        return _Written(understood, plan, files_of(plan, text), sources, near)


def drafted(skill: str, reply: tuple[Plan, str], sources: Sources) -> dict[str, str]:
    """Return the files of a reply to the step `draft` that asked for a skill of this id. Raises Unreadable if a draft would
    not be made of it."""
    plan, text = reply
    bodies = split_files(text, [file.path for file in plan.files])
    filled = {path: fill_in(body, sources, whole_code=not path.endswith(".md")) for path, body in bodies.items()}
    if wrong := " ".join(_wrong(plan, filled, _Wish("", (), skill, new=True), {})):
        raise Unreadable(wrong)
    return compose(skill.rpartition("/")[2], plan, {path: one.text for path, one in filled.items()}, {})


def _limit(size: int) -> int:
    """The tokens of one skill that is made of sources of so many; edits that would exceed this are not asked for."""
    return 5 * size + 15_000 if size else 30_000


def _wrong(plan: Plan, filled: Mapping[str, Filled], wish: _Wish, categories: Mapping[str, str]) -> Iterator[str]:
    """Why the reply to a draft cannot be used. What a later step can fix is no reason: it would be written whole again."""
    category = plan.path.partition("/")[0]
    if not is_skill_id(plan.path) and not is_skill_id(wish.path or ""):
        yield f"path {plan.path!r} is not CATEGORY/NAME in lower-case letters, digits and single hyphens."
    elif category not in categories and not is_skill_id(wish.path or ""):
        yield f"There is no category {category!r}; there are {', '.join(categories)}."
    for one in plan.questions:
        if one.default not in one.options:
            yield f"The default of {one.text!r} is not exactly one of its options."
    if not plan.files and ((wish.asks and plan.questions) or (not wish.new and plan.covered_by)):
        return
    paths = [file.path for file in plan.files]
    if SKILL_FILE not in paths[:1]:
        yield "The first file must be SKILL.md."
    if len({*paths}) < len(paths):
        yield "A file is planned twice."
    for path in paths:
        if path != SKILL_FILE and not FILE.match(path):
            yield f"{path!r} is not SKILL.md, references/NAME.md, scripts/NAME or assets/NAME."
        if path not in filled or not (filled[path].text or filled[path].lost):
            yield f"The content of {path} is missing after a line `=== FILE {path}`."
    for path, file in filled.items():
        yield from (f"{path}: a reference names no lines. {why}" for why in file.lost)
        if file.unclosed:
            yield f"{path}: a code block is not closed: it opens at {file.unclosed}."


def _brief(wish: _Wish, plan: Plan, sources: Sources) -> Brief:
    names = tuple(source.name for source in sources.all)
    path = wish.path if wish.path and is_skill_id(wish.path) else plan.path
    lists = {name: tuple(getattr(plan, name)) for name in ("capabilities", "triggers", "non_goals", "assumptions")}
    questions = tuple(Question(**{**one.model_dump(), "options": tuple(one.options)}) for one in plan.questions)
    lists["agreed"] = tuple(filter(None, map(tidy, wish.answers)))
    task = tidy(wish.task) or f"Make a skill of {', '.join(names)}."
    return Brief(task, path, plan.audience, questions=questions, sources=names, **lists)


def _same(was: Brief, now: Brief) -> bool:
    """Whether a skill that was written for one brief is what another asks for: what is agreed now is what was assumed."""
    defaults = {*was.assumptions, *was.agreed, *(agreed_answer(one, one.default) for one in was.questions)}
    facts = replace(now, path=was.path, agreed=was.agreed, assumptions=was.assumptions, questions=was.questions)
    return facts == was and {*now.agreed, *now.assumptions} <= defaults


def agreed_answer(question: Question, answer: str) -> str:
    """Return the answer to a question, its default too, as one of the agreements of a brief."""
    return f"{question.text} {answer}"


def _points(brief: Brief, written: _Written, found: Sequence[Found], files: Mapping[str, str]) -> Iterator[Point]:
    """What a reviewer has to know: what was assumed, what no source says, and the problems that are left."""
    sources, understood = written.sources, written.understood
    yield from (Point(Kind.ASSUMED, subject=one.text, detail=one.default) for one in brief.questions if one.default)
    if understood.covered_by:
        yield Point(Kind.COVERED, examples=understood.covered_by)
    yield from (Point(Kind.OTHER_TASK, Severity.NOTE, task) for task in understood.other_tasks)
    if not sources.all:
        yield Point(Kind.NOT_IN_SOURCES)
    kept = "\n".join(files.values())
    for each in getattr(written.plan, "left_out", ()):
        lines = [line.strip() for one in sources.ranges_in(each.lines) for line in sources.lines(one)]
        if not lines or any(line not in kept for line in lines):
            yield Point(Kind.DROPPED, subject=each.lines, detail=each.why)
    for lacking in getattr(written.plan, "lacking", ()):
        yield Point(Kind.PROBLEM, detail=f"No source says this: {lacking}")
    for path, filled in written.filled.items():
        yield from (Point(Kind.CITATION, Severity.NOTE, path, why, (Place(path),)) for why in filled.wrong)
    unknown = [one for one in found if one.rule == UNKNOWN]
    for one in found:
        place, quoted = Place(one.file, one.line), shortened(tidy(one.quote).replace("`", ""), _MOST_QUOTED)
        if one.is_open and one.rule != UNKNOWN:
            detail = f"{one.why} Not changed: {one.reason}" if one.reason else one.why
            yield Point(Kind.PROBLEM, subject=f"`{quoted}`:" if one.quote else "", detail=detail, places=(place,))
        if one.outcome is Outcome.FIXED and sources.all and one.rule == "unsafe" and one.quote not in kept:
            yield Point(Kind.DROPPED, subject=f"`{quoted}`", detail=one.why, places=(Place(one.file),))
    added = [(one, shortened(tidy(text), 2 * _MOST_QUOTED)) for one in found for text in one.added]
    for checked in (added, [(one, one.quote) for one in unknown]):
        if checked:
            places = tuple(Place(one.file, one.line) for one, _ in checked)
            yield Point(Kind.NOT_IN_SOURCES, places=places, examples=tuple(text for _, text in checked))


def _headings(documents: Sequence[Document]) -> str:
    """The headings of the documents, and their names."""
    rows = []
    for document in documents:
        rows.append(document.name)
        rows += (f"- {tidy(heading)}" for _, heading in Markdown(document.text).headings)
    return "\n".join(rows[:_MOST_HEADINGS])
