"""Words are drawn as categories; numbers, markers and mixtures are never taken for them."""

import ast

import pandas as pd
import pytest

from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.drawing.palettes import category_colours
from bolton_jsna.maps import Uncertainty, choropleth_map, choropleth_spec, static_choropleth
from bolton_jsna.maps.html._page import page
from bolton_jsna.maps.print.static import static_side_by_side

ZONES = ["South", "North", "North ", "Centre", "South", "North", "Centre", None, ""]


def drawn(wards, values, **options):
    return choropleth_spec(wards.assign(zone=values), "zone", **options)


def legend(spec):
    return [(entry.label, entry.count) for entry in spec.layers[0].entries]


def test_words_are_categories_in_the_order_of_the_alphabet(wards):
    spec = drawn(wards, ZONES, label="Team")
    assert legend(spec) == [("Centre", 2), ("North", 3), ("South", 2), ("Not available", 2)]
    assert [entry.paint.fill for entry in spec.layers[0].entries[:3]] == list(
        category_colours(None, 3)
    )
    assert spec.layers[0].labels[0] == "South"
    assert spec.description == (
        "Map of 9 wards by \u201cTeam\u201d in 3 categories. Centre: 2 wards (Dale; Great Hill). "
        "North: 3 wards (Brook & Mill; Church Town; Fold). South: 2 wards (Ash Green; East Moor). "
        "Not available: 2 wards (Heath; Inner Park)."
    )


def test_a_categorical_keeps_its_order_and_its_empty_categories(wards):
    order = ["South", "West", "Centre", "North"]
    values = pd.Categorical([None if not each else each.strip() for each in ZONES], order)
    assert legend(drawn(wards, values))[:4] == [
        ("South", 2), ("West", 0), ("Centre", 2), ("North", 3)
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["bool", "boolean", "object", "category"])
def test_truth_values_are_yes_and_no(wards, kind):
    values = pd.Series([True, False, True] * 3, dtype=kind)
    assert legend(drawn(wards, values)) == [("Yes", 6), ("No", 3)]


def test_a_status_hides_the_category_next_to_it(wards):
    status = ["suppressed", *["value"] * 6, None, "not_applicable"]
    spec = drawn(wards.assign(zone_status=status), ZONES)
    assert legend(spec)[2:] == [
        ("South", 1), ("Suppressed", 1), ("Not available", 1), ("Not applicable", 1)
    ]  # fmt: skip
    assert spec.layers[0].area_values[0][0].text == "Suppressed"


def test_plain_numbers_are_numbers_even_as_text(wards):
    assert drawn(wards, [str(at) for at in range(9)]).layers[0].kind == "single"


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([1, 2, 3], "123"),
        ([3.0, 1.0, None], "13"),
        (["2024", "2025", "2023"], ("2023", "2024", "2025")),
    ],
)
def test_numbers_declared_as_categories_are_categories(wards, values, labels):
    spec = drawn(wards, pd.Categorical(values * 3))
    assert spec.layers[0].kind == "categories"
    assert [label for label, _ in legend(spec)][: len(labels)] == list(labels)


def test_many_declared_numbers_are_rejected_with_the_way_to_amounts(wards):
    with pytest.raises(UsageError, match=r"If they are amounts, .*astype\(float\)"):
        drawn(wards, pd.Categorical(range(9)))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["12.5%"] * 9, r"not numeric.*'12.5%'.*Convert it: pd.to_numeric\(frame\['zone'\]"),
        (["1,200", "£40", "7"] * 3, r"'1,200', '£40'\)\. Convert it"),
        (["<5", "12", "14"] * 3, r"'<5'.*Leave cells such as '<5' empty.*'zone_status'"),
        (["12", "c", "14"] * 3, r"numbers \('12', '14'\) and text \('c'\)"),
        ([1, "North", 2.5] * 3, r"numbers \(1, 2.5\) and text \('North'\)"),
        (["c", "x", "c"] * 3, "'c', 'x'.*no category.*not numeric"),
        (["low", "c", "low"] * 3, "holds 'low', 'c'"),
        (["North", "x", "n/a"] * 3, "holds 'x', 'n/a'"),
        (["North", "north", "NORTH "] * 3, "'North' and 'north' and 'NORTH'. Write it in one way"),
        ([True, "North", None] * 3, "True or False and other values"),
        ([True, 1, 0] * 3, "True or False and other values"),
        (pd.Categorical(["12", "c", "14"] * 3), "holds 'c', '12', '14'"),
        (["1,5", "2,5", "3"] * 3, r"'1,5' the comma may be a decimal point: correct such cells"),
        (["1,200", "1,20", "3"] * 3, "'1,20' the comma may be a decimal point"),
        (["2024", "2025", "2023"] * 3, r"may be years.*astype\('category'\).*pd.to_numeric"),
        (["St. Mary\u2019s", "St Mary's", "B"] * 3, "in several spellings"),
        (pd.Categorical(["North-West", "North West", "B"] * 3), "in several spellings"),
        (["A", "Suppressed", "B"] * 3, "holds 'Suppressed', which a publisher"),
        (["A", "not_available", "NOT AVAILABLE"] * 3, "holds 'not_available', 'NOT AVAILABLE'"),
        (pd.date_range("2025-01-01", periods=9), "holds dates or times"),
        ([[1]] * 9, "one value in each cell"),
    ],
)
def test_what_is_neither_numbers_nor_words_is_rejected_with_its_values(wards, values, message):
    with pytest.raises(SchemaError, match=message):
        drawn(wards, values)


def test_the_advice_on_per_cent_signs_works(wards):
    frame = wards.assign(zone=["12.5%", "1,200", "£7"] * 3)
    numbers = pd.to_numeric(frame["zone"].replace("[%£,]", "", regex=True))
    assert sorted(set(numbers)) == [7, 12.5, 1200]


def test_the_advice_on_typographic_minus_signs_works(wards):
    frame = wards.assign(zone=["\u22125", "\u20131,200", "7%"] * 3)
    with pytest.raises(SchemaError) as caught:
        choropleth_spec(frame, "zone")
    changes = str(caught.value).partition(".replace(")[2].partition(", regex=True")[0]
    numbers = pd.to_numeric(frame["zone"].replace(ast.literal_eval(changes), regex=True))
    assert sorted(set(numbers)) == [-1200, -5, 7]


def test_other_signs_are_other_categories(wards):
    assert [label for label, _ in legend(drawn(wards, ["A", "A-", "A+"] * 3))] == ["A", "A+", "A-"]


def test_low_is_a_category_next_to_high(wards):
    assert legend(drawn(wards, ["low", "high", "middle"] * 3))[-1] == ("middle", 3)


def test_more_than_six_categories_are_rejected_with_a_way_out(wards):
    with pytest.raises(UsageError, match=r"9 categories .*at most 6.*'Other'\)"):
        drawn(wards, [f"Team {at}" for at in range(9)])
    with pytest.raises(UsageError, match="remove_unused_categories"):
        drawn(wards, pd.Categorical(["A"] * 9, list("ABCDEFG")))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": 3}, "have no classes. Leave it out"),
        ({"method": "jenks", "breaks": [1]}, "have no method, breaks. Leave them out"),
        ({"uncertainty": Uncertainty(None, None, count="year")}, "no uncertainty"),
        ({"palette": "blue"}, "runs from low to high"),
    ],
)
def test_options_of_numbers_are_rejected(wards, options, message):
    with pytest.raises(UsageError, match=message):
        drawn(wards, ZONES, **options)


def test_own_colours_are_taken(wards):
    spec = drawn(wards, ZONES, palette=["#111111", "#222222", "#333333"])
    assert spec.layers[0].entries[1].paint.fill == "#222222"


def test_the_web_and_the_print_show_the_same(wards):
    frame = wards.assign(zone=ZONES)
    spec = choropleth_map(frame, "zone", label="Team").get_root().spec
    text = page(spec)
    assert '<span>Centre</span> <span class="count">2 wards</span>' in text
    assert "Class on the map" not in text.partition("<table id=")[2].partition("</table>")[0]
    figure = static_choropleth(frame, "zone", label="Team")
    assert figure.spec == spec
    assert {"Team", "Centre", "Not available"} <= {each.get_text() for each in figure.axes[0].texts}
    both = static_side_by_side(figure, figure, title="Two years")
    assert both.spec.notes == ("All maps have the same categories in the same colours.",)


def test_the_face_of_the_map_names_what_is_not_on_it(wards):
    frame = pd.DataFrame(
        {"ward": [*wards["area_name"][:8], "Elsewhere"], "zone": ["A", "B", "D"] * 3}
    )
    figure = static_choropleth(frame, "zone", boundaries=wards, unmatched="show")
    text = "Not on the map, because it matches no area: 1 row of the table (Elsewhere)."
    assert figure.spec.left_out == (text,)
    assert figure.spec.description.endswith(text)
    assert text in " ".join(each.get_text() for each in figure.axes[0].texts).replace("\n", " ")
    assert f'<p class="subtitle">{text}</p>' in page(figure.spec)
    assert static_side_by_side(figure, figure, title="Both").spec.left_out == (text,)
