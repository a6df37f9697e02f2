"""The section on deprivation: hidden wards give nothing away, and no fifth is shown in part."""

from dataclasses import replace

import pandas as pd
import pytest

import chapter_made
import chapter_reader
from bolton_jsna.building import _chapter_deprivation
from bolton_jsna.chapter.sections import deprivation

PARTS = ("rate", "lower", "upper")


@pytest.fixture(scope="module")
def given():
    return chapter_made.materials()


@pytest.fixture(scope="module")
def made(given):
    return deprivation.section(given)


def again(given, wards, **changed):
    """The materials with another ward profile, and the tables that are made from it."""
    repeats = {"referrals": 1.2, "cpp_at_31_march": 1.0}
    tables = _chapter_deprivation.deprivation_tables(wards, repeats)
    kept = {name: each for name, each in given.tables.items() if "deprivation_" not in name}
    return replace(given, tables=kept | {"ward_profile": wards} | tables, **changed)


def hidden(given, name, wards):
    """The ward profile with the figures of some wards hidden."""
    frame = given.tables["ward_profile"].copy()
    at = frame["area_name"].isin(wards).to_numpy()
    frame.loc[at, name] = pd.NA
    frame.loc[at, [f"{name}_{each}" for each in PARTS]] = float("nan")
    frame.loc[at, f"{name}_status"] = "suppressed"
    return frame


def not_counted(given, name):
    """The ward profile of an extract that does not have an event."""
    frame = given.tables["ward_profile"].copy()
    frame[name] = pd.array([None] * len(frame), dtype="Int64")
    frame[[f"{name}_{each}" for each in PARTS]] = float("nan")
    frame[f"{name}_status"] = "not_available"
    return frame


def wards_of(given):
    return given.tables["ward_profile"]["area_name"].tolist()


def test_each_figure_is_in_the_row_that_it_names(given, made):
    assert chapter_reader.faults(made, chapter_reader.facts(given)) == []


def test_a_reader_finds_a_wrong_figure(given, made):
    rows = chapter_reader.facts(given)
    rows["deprivation_fifths:referrals/1/2025"]["rate"] = 500.0
    assert any("584" in each for each in chapter_reader.faults(made, rows))


def test_parts_have_titles_and_figures_their_tables(made):
    assert {each.key: each.title for each in chapter_reader.below(made)} == deprivation.TITLES
    # The figures of the scatter chart are in the table below the map.
    assert chapter_reader.out_of_place(made) == ["scatter_referrals"]
    assert chapter_reader.twice(made) == []


def test_ends_of_the_order_and_the_slope_are_in_words(made):
    words = chapter_reader.text(chapter_reader.part(made, "deprivation_referrals_link"))
    assert (
        "In the most deprived fifth of the wards there were 1,345 referrals, 584 per 10,000 "
        "children (95% interval 550 to 619)." in words
    )
    assert "The slope index of inequality is 329 per 10,000 children" in words
    assert "Across 20 wards, the rate of referrals is 1.08 times as high" in words


def test_figures_by_ward_are_marked_as_illustrative(made):
    assert "illustrative" in chapter_reader.text(made, "caution")
    for each in chapter_reader.tables(made).values():
        assert each.illustrative
    for part in made.sections:
        for each in chapter_reader.paragraphs(part, "body"):
            assert each.text.startswith("Illustrative figures:")


def test_the_authoritys_own_figures_are_not_called_illustrative(given):
    frame = given.tables["ward_profile"].assign(illustrative=False)
    own = deprivation.section(again(given, frame, illustrative=False))
    assert "llustrative" not in chapter_reader.text(own)


def test_areas_are_not_families(made):
    assert "areas, not families" in chapter_reader.text(made, "caution")


def test_the_chart_has_the_figures_of_the_table(given):
    spec = given.drawings["deprivation_referrals"].drawing.chart.spec
    assert "wards of Bolton" in spec.subtitle
    drawn = spec.data
    fifths = given.tables["deprivation_fifths"]
    own = fifths[fifths["event"] == "referrals"].sort_values("fifth")
    for name in ("count", *PARTS):
        assert drawn[name].astype(float).tolist() == own[name].astype(float).tolist()


def test_one_hidden_ward_hides_its_fifth_and_no_total_is_implied(given):
    found = again(given, hidden(given, "referrals", ["Rumworth"]))
    made = deprivation.section(found)
    assert chapter_reader.faults(made, chapter_reader.facts(found)) == []
    part = chapter_reader.part(made, "deprivation_referrals_link")
    words = chapter_reader.text(part)
    assert "In the most deprived fifth of the wards the number of referrals is hidden." in words
    assert "There is no slope index of inequality" in words
    assert "1 of 20 wards is left out (1 suppressed)" in words
    assert "A fifth with a hidden ward has no figure" in chapter_reader.text(part, "caution")
    fifths = chapter_reader.tables(part)["fifths_referrals"].rows
    assert [cell.text for cell in fifths[0]][2] == "[c]"
    assert [cell.text for cell in fifths[0]][4:] == ["[c]", "[c]", "[c]"]
    assert fifths[1][2].text == "981"
    # 357 referrals in Rumworth, 1,345 in its fifth, 3,772 in all wards.
    everything = " ".join(
        [
            words,
            *(
                cell.text
                for each in chapter_reader.tables(made).values()
                for row in each.rows
                for cell in row
            ),
        ]
    )
    for figure in ("357", "1,345", "598.7", "3,772"):
        assert figure not in everything
    assert "remaining" not in words


def test_wards_hidden_everywhere_are_not_compared(given):
    frame = hidden(given, "referrals", wards_of(given))
    made = deprivation.section(again(given, frame))
    part = chapter_reader.part(made, "deprivation_referrals_link")
    assert "are hidden or not available" in chapter_reader.text(part, "missing")
    assert chapter_reader.tables(part) == {}
    table = chapter_reader.tables(made)["wards_referrals"]
    assert {row[2].text for row in table.rows} == {"[c]"}
    assert chapter_reader.text(chapter_reader.part(made, "deprivation_wards"), "body") == ""


def test_few_wards_have_no_fifths_and_the_reason_is_given(given):
    frame = given.tables["ward_profile"].head(12)
    why = {"deprivation_referrals": "12 areas have a value; 15 are needed for 5 groups"}
    rest = {each: one for each, one in given.drawings.items() if "deprivation_" not in each}
    made = deprivation.section(again(given, frame, missing=why, drawings=rest))
    part = chapter_reader.part(made, "deprivation_referrals_link")
    assert "15 are needed for 5 groups" in chapter_reader.text(part, "missing")
    assert "Across 12 wards" in chapter_reader.text(part)


def test_without_local_records_it_names_how_to_give_them(given):
    kept = ["area_code", "area_name", "idaci_score", "children_0_17"]
    bare = replace(given, tables={"ward_profile": given.tables["ward_profile"][kept]})
    for each in (bare, replace(given, tables={})):
        made = deprivation.section(each)
        assert "--local-records FILE" in chapter_reader.text(made, "missing")
        assert chapter_reader.tables(made) == {}


def test_plans_that_the_extract_does_not_have_are_named(given):
    made = deprivation.section(again(given, not_counted(given, "plans")))
    assert "no children on protection plans by ward" in chapter_reader.text(made, "missing")
    assert "deprivation_plans_link" not in [each.key for each in made.sections]


def test_an_extract_of_plans_alone_has_their_part_alone(given):
    found = again(given, not_counted(given, "referrals"))
    made = deprivation.section(found)
    assert [each.key for each in made.sections] == ["deprivation_plans_link"]
    assert "no referrals by ward" in chapter_reader.text(made, "missing")
    assert chapter_reader.out_of_place(made) == []
    assert chapter_reader.faults(made, chapter_reader.facts(found)) == []


def test_without_a_map_the_table_of_wards_stays(given):
    rest = {each: one for each, one in given.drawings.items() if not each.startswith("ward_")}
    made = deprivation.section(replace(given, drawings=rest, missing={"maps": "No boundaries."}))
    part = chapter_reader.part(made, "deprivation_wards")
    assert "is not drawn. No boundaries." in chapter_reader.text(part, "missing")
    assert len(chapter_reader.tables(part)["wards_referrals"].rows) == 20
