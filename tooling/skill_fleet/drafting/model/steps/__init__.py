"""One module a step: the signature whose docstring is the prompt, and the DSPy module that runs it."""
