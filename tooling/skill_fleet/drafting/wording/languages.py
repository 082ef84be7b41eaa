"""The language that a document is written in, if it is certain: by its script, then by its smallest words."""

# ruff: noqa: RUF001 - the letters are those of other alphabets, and meant.
from __future__ import annotations

import re
from collections import Counter
from weakref import WeakKeyDictionary

from skill_fleet.drafting.pages.page import Page

MOST_LINES = 400  # of prose that are looked at
MOST_CHARS = 400  # of a line
LEAST_WORDS = 4  # different small words of the language
LEAST_SHARE = 0.08  # of all words
_AHEAD = 1.6  # times as many small words as any other language has
_SCRIPTS = {
    "kana": re.compile(r"[\u3041-\u30ff]"),
    "han": re.compile(r"[\u4e00-\u9fff]"),
    "hangul": re.compile(r"[\uac00-\ud7af]"),
    "arabic": re.compile(r"[\u0620-\u064a]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
}
_WORD = re.compile(r"[^\W\d_]+")
_CODE = re.compile(r"`[^`]*`|https?://\S+")
_TRADITIONAL = frozenset("這們為時國說對會來個過還後開關實現學習環應該從當與無區別點數據檔設層級變總請問題務處類")
_SIMPLIFIED = frozenset("这们为时国说对会来个过还后开关实现学习环应该从当与无区别点数据档设层级变总请问题务处类")
# The rows without a frame of ours keep a near relative from being taken for one that has.
_SMALL = {
    "en": "the of and to in is that it for as are with this be on or by not when if you an from at can your which",
    "de": "der die das und ist nicht mit für von den dem ein eine auf werden wird bei sich oder zu im des als nach wenn "
    "sie zum zur einer über vor während bei falls sobald um",
    "fr": "le les des une est dans pour avec sur qui que pas au aux ce cette sont par être vous du et la il un de en à "
    "ne se lorsque quand si après avant",
    "es": "el los las una para con por que del se es como más son está al su y la un de en no lo si cuando hay cada",
    "it": "il lo gli una per con che del della di non è sono nel alla più la un le dei delle si da se quando i e",
    "pt": "o os uma para com por que do da dos das não em é são ao mais um no na se a e as ou quando de",
    "nl": "het een van en voor met niet op te zijn wordt dat die bij als de is deze om aan worden wanneer na door",
    "pl": "i w na z do nie się jest to że dla oraz przez lub jak po są od ze gdy jeśli przed",
    "tr": "ve bir bu için ile olarak da de ne veya olan gibi daha değil her sonra önce eğer",
    "sv": "och att det som en är på för med den av till inte ett om kan",
    "da": "og at det som en er på for med den af til ikke et om kan de",
    "cs": "a v na se je že s z do to pro jsou nebo by jako ale při",
    "ro": "și de în la cu pe este nu care pentru din sau un o să sunt",
    "ca": "el els les una per amb que del és com són al i la un de en no",
    "fi": "ja on ei se että tai kun ovat joka mutta sekä",
    "hu": "a az és egy nem hogy is van vagy ez meg",
    "id": "yang dan di untuk dengan dari ini pada adalah tidak atau ke",
    "vi": "và của là có cho không được các một trong với để khi",
    "ru": "и в не на с что как для по из это к от при если или после до когда а у о",
    "uk": "і в не на з що як для по це до від при якщо або після коли та у про є",
}
_SETS = {language: frozenset(words.split()) for language, words in _SMALL.items()}
_TELLING = {language: {word for word in words if len(word) > 1} for language, words in _SETS.items()}


def small_word(language: str, word: str) -> bool:
    """Whether it is one of the smallest words of a language, which has a capital letter only where a sentence begins."""
    return word.lower() in _SETS.get(language, ())


_KNOWN: WeakKeyDictionary[Page, str] = WeakKeyDictionary()  # a brief and its draft ask for the same


def language_of(page: Page) -> str:
    """The code of the language (`de`, `zh-hant`); `en` if it is English, and if it is not certain."""
    if (known := _KNOWN.get(page)) is None:
        known = _KNOWN[page] = _language(page)
    return known


def _language(page: Page) -> str:
    prose = (page.lines[at] for at in range(page.start, len(page.lines)) if page.lines[at] and not page.literal(at))
    return language_in(" ".join(line[:MOST_CHARS] for line, _ in zip(prose, range(MOST_LINES), strict=False)))


def language_in(text: str) -> str:
    """The language of a text; what stands in code or in addresses does not count."""
    text = _CODE.sub(" ", text)
    words = _WORD.findall(text.lower())
    count = {script: len(pattern.findall(text)) for script, pattern in _SCRIPTS.items()}
    letters = sum(map(len, words)) or 1
    latin = letters - sum(count.values())
    if 4 * (count["kana"] + count["han"]) > latin:  # a sign says as much as a few letters
        if 10 * count["kana"] > count["han"]:
            return "ja"
        marks = Counter(text)
        hant, hans = (sum(marks[sign] for sign in signs) for signs in (_TRADITIONAL, _SIMPLIFIED))
        return "zh-hant" if hant > hans else "zh"
    if 3 * count["hangul"] > latin:
        return "ko"
    if 2 * count["arabic"] > letters:
        return "ar" if not re.search("[پچژگکی]", text) else "en"
    if 2 * count["cyrillic"] > letters:
        return _cyrillic(text.lower())
    said = Counter(words)
    hits = {language: sum(said[word] for word in small) for language, small in _TELLING.items()}
    best, second = sorted(hits, key=lambda language: -hits[language])[:2]
    different = sum(word in said for word in _TELLING[best])
    sure = different >= LEAST_WORDS and hits[best] >= max(LEAST_SHARE * len(words), _AHEAD * hits["en"])
    return best if sure and hits[best] > hits[second] else "en"


def _cyrillic(text: str) -> str:
    """Russian or Ukrainian by the letters that only one of them has; in doubt neither."""
    russian, ukrainian = (len(re.findall(f"[{letters}]", text)) for letters in ("ыэё", "іїєґ"))
    if max(russian, ukrainian) < 2 or 4 * min(russian, ukrainian) > max(russian, ukrainian):
        return "en"
    return "ru" if russian > ukrainian else "uk"
