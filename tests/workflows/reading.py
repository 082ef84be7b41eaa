"""The workflows and actions of this repository as data. Every scalar is a string: YAML 1.1 would read `on` as True."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github/actions").glob("*/action.yml"))


def load(file: Path) -> Any:
    """One file, strings only."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def workflow(name: str) -> Any:
    """A workflow by its name."""
    return load(ROOT / f".github/workflows/{name}.yml")


def jobs() -> Iterator[tuple[str, str, Any]]:
    """Every job with the names of its workflow and of itself."""
    for file in WORKFLOWS:
        for name, job in load(file)["jobs"].items():
            yield file.stem, name, job


def steps_of(job: Any) -> list[Any]:
    """The steps of a job, and of our own actions that it uses, and of those that they use."""
    found = []
    for step in job["steps"]:
        found.append(step)
        used = step.get("uses", "")
        if "/.github/actions/" in used and "@" not in used:
            folder = used.rpartition("/.github/actions/")[2]
            found += steps_of(load(ROOT / f".github/actions/{folder}/action.yml")["runs"])
    return found


def text_of(value: Any) -> str:
    """Everything that is said anywhere in a value, for searching."""
    if isinstance(value, dict):
        return "\n".join(f"{key}: {text_of(item)}" for key, item in value.items())
    return "\n".join(map(text_of, value)) if isinstance(value, list) else str(value)
