"""Cells that mean nothing was recorded: no row is lost."""

import pytest

from bolton_jsna.tables.local import records as local_records

OPEN = [
    *(
        "Ongoing",
        "ongoing ",
        "Open",
        "OPEN",
        "Current",
        "Currently open",
        "Not ended",
        "not yet ended",
    ),
    *(
        "N/A",
        "n/a",
        "#N/A",
        "NULL",
        "(null)",
        "None",
        "NaT",
        "-",
        "--",
        "\u2013",
        ".",
        "\\N",
        "Active",
    ),
    *("31/12/9999", "9999-12-31", "9999-12-31 00:00:00", "31/12/2999", "31/12/99", "2958465"),
    *("1900-01-01", "01/01/1900", "00/00/0000", "0001-01-01", "1753-01-01", "0", "0.0"),
    *("Plan open", "Still open", "No end date", "Open at 31/03/2025", "TBC", "In progress", "Live"),
]


def read(tmp_path, text, **options):
    path = tmp_path / "extract.csv"
    path.write_text(text, encoding="utf-8")
    return local_records.read(path, **options)


@pytest.mark.parametrize("word", OPEN)
def test_an_open_plan_stays_open_by_whatever_word(tmp_path, word):
    found = read(
        tmp_path,
        "child_id,CP Plan Start Date,CP Plan End Date,postcode\n"
        f"a,03/05/2024,{word},BL1 1AP\nb,03/05/2024,04/06/2024,BL1 1AP\n",
    )
    assert len(found.rejects) == 0
    assert found.records["end_date"].isna().tolist() == [True, False]
    assert found.remarks.loc[found.remarks["remark"] == "open", "row"].tolist() == [2]


@pytest.mark.parametrize("word", ["Unknown", "31/02/2025", "ended", "Closed", "soon?", "13"])
def test_an_end_that_is_not_known_is_not_an_open_plan(tmp_path, word):
    found = read(
        tmp_path,
        f"child_id,CP Plan Start Date,CP Plan End Date,postcode\na,03/05/2024,{word},BL1 1AP\n",
    )
    assert found.rejects["reason"].tolist() == ["impossible end date"]


@pytest.mark.parametrize("word", ["NULL", "N/A", "-", "#N/A", "Unknown", "Not known"])
@pytest.mark.parametrize(
    "name", ["birth_date", "expected_birth_date", "age", "birth_year_to_march"]
)
def test_a_child_whose_birth_is_not_known_keeps_its_row(tmp_path, word, name):
    found = read(
        tmp_path,
        f"child_id,date,{name},postcode\na,03/05/2024,{word},BL1 1AP\n",
        kind="referrals",
    )
    assert len(found.rejects) == 0
    assert found.records["age"].isna().all()


def test_an_unborn_child_is_known_by_its_age(tmp_path):
    found = read(
        tmp_path, "child_id,date,age,postcode\na,03/05/2024,Unborn,BL1 1AP\n", kind="referrals"
    )
    assert found.records["age"].tolist() == [-1]


def test_a_marker_is_no_word_of_its_own(tmp_path):
    found = read(
        tmp_path,
        "child_id,date,category,postcode\na,03/05/2024,NULL,N/A\nb,03/05/2024,N1,BL1 1AP\n",
        kind="referrals",
    )
    assert found.records["category"].isna().tolist() == [True, False]
    assert "category" not in set(found.remarks["remark"])
    assert (found.remarks["remark"] == "no_home").sum() == 1


def dated(tmp_path, days):
    rows = "".join(f"c{n},{day},BL1 1AP\n" for n, day in enumerate(days))
    return read(tmp_path, f"Child ID,Referral date,Postcode\n{rows}")


BRITISH = [f"{n % 28 + 1:02d}/05/2024" for n in range(50)]


def test_one_day_in_month_order_is_one_row(tmp_path):
    found = dated(tmp_path, [*BRITISH, "05/13/2024"])
    assert found.rejects.to_numpy().tolist() == [[52, "month before day in the date"]]
    assert len(found.records) == 50


@pytest.mark.parametrize(("odd", "lost"), [(3, 3), (4, 4 + 22)])
def test_some_days_in_month_order_are_rows_or_the_column(tmp_path, odd, lost):
    """Thirty days can only have the day first: three odd rows are few, four are not."""
    days = [
        *[f"{n % 16 + 13}/05/2024" for n in range(30)],
        *[f"0{n % 9 + 1}/11/2024" for n in range(22)],
    ]
    found = dated(tmp_path, [*days, *["05/13/2024"] * odd])
    assert len(found.rejects) == lost


def test_a_column_in_month_order_is_not_guessed(tmp_path):
    days = [f"05/{n % 28 + 1:02d}/2024" for n in range(50)]
    assert len(dated(tmp_path, days).records) < 5
