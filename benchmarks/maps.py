"""Size and time of the maps beside folium.Choropleth and GeoDataFrame.explore, in one run.

    python benchmarks/maps.py [ROUNDS]

The makers take turns on the same polygons, so that a busy moment of the machine falls on all of
them; one round goes before that does not count. Time is from frame to file. folium and geopandas
load Leaflet from the network when their file is opened; ours holds it, and where sizes are
compared its bytes are left out. Polygons: Bolton's wards and LSOAs of the snapshot, and the 1,673
LSOAs (2011) of Greater Manchester where the folder of published files is there
(BOLTON_JSNA_REFERENCE_DATA), else a made-up mesh of as many areas and corners.
"""

import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import shapely

import bolton_jsna as jsna
from bolton_jsna.maps import bivariate_map, choropleth_map, layered_map, save_map, static_choropleth
from bolton_jsna.maps.html import _leaflet

ROUNDS = 5
MANCHESTER = 1673
LIMITS = {"four layers": 300_000, "share": 0.40, "seconds": 0.3}


def with_figures(shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add two made-up measures that grow to the south east, with a fixed seed."""
    chance = np.random.default_rng(1)
    middle = shapes.to_crs("EPSG:27700").geometry.representative_point()
    place = (middle.x - middle.x.min()) / 40_000 - (middle.y - middle.y.min()) / 50_000
    noise = chance.normal(0, 0.15, (2, len(shapes)))
    return shapes.assign(
        score=(place + noise[0] - (place + noise[0]).min()).round(3),
        rate=(500 + 300 * (place + noise[1])).round(1),
    )[["area_code", "area_name", "score", "rate", "geometry"]]


def greater_manchester() -> tuple[gpd.GeoDataFrame, str]:
    """Return the LSOAs of Greater Manchester, or a mesh like them, and which of the two it is."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("BOLTON_JSNA_REFERENCE_DATA") or beside)
    path = folder / "geography" / "gm_lsoa11_bsc.geojson"
    if path.is_file():
        read = gpd.read_file(path).rename(
            columns={"LSOA11CD": "area_code", "LSOA11NM": "area_name"}
        )
        return with_figures(read), "LSOAs (2011) of Greater Manchester, super-generalised"
    return with_figures(mesh(MANCHESTER)), "a made-up mesh (no folder of published files)"


def mesh(areas: int) -> gpd.GeoDataFrame:
    """Return touching cells with crooked borders of some nine corners each."""
    chance = np.random.default_rng(2)
    columns = 42
    rows = -(-areas // columns)
    lines = []
    for across in (True, False):
        n, m = (rows, columns) if across else (columns, rows)
        for at in range(n + 1):
            along = np.linspace(0, m, m * 2 + 1)
            sway = np.where(along % 1, chance.normal(0, 0.06, along.size), 0)
            side = at + (0 if at in (0, n) else 1) * sway
            points = np.stack((along, side) if across else (side, along), axis=1)
            lines.append(shapely.LineString(points * 1000 + [360_000, 385_000]))
    cells = shapely.get_parts(shapely.polygonize([shapely.union_all(lines)]))
    cells = sorted(cells, key=lambda cell: -cell.area)[:areas]
    return gpd.GeoDataFrame(
        {
            "area_code": [f"E0100{at:04}" for at in range(len(cells))],
            "area_name": [f"Cell {at:04}" for at in range(len(cells))],
        },
        geometry=cells,
        crs="EPSG:27700",
    ).to_crs("EPSG:4326")


def ours(frame: gpd.GeoDataFrame, path: Path) -> None:
    layers = [choropleth_map(frame, column) for column in ("score", "rate")]
    save_map(layered_map(*layers), path)


def explore(frame: gpd.GeoDataFrame, path: Path) -> None:
    drawn: Any = None
    for column in ("score", "rate"):
        drawn = frame.explore(
            column, scheme="quantiles", k=5, tiles=None, name=column, m=drawn, legend=True
        )
    folium.LayerControl().add_to(drawn)
    drawn.save(path)


def choropleth(frame: gpd.GeoDataFrame, path: Path) -> None:
    drawn = folium.Map(tiles=None)
    for column in ("score", "rate"):
        folium.Choropleth(
            geo_data=frame,
            data=frame,
            columns=["area_code", column],
            key_on="feature.properties.area_code",
            bins=5,
            use_jenks=False,
            name=column,
        ).add_to(drawn)
    folium.LayerControl().add_to(drawn)
    drawn.save(path)


def one(frame: gpd.GeoDataFrame, path: Path) -> None:
    save_map(choropleth_map(frame, "score"), path)


def four(frame: gpd.GeoDataFrame, path: Path) -> None:
    plans = frame.assign(plans=(frame["rate"] / 11).round(1))
    layers = [choropleth_map(plans, column) for column in ("score", "rate", "plans")]
    save_map(layered_map(*layers, bivariate_map(plans, "score", "rate"), title="Wards"), path)


def printed(frame: gpd.GeoDataFrame, path: Path) -> None:
    jsna.save_figure(static_choropleth(frame, "score"), path.with_suffix(".png"))


def measure(
    makers: dict[str, Callable[[gpd.GeoDataFrame, Path], None]],
    frame: gpd.GeoDataFrame,
    folder: Path,
    rounds: int,
) -> dict[str, tuple[float, int]]:
    """Return median seconds and bytes of each maker, which take turns."""
    times: dict[str, list[float]] = {name: [] for name in makers}
    paths = {name: folder / f"{at}.html" for at, name in enumerate(makers)}
    for turn in range(rounds + 1):
        for name, make in makers.items():
            began = time.perf_counter()
            make(frame, paths[name])
            if turn:
                times[name].append(time.perf_counter() - began)
    return {
        name: (
            statistics.median(times[name]),
            paths[name].stat().st_size if paths[name].exists() else 0,
        )
        for name in makers
    }


def say(ok: bool, text: str) -> bool:
    print(f"  {'ok ' if ok else 'NOT'} {text}")
    return ok


def main(rounds: int = ROUNDS) -> int:
    """Print sizes and times with the limits that they have to keep; 1 when one is not kept."""
    warnings.filterwarnings("ignore")  # those of the other makers are not measured
    held = len((_leaflet.script() + _leaflet.style()).encode())
    wards = with_figures(jsna.load_boundaries("Bolton", level="ward", year=2023))
    lsoas = with_figures(jsna.load_boundaries("Bolton", level="lsoa", year=2021))
    many, which = greater_manchester()
    kept = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        every = {"bolton_jsna": ours, "explore": explore, "Choropleth": choropleth}
        for frame, what in ((wards, "Bolton's wards"), (lsoas, "Bolton's LSOAs"), (many, which)):
            found = measure(every, frame, folder, rounds)
            corners = int(frame.geometry.count_coordinates().sum())
            print(f"two layers on {len(frame):,} areas, {corners:,} corners: {what}")
            for name, (seconds, size) in found.items():
                more = f" ({size - held:,} without Leaflet)" if name == "bolton_jsna" else ""
                print(f"  {name:12} {seconds * 1000:7.0f} ms  {size:9,} bytes{more}")
        theirs, mine = found["explore"], found["bolton_jsna"]
        share = (mine[1] - held) / theirs[1]
        kept.append(
            say(
                share <= LIMITS["share"],
                f"{share:.1%} of the bytes of explore, Leaflet not counted (at most 40%)",
            )
        )
        kept.append(
            say(
                mine[0] <= theirs[0],
                f"{mine[0] / theirs[0]:.2f} of the time of explore (at most 1)",
            )
        )
        _, size = measure({"four": four}, wards, folder, 1)["four"]
        print(f"four layers on {len(wards)} wards in one file, Leaflet inside: {size:,} bytes")
        kept.append(say(size <= LIMITS["four layers"], "at most 300,000 bytes"))
        alone = measure({"one": one, "printed": printed}, lsoas, folder, rounds)
        print(f"one layer on {len(lsoas)} LSOAs from frame to file: {alone['one'][0]:.3f} s")
        kept.append(say(alone["one"][0] < LIMITS["seconds"], "under 0.3 s, libraries loaded"))
        print(f"the same printed as a PNG of 300 dpi: {alone['printed'][0]:.3f} s")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
