"""skill-fleet review comment"""

from __future__ import annotations

import click

from skill_fleet.cli.files import read_text
from skill_fleet.cli.options import file_option, format_option, number_argument, say, say_json
from skill_fleet.errors import UserError


@click.command("comment")
@number_argument
@click.argument("body", required=False, default="")
@file_option
@click.option("--path", metavar="PATH", help="Comment on this file of the pull request; SKILL.md will do.")
@click.option(
    "--line", type=click.IntRange(min=1), metavar="N", help="With --path: on this line; without it, on the whole file."
)
@click.option("--start-line", type=click.IntRange(min=1), metavar="N", help="With --line: the first of several lines.")
@click.option("--side", type=click.Choice(["RIGHT", "LEFT"]), default="RIGHT", help="LEFT: a line that was removed.")
@click.option("--suggest", metavar="TEXT", help="With --line: propose TEXT in the place of the lines.")
@click.option("--reply-to", metavar="THREAD", help="Answer in this thread (its key, as `review show` prints it).")
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

    BODY may hold commands, each alone on a line, such as `/move testing`; /help lists them. Words on lines and in
    threads are for the bot; in the conversation, those are that begin with @skill-fleet.
    """
    from skill_fleet.cli.review.keys import changed_path, thread_key
    from skill_fleet.cli.review.verdict import next_on
    from skill_fleet.fleet import here
    from skill_fleet.forges import Anchor
    from skill_fleet.proposals import forge_here, tell
    from skill_fleet.review import suggestion_block

    if suggest is not None and line is None:
        raise UserError("A suggestion has to be on lines of a file.", "Name them: --path PATH --line LINE")
    if start_line and not line:
        raise UserError("--start-line needs --line, the last of the lines.", "Name it: --line N")
    if line and not path:
        raise UserError("A line needs a file.", "Name it: --path PATH")
    if path and reply_to:
        raise UserError("--path begins a thread and --reply-to answers in one.", "Give one of the two.")
    text = read_text(file) if file else body
    if suggest is not None:
        text = f"{text}\n\n{suggestion_block(suggest)}".lstrip()
    if not text.strip():
        raise UserError("The comment is empty.", "Give the text as an argument, or with -F FILE.")
    with here() as repo:
        forge = forge_here(repo)
        if path:
            last = line or 0
            whole = changed_path(forge.snapshot(number), path)
            anchor = Anchor(whole, "", start_line or last, last, "LEFT" if side == "LEFT" else "RIGHT")
            key = forge.comment_on(number, text, anchor)
        elif reply_to:
            key = forge.reply(number, thread_key(forge.snapshot(number), reply_to), text)
        else:
            key = forge.comment(number, text)
        following = next_on(forge, number)
        tell(forge)
    if form == "json":
        say_json({"number": number, "key": key})
    else:
        say(f"#{number}: {key}", f"Next: {following}")
