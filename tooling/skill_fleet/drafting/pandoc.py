"""Other markups through pandoc, in its sandbox and with limits: HTML, reStructuredText, Org, DOCX and so on.

The binary is that of the extra `documents` (pypandoc-binary), else one of 3.6 or newer on PATH.
"""

from __future__ import annotations

import html
import importlib.util
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from skill_fleet.errors import UserError

FORMATS = {
    f".{ending}": markup
    for markup, endings in {
        "html": "html htm xhtml", "rst": "rst rest", "org": "org", "mediawiki": "mediawiki wiki", "latex": "tex latex",
        "docx": "docx", "odt": "odt", "epub": "epub", "ipynb": "ipynb", "rtf": "rtf", "textile": "textile",
        "typst": "typ", "docbook": "dbk docbook", "asciidoc": "adoc asciidoc asc", "man": "man",
    }.items()
    for ending in endings.split()
}  # fmt: skip
BINARY = {"docx", "odt", "epub"}
_SECONDS = 30
_FEWEST = 5  # lost words that are worth a point
_VERSION = re.compile(r"pandoc(?:\.exe)? (\d+)\.(\d+)[\d.]*")
_WORD = re.compile(r"[^\W\d_]{3,}")
_UNSEEN = {"script", "style", "head", "template", "svg"}
_MARKUP = re.compile(
    r"^[ \t]*(?:\.\\\".*|\.[A-Za-z]{1,3}\b|#\+\w+:?|:[\w -]+:|\.\. [\w:-]+::|//.*|%.*)|\\[a-zA-Z]+|`*:[\w:]+:(?=`)",
    re.MULTILINE,
)
_UNDERLINE = "=-~^+"  # of titles, by level
_DELIMITER = re.compile(r"(-{4,}|\.{4,}|={4,}|_{4,}|\+{4,}|\*{4,}|/{4,}|```)$")
_DIRECTIVE = re.compile(r"(?:include|ifdef|ifndef|ifeval|endif)::\S*")


@dataclass(frozen=True)
class Converted:
    """The Markdown of a document, the converter with its version, the words that were lost, and its warnings."""

    text: str
    converter: str
    lost: Counter[str]
    warnings: str


def convert(data: bytes, markup: str, name: str) -> Converted:
    """Convert a document to Markdown. Raises UserError if pandoc is missing, too old, fails or takes too long."""
    found = _found()
    if found is None or found[1] < (3, 6):
        old = f" ({'.'.join(map(str, found[1]))} is too old)" if found else ""
        wrong = f"{name} is not Markdown, and there is no pandoc to convert it{old}."
        raise UserError(wrong, "pip install 'pypandoc-binary>=1.17'")
    program, version = found
    warnings: list[str] = []
    if markup == "asciidoc":
        if version < (3, 9):
            bare = name.rpartition(".")[0] or name
            tip = f"Convert it: asciidoctor -b docbook -o - {name} | pandoc -f docbook -t gfm -o {bare}.md"
            raise UserError(f"{name} is AsciiDoc, which pandoc reads from version 3.9 on.", tip)
        text, directives = prepare_asciidoc(data.decode("utf-8"))
        data = text.encode()
        warnings += [f"Directives not resolved: {', '.join(directives[:5])}."] if directives else []
    command = [
        program, "+RTS", "-M1g", "-RTS", "-f", markup, "-t", "gfm-raw_html-tex_math_dollars", "-s", "--sandbox", "--wrap=none",
        "-M", f"markup={markup}", "-L", str(Path(__file__).with_name("plain.lua")),
    ]  # fmt: skip
    try:
        with tempfile.TemporaryDirectory() as empty:
            done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, cwd=empty, check=False)
    except subprocess.TimeoutExpired:
        raise UserError(f"pandoc needs more than {_SECONDS} seconds for {name}.", "Split it, or name a part.") from None
    said = " ".join(done.stderr.decode("utf-8", "replace").replace("[WARNING]", " ").split())
    if done.returncode:
        reason = said[:200] or f"exit status {done.returncode}"
        raise UserError(f"pandoc cannot read {name} as {markup}: {reason}", "Save it as Markdown and try again.")
    text = done.stdout.decode("utf-8").replace("\r\n", "\n").replace("\u00a0", " ")
    warnings += [said[:300]] if said else []
    lost = Counter[str]() if markup in {*BINARY, "ipynb", "rtf"} else _words(_prose(data, markup)) - _words(text)
    label = f"pandoc {'.'.join(map(str, version))} ({markup})"
    return Converted(text, label, lost if lost.total() >= _FEWEST else Counter(), " ".join(warnings))


@cache
def _found() -> tuple[str, tuple[int, int]] | None:
    """The program and its version: the one of pypandoc-binary, or the first on PATH."""
    spec = importlib.util.find_spec("pypandoc")
    bundled = Path(spec.origin).parent / "files" if spec and spec.origin else None
    for program in (shutil.which("pandoc", path=str(bundled)) if bundled else None, shutil.which("pandoc")):
        try:
            command = [program or "", "--version"]
            said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout
        except (OSError, subprocess.TimeoutExpired):
            continue
        if found := _VERSION.match(said):
            return command[0], (int(found[1]), int(found[2]))
    return None


def _words(text: str) -> Counter[str]:
    return Counter(word.lower() for word in _WORD.findall(text))


def _prose(data: bytes, markup: str) -> str:
    """About what a reader sees of a source. Each character is looked at once."""
    source = data.decode("utf-8", "replace")
    if markup not in ("html", "docbook"):
        return _MARKUP.sub(" ", source)
    texts: list[str] = []
    unseen = ""
    for number, part in enumerate(source.split("<")):
        tag, _, text = part.partition(">") if number else ("", "", part)
        name = tag.partition(" ")[0].strip("\r\n\t ").lower()
        if unseen:
            unseen = "" if name == f"/{unseen}" else unseen
        elif name in _UNSEEN:
            unseen = name
        texts += [] if unseen or name.startswith("!--") else [text]
    return html.unescape(" ".join(texts))


def prepare_asciidoc(source: str) -> tuple[str, list[str]]:
    """AsciiDoc with two-line titles rewritten on one line, and includes and conditions commented out; those directives."""
    out, directives = list[str](), list[str]()
    inside, described = "", False
    lines = iter(zip((lines := source.split("\n")), [*lines[1:], ""], strict=True))
    for line, below in lines:
        below, stripped = below.rstrip(), line.strip()
        is_title = len(below) > 2 and below == below[0] * len(below) and abs(len(below) - len(line)) <= 2
        after_block = not out or not out[-1].strip() or out[-1].startswith(("[", "//"))
        if is_title and below[0] in _UNDERLINE and not inside and stripped and line[0] not in ".[/=" and after_block:
            out += [f"{'=' * (_UNDERLINE.index(below[0]) + 1)} {line}", ""]
            next(lines)
            continue
        if _DELIMITER.match(line.rstrip()):
            inside = "" if inside == line.rstrip() else inside or line.rstrip()
        if described and line[:1] in " \t" and stripped and not inside:
            line = line.lstrip()  # what is said of a term would be read as code
        described = line.rstrip().endswith(("::", ";;")) or (described and stripped not in ("", "+"))
        if _DIRECTIVE.match(line):
            directives.append(stripped)
            line = f"// {line}"
        out.append(line)
    return "\n".join(out), directives
