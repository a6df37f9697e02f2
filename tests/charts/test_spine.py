"""A spine chart: the scale of a row, verdicts, states, and what is rejected."""

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.charts._spec import Band, Dot, Side, StateMark, Whisker
from bolton_jsna.core.errors import SchemaError
from charts_more import panel


def marks(chart, kind):
    return [each for each in chart.spec.marks if isinstance(each, kind)]


def one(**changes):
    row = {
        "area_name": "Bolton", "title": "Referrals", "unit": "per 10,000", "year": 2025,
        "value": 450.0, "lower": 440.0, "upper": 460.0, "status": "value",
        "england": 500.0, "england_status": "value",
        "neighbours_lowest": 400.0, "neighbours_highest": 600.0,
        "usual_lower": 420.0, "usual_upper": 700.0, "against_england": "lower",
    }  # fmt: skip
    return pd.DataFrame([{**row, **changes}])


def test_england_is_the_middle_and_both_sides_have_one_scale():
    # The furthest from England is the usual range: 200 to the right.
    chart = jsna.chart_spine(one())
    (dot,) = marks(chart, Dot)
    assert dot.x == pytest.approx(-0.25)
    (whisker,) = marks(chart, Whisker)
    assert (whisker.low, whisker.high) == pytest.approx((-0.3, -0.2))
    usual, range_ = marks(chart, Band)
    assert [each[0] for each in usual.points] == pytest.approx([-0.4, 1.0])
    assert [each[0] for each in range_.points] == pytest.approx([-0.5, 0.5])
    assert marks(chart, Side)[0].texts == ("450.0 (440.0 to 460.0)", "500.0")


def test_an_area_beyond_its_neighbours_is_in_the_chart():
    (dot,) = marks(jsna.chart_spine(one(value=100.0, lower=90.0, upper=110.0)), Dot)
    assert dot.x == pytest.approx(-400 / 410)


@pytest.mark.parametrize(
    ("verdict", "shape", "words"),
    [
        ("higher", "triangle", "Higher than England"),
        ("lower", "triangle_down", "Lower than England"),
        ("similar", "circle", "Similar to England"),
        ("not_compared", "circle", "Not compared with England"),
    ],
)
def test_a_verdict_has_a_shape_a_colour_and_words(verdict, shape, words):
    chart = jsna.chart_spine(one(against_england=verdict))
    (dot,) = marks(chart, Dot)
    assert dot.shape == shape
    assert dot.hollow == (verdict == "not_compared")
    assert words in {each.text for each in chart.spec.legend}
    assert words in chart.alt
    assert dot.said.endswith(words[0].lower() + words[1:])


def test_the_word_is_the_verdict_and_not_the_distance():
    chart = jsna.chart_spine(one(value=300.0, lower=200.0, upper=520.0, against_england="similar"))
    assert "Lower" not in chart.alt
    assert "Lower than England" not in {each.text for each in chart.spec.legend}


def test_shapes_and_colours_differ_between_verdicts():
    chart = jsna.chart_spine(panel())
    looks = {(each.role, each.shape, each.hollow) for each in marks(chart, Dot)}
    assert len(looks) == 4
    assert len({(shape, hollow) for _, shape, hollow in looks}) == 4


def test_a_row_without_comparators_keeps_its_figure_and_has_a_state():
    chart = jsna.chart_spine(one(neighbours_lowest=None, usual_lower=None))
    (state,) = marks(chart, StateMark)
    assert state.status == "not_available"
    assert "figures of the neighbours: not available" in state.said
    assert marks(chart, Dot) == []
    assert marks(chart, Side)[0].texts[0] == "450.0 (440.0 to 460.0)"
    chart = jsna.chart_spine(
        one(england=None, england_status="suppressed", against_england="not_compared")
    )
    (state,) = marks(chart, StateMark)
    assert state.status == "suppressed"
    assert marks(chart, Side)[0].texts[1] == "[c]"


def test_a_hidden_figure_has_its_sign_in_the_row_and_no_place():
    chart = jsna.chart_spine(one(status="suppressed", against_england="not_compared"))
    assert marks(chart, Dot) == marks(chart, Whisker) == []
    assert marks(chart, Side)[0].texts == ("[c]", "500.0")
    assert "450" not in chart.html()


def test_the_table_gives_each_column_its_own_state():
    from bolton_jsna.charts._web import shown

    chart = jsna.chart_spine(one(status="suppressed", neighbours_lowest=None))
    names = [name for name, _ in chart.spec.headings]
    (row,) = shown(chart.spec)
    cells = dict(zip(names, row, strict=True))
    assert cells["value"] == "[c]"
    assert cells["neighbours_lowest"] == "[x]"
    assert cells["england"] == "500.0"


def test_equal_figures_are_in_the_middle():
    same = dict.fromkeys(
        ("value", "lower", "upper", "england", "neighbours_lowest", "neighbours_highest"), 0.0
    )
    (dot,) = marks(jsna.chart_spine(one(**same, usual_lower=0.0, usual_upper=0.0)), Dot)
    assert dot.x == 0


def test_boltons_profile():
    found = jsna.profile("Bolton", indicators=["referrals", "re_referrals_within_12_months"])
    chart = jsna.chart_spine(found)
    dots = marks(chart, Dot)
    assert [each.shape for each in dots] == ["circle", "triangle_down"]
    assert "Referrals 503.0 (485.5 to 521.0), England 519.4" in chart.alt
    assert marks(chart, Side)[1].texts == ("20.5% (19.0 to 22.0)", "22.6%")


def test_what_is_rejected():
    with pytest.raises(SchemaError, match="The panel has 2 areas"):
        jsna.chart_spine(pd.concat([one(), one(area_name="Bury", title="Plans")]))
    with pytest.raises(SchemaError, match="several rows"):
        jsna.chart_spine(pd.concat([one(), one()]))
    with pytest.raises(SchemaError, match="against_england"):
        jsna.chart_spine(one().drop(columns="against_england"))
