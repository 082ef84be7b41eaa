"""Drafting and revising with a language model. Only `steps/`, `lm.py` and `adapter.py` import DSPy, and all of it is optional."""
