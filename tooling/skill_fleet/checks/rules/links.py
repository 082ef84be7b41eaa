"""Links and mentioned files: each leads to a file of the skill."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Iterator, Set
from functools import lru_cache

from skill_fleet.checks.contexts import SkillContext
from skill_fleet.checks.link_targets import MarkdownFile, SkillFiles, by_name
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.fleet import SKILL_FILE, Skill, Tree
from skill_fleet.markdown import Block, lines_containing, shown

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
    for number, (document, link, target) in enumerate(context.broken_links):
        if target.verdict == "missing":
            what = "image" if link.is_image else "link"
            message = f"The {what} leads to `{shown(target.path)}`, which does not exist in the skill."
            near = document.files.nearest(target.path) if number < _MAX_SUGGESTED else ""
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
    for document, link, target in context.broken_links:
        if target.verdict == "outside":
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
    for document, link, target in context.broken_links:
        if target.verdict == "absolute":
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
    for number, (document, link, target) in enumerate(context.broken_links):
        if target.verdict == "anchor":
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


# The folders that skills keep their files in, besides their own.
_FOLDERS = frozenset(
    ("scripts", "references", "assets", "resources", "templates", "examples", "reference", "prompts", "workflows")
)
# A path or the name of a file. Neither the text before nor after it may make it part of a longer path, an address or a
# template.
_MENTION = re.compile(
    r"(?<![\w./\\~$}>:@%*+=-])(?:@?\./|(?<!\w)@(?=\w+/)|\$\{?CLAUDE_SKILL_DIR\}?/|\{baseDir\}/)?"
    r"((?:\.\./){0,8}[A-Za-z0-9_][\w./-]{0,200}\.[A-Za-z][A-Za-z0-9]{0,7})"
    r"(?![\w/*{<\[(-])"
)
_READ = re.compile(r"\b(?:read|see|load|follow|open|consult|refer to)\W{1,4}\Z", re.IGNORECASE)
# What leads to a file: a word such as `read` or `run`, an interpreter, an arrow, a colon or a bracket, the beginning of an
# item or a cell; between it and the file, maybe an article and other files. `Every gate asks scripts/x.sh` only tells of one.
_WORDS = (
    r"\b(?:read|see|load|follow|open|consult|refer to|check|use|using|run|execute|call|invoke|apply|copy|ships?|bundled|then|"
    r"python[0-9.]{0,5}|bash|sh|zsh|node|deno|bun|tsx|ruby|perl|php|Rscript|pwsh|source|cat|uv run)\W{1,4}"
)
_MARKS = (
    r"->\W{0,4}|\u2192\W{0,4}|:\W{0,4}|\(\W{0,3}|\|\s{0,40}|\A[\s>]{0,40}(?:[-*+]|\d{1,3}[.)])\s{1,4}(?:\[[ x]\] )?"
)
_BETWEEN = (
    r"(?:(?:the|this|file|script|template|bundled) ){0,3}(?:[\"'`*@]{0,4}[\w./{}$-]{1,80}[\"'`*]{0,4}(?:, (?:and |or |then )?| and | or | then )){0,6}"
    r"[\"'`*@(]{0,5}\Z"
)
_LED = re.compile(rf"(?:{_WORDS}|{_MARKS}){_BETWEEN}", re.IGNORECASE)
_LED_BY_WORD = re.compile(rf"{_WORDS}{_BETWEEN}", re.IGNORECASE)
# The description of a skill that writes skills. Files that such a text only lists may be those of the skills that it writes.
_WRITES_SKILLS = re.compile(
    r"\b(?:creat|writ|author|generat|build|scaffold|draft|packag|convert|turn|improv|develop)\w{0,9}\b[^.;]{0,60}"
    r"(?<!\bthis )(?<!\bthe )\b(?:skills?\b(?! (?:when|if)\b)|SKILL\.md)",
    re.IGNORECASE,
)
_PLUGIN = re.compile(
    r"\$\{?CLAUDE_PLUGIN_ROOT\}?/([A-Za-z0-9_.][\w./-]{0,200}\.[A-Za-z][A-Za-z0-9]{0,7})(?![\w/*{<\[(-])"
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
# Shortly after a mention: words that say that the file may be missing, or is another project's; or the text is a link's.
_OPTIONAL = re.compile(
    r"^\W{0,3}\s*\(?(?:if (?:it|present|available|any|there)|(?:when )?present|optional|(?:at|from|in|of) the (?:plugin|project|repo|upstream))|"
    r"\b(?:would|could) be\b|^[^\[\]]{0,80}\]\(",
    re.I,
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
_NOT_READ = frozenset(("agents", "tests", "test", "evals", "config", "src", "lib", "app", "public"))
"""The folders of a skill that are for tools: paths that begin with them are mostly those of a project."""
_STAND_IN = re.compile(
    r"(?:^|[/_.-])(?:foo|bar|baz|xxx|my|your|some|file|filename|name|example|sample)[_.-]|(?-i:[a-z_-]N)[_.-]",
    re.IGNORECASE,
)


_FEW = 20
_ADD = "Add the file, correct the path, or remove the sentence."


@rule("links/mentioned-file", "hint")
def mentioned_file(context: SkillContext) -> Iterator[Violation]:
    """A mentioned file exists, in upper and lower case as written.

    An agent that should read or run a missing file wastes a turn and may invent the contents. A path counts when its first
    part is a folder of the skill, or a usual one such as scripts/ or references/; a name alone, when a file has that name
    in another case; a path after `${CLAUDE_PLUGIN_ROOT}`, in a plugin. The text has to lead to it: by a word such as "read"
    or "run", in a list or a table, or in a command of a fence; or only the case differs. Files after words such as "for example"
    or "create", names such as `your-file.md`, files of another skill that is named with them, and what a skill that writes
    skills only lists, do not count.
    Source: https://agentskills.io/specification#file-references

    Good:

        Run `scripts/check.py`.              (and scripts/check.py exists)

    Bad:

        Read `references/rules.md` first.    (and it does not exist)
        Read `REFERENCE.md`.                 (and the file is reference.md)

    Fix: add the file, correct the path, or remove the sentence.
    """
    body, files = context.body, context.files
    own = {path for path in files.folders if path and "/" not in path} - _NOT_READ
    plugin = _plugin_files(context.skill) if "CLAUDE_PLUGIN_ROOT" in body.text else None
    # in a plugin that is not seen, any usual folder may be the plugin's
    folders = {path.lower() for path in own} | (frozenset() if plugin == {} else _FOLDERS)
    # most folders end in s, and one search is faster than ten
    words = {"../", *(f"{each}/"[-2:] if each[-1] == "s" else f"{each}/" for each in _FOLDERS | own)}
    lines = dict(lines_containing(body.text, words))
    names = {path.rpartition("/")[2] for path in files.files} - {SKILL_FILE}
    raw = context.content.lower()
    unseen = [name.lower() for name in names if name not in body.text]
    # maybe it is there in another case
    if unseen := [name for name in unseen if not name.isascii() or name.encode() in raw]:
        lower = body.text.lower()
        found = lines_containing(lower, [name for name in unseen if name in lower])
        lines |= {number: body.lines[number] for number, _ in found}
    # each mention has one of these; to look for thousands takes longer than to look for mentions
    wanted = ("../", *(f"{each}/" for each in folders), *map(str.lower, names)) if len(names) < _FEW else (".",)
    near = [
        number
        for number, line in lines.items()
        if any(map(line.lower().__contains__, wanted))
        and any(_is_missing(files, match[1], folders) for match in _MENTION.finditer(line))
        and any(_is_missing(files, path, folders) for path, _ in (*_in_text(line, files), *_in_command(line, files)))
    ]
    reported: set[str] = set()
    for block in body.blocks_at(near):
        for number, path, at in _in_block(body.lines, block, files):
            if path not in reported and _is_missing(files, path, folders) and not _STAND_IN.search(path):
                plugin = _plugin_files(context.skill) if plugin is None else plugin
                reported.add(path)
                if plugin.get(path.lower()) == path:  # an agent in a plugin finds it there
                    continue
                if block.kind != "fence" and _is_of_another(context, path, body.lines[number][:at]):
                    continue
                if len(reported) <= _MAX_SUGGESTED and _is_elsewhere(context.skill, path, body.lines, block):
                    continue
                message = f"`{shown(path)}` is mentioned but does not exist in the skill."
                if path.startswith("../"):
                    message = f"`{shown(path)}` leads out of the skill, which is installed alone."
                better = files.nearest(path) if len(reported) <= _MAX_SUGGESTED else ""
                fix = f"Write `{shown(better)}`." if better else _ADD
                yield context.in_file(SKILL_FILE, body.first_line + number, message, fix, at + 1)
    if plugin and "CLAUDE_PLUGIN_ROOT" in body.text:
        yield from _missing_in_plugin(context, plugin)


def _is_missing(files: SkillFiles, path: str, folders: Set[str]) -> bool:
    """Whether a mentioned path or name is meant for a file of the skill, and there is none."""
    folder, slash, _ = path.partition("/")
    if folder == "..":
        return True
    if folder.lower() not in folders if slash else path.lower() not in files.by_lower_case:
        return False
    same = files.by_name.get(path.rpartition("/")[2], ())
    return path not in files.folders and not any(f"/{each}".endswith(f"/{path}") for each in same)


def _is_of_another(context: SkillContext, path: str, before: str) -> bool:
    """Whether a path after this text probably belongs to a skill that this skill writes."""
    if path.partition("/")[0] in context.files.folders or "/" not in path or _LED_BY_WORD.search(before[-200:]):
        return False
    description = context.text_field("description")
    return description is not None and _WRITES_SKILLS.search(description[1].text) is not None


def _is_elsewhere(skill: Skill, path: str, lines: list[str], block: Block) -> bool:
    """Whether a path is another skill's that the same paragraph names, or the project's that has this skill for itself."""
    same = _paths(skill.tree).get(path.rpartition("/")[2], [])
    if skill.path.startswith(".") and path in same:
        return True
    text = "\n".join(lines[block.start : block.end])
    homes = {each[: -len(path) - 1].rpartition("/")[2] for each in same if each.endswith(f"/{path}")}
    return any(home and home != skill.folder and home in text for home in homes)


def _plugin_files(skill: Skill) -> dict[str, str]:
    """The files of the plugin that the skill belongs to, by their paths in it in lower case; empty without a plugin."""
    manifests = _paths(skill.tree).get("plugin.json", [])
    parts = skill.path.split("/")
    above = ("".join(f"{part}/" for part in parts[:end]) for end in range(len(parts), -1, -1))
    root = next((folder for folder in above if f"{folder}.claude-plugin/plugin.json" in manifests), None)
    paths = (entry.path for entry in skill.tree.entries)
    inside = (path.removeprefix(root) for path in paths if path.startswith(root)) if root is not None else ()
    return {path.lower(): path for path in inside}


def _missing_in_plugin(context: SkillContext, plugin: dict[str, str]) -> Iterator[Violation]:
    """The paths after `${CLAUDE_PLUGIN_ROOT}` that do not exist in the plugin, in text and in commands."""
    body = context.body
    for block in body.blocks_at(number for number, _ in lines_containing(body.text, ["CLAUDE_PLUGIN_ROOT"])):
        is_text = block.kind in ("text", "heading")
        if not is_text and not _is_shell(block):
            continue
        for number in range(block.start, block.end):
            line = body.lines[number]
            for match in _PLUGIN.finditer(line):
                before = line[: match.start()].replace("PLUGIN_ROOT", "")
                is_meant = not _EXAMPLE.search(before) if is_text else _COMMAND.match(before)
                same = plugin.get(match[1].lower(), "")
                if is_meant and same != match[1] and not _STAND_IN.search(match[1]):
                    message = f"`{shown(match[1])}` is mentioned but does not exist in the plugin."
                    fix = f"Write `{shown(same)}`." if same else _ADD
                    yield context.in_file(SKILL_FILE, body.first_line + number, message, fix, match.start(1) + 1)


def _is_shell(block: Block) -> bool:
    return block.kind == "fence" and block.info.partition(" ")[0].lower() in _SHELLS


@lru_cache(maxsize=1)  # the skills of a tree are checked one after another
def _paths(tree: Tree) -> dict[str, list[str]]:
    """The paths of all files of a tree, by the names of the files."""
    return by_name(entry.path for entry in tree.entries)


def _in_block(lines: list[str], block: Block, files: SkillFiles) -> Iterator[tuple[int, str, int]]:
    """The mentions in a block that a reader is to follow: line (from 0), path and column (from 0)."""
    if block.kind in ("text", "heading"):
        rows, found = range(block.start, block.end), _in_text
    elif _is_shell(block):
        lead = next((line for line in reversed(lines[max(block.start - 3, 0) : block.start]) if line.strip()), "")
        if _EXAMPLE.search(lead) or _CREATED.search(lead[-80:]):
            return
        rows, found = range(block.start + 1, block.end), _in_command
    else:
        return
    for number in rows:
        yield from ((number, path, at) for path, at in found(lines[number], files))


def _in_text(line: str, files: SkillFiles) -> Iterator[tuple[str, int]]:
    example = _EXAMPLE.search(line)
    for match in _MENTION.finditer(line):
        path, (start, end) = match[1], match.span()
        if example and example.end() <= start:
            continue
        before, after = line[max(start - 80, 0) : start], line[end : end + 80]
        # links are for links/missing-target to check, and so are the attributes of HTML
        if start and line[start - 1] in "(\"'" and line[start - 2 : start - 1] in ("]", "="):
            continue
        if path.startswith("../") and not _READ.search(before):  # other paths like it belong to a project
            continue
        is_meant = "@" in line[start : match.start(1)] or path.lower() in files.by_lower_case
        is_led = is_meant or _LED.search(line[max(start - 200, 0) : start])
        if is_led and not (_CREATED.search(before) or _OPTIONAL.search(after)):
            yield path, match.start(1)


def _in_command(line: str, files: SkillFiles) -> Iterator[tuple[str, int]]:
    for match in _MENTION.finditer(line):
        if _COMMAND.match(line, 0, match.start()):
            yield match[1], match.start(1)
