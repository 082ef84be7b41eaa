"""What is said of files that the text names and the skill does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from skill_fleet.drafting.pages.mentions import Mentions
from skill_fleet.drafting.pages.spots import listed

SUPPLY = "Supply with `--from DIR`, or drop."
MOST_NAMES = 200
MOST_PLACED = 8
_TEXTS = (".md", ".rst", ".txt", ".adoc", ".html", ".mdx")


def said_missing(found: Mentions, beside: str = "", supply: str = SUPPLY) -> Iterator[tuple[bool, str]]:
    """A sentence for the skill's own files, one for other documents, one for paths of code; whether it is the first.

    `beside` says what else is missing, `supply` how to mend it.
    """
    texts = {name: places for name, places in found.others.items() if name.endswith((*_TEXTS, "/"))}
    rest = {name: places for name, places in found.others.items() if name not in texts}
    if found.own:
        one = "a file" if len(found.own) == 1 else f"{len(found.own)} files"
        yield True, f"The text {beside}names {one} of its own that do not exist: {_all(found.own)}. {supply}"
    if texts:
        yield (
            False,
            f"Documents and folders named that are not in the skill: {_by_file(texts)}. Supply them, or drop the mentions.",
        )
    if rest:
        yield (
            False,
            f"Files named that are not in the skill: {_by_file(rest)}. Say whose project they are in, or drop the mentions.",
        )


def _by_file(names: Mapping[str, Mapping[str, None]]) -> str:
    """Few names with their lines; many by the file that names them."""
    if len(names) <= MOST_PLACED:
        return _all(names)
    by: dict[str, dict[str, None]] = {}
    for name, places in names.items():
        for place in places:
            by.setdefault(place.rpartition(":")[0], {})[name] = None
    said = []
    for file, found in by.items():
        some = ", ".join(f"`{name}`" for name in [*found][:MOST_PLACED])
        more = f" and {len(found) - MOST_PLACED} more" if len(found) > MOST_PLACED else ""
        said.append(f"{len(found)} in {file} ({some}{more})")
    return "; ".join(said)


def _all(names: Mapping[str, Mapping[str, None]]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(f"`{name}` ({listed([*places])})" for name, places in [*names.items()][:MOST_NAMES]) + more
