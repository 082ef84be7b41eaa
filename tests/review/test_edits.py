"""The edits without a model, on bytes."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, strategies as st

from skill_fleet.markdown import Markdown, read_front_matter
from skill_fleet.review import Files, Reason, Refusal, describe, drop, move, rebuild, replace_lines

FOLDER = "skills/python/packaging"
SKILL = f"{FOLDER}/SKILL.md"
TEXT = b"---\nname: packaging\ndescription: Old.\n---\n\n- [w](references/w.md)\n- keep\n| [w](./references/w.md#x) | y |\n"
PLACES = (("python", "testing"), ("python/typing", "python/former"))

line = st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=6)


def skill(text: bytes = TEXT, **others: bytes) -> Files:
    """A skill of one folder."""
    contents = {SKILL: text, f"{FOLDER}/references/w.md": b"w\n"} | {
        f"{FOLDER}/{name}": b for name, b in others.items()
    }
    return Files(FOLDER, contents, dict.fromkeys(contents, 0o100644))


@given(
    st.lists(line, min_size=1, max_size=6),
    st.lists(line, max_size=4),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
    st.data(),
)
def test_lines_are_replaced_to_the_letter(
    old: list[str], new: list[str], end: bytes, ended: bool, data: st.DataObject
) -> None:
    """The file is its lines with those between replaced, in its own line ends; the last keeps having one, or none."""
    start = data.draw(st.integers(1, len(old)))
    stop = data.draw(st.integers(start, len(old)))
    assume(ended or old[-1])  # without an end, an empty last line is none
    before = [row.encode() + end for row in old]
    if not ended:
        before[-1] = old[-1].encode()
    assume(end == b"\n" or end in b"".join(before))
    rows = [row.encode() + end for row in new]
    if rows and not ended and stop == len(old):
        rows[-1] = new[-1].encode()
    wanted = b"".join([*before[: start - 1], *rows, *before[stop:]])
    assume(wanted != b"".join(before))
    suggestion = (
        "".join(f"{row}\r\n" for row in new) if data.draw(st.booleans()) else "".join(f"{row}\n" for row in new)
    )
    assert replace_lines(b"".join(before), start, stop, suggestion) == wanted


def test_what_already_stands_there_is_refused() -> None:
    """A suggestion that changes nothing makes no commit; one that no file can hold neither."""
    for line, reason in (("a", Reason.NO_CHANGE), ("\ud800", Reason.NOT_UTF_8)):
        with pytest.raises(Refusal) as refused:
            replace_lines(b"a\nb\n", 1, 1, f"{line}\n")
        assert refused.value.reason is reason


@given(st.text(min_size=1, max_size=60), st.sampled_from([TEXT, TEXT.replace(b"\n", b"\r\n")]))
def test_a_description_reads_back_as_it_was_written(text: str, content: bytes) -> None:
    """Any text becomes the description, or is refused; the rest keeps its bytes."""
    try:
        after = describe(skill(content), text).contents[SKILL]
    except Refusal:
        assert text == "Old." or any("\ud800" <= char <= "\udfff" for char in text)
        return
    assert read_front_matter(after).value("description") == text
    assert after.replace(after.split(b"\n")[2], b"") == content.replace(content.split(b"\n")[2], b"")


@pytest.mark.parametrize("text", ["", "x" * 1025])
def test_no_description_and_one_too_long_are_refused(text: str) -> None:
    """The specification allows 1,024 characters."""
    with pytest.raises(Refusal):
        describe(skill(), text)


def test_drop_takes_the_rows_that_point_at_it() -> None:
    """Rows and items with a link to the file go, others stay; with or without the skill's folder before the path."""
    for path in ("references/w.md", "`references/w.md`", f"{FOLDER}/references/w.md"):
        after, lines = drop(skill(), path)
        assert after.contents == {SKILL: b"---\nname: packaging\ndescription: Old.\n---\n\n- keep\n"}
        assert lines == {SKILL: [1, 2, 3, 4, 5, 7, 9]}


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_drop_takes_links_in_the_text_too(end: bytes) -> None:
    """Links and images become their text in every file, from wherever they are written; code, other links
    and bytes that are no text stay, and so does the number of lines, so that comments keep their places."""
    text = (
        b"---\nname: packaging\ndescription: Old.\n---\n\nSee [the *w* file](references/w.md#x) and [this](other.md).\n\n"
        b"![w](<references/w.md>), [two\nlines](./references/w.md 'W').\n\n`[w](references/w.md)` \xff\n\n"
        b"```\n[w](references/w.md)\n```\n"
    ).replace(b"\n", end)
    more = {"other.md": b"| [w](references/w.md) |\n", "references/v.md": b"[w](w.md), [x](https://x.example/w.md)\n"}

    after, lines = drop(skill(text, **more), "references/w.md")

    assert after.contents == {
        SKILL: text.replace(b"[the *w* file](references/w.md#x)", b"the *w* file")
        .replace(b"![w](<references/w.md>)", b"w")
        .replace(b"[two" + end + b"lines](./references/w.md 'W')", b"two" + end + b"lines"),
        f"{FOLDER}/other.md": b"| w |\n",
        f"{FOLDER}/references/v.md": b"w, [x](https://x.example/w.md)\n",
    }
    lost = {path: tuple(n for n, was in enumerate(before, 1) if not was) for path, before in lines.items()}
    assert lost == {SKILL: (6, 8, 9), f"{FOLDER}/other.md": (1,), f"{FOLDER}/references/v.md": (1,)}


@given(st.text(st.sampled_from("[]()!`w: \n\r<>x#|-"), max_size=40))
def test_a_drop_leaves_no_link_and_every_line(text: str) -> None:
    """Whatever stands there, nothing but rows of SKILL.md goes, and what has no link to the file stays as it is."""
    content = f"{text} [a](w.md)".encode()
    files = skill(b"---\nname: packaging\ndescription: Old.\n---\n", **{"w.md": b"w\n", "x.md": content})
    after = drop(files, "w.md")[0].contents[f"{FOLDER}/x.md"]
    assert after.count(b"\n") == content.count(b"\n")
    if b"\r" not in content:
        page = Markdown(after.decode())
        assert not any(link.target == "w.md" for link in page.links_at(range(len(page.lines))))


@given(st.text(max_size=20))
def test_any_path_to_drop_is_a_file_of_the_skill_or_refused(path: str) -> None:
    """No path reaches outside."""
    with pytest.raises(Refusal):
        drop(skill(), path)


@given(
    st.text(max_size=20)
    | st.sampled_from(["testing", "testing/x", "skills/testing/x/", "../x", "testing/../x", "python/typing"])
)
def test_any_place_to_move_to_is_below_a_category_or_refused(target: str) -> None:
    """All files go with it, and their bytes but for the name stay."""
    try:
        after = move(skill(), target, *PLACES, on_base=False)
    except Refusal:
        return
    assert after.folder.startswith(("skills/testing/", "skills/python/"))
    assert {path.removeprefix(after.folder) for path in after.contents} == {"/SKILL.md", "/references/w.md"}
    assert read_front_matter(after.contents[after.skill_file]).value("name") == after.folder.rpartition("/")[2]


def test_a_move_from_the_base_remembers_where_it_was() -> None:
    """Its old id goes into `formerly`, never its own; a name that is or was another's is refused."""
    there = move(skill(), "testing", *PLACES, on_base=True)
    assert (
        read_front_matter(there.contents["skills/testing/packaging/SKILL.md"]).metadata("formerly")
        == "python/packaging"
    )
    back = move(there, "python/packaging", PLACES[0], (*PLACES[1], "python/packaging"), on_base=False)
    assert read_front_matter(back.contents[SKILL]).metadata("formerly") == ""
    for target in ("testing/typing", "testing/former", "python", "testing/con"):
        with pytest.raises(Refusal):
            move(skill(), target, *PLACES, on_base=True)


@pytest.mark.parametrize("spoilt", [b'description "%s', b"description: '%s", b"description: a: %s", b"description"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_broken_description_is_written_anew(spoilt: bytes, end: bytes) -> None:
    """The other lines stay, also their line ends."""
    before, after = end.join([b"---", b"name: x", spoilt, b"license: MIT", b"---", b"", b"Body.", b""]), "New. Use it."
    changed = rebuild(before, after)
    assert changed == before.replace(spoilt, b'description: "New. Use it."')


def test_other_front_matter_is_left_alone() -> None:
    """Where one line could be two fields, where another line is broken too, and where nothing is."""
    for lines in (b"description x\ndescription y", b"One.\nTwo.", b"license: \xff\ndescription x", b"description: x"):
        assert rebuild(b"---\nname: x\n%s\n---\n" % lines, "New.") is None
    assert rebuild(b"---\nname: x\ndescription y\n", "New.") is None
