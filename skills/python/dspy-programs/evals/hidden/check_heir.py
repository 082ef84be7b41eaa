import sys
import warnings

sys.path.insert(0, ".")


import dspy


def quiet() -> None:
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", message="unclosed")
    from counting import program

    assert any(isinstance(each, dspy.RLM) for _, each in program.named_sub_modules()), program


def bounded() -> None:
    from counting import program

    (found,) = [each for _, each in program.named_sub_modules() if isinstance(each, dspy.RLM)]
    assert found.max_llm_calls <= 20, found.max_llm_calls


globals()[sys.argv[1]]()
