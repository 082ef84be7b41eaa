"""Records of drafts and rounds, for learning. Git keeps them: squashed merges and expired logs lose the same facts.

`refs/skill-fleet/records/<name>` (a pull request's number, or `run-` and a session) is a chain of commits that only
grows. A writer that loses a race reads again and appends its rows. With a remote, its ref is authoritative; rows that it
did not accept wait in the local ref and go with the next ones.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from skill_fleet import git
from skill_fleet.checks import find_secrets
from skill_fleet.drafting import Call

PREFIX = "refs/skill-fleet/records/"
WAITING = "refs/skill-fleet/records-waiting/"  # by session, of runs that go on
FILE = "records.jsonl"
_TRIES = 20


def as_row(calls: Iterable[Call], **facts: Any) -> dict[str, Any]:
    """Return the record of a draft or a round as JSON has it, without secrets."""
    row: dict[str, Any] = redacted({**facts, "calls": [asdict(call) for call in calls]})
    return row


def keep_rows(
    repo: git.Repository,
    name: int | str,
    rows: Sequence[Mapping[str, Any]],
    author: git.Identity,
    remote: str | None = None,
) -> str:
    """Add `rows` to the records of a pull request (its number) or run, each once. Return a warning for people, or "".

    A failure is only a warning, because the change to the pull request is made already.
    """
    wanted = [json.dumps(dict(row), sort_keys=True, ensure_ascii=True) for row in rows]
    ref, there = f"{PREFIX}{name}", f"{_mirror(remote)}{name}" if remote else ""
    for _ in range(_TRIES):
        refs = repo.refs("refs/")
        own, old = refs.get(ref), refs.get(there or ref)
        parents = list(dict.fromkeys(tip for tip in (old, own) if tip))
        known = list(dict.fromkeys(line for tip in parents for line in _lines(repo, tip)))
        lines = list(dict.fromkeys([*known, *wanted]))
        if len(lines) == len(known) and len(parents) == 1 and old:
            return ""
        tree = git.write_folder(repo, {FILE: ("\n".join(lines) + "\n").encode("ascii")})
        kinds = ", ".join(dict.fromkeys(str(row.get("kind", "row")) for row in rows))
        new = git.write_commit(repo, tree, parents, f"Record of {name}: {kinds}\n", author)
        try:
            if not remote:
                git.move_refs(repo, [git.Update(ref, new, old or git.ABSENT)])
                return ""
            git.push(repo, remote, [git.Update(ref, new, old or git.ABSENT)])
        except git.RefMoved:
            if remote:
                fetch_records(repo, remote)
            continue
        except git.RemoteUnreachable as problem:
            git.move_refs(repo, [git.Update(ref, new, own or git.ABSENT)])
            return f"The record of {name} is kept here for now: {remote} did not accept it ({problem.reason})."
        moves = [git.Update(there, new, old or git.ABSENT), *([git.Update(ref, git.ABSENT, own)] if own else [])]
        with contextlib.suppress(git.RefMoved):  # somebody fetched or appended in between: the next writer cleans up
            git.move_refs(repo, moves)
        return ""
    return f"The record of {name} was not kept: others wrote to it {_TRIES} times in a row."


def kept_rows(repo: git.Repository, name: int | str, remote: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of one pull request or run that are known here, the oldest first."""
    refs = repo.refs("refs/")
    names = [f"{_mirror(remote)}{name}"] if remote else []
    tips = [refs[each] for each in (*names, f"{PREFIX}{name}") if each in refs]
    return [json.loads(line) for line in dict.fromkeys(line for tip in tips for line in _lines(repo, tip))]


def fetch_records(repo: git.Repository, remote: str) -> None:
    """Fetch all records of the remote. Raises RemoteUnreachable if it does not answer."""
    git.fetch(repo, remote, [f"+{PREFIX}*:{_mirror(remote)}*"], prune=True)


def fetch_record(repo: git.Repository, remote: str, number: int) -> None:
    """Fetch the record of one pull request, if the remote answers and has it."""
    with contextlib.suppress(git.RemoteUnreachable):
        git.fetch(repo, remote, [f"+{PREFIX}{number}:{_mirror(remote)}{number}"])


def names_kept(repo: git.Repository, remote: str | None = None) -> set[str]:
    """Return the names under which there are records: numbers of pull requests, and others for runs without one."""
    prefixes = [PREFIX, *([_mirror(remote)] if remote else [])]
    return {ref.removeprefix(prefix) for prefix in prefixes for ref in repo.refs(prefix)}


def hold_row(repo: git.Repository, session: str, row: Mapping[str, Any], author: git.Identity) -> None:
    """Keep the record of a run of a session that goes on, here alone, instead of what was held of that run before."""
    ref = f"{WAITING}{session}"
    old = repo.refs(ref).get(ref)
    rows = [*(one for one in held_rows(repo, session) if one.get("run") != row.get("run")), dict(row)]
    tree = git.write_folder(repo, {FILE: "".join(json.dumps(one, sort_keys=True) + "\n" for one in rows).encode()})
    new = git.write_commit(repo, tree, [], "Record of a run that goes on\n", author)
    with contextlib.suppress(git.RefMoved):  # another run of the session
        git.move_refs(repo, [git.Update(ref, new, old or git.ABSENT)])


def held_rows(repo: git.Repository, session: str) -> list[dict[str, Any]]:
    """Return the rows that are held for a session, one a run, also of runs that were killed."""
    tip = repo.refs(f"{WAITING}{session}").get(f"{WAITING}{session}")
    return [json.loads(line) for line in _lines(repo, tip)] if tip else []


def drop_rows(repo: git.Repository, session: str) -> None:
    """Delete the rows that are held for a session, once they are kept."""
    ref = f"{WAITING}{session}"
    if tip := repo.refs(ref).get(ref):
        with contextlib.suppress(git.RefMoved):
            git.move_refs(repo, [git.Update(ref, git.ABSENT, tip)])


def _mirror(remote: str | None) -> str:
    return f"refs/skill-fleet-remotes/{remote}/records/"


def _lines(repo: git.Repository, tip: str) -> Iterator[str]:
    content = repo.blobs([f"{tip}:{FILE}"]).get(f"{tip}:{FILE}", b"")
    return (line for line in content.decode("utf-8", "replace").split("\n") if line)


HIDDEN = "[secret]"
_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bAKIA[0-9A-Z]{16}\b"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAIza[0-9A-Za-z_-]{30,}|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}"
    r"|(?<=://)[^/\s:@]+:[^/\s:@]+(?=@)",
    re.DOTALL,
)


def redacted(value: Any, known: Iterable[str] = ()) -> Any:
    """Return a JSON value with every secret in its texts replaced. `known` are secrets that look like nothing special."""
    known = sorted(filter(None, known), key=len, reverse=True)
    if isinstance(value, str):
        for each in (*known, *(match[0] for _, match in find_secrets(value))):
            value = value.replace(each, HIDDEN)
        return _SECRET.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {redacted(str(key), known): redacted(each, known) for key, each in value.items()}
    return [redacted(each, known) for each in value] if isinstance(value, list | tuple) else value
