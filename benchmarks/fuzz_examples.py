"""Small sound files of every kind that the readers know, for the fuzz of the readers."""

import contextlib
import gzip
import io
import json
import os
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

CANARY = "CANARY77"
_GRID = "urn:ogc:def:crs:EPSG::27700"

RECORDS = (
    "Child Unique ID,Date of referral,Gender,Date of Birth,Postcode,Referral source\n"
    + "".join(
        f"{CANARY}{n},{n % 28 + 1:02d}/05/2024,a) Male,01/0{n % 9 + 1}/2012,BL1 1AP,6: Police\n"
        for n in range(30)
    )
).encode()
COUNTS = b"Ward code,Year,Referrals,Plans\n" + b"".join(
    f"E0501481{n},2024-25,{n + 10},c\n".encode() for n in range(10)
)
MAPPING = b"""[columns]
child_id = "Client Ref"
date = ["Opened", "Date of referral"]
[words.category]
Abuse = "Neglect"
[options]
kind = "referrals"
date_order = "day_first"
"""
CENSUS = (
    '<?xml version="1.0" encoding="utf-8"?>\n<Message><Header><CollectionDetails><Year>2025</Year>'
    "</CollectionDetails></Header><Children>"
    + "".join(
        f"<Child><ChildIdentifiers><LAchildID>{CANARY}{n}</LAchildID><PersonBirthDate>2015-01-01"
        "</PersonBirthDate></ChildIdentifiers><CINdetails><CINreferralDate>2024-05-03"
        "</CINreferralDate><ChildProtectionPlans><CPPstartDate>2024-06-03</CPPstartDate>"
        "</ChildProtectionPlans></CINdetails></Child>"
        for n in range(10)
    )
    + "</Children></Message>"
).encode()
C1 = (
    b"time_period,geographic_level,country_code,region_code,region_name,old_la_code,new_la_code,"
    b"la_name,Referrals,Referrals_rate\n"
    b"2024,Local authority,E92000001,E12000002,North West,350,E08000001,Bolton,3803,500.1\n"
    b"2024,National,E92000001,,,,,,621880,518.3\n"
)
LOOKUP = b"LSOA21CD,LSOA21NM,WD24CD,WD24NM,LAD24CD,LAD24NM\n" + b"".join(
    f"E0100481{n},Bolton 005{n},E0501481{n},Ward {n},E08000001,Bolton\n".encode() for n in range(9)
)
POSTCODES = b"pcds,lsoa21cd,wd24cd\n" + b"".join(
    f"BL1 {n}AP,E0100481{n},E0501481{n}\n".encode() for n in range(9)
)
IDACI = (
    b"LSOA code (2021),LSOA name (2021),Local Authority District code (2024),"
    b"Local Authority District name (2024),Income Deprivation Affecting Children Index (IDACI) "
    b"Rank (where 1 is most deprived)\nE01004817,Bolton 005A,E08000001,Bolton,312\n"
)
PEOPLE = b"AREA_CODE,AREA_NAME,COMPONENT,SEX,AGE_GROUP,2022,2023\n" + b"".join(
    f"E08000001,Bolton,Population,{sex},{age},{100 + age}.5,{101 + age}\n".encode()
    for sex in ("females", "males")
    for age in (0, 1, 2, 90)
)


FINGERTIPS = (
    b"Indicator ID,Area Code,Sex,Time period,Value,Count,Denominator,Value note\n"
    b"90803,E08000001,Persons,2023/24,101.2,765,75599,\n"
    b"90886,E08000001,Persons,2023/24,,,,Value suppressed for disclosure control\n"
)

CIN_2013 = (
    b"geog_l,geog_c,new_la_code,geog_n,CINAt310313,CINAt310313RatePer10k,Referrals1213,"
    b"Referrals1213Rate,CPPStart1213,CPPStartRate1213,CPPAt310313,CPPAt310313Rate,Mid2012Pop0-17\n"
    b'National,,,England,"378,600",332.2,"593,500",520.7,"52,700",46.2,"43,100",37.9,"11,397,500"\n'
    b'LA,390,E08000020,Gateshead,1,2,3,4,5,6,x,x,"40,000"\n'
    b'LA,350,E08000001,Bolton,"2,247",358.7,"4,108",655.7,289,43.1,359,57.3,"62,646"\n'
)
LOOKED_AFTER = (
    b"time_period,time_identifier,geographic_level,country_code,country_name,region_code,"
    b"region_name,old_la_code,la_name,new_la_code,cla_group,characteristic,"
    b"population_count,population_estimate,number,rate_per_10000\n"
) + b"".join(
    f"{year},Reporting year,Local authority,E92000001,England,E12000002,North West,350,Bolton,"
    f"E08000001,{what},{what},{what},68000,{number},96\n".encode()
    for year in (2023, 2024)
    for what, number in (
        ("Children looked after at 31 March each year", 650),
        ("Children starting to be looked after each year", "c"),
        ("Children ceasing to be looked after each year", 200),
    )
)
NOMIS = b"PROJECTED_YEAR,GEOGRAPHY_CODE,GEOGRAPHY_NAME,GENDER,C_AGE,OBS_VALUE,RECORD_COUNT\n" + (
    b"".join(
        f"{year},E08000001,Bolton,{sex},{101 + age},{900 + age},12\n".encode()
        for year in (2025, 2026)
        for sex in (1, 2)
        for age in range(3)
    )
)
DENOMINATORS = (
    b"time_period,time_identifier,geographic_level,country_code,country_name,region_code,"
    b"region_name,old_la_code,new_la_code,la_name,age_group,population_estimate\n"
) + b"".join(
    f"{year},Reporting year,Local authority,E92000001,England,E12000002,North West,350,E08000001,"
    f"Bolton,Children aged 0 to 17 years,{68000 + year}\n".encode()
    for year in range(2012, 2020)
)
SMALL_AREAS = b"LSOA 2021 Code,LSOA 2021 Name,mid_year,F0,F1,M0,M1\n" + b"".join(
    f"E0100481{n},Bolton 005{n},2022,{n},12,1{n},9\n".encode() for n in range(9)
)
CODE_POINT = b"".join(
    f'"BL1 {n}AP",10,371000,409000,"E92000001","","E18000002","","E08000001",'
    f'"E0501481{n}"\n'.encode()
    for n in range(9)
)


def wide(text: bytes) -> bytes:
    """Return text as UTF-16."""
    return text.decode().encode("utf-16")


def geojson() -> bytes:
    """Two wards in metres."""

    def ring(x: int) -> list[list[int]]:
        corners = ((0, 0), (900, 0), (900, 900), (0, 900), (0, 0))
        return [[370_000 + 1000 * x + a, 410_000 + b] for a, b in corners]

    features = [
        {
            "type": "Feature",
            "properties": {"WD23CD": f"E0501481{8 + x}", "WD23NM": f"Ward {x}"},
            "geometry": {"type": "Polygon", "coordinates": [ring(x)]},
        }
        for x in (0, 1)
    ]
    crs = {"type": "name", "properties": {"name": _GRID}}
    return json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}).encode()


def polygon(x: int) -> bytes:
    """A ward as well-known binary."""
    corners = ((0, 0), (0, 900), (900, 900), (900, 0), (0, 0))
    points = b"".join(struct.pack("<2d", 370_000 + 1000 * x + a, 410_000 + b) for a, b in corners)
    return struct.pack("<BIII", 1, 3, 1, 5) + points


def geopackage() -> bytes:
    """Two wards as the tables of a GeoPackage."""
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.executescript(
            "PRAGMA application_id = 1196444487; PRAGMA user_version = 10300;"
            "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, "
            "organization TEXT, organization_coordsys_id INTEGER, definition TEXT);"
            "INSERT INTO gpkg_spatial_ref_sys VALUES ('BNG', 27700, 'EPSG', 27700, 'x');"
            "CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, "
            "srs_id INTEGER);"
            "INSERT INTO gpkg_contents VALUES ('wards', 'features', 27700);"
            "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, "
            "geometry_type_name TEXT, srs_id INTEGER, z TINYINT, m TINYINT);"
            "INSERT INTO gpkg_geometry_columns VALUES ('wards', 'geom', 'POLYGON', 27700, 0, 0);"
            "CREATE TABLE wards (fid INTEGER PRIMARY KEY, geom BLOB, WD23CD TEXT, WD23NM TEXT);"
        )
        for x in (0, 1):
            shape = b"GP\x00\x01" + struct.pack("<i", 27700) + polygon(x)
            row = (x + 1, shape, f"E0501481{8 + x}", f"Ward {x}")
            database.execute("INSERT INTO wards VALUES (?, ?, ?, ?)", row)
        database.commit()
        return database.serialize()


def shapefile() -> bytes:
    """Two wards as a zipped shapefile."""
    records = b""
    for x in (0, 1):
        corners = ((0, 0), (0, 900), (900, 900), (900, 0), (0, 0))
        points = [(370_000.0 + 1000 * x + a, 410_000.0 + b) for a, b in corners]
        box = struct.pack("<4d", *points[0], *points[2])
        body = struct.pack("<i", 5) + box + struct.pack("<3i", 1, 5, 0)
        body += b"".join(struct.pack("<2d", *point) for point in points)
        records += struct.pack(">2i", x + 1, len(body) // 2) + body
    size = (100 + len(records)) // 2
    head = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, size) + struct.pack("<2i", 1000, 5)
    shp = head + struct.pack("<8d", *[0.0] * 8) + records
    fields = b"".join(
        name.ljust(11, b"\0") + b"C" + bytes(4) + bytes([size]) + bytes(15)
        for name, size in ((b"WD23CD", 9), (b"WD23NM", 12))
    )
    rows = b"".join(f" E0501481{8 + x}{f'Ward {x}':<12}".encode() for x in (0, 1))
    dbf = struct.pack("<4BI2H20x", 3, 124, 1, 1, 2, 33 + len(fields), 22) + fields + b"\r" + rows
    prj = (
        b'PROJCS["British_National_Grid",GEOGCS["GCS_OSGB_1936",DATUM["D_OSGB_1936",SPHEROID['
        b'"Airy_1830",6377563.396,299.3249646]],PRIMEM["Greenwich",0.0],UNIT["Degree",'
        b'0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",'
        b'400000.0],PARAMETER["False_Northing",-100000.0],PARAMETER["Central_Meridian",-2.0],'
        b'PARAMETER["Scale_Factor",0.9996012717],PARAMETER["Latitude_Of_Origin",49.0],'
        b'UNIT["Meter",1.0]]'
    )
    return zipped({"w.shp": shp, "w.dbf": dbf, "w.prj": prj, "w.cpg": b"UTF-8"})


def zipped(members: dict[str, bytes]) -> bytes:
    """Return a zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def workbook(table: bytes) -> bytes:
    """Return a table of text as a workbook."""
    import openpyxl

    book = openpyxl.Workbook()
    for line in table.decode().splitlines():
        book.active.append(line.split(","))
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def old_workbook(table: bytes) -> bytes:
    """Return a table of text as a workbook of Excel 97: one stream in a compound file."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<2H", kind, len(body)) + body

    lines = [line.split(",") for line in table.decode().splitlines()]
    begin = struct.pack("<4H2I", 0x600, 0x10, 0x0DBB, 0x07CC, 0, 6)
    sheet = record(0x809, begin)
    sheet += record(0x200, struct.pack("<2I3H", 0, len(lines), 0, len(lines[0]), 0))
    for y, row in enumerate(lines):
        for x, cell in enumerate(row):
            text = cell.encode("latin-1")
            sheet += record(0x204, struct.pack("<4HB", y, x, 15, len(text), 0) + text)
    sheet += record(0x0A, b"")
    globals_ = record(0x809, struct.pack("<4H2I", 0x600, 0x5, 0x0DBB, 0x07CC, 0, 6))
    place = len(globals_) + 4 + 8 + 5 + 4
    globals_ += record(0x85, struct.pack("<I2BBB", place, 0, 0, 5, 0) + b"Sheet")
    globals_ += record(0x0A, b"")
    stream = (globals_ + sheet).ljust(4096, b"\0")
    stream += bytes(-len(stream) % 512)
    sectors = len(stream) // 512
    # Sector 0 is the table of sectors, 1 the folder, and the stream follows.
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + sectors), 0xFFFFFFFE]
    table_ = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0"
        return (
            text.ljust(64, b"\0")
            + struct.pack("<H2B3I", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    empty = 0xFFFFFFFF
    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, empty, 2, len(stream))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<I", 0) + b"\xff" * (108 * 4)
    return head + table_ + folder.ljust(512, b"\0") + stream


def parquet(table: bytes) -> bytes:
    """Return a table of text as Parquet."""
    import pandas as pd

    packed = io.BytesIO()
    pd.read_csv(io.BytesIO(table), dtype=str).to_parquet(packed, index=False)
    return packed.getvalue()


def geoparquet() -> bytes:
    """Return two wards and their shapes as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    crs = {"id": {"authority": "EPSG", "code": 27700}}
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": [], "crs": crs}},
    }
    table = pa.table(
        {
            "WD23CD": ["E05014818", "E05014819"],
            "geometry": pa.array([polygon(0), polygon(1)], pa.binary()),
        }
    )
    packed = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), packed)
    return packed.getvalue()


def kinds() -> dict[str, tuple[str, Callable[[], list[bytes]]]]:
    """Return for each kind the name of its file and what makes its sound examples."""
    return {
        "csv": ("x.csv", lambda: [RECORDS, wide(RECORDS), COUNTS]),
        "csv.gz": ("x.csv.gz", lambda: [gzip.compress(RECORDS)]),
        "zip": ("x.zip", lambda: [zipped({"x.csv": RECORDS})]),
        "xlsx": ("x.xlsx", lambda: [workbook(RECORDS), workbook(COUNTS)]),
        "xls": ("x.xls", lambda: [old_workbook(RECORDS)]),
        "parquet": ("x.parquet", lambda: [parquet(RECORDS)]),
        "xml": (
            "x.xml",
            lambda: [CENSUS, wide(CENSUS.replace(b"utf-8", b"utf-16"))],
        ),
        "mapping": ("x.toml", lambda: [MAPPING]),
        "geojson": (
            "x.geojson",
            lambda: [geojson(), *published("geography", "*wards*bsc.geojson")],
        ),
        "gpkg": ("x.gpkg", lambda: [geopackage()]),
        "geoparquet": ("x.parquet", lambda: [geoparquet()]),
        "shapefile": ("x.zip", lambda: [shapefile()]),
        "children_in_need": ("c1.csv", lambda: [C1, *published("safeguarding", "a*.csv.gz")]),
        "idaci": ("x.csv", lambda: [IDACI, *published("idaci", "iod2025_idaci_bolton*.csv")]),
        "idaci.xlsx": ("x.xlsx", lambda: [workbook(IDACI)]),
        "lookup": ("x.csv", lambda: [LOOKUP]),
        "postcodes": ("p2025.csv", lambda: [POSTCODES]),
        "neighbours": ("x.csv", lambda: published("neighbours", "sn_model*.csv")),
        "projections": ("x.csv", lambda: [PEOPLE, *published("population", "snpp_2022*.csv")]),
        "estimates": (
            "x.csv",
            lambda: [PEOPLE.replace(b"COMPONENT,", b"").replace(b"Population,", b"")],
        ),
        "fingertips": ("x.csv", lambda: [FINGERTIPS]),
        "children_in_need_2013": ("x.csv", lambda: [CIN_2013]),
        "looked_after": ("x.csv", lambda: [LOOKED_AFTER]),
        "nomis": ("x.csv", lambda: [NOMIS]),
        "denominators": ("x.csv", lambda: [DENOMINATORS]),
        "small_areas": ("x.csv", lambda: [SMALL_AREAS]),
        "code_point": ("p2025.csv", lambda: [CODE_POINT]),
    }


def published(folder: str, pattern: str) -> list[bytes]:
    """Return copies of small published files, unpacked, where there are any."""
    place = os.environ.get("BOLTON_JSNA_REFERENCE_DATA", "")
    found = sorted((Path(place) / folder).glob(pattern)) if place else []
    contents = [each.read_bytes() for each in found]
    plain = [gzip.decompress(each) if each[:2] == b"\x1f\x8b" else each for each in contents]
    return [each for each in plain if len(each) < 100_000]
