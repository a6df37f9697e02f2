"""The legend of a crossed map: England's place on an axis, and among whom a figure is low."""

from dataclasses import replace

import numpy as np
import pytest

from bolton_jsna.drawing.classes import classify
from bolton_jsna.maps import Uncertainty, static_bivariate
from bolton_jsna.maps._spec import Benchmark, MeasureScale
from bolton_jsna.maps.print._legend import NumberedNames, place_of

NUMBERS = np.array([10.0, 20, 30, 40, 50, 60])


def _scale(figure, **options):
    return MeasureScale("Rate", "", classify(NUMBERS, **options), Benchmark(figure, "England"))


@pytest.mark.parametrize(
    ("figure", "place"),
    [(10, 0), (20, 0.5), (30, 1), (55, 2.5), (60, 3), (60.4, 3), (5, None), (60.6, None)],
)
def test_the_benchmark_is_where_it_is_on_the_axis(figure, place):
    """Classes 10 to 30, 30 to 50 and 50 to 60; a figure beyond them has no place."""
    assert place_of(_scale(figure, k=3)) == (None if place is None else pytest.approx(place))


def test_the_benchmark_has_no_place_outside_a_class_of_one_value():
    scale = MeasureScale("Rate", "", classify([10, 20, 20], k=2), Benchmark(20.0, "England"))
    assert scale.classes.labels == ("10 to under 20", "20")
    assert place_of(scale) == 1.5
    assert place_of(replace(scale, benchmark=Benchmark(21.0, "England"))) is None


def test_a_benchmark_that_no_class_holds_has_no_arrow(figures, wards):
    limits = figures.assign(lower=0.0, upper=9999.0)
    for benchmark, words in ((2000.0, "above all classes"), (-5.0, "below all classes")):
        figure = static_bivariate(
            limits,
            "idaci",
            "rate",
            boundaries=wards,
            y_uncertainty=Uncertainty(benchmark=benchmark),
            labels=False,
        )
        told = " ".join(text.get_text() for text in figure.axes[0].texts)
        assert words in told
        assert "\N{BLACK LEFT-POINTING TRIANGLE}" not in told


def test_in_an_open_class_the_benchmark_is_in_the_middle_or_on_the_break():
    by = {"method": "fixed", "breaks": [25]}
    assert [place_of(_scale(each, **by)) for each in (5, 25, 99)] == [0.5, 1, 1.5]
    assert place_of(replace(_scale(5, k=3), benchmark=None)) is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "Low, middle, high: about a third each of these 7 wards."),
        ({"classes": 2}, "Low, high: about a half each of these 7 wards."),
        ({"method": "equal_interval"}, "Low and high: among these 7 wards."),
        (
            {"y_breaks": "benchmark"},
            "IDACI: low, middle, high: about a third each of these 7 wards. "
            "Rate: low is under England (519.4).",
        ),
        (
            {"x_breaks": [0.3], "y_breaks": [400]},
            "Low and high: under and over fixed breaks.",
        ),
    ],
)
def test_the_legend_names_those_among_whom_a_figure_is_low(figures, wards, options, words):
    limits = figures.assign(lower=figures["rate"] - 99, upper=figures["rate"] + 99)
    figure = static_bivariate(
        limits,
        "idaci",
        "rate",
        boundaries=wards,
        y_uncertainty=Uncertainty(benchmark=519.4),
        labels=False,
        **options,
    )
    told = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert f"Numbers in the square: wards. {words}" in told
    assert "\N{BLACK LEFT-POINTING TRIANGLE} England (519.4)" in told


def test_long_names_are_folded_and_none_is_left_out():
    names = [f"Ward {at} of the town & the {'upper ' * (at % 3)}moors" for at in range(1, 14)]
    for width in (1.0, 2.05, 6.0):
        key = NumberedNames(list(enumerate(names, 1)), width, 8)
        listed = [(number, " ".join(lines)) for column in key.columns for number, lines in column]
        assert listed == list(enumerate(names, 1))
    assert NumberedNames([], 2, 8).height == 0


def test_two_wards_are_not_thirds(figures, wards):
    few = figures.assign(rate=figures["rate"].where(figures["rate"] > 600))
    few["rate_status"] = ["value" if known else "suppressed" for known in few["rate"].notna()]
    figure = static_bivariate(few, "idaci", "rate", boundaries=wards, labels=False)
    told = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert "low and high: among these 2 wards" in told
