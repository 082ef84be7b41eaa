"""The scripts of a skill: they start on every system, and Python can read them."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator

from skill_fleet.checks.contexts import SkillContext
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.checks.rules.snippets import is_left_out, python_error
from skill_fleet.markdown import shown

_SHELL = (".sh", ".bash", ".zsh")
_PYTHON = re.compile(rb"#![^\n]{0,80}\bpython")
_NO_PROGRAM = re.compile(r"(?:^|/)(?:templates?|fixtures?|tests?|evals?)/|template|[{}]", re.IGNORECASE)
_MAX_SCRIPT = 1_000_000


@rule("layout/script-line-ends")
def script_line_ends(context: SkillContext) -> Iterator[Violation]:
    r"""The lines of a shell script, and the first line of any script, do not end in a carriage return.

    The system looks for a program called `bash\r`, and a shell takes `\r` for a part of each word.
    Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html

    Good:

        #!/bin/bash          ends in the byte 0A

    Bad:

        #!/bin/bash          ends in the bytes 0D 0A

    Fix: convert the file, and write `*.sh text eol=lf` into .gitattributes.
    """
    for path, content in context.contents:
        is_shell = path.lower().endswith(_SHELL)
        first = content.find(b"\r\n") if is_shell or content.startswith(b"#!") else -1
        if first >= 0 and (is_shell or content.find(b"\n") == first + 1):
            line = content.count(b"\n", 0, first) + 1
            message = "The line ends in a carriage return, so the script does not run on Linux and macOS."
            fix = "Convert it to line feeds, and write `*.sh text eol=lf` into .gitattributes."
            yield context.in_file(path, line, message, fix, key="carriage return")


@rule("layout/script-syntax", "hint")
def script_syntax(context: SkillContext) -> Iterator[Violation]:
    """A Python script can be parsed.

    An agent that runs it gets an error instead of a result. The message names the version of Python that parsed it here; a
    newer one may know more. Templates and tests are not checked.
    Source: https://docs.python.org/3/reference/grammar.html

    Good:

        def area(width, height):
            return width * height

    Bad:

        def area(width, height:
            return width * height

    Fix: correct the line. If the script needs another version of Python, say so in `compatibility`.
    """
    programs = [
        (path, content)
        for path, content in context.contents
        if path.endswith(".py") or (content.startswith(b"#!") and _PYTHON.match(content))
    ]
    if not programs:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about invalid escapes
        for path, content in programs:
            if _NO_PROGRAM.search(path) or len(content) > _MAX_SCRIPT or b"\0" in content:
                continue
            if (error := python_error(content)) and not is_left_out(content.decode("utf-8", "replace"), error[0]):
                message = (
                    f"Python {sys.version_info.major}.{sys.version_info.minor} cannot parse this: {shown(error[1])}."
                )
                fix = "Correct it; if it needs another version of Python, say so in `compatibility`."
                yield context.in_file(path, error[0], message, fix, key=error[1])
