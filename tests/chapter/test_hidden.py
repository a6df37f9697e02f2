"""An intruder reads the chapter: it is the same whatever the hidden counts are."""

from importlib import resources

import numpy as np
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


def counted_alike(records):
    """Return what the records of a kind share that are counted in the same years."""
    dates, ends = records["date"].astype(str), records["end_date"].astype(str)
    ended = records["end_date"].notna()
    found = records["kind"].astype(object)
    for year in range(2020, 2026):
        day = f"{year}-03-31"
        before = (dates <= day) & ~((records["kind"] == "plan") & ended & (ends <= day))
        found = found + before.map({True: "1", False: "0"})
    return found


def shuffled(records):
    """The same counts by ward, sex and category, each of other children; other ids and order."""
    rng = np.random.default_rng(1)
    found = records.copy()
    for _, rows in records.groupby(counted_alike(records)):
        for columns in (["lsoa_code", "postcode", "ward"], ["sex"], ["category"]):
            other = rng.permutation(rows.index)
            found.loc[rows.index, columns] = records.loc[other, columns].to_numpy()
    ids = found["child_id"].drop_duplicates()
    names = dict(zip(ids, rng.permutation(ids.to_numpy()), strict=True))
    found["child_id"] = found["child_id"].map(names)
    return found.sample(frac=1, random_state=1)


def other_hidden_groups(records, counts):
    """Other numbers in groups that are hidden, or shown only together with others."""
    by_source = counts[(counts["by"] == "referral source") & (counts["group"] != "All")]
    assert (by_source["status"] == "suppressed").all()
    found = records.copy()
    found.loc[found["referral_source"] == "Police", "referral_source"] = "Schools"
    assert "Under 1 and unborn" in set(counts["group"])
    babies = found.index[(found["kind"] == "referral") & (found["age"] == 0)]
    found.loc[babies[-3:], "age"] = -1
    return found


def test_other_records_with_the_same_shown_counts_make_the_same_chapter(records, tmp_path):
    """A child is in another hidden ward, and everything that no table shows is at random."""
    given, before = chapter_of(records, tmp_path / "before.csv")
    alike = counted_alike(records)
    open_plans = records[alike.str.startswith("plan") & alike.str.endswith("1")]
    counts = open_plans["ward"].value_counts()
    wards = given.tables["ward_profile"]
    hidden = set(wards.loc[wards["plans_status"] == "suppressed", "area_code"])
    source, goal = sorted(each for each in hidden if 2 <= counts.get(each, 0) <= 4)[:2]
    moved = records.copy()
    # One that was not counted in an earlier year, whose counts are others.
    new = open_plans[alike[open_plans.index] == "plan000001"]
    child = new.index[new["ward"] == source][0]
    moved.loc[child, "lsoa_code"] = records.loc[records["ward"] == goal, "lsoa_code"].iloc[0]
    moved.loc[child, "postcode"] = None
    other = shuffled(other_hidden_groups(moved, given.tables["local_counts"]))
    assert (other["ward"].to_numpy() != records["ward"].to_numpy()).mean() > 0.5
    after_given, after = chapter_of(other, tmp_path / "after.csv")
    assert len(before) > 500
    assert after == before
    assert after_given.notes == given.notes
    for name, table in given.tables.items():
        pd.testing.assert_frame_equal(after_given.tables[name], table)
