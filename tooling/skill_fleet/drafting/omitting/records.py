"""What tells of the past, and what serves to test the skill: no guidance, and said to be none wherever it is listed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.sections import Section, tree
from skill_fleet.drafting.pages.spots import Spots

# A heading that says to do something with a log is no log: "Update the changelog", "Read the release notes".
DOING = (
    r"(?:step \d+\W+|\W*\d+(?:\.\d+)*[.):]?\s+|\W+)?(?:how to\b|(?:"
    r"add(?:ing)?|bump(?:ing)?|commit(?:ting)?|creat(?:e|ing)|draft(?:ing)?|edit(?:ing)?|generat(?:e|ing)|keep(?:ing)?|"
    r"maintain(?:ing)?|mak(?:e|ing)|prepar(?:e|ing)|publish(?:ing)?|regenerat(?:e|ing)|submit(?:ting)?|"
    r"updat(?:e|ing)(?! (?:history|log|report))|verif(?:y|ying)|writ(?:e|ing))\b|"
    r"(?:announc|chang|check|clean|clos|complet|describ|document|explain|find|finish|fill|get|hold|includ|list|not|open|post|"
    r"read|record|releas|review|run|schedul|send|shar|sign|tag|us|view)(?:e|ing)?\b"
    r"(?: up| in| out)? (?:the|your|our|its|an?|any|all|each|every|this|that|these|those|what|new)\b)"
)
DATE = re.compile(r"\b(?:19|20)\d\d-\d\d(?:-\d\d)?\b")
_LOG = re.compile(
    rf"^(?!{DOING}).*?\b(change ?log|release notes|what(?:'s| has|\u2019s)? (?:is )?(?:new|changed)|(?:version|revision) history|"
    r"recent (?:progress|changes|updates)|(?:status|progress) (?:report|log|update)s?|completed tasks|"
    r"(?:code )?review report|audit report|post-?mortem|meeting (?:notes|minutes)|retrospective|"
    r"änderungs(?:protokoll|historie|verlauf)|journal des (?:modifications|changements)|historique des (?:versions|modifications)|"
    r"(?:historial|registro) de cambios|registro delle modifiche|(?:histórico|registro) de alterações|wijzigingslogboek|"
    r"historia zmian|değişiklik günlüğü|sürüm geçmişi|(?:история|журнал) изменений|"
    r"(?:更新|变更|變更)(?:日志|日誌|记录|記錄)|(?:変更|更新)履歴|변경 이력|سجل التغييرات)\b",
    re.I,
)
_STAMP = re.compile(
    r"\W*(?:last |skill )?(?:updated|created|modified|reviewed|enhancement|version|date)\b.{0,24}\b(?:19|20)\d\d-\d\d",
    re.I,
)
_SCENARIO = re.compile(r"(scenario|test case|eval(uation)?)( \d+)?\s*[:.-]|^(scenario|test case|eval) \d", re.I)
_ASKED = re.compile(r"\s*(?:[-*+]\s+)?\*{0,2}(prompt|expected|success criteria)\b[^:]{0,40}:", re.I)
_ENOUGH = 2


def record_of(page: Page, section: Section) -> Literal["", "record", "evaluation"]:
    """Whether a section is a dated report or log, or scenarios to try a skill on, by its titles and repeated labels."""
    first = section if section.level else next(iter(section.children), section)
    inner = [one for one in section.walk() if one is not section]
    scenarios = sum(bool(_SCENARIO.match(one.title)) for one in inner)
    asked = {found[1].lower() for line in page.lines[section.first : section.last] if (found := _ASKED.match(line))}
    if scenarios >= _ENOUGH and (asked or 2 * scenarios > len(inner)):
        return "evaluation"
    if _LOG.search(first.title) or DATE.search(first.title):
        return "record"
    dated = [one for one in inner if _LOG.search(one.title) and DATE.search(one.title)]
    return "record" if not section.level and dated else ""


def records(page: Page, spot: Spots) -> Iterator[str]:
    """Reports, logs and stamps with their places: "record, not guidance: drop?"."""
    end = -1
    said: list[str] = []
    for section in tree(page).walk():
        if section.level and section.first >= end and (_LOG.search(section.title) or DATE.search(section.title)):
            place = spot(page, section.first)
            said += [f'"{section.title}" ({place})'] if place else []
            end = section.last
    for number, line in enumerate(page.lines):
        if "-" in line and len(line) < 200 and _STAMP.match(line) and not page.literal(number):
            place = spot(page, number)
            said += [f"a date stamp ({place})"] if place else []
    if said:
        yield f"{', '.join(said)}: record, not guidance: drop?"
