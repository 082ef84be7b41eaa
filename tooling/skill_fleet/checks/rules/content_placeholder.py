"""Placeholders of a template that nobody filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Spot, rule

PLACEHOLDER = re.compile(r"(?<![$\\{])\{\{[A-Z][A-Z0-9_]*\}\}")


@rule("content/placeholder")
def placeholder(reading: Reading) -> Iterator[Spot]:
    """No `{{PLACEHOLDER}}` of a template is left in the text.

    An agent takes it for an instruction, or writes it into a file. In code, between backquotes or in a fence, it is
    taken for the template's own text and let pass.

    Good:

        Replace `{{PROJECT_NAME}}` in the template.

    Bad:

        This skill helps with {{PROJECT_NAME}}.

    Mend: fill it in, or put it between backquotes if the skill is about templates.
    """
    front = reading.front_matter
    if front is None or "{{" not in front.text:
        return
    head = front.text[: front.body_at]
    spots = [(number, match) for number, line in enumerate(head.split("\n"), 1) for match in PLACEHOLDER.finditer(line)]
    prose = reading.body.prose_near(reading.body.lines_with(PLACEHOLDER, ("{{",)))
    spots += [(number, match) for number, line in prose for match in PLACEHOLDER.finditer(line)]
    for number, match in spots:
        message = f"The placeholder `{match[0]}` was never filled in, and an agent takes it for text."
        fix = "Replace it by what it stands for, or put it between backquotes if it is meant to be seen."
        yield Spot(reading.path, number, message, fix, match.start() + 1, key=match[0])
