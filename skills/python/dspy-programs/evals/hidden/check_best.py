import sys

sys.path.insert(0, ".")

import dspy
from standin import fields, model

state = {"n": 0, "plan": []}


def answer(system: str, user: str) -> str:
    step = state["plan"][state["n"] % len(state["plan"])]
    state["n"] += 1
    if step == "broken":
        raise RuntimeError("the gateway hung up")
    return fields(word=step)


def serve(plan: list[str]) -> object:
    from words import one_word

    state.update(n=0, plan=plan)
    lm, _ = model(answer)
    lm.num_retries = 0
    with dspy.context(lm=lm):
        return one_word("a text")


def again() -> None:
    for _ in range(20):
        assert serve(["broken", "broken", "fine"]) == "fine"


def refuses() -> None:
    for plan in (["two words"] * 3, ["broken"] * 3):
        try:
            found = serve(plan)
        except ValueError:
            continue
        raise AssertionError(f"no ValueError but {found!r}")


globals()[sys.argv[1]]()
