"""A model whose answers are made by a function of the system and the user message; it counts its calls."""

import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import threading
from collections.abc import Callable

import dspy
from dspy.lm15 import Message, Request, Response, TextPart, Usage

dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=True)


class StandIn:
    def __init__(self, answer: Callable[[str, str], str]) -> None:
        self.answer, self.calls, self.lock = answer, 0, threading.Lock()

    def complete(self, request: Request) -> Response:
        with self.lock:
            self.calls += 1
        system = request.system if isinstance(request.system, str) else "".join(p.text for p in request.system or ())
        text = self.answer(system, request.messages[-1].text or "")
        usage = Usage(input_tokens=7, output_tokens=3, total_tokens=10)
        message = Message.assistant([TextPart(text)])
        return Response(id=None, model=request.model, message=message, finish_reason="stop", usage=usage)


def model(answer: Callable[[str, str], str], cache: bool = False) -> tuple[dspy.LM, StandIn]:
    engine = StandIn(answer)
    return dspy.LM("stand-in/model", engine=engine, cache=cache), engine


def fields(**values: object) -> str:
    """An answer in the form of the ChatAdapter."""
    return "".join(f"[[ ## {name} ## ]]\n{value}\n\n" for name, value in values.items()) + "[[ ## completed ## ]]"
