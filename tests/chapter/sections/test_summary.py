"""At a glance: at most ten lines, each with the row that it rests on."""

from dataclasses import replace

import pytest

import chapter_made
import chapter_reader
from bolton_jsna.chapter.document import Bullets
from bolton_jsna.chapter.sections import summary


@pytest.fixture(scope="module")
def given():
    return chapter_made.materials()


@pytest.fixture(scope="module")
def made(given):
    return summary.section(given)


def lines(section):
    return [each for block in section.blocks if isinstance(block, Bullets) for each in block.items]


def test_each_line_is_in_the_row_that_it_names(given, made):
    assert chapter_reader.faults(made, chapter_reader.facts(given)) == []
    assert all(span.rows for each in lines(made) for span in each.spans if span.text.strip())


def test_it_has_all_subjects_and_at_most_ten_lines(made):
    words = [each.text for each in lines(made)]
    assert len(words) == 8
    for at, each in enumerate(
        (
            "3,803 referrals in Bolton, 503 per 10,000",
            "401 child protection plans started",
            "319 children on a child protection plan",
            "2,184 children in need",
            "75,599 children aged 0-17 at mid-2024",
            "6.4 per cent fewer children aged 0-17 at mid-2030 than at mid-2022",
            "35 of the 177 LSOAs of Bolton (19.8 per cent) are in England's most deprived 10",
            "about 3,612 referrals, year ending 31 March 2030 (80 per cent interval 2,524 to",
        )
    ):
        assert each in words[at]


def test_readers_learn_first_what_is_made_up_and_hidden(given, made):
    words = chapter_reader.text(made, "caution")
    assert "illustrative" in words
    assert "Counts from 0 to 5 are hidden" in words
    assert "does not make an area unusual" in words
    tables = {each: given.tables[each] for each in ("profile", "rates")}
    own = summary.section(replace(given, illustrative=False, rule="", tables=tables))
    words = chapter_reader.text(own, "caution")
    assert "illustrative" not in words
    assert "hidden" not in words


def test_a_word_of_chance_brings_its_caution_and_no_word_none(given):
    profile = given.tables["profile"].copy()
    profile["against_england"] = "similar"
    alike = summary.section(replace(given, tables=given.tables | {"profile": profile}))
    assert "does not make an area unusual" not in chapter_reader.text(alike)


def test_a_hidden_figure_is_named_hidden(given):
    profile = given.tables["profile"].copy()
    at = (profile["indicator"] == "cpp_at_31_march").to_numpy()
    profile.loc[at, ["count", "value", "lower", "upper", "published_value"]] = None
    profile.loc[at, "status"] = "suppressed"
    made = summary.section(replace(given, tables=given.tables | {"profile": profile}))
    (line,) = [each.text for each in lines(made) if "protection plan in Bolton" in each.text]
    assert "hidden" in line
    assert "319" not in line


def test_lines_without_figures_are_left_out(given):
    gone = {"projected_demand", "children_by_age_band"}
    kept = {name: each for name, each in given.tables.items() if name not in gone}
    assert len(lines(summary.section(replace(given, tables=kept)))) == 5


def test_without_any_figure_it_names_the_command(given):
    made = summary.section(replace(given, tables={}, missing={}))
    assert lines(made) == []
    assert "bolton-jsna refresh --only children_in_need" in chapter_reader.text(made, "missing")


def test_a_projection_that_an_estimate_has_overtaken_is_named_at_once(made):
    (line,) = [each.text for each in lines(made) if "fewer children aged 0-17" in each.text]
    assert "The estimate of mid-2024 is 4.6 per cent above what it has for that year." in line
