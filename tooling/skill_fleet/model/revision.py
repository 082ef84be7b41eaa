"""A round of revision: each comment thread gets one verdict and one reply, and each change is as small as possible.

One call decides on the threads, one makes the edits. An edit may change its request's sections. Elsewhere it may only
follow: change a line with a name that the request changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from skill_fleet.checks import check_files
from skill_fleet.drafting import Brief, Discussion, Document
from skill_fleet.markdown import Replacement, estimated_tokens, names_lost, not_in, part_at, parts_of, plain, tidy
from skill_fleet.model.client import ModelClient, Refused
from skill_fleet.model.edits import Applied, Check, Made, SkillCheck, cannot_edit, edited
from skill_fleet.model.shown import MOST_PASSAGES, NONE, brief_text, narrowed, number_sources, shown_files

if TYPE_CHECKING:
    from skill_fleet.model.prompts import Verdict

Outcome = Literal["changed", "answered", "declined", "asked", "noted", "open"]
_OUTCOMES: dict[str, Outcome] = {"answer": "answered", "decline": "declined", "ask": "asked", "none": "noted"}
_PROMPTS = 4_000  # tokens of two questions and their replies beside the files and the sources


@dataclass(frozen=True)
class Handled:
    """The outcome of one thread. `reply` is what the person reads; of an open one, the reason why it is open."""

    thread: str
    outcome: Outcome
    reply: str
    unsourced: tuple[str, ...] = ()  # names in the change that no source, no file and not the request has
    settles: tuple[str, ...] = ()  # the assumptions and open points that the change decides
    against: str = ""  # the thread that contradicts it: both are asked which it shall be, and neither is edited


@dataclass(frozen=True)
class Revision:
    """The files after a round, the outcome of each thread, in the order they were given, and the record of the run."""

    files: dict[str, str]
    handled: tuple[Handled, ...]
    record: dict[str, Any]


def revise(
    client: ModelClient,
    files: Mapping[str, str],
    brief: Brief,
    threads: Sequence[Discussion],
    check: SkillCheck = check_files,
    *,
    sources: Sequence[Document] = (),
    passages: str = "",
    points: Sequence[str] = (),
) -> Revision:
    """Answer `threads` on the skill with these `files` (by path in its folder). No other file can be changed.

    `sources` are documents that the change is to be based on, `passages` are recorded lines of those that the skill was
    made from, `points` the open points of the draft. A change that goes beyond its request is refused and asked for once more; then its thread stays open with the reason. Raises
    ModelFailed if the model fails or the budget is spent: then nothing is changed.
    """
    client.facts = {"kind": "round", "threads": [asdict(thread) for thread in threads], "before": files}
    text = "\n".join([brief_text(brief), *(f"Open point: {tidy(point)}" for point in points)])
    asked = " ".join(said for thread in threads for _, said in thread.conversation)
    shown = narrowed(number_sources(sources), asked, MOST_PASSAGES).text() if sources else passages
    # by short labels: a model copies T3 where it would misspell a forge's id
    labelled = {f"T{number}": thread for number, thread in enumerate(threads, 1)}
    round_ = _Round(
        client, text, files, labelled, shown or NONE, partial(check, brief.path), (*brief.assumptions, *points)
    )
    with client.connected():
        verdicts, open_ = round_.triage()
        against = {one.against for one in verdicts.values()}
        changes = {label: one for label, one in verdicts.items() if one.verdict == "change" and label not in against}
        applied = round_.edit(changes) if changes else Applied(dict(files))
        open_ |= applied.refused
        handled = tuple(
            Handled(thread.key, "open", open_[label])
            if label in open_
            else round_.handled(label, verdicts[label], applied)
            for label, thread in labelled.items()
        )
        record = client.record("revised", handled=[asdict(one) for one in handled], after=applied.files)
    return Revision(applied.files, handled, record)


def estimated(files: Mapping[str, str], sources: Sequence[Document]) -> str:
    """Return in words what a revision of these files is going to cost."""
    shown = min(MOST_PASSAGES, sum(estimated_tokens(one.text) for one in sources))
    about = 2 * (sum(map(estimated_tokens, files.values())) + shown) + _PROMPTS
    return f"A revision takes 1 to 4 calls and about {about // 1_000 * 1_000:,} tokens."


@dataclass(frozen=True)
class _Round:
    """What the calls of one round share. `threads` are by label, `brief` is the text that the model reads."""

    client: ModelClient
    brief: str
    files: Mapping[str, str]
    threads: Mapping[str, Discussion]
    passages: str
    check: Check
    told: Sequence[str]  # assumptions and open points

    def triage(self) -> tuple[dict[str, Verdict], dict[str, str]]:
        """Return the verdict on each thread, by label, and the reason why others have none."""
        found: dict[str, list[Verdict]] = {}
        open_: dict[str, str] = {}

        def judge(reply: Sequence[Verdict]) -> str:
            found.update({label: [one for one in reply if one.thread == label] for label in self.threads})
            open_.clear()
            open_.update({label: why for label, mine in found.items() if (why := self._unusable(mine))})
            unknown = sorted({one.thread for one in reply} - self.threads.keys())
            wrong = [f"{label!r} is none of the threads." for label in unknown]
            return " ".join([*wrong, *(f"{label}: {why}" for label, why in open_.items())])

        try:
            self.client.ask("triage", self._with(threads=map(self._thread_text, self.threads)), judge)
        except Refused as refused:  # what is wrong with one thread leaves only that one open
            if not found:
                return {}, dict.fromkeys(self.threads, f"The model could not read the requests: {refused.reason}")
        return {label: mine[0] for label, mine in found.items() if label not in open_}, open_

    def _with(self, **asked: Iterable[str]) -> dict[str, str]:
        shown = {"brief": self.brief, "files": shown_files(self.files), "passages": self.passages}
        return shown | {name: "\n\n".join(texts) for name, texts in asked.items()}

    def _unusable(self, given: Sequence[Verdict]) -> str:
        """The reason why the verdict on a thread cannot be followed; "" if it can."""
        if len(given) != 1:
            return "The model gave no answer to this." if not given else f"It has {len(given)} entries, not one."
        (one,) = given
        if not one.reply.strip() and one.verdict != "none":
            return "It has no reply."
        if one.against and (one.verdict != "ask" or one.against == one.thread or one.against not in self.threads):
            return f"Only an ask is against another thread, and {one.against!r} is none of the others."
        if one.verdict != "change":
            return f"The verdict {one.verdict!r} names files; only a change does." if one.files else ""
        if not one.files:
            return "A change names the files to edit."
        parts = (part for path in one.files for part in parts_of(path, self.files.get(path, "")))
        known = {part.heading.casefold() for part in parts}
        lost = (section for section in one.sections if _bare(section) not in known)
        wrong = [why for path in one.files if (why := cannot_edit(path, self.files))]
        return next(iter([*wrong, *(f"None of these files has a section {section!r}." for section in lost)]), "")

    def edit(self, changes: Mapping[str, Verdict]) -> Applied:
        """Return the edits for the verdicts that are changes."""

        def request(label: str, refused: str) -> str:
            one = changes[label]
            rows = [
                f"Request {label}, files: {', '.join(one.files)}, sections: {'; '.join(one.sections) or NONE}",
                self._thread_text(label),
                f"  The answer that is posted once it is done:\n    | {tidy(one.reply)}",
                f"  Your edits for it were refused, give all of them again: {refused}" if refused else "",
            ]
            return "\n".join(filter(None, rows))

        def question(open_: Mapping[str, str]) -> dict[str, str]:
            return self._with(requests=(request(*each) for each in open_.items()))

        def unsolved(done: Applied) -> dict[str, str]:
            planned = ((label, path) for label, one in changes.items() for path in reversed(one.files))
            missing = {label: path for label, path in planned if path not in done.made.get(label, {})}
            return {label: f"There is no edit in {path}." for label, path in missing.items()} | done.refused

        def reach(label: str, made: Made) -> str:
            return self._reach(label, changes[label], made)

        applied = edited(self.client, "revise", self.files, changes, question, self.check, unsolved, reach=reach)
        nothing = "The model said that it changed this, and changed nothing."
        applied.refused = {label: nothing for label in changes if label not in applied.made} | applied.refused
        return applied

    def _reach(self, label: str, verdict: Verdict, made: Made) -> str:
        """The reason why these replacements go beyond their request; "" if they do not."""
        created, names, outside = made.keys() - self.files.keys(), set[str](), list[tuple[str, Replacement]]()
        for path, one in ((path, one) for path, replacements in made.items() for one in replacements):
            text = self.files.get(path, "")
            if path in verdict.files and _within(path, text, self.threads[label], verdict.sections, one):
                names |= names_lost(*one.lines_of(text))
            else:
                outside.append((path, one))
        for path, one in outside:
            lines = "\n".join(self.files.get(path, "").split("\n")[one.first - 1 : one.last])
            if not any(name in lines for name in names) and not any(each in one.new for each in created):
                where = f"The edit at line {one.first} of {path} lies outside of the sections of the request"
                return f"{where}, and the line mentions no name that it changes."
        return ""

    def handled(self, label: str, verdict: Verdict, applied: Applied) -> Handled:
        """Return the outcome of a thread whose verdict could be followed."""
        thread, reply = self.threads[label], verdict.reply.strip()
        if verdict.verdict != "change":
            against = self.threads[verdict.against].key if verdict.against else ""
            return Handled(thread.key, _OUTCOMES[verdict.verdict], reply, against=against)
        if label not in applied.made:  # another thread contradicts it, and that one's question is for both
            return Handled(thread.key, "asked", "")
        if why := applied.short.get(label):  # the model's reply was written before the edits, so the facts precede it
            reply = f"Not every planned edit was made: {why}\n\nThis was written before the edits: {reply}"
        known = [*self.files.values(), self.passages, *(text for _, text in thread.conversation)]
        new = "\n".join(one.new for replacements in applied.made[label].values() for one in replacements)
        settled = {*map(tidy, verdict.settles)}
        settles = tuple(each for each in self.told if tidy(each) in settled)
        return Handled(thread.key, "changed", reply, tuple(not_in("\n".join(known), new)), settles)

    def _thread_text(self, label: str) -> str:
        """A thread as the model reads it. People's lines are quoted, so that none can pass for one of ours."""
        thread = self.threads[label]
        text = self.files.get(thread.path, "")
        gone = "lines that are gone" if thread.near else "the whole file"
        place = f"{thread.path}, {f'lines {thread.first}-{thread.last}' if thread.first else gone}"
        if (at := thread.first or thread.near) and (section := part_at(parts_of(thread.path, text), at).heading):
            place += f", in the section {section}"
        lines = [f"Thread {label} at {place if thread.path else 'the whole skill'}:"]
        if thread.quoted.strip():
            lines += ["  The lines:", *(f"    > {line}" for line in thread.quoted.rstrip("\n").split("\n"))]
        for who, text in thread.conversation:
            lines += [f"  {tidy(who) or 'somebody'} said:", *(f"    | {line}" for line in text.strip().split("\n"))]
        if thread.failed:
            lines.append(f"  It was tried before, and refused: {tidy(thread.failed)}")
        return "\n".join(lines)


def _within(path: str, text: str, thread: Discussion, sections: Sequence[str], one: Replacement) -> bool:
    """Whether a replacement lies in one of the sections that its thread concerns."""
    at = thread.first or thread.near
    if not text or (not sections and not at and thread.path in ("", path)):
        return True  # a comment on a whole file, or on the whole skill, whose verdict names no section
    parts = parts_of(path, text)
    named = {_bare(section) for section in sections}
    # without a section, the lines before the first heading: mostly the front matter
    allowed = [part for part in parts if part.heading.casefold() in named] if sections else [parts[0]]
    if thread.path == path and at:
        allowed.append(part_at(parts, at))
    between = one.start == one.end and text[: one.start].endswith("\n")  # two lines: it belongs to both
    return any(part.first <= one.first and one.last - between <= part.last for part in allowed)


def _bare(section: str) -> str:
    return plain(section.lstrip("# ")).casefold()
