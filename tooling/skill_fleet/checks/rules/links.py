"""Links and mentioned files: each leads to a file of the skill."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Iterator

from skill_fleet.checks.contexts import SkillContext
from skill_fleet.checks.link_targets import MarkdownFile
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import Block, shown

# What ends a link, or is not taken to the letter in one.
_SPECIAL = re.compile(r"[\s()<>?#%\"'\\\[\]`&:{}*$]")
_MAX_SUGGESTED = 50
"""The number of broken links in a file for which a fix is suggested: each is compared with every file."""


@rule("links/missing-target")
def missing_target(context: SkillContext) -> Iterator[Violation]:
    """A relative link or image leads to a file or folder of the skill.

    An agent that follows it finds nothing and may invent the contents. A link is relative to its file, as in Markdown, or
    to the skill's folder, as in the specification.
    Source: https://agentskills.io/specification#file-references and https://spec.commonmark.org/0.31.2/#links

    Good:

        See [the guide](references/guide.md).       (and references/guide.md exists)

    Bad:

        See [the guide](references/giude.md).

    Fix: correct the path, add the file, or remove the link. A web address begins with https://.
    """
    for document in context.documents:
        for number, (link, target) in enumerate(document.broken("missing")):
            what = "image" if link.is_image else "link"
            message = f"The {what} leads to `{shown(target.path)}`, which does not exist in the skill."
            near = _similar_file(document, target.path) if number < _MAX_SUGGESTED else ""
            fix = "Correct the path, add the file, or remove the link."
            if near:
                fix = f"Write `{_address(document, near, target.anchor)}`."
            if not near and _looks_like_host(target.path):
                fix = f"Write `https://{shown(target.path)}` if it is a web address."
            yield context.in_file(document.path, link.line, message, fix, link.column)


def _address(document: MarkdownFile, path: str, anchor: str) -> str:
    """The address of a link in `document` to the file `path` of the skill, as Markdown and every reader of it take it."""
    folder = posixpath.dirname(document.path)
    relative = posixpath.relpath(f"/{path}", f"/{folder}")
    encoded = _SPECIAL.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), relative)
    return f"{encoded}#{anchor}" if anchor else encoded


def _similar_file(document: MarkdownFile, path: str) -> str:
    """The file that `path` probably means: the same in another case, or a similar one; '' if there is none."""
    files = sorted(document.files.files)[:2000]
    same = [each for each in files if each.lower() == path.lower()]
    return next(iter(same or difflib.get_close_matches(path[:120], files, 1, 0.85)), "")


def _looks_like_host(path: str) -> bool:
    host = path.partition("/")[0]
    return host.startswith("www.") or host.endswith((".com", ".org", ".io", ".dev", ".net"))


@rule("links/outside")
def outside(context: SkillContext) -> Iterator[Violation]:
    """No link leads out of the skill's folder.

    A skill is installed alone, without the files beside it in the repository.
    Source: https://agentskills.io/specification#file-references

    Good:

        See the skill `web/forms`.

    Bad:

        See [forms](../../web/forms/SKILL.md).

    Fix: name the other skill in the text and in `metadata.requires`, link to its web address, or copy the file.
    """
    for document in context.documents:
        for link, _ in document.broken("outside"):
            message = (
                f"The link `{shown(link.target)}` leads out of the skill, to a file that is not installed with it."
            )
            fix = "Name the other skill in the text, copy the file into this one, or link to a web address."
            yield context.in_file(document.path, link.line, message, fix, link.column)


@rule("links/absolute-path")
def absolute_path(context: SkillContext) -> Iterator[Violation]:
    """No link is an absolute path.

    It leads to a file that only its author has.
    Source: https://agentskills.io/specification#file-references (relative paths from the skill root)

    Good:

        [the guide](references/guide.md)

    Bad:

        [the guide](/home/me/skills/demo/references/guide.md)

    Fix: write the path relative to the skill's folder, or the complete web address.
    """
    for document in context.documents:
        for link, _ in document.broken("absolute"):
            message = f"The link `{shown(link.target)}` is an absolute path, which does not exist on other computers."
            fix = "Write the path relative to the skill's folder, or a web address."
            yield context.in_file(document.path, link.line, message, fix, link.column)


@rule("links/missing-anchor")
def missing_anchor(context: SkillContext) -> Iterator[Violation]:
    """The part of a link after `#` names a heading of the file that the link leads to.

    Otherwise the reader lands at the top of the file and has to search. Headings become anchors as on GitHub: lower case,
    hyphens for spaces, no punctuation.
    Source: https://docs.github.com/en/get-started/writing-on-github (section links)

    Good:

        [Set up](#set-up)             (and there is a heading `## Set up`)

    Bad:

        [Set up](#setup)

    Fix: correct the anchor, or link to the file without it.
    """
    for document in context.documents:
        for number, (link, target) in enumerate(document.broken("anchor")):
            named = (document if target.path == document.path else context.document(target.path)) or document
            known = sorted(named.anchors)[:500] if number < _MAX_SUGGESTED else []
            near = difflib.get_close_matches(target.anchor.lower()[:80], known, 1, 0.6)
            place = "this file" if named is document else f"`{shown(target.path)}`"
            message = f"No heading of {place} has the anchor `#{shown(target.anchor)}`."
            fix = "Write the anchor of a heading, or remove it."
            if near:
                is_here = link.target.startswith("#")
                fix = f"Write `{f'#{near[0]}' if is_here else _address(document, target.path, near[0])}`."
            yield context.in_file(document.path, link.line, message, fix, link.column)


# A path in one of the folders that skills keep their files in. Neither the text before nor after it may make it part of
# a longer path, an address or a template.
_FOLDERS = ("scripts", "references", "assets", "resources", "templates", "examples")
_MENTION = re.compile(
    r"(?<![\w./\\~$}>:@%*+=-])(?:\./|\$\{?CLAUDE_SKILL_DIR\}?/|\{baseDir\}/)?"
    rf"((?:{'|'.join(_FOLDERS)})/[A-Za-z0-9_][\w./-]{{0,200}}\.[A-Za-z][A-Za-z0-9]{{0,7}})"
    r"(?![\w/*{<\[(-])"
)
# Before a mention in its line: words that make it an example, or another project's file.
_EXAMPLE = re.compile(
    r"\b(?:e\.g|for example|examples?\b(?!/)|such as|imagine|suppose|your|their|user'?s|project'?s?|"
    r"repo(?:sitory)?'?s?|upstream|plugin|short form|instead of|no longer|never|missing)\b|_ROOT\b|https?:",
    re.IGNORECASE,
)
# Shortly before a mention: words that say that the file is yet to be created.
_CREATED = re.compile(
    r"\b(?:like|would|could|might|create[sd]?|writ(?:e|es|ing|ten)|generat(?:e|es|ed|ing)|sav(?:e|es|ed|ing)|"
    r"outputs?|produces?|add(?:s|ing)?|new|rename|not|no)\b[^.;]{0,40}\Z",
    re.IGNORECASE,
)
# Shortly after a mention: words that say that the file may be missing.
_OPTIONAL = re.compile(
    r"^\W{0,3}\s*\(?(?:if (?:it|present|available|any|there)|when present|optional)|\b(?:would|could) be\b", re.I
)
# The start of a line in a fence that runs or reads a file: nothing, or a program and its options. Everything else in a
# fence is taken for an example: a tree of files, a configuration, a program's own text.
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
def mentioned_file(context: SkillContext) -> Iterator[Violation]:
    """A mentioned file in scripts/, references/, assets/, resources/, templates/ or examples/ exists.

    An agent that should read or run a missing file wastes a turn and may invent the contents. In a fence, only commands
    that run or read a file count. Files after words such as "for example" or "create", and names such as `your-file.md`,
    do not count.
    Source: https://agentskills.io/specification#file-references

    Good:

        Run `scripts/check.py`.              (and scripts/check.py exists)

    Bad:

        Read `references/rules.md` first.    (and it does not exist)

    Fix: add the file, correct the path, or remove the sentence.
    """
    body, words = context.body, [f"{folder}/" for folder in _FOLDERS]
    near = [
        number
        for number in body.lines_with(_MENTION, words)
        if any(_is_missing(context, match[1]) for match in _MENTION.finditer(body.lines[number]))
    ]
    reported: set[str] = set()
    for block in body.blocks_at(near):
        for number, match in _in_block(body.lines, block):
            path = match[1]
            if path not in reported and _is_missing(context, path) and not _STAND_IN.search(path):
                reported.add(path)
                message = f"`{shown(path)}` is mentioned but does not exist in the skill."
                fix = "Add the file, correct the path, or remove the sentence."
                yield context.in_file(SKILL_FILE, body.first_line + number, message, fix, match.start(1) + 1)


def _in_block(lines: list[str], block: Block) -> Iterator[tuple[int, re.Match[str]]]:
    if block.kind in ("text", "heading"):
        return _in_text(lines, block)
    if block.kind == "fence" and block.info.partition(" ")[0].lower() in _SHELLS:
        return _in_commands(lines, block)
    return iter(())


def _in_text(lines: list[str], block: Block) -> Iterator[tuple[int, re.Match[str]]]:
    for number in range(block.start, block.end):
        line = lines[number]
        example = _EXAMPLE.search(line)
        for match in _MENTION.finditer(line):
            if example and example.end() <= match.start():
                break
            before, after = line[max(match.start() - 80, 0) : match.start()], line[match.end() : match.end() + 80]
            # links are for links/missing-target to check
            if not (before.endswith("](") or _CREATED.search(before) or _OPTIONAL.search(after)):
                yield number, match


def _in_commands(lines: list[str], fence: Block) -> Iterator[tuple[int, re.Match[str]]]:
    lead = next((line for line in reversed(lines[max(fence.start - 3, 0) : fence.start]) if line.strip()), "")
    if _EXAMPLE.search(lead) or _CREATED.search(lead[-80:]):
        return
    for number in range(fence.start + 1, fence.end):
        for match in _MENTION.finditer(lines[number]):
            if _COMMAND.match(lines[number][: match.start()]):
                yield number, match


def _is_missing(context: SkillContext, path: str) -> bool:
    path = path.rstrip(".")
    return not context.files.has(path) and not any(each.endswith(f"/{path}") for each in context.files.files)
