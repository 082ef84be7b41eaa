"""What a draft would be, before anything is written: the tree with its price, the description, what is left out."""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from skill_fleet.drafting.sources.gather import gather
from skill_fleet.drafting.sources.shelf import name_of
from skill_fleet.drafting.types import Document, Draft

MOST_LISTED = 60


def render_preview(draft: Draft) -> str:
    """The dry run of a draft as text for a terminal. A token is four characters."""
    lines = [f"skills/{draft.brief.path}/"]
    total = sum(map(len, draft.files.values()))
    width = max(len(path) for path in draft.files)
    for path, text in draft.files.items():
        lines.append(f"  {path:<{width}}  {text.count(chr(10)):>5} lines  {_tokens(text):>7,} tokens")
    always = _tokens(draft.files["SKILL.md"])
    lines += ["", f"{always:,} tokens are read each time, {-(-total // 4) - always:,} when needed.", ""]
    lines += ["Description:", f"  {description_of(draft)}"]
    aside = [entry for entry in draft.ledger if entry.fate == "set aside"]
    if aside:
        lines += ["", "Left out:"]
        lines += [f"  {entry.document}:{entry.first}-{entry.last}  {entry.reason}" for entry in aside]
    said = (("Assumed:", draft.brief.assumptions), ("Open points:", draft.open_points), ("Notes:", draft.notes))
    for head, entries in said:
        if entries:
            lines += ["", head, *(f"  - {entry}" for entry in entries)]
    return "\n".join(lines) + "\n"


def description_of(draft: Draft) -> str:
    """The description in a draft's front matter."""
    front = draft.files["SKILL.md"].split("---", 2)[1]
    return str(yaml.safe_load(front)["description"])


def render_listing(sources: Sequence[Document], only: Sequence[str] = (), everything: bool = False) -> str:
    """The documents of a dump or a folder, with their sizes and what becomes of each: what `--only` can choose from.

    Nothing if there is only one.
    """
    found = gather(sources, only, everything)
    if len(found.parts) < 2:
        return ""
    fates = {id(found.main.part): "SKILL.md", **{id(part): reason for part, reason in found.aside}}
    fates |= {id(page.part): "reference" for page in found.others} | {id(part): "kept as it is" for part in found.raw}
    width = min(max(len(name_of(part)) for part in found.parts), 80)
    lines = [f"{len(found.parts)} documents:"]
    for part in found.parts[:MOST_LISTED]:
        cut = " (cut at its beginning)" if part.cut_head else ""
        cut += " (cut at its end)" if part.cut_tail else ""
        size = f"{len(part.lines):>5} lines  {_tokens(chr(10).join(part.lines)):>7,} tokens"
        lines.append(f"  {name_of(part):<{width}}  {size}  {fates.get(id(part), '')}{cut}")
    more = len(found.parts) - MOST_LISTED
    return "\n".join([*lines, *([f"  and {more} more"] if more > 0 else [])]) + "\n"


def _tokens(text: str) -> int:
    return -(-len(text) // 4)
