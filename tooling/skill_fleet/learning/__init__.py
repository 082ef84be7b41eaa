"""Better prompts, with proof: records and planted errors go in; scores, a program and the pull request for it come out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
