"""Drafts of documents in the shapes that people have: what name, first sentence and gates must and must not be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from drafting.accounting import faults
from skill_fleet.checks import check_skill
from skill_fleet.drafting import Draft, Kind, brief_for, draft_selection, read_documents, select
from skill_fleet.errors import UserError
from skill_fleet.fleet import MemoryTree, Skill
from skill_fleet.git import REGULAR

FILLER = "The otter daemon keeps a pond of workers and hands every job to the one that has been idle longest. " * 3


@dataclass(frozen=True)
class Shape:
    """A document: its path, its text, the name and the sentence of its draft, and what the files must and must not hold."""

    path: str
    text: str
    name: str
    sentence: str
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    given: bool = field(default=False)


SHAPES = {
    "runbook": Shape(
        "alerts/OtterPondNearlyFull.md",
        "# OtterPondNearlyFull\n\n## Meaning\n\nThis alert fires when a pond is nine tenths full.\n\n## Impact\n\nJobs wait.\n\n"
        "## Diagnosis\n\nRun `otter pond`.\n",
        "otter-pond-nearly-full",
        "This alert fires when a pond is nine tenths full.",
    ),
    "agents": Shape(
        "otterd/AGENTS.md",
        f"# AGENTS.md\n\nGuidance for agents that work with code in this repository.\n\n## Commands\n\n- `make`\n\n{FILLER}\n",
        "otterd",
        "Guidance for agents that work with code in this repository.",
        kinds=(Kind.REPOSITORY,),
    ),
    "cursor": Shape(
        ".x/pond-rules.mdc",
        f"---\ndescription: Rules for ponds in Go\nglobs: '**/*.go, go.mod'\nalwaysApply: false\n---\n\n# Pond rules\n\n{FILLER}\n",
        "pond-rules",
        "Rules for ponds in Go",
        has=("Applies to files matching `**/*.go`, `go.mod`.",),
        lacks=("alwaysApply", "globs"),
        kinds=(Kind.REPOSITORY,),
        given=True,
    ),
    "badges": Shape(
        "otter/README.md",
        "[![build](https://img.example.org/b.svg)](https://ci.example.org)\n\n# Otter\n\n[English](README.md) | [Deutsch](README.de.md)"
        f" | [Suomi](README.fi.md)\n\nOtter schedules jobs in ponds. It is small.\n\n{FILLER}\n",
        "otter",
        "Otter schedules jobs in ponds.",
        has=("Suomi (`README.fi.md`)",),
        kinds=(Kind.LINKS,),
    ),
    "links in HTML": Shape(
        "docs/tutorial.md",
        '# Feed otters\n\nAn otter eats what its pond holds. See <a href="fish.html">the fish</a> and `<a href="x">`.\n\n'
        f'<img src="/img/pond.png" alt="A pond">\n\n<p><a href=\'#eat\'>below</a></p>\n\n## Eat\n\n{FILLER}\n',
        "feed-otters",
        "An otter eats what its pond holds.",
        has=('See the fish (`fish.html`) and `<a href="x">`.', "A pond (`/img/pond.png`)", "<a href='#eat'>below</a>"),
        kinds=(Kind.LINKS,),
    ),
    "mkdocs anchors": Shape(
        "docs/sockets.md",
        "# WebSockets { #websockets }\n\nA socket stays open between a pond and its client.\n\n/// note\n\nBe quick.\n\n///\n\n"
        f"## Close it {'{ #close-it }'}\n\nSee [above](#websockets). {FILLER}\n",
        "websockets",
        "A socket stays open between a pond and its client.",
        has=("# WebSockets\n", "[above](#websockets)", "/// note"),
        lacks=("{ #",),
    ),
    "includes": Shape(
        "book/ponds.md",
        f"# Ponds in depth\n\nA pond is a queue with a memory.\n\n```rust\n{{{{#include ../code/pond.rs}}}}\n```\n\n{FILLER * 4}\n",
        "ponds-in-depth",
        "A pond is a queue with a memory.",
        kinds=(Kind.INCLUDES,),
    ),
    "site generator": Shape(
        "content/drain.md",
        f"---\ntitle: Drain a pond\nweight: 20\nlayout: docs\n---\n\nDraining a pond stops new jobs.\n\n{FILLER}\n",
        "drain-a-pond",
        "Draining a pond stops new jobs.",
        has=("# Drain a pond\n",),
        lacks=("weight", "layout"),
    ),
    "auto-generated": Shape(
        "ref/cli.md",
        f"# Otter commands\n\n> Auto-generated from the sources. Do not edit.\n\nAll commands take `--pond`.\n\n{FILLER}\n",
        "otter-commands",
        "All commands take --pond.",
    ),
    "epigraph": Shape(
        "a/style.md",
        f'# Style of ponds\n\n"A pond is as good as its frogs." - A. Frog\n\nWritten by B. Frog\n\nName ponds after rivers.\n\n{FILLER}\n',
        "style-of-ponds",
        "Name ponds after rivers.",
    ),
    "html headings": Shape(
        "otter/FAQ.md",
        '# FAQ\n\n* [Is it fast?](#fast)\n\n<h3 name="fast">\nIs it fast?\n</h3>\n\nOtters are fast enough for most ponds.\n\n'
        f"See [above](#fast). {FILLER}\n",
        "otter",
        "Otters are fast enough for most ponds.",
        has=("(#fast)",),
    ),
    "escaped brackets": Shape(
        "a/t.md",
        f"# Set the \\<pond\\> of a job\n\nEvery job has one pond.\n\n## The \\<pond\\> header\n\n{FILLER}\n",
        "set-the-pond-of-a-job",
        "Every job has one pond.",
        has=("## The \\<pond\\> header",),
    ),
    "subagent": Shape(
        "agents/pond-keeper.md",
        f"---\nname: pond-keeper\ndescription: Keeps ponds of {{{{TEAM}}}} clean\ntools: Read, Bash\n---\n\nYou keep {{{{TEAM}}}}'s ponds clean.\n\n{FILLER}\n",
        "pond-keeper",
        "Keeps ponds of {TEAM} clean",
        lacks=("allowed-tools", "tools:"),
        kinds=(Kind.PLACEHOLDER, Kind.FRONT_MATTER),
        given=True,
    ),
    "setext and references": Shape(
        "a/long.md",
        "Long ponds\n==========\n\nLong ponds need care, see [care][c].\n\n"
        + "".join(
            f"Part {word}\n-------\n\n" + f"{FILLER}\n\n" * 25 + "Back to [one](#part-one), [c].\n\n"
            for word in ("one", "two", "three")
        )
        + "[c]: https://example.org/care\n",
        "long-ponds",
        "Long ponds need care, see care.",
        has=("## Reference files", "[c](https://example.org/care)"),
    ),
    "no headings": Shape(
        "notes/pond-duty.txt", f"{FILLER}\n\nCall the keeper first.\n", "pond-duty", FILLER.split(". ")[0] + "."
    ),
    "two titles": Shape(
        "rules/pond-checks.md",
        f"# Persona\n\nYou check ponds before they are filled.\n\n# Rules\n\n{FILLER}\n",
        "pond-checks",
        "You check ponds before they are filled.",
    ),
    "man as text": Shape(
        "x/otterctl.md",
        f"# otterctl(8)\n\n## NAME\n\notterctl - control the otter daemon\n\n## SYNOPSIS\n\n{FILLER}\n",
        "otterctl",
        "otterctl - control the otter daemon",
    ),
    "open fence": Shape(
        "x/open.md",
        f"# Open fences\n\nA fence that nobody closes swallows what follows.\n\n- one\n\n  ```sh\n  otter\n\n{FILLER}\n\n```\notter\n",
        "open-fences",
        "A fence that nobody closes swallows what follows.",
    ),
    "umlauts": Shape(
        "de/README-de.md",
        f"# Weiher prüfen\n\nDer Weiher wird jeden Tag geprüft. {FILLER}\n",
        "weiher-pruefen",
        "Der Weiher wird jeden Tag geprüft.",
    ),
}


def drafted(tmp_path: Path, path: str, text: str) -> tuple[Draft, list[str]]:
    """The draft of a text at `path` in a repository of its own, and the faults of its account."""
    (tmp_path / "repo/.git").mkdir(parents=True)
    file = tmp_path / "repo" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    selection = select(read_documents([file]), anyway=True)
    draft = draft_selection(brief_for("", selection, "python", ["python"]), selection)
    return draft, faults(draft, selection.documents)


def errors(draft: Draft) -> list[tuple[str, str]]:
    """Rules of severity error that the checks find broken, with their messages."""
    folder = f"skills/{draft.brief.path}"
    contents = {f"{folder}/{name}": text.encode() for name, text in draft.files.items()}
    tree = MemoryTree(contents, dict.fromkeys(contents, REGULAR))
    findings = check_skill(Skill(draft.brief.path, folder, tree.entries, tree))
    return [(one.rule, one.message) for one in findings if one.severity == "error"]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_shape(shape: Shape, tmp_path: Path) -> None:
    """Each shape gets the name a person would type, its own first sentence, and no error but that of placeholders."""
    draft, wrong = drafted(tmp_path, shape.path, shape.text)
    assert wrong == []
    assert draft.brief.path == f"python/{shape.name}"
    description = draft.files["SKILL.md"].split("\n")[2]
    assert shape.sentence in description
    assert ("{{DESCRIPTION}}" in description) is not shape.given
    found = errors(draft)
    assert {rule for rule, _ in found} <= {"content/placeholder"}
    assert any("DESCRIPTION" in message for _, message in found) is not shape.given
    everything = "\n".join(draft.files.values())
    assert all(one in everything for one in shape.has)
    assert not any(one in everything for one in shape.lacks)
    kinds = {point.kind for point in draft.points}
    assert {*shape.kinds} <= kinds
    assert (Kind.DESCRIPTION in kinds) is not shape.given
    assert not re.search(r"img\.example|\{ ?#|Deutsch", description)


def test_long_document_is_split_and_links_follow(tmp_path: Path) -> None:
    """The largest sections move to references of one H1 each; anchors, explicit ones too, lead to where they went."""
    body = "".join(
        f'<a id="w{n}"></a>\n\n## Topic {n}\n\n'
        + f"{FILLER}\n\n" * 30
        + f"See [next](#topic-{n % 4 + 1}) and [w](#w1).\n\n"
        for n in range(1, 5)
    )
    draft, wrong = drafted(tmp_path, "x/topics.md", f"# Topics\n\nFour topics of ponds.\n\n{body}")
    assert wrong == []
    references = [path for path in draft.files if path.startswith("references/")]
    assert references
    assert all(
        text.count("\n# ") + text.startswith("# ") == 1 for path, text in draft.files.items() if path in references
    )
    assert len(draft.files["SKILL.md"]) // 4 < 5_000
    assert [rule for rule, _ in errors(draft)] == ["content/placeholder"]


@pytest.mark.parametrize("name", ["README", "000_3d3556c8723f32bc", "2026"])
def test_name_is_never_a_kind_of_document(name: str, tmp_path: Path) -> None:
    """A generic name takes that of the folder before it, never of a temporary one; without any, it is a UserError.

    A number or a hash is no name either.
    """
    (tmp_path / f"{name}.md").write_text(f"# {name}\n\n{FILLER}\n")
    selection = select(read_documents([tmp_path / f"{name}.md"]))
    with pytest.raises(UserError, match="no title or name"):
        brief_for("", selection, "python", ["python"])


def test_a_hidden_folder_is_no_name(tmp_path: Path) -> None:
    """Instructions for agents take the name of the repository, not that of the client's folder."""
    file = tmp_path / "pond-keeper" / ".github" / "copilot-instructions.md"
    (tmp_path / "pond-keeper" / ".git").mkdir(parents=True)
    file.parent.mkdir()
    file.write_text(f"# Copilot Instructions\n\n{FILLER}\n")
    brief = brief_for("", select(read_documents([file])), "python", ["python"])
    assert brief.path == "python/pond-keeper"


def test_category_is_never_guessed(tmp_path: Path) -> None:
    """Without --path, or with a category that does not exist, the brief is refused with the list of categories."""
    (tmp_path / "ponds.md").write_text(f"# Ponds\n\n{FILLER}\n")
    selection = select(read_documents([tmp_path / "ponds.md"]))
    for path in (None, "ponds"):
        with pytest.raises(UserError) as refused:
            brief_for("", selection, path, ["python", "web"])
        assert "python, web" in refused.value.tip


@pytest.mark.parametrize(
    "text",
    ["# Menu\n\n- [One](one.md)\n- [Two words more](two.md)\n", "# Class\n\nThe class.\n\n::: otter.Pond\n", "TODO\n"],
)
def test_empty_document_is_refused(text: str, tmp_path: Path) -> None:
    """A list of links, an include and a stub are refused, unless a person insists."""
    (tmp_path / "menu.md").write_text(text)
    documents = read_documents([tmp_path / "menu.md"])
    with pytest.raises(UserError):
        select(documents)
    assert select(documents, anyway=True).main


@pytest.mark.limits
@pytest.mark.parametrize(
    "unit", ["`", "[", "<", "# a\n", "- a\n", "[a](b.md) ", "|a|\n|-|\n", "```\n", "*a ", "::", "{{A}}"]
)
def test_hostile_text_takes_linear_time(unit: str, tmp_path: Path) -> None:
    """Four times the text takes less than ten times as long, and no line loses its fate."""
    import time

    from skill_fleet.drafting import document_from_text

    took = []
    for size in (5_000, 20_000):
        document = document_from_text("x.md", unit * (size // len(unit)))
        start = time.process_time()
        selection = select([document], anyway=True)
        draft = draft_selection(brief_for("", selection, "python/x", ["python"]), selection)
        took.append(time.process_time() - start)
        assert faults(draft, selection.documents) == []
    assert took[1] < 10 * max(took[0], 0.02)


@pytest.mark.limits
@pytest.mark.parametrize("unit", ["# a\n", "- a\n", "# a\n\n## b\n\n### c\n", "a\n=\n"])
def test_a_megabyte_of_blocks(unit: str) -> None:
    """What is below the lines that are parsed is text: it costs little, and each line has its fate."""
    import time

    from skill_fleet.drafting import Fate, document_from_text

    document = document_from_text("x.md", unit * (1_000_000 // len(unit)))
    start = time.process_time()
    selection = select([document], anyway=True)
    draft = draft_selection(brief_for("", selection, "python/x", ["python"]), selection)
    assert time.process_time() - start < 8  # about 2 s where nothing else runs
    placed = sum(one.last - one.first + 1 for one in draft.ledger if one.fate is Fate.PLACED)
    assert placed >= sum(1 for line in document.text.split("\n") if line)
    assert len(draft.files) <= 21


def test_neighbours_share_a_reference() -> None:
    """A document of a hundred sections becomes at most twenty references: each section once, in order, below a title."""
    from skill_fleet.drafting import document_from_text

    text = "# Ropes\n\nRopes are tied.\n\n" + "".join(f"## Rope {n}\n\n{FILLER}\n\nTie it.\n\n" for n in range(100))
    selection = select([document_from_text("ropes.md", text)])
    draft = draft_selection(brief_for("", selection, "python/ropes", ["python"]), selection)
    assert faults(draft, selection.documents) == []
    references = [name for name in draft.files if name != "SKILL.md"]
    assert 1 < len(references) <= 20
    for name in references:
        headings = [line for line in draft.files[name].split("\n") if line.startswith("#")]
        assert [line.partition(" ")[0] for line in headings] == ["#", *["##"] * (len(headings) - 1)]
        assert name in draft.files["SKILL.md"]


def test_a_definition_follows_what_moved() -> None:
    """A definition of a link leads to the new file of its heading, for a link whose text is on two lines."""
    from skill_fleet.drafting import document_from_text

    steps = "".join(f"- Step {n} ties the rope.\n" for n in range(280))
    text = f"# Ropes\n\nTie.\n\n## Use\n\n{steps}\nSee [the\nknots][].\n\n[the knots]: #knots\n\n## Knots\n\n{steps}"
    selection = select([document_from_text("ropes.md", text)])
    draft = draft_selection(brief_for("", selection, "python/ropes", ["python"]), selection)
    assert faults(draft, selection.documents) == []
    home = next(name for name, text in draft.files.items() if "[the knots]: " in text)
    whole = next(name for name, text in draft.files.items() if re.search("^#+ Knots$", text, re.MULTILINE))
    assert home != whole and "[the knots]: #knots" not in draft.files[home]
    tree = MemoryTree({f"skills/python/ropes/{n}": t.encode() for n, t in draft.files.items()}, {f"skills/python/ropes/{n}": REGULAR for n in draft.files})  # fmt: skip
    rules = {one.rule for one in check_skill(Skill("python/ropes", "skills/python/ropes", tree.entries, tree))}
    assert not [rule for rule in rules if rule.startswith("links/missing")]
