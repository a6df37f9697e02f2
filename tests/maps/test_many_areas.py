"""Maps of thousands of areas: borders do not hide the colours, and the page stays usable."""

import gc
import io

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image

from bolton_jsna.core import collecting
from bolton_jsna.maps import choropleth_map, save_figure, save_map, static_choropleth

ACROSS = 70


@pytest.fixture(scope="module")
def many() -> gpd.GeoDataFrame:
    """4,900 squares of 1 km, the lowest figures in the south; one has a hole."""
    west, south = 350_000, 400_000
    cells = [
        shapely.box(
            west + x * 1000, south + y * 1000, west + (x + 1) * 1000, south + (y + 1) * 1000
        )
        for y in range(ACROSS)
        for x in range(ACROSS)
    ]
    cells[-1] = cells[-1].difference(cells[-1].centroid.buffer(200, quad_segs=2))
    number = np.arange(len(cells))
    return gpd.GeoDataFrame(
        {
            "area_code": [f"E0199{at:04}" for at in number],
            "area_name": [f"Place {at:04}" for at in number],
            "figure": number // ACROSS,
        },
        geometry=cells,
        crs="EPSG:27700",
    )


def test_borders_of_small_areas_do_not_hide_the_colours_on_paper(
    many: gpd.GeoDataFrame, tmp_path
) -> None:
    figure = static_choropleth(many, "figure", title="Many", classes=2)
    picture = save_figure(figure, tmp_path / "many.png", dpi=150)
    pixels = np.asarray(Image.open(io.BytesIO(picture.read_bytes())).convert("RGB")).astype(int)
    height, width, _ = pixels.shape
    southwest = pixels[int(height * 0.6) : int(height * 0.75), int(width * 0.1) : int(width * 0.3)]
    light = figure.spec.layers[0].paints[0].fill
    fill = [int(light[at : at + 2], 16) for at in (1, 3, 5)]
    # Dark borders as on a map of few areas would make it 38.
    off = np.abs(southwest - fill).mean()
    assert off < 25, off


def test_a_hole_stays_a_hole_on_paper_and_on_the_page(many: gpd.GeoDataFrame) -> None:
    from matplotlib.collections import PathCollection

    holed = many.tail(50)
    figure = static_choropleth(holed, "figure", classes=1, title="Hole")
    (areas,) = [each for each in figure.axes[0].collections if isinstance(each, PathCollection)]
    starts = [int((path.codes == path.MOVETO).sum()) for path in areas.get_paths()]
    assert sorted(starts) == [*[1] * 49, 2]


def test_unused_objects_are_looked_for_again_after_a_map(many: gpd.GeoDataFrame) -> None:
    assert gc.isenabled()
    with collecting.paused():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(KeyError), collecting.paused():
        {}["within"]
    assert gc.isenabled()
    gc.disable()
    try:
        with collecting.paused():
            pass
        assert not gc.isenabled()  # whoever turned it off wants it off
    finally:
        gc.enable()


@pytest.mark.browser
def test_the_page_hides_borders_until_areas_are_large_and_suggests_what_fits(
    many: gpd.GeoDataFrame, visit, tmp_path
) -> None:
    page = visit(
        save_map(choropleth_map(many, "figure", title="Many"), tmp_path / "many.html")
    ).page
    borders = """() => Object.values(window.bolton_jsna_map._layers)
        .filter((one) => one.options.color === "#3d3d3d").map((one) => one.options.opacity)"""
    assert page.evaluate(borders) == [0]
    page.evaluate("() => window.bolton_jsna_map.setZoom(13, { animate: false })")
    assert page.evaluate(borders) == [1]

    options = "() => Array.from(document.querySelectorAll('#areas option')).map((one) => one.value)"
    assert page.evaluate(options) == []
    page.locator("#find").press_sequentially("place 12")
    fitting = page.evaluate(options)
    assert len(fitting) == 50
    assert all(name.startswith("Place 12") for name in fitting)
    page.locator("#find").fill("Place 1234")
    page.keyboard.press("Enter")
    assert page.locator("#panel h2").inner_text() == "Place 1234"
    assert page.locator("#figures tr.here th").inner_text() == "Place 1234"
