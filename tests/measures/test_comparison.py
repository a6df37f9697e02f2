"""An area compared with its neighbours: DfE's published figures, and what must not be compared."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.core.areas import area
from bolton_jsna.core.errors import MissingDataError, SchemaError, UsageError
from bolton_jsna.core.states import MEANINGS, NUMERIC
from bolton_jsna.measures.comparison import neighbour_comparison

NEAR = ["Rochdale", "Derby", "Oldham", "Tameside"]


def figures(counts, *, population=10_000, year=2025, release="2025", states=None):
    """Rows of children in need: a mapping of area to count (None for one without)."""
    states = states or {}
    rows = [
        {
            "area_code": area(name).code,
            "area_name": name,
            "area_level": area(name).level,
            "year": year,
            "indicator": "referrals",
            "count": count,
            "population": population,
            "published_rate": None,
            "published_rate_status": "not_available",
            "status": states.get(name, "value" if count is not None else "suppressed"),
            "release": release,
            "source": f"children_in_need@{release}",
        }
        for name, count in counts.items()
    ]
    frame = pd.DataFrame(rows)
    return frame.astype({"count": "Int64", "population": "Int64", "published_rate": "float64"})


def neighbours(names=NEAR, place="Bolton", model="2025"):
    return pd.DataFrame(
        {
            "area_code": area(place).code,
            "area_name": place,
            "rank": pd.array(range(1, len(names) + 1), dtype="Int64"),
            "neighbour_code": [area(name).code for name in names],
            "neighbour_name": list(names),
            "closeness": "Close",
            "model": model,
            "source": f"statistical_neighbours@{model}",
        }
    )


def compare(counts, near=None, **options):
    made = {"states": options.pop("states", None), "population": options.pop("population", 10_000)}
    return neighbour_comparison(
        figures(counts, **made),
        neighbours() if near is None else near,
        **{"place": "Bolton", "indicator": "referrals", "year": 2025} | options,
    )


COUNTS = {
    "Bolton": 500,
    "Rochdale": 600,
    "Derby": 400,
    "Oldham": 300,
    "Tameside": 700,
    "North West": 5_200,
    "England": 520,
}


@pytest.mark.parametrize(
    ("model", "mean", "median", "pooled"),
    [("2021", 534.33, 527.69, 531.27), ("2025", 604.97, 594.17, 581.03)],
)
def test_neighbours_of_bolton_2025(model, mean, median, pooled):
    """DfE 2025 release, C1, on mid-2024 children; both of DfE's models, ten of ten."""
    found = jsna.compare_with_neighbours("Bolton", "referrals", year=2025, model=model).summary
    assert round(found["mean"], 2) == mean
    assert round(found["median"], 2) == median
    assert round(found["pooled"], 2) == pooled
    assert (found["used"], found["of"], found["model"]) == (10, 10, model)


@pytest.mark.parametrize(
    ("indicator", "year", "bolton", "england"),
    [
        # DfE, Characteristics of children in need, 2025 release: C1 and D4.
        ("referrals", 2022, 794.7, None),
        ("referrals", 2025, 503.0, 519.4),
        ("cpp_at_31_march", 2022, 48.9, None),
        ("cpp_at_31_march", 2025, 42.2, 40.6),
    ],
)
def test_rates_of_bolton_and_england(indicator, year, bolton, england):
    found = jsna.compare_with_neighbours("Bolton", indicator, year=year).summary
    assert round(found["rate"], 1) == bolton
    if england is not None:
        assert round(found["england"], 1) == england


def test_the_table_goes_from_the_area_outwards():
    table = compare(COUNTS).table
    assert table["role"].tolist() == ["area", *["neighbour"] * 4, "region", "country"]
    assert table["area_name"].tolist() == ["Bolton", *NEAR, "North West", "England"]
    assert table["closeness_rank"].dropna().tolist() == [1, 2, 3, 4]
    assert table["rate"].tolist() == [500, 600, 400, 300, 700, 5_200, 520]
    backwards = compare(COUNTS, neighbours().iloc[::-1]).table
    pd.testing.assert_frame_equal(backwards, table)


def test_mean_median_and_pooled_are_of_the_neighbours_only():
    frame = figures(COUNTS)
    frame.loc[frame["area_name"] == "Tameside", "population"] = 20_000
    found = neighbour_comparison(
        frame, neighbours(), place="Bolton", indicator="referrals", year=2025
    ).summary
    assert found["mean"] == pytest.approx((600 + 400 + 300 + 350) / 4)
    assert found["median"] == pytest.approx(375)
    assert found["pooled"] == pytest.approx(2_000 / 50_000 * 10_000)
    assert (found["lowest"], found["highest"]) == (300, 600)
    assert (found["region"], found["england"]) == (5_200, 520)


def test_the_area_is_never_its_own_neighbour():
    near = neighbours(["Bolton", *NEAR])
    found = compare(COUNTS, near)
    assert found.summary["of"] == 4
    assert found.table["area_name"].tolist().count("Bolton") == 1
    assert found.summary["mean"] == 500


@pytest.mark.parametrize("state", sorted(set(MEANINGS) - NUMERIC))
def test_a_neighbour_without_a_figure_is_left_out_and_is_not_zero(state):
    found = compare(COUNTS | {"Oldham": None}, states={"Oldham": state})
    assert (found.summary["used"], found.summary["of"]) == (3, 4)
    assert found.summary["mean"] == pytest.approx((600 + 400 + 700) / 3)
    assert found.summary["lowest"] == 400
    row = found.table.set_index("area_name").loc["Oldham"]
    assert (row["status"], row["verdict"]) == (state, "not_compared")
    assert pd.isna(row["rate"])
    assert pd.isna(row["rank"])


def test_a_neighbour_without_a_row_is_not_available():
    found = compare({name: COUNTS[name] for name in COUNTS if name != "Derby"})
    assert (found.summary["used"], found.summary["of"]) == (3, 4)
    assert found.table.set_index("area_name").loc["Derby", "status"] == "not_available"


def test_a_neighbour_with_zero_is_in():
    found = compare(COUNTS | {"Oldham": 0}).summary
    assert (found["used"], found["lowest"]) == (4, 0)
    assert found["mean"] == pytest.approx((600 + 400 + 0 + 700) / 4)


def test_an_area_without_a_figure_is_not_ranked():
    found = compare(COUNTS | {"Bolton": None})
    assert found.summary["rank"] is None
    assert found.summary["rank_of"] == 4
    assert pd.isna(found.summary["rate"])
    assert found.table["verdict"].iloc[0] == "not_compared"
    assert "Bolton: no rate (suppressed)" in repr(found)
    assert "nan" not in repr(found) + found._repr_html_()


def test_no_neighbour_has_a_figure():
    counts = {"Bolton": 500, "England": 520}
    found = compare(counts).summary
    assert (found["used"], found["of"], found["rank"], found["rank_of"]) == (0, 4, 1, 1)
    assert all(pd.isna(found[name]) for name in ("mean", "median", "pooled", "lowest", "region"))


def test_ranks_run_from_the_highest_and_ties_share_the_better_place():
    table = compare(COUNTS | {"Rochdale": 500, "Derby": 500}).table.set_index("area_name")
    assert table["rank"].dropna().to_dict() == {
        "Tameside": 1,
        "Bolton": 2,
        "Rochdale": 2,
        "Derby": 2,
        "Oldham": 5,
    }
    assert pd.isna(table.loc["England", "rank"])


@pytest.mark.parametrize(
    ("bolton", "verdict"),
    [(400, "lower"), (500, "similar"), (520, "similar"), (540, "similar"), (650, "higher")],
)
def test_the_verdict_asks_whether_the_difference_from_england_could_be_chance(bolton, verdict):
    table = compare(COUNTS | {"Bolton": bolton}).table.set_index("area_name")
    assert table.loc["Bolton", "verdict"] == verdict
    assert table.loc["England", "verdict"] == "not_compared"


def test_a_higher_confidence_is_slower_to_tell():
    counts = COUNTS | {"Bolton": 600}
    assert compare(counts).table["verdict"].iloc[0] == "higher"
    careful = compare(counts, confidence=0.998)
    assert careful.table["verdict"].iloc[0] == "similar"
    assert careful.summary["confidence"] == 0.998


def test_without_england_nothing_is_compared():
    counts = {name: count for name, count in COUNTS.items() if name != "England"}
    found = compare(counts)
    assert set(found.table["verdict"]) == {"not_compared"}
    assert pd.isna(found.summary["england"])


def test_rates_for_another_number_of_children():
    found = compare(COUNTS, per=1_000).summary
    assert found["rate"] == pytest.approx(50)
    assert found["pooled"] == pytest.approx(50)


@given(st.dictionaries(st.sampled_from(NEAR), st.one_of(st.none(), st.integers(0, 9_000))))
def test_the_summary_is_that_of_the_rows_with_a_rate(counts):
    found = compare({"Bolton": 500, "England": 520} | counts)
    near = found.table[found.table["role"] == "neighbour"]
    rates = near["rate"].dropna().tolist()
    assert found.summary["used"] == len(rates)
    assert found.summary["of"] == len(NEAR)
    if rates:
        assert found.summary["mean"] == pytest.approx(sum(rates) / len(rates))
        assert min(rates) - 1e-9 <= found.summary["pooled"] <= max(rates) + 1e-9
        assert found.summary["rank"] == 1 + sum(rate > 500 for rate in rates)


def test_inputs_are_not_changed():
    frame, near = figures(COUNTS), neighbours()
    before = frame.copy(deep=True), near.copy(deep=True)
    neighbour_comparison(frame, near, place="Bolton", indicator="referrals", year=2025)
    pd.testing.assert_frame_equal(frame, before[0])
    pd.testing.assert_frame_equal(near, before[1])


def test_an_area_may_be_named_by_code_or_number():
    for place in ("E08000001", 350, area("Bolton")):
        assert compare(COUNTS, place=place).summary["area"] == "Bolton"


def test_it_shows_itself():
    found = compare(COUNTS | {"North West": 520, "England": 540})
    assert repr(found).splitlines() == [
        "Referrals to children's social care per 10,000 children, year ending 31 March 2025",
        "  Bolton: 500.0 (95% interval 457.1 to 545.8)",
        "  North West: 520.0",
        "  Compared with England: 540.0: similar (the difference could be chance in the counts), "
        "p 0.215",
        "  Statistical neighbours: 4 of 4 with a rate (2025 model)",
        "  Mean of their rates: 500.0",
        "  Median of their rates: 500.0",
        "  Rate of all of them together: 500.0; Bolton is similar (the difference could be chance "
        "in the counts), p 1.000",
        "  Range of their rates: 300.0 (Oldham) to 700.0 (Tameside)",
        "  Usual range of areas like Bolton (95%): usual range not available (4 neighbours have a "
        "rate; 5 or more are needed)",
        "  Neighbours that differ: 2 lower and 2 higher than Bolton by more than chance in the "
        "counts",
        "  Rank: 3rd highest of 5 (95% interval 3rd only)",
    ]
    page = found._repr_html_()
    assert '<th scope="row" style="text-align:left;vertical-align:top">Rochdale</th>' in page
    assert [each for each in found.table["area_name"] if each not in page] == []


def test_words_of_difference_come_with_what_they_do_not_mean():
    counts = dict.fromkeys(["Rochdale", "Derby", "Oldham", "Tameside", "Walsall", "Salford"], 500)
    near = neighbours(list(counts))
    alike = compare(counts | {"Bolton": 500, "England": 500}, near=near)
    apart = compare(counts | {"Bolton": 900, "England": 500}, near=near, confidence=0.99)
    assert "unusual" not in repr(alike)
    assert "Compared with England: 500.0: higher by more than chance in the counts" in repr(apart)
    assert "does not make an area unusual" in repr(apart)
    assert "Of areas that are like their neighbours, 1 in 100 lie outside" in repr(apart)


def test_mixed_releases_are_rejected():
    both = pd.concat([figures(COUNTS), figures(COUNTS, release="2024")])
    with pytest.raises(SchemaError, match=r"More than one row of .*releases 2024, 2025 are mixed"):
        neighbour_comparison(both, neighbours(), place="Bolton", indicator="referrals", year=2025)


def test_rejections():
    two_models = pd.concat([neighbours(), neighbours(model="2021")])
    with pytest.raises(UsageError, match="neighbours of Bolton in one model; found models 2025"):
        compare(COUNTS, two_models)
    with pytest.raises(UsageError, match="Expected the neighbours of Rochdale in one model"):
        compare(COUNTS, place="Rochdale")
    with pytest.raises(MissingDataError) as caught:
        compare(COUNTS, year=2019)
    assert str(caught.value) == (
        "There is no 'referrals' of Bolton for the year ending 31 March 2019. "
        "Indicators: referrals; years: 2025."
    )
    with pytest.raises(MissingDataError, match="no 'cin' of Bolton"):
        compare(COUNTS, indicator="cin")
    with pytest.raises(UsageError, match="names several levels; expected one"):
        compare(COUNTS, confidence=[0.95, 0.998])


def test_next_to_the_neighbours_pooled():
    """The area's 500 of 10,000 against 2,000 of 40,000, with chance on both sides."""
    same = compare(COUNTS).summary
    assert (same["ratio"], same["difference"]) == (1, 0)
    assert same["ratio_lower"] < 1 < same["ratio_upper"]
    assert same["difference_lower"] < 0 < same["difference_upper"]
    assert same["against_pooled"] == "similar"
    more = compare(COUNTS | {"Bolton": 650}).summary
    assert more["ratio"] == pytest.approx(1.3)
    assert more["difference"] == pytest.approx(150)
    assert (more["against_pooled"], more["ratio_p"] < 0.05) == ("higher", True)
    assert compare(COUNTS | {"Bolton": 350}).summary["against_pooled"] == "lower"
    hidden = compare(COUNTS | {"Bolton": None}).summary
    assert hidden["against_pooled"] == "not_compared"
    assert pd.isna(hidden["ratio"])
    alone = compare({"Bolton": 500, "England": 520}).summary
    assert alone["against_pooled"] == "not_compared"


def test_bolton_next_to_its_neighbours_is_as_compare_with_benchmark_says():
    summary = jsna.compare_with_neighbours("Bolton", "referrals", year=2025).summary
    rows = jsna.load_children_in_need(indicators="referrals", years=[2025])
    found = jsna.compare_with_benchmark(rows, jsna.load_statistical_neighbours("Bolton"))
    own = found.set_index("area_name").loc["Bolton"]
    assert summary["ratio"] == pytest.approx(own["ratio"])
    assert summary["ratio_lower"] == pytest.approx(own["ratio_lower_95"])
    assert summary["ratio_p"] == pytest.approx(own["p"])


def test_figures_of_two_releases_side_by_side_are_noted():
    rows = figures({"Bolton": 600, "Rochdale": 500, "England": 540})
    one = neighbour_comparison(
        rows, neighbours(["Rochdale"]), place="Bolton", indicator="referrals", year=2025
    )
    assert (one.summary["releases"], one.summary["note"]) == (("2025",), "")
    older = figures({"Rochdale": 500}, release="2024")
    both = neighbour_comparison(
        pd.concat([rows[rows["area_name"] != "Rochdale"], older]),
        neighbours(["Rochdale"]),
        place="Bolton",
        indicator="referrals",
        year=2025,
    )
    assert both.summary["releases"] == ("2024", "2025")
    note = both.summary["note"]
    assert note == (
        "Figures are from 2 releases (2024: Rochdale; 2025: Bolton, England); some may be revised."
    )
    assert note in repr(both)
