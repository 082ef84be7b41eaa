import sys
import warnings

sys.path.insert(0, ".")

from standin import model


def works() -> None:
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", message="unclosed")
    from translate import translate

    seen = []

    def answer(system: str, user: str) -> str:
        seen.append((system, user))
        return "Guten Tag"

    lm, engine = model(answer)
    assert translate(lm, "Good day") == "Guten Tag"
    assert engine.calls == 1
    system, user = seen[0]
    assert "formal" in system.lower() and "Good day" not in system, system
    assert "Good day" in user and "formal" not in user.lower(), user


globals()[sys.argv[1]]()
