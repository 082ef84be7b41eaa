"""What single clients and systems read differently, refuse or ignore. The settings' `clients` choose whose hints count."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator

from skill_fleet.checks.contexts import FleetContext, SkillContext
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.checks.rules.client_fields import (
    CLIENT_FIELDS,
    CLIENTS,
    INTERNAL,
    MISPLACED,
    ClientField,
    client_table,
    named,
    readers,
    type_of,
)
from skill_fleet.checks.rules.spec_fields import FIELDS
from skill_fleet.fleet import SKILL_FILE, Skill
from skill_fleet.markdown import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    parse,
    quote,
    read_front_matter,
    scalars,
    shown,
    written,
)

_UPLOAD = ("claude-ai",)


_ANY_FIELD = re.compile(
    rb"^[\"']?(?:%s)[\"']?[ \t]*:|\b(?:%s)\b"
    % tuple(
        b"|".join(
            re.escape(each.name.rpartition(".")[2]).encode() for each in CLIENT_FIELDS if ("." in each.name) is below
        )
        for below in (False, True)
    ),
    re.MULTILINE,
)
"""What front matter with such a field contains."""


@rule("portability/client-field", "hint", scope="fleet", table=client_table())
def client_field(context: FleetContext) -> Iterator[Violation]:
    """A field that only some clients read has no effect in the others.

    The specification does not have it, so its reference validator and uploads to claude.ai refuse the skill. Each field is
    reported once, at the first skill that has it; in the folder of a client, such as .claude, not for what that client
    reads. No fix changes such a field. The table below lists them; set `clients` in the settings to count only hints for
    your clients.
    Source: https://agentskills.io/specification#frontmatter-required

    Good:

        name: release
        description: Releases a version. Use only when asked to release.

    Bad:

        disable-model-invocation: true

    Fix: keep the field if your users have such a client. Say in the text too what must hold elsewhere.
    """
    found: dict[str, list[tuple[Skill, Scalar]]] = {}
    for skill in context.fleet.skills:
        front = context.front_matters[skill.id]
        if (context.focus is None or skill.id in context.focus) and _ANY_FIELD.search(front):
            for name, key, value in _fields(read_front_matter(front + b"---\n").mapping):
                is_theirs = name in FIELDS or (name != key.text and type_of(value) == "text")
                if not is_theirs and readers(name) and not _is_home(skill, readers(name)):
                    found.setdefault(name, []).append((skill, key))
    for name, places in found.items():
        rows, (skill, key) = readers(name), places[0]
        who = {row.client for row in rows}
        more = f" ({len(places)} skills have it)" if len(places) > 1 else ""
        message = f"Only {named(who)} read{'s' * (len(who) == 1)} `{name}`, where it {rows[0].effect}{more}."
        others = "claude.ai refuses the upload" if name == key.text else "the specification allows only text here"
        fix = f"Keep it if your users have such a client. Other clients ignore it, and {others}."
        concerned = CLIENTS.keys() - who
        if name in MISPLACED:
            fix, concerned = "Move it below `hooks`.", who
        elif name in INTERNAL:
            fix = "Move it under `metadata:`, as a string, if it is meant for people."
        place = (skill.inside(SKILL_FILE), key.line, message, fix, key.column)
        yield Violation(*place, skill=skill.id, key=name, clients=frozenset(concerned))


def _is_home(skill: Skill, rows: Iterable[ClientField]) -> bool:
    """Whether a skill is in the folder of a client that reads the field: .claude of Claude Code, .github of Copilot."""
    folder = next((part[1:] for part in skill.path.split("/") if part.startswith(".")), "")
    return any(row.client.partition("-")[0] == folder.replace("github", "copilot") for row in rows)


@rule("portability/field-type", "hint")
def field_type(context: SkillContext) -> Iterator[Violation]:
    """A field that clients read has a value of the type that they expect.

    A client ignores a value of another type, or refuses the skill. Copilot CLI refuses `"true"` for true; `npx skills`
    shows a skill with `internal: "true"`; `[env]` without quotes is a list, not text.
    Source: the clients named in `portability/client-field`

    Good:

        disable-model-invocation: true
        argument-hint: "[env]"

    Bad:

        disable-model-invocation: "true"
        argument-hint: [env]

    Fix: write a value of that type.
    """
    for name, key, value in _fields(context.fields):
        found = type_of(value)
        rows = [row for row in readers(name) if found and row.types and found not in row.types and name not in FIELDS]
        if rows:
            who, types = {row.client for row in rows}, {each for row in rows for each in row.types}
            wanted = " or ".join(sorted(types))
            message = f"`{name}` is {found} here, but {named(who)} read{'s' * (len(who) == 1)} only {wanted}."
            fix = _of_type(key.text, value, types) or f"Write {wanted}."
            yield context.at(value, message, fix, key=name, clients=who)


def _of_type(name: str, value: Node, types: Collection[str]) -> str:
    """The fix that writes `value` as one of `types`, '' if there is none."""
    if isinstance(value, Scalar) and "true or false" in types and (word := _truth(value.text)):
        return f"Write `{name}: {word}`."
    if isinstance(value, Scalar) and "text" in types:
        return f'Quote it: "{shown(value.text)}".'
    if isinstance(value, Sequence) and value.flow and "text" in types:
        text = ", ".join(each.text for each in value.items if isinstance(each, Scalar))
        if not all(isinstance(each, Scalar) for each in value.items):
            return ""
        return f"Write `{name}: {shown(quote(f'[{text}]'))}`."
    return ""


def _truth(text: str) -> str:
    """The word `true` or `false` that a text means to some reader of YAML, or ''."""
    words = {"true": ("true", "yes", "on", "y"), "false": ("false", "no", "off", "n")}
    return next((word for word, meaning in words.items() if text.lower() in meaning), "")


@rule("portability/allowed-tools", "hint", profile_only=True)
def allowed_tools(context: SkillContext) -> Iterator[Violation]:
    """`allowed-tools` has a form that the clients of this repository read.

    The specification separates tools by spaces, most skills by commas, and Copilot CLI splits only at commas. This hint
    appears only where the settings name a client that it concerns.
    Source: Copilot CLI 1.0.39

    Good:

        allowed-tools: Read, Bash(git:*)

    Bad:

        allowed-tools: Read Bash(git:*)         (and `clients = ["copilot"]`)

    Fix: separate the tools by a comma and a space, or write a list.
    """
    pair = context.text_field("allowed-tools")
    tools = re.findall(r"[^\s,()]+(?:\([^()]*\))?", pair[1].text) if pair else []
    if pair and len(tools) > 1 and "," not in re.sub(r"\([^()]*\)", "", pair[1].text):
        message = "Copilot CLI splits `allowed-tools` only at commas, so it takes these for one tool."
        fix = f"Write `allowed-tools: {shown(written(', '.join(tools)))}`."
        yield context.at(pair[0], message, fix, clients=("copilot",))


@rule("portability/yaml-version", "hint")
def yaml_version(context: SkillContext) -> Iterator[Violation]:
    """A value means the same to readers of YAML 1.1 and of YAML 1.2.

    Python's clients mostly read 1.1 and JavaScript's 1.2: `no` is false or text, `0777` is 511 or 777, `1e3` is text or a
    number, `2026-01-01` is a date or text. `spec/quoted-string` reports such a name as an error.
    Source: https://yaml.org/spec/1.2.2/ext/changes/

    Good:

        metadata:
          created: "2026-01-01"
        user-invocable: false

    Bad:

        metadata:
          created: 2026-01-01
        user-invocable: no

    Fix: put text in quotes; write true or false for a truth value.
    """
    for name, scalar in scalars(context.fields) if context.fields else ():
        if scalar.is_ambiguous and name != "name":
            message = f"Readers of YAML 1.1 and YAML 1.2 take `{shown(scalar.text)}` for different values."
            fix = f'Quote it: "{shown(scalar.text)}".'
            parts = name.split(".")
            is_inside = any(row.types == {"a map"} for row in readers(parts[0]) or readers(".".join(parts[:2])))
            is_truth = is_inside or any(row.types == {"true or false"} for row in readers(name))
            if is_truth and (word := _truth(scalar.text)):
                fix = f"Write `{word}`."
            elif is_inside and not scalar.text.startswith("<"):
                fix = f'Quote it if it is text: "{shown(scalar.text)}"; otherwise write it as a decimal number.'
            yield context.at(scalar, message, fix)


def _fields(fields: Mapping | None) -> Iterator[tuple[str, Scalar, Node]]:
    """The fields and, as `metadata.KEY`, those below `metadata`, each with its key and value."""
    for key, value in fields.pairs if fields else ():
        yield key.text, key, value
        if key.text == "metadata" and isinstance(value, Mapping):
            yield from ((f"metadata.{inner.text}", inner, below) for inner, below in value.pairs)


_CODEX_FILE = "agents/openai.yaml"


@rule("portability/codex-file", "hint")
def codex_file(context: SkillContext) -> Iterator[Violation]:
    """`agents/openai.yaml`, where a skill has it, is a mapping that Codex can read, and its icons exist.

    Codex shows the skill as the file says, and with `allow_implicit_invocation: false` it starts the skill only when asked.
    Where Codex cannot read it, it does neither, without a word.
    Source: Codex 0.171.0 (its loader of skills)

    Good:

        policy:
          allow_implicit_invocation: false

    Bad:

        policy:
          allow_implicit_invocation: "no"

    Fix: correct the file.
    """
    content = next((content for path, content in context.contents if path == _CODEX_FILE), b"")
    if not content.strip():
        return  # a stub, or a copy without its contents
    clients = frozenset({"codex"})
    root, faults = parse(content.decode("utf-8", "replace").removeprefix("\ufeff"))
    fault = next((fault for fault in faults if fault.what == "syntax" and not fault.is_strict), None)
    if fault or not isinstance(root, Mapping):
        line, detail = (fault.line, shown(fault.detail)) if fault else (1, "it is no mapping.")
        message = f"Codex cannot read this file: {detail}"
        yield context.in_file(_CODEX_FILE, line, message, "Correct it.", key="unreadable", clients=clients)
        return
    for name, scalar in scalars(root):
        if name == "policy.allow_implicit_invocation" and type_of(scalar) != "true or false":
            message, fix = f"`{name}` is not true or false, so Codex does not heed it.", "Write true or false."
        elif name in ("interface.icon_small", "interface.icon_large") and "://" not in scalar.text:
            if context.files.has(posixpath.normpath(scalar.text)):
                continue
            message, fix = f"`{shown(scalar.text)}` does not exist in the skill.", "Add the icon, or correct the path."
        else:
            continue
        yield context.in_file(_CODEX_FILE, scalar.line, message, fix, scalar.column, clients=clients)


# A tag: `<` with a letter after it, not a comparison.
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")


@rule("portability/description-tags", "hint")
def description_tags(context: SkillContext) -> Iterator[Violation]:
    """`description` has no tags such as `<name>`.

    claude.ai and the Claude API refuse to store a skill whose description has one.
    Source: https://platform.claude.com/docs/en/agents-and-tools/agent-skills/overview (requirements)

    Good:

        description: Builds my-card elements. Use when a page needs layout.

    Bad:

        description: Builds <my-card> elements. Use when a page needs layout.

    Fix: write it without the angle brackets.
    """
    pair = context.text_field("description")
    if pair and (match := _TAG.search(pair[1].text)):
        message = f"`description` contains the tag `{shown(match[0])}`, which claude.ai and the Claude API refuse."
        yield context.at(pair[0], message, "Write it without angle brackets.", key="tag", clients=_UPLOAD)


@rule("portability/reserved-name", "hint")
def reserved_name(context: SkillContext) -> Iterator[Violation]:
    """`name` contains neither `claude` nor `anthropic`.

    claude.ai and the Claude API reserve both words and refuse the skill.
    Source: https://platform.claude.com/docs/en/agents-and-tools/agent-skills/overview (requirements)

    Good:

        name: notes

    Bad:

        name: claude-notes

    Fix: choose another name, for the folder too.
    """
    pair = context.text_field("name")
    word = next((word for word in ("anthropic", "claude") if pair and word in pair[1].text.lower()), "")
    if pair and word:
        message = f"claude.ai and the Claude API refuse a name that contains `{word}`."
        yield context.at(pair[1], message, "Choose another name, for the folder too.", clients=_UPLOAD)
