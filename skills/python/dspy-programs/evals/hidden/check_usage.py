import sys

sys.path.insert(0, ".")

import dspy
from standin import fields, model


class Two(dspy.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = dspy.Predict("text -> summary"), dspy.Predict("summary -> title")

    def forward(self, text: str) -> dspy.Prediction:
        return self.two(summary=self.one(text=text).summary)


def check(program: dspy.Module, calls: int) -> None:
    from billing import run

    lm, engine = model(lambda system, user: fields(summary="s", title="t"))
    examples = [dspy.Example(text=f"text {n}").with_inputs("text") for n in range(12)]
    with dspy.context(lm=lm):
        predictions, tokens = run(program, examples)
    assert engine.calls == calls, engine.calls
    assert len(predictions) == 12 and all(each is not None for each in predictions)
    assert tokens == 10 * calls, tokens


def one() -> None:
    check(dspy.Predict("text -> title"), 12)


def two() -> None:
    check(Two(), 24)


globals()[sys.argv[1]]()
