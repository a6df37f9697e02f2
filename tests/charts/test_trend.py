"""The trend of a figure: what is drawn of years, areas and states."""

import itertools
import re

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.charts._spec import Band, Dot, Line, Rule, StateMark, Whisker
from bolton_jsna.core.errors import BoltonJsnaError
from chart_words import WIDTHS, crossings
from charts_made import NAMES, rates


def of(chart, kind):
    return [each for each in chart.spec.marks if isinstance(each, kind)]


def test_boltons_referrals_are_those_that_were_published():
    found = jsna.load_children_in_need(["Bolton", "England"], indicators="referrals")
    chart = jsna.chart_trend(jsna.crude_rates(found))
    assert chart.title == "Referrals in Bolton, 2013 to 2025"
    assert chart.spec.subtitle == "Per 10,000 children, Bolton and England, years ending 31 March"
    assert "Bolton: 651.9 in 2013" in chart.alt
    assert "503.0 in 2025 (485.5 to 521.0)" in chart.alt
    (band,) = of(chart, Band)
    x, low, high = band.points[-1]
    assert (x, round(low, 1), round(high, 1)) == (2025, 485.5, 521.0)


def test_a_year_without_a_figure_breaks_the_line_and_has_its_sign():
    chart = jsna.chart_trend(rates(("Bolton",), hidden=True))
    (line,) = of(chart, Line)
    assert [each is None for each in line.points[:10]] == [False, True] * 5
    marks = [(each.at, each.status) for each in of(chart, StateMark)]
    assert marks == [
        (2014, "suppressed"),
        (2016, "not_available"),
        (2018, "not_applicable"),
        (2020, "low"),
        (2022, "rounds_to_zero"),
    ]
    # A year between two that are hidden has its interval as a whisker: a band has no width there.
    assert [each.at for each in of(chart, Whisker)] == [2013, 2015, 2017, 2019, 2021]


def test_a_number_that_came_with_a_hidden_figure_is_nowhere():
    frame = rates(("Bolton",), range(2020, 2026))
    frame.loc[2, ["rate", "lower", "upper", "status"]] = [7654.5, 7650.5, 7660.5, "suppressed"]
    chart = jsna.chart_trend(frame)
    for text in (chart.html(), chart.csv(), chart.alt):
        assert not re.search(r"7,?6[56][0-9]\.5", text)
    # Nor does the axis give it away.
    assert chart.spec.y.high < 1_000


def test_a_year_that_the_frame_does_not_have_is_a_gap():
    frame = rates(("Bolton",)).query("year != 2019")
    chart = jsna.chart_trend(frame)
    (line,) = of(chart, Line)
    assert [int(x) for x in range(2013, 2026) if line.points[x - 2013] is None] == [2019]
    assert len(of(chart, Band)) == 2
    assert of(chart, StateMark) == []


def test_lines_end_where_the_dictionary_has_a_break():
    frame = rates(years=range(2018, 2026)).assign(
        indicator="attainment_8_of_children_in_need", value=40.0
    )
    chart = jsna.chart_trend(frame)
    assert [each.at for each in of(chart, Rule)] == [2019.5, 2021.5, 2022.5]
    for line in of(chart, Line):
        parts = [list(part) for known, part in itertools.groupby(line.points, bool) if known]
        assert [[x for x, _ in part] for part in parts] == [
            [2018, 2019],
            [2020, 2021],
            [2022],
            [2023, 2024, 2025],
        ]
    assert [[x for x, *_ in each.points] for each in of(chart, Band)] == [
        [2018, 2019],
        [2020, 2021],
        [2023, 2024, 2025],
    ]
    assert chart.spec.notes[0].startswith("Break at 2020: Grades of 2020 and 2021 were given")
    assert len(chart.spec.notes) == 3
    assert all(crossings(chart.spec, page) == [] for page in WIDTHS)
    # The first year of a chart has nothing before it to be compared with.
    later = jsna.chart_trend(frame.query("year >= 2023"))
    assert later.spec.notes == ()


def test_own_frames_need_names_and_years_only():
    own = pd.DataFrame(
        {"place": ["Here", "Here", "England"], "when": [2024, 2025, 2025], "share": [4.0, 5.0, 6.0]}
    )
    chart = jsna.chart_trend(own, value="share", year="when", area="place", label="Per cent")
    assert chart.title == "Per cent in Here, 2024 to 2025"
    assert of(chart, Band) == []
    assert {each.role for each in of(chart, Line)} == {"subject", "england"}
    assert "95%" not in chart.html()


@pytest.mark.parametrize("page", WIDTHS)
@pytest.mark.parametrize("areas", [1, 4, 7, 40])
def test_many_areas_and_long_names_leave_the_words_apart(areas, page):
    names = [*NAMES, *(f"Borough of North and South Number {at}" for at in range(40))][:areas]
    chart = jsna.chart_trend(rates(names))
    assert crossings(chart.spec, page) == []
    named = [each for each in of(chart, Line) if each.label]
    assert len(named) == (areas if areas < 7 else 2)
    assert ("other areas" in chart.html()) == (areas >= 7)


def test_only_hidden_figures_make_a_chart_of_states():
    frame = rates(("Bolton",), [2023, 2024]).assign(status="suppressed")
    chart = jsna.chart_trend(frame)
    assert "Bolton has no figure" in chart.alt
    assert [each.status for each in of(chart, StateMark)] == ["suppressed", "suppressed"]
    assert of(chart, Dot) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"subject": "Bury"}, "subject='Bury' is not in 'area_name'. It has Bolton"),
        ({"value": "count"}, "has no column 'count'"),
        ({"confidence": 95}, "confidence=95 is not the level of an interval"),
    ],
)
def test_options_that_cannot_be_drawn_are_named(options, expected):
    with pytest.raises(BoltonJsnaError, match=re.escape(expected)):
        jsna.chart_trend(rates(), **options)


def test_frames_that_cannot_be_drawn_are_named():
    with pytest.raises(BoltonJsnaError, match="has no rows"):
        jsna.chart_trend(rates().head(0))
    with pytest.raises(BoltonJsnaError, match="Bolton has several rows for 2013"):
        jsna.chart_trend(pd.concat([rates(), rates()]))
    with pytest.raises(BoltonJsnaError, match="holds text that is not a number: 'c'"):
        jsna.chart_trend(rates().astype({"rate": object}).replace({"rate": {400.0: "c"}}))
    with pytest.raises(BoltonJsnaError, match="no 'rate'"):
        jsna.chart_trend(rates().assign(rate=float("nan")))


def test_the_row_that_is_made_up_marks_the_chart():
    frame = rates().assign(illustrative=[True] + [False] * 25)
    assert "Illustrative figures" in jsna.chart_trend(frame).html()
    assert "Illustrative" not in jsna.chart_trend(frame.assign(illustrative=False)).html()


def test_hostile_names_are_text():
    name = "</script><img src=x onerror=alert(1)>"
    page = jsna.chart_trend(rates((name, "England"))).html()
    assert "<img" not in page
    assert page.count("</script>") == 1


@pytest.mark.parametrize(
    ("lower", "upper"), [(50.0, 30.0), (0.004, 0.005), (410.0, 430.0)], ids=str
)
def test_limits_of_another_figure_are_rejected(lower, upper):
    rows = pd.DataFrame({"area_name": "Bolton", "year": [2024, 2025], "rate": [42.0, 41.0]})
    with pytest.raises(jsna.UsageError, match="Expected the figure between its limits"):
        jsna.chart_trend(rows.assign(lower=lower, upper=upper))
    assert jsna.chart_trend(rows.assign(lower=40.0, upper=43.0)).title


def test_a_small_figure_is_not_written_as_zero():
    rows = pd.DataFrame({"area_name": "Bolton", "year": [2024, 2025], "rate": [0.004, 0.0]})
    said = jsna.chart_trend(rows).alt
    assert "0.004 in 2024" in said
    assert "0.0 in 2025" in said
