"""The types of the model's replies. Their descriptions are part of the prompts."""

from __future__ import annotations

from typing import Annotated, Literal

from skill_fleet.model.run import load_dspy

load_dspy()  # which brings Pydantic, or raises the UserError that says what to install

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field  # noqa: E402

MOST_QUESTIONS, MOST_CLAIMS = 4, 120


def _lower(value: object) -> object:
    """Models write `Change` for `change`, and Literal is strict about it."""
    return value.strip().lower() if isinstance(value, str) else value


class Shape(BaseModel):
    """A closed type: an unknown key is an error, so that a misspelled one is not silently lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Claim(Shape):
    """A claim that the skill may make, and the lines that say it."""

    text: str = Field(description="one sentence: what these lines say")
    source: int = Field(description="the number after S", ge=0)
    first: int = Field(description="the first line of the range", ge=1)
    last: int = Field(description="the last line of the range, included", ge=1)


class Asked(Shape):
    """A question to a person."""

    text: str = Field(description="the question, one sentence")
    why: str = Field(description="why the sources do not settle it")
    options: list[str] = Field(description="two to four answers to choose from", min_length=2, max_length=4)
    default: str = Field(description="the option you take if nobody answers, copied from options")
    changes: str = Field(description="what in the skill depends on the answer")


class Understanding(Shape):
    """The brief of a skill, and the claims that it will rest on."""

    path: str = Field(description="CATEGORY/NAME")
    audience: str = Field(description="who works with the agent that loads the skill, and on what; one sentence")
    capabilities: list[str] = Field(
        description="what an agent can do with the skill, verb first", min_length=1, max_length=10
    )
    triggers: list[str] = Field(description="situations in which an agent should load it", min_length=1, max_length=10)
    non_goals: list[str] = Field(description="what it is not for, where one could think so", max_length=8)
    assumptions: list[str] = Field(description="what you decided without being told", max_length=8)
    questions: list[Asked] = Field(description="usually empty", max_length=MOST_QUESTIONS)
    claims: list[Claim] = Field(
        description="what the skill will rest on, in the order of the sources", min_length=1, max_length=MOST_CLAIMS
    )
    covered_by: str = Field(description="the id of a neighbour that already does this task, or an empty string")
    other_tasks: list[str] = Field(description="usually empty; the further skills that the task asks for", max_length=8)


class PlannedSection(Shape):
    """One section of a file."""

    heading: str = Field(description="short, without number signs")
    says: str = Field(description="what the section tells the reader, one or two sentences")
    claims: list[int] = Field(description="numbers of the claims it rests on, as in C7: 7", min_length=1)
    covers: list[int] = Field(description="numbers of the capabilities it serves, as in K2: 2")
    tokens: int = Field(description="how long it may be, in tokens", ge=20, le=8000)


class PlannedFile(Shape):
    """One file of the skill."""

    path: str = Field(description="SKILL.md, references/NAME.md, scripts/NAME.py or assets/NAME.EXT")
    purpose: str = Field(description="what the file is for, one sentence")
    read_when: str = Field(description="completes the words: read it when you ...; empty for SKILL.md")
    sections: list[PlannedSection] = Field(min_length=1, max_length=14)


class SkillPlan(Shape):
    """The files and sections of a skill, before any of it is written."""

    title: str = Field(description="the title of SKILL.md, without number signs")
    files: list[PlannedFile] = Field(description="SKILL.md first", min_length=1, max_length=16)


class Problem(Shape):
    """A problem that the critic finds in a file."""

    quote: str = Field(
        description="the words in question, copied exactly from one line of the file, without its number; a part of the line is enough; for missing, from one line of the passages or the brief"
    )
    line: int = Field(
        0, description="the number of that line; for missing, of the line of the file after which it belongs"
    )
    rule: Annotated[Literal["passages", "brief", "missing", "finding", "source", "clarity"], BeforeValidator(_lower)]
    why: str = Field(description="what is wrong and how to fix it, one or two sentences")


class Verdict(Shape):
    """What to do about one thread."""

    thread: str = Field(description="the id of the thread, copied")
    verdict: Annotated[Literal["change", "answer", "decline", "ask"], BeforeValidator(_lower)]
    files: list[str] = Field(description="for change: the paths of the files to edit; else empty")
    sections: list[str] = Field(
        description="for change: the headings of the sections that the change belongs in, mostly one, copied without number signs; empty for the front matter, or for a comment on the whole skill that concerns more than four sections",
        max_length=4,
    )
    reply: str = Field(description="what the person reads, one to three sentences")


class FileEdit(Shape):
    """One replacement in one file."""

    thread: str = Field(description="the id of the request that it answers, copied")
    old: str = Field(
        description="the text to replace, copied exactly without line numbers, long enough to occur exactly once in the file; empty only if the file is empty"
    )
    new: str = Field(description="the text to put in its place; empty to delete")
