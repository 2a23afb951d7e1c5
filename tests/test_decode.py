"""decode: every step of the order, what it says about itself, and that no bytes make it fail otherwise than as told."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import cleaner
from cleaner.stages.decode import NotText, decode_bytes, decode_marks
from cleaner.text.charsets import codec

DE = "Für die Bürger ändert sich nichts – „vorläufig“, erklärte die Behörde.\nDie Größe der Änderung wäre schön zu wissen."
RU = "Правительство обсудило новый закон о печати.\nРедакции газет просят отсрочки до осени."
JA = "政府は新しい報道の法律について話し合った。\n新聞社は秋まで待つように求めている。"
CS = "Vláda projednala nový tiskový zákon.\nRedakce žádají, aby začal platit až příští říjen."


def page(text, charset=""):
    meta = f'<meta charset="{charset}">' if charset else ""
    return f"<!DOCTYPE html><html><head>{meta}<title>News</title></head><body><p>{text}</p></body></html>"


def marks(found):
    return {m.rule: m for m in decode_marks(found)}


@pytest.mark.parametrize("bom", [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"])
def test_byte_order_marks(bom):
    encoding = {2: {0xFF: "utf-16-le", 0xFE: "utf-16-be"}, 3: {0xEF: "utf-8"}, 4: {0xFF: "utf-32-le", 0: "utf-32-be"}}[len(bom)][bom[0]]
    found = decode_bytes(bom + DE.encode(encoding))
    assert (found.text, found.encoding, found.evidence, found.lost) == (DE, encoding, "bom", 0)


@pytest.mark.parametrize(
    "text", [DE, RU, JA, "日本語。これは、数字も英字もない文です、それだけです。"], ids=["de", "ru", "ja", "ja without space"]
)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_bom(text, encoding):
    found = decode_bytes(text.encode(encoding))
    assert (found.text, found.encoding, found.evidence) == (text, encoding, "utf-16 without bom")


def test_iso_2022_jp():
    found = decode_bytes(JA.encode("iso2022_jp"))
    assert (found.text, found.encoding, found.evidence) == (JA, "iso2022_jp", "escape sequence")


@pytest.mark.parametrize(
    ("http", "meta"), [("iso-8859-1", ""), (None, "windows-1251"), ("windows-1251", "iso-8859-1"), ("nonsense", "koi8-r")]
)
def test_valid_utf8_beats_every_declaration(http, meta):
    found = decode_bytes(page(RU, meta).encode(), http=http)
    assert (found.text, found.encoding, found.evidence) == (page(RU, meta), "utf-8", "valid utf-8")
    assert "is utf-8" in marks(found)["decode.contradicts_declaration"].detail


def test_ascii_contradicts_nothing():
    assert not decode_marks(decode_bytes(page("Plain", "shift_jis").encode(), http="koi8-r"))


def test_the_header_comes_before_the_page_and_both_before_the_detector():
    assert decode_bytes(page(CS, "iso-8859-1").encode("cp1250"), http="windows-1250").evidence == "http"
    found = decode_bytes(page(CS, "windows-1250").encode("cp1250"))
    assert (found.text, found.encoding, found.evidence, found.contradicted) == (page(CS, "windows-1250"), "cp1250", "meta", False)
    assert decode_bytes('<?xml version="1.0" encoding="koi8-r"?><p>Мы</p>'.encode("koi8-r")).text.endswith("<p>Мы</p>")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (DE, "cp1252"),
        (CS, "cp1250"),
        (CS, "iso8859-2"),
        (RU, "cp1251"),
        (RU, "koi8-r"),
        (RU, "cp866"),
        (RU, "iso8859-5"),
        (JA, "cp932"),
        (JA, "euc-jp"),
    ]
    + [
        ("政府讨论了新的新闻法。\n报社请求推迟到秋天。", "gb18030"),
        ("정부는 새로운 언론법을 논의했다.\n신문사는 가을까지 연기를 요청했다.", "cp949"),
    ]
    + [
        ("ناقشت الحكومة قانون الصحافة الجديد.\nوطلبت الصحف التأجيل حتى الخريف.", "cp1256"),
        ("Hükümet yeni basın yasasını görüştü, gazeteler şaşkın.", "cp1254"),
    ],
)
@pytest.mark.parametrize("declared", ["", "utf-8"])
def test_the_detector_finds_undeclared_and_falsely_declared(text, encoding, declared):
    found = decode_bytes(page(text, declared).encode(encoding))
    assert (found.text, found.evidence) == (page(text, declared), "detector")
    assert ("decode.contradicts_declaration" in marks(found)) == bool(declared)


def test_rows_in_two_encodings():
    rows = [line.encode("cp1250" if n % 2 else "utf-8") for n, line in enumerate((CS + "\n" + CS).split("\n"))]
    found = decode_bytes(b"\n".join(rows))
    assert (found.text, found.encoding, found.evidence, found.lost) == (CS + "\n" + CS, "utf-8+cp1250", "mixed rows", 0)


def test_stray_bytes_are_left_out_and_counted():
    found = decode_bytes(RU.encode().replace(" ".encode(), b" \xff", 2))
    assert (found.text, found.encoding, found.evidence, found.lost) == (RU, "utf-8", "stray bytes", 2)
    assert marks(found)["decode.lost"].score == 2.0
    assert decode_bytes(b"Nothing but ASCII and \xffone byte").text == "Nothing but ASCII and one byte"


def test_windows_punctuation_strayed_into_utf8_is_read():
    found = decode_bytes(RU.encode() + b" \x93News\x94")
    assert (found.text, found.lost) == (RU + " “News”", 0)


def test_cut_inside_a_character():
    found = decode_bytes(RU.encode()[:-2])
    assert (found.evidence, found.lost, "\ufffd" in found.text) == ("cut utf-8", 1, False)
    assert decode_bytes(b"Meet me at the caf\xe9").text == "Meet me at the café"


def test_undefined_bytes_are_controls_as_in_browsers():
    assert decode_bytes(b"caf\xe9 \x81 na\xefve", http="windows-1252").text == "café \x81 naïve"


def test_a_few_broken_bytes_do_not_disprove_a_declaration():
    data = page(JA * 20, "shift_jis").encode("cp932")
    found = decode_bytes(data[:300] + b"\xff" + data[300:])
    assert (found.encoding, found.evidence) == ("cp932", "meta") and 1 <= found.lost <= 2
    assert found.text.count("\ufffd") == found.lost


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(99),
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        b"PK\x03\x04" + bytes(20),
        b"\x7fELF\x02\x01",
    ]
    + [
        b"GIF89a\x01\x00",
        b"\x1f\x8b\x08\x00data",
        b"MZ\x90\x00\x03\x00\x00\x00\x04",
        bytes(1_000),
        bytes(range(256)) * 40,
        b"RIFF\x24\x08\x00\x00WEBPVP8 ",
    ],
    ids=["png", "jpeg", "pdf", "zip", "elf", "gif", "gzip", "exe", "nul", "binary", "webp"],
)
def test_what_is_no_text(data):
    with pytest.raises(NotText, match="not text"):
        decode_bytes(data)


def test_text_that_only_begins_like_a_file():
    for text in ("MZ is the code of Mozambique.", "BM and PK are initials.", "%PDF is a format", "ID3 tags"):
        assert cleaner.decode(text.encode()) == text
    assert cleaner.decode(b"a\x00b\x01c d") == "a\x00b\x01c d"


def test_the_door():
    assert cleaner.decode(b"") == ""
    assert cleaner.decode(bytearray("né".encode("latin-1")), http="latin1") == "né"
    with pytest.raises(TypeError, match="expects bytes, not str"):
        cleaner.decode("text")


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("ISO-8859-1", "cp1252"),
        (" 'UTF8' ", "utf-8"),
        ("gb2312", "gb18030"),
        ("Shift_JIS", "cp932"),
        ("ks_c_5601-1987", "cp949"),
        ("tis-620", "cp874"),
    ]
    + [
        ("big5", "big5hkscs"),
        ("windows-31j", "cp932"),
        ("", None),
        (None, None),
        ("hex", None),
        ("unicode_escape", None),
        ("utf-7", None),
        ("x\x00y", None),
    ],
)
def test_labels_mean_what_browsers_take_them_for(label, name):
    assert codec(label) == name


PIECES = st.sampled_from(
    [
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\0",
        b"\x1b$B",
        b"<meta charset=utf-7>",
        b"<meta charset=hex>",
        b"<meta charset='\xff'>",
        b"\xc3\xa9",
    ]
    + [
        b"<?xml encoding='idna'?>",
        b"\xe2\x80",
        b"\xff",
        b"abc\n",
        b"\n",
        b"\x93",
        b"\x89PNG\r\n",
        b"<meta charset=iso-2022-kr>",
        b"<meta charset=undefined>",
    ]
)
LABELS = (
    st.none()
    | st.text(max_size=8)
    | st.sampled_from(["utf-8", "HEX", "utf-16", "idna", "cp037", "unicode_escape", "base64_codec", "undefined"])
)


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES | st.binary(max_size=6), max_size=10).map(b"".join), LABELS, st.none() | st.text(max_size=5))
@example(b"\xff", "HEX", None)
def test_any_bytes_are_text_or_told_not_to_be(data, http, host):
    try:
        found = decode_bytes(data, http=http, host=host)
    except NotText:
        return
    assert isinstance(found.text, str) and 0 <= found.lost <= len(data)
    found.text.encode("utf-8")
    assert all(m.action == "flag" and m.stage == "decode" for m in decode_marks(found))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff")))
def test_utf8_comes_back_as_it_was(text):
    assert decode_bytes(text.encode()).text == text or text.startswith(("%PDF-", "GIF8"))


@pytest.mark.parametrize(
    "data",
    [
        b"\xe9\n" * 200_000,
        b"\xc3\xa9\n\xe9\n" * 80_000,
        b"\xe9" + b"<" * 500_000,
        b"\xe9" + b"<script>" * 60_000,
        b"<meta " * 80_000 + b"\xe9",
        b"a\xff" * 250_000,
    ],
    ids=["rows", "mixed", "open tags", "scripts", "metas", "strays"],
)
def test_time_grows_with_the_bytes_only(data):
    start = time.process_time()
    decode_bytes(data)
    assert time.process_time() - start < 4
