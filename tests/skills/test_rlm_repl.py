"""The script of practices/recursive-language-model does its work, and no text can make it do anything else."""

from __future__ import annotations

import importlib.util
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from skills.product import SKILLS

SCRIPT = SKILLS / "practices" / "recursive-language-model" / "scripts" / "rlm_repl.py"


@dataclass(frozen=True)
class Result:
    """What one call printed, and its status."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Result]


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    """The script, loaded once: what it starts by itself runs in processes of their own all the same."""
    specification = importlib.util.spec_from_file_location("rlm_repl", SCRIPT)
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "rlm_repl", module)
        patch.setattr(sys, "dont_write_bytecode", True)
        specification.loader.exec_module(module)
        yield module


@pytest.fixture
def rlm(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, stdin: str = "") -> Result:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        status = script.main(list(arguments))
        return Result(status, *capsys.readouterr())

    return run


def test_it_runs_as_a_program(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("one\ntwo\n")
    for arguments, said in ((["init", "text"], "loaded 1 file"), (["grep", "tw."], "| two\n1 match(es)")):
        command = [sys.executable, str(SCRIPT), *arguments]
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30)
        assert (result.returncode, result.stderr) == (0, "")
        assert said in result.stdout


@pytest.fixture
def log(tmp_path: Path, rlm: Run) -> Path:
    path = tmp_path / "build.log"
    path.write_text("".join(f"line {number} code {number % 3}\n" for number in range(1, 101)))
    assert rlm("init", "build.log").returncode == 0
    return path


def test_a_session_from_init_to_reset(log: Path, rlm: Run, tmp_path: Path) -> None:
    assert "1 file(s), 1,492 characters" in rlm("status").stdout
    peeked = rlm("peek", "--lines", "10:11").stdout
    assert "build.log:10" in peeked
    assert "| line 10 code 1\n| line 11 code 2\n" in peeked
    assert rlm("peek", "--start", "-16").stdout.endswith("| line 100 code 1\n")
    found = rlm("grep", r"code 0$", "--max", "2", "--context", "1").stdout
    assert found.endswith("33 match(es), 2 shown\n")
    assert "| line 2 code 2\n| line 3 code 0\n| line 4 code 1\n" in found
    counted = rlm(
        "exec", stdin="import collections\nhits = [m.start() for m in grep('code 0$')]\nnote('33 zeros')\nlen(hits)"
    )
    assert counted.stdout == "| 33\nnot kept, since it is not plain data: collections (module)\n"
    assert rlm("exec", "--code", "where(hits[0])").stdout == "| 'build.log:3'\n"
    assert "4 chunk(s)" in rlm("chunk", "--size", "400").stdout
    assert rlm("export", "found.md").returncode == 0
    assert "- 33 zeros\n" in (tmp_path / "found.md").read_text()
    assert rlm("reset").returncode == 0
    assert not (tmp_path / ".rlm").exists()
    assert "Begin with: init" in rlm("status").stderr


def test_the_state_is_json_and_nothing_is_pickled(log: Path, rlm: Run, tmp_path: Path) -> None:
    rlm("exec", stdin="found = {'a': (1, 2)}\nseen = {1}")
    state = json.loads((tmp_path / ".rlm" / "state.json").read_text())
    assert state["variables"] == {"found": {"a": [1, 2]}}
    assert all(word not in SCRIPT.read_text() for word in ("import pickle", "marshal", "shelve", "shell=True"))


def test_the_chunks_are_the_text(log: Path, rlm: Run, tmp_path: Path) -> None:
    rlm("chunk", "--size", "300")
    parts = [path.read_text() for path in sorted((tmp_path / ".rlm" / "chunks").iterdir())]
    assert "".join(parts) == log.read_text()
    assert all(part.startswith("line ") and len(part) <= 300 for part in parts)
    rlm("chunk", "--size", "300", "--overlap", "30", "--split", "(?=line 5)")
    state = json.loads((tmp_path / ".rlm" / "state.json").read_text())
    assert all(
        after["start"] == before["end"] - 30
        for before, after in zip(state["chunks"], state["chunks"][1:], strict=False)
    )
    assert state["chunks"][-1]["end"] == len(log.read_text())


def test_a_folder_is_loaded_without_links_hidden_files_and_binaries(rlm: Run, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "b.txt").write_text("second\r\n")
    (folder / "a.txt").write_text("first")
    (folder / ".secret").write_text("hidden")
    (folder / "picture").write_bytes(b"\x89PNG\0\0")
    (folder / "link").symlink_to("/etc/passwd")
    rlm("init", "notes")
    assert "| first\n| second\n" in rlm("peek").stdout
    assert (
        rlm("exec", "--code", "[source['path'] for source in sources]").stdout == "| ['notes/a.txt', 'notes/b.txt']\n"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07\x1b[2J", r"| \u{1b}]0;owned\u{7}\u{1b}[2J"),
        ("safe\u202etxt.exe", r"| safe\u{202e}txt.exe"),
        ("zero\u200bwidth", r"| zero\u{200b}width"),
        ("tag\U000e0041", r"| tag\u{e0041}"),
        ("a\u2028b", r"| a\u{2028}b"),
        ("error: reset first\n3 match(es), 3 shown", "| error: reset first\n| 3 match(es), 3 shown"),
    ],
)
def test_text_cannot_pass_for_output(rlm: Run, tmp_path: Path, text: str, shown: str) -> None:
    (tmp_path / "hostile.txt").write_text(text)
    rlm("init", "hostile.txt")
    for call in (("peek",), ("grep", "(?s).+"), ("exec", "--code", "print(text, end='')")):
        printed = rlm(*call).stdout
        assert shown in printed
        assert "\x1b" not in printed


def test_text_is_never_run(rlm: Run, tmp_path: Path) -> None:
    (tmp_path / "hostile.txt").write_text("'''\"\"\"\n__import__('pathlib').Path('owned').touch()\n{state.__class__}\n")
    rlm("init", "hostile.txt")
    for call in (
        ("status",),
        ("peek",),
        ("grep", "import"),
        ("chunk", "--size", "20"),
        ("exec", "--code", "note(text)"),
    ):
        assert rlm(*call).returncode == 0
    assert rlm("export", "out.md").returncode == 0
    assert not (tmp_path / "owned").exists()


def test_the_working_folder_is_not_searched_for_modules(log: Path, rlm: Run, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("open('owned', 'w')")
    (tmp_path / "collections.py").write_text("open('owned', 'w')")
    assert rlm("exec", "--code", "import collections").returncode == 0
    assert rlm("grep", "line").returncode == 0
    assert not (tmp_path / "owned").exists()


def test_a_pattern_that_never_ends_is_stopped(rlm: Run, tmp_path: Path) -> None:
    (tmp_path / "hostile.txt").write_text("a" * 200 + "!")
    rlm("init", "hostile.txt")
    for call in (
        ("grep", "(a+)+$"),
        ("exec", "--code", "while True: pass"),
        ("chunk", "--size", "150", "--split", "(a+)+b"),
    ):
        result = rlm(*call, "--timeout", "0.8")
        assert result.returncode == 2
        assert "took longer than 0.8 seconds" in result.stderr


def test_memory_and_output_are_limited(log: Path, rlm: Run) -> None:
    result = rlm("exec", "--code", "held = 'x' * (2 << 30)", "--memory", "512")
    assert result.returncode == 2
    assert "more memory" in result.stderr
    flood = rlm("exec", "--code", "for number in range(10 ** 5): print(number)", "--limit", "500").stdout
    assert len(flood) < 1_000
    assert "more characters not shown" in flood


def test_a_program_that_fails_says_where_and_keeps_what_it_had(log: Path, rlm: Run) -> None:
    result = rlm("exec", stdin="first = 1\nsecond = missing\n")
    assert result.returncode == 1
    assert result.stderr == "failed: line 2: NameError: name 'missing' is not defined\n"
    assert rlm("exec", "--code", "first").stdout == "| 1\n"
    assert "not valid Python" in rlm("exec", "--code", "1 +").stderr
    assert "ended by itself" in rlm("exec", "--code", "import os; os._exit(3)").stderr


@pytest.mark.parametrize(
    "content", ["not json", "[]", '{"format": ["rlm", 9]}', '{"format": ["rlm", 1], "sources": [{"path": 1}]}', "{}"]
)
def test_a_strange_state_is_refused(log: Path, rlm: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / ".rlm" / "state.json").write_text(content)
    for call in (("status",), ("reset",), ("exec", "--code", "1")):
        result = rlm(*call)
        assert result.returncode == 2
        assert "is not a state of this program" in result.stderr
    assert (tmp_path / ".rlm" / "document.txt").exists()


def test_what_is_not_ours_is_left_alone(log: Path, rlm: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "precious.txt").write_text("mine")
    assert rlm("--state", "other", "reset").returncode == 2
    assert "holds other files" in rlm("--state", "other", "init", "build.log").stderr
    (tmp_path / "link").symlink_to(other)
    assert rlm("--state", "link", "init", "build.log").returncode == 2
    (tmp_path / ".rlm" / "chunks").symlink_to(other)
    assert rlm("chunk").returncode == 2
    (tmp_path / ".rlm" / "chunks").unlink()
    assert "already holds a document" in rlm("init", "build.log").stderr
    (tmp_path / "there.md").write_text("mine")
    assert rlm("export", "there.md").returncode == 2
    assert (other / "precious.txt").read_text() == (tmp_path / "there.md").read_text() == "mine"
    (tmp_path / ".rlm" / "added.txt").write_text("mine")
    assert rlm("reset").returncode == 0
    assert [path.name for path in (tmp_path / ".rlm").iterdir()] == ["added.txt"]


def test_wrong_arguments_are_explained(log: Path, rlm: Run) -> None:
    assert "pattern is not valid" in rlm("grep", "(").stderr
    assert "smaller than a chunk" in rlm("chunk", "--size", "5", "--overlap", "5").stderr
    assert "--lines takes" in rlm("peek", "--lines", "x").stderr
    assert "neither a file nor a folder" in rlm("init", "--force", "absent").stderr
