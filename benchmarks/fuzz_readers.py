"""Give every reader damaged files and see that each is read or refused in the family's words.

    python benchmarks/fuzz_readers.py [--each N] [--seed S] [--minutes M] [KIND ...]

The kind ``mixed`` takes all in turn, for a short run.

Small files of each kind are made here, and copies of published files are added where
``BOLTON_JSNA_REFERENCE_DATA`` names their folder. Each case is one of them with its bytes, or the
bytes within its zip, changed at random from a seed: ``--seed`` and the number of a case make it
again. Cases run in a child with 1 GB of memory and 20 seconds each; a child that ends is an abort
of its case, and the next one goes on after it.
"""

import argparse
import contextlib
import gzip
import io
import json
import os
import random
import select
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

CANARY = "CANARY77"
SECONDS = 20
# Threads reserve address space, which the limit counts.
FEW_THREADS = {"OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
MEMORY = 2**30
_TOKENS = (
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xb2",
        "٣".encode(),
        b"9" * 5000,
        b"1e308",
        b"NaN",
        b"-1",
        b'"',
        b"<",
    ),
    *(b"<!DOCTYPE x>", b"<OGRVRTDataSource>", b"\x1b[2J", b"[" * 200, b"{" * 200, b"\n" * 50),
    *(b"31/02/2024", b"99999999", b"9999-12-31", b"0000-00-00", b"=1+1", b"\xf0\x9f\x98\x80"),
    *(b"\x00" * 8, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"PK\x03\x04", b";;;;"),
)
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
    }


def published(folder: str, pattern: str) -> list[bytes]:
    """Return copies of small published files, unpacked, where there are any."""
    place = os.environ.get("BOLTON_JSNA_REFERENCE_DATA", "")
    found = sorted((Path(place) / folder).glob(pattern)) if place else []
    contents = [each.read_bytes() for each in found]
    plain = [gzip.decompress(each) if each[:2] == b"\x1f\x8b" else each for each in contents]
    return [each for each in plain if len(each) < 100_000]


def changed(content: bytes, maker: random.Random) -> bytes:
    """Return bytes with a few changes, half of the time within a zip or gzip."""
    if maker.random() < 0.6:
        if content[:2] == b"\x1f\x8b":
            return gzip.compress(spoilt(gzip.decompress(content), maker))
        if content[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                members = {name: archive.read(name) for name in archive.namelist()}
            name = maker.choice(list(members))
            members[name] = spoilt(members[name], maker)
            return zipped(members)
    return spoilt(content, maker)


def spoilt(content: bytes, maker: random.Random) -> bytes:
    """Return bytes with one to eight changes."""
    found = bytearray(content)
    for _ in range(maker.choice((1, 1, 2, 3, 8))):
        size = len(found)
        at = maker.randrange(size + 1)
        span = maker.choice((1, 1, 2, 4, 16, 200))
        way = maker.randrange(7)
        if way == 0 and size:
            found[at % size] ^= 1 << maker.randrange(8)
        elif way == 1:
            found[at : at + span] = maker.randbytes(span)
        elif way == 2:
            del found[at : at + span]
        elif way == 3:
            found[at:at] = found[at : at + span] * maker.choice((1, 2, 50))
        elif way == 4:
            found[at : at + maker.choice((0, span))] = maker.choice(_TOKENS)
        elif way == 5 and maker.random() < 0.3:
            del found[at:]
        else:
            other = maker.randrange(size + 1)
            found[at : at + span] = found[other : other + span]
    return bytes(found)


def reader(kind: str) -> Callable[[Path], object]:
    """Return what reads a kind."""
    from bolton_jsna import workspace
    from bolton_jsna.tables import boundaries, local_counts, local_layouts, local_records

    def records(path: Path) -> object:
        if local_counts.are_counts(path):
            return local_counts.read(path, whole=False)
        return local_records.read(path, kind=None if path.suffix == ".xml" else "referrals")

    datasets = {
        "children_in_need": "children_in_need",
        "idaci": "idaci",
        "idaci.xlsx": "idaci",
        "lookup": "lookup",
        "postcodes": "postcodes",
        "neighbours": "statistical_neighbours",
        "projections": "population_projections",
        "estimates": "population_estimates",
        "fingertips": "children_in_need",
    }
    if kind in datasets:
        return lambda path: workspace.read_file(datasets[kind], path)
    if kind == "mapping":
        return local_layouts.mapping
    if kind in {"geojson", "gpkg", "geoparquet", "shapefile"}:
        return boundaries.read
    return records


def work(kind: str, seed: int, first: int, last: int) -> None:
    """Run cases in this process, one line for each."""
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    known = kinds()
    mixed = [each for each in known if each != "neighbours"]
    ways = [kind] if kind != "mixed" else mixed
    sound = {each: known[each][1]() for each in ways}
    read = {each: reader(each) for each in ways}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, last):
            case, at = divmod(number, len(ways))
            way = ways[at]
            path = Path(folder) / known[way][0]
            maker = random.Random(f"{seed}/{way}/{case}")
            path.write_bytes(changed(maker.choice(sound[way]), maker) if case else sound[way][0])
            said = outcome(read[way], path)
            if not case and said != "read":
                said = f"sound {way} not read: {said}"
            print(json.dumps([number, said]), flush=True)


def outcome(read: Callable[[Path], object], path: Path) -> str:
    """Return how the reading of a file ends."""
    from bolton_jsna.errors import BoltonJsnaError

    try:
        read(path)
    except BoltonJsnaError as error:
        if CANARY in f"{error} {error.__context__}":
            return f"quoted: {str(error)[:200]!r}"
        return f"net: {str(error)[:200]}" if "expected there" in str(error) else "refused"
    except Exception as error:
        return f"raised {error!r:.200}"
    return "read"


def run(kind: str, seed: int, each: int, until: float) -> Counter[str]:
    """Run the cases of a kind in children; return how many ended in which way."""
    found: Counter[str] = Counter()
    first = 0
    while first < each and time.monotonic() < until:
        with tempfile.TemporaryFile() as errors:
            child = subprocess.Popen(
                [sys.executable, __file__, "--work", kind, str(seed), str(first), str(each)],
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **FEW_THREADS},
            )
            with child:
                first = watch(child, kind, first, found, until)
                child.kill()
            errors.seek(0)
            if last := errors.read().decode(errors="replace").strip().splitlines()[-1:]:
                print(f"    {last[0][:300]}")
    return found


def watch(
    child: "subprocess.Popen[bytes]", kind: str, first: int, found: Counter[str], until: float
) -> int:
    """Count what a child says of its cases; return the number of the next one to run."""
    stream = child.stdout
    assert stream is not None  # noqa: S101
    started = False
    while time.monotonic() < until:
        # The first case pays for the imports.
        ready, _, _ = select.select([stream], [], [], SECONDS if started else 3 * SECONDS)
        line = stream.readline() if ready else b""
        if not line:
            if ready and child.wait() == 0:
                return first
            found["late" if not ready else f"abort {child.wait()}"] += 1
            print(f"  {kind} case {first}: {'late' if not ready else child.returncode}")
            return first + 1
        started = True
        number, said = json.loads(line)
        way = said.partition(" ")[0].rstrip(":")
        found[way] += 1
        if way not in {"read", "refused"}:
            print(f"  {kind} case {number}: {said}")
        first = number + 1
    return first


def main() -> int:
    """Run every kind and print a line for each; return 1 where a case failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", default=[])
    parser.add_argument("--each", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=350)
    parser.add_argument("--minutes", type=float, default=60)
    given = parser.parse_args()
    until = time.monotonic() + 60 * given.minutes
    bad = 0
    for kind in given.kinds or kinds():
        began = time.monotonic()
        if kind != "mixed" and not kinds()[kind][1]():
            print(f"{kind:<18} no published file at hand")
            continue
        found = run(kind, given.seed, given.each, until)
        bad += sum(count for way, count in found.items() if way not in {"read", "refused", "net"})
        told = ", ".join(f"{count} {way}" for way, count in sorted(found.items()))
        print(
            f"{kind:<18} {sum(found.values())} cases: {told}; {time.monotonic() - began:.0f} s",
            flush=True,
        )
    print(f"{bad} cases failed")
    return 1 if bad else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(sys.argv[2], *map(int, sys.argv[3:6]))
    else:
        sys.exit(main())
