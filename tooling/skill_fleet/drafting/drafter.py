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
from skill_fleet.drafting.read import DESCRIPTION
from skill_fleet.drafting.selection import Selection, page_of
from skill_fleet.drafting.splitting import top_sections
from skill_fleet.drafting.types import Brief, Draft, Entry, Fate, Kind, Place, Point, Question, Severity
from skill_fleet.drafting.writing import Written, plan, readable, write
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import PLACEHOLDER, estimated_tokens, first_sentence, new_front_matter, tidy, tidy_value

DRAFTED_BY = "extractive"  # what the trailer of a draft without a model says
MOST_QUESTIONS = 4
_MOST_HEADINGS = 20
_LONGEST = 1024
_SENTENCE = 400
_MAPPED = {
    "name",
    "title",
    "description",
    "license",
    "compatibility",
    "allowed-tools",
    "version",
    "globs",
    "keywords",
    "tags",
}
_OWN_METADATA = {"version", "tags", "requires", "type", "weight", "load_priority"}
_SITE = {
    "weight", "layout", "sidebar_position", "sidebar_label", "sidebar", "nav_order", "parent", "permalink", "date", "lastmod",
    "draft", "slug", "id", "toc", "hide", "hide_title", "hide_table_of_contents", "menu", "aliases", "author", "authors",
    "categories", "category", "image", "template", "outline", "lang", "type", "linktitle", "alwaysapply", "redirect_from",
    "pagination_next", "pagination_prev", "order", "icon", "label", "head", "class", "comments", "search", "status", "level",
    "summary", "excerpt", "created", "updated", "modified", "last_modified", "published", "subtitle", "nav_title",
}  # fmt: skip
_INSTRUCTIONS = {"agents.md", "claude.md", "gemini.md", "copilot-instructions.md", ".cursorrules", ".windsurfrules"}
_FOR_ONE = re.compile(r"\b(?:in|with|for) this (?:repository|repo|project|codebase|code base)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Head:
    """What the main document says of the skill: its name and title, the description and whether it is the text's."""

    name: str
    title: str
    description: str
    is_given: bool


def brief_for(task: str, selection: Selection, path: str | None, categories: Sequence[str]) -> Brief:
    """What the skill of a selection will be. `path` is CATEGORY/NAME or a category; UserError without either."""
    head = _head(selection)
    pages = [page_of(part) for part in _parts(selection)]
    keys = {key: None for page in pages for line in page.lines if "{{" in line for key in PLACEHOLDER.findall(line)}
    return Brief(
        task=tidy(task) or f"Make a skill of {head.title}.",
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
    titles = [page.matter.get("title", ""), page.title if _is_title(page) else ""]
    return skill_name(page.matter.get("name", ""), titles, selection.main.path or document.path, document.home)


def _is_title(page: Page) -> bool:
    """Whether the first heading of level 1 names the document: it is the only one, or the sections are below it."""
    tops = [section for section in page.headings.values() if section.level == 1]
    first = not any(span[0] < tops[0].at for span in page.paragraphs[:1]) if tops else True
    return len({section.title for section in tops}) < 2 or (first and bool(tops[0].children))


def _parts(selection: Selection) -> list[Part]:
    return [part for part in (selection.main, *selection.references) if part]


def _headings(selection: Selection) -> tuple[str, ...]:
    """The headings at which the main document divides, or the titles of the documents."""
    titles = [section.title for section in top_sections(page_of(selection.main))] if selection.main else []
    if len(titles) < 2:
        titles += [page_of(part).title for part in selection.references]
    return tuple(dict.fromkeys(title for title in titles if title))[:_MOST_HEADINGS]


def _head(selection: Selection, description: str = "") -> Head:
    page = page_of(selection.main) if selection.main else page_of(selection.references[0])
    name = page.matter.get("name", "") if selection.main else ""
    own = PurePosixPath(selection.main.path).stem if selection.main else selection.title
    title = (page.matter.get("title") or page.title if selection.main else "") or readable(name or own)
    given = description or (page.matter.get("description", "") if selection.main else "")
    if tidy(given).strip("|>- "):
        return Head(name, title, _fitting(given), True)
    pages = [page] if selection.main else [page_of(part) for part in selection.references]
    sentence = next(filter(None, (first_sentence(_prose(one)) for one in pages)), "")
    return Head(name, title, _fitting(f"{title}: {sentence}" if sentence else title), False)


def _prose(page: Page) -> Iterator[str]:
    """Paragraphs of a page, and then the items of its lists, without their marks."""
    for span in (*page.paragraphs[:200], *page.items[:50]):
        yield re.sub(r"^(?:[-*+]|\d+[.)])\s+", "", page.text(span))


def _fitting(text: str) -> str:
    """A description without what the specification does not allow, and not too long."""
    clean = re.sub(r"-{3,}", "--", re.sub(r"[<>]", "", tidy(text))).replace("{{", "{").replace("}}", "}")
    most = _LONGEST - len(DESCRIPTION) - 6
    return clean if len(clean) <= most else clean[:most].rpartition(" ")[0]


def draft_selection(brief: Brief, selection: Selection, description: str = "", taken: Sequence[str] = ()) -> Draft:
    """The draft of documents that were chosen. `taken` are stems of references that the skill has already."""
    head = _head(selection, description)
    page = page_of(selection.main) if selection.main else None
    matter = page.matter if page else {}
    globs = matter.get("globs", "")
    shown = ", ".join(f"`{glob.strip()}`" for glob in globs.split(",") if glob.strip(" `"))
    scope = [f"Applies to files matching {shown}."] if shown else []
    front = _front_matter(brief, head, matter)
    written = write(plan(selection, front, [head.title, *scope], taken), selection)
    keywords = [word.strip() for key in ("keywords", "tags") for word in matter.get(key, "").split(",") if word.strip()]
    converters = {one.converter: None for one in selection.documents if one.converter}
    return Draft(
        brief=brief,
        files=written.texts,
        ledger=written.ledger,
        points=tuple(_points(selection, head, written)),
        drafted_by=DRAFTED_BY,
        notes=tuple(f"Converted to Markdown by {converter}." for converter in converters),
        generated=written.generated,
        material=(*_headings(selection), *([globs] if globs else []), *keywords),
    )


def _front_matter(brief: Brief, head: Head, matter: Mapping[str, str]) -> list[str]:
    description = head.description if head.is_given else f"{{{{{DESCRIPTION}}}}} {head.description}"
    fields = {"name": brief.name, "description": description}
    for key, most in (("license", 500), ("compatibility", 500), ("allowed-tools", _LONGEST)):
        if value := tidy_value(matter.get(key, ""))[:most]:
            fields[key] = value.replace(",", " ") if key == "allowed-tools" and "(" not in value else value
    metadata = {"version": tidy_value(matter.get("metadata.version", matter.get("version", ""))) or "0.1.0"}
    for key, value in matter.items():
        name = key.removeprefix("metadata.")
        if name != key and name in _OWN_METADATA and (value := tidy_value(value)):
            metadata[name] = value
    return new_front_matter(fields, metadata)


def _points(selection: Selection, head: Head, written: Written) -> Iterator[Point]:
    if not head.is_given:
        yield Point(Kind.DESCRIPTION, Severity.ERROR, head.description, places=(Place(SKILL_FILE, 3),))
    for document in selection.documents:
        yield from document.points
    placed = {(entry.document, entry.first): entry for entry in written.ledger if entry.fate is Fate.PLACED}
    yield from _placeholders(written.texts)
    for part in _parts(selection):
        page = page_of(part)
        if part.cut_head or part.cut_tail:
            yield Point(Kind.CUT, places=(_source(part),))
        unknown = [
            key
            for key in page.matter
            if key.partition(".")[0] not in _MAPPED | {"metadata"} and key.lower().partition(".")[0] not in _SITE
        ]
        unknown += [key for key in page.matter if key.startswith("metadata.") and key[9:] not in _OWN_METADATA]
        if unknown or page.fault:
            yield Point(
                Kind.FRONT_MATTER, Severity.NOTE, detail=page.fault, places=(_source(part),), examples=tuple(unknown)
            )
    if written.places.missing:
        yield _missing(Kind.LINKS, written.places.missing, written.ledger)
    if written.includes:
        yield _missing(Kind.INCLUDES, written.includes, written.ledger)
    if selection.main and _is_for_one_repository(selection.main):
        yield Point(Kind.REPOSITORY, places=(Place(SKILL_FILE),))
    yield from _snippets(_parts(selection), placed.values())


def _source(part: Part) -> Place:
    return Place(part.document, part.first + 1 + part.opened)


def _placeholders(texts: Mapping[str, str]) -> Iterator[Point]:
    places: dict[str, list[Place]] = {}
    for file, text in texts.items():
        for number, line in enumerate(text.split("\n"), 1):
            for key in PLACEHOLDER.findall(line) if "{{" in line else ():
                places.setdefault(key, []).append(Place(file, number))
    places.pop(DESCRIPTION, None)
    for key, found in places.items():
        yield Point(Kind.PLACEHOLDER, Severity.ERROR, key, places=tuple(found))


def _missing(kind: Kind, found: Mapping[str, Sequence[tuple[str, int]]], ledger: Sequence[Entry]) -> Point:
    lines = [place for places in found.values() for place in places]
    return Point(kind, places=tuple(placed_at(lines, ledger)), count=len(found), examples=tuple(found))


def placed_at(lines: Iterable[tuple[str, int]], ledger: Sequence[Entry]) -> Iterator[Place]:
    """Where source lines (document, from 1) are in the skill."""
    where = {name: [one for one in ledger if one.document == name and one.file] for name in {line[0] for line in lines}}
    for name, line in lines:
        one = next((entry for entry in where[name] if entry.first <= line <= entry.last), None)
        if one:
            yield Place(one.file, one.line + line - one.first)


def _is_for_one_repository(part: Part) -> bool:
    name = PurePosixPath(part.path).name.lower()
    head = "\n".join(part.lines[:12])
    return name in _INSTRUCTIONS or name.endswith(".mdc") or (len(head) < 5000 and _FOR_ONE.search(head) is not None)


def _snippets(parts: Sequence[Part], placed: Iterable[Entry]) -> Iterator[Point]:
    """Fenced code that does not parse."""
    fences = [
        (part, fence, SNIPPET_LANGUAGES[word])
        for part in parts
        for fence in page_of(part).fences
        if (word := (fence.info.split() or [""])[0].lower()) in SNIPPET_LANGUAGES and fence.closed
    ]
    codes = [(language, "\n".join(part.lines[one.first + 1 : one.last - 1]) + "\n") for part, one, language in fences]
    ledger = [*placed]
    wrong = [
        ((part.document, part.first + fence.first + 1 + found[0]), found[1])
        for (part, fence, _), found in zip(fences, syntax_errors(codes), strict=True)
        if found
    ]
    if wrong:
        places = tuple(placed_at([line for line, _ in wrong], ledger))
        yield Point(Kind.SNIPPET, Severity.NOTE, detail=wrong[0][1], places=places, count=len(wrong))


def safety_points(findings: Iterable[Finding], draft: Draft, folder: str) -> tuple[Point, ...]:
    """Findings of `safety/*` on lines that a source has, as open points. `folder` is the skill's, as findings name it."""
    points: list[Point] = []
    for finding in findings:
        file = finding.path.removeprefix(f"{folder}/")
        placed = (entry for entry in draft.ledger if entry.file == file)
        if finding.rule.split("/")[0] == "safety" and any(
            entry.line <= finding.line <= entry.line + entry.last - entry.first for entry in placed
        ):
            points.append(
                Point(Kind.SAFETY, Severity.ERROR, finding.rule, finding.message, (Place(file, finding.line),))
            )
    return tuple(points)


def render_preview(draft: Draft) -> str:
    """The dry run of a draft for a terminal: its files with their size, what is left out, and SKILL.md itself."""
    width = max(len(path) for path in draft.files)
    lines = [f"skills/{draft.brief.path}/"]
    for path, text in draft.files.items():
        lines.append(f"  {path:<{width}}  {text.count(chr(10)):>5} lines  {estimated_tokens(text):>7,} tokens")
    left = [entry for entry in draft.ledger if entry.fate is Fate.LEFT_OUT]
    lines += ["", "Left out:"] if left else []
    lines += [f"  {entry.document}:{entry.first}-{entry.last}  {entry.reason}" for entry in left]
    return "\n".join([*lines, "", draft.files.get(SKILL_FILE, "")])
