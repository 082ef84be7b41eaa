"""The occasions of a description as sentences in English, and with the subject that a single word leaves out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.wording.casing import is_ordinary
from skill_fleet.drafting.wording.names import bare_title

_DOING = {
    "need": "needing", "want": "wanting", "have": "having", "wish": "wishing", "are": "being", "must": "having to",
    "plan": "planning", "get": "getting", "see": "seeing",
}  # fmt: skip
_YOU = re.compile(r"you (\w+)\b")
_ING = re.compile(r"[a-z]+ing\b")
_LED = re.compile(r"(?:use (?:this|it)(?: [\w-]+)?|apply|invoke)?\s*\b(?:when(?:ever)?|if)\s+(?=\S)", re.I)
_TIME = re.compile(r"(?:immediately )?(?:after|before|during|while|once|until|upon|as soon as)\b", re.I)
_VERBS = (
    r"(?:is|are|was|were|has|have|had|must|should|can|cannot|does|do|needs?|wants?|asks?|says?|wishes|fails?|mentions?|requires?|"
    r"provides?|requests?|reports?|breaks?|appears?|contains?|includes?|describes?|shares?|names?|uploads?|pastes?|expects?|"
    r"fires|complains?|returns|throws|hangs|crashes|arrives|expires|exceeds|rises|drops|grows|stops|becomes?)"
)
# Who is there to do something when no article says so.
_SUBJECTS = (
    r"(?:the|an?|your|users?|customers|clients|people|someone|somebody|nobody|support|monitoring|there|it|input|"
    r"alerts|tests|builds|requests|deployments|jobs|services|pods)"
)
_CLAUSE = re.compile(
    rf"{_SUBJECTS}\b(?:(?! that | which | who |[,;:]).){{0,60}}?(?<= ){_VERBS}\b(?! (?:and|or)\b|$)|"
    rf"{_SUBJECTS}\b(?:(?! that | which | who |[,;:]).){{0,60}}?(?<= )(?:fails?|fires|breaks|hangs|crashes|arrives|expires|rises|drops|grows|stops)$",
    re.I,
)
# A state of somebody: "asked to review", "stuck".
_STATE = re.compile(r"(?:asked|told|stuck|unsure|blocked|faced|about to|in doubt)\b", re.I)
_FINITE = re.compile(
    r"(?:(?! that | which | who |[,;:]).){1,60}? (?:has|have|is|are|was|were|seems?|must|isn['\u2019]t|aren['\u2019]t|didn['\u2019]t|doesn['\u2019]t|don['\u2019]t) \w",
    re.I,
)
_DETERMINED = re.compile(
    r"(?:an?|the|all|each|every|any|your|our|its|their|this|that|these|those|it|them|what|which)\b"
)
_FOR = re.compile(r"use (?:this|it)(?: skill)? to (?=\w)", re.I)
_TO = re.compile(r"(?:how (?:to|do (?:i|we|you)|can (?:i|we|you))|to) (?=\w)", re.I)
_ASKS = re.compile(
    r"(?:how|what|who|why|when|where|which|can|do|does|did|is|are|should|will|may)(?:'s)? .*\?$|why (?:is|are|was|were|do|does|did)\b",
    re.I,
)
# Verbs that hardly ever stand before a noun as its kind, as "release" does in "release notes".
_IMPERATIVE_TEXT = (
    "add announce apply avoid choose collect compare configure connect convert create decide define delete deploy describe detect "
    "determine disable discover enable ensure explain extract find fix generate identify implement initialize inspect "
    "integrate keep make manage migrate move obtain prepare prevent provide publish read register remove rename replace "
    "resolve restart restore roll rotate save select send serve setup show submit summarize switch translate understand upgrade validate verify write"
)
_IMPERATIVE = frozenset(_IMPERATIVE_TEXT.split())
# Verbs all the same where the headings beside them are orders.
_MAYBE_TEXT = (
    "back bring build call change check clean close copy debug deploy design drain drop fail free grow hand install list load log "
    "look merge monitor open order package pick plan promote pull push query raise read record release report request reset review "
    "rewrite run sample scale see set sign split start stop tell test time track trim try tune turn uninstall update use watch"
)
_MAYBE = frozenset(_MAYBE_TEXT.split())
_NO_VERB_TEXT = (
    "what why how when where who which that not no if and or but for to of in on at by with without from about after before "
    "during between over under all both each every any some most the a an this these only also as than per via across"
)
_NO_VERB = frozenset(_NO_VERB_TEXT.split())
# What makes a noun of a verb before it.
_KINDS = frozenset(
    (
        "guide",
        "guides",
        "guidelines",
        "error",
        "errors",
        "only",
        "access",
        "keys",
        "test",
        "tests",
        "policy",
        "plan",
        "process",
        "mode",
        "point",
        "points",
    )
)
MOST_ASKED = 5


def one_form(items: Sequence[str]) -> list[str]:
    """Items that can stand side by side after "Use when": if one says what somebody is doing, those that can do."""
    return [_doing(item) for item in items] if any(_ING.match(item) for item in items) else list(items)


def use_when(items: Sequence[str], headings: bool = False) -> str:
    """The sentence that says when to use the thing: "Use when", what somebody is doing or what is the case, then the
    things that are worked on; what stands in the imperative becomes "to", a question stays one.

    `headings`: the items are headings, where "testing" is a thing.
    """
    doing, things, times, deeds, asked = list[str](), list[str](), list[str](), list[str](), list[str]()
    ordered = 2 * sum(_orders(item) for item in items) > len(items)
    for item in items:
        into, said = _sorted(item, headings, ordered)
        {"doing": doing, "thing": things, "time": times, "deed": deeds, "asked": asked}[into].append(said)
    when = [*doing, f"working on {_either(things)}"] if things else doing
    parts = [f"when {_either(when, ', or ' if len(things) > 1 and doing else ' or ')}"] if when else []
    parts += [_either(times)] if times else []
    parts += [f"to {_either(deeds)}"] if deeds else []
    parts += [f"for questions such as {_either(asked[:MOST_ASKED])}"] if asked else []
    return f"Use {', or '.join(parts)}."


def _sorted(item: str, headings: bool, ordered: bool) -> tuple[str, str]:
    """Which kind of occasion an item is, and how it reads as one; `ordered`: most of the items are orders."""
    if headings and (how := _TO.match(item)):
        return "deed", re.sub(r"\bmy\b", "your", _lower(item[how.end() :].rstrip("?")))
    if headings and _ASKS.match(item):
        return "asked", '"{}{}?"'.format(item[0].upper(), item[1:].rstrip("?"))
    led = _LED.match(item)
    if not led and not _FOR.match(item) and _orders(item, ordered):
        return "deed", _lower(item)
    if headings:
        first, _, rest = item.partition(" ")
        doing = _ING.fullmatch(first.lower()) and _DETERMINED.match(rest)
        if doing or led:
            return "doing", _lower(item[led.end() if led else 0 :])
        return "thing", item
    if use := _FOR.match(item):
        return "deed", item[use.end() :]
    said = item[led.end() :] if led else item
    if _YOU.match(said) or _ING.match(said):
        return "doing", said
    if re.match(r"you\b", said, re.I):
        return "doing", _lower(said)
    if led or _CLAUSE.match(said) or _STATE.match(said) or _FINITE.match(said):
        said = _lower(said) if said.split()[0].lower() in _LOWERED or _STATE.match(said) else said
        return "doing", f"the {said}" if said.startswith("user ") else said
    return ("time", _lower(said)) if _TIME.match(said) else ("thing", said)


_LOWERED = frozenset(("the", "a", "an", "your", "user", "users", "someone", "somebody", "there", "it", "input", "you"))


def _orders(item: str, maybe: bool = False) -> bool:
    """Whether a text tells to do something; `maybe`: also if its first word could be a noun."""
    first, _, rest = item.partition(" ")
    verb, following = first.lower(), rest.partition(" ")[0].lower()
    if not rest or not first.isalpha() or verb.endswith("ing") or verb in _NO_VERB:
        return False
    with_object = _DETERMINED.match(following) and following != "that" and verb[-1] != "s"
    known = verb in _IMPERATIVE or (maybe and verb in _MAYBE)
    return bool(with_object) or (known and following not in _KINDS and following[:1].isalnum())


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def _either(items: Sequence[str], last: str = " or ") -> str:
    if len(items) < 2:
        return "".join(items)
    if any("," in item or " or " in item or " and " in item for item in items[:-1]) and len(items) > 2:
        return f"{'; '.join(items[:-1])}; or {items[-1]}"
    return f"{', '.join(items[:-1])}{last}{items[-1]}"


def _doing(item: str) -> str:
    state = _YOU.match(item)
    return _DOING[state[1]] + item[state.end() :] if state and state[1] in _DOING else item


def subject_of(title: str, page: Page) -> str:
    """The name that a title begins with (FastAPI of "FastAPI Patterns"), if it begins with one."""
    first = next(iter(bare_title(title).split()), "")
    if not re.fullmatch(r"[A-Z][\w.+#-]{2,}", first) or is_ordinary(first, page) or first.lower() in _IMPERATIVE:
        return ""
    return first if any(first in line for line in page.lines) else ""  # else the title is a file's name


def with_subject(topic: str, subject: str) -> str:
    """A topic of one ordinary word, with the subject that it is about."""
    alone = subject and re.fullmatch(r"[a-z][a-z-]+", topic)
    return f"{subject} {topic}" if alone else topic
