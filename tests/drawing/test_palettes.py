"""Colours: told apart by every eye, in grey, and never mistaken for a gap."""

from itertools import combinations, pairwise

import pytest

from bolton_jsna.core.errors import UsageError
from bolton_jsna.core.states import MEANINGS, NUMERIC
from bolton_jsna.drawing import palettes
from bolton_jsna.drawing.palettes import contrast, text_colour
from colour_vision import (
    MATRICES,
    ciede2000,
    difference,
    lab,
    palette_names,
    smallest_difference,
    threshold,
)

EVERY = [
    (kind, name, k)
    for kind in ("sequential", "diverging")
    for name in palette_names(kind)
    for k in range(2, palettes.MOST_CLASSES + 1)
]
EVERY += [("many", name, k) for name in palette_names("many") for k in range(8, 11)]
GRIDS = [
    palettes.grid(name, columns, rows)
    for name in palette_names("bivariate")
    for columns in (2, 3)
    for rows in (2, 3)
]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # Sharma, Wu and Dalal (2005), table 1, pairs 1, 7, 10, 17, 19, 25, 31 and 34.
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0010), 7.1792),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.5, 0), (58, 24, 15), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_ciede2000_is_that_of_the_published_test_data(one, other, expected):
    assert ciede2000(one, other) == pytest.approx(expected, abs=5e-5)
    assert ciede2000(other, one) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(("kind", "name", "k"), EVERY)
def test_neighbouring_classes_differ_to_every_eye(kind, name, k):
    least = "sequential_to_five" if kind == "sequential" and k <= 5 else kind
    found = smallest_difference(pairwise(palettes.colours(name, k)))
    assert found >= threshold(least)


@pytest.mark.parametrize(("kind", "name", "k"), [each for each in EVERY if each[0] != "diverging"])
def test_sequential_palettes_darken_evenly_in_grey(kind, name, k):
    lights = [lab(colour)[0] for colour in palettes.colours(name, k)]
    steps = [one - other for one, other in pairwise(lights)]
    assert min(steps) > 9
    assert max(steps) - min(steps) < 2


@pytest.mark.parametrize("cells", GRIDS)
def test_all_cells_of_a_crossed_legend_differ_to_every_eye(cells):
    every = [colour for row in cells for colour in row]
    assert smallest_difference(combinations(every, 2)) >= threshold("bivariate")


@pytest.mark.parametrize("cells", GRIDS)
def test_crossed_legends_darken_along_both_axes(cells):
    lights = [[lab(colour)[0] for colour in row] for row in cells]
    for line in (*lights, *zip(*lights, strict=True)):
        assert min(one - other for one, other in pairwise(line)) > 7


def test_no_class_is_taken_for_not_available():
    white = palettes.state("not_available").fill
    classes = [colour for _, name, k in EVERY for colour in palettes.colours(name, k)]
    classes += [colour for cells in GRIDS for row in cells for colour in row]
    least = min(difference(white, each, eye) for each in set(classes) for eye in MATRICES)
    assert least >= threshold("white")


def test_all_categories_differ_to_every_eye_and_from_gaps():
    colours = palettes.category_colours(None, palettes.MOST_CATEGORIES)
    white, grey = (palettes.state(each).fill for each in ("not_available", "suppressed"))
    assert smallest_difference(combinations(colours, 2)) >= threshold("categories")
    assert (
        min(difference(gap, c, eye) for gap in (white, grey) for c in colours for eye in MATRICES)
        >= 15
    )
    assert min(contrast(text_colour(colour), colour) for colour in colours) >= 4.5


def test_every_state_without_a_number_has_a_paint_of_its_own():
    paints = [palettes.state(state) for state in MEANINGS if state not in NUMERIC]
    assert len(set(paints)) == len(paints) == len(MEANINGS) - len(NUMERIC)


def test_text_is_read_on_its_ground():
    for name in ("text", "muted"):
        assert contrast(palettes.line(name), palettes.line("page")) >= 4.5
    assert contrast("#ffffff", palettes.line("badge")) >= 4.5
    for cells in GRIDS:
        for colour in (colour for row in cells for colour in row):
            assert contrast(text_colour(colour), colour) >= 4.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: palettes.colours("blues", 3), "Did you mean 'blue'"),
        (lambda: palettes.colours("blue", 8), "at most 7 classes.*'deciles'"),
        (lambda: palettes.colours(None, 11), "1 to 7 classes, or 10"),
        (lambda: palettes.mark("state"), "not known"),
        (lambda: palettes.colours(["#000000"], 2), "2 classes but the palette only 1"),
        (lambda: palettes.colours(["red", "#000000"], 2), "#rrggbb"),
        (lambda: palettes.category_colours("blue", 3), "runs from low to high"),
        (lambda: palettes.grid("blue_orange", 4, 3), "Known: 1, 2, 3"),
        (lambda: palettes.state("value"), "not known"),
    ],
)
def test_unknown_colours_are_rejected(call, message):
    with pytest.raises(UsageError, match=message):
        call()


def test_own_colours_and_turned_palettes_are_taken():
    assert palettes.colours(["#000000", "#ffffff"], 2) == ("#000000", "#ffffff")
    assert palettes.colours("blue_orange_r", 5) == palettes.colours("blue_orange", 5)[::-1]


def test_more_than_seven_classes_take_the_palette_made_for_them():
    assert palettes.colours(None, 7) == palettes.colours("blue", 7)
    assert palettes.colours(None, 10) == palettes.colours("deciles", 10)
    assert palettes.colours("deciles_r", 10) == palettes.colours("deciles", 10)[::-1]


def test_muted_areas_are_taken_for_no_class_and_no_state():
    muted = palettes.state("similar")
    states = [palettes.state(state) for state in MEANINGS if state not in NUMERIC]
    assert muted not in states
    assert muted.pattern not in {each.pattern for each in states}
    assert muted.pattern != "none"


def test_marks_are_seen_on_every_class():
    for name in ("similar", "similar_x", "small"):
        mark = palettes.mark(name)
        for colour in {colour for _, each, k in EVERY for colour in palettes.colours(each, k)}:
            assert max(contrast(mark.fill, colour), contrast(mark.line, colour)) >= 4
