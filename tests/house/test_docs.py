"""Nothing is documented twice: the generated parts of the documentation are what the code gives."""

from __future__ import annotations

import importlib.util
from pathlib import Path

FILE = Path(__file__).with_name("generate_docs.py")


def test_generated_parts_are_up_to_date() -> None:
    """`make docs` would change nothing."""
    spec = importlib.util.spec_from_file_location("generate_docs", FILE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    for path, text in module.documents().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is out of date; write it with: make docs"
