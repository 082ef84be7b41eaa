"""The agents that are known by name: Claude Code, Codex, opencode, and `lm`, the short loop that any model can drive.

Each is run without a person, with the settings of the project alone, and asks its model by the meter. Tried with Claude
Code 2.1.332, Codex 0.171.0 and opencode 1.18.33.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from skill_fleet.agents.harness import Harness
from skill_fleet.agents.meter import Price, Provider, price_of
from skill_fleet.agents.sandbox import Sandbox, execute, find_isolation
from skill_fleet.errors import UserError
from skill_fleet.fleet import Configuration, ModelSettings, configured_model

_LOOP = Path(__file__).with_name("loop.py")
_XML = (r"<available_skills>(.*?)</available_skills>", r"<name>(.*?)</name>")


@dataclass(frozen=True)
class Client:
    """How a client is run. Words and values may hold `{address}`, `{token}`, `{model}`, and `{name}` (the model without its provider).

    `provider` is that of models that are named without one; `needs` are other programs that it cannot do without.
    """

    command: tuple[str, ...]
    variables: Mapping[str, str]
    catalogue: tuple[str, str]
    skills_folder: str = ".agents/skills"
    provider: str = ""
    built_in: frozenset[str] = frozenset()
    needs: tuple[str, ...] = field(default=())


_METER = {"options": {"baseURL": "{address}/v1", "apiKey": "{token}"}}
_OPENCODE = {
    "provider": {
        "anthropic": _METER,
        "openai": _METER,
        "meter": {**_METER, "npm": "@ai-sdk/openai-compatible", "models": {"{name}": {}}},
    },
    "autoupdate": False,
    "permission": "allow",
    "share": "disabled",
    "small_model": "{model}",
}
_CODEX = '{name="meter", base_url="{address}/v1", env_key="SKILL_FLEET_TOKEN", wire_api="responses"}'
CLIENTS = {
    "claude": Client(
        ("claude", "-p", "--dangerously-skip-permissions", "--setting-sources", "project", "--strict-mcp-config",
         "--no-session-persistence", "--model", "{model}"),
        {"ANTHROPIC_BASE_URL": "{address}", "ANTHROPIC_API_KEY": "{token}", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
         "IS_SANDBOX": "1"},
        (r"skills are available for use with the Skill tool:(.*?)</system-reminder>", r"^- ([\w:-]+):"),
        ".claude/skills", "anthropic",
        frozenset(
            ("claude-api", "code-review", "dataviz", "fewer-permission-prompts", "init", "keybindings-help", "loop",
             "plugin-authoring", "run", "security-review", "simplify", "update-config", "workflow-authoring")
        ),
    ),
    "codex": Client(
        ("codex", "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "--model", "{model}",
         "-c", 'model_provider="meter"', "-c", f"model_providers.meter={_CODEX}", "-"),
        {"SKILL_FLEET_TOKEN": "{token}"},
        (r"<skills_instructions>(.*?)</skills_instructions>", r"^- ([\w:-]+):.*\(file: "),
        provider="openai",
        built_in=frozenset(("imagegen", "openai-docs", "skill-creator", "skill-installer")),
    ),
    "opencode": Client(
        ("opencode", "run", "--model", "{model}"),
        {"OPENCODE_CONFIG_CONTENT": json.dumps(_OPENCODE), "OPENCODE_DISABLE_MODELS_FETCH": "1"},
        _XML, built_in=frozenset(("customize-opencode",)), needs=("rg",),
    ),
    "lm": Client(
        (os.path.realpath(sys.executable), "-I", "-S", str(_LOOP)),
        {"SKILL_FLEET_ADDRESS": "{address}", "SKILL_FLEET_TOKEN": "{token}"}, _XML,
    ),
}  # fmt: skip


def find_client(
    name: str, model: str, isolation: str, *, turns: int, price: Price | None = None, built_in: tuple[str, ...] = (),
    mounts: tuple[str, ...] = (), offline: bool = False, settings: Configuration,
) -> Harness:  # fmt: skip
    """Return the harness of a client, with the provider of its model. UserError when either is missing here.

    `offline`, to replay, needs no key.
    """
    client = CLIENTS[name]
    environ = dict(os.environ)
    if model:
        environ["SKILL_FLEET_MODEL"] = model if "/" in model or not client.provider else f"{client.provider}/{model}"
    named = ModelSettings(environ.get("SKILL_FLEET_MODEL", ""))
    found = configured_model(settings, environ) or (named if offline else None)
    if found is None or (client.provider and not found.model):
        raise UserError(f"{name} has no model, or no key for it.", "Set its provider's key, and --model PROVIDER/NAME.")
    provider = Provider(found, price)
    price_of(found.model)  # loads LiteLLM here, so that no run is longer for it
    program = shutil.which(client.command[0])
    for each, path in ((client.command[0], program), *((need, shutil.which(need)) for need in client.needs)):
        if path is None:
            raise UserError(
                f"There is no program {each!r}, which {name} needs.", f"Install it, and add it to PATH: {each}"
            )
    assert program
    program = os.path.realpath(program)
    sandbox = Sandbox(find_isolation(isolation), (*mounts, *_places(program)))
    version = _digest() if name == "lm" else _version(program, sandbox)
    asked = provider.name if client.provider else found.model or "default"
    if name == "opencode" and provider.name == found.model:  # neither Anthropic's nor OpenAI's: LiteLLM asks it
        asked = f"meter/{asked}"
    return Harness(
        name, (program, *client.command[1:]), version, asked, sandbox.isolation, (), sandbox.mounts, client.skills_folder,
        client.variables, turns, client.catalogue, client.built_in | {*built_in}, provider,
    )  # fmt: skip


def find_provider(model: str, settings: Configuration) -> Provider:
    """Return the provider of a model, or of that for reviews. UserError when there is none, or no key."""
    environ = {**os.environ, **({"SKILL_FLEET_REVIEW_MODEL": model} if model else {})}
    found = configured_model(settings, environ, "review")
    if found is None:
        raise UserError("There is no model, or no key for it.", "Set its provider's key, and --model PROVIDER/NAME.")
    return Provider(found)


def _places(program: str) -> list[str]:
    """What a program needs besides the system: all packages beside it, if npm installed it, node, and ripgrep."""
    packages = [str(above) for above in Path(program).parents if above.name == "node_modules"]
    return [*packages[-1:], *filter(None, map(shutil.which, ("node", "rg")))]


def _digest() -> str:
    return hashlib.sha256(_LOOP.read_bytes()).hexdigest()[:12]


def _version(program: str, sandbox: Sandbox) -> str:
    """The version that a program prints. UserError when it prints none, for then it does not work here."""
    with tempfile.TemporaryDirectory(prefix="eval-") as folder:
        root = Path(folder).resolve()
        (root / "home").mkdir()
        (root / "project").mkdir()
        status = execute([program, "--version"], root, sandbox, 60, threading.Event())
        printed = ((root / "out").read_text("utf-8", "replace"), (root / "err").read_text("utf-8", "replace"))
    if status or not (found := re.search(r"\d+\.\d+\.\d+\S*", printed[0])):
        raise UserError(
            f"{program} does not work here: {(printed[1] or printed[0]).strip()[-300:]}", "Install it again."
        )
    return found[0]
