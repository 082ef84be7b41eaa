"""The drafter without a model: the brief of a selection, SKILL.md's front matter, and the open points of a draft."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from skill_fleet.checks import SNIPPET_LANGUAGES, Finding, syntax_errors
from skill_fleet.drafting.dumps import Part
from skill_fleet.drafting.naming import settle_path, skill_name
from skill_fleet.drafting.page import Page
from skill_fleet.drafting.planning import plan, readable, top_sections
from skill_fleet.drafting.read import DESCRIPTION
from skill_fleet.drafting.selection import Selection, page_of
from skill_fleet.drafting.types import Brief, Draft, Entry, Fate, Kind, Place, Point, Question, Severity
from skill_fleet.drafting.writing import Written, write
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import PLACEHOLDER, estimated_tokens, first_sentence, new_front_matter, tidy, tidy_value

DRAFTED_BY = "extractive"  # what the trailer of a draft without a model says
MOST_QUESTIONS = 4
_MOST_HEADINGS = 20
_LONGEST = 1024
_OWN_METADATA = {"version", "tags", "requires", "type", "weight", "load_priority"}
_KNOWN_WORDS = """
name title description license compatibility allowed-tools version globs keywords tags metadata weight layout
sidebar_position sidebar_label sidebar nav_order parent permalink date lastmod draft slug id toc hide hide_title
hide_table_of_contents menu aliases author authors categories category image template outline lang type linktitle
alwaysapply redirect_from pagination_next pagination_prev order icon label head class comments search status level
summary excerpt created updated modified last_modified published subtitle nav_title
"""  # keys that are used, and those of site generators that no skill needs
_KNOWN = {*_KNOWN_WORDS.split()}
_INSTRUCTIONS = {"agents.md", "claude.md", "gemini.md", "copilot-instructions.md", ".cursorrules", ".windsurfrules"}


@dataclass(frozen=True)
class Head:
    """The title of a skill, its description, and whether the description is a given one rather than a first sentence."""

    title: str
    description: str
    is_given: bool


def brief_for(task: str, selection: Selection, path: str | None, categories: Sequence[str]) -> Brief:
    """What the skill of a selection will be. `path` is CATEGORY/NAME or a category; UserError without either."""
    lines = (line for part in selection.texts for line in part.lines if "{{" in line)
    keys = dict.fromkeys(key for line in lines for key in PLACEHOLDER.findall(line))
    return Brief(
        task=tidy(task) or f"Make a skill of {_head(selection).title}.",
        path=settle_path(path, name_of(selection) if "/" not in (path or "") else "", categories),
        capabilities=_headings(selection),
        questions=tuple(map(placeholder_question, [*keys][:MOST_QUESTIONS])),
        sources=tuple(document.name for document in selection.documents if document.text),
    )


def placeholder_question(key: str) -> Question:
    """The question about a placeholder of the source."""
    return Question(
        f"What is the value of `{{{{{key}}}}}`?",
        "It is a placeholder of the source, and the draft stays red until it is filled.",
        changes=f"each place with {{{{{key}}}}}",
    )


def name_of(selection: Selection) -> str:
    """The name that a skill of the selection gets from its documents. Raises UserError if they have none."""
    if selection.main is None:
        return skill_name("", [selection.title], selection.title, selection.home)
    page = page_of(selection.main)
    document = next(one for one in selection.documents if one.name == selection.main.document)
    titles = [page.matter.get("title", ""), page.title]
    return skill_name(page.matter.get("name", ""), titles, selection.main.path or document.path, document.home)


def _headings(selection: Selection) -> tuple[str, ...]:
    """The headings at which the main document divides, or the titles of the documents."""
    titles = [section.title for section in top_sections(page_of(selection.main))] if selection.main else []
    if len(titles) < 2:
        titles += [page_of(part).title for part in selection.references]
    return tuple(dict.fromkeys(filter(None, titles)))[:_MOST_HEADINGS]


def _head(selection: Selection, description: str = "") -> Head:
    """The head of SKILL.md: what a person, the front matter or the title says, or else the name of the file."""
    page = page_of(selection.texts[0])
    matter, title, own = page.matter, "", selection.title
    if selection.main:
        title, own = matter.get("title") or page.title, matter.get("name") or PurePosixPath(selection.main.path).stem
        description = description or matter.get("description", "")
    title = title or readable(own)
    if tidy(description).strip("|>- "):
        return Head(title, _fitting(description), True)
    pages = [page] if selection.main else [page_of(part) for part in selection.references]
    sentence = next(filter(None, (first_sentence(_prose(one)) for one in pages)), "")
    return Head(title, _fitting(f"{title}: {sentence}" if sentence else title), False)


def _prose(page: Page) -> Iterator[str]:
    """Paragraphs of a page."""
    return (" ".join(map(str.strip, page.lines[slice(*span)])) for span in page.paragraphs[:200])


def _fitting(text: str) -> str:
    """A description without what the specification does not allow, and not too long."""
    clean = re.sub(r"-{3,}", "--", re.sub(r"[<>]", "", tidy(text))).replace("{{", "{").replace("}}", "}")
    most = _LONGEST - len(DESCRIPTION) - 6
    return clean if len(clean) <= most else clean[:most].rpartition(" ")[0]


def draft_selection(brief: Brief, selection: Selection, description: str = "", taken: Sequence[str] = ()) -> Draft:
    """The draft of documents that were chosen. `taken` are stems of references that the skill has already."""
    head = _head(selection, description)
    matter = page_of(selection.main).matter if selection.main else {}
    globs = matter.get("globs", "")
    shown = ", ".join(f"`{glob.strip()}`" for glob in globs.split(",") if glob.strip(" `"))
    scope = f"Applies to files matching {shown}." if shown else ""
    written = write(plan(selection, _front_matter(brief, head, matter), head.title, scope, taken), selection)
    keywords = [word.strip() for key in ("keywords", "tags") for word in matter.get(key, "").split(",")]
    converters = dict.fromkeys(one.converter for one in selection.documents if one.converter)
    notes = tuple(f"Converted to Markdown by {converter}." for converter in converters)
    material = (*_headings(selection), *filter(None, [globs, *keywords]))
    points = tuple(_points(selection, head, written))
    return Draft(brief, written.texts, written.ledger, points, DRAFTED_BY, notes, written.generated, material)


def _front_matter(brief: Brief, head: Head, matter: Mapping[str, str]) -> list[str]:
    values = {key: tidy_value(value) for key, value in matter.items()}
    given = {key: values.get(key, "")[:500] for key in ("license", "compatibility")}
    given["allowed-tools"] = values.get("allowed-tools", "")[:_LONGEST]  # with commas or spaces, as it is
    own = {key.removeprefix("metadata."): value for key, value in values.items() if key.startswith("metadata.")}
    metadata = {"version": own.get("version") or values.get("version") or "0.1.0"}
    metadata |= {key: value for key, value in own.items() if value and key in _OWN_METADATA}
    description = head.description if head.is_given else f"{{{{{DESCRIPTION}}}}} {head.description}"
    fields = {"name": brief.name, "description": description} | {key: value for key, value in given.items() if value}
    return [*new_front_matter(fields, metadata), ""]


def _points(selection: Selection, head: Head, written: Written) -> Iterator[Point]:
    if not head.is_given:
        yield Point(Kind.DESCRIPTION, Severity.ERROR, head.description, places=(Place(SKILL_FILE, 3),))
    for document in selection.documents:
        yield from document.points
    yield from _placeholders(written.texts)
    for part in selection.texts:
        page, place = page_of(part), Place(part.document, part.first + 1 + part.opened)
        if part.cut_head or part.cut_tail:
            yield Point(Kind.CUT, places=(place,))
        unknown = tuple(key for key in page.matter if not _is_known(key))
        if unknown or page.fault:
            yield Point(Kind.FRONT_MATTER, Severity.NOTE, detail=page.fault, places=(place,), examples=unknown)
    for kind, missing in ((Kind.LINKS, written.missing_links), (Kind.INCLUDES, written.missing_includes)):
        if missing:
            places = _placed((line for lines in missing.values() for line in lines), written.ledger)
            yield Point(kind, places=places, count=len(missing), examples=tuple(missing))
    own = PurePosixPath(selection.main.path).name.lower() if selection.main else ""
    if own in _INSTRUCTIONS or own.endswith(".mdc"):
        yield Point(Kind.REPOSITORY, places=(Place(SKILL_FILE),))
    yield from _snippets(selection.texts, written.ledger)


def _is_known(key: str) -> bool:
    """Whether a key of front matter is used, or is one of a site generator that no skill needs."""
    first, _, rest = key.partition(".")
    return rest in _OWN_METADATA if first == "metadata" and rest else first.lower() in _KNOWN


def _placeholders(texts: Mapping[str, str]) -> Iterator[Point]:
    places: dict[str, list[Place]] = {}
    for file, text in texts.items():
        for number, line in enumerate(text.split("\n"), 1):
            for key in dict.fromkeys(PLACEHOLDER.findall(line)) if "{{" in line else ():
                places.setdefault(key, []).append(Place(file, number))
    places.pop(DESCRIPTION, None)
    for key, found in places.items():
        yield Point(Kind.PLACEHOLDER, Severity.ERROR, key, places=tuple(found))


def _placed(lines: Iterable[tuple[str, int]], ledger: Sequence[Entry]) -> tuple[Place, ...]:
    """Where source lines (document, from 1) are in the skill; those that are nowhere are left out."""
    spans = [(one, range(one.first, one.last + 1)) for one in ledger if one.file]
    where = {
        (one.document, line): Place(one.file, one.line + at) for one, span in spans for at, line in enumerate(span)
    }
    return tuple(where[line] for line in lines if line in where)


def _snippets(parts: Sequence[Part], ledger: Sequence[Entry]) -> Iterator[Point]:
    """One point about all fenced code that does not parse."""
    fences = [
        (part, fence)
        for part in parts
        for fence in page_of(part).fences
        if fence.closed and fence.language in SNIPPET_LANGUAGES
    ]
    codes = [
        (SNIPPET_LANGUAGES[one.language], "\n".join([*part.lines[one.first + 1 : one.last - 1], ""]))
        for part, one in fences
    ]
    found = zip(fences, syntax_errors(codes), strict=True)
    wrong = [((part.document, part.first + one.first + 1 + said[0]), said[1]) for (part, one), said in found if said]
    if wrong:
        places = _placed((line for line, _ in wrong), ledger)
        yield Point(Kind.SNIPPET, Severity.NOTE, detail=wrong[0][1], places=places, count=len(wrong))


def safety_points(findings: Iterable[Finding], draft: Draft, folder: str) -> tuple[Point, ...]:
    """Findings of `safety/*` on lines that a source has, as open points. `folder` is the skill's, as findings name it."""
    sourced = {(one.file, one.line + at) for one in draft.ledger for at in range(one.last - one.first + 1) if one.file}
    return tuple(
        Point(Kind.SAFETY, Severity.ERROR, one.rule, one.message, (Place(file, one.line),))
        for one in findings
        if one.rule.startswith("safety/") and ((file := one.path.removeprefix(f"{folder}/")), one.line) in sourced
    )


def render_files(skill: str, files: Mapping[str, str]) -> list[str]:
    """The files of a skill with their size, SKILL.md first, a line each."""
    width = max(map(len, files), default=0)
    return [f"skills/{skill}/"] + [
        f"  {path:<{width}}  {text.count(chr(10)):>5} lines  {estimated_tokens(text):>7,} tokens"
        for path, text in sorted(files.items(), key=lambda file: file[0] != SKILL_FILE)
    ]


def render_preview(draft: Draft) -> str:
    """The dry run of a draft for a terminal: its files with their size, what is left out, and SKILL.md itself."""
    lines = render_files(draft.brief.path, draft.files)
    left = [
        f"  {one.document}:{one.first}-{one.last}  {one.reason}" for one in draft.ledger if one.fate is Fate.LEFT_OUT
    ]
    return "\n".join([*lines, *(["", "Left out:", *left] if left else []), "", draft.files.get(SKILL_FILE, "")])
