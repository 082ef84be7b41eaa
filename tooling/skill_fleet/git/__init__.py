"""Git: objects, history, refs, commits, fetch and push. The only room that runs it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
