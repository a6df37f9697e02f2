"""What is hidden, modelled or shared out stays so when it is added up, joined or carried."""

import itertools

import numpy as np
import pandas as pd
import pytest

import bolton_jsna as jsna
import face
from bolton_jsna.core.errors import UsageError
from bolton_jsna.geography import children_to_areas
from bolton_jsna.measures._aggregation import group_codes
from bolton_jsna.measures._frame_columns import STATES


def split(*rows, **columns):
    """A lookup: from, to, share."""
    return pd.DataFrame(
        [(one, other, f"Area {other}", share) for one, other, share in rows],
        columns=["from_code", "to_code", "to_name", "share"],
    ).assign(from_geography="lsoa11", to_geography="lsoa21", **columns)


WHOLE = split(("A", "X", 0.4), ("A", "Y", 0.6), ("B", "X", np.nan))
COUNTS = pd.DataFrame({"lsoa_code": ["A", "B"], "count": [100, 10]})


@pytest.mark.parametrize("method", [None, "exact"])
def test_a_share_counts_after_rows_of_the_lookup_are_taken_out(method):
    lookup = WHOLE if method is None else WHOLE.assign(method=method)
    whole = jsna.to_areas(COUNTS, lookup, sums=["count"]).set_index("area_code")["count"]
    assert whole.tolist() == [50, 60]
    kept = jsna.to_areas(COUNTS, lookup[lookup["to_code"] == "X"], sums=["count"])
    assert kept["count"].tolist() == [50]
    only = jsna.to_areas(COUNTS.head(1), lookup[lookup["to_code"] == "Y"], sums=["count"])
    assert only["count"].tolist() == [60]


def test_a_mean_is_weighted_by_the_share_that_is_left():
    frame = COUNTS.assign(score=[0.5, 0.1])
    kept = jsna.to_areas(frame, WHOLE[WHOLE["to_code"] == "X"], means={"score": "count"})
    assert kept["score"].tolist() == pytest.approx([(0.5 * 40 + 0.1 * 10) / 50])


def test_a_best_fit_that_may_be_a_split_is_asked_about():
    lookup = WHOLE[WHOLE["to_code"] == "X"].assign(method="best_fit")
    with pytest.raises(UsageError, match=r"A goes to one area by best fit with a share of 0"):
        jsna.to_areas(COUNTS, lookup, sums=["count"])


def test_a_hidden_count_is_not_carried_as_a_number():
    """A zero in the cell of a suppressed count is no zero."""
    frame = COUNTS.assign(count=[0, 10], status=["suppressed", "value"])
    found = jsna.to_areas(frame, split(("A", "X", 1), ("B", "X", 1)), sums=["count"])
    assert found["count"].isna().all()
    assert found["count_parts"].tolist() == [1]
    assert found["status"].tolist() == ["suppressed"]


def test_the_state_of_a_count_says_nothing_of_the_people_next_to_it():
    frame = COUNTS.assign(status=["suppressed", "value"], population=[900, 100])
    found = jsna.to_areas(frame, split(("A", "X", 1), ("B", "X", 1)), sums=["population"])
    assert found["population"].tolist() == [1000]
    assert "status" not in found.columns


def test_children_of_wards_keep_the_state_that_hides_them():
    lsoas = jsna.load_population_estimates("Bolton", level="lsoa")
    lsoas.loc[0, ["population", "status"]] = [0.0, "suppressed"]
    wards = children_to_areas(lsoas, jsna.load_lookup("Bolton"))
    assert wards["status"].value_counts().to_dict() == {"modelled": 19, "suppressed": 1}
    assert wards["population"].isna().sum() == 1


@pytest.mark.parametrize("size", [1, 2, 3])
def test_states_of_sums_are_alike_wherever_they_are_made(size):
    from bolton_jsna.core.states import state_of_sum

    for states in itertools.product(STATES, repeat=size):
        codes = np.array([STATES.index(each) for each in states], dtype=np.int8)
        together = group_codes(codes, np.zeros(size, dtype=int), 1)
        assert state_of_sum(states) == STATES[together[0]]


def years(**columns):
    return pd.DataFrame(
        {
            "area_code": "E1",
            "year": [2023, 2024, 2025],
            "count": [4, 5, 6],
            "population": [1000, 1100, 1200],
            **columns,
        }
    )


def test_pooled_years_with_a_modelled_population_are_modelled():
    rows = years(population_status=["value", "modelled", "value"])
    pooled = jsna.pool_years(rows)
    assert pooled["status"].tolist() == ["modelled"]
    assert jsna.crude_rates(pooled)["status"].tolist() == ["modelled"]
    assert jsna.pool_years(rows, ends="every", years=2)["status"].tolist() == ["modelled"] * 2
    other = rows.rename(columns={"population_status": "people_state"})
    assert jsna.pool_years(other)["status"].tolist() == ["value"]
    named = jsna.pool_years(other, population_status="people_state")
    assert named["status"].tolist() == ["modelled"]


def test_pooled_years_with_a_hidden_population_have_no_population():
    rows = years(population_status=["value", "suppressed", "value"])
    pooled = jsna.pool_years(rows)
    assert pooled["population"].isna().all()
    assert pooled["status"].tolist() == ["not_available"]


def bands(**columns):
    return pd.DataFrame(
        {
            "group": "here",
            "age_band": ["0-4", "5-9", "10-17"],
            "count": [5, 9, 14],
            "population": [500, 600, 900],
            **columns,
        }
    )


@pytest.mark.parametrize(
    "run", [jsna.indirectly_standardised_ratios, jsna.indirectly_standardised_rates]
)
def test_a_suppressed_band_of_the_reference_is_not_one_of_none(run):
    hidden = bands(count=[0, 9, 14], status=["suppressed", "value", "value"])
    with pytest.raises(UsageError, match=r"'0-4' \(suppressed\)"):
        run(bands(), hidden, by="group")
    modelled = run(bands(), bands(status=["modelled", "value", "value"]), by="group")
    assert modelled["status"].tolist() == ["modelled"]
    modelled = run(bands(), bands(population_status="modelled"), by="group")
    assert modelled["status"].tolist() == ["modelled"]


def people(status, population=5):
    call = face.CALLS["match_populations"]()
    frame = call.frames["populations"].copy()
    at = frame.index[(frame["area_code"] == face.CODES[0]) & (frame["age"] == 7)]
    frame.loc[at, ["population", "status"]] = [population, status]
    counts = pd.DataFrame({"area_code": [*face.CODES[:3], "All"], "year": 2025, "count": 3})
    return jsna.match_populations(counts, frame)


def test_a_hidden_age_is_not_added_to_a_population_as_a_number():
    found = people("suppressed", 0)
    assert found["population"].isna().tolist() == [True, False, False, True]
    states = ["suppressed", "modelled", "modelled", "suppressed"]
    assert found["population_status"].tolist() == states
    assert people("value")["population_status"].tolist() == ["modelled"] * 4


def test_a_modelled_population_makes_modelled_figures_everywhere():
    rows = face.places().assign(population_status="modelled")
    rows["count"] = rows["count"].fillna(20)
    rows["status"] = "value"
    everyone = face.areas().assign(population_status="modelled")
    everyone["count"] = everyone["count"].fillna(20)
    everyone["status"] = "value"
    assert set(jsna.funnel_limits(rows)["status"]) == {"modelled"}
    assert set(jsna.crude_rates(rows, by="indicator")["status"]) == {"modelled"}
    compared = jsna.compare_with_benchmark(everyone, "England")
    places = compared["area_level"] == "authority"
    assert set(compared.loc[places, "ratio_status"]) == {"modelled"}
    assert set(jsna.concentration_index(rows, rank="count")["concentration_status"]) == {"modelled"}


def test_a_modelled_england_makes_modelled_comparisons():
    everyone = face.areas()
    at = everyone["area_level"] == "country"
    everyone["population_status"] = np.where(at, "modelled", "value")
    found = jsna.compare_with_benchmark(everyone, "England")
    shown = ~at & (everyone["status"] == "value")
    assert set(found.loc[shown, "ratio_status"]) == {"modelled"}


def test_a_hidden_denominator_makes_no_proportion():
    rows = pd.DataFrame(
        {"count": [3, 4], "denominator": [9, 0], "denominator_status": ["value", "suppressed"]}
    )
    with pytest.raises(UsageError, match="more"):
        jsna.proportions(rows.drop(columns="denominator_status"))
    assert jsna.proportions(rows)["status"].tolist() == ["value", "not_available"]
