"""The text in a settings file of another tool, line for line; and the modes of an agent in YAML read so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import yaml

from skill_fleet.drafting.pages.page import Drawn, Used

KEY = "key of a text"
MATTER = "front matter"
SETTINGS = "settings of the tool that it was written for"
TEXTS = ("prompt", "instructions", "customInstructions", "roleDefinition", "system_prompt", "systemPrompt")
TELLS = ("description", "whenToUse")
Read = tuple[tuple[str, ...], Drawn]


class SettingsText:
    """The lines of a file as they are read: text where there is some, and what became of the others."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.text = [""] * len(lines)
        self.fates: list[str] = ["" if not line.strip() else SETTINGS for line in lines]

    def put(self, first: int, lines: Sequence[str]) -> None:
        """Text that stands on the lines from `first` on."""
        for number, line in enumerate(lines, first):
            self.text[number], self.fates[number] = line, "text"

    def read(self, matter: dict[str, str]) -> Read | None:
        """The lines as Markdown; None if there is no text among them."""
        if "text" not in self.fates:
            return None
        used: list[Used] = []
        for at, fate in enumerate(self.fates):
            if fate in ("", "text"):
                continue
            if used and used[-1].last == at and used[-1].reason == fate:
                used[-1] = Used(used[-1].first, at + 1, fate, aside=fate == SETTINGS)
            else:
                used.append(Used(at, at + 1, fate, aside=fate == SETTINGS))
        return tuple(self.text), Drawn(tuple(used), tuple(matter.items()))


def read_yaml(lines: Sequence[str]) -> Read | None:
    """A mode, or several: what they are told is the text; None where quoting changes a line."""
    try:
        root = yaml.compose("\n".join([*lines, ""]), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return None
    modes = list(_modes(root)) if root else []
    read, matter = SettingsText(lines), dict[str, str]()
    for mode in modes:
        for key, node in mode.items():
            said = _said(lines, node)
            if said is None:
                if key in TEXTS:
                    return None
                continue
            first, text = said
            if key in TEXTS or (len(modes) > 1 and key in TELLS):
                read.put(first, text)
                if first > node.start_mark.line:
                    read.fates[node.start_mark.line] = KEY
            elif key in TELLS:
                known = f"{matter['description'].rstrip('.')}. " if "description" in matter else ""
                matter["description"] = known + " ".join(text)
                read.fates[node.start_mark.line : first + len(text)] = [MATTER] * (
                    first + len(text) - node.start_mark.line
                )
            elif key == "name" and len(text) == 1:
                read.put(first, [f"# {text[0]}"])
    return read.read(matter)


def _modes(root: yaml.Node) -> Iterator[dict[str, yaml.ScalarNode]]:
    """The mappings that tell an agent something, by key, each node of the file looked at once."""
    ahead, seen = [root], set[int]()
    while ahead:
        node = ahead.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            ahead += node.value[::-1]
        elif isinstance(node, yaml.MappingNode):
            own = {key.value: value for key, value in node.value if isinstance(value, yaml.ScalarNode)}
            if any(key in own for key in TEXTS):
                yield own
            ahead += [value for _, value in node.value[::-1] if not isinstance(value, yaml.ScalarNode)]


def _said(lines: Sequence[str], node: yaml.ScalarNode) -> tuple[int, list[str]] | None:
    """The line that a string begins on and its lines, if they stand in the file as they are."""
    first, last = node.start_mark.line, node.end_mark.line
    if node.style in ("|", ">"):
        own = list(lines[first + 1 : last])
        while own and not own[-1].strip():
            own.pop()
        indent = min((len(line) - len(line.lstrip()) for line in own if line.strip()), default=0)
        own = [line[indent:] for line in own]
        same = "\n".join(own) == node.value.rstrip("\n") if node.style == "|" else _same(own, node.value)
        return (first + 1, own) if same and own else None
    if first == last:
        return None if "\n" in node.value else (first, [node.value])
    own = [lines[first][node.start_mark.column :], *(line.strip() for line in lines[first + 1 : last + 1])]
    return (first, own) if node.style is None and _same(own, node.value) else None


def _same(lines: Sequence[str], value: str) -> bool:
    return " ".join(lines).split() == value.split()
