"""What a change must not do, and what a reviewer should see: new capabilities, removed skills, hand-made changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape

from skill_fleet.checks.contexts import ChangeContext
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.fleet import SKILL_FILE, Skill, content_of
from skill_fleet.git import EXECUTABLE, REGULAR, Entry
from skill_fleet.markdown import FrontMatter, scalars, shown

_SCRIPTS = (
    *(".py", ".sh", ".bash", ".zsh", ".js", ".mjs", ".cjs", ".ts"),
    *(".rb", ".pl", ".ps1", ".bat", ".cmd", ".lua", ".php"),
)
# also what browsers take for `//`, an address without its scheme, and hosts that are numbers
_HOST = re.compile(
    r"""(?:https?:[/\\]{2,8}|[:"'(<=][/\\]{2})(?:[^\s/@"'<>()\\`]{0,100}@)?"""
    r"(\[[0-9a-f:.]{2,45}\]|[0-9]{8,10}(?![\w.-])|0x[0-9a-f]{8}(?![\w.-])|[\w%-]{1,63}(?:\.[\w%-]{1,63}){1,8})",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")  # Markdown's
_PLACEHOLDER_HOSTS = ("example.com", "example.org", "example.net", "localhost", ".example", ".test", ".invalid")
_TOOL = re.compile(r"[^\s,()]+(?:\([^()]*\))?")  # a parenthesis belongs to its tool


@rule("change/new-script", "hint", scope="change")
def new_script(change: ChangeContext) -> Iterator[Violation]:
    """A person reads every script that a change adds.

    An agent runs it with the permissions of its user.
    Source: https://agentskills.io/specification#scripts

    Good:

        references/api.md is new

    Bad:

        scripts/setup.sh is new, and nobody has read it

    Fix: read it.
    """
    for skill in change.changed:
        carried = change.carried(skill)
        for entry in skill.entries:
            if is_script(entry) and change.paths.get(entry.path) in ("A", "T") and entry.path not in carried:
                message = "This script is new. Agents run it with the permissions of their user."
                yield change.in_file(skill, entry.path, 1, message, "Read it before you approve.")


@rule("change/new-host", "hint", scope="change")
def new_host(change: ChangeContext) -> Iterator[Violation]:
    """A person checks every host that a change adds to a skill.

    An agent may download from it or send data to it.
    Source: https://cwe.mitre.org/data/definitions/829.html

    Good:

        https://docs.python.org was already mentioned

    Bad:

        https://paste.example is new, and nobody asked why

    Fix: check that the host belongs there.
    """
    for skill in change.changed:
        previous = change.previous(skill)
        known = _hosts(previous) if previous else {}
        for host, (path, line) in sorted(_hosts(skill, change).items()):
            if host not in known:
                message = f"The host {shown(host)} is new in this skill. Agents may download from it."
                yield change.in_file(skill, path, line, message, "Check that it belongs there.")


@rule("change/wider-tools", "hint", scope="change")
def wider_tools(change: ChangeContext) -> Iterator[Violation]:
    """A person checks every tool that a change adds to `allowed-tools`.

    An agent uses these tools without asking its user.
    Source: https://agentskills.io/specification#allowed-tools-field

    Good:

        allowed-tools: Read            (before: Read Bash(git:*))

    Bad:

        allowed-tools: Read Bash       (before: Read)

    Fix: allow the narrowest form that is enough.
    """
    for skill in change.changed:
        previous = change.previous(skill)
        wider = tools_of(skill.front_matter) - (tools_of(previous.front_matter) if previous else set())
        if wider:
            tools = ", ".join(shown(tool) for tool in sorted(wider)[:6])
            message = f"`allowed-tools` now contains {tools}. Agents will no longer ask before they use it."
            yield change.at(skill, message, "Allow the narrowest form that is enough.", "allowed-tools")


@rule("change/new-binary", "hint", scope="change")
def new_binary(change: ChangeContext) -> Iterator[Violation]:
    """A person checks every binary file that a change adds or replaces.

    No diff shows its contents.
    Source: https://git-scm.com/docs/gitattributes#_marking_files_as_binary

    Good:

        assets/table.csv is new

    Bad:

        assets/tool.bin is new, and nobody knows what it does

    Fix: say where it comes from, or generate it from text.
    """
    for skill in change.changed:
        carried = change.carried(skill)
        for entry in skill.entries:
            if entry.path in carried:
                continue
            is_new = entry.mode in (REGULAR, EXECUTABLE) and change.paths.get(entry.path) in ("A", "M")
            if is_new and not entry.path.endswith(".md") and is_binary(content_of(skill.tree, entry)):
                message = "This file is binary, so no diff shows its contents."
                yield change.in_file(skill, entry.path, 1, message, "Check where it comes from.")


def _hosts(skill: Skill, change: ChangeContext | None = None) -> dict[str, tuple[str, int]]:
    """The hosts in a skill's texts, each with the path and line of its first use. With `change`: in changed files."""
    found: dict[str, tuple[str, int]] = {}
    for entry in skill.entries:
        if entry.mode not in (REGULAR, EXECUTABLE) or (change and entry.path not in change.paths):
            continue
        for host, line in hosts_in(content_of(skill.tree, entry)).items():
            found.setdefault(host, (entry.path, line))
    return found


def is_script(entry: Entry) -> bool:
    """Whether agents run a file: by its mode or its name."""
    return entry.mode == EXECUTABLE or entry.path.endswith(_SCRIPTS)


def is_binary(content: bytes) -> bool:
    """Whether a file is binary, as Git decides it."""
    return b"\0" in content[:8000]


def hosts_in(content: bytes) -> dict[str, int]:
    """The hosts in a text, each with the line of its first use; none in a binary file."""
    found: dict[str, int] = {}
    for number, line in enumerate(() if is_binary(content) else content.decode("utf-8", "replace").split("\n"), 1):
        if not ("//" in line or "\\" in line or "&" in line):  # most lines: no host without one of them
            continue
        for text in dict.fromkeys((line, _ESCAPE.sub("", unescape(line)))):
            for match in _HOST.finditer(text):
                if not (host := match[1].lower()).endswith(_PLACEHOLDER_HOSTS):
                    found.setdefault(host, number)
    return found


def tools_of(front: FrontMatter) -> set[str]:
    """The tools that `allowed-tools` names, each with what is in its parentheses."""
    node = front.mapping.get("allowed-tools")
    return {tool for _, scalar in scalars(node) for tool in _TOOL.findall(scalar.text)} if node else set()


_GENERATED = ("skills/available_skills.xml", ".claude-plugin/marketplace.json")


@rule("change/generated-file", scope="change", ours=True)
def generated_file(change: ChangeContext) -> Iterator[Violation]:
    """A pull request does not change generated files.

    skills/available_skills.xml and .claude-plugin/marketplace.json are written by one job after each merge. Two pull
    requests that change them conflict, and a forge does not run merge drivers. A marketplace.json with plugins that people
    wrote is theirs to change.
    Source: https://git-scm.com/docs/gitattributes#_defining_a_custom_merge_driver (each clone has to define it)

    Good:

        skills/python/demo/SKILL.md

    Bad:

        skills/python/demo/SKILL.md
        skills/available_skills.xml

    Fix: restore the file from the base; `skill-fleet generate-xml` writes it after the merge.
    """
    for path in _GENERATED:
        if path in change.paths and not _has_other_plugins(change.base.content(path)):
            message = f"{path} is generated: `skill-fleet generate-xml` writes it after the merge."
            undo = f"git rm --cached {path}" if change.paths[path] == "A" else f"git checkout BASE -- {path}"
            yield Violation(path, 1, message, f"Undo the change (BASE is the branch you started from): {undo}")


def _has_other_plugins(content: bytes | None) -> bool:
    """Whether people wrote plugins of their own into this marketplace.json, so that they may change it."""
    if content is None or b'"plugins"' not in content:
        return False
    try:
        return any(plugin.get("strict") is not False for plugin in json.loads(content)["plugins"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


@rule("change/deleted-skill", scope="change", ours=True)
def deleted_skill(change: ChangeContext) -> Iterator[Violation]:
    """A skill is retired, not deleted.

    The stub of a retired skill tells the users who installed it what replaces it. A deleted skill tells them nothing, and
    another skill may take its name.

    Good:

        skills/web/forms/SKILL.md with `status: retired`

    Bad:

        skills/web/forms is deleted

    Fix: skill-fleet retire web/forms --superseded-by ID
    """
    moved = {previous.id for skill in change.head.skills if (previous := change.moved_from(skill))}
    for skill in change.removed:
        if skill.id not in moved and not any(skill.id in each.formerly for each in change.changed):
            message = f"Skill {shown(skill.id)} is deleted; users who installed it will not be told."
            fix = f"Retire it instead: `skill-fleet retire {shown(skill.id)}`."
            yield Violation(skill.inside(SKILL_FILE), 1, message, fix, skill=skill.id)


@rule("change/move-without-formerly", scope="change", ours=True)
def move_without_formerly(change: ChangeContext) -> Iterator[Violation]:
    """A skill that is renamed or moved lists its old id in `metadata.formerly`.

    The old id then leads to the new one, and no other skill can take it.

    Good:

        metadata:
          formerly: web/old-name

    Bad:

        skills/web/old-name is renamed to skills/web/new-name, without `formerly`

    Fix: use skill-fleet move OLD NEW, or add the old id.
    """
    for skill in change.changed:
        previous = change.moved_from(skill)
        if previous and previous.id not in skill.formerly:
            message = f"The skill was renamed from {shown(previous.id)}."
            yield change.at(skill, message, f"Add {shown(previous.id)} to `metadata.formerly`.", "metadata")


@rule("change/still-mentioned", scope="change", ours=True)
def still_mentioned(change: ChangeContext) -> Iterator[Violation]:
    """No text mentions a skill that the change deletes or moves.

    Readers and agents would look for a skill that no longer exists.

    Good:

        web/forms moves to pdf/forms, and every text says pdf/forms

    Bad:

        web/forms moves to pdf/forms, and web/html still says "see web/forms"

    Fix: write the new id; skill-fleet move does it.
    """
    removed = {skill.id.encode(): skill.id for skill in change.removed}
    if not removed:
        return
    whole = re.compile(rb"(?<![\w/-])(?:%s)(?![\w/-])" % b"|".join(re.escape(each) for each in sorted(removed)))
    for skill in change.head.skills:
        for entry in skill.entries:
            if not entry.path.endswith(".md") or entry.mode not in (REGULAR, EXECUTABLE):
                continue
            content = content_of(skill.tree, entry)
            for match in whole.finditer(content):
                start = content.rfind(b"\n", 0, match.start()) + 1
                before = content[start : match.start()]
                if re.search(rb"^\s*(?:formerly|requires):", before):
                    continue  # `formerly` should mention it, and `requires` is for fleet/requires to check
                message = f"The text mentions the skill {shown(removed[match[0]])}, which this change removes."
                line = content.count(b"\n", 0, start) + 1
                column = len(before.decode("utf-8", "replace")) + 1
                yield change.in_file(skill, entry.path, line, message, "Mention its replacement instead.", column)


@rule("change/one-skill", "hint", scope="change", ours=True)
def one_skill(change: ChangeContext) -> Iterator[Violation]:
    """A pull request adds at most one skill.

    Two new skills in one pull request share one discussion and can only be merged together.

    Good:

        a pull request that adds web/forms

    Bad:

        a pull request that adds web/forms and python/testing

    Fix: open a pull request for each new skill. Changing many skills for one reason is fine.
    """
    new = [skill for skill in change.changed if change.previous(skill) is None]
    for skill in new[1:]:
        message = f"The change adds {len(new)} skills, which can only be discussed and merged together."
        yield change.at(skill, message, "Open a pull request for each.", key="one-skill")


@rule("change/version", "hint", scope="change")
def version(change: ChangeContext) -> Iterator[Violation]:
    """A skill that has a version gets a new one when it changes.

    With the same version, users cannot tell that their copy is out of date.
    Source: https://semver.org/

    Good:

        metadata:
          version: "1.3"              (before: "1.2")

    Bad:

        metadata:
          version: "1.2"              (before: "1.2", with another text)

    Fix: bump the last part for a correction, the first for an incompatible change.
    """
    for skill in change.changed:
        new = skill.front_matter.metadata("version")
        previous = change.previous(skill)
        if new is not None and previous and previous.front_matter.metadata("version") == new:
            message = f"The skill changed but its version is still {shown(new)}."
            yield change.at(skill, message, "Bump `metadata.version`.", "metadata.version", key="version")


@rule("change/version-floor", "hint", scope="change")
def version_floor(change: ChangeContext) -> Iterator[Violation]:
    """A skill that can do more than before gets more than a patch release.

    People who install patches without reading them would get a new script, a new host, or tools that need no permission.
    Source: https://semver.org/

    Good:

        metadata:
          version: "1.3.0"            (before: "1.2.4", and scripts/setup.sh is new)

    Bad:

        metadata:
          version: "1.2.5"            (before: "1.2.4", and scripts/setup.sh is new)

    Fix: bump the minor or the major version.
    """
    patches = {}
    for skill in change.changed:
        new, previous = skill.front_matter.metadata("version"), change.previous(skill)
        old = previous.front_matter.metadata("version") if previous else None
        if new and old and new != old and _release(new) == _release(old) is not None:
            patches[skill.id] = skill
    wider = {each.skill for check in (new_script, new_host, wider_tools) if patches for each in check(change)}
    for skill in (each for each in patches.values() if each.id in wider):
        message = "The version is only a patch release, but the skill has a new script, host or tool."
        yield change.at(skill, message, "Bump the minor version in `metadata.version`.", "metadata.version")


def _release(version: str) -> tuple[int, int] | None:
    """The first two numbers of a semantic version; None for anything else."""
    found = re.match(r"v?(\d{1,9})\.(\d{1,9})(?:[.+-]|\Z)", version)
    return (int(found[1]), int(found[2])) if found else None
