"""Triage of a round: one verdict for each thread, none twice, none silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from skill_fleet.drafting.model.ask import NONE, Asker, Refused
from skill_fleet.drafting.model.judges import file_name_ok
from skill_fleet.drafting.model.reach import has_section
from skill_fleet.drafting.model.shapes import Verdict
from skill_fleet.drafting.model.threads import Thread, commented_text, file_map, thread_text

NOT_HANDLED = "The model gave no answer to this."


def triage(
    asker: Asker, brief: str, files: Mapping[str, str], threads: Mapping[str, Thread], passages: str = ""
) -> tuple[dict[str, Verdict], dict[str, str]]:
    """The verdict on each thread, by label, and why there is none for the others. What is missing is asked once more."""
    verdicts, open_ = _ask(asker, brief, files, threads, passages)
    missing = {label: thread for label, thread in threads.items() if label not in verdicts and label not in open_}
    if missing and verdicts:
        more, still = _ask(asker, brief, files, missing, passages)
        verdicts, open_ = {**verdicts, **more}, {**open_, **still}
    return verdicts, {label: open_.get(label, NOT_HANDLED) for label in threads if label not in verdicts}


def _ask(
    asker: Asker, brief: str, files: Mapping[str, str], threads: Mapping[str, Thread], passages: str
) -> tuple[dict[str, Verdict], dict[str, str]]:
    tried = 0

    def judge(reply: Sequence[Verdict]) -> str:
        nonlocal tried
        tried += 1
        names = Counter(one.thread for one in reply)
        wrong = [f"{name!r} is none of the threads {', '.join(threads)}." for name in names if name not in threads]
        wrong += [f"{name} has {count} entries; each thread has one." for name, count in names.items() if count > 1]
        if tried == 1:  # the second time, what is wrong with one thread keeps only that one open
            wrong += (f"{one.thread}: {why}" for one in reply if (why := fault_of(one, files)))
        return " ".join(wrong)

    try:
        reply = asker.ask(
            "triage",
            judge,
            brief=brief,
            files=file_map(files),
            text=commented_text(files, tuple(threads.values())),
            threads="\n\n".join(thread_text(label, thread, files) for label, thread in threads.items()),
            passages=passages or NONE,
        )
    except Refused as refused:
        return {}, dict.fromkeys(threads, f"The model could not read the requests: {refused.reason}")
    open_ = {one.thread: why for one in reply if (why := fault_of(one, files))}
    return {one.thread: one for one in reply if one.thread not in open_}, open_


def fault_of(one: Verdict, files: Mapping[str, str]) -> str:
    """Why a verdict cannot be followed; '' when it can."""
    if not one.reply.strip():
        return "It has no reply."
    if one.verdict != "change":
        return f"The verdict {one.verdict!r} names files; only a change does." if one.files else ""
    if not one.files:
        return "A change names the files to edit."
    for path in one.files:
        if path not in files and not file_name_ok(path):
            return f"There is no file {path!r}, and a new one may only be references/NAME.md."
    for section in one.sections:
        if not any(has_section(path, files[path], section) for path in one.files if path in files):
            return f"None of these files has a section {section!r}."
    return ""
