"""Documents in other languages: their language is known if it is certain, and their descriptions are written in it."""
# ruff: noqa: RUF001 - the letters are those of other alphabets, and meant.

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from drafting.documents import CATEGORIES
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.preview import description_of
from skill_fleet.drafting.types import Document
from skill_fleet.drafting.wording.languages import language_in
from skill_fleet.drafting.wording.phrases import part_called, phrases_of

# language, title, first sentence, contents, when, its item, when not, two topics, the description
GUIDES = [
    ("de", "Störungen", "Dieses Handbuch beschreibt, wie der Dienst Störungen erkennt und behebt, wenn sie auftreten.", "Inhaltsverzeichnis", "Wann verwenden", "Wenn der Alarm auslöst", "Wann nicht verwenden", "Wann verwenden: wenn der Alarm auslöst; bei Ausfall, auch nachts."),
    ("fr", "Pannes", "Ce guide explique comment le service trouve et répare les pannes qui sont dans la base, et pour qui.", "Table des matières", "Quand utiliser ce guide", "Après une panne", "Quand ne pas l’utiliser", "Quand l’utiliser : après une panne ; bei Ausfall, auch nachts."),
    ("es", "Averías", "Esta guía explica cómo el servicio repara las averías que están en la base y por qué se producen.", "Índice", "Cuándo usar", "Si hay una avería", "Cuándo no usar", "Cuándo usarlo: si hay una avería; bei Ausfall, auch nachts."),
    ("it", "Guasti", "Questa guida spiega come il servizio ripara i guasti che sono nella base, per chi e con che mezzi, e non altro.", "Indice", "Quando usare", "Se c'è un guasto", "Quando non usare", "Quando usarlo: se c'è un guasto; bei Ausfall, auch nachts."),
    ("pt", "Avarias", "Este guia explica como o serviço repara as avarias que são da base, para uma equipa, e não em outra.", "Índice", "Quando usar", "Quando há uma avaria", "Quando não usar", "Quando usar: quando há uma avaria; bei Ausfall, auch nachts."),
    ("nl", "Storingen", "Deze gids legt uit hoe het team een storing vindt en herstelt, en wat er niet met de hand wordt gedaan.", "Inhoud", "Wanneer te gebruiken", "Bij een storing", "Wanneer niet te gebruiken", "Wanneer te gebruiken: bij een storing; bei Ausfall, auch nachts."),
    ("pl", "Awarie", "Ten przewodnik opisuje, jak zespół naprawia awarie, które są w bazie, oraz to, czego nie robi się ręcznie dla klienta.", "Spis treści", "Kiedy używać", "Jeśli jest awaria", "Kiedy nie używać", "Kiedy używać: jeśli jest awaria; bei Ausfall, auch nachts."),
    ("tr", "Arızalar", "Bu kılavuz, ekibin bir arıza için ne yaptığını ve daha sonra her adımı bu araç ile nasıl denediğini anlatır.", "İçindekiler", "Ne zaman kullanılır", "Her arızada", "Ne zaman kullanılmaz", "Ne zaman kullanılır: her arızada; bei Ausfall, auch nachts."),
    ("ru", "Сбои", "Это руководство описывает, как команда находит и устраняет сбои.", "Содержание", "Когда использовать", "При сбое", "Когда не использовать", "Когда использовать: при сбое; bei Ausfall, auch nachts."),
    ("uk", "Збої", "Цей посібник описує, як команда знаходить і усуває збої у системі.", "Зміст", "Коли використовувати", "При збої", "Коли не використовувати", "Коли використовувати: при збої; bei Ausfall, auch nachts."),
    ("zh", "故障", "本指南说明团队如何处理数据库的故障。", "目录", "何时使用", "出现故障时", "不适用的情况", "适用场景：出现故障时；bei Ausfall, auch nachts。"),
    ("zh-hant", "故障", "本指南說明團隊如何處理數據庫的故障。", "目錄", "適用場景", "出現故障時", "何時不使用", "適用場景：出現故障時；bei Ausfall, auch nachts。"),
    ("ja", "障害", "この手順書は、障害の対応方法を説明します。", "目次", "使用する場面", "障害が起きたとき", "使用しない場面", "使用する場面：障害が起きたとき；bei Ausfall, auch nachts。"),
    ("ko", "장애", "이 안내서는 장애를 찾아 고치는 방법을 설명합니다.", "목차", "사용 시점", "장애가 생겼을 때", "사용하지 않는 경우", "사용 시점: 장애가 생겼을 때; bei Ausfall, auch nachts."),
    ("ar", "الأعطال", "يشرح هذا الدليل كيفية إصلاح الأعطال في المنصة.", "المحتويات", "متى تستخدم هذا الدليل", "عند العطل", "متى لا تستخدمه", "متى يُستخدم: عند العطل؛ bei Ausfall, auch nachts."),
]  # fmt: skip


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide[0])
def test_a_guide_in_its_language(guide: tuple[str, ...]) -> None:
    """Its first sentence, then its own occasions in a sentence of its language; never when not to use it."""
    language, title, first, contents, when, item, never, says = guide
    text = f"# {title}\n\n{first}\n\n## {contents}\n\n- A\n\n## {when}\n\n- {item}\n- bei Ausfall, auch nachts\n\n## {never}\n\n- XXX\n\n## SQL\n\nText.\n"
    assert language_in(first) == language
    assert described(text) == first + ("" if first[-1] == "。" else " ") + says


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide[0])
def test_topics_where_nothing_says_when(guide: tuple[str, ...]) -> None:
    """The headings as they are written, without those about the text itself and when not to use it."""
    language, title, first, contents, _, _, never, _ = guide
    text = f"# {title}\n\n{first}\n\n## {contents}\n\nX.\n\n## {never}\n\n- XXX\n\n## SQL\n\nText.\n\n## Redis Cache\n\nText.\n"
    row = phrases_of(language)
    assert row is not None
    assert described(text).endswith(f"{row.topics}SQL{row.comma}Redis Cache{row.ends.strip()}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "How to restart the gateway of the shop, and what to do if it is not up.",
        "| a | e | o |\n| i | o | a |",
        "Wann verwenden",
        "Detta dokument visar hur man startar om tjänsten och vad som är av vikt för den som inte kan.",
        "Това ръководство описва как екипът поправя сървърите, ако са спрели.",
        "این راهنما توضیح می‌دهد که چگونه گروه کار می‌کند.",
        "The word Straße and the word für are German, and this is not.",
    ],
)
def test_in_doubt_it_is_english(text: str) -> None:
    """A text with too few words, or in a language that has no row, gets no sentence of another language."""
    assert phrases_of(language_in(text)) is None


@pytest.mark.parametrize(
    ("title", "part"),
    [
        ("Wann dieses Handbuch hilft", "when"), ("Wann Sie es nicht verwenden sollten", "never"), ("Stichwörter", "keys"), ("Häufige Fragen", "itself"),
        ("Cas d’usage", "when"), ("Mots-clés :", "keys"), ("Casos de uso", "when"), ("Domande frequenti", "itself"), ("Palavras-chave", "keys"),
        ("使用场景：", "when"), ("常见问题", "itself"), ("よくある質問", "itself"), ("자주 묻는 질문", "itself"), ("حالات الاستخدام", "when"),
        ("Wanneer", ""), ("Quando", ""), ("Links and knots", ""), ("Description of pots", ""),
    ],
)  # fmt: skip
def test_what_a_heading_announces(title: str, part: str) -> None:
    """Each language's own headings, whole ones only."""
    assert part_called(title) == part


@pytest.mark.parametrize(
    "title", ["Änderungsprotokoll", "Historial de cambios", "История изменений", "更新日志", "変更履歴", "변경 이력"]
)
def test_a_log_of_changes_is_a_record(title: str) -> None:
    """In other languages too it is listed as no guidance."""
    sources = (Document("d.md", f"# T\n\nAll.\n\n## {title}\n\n- 1.2\n", "d.md"),)
    points = ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, None), sources).open_points
    assert any(f'"{title}" (SKILL.md:' in point and "record, not guidance" in point for point in points)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300))
def test_any_text_has_a_language(text: str) -> None:
    """Whatever the letters are, there is an answer, and for headings too."""
    assert language_in(text)
    assert part_called(text) in ("", "when", "never", "keys", "itself")


def described(text: str) -> str:
    sources = (Document("d.md", text, "d.md"),)
    return description_of(ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, None), sources))
