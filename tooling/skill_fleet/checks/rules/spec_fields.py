"""The optional fields, and those that the specification does not know."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator

from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.fleet import MAX_NAME, is_name
from skill_fleet.markdown import Mapping, Scalar, Sequence, shown

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

    Fix: move the field under `metadata:`, as a string.
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

    Fix: write the licence's SPDX identifier, or remove the field.
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

    Fix: name what the skill needs, or remove the field; most skills need none.
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

    Fix: write each value as one string; separate items by a comma or a space.
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

    Fix: write the tools on one line with spaces between them.
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


MAX_DESCRIPTION = 1024
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what XML 1.0 cannot hold


@rule("spec/description")
def description(reading: Reading) -> Iterator[Spot]:
    """`description` is there, is text that a catalogue can hold, and is not empty.

    It is all that an agent sees before it decides to read a skill: without it the skill is never used.
    Source: https://agentskills.io/specification#description-field

    Good:

        description: Fills PDF forms. Use when a PDF has fields to fill in.

    Bad:

        description: ""

    Fix: say in one or two sentences what the skill does and when to use it.
    """
    if reading.fields is None:
        return
    pair = reading.field("description")
    fix = "Say in one or two sentences what it does and when to use it."
    if pair is None:
        message = "The field `description` is missing, so no agent knows when to use the skill."
        yield reading.at(None, message, f"Add a line `description: …`. {fix}")
    elif not isinstance(pair[1], Scalar):
        message = "`description` is a list or a mapping, and clients expect text."
        yield reading.at(pair[0], message, "Write it as one string, between quotes if need be.")
    elif not pair[1].text.strip():
        yield reading.at(pair[0], "`description` is empty, so no agent knows when to use the skill.", fix)
    elif CONTROL.search(pair[1].text):
        message = "`description` has a control character, so the skill cannot stand in the catalogue."
        yield reading.at(pair[0], message, "Take the character out; it is written as an escape such as `\\x07`.")


@rule("spec/description-length")
def description_length(reading: Reading) -> Iterator[Spot]:
    """`description` has at most 1,024 characters.

    Every description is in an agent's context all the time; clients cut or refuse a longer one.
    Source: https://agentskills.io/specification#description-field

    Good:

        description: Fills PDF forms. Use when a PDF has fields to fill in.

    Bad:

        description: (a whole manual)

    Fix: keep what it does and when to use it; move the rest into the body.
    """
    pair = reading.field("description")
    if pair and isinstance(pair[1], Scalar) and len(pair[1].text) > MAX_DESCRIPTION:
        size = len(pair[1].text)
        message = f"`description` has {size:,} characters, and clients cut or refuse more than {MAX_DESCRIPTION:,}."
        fix = f"Shorten it by {size - MAX_DESCRIPTION:,}: details belong in the body."
        yield reading.at(pair[0], message, fix, key="description-length")


@rule("spec/name")
def name(reading: Reading) -> Iterator[Spot]:
    """`name` is there, has 1 to 64 characters, and holds only a-z, 0-9 and single hyphens between them.

    Clients find a skill by its name and make folders and commands of it. Letters outside a-z, which the reference
    validator lets pass, come apart between file systems that normalise Unicode differently.
    Source: https://agentskills.io/specification#name-field

    Good:

        name: fastapi-production

    Bad:

        name: FastAPI_Production

    Fix: lower-case letters, digits, and a hyphen between words; the folder gets the same name.
    """
    if reading.fields is None:
        return
    pair = reading.field("name")
    if pair is None:
        fix = f"Add a line `name: {suggested_name(reading.skill.folder) or 'my-skill'}` to the front matter."
        yield reading.at(None, "The field `name` is missing, so no client can load the skill.", fix)
        return
    value = pair[1]
    if not isinstance(value, Scalar):
        yield reading.at(pair[0], "`name` is not text, so no client can load the skill.", "Write it as one word.")
        return
    if not value.text.strip():
        yield reading.at(pair[0], "`name` is empty, so no client can load the skill.", "Write the folder's name there.")
        return
    if not is_name(value.text):
        better, folder = suggested_name(value.text), reading.skill.folder
        if is_meant(value.text, folder):
            fix = f"Write `name: {folder}`, as the folder is called."
        else:
            fix = f"Call it `{better}`, and its folder too." if better else "Use a-z, 0-9 and hyphens."
        yield reading.at(value, f"The name `{shown(value.text)}` {_reason(value.text)}.", fix)


@rule("spec/name-directory")
def name_directory(reading: Reading) -> Iterator[Spot]:
    """`name` is the name of the folder that SKILL.md stands in.

    Installers copy the folder and clients list the name; when the two differ, neither finds the other.
    Source: https://agentskills.io/specification#name-field

    Good:

        pdf-forms/SKILL.md with `name: pdf-forms`

    Bad:

        pdf-forms/SKILL.md with `name: pdf`

    Where the name is the folder's, only written otherwise (`PDF_Forms`), `spec/name` says so alone.

    Fix: change the name, or move the folder.
    """
    pair = reading.field("name")
    folder = reading.skill.folder
    if not folder or pair is None or not isinstance(pair[1], Scalar) or not pair[1].text.strip():
        return
    if pair[1].text != folder and not is_meant(pair[1].text, folder):
        text, place = shown(pair[1].text), shown(folder)
        message = f"The name `{text}` is not the folder's name `{place}`, so installers and clients disagree."
        yield reading.at(pair[1], message, _agreement(pair[1].text, folder))


def is_meant(text: str, folder: str) -> bool:
    """Whether a name that is none is that of its folder, written otherwise: `PDF_Forms` in `pdf-forms`."""
    return not is_name(text) and is_name(folder) and suggested_name(text) == folder


def _agreement(text: str, folder: str) -> str:
    """How a name and a folder come to agree on what is a name: one of them, or else what can be made of them."""
    if is_name(folder):
        return f"Write `name: {folder}`" + (f", or rename the folder to `{text}`." if is_name(text) else ".")
    better = text if is_name(text) else suggested_name(text) or suggested_name(folder) or "my-skill"
    return f"Rename the folder to `{better}`" + ("." if better == text else ", and write that as the name, too.")


def _reason(text: str) -> str:
    if text != text.strip():
        return "begins or ends with a space"
    if len(text) > MAX_NAME:
        return f"has {len(text)} characters, and {MAX_NAME} are allowed"
    if text != text.lower():
        return "has upper-case letters, which the specification forbids"
    if text.startswith("-") or text.endswith("-"):
        return "begins or ends with a hyphen, which the specification forbids"
    if "--" in text:
        return "has two hyphens in a row, which the specification forbids"
    strange = next((char for char in text if not re.match(r"[a-z0-9-]", char)), "")
    return f"holds `{shown(strange)}`, and only a-z, 0-9 and hyphens are allowed"


def suggested_name(text: str) -> str:
    """A valid name made of `text`: its letters and digits in lower case, with hyphens; '' when it has none."""
    plain = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:MAX_NAME].rstrip("-")
