import sys

sys.path.insert(0, ".")

import json
import logging

import dspy
from standin import fields, model
from support import Support

logging.disable(logging.CRITICAL)
RULE = "Refunds go to billing."


def answer(system: str, user: str) -> str:
    text = user.partition("[[ ## ")[2]
    if "problem` (str)" in system.partition("output fields")[2].partition("All interactions")[0]:
        return fields(problem="refund" if "refund" in text else "crash")
    return fields(team="billing" if "refund" in text and RULE in system else "engineering")


def reflect(system: str, user: str) -> str:
    advice = f"Decide which team answers. {RULE}"
    return (
        json.dumps({"new_instruction": advice, "improved_instruction": advice})
        if "JSON" in system
        else fields(new_instruction=advice, improved_instruction=advice)
    )


def run() -> tuple[int, dspy.Module]:
    from optimizing import optimize

    rows = [("refund", "billing", "money is theirs"), ("crash", "engineering", "defects are theirs")] * 20
    examples = [
        dspy.Example(message=f"{word} {n}", team=team, why=why).with_inputs("message")
        for n, (word, team, why) in enumerate(rows)
    ]
    lm, engine = model(answer)
    with dspy.context(lm=lm):
        better = optimize(Support(), examples, model(reflect)[0])
    return engine.calls, better


def within() -> None:
    calls, _ = run()
    assert 40 <= calls <= 200, calls


def returned() -> None:
    _, better = run()
    assert isinstance(better, Support)


globals()[sys.argv[1]]()
