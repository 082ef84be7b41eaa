"""Whether a skill helps, and at what cost: cases go in; runs, grades, a verdict and its evidence come out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
