"""What is uncertain is drawn and told, and nothing withheld comes to light by it."""

import dataclasses
import math

import pytest

from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.maps import Uncertainty, bivariate_spec, choropleth_spec
from bolton_jsna.maps.html.legend import patterns

ENGLAND = Uncertainty(count="referrals", count_label="Referrals", benchmark=519.4, small=30)


@pytest.fixture
def rates(figures):
    """Rates with limits that hold England's 519.4 in Dale, Fold and Great Hill."""
    lower = [180.0, 250.0, 300.0, 200.0, 300.0, 430.0, 519.4, 0.0, 800.0]
    upper = [240.0, 350.0, 380.0, 530.0, 400.0, 620.0, 700.0, 9.0, 999.0]
    return figures.assign(lower=lower, upper=upper, referrals=[190, 3, 360, 45, 4, 68, 29, 0, 226])


def _texts(layer, label: str) -> list[str]:
    return [
        next(each.text for each in values if each.label.startswith(label))
        for values in layer.area_values
    ]


def _layer(rates, wards, uncertainty, **options):
    spec = choropleth_spec(
        rates, "rate", boundaries=wards, uncertainty=uncertainty, classes=3, label="Rate", **options
    )
    return spec.layers[0]


def test_areas_whose_interval_holds_the_benchmark_are_hatched(rates, wards):
    layer = _layer(rates, wards, ENGLAND)
    assert _texts(layer, "Compared with") == [
        "Lower",
        "Suppressed",
        "Lower",
        "Not significantly different",
        "Not available",
        "Not significantly different",
        "Not significantly different",  # a limit that touches the benchmark holds it
        "Lower",
        "Higher",
    ]
    (similar, small) = layer.marks
    assert (similar.label, similar.count) == (
        "Others not significantly different from England (519.4)",
        2,
    )
    # Great Hill is similar too, and made from few: it has the mark of low reliability only.
    assert [at for at, marked in enumerate(similar.marked) if marked] == [3, 5]
    assert [at for at, marked in enumerate(small.marked) if marked] == [6, 7]
    (note,) = [each for each in layer.notes if each.startswith("Low reliability")]
    assert note.endswith(
        "Not hatched as well: 1 ward of low reliability that is not significantly different from "
        "England (519.4)."
    )
    assert layer.painted == _layer(rates, wards, None).painted
    assert "3 wards lower, 3 wards not significantly different, 1 ward higher" in layer.description
    assert any(note.startswith("Hatched: the 95% confidence interval") for note in layer.notes)
    # The two entries together are the three wards of the description.
    assert (small.label, small.count) == (
        "Low reliability (fewer than 30); 1 not significantly different",
        2,
    )


def test_there_is_no_note_on_a_mark_that_no_area_has(rates, wards):
    far = dataclasses.replace(ENGLAND, benchmark=9_000.0, small=0)
    for style, word in (("hatched", "hatched"), ("muted", "muted"), ("plain", "significantly")):
        layer = _layer(rates, wards, dataclasses.replace(far, similar=style))
        assert layer.marks == ()
        assert not [note for note in layer.notes if word in note.lower()], style
    crossed = bivariate_spec(
        rates.assign(idaci=[None] * 7 + [0.1, 0.2]),
        "idaci",
        "rate",
        boundaries=wards,
        y_uncertainty=dataclasses.replace(ENGLAND, small=10),
    ).layers[0]
    assert [mark.key for mark in crossed.marks] == ["small"]
    assert not [note for note in crossed.notes if "Hatched" in note or "hatched" in note]


def test_a_label_that_has_the_figure_is_not_given_it_again(rates, wards):
    for label in ("England", "England (503)"):
        uncertainty = Uncertainty("lower", "upper", benchmark=503, benchmark_label=label)
        spec = choropleth_spec(rates, "rate", boundaries=wards, uncertainty=uncertainty)
        (words,) = [mark.label for mark in spec.layers[0].marks]
        assert words.count("(503)") == 1, words


def test_muted_areas_leave_their_class_and_have_an_entry_of_their_own(rates, wards):
    plain = _layer(rates, wards, None)
    layer = _layer(rates, wards, dataclasses.replace(ENGLAND, similar="muted"))
    counts = {entry.key: entry.count for entry in layer.entries}
    assert counts["similar"] == 3
    assert sum(counts.values()) == 9
    assert [at for at, key in enumerate(layer.painted) if key == "similar"] == [3, 5, 6]
    assert layer.scales[0].classes == plain.scales[0].classes
    assert "similar" not in {mark.key for mark in layer.marks}
    assert layer.labels[3] == "Not significantly different from England (519.4)"


def test_no_area_has_two_patterns(rates, wards):
    muted = _layer(rates, wards, dataclasses.replace(ENGLAND, similar="muted"))
    (small,) = muted.marks
    both = [
        key == "similar" and marked for key, marked in zip(muted.painted, small.marked, strict=True)
    ]
    assert both.count(True) == 1
    for paint, two in zip(muted.paints, both, strict=True):
        assert not two or paint.pattern == "none"
    limits = {"lower": "lower", "upper": "upper", "count": "referrals", "small": 30}
    rates = rates.assign(x_lower=rates["idaci"] - 0.2, x_upper=rates["idaci"] + 0.2)
    layer = bivariate_spec(
        rates,
        "idaci",
        "rate",
        boundaries=wards,
        x_uncertainty=Uncertainty(lower="x_lower", upper="x_upper", benchmark=0.4),
        y_uncertainty=dataclasses.replace(ENGLAND, **limits),
    ).layers[0]
    assert {mark.key for mark in layer.marks} == {"similar_x", "similar_both", "small"}
    assert layer.marks[0].label.endswith("from England (0.40), this measure only")
    page = patterns([layer])
    assert all(f'id="mark-{mark.key}"' in page for mark in layer.marks)
    assert max(map(sum, zip(*(mark.marked for mark in layer.marks), strict=True))) == 1


def test_plain_areas_are_only_described(rates, wards):
    layer = _layer(rates, wards, dataclasses.replace(ENGLAND, similar="plain", small=0))
    assert layer.marks == ()
    assert _texts(layer, "Compared with").count("Not significantly different") == 3
    # A printed map shows no comparison, so the note has no words of one.
    assert (
        "The colours do not show whether a difference from England (519.4) may be chance: it may "
        "be where the 95% confidence interval includes the figure of England (519.4)."
    ) in layer.notes


def test_small_numbers_carry_their_reliability(rates, wards):
    layer = _layer(rates, wards, ENGLAND)
    assert _texts(layer, "Reliability") == [
        "Usual",
        "Suppressed",
        "Usual",
        "Usual",
        "Not available",
        "Usual",
        "Low: fewer than 30",
        "Low: fewer than 30",
        "Usual",
    ]
    assert "made from fewer than 30 referrals" in " ".join(layer.notes)
    enough = _layer(rates.assign(referrals=200), wards, ENGLAND)
    assert {mark.key for mark in enough.marks} == {"similar"}
    assert not any(each.label == "Reliability" for each in enough.area_values[0])


def test_nothing_withheld_comes_to_light_by_limit_count_or_verdict(rates, wards):
    told = _layer(rates, wards, ENGLAND).area_values
    hidden = rates.copy()
    withheld = hidden["rate_status"].isin(["suppressed", "not_available"])
    hidden.loc[withheld, ["lower", "upper"]] = math.nan
    hidden["referrals"] = hidden["referrals"].mask(withheld)
    assert told == _layer(hidden, wards, ENGLAND).area_values
    assert {each.text for each in told[1]} == {"Suppressed"}
    assert {each.text for each in told[4]} == {"Not available"}


def test_a_count_keeps_a_state_of_its_own(rates, wards):
    states = ["value"] * 8 + ["suppressed"]
    layer = _layer(rates.assign(referrals_status=states), wards, ENGLAND)
    assert _texts(layer, "Referrals")[8] == "Suppressed"
    assert not layer.marks[1].marked[8]


def test_verdicts_of_a_test_are_taken_as_they_are(rates, wards):
    verdicts = ["similar", "lower", *["similar"] * 4, "higher", None, "not_compared"]
    given = dataclasses.replace(ENGLAND, verdict="verdict_95")
    layer = _layer(rates.assign(verdict_95=verdicts), wards, given)
    told = _texts(layer, "Compared with")
    assert told[0] == "Not significantly different"
    assert told[1] == "Suppressed"
    assert told[7:] == ["Not compared", "Not compared"]
    assert any("a test finds no difference from England" in note for note in layer.notes)
    with pytest.raises(SchemaError, match=r"unknown verdicts \(better\)"):
        _layer(rates.assign(verdict_95="better"), wards, given)


def test_a_comparison_with_england_is_drawn_as_it_is(wards):
    import pandas as pd

    import bolton_jsna as jsna

    plans = jsna.load_children_in_need(indicators="cpp_at_31_march", years=[2025])
    table = jsna.compare_with_benchmark(plans, "England", per=10_000)
    some = table[table["area_level"] == "authority"].head(9).reset_index(drop=True)
    frame = pd.DataFrame(
        {
            "area_code": wards["area_code"],
            "rate": some["rate"],
            "verdict": some["verdict_95"],
        }
    )
    layer = choropleth_spec(
        frame,
        "rate",
        boundaries=wards,
        uncertainty=Uncertainty(lower=None, upper=None, benchmark=40.6, verdict="verdict"),
    ).layers[0]
    similar = (some["verdict_95"] == "similar").tolist()
    assert list(layer.marks[0].marked) == similar


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.assign(upper=f["lower"]), "outside 'lower' to 'upper'"),
        (lambda f: f.drop(columns="upper"), "no column 'upper'"),
        (lambda f: f.assign(lower="few"), "'lower' is not numeric"),
        (lambda f: f.drop(columns="referrals"), "no column 'referrals'"),
    ],
)
def test_wrong_columns_are_rejected(rates, wards, change, message):
    with pytest.raises(SchemaError, match=message):
        _layer(change(rates), wards, ENGLAND)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"similar": "hatch"}, "Did you mean 'hatched'"),
        ({"lower": None}, "two limits"),
        ({"benchmark": math.nan}, "expected a number"),
        ({"lower": None, "upper": None, "benchmark": 1.0}, "needs an interval"),
        ({"confidence": 95}, "such as 0.95"),
    ],
)
def test_invalid_options_are_rejected(options, message):
    with pytest.raises(UsageError, match=message):
        Uncertainty(**options)


def test_a_bivariate_map_breaks_at_england_and_hatches_the_measure_compared_with_it(rates, wards):
    def spec(**options):
        return bivariate_spec(
            rates, "idaci", "rate", boundaries=wards, y_label="Rate", **options
        ).layers[0]

    layer = spec(y_breaks="benchmark", y_uncertainty=ENGLAND, y_decimals=1)
    assert layer.scales[1].classes.labels == ("Under 519.4", "519.4 and over")
    assert "Rate: break at the figure of England (519.4)." in layer.notes
    assert [mark.key for mark in layer.marks] == ["similar", "small"]
    assert layer.marks[0].label == "Rate: others not significantly different from England (519.4)"
    with pytest.raises(UsageError, match="not possible"):
        spec(y_uncertainty=dataclasses.replace(ENGLAND, similar="muted"))
    with pytest.raises(UsageError, match="'benchmark' together with"):
        spec(y_breaks="benchmark")
    with pytest.raises(UsageError, match="ten classes"):
        spec(method="deciles")


def test_marks_of_a_crossed_map_stay_off_areas_without_a_number(rates, wards):
    sure = dataclasses.replace(ENGLAND, benchmark=None, small=1000)
    ranked = rates.assign(idaci_status="value", idaci=rates["idaci"] * 100)
    limits = Uncertainty(lower=None, upper=None, count="referrals", small=1000)
    layer = bivariate_spec(
        ranked, "idaci", "rate", boundaries=wards, x_uncertainty=limits, y_uncertainty=sure
    ).layers[0]
    assert [mark.key for mark in layer.marks] == ["small"]
    assert [key.startswith("cell-") for key in layer.painted] == list(layer.marks[0].marked)
