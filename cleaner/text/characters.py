"""Single characters that do not belong in a text: surrogates, entities, control and invisible characters, odd spaces."""
from __future__ import annotations

import html
import re

from cleaner.text.charsets import detect, lossy

PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
ESCAPED_BYTES = re.compile("[\udc80-\udcff]+")
SURROGATE = re.compile("[\ud800-\udfff]")
#: Surrogates that hold no byte, and other text that is not ASCII: nothing for a detector of legacy encodings.
NO_BYTE = re.compile("[^\x00-\x7f\udc80-\udcff]")

#: A character reference with its semicolon, escaped any number of times; ``&nbsp`` also without one.
ENTITY = re.compile(
    r"&(?:(?:amp|#38|#x26);)*(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
    r"|&(?:(?:amp|#38);)*nbsp(?![A-Za-z0-9;=])",
    re.ASCII,
)
AMPERSANDS = re.compile(r"&(?:(?:amp|#38|#x26);)+(?=[#A-Za-z])", re.IGNORECASE)
TERMINAL = re.compile("\x1b\\[[0-9;]*[A-Za-z]")
#: C0 and C1 controls, the line and page breaks among them apart.
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
#: What breaks a line or page; inside a block it is a space.
BREAK = re.compile("\r\n|[\n\r\x0c\x85\u2028\u2029]")
#: Soft hyphen, zero-width space, joiners of words, bidi and annotation controls, object replacement, byte order mark.
INVISIBLE = re.compile("(?:[\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc])+")
#: Zero-width joiner and non-joiner shape words in Arabic, Indic and Khmer script and hold emoji together.
JOINED = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1800-\u18af\u200d"
    "\ufb50-\ufdff\ufe0f\ufe70-\ufeff\u2600-\u27bf\U0001f000-\U0001faff]"
)
#: Lao, Burmese and Khmer part words with a zero-width space.
UNSPACED = re.compile("[\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff]")
#: Spaces of other widths, the no-break ones last; the ideographic space U+3000 belongs to its script.
ODD_SPACE = re.compile("[\u1680\u2000-\u200a\u205f\xa0\u202f]")
ODD_SPACE_BUT_NBSP = re.compile("[\u1680\u2000-\u2006\u2008\u200a\u205f]")

#: One look for all of the above in text that is not ASCII, and in text that is.
STRANGE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\xa0\xad\u061c\u1680\u180e"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\ud800-\udfff\ufeff\ufff9-\ufffd]"
)
STRANGE_ASCII = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
#: The bytes of UTF-8 that :data:`STRANGE_ASCII` does not find.
CLEAN = bytes(b for b in range(256) if b > 127 or not STRANGE_ASCII.match(chr(b)))


def controls(text: str) -> str:
    """The control characters of ASCII in a text, the tabulator apart."""
    return text.encode("utf-8", "surrogatepass").translate(None, CLEAN).decode()


def strange(text: str) -> bool:
    """Whether a text holds any character that this room may remove or replace, entities apart."""
    return (STRANGE_ASCII if text.isascii() else STRANGE).search(text) is not None


def escaped_encoding(texts: list[str]) -> str:
    """The encoding of bytes that came into texts as surrogate escapes and are no UTF-8: what the detector finds in all of them."""
    raw = [NO_BYTE.sub("", t).encode("utf-8", "surrogateescape") for t in texts if ESCAPED_BYTES.search(t)]
    return detect(b"\n".join(r for r in raw if not is_utf8(r)))


def is_utf8(data: bytes) -> bool:
    """Whether bytes are valid UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def join_surrogates(text: str, encoding: str = "cp1252") -> str:
    """Surrogate pairs joined, escaped bytes decoded, as UTF-8 where they are that, else in ``encoding``; the rest is U+FFFD."""
    text = PAIR.sub(lambda m: m[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le"), text)

    def decoded(match: re.Match[str]) -> str:
        data = match[0].encode("utf-8", "surrogateescape")
        if is_utf8(data):
            return data.decode("utf-8")
        return (lossy(data, encoding) or lossy(data, "cp1252"))[0]

    return SURROGATE.sub("\ufffd", ESCAPED_BYTES.sub(decoded, text))


def referent(match: re.Match[str]) -> str:
    """What a character reference stands for; a line break is a space, and what stands for no character stays as it is."""
    reference = AMPERSANDS.sub("&", match[0])
    char = html.unescape(reference)
    return reference if char in ("\ufffd", "\x00") else BREAK.sub(" ", char)


def needed(match: re.Match[str]) -> str:
    """Of a run of invisible characters those that their script needs."""
    before = match.string[match.start() - 1 : match.start()]
    kept = ""
    for char in match[0]:
        script = JOINED if char in "\u200c\u200d" else UNSPACED if char == "\u200b" else None
        if script and script.match(kept[-1:] or before):
            kept += char
    return kept
