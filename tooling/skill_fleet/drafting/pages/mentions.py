"""Files that the text names and the skill does not have, each with the lines that name it."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.spots import Spots, everywhere
from skill_fleet.drafting.wording.names import skill_name

_OWN = re.compile(r"(?<![\w/.-])(?:\./)?((?:references|scripts|assets)/[\w./-]*\w\.\w{1,5})\b")
_BARE = re.compile(r"(?<![\w/.*-])([a-z][\w-]*\.md)\b")
_PATH = re.compile(r"(?<![\w/.:@$%*~<{-])((?:\.{1,2}/)*(?:[\w-][\w.-]*/)+(?:[\w-]+\.(?!\d)\w{1,5}\b)?)(?![\w/*<{])")
_TREE = re.compile(r"[\s\u2500-\u257f|`+-]*[\u2500-\u257f][\s\u2500-\u257f-]*(?P<name>[\w.-]+/?)")
_OTHER = re.compile(r"\b([a-z0-9]+(?:-[a-z0-9]+)+)\s+skill\b")
_NO_FILE = re.compile(
    r"(?:HTTP|refs|coverage|htmlcov|dist|build|target|out|tmp|node_modules|__pycache__|\.?venv|site-packages|usr|etc|var|opt|dev|proc|"
    r"origin|upstream|and|or)/",
    re.I,
)
_PATTERN = re.compile(r"(?:^|[-_/])(?:name|your|my|example|foo|bar|xxx|version)(?=[-_.]|$)", re.I)
_INDEX = (5, 0.2)


@dataclass
class Mentions:
    """Names of missing files with the places that name them; `share` is how many of the filled lines do."""

    own: dict[str, dict[str, None]] = field(default_factory=dict)
    others: dict[str, dict[str, None]] = field(default_factory=dict)
    share: float = 0.0

    @property
    def index(self) -> bool:
        """Whether the text is mostly a list of files that are not here."""
        return len(self.own) >= _INDEX[0] and self.share >= _INDEX[1]


@lru_cache(maxsize=1)  # what a text is about, where it goes and what is said of it all depend on it
def index_of(page: Page, title: str) -> Mentions:
    """The files that a document by itself names and nobody has, each with the lines that name it as `:LINE`, from 1."""
    return missing_files((page,), title, (), everywhere(page))


def missing_files(pages: Sequence[Page], title: str, files: Collection[str], spot: Spots) -> Mentions:
    """Every path and Markdown file that the text names outside of code and the skill does not hold."""
    have = {skill_name(title), *files, *(path.rsplit("/", 1)[-1] for path in files)}
    have |= {tail for page in pages for tail in _tails(page.part.path)}
    found = Mentions()
    naming = filled = 0
    for page in pages:
        folder = ""
        filled += sum(1 for line in page.lines if line.strip())
        quoted = _shown_text(page)
        for number, line in enumerate(page.lines):
            if "." not in line and "/" not in line:
                continue
            drawn = _TREE.match(line) if "\u2500" in line else None
            folder = drawn["name"].strip("/") if drawn and drawn["name"].endswith("/") else folder
            names = _named(line, drawn, folder, title, page.literal(number) and number not in quoted)
            gone = [(name, own) for name, own in names if not _there(name, have)]
            place = spot(page, number) if gone else ""
            naming += bool(place)
            for name, own in gone if place else ():
                (found.own if own else found.others).setdefault(name, {})[place] = None
    _joined(found)
    found.share = naming / max(filled, 1)
    return found


def _named(line: str, drawn: re.Match[str] | None, folder: str, title: str, code: bool) -> Iterator[tuple[str, bool]]:
    """The names on a line, and whether each is the skill's own; of code only what is drawn as a tree of the skill."""
    if drawn:
        if "." in drawn["name"].strip(".") and folder in ("references", "scripts", "assets"):
            yield f"{folder}/{drawn['name']}", True
        return
    if "." not in line and "/" not in line:
        return
    yield from ((name, True) for name in _OWN.findall(line))
    if code or len(line) > 4000:
        return
    paths = (name for name in _PATH.findall(line) if not _OWN.match(name) and not _PATTERN.search(name))
    yield from ((name, False) for name in paths if _is_path(name))
    if not any(other not in _own_names(title) for other in _OTHER.findall(line)):
        yield from ((name, True) for name in _BARE.findall(line) if not _PATTERN.search(name))


def _is_path(name: str) -> bool:
    """Whether a name with slashes is a file that somebody wrote, not one that a tool makes, a protocol or a branch."""
    last = name.rsplit("/", 1)[-1]
    if _NO_FILE.match(name):
        return False
    return ("." in last and not last.startswith(".")) or (not last and name.count("/") > 1) or name == "docs/"


def _tails(path: str) -> Iterator[str]:
    """What a path may be called from somewhere near it."""
    parts = path.split("/")
    return ("/".join(parts[at:]) for at in range(len(parts)))


def _there(name: str, have: Container[str]) -> bool:
    return name in have or re.sub(r"^(?:\.{1,2}/)+", "", name) in have


def _joined(found: Mentions) -> None:
    """A bare name is the same file as the path that ends in it; without any path of the skill's own, it is another's."""
    paths = {path.rsplit("/", 1)[-1]: path for path in found.own if "/" in path}
    for name in [name for name in found.own if "/" not in name]:
        places = found.own.pop(name)
        into = found.own.setdefault(paths.get(name, name), {}) if paths else found.others.setdefault(name, {})
        into.update(places)


def _shown_text(page: Page) -> frozenset[int]:
    """The lines of fences that show Markdown: text all the same."""
    shown = (f for f in page.outline.fences if f.info.split(" ")[0].lower() in ("markdown", "md", "mdx"))
    return frozenset(line for fence in shown for line in range(fence.first, fence.last))


def _own_names(title: str) -> set[str]:
    words = skill_name(title).split("-")
    return {"-".join(words[:end]) for end in range(1, len(words) + 1)}
