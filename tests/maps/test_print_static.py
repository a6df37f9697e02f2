"""Printed maps agree with those for the web, and nothing on them is cut or covered."""

import re

import pytest
import shapely
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
from bolton_jsna.maps.print._areas import HALO
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
    return [each for each in figure.axes[0].texts if each.get_text() and each.get_gid() != HALO]


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
        "1 area",
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
    found = place(names, squares, size=9)
    assert found[3].text == "Dale"
    numbers = [label.number for label in found if label.number]
    assert len(numbers) > 1
    assert numbers == list(range(1, len(numbers) + 1))
    for label, square in zip(found, squares, strict=True):
        assert square.contains(shapely.Point(label.x, label.y))


def test_many_areas_have_no_names(figures, wards):
    told = [
        text.get_text()
        for text in _texts(static_choropleth(figures, "idaci", boundaries=wards, labels=False))
    ]
    assert "Dale" not in told


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_figures_give_the_same_bytes(single, tmp_path, ending):
    files = [
        save_figure(single(), tmp_path / f"{at}.{ending}", dpi=60).read_bytes() for at in (1, 2)
    ]
    assert files[0] == files[1]
    assert save_figure(single(), tmp_path / f"again.{ending}", dpi=60).stat().st_size


def test_a_figure_may_be_written_twice(single, tmp_path):
    figure = single()
    first = save_figure(figure, tmp_path / "a.svg").read_bytes()
    save_figure(figure, tmp_path / "a.png", dpi=60)
    assert save_figure(figure, tmp_path / "b.svg").read_bytes() == first


def test_svg_keeps_text_as_text_and_describes_the_map(single, tmp_path):
    text = save_figure(single(), tmp_path / "map.svg").read_text(encoding="utf-8")
    assert re.search(r"<text[^>]*>Inner Park</text>", text)
    assert "Map of 9 areas by Referral rate" in text
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
        (lambda _, to: save_figure("map", to / "map.png"), "found str.*with save_map"),
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
