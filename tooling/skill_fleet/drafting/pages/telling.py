"""The words that tell a piece of a text from its other pieces: frequent in it, and rare in the rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

MOST = 3
PAIR = 2  # how much more two words say than one
APART = 1.2  # how much more often than in the whole text
LEAST = 2  # times that a word stands in its piece
_HAN, _KANA = "\u3005\u4e00-\u9fff", "\u30a1-\u30fa\u30fc"
_WORD = re.compile(
    rf"(?<![\w/.@#-])(?:[^\W\d_\u3005-\u9fff]{{4,}}(?:-[^\W\d_\u3005-\u9fff]{{3,}})?|[A-Z]{{2,}}\d?)(?![\w@-])|"
    rf"(?<![{_HAN}])[{_HAN}]{{2,5}}(?![{_HAN}])|[{_KANA}]{{3,}}"
)
_LINK = re.compile(r"\]\([^()\s]*\)|https?://\S+|\]\[[^\[\]]*\]")
_LONGEST = 400  # characters of a line that are read
_FILLER_TEXT = """
best better certain considered different good important particular possible recommended required able
about above after again against also although always among another anything around because been before being below
between both cannot could does doing done down during each either else even ever every example examples first following
from further give given gives goes have having here however instead into itself just keep last least less like likely
look made make makes making many might more most much must need needed needs never next none nothing only onto other others
over please rather same second several shall should since some something still such sure take taken than that their
them then there these they thing things this those though through time times under unless until upon used uses using
usually very want well were what when where whether which while will with within without would your yourself
aber alle auch beim dass dann dein diese dieser dieses durch eine einem einen einer eines haben ihre jede kann keine mehr
nach nicht noch oder ohne sein sich sind sowie über unter wenn werden wird wurde zwischen avec cette ceux comme dans donc
elle entre être leur mais même nous pour peut plus sans sont sous tous tout toute votre vous cada como cuando desde donde
ella este esta esto para pero puede según sino sobre todo todos
"""
_FILLERS = frozenset(_FILLER_TEXT.split())


def telling_words(pieces: Sequence[Iterable[str]]) -> list[tuple[str, ...]]:
    """For each piece, given as lines, up to three words, as it mostly writes them; none that others have as often."""
    counts: list[Counter[str]] = []
    forms: dict[str, Counter[str]] = {}
    for lines in pieces:
        count: Counter[str] = Counter()
        for line in lines:
            for word in _words(_LINK.sub(" ", line[:_LONGEST])):
                count[word.lower()] += 1
                forms.setdefault(word.lower(), Counter())[word] += 1
        counts.append(count)
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return [_best(count, total, forms, len(counts) > 1) for count in counts]


def _words(line: str) -> Iterator[str]:
    """The words of a line that say something, and each two of them that are neighbours."""
    end, before = -1, ""
    for found in _WORD.finditer(line):
        word = "" if found[0].lower() in _FILLERS else found[0]
        if word:
            yield word
        if word and before and found.start() == end + 1 and line[end] == " " and word.isascii():
            yield f"{before} {word}"
        end, before = found.end(), word


def _best(count: Counter[str], total: Counter[str], forms: dict[str, Counter[str]], several: bool) -> tuple[str, ...]:
    usual = APART * count.total() / max(1, total.total()) if several else 0

    def rank(word: str) -> tuple[float, str]:
        return -(count[word] ** 2) / total[word] * (PAIR if " " in word else 1), word

    chosen: list[str] = []
    able = (word for word, times in count.items() if times >= LEAST and times > usual * total[word])
    for word in sorted(able, key=rank):
        if len(chosen) == MOST:
            break
        parts = {part[:5] for part in word.split()}  # "build" says what "building" does
        if not any(parts & {part[:5] for part in other.split()} for other in chosen):
            chosen.append(word)
    return tuple(forms[word].most_common(1)[0][0] for word in chosen)
