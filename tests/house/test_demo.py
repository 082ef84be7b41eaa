"""`make demo` on the newest commit prints what README shows, ids and times aside."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

FILE = Path(__file__).with_name("generate_docs.py")


def test_readme_shows_what_the_demo_prints() -> None:
    """A newcomer who runs the first command of README sees what README promised."""
    spec = importlib.util.spec_from_file_location("generate_docs", FILE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    readme = (module.ROOT / "README.md").read_text(encoding="utf-8")
    shown = readme.partition("<!-- demo -->\n```text\n")[2].partition("\n```\n<!-- /demo -->")[0]

    assert _normal(module.demo_output(), module.ROOT) == _normal(shown, module.ROOT)


def _normal(text: str, root: Path) -> list[str]:
    """The lines without what differs from run to run: ids, dates, the path of the clone."""
    text = text.replace(f"{root}/", "")
    text = re.sub(r"\b[0-9a-f]{7,40}\b", "ID", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC|just now|\d+ \w+ ago", "TIME", text)
    return [line.rstrip() for line in re.sub(r"Date: .*", "Date:", text).splitlines()]
