import sys

sys.path.insert(0, ".")

from concurrent.futures import ThreadPoolExecutor

import dspy
from standin import fields, model


def one() -> None:
    from titles import titles

    lm, engine = model(lambda system, user: fields(title=f"T{engine.calls}"))
    with dspy.context(lm=lm), ThreadPoolExecutor(4) as pool:
        assert len(titles(pool, [f"text {n}" for n in range(8)])) == 8
    assert engine.calls == 8


def each() -> None:
    from titles import titles

    with ThreadPoolExecutor(2) as pool:
        for name in ("first", "second"):
            lm, engine = model(lambda system, user, name=name: fields(title=name))
            with dspy.context(lm=lm):
                assert titles(pool, ["a", "b", "c", "d"]) == [name] * 4, name
            assert engine.calls == 4


globals()[sys.argv[1]]()
