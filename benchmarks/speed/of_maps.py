"""Claims about maps: the page and the print of small areas, from frame to file."""

import tempfile
from pathlib import Path

from benchmarks.speed import inputs
from benchmarks.speed.side_by_side import Claim, Pair

import bolton_jsna as jsna


def page(share: float) -> Pair:
    """One page with a choropleth, next to folium's."""
    frame = inputs.small_areas(round(inputs.LSOAS * share))
    folder = Path(tempfile.mkdtemp())

    def peer() -> object:
        import folium

        drawn = folium.Map(tiles=None)
        folium.Choropleth(
            geo_data=frame.to_crs(4326),
            data=frame,
            columns=["area_code", "rate"],
            key_on="feature.properties.area_code",
            bins=5,
        ).add_to(drawn)
        return drawn.save(folder / "peer.html")

    return Pair(
        lambda: jsna.save_map(jsna.choropleth_map(frame, "rate"), folder / "ours.html"),
        peer,
        len(frame),
    )


def explored(share: float) -> Pair:
    """The same page, next to that of geopandas."""
    frame = inputs.small_areas(round(inputs.LSOAS * share))
    folder = Path(tempfile.mkdtemp())

    def peer() -> object:
        return frame.explore("rate", tiles=None).save(folder / "peer.html")

    return Pair(
        lambda: jsna.save_map(jsna.choropleth_map(frame, "rate"), folder / "ours.html"),
        peer,
        len(frame),
    )


def printed(share: float) -> Pair:
    """A map for print at 300 dpi with legend, scale bar and notes, next to a plain plot."""
    frame = inputs.small_areas(round(inputs.LSOAS * share))
    folder = Path(tempfile.mkdtemp())

    def peer() -> object:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.3, 5))
        frame.plot("rate", ax=figure.add_subplot(), legend=True)
        return figure.savefig(folder / "peer.png", dpi=300)

    return Pair(
        lambda: jsna.save_figure(jsna.static_choropleth(frame, "rate"), folder / "ours.png"),
        peer,
        len(frame),
    )


CLAIMS = (
    Claim(
        "map_page",
        "the page of a map of all LSOAs of England",
        page,
        "folium.Choropleth",
        ("folium",),
        rounds=3,
        grows=True,
    ),
    Claim(
        "map_page_explore",
        "the same page",
        explored,
        "GeoDataFrame.explore",
        ("mapclassify",),
        rounds=3,
    ),
    Claim(
        "map_print",
        "the print of all LSOAs of England at 300 dpi",
        printed,
        "GeoDataFrame.plot",
        ("matplotlib",),
        rounds=3,
        grows=True,
    ),
)
