"""The tables that only a chapter needs: each is worked out here in another way."""

from types import SimpleNamespace

import pandas as pd
import pytest

import bolton_jsna as jsna
import chapter_made
from bolton_jsna.building import _chapter_tables, paths
from bolton_jsna.chapter.citations import KEYS, row_ids
from bolton_jsna.core.areas import area

TABLES = (
    *("children_by_age", "children_by_age_band", "children_by_ward"),
    *("deprivation_by_edition", "rates_by_year", "local_shares"),
)


@pytest.fixture(scope="module")
def made():
    return chapter_made.materials().tables


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_an_output_and_each_row_has_its_id(made, name):
    assert f"data/processed/{name}.csv" in paths.OUTPUTS
    assert set(KEYS[name]) <= set(made[name].columns)
    ids = row_ids(name, made[name])
    assert len(ids) == len(set(ids)) > 0


def test_children_by_age_band_are_sums_of_single_ages(made):
    single = jsna.load_population_projections("Bolton").set_index(["year", "age"])["population"]
    found = made["children_by_age_band"].set_index(["kind", "year", "age_band"])
    for year in (2022, 2024, 2030, 2035):
        for band, ages in {"0-4": range(5), "15-17": (15, 16, 17), "0-17": range(18)}.items():
            row = found.loc[("projection", year, band)]
            total = sum(single[year, each] for each in ages)
            start = sum(single[2022, each] for each in ages)
            assert row["children"] == pytest.approx(total)
            assert row["change_percent"] == pytest.approx(100 * (total - start) / start)
    own = found.loc[("estimate", 2024, "0-17")]
    assert own["children"] == 75_599
    assert own["source"] == "population_estimates@2024"
    ahead = found.loc[("projection", 2024, "0-17")]["children"]
    assert own["percent_from_projection"] == pytest.approx(100 * (75_599 / ahead - 1))


def test_the_pyramid_has_the_figures_of_its_chart(made):
    drawn = chapter_made.materials().drawings["pyramid"].drawing.chart.data
    # The chart has the oldest on top.
    table = made["children_by_age"].sort_values("age", ascending=False)
    assert drawn["population"].tolist() == pytest.approx(table["children"].tolist())
    assert drawn["outline"].tolist() == pytest.approx(table["later_children"].tolist())


def test_shares_of_deprivation_by_edition(made):
    found = made["deprivation_by_edition"].set_index(["edition", "share"])
    for edition, of in ((2019, 32_844), (2025, 33_755)):
        lsoas = jsna.load_idaci("Bolton", edition=edition)
        for share in (10, 20):
            inside = lsoas[lsoas["idaci_rank"] <= of * share / 100]
            row = found.loc[(edition, share)]
            assert row["lsoas_in_share"] == len(inside)
            assert row["percent_lsoas"] == pytest.approx(100 * len(inside) / len(lsoas))
            children = inside["children_0_15"].sum(), lsoas["children_0_15"].sum()
            assert (row["children_in_share"], row["children_0_15"]) == children
            assert row["percent_children"] == pytest.approx(100 * children[0] / children[1])


def test_rates_of_england_and_the_region_are_of_the_same_year(made):
    rates = made["rates"].set_index(["indicator", "area_code", "year"])["rate"]
    for row in made["rates_by_year"].to_dict(orient="records"):
        for name, code in (("rate", "E08000001"), ("england_rate", "E92000001")):
            assert row[name] == rates[row["indicator"], code, row["year"]]
        assert row["region_rate"] == rates[row["indicator"], "E12000002", row["year"]]


def test_shares_add_up_and_are_of_the_published_counts(made):
    shares = made["local_shares"]
    sums = shares.groupby(["event", "by"])["percent"].sum()
    assert len(sums) == 4
    assert sums.tolist() == pytest.approx([100] * 4)
    counts = made["local_counts"].set_index(["event", "by", "group", "year"])["count"]
    for row in shares.to_dict(orient="records"):
        assert row["count"] == counts[row["event"], row["by"], row["group"], row["year"]]
        assert row["total"] == counts[row["event"], row["by"], "All", row["year"]]
    assert set(shares.loc[shares["merged"], "group"]) == {
        *("Under 1 and unborn", "16 and over or not known", "Other needs, or not known"),
        "Sexual abuse, multiple or not known",
    }


def test_wards_have_a_percentage_and_no_local_source(made):
    wards = made["children_by_ward"]
    scores = made["ward_profile"].set_index("area_code")["idaci_score"]
    expected = (100 * scores[wards["area_code"]]).tolist()
    assert wards["percent_deprived"].tolist() == pytest.approx(expected)
    assert not wards["source"].str.contains("local_records").any()
    assert not set(wards.columns) & {"referrals", "plans"}


def ingredients(**changed):
    """What the tables are made from, as little as they need."""
    figures = {"area_code": ["E08000001"], "year": [2025], "population": [100.0]}
    given = {
        "place": area("Bolton"),
        "projections": None,
        "idaci": jsna.load_idaci("Bolton"),
        "idaci_editions": {},
        "children_in_need": pd.DataFrame({**figures, "source": ["population_estimates@2024"]}),
        "latest_estimate": [2024, 100],
    }
    return SimpleNamespace(**{**given, **changed})


def tables(made, given):
    few = {each: made[each] for each in ("ward_profile", "rates")}
    return _chapter_tables.need_tables(given, few)


def test_without_projections_and_local_records(made):
    found = tables(made, ingredients(idaci_editions={2025: jsna.load_idaci("Bolton")}))
    assert not {"children_by_age", "local_shares"} & set(found)
    assert found["children_by_age_band"]["kind"].tolist() == ["estimate"]
    assert set(found["deprivation_by_edition"]["edition"]) == {2025}


def test_an_age_that_is_missing_is_not_zero(made):
    every = jsna.load_population_projections("Bolton")
    without = every[every["age"] != 3]
    editions = {2025: jsna.load_idaci("Bolton")}
    given = ingredients(projections=without, idaci_editions=editions)
    found = tables(made, given)["children_by_age_band"]
    ahead = found[found["kind"] == "projection"].set_index("age_band")["status"]
    assert set(ahead["0-4"]) == set(ahead["0-17"]) == {"not_available"}
    assert set(ahead["5-9"]) == {"value"}
    assert found.loc[found["kind"] == "estimate", "percent_from_projection"].isna().all()


def test_lsoas_without_a_rank_are_counted_apart(made):
    lsoas = jsna.load_idaci("Bolton")
    lost = lsoas.index[:7]
    lsoas.loc[lost, "idaci_rank"] = pd.NA
    lsoas.loc[lsoas.index[-1], "children_0_15"] = pd.NA
    found = tables(made, ingredients(idaci_editions={2025: lsoas}))["deprivation_by_edition"]
    assert set(found["lsoas"]) == {170}
    assert set(found["lsoas_without_rank"]) == {7}
    # A sum over an LSOA without children would be too small.
    assert found["children_0_15"].isna().all()
    assert set(found["children_status"]) == {"not_available"}


def test_a_hidden_group_leaves_no_share(made):
    counts = made["local_counts"].copy()
    gone = (counts["group"] == "Neglect") & (counts["year"] == 2025)
    counts.loc[gone, "count"] = pd.NA
    counts.loc[gone, "status"] = "suppressed"
    given = ingredients(idaci_editions={2025: jsna.load_idaci("Bolton")})
    few = {each: made[each] for each in ("ward_profile", "rates")} | {"local_counts": counts}
    found = _chapter_tables.need_tables(given, few)["local_shares"]
    alike = (found["event"] == "cpp_at_31_march") & (found["by"] == "category")
    assert found.loc[alike, "percent"].isna().all()
    assert set(found.loc[alike, "percent_status"]) == {"not_available"}
    assert found.loc[~alike, "percent"].notna().all()
