"""The preview of a pull request that is no draft of the bot: its skills, what is newly possible, findings, and fixes.

It is made of Git objects by the tool of the base. All of it is strangers' text, so it is shown as code, without what
nobody can see; nothing of it is run, obeyed or committed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from skill_fleet.checks import ChangeContext, Finding, check_change, compare, find_secrets, select
from skill_fleet.fixes import as_patch, fix_skill
from skill_fleet.fleet import ROOT, Fleet, GitTree, Skill, read_fleet
from skill_fleet.forges import Snapshot
from skill_fleet.git import Repository, merge_trees
from skill_fleet.markdown import as_code
from skill_fleet.review.commands import fenced
from skill_fleet.review.markers import receipts
from skill_fleet.review.sanitizing import LIMIT, visible
from skill_fleet.review.session import enumeration, pluralized, read_session

SKILLS, FINDINGS = 5, 15  # that are shown
SKILL_FILE_LIMIT, PATCH_LIMIT = 4_000, 8_000  # characters
How = Literal["new", "changed", "moved", "retired", "removed"]
_CAPABILITIES = ("change/new-script", "change/new-host", "change/wider-tools", "change/new-binary")
NEW_SKILL, CHANGED_SKILL, NEW_CAPABILITY = "new-skill", "changed-skill", "new-capability"  # labels


@dataclass(frozen=True)
class SkillChange:
    """A skill that differs between two commits: its id, how, and the id that it had before if that was another.

    `files` is the number of files of a new one; `able` are findings on what it may newly do.
    """

    id: str
    how: How
    former: str = ""
    files: int = 0
    able: tuple[Finding, ...] = ()

    @property
    def row(self) -> str:
        """The change as an item of a list in Markdown."""
        files = f", {pluralized(self.files, 'file')}" if self.files else ""
        former = f", formerly {_code(self.former)}" if self.former else ""
        return f"- {_code(self.id)}: {self.how}{files}{former}"

    @property
    def notes(self) -> list[str]:
        """The lines of release notes: the row, and below it what the skill may newly do."""
        return [self.row, *(f"  - {_code(each.path)}: {_code(each.message, 300)}" for each in self.able)]


def preview_key(snapshot: Snapshot) -> str:
    """Return the key of the comment."""
    return f"preview:pull/{snapshot.number}"


def previewed(repo: Repository, snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with its preview and labels, if due: it is open and no draft of the bot, and changes skills."""
    touches = any(path.startswith(f"{ROOT}/") for path in snapshot.changed)
    if not snapshot.complete or snapshot.state != "open" or read_session(snapshot):
        return snapshot
    if not touches and preview_key(snapshot) not in receipts(snapshot):
        return snapshot
    compared = None if snapshot.conflicts else _Compared(repo, snapshot)
    parts, left, cut = [], LIMIT, 0
    for part in _paragraphs(snapshot, compared):
        if len(part) + 2 <= left:
            parts.append(part)
            left -= len(part) + 2
        else:
            cut += 1
    more = [f"Left out, since a comment cannot hold it: {pluralized(cut, 'paragraph')}."] if cut else []
    labels = compared.labels if compared else ()
    return replace(snapshot, preview="\n\n".join([*parts, *more]), preview_labels=labels)


class _Compared:
    """The merge of a pull request compared with its base: skills that differ, findings, what agents may newly do."""

    def __init__(self, repo: Repository, snapshot: Snapshot) -> None:
        merged = merge_trees(repo, snapshot.base_oid, snapshot.head_oid)
        base, self.head = read_fleet(GitTree(repo, snapshot.base_oid)), read_fleet(GitTree(repo, merged, is_tree=True))
        change, self.outcome = compare(base, self.head), check_change(base, self.head)
        self.skills, self.changes = change.changed, _skill_changes(change)
        self.able = [each for each in self.outcome.findings if each.rule in _CAPABILITIES]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that follow."""
        is_new = [each.how == "new" for each in self.changes]
        due = {NEW_SKILL: any(is_new), CHANGED_SKILL: not all(is_new), NEW_CAPABILITY: bool(self.able)}
        return tuple(name for name, is_due in due.items() if is_due)


def _paragraphs(snapshot: Snapshot, compared: _Compared | None) -> Iterator[str]:
    at = f"{as_code(snapshot.head_oid[:12])} on {as_code(snapshot.base)}"
    if compared is None:
        paths = enumeration([_code(path) for path in snapshot.conflicts])
        yield f"**Skills** of {at}: it conflicts in {paths}, so nothing was checked."
        return
    outcome, able = compared.outcome, compared.able
    yield f"**Skills** of {at}: {pluralized(outcome.errors, 'error')}, {pluralized(outcome.hints, 'hint')}."
    rows = [each.row for each in compared.changes]
    more = [f"- and {len(rows) - FINDINGS} more"] if len(rows) > FINDINGS else []
    yield "\n".join([*rows[:FINDINGS], *more]) or "No skill is changed."
    if able:
        yield "\n".join(["Read before you approve, since agents may use it:", *_rows(able)])
    if rest := [each for each in outcome.findings if each not in able]:
        yield "\n".join(["Findings:", *_rows(sorted(rest, key=lambda each: each.severity))])
    if patch := _patch(compared.head, compared.skills):
        yield f"What has only one fix, for `git apply`:\n\n{fenced(patch, 'diff')}"
    for skill in compared.skills[:SKILLS]:
        text = skill.tree.read(skill.file).decode("utf-8", "replace") if skill.file else ""
        shown = visible(text).replace("<!--", "<! --")
        cut = shown[:SKILL_FILE_LIMIT].rstrip("\n") + ("\n…" if len(shown) > SKILL_FILE_LIMIT else "") + "\n"
        if any(find_secrets(text)):  # what is edited out of a comment stays in its history
            cut = "It is not shown, since it contains what looks like a secret.\n"
        summary = f"<details><summary>SKILL.md of <code>{_plain(skill.id)}</code></summary>"
        yield f"{summary}\n\n{fenced(cut, 'markdown')}\n\n</details>"


def changelog(base: Fleet, head: Fleet) -> list[SkillChange]:
    """Return the skills that differ, new ones first, removed ones last, each with the findings on what it may newly do."""
    able = check_change(base, head, select(_CAPABILITIES)).findings
    order = get_args(How)
    found = sorted(_skill_changes(compare(base, head)), key=lambda each: (order.index(each.how), each.id))
    return [replace(each, able=tuple(one for one in able if one.skill == each.id)) for each in found]


def _skill_changes(change: ChangeContext) -> list[SkillChange]:
    found = [_skill_change(change.previous(skill), skill) for skill in change.changed]
    moved = {each.former for each in found}
    return [*found, *(SkillChange(skill.id, "removed") for skill in change.removed if skill.id not in moved)]


def _skill_change(before: Skill | None, skill: Skill) -> SkillChange:
    if before is None:
        return SkillChange(skill.id, "new", files=len(skill.entries))
    former = "" if before.id == skill.id else before.id
    if skill.status == "retired" and before.status != "retired":
        return SkillChange(skill.id, "retired", former)
    return SkillChange(skill.id, "moved" if former else "changed", former)


def _rows(findings: Sequence[Finding]) -> Iterator[str]:
    for each in findings[:FINDINGS]:
        fix = f" {_code(each.fix, 300)}" if each.fix else ""
        hint = "" if each.severity == "error" else "hint: "
        yield f"- {hint}{_code(f'{each.path}:{each.line}')} {each.rule}: {_code(each.message, 300)}{fix}"
    if len(findings) > FINDINGS:
        yield f"- and {len(findings) - FINDINGS} more"


def _patch(head: Fleet, changed: Sequence[Skill]) -> str:
    """Return the patch of all that has one fix; '' if there is none, or if somebody would not see all of it."""
    changes = {path: content for skill in changed for path, content in fix_skill(skill).items()}
    patch = as_patch(head.tree, changes).decode("utf-8", "replace")
    is_plain = (
        visible(patch) == patch and "\ufffd" not in patch and "<!--" not in patch and not any(find_secrets(patch))
    )
    return patch if is_plain and len(patch) <= PATCH_LIMIT else ""


def _code(text: str, limit: int = 200) -> str:
    return as_code(visible(text), limit)


def _plain(identifier: str) -> str:
    """Return an id for HTML: only the characters that an id may have."""
    return "".join(char if char.isalnum() or char in "/-_." else "?" for char in identifier)[:100]
