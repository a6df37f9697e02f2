"""The section on need: each figure is that of its row, and what is missing is named."""

from dataclasses import replace

import pandas as pd
import pytest

import chapter_made
import chapter_reader
from bolton_jsna.chapter.sections import need
from chapter_made import changed


@pytest.fixture(scope="module")
def given():
    return chapter_made.materials()


@pytest.fixture(scope="module")
def made(given):
    return need.section(given)


def test_each_figure_is_in_the_row_that_it_names(given, made):
    assert chapter_reader.faults(made, chapter_reader.facts(given)) == []


def test_a_reader_finds_a_wrong_figure(given, made):
    rows = chapter_reader.facts(given)
    rows["children_by_age_band:E08000001/estimate/2024/0-17"]["children"] = 75_598.0
    assert any("75,599" in each for each in chapter_reader.faults(made, rows))


def test_parts_have_titles_and_figures_their_tables(made):
    assert {each.key: each.title for each in chapter_reader.below(made)} == need.TITLES
    assert chapter_reader.out_of_place(made) == []
    assert chapter_reader.twice(made) == []
    assert {"pyramid", "ward_idaci"} == {
        each.key for each in chapter_reader.blocks(made) if hasattr(each, "drawing")
    }


def test_children_now_and_ahead_from_the_base_of_the_projection(made):
    words = chapter_reader.text(chapter_reader.part(made, "need_children"))
    assert "At mid-2024 there were 75,599 children aged 0-17 in Bolton" in words
    assert (
        "In the 2022-based projection there are 6.4 per cent fewer children aged 0-17 in Bolton at "
        "mid-2030 than at mid-2022 (67,881 and 72,493)." in words
    )
    assert "8.0 per cent fewer aged 0-4" in words
    assert "5.2 per cent more aged 15-17" in words


def test_a_projection_that_was_overtaken_is_cautioned_about(given, made):
    words = chapter_reader.text(chapter_reader.part(made, "need_children"), "caution")
    assert "not a forecast" in words
    assert "4.6 per cent above the 72,298 projected for mid-2024" in words
    rows = given.tables["children_by_age_band"].copy()
    own = (rows["kind"] == "estimate").to_numpy()
    rows.loc[own, "children"] = 72_600.0
    near = need.section(changed(given, children_by_age_band=rows))
    assert "overtaken" not in chapter_reader.text(near)


def test_ages_of_a_projection_that_are_missing_are_not_added_up(given):
    rows = given.tables["children_by_age_band"].copy()
    lost = ((rows["kind"] == "projection") & (rows["age_band"] == "0-4")).to_numpy()
    rows.loc[lost, ["children", "base_children", "change_percent"]] = float("nan")
    rows.loc[lost, "status"] = "not_available"
    made = need.section(changed(given, children_by_age_band=rows))
    table = chapter_reader.tables(made)["children_ahead"]
    assert [cell.text for cell in table.rows[0]] == ["0-4", "2030", "[x]", "[x]", "[x]"]
    assert "aged 0-4" not in chapter_reader.text(made)


def test_wards_are_in_the_order_of_the_index(made):
    table = chapter_reader.tables(made)["wards"]
    assert [cell.text for cell in table.rows[0]] == ["Rumworth", "5,963", "69.1", "10", "7"]
    scores = [row[2].value for row in table.rows]
    assert len(scores) == 20
    assert scores == sorted(scores, reverse=True)
    assert "(modelled)" in table.columns[1].name
    part = chapter_reader.part(made, "need_wards")
    assert "begins with Rumworth (69.1 per cent)" in chapter_reader.text(part)
    assert "are modelled" in chapter_reader.text(part, "caution")


def test_a_ward_without_lsoas_has_its_state(given):
    rows = given.tables["children_by_ward"].copy()
    rows.loc[19, ["percent_deprived", "lsoas_most_deprived_10"]] = None
    rows.loc[19, "idaci_status"] = "not_applicable"
    made = need.section(changed(given, children_by_ward=rows))
    last = chapter_reader.tables(made)["wards"].rows[19]
    assert [cell.text for cell in last] == ["Bromley Cross", "2,431", "[z]", "8", "[z]"]
    assert "Bromley Cross" not in chapter_reader.text(made)
    rows["idaci_status"] = "not_available"
    bare = need.section(changed(given, children_by_ward=rows.assign(percent_deprived=None)))
    assert "The wards of Bolton have no IDACI score." in chapter_reader.text(bare)


def test_editions_are_compared_by_shares_and_never_by_scores(made):
    part = chapter_reader.part(made, "need_deprivation")
    words = chapter_reader.text(part)
    assert (
        "In the edition of 2025, 35 of the 177 LSOAs of Bolton (19.8 per cent) are in the most "
        "deprived 10 per cent of England; 16,964 of the 64,479 children aged 0-15 (26.3 per cent) "
        "live there." in words
    )
    assert "In the edition of 2019, 31 of the 177 LSOAs of Bolton (17.5 per cent)" in words
    assert "takes housing costs off income" in chapter_reader.text(part, "caution")
    assert not any(word in words for word in (" rose", " fell", "increase", "worse", "more depr"))
    rows = chapter_reader.tables(made)["deprivation_editions"].rows
    assert [row[0].text for row in rows] == ["2025", "2025", "2019", "2019"]


def test_one_edition_alone_and_one_without_children(given):
    rows = given.tables["deprivation_by_edition"]
    one = rows[rows["edition"] == 2025].assign(
        children_in_share=pd.NA,
        children_0_15=pd.NA,
        percent_children=float("nan"),
        children_status="not_available",
        lsoas_in_share=1,
    )
    why = {"deprivation_by_edition": "Fetch it: bolton-jsna refresh --only idaci@2019."}
    made = need.section(changed(given, deprivation_by_edition=one, missing=why))
    part = chapter_reader.part(made, "need_deprivation")
    assert "There is no edition to compare that of 2025 with. Fetch it: bolton-jsna" in (
        chapter_reader.text(part, "missing")
    )
    assert chapter_reader.paragraphs(part, "caution") == []
    assert "1 of the 177 LSOAs of Bolton (19.8 per cent) is in" in chapter_reader.text(part)
    assert "children aged" not in chapter_reader.text(part, "body")
    first = chapter_reader.tables(part)["deprivation_editions"].rows[0]
    assert [cell.text for cell in first[5:]] == ["[x]", "[x]", "[x]"]


def test_what_is_missing_is_named_with_how_to_get_it(given):
    bare = replace(given, tables={}, drawings={}, missing={})
    made = need.section(bare)
    for key, dataset in {
        "need_children": "population_projections",
        "need_wards": "idaci",
        "need_deprivation": "idaci",
    }.items():
        words = chapter_reader.text(chapter_reader.part(made, key), "missing")
        assert "For Bolton there are no figures of" in words
        assert f"bolton-jsna refresh --only {dataset}" in words
    assert chapter_reader.tables(made) == {}


def test_without_projections_the_estimate_is_still_there(given):
    rows = given.tables["children_by_age_band"]
    made = need.section(
        changed(
            given,
            "children_by_age",
            children_by_age_band=rows[rows["kind"] == "estimate"],
            missing={"projections": "No projection: bolton-jsna refresh gets it"},
        )
    )
    part = chapter_reader.part(made, "need_children")
    assert "75,599" in chapter_reader.text(part, "body")
    assert chapter_reader.text(part, "missing").endswith("bolton-jsna refresh gets it.")
    assert chapter_reader.tables(part) == {}


def test_without_shapes_the_table_stays_and_the_map_is_missed(given):
    rest = {name: each for name, each in given.drawings.items() if name != "ward_idaci"}
    why = {"maps": "There are no ward boundaries: bolton-jsna refresh --only ward_boundaries."}
    made = need.section(changed(given, drawings=rest, missing=why))
    part = chapter_reader.part(made, "need_wards")
    assert "map of deprivation by ward is not drawn. There are no ward boundaries" in (
        chapter_reader.text(part, "missing")
    )
    assert "wards" in chapter_reader.tables(part)
