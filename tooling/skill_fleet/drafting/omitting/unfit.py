"""Parts of a document that are no guidance for an agent, where that is certain: what a draft leaves out by itself.

Certain is more than a title: a section for another tool has to speak of agents or of answers, a log to tell of what was
done. What is only likely stays in the skill, and is an open point.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.drafting.omitting.foreign import FOREIGN
from skill_fleet.drafting.omitting.records import DATE, DOING, record_of
from skill_fleet.drafting.pages.page import Page, Used
from skill_fleet.drafting.pages.sections import Section, tree

_TOLD = re.compile(
    r"\b(sub-?agents?|main (agent|conversation|thread)|context window|return (?:only )?an? (?:\w+ )?summary|"
    r"requesting_agent|mcp__\w+)\b",
    re.I,
)
_ITSELF = re.compile(r"\bthis sub-?agent\b", re.I)
_PERSONA = re.compile(r"\W*you are (?:an?|the)\b", re.I)
_OPENING = 12  # lines in which a prompt says who it speaks to
_LOG = re.compile(
    rf"^(?!{DOING}).*?\b(change ?log|release notes|(?:version|revision) history|recent (?:progress|changes|updates)|"
    r"what(?:'s| has|\u2019s)? (?:is )?(?:new|changed)|(?:status|progress) (?:report|update)s?|(?:code )?review report|"
    r"audit report|post-?mortem|meeting (?:notes|minutes))\b",
    re.I,
)
_NEWS = re.compile(r"\bwhat(?:'s| has|\u2019s)? (?:is )?(?:new|changed)", re.I)
_RELEASE = re.compile(r"\[?v?\d+(?:\.\d+)+\]?\W+(?:19|20)\d\d-\d\d-\d\d\W*$")
_DONE = re.compile(
    r"(?:[-*+]|\d+[.)])\s+\W*(?:added|changed|created|deprecated|enhanced|extended|fixed|improved|integrated|merged|moved|"
    r"new|refactored|released|removed|renamed|replaced|reworked|updated|upgraded|v?\d+\.\d+|(?:19|20)\d\d-\d\d)\b",
    re.I,
)
_ITEM = re.compile(r"(?:[-*+]|\d+[.)])\s+\S")
_TESTED = re.compile(
    r"(?:running the .{0,30}\btests?|(?:\w+ )?test results\b.*|test(?:ing)? (?:methodology|method|approach|protocol))$",
    re.I,
)
LESSONS = 2
_LESSON = re.compile(
    r"\s*(?:[-*+]\s+)?\*\*(?:impact|cause|reason|fix|solution|remedy|instead|(?:\w+ )?symptoms?|why)\b[^*]{0,20}\*\*",
    re.I,
)
_CALL = re.compile(r"`@?([\w.]*[a-z]\w*\()[^`]*\)`")
_AUTHORS = re.compile(
    r"(?:to add (?:new|more) (?:patterns|content|references)|"
    r"(?:updating|maintaining) this (?:skill|document|index))\b",
    re.I,
)
_DATED = re.compile(
    r"\W*(?:(?:skill|document|last) )?(?:created|updated|modified|reviewed|date)\W{1,6}(?:on )?(?:19|20)\d\d-\d\d(?:-\d\d)?\W*$",
    re.I,
)
_ABOUT = re.compile(
    r"\W*(?:[\w ]{0,40}\b(?:created|updated|modified|reviewed|enhancement|update frequency|maintainers?|author|knowledge base)|"
    r"(?:skill |document )?(?:version|status|date))\W{0,4}:",
    re.I,
)
_RECORD = "is a record, not guidance"
_TRIED = "tells how the text was tried, no guidance"
BESIDES = 10  # filled lines that a document needs besides its records, or the records are what it is


def unfit(page: Page) -> tuple[Used, ...]:
    """Sections for another tool, records, and what is spoken to the text's authors, each with the reason."""
    found = [*_sections(page), *_passages(page)]
    left = _guidance(page) - sum(page.size(one.first, one.last).filled for one in found)
    return tuple(found if left >= BESIDES else (one for one in found if not one.reason.endswith((_RECORD, _TRIED))))


def is_record(page: Page) -> bool:
    """Whether a whole document is a dated report or a log."""
    tops = tree(page).children
    return len(tops) == 1 and tops[0].first == page.top and _logged(page, tops[0])


def _guidance(page: Page) -> int:
    headings = sum(1 for block in page.outline.blocks if block.level)
    return page.size(page.start, len(page.lines)).filled - headings


def _sections(page: Page) -> Iterator[Used]:
    end = page.start
    tests = record_of(page, tree(page)) == "evaluation"
    end_of_results = page.start
    for section in tree(page).walk():
        if section.level < 2 or section.first < end or section.body == section.last:
            continue
        why = ""
        if FOREIGN.search(section.title) and _told(page, section):
            why = "is written for another tool"
        elif _logged(page, section):
            why = _RECORD
        elif tests and (_TESTED.match(section.title) or end_of_results > section.first):
            if _teaches(page, section):
                end_of_results = max(end_of_results, section.last)  # what is in it is judged part by part
            else:
                why = _TRIED
        elif _AUTHORS.match(section.title):
            why = "is spoken to the authors of the text"
        if why:
            end = section.last
            yield Used(section.first, page.trimmed(section.first, end), f'"{section.title}" {why}', aside=True)


def _teaches(page: Page, section: Section) -> bool:
    """Whether what is headed as results says what was wrong, why, and what to do instead, or names a call that the rest
    of the text does not."""
    own = page.lines[section.body : section.last]
    if sum(bool(_LESSON.match(line)) for line in own) >= LESSONS:
        return True
    calls = {call for line in own for call in _CALL.findall(line)}
    rest = "\n".join((*page.lines[: section.first], *page.lines[section.last :])) if calls else ""
    return any(call not in rest for call in calls)


def _told(page: Page, section: Section) -> bool:
    """Whether the text of a section speaks to a subagent: what is about subagents is somebody's guidance."""
    said = [line for line in page.lines[section.body : section.last] if _TOLD.search(line)]
    prompt = "tools" in page.matter or any(
        _PERSONA.match(line) for line in page.lines[page.start : page.start + _OPENING]
    )
    return bool(said) and (prompt or any(_ITSELF.search(line) for line in said))


def _logged(page: Page, section: Section) -> bool:
    """A log by its title and, unless that is a dated report, by its releases or what its items begin with.

    What is new may be what to do now, whatever the date.
    """
    if _RELEASE.match(section.title):
        return True
    if not _LOG.search(section.title):
        return False
    items = [line for line in page.lines[section.body : section.last] if _ITEM.match(line)]
    done = sum(bool(_DONE.match(line)) for line in items)
    if (done > 0 and 2 * done >= len(items)) or any(_RELEASE.match(child.title) for child in section.children):
        return True
    return bool(DATE.search(section.title)) and not _NEWS.search(section.title)


def _passages(page: Page) -> Iterator[Used]:
    """Stamps, and steps for the authors under no heading of their own."""
    blocks = page.outline.blocks
    for at, block in enumerate(blocks):
        if block.kind != "paragraph":
            continue
        follows = blocks[at + 1] if at + 1 < len(blocks) else None
        listed = follows if follows is not None and follows.kind.endswith("_list") else None
        if listed and _AUTHORS.match(page.lines[block.first]) and page.lines[block.end - 1].rstrip().endswith(":"):
            said = page.lines[block.first].rstrip(": ")
            yield Used(
                block.first,
                page.trimmed(block.first, listed.end),
                f'"{said}" is spoken to the authors of the text',
                aside=True,
            )
        if _DATED.match(page.lines[block.first]):
            end = listed.end if listed and listed.first == block.end else block.end
            rest = [line.strip() for line in page.lines[block.first + 1 : end]]
            if all(not line or _ABOUT.match(line) or _DONE.match(line) for line in rest):
                yield Used(
                    block.first,
                    page.trimmed(block.first, end),
                    f"a date stamp{' with what it changed' if any(rest) else ''} {_RECORD}",
                    aside=True,
                )
