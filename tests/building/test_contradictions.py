"""The name and title of a file are compared with what it is used for."""

import datetime as dt

import openpyxl
import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError, UsageError

pytestmark = pytest.mark.usefixtures("sketched")

PLANS = {"heading": "Plans", "number": 16}


@pytest.fixture(scope="module")
def wards() -> list[list[object]]:
    codes = sorted(set(jsna.load_lookup("Bolton")["to_code"]))
    return [[code, 2025] for code in codes]


def book(path, rows, *, title="", sheet="Sheet1", heading="Referrals", number=190):
    made = openpyxl.Workbook()
    made.active.title = sheet
    for row in [
        *([[title]] if title else []),
        ["WD24CD", "Year", heading],
        *([*row, number] for row in rows),
    ]:
        made.active.append(row)
    made.save(path)
    return path


@pytest.mark.parametrize(
    ("name", "facts", "words"),
    [
        ("Rochdale_referrals.xlsx", {}, "it is of Rochdale, but the build uses it for Bolton"),
        ("counts 2023-24.xlsx", {}, "ending 31 March 2024, but it is used for 2025"),
        ("x.xlsx", {"title": "Referrals, year ending 31 March 2023"}, "31 March 2023"),
        ("x.xlsx", {"sheet": "2021-22"}, "ending 31 March 2022"),
        ("cp_plans.xlsx", {}, "it is of plans, but the build uses it for referrals"),
        ("Open_CIN_plans.xlsx", PLANS, "it is of child in need plans, but it is used for child p"),
        ("x.xlsx", PLANS | {"title": "Education, health and care plans"}, "health and care plans"),
        ("x.xlsx", PLANS | {"sheet": "Care Plans"}, "it is of care plans"),
        ("pathway-plans 2024-25.xlsx", PLANS, "it is of pathway plans"),
    ],
)
def test_a_contradiction_is_rejected_by_the_build_and_reported_by_the_check(
    tmp_path, build_of, wards, *, name, facts, words
):
    path = book(tmp_path / name, wards, **facts)
    with pytest.raises(SchemaError, match=words) as refused:
        build_of(path)
    assert jsna.check_records(path).build.refusal == str(refused.value)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("Bolton_referrals_2024-25.xlsx", {"title": "Bolton and Rochdale: 2022-23 to 2024-25"}),
        ("2023-24 onwards.xlsx", {"sheet": "Ann Smith"}),
        ("Greater_Manchester.xlsx", {"title": "Oldham Road team, Salford Royal Hospital"}),
        ("export 2025-06-01.xlsx", {"title": "Referrals for the reading group"}),
        ("x.xlsx", {"title": "Referrals and CP plans", "sheet": "Data"}),
        ("CIN and CP plans.xlsx", PLANS),
        ("x.xlsx", PLANS | {"title": "Children on a plan", "sheet": "Plans, day care"}),
    ],
)
def test_what_agrees_is_built(tmp_path, wards, name, facts):
    assert jsna.check_records(book(tmp_path / name, wards, **facts)).build.refusal == ""


def test_a_kind_that_the_heading_contradicts_is_not_counted(tmp_path, wards):
    with pytest.raises(UsageError, match="counts referrals by its headings"):
        jsna.check_records(book(tmp_path / "x.xlsx", wards), kind="plans")


def test_a_list_of_plans_reaches_the_day_that_it_names(tmp_path):
    """A small list of which no plan began in the last weeks."""
    records = jsna.load_local_records().records
    plans = records[(records["kind"] == "plan") & records["end_date"].isna()]
    plans = plans[plans["date"] < "2025-01-20"]
    rows = pd.DataFrame(
        {
            "Child ID": plans["child_id"],
            "CP Plan Start": plans["date"].dt.date.astype(str),
            "LSOA": plans["lsoa_code"],
        }
    )
    plain = tmp_path / "list.csv"
    rows.to_csv(plain, index=False)
    assert jsna.check_records(plain).build.year in (None, 2024)
    named = tmp_path / "list_as_at_31_March_2025.csv"
    rows.to_csv(named, index=False)
    assert jsna.check_records(named).build.year == 2025
    titled = tmp_path / "titled.csv"
    titled.write_text("Children on a plan at 31/03/2025,,\n" + rows.to_csv(index=False))
    assert jsna.check_records(titled).build.year == 2025


@pytest.mark.parametrize(
    ("text", "years", "until"),
    [
        ("referrals_2024-25", {2025}, None),
        ("2024/2025 return", {2025}, None),
        ("2024-26 strategy", set(), None),
        ("At 31st March 2025", {2025}, dt.date(2025, 3, 31)),
        ("export_2025-06-01_v2", set(), dt.date(2025, 6, 1)),
        ("from 1 April 2024 to 31 March 2025", {2025}, None),
        ("South Gloucestershire 2025", set(), None),
    ],
)
def test_years_and_days_of_a_name(text, years, until):
    from bolton_jsna.tables.local.claims import claims

    found = claims([text])
    assert (set(found.years), found.until) == (years, until)
    assert len(found.areas) == ("Gloucestershire" in text)


def test_a_list_of_other_plans_is_no_list_of_child_protection_plans(tmp_path, build_of):
    plans = jsna.load_local_records().records.query("kind == 'plan'")
    rows = pd.DataFrame(
        {
            "Child ID": plans["child_id"],
            "Start date": plans["date"].dt.date.astype(str),
            "End date": plans["end_date"].dt.date.astype("string").fillna(""),
            "LSOA": plans["lsoa_code"],
        }
    )
    path = tmp_path / "EHC plans.csv"
    rows.to_csv(path, index=False)
    with pytest.raises(SchemaError, match="it is of education, health and care plans, but it is"):
        build_of(path, kind="plans")
    assert "it is of education" in jsna.check_records(path, kind="plans").build.refusal
    both = tmp_path / "plans.xlsx"
    with pd.ExcelWriter(both) as book:
        for name in ("CIN plans", "CP plans"):
            rows.head(9).to_excel(book, sheet_name=name, index=False)
    found = jsna.check_records(both, kind="plans")
    assert found.used == 9
    assert any("another kind, by number: 1." in note for note in found.notes)
