"""The command with a model behind an address on this machine: a scripted server, and repositories to work in."""

from __future__ import annotations

import pytest

from cli.conftest import as_person, lone, merged, merged_template, pair, pulled, pulls_template
from model.conftest import no_keys, server
from model.scripted import Scripted

__all__ = ["as_person", "lone", "merged", "merged_template", "no_keys", "pair", "pulled", "pulls_template", "server"]


@pytest.fixture
def model(server: Scripted, no_keys: None, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """A server that is set up as the model, by its address alone."""
    monkeypatch.setenv("SKILL_FLEET_API_BASE", server.address)
    return server
