"""What Claude Code replaces or runs in a SKILL.md when it loads it; other clients show it as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.contexts import SkillContext
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.markdown import code_spans, shown, without_code

_CLIENTS = frozenset({"claude-code"})
# One digit: nobody types the eleven words that `$10` needs.
_ARGUMENT = re.compile(r"\$(?<![\\\w$]\$)\d(?!\w)")
_INTENDED = ("argument-hint", "arguments")
_COMMAND = re.compile(r"(?<!\S)!(?=`[A-Za-z./~])")


@rule("portability/argument", "hint")
def argument(context: SkillContext) -> Iterator[Violation]:
    """SKILL.md contains no `$1`, unless the skill takes arguments.

    Where a skill is called with arguments, Claude Code replaces `$0`, `$1` and so on by their words, in code and in prices
    too. A skill that has `argument-hint`, `arguments` or `$ARGUMENTS` means it.
    Source: https://code.claude.com/docs/en/skills (available string substitutions)

    Good:

        awk -f scripts/first.awk log

    Bad:

        awk '{print $1}' log
        It costs $0.10.

    Fix: put the command into a script, and write a price as `USD 0.10`.
    """
    text = context.body.text
    if "$" not in text or "$ARGUMENTS" in text or any(context.field(name) for name in _INTENDED):
        return
    found = list(_ARGUMENT.finditer(text))
    if found:
        first, more = found[0], f" and {len(found) - 1} more" if len(found) > 1 else ""
        line = context.body.first_line + text.count("\n", 0, first.start())
        column = first.start() - text.rfind("\n", 0, first.start())
        message = f"Claude Code replaces `{first[0]}`{more} by a word of the arguments that the skill is called with."
        fix = "Put the command into a script; write a price as `USD 0.10`."
        yield Violation(context.path, line, message, fix, column, key="arguments", clients=_CLIENTS)


@rule("portability/load-command", "hint")
def load_command(context: SkillContext) -> Iterator[Violation]:
    """A person reads each command that runs when SKILL.md is loaded.

    Claude Code runs the command in `` !`...` ``, and those in a fence of the language `!`, before the agent reads the text
    and without a question. Other clients show the command instead of its output.
    Source: https://code.claude.com/docs/en/skills (inject dynamic context)

    Good:

        Run `git status` first.

    Bad:

        The state: !`git status`

    Fix: tell the agent to run the command, or check that it only reads.
    """
    body = context.body
    fix = "Check that it only reads; or tell the agent to run it."
    for block in body.fences:
        if block.info.startswith("!"):
            message = "Claude Code runs the commands of this fence when it loads the skill, without a question."
            yield Violation(
                context.path, body.first_line + block.start, message, fix, key=block.content[:80], clients=_CLIENTS
            )
    for block in body.blocks_at(body.lines_with(_COMMAND, ["!`"])):
        for number in range(block.start, block.end) if block.kind in ("text", "heading") else ():
            line = body.lines[number]
            spans, row = code_spans(line), without_code(line)
            for match in _COMMAND.finditer(line):
                if row[match.start()] == "!":
                    command = line[match.end() + 1 : spans.get(match.end(), len(line) + 1) - 1]
                    message = f"Claude Code runs `{shown(command)}` when it loads the skill, without a question."
                    yield Violation(
                        context.path, body.first_line + number, message, fix, match.start() + 1, clients=_CLIENTS
                    )
