"""A few findings, one of them hostile, and the lines that they point at."""

from __future__ import annotations

from skill_fleet.checks import Finding, Outcome
from skill_fleet.fleet import MemoryTree

PATH = "skills/web/demo/SKILL.md"
EVIL = "skills/web/\x1b[2J\n::error::x/SKILL.md"
TREE = MemoryTree({PATH: "---\nname: Demo\ndescription: Schön 日本 \x1b[31mrot\u202e.\n---\n".encode()})

ERROR = Finding(
    PATH, 2, 7, "spec/name", "error", "web/demo", "The name `Demo` has upper-case letters.", "Call it `demo`."
)
HINT = Finding(PATH, 3, 24, "content/when", "hint", "web/demo", "It does not say when.", "Say when.")
HOSTILE = Finding(EVIL, 1, 1, "layout/path", "error", "web/\x1b[2J", "A \x07 bell, 100% :: a,b", "Rename\nit.")
FLEET = Finding("skills/taxonomy.yaml", 1, 1, "fleet/taxonomy", "error", "", "There is no taxonomy.", "Write one.")

OUTCOME = Outcome(3, (ERROR, FLEET, HINT, HOSTILE))
CLEAN = Outcome(1, ())
CHANGED = Outcome(1, (ERROR,), (HINT,))
NOTED = Outcome(1, (), None, (("vendor/\x1b[2J\n::error::x", "It was not checked: 100% \x07."),))
