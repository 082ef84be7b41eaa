"""From the front matter of any tool to the fields of a skill's: the specification's own, the rest under `metadata`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from skill_fleet.drafting.pages.plain import shortened, tidy

MOST_COMPATIBILITY = 500
_OURS = {"requires", "formerly", "status", "superseded-by"}
_STATES = {"active", "deprecated", "retired"}
_SPOKEN = {"name", "description", "title", "license", "compatibility", "allowed-tools"}
_SERVER = re.compile(r"\bmcp__([A-Za-z0-9-]+(?:_[A-Za-z0-9-]+)*?)__")


@dataclass(frozen=True)
class Fields:
    """The fields besides name and description, and what was decided about them."""

    fields: dict[str, str]
    metadata: dict[str, str]
    notes: tuple[str, ...]


def fields_of(matter: Mapping[str, str]) -> Fields:
    """Map what a front matter says. Nothing of it is lost: an unknown key goes to `metadata` under its own name.

    A subagent's `tools` limits what it may use, while `allowed-tools` approves in advance: the one is never written as
    the other. Its tools are kept as `source-tools`; the MCP servers among them are a requirement, so `compatibility`.
    """
    fields = {key: tidy(matter[key]) for key in ("license", "compatibility") if matter.get(key)}
    notes: list[str] = []
    if matter.get("allowed-tools"):
        fields["allowed-tools"] = " ".join(re.split(r",\s*(?![^()]*\))", tidy(matter["allowed-tools"])))
    metadata = {"version": "0.1.0"}
    for key, value in matter.items():
        own = key.startswith("metadata.")
        name = key.removeprefix("metadata.")
        if not own and key in _SPOKEN:
            continue
        if name == "tools" and not own:
            metadata["source-tools"] = tidy(value)
            notes.append(
                "`tools` limits a subagent and has no like in a skill: its names are in `metadata.source-tools`."
            )
        elif name in _OURS and not (own and (name != "status" or value in _STATES)):
            metadata[f"source-{name}"] = tidy(value)
        elif value.strip():
            metadata[name] = tidy(value)
    servers = sorted(set(_SERVER.findall(matter.get("tools", "") + " " + matter.get("allowed-tools", ""))))
    if servers and not fields.get("compatibility"):
        fields["compatibility"] = f"Uses the MCP server{'s' if servers[1:] else ''} {', '.join(servers)}"
    if len(fields.get("compatibility", "")) > MOST_COMPATIBILITY:
        metadata["source-compatibility"] = fields["compatibility"]
        fields["compatibility"] = shortened(fields["compatibility"], MOST_COMPATIBILITY)
    return Fields(fields, metadata, tuple(notes))
