"""Files of the skill that its text names without a link."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from skill_fleet.checks.reading import Document, Reading
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import Block, Link, shown

# A path in one of the folders that skills keep their files in. What stands before it must not make it part of a longer
# path, of an address or of a template, and neither must what follows.
FOLDERS = ("scripts", "references", "assets", "resources", "templates", "examples")
_MENTION = re.compile(
    r"(?<![\w./\\~$}>:@%*+=-])(?:\./|\$\{?CLAUDE_SKILL_DIR\}?/|\{baseDir\}/)?"
    rf"((?:{'|'.join(FOLDERS)})/[A-Za-z0-9_][\w./-]{{0,200}}\.[A-Za-z][A-Za-z0-9]{{0,7}})"
    r"(?![\w/*{<\[(-])"
)
# Words on the line before a mention that make it an example or somebody else's; words right before it that make it a
# file which is yet to be; words right behind it that leave it open.
_EXAMPLE = re.compile(
    r"\b(?:e\.g|for example|examples?\b(?!/)|such as|imagine|suppose|your|their|user'?s|project'?s?|"
    r"repo(?:sitory)?'?s?|upstream|plugin|short form|instead of|no longer|never|missing)\b|_ROOT\b|https?:",
    re.IGNORECASE,
)
_MADE = re.compile(
    r"\b(?:like|would|could|might|create[sd]?|writ(?:e|es|ing|ten)|generat(?:e|es|ed|ing)|sav(?:e|es|ed|ing)|"
    r"outputs?|produces?|add(?:s|ing)?|new|rename|not|no)\b[^.;]{0,40}\Z",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"^\W{0,3}\s*\(?(?:if (?:it|present|available|any|there)|when present|optional)|\b(?:would|could) be\b", re.I
)
# A line of a fence that runs or reads a file: the path comes first, or behind a program and its options. Everything else
# in a fence is taken for an example: a tree of files, a configuration, a program's own text.
_SHELLS = ("", "bash", "sh", "shell", "zsh", "console", "shell-session", "powershell", "pwsh", "terminal")
_COMMAND = re.compile(
    r"\s{0,20}(?:[$>%#]\s{1,4})?(?:[A-Z_][A-Z0-9_]{0,40}=\S{0,80}\s{1,4}){0,4}(?:sudo\s{1,4})?(?:"
    r"(?:python[0-9.]{0,5}|bash|sh|zsh|node|deno|bun|tsx|ts-node|ruby|perl|php|Rscript|lua|pwsh|powershell|source|\.|cat|"
    r"uv|uvx|npx|pnpm|poetry|pipenv|exec|time|chmod|less|head)"
    r"(?:\s{1,4}(?:run|exec|x|tsx|python3?|bash|node|-{1,2}[\w-]{1,40}(?:=\S{0,60})?|\+x|[0-7]{3}))*\s{1,4})?[\"']?\Z"
)
_STAND_IN = re.compile(
    r"(?:^|[/_.-])(?:foo|bar|baz|xxx|my|your|some|file|filename|name|example|sample)[_.-]", re.IGNORECASE
)


@rule("links/mentioned-file", "hint")
def mentioned_file(reading: Reading) -> Iterator[Spot]:
    """A file that the text names in scripts/, references/, assets/, resources/, templates/ or examples/ is there.

    An agent told to read or run a file that is missing wastes a turn and then makes something up. Of a fence, only
    commands that run or read a file count. Names after words such as "for example" or "create", and stand-ins such as
    `your-file.md`, are let pass.
    Source: https://agentskills.io/specification#file-references

    Good:

        Run `scripts/check.py`.              (and scripts/check.py is there)

    Bad:

        Read `references/rules.md` first.    (and it is nowhere)

    Fix: add the file, correct the path, or drop the sentence.
    """
    text = reading.body.text if reading.is_readable else ""
    found = (match for folder in FOLDERS for match in _named_near(text, folder) if _is_missing(reading, match[1]))
    near, at, line = [], 0, 0
    for start in sorted({match.start() for match in found}):
        line += text.count("\n", at, start)
        at = start
        near.append(line)
    told: set[str] = set()
    for block in reading.body.blocks_near(near):
        if block.kind in ("text", "heading"):
            yield from _in_text(reading, block, told)
        elif block.kind == "fence" and block.info.partition(" ")[0].lower() in _SHELLS:
            yield from _in_commands(reading, block, told)


def _in_text(reading: Reading, block: Block, told: set[str]) -> Iterator[Spot]:
    for number in range(block.start, block.end):
        line = reading.body.lines[number]
        example = _EXAMPLE.search(line)
        for match in _MENTION.finditer(line):
            if example and example.end() <= match.start():
                break
            before, behind = line[max(match.start() - 80, 0) : match.start()], line[match.end() : match.end() + 80]
            # in a link it is for links/missing-target to judge
            if not (before.endswith("](") or _MADE.search(before) or _OPEN.search(behind)):
                yield from _mention_spot(reading, match, number, told)


def _in_commands(reading: Reading, fence: Block, told: set[str]) -> Iterator[Spot]:
    lines = reading.body.lines
    lead = next((line for line in reversed(lines[max(fence.start - 3, 0) : fence.start]) if line.strip()), "")
    if _EXAMPLE.search(lead) or _MADE.search(lead[-80:]):
        return
    for number in range(fence.start + 1, fence.end):
        for match in _MENTION.finditer(lines[number]):
            if _COMMAND.match(lines[number][: match.start()]):
                yield from _mention_spot(reading, match, number, told)


def _mention_spot(reading: Reading, match: re.Match[str], number: int, told: set[str]) -> Iterator[Spot]:
    path = match[1]
    if path in told or not _is_missing(reading, path) or _STAND_IN.search(path):
        return
    told.add(path)
    message = f"The text names `{shown(path)}`, which is not in the skill: it does not exist."
    fix = "Add the file, correct the path, or drop the sentence."
    yield Spot(reading.skill.inside(SKILL_FILE), reading.body.first_line + number, message, fix, match.start(1) + 1)


def _named_near(text: str, folder: str) -> Iterator[re.Match[str]]:
    """The mentions around each place where a folder is named: to look everywhere for one takes five times as long."""
    at = text.find(f"{folder}/")
    while at >= 0:
        start = max(at - 24, text.rfind("\n", 0, at) + 1)
        end = text.find("\n", at)
        yield from _MENTION.finditer(text, start, len(text) if end < 0 else end)
        at = -1 if end < 0 else text.find(f"{folder}/", end)


def _is_missing(reading: Reading, path: str) -> bool:
    path = path.rstrip(".")
    return not reading.ground.has(path) and not any(each.endswith(f"/{path}") for each in reading.ground.files)


_GUESSED = 50
"""Of how many broken links of a file it is worked out what they may have meant: each is held against every file."""


@rule("links/missing-target")
def missing_target(reading: Reading) -> Iterator[Spot]:
    """A relative link or image leads to a file or folder of the skill.

    An agent that follows it finds nothing and makes something up. Links are taken from the file they stand in, as in
    Markdown, or from the skill's folder, as the specification has it.
    Source: https://agentskills.io/specification#file-references and https://spec.commonmark.org/0.31.2/#links

    Good:

        See [the guide](references/guide.md).       (and references/guide.md is there)

    Bad:

        See [the guide](references/giude.md).

    Fix: correct the path, add the file, or take the link out; a web address begins with https://.
    """
    for document in reading.documents:
        for number, (link, target) in enumerate(document.bad("missing")):
            what = "image" if link.is_image else "link"
            message = f"The {what} leads to `{shown(target.path)}`, which is not in the skill."
            near = _near(document, target.path) if number < _GUESSED else ""
            fix = f"Write `{shown(near)}`." if near else "Correct the path, add the file, or remove the link."
            if not near and _looks_like_host(target.path):
                fix = f"Write `https://{shown(target.path)}` if it is a web address."
            yield _spot(reading, document, link, message, fix)


@rule("links/outside")
def outside(reading: Reading) -> Iterator[Spot]:
    """No link leads out of the skill's folder.

    A skill is installed alone: what stands beside it in the repository is not there then.
    Source: https://agentskills.io/specification#file-references

    Good:

        See the skill `web/forms`.

    Bad:

        See [forms](../../web/forms/SKILL.md).

    Fix: name the other skill in words and in `metadata.requires`, link to its web address, or copy the file.
    """
    for document in reading.documents:
        for link, _ in document.bad("outside"):
            message = (
                f"The link `{shown(link.target)}` leads out of the skill, and nothing is there once it is installed."
            )
            fix = "Name the other skill in words, copy the file into this one, or link to a web address."
            yield _spot(reading, document, link, message, fix)


@rule("links/absolute-path")
def absolute_path(reading: Reading) -> Iterator[Spot]:
    """No link is an absolute path.

    It leads to a place on the author's machine or web site that nobody else has.
    Source: https://agentskills.io/specification#file-references (relative paths from the skill root)

    Good:

        [the guide](references/guide.md)

    Bad:

        [the guide](/home/me/skills/demo/references/guide.md)

    Fix: write the path from the skill's folder, or the whole web address.
    """
    for document in reading.documents:
        for link, _ in document.bad("absolute"):
            message = f"The link `{shown(link.target)}` is an absolute path, which leads nowhere on another machine."
            yield _spot(reading, document, link, message, "Write the path from the skill's folder, or a web address.")


@rule("links/missing-anchor")
def missing_anchor(reading: Reading) -> Iterator[Spot]:
    """The part behind `#` names a heading of the file that the link leads to.

    The reader lands at the top of a long file and has to search. Headings become anchors as on GitHub: lower case,
    hyphens for blanks, no punctuation.
    Source: https://docs.github.com/en/get-started/writing-on-github (section links)

    Good:

        [Set up](#set-up)             (and there is a heading `## Set up`)

    Bad:

        [Set up](#setup)

    Fix: correct the anchor, or link to the file alone.
    """
    for document in reading.documents:
        for number, (link, target) in enumerate(document.bad("anchor")):
            named = (
                document
                if target.path == document.path
                else next(each for each in reading.documents if each.path == target.path)
            )
            known = sorted(named.anchors)[:500] if number < _GUESSED else []
            near = difflib.get_close_matches(target.anchor.lower()[:80], known, 1, 0.6)
            place = "this file" if named is document else f"`{shown(target.path)}`"
            message = f"No heading of {place} is called `#{shown(target.anchor)}`, so the link leads to its top."
            fix = f"Write `#{shown(near[0])}`." if near else "Write the anchor of a heading, or leave it out."
            yield _spot(reading, document, link, message, fix)


def _spot(reading: Reading, document: Document, link: Link, message: str, fix: str) -> Spot:
    return Spot(reading.skill.inside(document.path), link.line, message, fix, link.column)


def _near(document: Document, path: str) -> str:
    """The file that `path` may have meant: the same but for case, or one like it."""
    files = sorted(document.ground.files)[:2000]
    same = [each for each in files if each.lower() == path.lower()]
    return next(iter(same or difflib.get_close_matches(path[:120], files, 1, 0.85)), "")


def _looks_like_host(path: str) -> bool:
    host = path.partition("/")[0]
    return host.startswith("www.") or host.endswith((".com", ".org", ".io", ".dev", ".net"))
