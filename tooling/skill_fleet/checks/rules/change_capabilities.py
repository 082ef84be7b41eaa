"""What a change makes possible that was not before: for a reviewer to look at, never an error."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.change import Change
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.visible import shown
from skill_fleet.fleet.git import EXECUTABLE, REGULAR
from skill_fleet.fleet.skill import SKILL_FILE, Skill

_SCRIPTS = (
    ".py",
    ".sh",
    ".bash",
    ".zsh",
    ".js",
    ".mjs",
    ".cjs",
    ".ts",
    ".rb",
    ".pl",
    ".ps1",
    ".bat",
    ".cmd",
    ".lua",
    ".php",
)
_HOST = re.compile(rb"\bhttps?://(?:[^\s/@\"'<>()\\`]{0,100}@)?([a-zA-Z0-9-]{1,63}(?:\.[a-zA-Z0-9-]{1,63}){1,8})")
_PLACEHOLDER_HOSTS = (b"example.com", b"example.org", b"example.net", b"localhost", b".example", b".test", b".invalid")


@rule("change/new-script", "hint", scope="change")
def new_script(change: Change) -> Iterator[Spot]:
    """A script that comes with a change is looked at by a person.

    An agent runs it with the rights of whoever uses the skill.
    Source: https://agentskills.io/specification#scripts

    Good:

        references/api.md is new

    Bad:

        scripts/setup.sh is new, and nobody read it

    Mend: read it.
    """
    for skill in change.touched:
        for entry in skill.entries:
            runs = entry.mode == EXECUTABLE or entry.path.endswith(_SCRIPTS)
            if runs and change.paths.get(entry.path) in ("A", "T"):
                message = "This script is new, and agents will run it with their user's rights."
                yield Spot(entry.path, 1, message, "Read it before you approve.", skill=skill.id)


@rule("change/new-host", "hint", scope="change")
def new_host(change: Change) -> Iterator[Spot]:
    """A host that a skill did not name before is looked at by a person.

    An agent may fetch from it, or send to it.
    Source: https://cwe.mitre.org/data/definitions/829.html

    Good:

        https://docs.python.org was named before

    Bad:

        https://paste.example is new, and nobody asked why

    Mend: make sure that it belongs there.
    """
    for skill in change.touched:
        before = change.before(skill)
        known = _hosts(before) if before else {}
        for host, (path, line) in sorted(_hosts(skill, change).items()):
            if host not in known:
                message = f"The skill did not name the host {shown(host)} before, and agents may fetch from it."
                yield Spot(path, line, message, "Make sure that it belongs there.", skill=skill.id)


@rule("change/wider-tools", "hint", scope="change")
def wider_tools(change: Change) -> Iterator[Spot]:
    """A tool that a skill newly allows itself is looked at by a person.

    With `allowed-tools` an agent no longer asks its user.
    Source: https://agentskills.io/specification#allowed-tools-field

    Good:

        allowed-tools: Read            (it was: Read Bash(git:*))

    Bad:

        allowed-tools: Read Bash       (it was: Read)

    Mend: allow the narrowest form that does.
    """
    for skill in change.touched:
        before = change.before(skill)
        wider = _tools(skill) - (_tools(before) if before else set())
        if wider:
            tools = ", ".join(shown(tool) for tool in sorted(wider)[:6])
            message = f"The skill now allows itself {tools}, for which an agent had to ask before."
            line = skill.front_matter.line("allowed-tools")
            yield Spot(skill.inside(SKILL_FILE), line, message, "Allow the narrowest form that does.", skill=skill.id)


@rule("change/new-binary", "hint", scope="change")
def new_binary(change: Change) -> Iterator[Spot]:
    """A binary file that comes with a change is looked at by a person.

    No diff shows what is in it.
    Source: https://git-scm.com/docs/gitattributes#_marking_files_as_binary

    Good:

        assets/table.csv is new

    Bad:

        assets/tool.bin is new, and nobody knows what it does

    Mend: say where it comes from, or make it from text.
    """
    for skill in change.touched:
        for entry in skill.entries:
            is_new = entry.mode in (REGULAR, EXECUTABLE) and change.paths.get(entry.path) in ("A", "M")
            if is_new and not entry.path.endswith(".md") and b"\0" in skill.tree.read(entry)[:8000]:
                message = "This file is binary, and no diff shows what is in it."
                yield Spot(entry.path, 1, message, "Make sure where it comes from.", skill=skill.id)


def _hosts(skill: Skill, change: Change | None = None) -> dict[str, tuple[str, int]]:
    """The hosts that a skill's texts name, each with its first place; with `change`, only in files that differ."""
    found: dict[str, tuple[str, int]] = {}
    for entry in skill.entries:
        if entry.mode not in (REGULAR, EXECUTABLE) or (change and entry.path not in change.paths):
            continue
        content = skill.tree.read(entry)
        if b"\0" in content[:8000]:
            continue
        for match in _HOST.finditer(content):
            host = match[1].lower()
            if not host.endswith(_PLACEHOLDER_HOSTS):
                found.setdefault(host.decode(), (entry.path, content.count(b"\n", 0, match.start()) + 1))
    return found


def _tools(skill: Skill) -> set[str]:
    """What `allowed-tools` lists, a parenthesis kept with its tool."""
    return set(re.findall(r"[^\s,()]+(?:\([^()]*\))?", skill.front_matter.value("allowed-tools") or ""))
