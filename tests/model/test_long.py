"""Sources that are longer than a model is shown: what the task speaks of is chosen, and every line has its fate."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from model.scripted import Scripted
from model.skills import document, drafted, revised, thread
from skill_fleet.drafting import Document
from skill_fleet.errors import UserError
from skill_fleet.fleet import ModelSettings
from skill_fleet.markdown import estimated_tokens
from skill_fleet.model import narrowed, number_sources

CONTEXT = 3_000


def long_document(chapters: int = 60, about: int = 41) -> Document:
    """Many chapters on nothing much, and one on splicing ropes."""
    plain = "".join(f"Line {number} tells how to do the thing.\n" for number in range(30))
    telling = "Splicing ropes: unlay the strands.\n\n```sh\n# no heading\nsplice --ropes 3\n```\n"
    text = "".join(f"## Chapter {n}\n\n{telling if n == about else plain}\n" for n in range(chapters))
    return Document("long.md", f"# Everything\n\nAll there is to know.\n\n{text}", "long.md")


def test_the_part_in_question_is_shown(settings: ModelSettings, server: Scripted) -> None:
    """The chapter on it and the beginning; the rest is set aside with the reason, and the account says how much."""
    draft = drafted(replace(settings, context=CONTEXT), long_document(), task="Explain how to splice ropes.")
    shown = server.asked[0].fields["sources"]

    assert "splice --ropes 3" in shown and "\n1| # Everything" in shown and "| ## Chapter 7\n" not in shown
    assert estimated_tokens(shown) <= CONTEXT
    assert any("the model was shown" in note for note in draft.notes)
    fates = sorted(number for one in draft.ledger for number in range(one.first, one.last + 1))
    assert fates == list(range(1, long_document().text.count("\n") + 1))
    assert any(one.reason == "not shown to the model" for one in draft.ledger)


def test_what_is_left_out_is_marked() -> None:
    """A model that is shown parts of a document sees where lines are missing, with their headings, and nowhere else."""
    shown = narrowed(number_sources([long_document()]), "Splice ropes.", CONTEXT).text().split("\n")
    rows = [(line, after) for line, after in pairwise(shown) if line[0].isdigit()]

    assert any(line.startswith("... (lines ") and "Chapter 7;" in line for line in shown)
    for line, after in rows:
        number = int(line.partition("|")[0])
        assert after.startswith(("...", f"{number + 1}|"))


@pytest.mark.parametrize("task", ["Make a skill.", "Explain quarks and leptons."])
def test_nothing_to_choose_by(task: str, settings: ModelSettings, server: Scripted) -> None:
    """Then it is said before anything is asked, with the ways that are left."""
    with pytest.raises(UserError, match=r"the model is shown 3,000 at most") as caught:
        drafted(replace(settings, context=CONTEXT), long_document(), task=task)

    assert "--no-model" in caught.value.tip and not server.asked


def test_the_last_word_of_a_sentence_counts() -> None:
    """The full stop after the one telling word of a task is not part of it."""
    shown = narrowed(number_sources([long_document()]), "Explain unlay.", CONTEXT).text()

    assert "splice --ropes 3" in shown


def test_short_ones_are_shown_whole(settings: ModelSettings) -> None:
    """As long as there is room, nothing is chosen."""
    sources = number_sources([document()])

    assert narrowed(sources, "Explain knots.", 10_000) is sources


@given(
    st.lists(st.sampled_from(["# H", "rope", "text on and on", "```", "", "~~~"]), max_size=60), st.integers(60, 400)
)
def test_a_choice_is_in_order(lines: list[str], most: int) -> None:
    """For any text: no line is shown that was not, and the room is kept to; nothing at all is not a choice."""
    sources = number_sources([Document("x.md", "\n".join(["rope", *lines]) + "\n", "x.md")])
    try:
        found = narrowed(sources, "A rope.", most)
    except UserError:  # no part of it fits
        assert estimated_tokens(sources.text()) > most
        return

    assert found.all[0].shown <= sources.all[0].shown
    assert found is sources or estimated_tokens(found.text()) <= 1.2 * most + 40


def test_a_long_document_for_a_revision(settings: ModelSettings, server: Scripted) -> None:
    """Each question has the passages on the request, not all of it."""
    revised(settings, thread(1, "Please replace `with care` with `by splicing ropes`."), sources=[long_document(400)])

    for one in server.asked:
        assert "splice --ropes 3" in one.fields["passages"] and estimated_tokens(one.fields["passages"]) < 16_000
