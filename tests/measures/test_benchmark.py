"""Against England, the region, a named area or the neighbours: what is compared and what is not."""

import numpy as np
import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.core.areas import area
from bolton_jsna.core.errors import AreaNotFoundError, MissingDataError, SchemaError, UsageError
from bolton_jsna.measures.benchmark import compare_with_benchmark
from bolton_jsna.measures.multiple_testing import benjamini_hochberg

NEAR = ["Rochdale", "Derby", "Oldham"]


def figures(counts, *, year=2025, population=10_000, **more):
    """Rows by area name; None is suppressed."""
    rows = [
        {
            "area_code": area(name).code,
            "area_name": name,
            "area_level": area(name).level,
            "year": year,
            "indicator": "referrals",
            "count": count,
            "population": population,
            "status": "suppressed" if count is None else "value",
        }
        for name, count in counts.items()
    ]
    return pd.DataFrame(rows).astype({"count": "Int64"}).assign(**more)


def neighbours(place="Bolton", names=NEAR, model="2025"):
    return pd.DataFrame(
        {
            "area_code": area(place).code,
            "rank": range(1, len(names) + 1),
            "neighbour_code": [area(name).code for name in names],
            "model": model,
        }
    )


COUNTS = {
    "Bolton": 650,
    "Rochdale": 600,
    "Derby": 400,
    "Oldham": 500,
    "North West": 5_200,
    "England": 520,
}


def compare(benchmark, counts=COUNTS, **options):
    found = compare_with_benchmark(figures(counts), benchmark, **options)
    return found.set_index("area_name")


def test_england_is_found_in_the_frame_and_not_compared_with_itself():
    found = compare("England")
    assert (found["benchmark"] == "England").all()
    assert found.loc["England", "ratio_reason"] == "this row is the benchmark"
    assert found.loc["England", "verdict_95"] == "not_compared"
    assert np.isnan(found.loc["England", "p"])
    assert found.loc["Bolton", "ratio"] == pytest.approx(650 / 520)
    pd.testing.assert_frame_equal(compare(area("England")), found)
    pd.testing.assert_frame_equal(compare("E92000001"), found)
    pd.testing.assert_frame_equal(
        compare_with_benchmark(figures(COUNTS)),
        found.reset_index()[compare_with_benchmark(figures(COUNTS)).columns],
    )


@pytest.mark.parametrize(
    ("bolton", "at_95", "at_998"),
    [
        (300, "lower", "lower"),
        (455, "lower", "similar"),
        (520, "similar", "similar"),
        (590, "higher", "similar"),
        (700, "higher", "higher"),
    ],
)
def test_the_verdict_at_two_levels(bolton, at_95, at_998):
    found = compare("England", COUNTS | {"Bolton": bolton}).loc["Bolton"]
    assert (found["verdict_95"], found["verdict_99_8"]) == (at_95, at_998)
    for verdict, ending in ((at_95, "95"), (at_998, "99_8")):
        apart = found[f"ratio_lower_{ending}"] > 1 or found[f"ratio_upper_{ending}"] < 1
        assert apart == (verdict != "similar")
    one = compare("England", COUNTS | {"Bolton": bolton}, confidence=0.95).loc["Bolton"]
    assert one["verdict"] == at_95


def test_the_region_is_each_areas_own():
    found = compare("region", without_own=False)
    assert found.loc["Bolton", "benchmark"] == "North West"
    assert found.loc["Bolton", "ratio"] == pytest.approx(650 / 5_200)
    assert found.loc["North West", "ratio_reason"] == "the area has no region"
    assert found.loc["Derby", "ratio_reason"] == "the frame has no row of the benchmark for this"
    assert found.loc["Derby", "ratio_status"] == "not_available"


def test_an_area_can_be_taken_out_of_what_it_is_part_of():
    counts = COUNTS | {"North West": 5_200}
    frame = figures(counts).astype({"population": float})
    frame.loc[frame["area_level"] == "region", "population"] = 100_000.0
    found = compare_with_benchmark(frame, "region", without_own=True).set_index("area_name")
    assert found.loc["Bolton", "benchmark"] == "the rest of North West"
    assert found.loc["Bolton", "benchmark_count"] == 5_200 - 650
    assert found.loc["Bolton", "benchmark_population"] == 90_000
    other = compare("Derby", without_own=True)
    assert other.loc["Bolton", "benchmark_count"] == 400  # Bolton is no part of Derby
    gone = compare("England", without_own=True)
    assert gone.loc["Bolton", "ratio_reason"] == (
        "without this area nothing is left of the benchmark"
    )


def test_neighbours_are_pooled_without_the_area_itself():
    near = neighbours(names=["Bolton", *NEAR])
    found = compare(near)
    row = found.loc["Bolton"]
    assert row["benchmark_count"] == 1_500
    assert row["benchmark_population"] == 30_000
    assert (row["benchmark_used"], row["benchmark_of"]) == (3, 3)
    assert row["benchmark"] == "statistical neighbours pooled (model 2025)"
    assert row["ratio"] == pytest.approx(650 / 500)
    assert found.loc["Derby", "ratio_reason"] == "the neighbours given are not this area's"
    assert pd.isna(found.loc["Derby", "benchmark_of"])


def test_a_neighbour_without_a_figure_is_left_out_and_counted():
    row = compare(neighbours(), COUNTS | {"Derby": None}).loc["Bolton"]
    assert (row["benchmark_count"], row["benchmark_used"], row["benchmark_of"]) == (1_100, 2, 3)
    assert row["ratio_status"] == "value"
    none = compare(neighbours(), {"Bolton": 650, "Leeds": 40}).loc["Bolton"]
    assert (none["ratio_status"], none["benchmark_used"]) == ("not_available", 0)
    assert none["ratio_reason"] == "none of the neighbours has a rate for this"


@pytest.mark.parametrize(
    ("states", "state", "ending"),
    [
        (["suppressed", "suppressed", "suppressed"], "suppressed", ": suppressed"),
        (["not_available", "suppressed", "low"], "suppressed", ": suppressed"),
        (["not_available", "low", "not_available"], "low", ": low reliability"),
        (["not_available", "not_applicable", "not_available"], "not_available", ""),
    ],
)
def test_where_no_neighbour_is_left_the_state_is_that_of_the_hidden_one(states, state, ending):
    frame = figures({"Bolton": 650, "Leeds": 40} | dict.fromkeys(NEAR))
    frame.loc[2:, "status"] = states
    found = compare_with_benchmark(frame, neighbours()).set_index("area_name")
    row = found.loc["Bolton"]
    assert (row["ratio_status"], row["benchmark_used"], row["benchmark_of"]) == (state, 0, 3)
    assert row["ratio_reason"] == f"none of the neighbours has a rate for this{ending}"
    assert row["verdict_95"] == "not_compared"
    assert found.loc["Leeds", "ratio_status"] == "not_applicable"


def test_neighbours_of_many_areas_at_once():
    both = pd.concat([neighbours(), neighbours("Derby", ["Bolton", "Oldham"])])
    found = compare(both)
    assert found.loc[["Bolton", "Derby"], "benchmark_count"].tolist() == [1_500, 1_150]


def test_bolton_next_to_its_neighbours_2025():
    """DfE 2025, model 2025: referrals 503.0 against 581.03 pooled, as compare_with_neighbours."""
    referrals = jsna.load_children_in_need(indicators="referrals", years=[2025])
    near = jsna.load_statistical_neighbours("Bolton", model="2025")
    found = jsna.compare_with_benchmark(referrals, near).set_index("area_name").loc["Bolton"]
    assert round(found["benchmark_rate"], 2) == 581.03
    assert (found["benchmark_used"], found["benchmark_of"]) == (10, 10)
    assert found["verdict_99_8"] == "lower"


def test_rows_of_ones_own():
    target = pd.DataFrame({"count": [500], "population": [10_000], "area_name": ["Target"]})
    found = compare(target)
    assert (found["benchmark"] == "Target").all()
    assert found.loc["Bolton", "ratio"] == pytest.approx(1.3)
    assert found["verdict_95"].notna().all()
    with pytest.raises(UsageError, match=r"without_own=True takes an area out of the place"):
        compare(target, without_own=True)


def test_families_are_levels_of_an_indicator_and_year():
    frame = pd.concat([figures(COUNTS), figures(COUNTS, year=2024, population=9_000)])
    found = compare_with_benchmark(frame, "England")
    authorities = found[(found["area_level"] == "authority") & (found["year"] == 2025)]
    assert authorities["p_adjusted"].tolist() == pytest.approx(
        benjamini_hochberg(authorities["p"]).tolist()
    )
    region = found[(found["area_level"] == "region") & (found["year"] == 2025)]
    assert region["p_adjusted"].tolist() == region["p"].tolist()
    everything = compare_with_benchmark(frame, "England", family=[])
    assert (everything["p_adjusted"].dropna() >= everything["p"].dropna()).all()


def test_order_and_inputs():
    frame = figures(COUNTS)
    before = frame.copy(deep=True)
    found = compare_with_benchmark(frame, neighbours())
    pd.testing.assert_frame_equal(frame, before)
    turned = compare_with_benchmark(frame.iloc[::-1], neighbours().iloc[::-1])
    pd.testing.assert_frame_equal(turned.iloc[::-1], found)


def test_a_benchmark_without_events_still_has_a_verdict():
    counts = {"Bolton": 30, "England": 0}
    row = compare("England", counts).loc["Bolton"]
    assert (row["ratio_status"], row["verdict_99_8"]) == ("not_applicable", "higher")
    assert row["ratio_reason"] == "the benchmark has no events: there is no ratio"


def test_another_code_of_the_same_place():
    frame = figures({"Sheffield": 500, "England": 520})
    frame["area_code"] = frame["area_code"].replace({area("Sheffield").code: "E08000039"})
    found = compare_with_benchmark(frame, "Sheffield").set_index("area_name")
    assert found.loc["England", "ratio"] == pytest.approx(1.04)


def test_rejections():
    with pytest.raises(MissingDataError, match=r"no row of Leeds to compare with. Load its rows"):
        compare("Leeds")
    with pytest.raises(AreaNotFoundError, match=r"'Leedz'. Did you mean 'Leeds'"):
        compare("Leedz")
    with pytest.raises(UsageError, match=r"one model; found models 2025, 2021"):
        compare(pd.concat([neighbours(), neighbours(model="2021")]))


def test_a_neighbour_with_two_rows_is_rejected_not_pooled_twice():
    frame = pd.concat([figures(COUNTS), figures({"Derby": 410})])
    with pytest.raises(SchemaError, match=r"A neighbour has several rows for area_code E06000015"):
        compare_with_benchmark(frame, neighbours())
    # The area itself may have several: each is compared.
    frame = pd.concat([figures(COUNTS), figures({"Bolton": 640})])
    found = compare_with_benchmark(frame, neighbours())
    assert found.loc[found["area_name"] == "Bolton", "benchmark_count"].tolist() == [1_500, 1_500]


def test_neighbours_are_pooled_as_adding_them_one_by_one():
    generator = np.random.default_rng(11)
    places = [each.code for each in jsna.register() if each.level == "authority"][:30]
    frame = pd.DataFrame(
        [(code, year) for code in places for year in (2024, 2025)], columns=["area_code", "year"]
    )
    frame["count"] = pd.array(generator.integers(0, 90, len(frame)), dtype="Int64")
    frame["population"] = generator.integers(900, 9_000, len(frame))
    frame["status"] = generator.choice(["value", "suppressed", "modelled"], len(frame))
    near = pd.DataFrame(
        {
            "area_code": np.repeat(places, 4),
            "neighbour_code": generator.choice(places, 4 * len(places)),
            "model": "2025",
        }
    )
    found = compare_with_benchmark(frame, near)
    for _, row in found.iterrows():
        own = set(near.loc[near["area_code"] == row["area_code"], "neighbour_code"])
        own -= {row["area_code"]}
        rows = frame[frame["area_code"].isin(own) & (frame["year"] == row["year"])]
        rows = rows[rows["status"] != "suppressed"]
        assert (row["benchmark_of"], row["benchmark_used"]) == (len(own), len(rows))
        if row["status"] != "suppressed" and len(rows):
            assert row["benchmark_count"] == rows["count"].sum()
            assert row["benchmark_population"] == rows["population"].sum()


def test_a_variance_that_is_not_known_is_the_reason_for_no_verdict():
    frame = figures(COUNTS).assign(spread=lambda rows: rows["count"] * 1.2)
    frame.loc[0, "spread"] = np.nan
    found = compare_with_benchmark(frame, "England", count_variance="spread").iloc[0]
    assert found["verdict_95"] == "not_compared"
    assert found["ratio_reason"] == "the variance of the count is not known: no limits and no p"


@pytest.mark.parametrize("benchmark", ["England", "region", "neighbours"])
def test_areas_by_name_are_compared_like_those_by_code(benchmark):
    rows = figures({"Bolton": 500, "Rochdale": 700, "North West": 60_000, "England": 550_000})
    near = pd.DataFrame(
        {"area_code": area("Bolton").code, "neighbour_code": [area("Rochdale").code], "model": "x"}
    )
    to = near if benchmark == "neighbours" else benchmark
    expected = compare_with_benchmark(rows, to)
    names = rows.drop(columns="area_code").rename(columns={"area_name": "Authority"})
    found = compare_with_benchmark(names.replace("Bolton", "BOLTON "), to)
    for column in ("ratio", "p", "verdict_95", "benchmark", "area_code"):
        pd.testing.assert_series_equal(found[column], expected[column], check_dtype=False)
    assert found["Authority"].iloc[0] == "BOLTON "
    assert compare_with_benchmark(rows, to, code="area_name")["ratio"].equals(expected["ratio"])


def test_names_that_are_no_areas_are_listed_and_two_columns_of_areas_need_one():
    rows = figures({"Bolton": 500, "Bury": 80, "England": 550_000}).drop(columns="area_code")
    with pytest.raises(AreaNotFoundError, match=r"1 of 3 names in 'area_name'.*'Buri'"):
        compare_with_benchmark(rows.replace("Bury", "Buri"))
    two = rows.rename(columns={"area_name": "here"}).assign(near=["Bury", "Bolton", "England"])
    with pytest.raises(SchemaError, match=r"code='here' or code='near'"):
        compare_with_benchmark(two)
    assert compare_with_benchmark(two, code="here")["verdict_95"].notna().all()


def test_councils_are_taken_out_of_their_region_and_unknown_places_are_listed():
    rows = pd.DataFrame(
        {
            "Local authority": ["Bolton MBC", "Bury Council", "North West"],
            "count": [90, 80, 900],
            "population": [9_000, 7_000, 80_000],
        }
    )
    plain = rows.replace({"Bolton MBC": "Bolton", "Bury Council": "Bury"})
    found, expected = (compare_with_benchmark(each, "North West") for each in (rows, plain))
    assert found["ratio"].equals(expected["ratio"])
    unknown = rows.replace({"Bolton MBC": "Boltn", "Bury Council": "Buri"})
    with pytest.raises(AreaNotFoundError, match=r"'Boltn'.*'Buri'.*Head a column of wards 'ward'"):
        compare_with_benchmark(unknown, "North West")


def test_wards_by_name_are_compared_with_the_row_of_england():
    wards = pd.DataFrame(
        {"ward": ["Rumworth", "Bury", "Hulton", "Kearsley", "England"], "country": "England"}
    ).assign(count=[90, 10, 12, 32, 550_000], population=[1000, 900, 800, 700, 12_000_000])
    found = compare_with_benchmark(wards)
    assert found["verdict_95"].tolist() == ["higher", "lower", "lower", "similar", "not_compared"]
    assert found["area_code"].tolist() == [*wards["ward"].iloc[:4], "E92000001"]
