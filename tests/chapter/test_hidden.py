"""An intruder reads the chapter: it is the same whatever the hidden counts are."""

from importlib import resources

import pandas as pd
import pytest

import bolton_jsna as jsna
import chapter_made
from bolton_jsna.chapter.contents import document_of
from bolton_jsna.chapter.document import Bullets, Paragraph, Table


@pytest.fixture(scope="module")
def records():
    """The illustrative records as a council's own, with the ward of each home."""
    held = resources.files("bolton_jsna.snapshot") / "local_records.parquet"
    with resources.as_file(held) as path:
        every = pd.read_parquet(path)
    lookup = jsna.load_lookup("Bolton", of="lsoa21", to="ward23")
    wards = dict(zip(lookup["from_code"], lookup["to_code"], strict=True))
    kept = every.drop(columns=["birth_year_to_march", "illustrative"])
    return kept.assign(ward=kept["lsoa_code"].map(wards))


def chapter_of(records, path):
    """Return what a chapter is made from, and the chapter in words and drawings."""
    records.drop(columns="ward").to_csv(path, index=False)
    given = chapter_made.materials("Bolton", local_records=str(path), accept="a test")
    return given, list(words(document_of(given)))


def words(document):
    for _, section in document.headings():
        yield section.title
        for block in section.blocks:
            if isinstance(block, Paragraph):
                yield block.text
            elif isinstance(block, Bullets):
                yield from (each.text for each in block.items)
            elif isinstance(block, Table):
                yield from (block.title, *block.notes)
                yield from (" ".join(cell.text for cell in row) for row in block.rows)
            else:
                yield from (block.title, block.alt, *block.notes, drawn(block.drawing))


def drawn(drawing):
    """Every figure of a chart, which is less work than its picture; the picture of a map."""
    return drawing.chart.csv() if hasattr(drawing, "chart") else drawing.svg()


def test_a_child_in_another_hidden_ward_changes_nothing(records, tmp_path):
    given, before = chapter_of(records, tmp_path / "before.csv")
    open_plans = records[
        (records["kind"] == "plan")
        & (records["date"].astype(str) <= "2025-03-31")
        & (records["end_date"].isna() | (records["end_date"].astype(str) > "2025-03-31"))
    ]
    counts = open_plans["ward"].value_counts()
    wards = given.tables["ward_profile"]
    hidden = set(wards.loc[wards["plans_status"] == "suppressed", "area_code"])
    source, goal = sorted(each for each in hidden if 2 <= counts.get(each, 0) <= 4)[:2]
    moved = records.copy()
    child = open_plans.index[open_plans["ward"] == source][0]
    moved.loc[child, "lsoa_code"] = records.loc[records["ward"] == goal, "lsoa_code"].iloc[0]
    moved.loc[child, "postcode"] = None
    _, after = chapter_of(moved, tmp_path / "after.csv")
    assert len(before) > 500
    assert after == before
