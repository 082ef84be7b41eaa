"""Headings as they stand in a sentence, and file names as titles: lower case but for names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from skill_fleet.drafting.pages.page import Page

_TITLE_WORD = re.compile(r"(?<![\w./`'\u2019-])[A-Z][a-z]+(?:-[A-Z]?[a-z]+)*(?![\w./`('])")
_ORDINARY = re.compile(
    r"(?:tion|sion|ment|ness|ity|ing|ed|ly|ance|ence|al|ive|able|ible|ous|ful|ture|age|ship|ory|ery|ology|ist|ator)s?$"
)
# What follows a verb, and hardly ever a name: "Publish the", "Find what", "Move your".
_OBJECT = re.compile(r" (?:an?|the|all|each|every|any|your|our|its|their|this|that|these|those|what|which|it|them)\b")
_COMMON_TEXT = """
approach automatic checklist criteria diagnostic essential fallback final framework gotcha helper principle priority
purpose ready reject root safety snippet success technique truth
a about access account action address after agent alias all an and answer anti app area argument array as asset
async at back background bad base basic before best between block branch bug build button by cache call card case
category chain change changelog channel chart check child choice class cleanup click client cluster code column command
comment commit common complex component concept condition config contact content context contract control cookie
copy core cost count country coverage create custom cycle dashboard data database date day debug decision deep
default definition delete dependency deploy design detail diagram dialog difference directory display do document
domain don't draft driver eager early easy edge effect element email end endpoint engine entry environment error
escape event example examples exception export expression external extra factor factories failure fast feature field
fields file files filter finding first fix fixtures flag flow folder footer for form format frame from front full
function gap generic get getting goal good graph grid group growth guide handbook handler handlers hashing header health hint
hook host hot how icon idea if image import in index info input install interface internal interval into issue item
items its job join key keyboard label language large last launch layer layout lazy lead length level library limits line
link list load loader local lock log long loop mail main make manager manual map market master match matrix measure
memory menu merge message method metric middleware migration mistake mock mocks mode model models modern modes
module modules monitor more motion mount move name naming nested network new next no node not note notes number
object of offer office old on one open operation operator option or other output over own owner pack package page
panel parallel param parameters parent parser part pass password patch path pattern patterns payload peer person
phase phone pipeline pitfalls plan plans plugin point policy pool port post practice practices price problem
problems process prompt proof property proxy pull push query question queue quick range rank rate raw read real
reason recent record red refresh region release remove reply report request requests resource response responses
result retry review role roles root route router rule rules run sample scale scan schema schemas scope score screen script
search security seed select sender series server service services session set setup shape share sheet shell show
sign signal simple size skill skip slot snapshot sort source spec specific spread sprint stack stage standard start
state states static stats status step steps stop storage store story strategy stream structure stub study style
summary support surface survey switch symbol sync syntax system tab table tag talk target task tasks team template
templates term test tests text the their theme thing third this thread ticket tier time tips title to toggle token
tokens tool tools topic total trace track traffic transfer transform trap tree trend trial trick trigger turn two
type types under unit update upload url usage use user users using utility value values variable variant vector
vendor version video view visitor visual wait warning watch wave way web week weight what when where why widget
window with without wizard word work worker workflow workflows world wrapper write year your zone
"""
_COMMON = frozenset(_COMMON_TEXT.split())


def sentence_case(topic: str, page: Page) -> str:
    """A heading in lower case if all its words are ordinary; with a single name in it, it stays as the text has it."""
    if topic.isupper() and len(topic.split()) > 1:
        topic = re.sub(r"(?<![\w./])[A-Z]+(?![\w./(])", lambda word: _calm(word[0], page), topic)
    words = _TITLE_WORD.findall(topic)
    if not all(is_ordinary(word, page) for word in words):
        return leading_lower(topic, page) if not in_title_case(topic) else topic
    return _TITLE_WORD.sub(lambda found: found[0].lower(), topic)


def in_title_case(topic: str) -> bool:
    """Whether words after the first one begin with a capital letter as a title's do."""
    return any(found.start() for found in _TITLE_WORD.finditer(topic))


def leading_lower(topic: str, page: Page) -> str:
    """A heading with its first word in lower case if that is an ordinary one, or says what to do with the next; the
    others are the text's own affair."""
    found = _TITLE_WORD.match(topic)
    if found is None or not (_OBJECT.match(topic, found.end()) or is_ordinary(found[0], page)):
        return topic
    return found[0].lower() + topic[found.end() :]


def is_ordinary(word: str, page: Page) -> bool:
    """A word that the text itself writes in lower case, or any text would."""
    low = word.lower()
    return low in page.vocabulary or all(_known(part) or part in page.vocabulary for part in low.split("-"))


def _calm(word: str, page: Page) -> str:
    """A word of a heading in capitals, small unless it is written so because it is short for something."""
    return word.lower() if is_ordinary(word, page) else word


def _known(word: str) -> bool:
    singular = re.sub(r"(?<=[a-z]{2})(?:(ss|sh|ch|s|x)es|s)$", r"\1", word)
    return bool({word, singular, re.sub(r"ies$", "y", word)} & _COMMON) or bool(_ORDINARY.search(word))


def spoken(words: Sequence[str], lines: Sequence[str]) -> str:
    """Words of a file name as a title, each as the text writes it: "fastapi-runner" is "FastAPI runner"."""
    wanted = {word.lower() for word in words}
    seen = Counter(
        found
        for line in lines[:4000]
        for found in re.findall(r"(?<![\w./-])\w*[a-zA-Z]\w*[A-Z]\w*(?![\w/(-])", line[:2000])
        if found.lower() in wanted
    )
    best: dict[str, str] = {}
    for word, _ in seen.most_common():
        best.setdefault(word.lower(), word)
    said = [best.get(word.lower(), word) for word in words]
    return " ".join([said[0][:1].upper() + said[0][1:], *said[1:]]) if said else ""
