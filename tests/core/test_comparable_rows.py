"""What must not be summed or ranked together is rejected, or taken apart by ``by``."""

import re

import numpy as np
import pandas as pd
import pytest

import bolton_jsna as jsna
import face
from bolton_jsna.core.errors import SchemaError, UsageError


def lsoas(years=(2022, 2023, 2024)):
    """The same small areas in several years, as the issue's 531 rows of 177 areas."""
    generator = np.random.default_rng(14)
    rows = pd.DataFrame(
        {
            "lsoa_code": [f"E0100{4766 + at}" for at in range(177)],
            "area_code": "E08000001",
            "idaci_score": generator.uniform(0.05, 0.7, 177).round(3),
            "idaci_rank": 1 + generator.permutation(177),
            "idaci_decile": 1 + np.arange(177) % 10,
            "population": generator.integers(200, 700, 177),
        }
    )
    frames = [
        rows.assign(year=year, count=generator.poisson(rows["population"] * 0.03)) for year in years
    ]
    return pd.concat(frames, ignore_index=True)


STACKED = {
    "smooth_rates": jsna.smooth_rates,
    "funnel_limits": jsna.funnel_limits,
    "deprivation_association": jsna.deprivation_association,
    "concentration_index": lambda rows: jsna.concentration_index(rows, rank="idaci_rank"),
    "quantiles": lambda rows: jsna.quantiles(rows, "idaci_score"),
    "rates_by_deprivation": jsna.rates_by_deprivation,
    "slope_index_of_inequality": lambda rows: jsna.slope_index_of_inequality(
        rows, quantile="idaci_rank", fewest=3
    ),
    "crude_rates": lambda rows: jsna.crude_rates(rows, by="area_code"),
    "proportions": lambda rows: jsna.proportions(rows, denominator="population", by="area_code"),
    "means": lambda rows: jsna.means(rows, by="area_code", value="idaci_score"),
    "quartile_bands": lambda rows: jsna.quartile_bands(
        jsna.crude_rates(rows), polarity="low", by=["area_code"]
    ),
    "to_areas": lambda rows: jsna.to_areas(rows, jsna.load_lookup("Bolton"), sums=["count"]),
}


@pytest.mark.parametrize("name", STACKED)
def test_three_years_of_177_areas_are_not_531_areas(name):
    with pytest.raises(UsageError) as caught:
        STACKED[name](lsoas())
    message = str(caught.value)
    assert "the years 2022, 2023, 2024 are stacked: 531 rows" in message
    assert "Expected one" in message
    assert "frame[frame['year'] == 2024]" in message


@pytest.mark.parametrize(
    "name", ["smooth_rates", "deprivation_association", "concentration_index", "quantiles"]
)
def test_a_function_without_areas_of_its_own_counts_them(name):
    with pytest.raises(UsageError, match=r"531 rows for 177 areas\. Expected one row for each"):
        STACKED[name](lsoas())


def test_by_takes_the_years_apart():
    rows = lsoas()
    alone = [rows[rows["year"] == year] for year in (2022, 2023, 2024)]
    together = jsna.concentration_index(rows, rank="idaci_rank", by=["year"])
    each = [jsna.concentration_index(one, rank="idaci_rank") for one in alone]
    np.testing.assert_allclose(
        together["concentration"], [one["concentration"].item() for one in each], rtol=1e-12
    )
    divided = jsna.quantiles(rows, "idaci_score", by="year")
    assert divided.groupby("year")["quantile"].apply(list).tolist() == [
        jsna.quantiles(one, "idaci_score")["quantile"].tolist() for one in alone
    ]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("indicator", ["referrals", "cpp_started"]),
        ("edition", [2019, 2025]),
        ("breakdown", ["Total", "Female"]),
        ("sex", ["persons", "females"]),
        ("age_band", ["0-4", "5-9"]),
        ("release", ["2024", "2025"]),
    ],
)
def test_other_stacks_are_named(column, values):
    one = lsoas([2024]).drop(columns="year")
    rows = pd.concat([one.assign(**{column: value}) for value in values], ignore_index=True)
    with pytest.raises(UsageError, match=r"are stacked: 354 rows for 177 areas") as caught:
        jsna.smooth_rates(rows)
    assert all(str(value) in str(caught.value) for value in values)


def test_one_area_twice_is_named_where_no_column_gives_the_reason():
    rows = lsoas([2024]).drop(columns="year")
    with pytest.raises(SchemaError, match=r"E01004766 has more than one row: 178 rows for 177"):
        jsna.smooth_rates(pd.concat([rows, rows.head(1)], ignore_index=True))


def test_areas_of_half_a_stack_are_rejected_too():
    """Each area has one row, but some are of another year."""
    rows = lsoas([2024])
    rows.loc[100:, "year"] = 2025
    for name in ("smooth_rates", "concentration_index", "to_areas"):
        with pytest.raises(UsageError, match=r"the years 2024, 2025 are stacked"):
            STACKED[name](rows)


def test_a_release_may_differ_between_areas():
    rows = lsoas([2024]).assign(release=lambda f: np.where(f.index < 9, "2024", "2025"))
    assert len(jsna.smooth_rates(rows)) == 177


def test_a_ward_with_the_code_of_its_authority_is_an_area():
    rows = lsoas([2024]).drop(columns="lsoa_code").head(20)
    wards = rows.assign(ward_code=[f"E0501481{at}" for at in range(20)])
    assert len(jsna.smooth_rates(wards, code="ward_code")) == 20
    assert jsna.deprivation_association(wards).summary["used"] == 20


def test_the_years_of_one_area_are_added_and_those_of_several_are_not():
    rows = lsoas().rename(columns={"area_code": "district_code"})
    pooled = jsna.crude_rates(rows, by="lsoa_code")
    assert pooled["parts"].tolist() == [3] * 177
    with pytest.raises(UsageError, match=r"the years 2022, 2023, 2024 are stacked"):
        jsna.crude_rates(rows, by="district_code")
    with pytest.raises(UsageError, match=r"the years 2022, 2023, 2024 are stacked"):
        jsna.crude_rates(rows, by="idaci_decile")


def test_a_total_is_not_added_to_its_parts():
    rows = pd.DataFrame(
        {
            "area_code": "E08000001",
            "sex": ["persons", "females", "males"],
            "count": [30, 10, 20],
            "population": [300, 150, 150],
        }
    )
    with pytest.raises(UsageError, match=r"'sex' holds a total \('persons'\) next to its parts"):
        jsna.crude_rates(rows, by="area_code")
    assert jsna.crude_rates(rows.iloc[1:], by="area_code")["count"].tolist() == [30]


def test_the_same_figure_of_two_releases_is_not_added_to_itself():
    rows = pd.DataFrame(
        {
            "area_code": ["E08000001", "E08000001", "E08000002"],
            "release": ["2024", "2025", "2025"],
            "side": "north",
            "count": [30, 31, 9],
            "population": [300, 300, 100],
        }
    )
    with pytest.raises(UsageError, match=r"the releases '2024', '2025' are stacked"):
        jsna.crude_rates(rows, by="side")
    assert jsna.crude_rates(rows.iloc[1:], by="side")["count"].tolist() == [40]


def test_people_that_are_there_twice_are_not_matched():
    call = face.CALLS["match_populations"]()
    people = call.frames["populations"]
    # One age twice and another missing were 18 rows, and passed for the ages 0 to 17.
    odd = pd.concat([people[people["age"] != 9], people[people["age"] == 5]], ignore_index=True)
    with pytest.raises(SchemaError, match=r"repeat the people of another.*ages=5"):
        call(populations=odd)


SERIES = (
    *("backtest_demand", "decompose_change", "pool_years", "project_demand"),
    *("chart_projection", "chart_trend", "recent_trends"),
)
"""Functions that take years together by design: another year makes a longer series."""

# Doubling: the same table a second time, under another year, indicator, release or level.
NOT_AREAS = {
    **dict.fromkeys(
        ("adjust_p_values", "benjamini_hochberg"),
        "any set of comparisons may be a family; ``by`` divides it",
    ),
    **dict.fromkeys(
        ("audit", "suppress", "unprotected"),
        "cells of tables with their margins, whose sums are part of the task",
    ),
    **dict.fromkeys(
        ("check_records", "count_events", "event_frequencies", "linked_counts"),
        "events, one row each",
    ),
    "load_local_records": "events, one row each",
    **dict.fromkeys(("contiguity_weights", "weights_from_pairs"), "shapes and pairs"),
    "shared_classes": "classes that several years share are what it is for",
    "sources": "no figures",
    "describe": "each row has sentences of its own, with its year and indicator",
    **dict.fromkeys(
        ("bivariate_map", "static_bivariate", "static_choropleth"), "join as choropleth_map does"
    ),
}


def _double(frame, kind):
    """The table twice, and the mask of what was there before; None where it does not apply."""
    if kind == "level":
        if "area_code" not in frame.columns or "lsoa_code" in frame.columns:
            return None
        top = frame.head(1).assign(area_code="E12000002")
        if "area_level" in frame.columns:
            top = top.assign(area_level="region")
        return pd.concat([frame, top], ignore_index=True), ("area_code", {"E12000002"}, True)
    old, new = {"year": (2025, 2035), "indicator": ("referrals", "plans")}[kind]
    given = frame if kind in frame.columns else frame.assign(**{kind: old})
    again = given.assign(**{kind: given[kind] + 10 if kind == "year" else new})
    return pd.concat([given, again], ignore_index=True), (kind, set(given[kind]), False)


def _before(result, column, values, inverted):
    if not isinstance(result, pd.DataFrame):
        return result
    if column not in result.columns:
        return None
    kept = result[column].isin(values) != inverted
    return result[kept].reset_index(drop=True)


def _main_frame(call):
    return next(iter(call.frames))


@pytest.mark.parametrize("kind", ["year", "indicator", "level"])
@pytest.mark.parametrize("name", sorted(set(face.CALLS) - set(NOT_AREAS)))
def test_a_doubled_table_is_rejected_or_taken_apart(name, kind):
    if kind == "year" and name in SERIES:
        pytest.skip("takes years together")
    call = face.CALLS[name]()
    doubled = _double(call.frames[_main_frame(call)], kind)
    if doubled is None:
        pytest.skip("has no areas of several levels")
    rows, (column, values, inverted) = doubled
    expected = call()
    try:
        found = call(**{_main_frame(call): rows})
    except (UsageError, SchemaError, jsna.VintageError, jsna.MissingDataError) as error:
        said = str(error)
    else:
        said = ""
    if said:
        # It names what was found, in numbers or by name.
        assert re.search(r"stacked|rows|levels|several|more than once|twice|E12000002", said)
        return
    part = _before(found, column, values, inverted)
    assert part is not None, f"{name} took rows of several {column} for one"
    shared = [each for each in expected.columns if each in part.columns]
    keys = [each for each in call.key if each in shared]
    one, other = (each[shared].sort_values(keys, ignore_index=True) for each in (expected, part))
    pd.testing.assert_frame_equal(one, other, check_dtype=False)


def test_every_excuse_is_of_a_function():
    assert set(NOT_AREAS) <= set(face.CALLS)


@pytest.mark.parametrize(
    ("bands", "total"),
    [
        (["0-17", "0-4", "5-17"], "'0-17'"),
        (["Under 18", "10 to 15", "16 and over"], "'Under 18'"),
        (["All", "0-4"], "'All'"),
        (["0", "1", "0-4"], "'0-4'"),
    ],
)
@pytest.mark.parametrize("column", ["ages", "age_band"])
def test_an_age_band_is_not_added_to_its_parts(bands, total, column):
    rows = pd.DataFrame({"area_code": "E08000001", column: bands, "count": 9, "population": 99})
    with pytest.raises(UsageError, match=rf"holds a total \({total}\) next to its parts"):
        jsna.crude_rates(rows, by="area_code")
    assert len(jsna.crude_rates(rows, by=["area_code", column])) == len(bands)


@pytest.mark.parametrize(
    "bands", [["0-4", "5-17"], ["Under 5", "5-16", "16+"], ["Unborn", *jsna.DFE_BANDS]]
)
def test_age_bands_that_are_not_parts_of_another_are_added_up(bands):
    rows = pd.DataFrame({"area_code": "E08000001", "age_band": bands, "count": 9})
    found = jsna.crude_rates(rows.assign(population=99), by="area_code")
    assert found["count"].tolist() == [9 * len(bands)]
