"""Checks: a fleet, or a base and a head, become findings. Each rule is a small function; wrong content is data."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
