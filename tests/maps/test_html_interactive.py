"""A page holds all it needs, says what the figures say, and lets no data become markup."""

import html
import json
import re
import subprocess
import sys

import folium
import pytest

from bolton_jsna.core.errors import UsageError, VintageError
from bolton_jsna.maps import bivariate_map, choropleth_map, layered_map, save_map, spec_of

HOSTILE = ["<img src=x onerror=alert(1)>", "</script><script>alert(2)</script>", '"><b>&amp;']


@pytest.fixture
def rates(figures, wards):
    return choropleth_map(
        figures,
        "rate",
        boundaries=wards,
        title="Referrals by ward",
        subtitle="Year ending 31 March 2025",
        label="Referral rate",
        unit="per 10,000 children",
        classes=3,
        details={"children": "Children"},
        notes=["A note."],
        sources=["Contains OS data."],
        illustrative=True,
    )


@pytest.fixture
def crossed(figures, wards):
    return bivariate_map(figures, "idaci", "rate", boundaries=wards, title="Both")


def _data(text: str) -> dict:
    found = re.search(r'id="map-data">(.*?)</script>', text, flags=re.DOTALL)
    return json.loads(found[1])


def test_the_map_is_foliums_and_the_page_is_ours(rates):
    assert isinstance(rates, folium.Map)
    assert spec_of(rates).title == "Referrals by ward"
    assert rates.get_root().render().startswith("<!DOCTYPE html>")


def test_the_file_loads_nothing(rates, crossed, tmp_path):
    for each in (rates, crossed, layered_map(rates, crossed)):
        text = save_map(each, tmp_path / "map.html").read_text(encoding="utf-8")
        body = text.replace("http://www.w3.org", "")
        assert not re.search(r"""(?:src|href)\s*=\s*["']?[^"'#]""", _markup(text))
        assert not re.search(r"url\((?!#)", _markup(text))
        assert "@import" not in text
        assert "sourceMappingURL" not in text
        for kind in ("jquery", "bootstrap", "fontawesome", "cdn."):
            assert kind not in body.lower()


def test_rounding_opens_no_gap_between_boltons_wards(bolton):
    import numpy as np
    import shapely

    data = _data(choropleth_map(bolton, "idaci").get_root().render())
    drawn = [
        shapely.MultiPolygon(
            [
                shapely.Polygon(*[np.reshape(ring, (-1, 2)).cumsum(axis=0) for ring in rings[:1]])
                for rings in polygons
            ]
        )
        for polygons in data["shapes"]
    ]
    whole = shapely.union_all(drawn)
    before = shapely.union_all(bolton.to_crs("EPSG:4326").geometry.to_numpy())
    assert sum(shape.area for shape in drawn) == pytest.approx(whole.area, rel=1e-6)
    holes = [len(part.interiors) for part in shapely.get_parts(whole)]
    assert holes == [len(part.interiors) for part in shapely.get_parts(before)]


def _markup(text: str) -> str:
    return re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)


def test_the_map_shows_everything(rates, tmp_path):
    text = save_map(rates, tmp_path / "map.html").read_text(encoding="utf-8")
    assert '<html lang="en-GB">' in text
    assert "<title>Referrals by ward</title>" in text
    assert "<h1>Referrals by ward</h1>" in text
    for line in (
        "Year ending 31 March 2025",
        "Referral rate (per 10,000 children)",
        "Suppressed",
        "Not available",
        "A note.",
        "Contains OS data.",
        "Illustrative local data",
        "Quantiles: classes of about equally many wards",
        "A class includes its lower bound",
    ):
        assert line in text, line


def test_the_badge_is_only_on_illustrative_maps(crossed):
    assert "Illustrative local data" not in crossed.get_root().render()


def test_legend_counts_are_those_of_the_table(rates):
    text = rates.get_root().render()
    cells = re.findall(r'<td class="class">(.*?)</td>', text)
    for entry in spec_of(rates).layers[0].entries:
        assert cells.count(html.escape(entry.label)) == entry.count
        assert f"{entry.label}</span>" in text


def test_the_same_map_gives_the_same_bytes(figures, wards, tmp_path):
    files = [
        save_map(
            choropleth_map(figures, "rate", boundaries=wards, tiles=tiles), tmp_path / f"{at}.html"
        ).read_bytes()
        for tiles in (None, "OpenStreetMap")
        for at in (1, 2)
    ]
    assert files[0] == files[1]
    assert files[2] == files[3]


def test_a_new_process_gives_the_same_bytes(tmp_path):
    script = """
import sys
import geopandas as gpd, shapely
from bolton_jsna.maps import choropleth_map, save_map
wards = gpd.GeoDataFrame(
    {"area_code": ["E05000001", "E05000002"], "rate": [1.0, 2.0]},
    geometry=[shapely.box(4e5, 4e5, 4.1e5, 4.1e5), shapely.box(4.1e5, 4e5, 4.2e5, 4.1e5)],
    crs="EPSG:27700",
)
save_map(choropleth_map(wards, "rate", details={"area_code": "Code again"}), sys.argv[1])
"""
    for name in ("one.html", "two.html"):
        subprocess.run([sys.executable, "-c", script, str(tmp_path / name)], check=True)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_shared_borders_stay_shared_at_five_decimals(rates):
    def unpack(ring):
        x = y = 0
        for at in range(0, len(ring), 2):
            x, y = x + ring[at], y + ring[at + 1]
            yield x, y

    shapes = _data(rates.get_root().render())["shapes"]
    corners = [set(unpack(polygons[0][0])) for polygons in shapes]
    assert all(len(each) == 4 for each in corners)
    # Nine squares in three rows have sixteen corners between them.
    assert len(set().union(*corners)) == 16


def test_data_never_become_markup(figures, wards):
    names = [*HOSTILE, *wards["area_name"][3:]]
    text = (
        choropleth_map(
            figures.assign(remark=HOSTILE * 3),
            "rate",
            boundaries=wards.assign(area_name=names),
            title=HOSTILE[0],
            subtitle=HOSTILE[1],
            label=HOSTILE[1],
            unit=HOSTILE[2],
            details={"remark": HOSTILE[0]},
            notes=HOSTILE,
            sources=HOSTILE,
        )
        .get_root()
        .render()
    )
    for each in HOSTILE:
        assert each not in text
    assert "alert(2)</script>" not in text
    # The elements of a page without hostile text, and no other.
    plain = (
        choropleth_map(
            figures.assign(remark=["a"] * 9),
            "rate",
            boundaries=wards,
            title="T",
            subtitle="S",
            label="L",
            unit="U",
            details={"remark": "D"},
            notes=["1", "2", "3"],
            sources=["1", "2", "3"],
        )
        .get_root()
        .render()
    )
    assert re.findall(r"<[a-z!/][a-z0-9]*", text) == re.findall(r"<[a-z!/][a-z0-9]*", plain)


def test_twenty_wards_and_three_layers_stay_small(rates, crossed, figures, wards, tmp_path):
    idaci = choropleth_map(figures, "idaci", boundaries=wards)
    path = save_map(layered_map(idaci, rates, crossed, title="All"), tmp_path / "all.html")
    assert path.stat().st_size < 250_000
    data = _data(path.read_text(encoding="utf-8"))
    assert len(data["layers"]) == 3
    assert len(data["shapes"]) == 9


def test_layers_need_the_same_areas(rates, figures, wards):
    part = choropleth_map(figures.iloc[1:], "idaci", boundaries=wards.iloc[1:])
    with pytest.raises(VintageError, match="E05099001"):
        layered_map(rates, part)


def test_a_notebook_shows_the_page_in_a_frame(rates):
    shown = rates._repr_html_()
    assert shown.startswith('<iframe srcdoc="&lt;!DOCTYPE html')
    assert "https://cdn" not in shown
    assert "window.frameElement" in shown
    assert "frameElement" not in rates.get_root().render()


def test_an_older_file_stays_when_writing_fails(rates, tmp_path, monkeypatch):
    path = tmp_path / "map.html"
    path.write_text("older")
    monkeypatch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        save_map(rates, path)
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("target", ["map.png", "map"])
def test_a_map_is_written_as_html(rates, tmp_path, target):
    with pytest.raises(UsageError, match=r"does not end in .html or .htm. .*use save_figure"):
        save_map(rates, tmp_path / target)


@pytest.mark.parametrize("target", [None, 5, b"map.html", "a\0.html", ".html"])
def test_what_is_no_path_is_rejected_as_that(rates, target):
    with pytest.raises(
        UsageError,
        match=r"not the path of a file\. Write one that ends in \.html|name of a file in quot",
    ):
        save_map(rates, target)


def test_a_map_is_written_where_its_help_says(rates, tmp_path, monkeypatch):
    """Missing folders are created, ``~`` is the home folder, and the path returned exists."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert save_map(rates, "~/new/folder/MAP.HTM") == tmp_path / "new" / "folder" / "MAP.HTM"
    again = save_map(rates, str(tmp_path / "map.html"))
    assert again.read_bytes() == (tmp_path / "new" / "folder" / "MAP.HTM").read_bytes()
    for target, words in {
        again / "map.html": "map.html' is not a folder, so nothing can be written in it",
        tmp_path / ("m" * 300 + ".html"): "Give it a shorter name",
    }.items():
        with pytest.raises(OSError, match=words):
            save_map(rates, target)


def test_a_figure_for_print_is_sent_to_save_figure(tmp_path):
    figure = pytest.importorskip("matplotlib.figure").Figure()
    with pytest.raises(UsageError, match=r"type Figure; expected a Map.*with save_figure"):
        save_map(figure, tmp_path / "map.html")


def test_other_maps_are_rejected(tmp_path):
    with pytest.raises(UsageError, match="was not made by choropleth_map"):
        save_map(folium.Map(tiles=None), tmp_path / "map.html")


def test_tiles_come_with_their_attribution_or_not_at_all(figures, wards):
    with pytest.raises(UsageError, match="attribution="):
        choropleth_map(figures, "idaci", boundaries=wards, tiles="https://t.example/{z}/{x}/{y}")
    text = (
        choropleth_map(
            figures,
            "idaci",
            boundaries=wards,
            tiles="https://t.example/{z}/{x}/{y}",
            attribution="Tiles of Example",
        )
        .get_root()
        .render()
    )
    assert "https://t.example" in text
    assert "Tiles of Example" in text
    assert "img-src data: https:" in text


def test_simple_elements_of_folium_may_be_added_and_others_are_rejected(rates, tmp_path):
    folium.CircleMarker([53.58, -2.43], radius=5).add_to(rates)
    assert "L.circleMarker" in save_map(rates, tmp_path / "map.html").read_text(encoding="utf-8")
    folium.Marker([53.58, -2.43], popup="Here").add_to(rates)
    with pytest.raises(UsageError, match="details="):
        save_map(rates, tmp_path / "map.html")


def test_importing_the_room_loads_neither_folium_nor_matplotlib():
    script = (
        "import sys, bolton_jsna.maps; "
        "sys.exit(bool({'folium', 'matplotlib', 'geopandas', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_room_names_what_it_offers():
    import bolton_jsna.maps as room

    assert all(getattr(room, name) for name in room.__all__)
    assert set(room.__all__) <= set(dir(room))
    with pytest.raises(AttributeError, match="heatmap"):
        _ = room.heatmap
