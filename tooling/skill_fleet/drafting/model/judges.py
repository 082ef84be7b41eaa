"""What a reply must satisfy before it is taken: facts that code can check, each said so that the model can mend it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

from skill_fleet.checks.markdown import Markdown
from skill_fleet.drafting.model.echoes import echo
from skill_fleet.drafting.model.numbered import Range, Sources
from skill_fleet.drafting.model.shapes import Plan, Understanding
from skill_fleet.drafting.sources.placeholders import placeholders
from skill_fleet.fleet.names import is_name, is_skill_id, split_id
from skill_fleet.fleet.skill import SKILL_FILE

LONGEST_DESCRIPTION = 1024
SKILL_TOKENS, REFERENCE_TOKENS = 3_000, 6_000
_FILE = re.compile(r"references/[a-z0-9]+(?:-[a-z0-9]+)*\.md\Z|(?:scripts|assets)/[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")
_HEADING = re.compile(r"^ {0,3}#{1,2}(?=[ \t]|$)")
_SHOWN = 6


def judge_understanding(
    answer: Understanding, sources: Sources, categories: Collection[str], neighbours: Collection[str], path: str | None
) -> str:
    """Why an understanding cannot be taken: a path that cannot be, lines that are not there, questions without choice."""
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
            wrong.append(f"The default of {question.text!r} is not one of its options, to the letter.")
    if answer.covered_by and answer.covered_by not in neighbours:
        wrong.append(f"There is no neighbour {answer.covered_by!r}.")
    return _listed(wrong)


def judge_plan(plan: Plan, claims: int, capabilities: Sequence[str]) -> str:
    """Why a plan cannot be taken: files that may not be, claims that are not, capabilities that nobody covers."""
    wrong: list[str] = []
    paths = [file.path for file in plan.files]
    if not paths or paths[0] != SKILL_FILE:
        wrong.append("The first file must be SKILL.md.")
    wrong += [f"{path} is planned twice." for path, count in Counter(paths).items() if count > 1]
    for file in plan.files:
        if file.path != SKILL_FILE and not _FILE.match(file.path):
            wrong.append(f"{file.path!r} is not SKILL.md, references/NAME.md, scripts/NAME or assets/NAME.")
        if not is_markdown(file.path) and len(file.sections) > 1:
            wrong.append(f"{file.path} must have exactly one section.")
        if file.path != SKILL_FILE and not file.read_when.strip():
            wrong.append(f"{file.path} has no read_when.")
        headings = Counter(section.heading.strip().lower() for section in file.sections)
        wrong += [f"{file.path} has the heading {heading!r} twice." for heading, count in headings.items() if count > 1]
        for section in file.sections:
            if not section.heading.strip() or section.heading.lstrip().startswith("#") or "\n" in section.heading:
                wrong.append(f"{section.heading!r} in {file.path} is not a heading of one line without number signs.")
            odd = [f"C{number}" for number in section.claims if not 1 <= number <= claims]
            odd += [f"K{number}" for number in section.covers if not 1 <= number <= len(capabilities)]
            if odd:
                wrong.append(f"The section {section.heading!r} names {', '.join(odd)}, which do not exist.")
        size = sum(section.tokens for section in file.sections)
        if size > (limit := SKILL_TOKENS if file.path == SKILL_FILE else REFERENCE_TOKENS):
            wrong.append(f"{file.path} is planned with {size} tokens; it may have {limit}.")
    covered = {number for file in plan.files for section in file.sections for number in section.covers}
    for number, capability in enumerate(capabilities, 1):
        if number not in covered:
            wrong.append(f"No section covers K{number}: {capability}")
    return _listed(wrong)


def judge_section(
    body: str, *, markdown: bool, cites: bool, runs: frozenset[tuple[str, ...]], passages: str, planned: Collection[str]
) -> str:
    """Why a section cannot be taken: code that does not close, headings that are not its, words from the prompt."""
    wrong: list[str] = []
    if left := placeholders(body):
        wrong.append(f"It has placeholders: {', '.join(f'{{{{{key}}}}}' for key in left)}.")
    if copied := echo(body, runs, passages):
        wrong.append(f"It repeats words of these directions or of another skill: {copied!r}.")
    if markdown:
        text = Markdown(body)
        fences = text.fences
        wrong += [f"The code block of line {fence.start + 1} is not closed." for fence in fences if not fence.closed]
        code = {number for fence in fences for number in range(fence.start, fence.end)}
        high = [line for number, line in enumerate(text.lines) if number not in code and _HEADING.match(line)]
        wrong += [f"The line {line!r} is a heading above ###." for line in high[:2]]
        for link in text.links:
            target = link.target.partition("#")[0]
            if target and "://" not in target and not target.startswith("mailto:") and not _is_planned(target, planned):
                wrong.append(f"The link to {link.target!r} leads to no file of the outline.")
        if not cites:
            wrong.append("It cites no line. End each paragraph with its lines, as in [S1:12-18].")
    return _listed(wrong)


def judge_description(text: str, runs: frozenset[tuple[str, ...]]) -> str:
    """Why a description cannot be taken."""
    wrong = []
    if not 20 <= len(text) <= LONGEST_DESCRIPTION:
        wrong.append(f"It has {len(text)} characters; it may have 20 to {LONGEST_DESCRIPTION}.")
    if odd := sorted(set(re.findall(r"[<>{}]|-{3,}", text))):
        wrong.append(f"It may not contain {' '.join(odd)}.")
    if "\n" in text.strip():
        wrong.append("It has line breaks.")
    if "use when" not in text.lower():
        wrong.append('It does not say "Use when".')
    if copied := echo(text, runs):
        wrong.append(f"It repeats words of these directions or of another skill: {copied!r}.")
    return _listed(wrong)


def is_markdown(path: str) -> bool:
    """Whether a file of the plan is written as sections of Markdown."""
    return path.endswith(".md")


def file_name_ok(path: str) -> bool:
    """Whether a revision may make a file of this name."""
    return bool(_FILE.match(path)) and path.startswith("references/") and is_name(PurePosixPath(path).stem)


def _is_planned(target: str, planned: Collection[str]) -> bool:
    return any(target in (path, f"./{path}", f"../{path}", PurePosixPath(path).name) for path in planned)


def _listed(wrong: Sequence[str]) -> str:
    """The first few reasons: enough to mend, and not so many that the answer is rewritten."""
    more = f" And {len(wrong) - _SHOWN} more of the kind." if len(wrong) > _SHOWN else ""
    return " ".join(wrong[:_SHOWN]) + more
