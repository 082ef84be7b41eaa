"""Whether an example in Python, JSON or YAML can be read as that, given that examples leave things out."""

from __future__ import annotations

import ast
import json
import re
import textwrap
import warnings
from collections.abc import Iterable

from skill_fleet.markdown import parse

LANGUAGES = {
    **dict.fromkeys(("python", "py", "python3"), "Python"),
    "json": "JSON",
    **dict.fromkeys(("yaml", "yml"), "YAML"),
}
MAX_SNIPPET = 50_000

# What stands for something that was left out: an ellipsis, a name in angle brackets, a template's expression.
_ELISION = re.compile(r"\.\.\.|…|\{\{|\{%|<[A-Za-z_][^<>\n]{0,80}>|\$\{|\[[A-Z][A-Za-z ]{2,60}\]")
_PROMPT = re.compile(r"^[^\S\n]*(?:>>>|\.\.\. |In \[\d+\]:|[%!$?]\s?\w)", re.MULTILINE)
_COMMENT = re.compile(r"^([ \t]*)#.*$", re.MULTILINE)
_JSON_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|#[^\n]*')
_TRAILING_COMMA = re.compile(r'"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])')

Complaint = tuple[int, str]
"""A line of the snippet, from 1, and what is wrong there."""


def _complaint(language: str, code: str) -> Complaint | None:
    """What is wrong with `code`; None when it can be read, or when it cannot but something was left out of it."""
    if not code.strip() or len(code) > MAX_SNIPPET or "\0" in code:
        return None
    return {"Python": _python, "JSON": _json, "YAML": _yaml}[language](code)


def complaints(snippets: Iterable[tuple[str, str]]) -> list[Complaint | None]:
    """The complaint about each of many snippets, given as language and code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape is the example's business
        return [_complaint(language, code) for language, code in snippets]


def _python(code: str) -> Complaint | None:
    if not code[0].isspace() and _python_error(code) is None:  # as it is with nearly all
        return None
    if _PROMPT.search(code):
        return None
    wrong = _python_error(textwrap.dedent(code))
    if wrong is None:
        return None
    # forms that are no module on their own: the inside of a (coroutine) function, a signature without a body, a body
    # that a comment stands for
    code = textwrap.dedent(code)
    inner = "async def _():\n" + textwrap.indent(code, " ")
    forms = (inner, f"{code.rstrip()}\n    pass", _COMMENT.sub(r"\1pass", code))
    return None if any(_python_error(form) is None for form in forms) or _left_out(code, wrong[0]) else wrong


def _python_error(code: str) -> Complaint | None:
    try:
        ast.parse(code)
    except SyntaxError as error:
        if error.msg and error.msg.startswith(("too many", "Exceeds the limit")):  # of the parser, not of the language
            return None
        return error.lineno or 1, (error.msg or "it cannot be parsed").rstrip(".")
    except (ValueError, MemoryError, RecursionError):  # nested too deep for the parser: nothing was learnt
        return None
    return None


def _json(code: str) -> Complaint | None:
    wrong = _json_error(code)
    if wrong is None:
        return None
    plain = _JSON_COMMENT.sub(lambda match: match[0] if match[0][0] == '"' else "", code)
    if plain != code:  # JSON with comments, which allows a comma at the end too
        plain = _TRAILING_COMMA.sub(lambda match: match[0] if match[0][0] == '"' else "", plain)
    bare = plain.strip().strip(",")
    if _json_error(plain) is None or _json_error(f"{{{bare}}}") is None or _json_error(f"[{bare}]") is None:
        return None
    if _are_documents(plain) or _left_out(code, wrong[0]):
        return None
    return wrong


def _json_error(code: str) -> Complaint | None:
    try:
        json.loads(code, strict=False)
    except json.JSONDecodeError as error:
        return error.lineno, error.msg
    except (RecursionError, ValueError):
        return None
    return None


def _are_documents(code: str) -> bool:
    """Whether it is several JSON texts one after the other, as in a log or a dialogue."""
    decoder, at, text = json.JSONDecoder(strict=False), 0, code.strip()
    try:
        while at < len(text):
            _, at = decoder.raw_decode(text, at)
            while at < len(text) and text[at].isspace():
                at += 1
    except (json.JSONDecodeError, RecursionError):
        return False
    return True


def _yaml(code: str) -> Complaint | None:
    for part in re.split(r"^---.*$", textwrap.dedent(code), flags=re.MULTILINE):
        _, faults = parse(part)
        wrong = next((fault for fault in faults if fault.what == "syntax"), None)
        if wrong and "second YAML document" not in wrong.detail and "levels deep" not in wrong.detail:
            line = wrong.line + code.count("\n", 0, max(code.find(part), 0))
            if not _left_out(code, line):
                return line, wrong.detail.rstrip(".")
    return None


def _left_out(code: str, line: int) -> bool:
    """Whether something was left out on the line of an error, or so near before it that it may be the cause."""
    rows = code.split("\n")
    return bool(_ELISION.search("\n".join(rows[max(line - 4, 0) : line + 1])))
