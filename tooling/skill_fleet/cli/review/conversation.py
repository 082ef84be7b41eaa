"""skill-fleet review comment, approve, request-changes, resolve, withdraw"""

from __future__ import annotations

from unicodedata import normalize

import click

from skill_fleet import forges, proposals, review
from skill_fleet.cli.files import read_text
from skill_fleet.cli.gates import checklist, gates_of, opens
from skill_fleet.cli.lazy import TextCommand
from skill_fleet.cli.options import file_option, format_option, number_argument, open_forge, show
from skill_fleet.errors import UserError

ALONE = "(A fleet of one person sets approvals = 0 under [tool.skill-fleet] in pyproject.toml.)"


@click.command("comment", cls=TextCommand)
@number_argument
@click.argument("body", required=False, default="")
@file_option
@click.option("--path", metavar="PATH", help="Comment on this file of the pull request; SKILL.md is enough.")
@click.option("--line", type=click.IntRange(min=1), metavar="N", help="With --path: comment on this line of the file.")
@click.option("--start-line", type=click.IntRange(min=1), metavar="N", help="With --line: the first of several lines.")
@click.option("--side", type=click.Choice(["RIGHT", "LEFT"]), default="RIGHT", help="LEFT: a removed line.")
@click.option("--suggest", metavar="TEXT", help="With --line: suggest TEXT in place of the lines.")
@click.option("--reply-to", metavar="THREAD", help="Reply in this thread (its key, as `review show` prints it).")
@format_option
def comment(
    number: int,
    body: str,
    file: str | None,
    path: str | None,
    line: int | None,
    start_line: int | None,
    side: str,
    suggest: str | None,
    reply_to: str | None,
    form: str,
) -> None:
    """Comment on a pull request, on lines, or in a thread.

    BODY may hold commands, each alone on a line, such as `/move testing`; /help lists them. On its own drafts the bot reads
    all that people with write access say. Words need a model; without one, those in threads stay open, and others are only
    counted.
    """
    if (suggest is not None or start_line or line) and not (path and line):
        raise UserError(
            "A suggestion or a comment on lines needs a file and a line.", "Name them: --path PATH --line N"
        )
    if path and reply_to:
        raise UserError("--path starts a thread and --reply-to replies in one.", "Give one of the two.")
    text = read_text(file) if file else body
    if suggest is not None:
        text = f"{text}\n\n{review.suggestion_block(suggest)}".lstrip()
    if not text.strip():
        raise UserError("The comment is empty.", "Give the text as an argument, or with -F FILE.")
    with open_forge() as forge:
        if path:
            last = line or 0
            whole = _changed_path(forge.snapshot(number), path)
            anchor = forges.Anchor(whole, "", start_line or last, last, "LEFT" if side == "LEFT" else "RIGHT")
            key = forge.comment_on(number, text, anchor)
        elif reply_to:
            key = forge.reply(number, _thread_key(forge.snapshot(number), reply_to), text)
        else:
            key = forge.comment(number, text)
        following = _next(forge, number)
    show(form, {"number": number, "key": key}, f"#{number}: {key}", f"Next: {following}")


@click.command("approve", cls=TextCommand)
@number_argument
@click.argument("body", required=False, default="")
@file_option
@format_option
def approve(number: int, body: str, file: str | None, form: str) -> None:
    """Approve the head of a pull request.

    The approval is of the commits as they are now: a later commit voids it.
    """
    text = read_text(file) if file else body
    with open_forge() as forge:
        key = forge.review(number, "approved", text)
        following = _after_approval(forge, forge.snapshot(number)) if form == "text" else []
    show(form, {"number": number, "key": key}, f"#{number}: {key}", *following)


@click.command("request-changes", cls=TextCommand)
@number_argument
@click.argument("body", required=False, default="")
@file_option
@format_option
def request_changes(number: int, body: str, file: str | None, form: str) -> None:
    """Request changes to a pull request.

    The request blocks the merge until you approve or withdraw it. Say what should change on the lines concerned:
    skill-fleet review comment.
    """
    text = read_text(file) if file else body
    with open_forge() as forge:
        key = forge.review(number, "changes_requested", text)
        following = _next(forge, number)
    show(form, {"number": number, "key": key}, f"#{number}: {key}", f"Next: {following}")


@click.command("resolve")
@number_argument
@click.argument("thread")
@click.option("--undo", is_flag=True, help="Reopen the thread.")
@format_option
def resolve(number: int, thread: str, undo: bool, form: str) -> None:
    """Resolve a thread, or reopen it.

    THREAD is its key as `review show` prints it, or the beginning of it. Only people resolve threads; this withdraws
    what the thread asks for and was not done yet.
    """
    with open_forge() as forge:
        key = _thread_key(forge.snapshot(number), thread)
        forge.resolve(number, key, not undo)
    facts = {"number": number, "key": key, "resolved": not undo}
    show(form, facts, f"#{number}: {key} {'reopened' if undo else 'resolved'}")


@click.command("withdraw")
@number_argument
@click.argument("item")
@format_option
def withdraw(number: int, item: str, form: str) -> None:
    """Withdraw a comment or a verdict of your own.

    ITEM is its key as `review show` prints it, or the beginning of it. What it asks for is no longer asked.
    """
    with open_forge() as forge:
        found = _item_called(forge.snapshot(number), item)
        if found.author.id != forge.actor.id:
            raise UserError(f"{found.key} is by {found.author.name}.", "Only its author can withdraw it.")
        if found.verdict:
            forge.dismiss(number, found.key)
        else:
            forge.delete(number, found.key)
    facts = {"number": number, "key": found.key}
    show(form, facts, f"#{number}: {found.key} withdrawn", f"Next: skill-fleet review step {number}")


def _next(forge: proposals.AnyForge, number: int) -> str:
    """Return the command to run after a comment: the bot's turn, if it has anything to do; note it if not."""
    if forge.name != "local":  # a workflow runs the bot
        return f"skill-fleet review step {number}"
    snapshot = forge.snapshot(number)
    if review.read_session(snapshot):
        if review.decide(snapshot).actions:
            return f"skill-fleet review step {number}"
        forge.notes.append("The bot has nothing to do. It reads what people with write access say.")
        return f"skill-fleet review show {number}"
    whose = "you" if snapshot.author.id == forge.actor.id else snapshot.author.name
    forge.notes.append(f"#{number} was opened by hand: it is up to {whose} to carry out what is asked there.")
    return f"skill-fleet review show {number}"


def _after_approval(forge: proposals.AnyForge, snapshot: forges.Snapshot) -> list[str]:
    """Return the gates that are still shut, and what opens the first; the merge when none is."""
    number = snapshot.number
    if snapshot.fleet.approvals > 0 and review.is_requester(snapshot, forge.actor):
        return [
            f"It does not count: you asked for this skill yourself. {ALONE}",
            f"Next: somebody else runs: skill-fleet review approve {number}",
        ]
    try:
        shut = [gate for gate in gates_of(forge.repo, snapshot) if not gate.met]
    except UserError as conflict:
        return [conflict.message, conflict.tip]
    return [*checklist(shut), f"Next: {opens(snapshot, shut[0]) if shut else f'skill-fleet promote {number}'}"]


def _item_called(snapshot: forges.Snapshot, typed: str) -> forges.Item:
    """Return the item whose key, or the beginning of it, was typed."""
    found = [item for item in snapshot.items if _is_key(typed, item.key)]
    if len(found) == 1:
        return found[0]
    raise _unclear(snapshot, "comment or verdict", typed, len(found))


def _thread_key(snapshot: forges.Snapshot, typed: str) -> str:
    """Return the key of the thread that `typed` names: its own or that of a comment in it."""
    found = {item.thread for item in snapshot.items if item.thread and _is_key(typed, item.key)}
    if len(found) == 1:
        return found.pop()
    raise _unclear(snapshot, "thread", typed, len(found))


def _changed_path(snapshot: forges.Snapshot, typed: str) -> str:
    """Return the changed file that `typed` names: by its path, or by the end of it (`SKILL.md`)."""
    if path := review.path_in(snapshot.changed, typed):
        return path
    ending = f"/{typed.removeprefix('./')}"
    found = [path for path in snapshot.changed if normalize("NFC", path).endswith(normalize("NFC", ending))]
    if len(found) == 1:
        return found[0]
    what = "changes more than one file called" if found else "does not change"
    raise UserError(f"#{snapshot.number} {what} {typed!r}.", f"It changes: {', '.join(snapshot.changed[:10])}")


def _is_key(typed: str, key: str) -> bool:
    return bool(typed) and (key.startswith(typed) or key.partition("/")[2].startswith(typed))


def _unclear(snapshot: forges.Snapshot, what: str, typed: str, count: int) -> UserError:
    words = f"There is no {what} {typed!r}" if not count else f"{count} keys begin with {typed!r}"
    return UserError(f"{words} in #{snapshot.number}.", f"List them: skill-fleet review show {snapshot.number}")
