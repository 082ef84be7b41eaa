"""What is asked for: the options of the command line, the request that they make, and what refuses it."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from skill_fleet import model
from skill_fleet.drafting import Document, Question, Selection, fill, read_documents, select
from skill_fleet.errors import UserError
from skill_fleet.fleet import ROOT, TAXONOMY_FILE, Fleet, device_in, is_skill_id, split_id

Ask = Callable[[Question], str]
"""Puts a question to a person. Returns one of its options or other words; '' for the default."""


@dataclass(frozen=True)
class Console:
    """How a person is reached: `ask` is None if nobody can answer, `progress` if nobody watches."""

    ask: Ask | None = None
    note: Callable[[str], None] = lambda _: None
    progress: model.Progress | None = None


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options that create, revise and chat share, as they were given."""

    task: str = ""
    sources: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    main: str = ""
    anyway: bool = False
    values: tuple[str, ...] = ()
    path: str | None = None
    description: str = ""
    base: str | None = None
    auto_approve: bool = False
    no_model: bool = False
    new: bool = False
    budget: int | None = None
    record: Path | None = None
    replay: Path | None = None
    as_me: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Options:
        """The options among the parameters of a command."""
        return cls(**{each.name: given[each.name] for each in fields(cls) if each.name in given})


@dataclass(frozen=True)
class Request:
    """A skill that is asked for: a task, documents, and choices. `path` is CATEGORY/NAME, a category, or None; with
    `revises`, the id of the skill."""

    task: str
    documents: tuple[Document, ...]
    path: str | None = None
    only: tuple[str, ...] = ()
    main: str = ""
    description: str = ""
    anyway: bool = False
    revises: bool = False
    has_model: bool = False
    new: bool = False

    @property
    def digest(self) -> str:
        """A SHA-256 of all of it: the id of the session. The same request finds the session that it began before."""
        facts = [
            "revision" if self.revises else "model" if self.has_model else "documents",
            " ".join(self.task.split()),
            self.path,
            [[one.name, one.path, one.text] for one in self.documents],
            self.only,
            self.main,
            self.description,
        ]
        return hashlib.sha256(json.dumps(facts, ensure_ascii=True).encode("ascii")).hexdigest()

    def selection(self) -> Selection:
        """What each document becomes; Undecided if nothing says which one is SKILL.md's."""
        return select(self.documents, self.only, self.main, self.anyway)


def read_request(options: Options, *, has_model: bool, skill: str = "") -> Request:
    """The request that options make, with its documents; `skill` is the id of the one to revise."""
    values = dict(value.partition("=")[::2] for value in options.values)
    if wrong := next((value for value in options.values if "=" not in value or value.startswith("=")), None):
        raise UserError(f"{wrong!r} is not of the form KEY=VALUE.", "Write for example: --set LANGUAGE=Python")
    paths = [Path(source) for source in options.sources]
    documents = fill(read_documents(paths, options.only), values) if paths else ()
    return Request(
        options.task, documents, skill or options.path, options.only, options.main, options.description,
        options.anyway, bool(skill), has_model, options.new,
    )  # fmt: skip


class Overlap(StrEnum):
    """Why a skill of the fleet may be the one that is asked for."""

    NAME = "has the name that this skill would get"
    TEXT = "has nearly the same text or description"
    TASK = "covers this already"


class Covered(UserError):
    """Skills of the fleet may be what is asked for. `accepted` is the one that the person wants to revise instead."""

    def __init__(self, skills: Sequence[str], overlap: Overlap, *, accepted: str = "") -> None:
        super().__init__(f"{' and '.join(skills)} {overlap}.", f"Revise that one: skill-fleet revise {skills[0]} TASK")
        self.skill, self.overlap, self.accepted = accepted or skills[0], overlap, accepted

    def revision(self, options: Options) -> str:
        """The command that revises the skill."""
        words = [" ".join(options.task.split())] if options.task.strip() else []
        words += [part for source in options.sources for part in ("--from", source)]
        return shlex.join(["skill-fleet", "revise", self.skill, *words])

    def with_tip(self, options: Options) -> UserError:
        """The error for the person, with the command that revises the skill, and the one that drafts a second one."""
        other = "--path CATEGORY/NAME" if self.overlap is Overlap.NAME else "--new"
        return UserError(
            self.message, f"Draft a second one all the same ({other}), or revise it: {self.revision(options)}"
        )


def offer_revision(skills: Sequence[str], overlap: Overlap, request: Request, console: Console) -> None:
    """Raise Covered, unless a second skill is wanted: the command line says so, or gives it a path, or the person does."""
    if request.new or is_skill_id(_id_of(request.path or "")):
        console.note(f"{' and '.join(skills)} may cover this already.")
        return
    if console.ask is None:
        raise Covered(skills, overlap)
    revise, new = [f"revise {skill}" for skill in skills], "a second skill"
    text = f"{' and '.join(skills)} {overlap}. Revise it instead?"
    answer = console.ask(Question(text, "", (*revise, new), revise[0])) or revise[0]
    if answer != new:
        raise Covered(skills, overlap, accepted=skills[revise.index(answer)] if answer in revise else skills[0])


def _id_of(path: str) -> str:
    return path.strip("/").removeprefix(f"{ROOT}/")


def resolve_path(path: str | None, fleet: Fleet) -> tuple[dict[str, str], str | None]:
    """The descriptions of the categories by name, and the id or category asked for; UserError if it cannot be had."""
    fleet.configuration  # noqa: B018  a broken one must be reported before anything is written
    categories = {category.name: category.description for category in fleet.taxonomy.categories.values()}
    if not categories:
        faults = [f"{TAXONOMY_FILE}:{fault.line}: {fault.detail}" for fault in fleet.taxonomy.faults]
        raise UserError(
            "The base has no category to put a skill in.", f"Fix {TAXONOMY_FILE} and commit it. {' '.join(faults)}"
        )
    wanted = None if path is None else _id_of(path)
    if wanted is not None and wanted not in categories:
        refuse_id(wanted, fleet)
    return categories, wanted


def refuse_id(path: str, fleet: Fleet, option: str = "--path ") -> None:
    """UserError if a new skill cannot have this id; `option` is what precedes an id on the command line."""
    if not is_skill_id(path):
        raise UserError(
            f"{path!r} is not of the form CATEGORY/NAME.",
            "Each part has at most 64 lower-case letters, digits and single hyphens, as in python/async-testing.",
        )
    if device := device_in(path):
        raise UserError(f"Windows reserves the name {device}, so no clone there could have it.", "Choose another name.")
    category, name = split_id(path)
    if category not in fleet.taxonomy.categories:
        known = ", ".join(fleet.taxonomy.categories)
        raise UserError(f"There is no category {category!r}.", f"Choose one with {option}CATEGORY/{name}: {known}.")
    tip = f"hoose another name: {option}{category}/NAME"
    if taken := fleet.by_name.get(name):
        instead = "C" if taken[0].status == "retired" else f"Revise that one (skill-fleet revise {taken[0].id}), or c"
        raise UserError(f"The name {name} is taken by {taken[0].id}.", f"{instead}{tip}")
    for old, owners in fleet.former.items():
        if old.rpartition("/")[2] == name:
            raise UserError(
                f"{owners[0].id} was once called {old}, and names are never used again for another skill.", f"C{tip}"
            )
