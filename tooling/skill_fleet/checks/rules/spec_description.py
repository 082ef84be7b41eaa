"""The field `description`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.fleet.yaml_nodes import Scalar

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

    Mend: say in one or two sentences what the skill does and when to use it.
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

    Mend: keep what it does and when to use it; move the rest into the body.
    """
    pair = reading.field("description")
    if pair and isinstance(pair[1], Scalar) and len(pair[1].text) > MAX_DESCRIPTION:
        size = len(pair[1].text)
        message = f"`description` has {size:,} characters, and clients cut or refuse more than {MAX_DESCRIPTION:,}."
        fix = f"Shorten it by {size - MAX_DESCRIPTION:,}: details belong in the body."
        yield reading.at(pair[0], message, fix, key="description-length")
