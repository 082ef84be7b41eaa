"""What a change makes possible that was not before: for a reviewer to look at, never an error."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.change import Change
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.fleet import SKILL_FILE, Skill
from skill_fleet.git import EXECUTABLE, REGULAR
from skill_fleet.markdown import shown

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

    Fix: read it.
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

    Fix: make sure that it belongs there.
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

    Fix: allow the narrowest form that does.
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

    Fix: say where it comes from, or make it from text.
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


GENERATED = ("skills/available_skills.xml", ".claude-plugin/marketplace.json")
COMMAND = "skill-fleet generate-xml"


@rule("change/generated-file", scope="change")
def generated_file(change: Change) -> Iterator[Spot]:
    """A pull request does not change the catalogue.

    skills/available_skills.xml and .claude-plugin/marketplace.json are made of the tree by one job after a merge. Two
    pull requests that both changed them would conflict, and a forge ignores merge drivers.
    Source: https://git-scm.com/docs/gitattributes#_defining_a_custom_merge_driver (it is defined by each clone)

    Good:

        skills/python/demo/SKILL.md

    Bad:

        skills/python/demo/SKILL.md
        skills/available_skills.xml

    Fix: take the file from the base again; `skill-fleet generate-xml` writes it after the merge.
    """
    for path in GENERATED:
        if path in change.paths:
            message = f"{path} was changed by hand, and would conflict: `{COMMAND}` writes it after the merge."
            undo = f"git rm --cached {path}" if change.paths[path] == "A" else f"git checkout BASE -- {path}"
            yield Spot(path, 1, message, f"Undo the change, with BASE the branch you started from: {undo}")


@rule("change/deleted-skill", scope="change")
def deleted_skill(change: Change) -> Iterator[Spot]:
    """A skill is retired, not deleted.

    Who has it installed is told what replaces it by the stub that stays; of a folder that is gone nobody learns anything,
    and its name may come to mean something else.

    Good:

        skills/web/forms/SKILL.md with `status: retired`

    Bad:

        skills/web/forms is gone

    Fix: skill-fleet retire web/forms --superseded-by ID
    """
    heirs = {before.id for skill in change.head.skills if (before := _moved_from(change, skill))}
    for skill in change.gone:
        if skill.id not in heirs and not any(skill.id in each.formerly for each in change.touched):
            message = f"The skill {shown(skill.id)} is deleted, and whoever has it installed learns nothing of it."
            fix = f"Put it back and retire it: skill-fleet retire {shown(skill.id)}"
            yield Spot(skill.inside(SKILL_FILE), 1, message, fix, skill=skill.id)


@rule("change/move-without-formerly", scope="change")
def move_without_formerly(change: Change) -> Iterator[Spot]:
    """A skill that moves keeps its old id in `metadata.formerly`.

    Who asks for the old id is led to the new one, and nobody else can take it.

    Good:

        metadata:
          formerly: web/old-name

    Bad:

        skills/web/old-name becomes skills/web/new-name, and nothing else

    Fix: skill-fleet move OLD NEW does it; or write the old id there.
    """
    for skill in change.touched:
        before = _moved_from(change, skill)
        if before and before.id not in skill.formerly:
            message = f"The skill was {shown(before.id)} before, and nobody who asks for that is led here."
            fix = f"Write `formerly: {shown(' '.join((*skill.formerly, before.id)))}` under `metadata:`."
            line = skill.front_matter.line("metadata")
            yield Spot(skill.inside(SKILL_FILE), line, message, fix, skill=skill.id)


@rule("change/still-mentioned", scope="change")
def still_mentioned(change: Change) -> Iterator[Spot]:
    """No other skill names the id of one that is gone.

    Its readers are sent to something that is no longer there.

    Good:

        web/forms moves to pdf/forms, and every text says pdf/forms

    Bad:

        web/forms moves to pdf/forms, and web/html still says "see web/forms"

    Fix: name the new id there; skill-fleet move does it.
    """
    gone = {skill.id.encode(): skill.id for skill in change.gone}
    if not gone:
        return
    whole = re.compile(rb"(?<![\w/-])(?:%s)(?![\w/-])" % b"|".join(re.escape(each) for each in sorted(gone)))
    for skill in change.head.skills:
        for entry in skill.entries:
            if not entry.path.endswith(".md") or entry.mode not in (REGULAR, EXECUTABLE):
                continue
            content = skill.tree.read(entry)
            for match in whole.finditer(content):
                line = content.count(b"\n", 0, match.start()) + 1
                start = content.rfind(b"\n", 0, match.start()) + 1
                if re.search(rb"^\s*(?:formerly|requires):", content[start : match.start()]):
                    continue  # one is meant to name it, of the other fleet/requires speaks
                word = shown(gone[match[0]])
                message = f"The text names the skill {word}, which this change takes away."
                column = len(content[start : match.start()].decode("utf-8", "replace")) + 1
                yield Spot(entry.path, line, message, "Name the one that replaces it.", column, skill=skill.id)


@rule("change/one-skill", "hint", scope="change")
def one_skill(change: Change) -> Iterator[Spot]:
    """A draft is about one skill.

    Two skills in one pull request are discussed in one thread and can only be merged together.

    Good:

        a pull request that adds web/forms

    Bad:

        a pull request that adds web/forms and python/testing

    Fix: open a pull request for each; a change of many skills for one reason is fine.
    """
    new = [skill for skill in change.touched if change.before(skill) is None]
    for skill in new[1:]:
        message = f"The change adds {len(new)} skills, which can only be discussed and merged together."
        yield _on(skill, message, "Open a pull request for each.", key="one-skill")


@rule("change/version", "hint", scope="change")
def version(change: Change) -> Iterator[Spot]:
    """A skill that has a version gets a new one when it changes.

    Who compares versions takes the old text for the current one.
    Source: https://semver.org/

    Good:

        metadata:
          version: "1.3"              (it was "1.2")

    Bad:

        metadata:
          version: "1.2"              (it was "1.2", and the text is another)

    Fix: raise it: the last part for a correction, the first for something that works differently.
    """
    for skill, before in _both(change):
        old, new = (each.front_matter.metadata("version") for each in (before, skill))
        if old is not None and old == new:
            message = f"The skill changed but its version is still {shown(old)}, so nobody sees that it is another."
            line = skill.front_matter.line("metadata.version")
            yield Spot(skill.inside(SKILL_FILE), line, message, "Raise it.", skill=skill.id, key="version")


def _both(change: Change) -> Iterator[tuple[Skill, Skill]]:
    for skill in change.touched:
        if before := change.before(skill):
            yield skill, before


def _moved_from(change: Change, skill: Skill) -> Skill | None:
    """What the skill was before, if that had another id."""
    if skill.id in change.base.by_id:
        return None
    return change.before(skill)


def _on(skill: Skill, message: str, fix: str, key: str) -> Spot:
    return Spot(skill.inside(SKILL_FILE), 1, message, fix, skill=skill.id, key=key)
