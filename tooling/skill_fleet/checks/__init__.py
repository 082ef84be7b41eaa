"""Checks: a fleet, or a base and a head, as findings. One small function a rule; content errors are data, never exceptions."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
