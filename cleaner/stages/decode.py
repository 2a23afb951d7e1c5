"""Bytes to text: what the bytes prove first, then what was declared, then what a detector finds.

The order: byte order mark → UTF-16 without one → ISO-2022-JP
→ valid UTF-8, whatever is declared → UTF-8 with stray bytes or rows in another encoding → HTTP header → meta element →
chardetng on the text between the tags → Windows-1252, in which every byte is something.
"""
from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from cleaner.document import DOCUMENT, Mark
from cleaner.text.charsets import HIGH_RUN, UTF8_SEQUENCE, codec, declared_in, detect, high_bytes, lossy, strict, utf16_without_bom

#: Byte order marks; UTF-32 little-endian begins like UTF-16 little-endian and stands first.
BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: How files begin that are no text, and what they are. Two-letter signatures count only where control bytes follow.
SIGNATURES = (
    (rb"\x89PNG\r\n", "a PNG image"), (rb"\xff\xd8\xff", "a JPEG image"), (rb"GIF8[79]a", "a GIF image"),
    (rb"RIFF.{4}WEBP", "a WebP image"), (rb"RIFF.{4}(?:AVI |WAVE)", "a RIFF media file"), (rb".{4}ftyp", "an MP4 or HEIC file"),
    (rb"%PDF-\d", "a PDF document"), (rb"PK(?:\x03\x04|\x05\x06)", "a ZIP archive or an Office document"),
    (rb"\x1f\x8b\x08", "gzip data"), (rb"BZh[1-9]1AY&SY", "bzip2 data"), (rb"\xfd7zXZ\x00", "xz data"),
    (rb"\x28\xb5\x2f\xfd", "zstd data"), (rb"7z\xbc\xaf\x27\x1c", "a 7z archive"), (rb"Rar!\x1a\x07", "a RAR archive"),
    (rb"\x7fELF", "an ELF program"), (rb"MZ.{0,60}[\x00-\x08]{3}", "a Windows program"), (rb"\xd0\xcf\x11\xe0", "an old Office document"),
    (rb"PAR1.{0,40}[\x00-\x08]", "a Parquet file"), (rb"SQLite format 3\x00", "a SQLite database"), (rb"OggS\x00", "an Ogg file"),
    (rb"ID3[\x02-\x04]\x00", "an MP3 file"), (rb"(?:II\*\x00|MM\x00\*)", "a TIFF image"), (rb"BM.{4}\x00{4}", "a BMP image"),
)  # fmt: skip
SIGNATURE = re.compile(b"|".join(b"(%b)" % pattern for pattern, _ in SIGNATURES), re.DOTALL)
#: Bytes that no text holds: C0 controls beside tab, line feed, form feed, carriage return, ^Z and escape.
CONTROL = bytes(b for b in range(32) if b not in b"\t\n\x0b\f\r\x1a\x1b")
#: So large a share of control bytes among the first makes a file binary; random bytes hold 25 in 256, which is 0.098.
BINARY_SHARE = 0.08
MIN_CONTROLS = 16
SNIFFED_BYTES = 8_192
#: First bytes of the two- and three-byte characters of Latin text. After nothing but ASCII, another one ends a Latin-1 word ("caf\xe9").
CUT_LEADS = b"\xc2\xc3\xc4\xc5\xe2\xf0"
#: A single byte of Windows-1252 punctuation between ASCII: € … ‘ ’ “ ” • – —
LONE_PUNCTUATION = re.compile(rb"(?<![\x80-\xff])[\x80\x85\x91-\x97](?![\x80-\xff])")
#: Among rows in a multi-byte encoding, rows of UTF-8 must hold so much of all that is not ASCII: some are valid by chance.
MIXED_SHARE = 0.1
SINGLE_BYTE = ("cp12", "cp866", "cp874", "iso8859", "koi8", "mac")


class NotText(ValueError):
    """The bytes are no text but a picture, an archive, a program or the like."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and how it was found.

    encoding: the Python codec; ``utf-8+cp1251`` where rows differ. evidence: "empty", "bom", "utf-16 without bom",
    "escape sequence", "valid utf-8", "cut utf-8", "stray bytes", "mixed rows", "http", "meta", "detector" or "fallback".
    declared: the codec that the HTTP header or else the page itself names, None for none. lost: bytes that stand for
    no character in the text, or characters U+FFFD put in their place.
    """

    text: str
    encoding: str
    evidence: str
    declared: str | None = None
    lost: int = 0

    @property
    def contradicted(self) -> bool:
        """Whether the text is not in the declared encoding; ASCII is in all of them, UTF-16 and UTF-32 apart."""
        return self.declared is not None and self.declared != self.encoding and not self.text.isascii()


def decode(data: bytes, *, http: str | None = None, host: str | None = None) -> str:
    """The text of bytes in whatever encoding.

    http: the charset of the Content-Type header. host: where the bytes came from; its last label settles close calls.
    Raises TypeError for anything but bytes, NotText (a ValueError) for pictures, archives, programs and the like.
    """
    return decode_bytes(data, http=http, host=host).text


def decode_bytes(data: bytes, *, http: str | None = None, host: str | None = None) -> Decoded:
    """As :func:`decode`, with the encoding, the evidence for it and the count of what was lost."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"decode expects bytes, not {type(data).__name__}")
    data = bytes(data)
    declared = codec(http) or codec(declared_in(data))
    tld = host.rstrip(".").rpartition(".")[2].lower() if host else None
    text, encoding, evidence, lost = proven(data) or patched(data, declared, tld) or claimed(data, http, tld)
    return Decoded(text.removeprefix("\ufeff"), encoding, evidence, declared, lost)


def decode_marks(decoded: Decoded) -> list[Mark]:
    """What a reader of the text should know: ``decode.contradicts_declaration`` and ``decode.lost``."""
    marks = []
    if decoded.contradicted:
        detail = f"declared {decoded.declared}, is {decoded.encoding} ({decoded.evidence})"
        marks.append(Mark(DOCUMENT, 0, 0, "decode", "decode.contradicts_declaration", "flag", detail=detail))
    if decoded.lost:
        detail = f"{decoded.lost} undecodable bytes or characters in {decoded.encoding}"
        marks.append(Mark(DOCUMENT, 0, 0, "decode", "decode.lost", "flag", score=float(decoded.lost), detail=detail))
    return marks


Found = tuple[str, str, str, int]


def proven(data: bytes) -> Found | None:
    """What the bytes themselves prove. Raises NotText for bytes that are no text."""
    if not data:
        return "", "utf-8", "empty", 0
    for bom, encoding in BOMS:
        if data.startswith(bom) and (found := lossy(data[len(bom) :], encoding)):
            return found[0], encoding, "bom", found[1]
    head = data[:SNIFFED_BYTES]
    controls = len(head) - len(head.translate(None, CONTROL))
    if controls and (encoding := utf16_without_bom(data)):
        text, lost = lossy(data, encoding) or (data.decode(encoding, "replace"), 0)
        return text, encoding, "utf-16 without bom", lost
    refuse_binary(head, controls)
    if b"\x1b$" in data and (text := strict(data, "iso2022_jp_ext")) is not None:
        return text, "iso2022_jp", "escape sequence", 0
    try:
        return data.decode("utf-8"), "utf-8", "valid utf-8", 0
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and is_cut(data, error.start):
            return data[: error.start].decode("utf-8"), "utf-8", "cut utf-8", 1
    return None


def is_cut(data: bytes, start: int) -> bool:
    """Whether bytes that are UTF-8 up to ``start`` were cut inside their last character, and are not Latin-1 that ends in "é"."""
    return len(data) - start > 1 or not data[:start].isascii() or data[start] in CUT_LEADS


def refuse_binary(head: bytes, controls: int) -> None:
    """Raise NotText for the first bytes of a picture, an archive, a program, or for too many control bytes."""
    if signature := SIGNATURE.match(head):
        raise NotText(f"the bytes are {SIGNATURES[signature.lastindex - 1][1]}, not text")
    if controls > max(MIN_CONTROLS, BINARY_SHARE * len(head)):
        raise NotText(f"the bytes are binary data, not text: {controls} control bytes among the first {len(head)}")


def patched(data: bytes, declared: str | None, tld: str | None) -> Found | None:
    """UTF-8 with stray bytes, or with some rows in another encoding; None for bytes that are not UTF-8 in the main."""
    rows = data.split(b"\n")
    kinds = [row_kind(row) for row in rows]
    if "legacy" in kinds:
        return mixed(rows, kinds, declared, tld)
    if "utf-8" not in kinds and "stray" not in kinds and declared not in (None, "utf-8"):
        return None  # nothing but 0xFF among ASCII, and somebody says what it stands for
    parts = [without_strays(row) for row in rows]
    return "\n".join(text for text, _ in parts), "utf-8", "stray bytes", sum(lost for _, lost in parts)


def mixed(rows: list[bytes], kinds: list[str], declared: str | None, tld: str | None) -> Found | None:
    """Rows of UTF-8 among rows of a legacy encoding; None when the UTF-8 may be chance, as it is in East Asian encodings."""
    good = b"".join(row for row, kind in zip(rows, kinds) if kind in ("utf-8", "stray"))
    other = b"\n".join(row for row, kind in zip(rows, kinds) if kind in ("legacy", "0xff"))
    if not good:
        return None
    encoding = declared if declared not in (None, "utf-8") else detect(other, tld)
    if high_bytes(good) < MIXED_SHARE * high_bytes(good + other) and not encoding.startswith(SINGLE_BYTE):
        return None
    if (found := lossy(other, encoding)) is None:
        encoding, found = "cp1252", lossy(other, "cp1252")
    legacy, lost, texts = iter(found[0].split("\n")), found[1], []
    for row, kind in zip(rows, kinds):
        text, gone = (next(legacy, ""), 0) if kind in ("legacy", "0xff") else without_strays(row)
        texts.append(text)
        lost += gone
    return "\n".join(texts), f"utf-8+{encoding}", "mixed rows", lost


def row_kind(row: bytes) -> str:
    """"ascii", "utf-8", "stray" (UTF-8 with a few bytes that do not belong), "0xff" (ASCII and that byte) or "legacy"."""
    if row.isascii():
        return "ascii"
    if strict(row, "utf-8") is not None:
        return "utf-8"
    good = len(UTF8_SEQUENCE.findall(row))
    bad = len(HIGH_RUN.findall(UTF8_SEQUENCE.sub(b" ", row)))
    if good >= 2 * bad and bad <= 3 or bad <= 0.05 * good:
        return "stray"
    return "0xff" if strict(row.translate(None, b"\xfe\xff"), "utf-8") is not None else "legacy"


def without_strays(row: bytes) -> tuple[str, int]:
    """The UTF-8 text of a row and the count of bytes left out; a lone Windows-1252 quote, dash or ellipsis is read as such."""
    row = LONE_PUNCTUATION.sub(lambda m: m[0].decode("cp1252").encode(), row)
    text = row.decode("utf-8", "cleaner.drop")
    return text, len(row) - len(text.encode())


def claimed(data: bytes, http: str | None, tld: str | None) -> Found:
    """The declared encoding where the bytes fit it, else the detector's, else Windows-1252."""
    for evidence, label in (("http", codec(http)), ("meta", codec(declared_in(data))), ("detector", None)):
        encoding = detect(data, tld) if evidence == "detector" else label
        if encoding and not encoding.startswith(("utf-8", "utf-16", "utf-32")) and (found := lossy(data, encoding)):
            return found[0], encoding, evidence, found[1]
    return strict(data, "cp1252"), "cp1252", "fallback", 0

