"""The rooms of the package: data flows down the list, and no room imports one that its row does not name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from house.imports import PACKAGE, ROOT, imports_of, modules, room_of

# The table of tooling/README.md: a room, the rooms it may import all of, and those of which it may import the types.
MAY_IMPORT: dict[str, tuple[set[str], set[str]]] = {
    "fleet": (set(), set()),
    "checks": ({"fleet"}, set()),
    "reports": ({"fleet"}, {"checks"}),
    "catalog": ({"fleet"}, set()),
    "drafting": ({"fleet", "checks"}, set()),
    "forges": ({"fleet"}, set()),
    "founding": ({"fleet"}, set()),
    "review": ({"fleet", "checks"}, {"drafting", "forges"}),
    "cli": ({"fleet", "checks", "reports", "catalog", "drafting", "forges", "founding", "review"}, set()),
    "": ({"cli"}, set()),  # the program of the demo, which types commands
}
# The modules that hold a room's types: facts without behaviour, which others may read.
TYPES = {
    "checks": {"checks.finding", "checks.outcome", "checks.visible", "checks.rules", "checks.rule"},
    "drafting": {"drafting.types"},
    "forges": {"forges.types", "forges.actions", "forges.protocol"},
}
GIT = {
    "fleet/git_handle.py": "the handle to Git, which runs it",
    "founding/repository.py": "makes a repository where there is none to open yet",
}
# What the map leaves unsaid: a report shows lines of the tree that was checked, and so knows what a tree is.
UNSAID = {"reports": {"fleet"}}


def test_every_room_is_in_the_table() -> None:
    """A new room has to be added above, and to the map."""
    rooms = {path.name for path in PACKAGE.iterdir() if any(path.glob("*.py"))}

    assert rooms == MAY_IMPORT.keys() - {""}


@pytest.mark.parametrize("room", [room for room in MAY_IMPORT if room])
def test_the_map_says_the_same(room: str) -> None:
    """The row of the room in tooling/README.md names the rooms that it may import."""
    readme = (ROOT / "tooling/README.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| `{room}/` \|.*\| (.*) \|$", readme, re.MULTILINE)
    if row is None and room == "founding":
        pytest.skip("not on the map yet")
    assert row, f"{room}/ has no row"
    named = set(re.findall("|".join(filter(None, MAY_IMPORT)), row[1]))
    everything, types = MAY_IMPORT[room]

    assert row[1] == "all" or named | UNSAID.get(room, set()) == everything | types, row[0]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT / "tooling")))
def test_imports_of_a_module(path: Path) -> None:
    """Each module imports only what its room may: also in functions, also for the type checker."""
    room = room_of(path)
    everything, types = MAY_IMPORT[room]
    wrong = []
    for each in imports_of(path):
        if not each.module.startswith("skill_fleet."):
            continue
        inside = each.module.removeprefix("skill_fleet.")
        other = inside.partition(".")[0]
        if other in (room, "errors") or other in everything:
            continue
        if other not in types or inside not in TYPES[other]:
            wrong.append(f"{each.where} imports {each.module}")

    assert wrong == []


def test_types_are_facts() -> None:
    """A module of types imports nothing of its room but other types, so that who reads it gets no behaviour with it."""
    for room, names in TYPES.items():
        for name in names - {"checks.rules"}:  # the registry, whose rules come with it
            path = PACKAGE / f"{name.replace('.', '/')}.py"
            if path.exists():
                inside = {each.module.removeprefix("skill_fleet.") for each in imports_of(path) if room in each.module}
                assert inside <= names, f"{name} imports {inside - names}"


def test_git_is_run_in_one_place() -> None:
    """Only the handle runs Git, and no other module of the package starts a process of its own."""
    for path in modules():
        if room_of(path) and str(path.relative_to(PACKAGE)) not in GIT:
            found = [
                each.where for each in imports_of(path) if each.module.split(".")[0] in ("git", "gitdb", "subprocess")
            ]
            assert found == [], found
            called = [
                node.lineno
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Attribute) and node.attr in ("system", "popen", "posix_spawn", "execvp")
            ]
            assert called == [], f"{path}: {called}"


def test_extras_are_imported_late() -> None:
    """Only what needs an extra imports it: in its own folder, which nothing outside imports but inside functions."""
    homes = {"dspy": "drafting/model", "litellm": "drafting/model", "github": "forges/github"}
    for path in modules():
        place = path.relative_to(PACKAGE).as_posix() if room_of(path) else path.name
        for each in imports_of(path):
            home = homes.get(each.module.split(".")[0])
            assert home is None or place.startswith(f"{home}/") or not each.at_start, each.where
            inside = each.module.removeprefix("skill_fleet.").replace(".", "/")
            for folder in set(homes.values()):
                if f"{inside}/".startswith(f"{folder}/") and not place.startswith(f"{folder}/"):
                    assert not each.at_start, f"{each.where} imports {each.module} at its start"


def test_a_verb_imports_nothing_heavy_at_its_start() -> None:
    """What --help of a verb costs is click and the command line's own small modules."""
    light = {"skill_fleet", "skill_fleet.errors", "skill_fleet.cli.options", "skill_fleet.cli.files"}
    for path in modules():
        if room_of(path) == "cli" and "@click.command" in path.read_text(encoding="utf-8"):
            ours = [each for each in imports_of(path) if each.at_start and each.module.startswith("skill_fleet")]
            assert {each.module for each in ours} <= light, [each.where for each in ours if each.module not in light]
