"""Rates by deprivation: the line of the slope index, groups without a rate, what is rejected."""

import numpy as np
import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.charts._spec import Bar, Line, StateMark, Whisker
from bolton_jsna.core.errors import SchemaError, UsageError
from charts_more import fifths

PEOPLE = [1000, 3000, 2000, 500, 3500]
# The middle of each group's people from the most deprived end, by hand.
MIDDLES = [0.05, 0.25, 0.5, 0.625, 0.825]


def straight(high=500.0, fall=400.0):
    """Rates that lie on one line over the population."""
    rates = [high - fall * at for at in MIDDLES]
    return pd.DataFrame(
        {
            "quantile": [1, 2, 3, 4, 5],
            "population": PEOPLE,
            "rate": rates,
            "lower": [each - 20 for each in rates],
            "upper": [each + 25 for each in rates],
            "se": 10.0,
        }
    )


def marks(chart, kind):
    return [each for each in chart.spec.marks if isinstance(each, kind)]


def test_the_line_goes_through_rates_that_are_straight_over_people():
    frame = straight()
    slope = jsna.slope_index_of_inequality(frame, value="rate", standard_error="se")
    assert slope["sii"].iloc[0] == pytest.approx(400)
    chart = jsna.chart_deprivation(frame, slope, groups=5)
    (line,) = marks(chart, Line)
    assert line.points[0] == pytest.approx((-0.5, 500))
    assert line.points[-1] == pytest.approx((4.5, 100))
    assert [each[1] for each in line.points[1:-1]] == pytest.approx(frame["rate"].tolist())
    assert any("Slope index of inequality: 400.0 per 10,000 children (" in each
               for each in chart.spec.notes)  # fmt: skip
    assert "Slope index of inequality: 400.0" in chart.alt


def test_bars_whiskers_and_words_are_the_figures_of_the_frame():
    frame = straight()
    chart = jsna.chart_deprivation(frame, groups=5)
    assert [each.end for each in marks(chart, Bar)] == frame["rate"].tolist()
    assert [(each.low, each.high) for each in marks(chart, Whisker)] == list(
        zip(frame["lower"], frame["upper"], strict=True)
    )
    assert marks(chart, Bar)[0].said == "Group 1: 480.0 (460.0 to 505.0)"
    assert "group 1 480.0 (460.0 to 505.0) and group 5 170.0 (150.0 to 195.0)" in chart.alt
    assert any("areas, not families" in each for each in chart.spec.notes)


def test_a_hidden_group_has_its_sign_and_there_is_no_line():
    frame = fifths(10, hidden=True)
    chart = jsna.chart_deprivation(frame, jsna.slope_index_of_inequality(frame))
    assert marks(chart, Line) == []
    assert [each.status for each in marks(chart, StateMark)][:2] == ["suppressed", "not_available"]
    assert "There is no slope index of inequality" in chart.spec.notes[0]


def test_a_number_next_to_a_hidden_rate_is_not_in_the_table():
    frame = straight().assign(status=["value"] * 4 + ["suppressed"], count=[4, 5, 6, 7, 4321.0])
    chart = jsna.chart_deprivation(frame, groups=5)
    assert "4321" not in chart.csv()
    assert "170" not in chart.csv()
    assert np.isnan(chart.data["rate"].iloc[4])


def test_a_group_in_which_no_area_is_has_a_state_and_is_no_gap():
    chart = jsna.chart_deprivation(straight().head(3), groups=5)
    states = marks(chart, StateMark)
    assert [(each.at, each.status) for each in states] == [
        (3.0, "not_applicable"),
        (4.0, "not_applicable"),
    ]
    assert states[0].said == "Group 4: no area is in this group"


@pytest.mark.parametrize(
    ("change", "options", "error", "words"),
    [
        (lambda f: f, {}, UsageError, "Write groups=5 for fifths, or groups=10"),
        (lambda f: f, {"groups": 4}, UsageError, "expected whole numbers from 1"),
        (lambda f: f.assign(quantile=1.5), {"groups": 5}, UsageError, "1.5"),
        (lambda f: pd.concat([f, f]), {"groups": 5}, SchemaError, "several rows"),
        (lambda f: f.iloc[:0], {"groups": 5}, SchemaError, "no rows"),
    ],
)
def test_what_is_rejected(change, options, error, words):
    with pytest.raises(error, match=words):
        jsna.chart_deprivation(change(straight()), **options)


def test_an_index_of_several_years_is_rejected():
    slope = jsna.slope_index_of_inequality(straight(), value="rate", standard_error="se")
    with pytest.raises(SchemaError, match="slope has 2 rows"):
        jsna.chart_deprivation(straight(), pd.concat([slope, slope]), groups=5)
