import sys
import warnings

sys.path.insert(0, ".")


import asyncio

import dspy
from standin import fields

SEEN: list[tuple[str, str]] = []


def call(system: str, user: str) -> tuple[str, int, int]:
    SEEN.append((system, user))
    return fields(answer="42"), 11, 4


def make() -> dspy.LM:
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", message="unclosed")
    from gateway import make_lm

    return make_lm(call)


def answers() -> None:
    with dspy.context(lm=make(), track_usage=True):
        prediction = dspy.Predict("question -> answer")(question="six times seven?")
    assert prediction.answer == "42"
    assert "six times seven?" in SEEN[-1][1] and SEEN[-1][0]
    (usage,) = prediction.get_lm_usage().values()
    assert usage["total_tokens"] == 15, usage


def awaits() -> None:
    async def ask() -> str:
        with dspy.context(lm=make()):
            return (await dspy.Predict("question -> answer").acall(question="async?")).answer

    assert asyncio.run(ask()) == "42"


def new() -> None:
    lm = make()
    assert type(lm).forward is dspy.LM.forward, "a subclass with forward, which leaves in 3.5"
    assert type(lm).aforward is dspy.LM.aforward


globals()[sys.argv[1]]()
