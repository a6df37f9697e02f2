"""Small files that would fill the memory or end the process: each is one message and exit code 1.

The command runs within a limit of memory, so that what is not refused in time fails here and not
on the machine.
"""

import gc
import gzip
import importlib.util
import os
import random
import signal
import sqlite3
import struct
import subprocess
import sys
import zipfile
import zlib

import pytest

from bolton_jsna.core.errors import BoltonJsnaError, SourceError
from bolton_jsna.ingest import _validate
from bolton_jsna.tables import _files, _text_rows
from bolton_jsna.tables.local import counts as local_counts
from bolton_jsna.tables.local import records as local_records

SPREAD = "http://schemas.openxmlformats.org"
HEAD = "Child ID,Date,Postcode"


def cell(place, text="x"):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEADINGS = f'<row r="1">{cell("A1", "Child ID")}{cell("B1", "Date")}{cell("C1", "Postcode")}</row>'


def workbook(path, rows, sheets=1):
    """A workbook of some rows of XML, the same in each sheet."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    numbers = range(1, sheets + 1)
    rels = f"{SPREAD}/officeDocument/2006/relationships"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{SPREAD}/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{SPREAD}/package/2006/relationships">'
        f'<Relationship Id="a" Type="{rels}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{SPREAD}/spreadsheetml/2006/main" xmlns:r="{rels}">'
        "<sheets>"
        + "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in numbers)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{SPREAD}/package/2006/relationships">'
        + "".join(
            f'<Relationship Id="r{n}" Type="{rels}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        + "</Relationships>",
    }
    main = f'<worksheet xmlns="{SPREAD}/spreadsheetml/2006/main"><sheetData>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        for n in numbers:
            archive.writestr(f"xl/worksheets/sheet{n}.xml", f"{main}{rows}</sheetData></worksheet>")
    return path


def corner(folder):
    """One cell in the last corner that a sheet has."""
    last = f'<row r="1048576">{cell("XFD1048576")}</row>'
    return workbook(folder / "x.xlsx", HEADINGS + last)


def corner_alone(folder):
    return workbook(folder / "x.xlsx", f'<row r="1048576">{cell("XFD1048576")}</row>')


def tall(folder):
    return workbook(folder / "x.xlsx", f'{HEADINGS}<row r="1048576">{cell("ZZ1048576")}</row>')


def wide(folder):
    rows = "".join(f'<row r="{n}">{cell(f"A{n}")}{cell(f"XFD{n}")}</row>' for n in range(2, 12_000))
    return workbook(folder / "x.xlsx", HEADINGS + rows)


def sheets(folder):
    return workbook(folder / "x.xlsx", HEADINGS, sheets=400)


def repeated(head, block, times):
    """A deflated text: a block packed once and then repeated, as it would be packed again."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    one = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + one * times + packer.flush(zlib.Z_FINISH)


def packed_text(folder):
    path = folder / "x.csv.gz"
    start = gzip.compress(b"")[:10]
    text = repeated(f"{HEAD}\n".encode(), b"a" * 2**20, 1500)
    path.write_bytes(start + text + bytes(8))
    return path


def packed_rows(folder):
    path = folder / "x.csv.gz"
    with gzip.open(path, "wb") as file:
        file.write(f"{HEAD}\n".encode())
        for _ in range(60):
            file.write(b"aa,2024-05-03,BL1 1AP\n" * 50_000)
    return path


def packed_zip(folder):
    path = folder / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.csv", repeated(b"", bytes(2**20), 1500))
        (info,) = archive.infolist()
        info.compress_type, info.file_size = zipfile.ZIP_DEFLATED, 1500 * 2**20
    return path


def cells(folder):
    path = folder / "x.csv.gz"
    path.write_bytes(gzip.compress(f"{HEAD}\n".encode() + b"a," * 7_000_000))
    return path


def quoted(folder):
    """A row over millions of lines, as cells in quotes hold the ends of lines."""
    path = folder / "x.csv.gz"
    path.write_bytes(gzip.compress(f"{HEAD}\n".encode() + b'"\n",' * 4_000_000))
    return path


def dictionary(folder):
    """Parquet that says one long text a million times."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / "x.parquet"
    codes = pa.array([0] * 900_000, type=pa.int32())
    long = pa.DictionaryArray.from_arrays(codes, pa.array(["x" * 100_000]))
    day = pa.DictionaryArray.from_arrays(codes, pa.array(["2024-05-03"]))
    pq.write_table(pa.table({"Child ID": long, "Date": day, "Postcode": day}), path)
    return path


def nothing(folder):
    """Parquet of a hundred million missing cells."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / "x.parquet"
    none = pa.nulls(20_000_000, pa.string())
    pq.write_table(pa.table({"Child ID": none, "Date": none, "Postcode": none}), path)
    return path


def many_elements(folder):
    path = folder / "x.xml"
    path.write_bytes(b"<?xml version='1.0'?><Message><Children>" + b"<a/>" * 6_000_000)
    return path


def deep_elements(folder):
    path = folder / "x.xml"
    path.write_bytes(b"<?xml version='1.0'?><Message>" + b"<a>" * 1_000_000)
    return path


@pytest.mark.parametrize(
    "make",
    [
        *(corner, corner_alone, tall, wide, sheets, packed_text, packed_rows, packed_zip, cells),
        *(quoted, dictionary, nothing, many_elements, deep_elements),
    ],
    ids=lambda each: each.__name__,
)
def test_an_extract_that_grows_is_one_message(make, workspace, command, is_refused):
    path = make(workspace)
    assert path.stat().st_size < 30 * 2**20
    done = command("check", path, "--kind", "referrals", memory=3 * 2**30)
    assert is_refused(done, repr(path.name))


def geopackage(path, blob):
    """A GeoPackage of one ward with the well-known binary given."""
    database = sqlite3.connect(path)
    database.executescript(
        "PRAGMA application_id = 1196444487;"
        "CREATE TABLE gpkg_geometry_columns (table_name, column_name, srs_id);"
        "CREATE TABLE gpkg_spatial_ref_sys (srs_id, organization, organization_coordsys_id);"
        "CREATE TABLE wards (WD24CD TEXT, shape BLOB);"
        "INSERT INTO gpkg_geometry_columns VALUES ('wards', 'shape', 4326);"
    )
    head = b"GP\x00\x01" + struct.pack("<i", 4326)
    database.execute("INSERT INTO wards VALUES ('E05000650', ?)", (head + blob,))
    database.commit()
    database.close()
    return path


def empty_rings(folder):
    """Sixty megabytes of rings without a corner, which a megabyte of a zip holds."""
    number = 15_000_000
    blob = b"\x01" + struct.pack("<II", 3, number) + bytes(4 * number)
    return geopackage(folder / "x.gpkg", blob)


def empty_polygons(folder):
    number = 6_000_000
    one = b"\x01" + struct.pack("<II", 3, 0)
    blob = b"\x01" + struct.pack("<II", 6, number) + one * number
    return geopackage(folder / "x.gpkg", blob)


def parts_without_corners(folder):
    number = 20_000_000
    record = struct.pack("<i4d2i", 5, 0, 0, 1, 1, number, 0) + bytes(4 * number)
    shapes = b"\x00\x00\x27\x0a" + bytes(96) + struct.pack(">2i", 1, len(record) // 2) + record
    path = folder / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.shp", shapes)
        archive.writestr("x.dbf", b"x" * 100)
    return path


@pytest.mark.skipif(os.name != "posix", reason="memory is limited on POSIX only")
@pytest.mark.parametrize(
    "make", [empty_rings, empty_polygons, parts_without_corners], ids=lambda each: each.__name__
)
def test_shapes_of_nothing_do_not_fill_the_memory(make, workspace):
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))\n"
        "from bolton_jsna.core.errors import SourceError\n"
        "from bolton_jsna.tables import boundaries\n"
        "try: boundaries.read(sys.argv[1])\n"
        "except SourceError as error: print(error)"
    )
    path = make(workspace)
    done = subprocess.run(
        [sys.executable, "-c", code, path],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert f"{path.name!r} has more than 30,000,000 corners" in done.stdout, done.stderr[-500:]


def test_equal_cells_of_a_table_are_held_once_and_others_are_counted(monkeypatch):
    from bolton_jsna.core.reading import limits

    rows = _text_rows.read_rows(b"a,b\n" + b"17, 17\n" * 1000, name="x.csv")
    assert len({id(cell) for row in rows[1:] for cell in row}) == 1
    monkeypatch.setattr(limits, "OBJECTS", 200_000)
    assert len(_text_rows.read_rows(b"17,17\n" * 500, name="x.csv")) == 500
    different = b"".join(b"%d,%d\n" % (n, n + 10_000) for n in range(600))
    with pytest.raises(SourceError, match=r"more than 200,000 bytes of memory"):
        _text_rows.read_rows(different, name="x.csv")


def test_a_zip_is_measured_by_the_part_that_is_read(tmp_path):
    """Others may have been put beside it to make the zip large."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("noise.bin", os.urandom(2**20))
        archive.writestr("x.csv", bytes(100 * 2**20), zipfile.ZIP_DEFLATED)
    with pytest.raises(SourceError, match=r"unpacks to 104,857,600 bytes from 10\d,\d{3}, "):
        _files.read_bytes(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_download_is_unpacked_in_the_usual_way_only(method, tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("x.csv", "a,b\n1,2\n")
    with pytest.raises(SourceError, match="packed by a method that is not accepted"):
        _validate.check(path, what="a table")


@pytest.mark.parametrize("ending", ["geojson", "json"])
def test_a_download_of_many_empty_parts_is_weighed_before_it_is_parsed(
    ending, tmp_path, monkeypatch
):
    from bolton_jsna.core.reading import limits

    path = tmp_path / f"x.{ending}"
    path.write_bytes(b'{"features": [' + b"[]," * 1000 + b"[]]}")
    assert _validate.check(path, what="shapes").rows == 1001
    monkeypatch.setattr(limits, "OBJECTS", 50_000)
    with pytest.raises(SourceError, match=r"more than 50,000 bytes of memory"):
        _validate.check(path, what="shapes")


@pytest.mark.parametrize("make", [corner, wide, packed_text, packed_zip], ids=lambda m: m.__name__)
def test_a_file_by_hand_that_grows_is_one_message(make, workspace, command, is_refused):
    place = workspace / "data" / "raw" / "idaci"
    place.mkdir(parents=True)
    make(place)
    assert is_refused(command("build", memory=3 * 2**30), "'x.")


def test_a_build_from_an_extract_that_grows_leaves_nothing(workspace, command, is_refused):
    path = corner(workspace)
    done = command("build", "--local-records", path, "--kind", "referrals")
    assert is_refused(done, "'x.xlsx'")
    assert [each.name for each in workspace.iterdir() if each.name != "x.xlsx"] == []


@pytest.fixture(scope="module")
def fuzz(root):
    spec = importlib.util.spec_from_file_location("fuzz", root / "benchmarks" / "fuzz_readers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_damaged_old_workbooks_never_end_the_process(fuzz, workspace, command, is_refused):
    """Four of these panic or abort in the library that reads workbooks."""
    sound = fuzz.examples.old_workbook(fuzz.examples.RECORDS)
    path = workspace / "x.xls"
    for number in (0, 53, 69, 101, 150):
        maker = random.Random(f"350/xls/{number}")  # noqa: S311 (a case of the fuzz)
        path.write_bytes(fuzz.changed(maker.choice([sound]), maker) if number else sound)
        done = command("check", path, "--kind", "referrals")
        assert (done.returncode == 0) if number == 0 else is_refused(done, "'x.xls'")
        assert fuzz.examples.CANARY not in done.stdout + done.stderr


def test_what_is_read_apart_is_what_was_written(fuzz, workspace):
    """The process of its own hands back every row, also of cells that are no plain text."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Child ID", "Date", "Postcode", "Source"])
    for n in range(2500):
        book.active.append([f"a{n}", "2024-05-03", "BL1 1AP", "x\x0ay é 😀" if n % 2 else None])
    book.save(workspace / "x.xlsx")
    found = local_records.read(workspace / "x.xlsx", kind="referrals")
    assert found.records["child_id"].tolist() == [f"a{n}" for n in range(2500)]
    assert found.records["referral_source"].dropna().unique().tolist() == ["x\ny é 😀"]
    assert found.rows["row"].tolist() == list(range(2, 2502))


def test_a_workbook_is_parsed_once_and_its_process_ends(workspace, monkeypatch):
    from bolton_jsna.core.reading.isolated import IsolatedReader
    from bolton_jsna.tables.local import cells as local_cells

    started = []
    before = IsolatedReader._started
    monkeypatch.setattr(
        IsolatedReader, "_started", staticmethod(lambda: started.append(before()) or started[-1])
    )
    path = workbook(workspace / "x.xlsx", HEADINGS)
    assert not local_counts.are_counts(path)
    local_records.read(path, kind="referrals")
    assert len(started) == 1
    assert not local_cells._LAST
    # It ends with the object that asks it, which may be part of a circle of references.
    gc.collect()
    assert started[0].wait(timeout=30) is not None


@pytest.mark.skipif(os.name != "posix", reason="a process is stopped by a signal of POSIX")
def test_a_reader_that_takes_too_long_is_ended(workspace, monkeypatch):
    from bolton_jsna.core.reading import limits
    from bolton_jsna.core.reading.isolated import IsolatedReader

    monkeypatch.setattr(limits, "SECONDS", 0.5)
    file = IsolatedReader(
        "time:sleep", b"", name="x.xlsx", damaged="is damaged", advice="Try again."
    )
    file._send({"ask": "names"})
    monkeypatch.setattr(file, "_send", lambda *_: None)
    file._process.send_signal(signal.SIGSTOP)  # as a library that hangs
    with pytest.raises(BoltonJsnaError, match=r"was not read within 0\.5 seconds"):
        file.ask(ask="names")


def test_the_short_fuzz_finds_nothing(fuzz, monkeypatch, capfd):
    """Every kind of file in turn, damaged at random: read, or refused in the family's words."""
    import time

    monkeypatch.delenv("BOLTON_JSNA_REFERENCE_DATA", raising=False)
    found = fuzz.run("mixed", 2026, 150, time.monotonic() + 300)
    assert set(found) == {"read", "refused"}, (found, capfd.readouterr().out)
    assert sum(found.values()) == 150


@pytest.mark.skipif(os.name != "posix", reason="the fuzz waits in the manner of POSIX")
def test_a_case_of_the_fuzz_is_late_only_the_second_time(fuzz, monkeypatch):
    import time
    from collections import Counter

    monkeypatch.setattr(fuzz, "SECONDS", 0.1)
    found, late = Counter(), set()
    for expected in (7, 8):
        sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
        with subprocess.Popen(sleeping, stdout=subprocess.PIPE) as child:
            first = fuzz.watch(child, "csv", 7, found, time.monotonic() + 60, late=late)
            child.kill()
        assert first == expected
    assert found == {"late": 1}
