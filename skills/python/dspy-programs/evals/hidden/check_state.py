import sys

sys.path.insert(0, ".")


import pathlib

import dspy

URL = "http://10.0.0.5:8000/v1"


def saved() -> pathlib.Path:
    program = dspy.Predict("text -> team")
    program.signature = program.signature.with_instructions("Refunds go to billing.")
    program.set_lm(dspy.LM("openai/local", api_base=URL, api_key="none"))
    program.save("program.json")
    return pathlib.Path("program.json")


def address() -> None:
    path = saved()
    from serving import load_program

    program = load_program(path)
    lm = program.lm or dspy.settings.lm
    assert lm.kwargs.get("api_base") == URL or lm.kwargs.get("base_url") == URL, lm.kwargs
    assert program.signature.instructions == "Refunds go to billing."


globals()[sys.argv[1]]()
