"""Drafts and revisions by a language model. No other room imports DSPy, and this one only when a model is asked."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
