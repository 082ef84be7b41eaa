"""Links and images of a skill's Markdown files: each leads to something that is installed with the skill."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from skill_fleet.checks.document import Document
from skill_fleet.checks.markdown import Link
from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.visible import shown

_GUESSED = 50
"""Of how many broken links of a file it is worked out what they may have meant: each is held against every file."""


@rule("links/missing-target")
def missing_target(reading: Reading) -> Iterator[Spot]:
    """A relative link or image leads to a file or folder of the skill.

    An agent that follows it finds nothing and makes something up. Links are taken from the file they stand in, as in
    Markdown, or from the skill's folder, as the specification has it.
    Source: https://agentskills.io/specification#file-references and https://spec.commonmark.org/0.31.2/#links

    Good:

        See [the guide](references/guide.md).       (and references/guide.md is there)

    Bad:

        See [the guide](references/giude.md).

    Mend: correct the path, add the file, or take the link out; a web address begins with https://.
    """
    for document in reading.documents:
        for number, (link, target) in enumerate(document.bad("missing")):
            what = "image" if link.is_image else "link"
            message = f"The {what} leads to `{shown(target.path)}`, which is not in the skill."
            near = _near(document, target.path) if number < _GUESSED else ""
            fix = f"Write `{shown(near)}`." if near else "Correct the path, add the file, or remove the link."
            if not near and _looks_like_host(target.path):
                fix = f"Write `https://{shown(target.path)}` if it is a web address."
            yield _spot(reading, document, link, message, fix)


@rule("links/outside")
def outside(reading: Reading) -> Iterator[Spot]:
    """No link leads out of the skill's folder.

    A skill is installed alone: what stands beside it in the repository is not there then.
    Source: https://agentskills.io/specification#file-references

    Good:

        See the skill `web/forms`.

    Bad:

        See [forms](../../web/forms/SKILL.md).

    Mend: name the other skill in words and in `metadata.requires`, link to its web address, or copy the file.
    """
    for document in reading.documents:
        for link, _ in document.bad("outside"):
            message = (
                f"The link `{shown(link.target)}` leads out of the skill, and nothing is there once it is installed."
            )
            fix = "Name the other skill in words, copy the file into this one, or link to a web address."
            yield _spot(reading, document, link, message, fix)


@rule("links/absolute-path")
def absolute_path(reading: Reading) -> Iterator[Spot]:
    """No link is an absolute path.

    It leads to a place on the author's machine or web site that nobody else has.
    Source: https://agentskills.io/specification#file-references (relative paths from the skill root)

    Good:

        [the guide](references/guide.md)

    Bad:

        [the guide](/home/me/skills/demo/references/guide.md)

    Mend: write the path from the skill's folder, or the whole web address.
    """
    for document in reading.documents:
        for link, _ in document.bad("absolute"):
            message = f"The link `{shown(link.target)}` is an absolute path, which leads nowhere on another machine."
            yield _spot(reading, document, link, message, "Write the path from the skill's folder, or a web address.")


@rule("links/missing-anchor")
def missing_anchor(reading: Reading) -> Iterator[Spot]:
    """The part behind `#` names a heading of the file that the link leads to.

    The reader lands at the top of a long file and has to search. Headings become anchors as on GitHub: lower case,
    hyphens for blanks, no punctuation.
    Source: https://docs.github.com/en/get-started/writing-on-github (section links)

    Good:

        [Set up](#set-up)             (and there is a heading `## Set up`)

    Bad:

        [Set up](#setup)

    Mend: correct the anchor, or link to the file alone.
    """
    for document in reading.documents:
        for number, (link, target) in enumerate(document.bad("anchor")):
            named = (
                document
                if target.path == document.path
                else next(each for each in reading.documents if each.path == target.path)
            )
            known = sorted(named.anchors)[:500] if number < _GUESSED else []
            near = difflib.get_close_matches(target.anchor.lower()[:80], known, 1, 0.6)
            place = "this file" if named is document else f"`{shown(target.path)}`"
            message = f"No heading of {place} is called `#{shown(target.anchor)}`, so the link leads to its top."
            fix = f"Write `#{shown(near[0])}`." if near else "Write the anchor of a heading, or leave it out."
            yield _spot(reading, document, link, message, fix)


def _spot(reading: Reading, document: Document, link: Link, message: str, fix: str) -> Spot:
    return Spot(reading.skill.inside(document.path), link.line, message, fix, link.column)


def _near(document: Document, path: str) -> str:
    """The file that `path` may have meant: the same but for case, or one like it."""
    files = sorted(document.ground.files)[:2000]
    same = [each for each in files if each.lower() == path.lower()]
    return next(iter(same or difflib.get_close_matches(path[:120], files, 1, 0.85)), "")


def _looks_like_host(path: str) -> bool:
    host = path.partition("/")[0]
    return host.startswith("www.") or host.endswith((".com", ".org", ".io", ".dev", ".net"))
