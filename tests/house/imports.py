"""What the modules of the package import, read from their source: at the top, in functions, under TYPE_CHECKING."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tooling/skill_fleet"


@dataclass(frozen=True)
class Import:
    """One import: `module` is what is imported, `at_start` whether it happens when the importing module is."""

    source: Path
    line: int
    module: str
    at_start: bool

    @property
    def where(self) -> str:
        """The place, for a message."""
        return f"{self.source.relative_to(ROOT)}:{self.line}"


@cache
def modules() -> tuple[Path, ...]:
    """Every module of the package, and the programs beside it."""
    return tuple(sorted((ROOT / "tooling").rglob("*.py")))


def room_of(path: Path) -> str:
    """The room that a module is in; '' for what is beside the rooms."""
    inside = path.relative_to(PACKAGE).parts if path.is_relative_to(PACKAGE) else ()
    return inside[0] if len(inside) > 1 else ""


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    """Every import of one module, also what it uses of a room that it imports as a whole (`from skill_fleet import git`)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [*_imports(path, tree, True)]
    rooms = {each.module for each in found}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            room = f"{PACKAGE.name}.{node.value.id}"
            if room in rooms and (home := face(room).get(node.attr)):
                found.append(Import(path, node.lineno, home, False))
    return tuple(found)


def _imports(path: Path, node: ast.AST, at_start: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for name in child.names:
                yield Import(path, child.lineno, name.name, at_start)
        elif isinstance(child, ast.ImportFrom):
            module = _absolute(path, child)
            for name in dict.fromkeys(_home(module, name.name) for name in child.names):
                yield Import(path, child.lineno, name, at_start)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            yield from _imports(path, child, False)
        else:
            later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports(path, child, at_start and not later)


def _absolute(path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = path.relative_to(PACKAGE.parent).parts[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


@cache
def face(package: str) -> dict[str, str]:
    """The names that a room offers to others, each with the module that it comes from: what its `__init__.pyi` says."""
    stub = PACKAGE.parent / package.replace(".", "/") / "__init__.pyi"
    if not stub.is_file():
        return {}
    found = [node for node in ast.parse(stub.read_text(encoding="utf-8")).body if isinstance(node, ast.ImportFrom)]
    return {name.name: f"{package}.{node.module}" for node in found for name in node.names}


def _home(module: str, name: str) -> str:
    """The module that `from module import name` leads to: a module or room itself, or through the face of a room."""
    place = PACKAGE.parent / f"{module}.{name}".replace(".", "/")
    if place.with_suffix(".py").is_file() or (place / "__init__.py").is_file():
        return f"{module}.{name}"
    return face(module).get(name, module)
