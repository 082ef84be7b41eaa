"""The entry point: find the command, run it, and turn errors into a sentence, a tip and an exit status."""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
from collections.abc import Sequence

import click

from skill_fleet import __version__, git, markdown
from skill_fleet.cli import BUG, FINE, FIXABLE, INDEX
from skill_fleet.cli.lazy import LazyGroup, place_options
from skill_fleet.errors import UserError

INTERRUPTED, BROKEN_PIPE = 130, 141  # as shells report Ctrl-C and SIGPIPE: 128 + the signal's number

# What the system says of a disk that is full, of a folder that is read-only or somebody else's, of too many open files.
_FULL_OR_CLOSED = (
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE,
)  # fmt: skip

NAME = "skill-fleet"
COMPLETION = "_SKILL_FLEET_COMPLETE"

# The first lines of the commands' help, here as well so that the list needs no imports; a test compares.
COMMANDS = {
    "list": ("list", "List the skills of the repository."),
    "search": ("list", "Search names, descriptions and texts of the skills."),
    "show": ("list", "Show a skill: its fields and its files."),
    "changes": ("list", "List the skills that differ between two commits, as Markdown for release notes."),
    "validate": ("validate", "Check the fleet, a change, or any skills."),
    "fix": ("fix", "Fix front-matter problems with exactly one possible fix."),
    "explain": ("explain", "Explain a rule and how to fix violations."),
    "generate-xml": ("generate_xml", "Write available_skills.xml from the skills."),
    "build-site": ("build_site", "Build the pages, archives and index of the fleet."),
    "stats": ("stats", "Count ages, sizes and reviews of the skills, and recommend what to do."),
    "verify": ("verify", "Verify where skills come from: recomputed from Git, recorded by somebody, or not recorded."),
    "init": ("init", "Create a fleet repository, or check that one is up to date."),
    "new": ("new", "Create an empty skill to fill in by hand."),
    "move": ("move", "Rename or move a skill and update references to it."),
    "retire": ("move", "Retire a skill and leave a stub that names its replacement."),
    "migrate": ("migrate", "Import skills from another repository without changing their bodies."),
    "create": ("create", "Draft a skill from documents and open a pull request."),
    "chat": ("chat", "Draft a skill interactively, and open a pull request."),
    "revise": ("revise", "Revise a skill that exists and open a pull request."),
    "promote": ("promote", "Merge an approved pull request."),
    "eval": ("eval", "Measure whether a skill helps, and at what cost."),
    "learn": ("learn", "Improve the model's prompts from what reviewers say, and prove it."),
    "doctor": ("doctor", "Check your setup and suggest fixes."),
    "completion": ("completion", "Print the script that completes commands in a shell."),
    "review": ("review", "Read, comment on and approve pull requests."),
}


@click.group(
    cls=LazyGroup,
    package="skill_fleet.cli",
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: skill-fleet create --from DOCUMENT.md --path CATEGORY. Every command has its own --help.",
)
@click.version_option(__version__, prog_name=NAME)
@click.option("-C", "folder", metavar="DIR", help="Run as if started in DIR.")
@place_options
def app(folder: str | None) -> None:
    """A repository of agent skills that runs itself.

    Skills are folders with a SKILL.md. A branch is a draft, a pull request is its review, a merge promotes it.

    Exit status: 0 fine, 1 findings of severity error, 2 something you can fix, 3 a bug in this program.
    """
    click.get_current_context().meta[INDEX] = git.forget_inherited_repository()
    if folder:
        try:
            os.chdir(folder)
        except OSError as problem:
            raise UserError(f"The folder {folder} cannot be entered.", "Name another with -C DIR.") from problem


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = _run(words)
        sys.stdout.flush()  # here, where a closed pipe is caught
        return status
    except UserError as problem:
        return _complain(problem.message, problem.tip)
    except click.exceptions.NoArgsIsHelpError as nothing:
        print(f"{nothing.format_message()}\n", file=sys.stderr)
        context = nothing.ctx.command_path if nothing.ctx else NAME
        return _complain("No command was given.", f"Each has its own help; they are listed by: {context} --help")
    except click.UsageError as problem:
        context = problem.ctx.command_path if problem.ctx else _command_in(words)  # click's parser knows none
        message, tip = problem.format_message(), f"See: {context} --help"
        if isinstance(problem, click.NoSuchOption) and problem.possibilities:
            message, tip = problem.message, f"Did you mean {' or '.join(problem.possibilities)}? {tip}"
        return _complain(message, tip)
    except click.ClickException as problem:
        return _complain(problem.format_message(), f"See: {NAME} --help")
    except (click.Abort, KeyboardInterrupt):
        print("\nStopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except git.GitFailure as problem:
        tip = git.lock_tip(problem.stderr) or "Ask Git what is wrong with the repository: git status; git fsck"
        return _complain(f"Git refuses (git {problem.command}): {problem.reason}", tip)
    except OSError as problem:
        if problem.errno not in _FULL_OR_CLOSED:
            return _report(problem, words)
        where = f"{problem.filename} cannot be used: " if problem.filename else ""
        return _complain(f"{where}{problem.strerror}.", "Make room, or check its permissions, then run it again.")
    except Exception as bug:
        return _report(bug, words)


def _run(words: list[str]) -> int:
    """Run the command; not with `app.main`, which ends the process with status 1 (findings) on a closed pipe."""
    if instruction := os.environ.get(COMPLETION):
        from click.shell_completion import shell_complete

        return shell_complete(app, {}, NAME, COMPLETION, instruction)
    try:
        with app.make_context(NAME, list(words), obj=words) as context:  # parsing empties the list that it gets
            result = app.invoke(context)
            return result if isinstance(result, int) else FINE
    except click.exceptions.Exit as done:  # --help and --version
        return done.exit_code


def _command_in(words: list[str]) -> str:
    """Return the command that a command line names, as far as it names one: `skill-fleet review show`."""
    names = [word for word in words if word in COMMANDS][:1]
    if names == ["review"]:
        from skill_fleet.cli.review import COMMANDS as reviews

        names += [word for word in words if word in reviews][:1]
    return " ".join([NAME, *names])


def _complain(message: str, tip: str) -> int:
    print(f"error: {markdown.escaped(message)}\ntip: {markdown.escaped(tip)}", file=sys.stderr)
    return FIXABLE


def _report(bug: Exception, words: list[str]) -> int:
    """Print what a bug report needs: versions, the command, the traceback."""
    import platform
    import shlex
    import traceback

    trace = "".join(traceback.format_exception(bug))
    print(
        f"bug: {type(bug).__name__}: {markdown.escaped(str(bug))}\n"
        "tip: This is a bug in skill-fleet. Please report it with everything below.\n\n"
        f"skill-fleet {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"command: {markdown.escaped(shlex.join([NAME, *words]))}\n\n{trace}",
        file=sys.stderr,
    )
    return BUG


def run() -> None:
    """The console script."""
    gc.set_threshold(50_000)  # not 700: most objects are freed by their counts, and a sixth of all time went into this
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # escape what the terminal cannot show
            stream.reconfigure(errors="backslashreplace")
            if os.name == "nt" and not stream.isatty():  # a patch or JSON for another program
                stream.reconfigure(encoding="utf-8", newline="\n")
    sys.exit(main())
