"""Suggestions and commands on files of any kind: bytes, modes and line ends are kept, and files are found where they are now."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import gitbed
from review.scenes import FOLDER, GRACE, SKILL, Scene, suggest
from skill_fleet.forges import Snapshot
from skill_fleet.review import Reason, Refusal, Reply, Revised, Round, drop, receipts, replace_lines, step

Scenes = Callable[..., Scene]
SCRIPT = f"{FOLDER}/scripts/run.sh"


def push(one: Scene, files: dict[str, gitbed.Content], *words: str) -> None:
    """Commit files to the draft as a person; with `words`, run Git in a work tree of the draft before."""
    if words:
        one.truth.git("switch", "--quiet", "draft/x")
        one.truth.git(*words)
        one.truth.commit("Change", files)
        one.truth.git("switch", "--quiet", "main")
    else:
        one.truth.commit_to("draft/x", files)


def turn(one: Scene, reviser: Callable[[Round], Revised] | None = None, ids: str = "b") -> Snapshot:
    """One turn of the bot."""
    forge = one.forge(ids=ids)
    step(forge.repo, forge, 1, reviser)
    return forge.snapshot(1)


def outcomes(snapshot: Snapshot) -> dict[str, str]:
    """The outcome of each request."""
    return {key: each.outcome for key, each in receipts(snapshot).items() if not key.startswith("status")}


def modes(one: Scene) -> dict[str, str]:
    """The mode of each file of the draft."""
    rows = one.truth.git("ls-tree", "-r", "draft/x", "skills").splitlines()
    return {row.partition("\t")[2]: row[:6] for row in rows}


def run_script(given: Round) -> Revised:
    """A model that rewrites the script and adds another one."""
    files = {**given.files, "scripts/run.sh": "#!/bin/sh\necho drei\n", "scripts/new.sh": "#!/bin/sh\necho new\n"}
    files["SKILL.md"] += "\nAlso run [new.sh](scripts/new.sh).\n"
    return Revised(files, tuple(Reply(each.key, "changed", "Done.") for each in given.wanted), "me")


def test_an_executable_file_is_text_and_stays_executable(scene: Scenes) -> None:
    """A suggestion, a model and a move change its bytes or its place, never its mode; a new file is not executable."""
    one = scene("lone")
    text = one.truth.read("draft/x", SKILL)
    one.truth.git("switch", "--quiet", "draft/x")
    one.truth.write(SCRIPT, "#!/bin/sh\necho one\n").chmod(0o755)
    one.truth.commit("Add a script", {SKILL: f"{text}\nRun [run.sh](scripts/run.sh).\n"})
    one.truth.git("switch", "--quiet", "main")
    suggest(one, "```suggestion\necho uno\n```", 2, SCRIPT)
    turn(one)
    assert modes(one)[SCRIPT] == "100755" and one.truth.read("draft/x", SCRIPT) == "#!/bin/sh\necho uno\n"

    one.forge(GRACE, ids="2").comment(1, "/refine Say drei.")
    turn(one, run_script, "c")
    assert (modes(one)[SCRIPT], modes(one)[f"{FOLDER}/scripts/new.sh"]) == ("100755", "100644")
    assert one.truth.read("draft/x", SCRIPT) == "#!/bin/sh\necho drei\n"

    one.forge(GRACE, ids="3").comment(1, "/move testing")
    turn(one, ids="d")
    assert {path.rpartition("/")[2]: mode for path, mode in modes(one).items() if "/x/" in path} == {
        "SKILL.md": "100644",
        "notes.md": "100644",
        "new.sh": "100644",
        "run.sh": "100755",
    }


@pytest.mark.parametrize(
    ("before", "lines", "new", "after"),
    [
        (b"1\n2\r\n3\n", (1, 1), "a\n", b"a\n2\r\n3\n"),
        (b"1\n2\r\n3\n", (2, 2), "a\n", b"1\na\r\n3\n"),
        (b"1\n2\r\n3\n", (1, 2), "a\nb\nc\n", b"a\nb\r\nc\r\n3\n"),
        (b"1\n2\r\n3", (3, 3), "a\nb\n", b"1\n2\r\na\r\nb"),
        (b"1\n2\r\n3", (2, 3), "a\n", b"1\na"),
        (b"\xef\xbb\xbf1\n2\n", (1, 1), "a\n", b"\xef\xbb\xbfa\n2\n"),
        (b"\xef\xbb\xbf1\n2\n", (1, 1), "", b"\xef\xbb\xbf2\n"),
    ],
)
def test_a_replaced_line_keeps_its_own_line_end(before: bytes, lines: tuple[int, int], new: str, after: bytes) -> None:
    """Also in a file with both kinds, and behind a byte order mark."""
    assert replace_lines(before, *lines, new) == after


def test_a_file_in_another_encoding_is_not_rewritten(scene: Scenes) -> None:
    """The suggestions are refused, and the files keep their bytes."""
    one = scene("lone")
    contents = {f"{FOLDER}/a.txt": "grün\n".encode("latin-1"), f"{FOLDER}/b.txt": "a\nb\n".encode("utf-16-le")}
    push(one, {**contents})
    for number, path in enumerate(contents, 1):
        suggest(one, "```suggestion\nblau\n```", 1, path, ids=str(number))
    answers = [each.item.body for key, each in receipts(turn(one)).items() if key.startswith("suggestion")]
    assert sum(Reason.NOT_UTF_8_FILE.value[10:] in answer for answer in answers) == len(contents)
    for path, content in contents.items():
        assert one.truth.repo.run("cat-file", "blob", f"draft/x:{path}") == content


def test_a_comment_follows_its_file(scene: Scenes) -> None:
    """A file that a later push renames, alone or with its whole skill, is the one that the suggestion is for."""
    one, path = scene("lone"), f"{FOLDER}/references/notes.md"
    suggest(one, "```suggestion\nzwei\n```", 2, path)
    push(one, {SKILL: f"{one.truth.read('draft/x', SKILL)}\n"}, "mv", path, f"{FOLDER}/references/b.md")
    turn(one)
    assert one.truth.read("draft/x", f"{FOLDER}/references/b.md") == "one\nzwei\nthree"

    suggest(one, "```suggestion\ndrei\n```", 3, f"{FOLDER}/references/b.md", ids="2")
    text = one.truth.read("draft/x", SKILL).replace("name: x", "name: y")
    (one.truth.path / "skills/testing").mkdir(parents=True)
    push(one, {"skills/testing/y/SKILL.md": text}, "mv", FOLDER, "skills/testing/y")
    turn(one, ids="c")
    assert one.truth.read("draft/x", "skills/testing/y/references/b.md") == "one\nzwei\ndrei"


def test_a_suggestion_reaches_over_more_lines(scene: Scenes) -> None:
    """GitLab's offsets count from the lines of the comment, and stop at the ends of the file."""
    one, path = scene("lone"), f"{FOLDER}/references/notes.md"
    suggest(one, "- Shorter:\n\n  ```suggestion:-1+0\n  both\n  ```", 2, path)
    turn(one)
    assert one.truth.read("draft/x", path) == "both\nthree"
    suggest(one, "```suggestion:-5+9\nall\n```", 1, path, ids="2")
    turn(one, ids="c")
    assert one.truth.read("draft/x", path) == "all"


@pytest.mark.parametrize(
    ("above", "after"),
    [
        ("1\ntwo", "1\nboth\nfour\n5"),
        ("zero\none\ntwo", "zero\none\nboth\nfour\n5"),
        ("one\n2", "one\n2\nthree\nfour\n5"),
    ],
)
def test_a_suggestion_on_an_older_commit_reaches_over_lines(scene: Scenes, above: str, after: str) -> None:
    """Lines that a later commit moved are replaced; a changed one is not, and the suggestion is refused."""
    one, path = scene("lone"), f"{FOLDER}/references/notes.md"
    push(one, {path: "one\ntwo\nthree\nfour\n5"})
    suggest(one, "```suggestion:-1+0\nboth\n```", 3, path)
    push(one, {path: f"{above}\nthree\nfour\n5"})
    turn(one)
    assert one.truth.read("draft/x", path) == after


def test_both_forms_of_a_name_are_one_file() -> None:
    """What people type and what their system stores may differ in Unicode's normal form."""
    from review.test_edits import skill

    for stored, typed in (("cafe\u0301.md", "caf\u00e9.md"), ("caf\u00e9.md", "cafe\u0301.md")):
        after, _ = drop(skill(**{stored: b"x\n"}), typed)
        assert f"{FOLDER}/{stored}" not in after.contents
    with pytest.raises(Refusal):
        drop(skill(**{"caf\u00e9.md": b"x\n", "cafe\u0301.md": b"y\n"}), "cafe.md")
