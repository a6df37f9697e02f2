"""Whether an area is unusual among its neighbours or among authorities: what the words rest on."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

import bolton_jsna as jsna
from bolton_jsna.core.areas import area, register
from bolton_jsna.core.errors import MissingDataError, SchemaError, UsageError
from bolton_jsna.measures._prediction_intervals import usual_among_neighbours, usual_among_others
from bolton_jsna.measures.comparison import neighbour_comparison

NEAR = ["Rochdale", "Derby", "Oldham", "Tameside", "Walsall", "Salford"]
COUNTS = dict(zip(NEAR, [600, 400, 300, 700, 450, 520], strict=True))


def figures(counts, *, population=10_000, persons=None, **more):
    rows = [
        {
            "area_code": area(name).code,
            "area_name": name,
            "area_level": area(name).level,
            "year": 2025,
            "indicator": "referrals",
            "count": count,
            "population": population,
            "published_rate": np.nan,
            "status": "suppressed" if count is None else "value",
            "release": "2025",
            "source": "children_in_need@2025",
        }
        for name, count in counts.items()
    ]
    frame = pd.DataFrame(rows).astype({"count": "Int64", "population": "Int64"}).assign(**more)
    if persons is not None:
        frame["persons"] = pd.array([persons.get(name) for name in counts], dtype="Int64")
    return frame


def compare(counts, near=NEAR, **options):
    neighbours = pd.DataFrame(
        {
            "area_code": area("Bolton").code,
            "rank": range(1, len(near) + 1),
            "neighbour_code": [area(name).code for name in near],
            "neighbour_name": near,
            "model": "2025",
        }
    )
    frame = figures(counts, **options)
    return neighbour_comparison(
        frame, neighbours, place="Bolton", indicator="referrals", year=2025
    ).summary


def by_hand(counts, own):
    """The prediction interval worked out again: Higgins, Thompson and Spiegelhalter 2009."""
    logs = np.log([each / 10_000 for each in counts])
    n = len(logs)
    mean_variance = np.mean([1 / each for each in counts])
    spread = np.var(logs, ddof=1) * (1 + 1 / n) + max(0, 1 / own - mean_variance)
    reach = stats.t.ppf(0.975, n - 1) * np.sqrt(spread)
    return np.exp([logs.mean() - reach, logs.mean(), logs.mean() + reach]) * 10_000


@pytest.mark.parametrize("own", [500, 40, 9])
def test_the_usual_range_of_the_neighbours(own):
    found = compare({"Bolton": own} | COUNTS)
    lower, centre, upper = by_hand(COUNTS.values(), own)
    assert found["usual_lower"] == pytest.approx(lower)
    assert found["usual_centre"] == pytest.approx(centre)
    assert found["usual_upper"] == pytest.approx(upper)
    expected = "lower" if own < lower else "similar"
    assert found["against_neighbours"] == expected
    assert found["against_neighbours_reason"] == ""


def test_outside_of_the_range_and_only_there_an_area_differs_from_its_neighbours():
    _, _, upper = by_hand(COUNTS.values(), 1_000)
    assert compare({"Bolton": int(upper) - 5} | COUNTS)["against_neighbours"] == "similar"
    assert compare({"Bolton": int(upper) + 5} | COUNTS)["against_neighbours"] == "higher"
    # Added up, the neighbours differ by more than chance long before.
    assert compare({"Bolton": 600} | COUNTS)["against_pooled"] == "higher"


def test_fewer_than_five_neighbours_or_one_without_events_give_no_verdict():
    few = compare({"Bolton": 500} | COUNTS | dict.fromkeys(["Derby", "Oldham"]))
    assert few["against_neighbours"] == "not_available"
    assert few["against_neighbours_reason"] == "4 neighbours have a rate; 5 or more are needed"
    five = compare({"Bolton": 500} | {name: at for name, at in COUNTS.items() if name != "Derby"})
    assert five["against_neighbours"] == "similar"
    hidden = compare({"Bolton": 500} | COUNTS | {"Derby": None})
    assert hidden["against_neighbours"] == "not_available"
    assert hidden["against_neighbours_reason"].startswith("hidden for Derby: ")
    assert np.isnan(hidden["usual_upper"])
    none = compare({"Bolton": 500} | COUNTS | {"Derby": 0})
    assert none["against_neighbours"] == "not_available"
    assert "no events in Derby" in none["against_neighbours_reason"]
    assert np.isnan(none["usual_lower"])
    own = compare({"Bolton": None} | COUNTS)
    assert own["against_neighbours_reason"] == "the area's own rate is suppressed"
    assert own["usual_centre"] > 0
    assert compare({"Bolton": 0} | COUNTS)["against_neighbours"] == "not_available"


def test_the_neighbours_beyond_chance_are_counted():
    found = compare({"Bolton": 520} | COUNTS)
    assert (found["lower_beyond_chance"], found["higher_beyond_chance"]) == (3, 2)
    even = compare({"Bolton": 20} | dict.fromkeys(NEAR, 20))
    assert (even["lower_beyond_chance"], even["higher_beyond_chance"]) == (0, 0)


def test_the_interval_of_the_rank_holds_the_rank_and_is_the_same_every_time():
    found = compare({"Bolton": 520} | COUNTS)
    assert found["rank_first"] <= found["rank"] <= found["rank_last"]
    again = compare({"Bolton": 520} | COUNTS)
    assert (again["rank_first"], again["rank_last"]) == (found["rank_first"], found["rank_last"])
    alike = compare({"Bolton": 20} | dict.fromkeys(NEAR, 20))
    assert (alike["rank_first"], alike["rank_last"]) == (1, 7)
    apart = compare({"Bolton": 90_000} | COUNTS, population=1_000_000)
    assert (apart["rank_first"], apart["rank_last"]) == (1, 1)
    assert compare({"Bolton": None} | COUNTS)["rank_first"] is None


def test_children_referred_twice_widen_the_comparison():
    counts = {"Bolton": 500, "England": 560_000} | COUNTS
    people = {name: round(count / 1.5) for name, count in counts.items()}
    once = compare(counts, population=10_000)
    twice = compare(counts, persons=people)
    assert twice["upper"] - twice["lower"] > 1.3 * (once["upper"] - once["lower"])
    assert twice["ratio_p"] > once["ratio_p"]
    assert twice["higher_beyond_chance"] <= once["higher_beyond_chance"]


def test_bolton_2025():
    """DfE 2025: 503.0 with 3,425 children behind 3,803 referrals; England 519.4."""
    found = jsna.compare_with_neighbours("Bolton", "referrals", year=2025)
    summary = found.summary
    assert (round(summary["lower"], 1), round(summary["upper"], 1)) == (485.5, 521.0)
    assert summary["against_england"] == "similar"
    assert summary["england_p"] == pytest.approx(0.07, abs=0.006)
    assert summary["against_neighbours"] == "similar"
    assert (summary["rank"], summary["rank_of"]) == (8, 11)
    assert set(found.table["method"]) == {"Byar, repeated events"}


def test_several_indicators_and_years_give_a_row_each():
    rows = jsna.compare_with_neighbours(
        "Bolton", ["referrals", "cpp_started"], year=range(2023, 2026)
    )
    assert rows[["indicator", "year"]].to_numpy().tolist() == [
        [name, year] for name in ("referrals", "cpp_started") for year in (2023, 2024, 2025)
    ]
    alone = jsna.compare_with_neighbours("Bolton", "cpp_started", year=2024).summary
    row = rows.set_index(["indicator", "year"]).loc[("cpp_started", 2024)]
    assert row["usual_upper"] == alone["usual_upper"]
    latest = jsna.compare_with_neighbours("Bolton", ["referrals"])
    assert latest["year"].tolist() == [2025]


def test_what_is_not_there_is_named():
    with pytest.raises(MissingDataError, match=r"no figures of Bolton for referrals 2012"):
        jsna.compare_with_neighbours("Bolton", "referrals", year=[2012, 2025])
    with pytest.raises(MissingDataError, match="section_47"):
        jsna.compare_with_neighbours("Bolton", ["referrals", "section_47"])
    with pytest.raises(UsageError, match="is empty"):
        jsna.compare_with_neighbours("Bolton", [])


# -- among authorities ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def england():
    """Counts of every authority, around 500 per 10,000 with a spread of a fifth."""
    places = [each for each in register() if each.level == "authority" and each.until is None]
    rng = np.random.default_rng(5)
    rates = 500 * np.exp(rng.normal(0, 0.2, len(places)))
    counts = {each.name: int(rate * 5) for each, rate in zip(places, rates, strict=True)}
    return counts | {"England": int(sum(counts.values()) / len(counts)) * 100}


def among(counts, benchmark="England", **options):
    frame = figures(counts, population=50_000)
    frame.loc[frame["area_level"] == "country", "population"] = 5_000_000
    found = jsna.compare_with_benchmark(frame, benchmark, **options)
    return found.set_index("area_name")


def test_chance_and_unusual_are_two_columns(england):
    found = among(england | {"Bolton": 3_200})
    bolton = found.loc["Bolton"]
    assert bolton["verdict_99_8"] == "higher"
    assert bolton["unusual_95"] == "similar"
    assert bolton["unusual_lower_95"] < bolton["rate"] < bolton["unusual_upper_95"]
    assert (bolton["unusual_used"], bolton["unusual_of"]) == (153, 153)
    far = among(england | {"Bolton": 6_500}).loc["Bolton"]
    assert (far["unusual_95"], far["unusual_99_8"]) == ("higher", "higher")
    assert far["unusual_z"] > 3
    # An area far out does not hide itself: its own rate is not in what is usual.
    assert far["unusual_centre"] == pytest.approx(bolton["unusual_centre"])
    assert found.loc["England", "unusual_95"] == "not_available"
    assert "only authorities are compared" in found.loc["England", "unusual_reason"]


def test_a_few_authorities_do_not_stand_for_england(england):
    few = {name: england[name] for name in [*list(england)[:100], "England"]}
    found = among(few)
    assert set(found["unusual_95"]) == {"not_available"}
    assert "100 of 153 areas have a rate: too few" in found["unusual_reason"].iloc[0]
    hidden = among(england | dict.fromkeys(list(england)[:20]))
    assert hidden["unusual_used"].max() == 133
    assert hidden["unusual_reason"].iloc[0] == "the area's own rate is suppressed"
    assert hidden["unusual_95"].iloc[30] in ("lower", "similar", "higher")
    nothing = among(england | {"Bolton": 0}).loc["Bolton"]
    assert (nothing["unusual_95"], nothing["unusual_reason"]) == (
        "not_available",
        "the area has no events",
    )


def test_within_a_region_the_others_are_those_of_the_region(england):
    counts = england | {"North West": 200_000, "East Midlands": 60_000}
    found = among(counts, "region")
    assert (found.loc["Bolton", "unusual_used"], found.loc["Bolton", "unusual_of"]) == (24, 24)
    assert found.loc["Bolton", "benchmark"] == "the rest of North West"
    assert found.loc["Derby", "unusual_95"] in ("lower", "similar", "higher")
    named = among(counts, "North West")
    assert named.loc["Bolton", "unusual_z"] == found.loc["Bolton", "unusual_z"]
    assert named.loc["Derby", "unusual_95"] == "not_available"
    whole = among(counts, "region", without_own=False)
    assert whole.loc["Bolton", "benchmark"] == "North West"


def test_only_authorities_are_placed_among_authorities():
    """Twenty wards, regions or unknown places do not say what is usual in England."""
    frame = pd.DataFrame(
        {
            "area_code": ["E92000001", *[f"E050{each:05d}" for each in range(20)]],
            "area_level": ["country", *["ward"] * 20],
            "count": [60_000, *range(80, 120, 2)],
            "population": [6_000_000, *[1_000] * 20],
        }
    )
    found = jsna.compare_with_benchmark(frame, "England", confidence=0.95)
    assert set(found["unusual"]) == {"not_available"}
    assert found["unusual_of"].isna().all()
    assert found["verdict"].iloc[1:].isin(["lower", "similar", "higher"]).all()


@pytest.mark.parametrize("level", [None, pd.NA, "Authority"])
def test_the_register_says_what_is_an_authority_whatever_the_frame_calls_it(england, level):
    frame = figures(england, population=50_000)
    frame.loc[frame["area_level"] == "country", "population"] = 5_000_000
    usual = jsna.compare_with_benchmark(frame).set_index("area_name")
    frame["area_level"] = pd.Series([level] * len(frame), dtype=object)
    found = jsna.compare_with_benchmark(frame, family=[]).set_index("area_name")
    assert found.loc["Bolton", "unusual_z"] == usual.loc["Bolton", "unusual_z"]
    assert found["unusual_used"].max() == 153


def test_an_authority_with_two_rows_is_rejected(england):
    frame = figures(england, population=50_000)
    twice = pd.concat([frame, frame[frame["area_name"] == "Bolton"]])
    with pytest.raises(SchemaError, match="E08000001 has more than one row"):
        jsna.compare_with_benchmark(twice)
    near = pd.DataFrame(
        {
            "area_code": area("Bolton").code,
            "rank": [1, 2],
            "neighbour_code": [area("Rochdale").code] * 2,
            "neighbour_name": "Rochdale",
            "model": "2025",
        }
    )
    with pytest.raises(SchemaError, match="Rochdale is given more than once"):
        neighbour_comparison(frame, near, place="Bolton", indicator="referrals", year=2025)


def test_an_empty_frame_gives_an_empty_comparison(england):
    none = figures(england).iloc[:0]
    for benchmark in ("England", "region"):
        found = jsna.compare_with_benchmark(none, benchmark)
        assert found.empty
        assert "unusual_95" in found.columns


def test_the_region_of_a_comparison_is_taken_without_the_area():
    """As compare_with_benchmark does: an area hides part of its own difference in its region."""
    counts = {"Bolton": 500, "North West": 5_400, "England": 56_000} | COUNTS
    frame = figures(counts)
    frame.loc[frame["area_name"] == "North West", "population"] = 100_000
    frame.loc[frame["area_name"] == "England", "population"] = 1_000_000
    near = pd.DataFrame(
        {
            "area_code": area("Bolton").code,
            "rank": range(1, 7),
            "neighbour_code": [area(name).code for name in NEAR],
            "neighbour_name": NEAR,
            "model": "2025",
        }
    )
    table = neighbour_comparison(
        frame, near, place="Bolton", indicator="referrals", year=2025
    ).table.set_index("area_name")
    compared = jsna.compare_with_benchmark(frame, "region", confidence=0.95)
    own = compared.set_index("area_name").loc["Bolton"]
    turned = {"lower": "higher", "higher": "lower", "similar": "similar"}
    assert table.loc["North West", "beside_area"] == turned[own["verdict"]]
    # The region's own figures stay as they were published.
    assert table.loc["North West", "count"] == 5_400


@given(
    effects=st.lists(st.floats(-3, 3), min_size=4, max_size=12),
    variance=st.floats(1e-4, 0.5),
)
def test_the_spread_is_that_of_paule_and_mandel(effects, variance):
    """Each area left out in turn, and the equation solved by another method."""
    values, variances = np.array(effects), np.full(len(effects), variance)
    variances[0] *= 3
    found = usual_among_others(values, variances)
    others, own = values[1:], variances[1:]

    def excess(between):
        weight = 1 / (own + between)
        centre = np.average(others, weights=weight)
        return (weight * (others - centre) ** 2).sum() - (len(others) - 1)

    between = optimize.brentq(excess, 0, 100) if excess(0) > 0 else 0.0
    weight = 1 / (own + between)
    assert found.centre[0] == pytest.approx(np.average(others, weights=weight), abs=1e-6)
    expected = np.sqrt(variances[0] + between + 1 / weight.sum())
    assert found.error[0] == pytest.approx(expected, rel=1e-5)
    assert found.freedom[0] == len(others) - 1


@given(st.floats(0.001, 0.2), st.floats(0.001, 0.2))
def test_more_chance_in_the_area_itself_never_narrows_what_is_usual(one, more):
    effects, variances = np.log([90.0, 120, 100, 80, 130]), np.full(5, 0.02)
    narrow = usual_among_neighbours(effects, variances, one).error[0]
    wide = usual_among_neighbours(effects, variances, one + more).error[0]
    assert wide >= narrow
