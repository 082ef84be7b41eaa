"""The field `name`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.visible import shown
from skill_fleet.fleet.names import MAX_NAME, is_name
from skill_fleet.fleet.yaml_nodes import Scalar


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

    Mend: lower-case letters, digits, and a hyphen between words; the folder gets the same name.
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

    Mend: change the name, or move the folder.
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
