"""Loaders answer the same from a file and from the table of it that was kept, with its sources."""

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.ingest import kept_tables
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.tables import population

AREAS = ("E08000001", "E08000004", "E08000005")
INDEX = "Income Deprivation Affecting Children Index (IDACI)"


def fill(folder):
    """Put a table of projections and one of IDACI into a workspace."""
    years = range(2022, 2026)
    lines = [",".join(["AREA_CODE,AREA_NAME,COMPONENT,SEX,AGE_GROUP", *map(str, years)])]
    for number, code in enumerate(AREAS):
        for age in range(91):
            people = [str(900 + number + age + year % 5) for year in years]
            lines.append(",".join([f"{code},x,Population,persons,{age}", *people]))
    projections = folder / "data/raw/population_projections/2022snpppopulation.csv"
    idaci = folder / "data/raw/idaci/File_7.csv"
    for path in (projections, idaci):
        path.parent.mkdir(parents=True)
    projections.write_text("\n".join(lines).replace(",90,", ",90 and over,"))
    idaci.write_text(
        "LSOA code (2011),LSOA name (2011),Local Authority District code (2019),"
        f"{INDEX} Rank (where 1 is most deprived),"
        f"{INDEX} Decile (where 1 is most deprived 10% of LSOAs)\n"
        "E01004766,Bolton 005A,E08000001,14006.00,5.00\n"
        "E01005000,Oldham 001A,E08000004,1.00,1.00\n"
    )


def asked(workspace):
    """Return tables and their sources, read as a new process would."""
    raw._read.cache_clear()
    found = [
        jsna.load_population_projections("Bolton", years=[2024], workspace=workspace),
        jsna.load_population_projections(["Oldham", "Rochdale"], ages=(5, 9), workspace=workspace),
        jsna.load_idaci("Oldham", edition=2019, workspace=workspace),
    ]
    return [(each, jsna.sources(each, workspace=workspace)) for each in found]


@pytest.mark.parametrize("whole", [True, False], ids=["whole table kept", "rows of areas kept"])
def test_tables_and_sources_are_the_same(whole, tmp_path, monkeypatch):
    fill(tmp_path)
    fresh = asked(tmp_path)
    monkeypatch.setenv("BOLTON_JSNA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(kept_tables, "SMALLEST", 0)
    if whole:
        raw._read.cache_clear()
        raw.table("population_projections", tmp_path)
    asked(tmp_path)
    monkeypatch.setattr(population, "read_projections", None)
    again = asked(tmp_path)
    raw._read.cache_clear()
    for (table, sources), (kept, from_kept) in zip(fresh, again, strict=True):
        pd.testing.assert_frame_equal(table, kept, check_exact=True)
        pd.testing.assert_frame_equal(sources, from_kept, check_exact=True)
        assert "2022snpppopulation.csv" in list(sources["file"]) or "File_7.csv" in list(
            sources["file"]
        )
