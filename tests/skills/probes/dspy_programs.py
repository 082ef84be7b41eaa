"""What the blocks of python/dspy-programs do with stand-ins for models."""

from __future__ import annotations

import asyncio
import json
from types import ModuleType

import dspy
import pytest
from dspy.utils import DummyLM

# SKILL.md


def check_triage(block: ModuleType) -> None:
    answers = [{"team": "billing", "urgent": "True"}, {"reasoning": "-", "reply": "We look into it."}]
    with dspy.context(lm=DummyLM(answers)):
        found = block.Support()(message="I was charged twice")
    assert (found.team, found.urgent, found.reply) == ("billing", True, "We look into it.")
    assert not hasattr(dspy, "Assert")
    assert not hasattr(dspy, "OpenAI")
    assert not hasattr(dspy, "TypedPredictor")
    with pytest.raises(ValueError, match="no longer supported"):
        dspy.Evaluate(devset=[], return_outputs=True)
    with pytest.warns(DeprecationWarning, match="prefix"):
        dspy.InputField(prefix="Message:")


# signatures.md


def check_invoice(block: ModuleType) -> None:
    good = {"currency": "EUR", "issued": "2026-11-02", "positions": json.dumps([{"text": "pen", "cents": 150}])}
    with dspy.context(lm=DummyLM([good]), adapter=dspy.ChatAdapter(use_json_adapter_fallback=False)):
        read = dspy.Predict(block.ReadInvoice)(document="...")
        assert (read.issued.year, read.positions[0].cents) == (2026, 150)
    for change in ({"currency": "GBP"}, {"positions": json.dumps([{"text": "pen", "cents": -1}])}):
        with dspy.context(lm=DummyLM([good | change] * 2)), pytest.raises(dspy.AdapterParseError):
            dspy.Predict(block.ReadInvoice)(document="...")


# modules.md


def symptom_hidden_predictor(block: ModuleType) -> bool:
    """The program shows no predictor to optimizers."""
    with dspy.context(lm=DummyLM([{"summary": "short"}])):
        assert block.program(text="long").summary == "short"
    return block.program.named_predictors() == []


def check_tools(block: ModuleType) -> None:
    def call(article: str) -> dict[str, str]:
        arguments = json.dumps({"article": article})
        return {"next_thought": "look", "next_tool_name": "in_stock", "next_tool_args": arguments}

    done = {"next_thought": "done", "next_tool_name": "finish", "next_tool_args": "{}"}
    answers = [call("ink"), call("pen"), done, {"reasoning": "-", "answer": "4 pens"}]
    with dspy.context(lm=DummyLM(answers)):
        result = block.clerk(question="How many pens?")
    assert result.answer == "4 pens"
    assert "no article 'ink'; there are ['pen']" in str(result.trajectory["observation_0"])
    assert result.trajectory["observation_1"] == 4


def check_reward(block: ModuleType) -> None:
    with dspy.context(lm=DummyLM([{"answer": "two words"}, {"answer": "one"}, {"answer": "never asked"}])):
        assert block.one_word(question="?").answer == "one"


def check_batch(block: ModuleType) -> None:
    with dspy.context(lm=DummyLM({str(number): {"summary": f"s{number}"} for number in range(3)})):
        found = block.run_all(dspy.Predict("text -> summary"), ["0", "1", "2"])
    assert [each.summary for each in found] == ["s0", "s1", "s2"]


# evaluation.md


def symptom_no_inputs(block: ModuleType) -> bool:
    """A program that is always right scores 0."""
    assert len(block.result.results) == 2
    return bool(block.result.score == 0.0)


def check_judge(block: ModuleType) -> None:
    example = dspy.Example(context="It rains.")
    for claims, score in (("[]", 1.0), ('["It snows."]', 0.5)):
        with dspy.context(lm=DummyLM([{"reasoning": "-", "unsupported": claims}])):
            assert block.faithful(example, dspy.Prediction(answer="It rains.")) == score


# gepa.md


def check_optimized(block: ModuleType) -> None:
    with dspy.context(lm=block.task):
        scores = [
            dspy.Evaluate(devset=block.examples, metric=block.metric)(each).score
            for each in (block.program, block.better)
        ]
    assert scores == [50.0, 100.0]
    with pytest.raises(AssertionError, match="Exactly one of"):
        dspy.GEPA(metric=block.metric, reflection_lm=block.reflection)


# saving.md


def check_saved(block: ModuleType) -> None:
    block.program.save("support.pkl")
    with pytest.raises(ValueError, match="allow_pickle=True"):
        block.Support().load("support.pkl")


def check_service(block: ModuleType) -> None:
    assert asyncio.run(block.answer("I was charged twice", DummyLM([{"team": "billing"}]))) == "billing"
