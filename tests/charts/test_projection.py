"""A projection drawn: past years, the fan, what the method would have said, and its record."""

import re

import pytest

import bolton_jsna as jsna
from bolton_jsna.charts._spec import Band, Dot, Line, Rule, StateMark
from bolton_jsna.charts._web import shown
from bolton_jsna.core.errors import BoltonJsnaError
from chart_words import WIDTHS, crossings
from charts_made import past_tests, projected


def of(chart, kind):
    return [each for each in chart.spec.marks if isinstance(each, kind)]


def test_the_fan_is_that_of_the_projection_and_begins_at_the_last_figure():
    found, past = projected()
    chart = jsna.chart_projection(found, past)
    assert chart.title == "Referrals in Bolton to 2031 if the rate of 2025 goes on"
    last = found.iloc[-1]
    for band, level in zip(of(chart, Band), ("95", "80", "50"), strict=True):
        assert band.points[0] == (2025, 3803, 3803)
        assert band.points[-1] == (2031, last[f"lower_{level}"], last[f"upper_{level}"])
    line, expected = of(chart, Line)
    assert line.points[-1] == expected.points[0] == (2025, 3803)
    assert expected.points[-1] == (2031, last["count"])
    assert expected.dashed
    assert chart.spec.y.low == 0


def test_it_is_labelled_as_a_projection_on_its_face_and_in_its_words():
    chart = jsna.chart_projection(*projected())
    (rule,) = of(chart, Rule)
    assert rule.label == "Projection, not a forecast of need"
    assert chart.spec.subtitle.endswith(": projection, not a forecast of need")
    assert "projection, not a forecast of need" in chart.alt
    ahead = [each.said for each in of(chart, Dot) if each.x > 2025]
    assert len(ahead) == 6
    assert all("projection, not a forecast of need" in each for each in ahead)
    assert "50% interval 3,409 to 4,195, 80% interval 2,955 to 4,600" in ahead[0]


def test_the_record_of_the_method_is_below():
    notes = jsna.chart_projection(*projected()).spec.notes
    assert notes[0].startswith("Over 1 year, half of 499 past projections")
    assert any("there were 3,803" in each for each in notes)


def test_what_the_method_would_have_said_for_the_last_year():
    found, past = projected()
    chart = jsna.chart_projection(found, past)
    said = [each for each in of(chart, Dot) if each.shape == "diamond"]
    rows = found[found["horizon"].isin([1, 3, 5])]
    assert [each.y for each in said] == rows["past_count"].tolist()
    assert {each.x for each in said} == {2025}
    assert all(each.hollow for each in said)
    assert "in 2024, 2022 and 2020" in chart.html()


@pytest.mark.parametrize("ahead", [1, 3])
def test_what_the_method_would_have_said_for_each_past_year(ahead):
    chart = jsna.chart_projection(*projected(), record=past_tests(), ahead=ahead)
    misses = past_tests().misses.query(f"horizon == {ahead}")
    said = {each.x: each.y for each in of(chart, Dot) if each.shape == "diamond"}
    assert said == dict(zip(misses["year"], misses["expected"], strict=True))
    same = jsna.chart_projection(*projected(), record=past_tests().misses, ahead=ahead)
    assert same.html() == chart.html()
    assert f"{ahead} year{'s' * (ahead > 1)} before" in chart.html()


def test_rates_have_the_intervals_of_rates():
    found, past = projected()
    chart = jsna.chart_projection(found, jsna.crude_rates(past), measure="rate")
    *fan, of_past = of(chart, Band)
    assert fan[1].points[-1][1:] == (
        found["rate_lower_80"].iloc[-1],
        found["rate_upper_80"].iloc[-1],
    )
    assert len(of_past.points) == 13
    assert not [each for each in of(chart, Dot) if each.shape == "diamond"]
    assert "Per 10,000 children" in chart.spec.subtitle


def test_the_table_has_whole_numbers_and_no_limits_of_the_past():
    chart = jsna.chart_projection(*projected(hidden=True))
    rows = {(row[0], row[1]): row[2:-1] for row in shown(chart.spec)}
    assert rows["2013", "Past"] == ["4,265", *["[z]"] * 6]
    assert rows["2014", "Past"] == ["[c]", *["[z]"] * 6]
    first = rows["2026", "Projection, not a forecast of need"]
    assert first == ["3,777", "3,409", "4,195", "2,955", "4,600", "2,544", "5,521"]
    assert rows["2025", "As said from 2022"] == ["6,008", *["[z]"] * 6]


def test_the_table_of_rates_has_the_limits_of_past_rates():
    found, past = projected(hidden=True)
    chart = jsna.chart_projection(found, jsna.crude_rates(past), measure="rate")
    rows = {row[0]: row[2:-1] for row in shown(chart.spec)}
    assert rows["2013"] == ["651.9", "630.2", "674.1", *["[z]"] * 6]
    assert rows["2014"] == ["[c]"] * 9
    assert rows["2026"][1:4] == ["[z]", "[z]", "454.1"]


def test_without_past_figures_the_last_one_is_drawn():
    chart = jsna.chart_projection(projected()[0])
    assert [each.y for each in of(chart, Dot) if each.x == 2025 and not each.hollow] == [3803]


def test_a_hidden_last_year_is_no_beginning():
    found, past = projected()
    past = past.assign(status=["value"] * 12 + ["suppressed"])
    chart = jsna.chart_projection(found, past, record=past_tests().misses.query("year < 2025"))
    assert {each.points[0][0] for each in of(chart, Band)} == {2026}
    assert [each.at for each in of(chart, StateMark)] == [2025]
    assert "3,803" not in chart.html().replace("there were 3,803", "")


@pytest.mark.parametrize("page", WIDTHS)
@pytest.mark.parametrize("horizon", [1, 18])
def test_short_and_long_horizons_leave_the_words_apart(horizon, page):
    past = jsna.load_children_in_need("Bolton", indicators="cpp_at_31_march")
    children = jsna.load_population_projections("Bolton")
    found = jsna.project_demand(past, children, indicator="cpp_at_31_march", horizon=horizon)
    assert crossings(jsna.chart_projection(found, past).spec, page) == []


def test_other_scenarios_say_so():
    past = jsna.load_children_in_need("Bolton", indicators="referrals")
    children = jsna.load_population_projections("Bolton")
    found = jsna.project_demand(
        past, children, indicator="referrals", horizon=5, scenario="target", target=450
    )
    chart = jsna.chart_projection(found, past)
    assert chart.title == "Referrals in Bolton to 2030 if the rate reaches the target"
    assert any("This scenario has no record of its own" in each for each in chart.spec.notes)


def test_what_cannot_be_drawn_is_named():
    found, past = projected()
    with pytest.raises(BoltonJsnaError, match="Give what project_demand returned"):
        jsna.chart_projection(past)
    with pytest.raises(BoltonJsnaError, match="is not drawn without"):
        jsna.chart_projection(found.drop(columns=[each for each in found if "lower" in each]))
    with pytest.raises(BoltonJsnaError, match="years without a number in 'upper_80'"):
        jsna.chart_projection(found.assign(upper_80=float("nan")))
    gone = found.assign(status="not_available", reason="Bolton has too few years")
    with pytest.raises(BoltonJsnaError, match=r"Bolton cannot be projected: Bolton has too few"):
        jsna.chart_projection(gone)
    with pytest.raises(BoltonJsnaError, match="record= holds numbers"):
        jsna.chart_projection(found, jsna.crude_rates(past), measure="rate", record=past_tests())
    with pytest.raises(BoltonJsnaError, match=re.escape("from ahead=40 years before")):
        jsna.chart_projection(found, past, record=past_tests(), ahead=40)
    with pytest.raises(BoltonJsnaError, match="rates has no 'referrals' of Bolton"):
        jsna.chart_projection(found, past.assign(area_name="Bury"))
