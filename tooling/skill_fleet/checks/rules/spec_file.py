"""The file SKILL.md: a regular file in UTF-8, which begins with YAML that every client reads the same way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.contexts import SkillContext
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.checks.rules.client_fields import readers
from skill_fleet.git import SUBMODULE, SYMLINK
from skill_fleet.markdown import Mapping, Node, Scalar, scalars, shown


@rule("spec/skill-file")
def skill_file(context: SkillContext) -> Iterator[Violation]:
    """SKILL.md is a regular file.

    A link may point at any file on the reader's computer, and neither a folder nor a Git LFS pointer has the text.
    Source: https://agentskills.io/specification#directory-structure

    Good:

        demo/SKILL.md        a file

    Bad:

        demo/SKILL.md -> ../shared/SKILL.md

    Fix: put the text itself at that path.
    """
    if context.is_readable:
        return
    file = context.skill.file
    if file is None:
        message = "SKILL.md is a folder, so there is nothing to read."
    elif file.mode == SYMLINK:
        message = "SKILL.md is a symbolic link, which Windows and most installers do not follow."
    elif file.mode != SUBMODULE:
        message = (
            "SKILL.md is a Git LFS pointer: the text is elsewhere, clients read only this, and it was not checked."
        )
    else:
        message = "SKILL.md is a submodule, so a clone has nothing to read."
    fix = "Put a regular file with the text in its place."
    yield Violation(context.path, 1, message, fix)


@rule("spec/front-matter")
def front_matter(context: SkillContext) -> Iterator[Violation]:
    """SKILL.md begins with a YAML mapping between two lines of three dashes.

    It contains the name and the description. The closing dashes must be alone on their line, because some readers stop at
    the first three dashes and others only at such a line.
    Source: https://agentskills.io/specification#frontmatter-required

    Good:

        ---
        name: demo
        description: Shows the form. Use when in doubt.
        ---

    Bad:

        # Demo
        name: demo

    Fix: write a line of three dashes, then `key: value` lines, then a line of three dashes.
    """
    fixes = {
        "missing": "Begin the file with `---`, then `name: …` and `description: …`, then `---`.",
        "unclosed": "Put a line `---` between the last field and the text.",
        "not-a-mapping": "Write one field in each line: `name: …`.",
    }
    is_text = not any(context.faults("encoding"))  # in UTF-16 there are no dashes either
    for fault in context.faults(*fixes) if is_text else ():
        message = f"{fault.detail.rstrip('.')}, so no client can load the skill."
        yield Violation(context.path, fault.line, message, fixes[fault.what], fault.column)


@rule("spec/encoding")
def encoding(context: SkillContext) -> Iterator[Violation]:
    """SKILL.md is UTF-8.

    Clients stop at the first byte that is not UTF-8; the reference validator crashes.
    Source: https://agentskills.io/specification#skill-md-format

    Good:

        description: Fills café menus.      (é is stored as the bytes C3 A9)

    Bad:

        description: Fills café menus.      (é is stored as the byte E9)

    Fix: save the file as UTF-8, for instance: iconv -f latin1 -t utf-8 SKILL.md
    """
    for fault in context.faults("encoding"):
        message = f"{fault.detail.rstrip('.')}, so clients cannot read the file."
        yield Violation(context.path, fault.line, message, "Save the file as UTF-8.", fault.column, key="encoding")


@rule("spec/byte-order-mark")
def byte_order_mark(context: SkillContext) -> Iterator[Violation]:
    """SKILL.md does not begin with a byte order mark.

    The mark comes before the first dash, so a reader that expects `---` at the start finds no front matter.
    Source: https://agentskills.io/specification#frontmatter-required

    Good:

        ---                  the first bytes are 2D 2D 2D

    Bad:

        ---                  the first bytes are EF BB BF 2D 2D 2D

    Fix: save as "UTF-8 without BOM".
    """
    for _ in context.faults("bom"):
        message = "The file begins with an invisible byte order mark, which hides the front matter from clients."
        yield Violation(context.path, 1, message, "Save it as UTF-8 without a byte order mark.")


STRING_FIELDS = ("name", "description", "license", "compatibility", "allowed-tools")

_MEANINGS = {
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "timestamp": "a date",
    "merge": "a merge key",
    "value": "a default value",
}


@rule("spec/yaml")
def yaml_syntax(context: SkillContext) -> Iterator[Violation]:
    """The front matter is valid YAML, one document, with plain words as keys.

    A client that cannot read the YAML ignores the skill, usually silently. The usual cause is a colon and a space in an
    unquoted value.
    Source: https://agentskills.io/specification#frontmatter-required and https://yaml.org/spec/1.2.2/

    Good:

        description: "Two steps: plan, then act."

    Bad:

        description: Two steps: plan, then act.

    Fix: put the value in double quotes, or after `>-` on the next line.
    """
    for fault in context.faults("syntax", "key"):
        message = f"The front matter is not valid YAML, so clients ignore the skill: {shown(fault.detail)}"
        fix = "Quote the value if it contains a colon, a hash, a bracket or a quote; indent with spaces."
        yield Violation(context.path, fault.line, message, fix, fault.column, key=fault.detail)


@rule("spec/duplicate-key")
def duplicate_key(context: SkillContext) -> Iterator[Violation]:
    """No key occurs twice in the front matter.

    YAML forbids it. Some readers keep the first value and some the last, so two clients see different skills.
    Source: https://yaml.org/spec/1.2.2/#mapping

    Good:

        name: demo

    Bad:

        name: demo
        name: other

    Fix: delete all but one.
    """
    for fault in context.faults("duplicate-key"):
        key = shown(fault.detail)
        message = f"The key `{key}` occurs a second time, and readers differ in which one they use."
        yield Violation(context.path, fault.line, message, f"Keep one `{key}` and delete the other.", fault.column)


@rule("spec/plain-yaml")
def plain_yaml(context: SkillContext) -> Iterator[Violation]:
    """The front matter uses no anchors, aliases or tags.

    The reference validator rejects them, because they can be used to attack YAML readers.
    Source: https://hitchdev.com/strictyaml/why/node-anchors-and-references-removed/ (the reference validator's YAML)

    Good:

        description: Makes charts.

    Bad:

        description: &text Makes charts.

    Fix: write the value itself.
    """
    for fault in context.faults("anchor", "alias", "tag"):
        message = f"YAML {fault.what} `{shown(fault.detail)}`: the reference validator rejects it."
        fix = "Quote the value if the character belongs to it; otherwise write the value itself."
        yield Violation(context.path, fault.line, message, fix, fault.column)


@rule("spec/quoted-string")
def quoted_string(context: SkillContext) -> Iterator[Violation]:
    """A value that YAML reads as a number, true, false or null is in quotes.

    The specification requires strings. Without quotes, readers take `1.10` for the number 1.1, and a missing value is
    null. What only some readers take for a number, a date or a truth value is an error in `name`, because clients then
    know the skill by different names; elsewhere `portability/yaml-version` reports it.
    Source: https://agentskills.io/specification#metadata-field (it quotes "1.0" for this reason)

    Good:

        metadata:
          version: "1.10"

    Bad:

        metadata:
          version: 1.10

    Fix: put it in double quotes. Give an empty field a value, or remove it.
    """
    for name in STRING_FIELDS:
        if pair := context.field(name):
            yield from _unquoted(context, name, pair[1])
    block = context.field("metadata")
    for key, value in block[1].pairs if block and isinstance(block[1], Mapping) else ():
        if key.kind not in ("str", "null") and not key.is_ambiguous:
            message = f"YAML readers take the key `{shown(key.text)}` for {_MEANINGS[key.kind]}, not for text."
            yield context.at(key, message, f'Quote it: "{shown(key.text)}".')
        if not readers(f"metadata.{key.text}"):
            yield from _unquoted(context, f"metadata.{shown(key.text)}", value)


def _unquoted(context: SkillContext, name: str, value: Node) -> Iterator[Violation]:
    if not isinstance(value, Scalar) or (value.is_ambiguous and name != "name"):
        return
    if value.is_ambiguous or value.kind not in ("str", "null"):
        kind = next((kind for kind in (value.kind, value.core_kind) if kind != "str"), "bool")
        message = f"YAML readers take `{name}: {shown(value.text)}` for {_MEANINGS[kind]}, but it has to be text."
        yield context.at(value, message, f'Quote it: "{shown(value.text)}".')
    elif value.kind == "str" or any(
        (each.line, each.column) == (value.line, value.column) for each in context.faults("alias")
    ):
        return
    elif name not in ("name", "description") and not _cut_off(context, value):  # other rules report these
        yield context.at(value, f"`{name}` has no value, which YAML reads as null.", "Give it a value, or remove it.")


@rule("content/cut-description")
def cut_description(context: SkillContext) -> Iterator[Violation]:
    """No part of `description` is a comment.

    In a value without quotes, ` #` begins a comment: `fixes issue #12 in code` is only `fixes issue`. No client says so.
    Source: https://yaml.org/spec/1.2.2/#66-comments

    Good:

        description: "Posts to #news. Use when asked."

    Bad:

        description: Posts to #news. Use when asked.

    Fix: put the value in double quotes, or the comment on a line of its own.
    """
    pair = context.text_field("description")
    if pair and pair[1].text and (comment := context.comment_after(pair[1])):  # else spec/description reports it
        yield _cut(context, "description", pair[1], comment)


@rule("content/cut-value", "hint")
def cut_value(context: SkillContext) -> Iterator[Violation]:
    """No part of a value is a comment.

    In a value without quotes, ` #` begins a comment: `MIT #1 choice` is only `MIT`. A comment with a space after the `#`
    is taken for one.
    Source: https://yaml.org/spec/1.2.2/#66-comments

    Good:

        compatibility: "Needs ticket #5 to be closed"

    Bad:

        compatibility: Needs ticket #5 to be closed

    Fix: put the value in double quotes, or a space after the `#`.
    """
    for name, scalar in scalars(context.fields) if context.fields and "#" in context.head else ():
        if name != "description" and (comment := _cut_off(context, scalar)):
            yield _cut(context, name, scalar, comment)


def _cut_off(context: SkillContext, scalar: Scalar) -> str:
    """The comment behind a value that is probably meant to be part of it."""
    comment = context.comment_after(scalar)
    return "" if comment.startswith(("# ", "#\t")) or comment == "#" else comment


def _cut(context: SkillContext, name: str, scalar: Scalar, comment: str) -> Violation:
    left = f"so the value ends with `{shown(scalar.text[-60:])}`" if scalar.text else "so there is no value"
    message = f"`{shown(comment[:60])}` is a comment in YAML, {left}."
    return context.at(scalar, message, "Put the whole value in double quotes.", key=f"cut {name}")


_SHORT = 2_000
_NO_TEXT = re.compile(r"<!--.*?-->|^#{1,6}\s[^\n]*", re.DOTALL | re.MULTILINE)


@rule("content/empty-body")
def empty_body(context: SkillContext) -> Iterator[Violation]:
    """There is text below the front matter, more than headings and comments.

    It is what an agent reads when it uses the skill.
    Source: https://agentskills.io/specification#body-content

    Good:

        ---
        (name and description)
        ---

        # Demo

        Do it step by step.

    Bad:

        ---
        (name and description)
        ---

    Fix: write what an agent has to do.
    """
    front = context.front_matter
    if front and context.fields and len(front.body) <= _SHORT and not _NO_TEXT.sub("", front.body).strip():
        message = "SKILL.md has no text below its front matter, so an agent that uses the skill learns nothing."
        yield Violation(context.path, front.body_line - 1, message, "Write what an agent has to do.")
