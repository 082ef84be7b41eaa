import sys

sys.path.insert(0, ".")

import dspy
from standin import fields, model


def fresh() -> None:
    from noise import scores

    lm, engine = model(lambda system, user: fields(answer="yes" if engine.calls % 3 else "no"), cache=True)
    examples = [dspy.Example(question=f"q{n}", answer="yes").with_inputs("question") for n in range(5)]
    with dspy.context(lm=lm):
        found = scores(
            dspy.Predict("question -> answer"), examples, lambda gold, pred, trace=None: gold.answer == pred.answer, 4
        )
    assert len(found) == 4 and all(0 <= each <= 1 for each in found), found
    assert engine.calls == 20, engine.calls


def own() -> None:
    from noise import scores

    lm, engine = model(lambda system, user: fields(answer="yes"), cache=True)
    program = dspy.Predict("question -> answer")
    program.set_lm(lm)
    examples = [dspy.Example(question=f"q{n}", answer="yes").with_inputs("question") for n in range(5)]
    with dspy.context(lm=model(lambda system, user: fields(answer="no"))[0]):
        found = scores(program, examples, lambda gold, pred, trace=None: gold.answer == pred.answer, 2)
    assert found == [1.0, 1.0] and engine.calls == 10, (found, engine.calls)
    assert program.lm is lm


globals()[sys.argv[1]]()
