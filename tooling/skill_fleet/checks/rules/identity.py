"""The place of each skill in the fleet: its category, its id and its name."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Collection, Iterable, Iterator

from skill_fleet.checks.contexts import FleetContext
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.fleet import PROFILES_FILE, TAXONOMY_FILE, Copy, by_folder, categories, is_name, namespaces
from skill_fleet.markdown import shown


@rule("fleet/empty", scope="fleet", ours=True)
def empty(context: FleetContext) -> Iterator[Violation]:
    """The fleet has at least one skill.

    Otherwise a wrong path looks like a fleet without problems.

    Good:

        skills/python/demo/SKILL.md

    Bad:

        skills/python/demo.md

    Fix: give the path that contains the skills. Each skill is a folder with a file SKILL.md.
    """
    if not context.fleet.skills:
        fix = "Put a SKILL.md into a folder of its own: skills/CATEGORY/NAME/."
        yield Violation(context.fleet.root or ".", 1, "No skill was found, so nothing was checked.", fix)


@rule("fleet/taxonomy", scope="fleet", ours=True)
def taxonomy(context: FleetContext) -> Iterator[Violation]:
    """skills/taxonomy.yaml lists the categories, each with a valid name and a description.

    It says where a skill belongs and who owns it.

    Good:

        categories:
          python:
            description: The language, its frameworks and its tools.

    Bad:

        categories: [python, web]

    Fix: write one key for each category, with a `description` and, if there are any, `owners` below it.
    """
    for fault in context.fleet.taxonomy.faults:
        message = f"The taxonomy is not valid: {shown(fault.detail)}"
        fix = "Write `categories:`, below it each category's name, and below that its `description:`."
        yield Violation(TAXONOMY_FILE, fault.line, message, fix, fault.column)


@rule("fleet/profiles", scope="fleet", ours=True)
def profiles(context: FleetContext) -> Iterator[Violation]:
    """skills/profiles.yaml, if there is one, lists roles, each with the skills that it needs: by id, category or tag.

    Each is a bundle of the marketplace: who installs it gets its skills, and what these require.

    Good:

        profiles:
          backend:
            description: For people who write services.
            skills: [web/forms]
            categories: [api]
            tags: [databases]

    Bad:

        profiles:
          backend:
            skills: [web/froms]

    Fix: describe it, and name skills that exist and are not retired, categories with skills, and tags that skills have.
    """
    known, faults = context.fleet.profiles
    for fault in faults:
        yield Violation(PROFILES_FILE, fault.line, f"The profiles are not valid: {shown(fault.detail)}", "Correct it.")
    for profile in known.values():
        chosen = context.fleet.chosen(profile)
        ids, tags = {each.id for each in chosen}, {tag for each in chosen for tag in each.tags}
        for kind, names, there in (
            ("skill", profile.skills, ids),
            ("category", profile.categories, {each.partition("/")[0] for each in ids}),
            ("tag", profile.tags, tags),
        ):
            for name in sorted({*names} - there):
                message = f"The profile {profile.name} names the {kind} `{shown(name)}`, which no active skill has."
                yield Violation(PROFILES_FILE, profile.line, message, "Correct it, or remove it.")


@rule("fleet/bundle-name", scope="fleet", ours=True)
def bundle_name(context: FleetContext) -> Iterator[Violation]:
    """No category or profile has the name of a skill, and no profile that of a category.

    Each of them is a plugin of the marketplace, and its name is all that installers know it by.
    Source: https://code.claude.com/docs/en/plugin-marketplaces (plugin entries)

    Good:

        skills/web/web-forms

    Bad:

        skills/web/web

    Fix: rename the skill or the profile.
    """
    categories, profiles = context.fleet.taxonomy.categories, context.fleet.profiles[0]
    for name in sorted({*categories, *profiles} & context.fleet.by_name.keys()):
        kind = "category" if name in categories else "profile"
        message = f"The {kind} `{name}` has the same name, and each is a plugin of the marketplace."
        yield context.at(context.fleet.by_name[name][0], message, "Rename one of them.")
    for name in sorted(categories.keys() & profiles.keys()):
        message = f"The category `{name}` has the same name as this profile, and each is a plugin of the marketplace."
        yield Violation(PROFILES_FILE, profiles[name].line, message, "Rename the profile.")


@rule("fleet/category", scope="fleet", ours=True)
def category(context: FleetContext) -> Iterator[Violation]:
    """The first folder of a skill's path is a category of skills/taxonomy.yaml.

    A misspelled category splits the fleet and has no owner to review it. A change is checked against the categories of
    its base, as against all settings: a new category is merged first and used afterwards.

    Good:

        skills/python/demo/SKILL.md

    Bad:

        skills/pyton/demo/SKILL.md

    Fix: move the skill, or add the category in a pull request of its own.
    """
    now = context.fleet.taxonomy.categories
    if not now:  # fleet/taxonomy reports it
        return
    before = (context.taxonomy and context.taxonomy.categories) or now
    for skill in context.fleet.skills:
        name, slash, _ = skill.id.partition("/")
        if slash and not (name in now and name in before):
            message, fix = _about_category(name, now, before, context.fleet.root)
            yield context.at(skill, message, fix, key=f"category {name}")


def _about_category(name: str, now: Collection[str], before: Collection[str], root: str) -> tuple[str, str]:
    """Message and fix for a category that is not in both: the taxonomy `now`, and the one `before` the change."""
    word = shown(name)
    if name in now:
        message = f"The category `{word}` is new in this change; a change can only use the categories of its base."
        return message, f"Merge the category first: open a pull request that changes only {TAXONOMY_FILE}."
    if name in before:
        message = f"This change removes the category `{word}` from {TAXONOMY_FILE}, but the skill is still in it."
        return message, "Move the skill in an earlier change, or keep the category."
    near = difflib.get_close_matches(name[:60], now, 1)
    fix = f"Move the skill to {root}/{near[0]}/" if near else f"Move the skill to one of: {', '.join(sorted(now))}"
    return f"`{word}` is not a category of {TAXONOMY_FILE}.", f"{fix}; or merge the category first."


@rule("fleet/id", scope="fleet", ours=True)
def skill_id(context: FleetContext) -> Iterator[Violation]:
    """The path of a skill is CATEGORY/NAME, each a valid name.

    The path is the skill's only id: it appears in addresses, commands and other skills.
    Source: https://agentskills.io/specification#name-field, applied to each folder

    Good:

        skills/python/demo/SKILL.md

    Bad:

        skills/demo/SKILL.md
        skills/My Things/demo/SKILL.md

    Fix: move the folder. Use a-z, 0-9 and single hyphens.
    """
    for skill in context.fleet.skills:
        # spec/name reports an invalid last part, because it knows the skill's name
        parents = skill.id.split("/")[:-1]
        bad = next((part for part in parents if not is_name(part)), None)
        if not parents:
            message = "The skill is not in a category, so it has no id and no owner."
            yield context.at(skill, message, f"Move it to skills/CATEGORY/{shown(skill.id) or 'NAME'}.")
        elif bad is not None:
            message = f"The folder `{shown(bad)}` is not a valid part of an id."
            yield context.at(skill, message, "Rename the folder. Use a-z, 0-9 and single hyphens.")


@rule("fleet/name-unique", scope="fleet")
def name_unique(context: FleetContext) -> Iterator[Violation]:
    """No two skills have the same name.

    Clients identify a skill by its name: of two, one silently hides or overwrites the other. In a repository without
    categories, names are unique in a plugin or in a folder `skills`; copies in the folders of clients are one skill.
    Source: https://agentskills.io/specification#name-field

    Good:

        skills/python/testing
        skills/web/web-testing

    Bad:

        skills/python/testing
        skills/web/testing

    Fix: rename one, for instance with its category in front.
    """
    groups = [by_folder(skills) for skills in namespaces(context.fleet).values()]
    clashing = [(name, skills) for group in groups for name, skills in group.items() if name and len(skills) > 1]
    known = categories(context.fleet) if clashing else {}
    for name, skills in clashing:
        for skill in skills:
            others = ", ".join(shown(other.id) for other in skills[:4] if other is not skill)
            more = f" and {len(skills) - 4} more" if len(skills) > 4 else ""
            message = f"{others}{more} has the same name `{shown(name)}`, and clients show only one of them."
            better = f"{shown(known[skill.id])}-{shown(name)}".replace("/", "-").strip(".-")
            yield context.at(skill, message, f"Rename one of them, for instance to `{better}`.", key=f"name {name}")


@rule("layout/copy-drift", "hint", scope="fleet")
def copy_drift(context: FleetContext) -> Iterator[Violation]:
    """The copies of a skill in the folders of clients are the same.

    Clients that read different copies behave differently, and a correction reaches only some of them.

    Good:

        skills/demo/SKILL.md and .claude/skills/demo/SKILL.md with the same text

    Bad:

        skills/demo/SKILL.md and .claude/skills/demo/SKILL.md with different texts

    Fix: copy the source again, or replace the copies by links to it.
    """
    drifted: dict[str, list[Copy]] = {}
    for copy in context.fleet.copies:
        if copy.differing:
            drifted.setdefault(copy.source.id, []).append(copy)
    for source, copies in drifted.items():
        listed = ", ".join(shown(copy.skill.path) for copy in copies[:3])
        more = f" and {len(copies) - 3} more" if len(copies) > 3 else ""
        differ = "differs" if len(copies) == 1 else "differ"
        message = f"{listed}{more} {differ} from this skill of the same name: `{shown(copies[0].differing[0])}`."
        yield context.at(source, message, "Copy it again, or replace the copies by links to it.", key="drift")


@rule("fleet/case-clash", scope="fleet")
def clashing_folders(context: FleetContext) -> Iterator[Violation]:
    """No two folders of the fleet differ only in upper and lower case, or in Unicode normalisation.

    On macOS and Windows they are one folder, and a clone loses files.
    Source: https://git-scm.com/docs/git-config#Documentation/git-config.txt-coreignoreCase

    Good:

        skills/python/demo, skills/web/chart

    Bad:

        skills/python/demo, skills/Python/chart

    Fix: use lower case for all of them.
    """
    for folder, first, skill in clashes(context.fleet.by_id):
        message = f"The folders `{shown(first)}` and `{shown(folder)}` are the same on macOS and Windows."
        yield context.at(skill, message, "Rename one of them in lower case.")


def clashes(paths: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Find files and folders that some file systems take for an earlier one: those that ignore case and normalise Unicode.

    Each comes with that earlier one and with the path that it is part of. What is below it clashes too, and is left out.
    """
    seen: dict[str, str] = {}
    reported: set[str] = set()
    for path in paths:
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            place = "/".join(parts[:end])
            same = place.lower() if place.isascii() else unicodedata.normalize("NFC", place).casefold()
            first = seen.setdefault(same, place)
            if first != place:
                if place not in reported:
                    reported.add(place)
                    yield place, first, path
                break
