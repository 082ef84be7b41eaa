"""Other markups through pandoc, in its sandbox and with limits: HTML, reStructuredText, Org, DOCX and so on.

The binary is that of the extra `documents` (pypandoc-binary), else one of 3.6 or newer on PATH.
"""

from __future__ import annotations

import html
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
    ".html": "html", ".htm": "html", ".xhtml": "html", ".rst": "rst", ".rest": "rst", ".org": "org",
    ".mediawiki": "mediawiki", ".wiki": "mediawiki", ".tex": "latex", ".latex": "latex", ".docx": "docx", ".odt": "odt",
    ".epub": "epub", ".ipynb": "ipynb", ".rtf": "rtf", ".textile": "textile", ".typ": "typst", ".dbk": "docbook",
    ".docbook": "docbook", ".fb2": "fb2", ".adoc": "asciidoc", ".asciidoc": "asciidoc", ".asc": "asciidoc",
    ".man": "man",
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
_UNDERLINE = {"=": "=", "-": "==", "~": "===", "^": "====", "+": "====="}
_DELIMITER = re.compile(r"(-{4,}|\.{4,}|={4,}|_{4,}|\+{4,}|\*{4,}|/{4,}|```)$")
_DIRECTIVE = re.compile(r"(?:include|ifdef|ifndef|ifeval|endif)::\S*")


@dataclass(frozen=True)
class Converted:
    """The Markdown of a document, the converter with its version, how many words were lost and some, and its warnings."""

    text: str
    converter: str
    lost: int = 0
    examples: tuple[str, ...] = ()
    warnings: str = ""


def convert(data: bytes, markup: str, name: str) -> Converted:
    """Convert a document to Markdown. Raises UserError if pandoc is missing, too old, fails or takes too long."""
    program, version = _pandoc(name)
    warnings: list[str] = []
    if markup == "asciidoc":
        if version < (3, 9):
            tip = f"Convert it: asciidoctor -b docbook -o - {name} | pandoc -f docbook -t gfm -o {_target(name)}"
            raise UserError(f"{name} is AsciiDoc, which pandoc reads from version 3.9 on.", tip)
        text, directives = prepare_asciidoc(data.decode("utf-8"))
        data = text.encode()
        warnings += [f"Directives not resolved: {', '.join(directives[:5])}."] if directives else []
    keep = {"html": ["-M", "keep-headings"], "rst": ["-M", "directives"], "asciidoc": ["-M", "split-code"]}.get(
        markup, []
    )
    command = [
        program, "+RTS", "-M1g", "-RTS", "-f", markup, "-t", "gfm-raw_html-tex_math_dollars", "-s", "--sandbox", "--wrap=none", *keep,
        "-L", str(Path(__file__).with_name("plain.lua")),
    ]  # fmt: skip
    try:
        with tempfile.TemporaryDirectory() as empty:
            done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, cwd=empty, check=False)
    except subprocess.TimeoutExpired:
        raise UserError(f"pandoc needs more than {_SECONDS} seconds for {name}.", "Split it, or name a part.") from None
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode:
        reason = " ".join(said.split())[:200] or f"exit status {done.returncode}"
        raise UserError(f"pandoc cannot read {name} as {markup}: {reason}", "Save it as Markdown and try again.")
    text = done.stdout.decode("utf-8").replace("\r\n", "\n").replace("\u00a0", " ")
    if said:
        warnings.append(" ".join(said.replace("[WARNING]", " ").split())[:300])
    lost = {} if markup in {*BINARY, "ipynb", "rtf"} else _lost(data.decode("utf-8", "replace"), text, markup)
    total = sum(lost.values())
    if total < _FEWEST:
        total, lost = 0, {}
    label = ".".join(map(str, version))
    return Converted(text, f"pandoc {label} ({markup})", total, tuple(lost)[:20], " ".join(warnings))


@cache
def _found() -> tuple[str, tuple[int, int]] | None:
    programs: list[str] = []
    try:
        import pypandoc  # type: ignore[import-untyped]

        bundled = Path(pypandoc.__file__).parent / "files" / "pandoc"
        programs += [str(path) for path in (bundled, bundled.with_suffix(".exe")) if path.is_file()]
    except ImportError:
        pass
    on_path = shutil.which("pandoc")
    for program in [*programs, *([on_path] if on_path else [])]:
        try:
            said = subprocess.run(
                [program, "--version"], capture_output=True, text=True, timeout=10, check=False
            ).stdout
        except (OSError, subprocess.TimeoutExpired):
            continue
        if found := _VERSION.match(said):
            return program, (int(found[1]), int(found[2]))
    return None


def _pandoc(name: str) -> tuple[str, tuple[int, int]]:
    found = _found()
    if found is None or found[1] < (3, 6):
        old = f" ({'.'.join(map(str, found[1]))} is too old)" if found else ""
        raise UserError(
            f"{name} is not Markdown, and there is no pandoc to convert it{old}.",
            "pip install 'pypandoc-binary>=1.17'",
        )
    return found


def _target(name: str) -> str:
    return f"{name.rpartition('.')[0] or name}.md"


def _lost(source: str, text: str, markup: str) -> dict[str, int]:
    """Words of the source that are missing from the converted text, with how many, in the order of the source."""
    source = _text_of_html(source) if markup in ("html", "docbook", "fb2") else _MARKUP.sub(" ", source)
    have = Counter(word.lower() for word in _WORD.findall(text))
    wanted = Counter(word.lower() for word in _WORD.findall(source))
    return {word: count - have[word] for word, count in wanted.items() if count > have[word]}


def _text_of_html(source: str) -> str:
    """The text between the tags, without what no reader sees. Each character is looked at once."""
    texts: list[str] = []
    unseen = ""
    for number, part in enumerate(source.split("<")):
        tag, _, text = part.partition(">")
        name = tag.partition(" ")[0].strip("\r\n\t ").lower() if number else ""
        if unseen:
            unseen = "" if name == f"/{unseen}" else unseen
        elif name in _UNSEEN:
            unseen = name
        if not unseen and not name.startswith("!--"):
            texts.append(text if number else part)
    return html.unescape(" ".join(texts))


def prepare_asciidoc(source: str) -> tuple[str, list[str]]:
    """AsciiDoc with two-line titles rewritten on one line, and includes and conditions commented out; those directives."""
    lines, out, directives = source.split("\n"), list[str](), list[str]()
    inside, at, described = "", 0, False
    while at < len(lines):
        line, below = lines[at], lines[at + 1].rstrip() if at + 1 < len(lines) else ""
        is_title = (
            len(below) > 2 and below[0] in _UNDERLINE and {*below} == {below[0]} and abs(len(below) - len(line)) <= 2
        )
        after_block = not out or not out[-1].strip() or out[-1].startswith(("[", "//"))
        if not inside and is_title and line.strip() and line[0] not in ".[/=" and after_block:
            out += [f"{_UNDERLINE[below[0]]} {line}", ""]
            at += 2
            continue
        if _DELIMITER.match(line.rstrip()):
            inside = "" if inside == line.rstrip() else inside or line.rstrip()
        if described and line[:1] in " \t" and line.strip() and not inside:
            line = line.lstrip()  # what is said of a term would be read as code
        described = line.rstrip().endswith(("::", ";;")) or (described and bool(line.strip()) and line.strip() != "+")
        if _DIRECTIVE.match(line):
            directives.append(line.strip())
            line = f"// {line}"
        out.append(line)
        at += 1
    return "\n".join(out), directives
