"""Classes: no value in two, none empty by accident, printed as they are decided."""

import bisect
import itertools
import math
import re
import statistics
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bolton_jsna.core.errors import UsageError
from bolton_jsna.drawing._breaks import _jenks
from bolton_jsna.drawing.classes import METHODS, applied, classify, number_text, sensible_decimals
from bolton_jsna.maps._bivariate import bivariate_spec

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
    assert "2 classes, not 5, because equal values stay together" in classes.note


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([3], "1 class, not 5, because there is only 1 figure)"),
        ([3, None, 4], "2 classes, not 5, because there are only 2 figures)"),
        (
            [3, 3],
            "1 class, not 5, because there are only 2 figures and equal values stay together)",
        ),
    ],
)
def test_few_figures_are_the_reason_of_few_classes(values, why):
    assert why in classify(values, k=5).note


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
    assert "and no class may be empty" in classes.note


def squares(numbers, breaks):
    """The sum of squares around the mean of each class."""
    classes = [[] for _ in range(len(breaks) + 1)]
    for number in numbers:
        classes[bisect.bisect_right(breaks, number)].append(number)
    return sum(statistics.pvariance(each) * len(each) for each in classes if each)


def test_jenks_is_that_of_the_published_example():
    # Breaks of mapclassify 2.10 (FisherJenks) for the same numbers: 5, 22 and 64.
    numbers = [1, 2, 4, 5, 19, 20, 22, 60, 61, 64, 90]
    assert classify(numbers, method="jenks", k=4).breaks == (19, 60, 90)


@given(
    st.lists(st.integers(-50, 50), min_size=3, max_size=14),
    st.integers(2, 4),
    st.sampled_from([1, 1e-9, 1e12]),
)
def test_no_other_breaks_are_better_than_those_of_jenks(numbers, k, scale):
    numbers = sorted(number * scale for number in numbers)
    different = sorted(set(numbers))
    assume(len(different) > k)
    found = _jenks(np.array(numbers), different, k)
    every = itertools.combinations(different[1:], k - 1)
    assert len(found) == k - 1
    assert squares(numbers, found) <= min(squares(numbers, each) for each in every) * (1 + 1e-9)


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
        ({"breaks": [1]}, "'fixed' and 'published' need breaks"),
        ({"method": "fixed"}, "need breaks"),
        ({"method": "fixed", "breaks": [2, 1]}, "ascending; found 2.0, 1.0"),
        ({"method": "fixed", "breaks": list(range(7))}, "8 classes"),
        ({"decimals": 9}, "0 to 6"),
    ],
)
def test_invalid_options_are_rejected(options, message):
    with pytest.raises(UsageError, match=message):
        classify([1, 2, 3], **options)


@pytest.mark.parametrize(
    ("numbers", "message"), [([None], "every value is missing"), ([1, math.inf], "infinite")]
)
def test_numbers_that_cannot_be_classed_are_rejected(numbers, message):
    with pytest.raises(UsageError, match=message):
        classify(numbers)


def test_decimals_fit_the_spread():
    assert sensible_decimals([0.134, 0.691234]) == 3
    assert sensible_decimals([210.55, 903.14]) == 0
    assert sensible_decimals([12, 4000]) == 0
    assert number_text(-1234.5, 1) == "\N{MINUS SIGN}1,234.5"


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
def test_classes_applied_to_other_numbers_keep_breaks_and_every_area(one, other, method):
    classes = classify(one, method=method)
    on = applied(classes, other)
    assert (on.breaks, on.decimals, on.note) == (classes.breaks, classes.decimals, classes.note)
    assert sum(on.counts) == len(other)
    if min(one) <= min(other) and max(other) <= max(one):
        assert on.labels == classes.labels
    assert applied(classes, one) == classes


# A value, its class and the label of the class are rounded once, so a reader who holds the printed
# value against the printed labels finds it in one of them, and in the one it is painted as.

ANY_NUMBER = st.one_of(
    st.integers(-9, 9),
    st.integers(-(10**6), 10**6),
    st.integers(-(10**18), 10**18),
    st.floats(-2, 2, allow_nan=False).map(lambda x: round(x, 2)),
    st.floats(-1e-6, 1e-6, allow_nan=False),
    st.floats(allow_nan=False, allow_infinity=False),
)
ANY_SET = st.one_of(
    st.lists(st.integers(0, 12), min_size=1, max_size=12),
    st.lists(st.floats(-1e-7, 1e-7, allow_nan=False), min_size=1, max_size=12),
    st.lists(ANY_NUMBER, min_size=1, max_size=12),
)
DECIMALS = st.one_of(st.none(), st.integers(0, 6))


def _read(text):
    return Decimal(text.replace(",", "").replace("\N{MINUS SIGN}", "-"))


def _range(label):
    """Return the lower and the upper bound of a printed label, and whether it holds the upper."""
    for pattern, held in (
        (r"(?P<low>\S+) to under (?P<high>\S+)", False),
        (r"Under (?P<high>\S+)", False),
        (r"(?P<low>\S+) and over", True),
        (r"(?P<high>\S+) and under", True),
        (r"(?P<low>\S+) to (?P<high>\S+)", True),
        (r"All", True),
    ):
        found = re.fullmatch(pattern, label)
        if found:
            ends = found.groupdict()
            low = _read(ends["low"]) if "low" in ends else Decimal("-Infinity")
            return low, _read(ends["high"]) if "high" in ends else Decimal("Infinity"), held
    return _read(label), _read(label), True


def _holds(label, number):
    low, high, held = _range(label)
    return low <= number and (number <= high if held else number < high)


def _wrong(classes, numbers):
    """What does not fit: labels out of order, values beside their labels, or wrong counts."""
    ranges = [_range(label) for label in classes.labels]
    wrong = [each for each in ranges if not (each[0] <= each[1] if each[2] else each[0] < each[1])]
    wrong += [two for two in itertools.pairwise(ranges) if two[0][1] != two[1][0]]
    for number, place in zip(numbers, classes.of(numbers), strict=True):
        printed = _read(classes.text(number))
        holding = [at for at, label in enumerate(classes.labels) if _holds(label, printed)]
        if holding != [place]:
            wrong.append((number, place, holding, classes.labels))
    counted = [classes.of(numbers).count(at) for at in range(len(classes))]
    return wrong if list(classes.counts) == counted else [*wrong, (classes.counts, counted)]


@given(ANY_SET, st.sampled_from(FOUND), st.integers(1, 7), DECIMALS)
def test_a_value_lies_in_the_class_whose_printed_label_holds_it(numbers, method, k, decimals):
    assert _wrong(classify(numbers, method=method, k=k, decimals=decimals), numbers) == []


@given(ANY_SET, st.lists(ANY_NUMBER, min_size=1, max_size=6, unique_by=float), DECIMALS)
def test_so_it_does_with_given_breaks(numbers, breaks, decimals):
    breaks = sorted(breaks)
    assert (
        _wrong(classify(numbers, method="fixed", breaks=breaks, decimals=decimals), numbers) == []
    )


@given(ANY_SET, ANY_SET, st.sampled_from(FOUND), DECIMALS)
def test_so_it_does_with_the_classes_of_another_map(one, other, method, decimals):
    assert _wrong(applied(classify(one, method=method, decimals=decimals), other), other) == []


@pytest.mark.parametrize("numbers", [[0, 1, 2, 4], [3, 4, 5, 9], [0, 0, 1], [2, 4, 4, 7, 11]])
@pytest.mark.parametrize("k", range(2, 6))
def test_equal_intervals_of_whole_numbers_break_at_whole_numbers(numbers, k):
    classes = classify(numbers, method="equal_interval", k=k)
    assert all(each == round(each) for each in classes.breaks)
    assert _wrong(classes, numbers) == []


def test_tiny_numbers_are_printed_differently():
    classes = classify([1e-9, 2e-9, 4e-9], method="equal_interval", k=3)
    assert classes.labels == (
        "0.000000001 to under 0.000000002",
        "0.000000002 to under 0.000000003",
        "0.000000003 to 0.000000004",
    )
    assert len(classify([1, 2], method="fixed", breaks=[1e-8, 2e-8])) == 3


def test_one_class_that_another_map_leaves_is_open_in_words():
    one = classify([3, 3])
    assert applied(one, [3, 5]).labels == ("3 and over",)
    assert applied(one, [1, 3]).labels == ("3 and under",)
    assert applied(one, [1, 5]).labels == ("All",)


def test_breaks_printed_the_same_are_one_with_a_note():
    classes = classify([0, 1], method="fixed", breaks=[0.2, 0.4], decimals=0)
    assert classes.labels == ("Under 0", "0 and over")
    assert "2 classes, not 3, because breaks that are printed the same are one" in classes.note


@pytest.mark.parametrize("method", FOUND)
def test_so_it_does_on_both_sides_of_a_bivariate_map(method):
    import geopandas as gpd
    import shapely

    counts, scores = [0, 1, 2, 4, 4, 9], [0.14, 0.15, 0.155, 0.1551, 0.3, 1.0]
    wards = gpd.GeoDataFrame(
        {
            "area_code": [f"E0500000{at}" for at in range(6)],
            "count": counts,
            "score": scores,
        },
        geometry=[shapely.box(4e5 + at, 4e5, 4e5 + at + 1, 4e5 + 1) for at in range(6)],
        crs="EPSG:27700",
    )
    layer = bivariate_spec(wards, "count", "score", method=method).layers[0]
    for scale, numbers in zip(layer.scales, (counts, scores), strict=True):
        assert _wrong(scale.classes, numbers) == []
