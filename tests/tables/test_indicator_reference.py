"""Every indicator of the dictionary, against the cells of the publishers' files."""

import csv
import functools
import re
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest

from bolton_jsna.catalogue.indicators import PER, RATE, dictionary
from bolton_jsna.core.errors import OtherTableError
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.tables import indicators

pytestmark = pytest.mark.reference

BOLTON, ENGLAND = "E08000001", "E92000001"
KEY = ["indicator", "area_code", "year", "breakdown"]
MARKS = {"c": "suppressed", "x": "not_available", "z": "not_applicable", "u": "low"}
POPULATION = "safeguarding_2024/ons_mid-year_population_estimates_2012_to_2023.csv.gz"
NOT_READ = {
    "cin_cpp_panel_la_2010_2025_long.csv.gz",  # made from several files, not DfE's
    "a3_cin_primary_need_by_age_gender_2018_to_2024.csv.gz",
    "d8_cpps_ending_in_first_6months_by_duration_2013_to_2024.csv.gz",
    "headline_figures_2013_to_2024.csv.gz",  # in the other files too
    "ons_mid-year_population_estimates_2012_to_2023.csv.gz",  # population_estimates
    # Cuts of Fingertips without the number of the indicator.
    "fingertips_admissions_self_harm_young_people.csv.gz",
    "fingertips_child_protection_plans.csv.gz",
    "fingertips_children_in_care.csv.gz",
    "fingertips_low_income_families.csv.gz",
    "fingertips_neets.csv.gz",
    "fingertips_school_readiness_fsm.csv.gz",
}
# Last years in the folders, which have neither file d1 after the release of 2022, nor c4 after that
# of 2024, nor the file on young people of 2026.
EARLIER = {
    "cpp_at_any_point": 2022,
    "cpp_children_at_any_point": 2022,
    "section_47": 2024,
    "section_47_children": 2024,
    "icpc": 2024,
    "icpc_within_15_working_days": 2024,
    **{
        name: 2025
        for name, each in dictionary().items()
        if each.dataset == "participation_and_neet"
    },
}
# What the publishers print that their own counts do not give, by more than rounding.
MISMATCHES = {
    # The release of 2025 changed the counts of 2022 and kept the percentages.
    ("second_or_subsequent_plans", "E92000001", 2022, "total"): (22.7, 22.6),
    ("second_or_subsequent_plans", "E12000003", 2022, "total"): (23.6, 22.2),
}
# Two authorities have counts of pupils, and 0 printed as their percentage.
ZEROS = {("E06000058", 2021), ("E06000058", 2022), ("E06000059", 2021), ("E06000059", 2022)}


def figures():
    """Return figures of Bolton and England by file, as they are in the cells of the files."""
    found = defaultdict(list)
    with Path(__file__).with_name("indicator_figures.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found[row["file"]].append(row)
    return found


FIGURES = figures()


@functools.cache
def table(path):
    return indicators.read(path)


def read_all(reference):
    """Return the table of every file of indicators, by its name, and why others have none."""
    tables, others = {}, {}
    for folder in ("safeguarding", "safeguarding_2024", "wider"):
        for path in sorted((reference / folder).glob("*.csv.gz")):
            try:
                tables[f"{folder}/{path.name}"] = table(path)
            except OtherTableError as problem:
                others[path.name] = str(problem)
    return tables, others


def agrees(cell, number, status):
    """Report whether a count is that of a cell of the file, with the state of its marker."""
    if not re.fullmatch(r"[\d.]+", cell):
        return status == MARKS.get(cell, "not_available") and pd.isna(number)
    return status in NUMERIC and number == round(float(cell))


def half(cell):
    """Return by how much a printed figure may differ by its rounding."""
    return 0.5 * 10 ** -len(cell.partition(".")[2]) + 1e-4


def loose(row):
    """Return by how much a share of England may be off because its counts are rounded to 10."""
    per = PER.get(dictionary()[row["indicator"]].unit)
    made = row["area_code"] == ENGLAND and row["count"].isdigit() and row["population"] and per
    return 5 / float(row["population"]) * per if made else 0


def differs(row, found):
    """Return what differs between a figure of the list and the row that was read."""
    problems = []
    if not agrees(row["count"], found["count"], found["count_status"]):
        problems.append(f"count {found['count']} {found['count_status']}")
    has = re.fullmatch(r"[\d.]+", row["population"])
    if has and found["population"] != float(row["population"]):
        problems.append(f"population {found['population']}")
    printed = re.fullmatch(r"[\d.]+", row["value"])
    if printed and found["published_value"] != float(row["value"]):
        problems.append(f"published value {found['published_value']}")
    about = dictionary()[row["indicator"]]
    if has and row["count"].isdigit() and about.unit in PER:
        made = int(row["count"]) / float(row["population"]) * PER[about.unit]
        # Of England the printed share may be nearer than that of its rounded counts.
        known = [made, float(row["value"])] if printed and row["area_code"] == ENGLAND else [made]
        if not any(found["value"] == pytest.approx(each) for each in known):
            problems.append(f"value {found['value']}, not {made}")
    elif printed and found["value"] != float(row["value"]):
        problems.append(f"value {found['value']}")
    if printed and not abs(found["value"] - float(row["value"])) <= half(row["value"]) + loose(row):
        problems.append(f"value {found['value']} printed as {row['value']}")
    return problems


def test_every_indicator_has_figures_of_england_and_unless_national_of_bolton() -> None:
    listed = defaultdict(set)
    for rows in FIGURES.values():
        for row in rows:
            listed[row["indicator"]].add(row["area_code"])
    of_england_only = {name for name, areas in listed.items() if areas == {ENGLAND}}

    assert set(listed) == set(dictionary())
    assert all("England only" in dictionary()[name].note for name in of_england_only)
    assert all({BOLTON, ENGLAND} == listed[name] for name in set(listed) - of_england_only)
    assert len(listed) >= 75


@pytest.mark.parametrize("file", sorted(FIGURES))
def test_figures_are_those_of_the_publisher(reference: Path, file: str) -> None:
    rows = table(reference / file).set_index(KEY)
    assert not rows.index.has_duplicates
    wrong = {}
    for row in FIGURES[file]:
        key = (row["indicator"], row["area_code"], int(row["year"]), row["breakdown"] or "total")
        wrong[key] = differs(row, rows.loc[key]) if key in rows.index else ["no row"]

    assert {key: problems for key, problems in wrong.items() if problems} == {}


def test_every_file_is_read_or_passed_over_by_name(reference: Path) -> None:
    tables, others = read_all(reference)

    assert set(others) == NOT_READ
    assert all(name in message for name, message in others.items())
    assert set(FIGURES) <= set(tables)
    assert {name for each in tables.values() for name in each["indicator"]} == set(dictionary())


def test_first_and_last_years_are_those_of_the_files(reference: Path) -> None:
    tables, _ = read_all(reference)
    rows = pd.concat(tables.values(), ignore_index=True)
    known = rows[rows["status"].isin(NUMERIC) | rows["count_status"].isin(NUMERIC)]
    years = known.groupby("indicator")["year"].agg(["min", "max"])
    # Files of earlier releases, and the wide files before 2013, have earlier years.
    wrong = {
        name: (int(seen["min"]), int(seen["max"]))
        for name, seen in years.iterrows()
        if seen["max"] != EARLIER.get(name, dictionary()[name].last)
        or seen["min"] < dictionary()[name].first
        or (seen["min"] != dictionary()[name].first and not dictionary()[name].figures)
    }

    assert wrong == {}


def test_parts_are_no_more_than_the_whole_and_factors_are_never_added_up(reference: Path) -> None:
    tables, _ = read_all(reference)
    wrong = {}
    for file, rows in tables.items():
        parts = rows[
            rows["breakdown"].ne("total")
            & rows["unit"].eq("per cent")
            & rows["indicator"].ne("free_school_meals_by_ethnic_group")  # each its own denominator
        ]
        sums = parts.groupby(["indicator", "area_code", "year"]).agg(
            count=("count", "sum"), population=("population", "max"), parts=("count", "size")
        )
        # England and regions are rounded to 10, so each part may be 5 too many.
        over = sums["count"] > sums["population"] + 5 * sums["parts"]
        if over.any():
            wrong[file] = sums[over].head(5)

    assert wrong == {}
    factors = [each for name, each in dictionary().items() if name.startswith("factor_")]
    assert len(factors) >= 30
    assert all("never added up" in each.note and not each.breakdown for each in factors)


def populations(reference):
    """Return children aged 0-17 by area and year ending March, of the release of 2024."""
    frame = pd.read_csv(reference / POPULATION, dtype=str, keep_default_na=False)
    code = frame["new_la_code"].where(frame["new_la_code"] != "", frame["region_code"])
    code = code.where(frame["geographic_level"] != "National", ENGLAND)
    number = pd.to_numeric(frame["population_estimate"], errors="coerce")
    year = frame["time_period"].astype(int) + 1
    return dict(zip(zip(code, year, strict=True), number, strict=True))


def with_children(rows, children):
    """Add children aged 0-17 as the denominator of rates without one."""
    keys = zip(rows["area_code"], rows["year"], strict=True)
    own = pd.Series([children.get(key) for key in keys], index=rows.index, dtype=float)
    of_children = rows["unit"].eq(RATE) & rows["population"].isna()
    return rows.assign(population=rows["population"].where(~of_children, own))


def mismatches(rows):
    """Return rows whose printed figure is not their count over their denominator, rounded."""
    per = rows["unit"].map(PER)
    counted = rows["count"].astype(float)
    known = (
        rows["count_status"].isin(NUMERIC)
        & rows["published_value"].notna()
        & (rows["population"] > 0)
        & per.notna()
    )
    # The decimals of a column are those of its longest cell; 8 digits are printed of some.
    decimals = rows["published_value"].map(lambda each: len(f"{each:.10g}".partition(".")[2]))
    decimals = decimals.where(known, 0).groupby(rows["indicator"]).transform("max").clip(upper=4)
    half = 0.5 * 10.0**-decimals + 1e-6
    loose = rows["area_level"].isin(["country", "region"]) * 5.0
    low = (counted - loose) / (rows["population"] + loose) * per - half
    high = (counted + loose) / (rows["population"] - loose).clip(lower=1) * per + half
    wrong = known & ~rows["published_value"].between(low, high)
    made = rows.assign(made=counted / rows["population"] * per)
    return int(known.sum()), made[wrong]


def test_published_shares_and_rates_are_those_of_their_counts(reference: Path) -> None:
    tables, _ = read_all(reference)
    children = populations(reference)
    compared, found = 0, {}
    for file, rows in tables.items():
        number, wrong = mismatches(
            with_children(rows, children) if file.startswith("safeguarding_2024/") else rows
        )
        compared += number
        for row in wrong.to_dict("records"):
            if (row["area_code"], row["year"]) in ZEROS and row["published_value"] == 0:
                continue
            key = tuple(row[each] for each in ("indicator", "area_code", "year", "breakdown"))
            found[key] = (row["published_value"], round(row["made"], 1))

    assert found == MISMATCHES
    assert compared > 180_000
