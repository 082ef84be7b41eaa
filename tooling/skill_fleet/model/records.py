"""Where the records for learning are kept: `refs/skill-fleet/records/<number>`, a chain of commits that only grows.

They are written after the fact, so a writer that lost a race reads again and adds its rows behind the other's. With a
remote, its ref is the truth; rows that it did not take wait in the ref here, and go with the next ones.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from skill_fleet.checks import find_secrets
from skill_fleet.git import (
    ABSENT,
    Identity,
    RefMoved,
    RemoteUnreachable,
    Repository,
    Update,
    fetch,
    move_refs,
    push,
    write_commit,
    write_folder,
)

PREFIX = "refs/skill-fleet/records/"
WAITING = "refs/skill-fleet/records-waiting/"  # by the session, where there is no number yet
FILE = "records.jsonl"
_TRIES = 20


def keep_rows(
    repo: Repository, number: int, rows: Sequence[Mapping[str, Any]], author: Identity, remote: str | None = None
) -> str:
    """Add `rows` to the records of pull request `number`, each once: the same row again changes nothing.

    Returns what the person should hear, '' when all is well: what was done on the pull request stands either way.
    """
    wanted = [json.dumps(dict(row), sort_keys=True, ensure_ascii=True) for row in rows]
    ref, there = f"{PREFIX}{number}", f"{_mirror(remote)}{number}" if remote else ""
    for _ in range(_TRIES):
        refs = repo.refs("refs/")
        own, old = refs.get(ref), refs.get(there or ref)
        parents = list(dict.fromkeys(tip for tip in (old, own) if tip))
        known = list(dict.fromkeys(line for tip in parents for line in _lines(repo, tip)))
        lines = list(dict.fromkeys([*known, *wanted]))
        if len(lines) == len(known) and len(parents) == 1 and old:
            return ""
        tree = write_folder(repo, {FILE: ("\n".join(lines) + "\n").encode("ascii")})
        kinds = ", ".join(dict.fromkeys(str(row.get("kind", "row")) for row in rows))
        new = write_commit(repo, tree, parents, f"Record of pull request {number}: {kinds}\n", author)
        try:
            if not remote:
                move_refs(repo, [Update(ref, new, old or ABSENT)])
                return ""
            push(repo, remote, [Update(ref, new, old or ABSENT)])
        except RefMoved:
            if remote:
                _fetch(repo, remote, number)
            continue
        except RemoteUnreachable as problem:
            move_refs(repo, [Update(ref, new, own or ABSENT)])
            return f"The record of #{number} waits here, as {remote} does not take it ({problem.reason})."
        moves = [Update(there, new, old or ABSENT), *([Update(ref, ABSENT, own)] if own else [])]
        with contextlib.suppress(
            RefMoved
        ):  # somebody fetched in between, or adds to what waits: the next one tidies up
            move_refs(repo, moves)
        return ""
    return f"The record of #{number} was not kept: others write there all the time."


def kept_rows(repo: Repository, number: int, remote: str | None = None) -> list[dict[str, Any]]:
    """The rows of one pull request, in the order they were kept, as far as they are known here."""
    refs = repo.refs("refs/")
    names = [f"{_mirror(remote)}{number}"] if remote else []
    tips = [refs[name] for name in (*names, f"{PREFIX}{number}") if name in refs]
    return [json.loads(line) for line in dict.fromkeys(line for tip in tips for line in _lines(repo, tip))]


def fetch_records(repo: Repository, remote: str) -> None:
    """Bring all records of the remote; RemoteUnreachable when it does not answer."""
    fetch(repo, remote, [f"+{PREFIX}*:{_mirror(remote)}*"], prune=True)


def fetch_record(repo: Repository, remote: str, number: int) -> None:
    """Bring the record of one pull request, if the remote answers and has it."""
    with contextlib.suppress(RemoteUnreachable):
        fetch(repo, remote, [f"+{PREFIX}{number}:{_mirror(remote)}{number}"])


def numbers_kept(repo: Repository, remote: str | None = None) -> list[int]:
    """The pull requests that have records, in order."""
    prefixes = [PREFIX, *([_mirror(remote)] if remote else [])]
    names = [ref.removeprefix(prefix) for prefix in prefixes for ref in repo.refs(prefix)]
    return sorted({int(name) for name in names if name.isdecimal()})


def hold_row(repo: Repository, session: str, row: Mapping[str, Any], author: Identity) -> None:
    """Keep the record of a draft that has no pull request yet: what a model was asked is known to this run alone."""
    ref = f"{WAITING}{session}"
    tree = write_folder(repo, {FILE: (json.dumps(dict(row), sort_keys=True) + "\n").encode("ascii")})
    new = write_commit(repo, tree, [], "Record of a draft without a pull request\n", author)
    with contextlib.suppress(RefMoved):  # another run of the same session holds the same
        move_refs(repo, [Update(ref, new, repo.refs(ref).get(ref, ABSENT))])


def held_row(repo: Repository, session: str) -> dict[str, Any] | None:
    """What is held for a session."""
    tip = repo.refs(f"{WAITING}{session}").get(f"{WAITING}{session}")
    return json.loads(next(_lines(repo, tip))) if tip else None


def drop_row(repo: Repository, session: str) -> None:
    """Let go of what is held for a session: it has a number now."""
    ref = f"{WAITING}{session}"
    if tip := repo.refs(ref).get(ref):
        with contextlib.suppress(RefMoved):
            move_refs(repo, [Update(ref, ABSENT, tip)])


def _mirror(remote: str | None) -> str:
    return f"refs/skill-fleet-remotes/{remote}/records/"


def _fetch(repo: Repository, remote: str, number: int) -> None:
    """Bring the one ref that was elsewhere; when it is not there at all, forget what is known of it."""
    try:
        fetch(repo, remote, [f"+{PREFIX}{number}:{_mirror(remote)}{number}"])
    except RemoteUnreachable:
        fetch_records(repo, remote)


def _lines(repo: Repository, tip: str) -> Iterator[str]:
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
    """A value of JSON with every secret in its texts replaced; `known` are secrets by their value, whatever they look like."""
    return _clean(value, tuple(sorted((each for each in known if each), key=len, reverse=True)))


def _clean(value: Any, known: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        for each in known:
            value = value.replace(each, HIDDEN)
        for _, token in list(find_secrets(value)):
            value = value.replace(token[0], HIDDEN)
        return _SECRET.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {_clean(str(key), known): _clean(each, known) for key, each in value.items()}
    return [_clean(each, known) for each in value] if isinstance(value, list | tuple) else value
