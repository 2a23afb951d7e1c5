"""How wordings are compared: keys without case, accents, digits and punctuation, and the shapes of what stands beside them."""
from __future__ import annotations

import re
import unicodedata

#: Longest rest, in words, that counts as a headline or a credit.
LONGEST_LINE = 18
SENTENCE_END = (".", "!", "?", "。", "！", "？", "…", "।", "۔", "؟")
#: How far from its end, in characters, a block's last sentences are looked for: two sentences.
REACH = 240


class _Fold(dict):
    """Code point → what stands for it in a key, worked out when first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold(chr(code))
        return folded


#: Letters of the Arabic script that look alike and are typed one for the other.
_ALIKE = str.maketrans("يىكأإآة", "ییکاااه")
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u064b-\u0652\u0670]")


def _fold(char: str) -> str:
    if char in "\u200b\u200c\u200d\u00ad\ufeff\u0640":  # joiners and the Arabic stretching stroke say nothing
        return ""
    if char in "©ⓒ":  # the one sign that is a word
        return " © "
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", char))
    text = unicodedata.normalize("NFC", bare).casefold().translate(_ALIKE)
    return "".join(c if unicodedata.category(c)[0] in "LM" else " " for c in text)


_FOLD = _Fold()
_FOLDED_BYTES = "".join(map(_fold, map(chr, range(128)))).encode() + bytes(128)


def key(text: str) -> str:
    """Letters and spaces only: folded case, no accents, digits, punctuation or emoji.

    >>> key("12 Comments »"), key("À  LIRE aussi :")
    ('comments', 'a lire aussi')
    """
    if text.isascii():  # the same by bytes, in a fifth of the time
        return " ".join(text.encode().translate(_FOLDED_BYTES).decode().split())
    return " ".join(text.translate(_FOLD).split())


def count(text: str) -> int:
    """Words in a text; two characters of a script without spaces count as one."""
    spaced = text.count(" ") + 1
    if text.isascii():
        return spaced
    dense = text[0] >= "\u0e00" and not "가" <= text[0] <= "힣" and len(text) > 3 * spaced
    return len(text) // 2 if dense or len(text) >= 16 * spaced else spaced


def dense(folded: str) -> bool:
    """Whether a key is in a script written without spaces, or one that writes small words together with the next."""
    return "\u0590" <= folded[0] <= "\u06ff" or "\u0e00" <= folded[0] <= "\ufaff"


def boundary(folded: str, at: int) -> bool:
    """Whether a word ends at ``at``; scripts written without spaces have one everywhere."""
    return at >= len(folded) or folded[at] == " " or folded[at - 1] == " " or ord(folded[at]) >= 0x0E00 and ord(folded[at]) < 0xFB00


def offset(text: str, words: str, backwards: bool = False) -> int:
    """How many characters of ``text`` it takes to have the key ``words`` (which it begins with)."""
    wanted, have = words.replace(" ", ""), ""
    for i, char in enumerate(text):
        if len(have) >= len(wanted):
            return i
        folded = _FOLD[ord(char)].replace(" ", "")
        have += folded[::-1] if backwards else folded
    return len(text)


def closing_starts(text: str) -> list[int]:
    """Where the last sentences of a block begin, the earliest first, within its last :data:`REACH` characters."""
    found = _CLOSING.finditer(text, max(0, len(text) - REACH))
    starts = [m.start() if m.group() in ARROWS else m.end() for m in found]
    return [at for at in starts if 0 < at < len(text)]


#: Signs that open a link line.
ARROWS = "►▶→👉»"
#: One class of characters in front, so that the search goes from one of them to the next.
_CLOSING = re.compile(r"[.!?…。！？」►▶→👉»](?:(?<=[.!?…])[\"”’»)\]]?\s+|(?<=[。！？」►▶→👉])|(?<=»)(?=\s))")
_NUMBER = re.compile(r"\d+")
_DATED = re.compile(r"(?:1[3-9]|20)\d\d|\d{1,2}[:.h/-]\d\d|\d{1,2}\.? \w{3}")
#: Signs of a table row or a price.
_TABLE = re.compile(r"[|%$€£]")
_EMAIL = re.compile(r"\w@\w[\w-]*\.\w")
#: Longest rest, in words, of a call to the reader that names no channel ("Follow us" is one, "Follow us to the river …" is not).
SHORT_CALL = 3
#: Where readers are called to, as parts of words: channels, mail and lists, accounts and subscriptions, the site and its desk.
CHANNELS = """
whatsapp watsap telegram facebook instagram google youtube twitter tiktok viber threads linkedin messenger discord spotify bluesky
mastodon wechat weibo kakao podcast cookie واتساب تليجرام تلغرام تيليغرام تلگرام فيسبوك فیسبوک טלגרם ווטסאפ וואטסאפ פייסבוק
телеграм вотсап вайбер фейсбук вконтакте व्हाट्सएप व्हाट्सऐप टेलीग्राम फेसबुक 微信 公众号 公眾號 微博 채널 チャンネル mail inbox channel kanal
canal kanál канал קבוצ ערוץ קבוצת قناة قناه کانال चैनल kanaa notific mesaj сообщени newsletter nieuwsbrief nyhedsbrev nyhetsbrev
uutiskirj hírlevél bülten bulletin boletín boletim informativ lettre рассылк розсилк бюлетин zpravodaj ניוזלטר نشرة خبرنامه
briefing updates headlines account konto compte cuenta profil registr login logg inlog anmeld connect identifi sesión accede войд
увійд zalog přihl giriş kirjau belép autentif member premium subscri abon suscri assin abbon prenumer tilaa подпис підпис předplat
előfizet συνδρομ اشتراک مشترك comment comentari commentai komment yorum коммент discussion diskus redak redac redaz редак sitio
webb сайт portal aplica applic приложени uygulama noticias notizie nyheter nyheder wiadomoś vijest новост новин ειδήσ ενημέρω
actualit haberler أخبار खबर pinterest flipboard snapchat reddit xing zalo дзен яндекс одноклассник соцсет اینستاگرام انستغرام
אינסטגרם इंस्टाग्राम यूट्यूब kênh social sosyal sozial reseaux redes privac datenschutz nutzungsbeding condition terms termini
términos termos regulamin gizlilik конфиденц конфіденц personuppgift tietosuoj adatkezel
"""
#: The same as whole words.
CHANNEL_WORDS = "app apps appen appar appje x line fb rss sms push site sito conta strony seite"
_CLOCK = re.compile(r"\d{1,2}[:.h]\d\d\b")
_PARTICLES = frozenset(
    ["and", "und", "et", "y", "e", "i", "og", "och", "en", "ja", "ve", "&", "de", "da", "di", "del", "der", "den", "van", "von"]
    + ["zu", "la", "le", "al", "el", "bin", "ibn", "abu", "the", "of", "for"]
)


def is_date(text: str) -> bool:
    """A day with its year, or a clock time, and at most four other words."""
    if len(text) > 60 or not (numbers := _NUMBER.findall(text)) or _TABLE.search(text):
        return False
    letters = key(text).split()
    day = any(len(n) <= 2 and 1 <= int(n) <= 31 for n in numbers)
    year = any(len(n) == 4 and (1900 <= int(n) < 2100 or 1300 <= int(n) < 1500) for n in numbers)
    return len(letters) <= 4 and (day and year or bool(_CLOCK.search(text))) and text[-1:] not in "!?"


def dated(text: str) -> bool:
    """The same with up to nine other words a date, for behind a phrase such as "Published"; two dates where it was updated."""
    dates = min(2, len(_DATED.findall(text[:180])))
    return len(text) <= 90 * dates and len(key(text).split()) <= 9 * dates


def is_name(text: str) -> bool:
    """One to six words that a person or a newsroom could be called: capitals where the script has them, no digits."""
    text = text.strip(" \t:,|·•-–—()@.")
    words = text.replace(",", " ").replace("|", " ").split()
    if not 1 <= len(words) <= 6 or len(text) > 60 or _NUMBER.search(text):
        return False
    return all(w in _PARTICLES or not w[0].islower() for w in words) and not text.endswith(SENTENCE_END)


def is_line(text: str) -> bool:
    """A credit or a headline: begins with a capital (where the script has them), short, and no sentence at its end."""
    text = text.strip(" \t:|·•-–—()>»\"“”")
    return bool(text) and not text[0].islower() and count(text) <= LONGEST_LINE and not text.endswith(SENTENCE_END)


def is_email(text: str) -> bool:
    """An address with at most five words beside it: a byline or a contact line."""
    return "@" in text and len(text) <= 90 and text.count(" ") <= 5 and bool(_EMAIL.search(text))


_CHANNEL = re.compile("|".join([rf"\b(?:{'|'.join(CHANNEL_WORDS.split())})\b", *map(key, CHANNELS.split())]))


def is_prompt(text: str) -> bool:
    """What a call to the reader goes on with: at most three words, an address, or words that name a channel or an account."""
    folded = key(text)
    return folded.count(" ") < SHORT_CALL or "@" in text or bool(_CHANNEL.search(folded))


def is_stop(text: str) -> bool:
    """Nothing, or the end of the sentence."""
    rest = text.lstrip()
    return not rest or not rest[0].islower() and rest[0] not in ",;"


SHAPES = {"name": is_name, "date": dated, "line": is_line, "email": is_email, "prompt": is_prompt, "stop": is_stop}


def fits(rest: str, behind: str) -> bool:
    """Whether what follows a phrase is what its row says: a placeholder's shape, or words after a gap."""
    return not behind or (SHAPES[behind](rest) if behind in SHAPES else behind in f" {key(rest)} ")
