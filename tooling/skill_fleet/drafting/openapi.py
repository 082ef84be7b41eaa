"""An OpenAPI or Swagger description as Markdown: its info, a section for each tag, a subsection for each operation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.markdown import tidy, yaml as yaml_nodes

_METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"]
_TIP = "Of YAML and JSON, only OpenAPI descriptions are documents. Give Markdown, or take the file as an asset with --only."
_MOST_EXAMPLE = 4_000  # characters
_Map = Mapping[str, Any]


def read_openapi(text: str, name: str) -> str:
    """The Markdown of a description in YAML or JSON. Raises UserError if `text` is none."""
    try:
        data = json.loads(text) if text.lstrip()[:1] == "{" else _plain(yaml_nodes.parse(text)[0])
    except (ValueError, RecursionError):
        raise UserError(f"{name} is not valid JSON.", _TIP) from None
    if not isinstance(data, dict) or not ("openapi" in data or "swagger" in data):
        raise UserError(f"{name} is data, not a document.", _TIP)
    return "\n".join(_Description(data).lines()).rstrip("\n") + "\n"


def _plain(node: object) -> Any:
    """YAML as mappings, lists and texts."""
    if isinstance(node, yaml_nodes.Mapping):
        return {key.text: _plain(value) for key, value in node.pairs}
    if isinstance(node, yaml_nodes.Sequence):
        return [_plain(item) for item in node.items]
    return node.text if isinstance(node, yaml_nodes.Scalar) else None


class _Description:
    """A description whose references are resolved one step at a time."""

    def __init__(self, data: _Map) -> None:
        self.data = data

    def node(self, value: object, *keys: str) -> _Map:
        """The mapping at the end of some keys, local references resolved; empty for anything else."""
        for key in ("", *keys):
            value = value.get(key) if key and isinstance(value, Mapping) else value
            for _ in range(8):
                reference = value.get("$ref") if isinstance(value, Mapping) else None
                if not (isinstance(reference, str) and reference.startswith("#/")):
                    break
                value = self.data
                for part in reference[2:].split("/"):
                    name = part.replace("~1", "/").replace("~0", "~")
                    value = value.get(name) if isinstance(value, Mapping) else None
        return value if isinstance(value, Mapping) and "$ref" not in value else {}

    def nodes(self, value: object, *keys: str) -> dict[str, _Map]:
        """The mappings in a mapping, by their key."""
        return {str(key): self.node(one) for key, one in self.node(value, *keys).items()}

    def type(self, value: object, depth: int = 0) -> str:
        """A schema in a few words: its type, the name it refers to, its allowed values."""
        if not isinstance(value, Mapping) or depth > 4:
            return ""
        if isinstance(reference := value.get("$ref"), str):
            return f"`{reference.rpartition('/')[2]}`"
        for key, word in (("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")):
            if parts := _list(value, key):
                return word.join(filter(None, (self.type(part, depth + 1) for part in parts[:10])))
        kind = value.get("type") or ("object" if "properties" in value else "")
        kind = " or ".join(map(str, kind)) if isinstance(kind, list) else str(kind)
        if kind == "array":
            return f"array of {self.type(value.get('items'), depth + 1) or 'any'}"
        kind += f" ({value['format']})" if value.get("format") else ""
        allowed = ", ".join(f"`{one}`" for one in _list(value, "enum")[:20])
        return f"{kind}: {allowed}" if allowed else kind

    def lines(self) -> Iterator[str]:
        """The document."""
        info = self.node(self.data, "info")
        yield from (f"# {tidy(str(info.get('title') or 'API'))}", "")
        yield from (*_prose(info, "summary"), *_prose(info, "description"))
        yield from (f"Version: {tidy(str(info['version']))}", "") if info.get("version") else ()
        urls = [str(server["url"]) for server in map(self.node, _list(self.data, "servers")) if "url" in server]
        urls += [f"https://{self.data['host']}{self.data.get('basePath', '')}"] if "host" in self.data else []
        yield from (*(f"- Server: {url}" for url in urls), "") if urls else ()
        tags = {str(tag.get("name")): tag for tag in map(self.node, _list(self.data, "tags"))}
        groups: dict[str, list[str]] = {tag: [] for tag in tags}
        for key, default in (("paths", "Operations"), ("webhooks", "Webhooks")):
            for path, item in self.nodes(self.data, key).items():
                for method in (one for one in _METHODS if isinstance(item.get(one), Mapping)):
                    group = str(next(iter(_list(item[method], "tags")), default))
                    groups.setdefault(group, []).extend(self.operation(f"{method.upper()} {path}", item, item[method]))
        for tag, lines in groups.items():
            yield from (f"## {tidy(tag)}", "", *_prose(tags.get(tag, {}), "description"), *lines) if lines else ()
        schemas = self.nodes(self.data, "components", "schemas") or self.nodes(self.data, "definitions")
        yield from ("## Schemas", "") if schemas else ()
        for name, schema in schemas.items():
            yield from self.schema(name, schema)

    def operation(self, title: str, item: _Map, said: _Map) -> Iterator[str]:
        """A section about an operation."""
        yield from (f"### {title}", "", *_prose(said, "summary"), *_prose(said, "description"))
        yield from (f"- Operation: `{said['operationId']}`", "") if said.get("operationId") else ()
        given = [self.node(one) for one in (*_list(item, "parameters"), *_list(said, "parameters"))]
        rows = [
            (f"`{one['name']}`", one.get("in", ""), self.type(one.get("schema") or one), _yes(one), _about(one))
            for one in given
            if "name" in one
        ]
        yield from _table("Parameter | In | Type | Required | Description", rows)
        for media, content in self.nodes(said, "requestBody", "content").items():
            yield from (
                f"Request body: `{media}`, {self.type(content.get('schema')) or 'any'}",
                "",
                *self.examples([content]),
            )
        answers, shown = list[Sequence[object]](), list[str]()
        for code, answer in self.nodes(said, "responses").items():
            contents = self.nodes(answer, "content")
            types = [f"`{media}` {self.type(content.get('schema'))}".strip() for media, content in contents.items()]
            types += [self.type(answer.get("schema"))] if "schema" in answer else []
            answers.append((f"`{code}`", _about(answer), "; ".join(types)))
            examples = [*self.examples(contents.values())]
            shown += [f"Example of a `{code}` response:", "", *examples] if examples else []
        yield from (*_table("Response | Description | Content", answers), *shown)
        for name, callback in self.nodes(said, "callbacks").items():
            yield from (line for url in callback for line in (f"Callback `{name}`: `{url}`", ""))

    def examples(self, contents: Iterable[_Map]) -> Iterator[str]:
        """The examples of media types, those that are short."""
        for content in contents:
            named = (one.get("value") for one in self.nodes(content, "examples").values())
            for value in (content.get("example"), *named):
                is_text = isinstance(value, str)
                text = str(value) if is_text else json.dumps(value, indent=2, ensure_ascii=False, default=str)
                if value is not None and len(text) <= _MOST_EXAMPLE and "```" not in text:
                    yield from ("```text" if is_text else "```json", *text.strip("\n").split("\n"), "```", "")

    def schema(self, name: str, schema: _Map) -> Iterator[str]:
        """A section about a schema."""
        parts = [schema, *map(self.node, _list(schema, "allOf"))]
        required = {str(one) for part in parts for one in _list(part, "required")}
        rows = [
            (f"`{key}`", self.type(value), "yes" if key in required else "no", _about(self.node(value)))
            for part in parts
            for key, value in self.node(part, "properties").items()
        ]
        yield from (f"### {name}", "", *_prose(schema, "description"))
        yield from (f"Type: {self.type(schema)}", "") if not rows and self.type(schema) else ()
        yield from _table("Field | Type | Required | Description", rows)


def _table(head: str, rows: Sequence[Sequence[object]]) -> Iterator[str]:
    if rows:
        yield from (f"| {head} |", f"| {' | '.join('---' for _ in head.split('|'))} |")
        for row in rows:
            yield f"| {' | '.join(tidy(str(cell)).replace('|', chr(92) + '|') for cell in row)} |"
        yield ""


def _yes(said: _Map) -> str:
    return "yes" if said.get("required") in (True, "true") else "no"


def _about(said: _Map) -> object:
    return said.get("description", "")


def _prose(said: _Map, key: str) -> Iterator[str]:
    """A text of a description, its headings as paragraphs, for they would cut the outline."""
    text = said.get(key)
    for line in text.strip().split("\n") if isinstance(text, str) and text.strip() else ():
        heading = line.lstrip("#").strip()
        yield f"**{heading}**" if line.startswith("#") and heading else line.rstrip()
    yield from ("",) if text else ()


def _list(said: _Map, key: str) -> list[Any]:
    value = said.get(key)
    return value if isinstance(value, list) else []
