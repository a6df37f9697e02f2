"""The tables behind the section on deprivation: one row an id, made from what is published."""

import pandas as pd
import pytest

import chapter_made
from bolton_jsna.building import _chapter_deprivation, paths
from bolton_jsna.chapter.citations import KEYS, row_ids

NAMES = ("deprivation_by_ward", "deprivation_fifths", "deprivation_association")
REPEATS = {"referrals": 1.2, "cpp_at_31_march": 1.0}


@pytest.fixture(scope="module")
def wards():
    return chapter_made.materials().tables["ward_profile"]


@pytest.fixture(scope="module")
def made(wards):
    return _chapter_deprivation.deprivation_tables(wards, REPEATS)


def test_every_table_is_an_output_with_one_row_an_id(made):
    assert set(made) == set(NAMES) <= set(KEYS)
    for name, table in made.items():
        assert f"data/processed/{name}.csv" in paths.OUTPUTS
        ids = row_ids(name, table)
        assert len(set(ids)) == len(ids)


def test_the_build_has_the_same_tables(made):
    built = chapter_made.materials().tables
    for name, table in made.items():
        pd.testing.assert_frame_equal(built[name], table)


def test_figures_by_ward_are_those_of_the_ward_profile(wards, made):
    table = made["deprivation_by_ward"].set_index("area_code")
    published = wards.set_index("area_code").loc[table.index]
    for name in ("referrals", "plans", "referrals_rate", "plans_rate", "plans_status"):
        pd.testing.assert_series_equal(table[name], published[name])
    hidden = table["plans_status"] == "suppressed"
    assert hidden.sum() == 5
    assert (
        table.loc[hidden, ["plans", "plans_rate", "plans_lower", "plans_upper"]]
        .isna()
        .all(axis=None)
    )


def test_fifths_with_a_hidden_ward_have_no_number(made):
    table = made["deprivation_fifths"]
    part = table["wards_used"] < table["wards"]
    assert part.sum() == 4
    assert (table.loc[part, "status"] == "suppressed").all()
    assert table.loc[part, ["count", "rate", "lower", "upper"]].isna().all(axis=None)
    assert table.loc[~part, ["count", "rate", "lower", "upper"]].notna().all(axis=None)


def test_measures_without_a_figure_have_a_state_and_a_reason(made):
    table = made["deprivation_association"].set_index(["event", "measure"])
    assert table.loc[("referrals", "slope_index"), "estimate"] == pytest.approx(329.27, abs=0.01)
    none = table.loc[("plans", "slope_index")]
    assert pd.isna(none["estimate"])
    assert none["status"] == "suppressed"
    assert none["reason"] == "1 of 5 groups have a rate"


def test_without_local_figures_there_are_no_tables(wards):
    bare = wards[["area_code", "area_name", "idaci_score"]]
    assert _chapter_deprivation.deprivation_tables(bare, {}) == {}


def test_few_wards_have_measures_and_no_fifths(wards):
    found = _chapter_deprivation.deprivation_tables(wards.head(12), REPEATS)
    assert set(found) == {"deprivation_by_ward", "deprivation_association"}
    assert "slope_index" not in set(found["deprivation_association"]["measure"])
