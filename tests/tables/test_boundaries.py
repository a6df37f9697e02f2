"""Boundaries in the wrappings, columns and coordinates in which they are given out."""

import gzip
import json
import zipfile

import geopandas as gpd
import pytest
from shapely.geometry import LineString, Point, Polygon, box

from bolton_jsna.core.errors import SchemaError, SourceError, UsageError
from bolton_jsna.tables import boundaries, schemas


def wards(**columns):
    """Two wards side by side in Bolton, a kilometre across, in metres."""
    data = {"WD23CD": ["E05014819", "E05014818"], "WD23NM": ["Bradshaw", "Astley Bridge "]}
    shapes = [box(371000, 410000, 372000, 411000), box(370000, 410000, 371000, 411000)]
    return gpd.GeoDataFrame({**data, **columns}, geometry=shapes, crs=27700)


def geojson(frame, path, crs=4326):
    path.write_text(frame.to_crs(crs).to_json(drop_id=True), encoding="utf-8")
    return path


def shapefile(frame, folder, leave_out=()):
    frame.to_file(folder / "wards.shp")
    path = folder / "wards.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in folder.glob("wards.*"):
            if part.suffix not in {".zip", *leave_out}:
                archive.write(part, f"WD_MAY_2023/{part.name}")
    return path


def check(frame):
    assert list(frame.columns) == [c.name for c in schemas.BOUNDARY_COLUMNS] + ["geometry"]
    assert frame.crs.to_epsg() == 27700
    assert frame["area_code"].tolist() == ["E05014818", "E05014819"]
    assert frame["area_name"].tolist() == ["Astley Bridge", "Bradshaw"]
    assert frame.area.round(-3).tolist() == [1e6, 1e6]
    assert frame["source"].unique().tolist() == ["ward_boundaries@2023"]


@pytest.mark.parametrize("wrapping", ["geojson", "gz", "zip", "gpkg", "shapefile"])
def test_one_layer_in_many_wrappings(tmp_path, wrapping):
    plain = geojson(wards(), tmp_path / "a.geojson")
    if wrapping == "gz":
        plain = tmp_path / "a.geojson.gz"
        plain.write_bytes(gzip.compress((tmp_path / "a.geojson").read_bytes()))
    elif wrapping == "zip":
        plain = tmp_path / "b.zip"
        with zipfile.ZipFile(plain, "w") as archive:
            archive.write(tmp_path / "a.geojson", "wards/a.geojson")
    elif wrapping == "gpkg":
        plain = tmp_path / "a.gpkg"
        wards().to_file(plain)
    elif wrapping == "shapefile":
        plain = shapefile(wards(), tmp_path)
    frame = boundaries.read(plain)
    check(frame)
    assert frame["authority_code"].isna().all()


def test_the_authority_is_the_layers(tmp_path):
    frame = wards(LAD23CD=["E08000001", "E08000038"]).rename(columns=str.lower)
    read = boundaries.read(geojson(frame, tmp_path / "a.geojson"))
    check(read)
    assert read["authority_code"].tolist() == ["E08000016", "E08000001"]
    districts = wards(LAD23CD=["E08000001", "E08000038"], LAD23NM=["Bolton", "Barnsley"])
    path = geojson(districts, tmp_path / "b.geojson")
    assert boundaries.read(path)["level"].tolist() == ["ward", "ward"]
    read = boundaries.read(path, level="authority")
    assert read["area_code"].tolist() == ["E08000001", "E08000016"]
    assert read["source"].tolist() == ["authority_boundaries@2023"] * 2


def test_codes_of_several_years_are_chosen_by_year(tmp_path):
    frame = wards(
        LSOA11CD=["E01004766", "E01004767"],
        LSOA21CD=["E01004766", "E01004768"],
        LSOA21NM=["Bolton 005A", "Allerdale 001B"],
    ).drop(columns=["WD23CD", "WD23NM"])
    path = geojson(frame, tmp_path / "a.geojson")
    newest = boundaries.read(path)
    assert newest["area_code"].tolist() == ["E01004766", "E01004768"]
    assert newest["source"].unique().tolist() == ["lsoa_boundaries@2021"]
    # The name holds the district, which is an authority in being for the first only.
    assert newest["authority_code"].fillna("").tolist() == ["E08000001", ""]
    older = boundaries.read(path, year=2011, level="lsoa")
    assert older["area_code"].tolist() == ["E01004766", "E01004767"]
    assert older["year"].tolist() == [2011, 2011]
    with pytest.raises(SchemaError, match=r"no codes for ward of 2024.*LSOA11CD"):
        boundaries.read(path, level="ward", year=2024)
    with pytest.raises(UsageError, match="level='wards' is not known"):
        boundaries.read(path, level="wards")


def test_a_ring_that_crosses_itself_is_repaired(tmp_path):
    frame = wards()
    spike = [(0, 0), (1000, 0), (1000, 1000), (500, 1000), (500, 1500), (500, 1000), (0, 1000)]
    crossed = [(0, 0), (1000, 1000), (1000, 0), (0, 1000)]
    for ring, area in ((spike, 1e6), (crossed, 5e5)):
        shape = Polygon([(370000 + x, 410000 + y) for x, y in ring])
        assert not shape.is_valid
        frame.loc[1, "geometry"] = shape
        read = boundaries.read(geojson(frame, tmp_path / "a.geojson"))
        assert read.is_valid.all()
        assert read.area[0] == pytest.approx(area, rel=1e-3)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (None, "has no shape for E05014819"),
        (Polygon(), "has no shape for E05014819"),
        (Point(371000, 410000), r"without an area \(Point\) for E05014819"),
        (LineString([(371000, 410000), (371000, 411000)]), "without an area"),
    ],
)
def test_a_shape_without_area_is_refused(tmp_path, shape, message):
    frame = wards()
    frame["geometry"] = gpd.GeoSeries([shape, frame.geometry[1]], crs=27700)
    with pytest.raises(SchemaError, match=message):
        boundaries.read(geojson(frame, tmp_path / "a.geojson"))


def test_columns_of_different_lengths_are_one_message(tmp_path, monkeypatch):
    """A damaged Parquet file may give fewer cells of a column than it has rows."""
    from bolton_jsna.tables.boundaries._rings import BoundaryLayer

    path = tmp_path / "w.parquet"
    wards().to_parquet(path)
    shapes = list(wards().geometry)
    short = BoundaryLayer({"WD23CD": ["E05014818"], "WD23NM": ["x", "y"]}, shapes, 27700)
    monkeypatch.setattr(boundaries._geoparquet, "read", lambda *_: short)
    with pytest.raises(SourceError, match="is damaged: the number of cells in a column is not"):
        boundaries.read(path)


def test_codes_that_repeat_or_are_not_valid_are_rejected(tmp_path):
    twice = geojson(wards(WD23CD=["E05014818"] * 2), tmp_path / "a.geojson")
    with pytest.raises(SchemaError, match="codes more than once in 'WD23CD': E05014818"):
        boundaries.read(twice)
    for cell in (None, "Bradshaw"):
        wrong = geojson(wards(WD23CD=["E05014818", cell]), tmp_path / "b.geojson")
        with pytest.raises(SchemaError, match=r"'WD23CD' has .*expected GSS"):
            boundaries.read(wrong)


def test_metres_with_a_system_in_degrees_are_rejected(tmp_path):
    # What a service asked for f=geojson and outSR=27700 sends.
    path = tmp_path / "a.geojson"
    path.write_text(wards().set_crs(4326, allow_override=True).to_json(drop_id=True))
    with pytest.raises(SchemaError, match=r"has a coordinate system in degrees.*are metres.*4326"):
        boundaries.read(path)
    degrees = wards().to_crs(4326).set_crs(27700, allow_override=True)
    degrees.to_file(tmp_path / "b.gpkg")
    with pytest.raises(SchemaError, match=r"has a coordinate system in metres.*are degrees"):
        boundaries.read(tmp_path / "b.gpkg")
    check(boundaries.read(geojson(wards(), tmp_path / "c.geojson", crs=27700)))


def test_a_shapefile_without_its_prj_is_rejected(tmp_path):
    with pytest.raises(SchemaError, match=r"has no coordinate system.*\.prj"):
        boundaries.read(shapefile(wards(), tmp_path, leave_out={".prj"}))


def test_latitude_before_longitude_is_refused(tmp_path):
    frame = wards().to_crs(4326)
    frame["geometry"] = frame.geometry.map(
        lambda s: Polygon([(y, x) for x, y in s.exterior.coords])
    )
    with pytest.raises(SchemaError, match=r"outside the United Kingdom.*longitude before latitude"):
        boundaries.read(geojson(frame, tmp_path / "a.geojson"))


def test_several_layers_are_refused(tmp_path):
    path = tmp_path / "a.gpkg"
    wards().to_file(path, layer="wards")
    wards().to_file(path, layer="more")
    with pytest.raises(SchemaError, match="has 2 layers with shapes: wards, more"):
        boundaries.read(path)


def cut():
    answer = json.loads(wards().to_crs(4326).to_json(drop_id=True))
    return json.dumps({**answer, "properties": {"exceededTransferLimit": True}}).encode()


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("a.geojson", b"", SourceError, "is empty"),
        ("a.geojson", b"<!DOCTYPE html><html></html>", SourceError, "is a web page"),
        ("a.zip", b"PK\x03\x04 cut short", SourceError, "is damaged"),
        ("a.geojson", b'{"type": "FeatureCollection", "feat', SourceError, "cannot be opened"),
        ("a.geojson", b"WD23CD,WD23NM\n1,2\n", SourceError, "cannot be opened"),
        (
            "a.geojson",
            b'{"error":{"code":400,"message":"Invalid URL","details":["Invalid URL"]}}',
            SourceError,
            "is an error of the service, not boundaries: 'Invalid URL'",
        ),
        ("a.geojson", b'{"type":"FeatureCollection","features":[]}', SchemaError, "0 features"),
        ("a.geojson", cut(), SchemaError, "is cut: .*exceededTransferLimit"),
    ],
)
def test_bad_input_has_one_clear_error(tmp_path, name, content, error, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error, match=message):
        boundaries.read(path)


def test_a_layer_of_other_areas_is_refused(tmp_path):
    frame = wards().rename(columns={"WD23CD": "PCON24CD", "WD23NM": "PCON24NM"})
    with pytest.raises(SchemaError, match=r"no codes of any area.*PCON24CD"):
        boundaries.read(geojson(frame, tmp_path / "a.geojson"))


PUBLISHED = {
    "bolton_lsoa11_bgc.geojson": ("lsoa", 2011, 177),
    "bolton_lsoa11_bsc.geojson": ("lsoa", 2011, 177),
    "bolton_lsoa21_bgc.geojson": ("lsoa", 2021, 177),
    "bolton_lsoa21_bsc.geojson": ("lsoa", 2021, 177),
    "bolton_wards_2022_bgc.geojson": ("ward", 2022, 20),
    "bolton_wards_2022_bsc.geojson": ("ward", 2022, 20),
    "bolton_wards_2023_bgc.geojson": ("ward", 2023, 20),
    "bolton_wards_2023_bsc.geojson": ("ward", 2023, 20),
    "gm_lad23_bgc.geojson": ("authority", 2023, 10),
    "gm_lsoa11_bsc.geojson": ("lsoa", 2011, 1673),
    "gm_lsoa21_bsc.geojson": ("lsoa", 2021, 1702),
}


@pytest.mark.reference
def test_every_published_layer_is_tried(reference):
    assert {path.name for path in (reference / "geography").glob("*.geojson")} == set(PUBLISHED)


@pytest.mark.reference
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_layers(reference, name):
    level, year, rows = PUBLISHED[name]
    frame = boundaries.read(reference / "geography" / name)
    assert len(frame) == rows
    assert set(frame["level"]) == {level}
    assert set(frame["year"]) == {year}
    assert frame.is_valid.all()
    # ONS, standard area measurement: Bolton 139.8 and Greater Manchester 1,276 square kilometres.
    expected = 139.8 if name.startswith("bolton") else 1276
    assert frame.area.sum() / 1e6 == pytest.approx(expected, rel=0.006)
    if level == "lsoa":
        assert (frame["authority_code"] == "E08000001").sum() == 177
