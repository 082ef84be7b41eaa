"""Whole files that stand in a fence: settings to assets/, programs to scripts/.

Only what is named and whole: a file name alone in the first comment, in the heading above or in the line that leads to
it, claimed once in all the sources, no elision. Python is left where it is explained, unless it is a program with its
own `#!` line or main part, or settings that a file taken out asks for by name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from skill_fleet.drafting.pages.outline import Fence
from skill_fleet.drafting.pages.page import Page

LEAST_LINES = 8
_FILE = (
    r"(?:[\w.-]+/)*(?P<name>Dockerfile(?:\.\w+)?|\.?env(?:\.[\w-]+)*|"
    r"\.?[\w-][\w.-]*\.(?:ya?ml|toml|ini|cfg|conf|html?|env|json|sh|py))"
)
_COMMENT = re.compile(rf"\s*(?:#|//|;|<!--|--)\s*{_FILE}\s*(?:-->)?\s*$")
_TITLE = re.compile(rf"{_FILE}$")
_FEW = 4  # words of a line that is no more than a name: "And `audit.py`:"
_CODE = re.compile(r"`([^`]+)`")
_LEADS = re.compile(r"\b(save|create|put|write|copy|store|name[ds]?|call(?:ed)?|file|script)\b", re.I)
_MAIN = re.compile(r"if __name__ == ['\"]__main__['\"]:")
_ELIDED = re.compile(r"\s*(?:#|//|;|<!--)?\s*(?:\.\.\.|\u2026)")
_SETTINGS = re.compile(r"(?:^|[._-])(?:conf|config|settings)(?:[._-]|$)", re.I)
_LANGUAGES = {"dockerfile", "docker", "yaml", "yml", "toml", "ini", "cfg", "conf", "html", "env", "dotenv", "json"}
_SHELL = {"bash", "sh", "shell", "zsh", "", "text", "properties"}


@dataclass(frozen=True)
class Template:
    """A fence, marks included, that becomes the file `path`."""

    page: Page
    fence: Fence
    path: str
    name: str = ""

    @property
    def hint(self) -> str:
        """What to call the copy, where that differs: a skill holds no hidden files."""
        return f" (copy as `{self.name}`)" if self.name.startswith(".") else ""


def templates(pages: Sequence[Page]) -> list[Template]:
    """The fences of some pages that are whole files, in order."""
    claims: Counter[str] = Counter()
    found: list[tuple[Page, Fence, str, str]] = []
    able: list[tuple[Page, Fence, str, str]] = []
    for page in pages:
        for fence, name in _named(page):
            claims[name.lower()] += 1
            folder = _folder(page, fence, name)
            if folder:
                found.append((page, fence, folder, name))
            elif name.endswith(".py") and _SETTINGS.search(name) and _whole(page, fence):
                able.append((page, fence, "assets", name))
    said = "\n".join(line for page, fence, *_ in found for line in page.lines[fence.first : fence.last])
    order = {id(page): at for at, page in enumerate(pages)}
    found = sorted(
        [*found, *(one for one in able if one[3] in said)], key=lambda one: (order[id(one[0])], one[1].first)
    )
    return [
        Template(page, fence, f"{folder}/{name.lstrip('.')}", name)
        for page, fence, folder, name in found
        if claims[name.lower()] == 1 and claims[name.lstrip(".").lower()] <= 1
    ]


def claimed_names(page: Page) -> Iterator[tuple[Fence, str]]:
    """The fences that begin with a comment which is a path and nothing else, with that path."""
    for fence in page.outline.fences:
        first = page.lines[fence.first + 1] if fence.last - fence.first > 3 else ""
        if _COMMENT.match(first) and "/" in first:
            yield fence, first.strip(" \t#/;<>!-")


def _named(page: Page) -> Iterator[tuple[Fence, str]]:
    titles = {block.first: block.text for block in page.outline.blocks if block.level}
    headed: dict[int, int] = {}
    heading = -1
    for block in page.outline.blocks:
        heading = block.first if block.level else heading
        if block.kind == "fence":
            headed[block.first] = heading
    alone = Counter(headed.values())
    for fence in page.outline.fences:
        first = page.lines[fence.first + 1 : fence.first + 3] if fence.last - fence.first > 3 else ()
        comment = next((c for line in first if (c := _COMMENT.match(line))), None) if first else None
        if comment and (_COMMENT.match(first[0]) or first[0].startswith("#!")):
            yield fence, comment["name"]
        elif fence.top and fence.first in headed and alone[headed[fence.first]] == 1:  # not in a fold
            title = _TITLE.match(titles.get(headed[fence.first], "").strip("` "))
            if title:
                yield fence, title["name"]
            elif lead := _led(page, fence):
                yield fence, lead
        elif fence.top and (lead := _led(page, fence)):
            yield fence, lead


def _led(page: Page, fence: Fence) -> str:
    """The file name in the line that leads to a fence: "Save as `rotate.sh`:"."""
    before = next(
        (page.lines[at] for at in (fence.first - 1, fence.first - 2) if at >= 0 and page.lines[at].strip()), ""
    )
    names = [found["name"] for text in _CODE.findall(before) if (found := _TITLE.match(text))]
    leads = len(before.split()) <= _FEW or _LEADS.search(before)
    return names[0] if len(names) == 1 and leads and before.rstrip(" *_").endswith(":") else ""


def _folder(page: Page, fence: Fence, name: str) -> str:
    body = page.lines[fence.first + 1 : fence.last - 1]
    if not _whole(page, fence):
        return ""
    if body[0].startswith("#!") or (name.endswith(".py") and any(_MAIN.match(line) for line in body)):
        return "scripts" if name.endswith((".sh", ".py")) else ""
    language = fence.info.split(" ")[0].lower()
    settings = language in _LANGUAGES or (language in _SHELL and "env" in name)
    return "assets" if settings and not name.endswith((".py", ".sh")) else ""


def _whole(page: Page, fence: Fence) -> bool:
    body = page.lines[fence.first + 1 : fence.last - 1]
    closed = page.lines[fence.last - 1].strip().startswith(fence.mark)
    if not fence.top or not closed or not page.lines[fence.first].startswith(fence.mark) or len(body) < LEAST_LINES:
        return False
    return not any(_ELIDED.match(line) for line in body)
