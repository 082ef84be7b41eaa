"""The agent under test: what it is given, what it cannot find, and what becomes of it and of what it made."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from skill_fleet.agents import (
    File,
    Isolation,
    Output,
    Sandbox,
    execute,
    find_harness,
    fresh_folder,
    isolations_here,
    run_task,
)
from skill_fleet.errors import UserError
from skill_fleet.evals import Case, case_of, grade

OPEN = Sandbox()
SKILL = {"colours": {"SKILL.md": File(b"Answer BLUE."), "scripts/mix.sh": File(b"#!/bin/sh\necho mixed\n", True)}}


def case(files: Mapping[str, bytes] = {}, hidden: Mapping[str, bytes] = {}, **data: Any) -> Case:
    """A case with these fields, and one check unless others are given."""
    facts = {
        "id": 1,
        "prompt": "Do it: ü",
        "assertions": ["It is so", "It is not", "Nobody says"],
        "checks": [],
        **data,
    }
    return case_of(facts, *({name: File(content) for name, content in group.items()} for group in (files, hidden)))


def ran(script: str, task: Case | None = None, skills: Any = SKILL, isolation: str = "none", **more: Any) -> Output:
    """Run a task with a shell script as the agent."""
    harness = find_harness(["sh", "-c", script, "agent", "{prompt}"], "", "", "m-1", isolation, **more)
    return run_task(harness, (task or case()).task, skills, threading.Event())


def test_the_prompt_goes_in_and_answer_and_files_come_out() -> None:
    """By standard input and as a word of the command; files with their modes, also below folders."""
    output = ran(
        'cat; printf " $1"; mkdir -p a/b; echo made > a/b/c; printf x > run; chmod +x run; ln -s / root; exit 3'
    )

    assert (output.answer, output.exit) == ("Do it: ü Do it: ü", 3)
    assert output.files == {"a/b/c": File(b"made\n"), "run": File(b"x", True)}


def test_the_skill_is_staged_and_is_no_output() -> None:
    """Its files are in the project with their modes, and are not among what the agent made."""
    output = ran('cat "$SKILL_FLEET_SKILLS/colours/SKILL.md"; .agents/skills/colours/scripts/mix.sh; touch new')

    assert output.answer == "Answer BLUE.mixed\n"
    assert output.files.keys() == {"new"}
    assert ran("ls -A", skills={}).answer == ""


def test_there_is_no_other_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """HOME is fresh, and only what is passed on comes from outside."""
    monkeypatch.setenv("SECRET_API_KEY", "secret")
    monkeypatch.setenv("WANTED", "yes")
    output = ran("env; ls -A $HOME | wc -l; echo $HOME", passed=("WANTED",))

    assert "secret" not in output.answer and "WANTED=yes" in output.answer
    assert "SKILL_FLEET_MODEL=m-1" in output.answer
    assert output.answer.rstrip().rpartition("\n")[2] != os.environ["HOME"]


def test_the_whole_group_is_killed_when_the_time_is_over(tmp_path: Path) -> None:
    """A timeout is a run with what is there by then; no process that the agent began outlives it."""
    begin = time.monotonic()
    output = ran(
        f"echo half; echo made > file; (sleep 60; touch {tmp_path}/later) & echo $! ; sleep 60", case(timeout=0.5)
    )

    assert time.monotonic() - begin < 10
    assert output.exit is None and output.answer.startswith("half\n") and "file" in output.files
    assert_gone(int(output.answer.split()[1]))


def test_what_the_agent_leaves_running_is_killed() -> None:
    """Also when it has ended in time."""
    assert_gone(int(ran("sleep 60 >/dev/null & echo $!").answer))


def assert_gone(number: int) -> None:
    """The process does not exist, or waits for whoever inherited it."""
    for _ in range(100):
        try:
            if "\nState:\tZ" in Path(f"/proc/{number}/status").read_text():
                return
        except OSError:
            return
        time.sleep(0.05)
    pytest.fail(f"process {number} is still there")


def test_the_report_of_the_harness() -> None:
    """Facts of the right type are taken, others are unknown."""
    good = '{"model": "m-2", "tokens": 7, "cost": 0.5, "turns": 2, "skills": ["colours"], "tools": [{"name": "t"}, 1]}'
    bad = '{"model": 1, "tokens": true, "cost": -1, "turns": 1e999, "skills": "all", "tools": {}}'
    output, other = (ran(f"echo '{text}' > $SKILL_FLEET_REPORT") for text in (good, bad))

    assert (output.model, output.tokens, output.cost, output.turns) == ("m-2", 7, 0.5, 2)
    assert (output.skills, output.tools) == (("colours",), ({"name": "t"},))
    assert (other.model, other.tokens, other.cost, other.turns, other.skills, other.tools) == ("", *[None] * 4, ())


@pytest.mark.parametrize(
    "trick",
    [
        "mkfifo $SKILL_FLEET_REPORT",
        "ln -s /dev/zero $SKILL_FLEET_REPORT",
        "rm ../out; mkfifo ../out",
        "printf '[%.0s' $(seq 50000) > $SKILL_FLEET_REPORT",
        "mkfifo pipe",
        "mkdir -m 0 closed",
    ],
)
def test_no_trick_of_the_agent_stops_the_measurement(trick: str) -> None:
    """Pipes, links and nesting in place of what it should write are as good as nothing."""
    assert ran(f"{trick}; exit 0").exit == 0


def test_too_much_output_is_left_out() -> None:
    """A project that has grown too large is cut, and that is said."""
    output = ran("head -c 30000000 /dev/zero > big; echo small > small; head -c 3000000 /dev/zero")

    assert output.files.keys() == {"small"} and "1 files were left out" in output.errors
    assert len(output.answer) == 1_000_000


def test_setup_is_run_before_the_agent() -> None:
    """In the project; a setup that fails is a mistake of the case."""
    task = case({"data.txt": b"given"}, setup=[["sh", "-c", "cat data.txt > copy.txt"]])
    assert ran("cat copy.txt", task).answer == "given"
    with pytest.raises(UserError):
        ran("true", case(setup=[["false"]]))


def test_an_agent_that_does_not_exist_is_refused() -> None:
    """Before anything is run."""
    for command in ([], ["no-such-agent"]):
        with pytest.raises(UserError):
            find_harness(command, "", "", "", "none")


def test_the_version_follows_the_files_of_the_program(tmp_path: Path) -> None:
    """A changed script is another harness."""
    script = tmp_path / "agent.sh"
    versions = set()
    for text in ("echo 1", "echo 2", "echo 1"):
        script.write_text(text)
        versions.add(find_harness(["sh", str(script)], "", "", "", "none").version)

    assert len(versions) == 2


def checked(
    output: Output, *checks: dict[str, Any], hidden: Mapping[str, bytes] = {}, sandbox: Sandbox = OPEN
) -> dict[str, bool]:
    """The grades of one output by these checks."""
    task = case(hidden=hidden, checks=[{"assertion": 1, **check} for check in checks])
    return grade(task, output, sandbox, threading.Event())


MADE = Output(
    "I used BLUE.\n**Choice: A**\nNo, wait.\nChoice: B\n",
    {
        "src/app.py": File(b"import os\nprint('x')\n"),
        "data.json": File(b'{"rows": [{"a/b": 1}, {"ok": true}]}'),
        "run.sh": File(b"#!/bin/sh\nexit 4\n", True),
    },
    0,
    1.0,
    tools=({"name": "shell", "input": {"command": "git fetch"}}, {"name": "read"}),
)  # fmt: skip
GIVEN = {"tests/check.sh": b"test -f src/app.py && test ! -f .agents"}


@pytest.mark.parametrize(
    ("check", "holds"),
    [
        ({"type": "file", "path": "src/app.py"}, True),
        ({"type": "file", "path": "src/*.py"}, True),
        ({"type": "file", "path": "src"}, False),
        ({"type": "regex", "pattern": "^Choice: B$"}, True),
        ({"type": "regex", "pattern": "^import os$", "path": "src/*.py"}, True),
        ({"type": "regex", "pattern": "BLUE", "path": "src/app.py"}, False),
        ({"type": "regex", "pattern": "", "path": "missing"}, False),
        ({"type": "json", "path": "data.json"}, True),
        ({"type": "json", "path": "data.json", "pointer": "/rows/0/a~1b", "equals": 1.0}, True),
        ({"type": "json", "path": "data.json", "pointer": "/rows/1/ok", "equals": 1}, False),
        ({"type": "json", "path": "data.json", "pointer": "/rows/7"}, False),
        ({"type": "json"}, False),
        ({"type": "command", "command": ["sh", "tests/check.sh"]}, True),
        ({"type": "command", "command": ["./run.sh"], "exit": 4}, True),
        ({"type": "command", "command": ["no-such-program"]}, False),
        ({"type": "tool", "tool": "shell"}, True),
        ({"type": "tool", "tool": "shell", "pattern": "git push"}, False),
        ({"type": "tool", "tool": "write"}, False),
        ({"type": "choice", "choice": "B"}, True),
        ({"type": "choice", "choice": "A"}, False),
    ],
    ids=str,
)
def test_checks(check: dict[str, Any], holds: bool) -> None:
    """Each kind of check, where it holds and where not; `not` turns it around."""
    assert checked(MADE, check, hidden=GIVEN) == {"It is so": holds}
    assert checked(MADE, {**check, "not": True}, hidden=GIVEN) == {"It is so": not holds}


def test_an_assertion_holds_when_all_of_its_checks_do() -> None:
    """And no check says nothing about the others."""
    true, false = {"type": "file", "path": "data.json"}, {"type": "file", "path": "x"}

    assert checked(MADE, true, false) == checked(MADE, false, true) == {"It is so": False}
    assert checked(MADE, true, true, {**false, "assertion": 2}) == {"It is so": True, "It is not": False}


def test_hidden_files_are_for_the_grader_alone() -> None:
    """The agent does not find them, and cannot put something else in their place."""
    task = case(
        hidden={"tests/check.sh": b"exit 5"},
        checks=[{"assertion": 1, "type": "command", "command": ["sh", "tests/check.sh"], "exit": 5}],
    )
    output = ran('find "$(dirname "$PWD")" -name check.sh; mkdir -p tests/check.sh; echo x > tests/check.sh/x', task)
    blocked = ran("echo x > tests", task)
    replaced = ran("mkdir tests; echo 'exit 0' > tests/check.sh", task)

    assert output.answer == ""
    for each in (output, blocked, replaced):
        assert grade(task, each, Sandbox(), threading.Event()) == {"It is so": True}


def test_paths_of_kept_outputs_cannot_lead_out(tmp_path: Path) -> None:
    """Kept outputs can come from anybody: a path with `..` or at the root is not written."""
    victim = tmp_path / "victim"
    files = {name: File(b"x") for name in (f"../../../../../../..{victim}", str(victim), "a/../../../victim", "", "ok")}
    output = Output("", files, 0, 0.0)

    assert checked(output, {"type": "command", "command": ["test", "-f", "ok"]}) == {"It is so": True}
    assert not victim.exists()


@pytest.mark.parametrize("isolation", [each for each in isolations_here() if each is not Isolation.NONE])
def test_isolation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, isolation: Isolation) -> None:
    """In a sandbox there is nothing but the system, the program and the project: no other folder, no other process."""
    secret = tmp_path / "secret-of-the-person"
    secret.write_text("key")
    monkeypatch.setenv("SECRET_API_KEY", "key")
    script = tmp_path / "agent.sh"
    script.write_text(
        f"cat {secret} 2>&1; ls {tmp_path}; ls /proc | grep -c '^[0-9]'; grep -l SECRET_API /proc/*/environ; echo x > made;"
        "touch /usr/made /etc/made; echo x > /dev/null || echo no device"
    )
    harness = find_harness([shutil.which("sh") or "sh", str(script)], "", "", "", isolation)
    output = run_task(harness, case().task, SKILL, threading.Event())

    assert "key" not in output.answer and "secret-of" not in output.answer.split("\n", 1)[1]
    assert int(output.answer.split()[-1]) < 8, "processes that it sees"
    assert output.files == {"made": File(b"x\n")}
    assert not Path("/usr/made").exists() and not Path("/etc/made").exists()


@pytest.mark.parametrize("isolation", [each for each in isolations_here() if each is not Isolation.NONE])
def test_a_command_that_grades_reaches_no_network(isolation: Isolation) -> None:
    """But its own loopback, for what it starts itself."""
    script = (
        "import socket, sys; ours = socket.create_server(('127.0.0.1', 0));"
        "socket.create_connection(ours.getsockname()).close(); socket.create_connection(('127.0.0.1', int(sys.argv[1])))"
    )
    sandbox = Sandbox(isolation, (sys.base_prefix, sys.prefix))
    with socket.create_server(("127.0.0.1", 0)) as server:
        words = [sys.executable, "-I", "-S", "-c", script, str(server.getsockname()[1])]
        with fresh_folder({}) as root:
            assert execute(words, root, sandbox, 20, threading.Event()) == 0
        output = Output("", {}, 0, 0.0)
        assert checked(output, {"type": "command", "command": words, "not": True}, sandbox=sandbox) == {
            "It is so": True
        }
        own = [*words[:4], script.rpartition(";")[0]]
        assert checked(output, {"type": "command", "command": own}, sandbox=sandbox) == {"It is so": True}


@pytest.mark.parametrize("isolation", [each for each in isolations_here() if each is not Isolation.NONE])
def test_a_sandbox_ends_with_us(isolation: Isolation) -> None:
    """Also when we are killed, which no code of ours survives."""
    script = (
        "import sys, threading; from skill_fleet.agents import *; "
        f"h = find_harness(['sleep', '600'], '', '', '', {str(isolation)!r}); run_task(h, Task('', {{}}), {{}}, threading.Event())"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", script], start_new_session=True, env=environment)
    try:
        for _ in range(400):
            found = children(process.pid)
            # not while it is still a copy of us, or setpriv, which is about to ask for the end of ours
            if len(found) == 1 and Path(f"/proc/{found[0]}/cmdline").read_bytes().startswith((b"unshare", b"bwrap")):
                break
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    assert found
    assert_gone(found[0])


def children(number: int) -> list[int]:
    """The processes that a process has begun and not ended."""
    listed = Path(f"/proc/{number}/task/").glob("*/children")
    return [int(each) for file in listed for each in file.read_text().split()]


def test_without_programs_for_it_isolation_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Then that is recorded, and to ask for it is refused."""
    for name in ("sh", "true", "false"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_harness(["sh"], "", "", "", "auto").isolation == "none"
    with pytest.raises(UserError):
        find_harness(["sh"], "", "", "", "bubblewrap")


def test_python_is_an_agent_as_well() -> None:
    """A word of the command that is a prompt stays one word."""
    harness = find_harness([sys.executable, "-c", "import sys; print(sys.argv[1])", "{prompt}"], "", "", "", "none")
    task = case(prompt="two words; $(touch x)")
    assert run_task(harness, task.task, {}, threading.Event()).answer == "two words; $(touch x)\n"
