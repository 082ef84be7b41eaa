"""One module a step: the signature whose docstring is the prompt, and the DSPy module that runs it."""

REFUSED = (
    "(none) at first; else why your last reply to this question was not taken, and that reply: give it again, whole,"
    " with that mended and the rest as it was"
)
"""What every step says of its field `refused`."""
