"""The short cuts see what the full parse sees."""

from __future__ import annotations

from hypothesis import example, given, strategies as st
from markdown_it import MarkdownIt

from skill_fleet.checks import SkillContext
from skill_fleet.fleet import MemoryTree, read_fleet
from skill_fleet.markdown import Block, Link, Markdown, scan_fences, without_code


def links_of(markdown: Markdown) -> list[Link]:
    """All links and images of a text."""
    return [*markdown.links_at(range(len(markdown.lines)))]


LINES = [
    *(
        "  ```",
        "   ```sh",
        "  x",
        "   y",
        "- ",
        "1. a",
        " ",
        "   ",
        "-   b",
        "```",
        "```py",
        "~~~",
        "~~~~ js",
        "````",
        "``` a`b",
        "```x``` y",
        "   ```",
        "    ```",
        "\t```",
        "- ```",
        "> ```",
    ),
    *(
        "1. ```sh",
        "  - ```",
        ">```",
        "~~~ ",
        "``",
        "<div>",
        "</div>",
        "<!-- ```",
        "-->",
        "<!-- x -->",
        "<!-->",
        "<pre>",
        "</pre>",
        "<br/>",
        "<?php",
        "<a> b",
        "text",
    ),
    *(
        "\n# Cut",
        "\n## Cut",
        "# Head",
        "Head",
        "===",
        "---",
        "- item",
        "  more",
        "    code",
        "> quote",
        "",
        "",
        "",
        "[a]: b.md",
        "\x0c```",
    ),
]
markdown = st.lists(st.sampled_from(LINES), max_size=14).map("\n".join)
inline = st.lists(st.sampled_from(["`", "``", "```", "\\", "a", " ", "\\`", "*", "{{A}}", "é"]), max_size=14).map(
    lambda parts: f"x{''.join(parts)}x"
)


@given(markdown)
def test_fences_by_their_lines_are_those_of_the_parser(text: str) -> None:
    parsed = [each for each in _one_parse(text) if each[0] == "fence"]
    scanned = scan_fences(Markdown(text).text)
    assert scanned is None or [*map(_facts, scanned)] == parsed
    assert [*map(_facts, Markdown(text).fences)] == parsed


@given(markdown)
@example("- ```\n  a\n\n# b\n\n```\nc\n\n# d\n```\n\n# e")
@example("x\n\n# b\n\n   ```\n\n# c\n\n   ````\n\n# d\n\n```\n\n# e")
@example("<!--\n\n# a\n\n-->\n\n# b")
@example("```html\n<pre>\n```\n\n# a\n\n<pre>\n\n# b")
@example("- a\n\n# b\n\n  c")
def test_blocks_at_lines_are_those_that_contain_them(text: str) -> None:
    """Whichever line is asked about, its blocks are those of one parse of the whole."""
    parsed = _one_parse(text)
    assert [*map(_facts, Markdown(text).blocks)] == parsed
    for number in range(len(Markdown(text).lines)):
        found = [*map(_facts, Markdown(text).blocks_at([number]))]
        assert found == [each for each in parsed if each[1] <= number < each[2]]


_LEAVES = {"fence": "fence", "code_block": "code", "html_block": "html", "inline": "text"}


def _one_parse(text: str) -> list[tuple[str, int, int, str]]:
    """Kind, first line, line after the last one, and content of each leaf block, by the parser alone."""
    tokens = MarkdownIt("commonmark", {"maxNesting": 50}).parse(Markdown(text).text)
    return [
        (_LEAVES[each.type], *(each.map or (0, 0)), each.content)  # type: ignore[misc]
        for each in tokens
        if each.type in _LEAVES
    ]


def _facts(block: Block) -> tuple[str, int, int, str]:
    kind = "text" if block.kind == "heading" else block.kind
    return kind, block.start, block.end, block.content


@given(inline)
def test_code_spans_are_those_of_the_parser(text: str) -> None:
    children = MarkdownIt("commonmark").parseInline(text)[0].children or []
    kept = without_code(text)
    assert len(kept) == len(text)
    if "<" not in text:
        spans = [token for token in children if token.type == "code_inline"]
        words = "".join(token.content for token in children if token.type == "text").count("{{A}}")
        assert kept.count("{{A}}") == words
        assert bool(spans) == (kept != text)


def test_links_have_their_place() -> None:
    text = '# A [head](a.md)\n\nOne [a](b.md)\nand ![i](<c d.png> "t")\n\n[r][ref] `[no](x.md)` <http://x.org>\n\n[ref]: e.md\n'
    found = [(link.target, link.line, link.column, link.is_image) for link in links_of(Markdown(text, 5))]
    assert found == [
        ("a.md", 5, 12, False),
        ("b.md", 7, 9, False),
        ("c d.png", 8, 11, True),
        ("e.md", 10, 5, False),
    ]


def test_headings_are_text() -> None:
    text = "# A `b` **c** [d](e.md)\n\nSet\next\n===\n"
    assert Markdown(text).headings == ((1, "A b c d"), (3, "Setext"))


ADDRESSES = [
    "a.md",
    "b.md",
    "#head",
    "#two-words",
    "#no",
    "a.md#x",
    "<a b>",
    "a\\.md",
    "(a)",
    "https://x.org/(a)",
    "a&amp;.md",
]
PIECES = [
    "[t](",
    "![i](",
    ")",
    "](",
    "\n",
    "\n> ",
    "[r]: ",
    "\n[r]: ",
    "`",
    "```\n",
    "\n```\n",
    "# Head\n",
    "## Two words\n",
    "- ",
    " ",
    "<b>",
]
linked = st.lists(
    st.one_of(st.sampled_from(ADDRESSES), st.sampled_from(PIECES), st.sampled_from(PIECES)), max_size=12
).map("".join)


@given(linked)
@example("a.md[r]: [t](b.md)")
def test_links_that_look_fine_are(text: str) -> None:
    tree = MemoryTree({"s/SKILL.md": text.encode(), "s/a.md": b"# X\n"})
    document = SkillContext(read_fleet(tree, "").skills[0]).documents[0]
    resolved = [(link, document.resolve(link.target)) for link in links_of(document.markdown)]
    assert document.broken_links == tuple(each for each in resolved if each[1].verdict != "ok")
