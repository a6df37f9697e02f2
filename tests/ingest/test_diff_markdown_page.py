"""What the report of a refresh looks like to an officer, and that it counts right."""

import dataclasses
import json
import math
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bolton_jsna import catalogue
from bolton_jsna.building import refresh_text
from bolton_jsna.building.refresh import refresh
from bolton_jsna.core.areas import areas, register
from bolton_jsna.ingest import diff
from bolton_jsna.ingest.diff import Change, _change_json, _markdown_page, area_order

WHEN = "2026-11-24T06:00:00+00:00"
KEY = ("area_code", "year", "indicator", "release")
BOLTON, BURY, ENGLAND, NORTH_WEST = "E08000001", "E08000002", "E92000001", "E12000002"


def page_of(change: Change) -> str:
    return _markdown_page.page([_markdown_page.Run(WHEN, (change,))])


def rows_of(page: str) -> list[list[str]]:
    """The rows of the last table of a page, each as its cells."""
    table = page.rpartition("---:")[2].splitlines()[1:]
    return [
        [cell.strip() for cell in line[1:-1].split("|")] for line in table if line.startswith("|")
    ]


def children(rows: list[tuple], **columns) -> pd.DataFrame:
    """Rows of (area code, year, count, status) as a table of children in need."""
    frame = pd.DataFrame(rows, columns=["area_code", "year", "count", "status"])
    frame["count"] = frame["count"].astype("Int64")
    names = {each.code: each.name for each in register()}
    return frame.assign(
        indicator="cpp_at_31_march",
        release="2025",
        area_name=frame["area_code"].map(names),
        source="x@1",
        **columns,
    )


def compared(old: pd.DataFrame, new: pd.DataFrame, key=KEY, **options) -> Change:
    return diff.compare(old, new, key=key, file="x@1", **options)


def test_names_are_next_to_codes_and_whole_numbers_are_whole():
    old = children([(BOLTON, 2025, 2608, "value")], published_rate=[41.0], population=[64_000.0])
    new = old.assign(count=2610, published_rate=41.25, population=65_000.0)
    new["count"] = new["count"].astype("Int64")
    page = page_of(compared(old, new))
    where = ["Bolton (E08000001)", "2025", "child protection plans at 31 March"]
    assert rows_of(page) == [
        [*where, "population", "64,000", "65,000", "+1,000"],
        [*where, "count", "2,608", "2,610", "+2"],
        [*where, "published rate", "41", "41.25", "+0.25"],
    ]


@pytest.mark.parametrize(
    ("was", "now", "cells"),
    [
        ((7, "value"), (None, "suppressed"), ["7", "suppressed", ""]),
        ((None, "suppressed"), (1007, "value"), ["suppressed", "1,007", ""]),
        ((None, "not_available"), (None, "suppressed"), ["not available", "suppressed", ""]),
        ((7, "value"), (None, "value"), ["7", "not available", ""]),
        ((7, "value"), (9, "modelled"), ["7", "9 (modelled)", "+2"]),
        ((0, "value"), (None, "rounds_to_zero"), ["0", "rounds to zero", ""]),
    ],
)
def test_a_figure_that_is_hidden_reads_so_and_is_one_revision(was, now, cells):
    found = compared(children([(BOLTON, 2025, *was)]), children([(BOLTON, 2025, *now)]))
    assert found.revised == 1
    assert found.revisions[0].column == "count"
    assert rows_of(page_of(found))[0][-3:] == cells
    assert not re.search(r"nan|none|NA", page_of(found))


def test_each_figure_has_the_state_of_its_own():
    old = children(
        [(BOLTON, 2025, 7, "value")], published_rate=[1.5], published_rate_status="value"
    )
    new = old.assign(published_rate=math.nan, published_rate_status="suppressed")
    (revision,) = compared(old, new).revisions
    assert (revision.column, revision.new_state) == ("published_rate", "suppressed")


def test_areas_of_the_refresh_come_first_then_neighbours_then_england_then_the_largest(tmp_path):
    ranks = area_order.ranks(areas("Bolton"), tmp_path)
    near = next(code for code, place in ranks.items() if place == 1 and code.startswith("E0800"))
    far = [each.code for each in register() if each.level == "authority"]
    far = [code for code in far if code not in ranks][:2]
    codes = [far[0], NORTH_WEST, ENGLAND, near, far[1], BOLTON]
    old = children([(code, 2025, 100, "value") for code in codes])
    new = children(
        [(code, 2025, 100 + 10 * (6 - n), "value") for n, code in enumerate(codes)]
    ).sample(frac=1, random_state=1)
    found = [each.where["area_code"] for each in compared(old, new, ranks=ranks).revisions]
    assert found == [BOLTON, near, ENGLAND, NORTH_WEST, far[0], far[1]]


def test_the_neighbours_are_those_of_the_workspace(live, tmp_path, session):
    assert set(area_order.ranks(areas("Rochdale"), tmp_path).values()) == {0}
    refresh(workspace=tmp_path, only="statistical_neighbours@2025", session=session)
    found = area_order.ranks(areas("Rochdale"), tmp_path)
    near = {
        each.code
        for place, listed in live.world.neighbours("2025")
        if place.name == "Rochdale"
        for each, _ in listed
    }
    assert {code for code, place in found.items() if place == 1} >= near


def test_a_long_table_is_cut_and_says_how_many_more_in_how_many_areas():
    codes = [each.code for each in register() if each.level == "authority"][:100]
    old = children([(code, year, 9, "value") for code in codes for year in (2023, 2024, 2025)])
    found = compared(old, old.assign(count=old["count"] + 1))
    assert (found.revised, len(found.revisions), found.beyond) == (300, diff.MOST, 87)
    page = page_of(found)
    assert len(rows_of(page)) == diff.SHOWN == 40
    assert "And 260 more in 87 areas." in page


def test_what_rows_were_added_and_removed_is_said_in_words():
    old = children([(BOLTON, 2024, 1, "value"), (BURY, 2010, 2, "value")])
    new = children(
        [(code, year, 1, "value") for code in (BOLTON, ENGLAND) for year in (2024, 2025)]
    )
    page = page_of(compared(old, new))
    words = "indicator child protection plans at 31 March"
    assert f"- Rows added: 3 (year 2024, 2025; {words}; 1 authority, 1 country)." in page
    assert f"- Rows removed: 1 (year 2010; {words}; 1 authority)." in page


def test_a_kind_of_figure_that_is_no_longer_published_is_one_line():
    """As the rates of referrals in 2025; a figure revised at the same time is not buried."""
    codes = [each.code for each in register() if each.level == "authority"][:50]
    old = children([(code, 2025, 9, "value") for code in codes])
    old = old.assign(published_rate=1.5, published_rate_status="value")
    new = old.assign(published_rate=math.nan, published_rate_status="not_available")
    new.loc[7, "count"] = 8
    found = compared(old, new)
    assert [(each.column, each.new) for each in found.revisions] == [("count", 8)]
    assert str(found) == "1 figure revised, 1 kind of figure no longer published"
    words = "published rate of child protection plans at 31 March (50)"
    assert f"- No longer in the file: {words}." in page_of(found)
    back = compared(new, old)
    assert str(back) == "1 figure revised, 1 new kind of figure"
    assert f"- In the file for the first time: {words}." in page_of(back)
    # Hidden is another thing: each such figure is named.
    hidden = new.assign(published_rate_status="suppressed")
    assert compared(old, hidden).revised == 51


def test_lsoas_wards_and_neighbours_have_their_names():
    lsoa = pd.DataFrame(
        {"lsoa_code": ["E01004766"], "lsoa_name": ["Bolton 005A"], "edition": [2025], "s": [0.1]}
    )
    page = page_of(compared(lsoa, lsoa.assign(s=0.2), key=("lsoa_code", "edition")))
    assert rows_of(page) == [["Bolton 005A (E01004766)", "2025", "s", "0.1", "0.2", "+0.1"]]
    near = pd.DataFrame(
        {
            "area_code": [BOLTON],
            "area_name": ["Bolton"],
            "model": ["2025"],
            "rank": [1],
            "neighbour_code": [BURY],
            "neighbour_name": ["Bury"],
        }
    )
    new = near.assign(neighbour_code="E08000005", neighbour_name="Rochdale")
    page = page_of(compared(near, new, key=("area_code", "model", "rank")))
    cells = ["Bolton (E08000001)", "2025", "1", "neighbour"]
    assert rows_of(page) == [[*cells, "Bury (E08000002)", "Rochdale (E08000005)", ""]]


def test_an_lsoa_that_moves_to_another_ward_is_one_line():
    old = pd.DataFrame(
        {
            "from_code": ["E01004766", "E01004767"],
            "from_name": ["Bolton 005A", "Bolton 005B"],
            "to_code": ["E05014818", "E05014818"],
            "to_name": ["Astley Bridge", "Astley Bridge"],
        }
    )
    new = old.assign(to_code=["E05014819", "E05014818"], to_name=["Bradshaw", "Astley Bridge"])
    found = compared(old, new, key=("from_code", "to_code"))
    assert (found.added, found.removed, found.revised) == (0, 0, 1)
    assert rows_of(page_of(found)) == [
        [
            "Bolton 005A (E01004766)",
            "larger area",
            "Astley Bridge (E05014818)",
            "Bradshaw (E05014819)",
            "",
        ]
    ]
    # Where a small area is shared between several, each share is a row.
    shared = pd.concat([old, new.assign(share=0.5)])
    assert compared(old, shared, key=("from_code", "to_code")).added == 1


# ---------------------------------------------------------------- another publisher
@pytest.mark.parametrize("name", ["children_in_need@latest/plans", "children_looked_after@latest"])
def test_a_switch_from_fingertips_to_dfe_and_back_is_reported_as_one(
    live, tmp_path, session, monkeypatch, name
):
    live.fault("status", match="/ees_", code=503)
    refresh(workspace=tmp_path, only=name, session=session)
    live.faults.clear()
    live.world.revise(name.partition("@")[0])
    record = refresh(workspace=tmp_path, only=name, session=session, fresh_hours=0)
    (change,) = record.changes
    dfe, ohid = "DfE's Explore education statistics", "OHID Fingertips"
    assert (change.service, change.service_before) == ("ees", "fingertips")
    assert change.both > 500
    # Bolton's own figures and those of the country and the region that it is in.
    assert 0 < change.revised == len(change.revisions) < 30
    assert change.revisions[0].where["area_code"] == BOLTON
    assert {each.column for each in change.revisions} <= {"count", "population", "published_rate"}
    assert change.only_now > change.only_before > 0
    assert (change.columns_renamed, change.columns_added, change.new_editions) == ((), (), ())
    line = refresh_text.outcome_line(record.outcomes[0])
    assert f"updated    {name}: now from {dfe}, before from {ohid}: " in line
    assert "revised" not in line
    assert "renamed" not in line
    page = (tmp_path / diff.REPORT).read_text().partition("\n# ")[0]
    assert f"Now from {dfe}, before from {ohid}. Figures that both copies have: " in page
    assert "- Rows only now: " in page
    assert rows_of(page)[0][0] == "Bolton (E08000001)"
    # And back, where the catalogue names the other service first.
    (edition,) = catalogue.editions(name)
    other = {**catalogue._catalogue()}
    other[edition.dataset] = dataclasses.replace(
        other[edition.dataset],
        editions=(dataclasses.replace(edition, ways=edition.ways[::-1]),),
    )
    monkeypatch.setattr(catalogue, "_catalogue", lambda: other)
    (back,) = refresh(workspace=tmp_path, only=name, session=session, force=True).changes
    assert back.switched == f"now from {ohid}, before from {dfe}"
    assert (back.both, back.only_now) == (change.both, change.only_before)


def test_figures_of_two_publishers_that_round_to_the_same_are_the_same():
    old = children(
        [(BOLTON, 2025, 7, "value"), (BURY, 2025, 8, "value")], published_rate=[41.2, 43.0]
    )
    new = old.assign(published_rate=[41.2499, 43.07])
    found = compared(old, new, services=("ees", "fingertips"))
    assert [(each.where["area_code"], each.new) for each in found.revisions] == [(BURY, 43.07)]
    assert compared(old, new, services=("ees", "ees")).revised == 2
    assert (found.both, found.only_before, found.only_now) == (4, 0, 0)


# ---------------------------------------------------------------- properties
FIGURE = st.one_of(st.none(), st.integers(0, 5_000))
ROWS = st.dictionaries(
    st.tuples(st.sampled_from([BOLTON, BURY, ENGLAND, "E06000001"]), st.integers(2020, 2025)),
    st.tuples(FIGURE, st.sampled_from(["value", "suppressed"])),
    max_size=12,
)


def table_of(rows: dict) -> pd.DataFrame:
    return children(
        [
            (
                *key,
                None if state != "value" else count,
                state if count is not None else "suppressed",
            )
            for key, (count, state) in rows.items()
        ]
    )


@given(old=ROWS, new=ROWS)
@settings(max_examples=40, deadline=None)
def test_counts_are_those_of_the_rows_one_by_one(old, new):
    before, after = table_of(old), table_of(new)
    were = dict(
        zip(old, before["count"].astype(object).where(before["count"].notna(), None), strict=True)
    )
    are = dict(
        zip(new, after["count"].astype(object).where(after["count"].notna(), None), strict=True)
    )
    found = compared(before, after)
    both = set(were) & set(are)
    assert (found.added, found.removed) == (len(are) - len(both), len(were) - len(both))
    expected = {key: (were[key], are[key]) for key in both if were[key] != are[key]}
    assert {
        (each.where["area_code"], each.where["year"]): (each.old, each.new)
        for each in found.revisions
    } == expected
    assert found.revised == len(expected)
    assert compared(after, after.iloc[::-1]).revised == 0
    # Of another publisher every figure is counted once.
    switched = compared(before, after, services=("ees", "fingertips"))
    figures = [sum(value is not None for value in each.values()) for each in (were, are)]
    assert switched.both + switched.only_before == figures[0]
    assert switched.both + switched.only_now == figures[1]
    assert switched.revised == sum(None not in pair for pair in expected.values())


@given(
    texts=st.lists(st.text(max_size=40), min_size=3, max_size=3),
    number=st.one_of(st.none(), st.floats(), st.integers(-(2**80), 2**80)),
)
@settings(max_examples=60, deadline=None)
def test_any_text_and_number_is_written_read_and_printed_safely(texts, number):
    old = pd.DataFrame(
        {"area_code": [texts[0]], "area_name": [texts[1]], "n": [number], "t": ["a"]}
    )
    new = old.assign(n=1.5, t=texts[2])
    found = diff.compare(
        old.astype({"n": object}),
        new,
        key=("area_code",),
        file="x@1",
        headings=([texts[1]], [texts[2]]),
    )
    text = _change_json.text_of(_change_json.facts_of(found))
    assert _change_json.change_of(json.loads(text)) == found
    page = page_of(found)
    assert page.replace("\n", "").isprintable()
    assert "<" not in page
    widths = [re.sub(r"\\\|", "", line).count("|") for line in page.splitlines() if line[:1] == "|"]
    assert set(widths) <= {7, 6}
