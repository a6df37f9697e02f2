"""Sources and licences: each source once, with the line that its publisher asks for."""

from dataclasses import replace

import pandas as pd
import pytest

import chapter_made
import chapter_reader
from bolton_jsna.chapter.sections import sources


@pytest.fixture(scope="module")
def given():
    return chapter_made.materials()


@pytest.fixture(scope="module")
def made(given):
    return sources.section(given)


def test_each_source_of_the_build_is_a_row(given, made):
    table = chapter_reader.tables(made)["list_of_sources"]
    rows = given.tables["sources"]
    assert [row[0].text for row in table.rows] == rows["title"].tolist()
    assert [row[-1].text for row in table.rows] == rows["licence"].tolist()
    # None of the files of the library has a day on which it was fetched.
    assert "Retrieved" not in [each.name for each in table.columns]
    assert list(table.ids) == [
        f"sources:{each.source}/{each.publisher}" for each in rows.itertuples()
    ]


def test_each_line_that_a_publisher_asks_for_is_there_once(given, made):
    part = chapter_reader.part(made, "sources_licences")
    lines = [each.text for each in chapter_reader.paragraphs(part)]
    for each in given.tables["sources"]["attribution"].unique():
        assert lines.count(each) == 1


def test_the_link_to_the_licence_says_where_it_goes(made):
    (link,) = [
        span for each in chapter_reader.paragraphs(made) for span in each.spans if span.address
    ]
    assert link.text == "Open Government Licence v3.0"
    assert link.address.startswith("https://www.nationalarchives.gov.uk/")


def test_the_day_of_retrieval_is_shown_where_it_is_known(given, made):
    rows = given.tables["sources"].copy()
    rows["retrieved"] = pd.Series([None] * len(rows), dtype=object)
    rows.loc[0, "retrieved"] = "2026-10-03T07:15:00+00:00"
    dated = sources.section(replace(given, tables=given.tables | {"sources": rows}))
    table = chapter_reader.tables(dated)["list_of_sources"]
    assert table.rows[0][3].text == "2026-10-03"
    assert table.rows[1][3].text == "No date"
    assert "comes with the library" in table.notes[0]


def test_a_rebuild_is_described_with_version_and_record(given, made):
    words = chapter_reader.text(chapter_reader.part(made, "sources_again"))
    assert given.version in words
    assert "run.json" in words
    assert "bolton-jsna chapter --area Bolton" in words


def test_a_place_of_two_words_is_quoted_in_the_command(given):
    area = replace(given.place, name="Isle of Wight")
    words = chapter_reader.text(sources.section(replace(given, place=area)))
    assert 'bolton-jsna chapter --area "Isle of Wight"' in words


def test_without_a_list_the_command_is_named(given):
    made = sources.section(replace(given, tables={}))
    assert "bolton-jsna build" in chapter_reader.text(made, "missing")
    assert chapter_reader.tables(made) == {}
