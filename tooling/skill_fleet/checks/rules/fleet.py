"""The taxonomy, and that every skill has its place in it."""

from __future__ import annotations

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator

from skill_fleet.checks.graphs import cycles
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.survey import Survey
from skill_fleet.fleet import TAXONOMY_FILE, Skill, is_name, is_skill_id
from skill_fleet.markdown import shown


@rule("fleet/taxonomy", scope="fleet")
def taxonomy(survey: Survey) -> Iterator[Spot]:
    """skills/taxonomy.yaml lists the categories, each with a valid name and a description.

    It says where a skill belongs and who looks after it; without it every path would do.

    Good:

        categories:
          python:
            description: The language, its frameworks and its tools.

    Bad:

        categories: [python, web]

    Fix: one key a category, a `description` below it, `owners` if there are any.
    """
    for fault in survey.fleet.taxonomy.faults:
        message = f"The taxonomy is wrong, so skills cannot be placed: {shown(fault.detail)}"
        fix = "Write `categories:`, below it each category's name, and below that its `description:`."
        yield Spot(TAXONOMY_FILE, fault.line, message, fix, fault.column)


@rule("fleet/category", scope="fleet")
def category(survey: Survey) -> Iterator[Spot]:
    """The first folder of a skill's path is a category of skills/taxonomy.yaml.

    A misspelled category splits the fleet and has no owner to review it. A change is held to the categories that were there
    before it, as to all settings: a category is agreed on first, by whoever looks after the taxonomy, and used then.

    Good:

        skills/python/demo/SKILL.md

    Bad:

        skills/pyton/demo/SKILL.md

    Fix: move the skill, or have the category merged first, in a change of its own.
    """
    now = survey.fleet.taxonomy.categories
    if not now:  # fleet/taxonomy says why
        return
    known = (survey.taxonomy and survey.taxonomy.categories) or now
    for skill in survey.fleet.skills:
        first, slash, _ = skill.id.partition("/")
        if slash and not (first in now and first in known):
            message, fix = _words(first, now, known, survey.fleet.root)
            yield survey.at(skill, message, fix, key=f"category {first}")


def _words(first: str, now: Collection[str], known: Collection[str], root: str) -> tuple[str, str]:
    """What to say of a category that is not in both: the taxonomy as it is `now`, and as it was before the change."""
    name = shown(first)
    if first in now:
        return (
            f"The category `{name}` comes with this change, and a change is held to the categories from before it.",
            f"Have it merged first: open a pull request with {TAXONOMY_FILE} alone.",
        )
    if first in known:
        return (
            f"This change takes the category `{name}` out of {TAXONOMY_FILE}, and the skill is still in it.",
            "Move the skill in a change before this one, or leave the category.",
        )
    near = difflib.get_close_matches(first[:60], now, 1)
    fix = f"Move it to {root}/{near[0]}/" if near else f"Move it to one of: {', '.join(sorted(now))}"
    message = f"`{name}` is no category of {TAXONOMY_FILE}, so nobody looks after the skill."
    return message, f"{fix}, or have the category merged first."


STATUSES = ("active", "deprecated", "retired")


@rule("fleet/requires", scope="fleet")
def requires(survey: Survey) -> Iterator[Spot]:
    """Each id in `metadata.requires` is a skill of the fleet.

    Who installs the skill is told to install that one too, and there is none.

    Good:

        metadata:
          requires: web/forms

    Bad:

        metadata:
          requires: web/froms

    Fix: correct the id, or take it out.
    """
    for skill, needed in survey.requires.items():
        for other in needed:
            if other in survey.fleet.by_id:
                continue
            message = f"`requires` names `{shown(other)}`, and there is no such skill to install."
            heirs = survey.heirs.get(other)
            near = heirs or difflib.get_close_matches(other[:120], survey.fleet.by_id, 1, 0.8)
            yield survey.at(
                skill,
                message,
                f"Write `{shown(near[0])}`." if near else "Correct it, or take it out.",
                "metadata.requires",
            )


@rule("fleet/cycle", scope="fleet")
def cycle(survey: Survey) -> Iterator[Spot]:
    """No skill requires itself, not by way of others either.

    There would be no order to install or to read them in.

    Good:

        web/forms requires web/html

    Bad:

        web/forms requires web/html, web/html requires web/forms

    Fix: take one of them out of `requires`, or put what both need into a skill of its own.
    """
    graph = {
        skill: sorted(other for other in set(needed) if other in survey.fleet.by_id)
        for skill, needed in survey.requires.items()
    }
    for path in cycles(graph):
        way = " -> ".join(shown(each) for each in (*path[:8], *(["…"] if len(path) > 8 else []), path[0]))
        message = f"These skills require each other in a circle: {way}."
        yield survey.at(path[0], message, "Take one of them out of `requires`.", "metadata.requires")


@rule("fleet/status", scope="fleet")
def status(survey: Survey) -> Iterator[Spot]:
    """`metadata.status` is active, deprecated or retired, and `superseded-by` is a skill of the fleet.

    The catalogue leaves out what is retired, and leads its readers to the skill that replaces it.

    Good:

        metadata:
          status: retired
          superseded-by: web/forms

    Bad:

        metadata:
          status: old

    Fix: write one of the three words, and an id that is there.
    """
    for skill in survey.naming(b"status:"):
        if skill.status not in STATUSES:
            message = f"The status `{shown(skill.status)}` is none of {', '.join(STATUSES)}, so it has no effect."
            yield survey.at(skill, message, "Write one of these three.", "metadata.status")
    for skill in survey.naming(b"superseded-by"):
        heir = skill.front_matter.metadata("superseded-by")
        if heir is not None and (heir == skill.id or heir not in survey.fleet.by_id):
            message = f"`superseded-by` names `{shown(heir)}`, which is no other skill, so readers are led nowhere."
            near = difflib.get_close_matches(heir[:120], survey.fleet.by_id.keys() - {skill.id}, 1, 0.8)
            fix = f"Write `{shown(near[0])}`." if near else "Write the id of the skill that replaces it."
            yield survey.at(skill, message, fix, "metadata.superseded-by")


@rule("fleet/empty", scope="fleet")
def empty(survey: Survey) -> Iterator[Spot]:
    """There is at least one skill.

    A check that looked at nothing and says "all is well" hides a wrong path for ever.

    Good:

        skills/python/demo/SKILL.md

    Bad:

        skills/python/demo.md

    Fix: give the path that the skills are under; each is a folder with a file SKILL.md.
    """
    if not survey.fleet.skills:
        message = "No skill was found, so nothing was checked."
        yield Spot(
            survey.fleet.root or ".", 1, message, "Put a SKILL.md into a folder of its own: skills/CATEGORY/NAME/."
        )


@rule("fleet/id", scope="fleet")
def skill_id(survey: Survey) -> Iterator[Spot]:
    """A skill stands in CATEGORY/NAME, each a valid name.

    The path is the skill's only id: it appears in addresses, commands and other skills.
    Source: https://agentskills.io/specification#name-field, applied to each folder

    Good:

        skills/python/demo/SKILL.md

    Bad:

        skills/demo/SKILL.md
        skills/My Things/demo/SKILL.md

    Fix: move the folder: a-z, 0-9 and single hyphens.
    """
    for skill in survey.fleet.skills:
        # a bad last part is spec/name's to report, which knows what the skill calls itself
        parents = skill.id.split("/")[:-1]
        bad = next((part for part in parents if not is_name(part)), None)
        if not parents:
            message = "The skill stands in no category, so it has no id and nobody owns it."
            yield survey.at(skill, message, f"Move it to skills/CATEGORY/{shown(skill.id) or 'NAME'}.")
        elif bad is not None:
            message = f"The folder `{shown(bad)}` is no valid part of an id, so the skill cannot be addressed."
            yield survey.at(skill, message, "Rename the folder: a-z, 0-9 and single hyphens.")


@rule("fleet/name-unique", scope="fleet")
def name_unique(survey: Survey) -> Iterator[Spot]:
    """No two skills have the same name.

    Clients know a skill by its name alone: of two, one hides or overwrites the other without a word.
    Source: https://agentskills.io/specification#name-field (the name stands for the skill)

    Good:

        skills/python/testing
        skills/web/web-testing

    Bad:

        skills/python/testing
        skills/web/testing

    Fix: rename one, for instance with its category in front.
    """
    for name, skills in survey.fleet.by_name.items():
        for skill in skills if len(skills) > 1 else ():
            others = ", ".join(shown(other.id) for other in skills if other is not skill)
            message = f"The name `{shown(name)}` is also that of {others}, and clients would show only one of them."
            category = skill.id.partition("/")[0]
            yield survey.at(skill, message, f"Rename one of them, for instance `{shown(category)}-{shown(name)}`.")


@rule("fleet/formerly", scope="fleet")
def formerly(survey: Survey) -> Iterator[Spot]:
    """An id in `metadata.formerly` is valid, is no skill's id now, and is claimed by one skill only.

    Whoever installed the old id is led to its heir; with two heirs or a new owner they would get another skill.

    Good:

        metadata:
          formerly: web/old-name

    Bad:

        metadata:
          formerly: web/testing        (and skills/web/testing is there)

    Fix: remove the claim that is wrong, or rename the newcomer.
    """
    for claimant, claims in survey.formerly.items():
        for old in claims:
            word = shown(old)
            others = [shown(other) for other in survey.heirs[old] if other != claimant]
            fix = "Remove it from `formerly`, or give the other skill another name."
            if not is_skill_id(old):
                message = f"`{word}` in `formerly` is no id, so nobody is led here from it."
                fix = "Write CATEGORY/NAME, ids separated by spaces."
            elif old == claimant:
                message = f"`formerly` names the id `{word}` that the skill has now."
                fix = "Remove it there."
            elif old in survey.fleet.by_id:
                message = f"`formerly` claims `{word}`, which is another skill now: who had it would get the wrong one."
            elif others:
                message = (
                    f"`formerly` claims `{word}`, and so does {', '.join(others)}: who had it cannot be led to both."
                )
            else:
                continue
            yield survey.at(claimant, message, fix, "metadata.formerly")


@rule("fleet/case-clash", scope="fleet")
def case_clash(survey: Survey) -> Iterator[Spot]:
    """No two folders of the fleet differ only in upper and lower case, or in how Unicode spells a letter.

    On macOS and Windows they are one folder, and a clone there loses files.
    Source: https://git-scm.com/docs/git-config#Documentation/git-config.txt-coreignoreCase

    Good:

        skills/python/demo, skills/web/chart

    Bad:

        skills/python/demo, skills/Python/chart

    Fix: use lower case for all of them.
    """
    spellings: dict[str, dict[str, Skill]] = defaultdict(dict)
    for skill in survey.fleet.skills:
        parts = skill.id.split("/")
        for end in range(1, len(parts) + 1):
            folder = "/".join(parts[:end])
            spellings[folded(folder)].setdefault(folder, skill)
    for found in spellings.values():
        first = min(found)
        for folder, skill in found.items():
            # a clash of parents makes all below clash too; one finding is enough
            if folder != first and folder.rpartition("/")[0] == first.rpartition("/")[0]:
                message = f"The folders `{shown(first)}` and `{shown(folder)}` are one on macOS and Windows."
                yield survey.at(skill, message, "Rename one of them in lower case.")


def folded(path: str) -> str:
    """`path` as a file system sees it that ignores case and normalises Unicode."""
    return path if path.isascii() and path.islower() else unicodedata.normalize("NFC", path).casefold()
