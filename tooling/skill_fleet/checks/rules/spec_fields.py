"""The optional fields, and those that the specification does not know."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.visible import shown
from skill_fleet.fleet.yaml_nodes import Mapping, Scalar, Sequence

FIELDS = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")
MAX_COMPATIBILITY = 500


@rule("spec/unknown-field")
def unknown_field(reading: Reading) -> Iterator[Spot]:
    """The front matter has only the six fields of the specification at its top level.

    Clients that follow the specification refuse a skill with any other field; `metadata` is the place for more.
    Source: https://agentskills.io/specification#frontmatter-required

    Good:

        metadata:
          version: "1.2"

    Bad:

        version: 1.2

    Mend: move the field under `metadata:`, as a string.
    """
    for key, _ in reading.fields.pairs if reading.fields else ():
        if key.text in FIELDS:
            continue
        word = shown(key.text)
        message = f"`{word}` is no field of the specification, and clients that follow it refuse the skill."
        near = nearly(key.text)
        fix = f"Write `{near}` if you mean that, or move it" if near else "Move it"
        yield reading.at(key, message, f"{fix} under `metadata:`, as a string.")


def nearly(field: str) -> str:
    """The field of the specification that a name is most likely a slip of the pen for, or nothing."""
    return next(iter(difflib.get_close_matches(field[:40].lower().replace("_", "-"), FIELDS, 1, 0.8)), "")


@rule("spec/license")
def license_field(reading: Reading) -> Iterator[Spot]:
    """`license`, if given, is text: a licence's name or that of a bundled file.

    Tools show it and match it against a list of allowed licences.
    Source: https://agentskills.io/specification#license-field

    Good:

        license: Apache-2.0

    Bad:

        license:
          name: Apache-2.0

    Mend: write the licence's SPDX identifier, or remove the field.
    """
    yield from _text(
        reading, "license", "Write the licence's name, such as `license: Apache-2.0`, or remove the field."
    )


@rule("spec/compatibility")
def compatibility(reading: Reading) -> Iterator[Spot]:
    """`compatibility`, if given, is text of 1 to 500 characters.

    Clients show it before they install a skill.
    Source: https://agentskills.io/specification#compatibility-field

    Good:

        compatibility: Requires git and jq

    Bad:

        compatibility: ""

    Mend: name what the skill needs, or remove the field; most skills need none.
    """
    yield from _text(reading, "compatibility", "Name what the skill needs in a few words, or remove the field.")
    pair = reading.field("compatibility")
    if pair and isinstance(pair[1], Scalar) and len(pair[1].text) > MAX_COMPATIBILITY:
        size = len(pair[1].text)
        message = f"`compatibility` has {size:,} characters, and the specification allows {MAX_COMPATIBILITY}."
        fix = f"Shorten it by {size - MAX_COMPATIBILITY:,}: explanations belong in the body."
        yield reading.at(pair[0], message, fix, key="compatibility-length")


@rule("spec/metadata")
def metadata(reading: Reading) -> Iterator[Spot]:
    """`metadata`, if given, is a flat map from strings to strings.

    Clients hand it on as such; the reference reader turns a list into the text of a Python object.
    Source: https://agentskills.io/specification#metadata-field

    Good:

        metadata:
          tags: pdf, forms

    Bad:

        metadata:
          tags: [pdf, forms]

    Mend: write each value as one string; separate items by a comma or a space.
    """
    pair = reading.field("metadata")
    if pair is None:
        return
    if not isinstance(pair[1], Mapping):
        message = "`metadata` is not a map from keys to text, so clients drop it or refuse the skill."
        yield reading.at(pair[0], message, "Write `key: value` lines below it, or remove the field.")
        return
    for key, value in pair[1].pairs:
        if not isinstance(value, Scalar):
            what = "a list" if isinstance(value, Sequence) else "a map"
            message = f"`metadata.{shown(key.text)}` is {what}, and the specification allows only text there."
            yield reading.at(key, message, f'Write it as one string: `{shown(key.text)}: "one, two"`.')


@rule("spec/allowed-tools")
def allowed_tools(reading: Reading) -> Iterator[Spot]:
    """`allowed-tools`, if given, is one string with a space between tools.

    A client that expects a string and meets a list grants nothing or refuses the skill.
    Source: https://agentskills.io/specification#allowed-tools-field

    Good:

        allowed-tools: Read Bash(git:*)

    Bad:

        allowed-tools: [Read, "Bash(git:*)"]

    Mend: write the tools on one line with spaces between them.
    """
    pair = reading.field("allowed-tools")
    if pair is None or isinstance(pair[1], Scalar):
        return
    items = pair[1].items if isinstance(pair[1], Sequence) else []
    tools = " ".join(item.text for item in items if isinstance(item, Scalar))
    message = "`allowed-tools` is not one string, and clients that follow the specification grant nothing then."
    yield reading.at(pair[0], message, f"Write `allowed-tools: {shown(tools) or 'Read Bash'}`.")


def _text(reading: Reading, name: str, fix: str) -> Iterator[Spot]:
    pair = reading.field(name)
    if pair is None:
        return
    if not isinstance(pair[1], Scalar):
        yield reading.at(pair[0], f"`{name}` is a list or a map, and the specification wants text.", fix)
    elif pair[1].kind == "str" and not pair[1].text.strip():
        yield reading.at(pair[0], f"`{name}` is empty, which says nothing to a client.", fix)
