"""The part of .github/CODEOWNERS that is generated from the taxonomy: the reviewers of each category, and of the rest."""

from __future__ import annotations

from collections.abc import Iterable

from skill_fleet.fleet import TAXONOMY_FILE, Fleet

CODEOWNERS_FILE = ".github/CODEOWNERS"

_BEGIN = "# Below: from the owners in skills/taxonomy.yaml. Written by `skill-fleet init --check . | git apply`."
_NOBODY = "# Nobody has to approve a change of the workflows: no owners are named at the top of skills/taxonomy.yaml."
_END = "# Above: from skills/taxonomy.yaml."


def render_codeowners(fleet: Fleet, now: str) -> str:
    """The file as it should be: the part between the two marks is replaced, what people wrote in `now` stays.

    If there are no marks yet, the part is added at the end. An invalid owner is written as it is: the forge reports the
    line as an error, which is better than omitting it silently.
    """
    categories, keepers = fleet.taxonomy.categories.values(), _owners(fleet.taxonomy.owners)
    # the last line that matches a path decides: a skill has the owners of its category, or none
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
    """An owner as the file wants it: a login or team with an @, and no space, which would make two owners of one."""
    word = "".join(owner.split())
    return word if "@" in word else f"@{word}"
