"""Every suggestion that a finding prints is carried out here, to the letter: the finding goes, and nothing else comes."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from functools import cache

import pytest

from checks.case import CASES, Case, Side, all_cases
from skill_fleet.checks import Finding, check_change, check_fleet, closest_field
from skill_fleet.fixes import fix_fleet, retire_skill
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import front_matter_lines, read_front_matter

BAD = [case for case in all_cases() if not case.is_good]
NAMES = [case.path.relative_to(CASES).as_posix() for case in BAD]
# Advice that says what to write, but in general: there is no one text to write.
GENERAL = (
    "…",
    "such as `",
    "Use when",
    "begin",
    "`key: value`",
    "a line `---`",
    "`---`, then",
    "Write `categories:`",
    "the same",
    "List it",
)


@cache
def suggestions(at: int) -> list[Finding]:
    """The findings of a bad case whose fix names the text or the command."""
    found = [each for each in BAD[at].findings() if not any(word in each.fix for word in GENERAL)]
    return [
        each
        for each in found
        if re.search(
            r"Write [a-z ]*:? ?`|[Ss]et `|Quote it: |Add a line `|git mv|`skill-fleet|Rename the folder to", each.fix
        )
    ]


@pytest.mark.parametrize("at", range(len(BAD)), ids=NAMES)
def test_the_finding_goes_and_none_comes(at: int) -> None:
    for finding in suggestions(at):
        _it_goes_and_none_comes(BAD[at], finding)


def _it_goes_and_none_comes(case: Case, finding: Finding) -> None:
    side = Side(dict(case.head.files), dict(case.head.modes), case.head.anywhere)
    carry_out(case, finding, side)
    before, after = (_keys(case, each) for each in (case.head, side))
    assert after[finding.rule, finding.key] < before[finding.rule, finding.key], finding
    new = {rule for rule, _ in after - before}
    # what could not be seen before: the effect of a field that has the right name now, and all of a SKILL.md
    new = {rule for rule in new if rule != "portability/client-field" and finding.rule != "layout/skill-file-case"}
    assert not new, (finding, new)


def test_there_are_many() -> None:
    """Findings of these rules say what to write."""
    rules = {finding.rule for at in range(len(BAD)) for finding in suggestions(at)}
    assert rules >= {
        *("spec/name", "spec/name-directory", "spec/unknown-field", "spec/quoted-string", "spec/metadata"),
        *(
            "links/missing-target",
            "links/missing-anchor",
            "layout/skill-file-case",
            "fleet/requires",
            "fleet/issue-form",
        ),
        *("portability/field-type", "portability/yaml-version", "portability/allowed-tools", "change/deleted-skill"),
    }


def _keys(case: Case, side: Side) -> Counter[tuple[str, str]]:
    found = check_change(case.base.fleet, side.fleet).findings if case.base else check_fleet(side.fleet)
    return Counter((each.rule, each.key) for each in found if each.severity == "error" or each.rule == case.rule)


def carry_out(case: Case, finding: Finding, side: Side) -> None:
    """Do to the files what the fix says."""
    fix, path = finding.fix, finding.path
    if command := re.search(r"git mv .*|(?<=`)skill-fleet [^`]*", fix):
        _run(case, shlex.split(command[0]), side)
    elif folder := re.match(r"Rename the folder to `([^`]*)`", fix):
        old = path.removesuffix(f"/{SKILL_FILE}")
        new = f"{old.rpartition('/')[0]}/{folder[1]}"
        for each in [each for each in side.files if each.startswith(f"{old}/")]:
            side.files[each.replace(old, new, 1)] = side.files.pop(each)
        if field := re.search(r"set `(name: .*?)`\.", fix):
            _set_field(side, f"{new}/{SKILL_FILE}", 2, field[1])
    elif quoted := re.match(r'Quote it: (".*")\.', fix):
        _replace(side, finding, quoted[1].strip('"'), quoted[1])
    elif added := re.match(r"Add a line `(.*)` to", fix):
        side.files[path] = side.files[path].replace(b"---\n", f"---\n{added[1]}\n".encode(), 1)
    elif pair := re.match(r"(?:Write it as one string: |Write |Set )`([\w-]+: .*)`", fix):
        _set_field(side, path, finding.line, pair[1])
    elif text := re.match(r"Write `(.*?)`", fix):
        wrong = re.search(r"`([^`]*)`(?!.*` takes? )", finding.message)
        assert wrong
        if finding.rule in ("links/missing-target", "links/missing-anchor"):
            _set_link(side, finding, text[1])
        elif finding.rule in ("fleet/requires", "fleet/status"):
            named = re.findall(r"`([^`]*)`", finding.message)[1]
            _replace(side, finding, named, text[1], anywhere=True)
        else:
            named = re.findall(r"`([^`]*)`", finding.message)[0]
            _replace(side, finding, named, text[1])
    else:
        pytest.fail(f"{finding.rule}: {fix}")


def _replace(side: Side, finding: Finding, old: str, new: str, anywhere: bool = False) -> None:
    lines = side.files[finding.path].decode().split("\n")
    line = lines[finding.line - 1]
    at = line.index(old) if anywhere else finding.column - 1
    assert line.startswith(old, at), (line, old, finding)
    lines[finding.line - 1] = line[:at] + new + line[at + len(old) :]
    side.files[finding.path] = "\n".join(lines).encode()


def _set_link(side: Side, finding: Finding, address: str) -> None:
    """Replace the address of the link in that line whose file or anchor the message names."""
    lines = side.files[finding.path].decode().split("\n")
    line, start = lines[finding.line - 1], finding.column - 1
    match = re.compile(r"(?<=\]\()<?[^)\s]*(?:\([^)]*\)[^)\s]*)?|(?<=\]\(<)[^>]*").search(line, start)
    if match is None:  # by reference: its definition
        label = re.search(r"\]\[(\w+)\]", line[start:])
        assert label, line
        number = next(n for n, each in enumerate(lines) if each.startswith(f"[{label[1]}]:"))
        lines[number] = f"[{label[1]}]: {address}"
    else:
        lines[finding.line - 1] = line[: match.start()] + address + line[match.end() :]
    side.files[finding.path] = "\n".join(lines).encode()


def _set_field(side: Side, path: str, line: int, text: str) -> None:
    """Write `text` for the field of the front matter, or of `metadata`, that is in this line."""
    opened = front_matter_lines(side.files[path])
    if opened is None:  # a byte order mark
        lines = side.files[path].split(b"\n")
        side.files[path] = b"\n".join([*lines[: line - 1], text.encode(), *lines[line:]])
        return
    metadata = opened.field("metadata")
    inner = opened.fields(metadata.node, metadata.end) if metadata and hasattr(metadata.node, "pairs") else []  # type: ignore[arg-type]
    field = next(each for each in (*inner, *opened.fields()) if each.start <= line - 2 < each.end)
    indent = " " * (field.name.column - 1)
    side.files[path] = opened.with_lines([*opened.lines[: field.start], indent + text, *opened.lines[field.end :]])


def _run(case: Case, command: list[str], side: Side) -> None:
    match command:
        case ["git", "mv", old, new]:
            side.files[new], side.modes[new] = side.files.pop(old), side.modes.pop(old)
        case ["skill-fleet", "fix"]:
            _change(side, fix_fleet(side.fleet))
        case ["skill-fleet", "retire", skill]:
            assert case.base
            side.files = dict(case.base.files)
            _change(side, retire_skill(case.base.fleet, skill).changes)
        case _:
            pytest.fail(f"an unknown command: {command}")


def _change(side: Side, changes: object) -> None:
    for path, content in dict(changes).items():  # type: ignore[call-overload]
        if content is None:
            side.files.pop(path)
        else:
            side.files[path] = content


@pytest.mark.parametrize("case", BAD, ids=NAMES)
def test_fix_makes_no_case_worse(case: Case) -> None:
    """`skill-fleet fix` brings no finding that was not there, once is enough, and bodies keep their bytes."""
    fleet = case.head.fleet
    side = Side(dict(case.head.files), dict(case.head.modes), case.head.anywhere)
    _change(side, changes := fix_fleet(fleet))
    for path, content in changes.items():
        if path.endswith(f"/{SKILL_FILE}") and content is not None and path in case.head.files:
            assert read_front_matter(content).body == read_front_matter(case.head.files[path]).body
    assert fix_fleet(side.fleet) == {}
    if not changes or any(path.endswith("skill.md") for path in case.head.files):
        return
    before = Counter(each.rule for each in check_fleet(fleet))
    if "spec/yaml" not in before:
        new = Counter(each.rule for each in check_fleet(side.fleet)) - before
        assert not new - Counter({"portability/client-field": 99}), new


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *(("allowed_tools", "allowed-tools"), ("AllowedTools", "allowed-tools"), ("discription", "description")),
        *(("disalowed-tools", "disallowed-tools"), ("DisallowedTools", "disallowed-tools")),
        *(("user_invocable", "user-invocable"), ("when-to-use", "when_to_use"), ("licence", "license")),
        *(
            ("unallowed-tools", ""),
            ("not-allowed-tools", ""),
            ("nonallowed_tools", ""),
            ("enable-model-invocation", ""),
        ),
        *(("user-uninvocable", ""), ("author", ""), ("denied-tools", "")),
    ],
)
def test_no_suggestion_means_the_opposite(name: str, meant: str) -> None:
    """A negation is no misspelling."""
    assert closest_field(name) == meant
