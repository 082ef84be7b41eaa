"""The categories of a fleet, from skills/taxonomy.yaml: the one hand-edited file next to the skills."""

from __future__ import annotations

from dataclasses import dataclass, field

from skill_fleet.fleet.names import is_name
from skill_fleet.fleet.yaml_nodes import Fault, Mapping, Node, Scalar, Sequence, parse

TAXONOMY_FILE = "skills/taxonomy.yaml"


@dataclass(frozen=True)
class Category:
    """A top folder of the fleet: what belongs there, and who looks after it (logins, teams or addresses)."""

    name: str
    description: str
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taxonomy:
    """All categories by name. `faults` says what is wrong with the file; what could be read is there all the same.

    `owners` look after all that is no skill.
    """

    categories: dict[str, Category] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    owners: tuple[str, ...] = ()


def read_taxonomy(content: bytes | None) -> Taxonomy:
    """Read the bytes of taxonomy.yaml (None: there is no such file). Never raises."""
    if content is None:
        return Taxonomy({}, (Fault("missing", "There is no skills/taxonomy.yaml.", 1),))
    node, wrong = parse(content.decode("utf-8", "replace"))
    faults = list(wrong)
    block = node.get("categories") if isinstance(node, Mapping) else None
    if not isinstance(block, Mapping) or not block.pairs:
        faults.append(Fault("categories", "It has no category under `categories`.", node.line if node else 1))
        return Taxonomy({}, tuple(faults))
    found = {}
    for key, value in block.pairs:
        if not is_name(key.text):
            faults.append(Fault("category", f"{key.text!r} is no valid folder name.", key.line, key.column))
            continue
        found[key.text] = Category(key.text, _text(value, "description"), _owners(value))
        if not found[key.text].description:
            faults.append(Fault("category", f"The category {key.text} has no description.", key.line, key.column))
    return Taxonomy(found, tuple(faults), _owners(node))


def _text(node: Node, key: str) -> str:
    value = node.get(key) if isinstance(node, Mapping) else None
    return value.text.strip() if isinstance(value, Scalar) else ""


def _owners(node: Node | None) -> tuple[str, ...]:
    value = node.get("owners") if isinstance(node, Mapping) else None
    items = value.items if isinstance(value, Sequence) else []
    return tuple(item.text for item in items if isinstance(item, Scalar))
