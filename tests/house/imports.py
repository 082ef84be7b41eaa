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
    """The room that a module is in; '' for what stands beside them."""
    inside = path.relative_to(PACKAGE).parts if path.is_relative_to(PACKAGE) else ()
    return inside[0] if len(inside) > 1 else ""


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    """Every import of one module."""
    return tuple(_imports(path, ast.parse(path.read_text(encoding="utf-8")), True))


def _imports(path: Path, node: ast.AST, at_start: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for name in child.names:
                yield Import(path, child.lineno, name.name, at_start)
        elif isinstance(child, ast.ImportFrom):
            module = _absolute(path, child)
            inside = [name.name for name in child.names if _is_module(f"{module}.{name.name}")]
            for found in [f"{module}.{name}" for name in inside] or [module]:
                yield Import(path, child.lineno, found, at_start)
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


def _is_module(name: str) -> bool:
    """Whether `from package import name` names a module of ours, not something in one."""
    return (PACKAGE.parent / f"{name.replace('.', '/')}.py").is_file()
