#!/usr/bin/env python3
"""Generate a FastAPI project that starts and passes its own tests.

    scaffold.py minimal DESTINATION [--name NAME]     one file and its test
    scaffold.py modular DESTINATION [--name NAME]     settings, database, migrations, accounts, logs, probes, container

The files come from the folder `assets` next to `scripts`. DESTINATION must not exist or be empty. Standard library only;
nothing is installed and nothing is fetched.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[1] / "assets"
KINDS = ("minimal", "modular")
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
DEFAULT_NAME = "my-service"  # what stands in the templates, which therefore run as they are
HIDDEN = "dot-"  # files that begin with a dot are stored without it, so that no tool takes them for its own


class UserError(Exception):
    """Something that the caller can mend; shown as one sentence."""


def files(kind: str, name: str) -> dict[str, str]:
    """The paths of a project with their contents."""
    folder = TEMPLATES / kind
    made = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if not path.is_file() or any(part.startswith((".", "__pycache__")) for part in relative.parts):
            continue  # what tools left behind
        last = relative.name
        shown = f".{last.removeprefix(HIDDEN)}" if last.startswith(HIDDEN) else last
        made[relative.with_name(shown).as_posix()] = path.read_text(encoding="utf-8").replace(DEFAULT_NAME, name)
    if not made:
        raise UserError(f"There are no templates in {folder}: copy the whole skill, not the script alone.")
    return made


def write(destination: Path, made: dict[str, str]) -> None:
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise UserError(f"{destination} is there already and not an empty folder; name another.")
    for relative, content in made.items():
        path = destination / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("destination", type=Path)
    parser.add_argument("--name", help="of the project; the folder's name if left out")
    options = parser.parse_args(argv)
    name = options.name or options.destination.resolve().name
    try:
        if not NAME.fullmatch(name) or len(name) > 50:
            raise UserError(f"{name!r} is no project name: small letters, digits and single hyphens, at most 50.")
        made = files(options.kind, name)
        write(options.destination, made)
    except (UserError, OSError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    for relative in made:
        print(options.destination / relative)
    print(f"{len(made)} files. Next: read {options.destination / 'README.md'} and run pytest there.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
