#!/usr/bin/env python3
"""Keep a text that is too long to read outside the conversation, and work on it by program.

    rlm_repl.py init FILE_OR_FOLDER...     take a snapshot of the text and begin
    rlm_repl.py status                     what is loaded, which variables and notes are kept
    rlm_repl.py peek --start 0 --length 2000
    rlm_repl.py grep 'ERROR .*timeout' --context 1
    rlm_repl.py exec < program.py          run Python on `text`; plain variables are kept
    rlm_repl.py chunk --size 60000         write pieces for delegation
    rlm_repl.py export answer.md           write notes and variables to a file
    rlm_repl.py reset                      forget everything

The text is data throughout: it is never executed, its control characters are shown as escapes, and each of its lines
is printed behind "| ", so that it cannot pass for a message of this program. The state is JSON. Code given to `exec`
comes from the caller and runs with the caller's rights, in a process of its own with limits on time, memory and output.
Standard library only.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

VERSION = 1
STATE_FILE = "state.json"
SNAPSHOT = "document.txt"
CHUNKS = "chunks"
MARK = "rlm"  # stands in the state, so that `reset` deletes nothing that is not ours

LARGEST_INPUT = 1 << 30
LARGEST_STATE = 16 << 20
SHOWN = 8_000


class UserError(Exception):
    """Something that the caller can mend; shown as one sentence."""


@dataclass(frozen=True)
class Source:
    """A file of the document and where it stands in the text."""

    path: str
    start: int
    end: int
    sha256: str


@dataclass
class State:
    """What is kept between two calls."""

    sources: list[Source]
    characters: int
    variables: dict[str, Any] = field(default_factory=dict)
    notes: list[Any] = field(default_factory=list)
    chunks: list[dict[str, Any]] = field(default_factory=list)


class Store:
    """The folder that holds state, snapshot and chunks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def exists(self) -> bool:
        return (self.folder / STATE_FILE).is_file()

    def begin(self, text: str, sources: list[Source]) -> State:
        if self.folder.is_symlink():
            raise UserError(f"{self.folder} is a symbolic link; name another folder with --state.")
        if self.folder.exists() and not self.exists() and any(self.folder.iterdir()):
            raise UserError(f"{self.folder} holds other files; name another folder with --state.")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.folder / SNAPSHOT).write_bytes(text.encode("utf-8"))
        state = State(sources, len(text))
        self.save(state)
        return state

    def load(self) -> State:
        path = self.folder / STATE_FILE
        if not path.is_file() or path.is_symlink():
            raise UserError(f"Nothing is loaded in {self.folder}. Begin with: init FILE")
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data.pop("format") != [MARK, VERSION]:
                raise ValueError("another format")
            data["sources"] = [Source(**source) for source in data["sources"]]
            return State(**data)
        except (ValueError, KeyError, TypeError) as problem:
            raise UserError(f"{path} is not a state of this program ({problem}). Begin anew with: init FILE") from None

    def save(self, state: State) -> None:
        content = json.dumps({"format": [MARK, VERSION], **asdict(state)}, allow_nan=False, ensure_ascii=True)
        if len(content) > LARGEST_STATE:
            raise UserError("The variables and notes take more than 16 MiB. Keep results, not copies of the text.")
        descriptor, name = tempfile.mkstemp(dir=self.folder, prefix="state-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
        Path(name).replace(self.folder / STATE_FILE)

    def text(self) -> str:
        return (self.folder / SNAPSHOT).read_bytes().decode("utf-8")


# --- the document ---------------------------------------------------------------------------------------------------


def gather(paths: list[str]) -> tuple[str, list[Source]]:
    """The text of files and folders, one after the other, and where each stands in it."""
    parts: list[str] = []
    sources: list[Source] = []
    position = total = 0
    for path, is_chosen in (found for given in paths for found in files_of(Path(given))):
        total += path.stat().st_size
        if total > LARGEST_INPUT:
            raise UserError("The documents are larger than 1 GiB together. Load a part of them.")
        content = path.read_bytes()
        if b"\0" in content[:8192] and not is_chosen:
            continue  # a picture or a program among the files of a folder
        part = content.decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
        part = part if part.endswith("\n") else f"{part}\n"
        digest = hashlib.sha256(content).hexdigest()
        sources.append(Source(str(path), position, position + len(part), digest))
        parts.append(part)
        position += len(part)
    if not sources:
        raise UserError("There is no text to load.")
    return "".join(parts), sources


def files_of(path: Path) -> Iterator[tuple[Path, bool]]:
    """The file itself, which was chosen, or a folder's files by name, which were not; no hidden ones, no links."""
    if path.is_file():
        yield path, True
        return
    if not path.is_dir():
        raise UserError(f"{path} is neither a file nor a folder.")
    for root, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            found = Path(root) / name
            if not name.startswith(".") and found.is_file() and not found.is_symlink():
                yield found, False


class Document:
    """The text, with the ways of looking into it that `exec` offers as well."""

    def __init__(self, text: str, sources: list[Source]) -> None:
        self.text = text
        self.sources = sources
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def line(self, offset: int) -> int:
        """The number of the line that `offset` stands in, from 1, counted through all files."""
        return bisect_right(self._starts, offset)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where the lines `first` to `last` begin and end."""
        count = len(self._starts)
        begin = self._starts[min(max(first, 1), count) - 1]
        return begin, self._starts[last] if last < count else len(self.text)

    def where(self, offset: int) -> str:
        """The file and the line in it, as FILE:LINE."""
        number = bisect_right([source.start for source in self.sources], offset) - 1
        source = self.sources[max(number, 0)]
        return f"{source.path}:{self.line(offset) - self.line(source.start) + 1}"

    def grep(self, pattern: str, flags: int = 0) -> Iterator[re.Match[str]]:
        """Every match; ^ and $ stand for the ends of lines."""
        return re.finditer(pattern, self.text, flags | re.MULTILINE)

    def chunks(self, size: int, overlap: int = 0, split: str = "\n") -> Iterator[tuple[int, int]]:
        """Spans of at most `size` characters, cut before a match of `split` where there is one in the last third."""
        if size < 1 or not 0 <= overlap < size:
            raise UserError("A chunk has at least one character, and the overlap is smaller than a chunk.")
        boundary = re.compile(split, re.MULTILINE)
        start = 0
        while start < len(self.text):
            end = min(start + size, len(self.text))
            if end < len(self.text):
                floor = max(end - size // 3, start + overlap + 1)
                cuts = [
                    found.end() if split == "\n" else found.start()
                    for found in boundary.finditer(self.text, floor, end)
                ]
                end = cuts[-1] if cuts and cuts[-1] > start + overlap else end
            yield start, end
            if end >= len(self.text):
                return
            start = end - overlap


# --- showing text ---------------------------------------------------------------------------------------------------


def quoted(text: str, limit: int) -> str:
    """`text` as data: control and format characters as escapes, every line behind a bar, cut at `limit`."""
    shown = "".join(map(_visible, text[:limit]))
    lines = shown.split("\n")
    if lines[-1] == "":
        lines.pop()
    rest = len(text) - limit
    tail = [f"({rest:,} more characters not shown)"] if rest > 0 else []
    return "\n".join([*(f"| {line}" for line in lines), *tail])


def _visible(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        return character
    return f"\\u{{{ord(character):x}}}"


# --- the process that works on the text -----------------------------------------------------------------------------


def isolated(store: Store, job: dict[str, Any], seconds: float, megabytes: int) -> dict[str, Any]:
    """Do `job` in a process of its own and return its result: patterns and programs can run for ever."""
    descriptor, name = tempfile.mkstemp(dir=store.folder, prefix="result-")
    os.close(descriptor)
    flags = ["-I"] if job["verb"] == "exec" else ["-I", "-S"]  # only a program may need installed packages
    job = {**job, "folder": str(store.folder), "result": name, "seconds": seconds, "megabytes": megabytes}
    try:
        done = subprocess.run(
            [sys.executable, *flags, "-X", "utf8", str(Path(__file__).resolve()), "--work"],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
        )
        content = Path(name).read_text(encoding="utf-8")
        if not content:
            raise UserError(f"It was stopped: out of memory or ended by itself (status {done.returncode}).")
        result: dict[str, Any] = json.loads(content)
    except subprocess.TimeoutExpired:
        raise UserError(
            f"It took longer than {seconds:g} seconds; nothing was kept. Raise --timeout or do less."
        ) from None
    finally:
        Path(name).unlink(missing_ok=True)
    if "error" in result:
        raise UserError(result["error"])
    return result


def work() -> int:
    """The other side of `isolated`."""
    job = json.loads(sys.stdin.read())
    _limit_memory(job["megabytes"])
    store = Store(Path(job["folder"]))
    state = store.load()
    document = Document(store.text(), state.sources)
    try:
        result = {"grep": _grep, "chunk": _chunk, "exec": _exec}[job["verb"]](document, state, job)
    except re.error as problem:
        result = {"error": f"The pattern is not valid: {problem}."}
    except UserError as problem:
        result = {"error": str(problem)}
    except MemoryError:
        result = {"error": "It needed more memory than --memory allows; nothing was kept."}
    Path(job["result"]).write_text(json.dumps(result), encoding="utf-8")
    return 0


def _limit_memory(megabytes: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))


def _grep(document: Document, state: State, job: dict[str, Any]) -> dict[str, Any]:
    pattern = re.escape(job["pattern"]) if job["fixed"] else job["pattern"]
    hits, count = [], 0
    for found in document.grep(pattern, re.IGNORECASE if job["ignore_case"] else 0):
        count += 1
        if len(hits) < job["max"]:
            first, last = document.line(found.start()), document.line(max(found.end() - 1, found.start()))
            start, end = document.span(first - job["context"], last + job["context"])
            hits.append(
                {"start": found.start(), "where": document.where(found.start()), "text": document.text[start:end]}
            )
    return {"count": count, "hits": hits}


def _chunk(document: Document, state: State, job: dict[str, Any]) -> dict[str, Any]:
    return {"spans": list(document.chunks(job["size"], job["overlap"], job["split"]))}


class _Capped(io.TextIOBase):
    """Keeps the beginning of what is written and counts the rest."""

    def __init__(self, limit: int) -> None:
        self.limit, self.size, self.parts = limit, 0, []  # type: int, int, list[str]

    def write(self, text: str) -> int:
        if self.size < self.limit:
            self.parts.append(text[: self.limit - self.size])
        self.size += len(text)
        return len(text)


def _exec(document: Document, state: State, job: dict[str, Any]) -> dict[str, Any]:
    output = _Capped(job["limit"])
    offered = {
        "text": document.text,
        "sources": [asdict(source) for source in document.sources],
        "grep": document.grep,
        "chunks": document.chunks,
        "line": document.line,
        "where": document.where,
        "notes": state.notes,
        "note": state.notes.append,
    }
    names = {"__name__": "__rlm__", **state.variables, **offered}
    failed = ""
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            for code in _statements(job["code"]):
                value = eval(code, names)  # the caller's program, never the document
                if value is not None:
                    print(repr(value))
        except (UserError, MemoryError):
            raise
        except BaseException as problem:
            failed = "".join(traceback.format_exception_only(problem)).strip()
            lines = [
                frame.lineno for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == "<exec>"
            ]
            failed = f"line {lines[0]}: {failed}" if lines else failed
    kept, dropped = {}, []
    for name, value in names.items():
        if name in offered or name.startswith("_"):
            continue
        try:
            kept[name] = json.loads(json.dumps(value, allow_nan=False))
        except (TypeError, ValueError, RecursionError):
            dropped.append(f"{name} ({type(value).__name__})")
    try:
        notes = json.loads(json.dumps(list(names["notes"]), allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return {"error": "A note is not plain data (text, numbers, lists, dictionaries); nothing was kept."}
    shown = "".join(output.parts)
    return {
        "output": shown,
        "cut": output.size - len(shown),
        "failed": failed,
        "kept": kept,
        "dropped": dropped,
        "notes": notes,
    }


def _statements(source: str) -> Iterator[CodeType]:
    """The program, and its last expression on its own so that its value can be shown."""
    tree = ast.parse(source, "<exec>")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    yield compile(tree, "<exec>", "exec")
    if isinstance(last, ast.Expr):
        yield compile(ast.Expression(last.value), "<exec>", "eval")


# --- verbs ----------------------------------------------------------------------------------------------------------


def do_init(store: Store, options: argparse.Namespace) -> int:
    if store.exists() and not options.force:
        raise UserError(f"{store.folder} already holds a document. Go on with it, or: init --force, or: reset")
    if store.exists():
        forget(store)
    text, sources = gather(options.documents)
    state = store.begin(text, sources)
    print(f"loaded {len(sources)} file(s), {state.characters:,} characters, {text.count(chr(10)):,} lines")
    return 0


def do_status(store: Store, options: argparse.Namespace) -> int:
    state = store.load()
    print(f"{len(state.sources)} file(s), {state.characters:,} characters, about {state.characters // 4:,} tokens")
    for source in state.sources[:20]:
        path = Path(source.path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        changed = "" if digest == source.sha256 else "  (changed or gone since init; the snapshot is used)"
        print(f"  {source.start:>12,} {quoted(source.path, 300)[2:]}{changed}")
    if len(state.sources) > 20:
        print(f"  and {len(state.sources) - 20} more")
    for name, value in state.variables.items():
        print(f"variable {name}: {type(value).__name__}" + (f" of {len(value)}" if hasattr(value, "__len__") else ""))
    print(f"{len(state.notes)} note(s), {len(state.chunks)} chunk(s)")
    return 0


def do_peek(store: Store, options: argparse.Namespace) -> int:
    document = Document(store.text(), store.load().sources)
    if options.lines:
        first, _, last = options.lines.partition(":")
        if not (first.isdigit() and (last or first).isdigit()):
            raise UserError("--lines takes FIRST:LAST, such as 100:140.")
        start, end = document.span(int(first), int(last or first))
    else:
        start = options.start if options.start >= 0 else max(len(document.text) + options.start, 0)
        end = min(start + options.length, len(document.text))
    print(f"characters {start:,} to {end:,} of {len(document.text):,}; {quoted(document.where(start), 300)[2:]}")
    print(quoted(document.text[start:end], options.limit))
    return 0


def do_grep(store: Store, options: argparse.Namespace) -> int:
    store.load()
    job = {"verb": "grep", "pattern": options.pattern, "fixed": options.fixed, "ignore_case": options.ignore_case}
    job |= {"max": options.max, "context": options.context}
    result = isolated(store, job, options.timeout, options.memory)
    left = options.limit
    for hit in result["hits"]:
        print(f"at {hit['start']:,} {quoted(hit['where'], 300)[2:]}")
        print(quoted(hit["text"], max(min(left, 2_000), 200)))
        left -= len(hit["text"])
    print(f"{result['count']:,} match(es), {len(result['hits'])} shown")
    return 0


def do_exec(store: Store, options: argparse.Namespace) -> int:
    state = store.load()
    code = options.code if options.code is not None else sys.stdin.read()
    try:
        ast.parse(code)
    except (SyntaxError, ValueError) as problem:
        raise UserError(f"The program is not valid Python: {problem}") from None
    result = isolated(store, {"verb": "exec", "code": code, "limit": options.limit}, options.timeout, options.memory)
    if result["output"]:
        print(quoted(result["output"], options.limit))
    if result["cut"]:
        print(f"({result['cut']:,} more characters not shown)")
    state.variables, state.notes = result["kept"], result["notes"]
    store.save(state)
    if result["dropped"]:
        print(f"not kept, since it is not plain data: {', '.join(result['dropped'])}")
    if result["failed"]:
        print(f"failed: {quoted(result['failed'], 1_000)[2:]}", file=sys.stderr)
        return 1
    return 0


def do_chunk(store: Store, options: argparse.Namespace) -> int:
    state = store.load()
    job = {"verb": "chunk", "size": options.size, "overlap": options.overlap, "split": options.split}
    spans = isolated(store, job, options.timeout, options.memory)["spans"]
    document = Document(store.text(), state.sources)
    folder = store.folder / CHUNKS
    if folder.is_symlink():
        raise UserError(f"{folder} is a symbolic link.")
    remove_chunks(folder)
    folder.mkdir(exist_ok=True)
    state.chunks = []
    for number, (start, end) in enumerate(spans, 1):
        path = folder / f"{number:04}.txt"
        path.write_text(document.text[start:end], encoding="utf-8")
        state.chunks.append({"file": str(path), "start": start, "end": end, "where": document.where(start)})
    store.save(state)
    print(f"{len(spans)} chunk(s) in {folder}")
    for chunk in state.chunks[: options.max]:
        print(f"{chunk['file']}  characters {chunk['start']:,} to {chunk['end']:,}  {quoted(chunk['where'], 300)[2:]}")
    return 0


def do_export(store: Store, options: argparse.Namespace) -> int:
    state = store.load()
    target = Path(options.target)
    if target.exists() and not options.force:
        raise UserError(f"{target} is there already. Name another file, or: export --force")
    if target.suffix == ".json":
        content = json.dumps({"notes": state.notes, "variables": state.variables}, indent=2, ensure_ascii=False) + "\n"
    else:
        rows = [note if isinstance(note, str) else json.dumps(note, ensure_ascii=False) for note in state.notes]
        content = "# Notes\n\n" + "".join(f"- {' '.join(row.split())}\n" for row in rows) + "\n# Variables\n\n"
        content += "".join(
            f"- `{name}`: {json.dumps(value, ensure_ascii=False)}\n" for name, value in state.variables.items()
        )
    target.write_text(content, encoding="utf-8")
    print(f"wrote {len(state.notes)} note(s) and {len(state.variables)} variable(s) to {target}")
    return 0


def do_reset(store: Store, options: argparse.Namespace) -> int:
    store.load()  # refuses a folder that is not ours
    forget(store)
    print(f"forgot everything in {store.folder}")
    return 0


def forget(store: Store) -> None:
    """Delete what this program wrote, and the folder if nothing else is in it."""
    remove_chunks(store.folder / CHUNKS)
    for name in (SNAPSHOT, STATE_FILE):
        (store.folder / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        store.folder.rmdir()


def remove_chunks(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", default=".rlm", metavar="DIR", help="where the state is kept (.rlm)")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, function: Any, summary: str, *, works: bool = False, shows: bool = False) -> Any:
        made = verbs.add_parser(name, help=summary, description=summary)
        made.set_defaults(function=function)
        if shows:
            made.add_argument("--limit", type=int, default=SHOWN, help=f"characters to show at most ({SHOWN})")
        if works:
            made.add_argument("--timeout", type=float, default=60, help="seconds after which it is stopped (60)")
            made.add_argument("--memory", type=int, default=4096, help="megabytes it may use (4096)")
        return made

    init = verb("init", do_init, "Take a snapshot of files or folders.")
    init.add_argument("documents", nargs="+", metavar="FILE_OR_FOLDER")
    init.add_argument("--force", action="store_true", help="forget what is loaded now")
    verb("status", do_status, "Show what is loaded and kept.")
    peek = verb("peek", do_peek, "Show a part of the text.", shows=True)
    peek.add_argument("--start", type=int, default=0, help="first character; negative counts from the end")
    peek.add_argument("--length", type=int, default=2_000)
    peek.add_argument("--lines", metavar="FIRST:LAST", help="lines instead of characters")
    grep = verb("grep", do_grep, "Find a pattern.", works=True, shows=True)
    grep.add_argument("pattern")
    grep.add_argument("--fixed", action="store_true", help="take the pattern to the letter")
    grep.add_argument("--ignore-case", action="store_true")
    grep.add_argument("--context", type=int, default=0, help="lines around each match")
    grep.add_argument("--max", type=int, default=20, help="matches to show (20); all are counted")
    program = verb("exec", do_exec, "Run Python on the text.", works=True, shows=True)
    program.add_argument("--code", help="the program; without it, standard input")
    chunk = verb("chunk", do_chunk, "Write the text in pieces.", works=True)
    chunk.add_argument("--size", type=int, default=60_000, help="characters a piece at most (60000)")
    chunk.add_argument("--overlap", type=int, default=0)
    chunk.add_argument("--split", default="\n", help="pattern before which a piece may end (a new line)")
    chunk.add_argument("--max", type=int, default=50, help="pieces to list (50); all are written")
    export = verb("export", do_export, "Write notes and variables to a file, as Markdown or .json.")
    export.add_argument("target")
    export.add_argument("--force", action="store_true", help="replace the file")
    verb("reset", do_reset, "Forget the text and everything kept.")
    return parser


def main(argv: list[str] | None = None) -> int:
    given = sys.argv[1:] if argv is None else argv
    if given == ["--work"]:
        return work()
    options = arguments().parse_args(given)
    try:
        return int(options.function(Store(Path(options.state)), options))
    except (UserError, OSError) as problem:
        print(f"error: {quoted(str(problem), 1_000)[2:]}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
