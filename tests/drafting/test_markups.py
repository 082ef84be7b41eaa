"""Other markups become Markdown: each with a fixture that the test makes, through pandoc or our own reader of OpenAPI."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from drafting.accounting import faults
from skill_fleet.drafting import Draft, Kind, brief_for, draft_selection, read_documents, select
from skill_fleet.errors import UserError

pypandoc = pytest.importorskip("pypandoc")

SAID = "The otter keeps a pond of workers. Use it when jobs have to wait their turn."
MARKDOWN = f"# Otter\n\n{SAID}\n\n## Fill a pond\n\n1. Run `otter fill`.\n2. Wait.\n\n| State | Meaning |\n| --- | --- |\n| up | fine |\n"
TEXTS = {
    "a.html": f"<html><head><title>Otter book</title><style>p{{}}</style></head><body><h1 id='o'>Otter</h1><p>{SAID}</p><div class='x'>"
    "<h2 id='fill'>Fill a pond<a href='#fill'>#</a></h2><p>See <a href='#o'>above</a> and <code>otter fill</code>.</p>"
    "<table><tr><td>State<td>Meaning<tr><td><ul><li>up</ul><td>fine</table></div></body></html>",
    "a.rst": f"Otter\n=====\n\n{SAID}\n\nFill a pond\n-----------\n\nCall :func:`otter.fill` and ``otter fill``.\n\n"
    ".. versionadded:: 2.1\n\n.. list-table::\n\n   * - State\n     - fine\n",
    "a.org": f"#+TITLE: Otter\n\n{SAID}\n\n* Fill a pond\n\nRun =otter fill=.\n\n| State | fine |\n",
    "a.mediawiki": f"= Otter =\n\n{SAID}\n\n== Fill a pond ==\n# Run <code>otter fill</code>.\n\n{{|\n! State !! Meaning\n|-\n| up || fine\n|}}\n",
    "a.tex": f"\\documentclass{{article}}\\title{{Otter}}\\begin{{document}}\\maketitle\n{SAID}\n\\section{{Fill a pond}}\nRun \\texttt{{otter fill}}. "
    "State is fine.\n\\end{document}\n",
    "otter.8": f'.TH OTTER 8\n.SH NAME\notter \\- {SAID}\n.SH "FILL A POND"\n.TP\n.B otter fill\nState is fine.\n',
    "a.adoc": f"Otter\n=====\n\n{SAID}\n\ninclude::more.adoc[]\n\n== Fill a pond\n\nRun `otter fill`. State is fine.\n",
    "a.ipynb": json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [
                {
                    "cell_type": "markdown",
                    "id": "a",
                    "metadata": {},
                    "source": f"# Otter\n\n{SAID}\n\n## Fill a pond\n\nState is fine.",
                },
                {
                    "cell_type": "code",
                    "id": "b",
                    "metadata": {},
                    "source": "otter fill",
                    "outputs": [],
                    "execution_count": 1,
                },
            ],
        }
    ),
    "a.yaml": f"openapi: 3.0.3\ninfo:\n  title: Otter\n  description: {SAID}\npaths:\n  /pond:\n    post:\n      summary: Fill a pond\n"
    "      operationId: otter fill\n      responses:\n        '200': {description: State is fine}\n",
}


def drafted(*paths: Path, main: str = "") -> Draft:
    """The draft of some files; its account has no faults."""
    selection = select(read_documents(paths), anyway=True, main=main)
    draft = draft_selection(brief_for("", selection, "python", ["python"]), selection)
    assert faults(draft, selection.documents) == []
    return draft


@pytest.mark.parametrize("name", [*TEXTS, "a.docx", "a.odt", "a.epub"])
def test_markup(name: str, tmp_path: Path) -> None:
    """Title, first sentence, code and table of each markup reach SKILL.md as Markdown."""
    if name in TEXTS:
        (tmp_path / name).write_text(TEXTS[name])
    else:
        program = Path(pypandoc.__file__).parent / "files/pandoc"
        subprocess.run([program, "-f", "gfm", "-o", tmp_path / name], input=MARKDOWN.encode(), check=True)
    draft = drafted(tmp_path / name)
    text = draft.files["SKILL.md"]
    assert draft.brief.name == "otter"
    assert "The otter keeps a pond of workers." in text.split("\n")[2]
    assert "fill a pond" in text.lower()
    assert "otter fill" in text
    assert "fine" in text
    assert not any(mark in text for mark in ("[TABLE]", "<div", "<span", "{#", "::", ":func:", "[\\#]", "\n---\ntitle"))
    assert draft.notes


def test_in_page_links_and_directives_survive(tmp_path: Path) -> None:
    """A link to an id leads to the heading's anchor; a directive that Markdown lacks is named, not dropped."""
    (tmp_path / "a.html").write_text(TEXTS["a.html"])
    assert "[above](#otter)" in drafted(tmp_path / "a.html").files["SKILL.md"]
    (tmp_path / "a.rst").write_text(TEXTS["a.rst"])
    assert "`versionadded`: 2.1" in " ".join(drafted(tmp_path / "a.rst").files["SKILL.md"].split())


def test_notes_captions_and_repeated_titles(tmp_path: Path) -> None:
    """A note is a quote with its title, a caption precedes its code, and a title that is repeated is written once."""
    rst = "Otter\n=====\n\nThe otter keeps $HOME dry.\n\n.. hint::\n\n   Dig first.\n\n.. code-block:: ini\n   :caption: ``otter.cfg``\n\n   deep = yes\n"
    (tmp_path / "a.rst").write_text(rst)
    text = drafted(tmp_path / "a.rst").files["SKILL.md"]
    assert "> **Hint**\n>\n> Dig first." in text
    assert "`otter.cfg`:\n\n``` ini\ndeep = yes" in text
    assert "keeps $HOME dry" in text
    (tmp_path / "a.html").write_text(
        "<h1>Keeping otters</h1><div><h1>Keeping otters</h1><p>An otter needs a pond.</p></div>"
    )
    assert drafted(tmp_path / "a.html").files["SKILL.md"].count("# Keeping otters") == 1


def test_lost_words_and_includes_are_reported(tmp_path: Path) -> None:
    """Words that the conversion lost are one point with a count; so are directives of AsciiDoc that are not resolved."""
    (tmp_path / "a.rst").write_text(TEXTS["a.rst"] + "\n.. hidden comment\n   with seven words that no reader sees\n")
    (tmp_path / "a.adoc").write_text(TEXTS["a.adoc"])
    lost = [point for point in drafted(tmp_path / "a.rst").points if point.kind is Kind.CONVERSION]
    assert len(lost) == 1
    assert lost[0].count >= 5
    said = [point for point in drafted(tmp_path / "a.adoc").points if point.kind is Kind.CONVERSION]
    assert "include::more.adoc" in said[0].detail


@pytest.mark.parametrize(
    ("name", "data", "tip"),
    [
        ("a.pdf", b"%PDF-1.7", "pdftotext"),
        ("a.md", "\ufeffx".encode("utf-16"), "iconv"),
        ("a.md", "# caf\xe9\n".encode("latin-1"), "iconv"),
        ("a.json", b'{"a": 1}', "OpenAPI"),
        ("a.py", b"print()", "--only"),
        ("a.md", b"\n", "something"),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, data: bytes, tip: str, tmp_path: Path) -> None:
    """Each refusal is a UserError whose tip is what to do."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError) as refused:
        read_documents([tmp_path / name])
    assert tip in refused.value.tip


def test_missing_pandoc_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pandoc, the refusal says how to install it."""
    from skill_fleet.drafting import pandoc

    monkeypatch.setattr(pandoc, "_found", lambda: None)
    (tmp_path / "a.rst").write_text("x\n")
    with pytest.raises(UserError) as refused:
        read_documents([tmp_path / "a.rst"])
    assert "pypandoc-binary" in refused.value.tip
