"""Drafting and revising with a language model. DSPy is imported here alone, and only when a model is asked."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
