"""Pull requests kept in the Git repository itself: no account, no server but a Git remote."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
