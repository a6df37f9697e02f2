"""Counts that the authority has added up, of one level and one authority, in any layout."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.building._run_record import RunRecord
from bolton_jsna.cli.check_records import RecordsCheck
from bolton_jsna.core.errors import MissingDataError, SchemaError


@pytest.fixture(scope="module")
def lookup() -> pd.DataFrame:
    return jsna.load_lookup("Bolton")


@pytest.fixture(scope="module")
def wards(lookup: pd.DataFrame) -> pd.DataFrame:
    """Invented referrals by ward that add up to the published total."""
    found = lookup[["to_code", "to_name"]].drop_duplicates().sort_values("to_code")
    found.columns = ["WD24CD", "Ward"]
    return found.assign(Year="2024-25", Referrals=[190] * 19 + [193]).reset_index(drop=True)


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., RecordsCheck]:
    def _check(frame: pd.DataFrame, **options: object) -> RecordsCheck:
        path = tmp_path / "counts.csv"
        frame.to_csv(path, index=False)
        return jsna.check_records(path, **options)

    return _check


@pytest.fixture
def total(tmp_path: Path, build_of: Callable[..., RunRecord]) -> Callable[..., int]:
    """How many referrals a build counts."""

    def _total(frame: pd.DataFrame, **options: object) -> int:
        path = tmp_path / "summed.csv"
        frame.to_csv(path, index=False)
        return build_of(path, **options).figures["local"]["totals"]["referrals"]

    return _total


def read(found: RecordsCheck) -> tuple[int, int]:
    """How many rows were used and how many rejected."""
    return found.used, sum(each.count for each in found.findings if not each.used)


def with_rows(wards: pd.DataFrame, *rows: tuple[str, int]) -> pd.DataFrame:
    more = [{"WD24CD": code, "Ward": "", "Year": "2024-25", "Referrals": n} for code, n in rows]
    return pd.concat([wards, pd.DataFrame(more)], ignore_index=True)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([("E08000001", 3803)], {"area of another level than the rows used": (22,)}),
        (
            [("E08000001", 3803), ("E12000002", 9), ("E92000001", 632830)],
            {"area of another level than the rows used": (22, 23, 24)},
        ),
        ([("E05000650", 50)], {"ward of another authority or year": (22,)}),
        ([("E01004766", 50)], {"area of another level than the rows used": (22,)}),
        ([("E01005061", 50)], {"LSOA of another authority or year": (22,)}),
        ([("E02000984", 50)], {"area of another level than the rows used": (22,)}),
        ([("Total", 3803)], {"area code is not a GSS code": (22,)}),
    ],
)
def test_rows_of_other_levels_and_places_are_in_no_sum(check, total, wards, rows, why):
    frame = with_rows(wards, *rows)
    assert total(frame) == 3803
    found = check(frame)
    assert found.build.totals == {"referrals": 3803}
    assert {each.what: each.rows for each in found.findings} == why
    assert found.build.refusal == ""


def test_a_total_above_the_wards_is_no_ward(check, total, wards):
    rows = with_rows(wards, ("E08000001", 3803)).iloc[::-1]
    assert total(rows) == 3803
    found = check(rows)
    assert found.build.totals == {"referrals": 3803}
    assert found.findings[0].rows == (2,)


def test_wards_next_to_all_their_lsoas_are_counted_once(check, total, wards, lookup):
    small = pd.DataFrame({"WD24CD": lookup["from_code"], "Year": "2024-25", "Referrals": 21})
    both = pd.concat([wards, small], ignore_index=True)
    assert total(both) == 3803
    assert check(both).build.totals == {"referrals": 3803}
    few = check(pd.concat([wards.head(3), small], ignore_index=True))
    assert few.build.totals == {"referrals": 21 * len(lookup)}


def test_every_year_has_one_level(check, wards, lookup):
    """The authority counted by LSOA until it had its new wards."""
    before = pd.DataFrame({"WD24CD": lookup["from_code"], "Year": "2023-24", "Referrals": 20})
    found = check(pd.concat([wards, before], ignore_index=True))
    assert found.findings == ()
    assert found.build.totals == {"referrals": 3803}


def test_areas_of_another_year_are_named_as_that(check, wards):
    old = wards.assign(WD24CD=[f"E050006{n}" for n in range(50, 70)])
    assert "have 20 areas, but no ward or LSOA of Bolton" in check(old).build.refusal
    unknown = pd.DataFrame({"LSOA21CD": ["E01000001"], "Count": [5], "Year": [2025]})
    assert "have 1 areas, but no ward" in check(unknown, kind="referrals").build.refusal


def test_lsoas_of_which_some_have_changed_are_not_taken_for_all(check, lookup):
    codes = lookup["from_code"].tolist()
    codes[0] = "E01004999"
    frame = pd.DataFrame({"LSOA11CD": codes, "Year": 2025, "Referrals": 21})
    refusal = check(frame).build.refusal
    assert "1 LSOAs that are not of Bolton" in refusal
    assert "no row for 1 that are" in refusal


def test_a_year_that_has_not_ended_is_not_counted(check, wards):
    found = check(pd.concat([wards, wards.assign(Year=2090)], ignore_index=True))
    assert found.build.year == 2025
    assert [each.what for each in found.findings] == ["year that has not ended"]
    assert "counts are of 2025, not of 2024" in check(wards, year=2024).build.refusal


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "WD26CD",
            "WD17CD",
            "Ward code",
            "ward_code",
            "GSS code",
            "Ward Code (2024)",
            "Area code",
        ),
        *("Area code", "geography_code", "ONS ward code", "Electoral ward code", "Ward GSS code"),
    ],
)
def test_usual_headings_of_ward_codes_are_understood(check, wards, heading):
    found = check(wards.drop(columns="Ward").rename(columns={"WD24CD": heading}))
    assert read(found) == (20, 0)
    assert found.build.totals == {"referrals": 3803}


@pytest.mark.parametrize("heading", ["Ward", "Ward name", "WD24NM", "Electoral ward", "Area name"])
def test_wards_may_go_by_their_names(check, wards, heading):
    named = wards.drop(columns="WD24CD").rename(columns={"Ward": heading})
    named[heading] = named[heading].str.replace("&", "and").str.upper() + " Ward"
    every = pd.DataFrame([{heading: "Bolton", "Year": "2024-25", "Referrals": 3803}])
    found = check(pd.concat([named, every], ignore_index=True))
    assert read(found) == (20, 1)
    assert found.build.totals == {"referrals": 3803}


@pytest.mark.parametrize(
    "heading", ["LSOA code (2021)", "LSOA21CD", "lsoa_code", "LSOA", "LSOA name"]
)
def test_counts_by_lsoa_are_carried_to_wards(check, lookup, heading):
    areas = lookup["from_name" if heading == "LSOA name" else "from_code"]
    frame = pd.DataFrame({heading: areas, "Year": 2025, "Number of referrals": 21})
    frame.insert(0, "Ward code", lookup["to_code"])
    found = check(frame)
    assert read(found) == (len(lookup), 0)
    assert found.build.totals == {"referrals": 21 * len(lookup)}


@pytest.mark.parametrize(
    ("heading", "year"),
    [
        *(("time_period", "202425"), ("Year", "2025.0"), ("Financial year", "2024/25")),
        *(("Year ending", "31 March 2025"), ("year ending 31 march", "2025"), ("FY", "2024-2025")),
        *(("Reporting period", "31/03/2025"), ("Year", "FY24"), ("Year", "2024 to 2025")),
    ],
)
def test_years_as_they_are_written(check, wards, heading, year):
    found = check(wards.assign(Year=year).rename(columns={"Year": heading}))
    # Which year FY24 is, depends on who writes it.
    assert read(found) == ((0, 20) if year == "FY24" else (20, 0))
    assert found.build.totals == ({} if year == "FY24" else {"referrals": 3803})


def test_the_kind_may_be_said_of_counts(check, wards):
    found = check(wards, kind="referrals")
    assert found.build.totals == {"referrals": 3803}
    bare = wards.rename(columns={"Referrals": "Count"})
    assert check(bare, kind="referrals").build.totals == {"referrals": 3803}
    assert "does not name what is counted" in check(bare).build.refusal


def test_counts_of_no_known_ward_are_the_authoritys(check, wards):
    rows = with_rows(wards.assign(Referrals=189), ("Unknown", 15), ("No postcode", 8))
    found = check(rows)
    assert found.findings == ()
    assert found.build.totals == {"referrals": 189 * 20 + 23}


@pytest.mark.parametrize("heading", ["Plans started", "New CP plans"])
def test_nothing_is_built_from_counts_of_plans_started_alone(check, total, wards, heading):
    frame = wards.rename(columns={"Referrals": heading})
    words = "of plans started in a year only"
    with pytest.raises(MissingDataError, match=words):
        total(frame)
    assert words in check(frame).build.refusal
    beside = check(frame.assign(**{"Plans at 31 March": [16] * 19 + [15]}))
    assert beside.build.totals == {"cpp_at_31_march": 319}


@pytest.mark.parametrize(
    ("heading", "year"),
    [
        ("Plans at 31 March 2024", 2025),
        ("Child protection plans as at 31 Mar 24", 2025),
        ("Referrals 2024-25", 2024),
        ("2023/24 referrals", 2025),
    ],
)
def test_the_year_of_a_heading_is_compared_with_the_year_asked_for(
    check, total, wards, heading, year
):
    frame = wards.drop(columns="Year").rename(columns={"Referrals": heading})
    words = rf"\(the year ending 31 March {4049 - year}\), but they are used for"
    with pytest.raises(SchemaError, match=f"{words} {year}"):
        total(frame, year=year)
    with pytest.raises(SchemaError, match=f"{words} {year}"):
        check(frame, year=year)
    with pytest.raises(SchemaError, match=f"{words} {year}"):
        check(frame.assign(Year=year))
    # Nobody need say again what the heading says.
    assert check(frame).used == 20


@pytest.mark.parametrize(
    ("headings", "lines"),
    [
        (["2022-23", "2023-24", "2024-25"], "WD24CD,Year,Referrals\nE05014818,2023,12"),
        (["2024", "2025", "Total"], "WD24CD,Year,Referrals\nE05014818,2024,12"),
        (["Plans at 31 March 2024", "Plans at 31 March 2025"], "WD24CD,Year,Plans\nE05014818,2024"),
        (["Referrals 2023-24", "Referrals 2024-25"], "E05014818,2025,12"),
        (["2024-25"], "WD24CD,Year,Referrals\nE05014818,2025,12"),
    ],
)
def test_years_as_headings_are_answered_with_a_template_for_counts(check, wards, headings, lines):
    frame = wards[["WD24CD"]].assign(**dict.fromkeys(headings, 190))
    with pytest.raises(SchemaError, match="has years as headings") as refused:
        check(frame, kind="referrals")
    assert lines in str(refused.value)
    assert "child_id" not in str(refused.value)
