"""Words that name nothing: refs, rules, commands, options, files that are no plan, settings that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import gitbed
from cli.command import Done, fine, fingerprint, refused, run
from cli.conftest import BRANCH, CREATE, SKILL


@pytest.mark.parametrize("words", ["validate --base nope", "validate --head nope", "list --ref nope",
                                   "validate --base main --head nope", "generate-xml --ref nope",
                                   "validate --base --upload-pack=x", "list --ref=main:README.md", "list --ref="])  # fmt: skip
def test_unknown_ref(words: str, lone: gitbed.Bed) -> None:
    """A ref that names no commit, a blob, or nothing at all; the tip lists the branches."""
    refused(lone.path, *words.split(), error="There is no commit called", tip="git branch --all")


def test_unknown_rule(lone: gitbed.Bed) -> None:
    """The tip names near ones, or the families."""
    for words in (
        ("explain",),
        ("validate", "--select"),
        ("validate", "--ignore"),
        ("validate", "--base=main", "--select"),
    ):
        refused(lone.path, *words, "spec/name-directry", error="spec/name-directry", tip="spec/name-directory")
        refused(lone.path, *words, "zzzzzz", error="'zzzzzz'", tip="The families are:")


def test_unknown_command(lone: gitbed.Bed) -> None:
    """The tip guesses, at both levels."""
    refused(lone.path, "vaildate", error="There is no command 'vaildate'.", tip="skill-fleet validate")
    refused(
        lone.path,
        "review",
        "aprove",
        error="There is no command 'aprove'.",
        tip="skill-fleet review approve",
        tip_works=False,
    )
    refused(lone.path, "zzz", error="There is no command 'zzz'.", tip="skill-fleet --help")
    refused(lone.path, "review", "zzz", error="There is no command 'zzz'.", tip="skill-fleet review --help")


def test_no_command(lone: gitbed.Bed) -> None:
    """The bare command shows its help, on standard error, since nothing was done."""
    for words in ((), ("review",)):
        done = run(lone.path, *words)
        assert (done.status, done.out) == (2, "")
        assert done.err.startswith("Usage: skill-fleet") and done.err.count("error: No command was given.") == 1


@pytest.mark.parametrize("words", ["list --fromat json", "list --format xml", "create --from", "review show", "list x",
                                   "review watch 1 --poll 0", "create --forge gitlab", "--no-such list"])  # fmt: skip
def test_bad_options(words: str, lone: gitbed.Bed) -> None:
    """The tip leads to the help of that command."""
    refused(lone.path, *words.split(), error="", tip="--help")


def test_folder_that_is_not_there(lone: gitbed.Bed) -> None:
    """-C has to name a folder."""
    refused(lone.path, "-C", "nope", "list", error="The folder nope cannot be entered.")
    refused(lone.path, "-C", "README.md", "list", error="The folder README.md cannot be entered.")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"3", b'"x"', b'{"number": 1}', b"\xff\xfe", b"[" * 200_000,
                                     b'{"actions": [{"action": "Evil"}]}', b'{"number": "1"}'])  # fmt: skip
def test_bad_json(content: bytes, lone: gitbed.Bed) -> None:
    """What is no snapshot is not decided on, what is no plan is not carried out: not from a file, not from a pipe."""
    file = lone.path.parent / "bad.json"
    file.write_bytes(content)
    tip = "Save it as UTF-8." if content == b"\xff\xfe" else "previous step"
    for command in ("decide", "write", "apply"):
        refused(lone.path, "review", command, "../bad.json", error="", tip=tip)
        refused(lone.path, "review", command, "-", stdin=content, error="", tip=tip)


def test_one_step_file_for_another(pulled: gitbed.Bed) -> None:
    """A snapshot is no plan and a plan is no snapshot; a file that is not there is neither."""
    fine(pulled.path, "review", "fetch", "1", "-o", "../snapshot.json")
    fine(pulled.path, "review", "decide", "../snapshot.json", "-o", "../plan.json")

    refused(pulled.path, "review", "apply", "../snapshot.json", error="Not a valid plan")
    refused(pulled.path, "review", "decide", "../plan.json", error="Not a valid snapshot")
    refused(pulled.path, "review", "apply", "../no.json", error="no.json cannot be read: No such file")
    refused(pulled.path, "review", "apply", "..", error=".. cannot be read: Is a directory")


def test_stale_plan(pulled: gitbed.Bed) -> None:
    """A plan that was decided on another head is not carried out."""
    fine(pulled.path, "review", "comment", "1", "/move testing")
    snapshot = fine(pulled.path, "review", "fetch", "1")
    plan = fine(pulled.path, "review", "decide", "-", stdin=snapshot.encode())
    pulled.git("switch", "--quiet", BRANCH)
    pulled.commit("Mine", {f"{SKILL}/notes.md": "notes\n"})
    pulled.git("push", "--quiet")
    fine(pulled.path, "review", "show", "1")

    refused(pulled.path, "review", "apply", "-", stdin=plan.encode(), error="has changed", around=pulled.path.parent)


@pytest.mark.parametrize("settings", ["approvals = -1", 'approvals = "two"', "writers = [1]", "unknown = 1", "x = ["])
def test_bad_settings(settings: str, lone: gitbed.Bed) -> None:
    """A draft is refused before its branch is made, not when its settings are first read after that."""
    lone.commit("Break it", {"pyproject.toml": f"[tool.skill-fleet]\n{settings}\n"})

    done = refused(lone.path, *CREATE, error="", tip="Fix ")

    assert "tool.skill-fleet" in done.err or "pyproject.toml cannot be read" in done.err


def test_output_that_cannot_be_written(pulled: gitbed.Bed) -> None:
    """A folder that is not there, a folder instead of a file: nothing is left behind, not even half a file."""
    snapshot = fine(pulled.path, "review", "fetch", "1")
    refused(pulled.path, "generate-xml", "-o", "no/x.xml", error="no/x.xml cannot be written")
    refused(pulled.path, "generate-xml", "-o", "skills", error="skills cannot be read: Is a directory")
    refused(pulled.path, "review", "fetch", "1", "-o", "no/x.json", error="no/x.json cannot be written")
    refused(pulled.path, "review", "decide", "-", "-o", "no/x", stdin=snapshot.encode(), error="no/x cannot be written")
    refused(pulled.path, "generate-xml", "-o", "README.md/x", error="README.md/x cannot be")


def test_output_without_permission(lone: gitbed.Bed, tmp_path: Path) -> None:
    """As somebody who may not write there, one hears that, and no half file stays."""
    folder = Path("/proc/self/fdinfo")  # nobody may write here, root neither
    if not folder.is_dir():
        pytest.skip("needs a folder that not even root may write to")
    before = fingerprint(lone.path)

    done = run(lone.path, "generate-xml", "-o", str(folder / "x.xml"))

    assert done.status == 2 and "cannot be written" in done.err
    assert fingerprint(lone.path) == before


@pytest.mark.parametrize(
    ("words", "command"),
    [("revise x --from", "revise"), ("review comment 1 --path", "review comment"), ("-C", ""), ("review -C", "review")],
)
def test_option_without_its_value(words: str, command: str, lone: gitbed.Bed) -> None:
    """The tip leads to the help of the command that was typed, and works."""
    found = refused(lone.path, *words.split(), error="Option" if command != "review" else "No such option")
    assert found.err.endswith(f"See: {f'skill-fleet {command}'.strip()} --help\n")


def test_fix_and_init_are_asked_what_they_cannot_do(lone: gitbed.Bed) -> None:
    """A commit cannot be fixed, a folder that holds something does not become a fleet, a fleet needs a proper name."""
    refused(lone.path, "fix", "--head", "main", error="--head requires --diff", tip="--diff --head REF")
    refused(lone.path, "fix", "nope", error="There is no folder nope.")
    refused(lone.path, "init", ".", error="is not empty.")
    refused(lone.path, "init", "README.md", error="is not empty.", tip_works=False)
    refused(lone.path, "init", "new", "--name", "Not A Name", error="cannot be called 'Not A Name'.", tip="--name")
    refused(lone.path, "init", "new", "--owner", "ada", error="'ada' is not a login or team.", tip="--owner")


def test_paths_without_a_skill(lone: gitbed.Bed) -> None:
    """A path has to be a folder with a skill somewhere in it."""
    lone.write("docs/x.md", "x\n")
    refused(lone.path, "validate", "docs", error="There is no skill in docs.")
    refused(lone.path, "validate", "nope", error="There is no folder nope.")
    refused(lone.path, "validate", "skills", "README.md", error="There is no folder README.md.")


def test_catalogue_to_standard_output_alone(lone: gitbed.Bed) -> None:
    """-o - prints the catalogue and nothing else, so it goes with neither --check nor JSON."""
    refused(lone.path, "generate-xml", "-o", "-", "--check", error="-o - prints the catalogue")
    refused(lone.path, "generate-xml", "-o", "-", "--format", "json", error="-o - prints the catalogue")
    done: Done = run(lone.path, "generate-xml", "-o", "-")
    assert (done.status, done.err) == (0, "") and done.out.startswith("<available_skills>")


def test_help_and_version_end_well(lone: gitbed.Bed) -> None:
    """--help of everything, and --version, are answers, not errors."""
    for words in (["--help"], ["-h"], ["--version"], ["review", "--help"], ["create", "-h"]):
        assert fine(lone.path, *words)
    assert json.loads(json.dumps(fine(lone.path, "--version"))).startswith("skill-fleet")
