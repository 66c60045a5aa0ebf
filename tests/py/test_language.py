"""Which language a text is in."""

import pytest

from nearside.language import NAMES, _profiles, detect

TEXTS = {
    "en": "The library opens at nine in the morning and closes late in the evening.",
    "de": "Die Bibliothek öffnet um neun Uhr morgens und schließt spät am Abend.",
    "fr": "La bibliothèque ouvre à neuf heures du matin et ferme tard dans la soirée.",
    "es": "La biblioteca abre a las nueve de la mañana y cierra tarde por la noche.",
    "it": "La biblioteca apre alle nove del mattino e chiude la sera tardi.",
    "pt": "A biblioteca abre às nove da manhã e não fecha antes das dez da noite.",
    "nl": "De bibliotheek gaat om negen uur 's ochtends open en sluit laat in de avond.",
    "sv": "Biblioteket öppnar klockan nio på morgonen och stänger sent på kvällen.",
    "fi": "Kirjasto avataan yhdeksältä aamulla ja suljetaan myöhään illalla.",
    "pl": "Biblioteka jest otwarta od dziewiątej rano do późnego wieczora.",
    "cs": "Knihovna se otevírá v devět hodin ráno a zavírá pozdě večer.",
    "hu": "A könyvtár reggel kilenckor nyit és késő este zár be.",
    "tr": "Kütüphane sabah dokuzda açılır ve akşam geç saatte kapanır.",
    "vi": "Thư viện mở cửa lúc chín giờ sáng và đóng cửa muộn vào buổi tối.",
    "ru": "Библиотека открывается в девять часов утра и закрывается поздно вечером.",
    "uk": "Бібліотека відкривається о дев'ятій годині ранку і зачиняється пізно ввечері.",
    "bg": "Библиотеката отваря в девет часа сутринта и затваря късно вечерта.",
    "ar": "تفتح المكتبة في الساعة التاسعة صباحا وتغلق في وقت متأخر من المساء.",
    "fa": "کتابخانه ساعت نه صبح باز می‌شود و دیر وقت شب بسته می‌شود.",
    "hi": "पुस्तकालय सुबह नौ बजे खुलता है और देर शाम को बंद होता है।",
    "ja": "図書館は朝九時に開き、夜遅くに閉まります。",
    "zh": "图书馆早上九点开门，晚上很晚才关门。",
    "ko": "도서관은 아침 아홉 시에 열고 저녁 늦게 닫습니다.",
    "el": "Η βιβλιοθήκη ανοίγει στις εννέα το πρωί.",
    "he": "הספרייה נפתחת בתשע בבוקר ונסגרת בערב.",
    "th": "ห้องสมุดเปิดเก้าโมงเช้า",
    "ta": "நூலகம் காலை ஒன்பது மணிக்கு திறக்கிறது",
    "ka": "ბიბლიოთეკა დილის ცხრა საათზე იხსნება",
}


@pytest.mark.parametrize("code", TEXTS)
def test_a_sentence(code):
    found = detect(TEXTS[code])
    assert found.language == code
    assert found.name == NAMES[code]
    assert 0.4 < found.confidence <= 1
    assert all(other != code and 0 < odds < found.confidence for other, odds in found.alternatives)


@pytest.mark.parametrize("text", ["", "  \n", "12345 !?", "😀😀", "ok", "\ud800"])
def test_what_does_not_tell(text):
    found = detect(text)
    assert (found.language, found.name) == (None, None)


def test_case_signs_and_numbers_do_not_matter():
    assert detect(TEXTS["de"].upper()).language == "de"
    assert detect(f"1999: {TEXTS['fr']} (42 %)").language == "fr"


def test_the_most_of_a_mixed_text_decides_and_is_less_sure():
    mixed = detect(TEXTS["en"] + " библиотека")
    assert mixed.language == "en"
    assert mixed.confidence < detect(TEXTS["en"]).confidence


def test_han_characters_are_japanese_beside_kana_only():
    assert detect("東京都庁").language == "zh"
    assert detect("東京都庁へ行く").language == "ja"


def test_a_long_text_is_read_at_its_beginning_middle_and_end():
    assert detect(TEXTS["es"] * 20_000).language == "es"
    assert detect("12 " * 100_000 + TEXTS["sv"] * 100).language == "sv"


def test_every_language_of_the_data_has_a_name():
    known = _profiles()
    assert set(known) == {"latin", "cyrillic", "arabic", "devanagari"}
    for script in known.values():
        assert set(script.languages) <= set(NAMES)
        assert script.levels.shape == (len(script.numbers), len(script.languages))
        assert script.levels.any(axis=1).all()
