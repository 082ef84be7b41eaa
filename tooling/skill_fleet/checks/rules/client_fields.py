"""The fields of front matter that single clients read: one table, for rules and fixes.

No fix moves, quotes, retypes or renames one of them: what it does in a client would change.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from skill_fleet.markdown import Node, Scalar, Sequence

CLIENTS = {
    "claude-code": ("Claude Code", "2.1.332"),
    "claude-ai": ("claude.ai", "its upload and the API"),
    "codex": ("Codex", "0.171.0"),
    "copilot": ("Copilot CLI", "1.0.39"),
    "cursor": ("Cursor", "second-hand"),
    "gemini": ("Gemini CLI", "its skill loader"),
    "goose": ("Goose", "its skills module"),
    "npx-skills": ("npx skills", "1.7.4"),
    "openclaw": ("OpenClaw", "documentation of 2026.9.6"),
    "opencode": ("OpenCode", "1.18.33"),
    "vscode": ("VS Code", "documentation of 2026-05"),
}
"""The clients that settings can name, with their names for people and the version or text that was read."""


@dataclass(frozen=True)
class ClientField:
    """A field that a client reads; `name` is `metadata.KEY` below `metadata`. No types: a value of any type."""

    name: str
    client: str
    types: frozenset[str]
    effect: str


MISPLACED = ("PreToolUse", "PermissionRequest")
"""The fields that belong below `hooks`."""
INTERNAL = ("version", "fallback", "created_by", "improved_by")
"""The fields that a client sets itself."""
# field, field, ... | client, client, ... | types | effect
_TABLE = f"""
allowed-tools | claude-code, copilot | text, a list | allows tools without asking
disallowed-tools, disallowedTools | claude-code | text, a list | takes tools away
disable-model-invocation | claude-code | true or false, text | lets only people start the skill
disable-model-invocation | copilot, cursor, openclaw, vscode | true or false | lets only people start the skill
user-invocable | claude-code, copilot, openclaw, vscode | true or false | can hide the slash command
argument-hint | claude-code, vscode | text | is shown to people who type arguments
arguments | claude-code | text, a list | names the arguments
context | claude-code, vscode | text | can run the skill in a subagent
agent | claude-code | text | chooses the subagent
background | claude-code | true or false | can run the skill in the background
model | claude-code | text | chooses the model
effort | claude-code | text, a number | sets the effort
shell | claude-code | text | chooses the shell
when_to_use | claude-code | text | joins the description
paths | claude-code | text, a list | loads the skill when a path matches
hooks | claude-code | a map | runs commands
{", ".join(MISPLACED)} | claude-code | a map, a list | disables hooks and tools, because it is not below `hooks`
{", ".join(INTERNAL)} | claude-code | | is internal
homepage | openclaw | text | is shown as a link
command-dispatch, command-tool, command-arg-mode | openclaw | text | runs a tool without the model
slash | opencode | true or false | makes a slash command
metadata.internal | npx-skills | true or false | can hide the skill
metadata.short-description | codex | text | is shown
metadata.argument-hint | goose | text | is shown to people who type arguments
metadata.arguments | goose | a list | names the arguments
metadata.openclaw, metadata.clawdbot | openclaw | a map | sets requirements and installation
"""
CLIENT_FIELDS = tuple(
    ClientField(name, client, frozenset(filter(None, types.split(", "))), effect)
    for names, clients, types, effect in (
        [part.strip() for part in row.split("|")] for row in _TABLE.strip().split("\n")
    )
    for name in names.split(", ")
    for client in clients.split(", ")
)
_BY_NAME: dict[str, list[ClientField]] = {}
for _row in CLIENT_FIELDS:
    _BY_NAME.setdefault(_row.name, []).append(_row)


def readers(name: str) -> list[ClientField]:
    """The rows of a field, empty where no client reads it; `metadata.KEY` for a key below `metadata`."""
    return _BY_NAME.get(name, [])


def type_of(value: Node) -> str:
    """The type of a value as the table names types: '' for no value."""
    if isinstance(value, Scalar):
        kinds = {"bool": "true or false", "int": "a number", "float": "a number", "null": ""}
        return kinds.get(value.kind, "text")
    return "a list" if isinstance(value, Sequence) else "a map"


def named(clients: Collection[str]) -> str:
    """The clients' names in a sentence."""
    *others, last = [CLIENTS[client][0] for client in CLIENTS if client in clients]
    return f"{', '.join(others)} and {last}" if others else last


def client_table() -> str:
    """The table as Markdown."""
    rows = ["| field | read by | types | effect |", "| --- | --- | --- | --- |"]
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for row in CLIENT_FIELDS:
        grouped.setdefault((row.name, ", ".join(sorted(row.types)) or "any", row.effect), []).append(row.client)
    rows += [f"| `{name}` | {named(who)} | {types} | {effect} |" for (name, types, effect), who in grouped.items()]
    sources = ", ".join(f"{name} ({source})" for name, source in CLIENTS.values())
    return "\n".join([*rows, "", f"As read in: {sources}."])
