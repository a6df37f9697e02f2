"""A file of boundaries is read, and nothing that it names: no other file, no address."""

import json
import sqlite3
import struct
import zipfile

import geopandas as gpd
import pytest
from shapely.geometry import box

from bolton_jsna.core.errors import SchemaError, SourceError
from bolton_jsna.tables import boundaries
from standin import StandIn
from standin.server import NO_WORLD, Answer

PAD = "p='" + "x" * 450 + "'"
GAP = " " * 450


@pytest.fixture
def trap():
    """A host inside the network that no file may make the library ask."""
    with StandIn(NO_WORLD) as server:
        server.route(
            "/.*", Answer(200, {"Content-Type": "text/csv"}, b"WD23CD,x,y\nE05014818,1,2\n")
        )
        yield server


def virtual(source, pad=PAD, gap=GAP):
    """A layer of GDAL's virtual format that takes its shapes from elsewhere."""
    return (
        f"<OGRVRTDataSource {pad}><OGRVRTLayer name='records' {pad}>"
        f"<SrcDataSource {pad}>{source}</SrcDataSource{gap}>"
        f"<GeometryType {pad}>wkbPoint</GeometryType{gap}>"
        f"<LayerSRS {pad}>EPSG:27700</LayerSRS{gap}>"
        f"<GeometryField encoding='PointFromColumns' x='x' y='y' {pad}/></OGRVRTLayer{gap}>"
        f"</OGRVRTDataSource{gap}>"
    )


def collection(name="Astley Bridge", **more):
    ring = [[-2.45, 53.6], [-2.45, 53.61], [-2.44, 53.61], [-2.45, 53.6]]
    feature = {
        "type": "Feature",
        "properties": {"WD23CD": "E05014818", "WD23NM": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    return {"type": "FeatureCollection", "name": "wards", **more, "features": [feature]}


@pytest.mark.parametrize("where", ["file", "address"])
def test_a_name_from_the_portal_opens_nothing(where, canaries, trap, workspace, command):
    """A ward's name is text of a virtual layer, padded past any look for short tags."""
    source = canaries.path if where == "file" else f"/vsicurl/{trap.base}/records.csv"
    with StandIn() as portal:
        portal.fault("script_name", match="/query", name=virtual(source))
        done = command("refresh", "--only", "ward_boundaries@2023", "--no-build", env=portal.env())
        assert any("/query" in each.path for each in portal.requests)
    assert trap.requests == []
    assert done.returncode in {1, 3}
    assert "Traceback" not in done.stderr
    assert canaries.in_text(done.stdout, done.stderr) == []
    assert canaries.in_files(workspace) == []
    # The answer is kept for nobody.
    assert list((workspace / "data" / "raw").rglob("*.geojson")) == []


@pytest.mark.parametrize("pad", [("", ""), (PAD, GAP)], ids=["plain", "padded"])
@pytest.mark.parametrize("place", ["name", "layer", "whole", "shp"])
def test_a_virtual_layer_by_hand_opens_nothing(place, pad, canaries, trap, workspace):
    for source in (canaries.path, f"/vsicurl/{trap.base}/records.csv"):
        said = virtual_by_hand(place, virtual(source, *pad), workspace)
        assert canaries.in_text(said) == []
        assert len(said) < 500
    assert trap.requests == []


def virtual_by_hand(place, text, workspace):
    """Read a file with the text of a virtual layer; return what is said of it."""
    path = workspace / "x.geojson"
    if place == "name":
        path.write_text(json.dumps(collection(text), ensure_ascii=False))
    elif place == "layer":
        path.write_text(json.dumps(collection(description=text), ensure_ascii=False))
        return str(boundaries.read(path).drop(columns="geometry").to_dict("list"))
    elif place == "whole":
        path.write_text(text)
    else:
        path = workspace / "x.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("wards.shp", text)
    with pytest.raises((SourceError, SchemaError)) as caught:
        boundaries.read(path)
    return str(caught.value)


def services(address):
    """Descriptions of services and formats that GDAL would go and ask."""
    yield "wfs", f"<OGRWFSDataSource><URL>{address}</URL></OGRWFSDataSource>"
    yield "wfs by prefix", f"WFS:{address}"
    yield "oapif", f"<OGROAPIFDataSource><URL>{address}</URL></OGROAPIFDataSource>"
    yield (
        "wms",
        f"<GDAL_WMS><Service name='WMS'><ServerUrl>{address}?</ServerUrl></Service></GDAL_WMS>",
    )
    yield "csw", f"<OGRCSWDataSource><URL>{address}</URL></OGRCSWDataSource>"
    yield (
        "gml",
        (
            f'<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" '
            f'xsi:schemaLocation="a {address}"/>'
        ),
    )
    yield "kml", f"<kml><NetworkLink><Link><href>{address}</href></Link></NetworkLink></kml>"
    yield "stac", json.dumps({"stac_version": "1.0.0", "links": [{"rel": "self", "href": address}]})
    yield (
        "esri",
        json.dumps(
            {"geometryType": "esriGeometryPolygon", "features": [], "exceededTransferLimit": True}
        ),
    )
    yield "topojson", json.dumps({"type": "Topology", "objects": {}, "arcs": []})
    yield "csv", "WD23CD,WKT\nE05014818,POINT(1 2)\n"
    yield "next page", json.dumps({**collection(), "links": [{"rel": "next", "href": address}]})


def laid(place, kind, source, base):
    """Lay a file that names a file of records or an address, of each kind that a build opens."""
    place.mkdir(parents=True)
    text = virtual(source, "", "")
    if kind == "shapefile":
        with zipfile.ZipFile(place / "x.zip", "w") as archive:
            archive.writestr("wards.shp", text)
    elif kind == "service":
        (place / "x.json").write_text(dict(services(base))["wfs"])
    elif kind == "coordinate system":
        link = {"type": "link", "properties": {"href": f"{base}/crs", "type": "proj4"}}
        (place / "x.geojson").write_text(json.dumps(collection(crs=link)))
    else:
        (place / f"x.{kind}").write_text(text)


@pytest.mark.parametrize("kind", ["geojson", "json", "shapefile", "service", "coordinate system"])
def test_a_build_opens_nothing_that_a_file_by_hand_names(kind, canaries, trap, workspace, command):
    laid(workspace / "data" / "raw" / "ward_boundaries", kind, canaries.path, trap.base)
    done = command("build")
    assert trap.requests == []
    assert canaries.in_text(done.stdout, done.stderr) == []
    assert canaries.in_files(workspace) == []
    assert done.returncode == 1
    words = "coordinate system" if kind == "coordinate system" else "cannot be opened as boundaries"
    assert done.stderr.startswith("bolton-jsna: ")
    assert words in done.stderr


@pytest.mark.parametrize("kind", [name for name, _ in services("")])
def test_no_service_is_asked(kind, trap, workspace):
    path = workspace / "x.json"
    path.write_text(dict(services(trap.base))[kind])
    if kind == "next page":
        assert len(boundaries.read(path)) == 1
    else:
        with pytest.raises((SourceError, SchemaError)) as caught:
            boundaries.read(path)
        assert trap.base not in str(caught.value)
    assert trap.requests == []


@pytest.mark.parametrize("where", ["file", "address", "grid", "init"])
def test_a_coordinate_system_is_never_a_link(where, canaries, trap, workspace):
    link = str(canaries.path) if where == "file" else f"{trap.base}/crs"
    said = {
        "file": {"type": "link", "properties": {"href": link, "type": "ogcwkt"}},
        "address": {"type": "link", "properties": {"href": link, "type": "proj4"}},
        "grid": {
            "type": "name",
            "properties": {"name": f"+proj=longlat +nadgrids={link} +type=crs"},
        },
        "init": {"type": "name", "properties": {"name": f"+init={canaries.path}:27700"}},
    }[where]
    path = workspace / "x.geojson"
    path.write_text(json.dumps(collection(crs=said)))
    with pytest.raises(SchemaError, match="coordinate system"):
        boundaries.read(path)
    assert trap.requests == []


def wards():
    data = {"WD23CD": ["E05014819", "E05014818"], "WD23NM": ["Bradshaw", "Astley Bridge"]}
    shapes = [box(371000, 410000, 372000, 411000), box(370000, 410000, 371000, 411000)]
    return gpd.GeoDataFrame(data, geometry=shapes, crs=27700)


@pytest.mark.parametrize("link", ["grid", "file"])
def test_a_projection_file_is_text(link, canaries, trap, workspace):
    wards().to_file(workspace / "wards.shp")
    (workspace / "wards.prj").write_text(
        'GEOGCS["x",DATUM["x",SPHEROID["x",6377563.396,299.3]],PRIMEM["Greenwich",0],'
        f'UNIT["degree",0.017],EXTENSION["PROJ4","+proj=longlat +nadgrids={trap.base}/g +no_defs"]]'
        if link == "grid"
        else f"+init={canaries.path}:27700"
    )
    with zipfile.ZipFile(workspace / "x.zip", "w") as archive:
        for part in workspace.glob("wards.*"):
            archive.write(part, part.name)
    with pytest.raises(SchemaError, match="has no coordinate system"):
        boundaries.read(workspace / "x.zip")
    assert trap.requests == []


def drop_triggers(database):
    """Take away the triggers of GDAL, which use functions that only it has."""
    listed = "SELECT name FROM sqlite_master WHERE type='trigger'"
    for (name,) in database.execute(listed).fetchall():
        database.execute(f'DROP TRIGGER "{name}"')


ENDLESS = (
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
    "SELECT 1 AS fid, NULL AS geom, x AS WD23CD FROM n WHERE x < 0"
)


@pytest.mark.parametrize(
    ("statement", "part"),
    [
        (f"DROP TABLE wards; CREATE VIEW wards AS {ENDLESS}", "view"),
        ("CREATE VIEW more AS SELECT load_extension('x')", "view"),
        ("CREATE TRIGGER t AFTER INSERT ON wards BEGIN SELECT 1; END", "trigger"),
        ("CREATE VIRTUAL TABLE words USING fts4(x)", "virtual table"),
        ("CREATE VIRTUAL TABLE rtree_x USING fts4(x)", "virtual table"),
        ("ALTER TABLE wards ADD g AS (length(zeroblob(900000000)))", "not a plain table"),
    ],
)
def test_a_geopackage_with_parts_that_run_is_not_read(statement, part, workspace):
    path = workspace / "x.gpkg"
    wards().to_file(path, layer="wards")
    database = sqlite3.connect(path)
    drop_triggers(database)
    database.executescript(statement)
    database.close()
    with pytest.raises(SourceError, match=part):
        boundaries.read(path)


def test_a_build_from_a_view_without_end_ends(workspace, command, is_refused):
    place = workspace / "data" / "raw" / "ward_boundaries"
    place.mkdir(parents=True)
    wards().to_file(place / "x.gpkg", layer="wards")
    database = sqlite3.connect(place / "x.gpkg")
    drop_triggers(database)
    database.executescript(f"DROP TABLE wards; CREATE VIEW wards AS {ENDLESS}")
    database.close()
    assert is_refused(command("build", timeout=60), "parts that run (view)")


def test_another_database_is_no_geopackage(workspace):
    path = workspace / "x.gpkg"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE t (a)")
    database.close()
    with pytest.raises(SourceError, match="not a GeoPackage"):
        boundaries.read(path)


def test_holes_and_parts_of_a_shapefile_and_a_geopackage_are_kept(workspace):
    frame = wards()
    ring = box(370000, 410000, 370900, 410900).difference(box(370200, 410200, 370400, 410400))
    frame.loc[1, "geometry"] = ring.union(box(370950, 410000, 370990, 410040))
    frame.to_file(workspace / "wards.shp")
    frame.to_file(workspace / "x.gpkg", layer="wards")
    with zipfile.ZipFile(workspace / "x.zip", "w") as archive:
        for part in workspace.glob("wards.*"):
            archive.write(part, part.name)
    for name in ("x.zip", "x.gpkg"):
        found = boundaries.read(workspace / name)
        assert found.geometry[0].equals(frame.geometry[1])
        assert len(found.geometry[0].geoms) == 2


@pytest.mark.parametrize(
    "points", ['["a","b"]', "[NaN,1]", "[1e308,1e308]", "[1e400,1]", "[[1],2]", "[1]", "null", "{}"]
)
def test_coordinates_that_are_no_numbers_are_refused(points, workspace):
    text = json.dumps(collection()).replace("[-2.45, 53.61]", points)
    path = workspace / "x.geojson"
    path.write_text(text)
    with pytest.raises(SourceError, match="coordinates"):
        boundaries.read(path)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"type":"FeatureCollection","features":' + "[" * 100_000,
        '{"type":"FeatureCollection","features":[' + '{"a":' * 50_000,
        '{"type":"FeatureCollection","features":[1]}',
        '{"type":"FeatureCollection","features":{"a":1}}',
        '{"type":"FeatureCollection","features":[{"geometry":[]}]}',
        '{"type":"FeatureCollection","features":[{"geometry":{"type":["Polygon"]}}]}',
        '{"type":["FeatureCollection"]}',
        '{"type":"FeatureCollection","features":[{"properties":3,"geometry":' + "9" * 9000 + "}]}",
        "9" * 5000,
        '"\\ud800"',
        "{}",
    ],
)
def test_json_of_wrong_types_and_depth_is_one_error(text, workspace):
    path = workspace / "x.geojson"
    path.write_text(text)
    with pytest.raises((SourceError, SchemaError)) as caught:
        boundaries.read(path)
    assert "something unexpected" not in str(caught.value)


def test_a_shape_of_shapes_of_shapes_is_refused(workspace):
    """Depth in well-known binary: a multipolygon of collections of collections."""
    path = workspace / "x.gpkg"
    wards().to_file(path, layer="wards")
    database = sqlite3.connect(path)
    drop_triggers(database)
    deep = struct.pack("<BII", 1, 7, 1) * 200_000
    shape = b"GP\0\x01" + struct.pack("<i", 27700) + struct.pack("<BII", 1, 6, 1) + deep
    database.execute("UPDATE wards SET geom = ?", (shape,))
    database.commit()
    database.close()
    with pytest.raises(SourceError, match="damaged"):
        boundaries.read(path)


def test_a_shape_that_crosses_itself_without_end_is_refused(workspace, monkeypatch):
    """Repair takes memory with the square of the corners: it is done apart, within limits."""
    import random

    from bolton_jsna.core.reading import limits

    maker = random.Random(350)  # noqa: S311 (a shape)
    ring = [[maker.uniform(-2.5, -2.4), maker.uniform(53.5, 53.6)] for _ in range(20_000)]
    answer = collection()
    answer["features"][0]["geometry"]["coordinates"] = [[*ring, ring[0]]]
    path = workspace / "x.geojson"
    path.write_text(json.dumps(answer))
    monkeypatch.setattr(limits, "SECONDS", 2)
    with pytest.raises(SourceError, match=r"x\.geojson"):
        boundaries.read(path)


@pytest.mark.parametrize("corners", [12, 600], ids=["here", "apart"])
def test_a_repair_is_the_same_here_and_apart(corners, workspace):
    """A zigzag that crosses itself once: of many corners it is repaired in its own process."""
    step = 0.01 / corners
    there = [[-2.45 + n * step, 53.60 + (n % 2) * step / 9] for n in range(corners)]
    ring = [*there, [-2.44, 53.61], [-2.45, 53.59], [-2.44, 53.59], [-2.45, 53.61], there[0]]
    answer = collection()
    answer["features"][0]["geometry"]["coordinates"] = [ring]
    path = workspace / "x.geojson"
    path.write_text(json.dumps(answer))
    (shape,) = boundaries.read(path).geometry
    assert shape.is_valid
    assert shape.geom_type in {"Polygon", "MultiPolygon"}


def test_a_layer_of_many_columns_is_refused(workspace):
    """A property of its own in each feature would make a table of their square."""
    answer = collection()
    one = answer["features"][0]
    answer["features"] = [{**one, "properties": {f"p{n}": 1}} for n in range(7000)]
    path = workspace / "x.geojson"
    path.write_text(json.dumps(answer))
    with pytest.raises(SourceError, match="cells"):
        boundaries.read(path)
