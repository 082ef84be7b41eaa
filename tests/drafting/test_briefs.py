"""The brief says beforehand what will be written, the same each time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drafting.documents import CATEGORIES, dump, index, reference, subagent
from skill_fleet.drafting.briefs import brief_digest, brief_for, read_brief, render_brief
from skill_fleet.drafting.sources.placeholders import fill
from skill_fleet.drafting.types import Brief, Document
from skill_fleet.errors import UserError


def test_the_category_is_the_one_whose_words_the_text_says() -> None:
    text = "# Fixture tests\n\nTests find out whether software works.\n\n## Tests\n\n## Fixtures\n"
    brief = brief_for("", [Document("a.md", text, "a.md")], CATEGORIES, None)
    assert brief.path == "testing/fixture-tests"
    assert brief.assumptions[0].startswith("Category `testing`: its text says ")


def test_the_words_that_decided_are_words() -> None:
    """What people read of the reason is spelt as one of its kind is."""
    kinds = {"web": "Libraries, classes, caches, status, boxes and analyses of axis series."}
    text = "# Sails\n\n{} of sails.\n"
    for said, shown in {"libraries": "library", "classes": "class", "caches": "cache", "boxes": "box"}.items():
        brief = brief_for("", [Document("a.md", text.format(said), "a.md")], kinds, None)
        assert brief.assumptions[0].startswith(f"Category `web`: its text says {shown};"), brief.assumptions
    brief = brief_for("", [Document("a.md", text.format("status, axis"), "a.md")], kinds, None)
    assert "says axis, status;" in brief.assumptions[0]


def test_a_fence_does_not_choose_the_category() -> None:
    """What an example is written in is not what the text is about; a name in the title is."""
    text = "# Sails\n\nA unit of sail.\n\n" + "```python\nx = 1\n```\n\n" * 9
    assert brief_for("", [Document("a.md", text, "a.md")], CATEGORIES, None).path == "testing/sails"
    only_code = "```js\n# fixtures of the coverage\n```\n"
    assert brief_for("", [Document("a.md", only_code, "a.md")], CATEGORIES, None).path.startswith("testing/")
    named = "# Python Sails\n\n" + "The coverage of unit tests. " * 9
    assert brief_for("", [Document("a.md", named, "a.md")], CATEGORIES, None).path == "python/python-sails"


def test_a_skill_that_comes_from_a_category_stays_in_it() -> None:
    source = Document("x", "---\nname: b\ndescription: d\n---\n\n# Tests\n", "skills/python/boats/SKILL.md")
    assert brief_for("", [source], CATEGORIES, None).path == "python/boats"


def test_a_given_path_is_taken_as_it_is() -> None:
    brief = brief_for("Sail.", [reference()], CATEGORIES, "web/sail")
    assert (brief.task, brief.path, brief.name, brief.assumptions) == ("Sail.", "web/sail", "sail", ())


def test_what_it_states() -> None:
    brief = brief_for("", [subagent()], CATEGORIES, None)
    assert brief.triggers == ("Building hulls of wood", "Need a keel")
    assert brief.capabilities[:2] == ("Hull Patterns", "Troubleshooting")
    text = render_brief(brief)
    for said in ("- Skill: `api/boat-builder`", "Used when:\n\n- Building hulls", "1. What stands for `{{WOOD}}`?"):
        assert said in text


def test_what_it_states_can_be_read_back() -> None:
    """All that a reviser needs, from the commit message; whatever is put between is passed over."""
    brief = brief_for("Sail.", [subagent()], CATEGORIES, None)
    text = render_brief(brief).replace("Used when:", "By the way:\n\n- Nothing.\n\nUsed when:")

    assert read_brief(text, brief.path) == replace(brief, questions=(), sources=())
    assert read_brief("", "web/sail") == Brief("", "web/sail")


def test_several_subjects_are_a_question() -> None:
    brief = brief_for("", [dump()], CATEGORIES, None)
    assert brief.questions[0].options[0] == brief.questions[0].default
    assert "(default)" in render_brief(brief)


def test_the_digest_depends_on_the_brief_and_the_sources_and_nothing_else() -> None:
    source = index()
    brief = brief_for("", [source], CATEGORIES, None)
    digest = brief_digest(brief, [source])
    assert len(digest) == 64
    assert digest == brief_digest(brief_for("", [index()], CATEGORIES, None), [index()])
    assert digest != brief_digest(replace(brief, task="Other."), [source])
    assert digest != brief_digest(brief, [replace(source, text=source.text + "x\n")])


def test_no_category_is_refused() -> None:
    with pytest.raises(UserError, match="no category"):
        brief_for("", [index()], {}, None)


def test_placeholders_that_are_not_there_and_values_of_several_lines_are_refused() -> None:
    with pytest.raises(UserError) as refused:
        fill([subagent()], {"WOOD": "oak", "METAL": "iron"})
    assert refused.value.tip == "The sources have GLUE, WOOD."
    with pytest.raises(UserError, match="more than one line"):
        fill([subagent()], {"WOOD": "oak\n# injected"})
    assert fill([index()], {}) == (index(),)
