"""`make demo` on the newest commit prints what README shows, ids and times aside."""

from __future__ import annotations

import importlib.util
from pathlib import Path

FILE = Path(__file__).with_name("generate_docs.py")


def test_readme_shows_what_the_demo_prints() -> None:
    """A newcomer who runs the first command of README sees what README promised."""
    spec = importlib.util.spec_from_file_location("generate_docs", FILE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    readme = (module.ROOT / "README.md").read_text(encoding="utf-8")

    assert module.normal(module.demo_output()) == module.normal(module.shown_demo(readme))
