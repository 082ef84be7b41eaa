"""The rooms of the package: data flows down the list, and no room imports one that its row does not name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from house.imports import PACKAGE, ROOT, face, imports_of, modules, room_of

# The table of tooling/README.md: a room, the rooms it may import all of, and those of which it may import the types.
MAY_IMPORT: dict[str, tuple[set[str], set[str]]] = {
    "git": (set(), set()),
    "markdown": (set(), set()),
    "fleet": ({"git", "markdown"}, set()),
    "checks": ({"git", "fleet", "markdown"}, set()),
    "fixes": ({"git", "fleet", "markdown", "checks"}, set()),
    "reports": ({"git", "fleet", "markdown"}, {"checks"}),
    "catalog": ({"git", "fleet", "markdown"}, set()),
    "drafting": ({"fleet", "markdown", "checks"}, set()),
    "model": ({"fleet", "markdown", "checks"}, {"drafting"}),
    "forges": ({"git", "fleet"}, set()),
    "review": ({"git", "fleet", "checks", "fixes", "markdown"}, {"forges", "drafting"}),
    "proposals": ({"git", "fleet", "markdown", "checks", "drafting", "model", "forges", "review"}, set()),
    "chat": ({"git", "fleet", "markdown", "checks", "drafting", "model", "forges", "proposals", "review"}, set()),
    "agents": ({"fleet", "markdown", "model"}, set()),
    "evals": ({"git", "fleet", "markdown", "agents"}, set()),
    "measuring": ({"fleet", "markdown", "evals"}, set()),
    "provenance": ({"git", "fleet", "checks", "catalog", "evals"}, {"review"}),
    "site": ({"git", "fleet", "markdown", "checks", "catalog", "evals"}, set()),
    "learning": ({"git", "fleet", "markdown", "checks", "model", "proposals", "evals"}, {"drafting"}),
    "founding": ({"git", "fleet", "catalog", "forges"}, set()),
    "cli": (set(), set()),  # all of them
    "": ({"cli"}, set()),  # the program of the demo, which types commands
}
# The modules that hold a room's types: facts without behaviour, which others may read.
TYPES = {
    "checks": {"checks.rule", "checks.rules"},
    "drafting": {"drafting.types"},
    "forges": {"forges.types", "forges.protocol"},
    "review": {"review.markers"},
}
PROGRAMS = {
    "git/repository.py": "the handle to Git, which runs it",
    "git/writing.py": "makes a repository where there is none to open yet",
    "agents/sandbox.py": "runs the agent under test, and the programs of its cases, in a fresh folder",
    "agents/enter.py": "the way into a sandbox: becomes the agent",
    "agents/loop.py": "an agent, which runs what its model says; itself run in a sandbox",
    "forges/github/connection.py": "asks GitHub's own tool for its token",
    "drafting/pandoc.py": "runs pandoc, in its sandbox, on a document that is not Markdown",
}
# Modules that one other module of their room imports and nobody else, and why they are not a part of it.
ALONE = {
    "chat.rounds": "the rounds of one pull request; a session begins and resumes them",
    "checks.rules.identity": "rules, which are found by their registration",
    "drafting.openapi": "one format, of which the reader knows nothing",
    "drafting.pandoc": "the only place of the room that starts a process",
    "forges.github.snapshots": "GitHub's answers as facts; the forge asks and acts",
    "forges.local.writing": "events as commits; the forge decides which",
    "model.compose": "a reply as files; the drafter makes the calls",
    "site.pages": "facts as text; the build decides what is written",
}
# Imports that the table forbids and that are still there, as MODULE -> MODULE. This list only shrinks.
EXCEPTIONS: set[str] = set()


def test_every_room_is_in_the_table() -> None:
    """A new room has to be added above, and to the map."""
    rooms = {path.name for path in PACKAGE.iterdir() if any(path.glob("*.py"))}

    assert rooms == MAY_IMPORT.keys() - {""}


def test_imports() -> None:
    """Each module imports only what its room may: also in functions, also for the type checker."""
    wrong = {f"{source} -> {target}" for source, target in _across()}

    assert wrong - EXCEPTIONS == set()
    assert EXCEPTIONS - wrong == set(), "no longer needed"


def _across() -> Iterator[tuple[str, str]]:
    """Every import of a module in another room that the table does not allow."""
    for path in modules():
        room = room_of(path)
        everything, types = MAY_IMPORT[room]
        for each in imports_of(path):
            if not each.module.startswith("skill_fleet.") or room == "cli":
                continue
            inside = each.module.removeprefix("skill_fleet.")
            other = inside.partition(".")[0]
            if other in (room, "errors") or other in everything or (other in types and inside in TYPES[other]):
                continue
            yield path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "."), inside


def test_no_cycles() -> None:
    """No module imports itself through others: not in functions, and not for the type checker."""
    graph = {_name(path): {each.module for each in imports_of(path)} for path in modules() if room_of(path)}
    done: set[str] = set()

    def visit(module: str, above: list[str]) -> None:
        assert module not in above, " -> ".join([*above[above.index(module) :], module])
        if module in done or module not in graph:
            return
        for other in sorted(graph[module] - {module}):
            visit(other, [*above, module])
        done.add(module)

    for module in graph:
        visit(module, [])


def _name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def test_few_modules_have_one_user() -> None:
    """A module that only one other of its room imports is a part of that one, unless it is an idea of its own."""
    offered = {home for stub in PACKAGE.rglob("__init__.pyi") for home in face(_name(stub.with_suffix(""))).values()}
    users: dict[str, set[Path]] = {}
    for path in modules():
        for each in imports_of(path):
            users.setdefault(each.module, set()).add(path)
    alone = {name for name, found in users.items() if len(found) == 1 and name not in offered}
    inside = {_name(path) for path in modules() if room_of(path) not in ("", "cli") and path.stem != "__init__"}

    assert {name.removeprefix("skill_fleet.") for name in alone & inside} == ALONE.keys()


def test_programs_are_run_in_few_places() -> None:
    """Only these modules start processes."""
    for path in modules():
        if room_of(path) and str(path.relative_to(PACKAGE)) not in PROGRAMS:
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
    """Only what needs an extra imports it, in its own room."""
    homes = {"dspy": "model", "litellm": "model", "github": "forges/github", "jinja2": "site", "markupsafe": "site"}
    for path in modules():
        place = path.relative_to(PACKAGE).as_posix() if room_of(path) else path.name
        for each in imports_of(path):
            home = homes.get(each.module.split(".")[0])
            assert home is None or place.startswith(f"{home}/") or not each.at_start, each.where


def test_a_command_imports_nothing_heavy_at_its_start() -> None:
    """What --help of a command costs is click, the command line's own modules, and faces of rooms, which load nothing."""
    light = {"skill_fleet", "skill_fleet.errors", *(f"skill_fleet.{room}" for room in MAY_IMPORT if room)}
    for path in modules():
        if room_of(path) == "cli":
            ours = [each for each in imports_of(path) if each.at_start and each.module.startswith("skill_fleet")]
            heavy = [
                each.where
                for each in ours
                if not each.module.startswith("skill_fleet.cli") and each.module not in light
            ]
            assert heavy == []


@pytest.mark.parametrize("room", [room for room in MAY_IMPORT if room])
def test_the_map_says_the_same(room: str) -> None:
    """The row of the room in tooling/README.md names the rooms that it may import."""
    readme = (ROOT / "tooling/README.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| `{room}/` \|.*\| (.*) \|$", readme, re.MULTILINE)
    if row is None:
        pytest.skip("not on the map yet")
    named = set(re.findall(r"\w+", row[1])) & MAY_IMPORT.keys()
    everything, types = MAY_IMPORT[room]

    assert row[1] == "all" or named == everything | types, row[0]
