"""Drafts and revisions on their way to a branch and a pull request: what create, revise and chat share."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
