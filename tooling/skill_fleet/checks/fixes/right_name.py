"""The name of a skill, where its folder leaves one right answer."""

from __future__ import annotations

from skill_fleet.checks.rules.spec_name import is_meant
from skill_fleet.fleet.frontmatter import read_front_matter
from skill_fleet.fleet.names import is_name
from skill_fleet.fleet.yaml_edit import CannotEdit, quote, set_value
from skill_fleet.fleet.yaml_nodes import Scalar


def named_as_folder(content: bytes, folder: str) -> bytes:
    """A SKILL.md with the name of its folder, where it has none or one that is that name written otherwise.

    A name that says something else stays: then either may be right, and so does front matter that cannot be read.
    """
    node = read_front_matter(content).mapping.get("name")
    if not is_name(folder) or not (node is None or isinstance(node, Scalar)):
        return content
    if node is not None and node.text.strip() and not is_meant(node.text, folder):
        return content
    try:
        changed = set_value(content, "name", folder)
    except CannotEdit:
        return content
    plain = changed.replace(f"name: {quote(folder)}".encode(), f"name: {folder}".encode(), 1)
    after = read_front_matter(plain)
    return plain if not after.faults and after.value("name") == folder else changed
