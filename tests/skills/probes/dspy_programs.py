"""What the blocks of python/dspy-programs do with stand-ins for models."""

from __future__ import annotations

import asyncio
from types import ModuleType

import dspy


def check_engine(block: ModuleType) -> None:
    lm = block.make_lm(lambda system, user: ("[[ ## answer ## ]]\n42", 11, 4))
    program = dspy.Predict("question -> answer")
    with dspy.context(lm=lm, track_usage=True):
        prediction = program(question="six times seven?")
        assert asyncio.run(program.acall(question="and async?")).answer == "42"
    assert prediction.answer == "42"
    assert prediction.get_lm_usage()["gateway/model"]["total_tokens"] == 15
