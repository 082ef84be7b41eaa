"""Providers that DSPy reaches through LiteLLM: the same ends, the same number of calls, and no word of LiteLLM's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from model.scripted import Scripted
from model.skills import document, drafted
from model.test_wire import TOO_LONG, WAYS
from skill_fleet.fleet import Configuration, ModelSettings, configured_model
from skill_fleet.model import ModelFailed

KEY = "together-very-secret-1234567890"
ONCE = {"no JSON", "forbidden", "slow", "dripping"}


@pytest.fixture
def through(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> ModelSettings:
    """A provider that only LiteLLM knows, at the address of the scripted server."""
    monkeypatch.setenv("TOGETHER_AI_API_BASE", server.address)
    found = configured_model(Configuration(), {"SKILL_FLEET_MODEL": "together_ai/small", "TOGETHERAI_API_KEY": KEY})
    assert found
    return replace(found, timeout=60, retries=1, longest_wait=0.01)


def test_each_way_through_litellm(through: ModelSettings, server: Scripted, capfd: pytest.CaptureFixture[str]) -> None:
    """A draft is written; whatever goes wrong ends in a sentence and a tip, with no retry but ours and no key in it."""
    draft = drafted(through, document())
    assert draft.drafted_by == "dspy small" and {f"Bearer {KEY}"} == set(server.authorizations)

    for name, (misbehave, reason) in WAYS.items():
        server.counts.clear()
        server.always["draft"] = misbehave
        with pytest.raises(ModelFailed) as caught:
            drafted(replace(through, timeout=0.3) if reason == TOO_LONG else through, document())
        said = f"{caught.value.message} {caught.value.tip}"
        assert reason in said and KEY not in said, (name, said)
        assert server.counts["draft"] == (1 if name in ONCE else 2), name
    assert capfd.readouterr() == ("", "")
