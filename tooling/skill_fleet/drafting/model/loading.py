"""Loads DSPy so that it stays quiet: no price list from the network, no cache on the disk, no log of ours in its own."""

from __future__ import annotations

import os
from functools import cache
from types import ModuleType

from skill_fleet.errors import UserError


@cache
def load_dspy() -> ModuleType:
    """The library, set up; UserError when it is not installed."""
    # Without it the first call fetches a price list, and waits five seconds where there is no network.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "true")
    try:
        import dspy  # type: ignore[import-untyped]
    except ImportError as problem:
        raise UserError(
            "Drafting with a model needs the package dspy.", "Install it: python -m pip install 'dspy>=3.4.1,<3.5'"
        ) from problem
    # Its cache is on by default, 30 GB in the home folder, and does not look at the address of the server.
    dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)
    dspy.disable_logging()
    library: ModuleType = dspy
    return library


def reach_this_machine() -> None:
    """Let nothing that goes to this machine go through a proxy, which would look for the server on its own."""
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    missing = [host for host in ("127.0.0.1", "localhost", "::1") if host not in known.split(",") and known != "*"]
    if missing:
        os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join([*filter(None, [known]), *missing])
