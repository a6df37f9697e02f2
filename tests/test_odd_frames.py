"""Odd tables and options give a result or one of the library's own errors, never a raw one."""

import functools
import inspect
import random
import traceback
import warnings

import numpy as np
import pandas as pd
import pytest

import bolton_jsna as jsna
import face
import odd_frames
from bolton_jsna.core.errors import BoltonJsnaError, SchemaError, UsageError
from same_result import assert_same

SLOW = {
    *("audit", "bivariate_map", "check_records", "choropleth_map", "count_events"),
    *("linked_counts", "load_local_records", "match_populations", "shared_classes"),
    *("spatial_autocorrelation", "static_bivariate", "static_choropleth", "suppress"),
}
"""Calls that take long: of these fewer odd tables are tried, all drawn with a seed."""

FEW, SEVERAL = 3, 18


def is_ours(error):
    """Whether an error is of the family, or of the registry's call before the library begins."""
    within = [each.filename for each in traceback.extract_tb(error.__traceback__)]
    return isinstance(error, BoltonJsnaError) or not any("bolton_jsna" in each for each in within)


@pytest.mark.parametrize("name", face.CALLS)
def test_odd_tables_give_no_raw_error(name):
    call = face.CALLS[name]()
    wrong = []
    for each, frame in call.frames.items():
        drawn = random.Random(f"{name} {each}")  # noqa: S311 (a seed, no secret)
        for kind in drawn.sample(list(odd_frames.ODD), FEW if name in SLOW else SEVERAL):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                odd = odd_frames.ODD[kind](frame.copy())
            if odd is None:
                continue
            try:
                call(**{each: odd})
            except Exception as error:  # noqa: BLE001 (any error is what is looked for)
                if not is_ours(error):
                    wrong.append(f"{each}, {kind}: {type(error).__name__}: {error}")
    assert wrong == []


def _numpy(value):
    """The same option as NumPy has it; None where it is no number or list of numbers."""
    if isinstance(value, bool):
        return np.bool_(value)
    if isinstance(value, int):
        return np.int64(value)
    if isinstance(value, float):
        return np.float64(value)
    if isinstance(value, tuple) and value and all(isinstance(each, float) for each in value):
        return np.array(value)
    return None


MORE = {
    "crude_rates": {"rounded_to": 10},
    "deprivation_association": {"step": 2},
    "funnel_limits": {"target": 40},
    "pool_years": {"years": 2},
    "quantiles": {"fewest": 9},
    "recent_trends": {"last": 2025},
    "summarise_idaci": {"shares": 5},
}
"""Options that are numbers and have another default."""

NOT_QUICK = {"bivariate_map", "check_records", "static_bivariate", "static_choropleth"}
OPTIONS = {
    name: {
        each.name: each.default
        for each in inspect.signature(getattr(jsna, name)).parameters.values()
        if _numpy(each.default) is not None
    }
    | MORE.get(name, {})
    for name in sorted(set(face.CALLS) - NOT_QUICK)
}


@pytest.mark.parametrize("name", [name for name, options in OPTIONS.items() if options])
def test_numbers_of_numpy_are_numbers(name, monkeypatch):
    whole = getattr(jsna, name)

    def result(options):
        def bound(*frames, **given):
            return whole(*frames, **{**options, **given})

        monkeypatch.setattr(jsna, name, functools.wraps(whole)(bound))
        call = face.CALLS[name]()
        return call(), call.key

    expected, key = result(OPTIONS[name])
    found, _ = result({option: _numpy(value) for option, value in OPTIONS[name].items()})
    assert_same(expected, found, key)


@pytest.mark.parametrize("name", [name for name, options in OPTIONS.items() if options])
def test_options_that_are_no_numbers_give_no_raw_error(name, monkeypatch):
    whole, wrong = getattr(jsna, name), []
    kinds = ["3", None, [], float("nan"), object()]
    for option in OPTIONS[name]:
        drawn = random.Random(f"{name} {option}")  # noqa: S311 (a seed, no secret)
        for value in drawn.sample(kinds, 1 if name in SLOW else 2):

            def bound(*frames, value=value, option=option, **given):
                return whole(*frames, **{option: value, **given})

            monkeypatch.setattr(jsna, name, functools.wraps(whole)(bound))
            try:
                face.CALLS[name]()()
            except Exception as error:  # noqa: BLE001 (any error is what is looked for)
                if not is_ours(error):
                    wrong.append(f"{option}={value!r}: {type(error).__name__}: {error}")
    assert wrong == []


# One test for each error that was raw, with the words that now say what to do.
WARDS = face.wards()


def test_a_lookup_with_repeated_labels_of_its_rows():
    call = face.CALLS["to_areas"]()
    lookup = call.frames["lookup"]
    parts = pd.concat([lookup.head(20), lookup.tail(20).set_axis(range(20))])
    assert_same(call(), call(lookup=parts), call.key)
    split = pd.concat([lookup.assign(share=0.5), lookup.assign(share=0.5, to_code="X")])
    assert call(lookup=split)["area_code"].tolist()[-1] == "X"


def test_whole_number_codes_against_text():
    call = face.CALLS["indirectly_standardised_ratios"]()
    observed = call.frames["observed"].assign(group=[1, 2])
    with pytest.raises(SchemaError, match=r"'group' holds numbers \(1, 2\) in observed= and text"):
        call(observed=observed)


@pytest.mark.parametrize("name", ["pool_years", "recent_trends", "match_populations"])
def test_a_year_of_dates(name):
    call = face.CALLS[name]()
    first, frame = next(iter(call.frames.items()))
    dates = frame.assign(year=pd.to_datetime(frame["year"].astype(str)))
    with pytest.raises(SchemaError, match=r"'year' holds dates .* use frame\['year'\]"):
        call(**{first: dates})


def test_a_missing_year_is_not_pooled():
    call = face.CALLS["pool_years"]()
    frame = call.frames["frame"].astype({"year": float})
    frame.loc[0, "year"] = np.nan
    with pytest.raises(SchemaError, match=r"1 rows have no whole number in 'year' \(nan\)"):
        call(frame=frame)


def test_references_of_categories_are_read_and_of_text_are_named():
    call = face.CALLS["indirectly_standardised_rates"]()
    reference = call.frames["reference"]
    ages = reference.astype({"age_band": "category", "count": "category"})
    assert_same(call(), call(reference=ages), call.key)
    with pytest.raises(SchemaError, match=r"'count' holds text that is not a number"):
        call(reference=reference.assign(count=["c", "9", "14"]))


def test_levels_of_the_labels_may_have_the_names_of_columns():
    for name in ("crude_rates", "funnel_limits", "recent_trends", "adjust_p_values", "pool_years"):
        call = face.CALLS[name]()
        (first, frame), *_ = call.frames.items()
        labelled = frame.set_index([*frame.columns[:2]], drop=False)
        found, expected = call(**{first: labelled}), call()
        assert_same(expected, found.reset_index(drop=True), call.key)


def test_what_is_no_table_is_named():
    with pytest.raises(UsageError, match=r"frame='rates.csv' is of the type str; expected a Data"):
        jsna.crude_rates("rates.csv")
    with pytest.raises(SchemaError, match=r"has the column 'count' more than once"):
        jsna.smooth_rates(pd.concat([WARDS, WARDS[["count"]]], axis=1))
