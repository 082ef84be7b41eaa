"""What the checks say of a commit that carries a request out: a trailer keeps it there, so that every run that answers the
request says the same, whatever came on top of that commit since."""

from __future__ import annotations

import re

from skill_fleet.review.edits import Files
from skill_fleet.review.plain import as_code
from skill_fleet.review.session import CHECKS
from skill_fleet.review.status import skill_findings

_PLACE = re.compile(
    r"[\x21-\x7e]{1,300}:[0-9]+"
)  # any other path is left out: it might not come back as it was written
_ERRORS = re.compile(rf"([1-9][0-9]{{0,5}}) ([a-z]+/[a-z0-9-]+)(?: ({_PLACE.pattern}))?")


def checks_trailer(files: Files) -> tuple[tuple[str, str], ...]:
    """The trailer of a commit that leaves the skill like this: how many errors there are, and the first; none without."""
    errors = [finding for finding in skill_findings(files) if finding.severity == "error"]
    if not errors:
        return ()
    place = f"{errors[0].path}:{errors[0].line}"
    return ((CHECKS, f"{len(errors)} {errors[0].rule}" + (f" {place}" if _PLACE.fullmatch(place) else "")),)


def in_words(checks: str) -> str:
    """What an answer says of the value of such a trailer; '' for any other text, which somebody else has written."""
    if (found := _ERRORS.fullmatch(checks)) is None:
        return ""
    count, rule, place = found.groups()
    what = f"{count} errors now, the first" if count != "1" else "an error now"
    return f" But the checks find {what}: {rule}" + (f" at {as_code(place)}." if place else ".")
