"""An OpenAPI or Swagger description as Markdown: its info, a section for each tag, a subsection for each operation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from skill_fleet.errors import UserError
from skill_fleet.restructure.words import tidy

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_MOST_NODES = 400_000
_MOST_EXAMPLE = 4_000  # characters


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Plain YAML 1.2 scalars: `no` and dates stay texts. Aliases are refused, so that nothing grows."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias")
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag.endswith((":int", ":float", ":null")) or tag.endswith(":bool")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    if first not in "yYnNoO"
}


def read_openapi(text: str, name: str) -> str:
    """The Markdown of a description in YAML or JSON. Raises UserError if `text` is none."""
    tip = "Only OpenAPI descriptions are read from YAML and JSON. Give Markdown, or name the file with --only as an asset."
    try:
        data = json.loads(text) if text.lstrip()[:1] == "{" else yaml.load(text, Loader=_Loader)
    except (ValueError, yaml.YAMLError, RecursionError):
        raise UserError(f"{name} cannot be read as YAML or JSON.", tip) from None
    if not isinstance(data, dict) or not ("openapi" in data or "swagger" in data):
        raise UserError(f"{name} is data, not a document.", tip)
    return "\n".join(_lines(_Description(data))).rstrip("\n") + "\n"


class _Description:
    """A description with its references resolved one step at a time."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def node(self, value: object) -> Mapping[str, Any]:
        """A mapping, or the local one that its `$ref` names; empty for anything else."""
        for _ in range(8):
            if not isinstance(value, dict):
                return {}
            reference = value.get("$ref")
            if not (isinstance(reference, str) and reference.startswith("#/")):
                return value
            value = self.data
            for part in reference[2:].split("/"):
                value = value.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(value, dict) else None
        return {}

    def schema(self, value: object, depth: int = 0) -> str:
        """A schema in a word or two: its type, the name it refers to, its allowed values."""
        if not isinstance(value, dict) or depth > 4:
            return "any" if value else ""
        if isinstance(reference := value.get("$ref"), str):
            return f"`{reference.rpartition('/')[2]}`"
        for key, word in (("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")):
            if isinstance(parts := value.get(key), list):
                return word.join(filter(None, (self.schema(part, depth + 1) for part in parts[:10])))
        kind = value.get("type") or ("object" if "properties" in value else "")
        kind = " or ".join(map(str, kind)) if isinstance(kind, list) else str(kind)
        if kind == "array":
            return f"array of {self.schema(value.get('items'), depth + 1) or 'any'}"
        kind += f" ({value['format']})" if value.get("format") else ""
        if isinstance(allowed := value.get("enum"), list):
            kind += f": {', '.join(f'`{one}`' for one in allowed[:20])}"
        return kind


def _lines(api: _Description) -> Iterator[str]:
    info = api.node(api.data.get("info"))
    yield from (f"# {tidy(str(info.get('title') or 'API'))}", "")
    yield from _prose(info.get("summary"))
    yield from _prose(info.get("description"))
    yield from (f"Version: {tidy(str(info['version']))}", "") if info.get("version") else ()
    servers = [api.node(one) for one in _list(api.data.get("servers"))]
    urls = [
        f"{one['url']}" + (f" ({tidy(str(one['description']))})" if one.get("description") else "")
        for one in servers
        if one.get("url")
    ]
    if isinstance(host := api.data.get("host"), str):
        schemes = _list(api.data.get("schemes")) or ["https"]
        urls += [f"{scheme}://{host}{api.data.get('basePath', '')}" for scheme in schemes]
    yield from (*(f"- Server: {url}" for url in urls), "") if urls else ()
    told = {str(tag.get("name")): tag.get("description") for tag in map(api.node, _list(api.data.get("tags")))}
    groups: dict[str, list[str]] = {tag: [] for tag in told}
    for key in ("paths", "webhooks"):
        for path, item in api.node(api.data.get(key)).items():
            item = api.node(item)
            for method in (one for one in _METHODS if isinstance(item.get(one), dict)):
                operation = item[method]
                tags = [str(tag) for tag in _list(operation.get("tags"))]
                group = tags[0] if tags else "Webhooks" if key == "webhooks" else "Operations"
                groups.setdefault(group, []).extend(_operation(api, method, str(path), item, operation))
    for tag, lines in groups.items():
        if lines:
            yield from (f"## {tidy(tag)}", "", *_prose(told.get(tag)), *lines)
    components = api.node(api.data.get("components"))
    schemas = api.node(components.get("schemas")) or api.node(api.data.get("definitions"))
    yield from ("## Schemas", "") if schemas else ()
    for name, schema in schemas.items():
        yield from _schema(api, str(name), api.node(schema))
    security = api.node(components.get("securitySchemes")) or api.node(api.data.get("securityDefinitions"))
    yield from ("## Security", "") if security else ()
    for name, scheme in security.items():
        scheme = api.node(scheme)
        words = [str(scheme[key]) for key in ("type", "scheme", "in", "name") if scheme.get(key)]
        about = f". {tidy(str(scheme['description']))}" if scheme.get("description") else ""
        yield f"- `{name}`: {', '.join(words)}{about}"


def _operation(
    api: _Description, method: str, path: str, item: Mapping[str, Any], operation: Mapping[str, Any]
) -> Iterator[str]:
    yield from (f"### {method.upper()} {path}", "")
    yield from ("Deprecated.", "") if operation.get("deprecated") is True else ()
    yield from _prose(operation.get("summary"))
    yield from _prose(operation.get("description"))
    yield from (f"- Operation: `{operation['operationId']}`", "") if operation.get("operationId") else ()
    given = [api.node(one) for one in (*_list(item.get("parameters")), *_list(operation.get("parameters")))]
    rows = [
        (f"`{one.get('name')}`", str(one.get("in", "")), api.schema(one.get("schema") or one),
         "yes" if one.get("required") else "no", str(one.get("description", "")))
        for one in given if one.get("name")
    ]  # fmt: skip
    yield from _table(("Parameter", "In", "Type", "Required", "Description"), rows)
    body = api.node(operation.get("requestBody"))
    for media, content in api.node(body.get("content")).items():
        yield from (f"Request body: `{media}`, {api.schema(api.node(content).get('schema')) or 'any'}", "")
        yield from _example(api, api.node(content))
    yield from _prose(body.get("description"))
    answers = {str(code): api.node(one) for code, one in api.node(operation.get("responses")).items()}
    rows = [(f"`{code}`", str(one.get("description", "")), _answer(api, one)) for code, one in answers.items()]
    yield from _table(("Response", "Description", "Content"), rows)
    for code, one in answers.items():
        for content in map(api.node, api.node(one.get("content")).values()):
            if lines := [*_example(api, content)]:
                yield from (f"Example of a `{code}` response:", "", *lines)
    for name, callback in api.node(operation.get("callbacks")).items():
        for url, target in api.node(callback).items():
            for verb in (one for one in _METHODS if isinstance(api.node(target).get(one), dict)):
                said = api.node(target)[verb]
                about = tidy(str(said.get("summary") or said.get("description") or ""))
                yield from (f"Callback `{name}`: {verb.upper()} `{url}`{f'. {about}' if about else ''}", "")


def _answer(api: _Description, response: Mapping[str, Any]) -> str:
    contents = {media: api.node(one).get("schema") for media, one in api.node(response.get("content")).items()}
    contents |= {"": response["schema"]} if isinstance(response.get("schema"), dict) else {}
    return "; ".join(f"`{media}` {api.schema(schema)}".replace("`` ", "").strip() for media, schema in contents.items())


def _schema(api: _Description, name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"### {name}", "", *_prose(schema.get("description")))
    parts = [schema, *map(api.node, _list(schema.get("allOf")))]
    required = {str(one) for part in parts for one in _list(part.get("required"))}
    rows = [
        (f"`{key}`", api.schema(value), "yes" if key in required else "no",
         str(value.get("description", "")) if isinstance(value, dict) else "")
        for part in parts for key, value in api.node(part.get("properties")).items()
    ]  # fmt: skip
    kind = api.schema(dict(schema))
    yield from (f"Type: {kind}", "") if kind and not rows else ()
    yield from _table(("Field", "Type", "Required", "Description"), rows)


def _example(api: _Description, content: Mapping[str, Any]) -> Iterator[str]:
    examples = [api.node(one).get("value") for one in api.node(content.get("examples")).values()]
    for value in [content.get("example"), *examples]:
        if value is not None:
            text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, default=str)
            if len(text) <= _MOST_EXAMPLE and "```" not in text:
                yield from (
                    "```json" if not isinstance(value, str) else "```text",
                    *text.strip("\n").split("\n"),
                    "```",
                    "",
                )


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    if rows:
        yield f"| {' | '.join(head)} |"
        yield f"| {' | '.join('---' for _ in head)} |"
        yield from (f"| {' | '.join(tidy(cell).replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
        yield ""


def _prose(text: object) -> Iterator[str]:
    """A description, whose headings would cut the outline, as paragraphs."""
    if isinstance(text, str) and text.strip():
        for line in text.strip().replace("\r", "").split("\n"):
            heading = line.lstrip("#").strip()
            yield f"**{heading}**" if line.startswith("#") and heading else line.rstrip()
        yield ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
