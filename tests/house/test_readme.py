"""README's commands run as they are written, one after the other, in a fresh clone."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from house.copies import fresh_clone
from house.imports import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(console|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_STOP = "=== end of command, status "


@dataclass(frozen=True)
class Command:
    """One command line, and what README shows of its output ('' when it shows nothing)."""

    line: str
    shown: str


def commands(text: str) -> Iterator[Command]:
    """The lines that begin with `$ ` in the fenced blocks, each with the lines below it."""
    for block in _BLOCK.findall(text):
        for part in re.split(r"^\$ ", block[1], flags=re.MULTILINE)[1:]:
            line, _, shown = part.partition("\n")
            yield Command(line.strip(), shown.strip("\n"))


def skipped(line: str) -> str:
    """Why a command is not run here, '' when it is."""
    if re.match(r"make (?!demo|help)", line):
        return "it would run these tests from these tests"
    if "--harness" in line:
        return "it needs a model or an agent"
    if line.startswith("make demo"):
        return "a test of its own runs the demo"
    return "it installs something" if re.match(r"(?:python\S* -m )?pip ", line) else ""


def normal(text: str, folder: Path) -> str:
    """A text without what differs from run to run: ids, dates, the path of the clone."""
    text = re.sub(r"\b[0-9a-f]{7,64}\b", "ID", text.replace(f"{folder}/", "").replace(str(folder), "."))
    text = re.sub(
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?: UTC|:\d\d\S*)|just now|\d+ \w+ ago|^Date: .*",
        "TIME",
        text,
        flags=re.MULTILINE,
    )
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def test_readme_has_commands() -> None:
    """README shows commands; without any, the test below would hold nothing."""
    assert len(list(commands(README))) >= 5, "README.md has no ```console blocks with lines that begin with `$ `"


def test_first_block_is_the_two_commands() -> None:
    """A newcomer reads `make demo` and `make test` first, and both are targets of the Makefile."""
    first = _BLOCK.search(README)
    assert first
    made = re.findall(r"^make (\w+)", first[2].replace("$ ", ""), re.MULTILINE)

    assert made == ["demo", "test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(
        re.search(rf"^{target}:", makefile, re.MULTILINE) for target in re.findall(r"^(?:\$ )?make (\w+)", README)
    )


def test_commands_run_as_written(tmp_path: Path) -> None:
    """All of them succeed, in one shell, in one fresh clone; where output is shown, it is that."""
    copy = fresh_clone(tmp_path)
    todo = [command for command in commands(README) if not skipped(command.line)]
    assert todo
    script = "".join(f"{command.line}\nprintf '\\n%s%s\\n' '{_STOP}' $?\n" for command in todo)
    done = subprocess.run(
        ["bash"], input=script.encode(), cwd=copy.path, env=copy.environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    output, *ends = done.stdout.decode().split(_STOP)
    for command, end in zip(todo, ends, strict=True):
        status, _, following = end.partition("\n")
        assert status == "0", f"$ {command.line}\n{output}"
        if command.shown:
            assert normal(output, copy.path) == normal(command.shown, copy.path), command.line
        output = following


@pytest.mark.parametrize("number", range(1, 3))
def test_the_reader_of_blocks(number: int) -> None:
    """Commands, output, several in a block, and blocks of other languages are distinguished."""
    text = "```console\n$ a 'b c'\nout\n\nmore\n$ d\n```\n```text\n$ no\n```\n```sh\nmake x\n$ e  \n```\n" * number

    assert list(commands(text)) == [Command("a 'b c'", "out\n\nmore"), Command("d", ""), Command("e", "")] * number
