"""Time a million referral rows from the file to counts by ward and year, and take their memory.

    python benchmarks/local_records.py [ROWS] [FORMAT ...]

The rows are illustrative: made up with a fixed seed for this measurement, on Bolton's postcodes, in
the layout of Ofsted's Annex A with birth dates. Each format (csv, parquet, xlsx) is read in an
interpreter of its own, so that the most memory is its own: file to records, homes placed in
LSOAs, counted by LSOA and, with all margins, by ward, year and category and by age and year; these
two linked tables protected. Wall time on a busy machine says little: the processor time stands
beside it.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from bolton_jsna import snapshot

ROWS = 1_000_000
LIMIT_SECONDS = 30
LIMIT_GIGABYTES = 2
CHUNK = 10_000

MEASURE = """
import json, resource, sys, time
began = time.perf_counter()
import bolton_jsna as jsna
from bolton_jsna.disclosure.rules import LOCAL
from bolton_jsna.measures.event_counts import count_events
found = jsna.load_local_records(sys.argv[1])
read = time.perf_counter()
lookup = jsna.load_lookup("Bolton")
years = range(2016, 2026)
by = ["area_code", "year", "category"]
tables = jsna.linked_counts(
    found.records, "referrals", years=years, tables=[by, ["age_band", "year"]], lookup=lookup
)
by = ["lsoa_code", "year"]
lsoas = count_events(found.records, "referrals", years=years, by=by, lookup=lookup)
counted = time.perf_counter()
shown = jsna.suppress(tables, rule=LOCAL)
print(json.dumps({
    "protect": time.perf_counter() - counted,
    "hidden": sum(int(table["count"].isna().sum()) for table in shown.values()),
    "records": len(found.records),
    "rejects": len(found.rejects), "cells": sum(map(len, shown.values())),
    "counted": int(lsoas["count"].sum()), "read": read - began,
    "wall": time.perf_counter() - began, "processor": time.process_time(),
    "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
}))
"""


def made_up(rows: int) -> dict[str, list[str]]:
    """Return columns of text, the same for the same number of rows."""
    maker = np.random.default_rng(350)
    homes = snapshot.read("postcodes@2025")["postcode"].to_numpy(dtype=object)
    days = np.datetime64("2015-04-01") + maker.integers(0, 3653, rows)
    born = days - maker.integers(0, 6500, rows)

    def british(given: np.ndarray) -> list[str]:
        known, codes = np.unique(given, return_inverse=True)
        texts = np.array([f"{day.astype(object):%d/%m/%Y}" for day in known], dtype=object)
        return texts[codes].tolist()

    return {
        "Child Unique ID": [f"X{each:07d}" for each in maker.integers(0, rows * 11 // 20, rows)],
        "Gender": maker.choice(["a) Male", "b) Female"], rows).tolist(),
        "Ethnicity": maker.choice(["a) WBRI", "k) APKN", "h) MWAS"], rows).tolist(),
        "Date of Birth": british(born),
        "Date of referral": british(days),
        "Referral source": maker.choice(["6: Police", "2A: Schools", "3A: GP"], rows).tolist(),
        "Primary need code": maker.choice(["N1", "N2", "N4", "N5"], rows).tolist(),
        "Postcode": maker.choice(homes, rows).tolist(),
    }


def write(columns: dict[str, list[str]], path: Path) -> None:
    """Write columns in the format of the file's ending."""
    if path.suffix == ".csv":
        pd.DataFrame(columns).to_csv(path, index=False)
    elif path.suffix == ".parquet":
        pd.DataFrame(columns).to_parquet(path, index=False)
    else:
        write_sheet(columns, path)


def write_sheet(columns: dict[str, list[str]], path: Path) -> None:
    """Write a workbook of one sheet; openpyxl takes minutes for a million rows."""
    spread = "http://schemas.openxmlformats.org"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{spread}/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{spread}/package/2006/relationships">'
        f'<Relationship Id="a" Type="{spread}/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{spread}/spreadsheetml/2006/main" '
        f'xmlns:r="{spread}/officeDocument/2006/relationships"><sheets>'
        '<sheet name="Data" sheetId="1" r:id="a"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{spread}/package/2006/'
        f'relationships"><Relationship Id="a" Type="{spread}/officeDocument/2006/relationships/'
        'worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            head = f'<worksheet xmlns="{spread}/spreadsheetml/2006/main"><sheetData>'
            sheet.write(head.encode())
            rows = [list(columns), *zip(*columns.values(), strict=True)]
            for start in range(0, len(rows), CHUNK):
                sheet.write("".join(map(row_of, rows[start : start + CHUNK])).encode())
            sheet.write(b"</sheetData></worksheet>")


def row_of(row: list[str] | tuple[str, ...]) -> str:
    """Return a row of a sheet as XML."""
    cells = (f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in row)
    return f"<row>{''.join(cells)}</row>"


def main(rows: int, formats: list[str]) -> None:
    """Print the seconds and the memory of each format beside what is allowed."""
    print(f"{rows:,} illustrative referral rows to protected ward counts")
    columns = made_up(rows)
    with tempfile.TemporaryDirectory() as folder:
        for ending in formats:
            path = Path(folder) / f"referrals.{ending}"
            write(columns, path)
            run = subprocess.run(
                [sys.executable, "-c", MEASURE, str(path)],
                capture_output=True,
                text=True,
                check=True,
            )
            found = json.loads(run.stdout)
            well = found["processor"] < LIMIT_SECONDS and found["gigabytes"] < LIMIT_GIGABYTES
            print(
                f"{ending:<8} {path.stat().st_size / 1e6:>6.0f} MB: read {found['read']:.1f} s, in "
                f"all {found['wall']:.1f} s (processor {found['processor']:.1f} s), at most "
                f"{found['gigabytes']:.2f} GB; {found['records']:,} records, {found['rejects']:,} "
                f"rejects, {found['counted']:,} events counted, {found['cells']:,} linked cells "
                f"protected in {found['protect']:.1f} s ({found['hidden']} hidden)"
                f"{'' if well else ' (more than allowed)'}"
            )
    busy = f", {os.getloadavg()[0]:.1f} wanted" if hasattr(os, "getloadavg") else ""
    print(f"allowed: {LIMIT_SECONDS} s on two cores, {LIMIT_GIGABYTES} GB")
    print(f"here: {os.cpu_count()} cores{busy}")


if __name__ == "__main__":
    given = sys.argv[1:]
    number = int(given.pop(0)) if given and given[0].isdigit() else ROWS
    main(number, given or ["csv", "parquet", "xlsx"])
