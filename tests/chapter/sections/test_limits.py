"""What the figures cannot say: facts that always hold, and those of this chapter."""

from dataclasses import replace

import pytest

import chapter_made
import chapter_reader
from bolton_jsna.chapter.sections import limits


@pytest.fixture(scope="module")
def given():
    return chapter_made.materials()


@pytest.fixture(scope="module")
def made(given):
    return limits.section(given)


def test_facts_that_always_hold_are_there(made):
    words = chapter_reader.text(made)
    for each in (
        "Use of services is not need",
        "record referrals in different ways",
        "Wards are not families",
        "A hidden figure",
        "A projection shows",
    ):
        assert each in words


def test_notes_of_the_build_are_there_once(given, made):
    notes = [each.text for each in chapter_reader.paragraphs(made, "note")]
    assert notes
    assert len(notes) == len(set(notes))
    assert any("are modelled" in each for each in notes)
    assert any("does not mean that the area is unusual" in each for each in notes)
    assert given.rule not in notes


def test_a_note_of_one_edition_does_not_contradict_a_chapter_of_two(given, made):
    assert "do not compare these figures with those of another" not in chapter_reader.text(made)
    editions = given.tables["deprivation_by_edition"]
    one = editions[editions["edition"] == 2025]
    alone = limits.section(replace(given, tables=given.tables | {"deprivation_by_edition": one}))
    assert "do not compare these figures with those of another" in chapter_reader.text(alone)


def test_where_no_figure_is_hidden_none_is_spoken_of(given):
    wards = given.tables["ward_profile"].assign(plans_status="value")
    counts = given.tables["local_counts"].assign(status="value")
    tables = given.tables | {"ward_profile": wards, "local_counts": counts}
    rounded = "Every count is moved to a multiple of 5 so that totals add up; no count is hidden."
    made = limits.section(replace(given, tables=tables, rule=rounded, notes=()))
    assert "A hidden figure" not in chapter_reader.text(made)


def test_nothing_is_said_of_figures_that_are_not_there(given):
    bare = limits.section(replace(given, tables={}, notes=(), rule=""))
    words = chapter_reader.text(bare)
    assert "Use of services is not need" in words
    for each in ("Wards", "hidden figure", "projection"):
        assert each not in words
    assert bare.sections == ()
