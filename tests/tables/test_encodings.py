"""Text in every usual encoding, and blanks that nobody sees: the same figures, or a message."""

import codecs
import struct
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError, SourceError
from bolton_jsna.ingest import _validate
from bolton_jsna.maps._joining import join
from bolton_jsna.tables import boundaries, lookups
from bolton_jsna.tables.local import _cin_census
from bolton_jsna.tables.local import counts as local_counts
from bolton_jsna.tables.local import records as local_records

ENCODINGS = {
    "utf-8": str.encode,
    "utf-8 with its mark": lambda text: text.encode("utf-8-sig"),
    "utf-16-le with its mark": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16-be with its mark": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "utf-32 with its mark": lambda text: text.encode("utf-32"),
    "windows-1252": lambda text: text.encode("cp1252"),
}
LSOAS = "LSOA21CD,LSOA21NM,WD24CD,WD24NM,LAD24CD,LAD24NM\n" + (
    "W01000001,Ynys Môn 001A,W05000001,Môn,W06000001,Ynys Môn\n"
)
RECORDS = "Child ID;Date of referral;Postcode;Category;Ethnicity\n" + (
    "1;3/5/2024;BL1 1AP;N1 € Abusé;Any other\n2;13/5/2024;BL1 1AP;Café;Any other\n"
)
COUNTS = "Ward code,Ward name,Year,Réferrals,Referrals\nE05014818,Môn,2024-25,0,12\n"
MAPPING = '# Fälle € año\n[columns]\nchild_id = "Kind-Nr. ß"\n'
SHAPE = '{"type": "Polygon", "coordinates": [[[-3, 53], [-3, 53.1], [-3.1, 53], [-3, 53]]]}'
FEATURES = (
    '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": '
    f'{{"WD23CD": "W05000001", "WD23NM": "Ynys Môn € é"}}, "geometry": {SHAPE}}}]}}'
)
RETURN = (
    "<Message><Header><Year>2025</Year></Header><Children><Child><ChildIdentifiers>"
    "<LAchildID>añ1</LAchildID></ChildIdentifiers><CINdetails><CINreferralDate>2024-05-03"
    "</CINreferralDate></CINdetails></Child></Children></Message>"
)


def _records(path):
    return local_records.read(path).records


def _mapping(path):
    table = path.with_suffix(".csv")
    table.write_text("Kind-Nr. ß,Date of referral\n1,2024-05-03\n", encoding="utf-8")
    return local_records.read(table, columns=path).records


def _shapes(path):
    return pd.DataFrame(boundaries.read(path).drop(columns="geometry"))


def _census(path):
    found = _cin_census.read(path.read_bytes(), name=path.name)
    return pd.DataFrame({"id": found.columns["referral"]["child_id"].texts, "year": found.year})


READERS = {
    "published table": (lookups.read, "a.csv", LSOAS),
    "extract": (_records, "b.csv", RECORDS),
    "counts": (lambda path: local_counts.read(path).counts, "c.csv", COUNTS),
    "mapping": (_mapping, "d.toml", MAPPING),
    "GeoJSON": (_shapes, "e.geojson", FEATURES),
    "census return": (_census, "f.xml", RETURN),
}


@pytest.mark.parametrize("encoding", list(ENCODINGS)[1:])
@pytest.mark.parametrize("reader", READERS)
def test_every_reader_takes_every_usual_encoding(tmp_path, reader, encoding):
    read, name, text = READERS[reader]
    found = []
    for way in ("utf-8", encoding):
        path = tmp_path / way.replace(" ", "_") / name
        path.parent.mkdir()
        path.write_bytes(ENCODINGS[way](text))
        found.append(read(path))
    assert len(found[0])
    pd.testing.assert_frame_equal(*found)


@pytest.mark.parametrize("declared", ["utf-8", "UTF-16", "windows-1252", "iso-8859-1"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le with its mark", "windows-1252"])
def test_a_return_saved_again_is_read_whatever_its_declaration_says(declared, encoding):
    text = f'<?xml version="1.0" encoding="{declared}" standalone="yes"?>{RETURN}'
    found = _cin_census.read(ENCODINGS[encoding](text), name="x.xml")
    (child,) = found.columns["referral"]["child_id"].texts
    # An encoding of one byte that is said is taken at its word.
    assert child == "añ1" or (encoding == "utf-8" and declared in {"windows-1252", "iso-8859-1"})


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_document_type_is_refused_in_every_encoding(encoding):
    text = f'<?xml version="1.0" encoding="utf-8"?><!DOCTYPE x [<!ENTITY a "é">]>{RETURN}'
    with pytest.raises(SourceError, match="declares a document type"):
        _cin_census.read(ENCODINGS[encoding](text), name="x.xml")


def test_a_fetched_table_in_wide_letters_is_looked_at_for_markup_like_any_other(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes("code,name\nE05014818,Môn\n".encode("utf-16"))
    assert _validate.check(path, what="x").columns == ("code", "name")
    path.write_bytes("code,name\nE05014818,<script>\n".encode("utf-16"))
    with pytest.raises(SourceError, match="a tag of a web page"):
        _validate.check(path, what="x")


def shapefile(folder, names, encoding, *, cpg=b"", driver=0):
    """A zipped shapefile whose table is in an encoding that its files may not say."""
    frame = gpd.GeoDataFrame(
        {"WD23CD": [f"W0500000{at}" for at in range(len(names))], "WD23NM": "x" * 40},
        geometry=[shapely.box(-3, 53 + at, -2.9, 53.1 + at) for at in range(len(names))],
        crs=4326,
    )
    frame.to_file(folder / "wards.shp", engine="pyogrio")
    table = bytearray((folder / "wards.dbf").read_bytes())
    head, width = struct.unpack_from("<2H", table, 8)
    table[29] = driver
    for row, name in enumerate(names):
        at = head + row * width + 1 + table[32 + 16]
        cell = name.encode(encoding)
        table[at : at + len(cell)] = cell
        table[at + len(cell) : at + 40] = b" " * (40 - len(cell))
    path = folder / "wards.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for ending in ("shp", "shx", "prj"):
            archive.write(folder / f"wards.{ending}", f"wards.{ending}")
        archive.writestr("wards.dbf", bytes(table))
        if cpg:
            archive.writestr("wards.cpg", cpg)
    return path


WELSH = ["Ynys Môn", "Café Hill"]


@pytest.mark.parametrize(
    ("encoding", "files"),
    [
        ("utf-8", {}),
        ("cp1252", {}),
        ("cp850", {"driver": 2}),
        ("cp850", {"cpg": b"OEM 850"}),
        ("iso8859-1", {"cpg": b"88591"}),
        ("cp1252", {"cpg": b"ANSI 1252\r\n"}),
        # What is said is not so.
        ("utf-8", {"cpg": b"1252"}),
        ("cp1252", {"cpg": b"UTF-8"}),
        ("utf-8", {"driver": 0x57}),
    ],
)
def test_names_of_a_shapefile_are_whole(tmp_path, encoding, files):
    path = shapefile(tmp_path, WELSH, encoding, **files)
    assert boundaries.read(path)["area_name"].tolist() == WELSH


@pytest.mark.parametrize(
    ("encoding", "files", "message"),
    [
        ("cp850", {}, r"2 names in an unknown encoding .*: it has no .cpg file\. Put the"),
        ("mac-roman", {}, "it has no .cpg file"),
        ("cp850", {"cpg": b"UTF-8"}, "its .cpg file has another encoding"),
    ],
)
def test_garbled_names_of_a_shapefile_are_told(tmp_path, encoding, files, message):
    path = shapefile(tmp_path, WELSH, encoding, **files)
    with pytest.raises(SchemaError, match=message):
        boundaries.read(path)


def test_the_advice_on_garbled_names_can_be_followed(tmp_path):
    path = shapefile(tmp_path, WELSH, "cp850")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("wards.cpg", "850")
    assert boundaries.read(path)["area_name"].tolist() == WELSH


BLANKS = ["\N{NO-BREAK SPACE}", "\N{ZERO WIDTH SPACE}", "\N{NARROW NO-BREAK SPACE}", " ", "\ufeff"]


@pytest.mark.parametrize("blank", BLANKS)
def test_blanks_that_nobody_sees_are_no_part_of_codes_and_headings(tmp_path, blank):
    ward = f"E05014818{blank}"
    counts = tmp_path / "c.csv"
    counts.write_text(f"Ward code{blank},Year,Referrals\n{ward},2025{blank},12{blank}\n")
    found = local_counts.read(counts)
    assert found.counts["area_code"].tolist() == ["E05014818"]
    assert found.counts["count"].tolist() == [12]
    lookup = tmp_path / "l.csv"
    lookup.write_text(LSOAS.replace("W05000001", f"W05000001{blank}").replace("NM,", f"NM{blank},"))
    read = lookups.read(lookup)
    assert (read["to_code"].tolist(), read["to_name"].tolist()) == (["W05000001"], ["Môn"])
    shapes = tmp_path / "e.geojson"
    shapes.write_text(FEATURES.replace("WD23CD", f"WD23CD{blank}").replace("001", f"001{blank}"))
    wards = boundaries.read(shapes)
    assert wards["area_code"].tolist() == ["W05000001"]
    own = pd.DataFrame({"area_code": [f"W05000001{blank}"], "rate": [1.5]})
    assert join(own, wards)["rate"].tolist() == [1.5]
    book = tmp_path / "c.xlsx"
    pd.DataFrame({f"Ward code{blank}": [ward], "Year": [2025], "Referrals": [12]}).to_excel(
        book, index=False
    )
    pd.testing.assert_frame_equal(local_counts.read(book).counts, found.counts)


def _lookup(codes):
    return pd.DataFrame(
        {
            "from_code": codes,
            "to_code": "w",
            "to_name": "W",
            "share": np.nan,
            "from_geography": "own",
            "to_geography": "own",
        }
    )


@pytest.mark.parametrize(
    ("here", "there", "message"),
    [
        ([1, 2], ["1", "2"], r"holds numbers \(1, 2\) in the frame and text \('1', '2'\) in the"),
        (["1", "2"], [1, 2], r"holds text \('1', '2'\) in the frame and numbers \(1, 2\) in the"),
        ([1, "2"], [1, 2], r"holds numbers \(1\) and text \('2'\) in the frame"),
    ],
)
def test_numbers_beside_text_are_told_as_that(here, there, message):
    frame = pd.DataFrame({"area_code": pd.Series(here, dtype=object), "n": [3, 4]})
    with pytest.raises(SchemaError, match=message):
        jsna.to_areas(frame.infer_objects(), _lookup(there), sums=["n"])
    shapes = gpd.GeoDataFrame(
        {"area_code": there}, geometry=[shapely.box(-3, 53, -2, 54)] * 2, crs=4326
    )
    with pytest.raises(SchemaError, match=message):
        join(frame, shapes)
    rows = pd.DataFrame({"year": pd.Series(here, dtype=object), "count": 5, "population": 100})
    other = pd.DataFrame({"year": there, "count": 5, "population": 100})
    with pytest.raises(SchemaError, match=message):
        jsna.rate_ratios(rows, other, on=["year"])
