"""Children in need: every file that DfE published, against its own cells and published figures."""

import csv
import gzip
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest

from bolton_jsna.core.areas import find
from bolton_jsna.tables import children_in_need
from bolton_jsna.tables.children_in_need.layouts import layouts, wide_heading, words

pytestmark = pytest.mark.reference

SINCE_2013 = {
    # file: (layout, release, authorities)
    "b1_children_in_need_2013_to_2022.csv.gz": ("b1", "2022", 156),
    "b1_children_in_need_2013_to_2025.csv.gz": ("b1", "2025", 158),
    "b3_cin_primary_need_2013_to_2022.csv.gz": ("b3", "2022", 156),
    "c1_children_in_need_referrals_and_rereferrals_2013_to_2022.csv.gz": ("c1", "2022", 156),
    "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv.gz": ("c1", "2025", 158),
    "c4_children_in_need_section_47s_and_icpcs_2013_to_2022.csv.gz": ("c4", "2022", 156),
    "c5_children_in_need_referrals_by_source_2014_to_2022.csv.gz": ("c5", "2022", 156),
    "d1_child_protection_plans_2013_to_2022.csv.gz": ("d1", "2022", 156),
    "d2_cpps_starting_by_category_of_abuse_2013_to_2022.csv.gz": ("d2", "2022", 156),
    "d3_cpps_subsequent_plan_2013_to_2025.csv.gz": ("d3", "2025", 158),
    "d4_cpps_at31march_by_category_of_abuse_2013_to_2022.csv.gz": ("d4", "2022", 156),
    "d5_cpps_at31march_by_duration_2013_to_2025.csv.gz": ("d5", "2025", 158),
}
WIDE = {
    "cin_2009_10_osr28-2010ud.csv": 2010,
    "cin_2010_11_osr26-2011ud.csv": 2011,
    "cin_2011_12_SFR27-2012ud.csv": 2012,
    "cin_2012_13_SFR45-2013ud.csv": 2013,
}
CLA = "cla_number_and_rate_per_10k_children.csv.gz"
NOW = {"c": "suppressed", "x": "not_available", "z": "not_applicable", "u": "low"} | {
    ":": "not_available",
    "..": "not_available",
    "": "not_available",
}
THEN = {"x": "suppressed", "..": "not_available", "": "not_available"}


@pytest.fixture(scope="module")
def folder(reference) -> Path:
    return reference / "safeguarding"


def raw(file: Path) -> list[dict[str, str]]:
    """Read a file without the library."""
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def states(cells, meanings) -> Counter:
    return Counter(meanings.get(cell.strip(), "value") for cell in cells)


def one(table, indicator, year, area="E08000001"):
    rows = table[
        (table["indicator"] == indicator) & (table["year"] == year) & (table["area_code"] == area)
    ]
    assert len(rows) == 1
    return rows.iloc[0]


@pytest.mark.parametrize("name", SINCE_2013)
def test_every_release_keeps_every_row_and_every_marker(folder, name):
    kind, release, authorities = SINCE_2013[name]
    table = children_in_need.read(folder / name)
    rows = raw(folder / name)
    layout = next(each for each in layouts() if each.file == kind and each.covers(int(release)))
    assert set(table["release"]) == {release}
    assert set(table["source"]) == {f"children_in_need@{release}"}
    levels = table.groupby("area_level")["area_code"].nunique()
    assert dict(levels) == {"country": 1, "region": 11, "authority": authorities}
    # 151 to 153 authorities in being in each year
    each_year = table[table["area_level"] == "authority"].groupby("year")["area_code"].nunique()
    assert each_year.between(151, 153).all()
    assert set(table["indicator"]) == set(layout.figures)
    printed = {heading.casefold(): heading for heading in rows[0]}
    for indicator, (count, *rates) in layout.figures.items():
        part = table[table["indicator"] == indicator]
        assert len(part) == len(rows)
        cells = [row[printed[count.casefold()]] for row in rows]
        assert Counter(part["status"]) == states(cells, NOW)
        numbers = [int(cell) for cell in cells if cell not in NOW]
        assert int(part["count"].sum()) == sum(numbers)
        assert part["count"].notna().sum() == len(numbers)
        rate = next((printed[each.casefold()] for each in rates if each.casefold() in printed), "")
        cells = [row[rate] if rate else "" for row in rows]
        assert Counter(part["published_rate_status"]) == states(cells, NOW)
        assert part["published_rate"].sum() == pytest.approx(
            sum(float(cell) for cell in cells if cell not in NOW)
        )


def test_markers_counted_by_hand(folder):
    """Counts of markers taken from the published files with grep, free of the layouts."""
    c1 = children_in_need.read(
        folder / "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv.gz"
    )
    again = Counter(c1.loc[c1["indicator"] == "re_referrals", "status"])
    assert again == {"value": 2105, "suppressed": 12, "not_available": 12, "low": 3}
    d1 = children_in_need.read(folder / "d1_child_protection_plans_2013_to_2022.csv.gz")
    plans = d1[d1["indicator"] == "cpp_at_31_march"]
    assert Counter(plans["status"]) == {"value": 1621, "suppressed": 14, "not_available": 3}
    assert Counter(plans["published_rate_status"])["not_available"] == 5


@pytest.mark.parametrize("name", WIDE)
def test_the_old_wide_files_keep_every_row_and_every_marker(folder, name):
    year = WIDE[name]
    table = children_in_need.read(folder / name)
    rows = raw(folder / name)
    assert set(table["release"]) == {str(year)}
    assert set(table["year"]) == {year}
    assert table[table["area_level"] == "authority"]["area_code"].nunique() == 152
    assert table["population"].notna().all()
    printed = {heading.casefold(): heading for heading in rows[0]}
    for kind, column in (("count", "status"), ("rate", "published_rate_status")):
        for indicator, templates in words()["wide"][kind].items():
            part = table[table["indicator"] == indicator]
            names = [wide_heading(each, year).casefold() for each in templates]
            heading = next((printed[each] for each in names if each in printed), None)
            if part.empty:
                assert heading is None
                continue
            assert len(part) == 153
            cells = [row[heading] if heading else "" for row in rows]
            assert Counter(part[column]) == states(cells, THEN)


def test_the_2012_chapter_figures(folder):
    """SFR27/2012: the figures of the 2012 safeguarding chapter."""
    table = children_in_need.read(folder / "cin_2011_12_SFR27-2012ud.csv")
    golden = {
        # indicator: (Bolton's count, its rate, England's rate)
        "referrals": (3916, 606, 533.5),
        "cpp_started": (252, 39, 46),
        "cpp_at_31_march": (236, 36.5, 37.8),
    }
    for indicator, (count, rate, england) in golden.items():
        bolton = one(table, indicator, 2012)
        assert (bolton["count"], bolton["published_rate"]) == (count, rate)
        assert bolton["population"] == 64600
        assert one(table, indicator, 2012, "E92000001")["published_rate"] == england


def test_a_published_rate_belongs_to_its_release(folder):
    old = children_in_need.read(
        folder / "c1_children_in_need_referrals_and_rereferrals_2013_to_2022.csv.gz"
    )
    assert one(old, "referrals", 2022)["published_rate"] == 823.3
    new = children_in_need.read(
        folder / "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv.gz"
    )
    assert one(new, "referrals", 2022)["count"] == one(old, "referrals", 2022)["count"] == 5675
    assert one(new, "referrals", 2025)["count"] == 3803
    assert one(new, "referrals", 2025, "E92000001")["count"] == 632830
    plans = children_in_need.read(folder / "d5_cpps_at31march_by_duration_2013_to_2025.csv.gz")
    assert one(plans, "cpp_at_31_march", 2025)["count"] == 319
    started = children_in_need.read(folder / "d3_cpps_subsequent_plan_2013_to_2025.csv.gz")
    assert one(started, "cpp_started", 2025)["count"] == 401


def test_the_wrong_code_of_england_in_the_2012_13_file(folder):
    table = children_in_need.read(folder / "cin_2012_13_SFR45-2013ud.csv")
    assert one(table, "referrals", 2013, "E92000001")["count"] == 593500
    assert one(table, "referrals", 2013, "E06000046")["count"] < 5000  # Isle of Wight itself


@pytest.mark.parametrize("name", ["a1_cin_assessments_episodes", "a2_section47_icpc_cpp"])
def test_englands_series_agree_with_the_files_by_area(folder, name):
    series = children_in_need.read(next(folder.glob(f"{name}*")))
    assert set(series["area_code"]) == {"E92000001"}
    by_area = pd.concat(
        [
            children_in_need.read(next(folder.glob(f"{kind}_*2022.csv.gz")))
            for kind in ("b1", "c1", "c4", "d1")
        ]
    )
    both = series.merge(by_area, on=["area_code", "year", "indicator"], suffixes=("", "_by_area"))
    assert len(both) >= 80
    assert both["count"].equals(both["count_by_area"].rename("count"))
    rates = both[(both["published_rate_status"] == "value")]
    assert (rates["published_rate"] == rates["published_rate_by_area"]).all()


def test_every_rate_of_looked_after_children_follows_from_its_count_and_population(folder):
    """DfE rounds to the nearest whole number, a half upwards.

    It works the rates of regions out before rounding their counts to 10, so that four of them
    differ by one from the rate of the printed count. Those of England and authorities all agree.
    """
    table = children_in_need.read(folder / CLA)
    rows = raw(folder / CLA)
    assert len(table) == len(rows) == 2505
    assert Counter(table["status"]) == states([row["children_count"] for row in rows], NOW)
    assert Counter(table["published_rate_status"]) == states(
        [row["rate_per_10000"] for row in rows], NOW
    )
    assert table["population"].isna().sum() == 42
    assert set(table["source"]) == {"children_looked_after@2025"}
    bolton = one(table, "cla_at_31_march", 2025)
    assert (bolton["count"], bolton["published_rate"], bolton["population"]) == (590, 78, 75599)

    shown = table[(table["published_rate_status"] == "value")]
    assert shown["count"].notna().all()
    assert shown["population"].notna().all()
    assert set(shown["year"]) == {2021, 2022, 2023, 2024, 2025}
    again = [
        int((Decimal(int(count)) * 10000 / int(people)).quantize(Decimal(1), ROUND_HALF_UP))
        for count, people in zip(shown["count"], shown["population"], strict=True)
    ]
    differ = shown[shown["published_rate"] != again]
    assert set(differ["area_level"]) == {"region"}
    assert len(differ) == 4
    assert len(shown[shown["area_level"] == "authority"]) == 2267


PANEL = {
    "OSR28/2010": ("2010", THEN),
    "OSR26/2011": ("2011", THEN),
    "SFR27/2012": ("2012", THEN),
    "CIN 2021-22 release": ("2022", NOW),
    "CIN 2024-25 release": ("2025", NOW),
}


def test_the_independent_panel_agrees_cell_by_cell(folder):
    """16,916 rows of four indicators, 2010 to 2025, put together without this library."""
    names = [
        *list(WIDE)[:3],
        *(each for each, what in SINCE_2013.items() if what[0] in {"b1", "c1", "d1", "d3", "d5"}),
    ]
    tables = pd.concat([children_in_need.read(folder / each) for each in names])
    # The panel takes the plans of the 2021-22 release from d1, of 2024-25 from d3 and d5.
    ours = tables.set_index(["release", "area_code", "year", "indicator"])
    assert ours.index.is_unique
    panel = raw(folder / "cin_cpp_panel_la_2010_2025_long.csv.gz")
    assert len(panel) == 16916
    differ, rates = [], 0
    status, count = ours["status"].to_dict(), ours["count"].to_dict()
    rate, rate_status = ours["published_rate"].to_dict(), ours["published_rate_status"].to_dict()
    for row in panel:
        release, meanings = PANEL[row["release"]]
        national = row["geographic_level"] == "National"
        place = find("E92000001" if national else row["new_code"] or row["old_la_code"])
        key = (release, place.code, int(row["time_period"]), row["indicator"])
        cell = row["count"].replace(",", "")
        same = status[key] == meanings.get(cell, "value")
        same &= cell in meanings or count[key] == int(cell)
        # The rates of the 2024-25 release in the panel are of another source (LAIT).
        if release != "2025":
            cell = row["rate_per_10000"]
            same &= rate_status[key] == meanings.get(cell, "value")
            same &= cell in meanings or rate[key] == float(cell)
            rates += cell not in meanings
        if not same:
            differ.append((key, row["count"], row["rate_per_10000"]))
    assert differ == []
    assert rates > 7500
