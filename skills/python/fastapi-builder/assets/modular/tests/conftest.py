"""Each test has an app with a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.accounts import tokens
from app.main import create_app
from app.settings import Settings

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    url = f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
    return Settings(
        _env_file=None, environment="test", database_url=url, secret_key="for tests and never anywhere else"
    )


@pytest.fixture
def alembic(settings: Settings) -> Config:
    return Config(toml_file=str(ROOT / "pyproject.toml"), attributes={"settings": settings})


@pytest.fixture
def client(settings: Settings, alembic: Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(tokens, "passwords", quick)
    monkeypatch.setattr(tokens, "NOBODY", quick.hash("nobody"))
    command.upgrade(alembic, "head")
    with TestClient(create_app(settings)) as client:
        yield client


def log_in(client: TestClient, email: str) -> dict[str, str]:
    """Register if need be, and return the headers of somebody who is logged in."""
    password = "correct horse battery"
    client.post("/v1/accounts", json={"email": email, "password": password})
    answer = client.post("/v1/accounts/login", data={"username": email, "password": password})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
def ada(client: TestClient) -> dict[str, str]:
    return log_in(client, "ada@example.org")


@pytest.fixture
def bob(client: TestClient) -> dict[str, str]:
    return log_in(client, "bob@example.org")
