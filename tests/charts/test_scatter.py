"""Areas by two figures: the fitted line, names, cautions, and what is rejected."""

import numpy as np
import pytest

import bolton_jsna as jsna
from bolton_jsna.charts._layout import laid_out
from bolton_jsna.charts._shapes import Words
from bolton_jsna.charts._spec import Dot, Line, StateMark
from bolton_jsna.core.errors import SchemaError, UsageError
from charts_more import wards


def marks(chart, kind):
    return [each for each in chart.spec.marks if isinstance(each, kind)]


def test_the_fitted_rates_of_a_poisson_model_add_up_to_the_events():
    # The likelihood equation of the constant: fitted events are as many as those counted.
    frame = wards()
    found = jsna.deprivation_association(frame, model="poisson", step=0.1)
    rates = frame["idaci_score"].map(found.fitted.set_index("idaci_score")["expected"])
    assert (rates * frame["population"]).sum() == pytest.approx(frame["count"].sum(), rel=1e-6)
    # One step of 0.1 multiplies the fitted rate by the rate ratio.
    ratio = found.table.set_index("measure").loc["rate_ratio", "estimate"]
    first, last = found.fitted.iloc[0], found.fitted.iloc[-1]
    steps = (last["idaci_score"] - first["idaci_score"]) / 0.1
    assert last["expected"] / first["expected"] == pytest.approx(ratio**steps)


def test_the_line_of_a_negative_binomial_model_has_its_rate_ratio():
    frame = wards(40).assign(count=lambda f: f["count"] * np.tile([0.3, 1.9], 20))
    frame["count"] = frame["count"].round()
    found = jsna.deprivation_association(frame, model="negative_binomial", step=0.1)
    ratio = found.table.set_index("measure").loc["rate_ratio", "estimate"]
    first, last = found.fitted.iloc[0], found.fitted.iloc[-1]
    steps = (last["idaci_score"] - first["idaci_score"]) / 0.1
    assert last["expected"] / first["expected"] == pytest.approx(ratio**steps)


def test_without_a_rate_ratio_there_is_no_line():
    frame = wards(3)
    found = jsna.deprivation_association(frame)
    assert found.fitted.empty
    assert marks(jsna.chart_scatter(frame, association=found), Line) == []


def test_the_line_and_the_sentence_are_those_of_the_association():
    frame = wards()
    found = jsna.deprivation_association(frame, events="referrals", areas="wards")
    chart = jsna.chart_scatter(frame, association=found)
    (line,) = marks(chart, Line)
    assert [each[1] for each in line.points] == pytest.approx(
        (found.fitted["expected"] * 10_000).tolist()
    )
    assert "of 20 wards" in chart.title
    assert chart.spec.notes[0].startswith("Across 20 wards, the rate of referrals is ")
    assert "areas, not families" in chart.spec.notes[0]
    assert "These are few wards (20)" in chart.spec.notes[2]


def test_many_areas_have_no_caution_about_few():
    assert not any("few" in each for each in jsna.chart_scatter(wards(40)).spec.notes)


def test_the_areas_furthest_from_the_line_have_names():
    frame = wards()
    frame.loc[7, ["rate", "lower", "upper"]] *= 4
    found = jsna.deprivation_association(wards())
    chart = jsna.chart_scatter(frame, association=found, named=1, subject="Ward 2")
    named = {each.label for each in marks(chart, Dot)} - {""}
    assert named == {"Ward 7", "Ward 2"}
    drawn = {
        each.text for each in laid_out(chart.spec, 760, size=14).over if isinstance(each, Words)
    }
    assert named <= drawn
    assert [each.role for each in marks(chart, Dot) if each.label == "Ward 2"] == ["subject"]
    assert {each.role for each in marks(chart, Dot) if each.label != "Ward 2"} == {"other"}


def test_a_hidden_ward_is_on_the_axis_at_its_deprivation_and_has_no_height():
    frame = wards(12, hidden=True)
    chart = jsna.chart_scatter(frame)
    hidden = frame[frame["rate"].isna()]
    states = marks(chart, StateMark)
    assert sorted(each.at for each in states) == pytest.approx(sorted(hidden["idaci_score"]))
    assert "Ward 0: suppressed" in {each.said for each in states}


def test_a_ward_without_deprivation_is_named_below():
    frame = wards()
    frame.loc[3, "idaci_score"] = np.nan
    chart = jsna.chart_scatter(frame)
    assert len(marks(chart, Dot)) == 19
    assert "Not in the chart, because the IDACI score is missing: Ward 3." in chart.spec.notes


def test_made_up_figures_are_named_so():
    assert not jsna.chart_scatter(wards()).spec.illustrative
    assert jsna.chart_scatter(wards().assign(illustrative=True)).spec.illustrative
    assert jsna.chart_scatter(wards().assign(source="local_records@illustrative")).spec.illustrative


def test_what_is_rejected():
    frame = wards()
    with pytest.raises(UsageError, match="named= has Ward 99"):
        jsna.chart_scatter(frame, named=["Ward 99"])
    with pytest.raises(UsageError, match="named=-1 is below zero"):
        jsna.chart_scatter(frame, named=-1)
    with pytest.raises(UsageError, match="subject='Ward 99'"):
        jsna.chart_scatter(frame, subject="Ward 99")
    with pytest.raises(SchemaError, match="several rows"):
        jsna.chart_scatter(frame.assign(area_name="Ward 1"))
    other = jsna.deprivation_association(frame.assign(idaci_rank=range(1, 21)), "idaci_rank")
    with pytest.raises(UsageError, match="association is of 'idaci_rank'"):
        jsna.chart_scatter(frame, association=other)


def test_a_hidden_ward_has_no_fitted_rate_either():
    # A line of the figures before they were hidden must not show what one of them is near.
    found = jsna.deprivation_association(wards(12))
    chart = jsna.chart_scatter(wards(12, hidden=True), association=found)
    hidden = chart.data["rate"].isna()
    assert hidden.sum() == 4
    assert chart.data["fitted"].isna().tolist() == hidden.tolist()


def test_a_long_label_is_wrapped_on_a_narrow_page():
    label = "Referrals to the social care of children for each ten thousand aged 0 to 17"
    drawing = laid_out(jsna.chart_scatter(wards(), label=label).spec, 350, size=14)
    lines = [each for each in drawing.over if isinstance(each, Words) and each.y < 60]
    texts = [each.text for each in lines if each.text in label]
    assert " ".join(texts) == label
    assert len(texts) > 1
