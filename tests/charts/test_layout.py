"""Where words and marks are put: labels at ends, names of rules, ticks, states on the axis."""

import itertools

import pandas as pd
import pytest

from bolton_jsna.charts import _layout
from bolton_jsna.charts._shapes import Box, Path
from bolton_jsna.charts._spec import ChartSpec, Dot, Line, Rule, StateMark
from bolton_jsna.charts._ticks import number_axis, year_axis
from chart_words import words_of


def spec(*marks, x=None, y=None):
    return ChartSpec(
        "test",
        "Title",
        "Subtitle",
        x or year_axis(range(2013, 2026)),
        y or number_axis([0, 100], "", from_zero=True),
        marks,
        (),
        (),
        (),
        "Words.",
        pd.DataFrame({"year": [2025]}),
        (("year", "Year"),),
    )


def drawn(*marks, width=760.0, **axes):
    return _layout.laid_out(spec(*marks, **axes), width, size=14.0)


def _line(name, last):
    return Line(((2013.0, 50.0), (2025.0, float(last))), "other", label=name)


def test_a_label_alone_is_level_with_the_end_of_its_line():
    drawing = drawn(_line("Ash", 70), Dot(2025.0, 70.0, "other", "Ash: 70"))
    (words,) = [each for each in words_of(drawing) if each.text == "Ash"]
    assert words.y - 0.35 * 14 == pytest.approx(drawing.figures[0].y, abs=2)
    assert words.x > drawing.figures[0].x


def test_labels_that_would_meet_keep_their_order_and_have_lines():
    ends = {"Ash": 71, "Beck": 70, "Carr": 69.5, "Dale": 20}
    drawing = drawn(*(_line(name, last) for name, last in ends.items()))
    labels = {each.text: each.y for each in words_of(drawing) if each.text in ends}
    assert sorted(labels, key=labels.get) == ["Ash", "Beck", "Carr", "Dale"]
    gaps = [labels["Beck"] - labels["Ash"], labels["Carr"] - labels["Beck"]]
    assert min(gaps) >= 14
    assert max(gaps) <= 22
    frame = max(each.x for each in words_of(drawing) if each.text.startswith("20"))
    leads = [each for each in drawing.over if isinstance(each, Path) and each.points[1][0] > frame]
    assert len(leads) == 2


def test_names_of_rules_that_would_meet_are_in_rows_above_the_field():
    rules = [Rule(at, "x", "england", label=f"Rule with a long name at {at}") for at in range(3)]
    alone = drawn(rules[0], x=number_axis([0, 20], ""))
    three = drawn(*rules, x=number_axis([0, 20], ""))
    names = [each for each in words_of(three) if each.text.startswith("Rule")]
    assert len({each.y for each in names}) == 3
    assert three.height - alone.height == pytest.approx(2 * 1.3 * 14)
    apart = [Rule(at, "x", "england", label="Short") for at in (1, 19)]
    assert len({each.y for each in words_of(drawn(*apart, x=number_axis([0, 20], "")))[:2]}) == 1


@pytest.mark.parametrize(("side", "before"), [("left", True), ("right", False), ("auto", True)])
def test_the_name_of_a_rule_is_on_the_side_asked_for(side, before):
    drawing = drawn(Rule(2020, "x", "england", label="A rule", side=side))
    (words,) = [each for each in words_of(drawing) if each.text == "A rule"]
    (rule,) = [each for each in drawing.under if isinstance(each, Path) and each.stroke.dash]
    assert (words.x < rule.points[0][0]) == before


def test_the_name_of_a_rule_stays_on_a_narrow_page():
    rule = Rule(2024, "x", "england", label="Projection, not a forecast of need", side="right")
    drawing = drawn(rule, width=350.0)
    (words,) = [each for each in words_of(drawing) if each.text.startswith("Projection")]
    wide = _layout.width_of(words.text, 14.0)
    assert 0 <= words.x <= 350 - wide + 1e-6


def test_states_of_near_years_are_stacked_and_inside_the_field():
    marks = [StateMark(year, "y", "rounds_to_zero", "x", 0.5) for year in range(2013, 2026)]
    drawing = drawn(*marks, width=350.0)
    boxes = [each for figure in drawing.figures for each in figure.shapes if isinstance(each, Box)]
    assert len(boxes) == 13
    assert len({round(each.y, 3) for each in boxes}) > 1
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert apart or abs(one.y - other.y) >= one.height
    base = max(each.y + each.height for each in boxes)
    assert all(each.x >= 0 and each.x + each.width <= 350 for each in boxes)
    assert base <= drawing.height


def test_ticks_without_room_are_left_out_evenly_from_the_last():
    axis = number_axis([0, 1_000_000], "", most=11)
    texts = [each.text for each in words_of(drawn(width=350.0, x=axis)) if each.anchor == "middle"]
    shown = [int(text.replace(",", "")) for text in texts]
    assert shown[-1] == 1_000_000
    assert len({b - a for a, b in itertools.pairwise(shown)}) == 1
    assert len(shown) < len(axis.ticks)
