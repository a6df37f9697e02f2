"""The funnel: dots, limits, names of those outside, and figures without a number."""

import re

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.charts import _layout
from bolton_jsna.charts._shapes import Path
from bolton_jsna.charts._spec import Dot, Line, Rule, StateMark
from bolton_jsna.core.errors import BoltonJsnaError
from chart_words import WIDTHS, crossings, words_of
from charts_made import funnelled


def of(chart, kind):
    return [each for each in chart.spec.marks if isinstance(each, kind)]


def authorities():
    rows = jsna.load_children_in_need(indicators="referrals", years=[2025])
    return rows[rows["area_level"] == "authority"]


def test_shapes_and_words_follow_the_verdicts_of_the_frame():
    limits = jsna.funnel_limits(authorities(), overdispersion="additive")
    chart = jsna.chart_funnel(limits)
    outside = set(limits.query("funnel_verdict_99_8 != 'similar'")["area_name"])
    assert outside == {"Tameside"}
    drawn = {each.said.split(":")[0]: each for each in of(chart, Dot)}
    assert {name for name, each in drawn.items() if each.shape != "circle"} == outside
    assert drawn["Tameside"].shape == "triangle"
    children = limits.set_index("area_name")["population"]["Tameside"]
    said = f"Tameside: 934.4 among {children:,.0f}, above the 99.8% limits"
    assert drawn["Tameside"].said == said
    assert {name for name, each in drawn.items() if each.label} == {"Bolton", "Tameside"}
    assert [name for name, each in drawn.items() if each.role == "subject"] == ["Bolton"]
    assert "1 of 17 lie outside of the 99.8% limits: Tameside" in chart.alt
    assert chart.data["where_99_8"].value_counts().to_dict() == {"Within": 16, "Above": 1}
    assert "how much areas differ beyond it" in chart.spec.notes[0]


def test_the_lines_are_those_of_funnel_lines():
    limits = jsna.funnel_limits(authorities())
    chart = jsna.chart_funnel(limits)
    lines = jsna.funnel_lines(limits)
    assert [each.points[-1] for each in of(chart, Line)] == [
        (lines["denominator"].iloc[-1], lines[f"funnel_{end}_{level}"].iloc[-1])
        for level in ("95", "99_8")
        for end in ("lower", "upper")
    ]
    assert [each.dashed for each in of(chart, Line)] == [True, True, False, False]
    (rule,) = of(chart, Rule)
    assert rule.at == lines["funnel_target"].iloc[0]
    assert "chance in the counts only" in chart.spec.notes[0]


@pytest.mark.parametrize(("target", "expected"), [(None, "All areas 537.4"), (500, "Target 500.0")])
def test_the_middle_says_what_it_is(target, expected):
    chart = jsna.chart_funnel(jsna.funnel_limits(authorities(), target=target))
    assert chart.spec.legend[0].text == expected


def test_one_level_needs_its_confidence():
    limits = jsna.funnel_limits(authorities(), confidence=0.9)
    with pytest.raises(BoltonJsnaError, match="confidence="):
        jsna.chart_funnel(limits)
    chart = jsna.chart_funnel(limits, confidence=0.9)
    assert [each.text for each in chart.spec.legend][1] == "90% limits"
    assert "90% limit" in chart.html()


@pytest.mark.parametrize("statistic", ["ratio", "proportion"])
def test_ratios_and_proportions(statistic):
    frame = pd.DataFrame(
        {
            "area_name": [f"Place {at}" for at in range(12)],
            "observed": [30 + 3 * at for at in range(12)],
            "expected": [40.0 + 2 * at for at in range(12)],
            "count": [30 + 3 * at for at in range(12)],
            "denominator": [90 + 7 * at for at in range(12)],
        }
    )
    chart = jsna.chart_funnel(jsna.funnel_limits(frame, statistic=statistic), statistic=statistic)
    assert len(of(chart, Dot)) == 12
    label = {"ratio": "Ratio of observed to expected", "proportion": "Per cent"}[statistic]
    assert chart.title == f"{label} in 12 areas by size"


def test_areas_without_a_figure_stand_at_their_size_with_their_sign():
    limits = funnelled(hidden=True)
    chart = jsna.chart_funnel(limits)
    hidden = limits[limits["status"] != "value"].set_index("status")["population"]
    assert {each.status: each.at for each in of(chart, StateMark)} == hidden.to_dict()
    assert len(of(chart, Dot)) == 12
    assert "Suppressed: Place 1" in chart.alt


@pytest.mark.parametrize("page", WIDTHS)
@pytest.mark.parametrize("areas", [1, 2, 40, 150])
def test_any_number_of_areas_leaves_the_words_apart(areas, page):
    chart = jsna.chart_funnel(funnelled(areas))
    assert crossings(chart.spec, page) == []


def test_a_name_without_a_line_is_closest_to_its_own_dot():
    chart = jsna.chart_funnel(jsna.funnel_limits(authorities()))
    drawing = _layout.laid_out(chart.spec, 760.0, size=14.0)
    places = {each.said.split(":")[0]: (each.x, each.y) for each in drawing.figures}
    named = [each for each in words_of(drawing) if each.text in places]
    assert len(named) >= 12
    alone = 0
    for each in named:
        at = drawing.over.index(each)
        if at and isinstance(drawing.over[at - 1], Path):
            continue
        wide = _layout.width_of(each.text, each.size, bold=each.bold)
        away = {}
        for name, (x, y) in places.items():
            across = max(each.x - x, 0, x - each.x - wide)
            down = max(each.y - 0.9 * each.size - y, 0, y - each.y - 0.25 * each.size)
            away[name] = across**2 + down**2
        assert min(away, key=away.get) == each.text
        alone += 1
    assert alone >= 6


def test_frames_that_are_no_funnel_are_named():
    with pytest.raises(BoltonJsnaError, match="has no limits of a funnel"):
        jsna.chart_funnel(authorities())
    several = jsna.load_children_in_need(indicators="referrals", years=[2024, 2025])
    several = several[several["area_level"] == "authority"]
    with pytest.raises(BoltonJsnaError, match="several funnels"):
        jsna.chart_funnel(jsna.funnel_limits(several, by="year"))
    hidden = authorities().assign(status="suppressed")
    with pytest.raises(BoltonJsnaError, match="No row of the frame has limits"):
        jsna.chart_funnel(jsna.funnel_limits(hidden))
    with pytest.raises(BoltonJsnaError, match=re.escape("subject='Bury' is not in")):
        jsna.chart_funnel(funnelled(), subject="Bury")
