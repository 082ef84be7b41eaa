"""The entry point: finds the command, runs it, and turns what went wrong into a sentence and an exit status.

Commands are imported when they are used, so that `--help` costs no more than Python and click.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import click

from skill_fleet import __version__
from skill_fleet.cli.lazy import LazyGroup
from skill_fleet.errors import UserError

FINE, FINDINGS, FIXABLE, BUG = 0, 1, 2, 3
INTERRUPTED, UNREAD = 130, 141  # as shells report Ctrl-C, and a reader that has gone (128 + the signal's number)

NAME = "skill-fleet"
COMPLETION = "_SKILL_FLEET_COMPLETE"

# The first line of each command's help, here as well so that the list needs no imports; a test compares.
COMMANDS = {
    "list": "List the skills of the fleet.",
    "validate": "Check the fleet, a change, or any skills.",
    "fix": "Fix front-matter problems that have only one solution.",
    "explain": "Explain a rule and how to fix violations.",
    "generate-xml": "Write available_skills.xml from the tree.",
    "init": "Make a new fleet repository, or see whether one is up to date.",
    "new": "Lay out an empty skill to fill in by hand.",
    "move": "Rename or move a skill and update references to it.",
    "retire": "Take a skill out of use; a stub says what replaces it.",
    "migrate": "Import skills from another repository without changing their bodies.",
    "create": "Draft a skill from documents and open a pull request.",
    "chat": "Draft a skill interactively, and open a pull request.",
    "revise": "Revise a skill that exists and open a pull request.",
    "promote": "Merge an approved pull request.",
    "doctor": "Check your setup and suggest fixes.",
    "review": "Read, answer and settle a pull request.",
}


@click.group(
    cls=LazyGroup,
    package="skill_fleet.cli",
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="COMMAND [ARGS]...",
    epilog="Start with: skill-fleet create --from DOCUMENT.md. Every command has its own --help.",
)
@click.version_option(__version__, prog_name=NAME)
@click.option("-C", "folder", metavar="DIR", help="Work as if started in DIR.")
def app(folder: str | None) -> None:
    """A repository of agent skills that runs itself.

    Skills are folders with a SKILL.md. A branch is a draft, a pull request is its review, a merge promotes it.

    Exit status: 0 fine, 1 findings of severity error, 2 something you can fix, 3 a bug in this program.
    """
    if folder:
        try:
            os.chdir(folder)
        except OSError as problem:
            raise UserError(f"{folder} is not a folder that can be entered.", "Name another with -C DIR.") from problem


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit status."""
    from skill_fleet.git import forget_inherited_repository

    forget_inherited_repository()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = _run(words)
        sys.stdout.flush()  # here, where a reader that has gone is noticed without a trace
        return status
    except UserError as problem:
        return _complain(problem.message, problem.tip)
    except click.exceptions.NoArgsIsHelpError as nothing:
        print(f"{nothing.format_message()}\n", file=sys.stderr)
        context = nothing.ctx.command_path if nothing.ctx else NAME
        return _complain("No command was given.", f"Each has a help of its own, as in: {context} list --help")
    except click.UsageError as problem:
        context = problem.ctx.command_path if problem.ctx else _command_in(words)  # click's parser knows none
        message, guess, near = problem.format_message().partition(" Did you mean ")
        return _complain(message, f"{guess.lstrip()}{near} See: {context} --help".lstrip())
    except click.ClickException as problem:
        return _complain(problem.format_message(), f"See: {NAME} --help")
    except (click.Abort, KeyboardInterrupt):
        print("\nStopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except Exception as bug:
        return _report(bug, words)


def _run(words: list[str]) -> int:
    """Not `app.main`: that ends the process with status 1, which means findings here, when the reader has gone."""
    if instruction := os.environ.get(COMPLETION):
        from click.shell_completion import shell_complete

        return shell_complete(app, {}, NAME, COMPLETION, instruction)
    try:
        with app.make_context(NAME, words) as context:
            result = app.invoke(context)
            return result if isinstance(result, int) else FINE
    except click.exceptions.Exit as done:  # --help and --version
        return done.exit_code


def _command_in(words: list[str]) -> str:
    """The command of a command line as far as it names one: `skill-fleet review show`."""
    found, commands = NAME, COMMANDS
    for word in words:
        if word in commands:
            found = f"{found} {word}"
            if word != "review" or commands is not COMMANDS:
                break
            from skill_fleet.cli.review import COMMANDS as commands
    return found


def _complain(message: str, tip: str) -> int:
    from skill_fleet.markdown import escaped

    print(f"error: {escaped(message)}\ntip: {escaped(tip)}", file=sys.stderr)
    return FIXABLE


def _report(bug: Exception, words: list[str]) -> int:
    """Say what a report needs: versions, the command, the trace. Nothing is caught below this."""
    import platform
    import shlex
    import traceback

    from skill_fleet.markdown import escaped

    trace = "".join(traceback.format_exception(bug))
    print(
        f"bug: {type(bug).__name__}: {escaped(str(bug))}\n"
        "tip: This is a fault of skill-fleet. Please report it with everything below.\n\n"
        f"skill-fleet {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"command: {escaped(shlex.join([NAME, *words]))}\n\n{trace}",
        file=sys.stderr,
    )
    return BUG


def run() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a character must not stop the work
            stream.reconfigure(errors="backslashreplace")
    sys.exit(main())
