"""Advice about a skill's text: its length, its description, what was left to do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.reading import Document, Reading
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.snippets import LANGUAGES, complaints
from skill_fleet.markdown import Block, Scalar, shown

MAX_LINES = 500
MAX_TOKENS = 5_000

_WHEN = re.compile(
    r"\b(?:when|whenever|while|before|after|if (?:you|the|a|an|asked|it|there)|use (?:this|it|for|to|as|on|in|with)|"
    r"used? (?:for|to|by)|for (?:use|tasks|requests|any|working)|triggers?|invoke|asks?|asked|needs? to|should be used|"
    r"wann|wenn|verwenden|quand|lorsque|utiliser|cu[a\u00e1]ndo|usar|quando|usare|wanneer|gebruiken|kiedy|u[z\u017c]ywa[c\u0107]|"
    r"ne zaman|kullan\w+)\b",
    re.IGNORECASE,
)
_LATIN = "\u024f"  # the last of its letters
_OTHER = 10  # letters of another script, so that a name in one does not excuse an English sentence
_TODO_WORDS = ("TODO", "FIXME", "TBD")
_TODO = re.compile(
    r"^[\s>*+-]*(?:\d+\.\s+)?(?:\[[ x]\] )?\**(?:TODO|FIXME|TBD)\b(?=\**[:\s]|\W*$)|\[(?:TODO|FIXME|TBD)\b[^\[\]]{0,200}\](?!\()"
)


@rule("content/length", "hint")
def length(reading: Reading) -> Iterator[Spot]:
    """SKILL.md has at most 500 lines and about 5,000 tokens.

    All of it goes into the agent's context each time the skill is used; detail belongs in files that are read on demand.
    A token is taken for four letters of ASCII, or one character beyond.
    Source: https://agentskills.io/specification#progressive-disclosure

    Good:

        A page with a table that says when to read which file of references/.

    Bad:

        A manual of 2,000 lines.

    Fix: move whole sections to references/ and say in SKILL.md when to read each.
    """
    front = reading.front_matter
    if front is None:
        return
    lines = front.text.count("\n") + (not front.text.endswith("\n"))
    tokens = _tokens(front.body) if len(front.text) - front.body_at > MAX_TOKENS else 0
    fix = "Move sections to references/ and say when to read each."
    if lines > MAX_LINES:
        message = f"SKILL.md has {lines:,} lines; beyond {MAX_LINES} an agent pays for detail that it seldom needs."
        yield Spot(reading.path, MAX_LINES + 1, message, fix, key="lines")
    elif tokens > MAX_TOKENS:
        message = f"The text has about {tokens:,} tokens; beyond {MAX_TOKENS:,} it crowds the agent's context."
        yield Spot(reading.path, front.body_line, message, fix, key="tokens")


@rule("content/when", "hint")
def when(reading: Reading) -> Iterator[Spot]:
    """The description says when to use the skill.

    An agent chooses skills by it; what a skill is tells less than when it is needed.
    Source: https://agentskills.io/specification#description-field

    Good:

        description: Fills PDF forms. Use when a PDF has fields to fill in.

    Bad:

        description: PDF tools.

    Fix: add a sentence that begins with "Use when".
    """
    pair = reading.field("description")
    if pair is None or not isinstance(pair[1], Scalar) or not pair[1].text.strip():
        return
    text = pair[1].text
    # the words are of languages written in Latin letters; of a text in another script nothing is said
    other = sum(char > _LATIN and char.isalpha() for char in text)
    latin = other < _OTHER and len(text.encode("ascii", "ignore")) > len(text) * 0.8
    if latin and not _WHEN.search(text):
        message = "The description does not say when to use the skill, and agents choose by that."
        yield reading.at(pair[0], message, "Add a sentence that begins with `Use when`.")


@rule("content/todo", "hint")
def todo(reading: Reading) -> Iterator[Spot]:
    """No TODO is left in the text.

    An agent takes it for a task, or the skill for unfinished. Only a TODO that begins a line or stands in brackets
    counts: a skill may speak of them.

    Good:

        Look for TODO comments in the code.

    Bad:

        TODO: describe the second step.

    Fix: do it, or take it out.
    """
    front = reading.front_matter
    if front is None or not any(word in front.text for word in _TODO_WORDS):
        return
    pair = reading.field("description")
    if pair and isinstance(pair[1], Scalar) and _TODO.search(pair[1].text):
        yield reading.at(
            pair[0], "The description still holds a TODO, and every agent reads it.", "Write what is missing."
        )
    for number, line in reading.body.prose_near(reading.body.lines_with(_TODO, _TODO_WORDS)):
        if match := _TODO.search(line):
            message = "A TODO is left here, which an agent takes for its own task."
            column = match.start() + len(match[0]) - len(match[0].lstrip()) + 1
            key = f"TODO {line.strip()[:60]}"
            yield Spot(reading.path, number, message, "Do it, or take the line out.", column, key=key)


def _tokens(text: str) -> int:
    plain = len(text) if text.isascii() else len(text.encode("ascii", "ignore"))
    return plain // 4 + len(text) - plain


@rule("content/unclosed-fence")
def unclosed_fence(reading: Reading) -> Iterator[Spot]:
    """Every code fence is closed.

    What follows an open fence is code to every reader, headings and all. A fence also ends where its list item or
    quotation does, and one inside another needs an outer one with more backquotes.
    Source: https://spec.commonmark.org/0.31.2/#fenced-code-blocks

    Good:

        ```sh
        make test
        ```

    Bad:

        ```sh
        make test

    Fix: close it with as many backquotes, indented as the opening is; put four around text that has three.
    """
    for document in reading.documents:
        for fence in document.markdown.fences:
            if not fence.closed:
                message = "This fence is never closed, so all text behind it is taken for code."
                fix = "Close it with the same marks and indentation; around text that has fences, use four."
                yield _spot(reading, document, fence, 0, message, fix)


@rule("content/fence-language", "hint")
def fence_language(reading: Reading) -> Iterator[Spot]:
    """A code fence says which language it holds.

    Agents and highlighters guess otherwise, and take output for commands.
    Source: https://spec.commonmark.org/0.31.2/#info-string

    Good:

        ```sh
        make test
        ```

    Bad:

        ```
        make test
        ```

    Fix: write the language behind the opening; `text` for what has none.
    """
    for document in reading.documents:
        for fence in document.markdown.fences:
            if not fence.info and fence.closed:
                message = "The fence does not say its language, so agents have to guess whether it is code or output."
                yield _spot(
                    reading, document, fence, 0, message, "Write it behind the marks, or `text` if it has none."
                )


@rule("content/fence-syntax", "hint")
def fence_syntax(reading: Reading) -> Iterator[Spot]:
    """Python, JSON and YAML in a fence can be parsed.

    Agents copy examples as they stand. What an example leaves out (`...`, `<your-key>`, a comment in JSON, a prompt) is
    no error.
    Source: https://docs.python.org/3/reference/grammar.html, https://www.rfc-editor.org/rfc/rfc8259 and
    https://yaml.org/spec/1.2.2/

    Good:

        ```json
        {"name": "demo", ...}
        ```

    Bad:

        ```json
        {"name": "demo" "version": 1}
        ```

    Fix: correct the example, or call the fence `text` if it is not meant to be that language.
    """
    for document in reading.documents:
        fences = [(LANGUAGES.get(each.info.partition(" ")[0].lower(), ""), each) for each in document.markdown.fences]
        known = [(language, fence) for language, fence in fences if language and fence.closed]
        found = complaints((language, fence.content) for language, fence in known)
        for (language, fence), wrong in zip(known, found, strict=True):
            if wrong:
                message = f"This is no valid {language}, and agents copy it as it stands: {shown(wrong[1])}."
                fix = f"Correct it, or do not call the fence {language}."
                yield _spot(reading, document, fence, wrong[0], message, fix)


def _spot(reading: Reading, document: Document, fence: Block, line: int, message: str, fix: str) -> Spot:
    """A spot at `line` of the fence: 0 is its opening, 1 its first line of code."""
    number = document.markdown.first_line + fence.start + line
    first = fence.content.strip().partition("\n")[0][:60]
    return Spot(reading.skill.inside(document.path), number, message, fix, key=f"{fence.info}: {first}")


PLACEHOLDER = re.compile(r"(?<![$\\{])\{\{[A-Z][A-Z0-9_]*\}\}")


@rule("content/placeholder")
def placeholder(reading: Reading) -> Iterator[Spot]:
    """No `{{PLACEHOLDER}}` of a template is left in the text.

    An agent takes it for an instruction, or writes it into a file. In code, between backquotes or in a fence, it is
    taken for the template's own text and let pass.

    Good:

        Replace `{{PROJECT_NAME}}` in the template.

    Bad:

        This skill helps with {{PROJECT_NAME}}.

    Fix: fill it in, or put it between backquotes if the skill is about templates.
    """
    front = reading.front_matter
    if front is None or "{{" not in front.text:
        return
    head = front.text[: front.body_at]
    spots = [(number, match) for number, line in enumerate(head.split("\n"), 1) for match in PLACEHOLDER.finditer(line)]
    prose = reading.body.prose_near(reading.body.lines_with(PLACEHOLDER, ("{{",)))
    spots += [(number, match) for number, line in prose for match in PLACEHOLDER.finditer(line)]
    for number, match in spots:
        message = f"The placeholder `{match[0]}` was never filled in, and an agent takes it for text."
        fix = "Replace it by what it stands for, or put it between backquotes if it is meant to be seen."
        yield Spot(reading.path, number, message, fix, match.start() + 1, key=match[0])
