"""The pages of a fleet: static, without a request to anywhere else, the same bytes for the same commit."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
