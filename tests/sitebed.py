"""A small fleet for sites, with a skill that another requires, one that is retired, and one whose texts are an attack."""

from __future__ import annotations

import json

from gitbed import Content, skill, taxonomy

ADDRESS = "https://acme.github.io/fleet/"
PYPROJECT = (
    f'[project]\nname = "acme <fleet>"\ndescription = "Skills & more."\n[tool.skill-fleet]\nsite = "{ADDRESS}"\n'
)


def text(name: str, body: str = "", **metadata: str) -> str:
    """A SKILL.md with metadata."""
    rows = "".join(f"  {key.replace('_', '-')}: {json.dumps(value)}\n" for key, value in metadata.items())
    return skill(name, body=body).replace("\n---\n\n", f"\nmetadata:\n{rows}---\n\n" if rows else "\n---\n\n", 1)


FILES: dict[str, Content] = {
    "pyproject.toml": PYPROJECT,
    "skills/taxonomy.yaml": taxonomy("web", "python"),
    "skills/web/forms/SKILL.md": text("forms", "See [more](references/more.md#x).", requires="web/html", version="1.0"),
    "skills/web/forms/references/more.md": "# More\n",
    "skills/web/forms/evals/evals.json": "{}",
    "skills/web/html/SKILL.md": text("html", formerly="web/markup", tags="pages, tags"),
    "skills/python/old/SKILL.md": text("old", status="retired", superseded_by="web/html"),
}

HOSTILE = """
<script>alert(1)</script> <img src=x onerror=alert(1)> <svg onload=alert(1)> <style>*{display:none}</style>

[a](javascript:alert(1)) [b](JaVa\tScRiPt:alert(1)) [c](data:text/html,<script>alert(1)</script>) [d](vbscript:x)
[e](//evil.example/x) [f](../../../../etc/passwd) [g](file:///etc/passwd) ![h](https://evil.example/pixel.png)
[i](&#106;avascript:alert(1)) [j](https://ok.example/"onmouseover="alert(1)) [![k](javascript:x)](https://ok.example)
<javascript:alert(1)> [l]: x [m](x.html) [n](x.svg) [o](#main) [p](  javascript:alert\\(1\\))

# main
# Install {#install}
# brings

| a | b |
| :-: | --: |
| <b onclick=x> | \u202eevil\u202c |

{{ site.fleet }} {% raw %} {{ 7777 * 7777 }}

```html" onload="x
</code></pre><script>alert(1)</script>
```
"""

NAME = '<script>alert("x")</script>'
HOSTILE_FILES: dict[str, Content] = {
    "skills/web/evil/SKILL.md": text(
        "evil", HOSTILE, version=f"1{NAME}\"' \u202e", tags=f"{NAME} 'x' \"y", status=NAME
    ),
    "skills/web/evil/x.html": "<script>alert(1)</script>",
    "skills/web/evil/x.svg": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    f'skills/web/evil/a"{NAME.replace("/", "")}\u202e.txt': "x",
    "skills/web/evil/b.bin": b"\0\1",
    "skills/web/con/SKILL.md": skill("con"),
    "skills/web/Upper/SKILL.md": skill("Upper"),
    "skills/web/index.html/SKILL.md": skill("index.html"),
    "skills/web/\u202e/SKILL.md": skill("x"),
    "skills/web/broken/SKILL.md": b"---\nname: [\xff\n---\n",
}
