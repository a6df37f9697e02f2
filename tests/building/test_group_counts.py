"""Counts of the whole authority by age band or category, which the authority has added up."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna
import files_of_2012 as old
from bolton_jsna.building import _group_counts, _groups
from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.disclosure.group_merging import merged, trees
from bolton_jsna.disclosure.rules import DFE, LOCAL
from bolton_jsna.tables.local import counts, group_counts

HEAD = "Year,Event,Age band,Category,Count\n"
PLANS = "2024-25,Plans at 31 March"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., pd.DataFrame]:
    def _read(text: str, **options: object) -> pd.DataFrame:
        path = tmp_path / "own.csv"
        path.write_text(text)
        return group_counts.read(path, **options).counts

    return _read


def tables(frame: pd.DataFrame, year: int = 2012) -> dict[str, pd.DataFrame]:
    return _group_counts.tables(frame, "cpp_at_31_march", [year])


def test_a_file_by_group_is_told_from_counts_by_area_and_records(tmp_path):
    path = tmp_path / "x.csv"
    for text, expected in (
        (old.OWN, True),
        ("Age band,Plans at 31 March\nUnder 5,9\n", True),
        ("Ward code,Year,Age band,Plans\nE05014818,2025,Under 5,12\n", False),
        ("Child ID,Date,Age,Category\nA1,2024-05-03,4,Neglect\n", False),
        ("Ward code,Year,Referrals\nE05014818,2025,12\n", False),
    ):
        path.write_text(text)
        assert group_counts.are_group_counts(path) is expected, text
    path.write_text(old.OWN)
    assert not counts.are_counts(path)


def test_every_row_of_the_public_list_is_there(read):
    found = tables(read(old.OWN))
    ages = found["age_band_2012 x year"].set_index("age_band_2012")["count"]
    assert ages.to_dict() == {
        "Unborn": 0,
        "Under 5": 99,
        "5-16": 132,
        "16+": 5,
        "Not known": 0,
        "All": 236,
    }
    kinds = found["category x year"].set_index("category")["count"]
    assert kinds["Emotional abuse"] == 80
    assert kinds["Multiple"] == 0
    assert kinds["All"] == 236


def test_bands_of_dfe_have_the_table_of_records(read):
    text = "Year,Age band,Plans at 31 March\n" + "".join(
        f"2025,{band},{number}\n"
        for band, number in (
            *(("Unborn", 2), ("Under 1", 20), ("1-4", 60), ("5 to 9", 50), ("10 to 15", 40)),
            *(("16+", 9), ("Unknown", 1)),
        )
    )
    found = tables(read(text), 2025)["age_band x year"].set_index("age_band")["count"]
    assert (found["1 to 4"], found["16 and over"], found["Not known"]) == (60, 9, 1)
    assert found["All"] == 182


@pytest.mark.parametrize(
    ("text", "options", "error", "why"),
    [
        (f"{HEAD}{PLANS},Under 5,Neglect,9\n", {}, SchemaError, "Row 2 .* several at once"),
        (f"{HEAD}{PLANS},Under 5,,c\n", {}, SchemaError, "Row 2 .* no whole number"),
        (f"{HEAD}{PLANS},Under 5,,1.5\n", {}, SchemaError, "Row 2 .* no whole number"),
        (f"{HEAD}soon,Plans,Under 5,,9\n", {}, SchemaError, "Row 2 .* year that cannot be read"),
        (f"{HEAD}2025,Visits,Under 5,,9\n", {}, SchemaError, "Row 2 .* does not name what"),
        (f"{HEAD}{PLANS},Under 5,,9\n{PLANS},Under 5,,8\n", {}, SchemaError, "more than one"),
        ("Age band,Count\nUnder 5,9\n", {"year": 2025}, UsageError, "--kind plans"),
        ("Age band,Plans\nUnder 5,9\n", {}, UsageError, "gives no year"),
        ("Age band,Plans,Referrals\nUnder 5,9,8\n", {}, SchemaError, "not one column of counts"),
    ],
)
def test_a_row_that_cannot_be_read_stops_and_is_named(read, text, options, error, why):
    with pytest.raises(error, match=why):
        read(text, **options)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("5-16", "5-12"), "age bands Under 5, 5-12, 16"),
        (("2011-12,Plans at 31 March,16+,,5\n", ""), "do not add up to one total"),
        (("Physical", "Bruises"), "category 'Bruises'"),
        ((",Under 5,,", ",Not known,,"), "no row for the age band Under 5"),
    ],
)
def test_groups_that_are_not_on_a_list_are_rejected(read, change, why):
    with pytest.raises(SchemaError, match=why):
        tables(read(old.OWN.replace(*change)))


def test_a_given_total_must_be_that_of_the_groups(read):
    ok = read(old.OWN + "2011-12,Plans at 31 March,All,,236\n")
    assert tables(ok)["area_code x year"]["count"].tolist() == [236, 236]
    with pytest.raises(SchemaError, match="the total: 240"):
        tables(read(old.OWN + "2011-12,Plans at 31 March,,,240\n"))


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        (LOCAL, {"Under 5 and unborn": 99, "5 and over or not known": 137, "All": 236}),
        (DFE, {"Unborn": 0, "Under 5": 99, "5 and over or not known": 137, "All": 236}),
    ],
)
def test_a_small_band_is_joined_where_dfe_has_no_such_table(read, rule, rows):
    """In a year after 2012 the printed 2 per cent is part of a larger group."""
    table = tables(read(old.OWN))["age_band_2012 x year"]
    found = merged(table, rule, trees()["age_band_2012"]).set_index("age_band_2012")["count"]
    assert found.to_dict() == rows


def test_the_check_of_a_file_shows_how_it_is_read(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(old.OWN.replace("2011-12", "2024-25"))
    found = jsna.check_records(path, workspace=tmp_path)
    assert "7 rows: 7 counts used." in str(found)
    assert "by age band or category, not records" in str(found)
    assert found.build.totals == {"cpp_at_31_march": 236}


@pytest.mark.parametrize(
    ("label", "merged_rows"),
    [("Under 5", False), ("1 to 4", False), ("5 and over or not known", True)],
)
def test_a_row_of_either_list_is_not_merged(label, merged_rows):
    assert _groups.is_merged("cpp_at_31_march", "age_band", label) is merged_rows


def test_own_ages_are_kept_away_from_those_that_dfe_published_to_2012():
    rows = trees()["age_band"].rows
    counted = dict.fromkeys(rows, 50)
    table = pd.DataFrame(
        [
            (row, year, counted.get(row, 50 * len(rows)))
            for year in (2012, 2013)
            for row in (*rows, "All")
        ],
        columns=["age_band", "year", "count"],
    )
    found = _groups.joined(None, "cpp_at_31_march", {"age_band x year": table}, LOCAL)
    left = found["age_band x year"].groupby("year")["age_band"].agg(list)
    assert left[2012] == ["All"]
    assert left[2013] == [*rows, "All"]
    # Referrals were not published by age.
    found = _groups.joined(None, "referrals", {"age_band x year": table}, LOCAL)
    assert len(found["age_band x year"]) == len(table)
