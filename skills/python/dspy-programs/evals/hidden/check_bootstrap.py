import sys

sys.path.insert(0, ".")

import dspy
from standin import fields, model

TEXTS = ["a1", "b2", "a3", "b4", "a5", "b6", "a7", "b8"]


def answer(system: str, user: str) -> str:
    text = next((each for each in TEXTS if user.rstrip().find(f"{each}\n") >= 0 or each in user), "")
    if text.startswith("b"):
        return fields(total=int(text[1:]), currency="USD")
    return fields(total=int(text[1:] or 0), currency="EUR")


def run() -> dspy.Module:
    from compiling import compile_program

    train = [dspy.Example(text=t, total=int(t[1:]), currency="EUR").with_inputs("text") for t in TEXTS]
    lm, _ = model(answer)
    with dspy.context(lm=lm):
        return compile_program(dspy.Predict("text -> total: int, currency"), train)


def shown() -> None:
    demos = run().demos
    assert any(demo.get("augmented") for demo in demos), demos


def right() -> None:
    demos = [demo for demo in run().demos if demo.get("augmented")]
    assert demos
    assert all(demo.currency == "EUR" for demo in demos), demos


globals()[sys.argv[1]]()
