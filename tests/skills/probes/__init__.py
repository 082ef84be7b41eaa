"""What the blocks of the skills do when they are used.

A symptom is a function that says whether a failure shows in a module made of a block: it must show in the blocks marked
`wrong=SLUG` and not in those marked `right=SLUG`. A check asserts that a block does what its text says of it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

from skills.blocks import Block

Symptom = Callable[[ModuleType], bool]
Check = Callable[[ModuleType], None]


def symptoms(block: Block) -> list[Symptom]:
    """The symptom that tells the wrong way from the right one, if the block shows either."""
    paired = block.marks.get("wrong") or block.marks.get("right")
    found = getattr(_probes(block), f"symptom_{paired}".replace("-", "_"), None) if paired else None
    return [found] if found else []


def checks(block: Block) -> list[Check]:
    """What is asserted of a block by its name."""
    found = getattr(_probes(block), f"check_{block.slug}".replace("-", "_"), None) if block.slug else None
    return [found] if found else []


def _probes(block: Block) -> ModuleType | None:
    name = block.skill.rpartition("/")[2].replace("-", "_")
    return import_module(f"skills.probes.{name}") if (Path(__file__).parent / f"{name}.py").exists() else None
