"""Method and glossary: words only, in order, and the definitions of the indicators used."""

from dataclasses import replace

import pytest

import chapter_made
import chapter_reader
from bolton_jsna.catalogue.indicators import dictionary
from bolton_jsna.chapter.sections import _glossary, method


@pytest.fixture(scope="module")
def given():
    return chapter_made.materials()


@pytest.fixture(scope="module")
def made(given):
    return method.section(given)


def test_parts_have_their_titles(made):
    assert {each.key: each.title for each in chapter_reader.below(made)} == method.TITLES


def test_tables_of_words_have_no_empty_cell(made):
    tables = chapter_reader.tables(made)
    assert set(tables) == {"methods", "definitions", "glossary"}
    for each in tables.values():
        assert all(len(row) == len(each.columns) for row in each.rows)
        assert all(cell.text.strip() for row in each.rows for cell in row)


def test_terms_are_in_order_and_each_is_there_once():
    terms = [term for term, _ in _glossary.TERMS]
    assert terms == sorted(terms, key=str.casefold)
    assert len(terms) == len(set(terms))
    measures = [each[0] for each in _glossary.METHODS]
    assert len(measures) == len(set(measures))


def test_every_method_has_a_reference():
    assert all(len(each) == 3 and each[2].strip() for each in _glossary.METHODS)


def test_definitions_are_those_of_the_dictionary(given, made):
    table = chapter_reader.tables(made)["definitions"]
    every = given.tables["profile"]["indicator"].tolist()
    used = [each for each in every if not each.startswith("factor_")]
    assert len(used) < len(every)
    assert table.notes[0].startswith("Factors at assessment: of the cases assessed")
    known = dictionary()
    assert [row[1].text for row in table.rows] == [known[each].definition for each in used]
    assert chapter_reader.faults(made, chapter_reader.facts(given)) == []


def test_without_a_profile_the_rest_is_there(given):
    made = method.section(replace(given, tables={}))
    assert "bolton-jsna refresh" in chapter_reader.text(made, "missing")
    assert set(chapter_reader.tables(made)) == {"methods", "glossary"}
