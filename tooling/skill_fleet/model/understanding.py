"""The steps of a draft: understand the task, plan the files, write each section, describe the skill.

A judge beside each step says why a reply cannot be used.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from skill_fleet.drafting import Brief, Question
from skill_fleet.fleet import SKILL_FILE, is_skill_id, split_id
from skill_fleet.markdown import PLACEHOLDER, Markdown, tidy
from skill_fleet.model.client import NONE, ModelClient
from skill_fleet.model.compose import Section
from skill_fleet.model.grounding import copied_run, runs_of
from skill_fleet.model.program import prompt_texts
from skill_fleet.model.shapes import PlannedFile, PlannedSection, SkillPlan, Understanding
from skill_fleet.model.skill_text import FILE, is_markdown, outline, outline_of
from skill_fleet.model.sources import Citations, Range, Sources, brief_text, take_citations
from skill_fleet.model.spending import estimated

MOST_DESCRIPTION = 1024  # characters
SKILL_TOKENS, REFERENCE_TOKENS = 3_000, 6_000
FEWEST_SECTIONS, CLAIMS_PER_SECTION = 8, 3  # a plan may have a few sections always, more if there are many claims
_HIGH_HEADING = re.compile(r"^ {0,3}#{1,2}(?=[ \t]|$)")
_MOST_REASONS = 6


@dataclass(frozen=True)
class Grounds:
    """A claim that the skill may make, and the source lines that say it."""

    text: str
    lines: Range


@dataclass(frozen=True)
class Understood:
    """The brief that the model made of a task, and the claims that the skill will rest on.

    `covered_by` is the id of a skill that should be revised instead. Each of `other_tasks` asks for another skill.
    """

    brief: Brief
    grounds: tuple[Grounds, ...]
    covered_by: str = ""
    other_tasks: tuple[str, ...] = ()


def understand(
    client: ModelClient,
    task: str,
    sources: Sources,
    categories: Mapping[str, str],
    neighbours: Mapping[str, str],
    path: str | None = None,
    agreed: Brief | None = None,
) -> Understood:
    """Ask what the skill will be; with `agreed`, only for the claims that it rests on."""
    wanted = agreed.path if agreed else path
    answer = client.ask(
        "understand",
        lambda reply: judge_understanding(reply, sources, categories, neighbours, wanted),
        sources=sources.text(),
        categories=_listed(categories),
        neighbours=_listed(neighbours),
        given_path=wanted or NONE,
        agreed=brief_text(agreed) if agreed else NONE,
    )
    grounds = tuple(Grounds(tidy(one.text), Range(one.source, one.first, one.last)) for one in answer.claims)
    names = tuple(document.name for document in sources.documents)
    brief = agreed or Brief(
        task=tidy(task) or f"Make a skill of {', '.join(names)}.",
        path=answer.path,
        audience=tidy(answer.audience),
        capabilities=_tidy(answer.capabilities),
        triggers=_tidy(answer.triggers),
        non_goals=_tidy(answer.non_goals),
        assumptions=_tidy(answer.assumptions),
        questions=tuple(
            Question(tidy(one.text), tidy(one.why), _tidy(one.options), tidy(one.default), tidy(one.changes))
            for one in answer.questions
        ),
        sources=names,
    )
    return Understood(brief, grounds, answer.covered_by, _tidy(answer.other_tasks))


def judge_understanding(
    answer: Understanding, sources: Sources, categories: Collection[str], neighbours: Collection[str], path: str | None
) -> str:
    """Why an understanding cannot be used: an impossible path, lines that do not exist, a question without a choice."""
    wrong: list[str] = []
    if path and answer.path != path:
        wrong.append(f"path must be the given {path!r}.")
    elif not is_skill_id(answer.path):
        wrong.append(f"path {answer.path!r} is not CATEGORY/NAME in lower-case letters, digits and single hyphens.")
    elif split_id(answer.path)[0] not in categories:
        wrong.append(f"There is no category {split_id(answer.path)[0]!r}; there are {', '.join(categories)}.")
    for claim in answer.claims:
        if why := sources.wrong(Range(claim.source, claim.first, claim.last)):
            wrong.append(f"The claim {claim.text[:60]!r} cites lines that do not exist. {why}")
    for question in answer.questions:
        if question.default not in question.options:
            wrong.append(f"The default of {question.text!r} is not exactly one of its options.")
    if answer.covered_by and answer.covered_by not in neighbours:
        wrong.append(f"There is no neighbour {answer.covered_by!r}.")
    return _reasons(wrong)


def plan_skill(client: ModelClient, understood: Understood, brief: str, sources: Sources) -> SkillPlan:
    """Ask for the files and their sections."""
    grounds, capabilities = understood.grounds, understood.brief.capabilities
    claims = [
        f"C{number} ({one.lines}, {estimated(sources.plain([one.lines]))} tokens): {one.text}"
        for number, one in enumerate(grounds, 1)
    ]
    plan: SkillPlan = client.ask(
        "plan",
        lambda reply: judge_plan(reply, len(grounds), capabilities),
        brief=brief,
        claims="\n".join(claims),
        limits=f"SKILL.md: all its sections together at most {SKILL_TOKENS} tokens.\n"
        f"Every other file: at most {REFERENCE_TOKENS} tokens. At most 16 files.\n"
        f"At most {max(FEWEST_SECTIONS, -(-len(grounds) // CLAIMS_PER_SECTION))} sections in all files together.",
    )
    return plan


def judge_plan(plan: SkillPlan, claims: int, capabilities: Sequence[str]) -> str:
    """Why a plan cannot be used: paths that are not allowed, claims that do not exist, capabilities without a section."""
    wrong = [] if plan.files[0].path == SKILL_FILE else ["The first file must be SKILL.md."]
    paths = Counter(file.path for file in plan.files)
    wrong += [f"{path} is planned twice." for path, count in paths.items() if count > 1]
    for file in plan.files:
        wrong += _wrong_with_file(file)
        for section in file.sections:
            if not section.heading.strip() or section.heading.lstrip().startswith("#") or "\n" in section.heading:
                wrong.append(f"{section.heading!r} in {file.path} is not a heading of one line without number signs.")
            odd = [f"C{number}" for number in section.claims if not 1 <= number <= claims]
            odd += [f"K{number}" for number in section.covers if not 1 <= number <= len(capabilities)]
            if odd:
                wrong.append(f"The section {section.heading!r} names {', '.join(odd)}, which do not exist.")
    covered = {number for file in plan.files for section in file.sections for number in section.covers}
    wrong += [f"No section covers K{at}: {text}" for at, text in enumerate(capabilities, 1) if at not in covered]
    return _reasons(wrong)


def _wrong_with_file(file: PlannedFile) -> list[str]:
    wrong = []
    if file.path != SKILL_FILE and not FILE.match(file.path):
        wrong.append(f"{file.path!r} is not SKILL.md, references/NAME.md, scripts/NAME or assets/NAME.")
    if not is_markdown(file.path) and len(file.sections) > 1:
        wrong.append(f"{file.path} must have exactly one section.")
    if file.path != SKILL_FILE and not file.read_when.strip():
        wrong.append(f"{file.path} has no read_when.")
    headings = Counter(section.heading.strip().lower() for section in file.sections)
    wrong += [f"{file.path} has the heading {heading!r} twice." for heading, count in headings.items() if count > 1]
    size = sum(section.tokens for section in file.sections)
    if size > (limit := SKILL_TOKENS if file.path == SKILL_FILE else REFERENCE_TOKENS):
        wrong.append(f"{file.path} is planned with {size} tokens; the limit is {limit}.")
    return wrong


@dataclass(frozen=True)
class Writer:
    """Writes the sections of one plan, one call each, and then the description."""

    client: ModelClient
    understood: Understood
    brief: str
    plan: SkillPlan
    sources: Sources
    neighbours: Mapping[str, str]

    @cached_property
    def runs(self) -> frozenset[tuple[str, ...]]:
        """The runs of words that may not be copied: those of the prompts and of other skills' descriptions."""
        return runs_of([*prompt_texts(), *self.neighbours.values()])

    @cached_property
    def _outline(self) -> str:
        headings = {
            file.path: [f"{one.heading}: {tidy(one.says)}" for one in file.sections] for file in self.plan.files
        }
        return outline(headings, {file.path: file.purpose for file in self.plan.files})

    def sections(self) -> tuple[Section, ...]:
        """Ask for each section, in the order of the plan."""
        return tuple(self._section(file, section) for file in self.plan.files for section in file.sections)

    def _section(self, file: PlannedFile, section: PlannedSection) -> Section:
        claims = [self.understood.grounds[number - 1] for number in section.claims]
        seen = tuple(dict.fromkeys(one.lines for one in claims))
        passages = self.sources.passages(seen)
        points = [f"- {one.text} ({one.lines})" for one in claims]
        tried = 0

        def cited(reply: str) -> Citations:
            if not is_markdown(file.path):
                return Citations(reply, seen)
            return take_citations(_without_heading(reply, section.heading), self.sources, seen)

        def judge(reply: str) -> str:
            nonlocal tried
            tried += 1
            found = cited(reply)
            wrong = self._wrong_with_text(found.text, passages)
            if is_markdown(file.path):
                wrong += self._wrong_with_markdown(found.text)
                if not (found.ranges or found.wrong):
                    wrong.append("It cites no line. End each paragraph with its lines, as in [S1:12-18].")
                if tried == 1:  # the second time, a wrong citation is dropped, and an open point says so
                    wrong += found.wrong
            return _reasons(wrong)

        reply = self.client.ask(
            "write",
            judge,
            brief=self.brief,
            outline=self._outline,
            file=file.path,
            section="\n".join([section.heading, tidy(section.says), *points, f"About {section.tokens} tokens."]),
            passages=passages or NONE,
        )
        found = cited(reply)
        heading = tidy(section.heading) if is_markdown(file.path) else section.heading
        return Section(file.path, heading, found.text, seen, found.ranges, found.wrong, found.unbacked)

    def _wrong_with_text(self, body: str, passages: str) -> list[str]:
        wrong = []
        if left := dict.fromkeys(PLACEHOLDER.findall(body)):
            wrong.append(f"It has placeholders: {', '.join(f'{{{{{key}}}}}' for key in left)}.")
        if copied := copied_run(body, self.runs, passages):
            wrong.append(f"It repeats words of these directions or of another skill: {copied!r}.")
        return wrong

    def _wrong_with_markdown(self, body: str) -> list[str]:
        """Code blocks that do not close, headings that are too high, links that lead nowhere."""
        text = Markdown(body)
        wrong = [f"The code block of line {one.start + 1} is not closed." for one in text.fences if not one.closed]
        code = {number for fence in text.fences for number in range(fence.start, fence.end)}
        high = [line for number, line in enumerate(text.lines) if number not in code and _HIGH_HEADING.match(line)]
        wrong += [f"The line {line!r} is a heading above ###." for line in high[:2]]
        for link in text.links:
            target = link.target.partition("#")[0]
            if target and "://" not in target and not target.startswith("mailto:") and not self._is_planned(target):
                wrong.append(f"The link to {link.target!r} leads to no file of the outline.")
        return wrong

    def _is_planned(self, target: str) -> bool:
        paths = [file.path for file in self.plan.files]
        return any(target in (path, f"./{path}", f"../{path}", PurePosixPath(path).name) for path in paths)

    def description(self, files: Mapping[str, str]) -> str:
        """Ask for the description of the written files."""
        text = self.client.ask(
            "describe",
            lambda reply: judge_description(reply.strip(), self.runs),
            brief=self.brief,
            headings=outline_of(files),
            neighbours=_listed(self.neighbours),
        )
        return tidy(text)


def judge_description(text: str, runs: frozenset[tuple[str, ...]]) -> str:
    """Why a description cannot be used."""
    wrong = []
    if not 20 <= len(text) <= MOST_DESCRIPTION:
        wrong.append(f"It has {len(text)} characters; it may have 20 to {MOST_DESCRIPTION}.")
    if odd := sorted(set(re.findall(r"[<>{}]|-{3,}", text))):
        wrong.append(f"It may not contain {' '.join(odd)}.")
    if "\n" in text:
        wrong.append("It has line breaks.")
    if "use when" not in text.lower():
        wrong.append('It does not say "Use when".')
    if copied := copied_run(text, runs):
        wrong.append(f"It repeats words of these directions or of another skill: {copied!r}.")
    return _reasons(wrong)


def _reasons(wrong: Sequence[str]) -> str:
    """The first few reasons: enough to fix the reply, and not so many that it is written anew."""
    more = f" And {len(wrong) - _MOST_REASONS} more of the kind." if len(wrong) > _MOST_REASONS else ""
    return " ".join(wrong[:_MOST_REASONS]) + more


def _listed(entries: Mapping[str, str]) -> str:
    """Names with their descriptions, a line each, as the model reads them."""
    return "\n".join(f"{name}: {tidy(text)}" for name, text in sorted(entries.items())) or NONE


def _tidy(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(tidy(text) for text in texts if tidy(text))


def _without_heading(reply: str, heading: str) -> str:
    """The reply without the section's own heading, which many models repeat whatever the prompt says."""
    first, _, rest = reply.partition("\n")
    repeated = first.startswith("#") and first.lstrip("#").strip().lower() == heading.strip().lower()
    return rest.strip("\n") if repeated else reply
