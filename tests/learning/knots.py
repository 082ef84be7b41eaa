"""Skills to plant errors in, and a critic that knows what they say."""

from __future__ import annotations

from typing import Any

from model.answers import files_of
from model.scripted import Exchange

PATHS = ("python/knots", "python/ropes", "testing/sails")


def skill_text(name: str) -> str:
    """A skill with something of each kind that can be wrong."""
    return f"""---
name: {name}
description: Ties {name} on ships of all sizes. Use when {name} have to hold in a storm, or have to be untied afterwards.
---

# {name.title()}

Wait 30 seconds before you pull. Call `tie_knot(rope)` with `--dry-run` once.

## Steps

1. Measure the hemp rope, and lay it on the deck.
2. Cut the measured rope with `--max-length 40`, and measure it again.
3. Burn the ends, unless the rope is made of hemp.
4. Coil what is left.

When the wind turns, take the sails down.

```python
import yaml

tie_knot(rope, turns_left=25, made_of=yaml.safe_load(text))
```
"""


def differences(fields: dict[str, str]) -> list[dict[str, str]]:
    """What a critic says who remembers every line."""
    text = files_of(fields)["SKILL.md"]
    name = text.split("name: ")[1].split("\n")[0]
    known = skill_text(name).split("\n")
    lines = [line for line in text.split("\n") if line and line not in known]
    return [{"rule": "false", "file": "SKILL.md", "quote": line, "why": "It is wrong."} for line in lines]


def sharp(one: Exchange) -> None:
    """A critic who finds all errors."""
    one.say(differences(one.fields))


def says(*problems: dict[str, Any]) -> Any:
    """A critic who always says the same."""
    return lambda one: one.say(list(problems))
