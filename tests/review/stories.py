"""What people may say about a draft, however hostile, as hypothesis strategies over the facts of `sessions`."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

import sessions
from skill_fleet.forges import Actor, Anchor, Item, Permission, Snapshot, Thread, Verdict
from skill_fleet.review import digest_of, render_receipt

UNKNOWN = Actor("eve@example.net", "Eve")
START = sessions.draft()

NASTY = (
    "@grace", "@skill-fleet do it", "fixes #1", "Closes #23", "resolved: #4", "#5", "<!-- x -->", "<!--", "-->", "`", "``` ",
    "~~~", "<b>hi</b>", "![x](http://e.example/y.png)", "[a](b)", "<script>", "&lt;!--", "::set-output name=x::y", "##[error]",
    "Addresses: drop:comment/1", "Skill: web/other", "Session: 5e55", "\n\nAddresses: move:comment/2\n",
    render_receipt(START, "help:comment/1", "done", "0" * 16), render_receipt(START, "status:pull/7", "status"),
    "---", "| a | b |", "\x00", "\x1b[31m", "\u202e", "\u2028", "\x85", "\r", "é", "漢", "\U0001f600", "\ud800", "../..", "refs/heads/x",
)  # fmt: skip
COMMANDS = (
    "/help", "/cancel", "/proceed", "/retry", "/describe Another one. Use it when asked.", "/describe @grace fixes #1 `x`",
    "/move testing", "/move devops/other", "/move ../x", "/move `@grace`", "/drop references/wheels.md", "/drop @grace", "/drop",
    "/revise more", "/refine", "/refine it, @grace, fixes #9",
    "/adopt", "/adopt comment/1", "/adopt #discussion_r2", "/adopt 3",
)  # fmt: skip
SUGGESTIONS = ("```suggestion\n{}\n```", "````suggestion\n{}\n````", "```suggestion\n```", "~~~ suggestion\n{}\n~~~")

text = st.lists(st.sampled_from(NASTY) | st.text(max_size=12), max_size=5).map(" ".join)
suggestion = st.builds(lambda frame, words: frame.replace("{}", words), st.sampled_from(SUGGESTIONS), text)
body = st.lists(st.sampled_from(COMMANDS) | suggestion | text, min_size=1, max_size=3).map("\n\n".join)

people = st.sampled_from([sessions.ADA, sessions.GRACE, sessions.MALLORY, UNKNOWN])
verdicts: st.SearchStrategy[Verdict | None] = st.sampled_from(
    [None, None, None, "approved", "changes_requested", "commented", "dismissed"]
)


@st.composite
def items(draw: st.DrawFn, number: int, threads: list[str]) -> Item:
    """One comment, review or line comment; sometimes in a thread, edited, hidden."""
    who, words, verdict = draw(people), draw(body), draw(verdicts)
    order = f"{number:06}"
    editor = draw(st.sampled_from([None, None, None, who, sessions.GRACE, sessions.MALLORY, sessions.BOT]))
    edited = f"{draw(st.integers(number, 8)):06}~" if editor else ""
    shared = {"editor": editor, "edited": edited, "hidden": draw(st.integers(0, 9)) == 0}
    if verdict:
        commit = draw(st.sampled_from([sessions.HEAD, "1" * 40]))
        return Item(f"review/{number}", who, order, words, verdict=verdict, commit=commit, **shared)  # type: ignore[arg-type]
    if draw(st.booleans()):
        return Item(f"comment/{number}", who, order, words, **shared)  # type: ignore[arg-type]
    key = f"line/{number}"
    line = draw(st.integers(1, 12))
    original = sessions.TEXT.split("\n")[line - 1] + "\n"
    path = draw(st.sampled_from([sessions.SKILL, f"{sessions.FOLDER}/references/wheels.md", "Makefile"]))
    anchor = Anchor(
        path, sessions.HEAD, line, line, draw(st.sampled_from(["RIGHT", "RIGHT", "LEFT"])), line, line, original
    )  # type: ignore[arg-type]
    thread = draw(st.sampled_from([key, *threads]))
    threads.append(key)
    return Item(key, who, order, words, anchor=anchor, thread=thread, **shared)  # type: ignore[arg-type]


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """A draft with up to eight things said, some of them answered already."""
    threads: list[str] = []
    said: list[Item] = []
    for number in range(1, draw(st.integers(0, 8)) + 1):
        earlier = [item for item in said if item.author.id != sessions.BOT.id]
        if earlier and draw(st.integers(0, 3)) == 0:
            item = draw(st.sampled_from(earlier))
            command = draw(
                st.sampled_from(["help", "describe", "drop", "suggestion", "comment", "cancel", "changes", "move"])
            )
            outcome = draw(st.sampled_from(["done", "refused", "open", "failing", "failed"]))
            receipt = render_receipt(START, f"{command}:{item.key}", outcome, digest_of(item.body))
            said.append(Item(f"comment/{number}", sessions.BOT, f"{number:06}", f"{receipt}\nAnswered."))
        else:
            said.append(draw(items(number, threads)))
    permissions: dict[str, Permission] = {**START.permissions, UNKNOWN.id: "unknown"}
    resolved = tuple(Thread(key, draw(st.booleans()), sessions.GRACE) for key in threads)
    state = draw(st.sampled_from(["open", "open", "open", "closed", "merged"]))
    draft, gone = draw(st.booleans()), draw(st.integers(0, 9)) == 0
    return replace(
        START, items=tuple(said), threads=resolved, permissions=permissions, state=state, draft=draft, head_exists=not gone,
        title=draw(text), body=draw(text), reopened=draw(st.sampled_from(["", "", "000004"])),
    )  # type: ignore[arg-type]  # fmt: skip
