"""Shapes that were mended, layers that this library wrote, and GeoParquet: read like any other."""

import json
import zipfile

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, box

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError, SourceError
from bolton_jsna.ingest import store
from bolton_jsna.maps._joining import join
from bolton_jsna.tables import boundaries, lookups

SQUARE = box(370_000, 410_000, 371_000, 411_000)
FAR = box(372_000, 410_000, 373_000, 411_000)
LINE = LineString([(370_000, 410_000), (373_000, 413_000)])
SPOT = Point(370_000, 410_000)


def layer(*shapes, **columns):
    data = {"WD23CD": [f"E0501481{at}" for at in range(len(shapes))]}
    return gpd.GeoDataFrame(columns or data, geometry=list(shapes), crs=27700)


def written(frame, folder, kind, name="wards_2023"):
    path = folder / f"{name}.{kind}"
    if kind == "zip":
        # A shapefile has ten letters for a heading.
        frame.rename(columns=lambda each: each[:10]).to_file(folder / f"{name}.shp")
        with zipfile.ZipFile(path, "w") as archive:
            for part in folder.glob(f"{name}.*"):
                if part != path:
                    archive.write(part, part.name)
    elif kind == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    return path


MENDED = {
    "polygon and line": (GeometryCollection([SQUARE, LINE]), 1e6),
    "line, point, polygon": (GeometryCollection([LINE, SPOT, SQUARE]), 1e6),
    "two polygons and a point": (GeometryCollection([SQUARE, SPOT, FAR]), 2e6),
    "many polygons and lines": (GeometryCollection([MultiPolygon([SQUARE, FAR]), LINE]), 2e6),
    "collection within": (GeometryCollection([GeometryCollection([SQUARE, SPOT]), LINE]), 1e6),
    "overlapping polygons": (
        GeometryCollection([SQUARE, box(370_500, 410_000, 371_500, 411_000)]),
        1.5e6,
    ),
}


@pytest.mark.parametrize(
    ("case", "kind"),
    [(case, kind) for case in MENDED for kind in ("geojson", "gpkg")]
    + [("collection within", "parquet")],  # with the reader of GeoPackages
)
def test_a_collection_is_its_polygons(tmp_path, case, kind):
    shape, area = MENDED[case]
    (found,) = boundaries.read(written(layer(shape), tmp_path, kind)).geometry
    assert found.geom_type in {"Polygon", "MultiPolygon"}
    assert found.area == pytest.approx(area, rel=1e-6)


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "parquet"])
@pytest.mark.parametrize("shape", [GeometryCollection([LINE, SPOT]), SPOT])
def test_what_has_no_polygon_is_still_told(tmp_path, shape, kind):
    with pytest.raises(SchemaError, match=r"shapes without an area .* for E05014810"):
        boundaries.read(written(layer(shape), tmp_path, kind))


def test_a_shape_mended_as_the_message_says_is_drawn(tmp_path):
    # A square with a spike: its repair is a polygon and the spike.
    corners = [(0, 0), (0, 9), (9, 9), (9, 4), (19, 4), (9, 4), (9, 0)]
    wards = gpd.GeoDataFrame(
        {"area_code": ["E05014818"]},
        geometry=[shapely.Polygon([(370_000 + x, 410_000 + y) for x, y in corners])],
        crs=27700,
    )
    figures = pd.DataFrame({"area_code": ["E05014818"], "rate": [1.0]})
    with pytest.raises(SchemaError, match=r"boundaries\.set_geometry\(boundaries\.make_valid\(\)"):
        join(figures, wards)
    mended = wards.set_geometry(wards.make_valid())
    assert mended.geom_type.tolist() == ["GeometryCollection"]
    assert join(figures, mended).geom_type.tolist() == ["Polygon"]
    assert len(jsna.contiguity_weights(mended, code="area_code").codes) == 1


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "parquet", "zip"])
@pytest.mark.parametrize("level", ["ward", "lsoa"])
def test_the_library_reads_back_what_it_writes(tmp_path, level, kind):
    bolton = jsna.load_boundaries("Bolton", level=level)
    found = boundaries.read(written(bolton, tmp_path, kind, name="mine"))
    pd.testing.assert_frame_equal(
        pd.DataFrame(found.drop(columns="geometry")),
        pd.DataFrame(bolton.drop(columns="geometry")).sort_values("area_code", ignore_index=True),
        check_dtype=False,
    )
    assert found.area.sum() == pytest.approx(bolton.area.sum(), rel=1e-4)


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "parquet", "zip"])
def test_figures_with_shapes_are_boundaries_again(tmp_path, kind):
    wards = jsna.load_boundaries("Bolton")[["area_code", "area_name", "geometry"]]
    # The year of figures is not that of the boundaries.
    figures = wards.assign(year=2025, rate=1.5, status="value")
    found = boundaries.read(written(figures, tmp_path, kind, name="map"))
    assert set(found["level"]) == {"ward"}
    assert found["year"].isna().all()
    assert found["area_name"].tolist() == wards.sort_values("area_code")["area_name"].tolist()
    again = written(figures, tmp_path, kind, name="map_2023")
    assert set(boundaries.read(again, level="ward", year=2023)["year"]) == {2023}
    assert len(join(pd.DataFrame(figures.drop(columns="geometry")), found)) == 20


@pytest.mark.parametrize(
    ("codes", "options", "message"),
    [
        (["E05014818", "E01004766"], {}, "begin with E01, E05. Expected those of wards"),
        (["E12000002", "E12000003"], {}, "begin with E12"),
        (["E05014818", "E05014819"], {"level": "lsoa"}, "has the codes of ward boundaries, not"),
        (["E05014818", "E05014819"], {"year": 2011}, "has boundaries of 2023, not of 2011"),
    ],
)
def test_own_layers_of_something_else_are_told(tmp_path, codes, options, message):
    path = written(layer(SQUARE, FAR, area_code=codes), tmp_path, "gpkg")
    with pytest.raises(SchemaError, match=message):
        boundaries.read(path, **options)


def test_parquet_in_the_folder_of_boundaries_is_read(tmp_path):
    folder = tmp_path / "data" / "raw" / "ward_boundaries"
    folder.mkdir(parents=True)
    bolton = jsna.load_boundaries("Bolton")
    bolton[bolton["area_name"] != "Rumworth"].to_parquet(folder / "mine.parquet")
    assert len(jsna.load_boundaries("Bolton", workspace=tmp_path)) == 19
    # Without a year it would be passed over in silence.
    bolton[["area_code", "area_name", "geometry"]].to_parquet(folder / "mine.parquet")
    with pytest.raises(
        SchemaError, match=r"year of its boundaries is not known.* mine_2023\.parquet"
    ):
        jsna.load_boundaries("Bolton", workspace=tmp_path)
    (folder / "mine.parquet").rename(folder / "mine_2023.parquet")
    assert len(jsna.load_boundaries("Bolton", workspace=tmp_path)) == 20
    other = tmp_path / "data" / "raw" / "idaci"
    other.mkdir()
    (other / "mine.parquet").write_bytes(b"PAR1")
    assert store.raw_files("idaci", tmp_path) == ()


@pytest.mark.parametrize("blank", [None, "", " \u00a0"])
@pytest.mark.parametrize("kind", ["geojson", "gpkg", "parquet"])
def test_a_shape_without_code_and_name_is_passed_over_and_told(tmp_path, caplog, kind, blank):
    wards = layer(SQUARE, FAR, WD23CD=["E05014818", blank], WD23NM=["Astley Bridge", blank])
    found = boundaries.read(written(wards, tmp_path, kind))
    assert found["area_code"].tolist() == ["E05014818"]
    assert "1 of 2 shapes have neither a code nor a name" in caplog.text


@pytest.mark.parametrize(
    ("name", "level", "number"),
    [
        ("wd25_simplified60m_england", "ward", 6826),
        ("lad24_england", "authority", 296),
        ("ctyua21_england", "authority", 152),
    ],
)
def test_published_layers_as_parquet(reference, name, level, number):
    found = boundaries.read(reference / "england" / f"{name}.parquet")
    assert (set(found["level"]), len(found)) == ({level}, number)
    assert found.area.sum() / 1e6 == pytest.approx(130_600, abs=400)


def test_published_tiers_are_told_apart(reference):
    found = lookups.read(reference / "england" / "ltla23_to_utla23_ew.csv.gz")
    assert set(found["from_geography"] + " " + found["to_geography"]) == {
        "authority23 upper_tier23"
    }
    assert set(found["method"]) == {"exact"}


def _footer(path, change):
    table = pq.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    change(geo)
    table = table.replace_schema_metadata({b"geo": json.dumps(geo).encode()})
    pq.write_table(table, path)


def test_degrees_and_what_the_footer_leaves_out(tmp_path):
    path = written(layer(SQUARE).to_crs(4326), tmp_path, "parquet")
    area = boundaries.read(path).area.item()
    assert area == pytest.approx(1e6, rel=1e-3)
    # Without a word it is longitude and latitude.
    _footer(path, lambda geo: geo["columns"]["geometry"].pop("crs"))
    assert boundaries.read(path).area.item() == area


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            lambda geo: geo["columns"]["geometry"].update(crs=None),
            SchemaError,
            "has no coordinate system",
        ),
        (
            lambda geo: geo["columns"]["geometry"].update(crs={"id": {"authority": "x://y"}}),
            SchemaError,
            "has no coordinate system",
        ),
        (
            lambda geo: geo["columns"]["geometry"].update(encoding="multipolygon"),
            SourceError,
            "has its shapes as 'multipolygon'; expected 'WKB'",
        ),
        (lambda geo: geo.update(primary_column="shape"), SourceError, "without shapes"),
        (lambda geo: geo.update(primary_column=["x"]), SourceError, "without shapes|cannot be"),
        (lambda geo: geo.update(columns=3), SourceError, "without shapes"),
    ],
)
def test_a_footer_that_cannot_be_used_is_one_message(tmp_path, change, error, message):
    path = written(layer(SQUARE), tmp_path, "parquet")
    _footer(path, change)
    with pytest.raises(error, match=message):
        boundaries.read(path)


def test_parquet_that_is_none_or_no_shapes_is_one_message(tmp_path):
    path = tmp_path / "x.parquet"
    pd.DataFrame({"WD23CD": ["E05014818"]}).to_parquet(path)
    with pytest.raises(SourceError, match="a Parquet file without shapes"):
        boundaries.read(path)
    path.write_bytes(b"PAR1" + b"\xff" * 40 + b"PAR1")
    with pytest.raises(SourceError, match="cannot be opened as boundaries"):
        boundaries.read(path)
    whole = written(layer(SQUARE), tmp_path, "parquet").read_bytes()
    for end in (10, len(whole) // 2, len(whole) - 4):
        path.write_bytes(whole[:end])
        with pytest.raises(SourceError):
            boundaries.read(path)


@pytest.mark.parametrize("damage", [b"", b"\x01\x06\x00\x00\x00\xff\xff\xff\xff", b"x" * 9])
def test_damaged_shapes_in_parquet_are_one_message(tmp_path, damage):
    path = written(layer(SQUARE), tmp_path, "parquet")
    table = pq.read_table(path)
    broken = table.set_column(1, "geometry", pa.array([damage], pa.binary()))
    pq.write_table(broken.replace_schema_metadata(table.schema.metadata), path)
    with pytest.raises(SourceError):
        boundaries.read(path)


def test_parquet_keeps_to_the_limits(tmp_path, monkeypatch):
    from bolton_jsna.core.reading import limits

    path = written(layer(SQUARE, FAR), tmp_path, "parquet")
    monkeypatch.setattr(limits, "POINTS", 8)
    with pytest.raises(SourceError, match="more than 8 corners"):
        boundaries.read(path)


TIERS = (
    "WD24CD,WD24NM,LAD24CD,LAD24NM,CTYUA24CD,CTYUA24NM\n"
    "E05005150,Bank Hall,E07000117,Burnley,E10000017,Lancashire\n"
    "E05014818,Astley Bridge,E08000001,Bolton,E08000001,Bolton\n"
)


def tiers(folder, leave_out=0):
    path = folder / "tiers.csv"
    rows = [",".join(line.split(",")[leave_out:]) for line in TIERS.splitlines()]
    path.write_text("\n".join(rows))
    return path


def test_wards_and_districts_lie_in_authorities_exactly(tmp_path):
    path = tiers(tmp_path)
    for to, codes in (
        ("authority24", ["E07000117", "E08000001"]),
        ("upper_tier24", ["E10000017", "E08000001"]),
    ):
        found = lookups.read(path, to=to)
        assert found["to_code"].tolist() == codes
        assert set(found["method"]) == {"exact"}
        assert set(found["from_geography"] + " " + found["to_geography"]) == {f"ward24 {to}"}
    # The district is what comes next.
    assert set(lookups.read(path)["to_geography"]) == {"authority24"}


def test_lower_and_upper_tier_are_told_apart(tmp_path):
    found = lookups.read(tiers(tmp_path, leave_out=2))
    assert found["from_code"].tolist() == ["E07000117", "E08000001"]
    assert found["to_code"].tolist() == ["E10000017", "E08000001"]
    assert set(found["from_geography"]) == {"authority24"}
    assert set(found["to_geography"]) == {"upper_tier24"}
    assert set(found["method"]) == {"exact"}


def test_small_areas_still_fit_wards_best(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("LSOA21CD,WD24CD,LAD24CD\nE01004766,E05014818,E08000001\n")
    assert set(lookups.read(path)["method"]) == {"best_fit"}
    assert set(lookups.read(path, to="authority24")["method"]) == {"exact"}
