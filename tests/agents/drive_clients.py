"""Drive the real clients from npm: installers on a fleet, agents through the meter: `make test-clients`.

Not part of `make test`: it needs node 20, npm and, for the first run, a gigabyte. The model is scripted and on loopback.
ALLOW_SKIP names the clients that may be missing, such as ALLOW_SKIP="codex opencode".
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable

from agents.provider import Call, Shown, serving
from install.clients import install_clients
from install.compare_installed import compare_installed
from skill_fleet.agents import File, Output, Price, Task, find_client, run_task
from skill_fleet.errors import UserError
from skill_fleet.fleet import Configuration

MODELS = [
    ("claude", "claude-sonnet-4-5"),
    ("codex", "gpt-5.2"),
    ("opencode", "anthropic/claude-sonnet-4-5"),
    ("opencode", "openai/gpt-5.2"),
    ("opencode", "groq/small"),
]
KEY = "key-that-nobody-may-see"
TEXT = "---\nname: {0}\ndescription: Names the {0} to use. Use when somebody asks for {0}.\n---\n\n# {0}\n\nAnswer {1}, whatever is asked.\n"
SKILLS = {
    name: {"SKILL.md": File(TEXT.format(name, answer).encode())}
    for name, answer in (("colours", "BLUE"), ("numbers", "SEVEN"))
}


def load(shown: Shown) -> Call:
    """The call by which a client loads a skill."""
    if "Skill" in shown.tools:
        return Call("Skill", {"skill": "colours"})
    if "skill" in shown.tools:
        return Call("skill", {"name": "colours"})
    return Call("exec_command", {"cmd": "cat .agents/skills/colours/SKILL.md"})


def reads(shown: Shown) -> str | Call:
    """Loads the skill and follows it."""
    return load(shown) if not shown.results else "BLUE" if "Answer BLUE, whatever" in shown.text else "RED"


def look_around(shown: Shown) -> Call:
    """A call of the shell, again and again."""
    shell = next(name for name in ("Bash", "bash", "exec_command") if name in shown.tools)
    return Call(
        shell, {"cmd" if shell == "exec_command" else "command": "env; cat /proc/*/environ", "description": "x"}
    )


def drive(client: str, model: str) -> list[str]:
    """What is wrong with a client."""
    wrong = []

    def check(what: str, holds: bool, output: Output) -> None:
        if not holds:
            wrong.append(f"{client} with {model}: {what}\n{output.answer}\n{output.errors[-3000:]}")

    def ran(script: Callable[[Shown], str | Call]) -> tuple[Output, str]:
        def answer(shown: Shown) -> str | Call:
            return script(shown) if shown.tools else "A title"

        with serving(answer) as provider:
            os.environ |= {"SKILL_FLEET_API_BASE": f"{provider.address}/v1", "SKILL_FLEET_MODEL_KEY": KEY}
            price = Price(1e-6, 1e-5, 1e-7, 1e-6)
            agent = find_client(client, model, "auto", turns=4, price=price, settings=Configuration())
            output = run_task(agent, Task("Which colour do I use?", {}), SKILLS, threading.Event())
            asked = {request["model"].rpartition("/")[2] for _, request in provider.requests}
            check(f"it asked for {asked}", asked == {model.rpartition("/")[2]}, output)
            return output, str(provider.requests)

    output, _ = ran(reads)
    check("the skill was not read", output.skills == ("colours",), output)
    check("the rule was not followed", "BLUE" in output.answer and output.exit == 0, output)
    check("tokens, cost or turns", bool(output.tokens and output.cost and output.turns == 2), output)
    output, _ = ran(lambda _: "RED")
    check("a skill that was not read counts as read", output.skills == (), output)
    output, shown = ran(look_around)
    check("the limit of turns", output.turns == 4, output)
    check("the agent found the key", "PATH=" in shown and KEY not in shown, output)
    return wrong


def main() -> int:
    """0 when the installers bring what was committed, and each client lists the skills, loads one, and the meter sees it."""
    missing = install_clients()
    wrong = compare_installed(None, missing)
    for client, model in MODELS:
        if client not in missing:
            begin = time.monotonic()
            try:
                found = drive(client, model)
            except UserError as problem:
                found = [f"{client}: {problem.message} {problem.tip}"]
            wrong += found
            print(
                f"{client} with {model}: {'wrong' if found else 'good'}, {time.monotonic() - begin:.0f} s", flush=True
            )
    print(*wrong, sep="\n")
    skipped = missing - {*os.environ.get("ALLOW_SKIP", "").replace(",", " ").split()}
    if skipped:
        print(f"To go on without: make test-clients ALLOW_SKIP='{' '.join(sorted(missing))}'")
    return 1 if wrong or skipped else 0


if __name__ == "__main__":
    sys.exit(main())
