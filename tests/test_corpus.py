"""The corpus pass: templates of a site, versions of a document, wire paragraphs; the same for any order and any batches."""
from __future__ import annotations

import pickle
import random
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import cleaner
from cleaner.corpus import fit as corpus
from cleaner.corpus.apply import apply
from cleaner.corpus.fit import fit, rows
from cleaner.corpus.stats import Stats
from cleaner.corpus.templates import host_of
from cleaner.document import Block, Document, Meta

SUBJECTS = "council harbour school orchestra library market hospital railway theatre bakery museum station stadium forest bridge".split()
VERBS = "approved delayed opened closed repaired praised sold bought painted visited counted measured renamed".split()
THINGS = "boats windows timetables gardens pictures contracts lanterns pianos ovens maps rails tickets trees benches books".split()
PLACES = "Velmond Orsk Lindenau Varennes Castell Dorn Elmsay Farholt Grenna Hovik Istrand Jasna".split()


def sentence(r: random.Random) -> str:
    return (
        f"The {r.choice(SUBJECTS)} of {r.choice(PLACES)} {r.choice(VERBS)} {r.randint(2, 900)} {r.choice(THINGS)} and {r.randint(2, 900)} "
        f"{r.choice(THINGS)} before the {r.choice(SUBJECTS)} near {r.choice(PLACES)} {r.choice(VERBS)} its {r.choice(THINGS)}."
    )


def article(number: int, paragraphs: int = 8) -> list[str]:
    r = random.Random(number)
    return [" ".join(sentence(r) for _ in range(2)) for _ in range(paragraphs)]


def page(id: str, host: str, paragraphs: list[str], title: str = "", date: str = "2025-01-01") -> Document:
    return Document(id, tuple(Block(p, before="\n") for p in paragraphs), (), Meta(host=host, title=title, date=date))


def site(host: str, pages: int, start: int = 0) -> list[Document]:
    """A host with constant lines, a date, an author, a lead-in and the titles of the three pages before."""
    out, titles = [], [f"How the {SUBJECTS[n % 15]} number {n} came to {host}" for n in range(start, start + pages)]
    for n in range(pages):
        r = random.Random(f"{host}{n}")
        head = [f"{host} evening desk", f"Published {r.randint(1, 28)} May 2024, {r.randint(10, 23)}:{r.randint(10, 59)}"]
        lead = [f"Nearby on {host}: {sentence(r)[:40]}"]
        tail = ["Join the circle for the desk letter", *titles[max(0, n - 3) : n]]
        out.append(page(f"{host}/{n}", host, [*head, titles[n], *article(hash_free(host, n)), *lead, *tail], titles[n]))
    return out


def hash_free(host: str, n: int) -> int:
    return sum(map(ord, host)) * 10_000 + n


CORPUS = [d for name in ("alpha.example", "beta.example", "gamma.example") for d in site(name, 20)]
COPY = {"id": "copy", "host": "delta.example", "title": "A title of its own", "date": "2025-02-02"}


@pytest.fixture(scope="module")
def stats() -> Stats:
    return fit(CORPUS)


def cuts(doc: Document) -> dict[str, str]:
    return {doc.blocks[m.block].text: m.rule for m in doc.marks if m.action == "cut"}


def test_template_lines_are_cut_and_the_article_stays(stats):
    doc = CORPUS[10]
    found = cuts(apply(doc, stats))
    assert found["alpha.example evening desk"] == "boilerplate.template_line"
    assert found["Join the circle for the desk letter"] == "boilerplate.template_line"
    assert found[doc.blocks[1].text] == "boilerplate.template_masked"
    assert found[next(b.text for b in doc.blocks if b.text.startswith("Nearby"))] == "boilerplate.template_lead_in"
    assert [found[b.text] for b in doc.blocks[-3:]] == ["boilerplate.template_title"] * 3
    assert doc.meta.title not in found
    assert not set(article(hash_free("alpha.example", 10))) & set(found)


def test_a_mark_carries_the_evidence(stats):
    mark = apply(CORPUS[10], stats).marks[0]
    assert mark.detail == "on 20 of 20 stories of this host" and mark.score == 1.0
    assert apply(apply(CORPUS[10], stats), stats).marks == apply(CORPUS[10], stats).marks, "a second run finds nothing more"


def test_a_page_of_the_next_day_is_judged_by_the_saved_statistics(stats, tmp_path):
    stats.save(tmp_path / "stats.parquet")
    tomorrow = page("new", "www.alpha.example", ["alpha.example evening desk", *article(77), "Join the circle for the desk letter"], "A new one")
    assert set(cuts(apply(tomorrow, Stats.load(tmp_path / "stats.parquet")))) == {"alpha.example evening desk", "Join the circle for the desk letter"}


def test_statistics_survive_saving(stats, tmp_path):
    stats.save(tmp_path / "stats.parquet")
    assert Stats.load(tmp_path / "stats.parquet") == stats


def test_statistics_answer_like_dictionaries_in_whatever_order_their_rows_come():
    rng = random.Random(8)
    keys = [rng.getrandbits(64) for _ in range(60)]
    hosts = {f"{name}.example": rng.randint(3, 99) for name in ("b", "ä", "a-b", "a", "zz", "日本")}
    rows = [{"about": "host", "host": host, "count": n} for host, n in hosts.items()]
    rows += [{"about": "line", "host": rng.choice(list(hosts)), "key": key, "count": 5, "hosts": n, "share": 0.5} for n, key in enumerate(keys)]
    rows += [{"about": "title", "host": rng.choice(list(hosts)), "key": key} for key in keys]
    rows += [{"about": about, "key": key, "id": str(n), "other": "日", "share": 0.9} for about in ("duplicate", "contained") for n, key in enumerate(keys)]
    rows += [{"about": "wire", "key": key, "cluster": keys[0], "count": 3} for key in keys]
    rng.shuffle(rows)
    found, copies = Stats.of(rows, len(hosts)), {r["key"]: (r["id"], r["other"], r["share"]) for r in rows if r["about"] == "duplicate"}
    assert dict(found.copies) == copies and list(found.copies) == sorted(keys) and keys[0] + 1 not in found.copies and found.copies.get(5) is None
    assert dict(found.wire) == {key: (keys[0], 3) for key in keys} and dict(found.inside) == copies
    assert {host: site.stories for host, site in found.sites.items()} == hosts and "c.example" not in found.sites and "" not in found.sites
    for host, site in found.sites.items():
        assert dict(site.lines) == {r["key"]: (5, 0.5, r["hosts"]) for r in rows if r["about"] == "line" and r["host"] == host}
        assert site.titles == {r["key"] for r in rows if r["about"] == "title" and r["host"] == host} and 5 not in site.titles
    assert found == pickle.loads(pickle.dumps(found)) and found.digest == Stats.of(reversed(rows), len(hosts)).digest


def test_statistics_take_little_memory_for_each_copy():
    """Every worker holds them, and a corpus of millions has hundreds of thousands."""
    number = 20_000
    rows = ({"about": "duplicate", "key": n << 32, "id": f"{n:08}", "other": f"{n + 1:08}", "share": 0.9} for n in range(number))
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    found = Stats.of(rows, 0)
    taken = tracemalloc.get_traced_memory()[0] + pa.total_allocated_bytes() - before
    tracemalloc.stop()
    assert len(found.copies) == number and taken < 100 * number


def test_statistics_of_other_keys_are_refused(stats, tmp_path):
    path = tmp_path / "stats.parquet"
    stats.save(path)
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, b"cleaner.text.keys": b"keys-0: md5"}), path)
    with pytest.raises(ValueError, match=r"other keys \(keys-0: md5\).*cleaner fit"):
        Stats.load(path)
    pq.write_table(table.select(["id"]).replace_schema_metadata({}), path)
    with pytest.raises(ValueError, match="no statistics file"):
        Stats.load(path)
    path.write_text("not parquet")
    with pytest.raises(ValueError, match="no statistics file"):
        Stats.load(path)


def test_nothing_is_cut_on_a_host_of_two_stories_or_without_a_host():
    few = site("delta.example", 2)
    assert fit(few).sites == {}
    unknown = [page(str(n), "", ["Same line on all pages", *article(n)]) for n in range(8)]
    assert not apply(unknown[0], fit(unknown)).marks


def test_versions_of_one_story_do_not_look_like_a_template():
    text = article(1)
    pages = [page(str(n), "delta.example", [*text[:7], sentence(random.Random(n))]) for n in range(4)]
    pages += [page(f"other {n}", "delta.example", article(50 + n)) for n in range(8)]
    stats = fit(pages)
    assert not any(cuts(apply(p, stats)) for p in pages)


@pytest.mark.parametrize("batch", [1, 7, 256])
def test_order_and_batches_do_not_matter(stats, batch, monkeypatch):
    monkeypatch.setattr(corpus, "BATCH", batch)
    shuffled = random.Random(batch).sample(CORPUS, len(CORPUS))
    assert fit(shuffled) == stats
    assert fit(b for half in (shuffled[:25], shuffled[25:]) for b in rows(half)) == stats, "keys made elsewhere, by two workers"


def test_copies_of_one_page_are_one_story():
    pages = [page(str(n), "delta.example", article(1)) for n in range(6)]
    assert not any(cuts(apply(p, fit([*pages, page("other", "delta.example", article(2))]))) for p in pages)


def test_documents_with_the_same_words_have_one_original():
    text = article(3)
    copies = [
        page("late", "b.example", text, date="2025-03-01"),
        page("early", "a.example", [t.upper() for t in text], date="2025-02-01"),
        page("undated", "c.example", text, date=""),
        page("alone", "c.example", article(4), date="2024-01-01"),
    ]
    found = fit(copies)
    assert {d.id: found.duplicate_of(d.id) for d in copies} == {"late": "early", "early": None, "undated": "early", "alone": None}


def test_of_one_day_the_longer_version_is_the_original_then_the_smaller_id():
    text = article(5)
    found = fit([page("a", "a.example", text[:6]), page("b", "b.example", text), page("c", "c.example", text)])
    assert {i: found.duplicate_of(i) for i in "abc"} == {"a": "b", "b": None, "c": "b"}


def test_stories_that_share_background_stay_apart_and_parts_are_only_reported():
    text, other = article(6, 12), article(7, 12)
    found = fit([page("one", "a.example", text), page("two", "b.example", [*other, *text[-2:]]), page("brief", "c.example", text[:3])])
    assert found.copies == {}
    assert found.contained_in("brief") in (None, "one")


def test_wire_paragraphs_are_flagged_never_cut_and_other_facts_stay_apart():
    wire = "Officials in Orsk said on Monday that 31 boats were lost in the storm, while Irma Castellan of the coast guard praised the crews."
    retold = wire.replace("Castellan", "Kastelan").replace(" in the storm", " in the great storm")
    facts = wire.replace("31", "47").replace("Irma Castellan", "Jonas Whitlock")
    docs = [page(str(n), f"{h}.example", [*article(20 + n), p]) for n, (h, p) in enumerate([("a", wire), ("b", wire), ("c", retold), ("d", facts)])]
    found = fit(docs)
    marks = [[m for m in apply(d, found).marks] for d in docs]
    assert [[(m.rule, m.action) for m in of] for of in marks] == [[("duplicate.wire", "flag")]] * 3 + [[]]
    assert {m.score for of in marks for m in of} == {3.0}
    assert len({w.cluster for w in found.wire.values()}) == 1


def test_an_empty_corpus_gives_empty_statistics():
    assert fit([]) == Stats()
    assert fit([Document("empty"), page("blank", "a.example", ["—"])]).copies == {}


def test_a_dataframe_is_a_corpus_too():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        [{"id": d.id, "body": "\n".join(b.text for b in d.blocks), "host": d.meta.host, "title": d.meta.title, "date": d.meta.date} for d in CORPUS]
        + [{"id": "none", "body": None, "host": None, "title": None, "date": None}, {**COPY, "body": "\n".join(article(hash_free("alpha.example", 4)))}]
    )
    found = cleaner.fit(frame, text="body")
    assert found == cleaner.fit(frame.sample(frac=1, random_state=1)) and set(found.sites) == {"alpha.example", "beta.example", "gamma.example"}
    out = cleaner.clean(frame, stats=found, text="body").set_index("id")
    plain = cleaner.clean(frame, text="body").set_index("id")
    assert out["duplicate_of"].dropna().to_dict() == {"copy": "alpha.example/4"} and not plain["duplicate_of"].notna().any()
    alone = cleaner.boilerplate.with_(context=False)(frame, text="body")  # a page by itself gives the line away only to the block model
    assert alone["body"].str.contains("Join the circle for the desk letter", na=False).sum() == 60
    assert not out["body"].str.contains("Join the circle for the desk letter", na=False).any()
    assert cleaner.Pipeline([cleaner.repeats], stats=found)(frame, text="body").set_index("id")["duplicate_of"].dropna().to_dict() == {"copy": "alpha.example/4"}
    with pytest.raises(TypeError, match="DataFrame"):
        cleaner.fit(frame["body"])
    with pytest.raises(ValueError, match="cleaner.repeats"):
        cleaner.Pipeline([cleaner.repair], stats=found)


def test_the_stage_takes_statistics_or_their_path(stats, tmp_path):
    stats.save(tmp_path / "stats.parquet")
    by_path = cleaner.repeats.with_(stats=str(tmp_path / "stats.parquet"))(CORPUS[10])
    assert by_path == cleaner.repeats.with_(stats=stats)(CORPUS[10]) != CORPUS[10] == cleaner.repeats(CORPUS[10])


def test_records_with_one_id_are_told_apart_by_their_text():
    one, other, copy = page("x", "a.example", article(8)), page("x", "a.example", article(9)), page("y", "b.example", article(9), date="2025-03-01")
    found = fit([one, other, copy])
    marks = [[(m.rule, m.detail) for m in apply(d, found).marks if m.rule == "duplicate.document"] for d in (one, other, copy)]
    assert marks == [[], [], [("duplicate.document", "x")]]
    assert fit([one, one, copy, other, copy]) == found, "what is read twice counts once"


def test_an_address_without_a_host_ends_nothing():
    assert host_of(Document("a", meta=Meta(url="http://]/"))) == "" and host_of(Document("b", meta=Meta(url="https://www.a.example/"))) == "a.example"
