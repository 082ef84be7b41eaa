"""Every rule, its family in front of its name. Importing this package registers them all in `RULES`."""

import importlib
import pkgutil

from skill_fleet.checks.rule import RULES

for _module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_module}")

RENAMED: dict[str, str] = {}
"""Earlier names of rules, which baselines may have, and the names that they have now."""

__all__ = ["RENAMED", "RULES"]
