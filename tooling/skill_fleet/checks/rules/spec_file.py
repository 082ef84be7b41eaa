"""The file SKILL.md itself: that it is one, how it is encoded, where its front matter begins and ends."""

from __future__ import annotations

from collections.abc import Iterator

from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.fleet.git import SYMLINK


@rule("spec/skill-file")
def skill_file(reading: Reading) -> Iterator[Spot]:
    """SKILL.md is a regular file.

    A client opens SKILL.md and reads it; a link may point anywhere on the reader's machine, and a folder has no text.
    Source: https://agentskills.io/specification#directory-structure

    Good:

        demo/SKILL.md        a file

    Bad:

        demo/SKILL.md -> ../shared/SKILL.md

    Mend: put the text itself at that path.
    """
    if reading.is_readable:
        return
    file = reading.skill.file
    if file is None:
        what = "SKILL.md is a folder, so there is nothing to read."
    elif file.mode == SYMLINK:
        what = "SKILL.md is a symbolic link, which Windows and most installers do not follow."
    else:
        what = "SKILL.md is a submodule, so a clone holds nothing to read."
    yield Spot(reading.path, 1, what, "Put a regular file with the text in its place.")


@rule("spec/front-matter")
def front_matter(reading: Reading) -> Iterator[Spot]:
    """SKILL.md begins with a YAML mapping between two lines of three dashes.

    Name and description stand there; without it no client knows the skill. The closing dashes must stand alone on a
    line, since some readers stop at the first three dashes they meet and others only at such a line.
    Source: https://agentskills.io/specification#frontmatter-required

    Good:

        ---
        name: demo
        description: Shows the form. Use when in doubt.
        ---

    Bad:

        # Demo
        name: demo

    Mend: put a line of three dashes first, then `key: value` lines, then a line of three dashes.
    """
    fixes = {
        "missing": "Begin the file with `---`, then `name: …` and `description: …`, then `---`.",
        "unclosed": "Put a line `---` between the last field and the text.",
        "not-a-mapping": "Write fields there, one a line: `name: …`.",
    }
    for fault in reading.front_matter.faults if reading.front_matter else ():
        if fault.what in fixes:
            message = f"{fault.detail.rstrip('.')}, so no client can load the skill."
            yield Spot(reading.path, fault.line, message, fixes[fault.what], fault.column)


@rule("spec/encoding")
def encoding(reading: Reading) -> Iterator[Spot]:
    """SKILL.md is UTF-8.

    Clients read it as UTF-8 and stop at the first byte that is not; the reference validator crashes there.
    Source: https://agentskills.io/specification#skill-md-format

    Good:

        description: Fills café menus.      (é is stored as the bytes C3 A9)

    Bad:

        description: Fills café menus.      (é is stored as the byte E9)

    Mend: save the file as UTF-8, for instance: iconv -f latin1 -t utf-8 SKILL.md
    """
    for fault in reading.front_matter.faults if reading.front_matter else ():
        if fault.what == "encoding":
            message = f"{fault.detail.rstrip('.')}, and clients that read UTF-8 stop there."
            yield Spot(reading.path, fault.line, message, "Save the file as UTF-8.", fault.column, key="encoding")


@rule("spec/byte-order-mark")
def byte_order_mark(reading: Reading) -> Iterator[Spot]:
    """SKILL.md does not begin with a byte order mark.

    The mark stands before the first dash, so a reader that looks for `---` at the start finds no front matter.
    Source: https://agentskills.io/specification#frontmatter-required

    Good:

        ---                  the first bytes are 2D 2D 2D

    Bad:

        ---                  the first bytes are EF BB BF 2D 2D 2D

    Mend: save as "UTF-8 without BOM".
    """
    for fault in reading.front_matter.faults if reading.front_matter else ():
        if fault.what == "bom":
            message = "The file begins with an invisible byte order mark, which hides the front matter from clients."
            yield Spot(reading.path, 1, message, "Save it as UTF-8 without a byte order mark.")
