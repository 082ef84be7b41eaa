"""What documents in other languages call their parts, and how a description speaks in each: one row a language.

English is not here: its headings are in `occasions` and `topics`, and its sentences in `triggers`, where there is
grammar for them. Every other frame ends in a colon and takes a list, for that is right whatever form the items have.
Headings are compared in lower case. To add a language, add a row here and its small words to `languages`.
"""

# ruff: noqa: RUF001 - the letters are those of other alphabets, and meant.
from __future__ import annotations

import re
from typing import NamedTuple


class Phrases(NamedTuple):
    """`when`, `never` and `keys` are patterns of headings; `itself` are headings about the text; the rest is ours to say.

    `said` is a pattern of a description that says already when to use the thing. `ends` is what stands after a sentence.
    """

    when: str
    never: str
    keys: str
    itself: str
    said: str
    occasions: str
    topics: str
    keywords: str
    comma: str = ", "
    semicolon: str = "; "
    ends: str = ". "


_ZH = ("、", "；", "。")
_TABLE: dict[str, Phrases] = {
    "de": Phrases(
        r"wann (?:(?:zu )?(?:verwenden|benutzen|einsetzen|nutzen|anwenden)|(?:diese[rs]?|das|die|der|sie|man|du|hilft) .+)|verwenden,? wenn|anwendungsf(?:ä|a)lle?|einsatz(?:zwecke?|gebiete?|bereiche?|f(?:ä|a)lle)|verwendungszweck",
        r"wann\b.*\bnicht\b|nicht (?:zu )?(?:verwenden|benutzen|einsetzen|geeignet|gedacht|f(?:ü|u)r)|wof(?:ü|u)r nicht|nicht-?ziele|abgrenzung|au(?:ß|ss)erhalb des",
        r"schl(?:ü|u)sselw(?:ö|o)rter|stichw(?:orte|(?:ö|o)rter)|schlagw(?:orte|(?:ö|o)rter)|ausl(?:ö|o)ser",
        "inhalt|inhaltsverzeichnis|übersicht|überblick|einleitung|einführung|voraussetzungen|links|siehe auch|quellen|"
        "referenzen|literatur|lizenz|änderungen|änderungsprotokoll|zusammenfassung|fazit|häufige fragen|glossar|autoren|"
        "bezeichnung|beschreibung|anmerkungen|mitwirken|über dieses dokument",
        r"\b(?:wenn|wann|falls|verwenden|einsetzen)\b",
        "Wann verwenden: ", "Verwenden bei Fragen zu: ", "Stichwörter: ",
    ),
    "fr": Phrases(
        r"quand (?:l['’]|les? |la |s['’]en )?(?:utiliser|employer|servir|appliquer).*|(?:à )?utiliser (?:quand|lorsque|si)|cas d['’](?:usage|utilisation|emploi)",
        r"quand ne pas|quand (?:éviter|ne\b)|ne pas utiliser|hors (?:du )?(?:périmètre|sujet|champ)|non[- ]objectifs|à éviter",
        r"mots[- ]cl(?:é|e)s|d(?:é|e)clencheurs",
        "table des matières|sommaire|aperçu|vue d'ensemble|vue d’ensemble|présentation|introduction|prérequis|pré-requis|liens|"
        "voir aussi|références|licence|journal des modifications|historique|résumé|conclusion|foire aux questions|"
        "questions fréquentes|glossaire|auteurs|contribuer|nom|synopsis|description|pour aller plus loin|avertissement",
        r"\b(?:quand|lorsqu|utilise[rz]|à utiliser)",
        "Quand l’utiliser : ", "À utiliser pour : ", "Mots-clés : ", semicolon=" ; ",
    ),
    "es": Phrases(
        r"cu(?:á|a)ndo (?:se )?(?:usar|utilizar|usa|emplear|aplicar).*|(?:usar|utilizar) (?:cuando|si)|casos de uso",
        r"cu(?:á|a)ndo no\b|no (?:usar|utilizar|apto)|fuera de(?:l)? alcance",
        r"palabras clave|disparadores",
        "índice|contenido|contenidos|tabla de contenidos|resumen|descripción general|visión general|introducción|requisitos|"
        "requisitos previos|enlaces|véase también|ver también|referencias|licencia|historial de cambios|conclusión|"
        "preguntas frecuentes|glosario|autores|contribuir|nombre|sinopsis|descripción",
        r"\b(?:cu[aá]ndo|usar|utilizar|úsese|utilice)\b",
        "Cuándo usarlo: ", "Usar para: ", "Palabras clave: ",
    ),
    "it": Phrases(
        r"quando (?:si )?(?:usar|utilizzar|usa|utilizza|applicar|impiegar).*|(?:usare|utilizzare) (?:quando|se)|casi d['’ ]?(?:uso|i utilizzo|utilizzo)",
        r"quando non\b|non (?:usare|utilizzare|adatto)|fuori (?:ambito|portata)|quando evitare",
        r"parole chiave",
        "indice|sommario|contenuti|panoramica|introduzione|prerequisiti|requisiti|collegamenti|link|vedi anche|riferimenti|"
        "licenza|registro delle modifiche|riepilogo|conclusione|domande frequenti|glossario|autori|contribuire|nome|descrizione",
        r"\b(?:quando|usare|utilizzare|da usare)\b",
        "Quando usarlo: ", "Usare per: ", "Parole chiave: ",
    ),
    "pt": Phrases(
        r"quando (?:se )?(?:deve )?(?:usar|utilizar|usa|aplicar|empregar).*|(?:usar|utilizar) (?:quando|se)|casos de (?:uso|utilização)",
        r"quando n(?:ã|a)o\b|n(?:ã|a)o (?:usar|utilizar|use)|fora do (?:escopo|âmbito)|quando evitar",
        r"palavras-chave|gatilhos",
        "índice|sumário|conteúdo|visão geral|introdução|pré-requisitos|requisitos|ligações|links|veja também|ver também|"
        "referências|licença|registro de alterações|histórico|resumo|conclusão|perguntas frequentes|glossário|autores|"
        "contribuir|nome|descrição",
        r"\b(?:quando|usar|utilizar)\b",
        "Quando usar: ", "Usar para: ", "Palavras-chave: ",
    ),
    "nl": Phrases(
        r"wanneer (?:te )?(?:gebruiken|gebruik|toepassen|deze|dit|je|u)\b.*|gebruiken (?:wanneer|als)|toepassingen|gebruiksscenario['’]?s",
        r"wanneer\b.*\bniet\b|niet (?:gebruiken|geschikt|voor)|buiten (?:bereik|scope)",
        r"trefwoorden|sleutelwoorden",
        "inhoud|inhoudsopgave|overzicht|inleiding|introductie|vereisten|voorwaarden|koppelingen|links|zie ook|referenties|"
        "bronnen|licentie|wijzigingen|samenvatting|conclusie|veelgestelde vragen|woordenlijst|auteurs|bijdragen|naam|beschrijving",
        r"\b(?:wanneer|gebruiken|gebruik)\b",
        "Wanneer te gebruiken: ", "Gebruiken voor: ", "Trefwoorden: ",
    ),
    "pl": Phrases(
        r"kiedy (?:u(?:ż|z)y(?:w|ć).*|stosowa(?:ć|c).*|korzysta(?:ć|c).*)|przypadki u(?:ż|z)ycia|zastosowani[ae]",
        r"kiedy nie\b|nie (?:u(?:ż|z)ywa(?:ć|c)|stosowa(?:ć|c))|poza zakresem",
        r"s(?:ł|l)owa kluczowe",
        "spis treści|przegląd|wprowadzenie|wstęp|wymagania|wymagania wstępne|odnośniki|linki|zobacz też|zobacz także|źródła|"
        "licencja|historia zmian|podsumowanie|najczęściej zadawane pytania|słownik|autorzy|nazwa|opis|składnia",
        r"\b(?:kiedy|gdy|używać|stosować)\b",
        "Kiedy używać: ", "Używać w tematach: ", "Słowa kluczowe: ",
    ),
    "tr": Phrases(
        r"ne zaman (?:kullan).*|kullan(?:ı|i)m (?:alanlar(?:ı|i)|durumlar(?:ı|i)|senaryolar(?:ı|i))",
        r"ne zaman kullan(?:ı|i)l?m(?:a|ı|i).*|kullan(?:ı|i)lmamas(?:ı|i).*|kapsam d(?:ı|i)(?:ş|s)(?:ı|i)",
        r"anahtar (?:kelimeler|s(?:ö|o)zc(?:ü|u)kler)",
        "içindekiler|genel bakış|giriş|ön koşullar|önkoşullar|gereksinimler|bağlantılar|ayrıca bakınız|kaynaklar|lisans|"
        "değişiklikler|sürüm geçmişi|özet|sonuç|sık sorulan sorular|sözlük|yazarlar|ad|açıklama",
        r"\b(?:ne zaman|kullanılır|kullanın)\b",
        "Ne zaman kullanılır: ", "Şu konularda kullanılır: ", "Anahtar kelimeler: ",
    ),
    "ru": Phrases(
        r"когда (?:следует |нужно |стоит )?(?:использ|применя|примен|обращаться|пользоваться).*|(?:случаи|сценарии|варианты) (?:использования|применения)|назначение",
        r"когда (?:это |его |её )?не\b|не (?:использовать|применять|подходит)|вне (?:области|рамок)",
        r"ключевые слова",
        "содержание|оглавление|обзор|введение|предисловие|требования|предварительные требования|ссылки|смотрите также|"
        "см. также|источники|литература|лицензия|история изменений|журнал изменений|итоги|заключение|частые вопросы|"
        "часто задаваемые вопросы|вопросы и ответы|глоссарий|авторы|название|имя|описание|синтаксис|история",
        r"\b(?:когда|если нужно|используй|применя|использовать)",
        "Когда использовать: ", "Использовать по темам: ", "Ключевые слова: ",
    ),
    "uk": Phrases(
        r"коли (?:слід |варто |потрібно )?(?:використ|застос|користуватися).*|(?:випадки|сценарії) (?:використання|застосування)|призначення",
        r"коли (?:це |його )?не\b|не (?:використовувати|застосовувати|підходить)|поза (?:межами|рамками)",
        r"ключові слова",
        "зміст|огляд|вступ|вимоги|передумови|посилання|див. також|дивіться також|джерела|література|ліцензія|історія змін|"
        "журнал змін|підсумок|висновки|часті запитання|поширені запитання|глосарій|автори|назва|опис",
        r"\b(?:коли|використовуй|застосов|використовувати)",
        "Коли використовувати: ", "Використовувати за темами: ", "Ключові слова: ",
    ),
    "zh": Phrases(
        r"(?:何时|什么时候|何時|什麼時候)(?:该|应该|應該|可以)?(?:使用|用|采用|採用).*|(?:适用|適用|使用|应用|應用)(?:场景|場景|情况|情況|时机|時機|范围|範圍|场合|場合)|用例",
        r"(?:不适用|不適用|不应使用|不應使用|不要使用|不该使用|不建议使用|不建議使用).*|(?:何时|什么时候|何時|什麼時候)(?:不|勿).*|(?:非目标|非目標|超出范围|超出範圍)",
        r"关键词|關鍵詞|关键字|關鍵字|触发词|觸發詞",
        "目录|目錄|概述|概览|概要|概覽|简介|簡介|介绍|介紹|引言|前言|前提|前提条件|前置条件|前提條件|先决条件|链接|連結|"
        "参考|參考|参考资料|參考資料|另请参阅|另見|亦见|亦見|相关链接|许可|许可证|授權|授权|更新日志|變更記錄|变更记录|历史|歷史|总结|總結|"
        "小结|常见问题|常見問題|术语表|術語表|作者|名称|名稱|描述|贡献|貢獻",
        r"当|當|时使用|時使用|适用于|適用於|用于|用於",
        "适用场景：", "适用于：", "关键词：", *_ZH,
    ),
    "ja": Phrases(
        r"(?:使用|利用|適用|使う|用いる)(?:する|すべき)?(?:場面|場合|とき|時|タイミング|条件|ケース|シーン|範囲).*|いつ(?:使う|使用する).*|ユースケース|使いどころ",
        r"(?:使用|利用|適用)(?:しない|すべきでない|してはいけない).*|使わない.*|いつ使わない.*|(?:対象外|範囲外|適用外).*",
        r"キーワード|トリガー",
        "目次|概要|はじめに|序文|導入|前提|前提条件|必要条件|必要なもの|リンク|関連リンク|参考|参考資料|参考文献|関連項目|参照|"
        "ライセンス|変更履歴|更新履歴|履歴|まとめ|よくある質問|用語集|著者|名前|名称|説明|翻訳|バグ",
        r"場合に|ときに|際に|使用する",
        "使用する場面：", "対象：", "キーワード：", *_ZH,
    ),
    "ko": Phrases(
        r"(?:언제 |사용 ?|이용 ?|적용 ?)(?:사용|쓰|시점|시기|경우|상황|사례|대상).*|사용해야 (?:할|하는) (?:때|경우)",
        r"사용하지 .*|언제 사용하지.*|(?:적용|대상|범위) ?(?:제외|밖|외).*",
        r"키워드|핵심어",
        "목차|개요|소개|요약|서론|머리말|전제 조건|사전 요구 사항|요구 사항|필수 조건|링크|참고|참고 자료|참조|추가 참조|관련 문서|"
        "라이선스|변경 이력|변경 사항|결론|자주 묻는 질문|용어집|저자|이름|설명",
        r"때 사용|경우에|경우 사용",
        "사용 시점: ", "다루는 내용: ", "키워드: ",
    ),
    "ar": Phrases(
        r"متى (?:تستخدم|يستخدم|يُستخدم|نستخدم|تُستخدم|أستخدم).*|حالات الاستخدام|مجالات الاستخدام",
        r"متى لا\b.*|لا (?:تستخدم|يستخدم|يُستخدم).*|خارج النطاق",
        r"كلمات مفتاحية|الكلمات المفتاحية|الكلمات الدلالية",
        "المحتويات|جدول المحتويات|الفهرس|نظرة عامة|مقدمة|المقدمة|المتطلبات|المتطلبات المسبقة|روابط|الروابط|انظر أيضا|"
        "انظر أيضًا|المراجع|الترخيص|الرخصة|سجل التغييرات|ملخص|الخلاصة|الخاتمة|الأسئلة الشائعة|أسئلة شائعة|المؤلفون|الوصف",
        r"متى|عندما|يُستخدم|استخدم",
        "متى يُستخدم: ", "يُستخدم في: ", "الكلمات المفتاحية: ", "، ", "؛ ",
    ),
}  # fmt: skip
_TABLE["zh-hant"] = _TABLE["zh"]._replace(occasions="適用場景：", topics="適用於：", keywords="關鍵詞：")

_ITSELF = frozenset(title for row in _TABLE.values() for title in row.itself.split("|"))
_WHEN, _NEVER, _KEYS = (
    re.compile(rf"(?:{'|'.join(getattr(row, kind) for row in _TABLE.values())}){end}", re.I)
    for kind, end in (("when", r"\W*$"), ("never", ""), ("keys", r"\W*$"))
)


def phrases_of(language: str) -> Phrases | None:
    """The row of a language, nothing for English and for those that have none."""
    return _TABLE.get(language)


def part_called(title: str) -> str:
    """What a heading in another language announces: "when", "never", "keys", the text "itself", or nothing of these."""
    for kind, pattern in (("never", _NEVER), ("when", _WHEN), ("keys", _KEYS)):
        if pattern.match(title):
            return kind
    return "itself" if title.lower().replace("\u0307", "").rstrip(":： ") in _ITSELF else ""  # of a Turkish capital
