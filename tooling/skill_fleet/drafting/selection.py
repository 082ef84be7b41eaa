"""Which document is which: SKILL.md's, references, scripts and assets; and what is left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath

from skill_fleet.drafting.dumps import Part, unpack
from skill_fleet.drafting.page import Page, included_path, parse_page
from skill_fleet.drafting.read import converted, markup_of, matches
from skill_fleet.drafting.types import Document
from skill_fleet.errors import UserError

_MOST_DOCUMENTS = 40
_MOST_CHARACTERS, _MOST_LINES = 1_000_000, 40_000  # of several documents
_FEWEST_WORDS = 120
_INDEX = re.compile(r"(?:readme|index|_index)(?:\.[A-Za-z]{2})?$", re.IGNORECASE)
_LINK = re.compile(r"!?\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])|<https?:[^<>]*>|https?://\S+")
_WORD = re.compile(r"[^\W\d_]{2,}|[\u3040-\u30ff\u3400-\u9fff]")
_LISTED = 60


class Undecided(UserError):
    """Several documents, and nothing says which is SKILL.md's. `candidates` are their paths, for a question."""

    def __init__(self, candidates: Sequence[str]) -> None:
        shown = ", ".join(candidates[:20]) + (", ..." if len(candidates) > 20 else "")
        wrong = f"The source has {len(candidates)} documents, and one of them has to become SKILL.md: {shown}."
        super().__init__(wrong, f"Choose one: --main {candidates[0]!r} (or --main none for a table of all of them)")
        self.candidates = tuple(candidates)


@dataclass(frozen=True, eq=False)
class Selection:
    """The documents as the ledger counts them, and what each of their parts becomes.

    `main` is None if SKILL.md is only a title and a table. `consumed` are lines (document, first, last from 0, reason).
    """

    documents: tuple[Document, ...]
    main: Part | None
    references: tuple[Part, ...]
    files: tuple[Part, ...]
    left_out: tuple[tuple[Part, str], ...]
    consumed: tuple[tuple[str, int, int, str], ...]
    title: str

    @property
    def home(self) -> str:
        """The repository or folder that holds the documents."""
        return next((one.home for one in self.documents if one.home), "")

    @property
    def texts(self) -> tuple[Part, ...]:
        """The parts that are documents, SKILL.md's first."""
        return (*([self.main] if self.main else []), *self.references)


def select(sources: Sequence[Document], only: Sequence[str] = (), main: str = "", anyway: bool = False) -> Selection:
    """Choose what each document becomes. `main` is a pattern for SKILL.md's, or "none"; `only` are patterns to take.

    Raises Undecided for a dump of several documents without `main`; UserError when nothing or too much is left, and,
    unless `anyway`, for a document with nothing in it.
    """
    texts, files = list[Part](), list[Part]()
    left: list[tuple[Part, str]] = []
    consumed: list[tuple[str, int, int, str]] = []
    documents = [*sources]
    unpacked = [unpack(one.name, one.path, one.home, one.text) for one in sources]
    for document, found in zip(sources, unpacked, strict=True):
        consumed += [(document.name, *span) for span in found.consumed]
        for part in found.parts:
            markup = markup_of(part.path) if found.is_dump else ""
            if document.unread or (only and not matches(part.path or document.path, only)):
                left.append((part, document.unread or "not chosen by --only"))
            elif markup not in ("", "markdown") and (markup != "data" or only) and (made := _apart(document, part)):
                documents.append(made)
                consumed.append((document.name, part.first, part.first + len(part.lines), "converted"))
                texts.append(replace(part, document=made.name, first=0, lines=made.text.removesuffix("\n").split("\n")))
            else:
                is_text = not part.path or document.converter or markup_of(part.path) == "markdown"
                (texts if is_text else files).append(part)
    if not only:  # the folder of a skill comes with it, other files need a pattern
        bases = {PurePosixPath(part.path).parent for part in texts if is_skill(part)}
        left += [(part, f"no document ({PurePosixPath(part.path).suffix or part.path})") for part in files]
        base = bases if len(bases) == 1 else set()
        files = [part for part, _ in left if part.lines and base & {*PurePosixPath(part.path).parents}]
        kept = {*files}
        left = [(part, why) for part, why in left if part not in kept]
    if not texts:
        tip = "Check the pattern of --only." if only else "Give Markdown, or what pandoc reads."
        raise UserError("No document is left.", tip)
    chosen = _main(texts, main, any(one.is_dump for one in unpacked))
    lines = sum(len(part.lines) for part in texts)
    size = lines + sum(len(line) for part in texts for line in part.lines)
    many = len(texts) > 1 and (size > _MOST_CHARACTERS or lines > _MOST_LINES)
    if len(texts) > _MOST_DOCUMENTS or many:
        shown = f"{size:,} characters in {lines:,} lines"
        wrong = f"{len(texts)} documents with {shown} are too much for one skill: {_shown(texts)}, ..."
        raise UserError(wrong, "Choose some: --only PATTERN (repeatable)")
    if not anyway and len(texts) == 1 and not files:
        _refuse_empty(texts[0])
    title = texts[0].home.rpartition("/")[2] or PurePosixPath(PurePosixPath(sources[0].name).parts[0]).stem
    references = tuple(part for part in texts if part is not chosen)
    return Selection(tuple(documents), chosen, references, tuple(files), tuple(left), tuple(consumed), title)


def _main(texts: Sequence[Part], main: str, is_dump: bool) -> Part | None:
    if main.lower() == "none":
        return None
    if len(texts) == 1 and not main:
        return texts[0]
    skills = [part for part in texts if is_skill(part)]
    found = [part for part in texts if matches(part.path, [main])] if main else skills if len(skills) == 1 else []
    if main and not found:
        raise UserError(f"No document matches --main {main}.", f"Choose one of: {_shown(texts)}")
    if is_dump and not found:
        raise Undecided([part.path or part.document for part in texts])
    found = found or [part for part in texts if _INDEX.match(PurePosixPath(part.path).stem)]
    return min(found, key=_depth, default=None)


def _apart(document: Document, part: Part) -> Document | None:
    """A part of a dump in another markup as a document of its own, if it can be converted."""
    data = "\n".join([*part.lines, ""]).encode("utf-8", "replace")
    try:
        return converted(data, f"{document.name}: {part.path}", part.path, document.home)
    except UserError:
        return None


def _shown(parts: Sequence[Part]) -> str:
    return ", ".join(part.path for part in parts[:20])


def is_skill(part: Part) -> bool:
    """Whether a part is the SKILL.md of a skill that somebody wrote."""
    return PurePosixPath(part.path).name.lower() == "skill.md"


def _depth(part: Part) -> tuple[int, bool, str]:
    pure = PurePosixPath(part.path)
    return len(pure.parts), not pure.name.lower().startswith("readme"), part.path


def chosen_documents(selection: Selection) -> tuple[Document, ...]:
    """The documents that were chosen, SKILL.md's first, each as a text of its own: what a model reads."""
    parts = (*selection.texts, *selection.files)
    counts = Counter(part.document for part in parts)
    names = (part.path if counts[part.document] > 1 else part.document for part in parts)
    return tuple(Document(name, "\n".join([*one.lines, ""]), one.path) for name, one in zip(names, parts, strict=True))


@lru_cache(maxsize=64)
def page_of(part: Part) -> Page:
    """The parsed page of a part, parsed once."""
    return parse_page(part.lines)


def _refuse_empty(part: Part) -> None:
    """UserError for a document that only points elsewhere: a table of contents, a list of links, includes."""
    words = linked = included = 0
    for line in part.lines[page_of(part).start :]:
        if included_path(line):
            included += 1
            continue
        count = len(
            _WORD.findall(_LINK.sub(" ", line[:2000]) if "](" in line or "://" in line or "][" in line else line)
        )
        linked += len(_WORD.findall(line)) - count
        words += count
        if words >= _FEWEST_WORDS:
            return
    if words < 8 or included or linked > words:
        found = [f"{words} words of its own", *([f"{linked} words in links"] if linked else [])]
        found += [f"{included} lines that include other files"] if included else []
        wrong = f"{part.path or part.document} has nothing to make a skill of: {', '.join(found)}."
        raise UserError(wrong, "Draft it all the same: --anyway")


def render_listing(selection: Selection) -> str:
    """The documents and what becomes of each, for people; "" if there is only one."""
    rows = [("SKILL.md" if part is selection.main else "reference", part) for part in selection.texts]
    rows += [("script or asset", part) for part in selection.files]
    if len(rows) + len(selection.left_out) < 2:
        return ""
    width = max(min(len(part.path), 80) for _, part in rows)
    lines = [f"{len(rows)} documents:"]
    for fate, part in rows[:_LISTED]:
        cut = " (cut at its beginning)" if part.cut_head else ""
        cut += " (cut at its end)" if part.cut_tail else ""
        lines.append(f"  {part.path or part.document:<{width}}  {len(part.lines):>5} lines  {fate}{cut}")
    lines += [f"  and {len(rows) - _LISTED} more"] if len(rows) > _LISTED else []
    reasons = Counter(reason for _, reason in selection.left_out)
    lines += [f"Left out: {', '.join(f'{count} {reason}' for reason, count in reasons.items())}"] if reasons else []
    return "\n".join(lines) + "\n"
