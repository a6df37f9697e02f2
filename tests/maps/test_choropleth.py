"""A specification says what the figures say, and keeps every state out of the classes."""

import numpy as np
import pandas as pd
import pytest

from bolton_jsna.core.errors import SchemaError, UsageError, VintageError
from bolton_jsna.drawing.classes import classify
from bolton_jsna.maps._bivariate import bivariate_spec
from bolton_jsna.maps._choropleth import choropleth_spec
from bolton_jsna.maps._spec import combine, unique_texts
from colour_vision import lab


def _counts(layer) -> dict[str, int]:
    return {entry.key: entry.count for entry in layer.entries}


def test_states_have_entries_of_their_own_and_zero_is_a_value(figures, wards):
    layer = choropleth_spec(figures, "rate", boundaries=wards, classes=3).layers[0]
    assert _counts(layer) == {
        "class-0": 3,
        "class-1": 2,
        "class-2": 2,
        "state-suppressed": 1,
        "state-not_available": 1,
    }
    assert layer.painted[7] == "class-0"  # the rate of 0
    assert layer.area_values[7][0].text == "0"
    assert layer.area_values[1][0].text == "Suppressed"
    assert layer.area_values[6][0].text == "610 (modelled)"
    assert any("modelled for 1 of 9 wards" in note for note in layer.notes)


def test_a_number_with_a_state_that_hides_it_is_never_shown(figures, wards):
    leaky = figures.assign(rate=figures["rate"].fillna(3.0))
    spec = choropleth_spec(leaky, "rate", boundaries=wards, classes=3)
    clean = choropleth_spec(figures, "rate", boundaries=wards, classes=3)
    assert spec.layers == clean.layers


def test_without_a_status_a_gap_is_not_available(figures, wards):
    bare = figures.drop(columns="rate_status")
    layer = choropleth_spec(bare, "rate", boundaries=wards).layers[0]
    assert _counts(layer)["state-not_available"] == 2


def test_the_status_column_is_found_or_named(figures, wards):
    renamed = figures.rename(columns={"rate_status": "state_of_it"})
    named = choropleth_spec(renamed, "rate", boundaries=wards, status="state_of_it")
    general = choropleth_spec(
        figures.rename(columns={"rate_status": "status"}), "rate", boundaries=wards
    )
    found = choropleth_spec(figures, "rate", boundaries=wards)
    assert named.layers == general.layers == found.layers


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.assign(rate_status="value"), r"2 areas have the state 'value'.*E05099002"),
        (lambda f: f.assign(rate_status="hidden"), r"unknown states \(hidden\)"),
        (lambda f: f.assign(rate=["c"] * 9), "not numeric"),
    ],
)
def test_contradictory_states_are_rejected(figures, wards, change, message):
    with pytest.raises(SchemaError, match=message):
        choropleth_spec(change(figures), "rate", boundaries=wards)


def test_missing_rows_are_painted_not_available_when_allowed(figures, wards):
    layer = choropleth_spec(
        figures.iloc[:-1], "idaci", boundaries=wards, allow_missing=True
    ).layers[0]
    assert _counts(layer)["state-not_available"] == 1


def test_two_maps_share_classes(figures, wards):
    first = choropleth_spec(figures, "idaci", boundaries=wards, classes=3).layers[0]
    later = figures.assign(idaci=figures["idaci"] + 0.2)
    second = choropleth_spec(
        later, "idaci", boundaries=wards, classes=first.scales[0].classes
    ).layers[0]
    assert second.scales[0].classes.breaks == first.scales[0].classes.breaks
    assert second.entries[0].paint == first.entries[0].paint
    assert sum(_counts(second).values()) == 9


def test_details_are_shown_and_gaps_keep_their_state(figures, wards):
    more = figures.assign(count=figures["rate"] / 10, note=["a"] * 9)
    spec = choropleth_spec(
        more, "rate", boundaries=wards, details={"count": "Referrals", "note": "Note"}
    )
    assert [value.text for value in spec.layers[0].area_values[0]] == ["210", "21.0", "a"]
    assert [value.text for value in spec.layers[0].area_values[1]] == [
        "Suppressed",
        "Suppressed",
        "a",
    ]


def test_details_hide_a_number_behind_a_state_of_its_own(figures, wards):
    more = figures.assign(rate=[float(at) for at in range(9)], plans=range(70, 79))
    more["plans_status"] = ["value", "value", "suppressed", *["value"] * 6]
    details = {"rate": "Rate", "plans": "Plans"}
    layer = choropleth_spec(more, "rate", boundaries=wards, details=details).layers[0]
    texts = [[value.text for value in values] for values in layer.area_values[:3]]
    assert texts == [["0", "0", "70"], ["Suppressed", "Suppressed", "71"], ["2", "2", "Suppressed"]]
    crossed = bivariate_spec(more, "idaci", "rate", boundaries=wards, details=details).layers[0]
    assert [value.text for value in crossed.area_values[1]][1:] == ["Suppressed"] * 2 + ["71"]


def test_a_crossed_map_counts_every_cell(figures, wards):
    layer = bivariate_spec(figures, "idaci", "rate", boundaries=wards).layers[0]
    counts = _counts(layer)
    assert len([key for key in counts if key.startswith("cell-")]) == 9
    assert sum(counts.values()) == 9
    assert counts["state-suppressed"] == counts["state-not_available"] == 1
    assert layer.painted[8] == "cell-2-2"
    assert layer.painted[7] == "cell-2-0"


def test_a_crossed_map_agrees_with_both_single_maps(figures, wards):
    crossed = bivariate_spec(figures, "idaci", "rate", boundaries=wards).layers[0]
    x = choropleth_spec(figures, "idaci", boundaries=wards, classes=3).layers[0]
    y = choropleth_spec(figures, "rate", boundaries=wards, classes=3).layers[0]
    for cell, across, up in zip(crossed.painted, x.painted, y.painted, strict=True):
        if up.startswith("state-"):
            assert cell == up
        else:
            assert cell == f"cell-{across[-1]}-{up[-1]}"


def test_the_graver_state_wins(figures, wards):
    both = figures.assign(
        idaci=figures["idaci"].where(figures.index != 1),
    )
    layer = bivariate_spec(both, "idaci", "rate", boundaries=wards).layers[0]
    assert layer.painted[1] == "state-suppressed"
    assert [value.text for value in layer.area_values[1]] == ["Not available", "Suppressed"]


def test_own_breaks_cross_at_the_benchmark(figures, wards):
    layer = bivariate_spec(
        figures, "idaci", "rate", boundaries=wards, classes=2, x_breaks=[0.35], y_breaks=[519.4]
    ).layers[0]
    assert layer.scales[1].classes.labels == ("Under 519.4", "519.4 and over")
    assert _counts(layer)["cell-1-1"] == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": 4}, "2 or 3 classes"),
        ({"x_breaks": [1, 2, 3]}, "1 or 2 breaks"),
        ({"palette": "blue"}, "Known: 'blue_orange'"),
    ],
)
def test_a_bivariate_map_rejects_what_it_cannot_show(figures, wards, options, message):
    with pytest.raises(UsageError, match=message):
        bivariate_spec(figures, "idaci", "rate", boundaries=wards, **options)


def test_nothing_is_crossed_with_one_class(figures, wards):
    with pytest.raises(UsageError, match="only one class"):
        bivariate_spec(figures.assign(idaci=0.5), "idaci", "rate", boundaries=wards)


def test_maps_of_the_same_areas_combine_and_others_do_not(figures, wards):
    one = choropleth_spec(
        figures, "idaci", boundaries=wards, sources=["A"], title="One", subtitle="S"
    )
    two = choropleth_spec(figures, "rate", boundaries=wards, sources=["A", "B"], illustrative=True)
    both = combine(one, two)
    assert (len(both.layers), both.title, both.sources, both.illustrative) == (
        2,
        "One",
        ("A", "B"),
        True,
    )
    assert combine(one, two, title="All").subtitle == ""
    part = choropleth_spec(figures.iloc[1:], "idaci", boundaries=wards.iloc[1:])
    with pytest.raises(VintageError, match="E05099001"):
        combine(one, part)


def test_maps_that_name_the_areas_differently_do_not_combine(figures, wards):
    one = choropleth_spec(figures, "idaci", boundaries=wards)
    renamed = wards.assign(area_name=["Zoar", *wards["area_name"][1:]])
    with pytest.raises(VintageError, match="different names for the same areas"):
        combine(one, choropleth_spec(figures, "idaci", boundaries=renamed))


def test_deciles_are_ten_entries_and_the_most_deprived_is_darkest(figures, wards):
    deciles = figures.assign(decile=[1, 1, 2, 3, 10, 5, 6, 7, 8])
    layer = choropleth_spec(deciles, "decile", boundaries=wards, method="deciles").layers[0]
    counts = [entry.count for entry in layer.entries]
    assert counts == [2, 1, 1, 0, 1, 1, 1, 1, 0, 1]
    lights = [lab(entry.paint.fill)[0] for entry in layer.entries]
    assert lights == sorted(lights)
    with pytest.raises(UsageError, match="at most 7"):
        choropleth_spec(deciles, "decile", boundaries=wards, method="deciles", palette="blue")


def test_published_breaks_are_called_so(figures, wards):
    layer = choropleth_spec(
        figures, "idaci", boundaries=wards, method="published", breaks=[0.2, 0.4]
    ).layers[0]
    assert layer.notes[0].startswith("Published breaks.")


def test_the_words_name_the_ends_and_the_gaps(figures, wards):
    words = choropleth_spec(
        figures, "rate", boundaries=wards, label="Rate", illustrative=True
    ).description
    assert words.startswith("Illustrative local data. Map of 9 wards by \u201cRate\u201d")
    assert "from 0 (Heath) to 905 (Inner Park)" in words
    assert "1 suppressed, 1 not available" in words


def test_nullable_numbers_are_read(figures, wards):
    nullable = figures.assign(children=pd.array([*figures["children"][:-1], pd.NA], dtype="Int64"))
    layer = choropleth_spec(nullable, "children", boundaries=wards).layers[0]
    assert _counts(layer)["state-not_available"] == 1


def test_notes_are_text():
    with pytest.raises(UsageError, match="must be text"):
        unique_texts([1])


def test_classes_match_those_of_the_numbers_alone(figures, wards):
    layer = choropleth_spec(figures, "idaci", boundaries=wards, method="jenks").layers[0]
    assert layer.scales[0].classes == classify(np.array(figures["idaci"]), method="jenks")
