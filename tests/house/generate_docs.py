"""Write the generated parts of the documentation: `make docs`. A test compares.

Between `<!-- name -->` and `<!-- /name -->` of README.md stand the commands and the settings; RULES.md is all rules.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from skill_fleet.checks import rule_table
from skill_fleet.fleet import load_schema
from skill_fleet.review import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
RULES = """# The rules

Generated from the rules themselves; `skill-fleet explain RULE` says more of each, why it is there and how to fix it.
An error blocks a pull request, a hint never does. Maintainers choose with `--select`, `--ignore` and `--strict`.

"""


def demo_output() -> str:
    """What `make demo` prints, run now on the newest commit."""
    done = subprocess.run(
        [sys.executable, ROOT / "tooling/demo.py", ROOT / "tooling/demo.md"], capture_output=True, check=False
    )
    text = (done.stdout + done.stderr).decode()
    if done.returncode:
        sys.exit(text)
    return text.strip("\n").replace(f"{ROOT}/", "")


def with_part(text: str, name: str, content: str) -> str:
    """`text` with the part `name` replaced."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    return re.sub(f"{begin}.*?{end}", lambda _: f"{begin}{content}{end}", text, flags=re.DOTALL)


def documents() -> dict[Path, str]:
    """Every document with generated parts, as it should be."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    for name, rows in {"commands": _commands(), "settings": _settings()}.items():
        text = with_part(text, name, rows)
    return {readme: text, ROOT / "tooling/RULES.md": RULES + rule_table()}


def _commands() -> str:
    rows = ["| command | does |\n| --- | --- |\n"]
    for command, words in COMMANDS.items():
        argument, meaning = re.fullmatch(r"(?:([A-Z][A-Z/\[\]]*): )?(.*)", words).groups()  # type: ignore[union-attr]
        rows.append(f"| `/{command}{f' {argument}' if argument else ''}` | {meaning} |\n")
    return "".join(rows)


def _settings() -> str:
    properties = load_schema("config")["properties"]
    rows = [f"| `{name}` | `{facts.get('default')}` | {facts['description']} |\n" for name, facts in properties.items()]
    return "".join(["| setting | default | means |\n| --- | --- | --- |\n", *rows])


if __name__ == "__main__":
    for path, text in documents().items():
        if path.name == "README.md":
            text = with_part(text, "demo", f"```text\n{demo_output()}\n```\n")
        path.write_text(text, encoding="utf-8")
