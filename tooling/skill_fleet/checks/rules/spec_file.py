"""The file SKILL.md itself: that it is one, how it is encoded, where its front matter begins and ends."""

from __future__ import annotations

from collections.abc import Iterator

from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.git import SYMLINK
from skill_fleet.markdown import Mapping, Node, Scalar, shown


@rule("spec/skill-file")
def skill_file(reading: Reading) -> Iterator[Spot]:
    """SKILL.md is a regular file.

    A client opens SKILL.md and reads it; a link may point anywhere on the reader's machine, and a folder has no text.
    Source: https://agentskills.io/specification#directory-structure

    Good:

        demo/SKILL.md        a file

    Bad:

        demo/SKILL.md -> ../shared/SKILL.md

    Fix: put the text itself at that path.
    """
    if reading.is_readable:
        return
    file = reading.skill.file
    if file is None:
        what = "SKILL.md is a folder, so there is nothing to read."
    elif file.mode == SYMLINK:
        what = "SKILL.md is a symbolic link, which Windows and most installers do not follow."
    else:
        what = "SKILL.md is a submodule, so a clone holds nothing to read."
    yield Spot(reading.path, 1, what, "Put a regular file with the text in its place.")


@rule("spec/front-matter")
def front_matter(reading: Reading) -> Iterator[Spot]:
    """SKILL.md begins with a YAML mapping between two lines of three dashes.

    Name and description stand there; without it no client knows the skill. The closing dashes must stand alone on a
    line, since some readers stop at the first three dashes they meet and others only at such a line.
    Source: https://agentskills.io/specification#frontmatter-required

    Good:

        ---
        name: demo
        description: Shows the form. Use when in doubt.
        ---

    Bad:

        # Demo
        name: demo

    Fix: put a line of three dashes first, then `key: value` lines, then a line of three dashes.
    """
    fixes = {
        "missing": "Begin the file with `---`, then `name: …` and `description: …`, then `---`.",
        "unclosed": "Put a line `---` between the last field and the text.",
        "not-a-mapping": "Write fields there, one a line: `name: …`.",
    }
    for fault in reading.front_matter.faults if reading.front_matter else ():
        if fault.what in fixes:
            message = f"{fault.detail.rstrip('.')}, so no client can load the skill."
            yield Spot(reading.path, fault.line, message, fixes[fault.what], fault.column)


@rule("spec/encoding")
def encoding(reading: Reading) -> Iterator[Spot]:
    """SKILL.md is UTF-8.

    Clients read it as UTF-8 and stop at the first byte that is not; the reference validator crashes there.
    Source: https://agentskills.io/specification#skill-md-format

    Good:

        description: Fills café menus.      (é is stored as the bytes C3 A9)

    Bad:

        description: Fills café menus.      (é is stored as the byte E9)

    Fix: save the file as UTF-8, for instance: iconv -f latin1 -t utf-8 SKILL.md
    """
    for fault in reading.front_matter.faults if reading.front_matter else ():
        if fault.what == "encoding":
            message = f"{fault.detail.rstrip('.')}, and clients that read UTF-8 stop there."
            yield Spot(reading.path, fault.line, message, "Save the file as UTF-8.", fault.column, key="encoding")


@rule("spec/byte-order-mark")
def byte_order_mark(reading: Reading) -> Iterator[Spot]:
    """SKILL.md does not begin with a byte order mark.

    The mark stands before the first dash, so a reader that looks for `---` at the start finds no front matter.
    Source: https://agentskills.io/specification#frontmatter-required

    Good:

        ---                  the first bytes are 2D 2D 2D

    Bad:

        ---                  the first bytes are EF BB BF 2D 2D 2D

    Fix: save as "UTF-8 without BOM".
    """
    for fault in reading.front_matter.faults if reading.front_matter else ():
        if fault.what == "bom":
            message = "The file begins with an invisible byte order mark, which hides the front matter from clients."
            yield Spot(reading.path, 1, message, "Save it as UTF-8 without a byte order mark.")


STRING_FIELDS = ("name", "description", "license", "compatibility", "allowed-tools")

_TAKEN_FOR = {
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "timestamp": "a date",
    "merge": "a merge key",
    "value": "a default value",
}


@rule("spec/yaml")
def yaml_syntax(reading: Reading) -> Iterator[Spot]:
    """The front matter is valid YAML, one document, with plain words for keys.

    A client that cannot read the YAML leaves the skill out, mostly without a word. The usual culprit is a colon and a
    space inside an unquoted value.
    Source: https://agentskills.io/specification#frontmatter-required and https://yaml.org/spec/1.2.2/

    Good:

        description: "Two steps: plan, then act."

    Bad:

        description: Two steps: plan, then act.

    Fix: put the value between double quotes, or after `>-` on the next line.
    """
    for fault in reading.front_matter.faults if reading.front_matter else ():
        if fault.what in ("syntax", "key"):
            message = f"The front matter is not valid YAML, so clients leave the skill out: {shown(fault.detail)}"
            fix = "Quote the value if it holds a colon, a hash, a bracket or a quote; indent with spaces."
            yield Spot(reading.path, fault.line, message, fix, fault.column, key=fault.detail)


@rule("spec/duplicate-key")
def duplicate_key(reading: Reading) -> Iterator[Spot]:
    """No key stands twice in the front matter.

    YAML forbids it; readers that let it pass keep the first or the last value, so two clients see two skills.
    Source: https://yaml.org/spec/1.2.2/#mapping

    Good:

        name: demo

    Bad:

        name: demo
        name: other

    Fix: delete all but one.
    """
    for fault in reading.front_matter.faults if reading.front_matter else ():
        if fault.what == "duplicate-key":
            key = shown(fault.detail)
            message = f"The key `{key}` stands here a second time, and readers differ in which one they take."
            yield Spot(reading.path, fault.line, message, f"Keep one `{key}` and delete the other.", fault.column)


@rule("spec/plain-yaml")
def plain_yaml(reading: Reading) -> Iterator[Spot]:
    """The front matter uses no anchors, aliases or tags.

    The reference reader refuses them, and expanding aliases or acting on tags is how YAML readers get attacked.
    Source: https://hitchdev.com/strictyaml/why/node-anchors-and-references-removed/ (the reference reader's YAML)

    Good:

        description: Makes charts.

    Bad:

        description: &text Makes charts.

    Fix: write the value itself.
    """
    for fault in reading.front_matter.faults if reading.front_matter else ():
        if fault.what in ("anchor", "alias", "tag"):
            detail = shown(fault.detail)
            message = (
                f"The YAML {fault.what} `{detail}` is refused by the reference reader, so the skill does not load."
            )
            fix = "Quote the value if the sign belongs to it; otherwise write the value itself."
            yield Spot(reading.path, fault.line, message, fix, fault.column)


@rule("spec/quoted-string")
def quoted_string(reading: Reading) -> Iterator[Spot]:
    """A value that YAML could take for a number, a date, true, false or nothing stands between quotes.

    The specification wants strings. Unquoted, `1.10` is the number 1.1 to most readers, `no` is false to some and text
    to others, and a value left out is null.
    Source: https://agentskills.io/specification#metadata-field (it quotes "1.0" for this reason)

    Good:

        metadata:
          version: "1.10"

    Bad:

        metadata:
          version: 1.10

    Fix: put double quotes around it, or give a field without a value one, or remove it.
    """
    for name in STRING_FIELDS:
        pair = reading.field(name)
        if pair and isinstance(pair[1], Scalar):
            yield from _unquoted(reading, name, pair[1])
    block = reading.field("metadata")
    for key, value in block[1].pairs if block and isinstance(block[1], Mapping) else ():
        if key.kind not in ("str", "null"):
            message = f"The key `{shown(key.text)}` is {_TAKEN_FOR[key.kind]} to most YAML readers, not text."
            yield reading.at(key, message, f'Quote it: "{shown(key.text)}".')
        yield from _unquoted(reading, f"metadata.{shown(key.text)}", value)


def _unquoted(reading: Reading, name: str, value: Node) -> Iterator[Spot]:
    if not isinstance(value, Scalar) or value.kind == "str":
        return
    if value.kind == "null":
        # name and description have rules of their own that say they are empty
        if name not in ("name", "description"):
            message = f"`{name}` has no value, which YAML reads as null and not as text."
            yield reading.at(value, message, "Give it a value, or remove the line.")
        return
    message = f"`{name}: {shown(value.text)}` is {_TAKEN_FOR[value.kind]} to most YAML readers, and it has to be text."
    yield reading.at(value, message, f'Quote it: "{shown(value.text)}".')
