"""A pyramid: bands, both sides, the outline, and what is rejected."""

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.charts._spec import Bar, Line, StateMark
from bolton_jsna.core.errors import SchemaError, UsageError
from charts_more import people


def marks(chart, kind):
    return [each for each in chart.spec.marks if isinstance(each, kind)]


def test_females_are_left_and_males_right_by_their_numbers():
    frame = people(ages=range(3))
    bars = marks(jsna.chart_pyramid(frame), Bar)
    # The oldest on top.
    assert [(each.at, each.end) for each in bars] == [
        (0.0, -1946.0), (0.0, 1906.0), (1.0, -1923.0), (1.0, 1883.0), (2.0, -1900.0), (2.0, 1860.0),
    ]  # fmt: skip
    assert bars[0].said == "Females aged 2: 1,946"
    axis = jsna.chart_pyramid(frame).spec.x
    assert axis.low == -axis.high
    assert [text for _, text in axis.ticks] == [text for _, text in reversed(axis.ticks)]


def test_single_years_are_put_into_bands_and_the_last_age_is_open():
    frame = people(ages=range(91))
    chart = jsna.chart_pyramid(frame)
    names = [text for _, text in chart.spec.y.ticks]
    assert names[0] == "90 and over"
    assert names[-2:] == ["5 to 9", "0 to 4"]
    own = frame[(frame["age"] < 5) & (frame["sex"] == "females")]["population"].sum()
    assert marks(chart, Bar)[-2].end == -own
    assert chart.title == "People by age and sex in Bolton, 2024"


def test_a_band_with_a_hidden_age_has_no_sum():
    frame = people(ages=range(10))
    frame.loc[frame.index[3], ["status", "population"]] = ["suppressed", float("nan")]
    chart = jsna.chart_pyramid(frame, bands=5)
    (state,) = marks(chart, StateMark)
    assert (state.at, state.status, state.said) == (
        1.0,
        "suppressed",
        "Males aged 0 to 4: suppressed",
    )
    # The other numbers of the band, and totals, would give it away.
    assert "In all" not in chart.alt
    assert len(chart.data) == 4
    assert chart.data["population"].isna().sum() == 1


def test_the_outline_is_another_year():
    chart = jsna.chart_pyramid(people(), people(2035))
    assert "with the outline of 2035" in chart.spec.subtitle
    left, right = marks(chart, Line)
    later = people(2035).set_index(["age", "sex"])["population"]
    assert left.points[0][0] == -later[17, "females"]
    assert right.points[-1][0] == later[0, "males"]
    assert {"population", "outline"} <= set(chart.data.columns)


def test_shares_of_all_people():
    chart = jsna.chart_pyramid(people(), shares=True)
    assert chart.data["population"].sum() == pytest.approx(100)
    with pytest.raises(UsageError, match="shares of all cannot be worked out"):
        jsna.chart_pyramid(people(hidden=True), shares=True)


def test_rows_of_both_sexes_are_left_out():
    frame = people(ages=range(2))
    both = frame[frame["sex"] == "males"].assign(sex="persons", population=9e9)
    chart = jsna.chart_pyramid(pd.concat([frame, both]))
    assert len(marks(chart, Bar)) == 4
    assert chart.data["population"].max() < 3000


@pytest.mark.parametrize("text", ["0-4", "0 to 4", "0\u20134", "0 to 4 years"])
def test_bands_are_read_in_the_forms_of_publishers(text):
    frame = people(ages=[0]).assign(age=text)
    assert jsna.chart_pyramid(frame).data["age"].tolist() == ["0 to 4", "0 to 4"]


def test_what_is_rejected():
    with pytest.raises(UsageError, match="a pyramid needs females and males"):
        jsna.chart_pyramid(people()[lambda rows: rows["sex"] == "females"])
    with pytest.raises(UsageError, match="do not fill bands of 5 years"):
        jsna.chart_pyramid(people(), bands=5)
    with pytest.raises(UsageError, match="is not an age"):
        jsna.chart_pyramid(people(ages=[1]).assign(age="young"))
    with pytest.raises(UsageError, match="bands=0 is below 1"):
        jsna.chart_pyramid(people(), bands=0)
    with pytest.raises(SchemaError, match="different ages"):
        jsna.chart_pyramid(people(), people(2035, range(17)))
    with pytest.raises(UsageError, match="outline_label="):
        jsna.chart_pyramid(people(), people())
    with pytest.raises(SchemaError, match="several rows"):
        jsna.chart_pyramid(pd.concat([people(), people(2035)]))


def test_ages_that_overlap_or_are_left_out_are_rejected():
    bands = [people(ages=[at]).assign(age=text) for at, text in enumerate(("0-4", "0-17"))]
    with pytest.raises(UsageError, match="0 to 4 and 0 to 17 overlap"):
        jsna.chart_pyramid(pd.concat(bands))
    with pytest.raises(UsageError, match="between 3 and 5 are left out"):
        jsna.chart_pyramid(people().query("age != 4"))
    with pytest.raises(UsageError, match="age 17 has one sex only"):
        jsna.chart_pyramid(people().iloc[:-1])
    with pytest.raises(UsageError, match="has -5; expected numbers of people from zero"):
        jsna.chart_pyramid(people().assign(population=-5))


def test_persons_alone_have_bars_on_one_side():
    rows = people().groupby(["age"], as_index=False)["population"].sum().assign(sex="persons")
    chart = jsna.chart_pyramid(rows, title="Children by age")
    bars = [mark for mark in chart.spec.marks if hasattr(mark, "start") and hasattr(mark, "end")]
    assert bars
    assert all(mark.end >= mark.start == 0 for mark in bars)
    assert chart.spec.x.low == 0
    assert "persons" in chart.alt
    assert "emales" not in chart.alt


def test_an_outline_of_persons_round_both_sexes_is_rejected():
    rows = people(2035).groupby(["age", "year"], as_index=False)["population"].sum()
    with pytest.raises(SchemaError, match="the outline is of persons"):
        jsna.chart_pyramid(people(), rows.assign(sex="persons"))
