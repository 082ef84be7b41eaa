"""Every rule, its family in front of its name. Importing this package registers them all in `RULES`."""

import importlib
import pkgutil

from skill_fleet.checks.rule import RULES

for _module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_module}")

__all__ = ["RULES"]
