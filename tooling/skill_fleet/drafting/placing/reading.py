"""The table that says when to read each file."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass

from skill_fleet.drafting.omitting.foreign import FOREIGN
from skill_fleet.drafting.omitting.records import record_of
from skill_fleet.drafting.pages.identifiers import defined_names, opening_words
from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.plain import plain, shortened, tidy
from skill_fleet.drafting.pages.sections import Section, labels
from skill_fleet.drafting.placing.needs import Needs, defined
from skill_fleet.drafting.planning.plan import CHANGES
from skill_fleet.drafting.wording.names import bare_title
from skill_fleet.drafting.wording.topics import ABOUT_ITSELF, cased, dated, listing, more_than_title, topic_of

JOINED = 3
MANY = 10  # topics that a row names of a file that sections share: its contents list has them all
_VERBS = (
    (re.compile(r"^(issue|error|problem)( \d+)?\s*[:#-]", re.I), "see"),
    (re.compile(r"^anti-?pattern", re.I), "check your work for"),
    (re.compile(r"^(workflow|step)( \d[\d-]*)?\s*[:.-]|^(workflow|step) \d", re.I), "build"),
    (re.compile(r"^scenario( \d+)?\s*[:.-]|^scenario \d", re.I), "test"),
)
_SCENARIO = _VERBS[3][0]
_CRITERIA = re.compile(r"\s*(?:[-*+]\s+)?\*{0,2}success criteria\b[^:]{0,40}:", re.I)


@dataclass(frozen=True)
class Reference:
    """One file under references/: a section of a page, or several that were too small for files of their own.

    `kept`: a file that the author of a skill put there, which stays as it is. `label`: what the sections have in common.
    `under`: the heading above them that the table stands for.
    """

    path: str
    page: Page
    sections: tuple[Section, ...]
    title: str
    kept: bool = False
    label: str = ""
    under: str = ""


def reading_table(references: Sequence[Reference], file: str, needs: Needs | None = None) -> tuple[str, ...]:
    """A Markdown table of references, a row each, as it stands in `file`: `| Read | when you |`.

    `needs` are names that the code of SKILL.md has from elsewhere: a row says which of them its file defines first.
    """
    folder = posixpath.dirname(file) or "."
    counts = Counter(name for one in references for name in _types(one))
    common = {name for name, count in counts.items() if count > 1}
    rows = []
    known: set[str] = set()
    for one in references:
        names = defined(one.page, one.sections[0].first, one.sections[-1].last, needs or Needs(), known)
        known.update(names)
        has = f"; it defines {', '.join(f'`{name}`' for name in names)}" if names else ""
        rows.append(f"| {_linked(posixpath.relpath(one.path, folder))} | {_cell(when(one, common) + has)} |")
    return ("| Read | when you |", "| --- | --- |", *rows)


def index_rows(lists: Sequence[tuple[str, Sequence[str]]]) -> tuple[str, ...]:
    """A table of tables, for a document with more files than one table may list: each with the titles that it leads to."""
    named = [(path, [shortened(bare_title(title), 40) for title in dict.fromkeys(titles)]) for path, titles in lists]
    rows = [f"| {_linked(path)} | look for {_cell(listing(titles))} |" for path, titles in named]
    return ("| Read | when you |", "| --- | --- |", *rows)


def _types(one: Reference) -> list[str]:
    return defined_names(one.page, one.sections[0].first, one.sections[-1].last)


def when(reference: Reference, common: Container[str] = ()) -> str:
    """What a reader is doing who needs this file: its title, then the words of its headings, all topics up to 25.

    `common` are names of code that other files have too, and so tell nothing.
    """
    page, titles = reference.page, _titles(reference)
    kind = record_of(page, reference.sections[0])
    if CHANGES.search(reference.title) and len(reference.sections) == 1:
        return "want to know what changed (record)"
    if FOREIGN.search(reference.title):
        return "edit this skill: what was written for another tool, to be dropped"
    if kind == "record":
        return f"see {dated(reference.title)} (record)"
    if kind == "evaluation":
        scenarios = [title for title in titles if _SCENARIO.match(title)]
        said = listing(cased(scenarios or titles, page))
        if _criteria(reference):
            return f"work on or check {said}"
        return f"test an answer by {topic_of(reference.title, page)}: {said}"
    if not reference.sections[0].level and page.matter.get("description"):
        return f"work on {topic_of(reference.title, page)}: {shortened(tidy(page.matter['description']), 240)}"
    for pattern, verb in _VERBS:
        matching = [title for title in titles if pattern.match(title)]
        if 2 * len(matching) > len(titles):
            if verb == "see":
                return f"see {listing([_quoted(title) for title in matching])}"
            verb = f"{verb} one of:" if verb == "test" and len(matching) > 1 else verb
            more = (
                opening_words(page, reference.sections[0].body, reference.sections[-1].last) if len(titles) == 1 else ""
            )
            return f"{verb} {listing(cased(matching, page))}{f': {more}' if more else ''}"
    if len(titles) == 1 and bare_title(titles[0]) == bare_title(reference.title):
        return f"work on {more_than_title(page, reference.sections[0], reference.title, common)}"
    if 1 < len(reference.sections) <= JOINED and not reference.label:
        above = f"{topic_of(reference.under, page)}: " if reference.under else ""
        return f"work on {above}{'; '.join(_with_parts(page, section) for section in reference.sections)}"
    if len(reference.sections) > 1:
        return f"work on {f'{reference.label}: ' * bool(reference.label)}{listing(cased(titles, page), MANY)}"
    return f"work on {topic_of(reference.title, page)}: {listing(cased(titles, page))}"


def _with_parts(page: Page, section: Section) -> str:
    parts = [child.title for child in section.children if child.title and not child.made]
    own = topic_of(section.title, page)
    return f"{own}: {listing(cased(parts, page))}" if parts else own


def _criteria(reference: Reference) -> bool:
    first, last = reference.sections[0].first, reference.sections[-1].last
    return any(_CRITERIA.match(line) for line in reference.page.lines[first:last])


def _quoted(title: str) -> str:
    said = bare_title(title)
    short = shortened(said, 120)
    return f'"{short}"' if short == said else f'"{short} \u2026"'


def _titles(reference: Reference) -> list[str]:
    """The headings one level down, else bold labels that stand for headings, else the file's own title."""
    if len(reference.sections) > 1:
        return [section.title for section in reference.sections if section.title] or [reference.title]
    section = reference.sections[0]
    if not section.level and len(section.children) == 1:
        section = section.children[0]
    found = [child for child in section.children if child.title and bare_title(child.title).lower() not in ABOUT_ITSELF]
    if len(found) == 1 and len(found[0].children) > 1:
        found = [child for child in found[0].children if child.title]
    if len(found) > 1:
        return [plain(child.title) for child in found]
    marked = [text for _, text in labels(reference.page, section.body, section.last)]
    kinds = [title for title in marked if re.match(r"\w[\w -]*\s\d+\s*[:.)]", title)]
    return kinds if len(kinds) > 1 else [reference.title]


def _linked(path: str) -> str:
    return f"[{posixpath.basename(path).removesuffix('.md')}]({path})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
