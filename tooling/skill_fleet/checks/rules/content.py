"""The text of a skill: its length, when to use it, and what was left unfinished."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.contexts import TEXT, SkillContext
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import estimated_tokens, lines_containing, shown

MAX_LINES = 500
MAX_TOKENS = 5_000

_WHEN = re.compile(
    r"\b(?:when|whenever|while|before|after|during|upon|once|given (?:a|an|the)|if (?:you|the|a|an|asked|it|there)|"
    r"use(?: this| it)?(?: \w+ly)? (?:this|it|for|to|as|at|by|on|in|with|instead)|(?:must|should|can|may|to) be used|used? (?:for|to|by)|"
    r"(?:useful|perfect|ideal|great|suited|suitable|handy|helpful|recommended|intended|meant|designed|made|best|only|reserved) (?:for|in|to|as|at)|"
    r"for (?:use|tasks|requests|any|working)|say [\"'\u201c]|trigger(?:s|ed)?|activates?|invoke|asks?|asked|requests|needs? to|"
    r"reach for|go-to|consult|at the (?:start|end|beginning) of|in case|on (?:every|each|any)|applies to|(?:apply|call|load|run) (?:it|this|at|on))\b"
)
# A text of many words with few of these is not English, so that the words above say nothing about it.
_ENGLISH = re.compile(r"\b(?:the|and|with|from|to|of|into|your|this|that|using|it|its|are|for)\b", re.IGNORECASE)
_MANY, _RARELY = 8, 25
_LAST_LATIN_LETTER = "\u024f"
_FEW = 10  # letters of another script, so that a name in one does not exempt an English sentence
_TODO_WORDS = ("TODO", "FIXME", "TBD")
_TODO = re.compile(
    r"^[\s>*+-]*(?:\d+\.\s+)?(?:\[[ x]\] )?\**(?:TODO|FIXME|TBD)\b(?=\**[:\s]|\W*$)|\[(?:TODO|FIXME)\b[^\[\]]{0,200}\](?!\()"
)
_PLACEHOLDER = re.compile(r"(?<![$\\{])\{\{[A-Z][A-Z0-9_]*\}\}")


@rule("content/length", "hint")
def length(context: SkillContext) -> Iterator[Violation]:
    """SKILL.md has at most 500 lines and about 5,000 tokens.

    The whole file goes into the agent's context whenever the skill is used. Details belong in files that are read on
    demand. A token is estimated as four ASCII characters, or one other character.
    Source: https://agentskills.io/specification#progressive-disclosure

    Good:

        A page with a table that says when to read which file of references/.

    Bad:

        A manual of 2,000 lines.

    Fix: move whole sections to references/ and say in SKILL.md when to read each.
    """
    front = context.front_matter
    if front is None:
        return
    lines = front.text.count("\n") + (not front.text.endswith("\n"))
    tokens = estimated_tokens(front.body) if len(front.text) - front.body_at > MAX_TOKENS else 0
    fix = "Move sections to references/ and say when to read each."
    if lines > MAX_LINES:
        message = (
            f"SKILL.md has {lines:,} lines, more than {MAX_LINES}: details that are seldom needed fill the context."
        )
        yield Violation(context.path, MAX_LINES + 1, message, fix, key="lines")
    elif tokens > MAX_TOKENS:
        message = f"SKILL.md has about {tokens:,} tokens, more than {MAX_TOKENS:,}: it fills the agent's context."
        yield Violation(context.path, front.body_line, message, fix, key="tokens")


@rule("content/when", "hint")
def when(context: SkillContext) -> Iterator[Violation]:
    """The description says when to use the skill.

    Agents choose a skill by its description, and need to know when it applies more than what it is. A skill that only
    people start (`disable-model-invocation: true`) needs none.
    Source: https://agentskills.io/specification#description-field

    Good:

        description: Fills PDF forms. Use when a PDF has fields to fill in.

    Bad:

        description: PDF tools.

    Fix: add a sentence that begins with "Use when".
    """
    pair, manual = context.text_field("description"), context.text_field("disable-model-invocation")
    if pair is None or not pair[1].text.strip() or (manual and manual[1].text.lower() == "true"):
        return
    text = pair[1].text
    # the words above are English; other languages are not checked
    other = 0 if text.isascii() else sum(char > _LAST_LATIN_LETTER and char.isalpha() for char in text)
    is_latin = other < _FEW and len(text.encode("ascii", "ignore")) > len(text) * 0.8
    words = len(text.split())
    is_english = words < _MANY or len(_ENGLISH.findall(text)) * _RARELY >= words
    if is_latin and is_english and not _WHEN.search(text.lower()):
        message = "The description does not say when to use the skill. Agents choose skills by it."
        yield context.at(pair[0], message, "Add a sentence that begins with `Use when`.")


@rule("content/todo", "hint")
def todo(context: SkillContext) -> Iterator[Violation]:
    """The text contains no TODO.

    An agent takes it for a task, or the skill for unfinished. Only a TODO at the start of a line or in brackets counts,
    since a skill may be about TODOs.

    Good:

        Look for TODO comments in the code.

    Bad:

        TODO: describe the second step.

    Fix: do it, or remove it.
    """
    front = context.front_matter
    if front is None or not any(word in front.text for word in _TODO_WORDS):
        return
    pair = context.text_field("description")
    if pair and _TODO.search(pair[1].text):
        yield context.at(pair[0], "The description contains a TODO.", "Write what is missing.")
    for number, line in context.body.prose_at(context.body.lines_with(_TODO, _TODO_WORDS)):
        if match := _TODO.search(line):
            message = "The text contains a TODO, which an agent may take for its own task."
            column = match.start() + len(match[0]) - len(match[0].lstrip()) + 1
            key = f"TODO {line.strip()[:60]}"
            yield Violation(context.path, number, message, "Do it, or remove the line.", column, key=key)


@rule("content/placeholder")
def placeholder(context: SkillContext) -> Iterator[Violation]:
    """The text contains no unfilled `{{PLACEHOLDER}}` of a template.

    An agent takes it for an instruction, or copies it into a file. Placeholders in code spans and fences are allowed.

    Good:

        Replace `{{PROJECT_NAME}}` in the template.

    Bad:

        This skill helps with {{PROJECT_NAME}}.

    Fix: replace it, or put it between backquotes if the skill is about templates.
    """
    front = context.front_matter
    if front is None or "{{" not in front.text:
        return
    lines = list(enumerate(front.text[: front.body_at].split("\n"), 1))
    lines += context.body.prose_at(context.body.lines_with(_PLACEHOLDER, ("{{",)))
    for number, match in ((number, match) for number, line in lines for match in _PLACEHOLDER.finditer(line)):
        message = f"The placeholder `{match[0]}` was never filled in."
        fix = "Replace it, or put it between backquotes if it is meant literally."
        yield Violation(context.path, number, message, fix, match.start() + 1, key=match[0])


_CONFLICT = ("<<<<<<< ", ">>>>>>> ")


@rule("content/conflict-marker")
def conflict_marker(context: SkillContext) -> Iterator[Violation]:
    """No text contains the marks of a merge conflict.

    Git wrote both sides into the file, and nobody chose one: an agent reads both. Marks in code fences are allowed.
    Source: https://git-scm.com/docs/git-merge#_how_conflicts_are_presented

    Good:

        Do it in three steps.

    Bad:

        <<<<<<< HEAD
        Do it in two steps.
        =======
        Do it in three steps.
        >>>>>>> other

    Fix: keep one of the two, and delete the lines of the marks.
    """
    for path, text in context.texts if _CONFLICT[0].encode() in context.all_text else ():
        document = context.document(path)
        if not document and not (path.lower().endswith(TEXT) and not path.lower().endswith(".txt")):
            continue  # maybe a document about conflicts in another markup
        if document:
            first = document.markdown.first_line - 1
            head = text.split("\n")[:first] if path == SKILL_FILE else []
            text = "\n".join([*head, document.markdown.without_fences])
        start = 0
        for number, line in lines_containing(text, (*_CONFLICT, "=======")):
            if line.startswith(_CONFLICT[0]):
                start = number + 1
            elif start and line.rstrip("\r") == "=======":
                start = -abs(start)
            elif start < 0 and line.startswith(_CONFLICT[1]):
                message = "A merge conflict was left here, with both of its sides."
                yield context.in_file(path, -start, message, "Keep one side, and delete the marks.", key=line)
                start = 0


_HOME = re.compile(r"(?<![\w/.~$}>-])(?:/home/|/Users/|[A-Za-z]:\\{1,2}Users\\{1,2})([A-Za-z][\w.-]{0,30})(?=[/\\])")
# Names of folders that stand for anybody's, or belong to a container.
_ANYBODY = re.compile(
    r"(?:my|your|the|some|any)?[-_.]?(?:own)?(?:users?|user-?name|name|me|you|yourself|home|login|account|x{2,}|foo|bar|example)\Z"
    r"|my|(?:\w|alice|bob|carol|jane|john|joe|(?:jane|john)[-_.]?doe|proj|project|shared|public|default|runner|ubuntu|debian|vscode|node|app|agent|sandbox|claude|ec2-user|root|admin|jovyan)\Z"
    r"|(?:codespace|linuxbrew|vagrant|pi|git|docker|coder|gitpod|container|www-data|airflow|jenkins|opc|azureuser)\Z",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"\b(?:e\.g|for example|for instance|examples?|such as|instead of|never|not|avoid|hard-?coded?|output|looks? like|like)\b|^\s*File \"",
    re.IGNORECASE,
)
_UNUSED = re.compile(r"(?:^|/)(?:\.|tests?/|fixtures?/)")
"""The beginning of a path in a folder that no agent needs: hidden, or of tests."""
_SHELLS = ("bash", "sh", "shell", "zsh", "console", "powershell", "pwsh", "bat", "cmd")
_PROGRAMS = (".py", ".sh", ".bash", ".zsh", ".js", ".mjs", ".ts", ".rb", ".pl", ".ps1", ".bat")


@rule("content/home-path", "hint")
def home_path(context: SkillContext) -> Iterator[Violation]:
    """No text or script names the home folder of one person.

    It does not exist on any other computer. Names such as `user` and `alice` that stand for anybody, examples, tests, and
    code that is no command are allowed.
    Source: https://agentskills.io/specification#file-references

    Good:

        Open ~/notes/plan.md.

    Bad:

        Open /home/jana/notes/plan.md.

    Fix: write `~`, a path relative to the skill, or a name that everybody replaces, such as `/home/USER`.
    """
    words = [word for word in ("/home/", "/Users/", "Users\\") if word.encode() in context.all_text]
    reported: set[str] = set()
    for path, number, line in _home_lines(context, words) if words else ():
        example = _EXAMPLE.search(line)
        for match in _HOME.finditer(line):
            if (
                _UNUSED.search(path)
                or _ANYBODY.match(match[1])
                or match[0] in reported
                or (example and example.start() < match.start())
            ):
                continue
            reported.add(match[0])
            message = f"`{shown(match[0])}` is the home folder of one person, which no other computer has."
            fix = "Write ~ or a path relative to the skill, wherever it is."
            yield context.in_file(path, number, message, fix, match.start() + 1, key=match[0])


def _home_lines(context: SkillContext, words: list[str]) -> Iterator[tuple[str, int, str]]:
    """The lines of prose, of commands and of scripts that may name a home folder: file, number (from 1) and text."""
    for document in context.documents:
        markdown = document.markdown
        for block in markdown.blocks_at(
            at for at, line in lines_containing(markdown.text, words) if _HOME.search(line)
        ):
            is_command = block.kind == "fence" and block.info.partition(" ")[0].lower() in _SHELLS
            if is_command or block.kind in ("text", "heading"):
                for number in range(block.start, block.end):
                    yield document.path, markdown.first_line + number, markdown.lines[number]
    for path, text in context.texts:
        if path.lower().endswith(_PROGRAMS):
            yield from ((path, number + 1, line) for number, line in lines_containing(text, words))
