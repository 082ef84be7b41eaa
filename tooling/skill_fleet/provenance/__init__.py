"""What anybody can verify of a skill: what follows from Git, what somebody recorded, and what nobody did."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
