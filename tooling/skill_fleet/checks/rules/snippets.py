"""Code fences: closed, with a language, and their Python, JSON or YAML can be parsed."""

from __future__ import annotations

import ast
import json
import re
import sys
import textwrap
import warnings
from collections.abc import Iterable, Iterator
from symtable import symtable

from skill_fleet.checks.contexts import SkillContext
from skill_fleet.checks.link_targets import MarkdownFile
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.markdown import Block, parse, shown

SNIPPET_LANGUAGES = {
    **dict.fromkeys(("python", "py", "python3"), "Python"),
    "json": "JSON",
    **dict.fromkeys(("yaml", "yml"), "YAML"),
}
"""The languages that are parsed, by the names that fences give them."""
MAX_SNIPPET = 50_000


@rule("content/unclosed-fence")
def unclosed_fence(context: SkillContext) -> Iterator[Violation]:
    """Every code fence is closed.

    After an open fence, every reader takes all text for code, headings too. A fence also ends where its list item or
    quotation ends. A fence around another fence needs more backquotes.
    Source: https://spec.commonmark.org/0.31.2/#fenced-code-blocks

    Good:

        ```sh
        make test
        ```

    Bad:

        ```sh
        make test

    Fix: close it with as many backquotes and the same indentation; use four around text that contains three.
    """
    for document, fence in _fences(context):
        if not fence.closed:
            message = "This fence is never closed, so all text after it is taken for code."
            fix = "Close it with the same marks and indentation; use four backquotes around other fences."
            yield _violation(context, document, fence, 0, message, fix)


@rule("content/fence-language", "hint", default=False)
def fence_language(context: SkillContext) -> Iterator[Violation]:
    """Every code fence names its language.

    Without it, agents and highlighters guess, and may take output for commands.
    Source: https://spec.commonmark.org/0.31.2/#info-string

    Good:

        ```sh
        make test
        ```

    Bad:

        ```
        make test
        ```

    Fix: write the language after the opening marks; `text` if there is none.
    """
    for document, fence in _fences(context):
        if not fence.info and fence.closed:
            message = "The fence does not name its language, so agents guess whether it is code or output."
            fix = "Write the language after the opening marks; `text` if there is none."
            yield _violation(context, document, fence, 0, message, fix)


@rule("content/fence-syntax", "hint")
def fence_syntax(context: SkillContext) -> Iterator[Violation]:
    """Python, JSON and YAML in a code fence can be parsed.

    Agents copy examples literally. Omissions (`...`, `<your-key>`), prompts, and comments in JSON are allowed.
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

    Fix: correct the example, or name the language `text` if it is not meant to be parsed.
    """
    found = ((SNIPPET_LANGUAGES.get(each[1].info.partition(" ")[0].lower(), ""), *each) for each in _fences(context))
    known = [(language, document, fence) for language, document, fence in found if language and fence.closed]
    if not known:
        return
    errors = syntax_errors((language, fence.content) for language, _, fence in known)
    for (language, document, fence), error in zip(known, errors, strict=True):
        if error:
            message = f"This is not valid {language}: {shown(error[1])}."
            fix = f"Correct it, or do not name the language {language}."
            yield _violation(context, document, fence, error[0], message, fix)


def _fences(context: SkillContext) -> Iterator[tuple[MarkdownFile, Block]]:
    return ((document, fence) for document in context.documents for fence in document.markdown.fences)


def _violation(
    context: SkillContext, document: MarkdownFile, fence: Block, line: int, message: str, fix: str
) -> Violation:
    """A violation in `line` of the fence: 0 is its opening, 1 its first line of code."""
    number = document.markdown.first_line + fence.start + line
    first = fence.content.strip().partition("\n")[0][:60]
    return context.in_file(document.path, number, message, fix, key=f"{fence.info}: {first}")


# Marks of an omission: an ellipsis, a name in angle brackets or in capitals in braces, an expression of a template.
_ELISION = re.compile(
    r"\{[A-Z][A-Z_]+\}|\.\.\.|…|→|\{\{|\{%|<[A-Za-z_][^<>\n]{0,80}>|\$\{|\[[A-Z][A-Za-z ]{2,60}\]|\[[A-Za-z][\w -]{1,60}\](?=[\w.-])|: \d{1,9}-\d"
)
# The head of a request, whose body is the code.
_REQUEST = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE) \S+[^\n]*\n")
# What Python knows since 3.12: type aliases, and parameters of types.
_NEWER = re.compile(r"^\s{0,40}(?:type\s+\w+(?:\[[^\n]*\])?\s*=|(?:async\s+)?(?:def|class)\s+\w+\[)", re.MULTILINE)
_PROMPT = re.compile(r"^[^\S\n]*(?:>>>|\.\.\. |In \[\d+\]:|[%!$?]\s?\w)", re.MULTILINE)
# A line that begins like a call or the head of a definition, the words before its name, and a parameter in brackets.
_CALL = re.compile(r"^(?=(?:async )?(?:def |class )?[A-Za-z_][\w.]*\()", re.MULTILINE)
_CALLED = re.compile(r"^(?:async )?(?:def |class )?(?:\w+\.)*")
_OPTIONAL = re.compile(r"\[\s*,|(?<!\])\]+(?=\s*\))")
_COMMENT = re.compile(r"^([ \t]*)#.*$", re.MULTILINE)
_JSON_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|#[^\n]*')

SnippetError = tuple[int, str]
"""A line of the snippet, from 1, and the parser's message."""


def syntax_errors(snippets: Iterable[tuple[str, str]]) -> list[SnippetError | None]:
    """Parse snippets, each given as language and code; return the error of each.

    None for a snippet that can be parsed, or that cannot because something was left out.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about invalid escapes, which are none of our business
        return [_syntax_error(language, code) for language, code in snippets]


def _syntax_error(language: str, code: str) -> SnippetError | None:
    if not code.strip() or len(code) > MAX_SNIPPET or "\0" in code:
        return None
    return {"Python": _python, "JSON": _json, "YAML": _yaml}[language](code)


def _python(code: str) -> SnippetError | None:
    if not code[0].isspace() and python_error(code) is None:  # as nearly always
        return None
    if _PROMPT.search(code):
        return None
    code = textwrap.dedent(code)
    error = python_error(code)
    if error is None:
        return None
    # forms that are no module: the body of a (coroutine) function, a signature without a body, a comment as a body
    inner = "async def _():\n" + textwrap.indent(code, " ")
    parts = (_signature(part) for part in _CALL.split(code))
    forms = (inner, f"{code.rstrip()}\n    pass", _COMMENT.sub(r"\1pass", code), "".join(parts))
    return None if any(python_error(form) is None for form in forms) or is_left_out(code, error[0]) else error


def _signature(part: str) -> str:
    """A call signature, such as `shop.add(item: Item, *, count=1[, note]) -> None`, as a function; other code as it is."""
    if not _CALL.match(part):
        return part
    part = _OPTIONAL.sub(lambda found: "," if "," in found[0] else "", part)
    return f"{_CALLED.sub('def ', part, count=1).rstrip().rstrip(':')}: pass\n"


def python_error(code: str | bytes) -> SnippetError | None:
    """The error of Python's parser for a program; None when it has none, or gives up."""
    try:
        try:
            # takes half the time, and finds more: `return` outside a function
            symtable(code, "", "exec")  # type: ignore[arg-type]  # bytes too
        except SyntaxError:
            ast.parse(code)
    except SyntaxError as error:
        # a limit of Python's parser, or an f-string, which 3.12 reads differently; Python tells them apart by the text alone
        if error.msg and error.msg.startswith(("too many", "Exceeds the limit", "f-string")):
            return None
        text = code if isinstance(code, str) else code.decode("utf-8", "replace")
        if sys.version_info < (3, 12) and _NEWER.search(text):
            return None
        return error.lineno or 1, (error.msg or "it cannot be parsed").rstrip(".")
    except (ValueError, MemoryError, RecursionError):  # nested too deeply for the parser
        return None
    return None


def _json(code: str) -> SnippetError | None:
    error = _json_error(code)
    # with comments, it is an illustration, often of several parts
    if error is None or _REQUEST.match(code) or any(match[0][0] != '"' for match in _JSON_COMMENT.finditer(code)):
        return None
    inner = code.strip().strip(",")
    if any(_json_error(form) is None for form in (f"{{{inner}}}", f"[{inner}]")):
        return None
    return None if _is_several(code) or is_left_out(code, error[0]) else error


def _json_error(code: str) -> SnippetError | None:
    try:
        json.loads(code, strict=False)
    except json.JSONDecodeError as error:
        return error.lineno, error.msg
    except (RecursionError, ValueError):
        return None
    return None


def _is_several(code: str) -> bool:
    """Whether it is several JSON values in a row, as in a log or a dialogue."""
    decoder, at, text = json.JSONDecoder(strict=False), 0, code.strip()
    try:
        while at < len(text):
            _, at = decoder.raw_decode(text, at)
            while at < len(text) and text[at].isspace():
                at += 1
    except (json.JSONDecodeError, RecursionError):
        return False
    return True


def _yaml(code: str) -> SnippetError | None:
    for part in re.split(r"^---.*$", textwrap.dedent(code), flags=re.MULTILINE):
        _, faults = parse(part)
        fault = next((fault for fault in faults if fault.what == "syntax"), None)
        if fault and not fault.is_strict:
            line = fault.line + code.count("\n", 0, max(code.find(part), 0))
            if not is_left_out(code, line):
                return line, fault.detail.rstrip(".")
    return None


def is_left_out(code: str, line: int) -> bool:
    """Whether something was left out in the line of an error, or near enough before it to be the cause."""
    rows = code.split("\n")
    return bool(_ELISION.search("\n".join(rows[max(line - 4, 0) : line + 1])))
