"""The agent under test: one task, run by a program that is given a project, a model behind a meter, and nothing else."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
