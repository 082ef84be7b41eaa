"""The skills of this repository, as the tests of their content see them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from skill_fleet.fleet import WorkTree, read_fleet

ROOT = Path(__file__).resolve().parents[2]
SKILLS = ROOT / "skills"


@dataclass(frozen=True)
class Product:
    """One skill of the repository: its id, its folder and what its front matter says."""

    id: str
    folder: Path
    description: str

    def data(self, name: str) -> Any:
        """What the JSON file `evals/<name>.json` holds."""
        return json.loads((self.folder / "evals" / f"{name}.json").read_text(encoding="utf-8"))

    def documents(self) -> list[Path]:
        """Its Markdown files."""
        return sorted(self.folder.rglob("*.md"))


@cache
def products() -> tuple[Product, ...]:
    """All skills of the repository that are not retired, read as the tool reads them."""
    fleet = read_fleet(WorkTree(ROOT, SKILLS.name))
    return tuple(
        Product(skill.id, ROOT / skill.path, skill.description) for skill in fleet.skills if skill.status != "retired"
    )
