"""Every stage and the pipeline on str, Document, Series and DataFrame."""
from __future__ import annotations

import pickle

import pandas as pd
import pytest

import cleaner
from cleaner.stage import stage

TEXT = "The harbour council of Velmond approved the new ferry line on Tuesday.\n\nLeave A Reply\n\nIt starts in May, the mayor said."
CUTTING = [cleaner.repair, cleaner.boilerplate, cleaner.duplicates]
STAGES = [*CUTTING, cleaner.language, cleaner.topic]


@pytest.mark.parametrize("stage", STAGES, ids=lambda s: s.__name__)
def test_document_in_document_out(stage):
    doc = cleaner.segment(TEXT, id="a")
    out = stage(doc)
    assert isinstance(out, cleaner.Document) and out.id == "a" and out.blocks == doc.blocks


@pytest.mark.parametrize("stage", CUTTING, ids=lambda s: s.__name__)
def test_series_keeps_index_name_and_missing_values(stage):
    series = pd.Series([TEXT, None, "", float("nan")], index=[7, 3, 5, 1], name="body", dtype=object)
    out = stage(series)
    assert list(out.index) == [7, 3, 5, 1] and out.name == "body"
    assert out[7] == stage(TEXT) and out[3] is None and out[5] == "" and out[1] != out[1]


@pytest.mark.parametrize("stage", CUTTING, ids=lambda s: s.__name__)
def test_frame_keeps_other_columns(stage):
    frame = pd.DataFrame({"body": [TEXT, None], "n": [1, 2]}, index=["x", "y"])
    out = stage(frame)
    assert list(out.columns) == ["body", "n"] and list(out.index) == ["x", "y"] and list(out["n"]) == [1, 2]
    assert out.loc["x", "body"] == stage(TEXT) and pd.isna(out.loc["y", "body"])
    assert frame.loc["x", "body"] == TEXT


def test_language_and_topic_answer_in_their_own_way():
    assert cleaner.language(TEXT).lang == "en"
    assert cleaner.topic(TEXT, title="Ferry line") == []
    frame = cleaner.language(pd.DataFrame({"text": [TEXT, None]}))
    assert frame["lang"].tolist()[0] == "en" and frame["text"].tolist()[0] == TEXT and pd.isna(frame["lang"].tolist()[1])


def test_clean_answers_in_the_type_it_was_asked():
    assert isinstance(cleaner.clean(TEXT), cleaner.Document)
    assert "Leave A Reply" not in cleaner.clean(TEXT).text
    assert cleaner.clean(TEXT.encode("utf-16")).text == cleaner.clean(TEXT).text
    assert cleaner.clean(cleaner.segment(TEXT)).text == cleaner.clean(TEXT).text
    assert cleaner.clean(pd.Series([TEXT, None]))[0] == cleaner.clean(TEXT).text
    out = cleaner.clean(pd.DataFrame({"story": [TEXT, None], "n": [1, 2]}, index=[4, 9]), text="story")
    assert list(out.columns) == ["story", "n", "lang", "flags", "status", "duplicate_of", "marks"] and list(out.index) == [4, 9]
    assert out.loc[4, "story"] == cleaner.clean(TEXT).text and out.loc[4, "lang"] == "en" and out.loc[4, "status"] == "ok"
    assert [m["rule"] for m in out.loc[4, "marks"]] == [m.rule for m in cleaner.clean(TEXT).marks]
    assert cleaner.clean(None) is None


def test_empty_texts_stay_empty():
    for stage in CUTTING:
        assert stage("") == ""
    doc = cleaner.clean("  \n ")
    assert doc.text == "" and cleaner.restore(doc) == "  \n "


@pytest.mark.parametrize("door", [*STAGES, cleaner.clean], ids=lambda s: s.__name__)
@pytest.mark.parametrize("wrong", [3, ["a"], object()])
def test_a_wrong_type_names_the_accepted_ones(door, wrong):
    with pytest.raises(TypeError, match="expected str, Document, pandas.Series or pandas.DataFrame, not"):
        door(wrong)


def test_wrong_names_are_answered_with_the_good_ones():
    with pytest.raises(TypeError, match="no option"):
        cleaner.repair(TEXT, typografy=False)
    with pytest.raises(KeyError, match="no column 'txt'; the table has: body"):
        cleaner.repair(pd.DataFrame({"body": [TEXT]}), text="txt")
    with pytest.raises(KeyError, match="no text column among a, b"):
        cleaner.clean(pd.DataFrame({"a": [1], "b": [2]}))
    with pytest.raises(AttributeError, match="no attribute 'cleen'"):
        cleaner.cleen


def test_a_users_function_goes_into_the_list():
    def shout(doc: cleaner.Document) -> cleaner.Document:
        return doc.add([cleaner.Mark(0, 0, 3, "shout", "shout.first", "flag")])

    doc = cleaner.Pipeline([cleaner.boilerplate, shout])(TEXT)
    assert "shout.first" in doc.flags and "Leave A Reply" not in doc.text


def test_a_stage_that_raises_becomes_a_mark():
    @stage
    def broken(doc: cleaner.Document) -> cleaner.Document:
        raise ZeroDivisionError("no blocks to divide by")

    def wrong(doc):
        return "text"

    doc = cleaner.Pipeline([broken, wrong, cleaner.boilerplate])(TEXT)
    assert doc.flags == ("error.TypeError", "error.ZeroDivisionError")
    assert "no blocks to divide by" in doc.marks[0].detail and "Leave A Reply" not in doc.text


def test_options_come_from_the_signature():
    @stage
    def limit(doc: cleaner.Document, *, words: int = 3) -> cleaner.Document:
        return doc.add([cleaner.Mark(0, 0, words, "limit", "limit.words", "flag")])

    assert [(o.name, o.annotation, o.default) for o in limit.options().values()] == [("words", int, 3)]
    assert limit.with_(words=5)(cleaner.segment(TEXT)).marks[0].end == 5
    assert limit(cleaner.segment(TEXT), words=7).marks[0].end == 7


def test_stages_travel_to_other_processes():
    again = pickle.loads(pickle.dumps(cleaner.boilerplate.with_(context=False)))
    assert again.settings == {"context": False} and again(TEXT) == cleaner.boilerplate(TEXT, context=False)
