"""Printed maps agree with those for the web, and nothing on them is cut or covered."""

import re

import pytest
import shapely
from matplotlib.figure import Figure
from matplotlib.text import Text

from bolton_jsna.core.errors import UsageError
from bolton_jsna.maps import (
    bivariate_map,
    choropleth_map,
    save_figure,
    spec_of,
    static_bivariate,
    static_choropleth,
)
from bolton_jsna.maps.print._labels import place

SIZES = ("column", "page", "slide")


@pytest.fixture
def single(figures, wards):
    def make(**options):
        return static_choropleth(
            figures,
            "rate",
            boundaries=wards,
            **{
                "title": "Referrals by ward, for $5 or more",
                "subtitle": "Year ending 31 March 2025",
                "label": "Referral rate",
                "unit": "per 10,000 children",
                "classes": 3,
                "notes": ["A note that is long enough to be wrapped. " * 4],
                "sources": ["Contains OS data © Crown copyright and database right 2023."],
                "illustrative": True,
                **options,
            },
        )

    return make


@pytest.fixture
def crossed(figures, wards):
    def make(**options):
        return static_bivariate(
            figures, "idaci", "rate", boundaries=wards, title="Both", illustrative=True, **options
        )

    return make


def _texts(figure) -> list[Text]:
    return [each for each in figure.axes[0].texts if each.get_text()]


def _boxes(figure):
    renderer = figure.canvas.get_renderer()
    return [(each, each.get_window_extent(renderer)) for each in _texts(figure)]


@pytest.mark.parametrize("size", SIZES)
def test_all_text_is_on_the_page_without_overlaps(single, crossed, bolton, size):
    for figure in (
        single(size=size),
        crossed(size=size),
        crossed(size=size, classes=2),
        static_choropleth(bolton, "rate", size=size, unit="per 10,000 children aged 0-17"),
        static_bivariate(bolton, "idaci", "rate", size=size),
    ):
        width, height = figure.get_size_inches() * figure.dpi
        told = []
        for text, box in _boxes(figure):
            assert box.x0 >= 0, text
            assert box.y0 >= 0, text
            assert box.x1 <= width, text
            assert box.y1 <= height, text
            # Lines of one block touch; two blocks may not, beyond the air around letters.
            shape = shapely.box(box.x0 + 1, box.y0 + 2, box.x1 - 1, box.y1 - 2)
            clash = [other for other, known in told if known.intersects(shape)]
            assert not clash, (text, clash)
            told.append((text, shape))


@pytest.mark.parametrize("size", ["page", "slide"])
def test_a_sheet_keeps_its_format(single, size):
    width, height = single(size=size, notes=()).get_size_inches()
    assert width / height == pytest.approx({"page": 277 / 190, "slide": 16 / 9}[size])


def test_the_map_shows_everything(single):
    told = " ".join(" ".join(text.get_text().split()) for text in _texts(single()))
    for line in (
        "Illustrative local data",
        "Referrals by ward, for $5 or more",
        "Year ending 31 March 2025",
        "Referral rate (per 10,000 children)",
        "Suppressed",
        "1 ward",
        "Not available",
        "Contains OS data",
        "1 km",
        "Inner Park",
    ):
        assert line in told, line


def test_both_kinds_of_map_agree_class_by_class(figures, wards):
    options = {"boundaries": wards, "title": "T", "notes": ["N"], "sources": ["S"]}
    assert static_choropleth(figures, "rate", **options).spec == spec_of(
        choropleth_map(figures, "rate", **options)
    )
    assert static_bivariate(figures, "idaci", "rate", **options).spec == spec_of(
        bivariate_map(figures, "idaci", "rate", **options)
    )


def test_the_square_counts_areas(crossed):
    figure = crossed()
    counts = [
        entry.count for entry in figure.spec.layers[0].entries if entry.key.startswith("cell-")
    ]
    bold = [t.get_text() for t in _texts(figure) if t.get_weight() == "bold"]
    assert sorted(text for text in bold if text.isdigit()) == sorted(map(str, counts))


def test_names_never_touch_and_lie_in_their_area():
    squares = [
        shapely.box(x, y, x + 0.9, y + 0.4 + 0.1 * (x % 2))
        for x in (0, 0.9, 1.8, 2.7)
        for y in (0, 0.5, 1.0)
    ]
    names = [f"Ward with a name of some quite unlikely length {at}" for at in range(len(squares))]
    names[3] = "Dale"
    found = place(names, squares, size=9, larger=9, width=3.6)
    assert found[3].lines == ("Dale",)
    numbers = [label.number for label in found if label.number]
    assert len(numbers) > 1
    assert numbers == list(range(1, len(numbers) + 1))
    _check_labels(found, squares)


def _check_labels(found, shapes):
    """Fail if a name touches a line of an area or of a label, or another name."""
    lines = shapely.union_all([shape.boundary for shape in shapes])
    every = shapely.union_all(shapes)
    boxes = [shapely.box(*label.box) for label in found]
    for label, box, shape in zip(found, boxes, shapes, strict=True):
        assert sum(other.intersects(box) for other in boxes) == 1, label
        if label.plate:
            continue  # a number with a background of its own covers the lines
        assert box.distance(lines) > 0.01, label
        assert shape.contains(box) if label.leader is None else not every.intersects(box), label
        for other in found:
            if other.leader is not None and other is not label:
                assert box.distance(shapely.LineString(other.leader)) > 0.01, (label, other)
    for label, shape in zip(found, shapes, strict=True):
        if label.leader is not None:
            assert shape.contains(shapely.Point(label.leader[0])), label


ODD = {
    "rows of slivers": [shapely.box(0, y, 3, y + 0.08) for y in (0, 0.08, 0.16, 0.24)],
    "a ring around a town": [
        shapely.Point(1.5, 1.5).buffer(1.4).difference(shapely.Point(1.5, 1.5).buffer(0.5)),
        shapely.Point(1.5, 1.5).buffer(0.5),
    ],
    "a speck among large ones": [
        shapely.box(0, 0, 1.5, 3),
        shapely.box(1.5, 0, 3, 3).difference(shapely.box(1.5, 1.5, 1.52, 1.52)),
        shapely.box(1.5, 1.5, 1.52, 1.52),
    ],
    "two islands of one area": [
        shapely.MultiPolygon([shapely.box(0, 0, 0.2, 0.2), shapely.box(2.5, 2.5, 3, 3)]),
        shapely.box(0.5, 0.5, 2, 2),
    ],
    "a crescent": [shapely.Point(1.5, 1.5).buffer(1.5).difference(shapely.box(0.2, 0, 3, 2.8))],
}


@pytest.mark.parametrize("shapes", ODD.values(), ids=ODD)
@pytest.mark.parametrize("name", ["Dale", "Saint Oswald's & Upper Wyre with Pilling"])
def test_names_on_odd_shapes_touch_no_line(shapes, name):
    found = place([name] * len(shapes), shapes, size=7, larger=8, width=3.2)
    assert all(label.lines for label in found)
    _check_labels(found, shapes)


@pytest.mark.parametrize("width", [1.6, 2.9, 3.85, 6, 9])
def test_names_of_boltons_wards_touch_no_line(bolton, width):
    west, south, east, _ = bolton.total_bounds
    zoom = width / (east - west)
    shapes = [
        shapely.affinity.affine_transform(each, [zoom, 0, 0, zoom, -west * zoom, -south * zoom])
        for each in bolton.geometry
    ]
    names = list(bolton["area_name"])
    found = place(names, shapes, size=7, larger=8, width=width)
    _check_labels(found, shapes)
    written = [" ".join(label.lines) for label in found]
    expected = [
        str(label.number) if label.number else name
        for label, name in zip(found, names, strict=True)
    ]
    assert written == expected


def test_more_names_than_can_be_read_are_rejected():
    specks = [
        shapely.box(x / 20, y / 20, x / 20 + 0.05, y / 20 + 0.05)
        for x in range(9)
        for y in range(9)
    ]
    with pytest.raises(UsageError, match=r"names of all 81 areas.*labels=False"):
        place(["Dale"] * 81, specks, size=7, larger=8, width=0.5)


def test_many_areas_have_no_names(figures, wards):
    told = [
        text.get_text()
        for text in _texts(static_choropleth(figures, "idaci", boundaries=wards, labels=False))
    ]
    assert "Dale" not in told


def test_the_notes_are_a_file_next_to_the_picture(single, figures, wards, tmp_path):
    notes = ["The first note.", "The second note."]
    for figure in (single(notes=notes), single(notes=notes, note="The one that matters.")):
        for ending in ("png", "pdf"):
            save_figure(figure, tmp_path / "maps" / f"rate.{ending}", dpi=40)
        assert {path.name for path in (tmp_path / "maps").iterdir()} == {
            "rate.png",
            "rate.pdf",
            "rate_notes.txt",
        }
        written = (tmp_path / "maps" / "rate_notes.txt").read_text(encoding="utf-8")
        spec, told = figure.spec, " ".join(text.get_text() for text in _texts(figure))
        for line in (spec.title, spec.subtitle, "Illustrative local data: made up"):
            assert line in written
        for line in (*spec.notes, *spec.layers[0].notes, *spec.sources, spec.description):
            assert written.count(line) == 1
        assert written.count("\n---") == 4
        assert spec.note in told
        assert not [note for note in spec.notes if note in told and note != spec.note]
    # What matters most to a reader is printed: the note given, then modelled figures, then notes.
    assert spec.note == "The one that matters."
    assert single(notes=notes).spec.note.startswith("Referral rate: modelled for 1 of 9 wards")
    plain = static_choropleth(figures, "idaci", boundaries=wards, notes=notes, labels=False)
    assert plain.spec.note == "The first note."


def test_a_figure_without_a_map_has_no_notes(tmp_path):
    save_figure(Figure(), tmp_path / "empty.png", dpi=40)
    assert [path.name for path in tmp_path.iterdir()] == ["empty.png"]


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_figures_give_the_same_bytes(single, tmp_path, ending):
    first, second = (
        save_figure(single(), tmp_path / f"{at}.{ending}", dpi=60).read_bytes() for at in (1, 2)
    )
    assert first == second
    assert len(first) > 1000


def test_a_figure_may_be_written_twice(single, tmp_path):
    figure = single()
    first = save_figure(figure, tmp_path / "a.svg").read_bytes()
    save_figure(figure, tmp_path / "a.png", dpi=60)
    assert save_figure(figure, tmp_path / "b.svg").read_bytes() == first


def test_svg_keeps_text_as_text_and_describes_the_map(single, tmp_path):
    text = save_figure(single(), tmp_path / "map.svg").read_text(encoding="utf-8")
    assert re.search(r"<text[^>]*>Inner Park</text>", text)
    assert "Map of 9 wards by \u201cReferral rate\u201d" in text
    assert "<dc:date>" not in text
    assert "'DejaVu Sans', Verdana, sans-serif" in text


def test_png_has_300_dots_to_the_inch(single, tmp_path):
    data = save_figure(single(), tmp_path / "map.png").read_bytes()
    assert int.from_bytes(data[16:20], "big") == int(160 / 25.4 * 300)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f, to: save_figure(f, to / "map.gif"), "not end in .png, .svg or .pdf"),
        (lambda f, to: save_figure(f, to / "map.html"), "use save_map"),
        (
            lambda _, to: save_figure("map", to / "map.png"),
            "type str; expected a Figure.*with save_map",
        ),
        (lambda f, to: save_figure(f, to / "map.png", dpi="300"), "dpi='300'"),
        (lambda f, to: save_figure(f, to / "map.png", dpi=float("nan")), "dpi=nan"),
        (lambda f, to: save_figure(f, to / "map.png", dpi=0), "dpi=0"),
    ],
)
def test_figures_that_cannot_be_written_are_rejected(single, tmp_path, call, message):
    with pytest.raises(UsageError, match=message):
        call(single(), tmp_path)


def test_an_unknown_size_is_rejected(single):
    with pytest.raises(UsageError, match="Did you mean 'page'"):
        single(size="pages")
