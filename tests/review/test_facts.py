"""Receipts, trailers, the fence around commits, and JSON: what is believed, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

import sessions
from review.stories import START, text
from skill_fleet.errors import UserError
from skill_fleet.forges import Action, Anchor, CommitAction, FileChange, Snapshot
from skill_fleet.review import (
    Plan,
    check_scope,
    credit,
    decode,
    encode,
    read_receipt,
    read_trailers,
    render_receipt,
    trailer,
    write_message,
)

FOLDER = "skills/web/x"
RECEIPT = render_receipt(START, "help:comment/1", "done", "0" * 16)


SPOILT = {
    "indented": f" {RECEIPT}",
    "second line": f"\n{RECEIPT}",
    "trailing space": f"{RECEIPT} ",
    "carriage return": f"{RECEIPT}\r\nx",
    "other pull request": RECEIPT.replace("pull=7", "pull=8"),
    "leading zero": RECEIPT.replace("pull=7", "pull=07"),
    "endless number": RECEIPT.replace("pull=7", f"pull={'7' * 5000}"),
    "other repository": RECEIPT.replace("a" * 40, "b" * 40),
    "upper case": RECEIPT.replace("help:", "HELP:"),
    "unknown outcome": RECEIPT.replace("outcome=done", "outcome=fine"),
    "two": RECEIPT + RECEIPT,
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_receipt_is_a_whole_first_line_of_this_pull_request(how: str) -> None:
    """Anything before or behind it, another pull request or repository: only text."""
    body = SPOILT[how]
    assert read_receipt(START, sessions.Item("comment/1", sessions.BOT, "1", body)) is None
    assert read_receipt(START, sessions.Item("comment/1", sessions.BOT, "1", f"{RECEIPT}\n{body}"))


def test_a_receipt_is_the_bot_s_own() -> None:
    """By its account's id alone, and not when a person edited the comment."""
    impostor = sessions.Actor("x@example.org", sessions.BOT.name)
    assert read_receipt(START, sessions.Item("comment/1", impostor, "1", RECEIPT)) is None
    assert read_receipt(START, sessions.Item("comment/1", sessions.BOT, "1", RECEIPT, editor=sessions.GRACE)) is None
    assert read_receipt(START, sessions.Item("comment/1", sessions.BOT, "1", RECEIPT, editor=sessions.BOT))


@given(text | st.text(max_size=40), text | st.text(max_size=60), st.lists(text | st.text(max_size=20), max_size=3))
def test_a_message_has_exactly_the_trailers_it_was_given(subject: str, body: str, values: list[str]) -> None:
    """No subject, body or value adds one, takes one away, or spans a line; what has no value is left out."""
    rows = [("Skill", "web/x"), *((f"Key-{chr(97 + n)}", value) for n, value in enumerate(values))]
    message = write_message(f"Do {subject}", body, rows)
    got = read_trailers(message)
    assert got[0] == rows[0] and len(got) <= len(rows) and {name for name, _ in got} <= {name for name, _ in rows}
    for name, value in rows:
        assert (
            bool(trailer(message, name)) == bool("".join(value.split()).strip("\x00\x1b\x85"))
            or not value.isprintable()
        )
    message.encode()


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_credit_is_one_person(name: str, address: str) -> None:
    """A name or an address cannot carry a second address, or a line."""
    shown = credit(name, address)
    assert shown.count("<") == shown.count(">") == 1 and shown.endswith(">") and "\n" not in shown
    assert trailer(write_message("x", "", [("Requested-by", shown)]), "Requested-by")


OUTSIDE = (
    "README.md", "/etc/passwd", ".github/workflows/x.yml", "skills/web/x", "skills/web/xy/a", "skills/web/y/a", "skills/web/x/../y/a",
    "skills/web/x/./a", "skills/web/x//a", "skills/web/x/.git/config", "skills/web/x/.GIT/config", "skills/web/x/a\n", "skills/web/x/a\\b",
)  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_change_outside_the_skill_is_refused(path: str) -> None:
    """Whatever the plan says; and a folder that is no skill's allows nothing."""
    with pytest.raises(UserError):
        check_scope(CommitAction("k", "s", (FileChange(path, "x"),), (FOLDER,)))
    for wide in ("", "skills", "skills/web", "skills/web/", ".github/workflows/x"):
        with pytest.raises(UserError):
            check_scope(CommitAction("k", "s", (FileChange("skills/web/x/a", "x"),), (wide,)))


def test_content_that_is_not_bytes_is_refused() -> None:
    """A character stands for a byte; one that stands for none is the user's to fix, not a crash."""
    check_scope(
        CommitAction("k", "s", (FileChange(f"{FOLDER}/a", "\xff\x00"), FileChange(f"{FOLDER}/b", None)), (FOLDER,))
    )
    with pytest.raises(UserError, match="Latin-1"):
        check_scope(CommitAction("k", "s", (FileChange(f"{FOLDER}/a", "\u2192"),), (FOLDER,)))


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.just("action"), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.data())
def test_json_of_another_shape_is_refused(data: st.DataObject) -> None:
    """A value put anywhere into a plan or a snapshot gives one of the same types, or UserError; nothing else."""
    good = data.draw(
        st.sampled_from([encode(START), encode(Plan("r", 1, "main", "h", "open", (CommitAction("k", "s", (), ()),)))])
    )
    kind = Snapshot if "items" in good else Plan
    assert decode(kind, json.loads(json.dumps(good))) is not None
    field = data.draw(st.sampled_from([*good, "unknown", "action"]))
    changed = {**good, field: data.draw(json_values)}
    try:
        again = decode(kind, changed)
    except UserError:
        return
    assert encode(again) == changed


@pytest.mark.parametrize(
    "data", [{"action": "FlagAction", "what": "close"}, {"action": "Plan"}, {"action": ["x"]}, {"action": None}]
)
def test_an_action_is_only_where_one_is_expected(data: Any) -> None:
    """An anchor cannot be an action, and an action is one of those there are."""
    with pytest.raises(UserError):
        decode(Anchor, data)
    with pytest.raises(UserError):
        decode(Snapshot, {**encode(START), "items": [{**encode(sessions.says(1, "ada", "x")), "anchor": data}]})


def test_actions_survive_json() -> None:
    """Each names its type."""
    action: Action = CommitAction("k", "s", (FileChange("a", None),), ("w",), (("A", "b"),))
    plan = Plan("r", 1, "main", "h", "open", (action,))
    assert encode(plan)["actions"][0]["action"] == "CommitAction"
    assert decode(Plan, json.loads(json.dumps(encode(plan)))) == plan
