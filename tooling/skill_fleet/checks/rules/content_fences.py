"""Fenced code: closed, with a language, and readable as what it says it is."""

from __future__ import annotations

from collections.abc import Iterator

from skill_fleet.checks.document import Document
from skill_fleet.checks.fences import Block
from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.snippets import LANGUAGES, complaints
from skill_fleet.checks.visible import shown


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

    Mend: close it with as many backquotes, indented as the opening is; put four around text that has three.
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

    Mend: write the language behind the opening; `text` for what has none.
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

    Mend: correct the example, or call the fence `text` if it is not meant to be that language.
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
