"""Names of encodings as the web writes them, bytes to text the way browsers do it, and what the bytes themselves tell."""
from __future__ import annotations

import codecs
import re

import chardetng_py

#: Labels that mean another encoding than Python's codec of that name (WHATWG Encoding Standard, section 4.2), or that
#: Python does not know. The left side is a Python codec name or a label in lower case.
WEB = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874",
    "dos-874": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "hz": "gb18030", "big5": "big5hkscs",
    "cp950": "big5hkscs", "shift_jis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932", "euc_kr": "cp949", "ksc5601": "cp949",
    "windows-949": "cp949", "iso8859-8-i": "iso8859-8", "iso-8859-8-i": "iso8859-8", "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-roman": "mac-roman", "latin-9": "iso8859-15", "unicode": "utf-16-le", "utf-16": "utf-16-le", "ucs-2": "utf-16-le",
    "utf-8-sig": "utf-8", "unicode-1-1-utf-8": "utf-8",
}  # fmt: skip
#: Python codecs for what pages are written in; the others are EBCDIC, transfer encodings, or traps ("unicode_escape", UTF-7).
TEXT_CODEC = re.compile(
    r"utf-(?:8|16|32)|iso8859|koi8|mac-(?:roman|cyrillic|latin2)"
    r"|cp(?:125\d|437|85\d|866|874|932|949)$|gb18030|big5hkscs|euc_j|iso2022_jp"
)

#: The declarations of a page: its meta element or XML header, looked for in the first bytes only (WHATWG asks for 1,024;
#: 21 of 258 saved news pages have it later).
META = re.compile(
    rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]+)"
    rb"|^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]+)",
    re.IGNORECASE,
)
META_BYTES = 4_096


def as_c1(error: UnicodeError) -> tuple[str | bytes, int]:
    """Bytes that an encoding leaves undefined are the control characters of the same number, as in browsers, and back."""
    piece = error.object[error.start : error.end]
    if isinstance(error, UnicodeDecodeError):
        return "".join(map(chr, piece)), error.end
    if min(piece) >= "\x80" and max(piece) <= "\x9f":
        return piece.encode("latin-1"), error.end
    raise error


codecs.register_error("cleaner.c1", as_c1)
#: Undecodable bytes, left out; the caller counts them.
codecs.register_error("cleaner.drop", lambda e: ("", e.end))

#: A maximal UTF-8 sequence of two to four bytes, without surrogates and overlong forms.
UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
HIGH_RUN = re.compile(rb"[\x80-\xff]+")
TAG = re.compile(rb"<[^<>]{0,2000}>")
#: An encoding may leave so many of the bytes that are not ASCII undecoded before it is not believed.
LOST_SHARE = 0.01
ASCII = bytes(range(128))
#: The detector sees at most so many bytes of the text between the tags, from the first one on that is not ASCII.
DETECTOR_BYTES = 60_000


def codec(label: str | None) -> str | None:
    """The Python codec that a browser would use for a label, None for an unknown one or none at all."""
    name = (label or "").strip().strip("\"'").lower()
    if name not in WEB:
        try:
            name = codecs.lookup(name).name
        except (LookupError, ValueError):
            return None
    name = WEB.get(name, name)
    return name if TEXT_CODEC.match(name) else None


def declared_in(data: bytes) -> str | None:
    """The encoding that a page's meta element or XML header names, as it stands there."""
    found = META.search(data[:META_BYTES])
    return (found[1] or found[2]).decode("ascii", "replace") if found else None


def strict(data: bytes, encoding: str) -> str | None:
    """The text of bytes in an encoding, None when a byte does not fit. Bytes that a Windows code page leaves undefined are C1 controls."""
    try:
        return data.decode(encoding, "cleaner.c1" if encoding.startswith(("cp125", "cp874", "iso8859")) else "strict")
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def lossy(data: bytes, encoding: str) -> tuple[str, int] | None:
    """The text in an encoding and the count of U+FFFD put in it; None when more is lost than :data:`LOST_SHARE` allows."""
    if (text := strict(data, encoding)) is not None:
        return text, 0
    text = data.decode(encoding, "replace")
    lost = text.count("\ufffd")
    return (text, lost) if lost <= 1 + LOST_SHARE * high_bytes(data) else None


def high_bytes(data: bytes) -> int:
    """How many bytes are not ASCII."""
    return len(data.translate(None, ASCII))


def detect(data: bytes, tld: str | None = None) -> str:
    """The legacy encoding that chardetng (Firefox's detector) finds in the text between the tags, cp1252 when it knows none.

    tld: the last label of the host ("pl"), which settles close calls.
    """
    seen = TAG.sub(b" ", data) if b"<" in data else data
    first = HIGH_RUN.search(seen)
    start = max(0, first.start() - 100) if first else 0
    hint = tld.encode() if tld and re.fullmatch(r"[a-z]{2,20}", tld) else None
    return codec(chardetng_py.detect(seen[start : start + DETECTOR_BYTES], allow_utf8=False, tld=hint)) or "cp1252"


#: Fewer bytes with a NUL among them prove nothing.
MIN_UTF16_BYTES = 8


def utf16_without_bom(data: bytes) -> str | None:
    """"utf-16-le" or "utf-16-be" when the bytes can only be that, else None.

    Evidence: NULs in every other place; or, where a script leaves none of them (Chinese, Japanese), control bytes that no
    text in another encoding holds, and a text that is printable and keeps to a few scripts.
    """
    head = data[: META_BYTES & ~1]
    if len(head) < MIN_UTF16_BYTES:
        return None
    first, second = head[0::2], head[1::2]
    for encoding, high, low in (("utf-16-le", second, first), ("utf-16-be", first, second)):
        if high.count(0) > 0.3 * len(high) and low.count(0) < 0.02 * len(low) + 1:
            return encoding if fits(data, encoding) else None
    if not re.search(rb"[\x00-\x08]", head):
        return None
    share, encoding = max((ordinary(head, e), e) for e in ("utf-16-be", "utf-16-le"))
    return encoding if share > ORDINARY_SHARE and fits(data, encoding) else None


def fits(data: bytes, encoding: str) -> bool:
    """Whether bytes decode to printable text: at most 1 in 200 characters may be a control or unassigned."""
    text = strict(data[: len(data) & ~1], encoding)
    return bool(text) and sum(c.isprintable() or c in "\r\n\t\ufeff" for c in text) >= 0.995 * len(text)


#: Characters that every text of some length holds: spaces, line feeds, full stops, commas, digits, of East Asia too.
ORDINARY = re.compile("[ \n.,0-9、。，「」ー]")
#: Their share in 37 Japanese and Chinese gold paragraphs of 40 characters or more is 0.05 and up; 200,000 random ones hold 0.0003.
ORDINARY_SHARE = 0.02


def ordinary(data: bytes, encoding: str) -> float:
    """Share of characters that every text holds, whatever its script."""
    text = data[: len(data) & ~1].decode(encoding, "replace")
    return len(ORDINARY.findall(text)) / max(1, len(text))
