"""The files of a new fleet, and what is set up wrong in one that exists."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
