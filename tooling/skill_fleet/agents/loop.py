"""An agent in one file, for any model: a short loop of tools over chat completions. Run as a program, standard library alone.

It is told of the skills by name and description, and reads one with the tool `skill`, as real clients do. The prompt is on
standard input, the last reply on standard output. Status 75 says that the model was not available.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

UNAVAILABLE = 75
_MOST_TEXT = 20_000
_SECONDS = 120.0

SYSTEM = """You are an agent that works in the current folder, on your own: nobody answers questions. Do the task with the \
tools. When it is done, reply with your answer and call no tool."""
SKILLS = """

Skills are instructions for special tasks. When a task fits the description of one, read it with the tool `skill` before you \
begin, and follow it. The paths in it are relative to its folder, {folder}/NAME.

<available_skills>
{rows}</available_skills>"""


def _tool(tool: str, description: str, **parameters: str) -> dict[str, Any]:
    properties = {key: {"type": "string", "description": text} for key, text in parameters.items()}
    schema = {"type": "object", "properties": properties, "required": [*parameters]}
    return {"type": "function", "function": {"name": tool, "description": description, "parameters": schema}}


TOOLS = [
    _tool("bash", "Run a command in the current folder; you get its output and status.", command="What to run."),
    _tool("read_file", "Read a file.", path="Its path."),
    _tool("write_file", "Write a file, and the folders above it.", path="Its path.", content="All of its content."),
]
SKILL = _tool("skill", "Read the instructions of a skill.", name="Its name, as it is listed.")


def _use(name: str, given: dict[str, str], skills: Path) -> str:
    """Use a tool, and return its result for the model."""
    match name:
        case "bash":
            words = ["sh", "-c", given["command"]]
            try:
                done = subprocess.run(
                    words, capture_output=True, timeout=_SECONDS, stdin=subprocess.DEVNULL, check=False
                )
            except subprocess.TimeoutExpired:
                return f"It was stopped after {_SECONDS:g} seconds."
            return f"{(done.stdout + done.stderr).decode(errors='replace')}\n[status {done.returncode}]"
        case "read_file":
            return Path(given["path"]).read_text(errors="replace")
        case "write_file":
            target = Path(given["path"])
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(given["content"])
            return f"{target} written"
        case "skill":
            return (skills / Path(given["name"]).name / "SKILL.md").read_text(errors="replace")
        case _:
            return f"There is no tool {name}."


def _ask(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the model's message."""
    body = json.dumps({"model": os.environ["SKILL_FLEET_MODEL"], "messages": messages, "tools": tools}).encode()
    head = {"content-type": "application/json", "authorization": f"Bearer {os.environ['SKILL_FLEET_TOKEN']}"}
    request = urllib.request.Request(f"{os.environ['SKILL_FLEET_ADDRESS']}/v1/chat/completions", body, head)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        message: dict[str, Any] = json.loads(answer.read())["choices"][0]["message"]
        return message


def main() -> int:
    """Go on until the model calls no tool."""
    skills, tools, system = Path(os.environ["SKILL_FLEET_SKILLS"]), TOOLS, SYSTEM
    if catalogue := json.loads(os.environ["SKILL_FLEET_CATALOGUE"]):
        rows = "".join(
            f"<skill><name>{name}</name><description>{text}</description></skill>\n" for name, text in catalogue
        )
        system, tools = system + SKILLS.format(folder=skills, rows=rows), [*TOOLS, SKILL]
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": system},
        {"role": "user", "content": sys.stdin.read()},
    ]
    while True:
        try:
            said = _ask(messages, tools)
        except (OSError, ValueError, LookupError) as problem:
            detail = problem.read().decode(errors="replace") if isinstance(problem, urllib.error.HTTPError) else ""
            print(f"{problem} {detail}", file=sys.stderr)
            return UNAVAILABLE
        calls = said.get("tool_calls") or []
        messages.append(
            {"role": "assistant", "content": said.get("content"), **({"tool_calls": calls} if calls else {})}
        )
        if not calls:
            print(said.get("content") or "")
            return 0
        for call in calls:
            try:
                result = _use(call["function"]["name"], json.loads(call["function"]["arguments"]), skills)
            except (OSError, ValueError, KeyError, TypeError) as problem:
                result = f"That failed: {type(problem).__name__}: {problem}"
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result[:_MOST_TEXT]})


if __name__ == "__main__":
    sys.exit(main())
