"""A pull request as a review session: a Snapshot goes in, a pure decision gives a Plan, applying it is a separate step."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
