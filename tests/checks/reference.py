"""The specification's reference validator, asked about bytes, and the table of where we deviate from it and why.

Its package is `skills-ref` 0.1.1. It calls itself a demonstration; where it and the specification part, we keep to the
specification, and where it is stricter than that without a reason, we accept what every YAML reader does.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from skills_ref.errors import ParseError
from skills_ref.parser import parse_frontmatter
from skills_ref.validator import validate_metadata

from skill_fleet.checks import check_skill, readers, select
from skill_fleet.fleet import MemoryTree, read_fleet

SPEC = select(["spec"])
CRASH = "it crashes"


def reference_verdict(content: bytes, folder: str = "demo") -> list[str]:
    """What the reference validator says of a SKILL.md in `folder`; [] is valid. As its `validate`, without a disk."""
    try:
        text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8").read()
        fields, _ = parse_frontmatter(text)
        return list(validate_metadata(fields, Path(folder)))
    except ParseError as error:
        return [str(error)]
    except Exception as error:  # what its command would show as a traceback
        return [f"{CRASH}: {error!r}"]


def our_verdict(content: bytes, folder: str = "demo") -> list[str]:
    """The names of the `spec/` rules that find an error."""
    fleet = read_fleet(MemoryTree({f"{folder}/SKILL.md": content}), "")
    return [finding.rule for finding in check_skill(fleet.skills[0], SPEC) if finding.severity == "error"]


@dataclass(frozen=True)
class Deviation:
    """One kind of disagreement. `covers` tells from the text, our rules and its words whether a case is of the kind."""

    name: str
    stricter: str
    reason: str
    example: bytes
    covers: Callable[[bytes, list[str], str], bool]


def _rule(*names: str) -> Callable[[bytes, list[str], str], bool]:
    return lambda content, ours, theirs: bool(ours) and set(ours) & set(names) != set()


def _file(fields: str) -> bytes:
    return f"---\n{fields}\n---\n\nText.\n".encode()


def _dashes_alone(text: str) -> bool:
    """Whether the first two runs of three dashes are lines of their own, so that everybody cuts at the same place."""
    before, *rest = text.replace("\r\n", "\n").split("---", 2)
    if before or len(rest) < 2:
        return False
    return all(re.match(r"[ \t]*(\n|\Z)", each) for each in rest) and rest[0].endswith("\n")


_ODD_BREAK = re.compile("[\x85\u2028\u2029]|\r(?!\n)")


def _unexpected(words: str) -> set[str]:
    """The fields that the reference validator does not know."""
    match = re.match(r"Unexpected fields in frontmatter: (.*?)\. Only", words)
    return set(match[1].split(", ")) if match else set()


DEVIATIONS = (
    Deviation(
        "fields of clients",
        "reference",
        "It allows the six fields only. What a client is known to read is a hint, because moving it would change what "
        "the skill does there.",
        _file("name: demo\ndescription: Does x.\ndisable-model-invocation: true"),
        lambda content, ours, theirs: bool(_unexpected(theirs)) and all(map(readers, _unexpected(theirs))),
    ),
    Deviation(
        "old line ends",
        "either",
        "It takes a lone carriage return and Unicode's separators for other things than YAML 1.1 does, which most "
        "readers follow.",
        b"---\rname: demo\rdescription: Does x.\r---\r",
        lambda content, ours, theirs: bool(_ODD_BREAK.search(content.decode("utf-8", "replace"))),
    ),
    Deviation(
        "cut at three dashes",
        "either",
        "It takes any three dashes for the end: text behind them is lost, or what is left is no YAML. The specification "
        "shows a line of its own, and so does every other reader.",
        _file('name: demo\ndescription: "Does x --- then y"'),
        lambda content, ours, theirs: not _dashes_alone(content.decode("utf-8", "replace")),
    ),
    Deviation(
        "flow style",
        "reference",
        "Its YAML reader refuses brackets and braces; the specification does not, and every other reader takes them.",
        _file("name: demo\ndescription: Does x.\nmetadata: {author: me}"),
        lambda content, ours, theirs: "JSONesque" in theirs,
    ),
    Deviation(
        "text that needs quotes",
        "ours",
        "It reads every value as text. Others read `1.10` as a number and `no` as false, so the skill depends on the "
        "reader.",
        _file("name: demo\ndescription: Does x.\nmetadata:\n  version: 1.10"),
        _rule("spec/quoted-string"),
    ),
    Deviation(
        "control characters in a description",
        "ours",
        "It takes them from YAML's escapes; XML cannot hold them, so the skill could not stand in the catalogue.",
        _file('name: demo\ndescription: "A \\a bell."'),
        _rule("spec/description"),
    ),
    Deviation(
        "types of optional fields",
        "ours",
        "It looks at the names of license, metadata and allowed-tools only; the specification gives each a type.",
        _file("name: demo\ndescription: Does x.\nallowed-tools:\n  Bash: git"),
        _rule("spec/license", "spec/metadata", "spec/allowed-tools"),
    ),
    Deviation(
        "empty compatibility",
        "ours",
        "The specification wants 1 to 500 characters; it checks the upper end only.",
        _file('name: demo\ndescription: Does x.\ncompatibility: ""'),
        _rule("spec/compatibility"),
    ),
    Deviation(
        "letters beyond a-z, and blanks around a name",
        "ours",
        "It allows all of Unicode and strips the name; the specification says a-z, and file systems and addresses agree.",
        _file('name: " demo "\ndescription: Does x.'),
        _rule("spec/name", "spec/name-directory"),
    ),
    Deviation(
        "not UTF-8",
        "either",
        "It crashes; we say which byte on which line.",
        b"---\nname: demo\ndescription: Caf\xe9.\n---\n",
        lambda content, ours, theirs: theirs.startswith(CRASH),
    ),
)


def explained(content: bytes, ours: list[str], theirs: list[str]) -> Deviation | None:
    """The row that explains a disagreement, None when there is none."""
    words = "\n".join(theirs)
    rows = [row for row in DEVIATIONS if row.stricter in ("either", "ours" if ours else "reference")]
    return next((row for row in rows if row.covers(content, ours, words)), None)
