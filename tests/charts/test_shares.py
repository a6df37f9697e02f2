"""Parts of wholes: shares, parts without a number, and what would give a hidden one away."""

import numpy as np
import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.charts._layout import laid_out
from bolton_jsna.charts._shapes import Box
from bolton_jsna.charts._spec import Bar, StateMark
from bolton_jsna.core.errors import SchemaError, UsageError
from charts_more import plans


def marks(chart, kind):
    return [each for each in chart.spec.marks if isinstance(each, kind)]


def parts(*numbers, name="Bolton", status=()):
    states = {**dict.fromkeys(range(len(numbers)), "value"), **dict(status)}
    return pd.DataFrame(
        {
            "area_name": name,
            "breakdown": [f"Part {at}" for at in range(len(numbers))],
            "count": [np.nan if states[at] != "value" else n for at, n in enumerate(numbers)],
            "status": [states[at] for at in range(len(numbers))],
        }
    )


def test_shares_are_of_the_sum_and_stand_on_each_other():
    chart = jsna.chart_shares(parts(60, 30, 10))
    assert [(each.start, each.end) for each in marks(chart, Bar)] == [(0, 60), (60, 90), (90, 100)]
    assert marks(chart, Bar)[1].said == "Bolton, Part 1: 30.0 per cent (30)"
    assert marks(chart, Bar)[1].text == "30%"


def test_a_hidden_part_of_counts_has_a_field_whose_length_is_not_its_own():
    widths = set()
    for hidden in (3, 4000):
        frame = parts(60, hidden, 10, 20, status={1: "suppressed"})
        chart = jsna.chart_shares(frame, lengths="counts")
        (state,) = marks(chart, StateMark)
        assert state.start == 90
        drawing = laid_out(chart.spec, 760, size=14)
        (box,) = [
            each
            for figure in drawing.figures
            for each in figure.shapes
            if isinstance(each, Box) and each.status
        ]
        widths.add((box.x, box.width))
        assert "no length of its own" in chart.spec.notes[0]
        assert str(hidden) not in {
            text for row in chart.data.astype(str).to_numpy() for text in row
        }
    assert len(widths) == 1


def test_shares_of_a_whole_with_a_hidden_part_are_not_worked_out():
    frame = pd.concat([parts(60, 7, 33, status={1: "suppressed"}), parts(1, 2, 1, name="England")])
    chart = jsna.chart_shares(frame)
    assert {each.at for each in marks(chart, Bar)} == {1.0}
    (state,) = marks(chart, StateMark)
    assert (state.at, state.start, state.said) == (0.0, 0.0, "Bolton, Part 1: suppressed")
    assert chart.data["share"].isna().tolist() == [True] * 3 + [False] * 3
    assert "Bolton: no shares" in chart.alt


def test_a_part_that_cannot_be_does_not_hide_the_shares():
    chart = jsna.chart_shares(parts(60, 0, 40, status={1: "not_applicable"}))
    assert [each.end for each in marks(chart, Bar)] == [60, 100]
    assert [(each.start, each.status) for each in marks(chart, StateMark)] == [
        (100, "not_applicable")
    ]


def test_zero_in_all_has_no_shares():
    (state,) = marks(jsna.chart_shares(parts(0, 0)), StateMark)
    assert state.said == "Bolton: zero in all, so there are no shares"


def test_one_hidden_percentage_is_rejected_and_two_are_drawn():
    one = parts(60.0, 30.0, 10.0, status={1: "suppressed"})
    with pytest.raises(UsageError, match="worked out as what is left of 100"):
        jsna.chart_shares(one, lengths="percentages")
    two = parts(60.0, 30.0, 10.0, status={1: "suppressed", 2: "suppressed"})
    chart = jsna.chart_shares(two, lengths="percentages")
    assert [each.start for each in marks(chart, StateMark)] == [60]


def test_categories_give_the_order():
    frame = plans(("Bolton", "Ealing"))
    kinds = ["Multiple", *sorted(set(frame["breakdown"]) - {"Multiple"})]
    frame["breakdown"] = pd.Categorical(frame["breakdown"], kinds)
    chart = jsna.chart_shares(frame)
    assert [each.text for each in chart.spec.legend] == kinds
    assert chart.data["breakdown"].tolist() == kinds * 2


def test_the_years_of_an_area_may_be_the_wholes():
    frame = pd.concat([plans(("Bolton",)).assign(year=year) for year in (2024, 2025)])
    chart = jsna.chart_shares(frame, whole="year")
    assert [text for _, text in chart.spec.y.ticks] == ["2024", "2025"]
    assert chart.title.endswith(", Bolton")


def test_forty_areas_and_names_that_are_long():
    chart = jsna.chart_shares(plans([f"Place {at} of a long name and more" for at in range(40)]))
    assert len(marks(chart, Bar)) == 200
    assert chart.figure().get_size_inches()[1] < 16


@pytest.mark.parametrize(
    ("frame", "options", "error", "words"),
    [
        (parts(*range(1, 8)), {}, UsageError, "has 7 parts"),
        (parts(3, -1), {}, UsageError, "has -1"),
        (parts(60.0, 70.0), {"lengths": "percentages"}, UsageError, "add up to 130.0"),
        (pd.concat([parts(1, 2)] * 2), {}, SchemaError, "several rows"),
        (parts(1, 2), {"part": "category"}, SchemaError, "category"),
    ],
)
def test_what_is_rejected(frame, options, error, words):
    with pytest.raises(error, match=words):
        jsna.chart_shares(frame, **options)
