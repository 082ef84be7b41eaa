"""The clients that read skills, from npm: pinned, installed once, then run without a network, in an emptied HOME."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".venv/clients"
PACKAGES = {
    "claude": ("@anthropic-ai/claude-code@2.1.332", "install.cjs"),
    "codex": ("@openai/codex@0.171.0", ""),
    "opencode": ("opencode-ai@1.18.33", "postinstall.mjs"),
    "skills": ("skills@1.5.18", ""),
}
_QUIET = {"DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1", "DISABLE_AUTOUPDATER": "1", "NO_COLOR": "1", "CI": "1"}
_OFFLINE = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}


def install_clients() -> set[str]:
    """Install each client at its pinned version, and put them on PATH. Return those that could not be installed."""
    if shutil.which("npm") is None:
        sys.exit("npm was not found: install node 20 or newer.")
    os.environ["PATH"] = f"{FOLDER}/node_modules/.bin:{os.environ['PATH']}"
    missing = set()
    for client in PACKAGES:
        try:
            _install(client)
        except (subprocess.CalledProcessError, OSError) as problem:
            missing.add(client)
            print(f"{client} was not installed: {problem}")
    tools = [*FOLDER.glob("node_modules/@openai/codex-*/vendor/*/codex-path")]
    os.environ["PATH"] += "".join(f":{folder}" for folder in tools)  # opencode needs ripgrep, which Codex brings
    return missing


def _install(client: str) -> None:
    package, script = PACKAGES[client]
    name, _, version = package.rpartition("@")
    if not (FOLDER / f"{client}-{version}").exists():
        words = ["npm", "install", "--prefix", str(FOLDER), "--no-audit", "--no-fund", "--loglevel=error", package]
        subprocess.run(words, check=True)
        if script:  # newer npm runs no scripts of packages unless it is told to
            subprocess.run(["node", script], cwd=FOLDER / "node_modules" / name, check=True)
        (FOLDER / f"{client}-{version}").touch()


def said(home: Path, *words: str | Path) -> str:
    """What a client prints when it is run in the folder `home`, which is its HOME too. Exits when the client fails."""
    env = {"PATH": os.environ["PATH"], "HOME": str(home), **_QUIET, **_OFFLINE}
    done = subprocess.run(words, cwd=home, env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stdout}\n{done.stderr}")
    return done.stdout
