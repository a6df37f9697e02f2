"""A region drawn larger in a frame of a printed map."""

import geopandas as gpd
import pytest
import shapely
from matplotlib.collections import PathCollection
from matplotlib.patches import Rectangle

from bolton_jsna.core.areas import area, authorities_in
from bolton_jsna.core.errors import AreaNotFoundError, UsageError
from bolton_jsna.maps import static_choropleth


@pytest.fixture(scope="module")
def country() -> gpd.GeoDataFrame:
    """Squares of 40 km in two regions, and London's boroughs as squares of 4 km."""
    large = [*authorities_in(area("South East")), *authorities_in(area("East of England"))]
    boroughs = authorities_in(area("London"))
    rows = [
        (each.code, each.name, 40_000 * (at % 6), 40_000 * (at // 6), 40_000)
        for at, each in enumerate(large)
    ]
    rows += [
        (each.code, each.name, 300_000 + 4_000 * (at % 6), 4_000 * (at // 6), 4_000)
        for at, each in enumerate(boroughs)
    ]
    return gpd.GeoDataFrame(
        {
            "area_code": [row[0] for row in rows],
            "area_name": [row[1] for row in rows],
            "rate": [None if at % 9 == 0 else at % 7 for at in range(len(rows))],
            "status": ["suppressed" if at % 9 == 0 else "value" for at in range(len(rows))],
        },
        geometry=[
            shapely.box(300_000 + x, 100_000 + y, 300_000 + x + side, 100_000 + y + side)
            for _, _, x, y, side in rows
        ],
        crs="EPSG:27700",
    )


def drawn(frame: gpd.GeoDataFrame, **options: object):
    return static_choropleth(frame, "rate", status="status", title="Rates", **options)


def areas(figure) -> int:
    kinds = [each for each in figure.axes[0].collections if isinstance(each, PathCollection)]
    return sum(len(each.get_paths()) for each in kinds)


def words(figure) -> str:
    return " ".join(each.get_text() for each in figure.axes[0].texts)


@pytest.mark.parametrize("size", ["column", "page", "slide"])
def test_the_areas_of_the_region_are_drawn_twice_and_framed(country, size) -> None:
    plain, inset = drawn(country, size=size), drawn(country, size=size, inset="London")
    assert areas(plain) == len(country)
    assert areas(inset) == len(country) + 33
    assert "London" in words(inset)
    frames = [
        each
        for each in inset.axes[0].patches
        if isinstance(each, Rectangle) and not each.get_fill() and each.get_zorder() == 4
    ]
    assert len(frames) == 2
    width, height = inset.get_size_inches()
    for frame in frames:
        assert 0 <= frame.get_x() <= frame.get_x() + frame.get_width() <= width
        assert 0 <= frame.get_y() <= frame.get_y() + frame.get_height() <= height
    large, small = sorted(frames, key=lambda each: -each.get_width())
    assert large.get_width() > small.get_width()


def test_the_inset_and_the_legend_do_not_meet(country) -> None:
    figure = drawn(country, inset="London")
    frame = max(
        (each for each in figure.axes[0].patches if each.get_zorder() == 4),
        key=lambda each: each.get_width(),
    )
    top = frame.get_y() + frame.get_height()
    below = [
        each.get_text()
        for each in figure.axes[0].texts
        if frame.get_x() <= each.get_position()[0] and each.get_position()[1] < top
    ]
    assert not any("authorities" in text for text in below)


@pytest.mark.parametrize("region", ["North West", "Bolton"])
def test_a_region_that_is_not_on_the_map_is_rejected(country, region) -> None:
    with pytest.raises(UsageError, match="0 of the"):
        drawn(country, inset=region)


def test_a_region_that_is_the_whole_map_is_rejected(country) -> None:
    london = country[country["area_name"].isin([a.name for a in authorities_in(area("London"))])]
    with pytest.raises(UsageError, match="33 of the 33"):
        drawn(london, inset="London")


def test_an_unknown_region_is_rejected(country) -> None:
    with pytest.raises(AreaNotFoundError):
        drawn(country, inset="Londn")
