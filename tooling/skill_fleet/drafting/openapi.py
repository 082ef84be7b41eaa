"""An OpenAPI or Swagger description as Markdown: its info, a section for each tag, a subsection for each operation.

Titles, summaries and descriptions become text; all else of an operation or a schema is YAML in a fence, as it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from skill_fleet.errors import UserError
from skill_fleet.markdown import tidy, yaml as yaml_nodes

_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"]
_TIP = "Of YAML and JSON, only OpenAPI descriptions are documents. Give Markdown, or take the file as an asset with --only."
_PARTS = ["components", "definitions", "parameters", "responses", "securityDefinitions"]  # Swagger has them at the top
_PROSE = ["summary", "description"]


def read_openapi(text: str, name: str) -> str:
    """The Markdown of a description in YAML or JSON. Raises UserError if `text` is none."""
    try:
        data = json.loads(text) if text.lstrip()[:1] == "{" else _plain(yaml_nodes.parse(text)[0])
        if not isinstance(data, dict) or not ("openapi" in data or "swagger" in data):
            raise UserError(f"{name} is data, not a document.", _TIP)
        return "\n".join(_document(data)).rstrip("\n") + "\n"
    except (ValueError, RecursionError):
        raise UserError(f"{name} cannot be read as JSON.", _TIP) from None


def _plain(node: object) -> Any:
    """YAML as mappings, lists, texts, and the numbers and truth values that JSON has too."""
    if isinstance(node, yaml_nodes.Mapping):
        return {key.text: _plain(value) for key, value in node.pairs}
    if isinstance(node, yaml_nodes.Sequence):
        return [_plain(item) for item in node.items]
    if not isinstance(node, yaml_nodes.Scalar):
        return None
    try:
        return json.loads(node.text) if node.kind in ("bool", "int", "float", "null") else node.text
    except ValueError:
        return node.text


def _document(data: dict[str, Any]) -> Iterator[str]:
    info, tags = _map(data.get("info")), {str(_map(tag).get("name")): _map(tag) for tag in _list(data.get("tags"))}
    yield from (f"# {tidy(str(info.get('title') or 'API'))}", "", *_prose(info))
    apart = {"info", "tags", "paths", "webhooks", *_PARTS}
    facts = {key: value for key, value in info.items() if key not in ("title", *_PROSE)}
    yield from _fence(facts | {key: value for key, value in data.items() if key not in apart})
    groups: dict[str, list[str]] = {tag: [] for tag in tags}
    for key, default in (("paths", "Operations"), ("webhooks", "Webhooks")):
        for path, item in _map(data.get(key)).items():
            shared = {name: value for name, value in _map(item).items() if name not in _METHODS}
            for method in (name for name in _METHODS if isinstance(_map(item).get(name), dict)):
                operation = shared | item[method]
                if both := [*_list(shared.get("parameters")), *_list(item[method].get("parameters"))]:
                    operation["parameters"] = both
                group = str(next(iter(_list(operation.pop("tags", []))), default))
                groups.setdefault(group, []).extend(_section(f"{method.upper()} {path}", operation))
    for tag, lines in groups.items():
        yield from (f"## {tidy(tag)}", "", *_prose(tags.get(tag, {})), *lines) if lines else ()
    parts = _map(data.get("components")) | {key: data[key] for key in _PARTS[1:] if key in data}
    for kind, named in parts.items():
        sections = [line for name, value in _map(named).items() for line in _section(str(name), _map(value))]
        title = "Schemas" if kind == "definitions" else f"{kind[:1].upper()}{kind[1:]}"
        yield from (f"## {title}", "", *sections) if sections else ()


def _section(title: str, said: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"### {tidy(title)}", "", *_prose(said))
    yield from _fence({key: value for key, value in said.items() if key not in _PROSE})


def _fence(said: Mapping[str, Any]) -> Iterator[str]:
    """A mapping as a block of YAML, in a fence that nothing in it closes."""
    if said:
        text = yaml.dump(dict(said), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120).rstrip("\n")
        mark = "`" * max(3, 1 + max((len(run) for run in text.split() if {*run} == {"`"}), default=0))
        yield from (f"{mark}yaml", *text.split("\n"), mark, "")


def _prose(said: Mapping[str, Any]) -> Iterator[str]:
    """The texts of a description, their headings as paragraphs, for they would cut the outline."""
    for text in filter(None, (str(said.get(key) or "").strip() for key in _PROSE)):
        for line in text.split("\n"):
            heading = line.lstrip("#").strip()
            yield f"**{heading}**" if line.startswith("#") and heading else line.rstrip()
        yield ""


def _map(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
