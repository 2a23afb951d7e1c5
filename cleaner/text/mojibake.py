"""UTF-8 that was read in another encoding: is there any, and what did it say?

A text is taken for mojibake on one of three proofs: the whole paragraph turns back into valid UTF-8 and what comes out is
plausible (strict), ftfy's heuristic calls it bad and its repair makes sense (loose), or it is the garbled form of a
quotation mark or dash that no text holds (table).
"""
from __future__ import annotations

import re
from functools import cache

from cleaner.text.charsets import strict

#: Encodings that garbled UTF-8 turns up in, the likely first. Windows-1252 stands for Latin-1 too: C1 controls are bytes.
CHARMAPS = ("cp1252", "cp1250", "cp1254", "cp1257", "cp1251", "koi8-r", "mac-roman", "cp437", "cp866")
MULTIBYTE = ("gb18030", "cp932", "cp949")
#: Further ones that ftfy tries; they only widen the screen.
SCREENED = (*CHARMAPS[:5], "cp1253", "iso8859-2", "koi8-r")
#: Byte A0 at the end of a paragraph is a space to whoever cut the paragraph; it is looked for behind it.
LOST_SPACES = "\xa0\x85"

BOX = "\u2500-\u25a0"


def letters(encoding: str, first: int, last: int) -> str:
    """The characters of a range of bytes in a charmap encoding, escaped for a character class."""
    return re.escape("".join(strict(bytes([b]), encoding) or "" for b in range(first, last + 1)))


def sequences(encoding: str, leads2: str = "", leads3: str = "") -> str:
    """A pattern for what UTF-8 sequences look like when read in a charmap encoding."""
    more = letters(encoding, 0x80, 0xBF) + "\ufffd"
    two, three = leads2 or letters(encoding, 0xC2, 0xDF), leads3 or letters(encoding, 0xE0, 0xEF)
    return f"[{two}][{more}]|[{three}][{more}]{{2}}|[{letters(encoding, 0xF0, 0xF4)}][{more}]{{3}}"


@cache
def screens() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A coarse and a fine pattern for what every mojibake of more than a lost byte holds; clean text holds it seldom.

    Mac Roman reads lead bytes as quotation marks ("’é" is everyday French), so only its rarer ones count. The coarse one
    begins with one character class, which Python searches many times as fast as an alternation (35 times on 3,173 clean texts).
    """
    lone = f"\x80-\x9f{BOX}"
    leads = "".join(letters(e, 0xC2, 0xF4) for e in SCREENED) + "¬√ƒ≈∆‚–—ŒœŸÿΓ"
    more = "".join(letters(e, 0x80, 0xBF) for e in (*SCREENED, "mac-roman", "cp437")) + "\ufffd"
    exact = [*map(sequences, SCREENED[:-1]), sequences("mac-roman", "¬√ƒ≈∆–—ŒœŸÿ", "‚")]
    coarse = f"[{lone}{leads}](?:(?<=[{lone}])|[{more}]|(?<=[ÂÃ])(?: |$))"
    return re.compile(coarse), re.compile("|".join([f"[{lone}]|Γ[À-ÿ¢-¥ƒ₧]|â€|[ÂÃ](?: |$)", *exact]))


EAST_ASIAN = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uff66-\uff9f]")
#: So many characters show whether East Asian text can be garbled UTF-8.
GLIMPSE = 24


def suspicious(text: str) -> bool:
    """Whether a text may hold mojibake: a fast test that errs on the side of looking again."""
    if text.isascii():
        return False
    coarse, fine = screens()
    if coarse.search(text) is not None and fine.search(text) is not None:
        return True
    east = EAST_ASIAN.search(text)
    return east is not None and any(begins_utf8(text[east.start() : east.start() + GLIMPSE], e) for e in MULTIBYTE)


def begins_utf8(text: str, encoding: str) -> bool:
    """Whether the bytes of a text in an encoding are UTF-8, a cut last character apart."""
    try:
        text.encode(encoding).decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    except UnicodeEncodeError as error:
        return error.start > 0 and begins_utf8(text[: error.start], encoding)
    return True


#: Characters of living scripts and of printed text. What a wrong repair yields lies mostly outside.
PLAIN = re.compile(
    "[\xa0-\u017f\u0192\u01a0\u01a1\u01af\u01b0\u01cd-\u01dc\u0218-\u021b\u02bb\u02bc\u0300-\u0304\u0309\u0323\u0370-\u045f\u0490-\u04ff"
    "\u05d0-\u05f4\u060c\u061b\u061f-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u10d0-\u10ff\u1e00-\u1eff\u200b-\u200f\u2010-\u203a\u20a0-\u20bf"
    "\u2100-\u2193\u2200-\u2265\u25a0-\u26ff\ufeff]"
)
EAST = re.compile("[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff00-\uffef]")
EMOJI = re.compile("[\u2600-\u27bf\ufe0f\u200d\U0001f1e6-\U0001faff]")
#: A repair that yields East Asian characters must yield so many: two or three hanzi are valid UTF-8 by chance ("联通").
MIN_EAST = 6


def plausible(restored: list[str]) -> bool:
    """Whether characters that a repair brought back are such as texts hold."""
    east = sum(map(bool, map(EAST.match, restored)))
    return (not east or east >= MIN_EAST) and all(PLAIN.match(c) or EAST.match(c) or EMOJI.match(c) for c in restored)


def reread(text: str, encoding: str) -> str | None:
    """The text taken back to bytes in an encoding and read as UTF-8, None where that is impossible."""
    try:
        return text.encode(encoding, "cleaner.c1").decode("utf-8")
    except UnicodeError:
        return None


IN_WORD = re.compile(r"[a-z][^\x00-\x7f]|[^\x00-\x7f][a-z]", re.IGNORECASE)
AFTER_LETTER = re.compile(r"(?<=[a-z])[^\x00-\x7f]")
NEVER_ALONE = re.compile(f"[{BOX}\uff66-\uff9f\x80-\x9f]")


def proof(text: str, fixed: str, encoding: str) -> bool:
    """Whether one step back is proven by the text itself."""
    restored = [c for c in fixed if c > "\x7f"]
    if not plausible(restored):
        return False
    if not IN_WORD.search(text) and not any(c.isalpha() or c >= "\u2000" for c in restored):
        return False  # "В»" may end a Russian quotation; "В»NaverВ«" does not
    if encoding in ("koi8-r", "cp437", "cp866") and not re.search(f"[{BOX}Γ]", text):
        return False  # "только" read as cp866 is valid UTF-8 for something Chinese
    if encoding in MULTIBYTE and not EAST.search(fixed):
        return len(restored) >= MIN_EAST or bool(IN_WORD.search(text) or NEVER_ALONE.search(text))
    if len(restored) > 1:
        return True
    inside = AFTER_LETTER.search(text)  # one letter alone proves nothing but where it breaks a word: "spÃ¤ter"
    return bool(NEVER_ALONE.search(text) or (inside and not inside[0].islower()))


def strictly(text: str, proven: tuple[str, ...] = ()) -> tuple[str, str] | None:
    """The text that a paragraph was, and the encoding it was read in; None unless all of it turns back into plausible UTF-8.

    proven: encodings that neighbours were damaged in; one restored character is enough for these.
    """
    for encoding in dict.fromkeys((*proven, *CHARMAPS, *(MULTIBYTE if EAST_ASIAN.search(text) else ()))):
        fixed = reread(text, encoding)
        if fixed is not None and fixed != text:
            if encoding in proven and plausible([c for c in fixed if c > "\x7f"]) or proof(text, fixed, encoding):
                return fixed, encoding
    return None


#: A Latin letter beside one of another alphabet: what a wrong repair of a stray control character makes.
MIXED_SCRIPT = re.compile("[A-Za-zÀ-ɏ](?=[\u0370-\u1dff]|[\u2e80-\ud7ff][a-zß-ɏ])|[\u0370-\u1dff](?=[A-Za-zÀ-ɏ])")
UNDEFINED_C1 = re.compile("[\x81\x8d\x8f\x90\x9d]")


@cache
def ftfy_repair():
    """ftfy's encoding repair with the settings for news: keep lossy sequences, NBSP and inconsistent UTF-8 in view."""
    from ftfy import TextFixerConfig, fix_encoding_and_explain

    config = TextFixerConfig(unescape_html=False, normalization=None, explain=True)
    return lambda text: fix_encoding_and_explain(text, config)


def loosely(text: str) -> tuple[str, str] | None:
    """What ftfy makes of a text that its heuristic calls bad, with the encoding where one did it all; None for no change.

    A repair that puts letters of another alphabet into a word is refused, and tried again without stray control characters.
    """
    from ftfy.badness import is_bad

    for candidate in dict.fromkeys((text, UNDEFINED_C1.sub("", text))):
        if not is_bad(candidate):
            continue
        fixed, steps = ftfy_repair()(candidate)
        if fixed != candidate and len(MIXED_SCRIPT.findall(fixed)) <= len(MIXED_SCRIPT.findall(candidate)):
            return fixed, next((s.parameter.replace("sloppy-windows-", "cp") for s in steps if s.action == "encode"), "")
    return None


#: How often a text may have been garbled; the benchmark knows three times.
MAX_STEPS = 6


def unscramble(text: str, proven: tuple[str, ...] = ()) -> tuple[str, str]:
    """A paragraph without its mojibake, as often as it was garbled, and the encoding it was read in last ("" for none)."""
    used = ""
    for _ in range(MAX_STEPS):
        step = strictly(text, proven) or loosely(text)
        if step is None or step[0] == text:
            break
        text, used = step[0], step[1] or used
    return text, used


def garbled_marks() -> dict[str, str]:
    """Garbled forms of quotation marks, dashes and the like that stand for nothing else, and what they were."""
    table = {}
    for char in "“”‘’‚„–—…•‹›‑―′″€™−→←↑↓★☆✓✔●■▪►▶":
        for encoding in CHARMAPS[:-1]:  # read as cp866 they are plain Cyrillic letters ("тАЬ")
            table.setdefault(strict(char.encode(), encoding), char)
            if encoding == "cp1252":
                twice = strict(strict(char.encode(), encoding).encode(), encoding)
                table.setdefault(twice, char)
    for char in "«»":
        for encoding in ("cp1252", "koi8-r", "mac-roman", "cp437", "cp866"):  # "В»" may end a Russian quotation
            garbled = strict(char.encode(), encoding)
            table.setdefault(garbled, char)
        table.setdefault(strict(strict(char.encode(), "cp1252").encode(), "cp1252"), char)
    return table


GARBLED = garbled_marks()
GARBLED_MARK = re.compile("|".join(map(re.escape, sorted(GARBLED, key=len, reverse=True))))
#: The third byte of ” is undefined in Windows-1252 and gets lost; only ” closes a word before a space or the end.
CUT_QUOTE = re.compile("(?<=\\S)â€\ufffd?(?=[ .,;:!?)]|$)")
C1 = re.compile("[\x80-\x9f]+")


def with_lost_byte(text: str) -> str:
    """A text in which the last byte of a garbled closing quotation mark stands again."""
    return CUT_QUOTE.sub("â€\x9d", text) if "â€" in text else text


def c1_character(match: re.Match[str]) -> str:
    """C1 controls as the Windows-1252 characters that browsers show for them; undefined ones stay."""
    return strict(match[0].encode("latin-1"), "cp1252")

