"""The projects that python/fastapi-builder generates start, and pass their own tests."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from skills.product import SKILLS

SKILL = SKILLS / "python" / "fastapi-builder"
SCRIPT = SKILL / "scripts" / "scaffold.py"

# Starts the project's app on a free port of the loopback interface, asks it, and stops it.
START = """
import asyncio, httpx2, uvicorn

async def main(application, factory, path, answer):
    server = uvicorn.Server(uvicorn.Config(application, factory=factory, port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
        assert not serving.done()
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        response = await client.get(path)
    server.should_exit = True
    await serving
    assert (response.status_code, response.json()) == (200, answer), response.text
"""


def _scaffold(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments], cwd=cwd, capture_output=True, text=True, timeout=30, check=False
    )


def _run(*arguments: str, cwd: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("APP_", "PYTEST"))}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": "."}
    environment |= {"APP_DATABASE_URL": "sqlite+aiosqlite:///started.db", "APP_SECRET_KEY": "s" * 40}
    command = [sys.executable, *arguments]
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("projects")
    for kind in ("minimal", "modular"):
        result = _scaffold(kind, f"shop-{kind}", cwd=folder)
        assert result.returncode == 0, result.stderr
        assert f"shop-{kind}/pyproject.toml" in result.stdout
    return folder


@pytest.mark.parametrize("kind", ["minimal", "modular"])
def test_it_passes_its_own_tests(projects: Path, kind: str) -> None:
    _run(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={projects / 'tmp'}", cwd=projects / f"shop-{kind}"
    )


@pytest.mark.parametrize(
    ("kind", "call"),
    [
        ("minimal", 'main("app:app", False, "/greetings/Ada", {"message": "Hello, Ada!"})'),
        ("modular", 'main("app.main:create_app", True, "/ready", {"status": "ready"})'),
    ],
)
def test_it_starts(projects: Path, kind: str, call: str) -> None:
    _run("-W", "error", "-c", f"{START}\nasyncio.run({call})", cwd=projects / f"shop-{kind}")


def test_the_name_is_everywhere(projects: Path) -> None:
    for kind in ("minimal", "modular"):
        project = projects / f"shop-{kind}"
        assert tomllib.loads((project / "pyproject.toml").read_text())["project"]["name"] == f"shop-{kind}"
        texts = [path.read_text() for path in project.rglob("*") if path.is_file() and path.suffix != ".db"]
        assert not [text for text in texts if "my-service" in text]
    assert (projects / "shop-modular" / ".env.example").is_file()
    assert (projects / "shop-modular" / ".gitignore").is_file()


def test_it_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "precious.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for destination in ("taken", "file"):
        result = _scaffold("minimal", destination, cwd=tmp_path)
        assert result.returncode == 2
        assert "name another" in result.stderr
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["precious.txt"]
    (tmp_path / "empty").mkdir()
    assert _scaffold("minimal", "empty", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("name", ["Shop", "shop--api", "../shop", "shop api", 'x"\nname = "y', "x" * 51])
def test_a_name_cannot_break_a_file(tmp_path: Path, name: str) -> None:
    result = _scaffold("minimal", "here", "--name", name, cwd=tmp_path)
    assert result.returncode == 2
    assert "is no project name" in result.stderr
    assert not (tmp_path / "here").exists()
