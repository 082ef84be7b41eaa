"""The part of .github/CODEOWNERS that follows from the taxonomy: who is asked to review which category, and the rest."""

from __future__ import annotations

from collections.abc import Iterable

from skill_fleet.fleet import TAXONOMY_FILE, Fleet

CODEOWNERS_FILE = ".github/CODEOWNERS"

_BEGIN = "# Below: from the owners in skills/taxonomy.yaml. Written by `skill-fleet init --check . | git apply`."
_NOBODY = "# Nobody has to approve a change of the workflows: no owners are named at the top of skills/taxonomy.yaml."
_END = "# Above: from skills/taxonomy.yaml."


def render_codeowners(fleet: Fleet, now: str) -> str:
    """The file as it should be: what people wrote in `now` stays, the part between the two marks is written anew.

    When no mark is there yet, the part is added at the end. An owner who is no login, team or address is left as it
    is: the forge shows such a line as an error, which is better than a line that silently vanished.
    """
    categories, keepers = fleet.taxonomy.categories.values(), _owners(fleet.taxonomy.owners)
    # the last line that fits a path decides, so that a skill has the owners of its category, or none
    rest = [f"* {keepers}", f"/{fleet.root}/", f"/{TAXONOMY_FILE} {keepers}"] if keepers else [_NOBODY]
    owned = [*rest, *(f"/{fleet.root}/{each.name}/ {_owners(each.owners)}" for each in categories if each.owners)]
    part = "\n".join([_BEGIN, *owned, _END])
    lines = now.splitlines()
    if _BEGIN in lines and _END in lines[(start := lines.index(_BEGIN)) :]:
        before, after = lines[:start], lines[lines.index(_END, start) + 1 :]
    else:
        before, after = [*lines, *([""] if lines and lines[-1] else [])], []
    return "\n".join([*before, part, *after]) + "\n"


def _owners(owners: Iterable[str]) -> str:
    return " ".join(map(_owner, owners))


def _owner(owner: str) -> str:
    """Addresses stay, logins and teams get the @ that the file wants; a blank inside would make two owners."""
    word = "".join(owner.split())
    return word if "@" in word else f"@{word}"
