"""Cut GitHub's GraphQL schema down to what our queries touch, word for word.

    npm pack @octokit/graphql-schema && tar xzf octokit-graphql-schema-*.tgz
    python tests/github/double/cut_schema.py package/schema.graphql > tests/github/double/github.graphql

The queries are checked against the whole schema first, so a field that GitHub took away is found here.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

from graphql import (
    DefinitionNode,
    DocumentNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_ast_schema,
    get_named_type,
    is_abstract_type,
    is_input_object_type,
    parse,
    print_ast,
    validate,
    visit,
)
from graphql.language import FieldNode

from skill_fleet.forges.github import queries


def all_queries() -> list[str]:
    """Every document that the package sends."""
    fixed = [value for name, value in vars(queries).items() if name.isupper() and not name.startswith("_")]
    documents = [text for text in fixed if isinstance(text, str)]
    return documents + [queries.more_of(name) for name in queries.CONNECTIONS]


@dataclass
class Used(Visitor):
    """The fields by type, and the types, that the visited queries need."""

    schema: GraphQLSchema
    info: TypeInfo
    fields: set[tuple[str, str]] = field(default_factory=set)
    types: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """Keep the field on its type, its own type, and those of its arguments."""
        parent, definition = self.info.get_parent_type(), self.info.get_field_def()
        if parent is None or definition is None or node.name.value.startswith("__"):
            return
        owners = [parent, *(self.schema.get_possible_types(parent) if is_abstract_type(parent) else ())]
        for owner in owners:
            self.fields.add((owner.name, node.name.value))
            self.need(owner)
        self.need(definition.type)
        for argument in definition.args.values():
            self.need(argument.type)

    def need(self, kind: object) -> None:
        """Keep a type, and an input's own."""
        named = get_named_type(kind)  # type: ignore[call-overload]
        if named.name not in self.types:
            self.types.add(named.name)
            if is_input_object_type(named):
                for each in named.fields.values():
                    self.need(each.type)
            if is_abstract_type(named):
                self.types |= {each.name for each in self.schema.get_possible_types(named) if each.name in _NAMED}


_PROSE = re.compile(r'\s*"""(?:.|\n)*?"""|\s+@\w+(?:\((?:[^()"]|"[^"]*")*\))?')
_NAMED = {"User", "Bot", "Mannequin", "Organization", "EnterpriseUserAccount", "PullRequest", "PullRequestReviewThread"}


def cut(document: DocumentNode, used: Used) -> str:
    """The definitions that are used, without their descriptions."""
    kept = [each for each in document.definitions if _name(each) in used.types]
    return "\n\n".join(sorted(_PROSE.sub("", print_ast(_trimmed(each, used))).strip() for each in kept)) + "\n"


def _trimmed(definition: DefinitionNode, used: Used) -> DefinitionNode:
    changes: dict[str, object] = {}
    if definition.kind in ("object_type_definition", "interface_type_definition"):
        changes["fields"] = [
            each
            for each in definition.fields or ()
            if _name(each) == "id" or (_name(definition), _name(each)) in used.fields
        ]
        changes["interfaces"] = [each for each in definition.interfaces or () if _name(each) in used.types]
    elif definition.kind == "union_type_definition":
        changes["types"] = [each for each in definition.types if _name(each) in used.types]
    return replace(definition, **{key: tuple(value) for key, value in changes.items()})


def _name(node: object) -> str:
    return str(node.name.value)


def main(path: str) -> None:
    """Print the cut schema."""
    document = parse(Path(path).read_text(encoding="utf-8"), no_location=True)
    schema = build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)  # it defines two fields twice
    used = Used(schema, TypeInfo(schema))
    for text in all_queries():
        query = parse(text)
        if errors := validate(schema, query):
            sys.exit("\n".join(error.message for error in errors))
        visit(query, TypeInfoVisitor(used.info, used))
    used.types |= {"Query", "Mutation", "ConvertToDraftEvent", "ReadyForReviewEvent", "ReopenedEvent"}
    print("# Part of GitHub's public GraphQL schema (@octokit/graphql-schema 15.26.1, MIT); see cut_schema.py.")
    print(cut(document, used), end="")


if __name__ == "__main__":
    main(sys.argv[1])
