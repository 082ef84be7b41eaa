"""A scripted model server, and drafters and revisions that ask it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from model.scripted import Scripted, serving
from skill_fleet.fleet import ModelSettings


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key or address of whoever runs the tests."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost,::1")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost,::1")
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE", "SKILL_FLEET_MODEL", "SKILL_FLEET_API_BASE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[Scripted]:
    """A server that behaves until it is told otherwise."""
    with serving() as scripted:
        yield scripted


@pytest.fixture
def settings(server: Scripted) -> ModelSettings:
    """Settings for it that never wait long."""
    return ModelSettings("small-model", server.address, timeout=5, retries=1, longest_wait=0.01)
