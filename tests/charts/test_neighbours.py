"""An area among its neighbours: the order, the band, England, and those without a rate."""

import re

import pytest

import bolton_jsna as jsna
from bolton_jsna.charts._spec import Band, Dot, Rule, Side, StateMark, Whisker
from bolton_jsna.core.errors import BoltonJsnaError
from chart_words import WIDTHS, crossings
from charts_made import compared, ranked, rates


def of(chart, kind):
    return [each for each in chart.spec.marks if isinstance(each, kind)]


def test_bolton_among_its_neighbours():
    found = compared()
    chart = jsna.chart_neighbours(found)
    assert chart.spec.subtitle == (
        "Per 10,000 children, year ending 31 March 2025, ranked by rate, DfE model of 2025"
    )
    table = chart.data
    assert table["area_name"].tolist()[-1] == "England"
    ranks = found.table.set_index("area_name")["rank"].dropna()
    assert table["area_name"].tolist()[:-1] == ranks.sort_values().index.tolist()
    (band,) = of(chart, Band)
    ends = [found.summary["usual_lower"], found.summary["usual_upper"]]
    assert [x for x, *_ in band.points] == ends
    (rule,) = of(chart, Rule)
    assert rule.label == "England 519.4"
    assert len(of(chart, Whisker)) == len(of(chart, Dot)) == len(of(chart, Side)) == 11
    assert [each.said for each in of(chart, Dot) if each.role == "subject"] == [
        "Bolton: 503.0 (485.5 to 521.0)"
    ]
    assert "8th highest of 11 (95% interval 8th to 9th)" in chart.alt
    assert "North West" not in chart.html()


def test_where_the_area_lies_is_in_the_words_of_its_verdict():
    note = jsna.chart_neighbours(compared()).spec.notes[0]
    assert note.startswith("Usual range of areas like Bolton (95%): 343.2 to 1,015.9 is usual")
    assert "within the usual range" in note
    # A frame has no verdict, so there are no such words, whatever the band.
    assert jsna.chart_neighbours(ranked(), usual=(1, 2)).spec.notes == ()


def test_an_area_outside_of_the_usual_range_is_said_with_its_caution():
    found = compared()
    summary = {**found.summary, "against_neighbours": "higher", "usual_upper": 500.0}
    chart = jsna.chart_neighbours(jsna.NeighbourComparison(found.table, summary))
    assert "above the usual range" in chart.spec.notes[0]
    assert "5 in 100 lie outside of the usual range by chance" in chart.spec.notes[1]


def test_areas_without_a_rate_are_below_the_others_with_their_sign():
    chart = jsna.chart_neighbours(ranked(hidden=True))
    states = of(chart, StateMark)
    assert [each.at for each in states] == [1, 2, 3, 4, 5]
    assert chart.data["area_name"].tolist()[0] == "Bolton"
    assert "Suppressed: Ashby" in chart.alt


def test_an_area_in_question_without_a_rate_has_no_rank():
    frame = ranked(hidden=True)
    chart = jsna.chart_neighbours(frame, subject="Ashby")
    assert "Ashby: " not in chart.alt.replace("Suppressed: Ashby", "")
    assert [each.role for each in of(chart, StateMark)].count("subject") == 1


@pytest.mark.parametrize("page", WIDTHS)
@pytest.mark.parametrize("areas", [1, 2, 40])
def test_many_areas_and_long_names_leave_the_words_apart(areas, page):
    names = [f"Royal Borough of Somewhere upon Thames, Number {at}" for at in range(areas)]
    chart = jsna.chart_neighbours(rates(names, [2025]), usual=(420, 700))
    assert crossings(chart.spec, page) == []
    assert len(of(chart, Dot)) == areas


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"usual": (2, 1)}, "usual=(2, 1) is not a range"),
        ({"subject": "Bury"}, "subject='Bury' is not in 'area_name'"),
        ({"confidence": 1.0}, "confidence=1 is not the level"),
        ({"rate": "Rate"}, "Did you mean 'rate'"),
    ],
)
def test_options_that_cannot_be_drawn_are_named(options, expected):
    with pytest.raises(BoltonJsnaError, match=re.escape(expected)):
        jsna.chart_neighbours(ranked(), **options)


def test_several_years_are_not_one_comparison():
    with pytest.raises(BoltonJsnaError, match="Bolton has several rows; expected one for each"):
        jsna.chart_neighbours(rates(("Bolton", "Ashby"), [2024, 2025]))
