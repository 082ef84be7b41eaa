"""A fleet as a function of a tree: read a work tree or any Git ref, get skills, taxonomy and configuration."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
