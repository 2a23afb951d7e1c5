"""HTML to blocks: what a reader sees, what trafilatura keeps of it, what the page says of itself, and hostile pages."""
from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from cleaner import extract, restore
from cleaner.html.metadata import host_of
from cleaner.html.page import main_blocks, parse
from cleaner.html.verdict import agreement, kept_blocks
from cleaner.html.visible import read_blocks
from cleaner.stages.extract import looks_like_html

NEWS = Path(__file__).parents[1].parent / "shared" / "eval" / "news" / "html" / "pages"
BODY = [
    "The town council of Ostrava Bay voted on Monday evening to rebuild the wooden pier that a storm destroyed last winter.",
    "Work is to begin in April and to cost about four million crowns, half of which the region has promised to pay.",
    "“We have waited for this for a year,” said Hana Novotna, who runs the ferry office and had come with her whole family.",
    "Nobody in the town hall spoke against the plan, although two members of the council did not take part in the vote.",
]
MENU = ["Home", "Politics", "Sport", "Weather", "Advertise with us"]
PAGE = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Council votes to rebuild the pier | Bay Courier</title>
<meta property="og:title" content="Council votes to rebuild the pier"><meta property="og:site_name" content="Bay Courier">
<meta name="author" content="Ida Marek"><meta property="article:published_time" content="2024-03-05T18:20:00+01:00">
<link rel="canonical" href="https://www.baycourier.example.org/pier"></head><body>
<nav class="main-nav"><ul>{"".join(f'<li><a href="/{m}">{m}</a></li>' for m in MENU)}</ul></nav>
<main><article class="story"><h1>Council votes to rebuild the pier</h1>
<p>{BODY[0]}</p><p>{BODY[1]}</p><h2>A year without a ferry</h2><p>{BODY[2]}</p>
<table><tr><th>Year</th><th>Passengers</th></tr><tr><td>2022</td><td>4,120 <a href="/x">more</a></td></tr></table><p>{BODY[3]}</p></article></main>
<aside class="relatedPosts"><h3>More from Ostrava</h3><ul><li><a href="/a">Snow closes the schools</a></li><li><a href="/b">Minister resigns</a></li></ul></aside>
<footer id="page-footer">© 2024 Bay Courier. All rights reserved.</footer><script>var hidden = "text";</script></body></html>"""


def texts(page: str) -> list[str]:
    return [b.text for b in read_blocks(parse(page))[0]]


def test_the_article_is_the_text_and_the_rest_is_cut():
    doc = extract(PAGE)
    assert all(p in doc.text for p in BODY)
    assert not any(m in doc.text for m in [*MENU, "Snow closes", "All rights reserved", "hidden"])
    seen = [b.text for b in doc.blocks]
    assert seen[: len(MENU)] == MENU and "Snow closes the schools" in seen and not any("hidden" in s for s in seen)
    cut = {m.block for m in doc.marks if m.action == "cut"}
    assert all(0 <= m.score <= 1 for m in doc.marks)
    kept = {i for i, b in enumerate(doc.blocks) if b.hints.kept}
    by_rule = {rule: {m.block for m in doc.marks if m.rule == rule} for rule in ("extract.not_main", "extract.model_cut", "extract.model_kept")}
    assert by_rule == {"extract.not_main": cut - kept, "extract.model_cut": cut & kept, "extract.model_kept": set(range(len(doc.blocks))) - kept - cut}


def test_without_the_model_the_verdict_is_trafilaturas():
    doc = extract(PAGE, model=False)
    assert {m.rule for m in doc.marks} == {"extract.not_main"} and {m.score for m in doc.marks} == {None}
    assert [b.hints.kept for b in doc.blocks] == [i not in {m.block for m in doc.marks} for i in range(len(doc.blocks))]


def test_what_the_page_says_of_itself():
    meta = extract(PAGE).meta
    assert (meta.title, meta.author, meta.date, meta.sitename) == ("Council votes to rebuild the pier", "Ida Marek", "2024-03-05", "Bay Courier")
    assert meta.url == "https://www.baycourier.example.org/pier" and meta.host == "baycourier.example.org"
    bare = "".join(f"<p>{p}</p>" for p in BODY)
    assert extract(f"<body>{bare}</body>", url="https://paper.example.com/a").meta.url == "https://paper.example.com/a"


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://www.paper.example.co.uk:8080/a?b", "paper.example.co.uk"), ("http://anna.blogs.example.com", "anna.blogs.example.com"), ("/a", None),
     ("http://[broken", None), (None, None)],
)  # fmt: skip
def test_host(url, host):
    assert host_of(url) == host


def test_json_ld_fills_the_gaps_and_broken_json_adds_nothing():
    body = "".join(f"<p>{p}</p>" for p in BODY)
    facts = '{"@context":"https://schema.org","@type":"NewsArticle","headline":"The pier","author":{"@type":"Person","name":"Ida Marek"}}'
    for script, author in ((facts, "Ida Marek"), (facts[:-1], None), ("[1, null]", None), ("[" * 50_000, None)):
        doc = extract(f'<html><head><script type="application/ld+json">{script}</script></head><body>{body}</body></html>')
        assert doc.meta.author == author and not doc.flags


def test_kinds_hints_and_breaks():
    doc = extract(PAGE)
    block = {b.text: b for b in doc.blocks}
    assert block["Council votes to rebuild the pier"].kind == block["A year without a ferry"].kind == "heading"
    assert block["Sport"].kind == "list_item" and block["Sport"].hints.link_density == 1 and block["Sport"].before == "\n"
    row = block["2022 | 4,120 more"]
    assert row.kind == "table_row" and 0 < row.hints.link_density < 0.5 and row.before == "\n"
    assert block[BODY[0]].kind == "paragraph" and block[BODY[0]].before == "\n\n" and doc.blocks[0].before == ""
    assert block["Snow closes the schools"].hints.ancestors[:5] == ("li", "ul", "aside", ".related", ".posts")
    assert block[BODY[0]].hints.ancestors == ("p", "article", ".story", "main", "body", "html")


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        ("<p>One <b>bold</b> <i>two</i>\n three</p>", ["One bold two three"]),
        ("<p>One<br>two<br/><br/>three</p>", ["One", "two", "three"]),
        ("<div>Loose text<p>paragraph</p>tail</div>", ["Loose text", "paragraph", "tail"]),
        ("<p>a<script>x</script>b</p><noscript>n</noscript><style>s</style><svg><text>v</text></svg>", ["ab"]),
        ("<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table>", ["a", "b", "c"]),
        ("<table><tr><td>one cell</td></tr></table>", ["one cell"]),
        ("<table><tr><td>a<br>b</td><td></td><td>c</td></tr></table>", ["a b | c"]),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", ["a", "b", "c"]),
        ("<dl><dt>term</dt><dd>text</dd></dl>", ["term", "text"]),
        ("<figure><img src=x><figcaption>A pier</figcaption></figure>", ["A pier"]),
        ("<pre>First line\nsecond line\n\nNext paragraph</pre>", ["First line second line", "Next paragraph"]),
        ("<pre>\n\n\n\nOne <b>two</b>\n \n\n</pre>three", ["One two", "three"]),
        ("<p>a\u00a0b \u2028 c</p>", ["a b c"]),
        ("<p> \u00a0 </p><p></p>", []),
        ("<!-- note --><p>a<!-- note -->b</p>", ["ab"]),
    ],
)  # fmt: skip
def test_visible_blocks(body, blocks):
    assert texts(f"<html><body>{body}</body></html>") == blocks


@pytest.mark.parametrize("attribute", ["hidden", 'style="color: red; display: none"', 'aria-hidden="true"', 'class="hidden"'])
def test_what_is_hidden_says_so(attribute):
    (block,) = read_blocks(parse(f"<body><div {attribute}><p>x</p></div></body>"))[0]
    assert block.hints.ancestors == ("p", "div", ".hidden", "body", "html")


def test_line_breaks_stand_closer_than_paragraphs():
    blocks = read_blocks(parse("<body><p>a<br>b</p><p>c<br></p><p>d</p></body>"))[0]
    assert [b.before for b in blocks] == ["", "\n", "\n\n", "\n\n"]


def test_reading_leaves_the_tree_as_it_is():
    tree = parse(PAGE)
    before = lxml_html.tostring(tree)
    read_blocks(tree)
    main_blocks(tree)
    assert lxml_html.tostring(tree) == before


@pytest.mark.parametrize(
    ("blocks", "main", "kept"),
    [
        (["menu", "a b c d", "e f g h"], ["a b c d", "e f g h"], [0, 1, 1]),
        (["title", "menu", "title", "body text here"], ["title", "body text here"], [0, 0, 1, 1]),  # the copy beside the text
        (["a b c d e f", "x y z"], ["a b c", "d e f"], [1, 0]),  # split by the extractor
        (["a b c", "d e f", "x y z"], ["a b c d e f"], [1, 1, 0]),  # joined by it
        (["one two three four five six"], ["one two three four five"], [1]),  # shortened
        (["one two three four five six"], ["five six"], [0]),
        ([], ["a"], []),
        (["a"], [], [0]),
    ],
)
def test_verdict(blocks, main, kept):
    assert kept_blocks(blocks, main) == [bool(k) for k in kept]


def test_verdict_on_a_page_of_any_size_is_linear():
    main = [f"paragraph {i} of the text" for i in range(30_000)]
    blocks = [text for i, kept in enumerate(main) for text in (f"entry {i} of the menu", kept)]
    start = time.process_time()
    assert kept_blocks(blocks, main) == [False, True] * len(main)
    assert time.process_time() - start < 5


def test_agreement():
    assert agreement(["a b"], ["a b"]) == 1 and agreement(["a"], ["b"]) == 0 and agreement([], []) == 1


def test_text_from_elsewhere_stands_alone():
    facts = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", "articleBody": " ".join(BODY * 2)})
    doc = extract(f'<html><head><script type="application/ld+json">{facts}</script></head><body><p>Please turn on JavaScript.</p></body></html>')
    assert BODY[1] in doc.text and not doc.marks


@pytest.mark.parametrize(
    ("text", "answer"),
    [(PAGE, True), ("\ufeff \n<!-- a --><!doctype html><p>x", True), ('<?xml version="1.0"?>\n<html xmlns="x">', True), ("<p>One.</p><p>Two.</p>", True),
     ("One.<br>Two.<br />Three.", True), ("<div class='a'>One <b>two</b></div>", True), (BODY[0], False), ("", False), ("a < b and c > d", False),
     ("<3 you all <3", False), ("The <p> and the <div> tag are the ones that every page uses. " * 3, False), ("<rss><item><title>x</title></item></rss>", False),
     (BODY[0] * 5 + "<b>one</b> <i>two</i>", False), ('{"html": 1}', False), ("<!--" * 2000, False)],
)  # fmt: skip
def test_looks_like_html(text, answer):
    assert looks_like_html(text) is answer


P = f"<p>{BODY[0]}</p>" * 4
HOSTILE = {
    "blank": " \n ", "no body": "<html></html>", "head only": "<html><head><title>T</title></head></html>", "fragment": "<p>x</p>", "open": "<p>abc<b>def<p",
    "frames": "<frameset><frame src=x></frameset>", "doctype": "<!doctype html>", "declaration": f'<?xml version="1.0" encoding="iso-8859-1"?><html><body>{P}',
    "NULs": f"<html><body>{P}<p>a\0b</p>", "controls": f"<html><body>{P}<p>\x01\x0b\x1f\x7f\x85 x</p>", "surrogates": f"<html><body>{P}<p>\ud800 x</p>",
    "entities": f"<html><body>{P}<p>&amp;&#0;&#xD800;&#x110000;&bogus;&#99999999999;&lt</p>", "deep": "<html><body>" + "<div>" * 10_000 + P,
    "deep inline": "<html><body><p>" + "<b><i>" * 5_000 + P, "comment": "<html>" + "<!--" * 10_000, "attributes": "<body><p " + "a=1 " * 5_000 + f'class="{"c " * 9_000}">' + P,
    "namespaces": f'<html xmlns:o="urn:x"><body><o:p>x</o:p>{P}<custom-tag>y</custom-tag>', "instructions": f"<body><?php echo 1 ?>{P}",
    "one word": f"<body><p>{'x' * 5_000_000}</p>{P}",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_give_a_document(name):
    doc = extract(HOSTILE[name])
    assert restore(doc).strip() == restore(doc)
    for block in doc.blocks:
        assert block.text == " ".join(block.text.split()) != ""
    assert BODY[0] in doc.text or P not in HOSTILE[name] or name.startswith("deep")


def test_a_page_nested_deeper_than_the_parser_allows_by_default():
    doc = extract("<html><body>" + "<div>" * 600 + P)
    assert BODY[0] in doc.text and len(doc.blocks) == 4


@pytest.mark.parametrize("depth, asked", [(100, True), (300, False)])
def test_of_a_page_nested_too_deep_trafilatura_is_not_asked(monkeypatch, depth, asked):
    calls = []
    monkeypatch.setattr("cleaner.html.page.main_blocks", lambda tree, fast: calls.append(fast) or [])
    monkeypatch.setattr("cleaner.html.model.UNSURE", -1.0)
    doc = extract(PAGE.replace("<body>", "<body>" + "<div>" * depth))
    assert bool(calls) == asked and (BODY[0] in doc.text or asked)


def test_a_page_that_is_not_read_to_its_end_says_so():
    doc = extract("<html><body>" + "".join(f"<p>{line}</p>" for line in BODY) + "<div>" * 3000 + "<p>Behind.</p>")
    assert doc.flags == ("error.TooDeep",) and doc.text == "\n\n".join(BODY) and "2,048" in doc.marks[-1].detail
    assert not extract(PAGE).flags


def test_what_trafilatura_fails_on_is_flagged_and_left_uncut(monkeypatch):
    def fail(tree, fast):
        raise RecursionError("too deep")

    monkeypatch.setattr("cleaner.html.page.main_blocks", fail)
    monkeypatch.setattr("cleaner.html.model.UNSURE", -1.0)
    doc = extract(PAGE)
    assert doc.flags == ("error.RecursionError",) and MENU[0] in doc.text and all(b.hints.kept is None for b in doc.blocks)


@pytest.mark.parametrize("text", ["plain text", "a < b > c", "<<<>>>", "<3"])
def test_a_text_without_tags_is_refused(text):
    with pytest.raises(ValueError, match="segment"):
        extract(text)


@pytest.mark.parametrize("wrong", [None, 3, ["<p>"]])
def test_wrong_types_are_named(wrong):
    with pytest.raises(TypeError, match=type(wrong).__name__):
        extract(wrong)


def test_bytes_are_decoded():
    page = f"<html><head><meta charset=iso-8859-2></head><body>{P}<p>Příliš žluťoučký kůň úpěl ďábelské ódy v celém městě.</p></body></html>"
    doc = extract(page.encode("iso-8859-2"), id="7")
    assert "žluťoučký" in doc.text and doc.meta.encoding and doc.id == "7"
    with pytest.raises(ValueError, match="PDF"):
        extract(b"%PDF-1.7 <p>")


def test_an_article_does_not_depend_on_the_pages_before():
    first = extract(PAGE)
    for _ in range(3):
        extract(PAGE.replace("Monday", "Tuesday"))
    assert extract(PAGE) == first


@pytest.mark.skipif(not NEWS.is_dir(), reason="the evaluation sets (../shared/eval) are not on this machine")
def test_the_text_is_trafilaturas_on_real_pages():
    pages = [gzip.decompress(path.read_bytes()).decode("utf-8", "replace") for path in sorted(NEWS.iterdir())[::10]]
    assert len(pages) > 10
    found = [agreement([extract(page, model=False).text], [b.text for b in main_blocks(parse(page))]) for page in pages]
    assert sum(found) / len(found) > 0.995 and min(found) > 0.95


@given(st.lists(st.sampled_from(["<p>", "</p>", "<div class='x'>", "</div>", "<br>", "<table>", "<tr>", "<td>", "</tr>", "<li>", "<a href=x>", "</a>", "<h2>", "text ", "é", "\n", "\n\n", "&nbsp;", "<pre>", "<!--", "-->"]), max_size=30).map("".join))  # fmt: skip
@settings(deadline=None, max_examples=100)
def test_any_markup_gives_clean_blocks_in_the_order_of_the_page(markup):
    tree = parse(f"<html><body>{markup}</body></html>")
    blocks = read_blocks(tree)[0]
    said = "".join("".join(e.itertext()).split()) if (e := tree.find("body")) is not None else ""
    assert all(b.text == " ".join(b.text.split()) != "" for b in blocks)
    assert "".join("".join(b.text.split()) for b in blocks).replace("|", "") == said
