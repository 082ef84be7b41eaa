"""One whole session: begun or gone on with, talked through, and said goodbye to with what comes next."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skill_fleet.cli.begin import announce, documents_from
from skill_fleet.cli.chat.choosing import choose_draft
from skill_fleet.cli.chat.ending import end, part
from skill_fleet.cli.chat.rounds import Rounds
from skill_fleet.cli.chat.said import Left
from skill_fleet.cli.chat.session import Beginning, Begun
from skill_fleet.cli.chat.talk import Talk
from skill_fleet.cli.drafting import Wish, settings_for
from skill_fleet.cli.forge import bot_of, forge_here, tell
from skill_fleet.cli.main import FINE
from skill_fleet.cli.place import here
from skill_fleet.cli.revising import ModelReviser
from skill_fleet.errors import UserError
from skill_fleet.fleet.git import Repository

if TYPE_CHECKING:
    from skill_fleet.cli.forge import AnyForge


@dataclass
class Standing:
    """How far a session is: its pull request, if there is one, and the command that goes on with it."""

    again: tuple[str, ...]
    number: int | None = None

    def __str__(self) -> str:
        return shlex.join(self.again)


def hold(words: tuple[str, ...], given: Mapping[str, Any]) -> int:
    """Hold the session that the options `given` ask for and return the exit status; `words` is the command as typed."""
    talk = Talk(asks=not given["auto_approve"], aside=given["form"] == "json")
    standing = Standing(words)
    with here() as repo:
        try:
            return _hold(repo, talk, standing, given)
        except Left as left:
            if left.how == "end":
                raise UserError("The answers ended before the session did.", f"Go on: {standing}") from left
            said, following = _parted(left.how, standing, given)
            talk.say("", said)
            part(standing.number, following, given["form"])
            return FINE
        except KeyboardInterrupt:
            talk.say("", f"Go on where you were: {standing}")
            raise
        except UserError:
            if talk.heard:
                talk.say("", f"What you said is kept. Go on: {standing}")
            raise
        finally:
            talk.steps.stop()


def _hold(repo: Repository, talk: Talk, standing: Standing, given: Mapping[str, Any]) -> int:
    """`standing` is kept to how far it is."""
    repo.resolve("HEAD")
    person = forge_here(repo, given["forge"] or "")
    bot = bot_of(person, given["as_me"])
    if not (given["pull"] or given["task"] or given["sources"]):
        given = {**given, **_chosen(talk, person, standing)}
    begun = Begun(given["pull"]) if given["pull"] else _begun(repo, talk, person, bot, given)
    ways = [flag for flag in ("as_me", "no_model") if given[flag]]
    flags = [f"--{flag.replace('_', '-')}" for flag in ways]
    standing.again, standing.number = ("skill-fleet", "chat", "--pull", str(begun.number), *flags), begun.number
    try:
        ended = Rounds(talk, person, bot, begun.number, _reviser(repo, talk, given)).hold()
    finally:
        talk.steps.stop()
        tell(bot)
    further = [shlex.join(["skill-fleet", "chat", *words, *_sources(given)]) for words in begun.further]
    return end(talk, ended, further, given["form"])


def _chosen(talk: Talk, person: AnyForge, standing: Standing) -> dict[str, Any]:
    """What the person says when the command line said nothing: a draft to go on with, a document, or a task."""
    number, words = choose_draft(talk, person)
    if number:
        return {"pull": number}
    sources = (words,) if _is_there(words) else ()
    standing.again += ("--from", *sources) if sources else (words,)
    return {"sources": sources} if sources else {"task": words}


def _begun(repo: Repository, talk: Talk, person: AnyForge, bot: AnyForge, given: Mapping[str, Any]) -> Begun:
    """The session of these words: gone on with, or begun."""
    task, sources = given["task"], given["sources"]
    settings = settings_for(repo, task, bool(sources), given["no_model"], given["replay"], given["base"])
    documents = documents_from(sources, given["values"])
    announce(documents)
    wish = Wish(task, documents, given["path"], given["only"], given["everything"])
    ways = (given["base"], given["record"], given["replay"], given["afresh"])
    return Beginning(talk, person, bot, wish, settings, *ways).begin()


def _reviser(repo: Repository, talk: Talk, given: Mapping[str, Any]) -> ModelReviser | None:
    """The model for the words of the review; what it says goes on the same record."""
    from skill_fleet.cli.models import base_configuration, model_for, with_programs
    from skill_fleet.drafting.model.tape import Tape

    if given["no_model"]:
        return None
    settings = model_for(base_configuration(repo, given["base"]), "review", given["replay"])
    if settings is None:
        return None
    record, replay = given["record"], given["replay"] or given["record"]
    tape = Tape(record, replay if replay and replay.exists() else None, begun=True)  # by the drafting of it
    return ModelReviser(with_programs(settings, repo, given["base"]), tape, talk.steps)


def _is_there(text: str) -> bool:
    """Whether it is the path of something; a sentence may be too long for one."""
    try:
        return Path(text).exists()
    except OSError:
        return False


def _parted(how: str, standing: Standing, given: Mapping[str, Any]) -> tuple[str, list[str]]:
    """What is said to a person who leaves, and the commands that come next."""
    if how == "cancel":
        return "Cancelled: nothing was written, and nothing is kept.", []
    if how.startswith("revise "):
        words = ["skill-fleet", *how.split(" "), *filter(None, [given["task"]]), *_sources(given)]
        return f"Next: {shlex.join(words)}", [shlex.join(words)]
    return f"Go on where you were: {standing}", [str(standing)]


def _sources(given: Mapping[str, Any]) -> list[str]:
    return [part for source in given["sources"] for part in ("--from", source)]


def typed(ctx: click.Context) -> tuple[str, ...]:
    """The command line of `ctx` as it was typed, without what only begins anew."""
    words = ["skill-fleet"]
    for context in filter(None, (ctx.parent, ctx)):
        words += [ctx.info_name or "chat"] if context is ctx else []
        for parameter in context.command.params:
            value = context.params.get(parameter.name or "")
            if not value or value == parameter.get_default(context) or parameter.name == "afresh":
                continue
            values = value if isinstance(value, tuple) else (value,)
            name = [parameter.opts[0]] if isinstance(parameter, click.Option) else []
            words += [part for one in values for part in (name if one is True else [*name, str(one)])]
    return tuple(words)
