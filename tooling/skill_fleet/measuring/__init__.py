"""What a pull request changes, measured on many machines: a plan goes in parts; results and attested evidence come out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
