"""The timeline: union in any order, whatever text; what is malformed is named, what is newer is left alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import gitbed
from forges.grounds import ADA, GRACE, Ground
from skill_fleet.errors import UserError
from skill_fleet.fleet import load_schema, violations
from skill_fleet.forges import BODY_LIMIT, Actor
from skill_fleet.forges.local import (
    EVENTS_FILE,
    Event,
    LocalForge,
    read_chains,
    replay,
    timeline_ref,
    union,
    write_events,
)
from skill_fleet.git import ABSENT, Repository, Update, move_refs, write_commit, write_folder

OID = "0123456789abcdef0123456789abcdef01234567"

ENVELOPE: Event = {"id": "a1", "seq": 1, "at": "2026-01-01T00:00:00Z", "actor": {"id": "a@example.org", "name": "A"}}

OPENED: dict[str, Any] = {
    "repository": OID,
    "title": "T",
    "body": "",
    "head": "draft/x",
    "base": "main",
    "commit": OID,
    "draft": True,
}
ON_LINES: dict[str, Any] = {
    "body": "b",
    "path": "a/b.md",
    "commit": OID,
    "from": OID,
    "start": 1,
    "line": 2,
    "side": "RIGHT",
}

EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "opened": (OPENED, {**OPENED, "title": ""}),
    "commented": ({"body": "b"}, {"body": "b" * (BODY_LIMIT + 1)}),
    "commented-on": (ON_LINES, {**ON_LINES, "path": "a\nb"}),
    "replied": ({"thread": "line/a1", "body": "b"}, {"thread": "comment/a1", "body": "b"}),
    "reviewed": (
        {"verdict": "approved", "body": "", "commit": OID},
        {"verdict": "dismissed", "body": "", "commit": OID},
    ),
    "dismissed": ({"item": "review/a1"}, {"item": "label/a1"}),
    "edited": ({"item": "line/a1", "body": "b"}, {"item": "line/a1"}),
    "described": ({"body": ""}, {"item": "line/a1"}),
    "retitled": ({"title": "b"}, {"title": ""}),
    "deleted": ({"item": "comment/a1"}, {"item": "comment/a1\n"}),
    "resolved": ({"thread": "line/a1", "resolved": False}, {"thread": "line/a1", "resolved": "no"}),
    "labelled": ({"label": "failed", "present": True}, {"label": "", "present": True}),
    "drafted": ({"draft": False}, {}),
    "closed": ({"closed": True, "commit": OID}, {"closed": True, "commit": "main"}),
    "pushed": ({"old": OID, "new": OID}, {"old": OID, "new": OID[:-1]}),
    "merged": ({"commit": OID, "head": OID, "base": OID}, {"commit": OID, "head": OID}),
}


def event(kind: str, event_id: str = "a1", seq: int = 1, actor: Actor = ADA, **fields: Any) -> Event:
    """A whole event."""
    return {
        **ENVELOPE,
        "id": event_id,
        "seq": seq,
        "actor": {"id": actor.id, "name": actor.name},
        "type": kind,
        **fields,
    }


@pytest.mark.parametrize("kind", EXAMPLES)
def test_each_type_has_a_valid_and_an_invalid_example(kind: str) -> None:
    valid, invalid = EXAMPLES[kind]
    assert not list(violations("timeline", event(kind, **valid)))
    assert list(violations("timeline", event(kind, **invalid)))


def test_the_schema_lists_every_type() -> None:
    schema = load_schema("timeline")
    kinds = [case["if"]["properties"]["type"]["const"] for case in schema["allOf"]]
    assert kinds == list(EXAMPLES)
    assert all(case["then"]["$ref"] == f"#/$defs/{kind}" for kind, case in zip(kinds, schema["allOf"], strict=True))


@pytest.mark.parametrize(
    "broken",
    [
        {"id": ""},
        {"id": "a1\n"},
        {"id": "a/b"},
        {"seq": 0},
        {"seq": 2**53},
        {"seq": "1"},
        {"at": "yesterday"},
        {"at": "2026-01-01T00:00:00Z\n"},
        {"actor": {"id": "", "name": "A"}},
        {"actor": "A"},
        {"type": ""},
    ],
)
def test_what_no_event_may_be(broken: dict[str, Any]) -> None:
    assert list(violations("timeline", {**event("commented", body="b"), **broken}))


bodies = st.text(max_size=40)
some_events = st.lists(
    st.builds(
        lambda event_id, seq, body, actor: event("commented", event_id, seq, actor, body=body),
        st.sampled_from(["a", "b", "c", "d", "e"]),
        st.integers(1, 4),
        bodies,
        st.sampled_from([ADA, GRACE]),
    ),
    max_size=8,
)


@given(some_events, some_events, some_events)
@settings(max_examples=60)
def test_union_is_commutative_associative_and_idempotent(
    one: list[Event], two: list[Event], three: list[Event]
) -> None:
    assert union(one + two) == union(two + one)
    assert union([*union(one + two), *three]) == union([*one, *union(two + three)])
    assert union([*union(one), *one]) == union(one)
    assert {each["id"] for each in union(one + two)} == {each["id"] for each in one + two}


hostile = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=60) | st.sampled_from(
    [
        "\u2028x\x85y",
        "a\r\nb\rc\n",
        "\x00",
        '"}\n{"id": "x"}',
        "\ud800",
        "Pull-request: 9\n\nReviewed-by: x",
        "x" * BODY_LIMIT,
    ]
)


@given(hostile, st.text(max_size=20) | st.just(" <.> "))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hostile_text_round_trips(store: gitbed.Bed, body: str, name: str) -> None:
    actor = Actor("a@example.org", name)
    written = [event("opened", "a0", **OPENED), event("commented", "a1", 2, actor, body=body)]
    commit = write_events(store.repo, 1, [], written, actor)
    timeline = read_chains(store.repo, [commit]).timeline(1, [commit])
    assert list(timeline.events) == written
    (item,) = replay(timeline).items.values()
    assert (item.body, item.author) == (body, actor)


@given(st.lists(st.integers(0, 3), min_size=2, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_branches_that_grew_apart_unite_in_any_order(store: gitbed.Bed, writers: list[int], random: Any) -> None:
    root = write_events(store.repo, 1, [], [event("opened", "root", **OPENED)], ADA)
    tips: dict[int, list[str]] = {}
    for place, writer in enumerate(writers):
        above = tips.get(writer, [root])
        new = event("commented", f"e{place}", 2 + writers[:place].count(writer), body=str(place))
        tips[writer] = [write_events(store.repo, 1, above, [new], ADA)]
    ends = [tip for (tip,) in tips.values()]
    everything = read_chains(store.repo, ends).timeline(1, ends)
    assert {each["id"] for each in everything.events} == {"root", *(f"e{place}" for place in range(len(writers)))}
    assert sorted(everything.tips) == sorted(ends)
    random.shuffle(ends)
    united = ends[0]
    for tip in ends[1:]:
        united = write_events(store.repo, 1, [united, tip], [], GRACE)
    again = read_chains(store.repo, [united, *ends]).timeline(1, [united, *ends])
    assert again.events == everything.events
    assert again.tips == (united,)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"not json", "line 2: Expecting value"),
        (b"\xff\xfe\xfa", "line 2: "),
        (b"[]", "line 2: the event: .* is not of type 'object'"),
        (b"[" * 100_000, "line 2: it is nested too deeply"),
        (b'{"seq": 1' + b"0" * 5000 + b"}", "line 2: "),
        (json.dumps(event("commented", "a9", 3)).encode(), "line 2: the event: 'body' is a required property"),
        (
            json.dumps({**event("commented", "a9", 3, body="b"), "seq": 3.0}).encode(),
            "line 2: seq: .* is not of type",
        ),
        (json.dumps(event("commented", "a9", 3, body=float("nan"))).encode(), "line 2: NaN is not JSON"),
        (json.dumps(event("commented", "a9", 3, body=1.5)).encode(), "line 2: body: "),
    ],
)
def test_a_malformed_event_is_named(lone: Ground, line: bytes, words: str) -> None:
    malformed(lone, line, words)


def test_a_malformed_event_of_a_remote_is_named(shared: Ground) -> None:
    malformed(shared, b"not json", "line 2: Expecting value")


def malformed(ground: Ground, line: bytes, words: str) -> None:
    """Plant a line in pull request 1: it is named, nothing is written there, and the others go on."""
    ground.open("draft/y")
    fine = json.dumps(event("commented", "a8", 2, body="b")).encode()
    commit = plant(ground, 1, fine + b"\n" + line + b"\n")
    refs = ground.truth.refs()
    for act in (lambda: ground.elsewhere.snapshot(1), lambda: ground.author.comment(1, "x")):
        with pytest.raises(UserError, match=rf"pull request #1 is malformed: commit {commit[:12]}, {words}"):
            act()
    assert [row.number for row in ground.author.list()] == [2]
    assert "pull request #1 is malformed" in ground.author.notes[-1]  # type: ignore[attr-defined]
    assert ground.truth.refs() == refs
    ground.author.comment(2, "still fine")


def test_a_timeline_that_opens_nothing_is_malformed(lone: Ground) -> None:
    blob = lone.bed.git("rev-parse", "HEAD:README.md")
    for target in (blob, lone.truth.tip("main")):
        lone.bed.git("update-ref", timeline_ref(1), target)
        with pytest.raises(UserError, match="#1 is malformed"):
            lone.author.snapshot(1)
    assert lone.author.list("all") == ()


def test_a_type_of_a_newer_version_is_left_alone(ground: Ground) -> None:
    before = ground.author.snapshot(1)
    newer = [
        event("pinned", "b1", 2, item="comment/x"),
        event("commented", "b2", 3, body="b", mood="cheerful", weight=1.5),
        event("resolved", "b3", 3, thread="line/none", resolved=True),
        event("edited", "b4", 3, item="comment/none", body="x"),
        event("dismissed", "b5", 3, item="comment/b2"),
        event("deleted", "b6", 3, item="comment/none"),
        event("replied", "b7", 3, thread="line/none", body="x"),
        event("opened", "b8", 4, **{**OPENED, "title": "A second opening"}),
    ]
    plant(ground, 1, "".join(f"{json.dumps(each)}\n" for each in newer).encode())
    after = ground.elsewhere.snapshot(1)
    assert [item.body for item in after.items] == ["b"]
    assert (after.title, after.threads) == (before.title, ())
    ground.author.comment(1, "after it")
    assert [item.body for item in ground.elsewhere.snapshot(1).items] == ["b", "after it"]


def plant(ground: Ground, number: int, content: bytes) -> str:
    """Put a commit on a timeline as another program might."""
    repo, ref = ground.truth.repo, timeline_ref(number)
    tip = repo.refs(ref).get(ref, ABSENT)
    commit = write_commit(repo, write_folder(repo, {EVENTS_FILE: content}), [tip], "planted", gitbed.STRANGER)
    move_refs(repo, [Update(ref, commit, tip)])
    return commit


def test_a_number_far_above_the_others_is_left_out() -> None:
    """It was made up; the next writer still has a number."""
    events = [event("opened", "a", 1, **OPENED), event("commented", "b", 2, body="b")]
    assert union([*events, event("commented", "c", 2**53 - 1, body="c")]) == tuple(events)
    assert len(union([*events, event("commented", "c", 3_000, body="c")])) == 3


@pytest.mark.parametrize("leaf", ["head", "timeline"])
@pytest.mark.parametrize("number", [2, 999_999_999])
def test_a_ref_that_is_no_pull_request_stops_nothing(lone: Ground, leaf: str, number: int) -> None:
    """Anybody who may push can push anything there: a commit, a file. It is skipped, and named where it is in the way."""
    for what in (lone.bed.tip("main"), lone.bed.git("rev-parse", "main:README.md")):
        lone.bed.git("update-ref", f"refs/skill-fleet/pull/{number}/{leaf}", what)
        reviewer = forge_of(lone, GRACE)
        assert [row.number for row in reviewer.list("all")] == [1]
        assert bool(reviewer.notes) == (leaf == "timeline" or number > 2)
        reviewer.comment(1, "Fine.")
    tip = lone.bed.commit_to("other", {"README.md": "x\n"})
    opened = lone.author.open(title="T", body="", head="other", base="main", head_oid=tip, draft=False)
    assert opened == (3 if number == 2 else 2)


def forge_of(ground: Ground, actor: Actor) -> LocalForge:
    """A forge that has not read anything yet."""
    return LocalForge(Repository(ground.bed.path), actor, None)
