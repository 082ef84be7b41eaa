"""Describe: the one text that decides whether the skill is ever loaded."""

from __future__ import annotations

import dspy  # type: ignore[import-untyped]

from skill_fleet.drafting.model.steps import REFUSED


class Describe(dspy.Signature):  # type: ignore[misc]
    """You write the description of an agent skill. It is all that an AI agent sees of the skill until it decides to
    load it, in a list with the descriptions of many other skills. It has to make the agent load this skill for the
    tasks it serves, and for no others.

    Write one paragraph of plain text, 150 to 500 characters, in the third person. First say what the skill lets one
    do, verb first ("Builds ...", "Reviews ..."). Then begin a sentence with "Use when" and name the situations, in
    the words of users: tools by name, kinds of file, error messages, as far as `brief` and `headings` have them. If one
    of `neighbours` could be mistaken for it, say in a last sentence what it is not for. Promise only what the headings
    show. No Markdown, no line breaks, no angle brackets, no braces, no "I" or "you", no "this skill", no wording taken
    from a neighbour.
    """

    brief: str = dspy.InputField(desc="what was agreed on; K1, K2, ... is what an agent can do with it")
    headings: str = dspy.InputField(desc="the files of the skill with their headings, as written")
    neighbours: str = dspy.InputField(desc="the other skills, one line each: CATEGORY/NAME: description")
    refused: str = dspy.InputField(desc=REFUSED)
    description: str = dspy.OutputField(desc="the description, one paragraph")
