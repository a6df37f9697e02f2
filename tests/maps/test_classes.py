"""Classes: no value in two, none empty by accident, printed as they are decided."""

import math

import mapclassify
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.errors import UsageError
from bolton_jsna.maps.classes import METHODS, applied, classify, number_text, sensible_decimals

NUMBERS = st.lists(
    st.floats(-1e4, 1e4, allow_nan=False).map(lambda x: round(x, 3)), min_size=1, max_size=60
)
FOUND = sorted(set(METHODS) - {"fixed", "published", "deciles"})


@given(NUMBERS, st.sampled_from(FOUND), st.integers(1, 7))
def test_every_number_has_one_class_and_no_found_class_is_empty(numbers, method, k):
    classes = classify(numbers, method=method, k=k)
    assert sum(classes.counts) == len(numbers)
    assert all(classes.counts)
    assert len(classes) == len(classes.labels) == len(classes.counts) <= k
    assert len(set(classes.labels)) == len(classes.labels)
    assert list(classes.breaks) == sorted(set(classes.breaks))


@given(NUMBERS, st.sampled_from(FOUND), st.integers(1, 7))
def test_equal_printed_numbers_share_a_class_and_order_is_kept(numbers, method, k):
    classes = classify(numbers, method=method, k=k)
    placed = sorted(zip(numbers, classes.of(numbers), strict=True))
    assert [place for _, place in placed] == sorted(place for _, place in placed)
    by_text = {}
    for number, place in placed:
        assert by_text.setdefault(classes.text(number), place) == place


def test_twenty_wards_make_five_quantiles_of_four():
    classes = classify([n / 7 for n in range(20)], k=5)
    assert classes.counts == (4, 4, 4, 4, 4)


def test_two_different_values_make_two_classes_and_say_so():
    classes = classify([1, 1, 1, 1, 2, 2], k=5)
    assert classes.labels == ("1 to under 2", "2")
    assert "2 classes, not 5, as equal values stay together" in classes.note


def test_one_value_makes_one_class():
    classes = classify([3.5, 3.5], k=5)
    assert (classes.labels, classes.counts) == (("3.5",), (2,))


def test_a_value_at_a_break_belongs_to_the_upper_class_only():
    classes = classify([100, 200, 300], method="fixed", breaks=[200])
    assert classes.of([199.4, 200, 300]) == (0, 1, 1)
    assert classes.labels == ("Under 200", "200 and over")


def test_a_value_is_classed_as_it_is_printed():
    # 519.38 is printed as 519.4, the break: a reader would look for it in the upper class.
    classes = classify([400, 519.38], method="fixed", breaks=[519.4])
    assert classes.text(519.38) == "519.4"
    assert classes.of([519.38, 519.34]) == (1, 0)


def test_fixed_classes_stay_even_when_empty_so_that_maps_compare():
    classes = classify([10, 20], method="fixed", breaks=[100, 200])
    assert classes.counts == (2, 0, 0)


def test_equal_intervals_widen_until_none_is_empty():
    classes = classify([1, 2, 3, 100], method="equal_interval", k=5)
    assert all(classes.counts)
    assert "as none is empty" in classes.note


def test_jenks_is_that_of_mapclassify():
    numbers = [1, 2, 4, 5, 19, 20, 22, 60, 61, 64, 90]
    with pytest.warns(UserWarning, match="Numba") if not _numba() else _nothing():
        tops = mapclassify.FisherJenks(numbers, 4).bins
    assert classify(numbers, method="jenks", k=4).breaks == tuple(
        float(min(n for n in numbers if n > top)) for top in tops[:-1]
    )


def test_missing_numbers_are_not_classed():
    classes = classify([1, None, 2, math.nan], k=2)
    assert classes.counts == (1, 1)
    assert classes.of([None, 2]) == (None, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "quantiles"}, "Did you mean 'quantile'"),
        ({"k": 0}, "1 to 7 classes"),
        ({"k": 8}, "1 to 7 classes"),
        ({"breaks": [1]}, "method='fixed'"),
        ({"method": "fixed"}, "which need them"),
        ({"method": "fixed", "breaks": [2, 1]}, "ascending; found 2.0, 1.0"),
        ({"method": "fixed", "breaks": list(range(7))}, "8 classes"),
        ({"decimals": 9}, "0 to 6"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options, message):
    with pytest.raises(UsageError, match=message):
        classify([1, 2, 3], **options)


@pytest.mark.parametrize(
    ("numbers", "message"), [([None], "every value is missing"), ([1, math.inf], "infinite")]
)
def test_numbers_that_cannot_be_classed_are_refused(numbers, message):
    with pytest.raises(UsageError, match=message):
        classify(numbers)


def test_decimals_fit_the_spread():
    assert sensible_decimals([0.134, 0.691234]) == 3
    assert sensible_decimals([210.55, 903.14]) == 0
    assert sensible_decimals([12, 4000]) == 0
    assert number_text(-1234.5, 1) == "\N{MINUS SIGN}1,234.5"


def _numba() -> bool:
    import importlib.util

    return importlib.util.find_spec("numba") is not None


def _nothing():
    import contextlib

    return contextlib.nullcontext()


def test_published_breaks_make_up_to_ten_classes():
    classes = classify(
        [0.01, 0.5, 0.9], method="published", breaks=[at / 10 for at in range(1, 10)]
    )
    assert len(classes) == 10
    assert classes.counts[0] == classes.counts[5] == classes.counts[9] == 1
    assert classes.note == "Published breaks"
    with pytest.raises(UsageError, match=r"at most 7 \(method='published' up to 10\)"):
        classify([1, 2], method="fixed", breaks=range(1, 10))
    with pytest.raises(UsageError, match="at most 10"):
        classify([1, 2], method="published", breaks=range(1, 12))


def test_deciles_are_ten_whichever_of_them_a_place_has():
    classes = classify([1, 1, 2, None, 10], method="deciles")
    assert classes.counts == (2, 1, 0, 0, 0, 0, 0, 0, 0, 1)
    assert classes.of([1, 10, None]) == (0, 9, None)
    assert classes.labels[0] == "1: most deprived tenth of England"
    for wrong in ([0.31], [0], [11], [1, 2.5]):
        with pytest.raises(UsageError, match="whole numbers 1 to 10"):
            classify(wrong, method="deciles")


@given(NUMBERS, NUMBERS, st.sampled_from(FOUND))
def test_classes_applied_to_other_numbers_keep_breaks_and_lose_nobody(one, other, method):
    classes = classify(one, method=method)
    on = applied(classes, other)
    assert (on.breaks, on.decimals, on.note) == (classes.breaks, classes.decimals, classes.note)
    assert sum(on.counts) == len(other)
    if min(one) <= min(other) and max(other) <= max(one):
        assert on.labels == classes.labels
    assert applied(classes, one) == classes
