"""What an analyst writes first for the tasks of the docs: it works, or the message shows how.

The calls were written from README.md and docs/ alone, before their signatures were read.
"""

import re

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.core.errors import MissingDataError, SchemaError, UsageError

HEADINGS = {"child_id": "Client Ref", "date": "Date Rec'd", "age": "Age then", "postcode": "PC"}


@pytest.fixture(scope="module")
def records():
    return jsna.load_local_records().records


@pytest.fixture(scope="module")
def profile(bolton_built):
    return pd.read_parquet(bolton_built / "data" / "processed" / "ward_profile.parquet")


def test_referrals_per_10_000_with_intervals():
    found = jsna.crude_rates(jsna.load_children_in_need("Bolton", indicators="referrals"))
    assert found[["rate", "lower", "upper"]].round(1).iloc[-1].tolist() == [503.0, 485.5, 521.0]


def test_compared_with_neighbours_and_england():
    summary = jsna.compare_with_neighbours("Bolton", "referrals").summary
    assert (summary["against_england"], summary["of"]) == ("similar", 10)


def test_a_standardised_rate_of_own_records_by_age(records):
    """Each message leads to the next step, and the last one to the rate."""
    counts = jsna.count_events(records, "referrals", years=[2025], by=["age_band"])
    with pytest.raises(MissingDataError, match="load_population_projections has single years"):
        jsna.match_populations(counts, jsna.load_population_estimates("Bolton"))
    people = jsna.match_populations(counts, jsna.load_population_projections("Bolton"))
    with pytest.raises(UsageError) as raised:
        jsna.directly_standardised_rates(people, standard="esp2013")
    advised = re.search(r"standard_population\((bands='dfe', split=True)\)", str(raised.value))
    assert advised
    standard = jsna.standard_population(bands="dfe", split=True)
    found = jsna.directly_standardised_rates(people, standard=standard)
    assert found["count"].tolist() == [3803]
    assert found["rate"].notna().all()


def test_the_rate_of_each_ward_from_own_records(records):
    lookup = jsna.load_lookup("Bolton")
    children = jsna.load_population_estimates("Bolton", level="ward")
    counts = jsna.count_events(records, "referrals", years=[2025], by=["area_code"], lookup=lookup)
    found = jsna.crude_rates(jsna.match_populations(counts, children))
    assert found["rate"].notna().sum() == 20
    years = [2024, 2025]
    added = jsna.count_events(records, "referrals", years=years, by=["area_code"], lookup=lookup)
    with pytest.raises(SchemaError, match=r"count with by=\['area_code', 'year'\]"):
        jsna.match_populations(added, children)
    # Wards that are matched with the authority's own children are not divided by them.
    with pytest.raises(MissingDataError, match="takes level='ward'"):
        jsna.match_populations(counts, jsna.load_population_estimates("Bolton"))


def test_the_trend():
    found = jsna.recent_trends(jsna.load_children_in_need("Bolton", indicators="referrals"))
    assert found["direction"].tolist() == ["no_significant_change"]


def test_small_numbers_of_one_table_are_hidden(records):
    counts = jsna.count_events(records, "cpp_started", years=[2025], by=["category", "sex"])
    shown = jsna.suppress(counts)
    assert (shown["status"] == "suppressed").any()
    assert (shown["count"].dropna() > 5).all()


def test_the_five_most_deprived_wards():
    found = jsna.to_areas(
        jsna.load_idaci("Bolton"),
        jsna.load_lookup("Bolton"),
        means={"idaci_score": "children_0_15"},
    ).nlargest(5, "idaci_score")["area_name"]
    assert found.iloc[0] == "Rumworth"


def test_several_areas_at_once():
    found = jsna.load_children_in_need(["Bolton", "England"], indicators="referrals", years=2025)
    assert sorted(found["area_name"]) == ["Bolton", "England"]
    with pytest.raises(MissingDataError, match=r"rows of Bury .*bolton-jsna refresh --only"):
        jsna.load_children_in_need(["Bolton", "Bury"], indicators="referrals", years=2025)


def test_own_records_with_other_headings(records, tmp_path):
    rows = records[records["kind"] == "referral"].head(50)
    rows = rows.rename(columns={name: HEADINGS.get(name, name) for name in rows})
    rows.assign(PC="BL1 1AP")[[*HEADINGS.values()]].to_csv(tmp_path / "export.csv", index=False)
    found = jsna.load_local_records(tmp_path / "export.csv", columns=HEADINGS, kind="referral")
    assert len(found.records) == 50


def test_children_by_ward():
    found = jsna.load_population_estimates("Bolton", level="ward")
    assert (len(found), round(found["population"].sum())) == (20, 75_599)


def test_children_in_2030():
    found = jsna.load_population_projections("Bolton", years=2030)
    assert found["age"].tolist() == list(range(18))


def test_a_table_for_a_chart_has_a_row_a_year_and_a_column_an_area():
    rates = jsna.crude_rates(
        jsna.load_children_in_need(["Bolton", "England"], indicators="referrals")
    )
    table = rates.pivot(index="year", columns="area_name", values="rate")  # noqa: PD010
    assert table.loc[2025].round(1).tolist() == [503.0, 519.4]


def test_deprivation_and_referrals_of_wards(profile):
    found = jsna.deprivation_association(
        profile, "idaci_score", count="referrals", population="children_0_17"
    )
    assert set(found.table["n"]) == {20}
    page = jsna.bivariate_map(
        profile,
        "idaci_score",
        "referrals_rate",
        boundaries=jsna.load_boundaries("Bolton", level="ward"),
    )
    assert "Rumworth" in page.get_root().render()


@pytest.mark.parametrize(
    "call",
    [
        lambda frame: jsna.rates_by_deprivation(frame, "decile", groups=5),
        lambda frame: jsna.slope_index_of_inequality(frame.assign(decile=frame["group"]), "decile"),
        lambda frame: jsna.concentration_index(frame.assign(decile=frame["group"]), "decile"),
        lambda frame: jsna.means(frame, "population", by="group"),
    ],
)
def test_the_column_that_is_measured_may_follow_the_frame(call):
    frame = pd.DataFrame(
        {"group": [*range(1, 11)], "decile": [*range(1, 11)], "count": 20, "population": 1_000}
    )
    assert len(call(frame))


def test_a_map_of_idaci_by_lsoa_takes_the_table_as_it_comes():
    page = jsna.choropleth_map(
        jsna.load_idaci("Bolton"),
        "idaci_score",
        boundaries=jsna.load_boundaries("Bolton", level="lsoa"),
    )
    assert "Bolton 005A" in page.get_root().render()


def test_own_ward_figures_from_a_csv_on_a_map(tmp_path):
    wards = jsna.load_boundaries("Bolton", level="ward")
    names = [each.replace("&", "and").upper() for each in wards["area_name"]]
    own = pd.DataFrame({"Ward": names, "Open plans": range(20)})
    own.to_csv(tmp_path / "own_wards.csv", index=False)
    page = jsna.choropleth_map(
        pd.read_csv(tmp_path / "own_wards.csv"), "Open plans", boundaries=wards
    )
    assert "Rumworth" in page.get_root().render()


def test_a_map_is_saved_as_a_page_and_the_message_on_a_picture_shows_how(tmp_path):
    idaci, shapes = jsna.load_idaci("Bolton"), jsna.load_boundaries("Bolton", level="lsoa")
    page = jsna.choropleth_map(idaci, "idaci_score", boundaries=shapes)
    assert jsna.save_map(page, tmp_path / "idaci.html").stat().st_size > 10_000
    with pytest.raises(UsageError, match=r"static_choropleth .*save_figure"):
        jsna.save_map(page, tmp_path / "idaci.png")
    figure = jsna.static_choropleth(idaci, "idaci_score", boundaries=shapes)
    assert jsna.save_figure(figure, tmp_path / "idaci.png").stat().st_size > 10_000


def test_the_message_on_a_funnel_of_all_areas_shows_the_call():
    rows = jsna.load_children_in_need(indicators="referrals", years=2025)
    rows = rows[rows["area_level"] == "authority"]
    with pytest.raises(SchemaError, match=r"funnel_lines\(funnel_limits\(frame\)\)"):
        jsna.funnel_lines(rows)
    assert len(jsna.funnel_lines(jsna.funnel_limits(rows))) > 0


def test_idaci_of_england_names_what_to_put_in_or_fetch():
    with pytest.raises(MissingDataError, match="bolton-jsna refresh --only idaci@2025"):
        jsna.load_idaci("England")
