"""What a fleet publishes about itself: pure functions of the tree, the same bytes on every run."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
