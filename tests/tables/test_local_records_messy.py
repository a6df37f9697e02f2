"""Extracts in real layouts: rows are read, or rejected by number, and never quoted."""

import contextlib
import datetime as dt
import io

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.errors import SchemaError, SourceError, UsageError
from bolton_jsna.tables import schemas
from bolton_jsna.tables.local import _dates as local_days
from bolton_jsna.tables.local import layouts as local_layouts
from bolton_jsna.tables.local import records as local_records
from bolton_jsna.tables.local.cells import Coded

ROWS = [["Child ID", "Date", "Postcode"], ["a", "13/05/2024", "BL1 1AP"]]


def coded(texts):
    return Coded(np.arange(len(texts), dtype="int32"), list(texts))


@pytest.fixture
def write(tmp_path):
    def _write(text, encoding="utf-8", name="extract.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return _write


def book(path, sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def rejected(found):
    return dict(found.rejects[["row", "reason"]].itertuples(index=False, name=None))


def remarked(found, remark):
    return found.remarks.loc[found.remarks["remark"] == remark, "row"].tolist()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiters_marks_and_line_ends(write, delimiter, encoding, end):
    rows = [[*ROWS[0], "Source"], [*ROWS[1], "Zoë, her school; by letter | by phone"]]
    text = end.join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    found = local_records.read(write(text, encoding), kind="referrals")
    assert found.rejects.empty
    assert found.records["referral_source"].tolist() == ["Zoë, her school; by letter | by phone"]
    assert found.reading.rows == 1


def test_rows_shorter_and_longer_than_the_headings(write):
    text = "Child ID,Date,Postcode,Age\na,2024-05-03\n\nb,2024-05-03,BL1 1AP,7,,,\n , ,\nc,,\n"
    found = local_records.read(write(text), kind="referrals")
    assert found.records["child_id"].tolist() == ["a", "b"]
    assert found.rows["row"].tolist() == [2, 4]
    assert rejected(found) == {6: "impossible date"}
    assert found.reading.rows == 3


def test_headings_below_a_title_and_again_within_the_data(write):
    text = (
        "Referrals 2024/25,,\n,,\nChild ID,Date,Postcode\na,2024-05-03,BL1 1AP\n"
        "Child ID,Date,Postcode\nb,2024-05-03,BL1 1AP\nTotal,2,\n"
    )
    found = local_records.read(write(text), kind="referrals")
    assert found.rows["row"].tolist() == [4, 6]
    assert rejected(found) == {5: "headings again", 7: "impossible date"}


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (
            ["Child", None, None, "Referral", None, "Home", None],
            ["ID", "Sex", "DOB", "Date", "Source", "Postcode", "LSOA"],
        ),
        (
            ["Child ID", "Child", None, "Referral", None, "Home", None],
            [None, "Gender", "Date of Birth", "Date", "Source", "Postcode", "LSOA"],
        ),
        (
            ["Extract of the case system", None, None, None, None, None, None],
            [
                "Person ID",
                "Gender",
                "DOB",
                "Date of referral",
                "Referral source",
                "Post Code",
                "LSOA",
            ],
        ),
    ],
)
def test_merged_headings_of_two_rows(tmp_path, upper, lower):
    path = tmp_path / "x.xlsx"
    row = ["a", "F", dt.date(2017, 5, 4), dt.date(2024, 5, 3), "Police", "BL1 1AP", "E01004817"]
    book(path, {"Data": [upper, lower, row]})
    made = openpyxl.load_workbook(path)
    if upper[0] == "Child":
        made["Data"].merge_cells("A1:C1")
        made["Data"].merge_cells("D1:E1")
        made.save(path)
    found = local_records.read(path, kind="referrals")
    (record,) = found.records.to_dict("records")
    assert (record["child_id"], record["sex"], record["age"]) == ("a", "female", 6)
    assert (record["referral_source"], record["lsoa_code"]) == ("Police", "E01004817")
    assert found.rows["row"].tolist() == [3]


def test_days_as_numbers_of_excel(tmp_path, write):
    # 45415 is 3 May 2024 (Excel counts from 30 December 1899).
    text = "Child ID,Date,Postcode\na,45415,BL1 1AP\nb,45415.604,BL1 1AP\nc,45415.0,BL1 1AP\n"
    flat = local_records.read(write(text), kind="referrals")
    path = book(
        tmp_path / "x.xlsx",
        {
            "S": [
                ["Child ID", "Date", "Postcode"],
                ["a", 45415, "BL1 1AP"],
                ["b", 45415.604, "BL1 1AP"],
                ["c", pd.Timestamp("2024-05-03 09:30").to_pydatetime(), "BL1 1AP"],
            ]
        },
    )
    sheet = local_records.read(path, kind="referrals")
    for found in (flat, sheet):
        assert found.records["date"].eq(pd.Timestamp("2024-05-03")).all()
        assert found.rejects.empty
    assert remarked(flat, "number") == [2, 3, 4]
    assert remarked(sheet, "number") == [2, 3]


DAYS = [
    *("2024-05-03", "3/5/2024", "03.05.24", "3-5-2024 10:30", "03/05/2024 00:00:00", "20240503"),
    *("3 May 2024", "03-May-24", "3rd May 2024", "Friday 3 May 2024", "2024-05-03T10:11:12Z"),
    *("45415", "2024/05/03"),
]


@pytest.mark.parametrize("text", DAYS)
def test_every_way_to_write_a_day(text):
    found = local_days.read_days(coded([text]), what="date")
    assert found.days.tolist() == [dt.date(2024, 5, 3)]


@given(st.text(max_size=14) | st.from_regex(r"\d{1,5}[-/. ]?\d{0,4}[-/. ]?\d{0,4}", fullmatch=True))
def test_any_text_is_a_day_or_is_not(text):
    found = local_days.read_days(coded([text.strip()]), what="date")
    wrong = np.logical_or.reduce(list(found.wrong.values()))
    assert wrong.tolist() == [bool(text.strip()) and np.isnat(found.days[0])]


def test_mixed_orders_are_rejected_by_row_and_can_be_settled(write, tmp_path):
    text = (
        "Child ID,Date of referral,Postcode\na,13/05/2024,BL1 1AP\nb,05/13/2024,BL1 1AP\n"
        "c,03/05/2024,BL1 1AP\nd,2024-05-03,BL1 1AP\ne,05/05/2024,BL1 1AP\n"
    )
    path = write(text)
    found = local_records.read(path)
    # The fifth of May is the same day either way.
    assert found.records["child_id"].tolist() == ["a", "d", "e"]
    assert rejected(found) == {
        3: "month before day in the date",
        4: "day and month of the date are unclear: other rows have the month first",
    }
    settled = tmp_path / "mapping.toml"
    settled.write_text('[options]\ndate_order = "day_first"\n')
    found = local_records.read(path, columns=settled)
    assert rejected(found) == {3: "impossible date"}
    assert found.records["date"].iloc[1] == pd.Timestamp("2024-05-03")


def test_an_order_that_no_row_shows_is_said(write):
    text = "Child ID,Date,Postcode\na,03/05/2024,BL1 1AP\nb,2024-05-04,BL1 1AP\n"
    found = local_records.read(write(text), kind="referrals")
    assert found.records["date"].iloc[0] == pd.Timestamp("2024-05-03")
    assert "no row shows which" in found.reading.orders["date"]
    assert remarked(found, "either") == [2]


def test_dates_swapped_by_a_spreadsheet_are_rejected(write):
    # Written 1/2/2024 to 28/2/2024 and opened where the month comes first.
    rows = [f"a{n},2024-{n:02d}-02,BL1 1AP" for n in range(1, 11)]
    rows = [f"a{n},2024-0{1 + n % 9}-{1 + n % 12:02d},BL1 1AP" for n in range(10)]
    rows += [f"b{n},{n}/02/2024,BL1 1AP" for n in range(13, 23)]
    found = local_records.read(
        write("Child ID,Date,Postcode\n" + "\n".join(rows)), kind="referrals"
    )
    assert found.records["child_id"].str.startswith("b").all()
    assert list(rejected(found)) == list(range(2, 12))
    assert set(rejected(found).values()) == {
        "day and month of the date may have been swapped by a spreadsheet"
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("BLI IAP", "BL1 1AP"),
        ("BL1 OAP", "BL1 0AP"),
        ("0L1 2AB", "OL1 2AB"),
        ("M6O 1AB", "M60 1AB"),
        ("bl1-1ap", "BL1 1AP"),
        ("BL1  1AP.", "BL1 1AP"),
        ("EC1A 1BB", "EC1A 1BB"),
        ("W1A 0AX", "W1A 0AX"),
        ("SW1A1AA", "SW1A 1AA"),
    ],
)
def test_postcodes_are_corrected_if_the_position_shows_how(written, meant):
    assert local_days.postcode(written)[0] == meant


@given(st.from_regex(r"[A-Z]{1,2}[1-9][0-9]?[0-9][A-Z]{2}", fullmatch=True))
def test_a_good_postcode_is_left_alone(text):
    found, mended = local_days.postcode(text)
    assert not mended
    assert found.replace(" ", "") == text


def test_formulas_are_rejected_and_numbers_kept_as_text_are_read(write):
    text = (
        "Child ID,Date,Postcode,Source\n"
        '"=""00123""",2024-05-03,BL1 1AP,Police\n'
        "=1+1,2024-05-03,BL1 1AP,Police\n"
        "+44,2024-05-03,BL1 1AP,Police\n"
        "@SUM(A1),2024-05-03,BL1 1AP,Police\n"
        'e,2024-05-03,BL1 1AP,"=HYPERLINK(""http://x"")"\n'
        "f,=TODAY(),BL1 1AP,Police\n"
        "g,2024-05-03,=A1,Police\n"
        "h,2024-05-03,BL1 1AP,-2+3+cmd|' /C calc'!A0\n"
        "i,2024-05-03,BL1 1AP,- not recorded -\n"
    )
    found = local_records.read(write(text), kind="referrals")
    assert found.records["child_id"].tolist() == ["00123", "+44", "g", "i"]
    assert rejected(found) == {
        3: "formula in child_id",
        5: "formula in child_id",
        6: "formula in referral_source",
        7: "impossible date",
        9: "formula in referral_source",
    }
    assert remarked(found, "bad_home") == [8]


def test_ages_come_from_birth_dates_at_the_event_and_these_are_not_kept(write):
    text = (
        "Child Unique ID,Date of Birth,Age of Child (Years),Date of referral\n"
        "a,04/05/2010,16,03/05/2024\n"
        "b,03/05/2010,16,03/05/2024\n"
        "c,03/05/2006,16,03/05/2024\n"
        "d,20/02/2025,0,03/05/2024\n"
        "e,28/12/2025,0,03/05/2024\n"
        "f,31/02/2010,16,03/05/2024\n"
        "g,,16,03/05/2024\n"
        "h,,,03/05/2024\n"
        "i,29/02/2012,0,28/02/2023\n"
    )
    found = local_records.read(write(text))
    ages = dict(zip(found.records["child_id"], found.records["age"], strict=True))
    assert {name: age for name, age in ages.items() if name != "h"} == {
        "a": 13,
        "b": 14,
        "d": -1,
        "g": 16,
        "i": 10,
    }
    assert pd.isna(ages["h"])
    assert rejected(found) == {
        4: "aged 18 or over",
        6: "birth more than ten months after the date",
        7: "impossible birth date",
    }
    assert remarked(found, "unborn") == [5]
    assert remarked(found, "no_age") == [9]
    assert list(found.records.columns) == schemas.SCHEMAS["local_records"].names
    born = dict(zip(found.records["child_id"], found.records["birth_year_to_march"], strict=True))
    assert {name: year for name, year in born.items() if not pd.isna(year)} == {
        "a": 2011,
        "b": 2011,
        "d": 2025,
        "i": 2012,
    }
    # Of a birth date its year to March is kept, and no day or month.
    assert list(found.records.select_dtypes("datetime").columns) == ["date", "end_date"]
    schemas.check(found.records, "local_records")


def test_an_expected_birth_date_stands_until_there_is_a_birth_date(write):
    text = (
        "Child Unique ID,Date of Birth,Expected date of birth,Date of referral\n"
        "a,,01/09/2024,13/05/2024\nb,01/05/2024,20/04/2024,13/05/2024\nc,,01/09/2023,13/09/2024\n"
        "d,01/04/2024,20/03/2024,13/05/2024\n"
    )
    records = local_records.read(write(text)).records
    assert records["age"].tolist() == [-1, 0, 1, 0]
    assert records["birth_year_to_march"].tolist() == [2025, 2025, 2024, 2025]


def test_a_year_of_birth_to_march_is_read_by_its_own_name_only(write):
    text = (
        "child_id,cpp start date,age,birth_year_to_march,birth_date,Birth Year\n"
        "a,2024-05-03,6,2018,,2017\n"
        "b,2024-05-03,7,2018.0,,2017\n"
        "c,2024-05-03,5,2018,,2017\n"
        "d,2024-05-03,8,2018,,2017\n"
        "e,2024-05-03,,last year,,2017\n"
        "f,2024-05-03,,1825,,2017\n"
        "g,2024-05-03,-1,2026,,2025\n"
        "h,2024-05-03,0,2026,,2025\n"
        "i,2024-05-03,,2027,,2026\n"
        "j,2024-05-03,,2006,,2005\n"
        "k,2024-05-03,,2007,,2006\n"
        "l,2024-05-03,6,2018,2010-05-03,2017\n"
        "m,2024-05-03,6,,,2017\n"
    )
    found = local_records.read(write(text))
    unlike = "age and birth_year_to_march contradict each other"
    assert rejected(found) == {
        4: unlike,
        5: unlike,
        6: "birth_year_to_march is not a year",
        7: "birth_year_to_march is not a year",
        9: unlike,
        10: "birth more than ten months after the date",
        11: "aged 18 or over",
    }
    born = dict(zip(found.records["child_id"], found.records["birth_year_to_march"], strict=True))
    # The birth date goes before the year.
    assert {name: born[name] for name in "abgkl"} == {
        "a": 2018,
        "b": 2018,
        "g": 2026,
        "k": 2007,
        "l": 2011,
    }
    assert pd.isna(born["m"])
    assert found.records.set_index("child_id")["age"].loc["l"] == 14


ANNEX_A_3 = [
    [
        "Child Unique ID",
        "Gender",
        "Ethnicity",
        "Date of Birth",
        "Age of Child (Years)",
        "Date of referral",
        "Referral source",
        "Referral NFA?",
        "Number of Referrals in last 12 months",
        "Allocated team",
        "Allocated worker",
    ],
    [
        101,
        "a) Male",
        "a) WBRI",
        dt.date(2015, 1, 1),
        10,
        dt.date(2024, 5, 3),
        "6: Police",
        "b) No",
        0,
        "North",
        "A Worker",
    ],
    [
        102,
        "b) Female",
        "k) APKN",
        dt.date(2016, 1, 1),
        9,
        dt.date(2024, 6, 3),
        "2A: Schools",
        "b) No",
        0,
        "North",
        "A Worker",
    ],
]
ANNEX_A_7 = [
    [
        "Child Unique ID",
        "Gender",
        "Ethnicity",
        "Date of Birth",
        "Age of Child (Years)",
        "Does the Child have a Disability",
        "Child Protection Plan Start Date",
        "Initial Category of Abuse",
        "Latest Category of Abuse",
        "Child Protection Plan End Date",
    ],
    [
        101,
        "a) Male",
        "a) WBRI",
        dt.date(2015, 1, 1),
        10,
        "b) No",
        dt.date(2024, 7, 3),
        "a) Neglect",
        "b) Emotional",
        dt.date(2025, 1, 3),
    ],
]


def test_the_lists_of_annex_a_in_one_workbook(tmp_path):
    contacts = [
        ["Child Unique ID", "Gender", "Date of Birth", "Date of Contact"],
        [101, "a) Male", dt.date(2015, 1, 1), dt.date(2024, 5, 1)],
    ]
    path = book(
        tmp_path / "annex_a.xlsx",
        {"Cover": [["Annex A"]], "List 1": contacts, "List 3": ANNEX_A_3, "List 7": ANNEX_A_7},
    )
    found = local_records.read(path)
    assert found.records["kind"].tolist() == ["referral", "referral", "plan"]
    assert found.records["child_id"].tolist() == ["101", "102", "101"]
    assert found.records["sex"].tolist() == ["male", "female", "male"]
    assert found.records["age"].tolist() == [9, 8, 9]
    assert found.records["birth_year_to_march"].tolist() == [2015, 2016, 2015]
    assert found.records["ethnicity"].tolist() == ["White British", "Pakistani", "White British"]
    assert found.records["referral_source"].dropna().tolist() == ["Police", "Schools"]
    assert found.records["category"].dropna().tolist() == ["Neglect"]
    assert found.records["end_date"].dropna().tolist() == [pd.Timestamp("2025-01-03")]
    assert found.reading.sheets == (3, 4)
    assert found.reading.sheets_left == (2,)
    assert found.rows.to_numpy().tolist() == [[2, 3], [3, 3], [2, 4]]
    only = local_records.read(path, kind="plans")
    assert only.records["kind"].tolist() == ["plan"]


LIQUIDLOGIC = (
    "LCS ID,DOB,Gender,Ethnicity,Referral Date/Time,Referral Source,Category of Need,Postcode\n"
    "501,01/01/2015,Male,White - British,23/05/2024 14:05,2A - Schools,N1 - Abuse or neglect,"
    "BL1 1AP\n"
)
MOSAIC = (
    "PERSON_ID;DATE_OF_BIRTH;GENDER;ETHNICITY;REGISTRATION_START_DATE;DEREGISTRATION_DATE;"
    "CATEGORY_OF_REGISTRATION;POST_CODE\n"
    "501;01-JAN-2015;M;White British;23-MAY-2024;;Emotional Abuse;BL1 1AP\n"
)


@pytest.mark.parametrize(
    ("text", "kind", "category"),
    [
        (LIQUIDLOGIC, "referral", "Abuse or neglect"),
        (MOSAIC, "plan", "Emotional abuse"),
    ],
)
def test_exports_of_case_systems(write, text, kind, category):
    found = local_records.read(write(text))
    assert found.rejects.empty
    (record,) = found.records.to_dict("records")
    assert (record["kind"], record["category"], record["age"]) == (kind, category, 9)
    assert (record["date"], record["postcode"]) == (pd.Timestamp("2024-05-23"), "BL1 1AP")
    assert record["ethnicity"] == "White British"


def test_a_row_per_child_is_a_referral_and_a_plan(write):
    text = (
        "Child ID,Referral date,CP plan start date,CP plan end date,Postcode\n"
        "a,2024-05-03,2024-06-03,2024-12-03,BL1 1AP\nb,2024-05-04,,,BL1 1AP\n"
        "c,,2024-06-05,,BL1 1AP\nd,,,,BL1 1AP\n"
    )
    found = local_records.read(write(text))
    kinds = list(zip(found.records["child_id"], found.records["kind"], strict=True))
    assert kinds == [("a", "referral"), ("b", "referral"), ("a", "plan"), ("c", "plan")]
    assert rejected(found) == {5: "impossible date"}
    assert found.records["end_date"].notna().sum() == 1
    assert len(local_records.read(write(text), kind="plans").records) == 2


def test_a_mapping_names_columns_words_and_options(write, tmp_path):
    text = "Ref;When;Where;Why\n1;04/05/2024;BL1 1AP;Harm type 3\n2;24/05/2024;BL1 1AP;Police\n"
    mapping = tmp_path / "ours.toml"
    mapping.write_text(
        '[columns]\nchild_id = "Ref"\ndate = ["Started", "when"]\npostcode = "Where"\n'
        'category = "Why"\n[words.category]\n"harm type 3" = "Neglect"\n'
        '[options]\nkind = "plans"\n',
        encoding="utf-8",
    )
    found = local_records.read(write(text), columns=mapping)
    assert found.records["category"].tolist() == ["Neglect", "Police"]
    assert remarked(found, "category") == [3]
    assert found.reading.headings == {
        "plan": {"child_id": "Ref", "date": "When", "postcode": "Where", "category": "Why"}
    }
    said = {"child_id": "Ref", "date": "When", "postcode": "Where"}
    assert len(local_records.read(write(text), kind="plans", columns=said).records) == 2


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        ({"child": "x"}, UsageError, r"columns='child' is not known.*Did you mean 'child_id'"),
        ({"child_id": 3}, UsageError, "expected a dict with text or a list of texts for each"),
        ("[columns\n", SourceError, "cannot be read as TOML"),
        ("[colums]\n", UsageError, "part of the mapping='colums' is not known"),
        ('[words.category]\n"x" = "Harm"\n', UsageError, "words.category='Harm' is not known"),
        ('[options]\ndate_order = "us"\n', UsageError, "date_order='us' is not known"),
        ('[options]\nkind = "contacts"\n', UsageError, "kind='contacts' is not known"),
        (
            {"child_id": "Ref", "date": "Whenn"},
            SchemaError,
            r"no column for date.*headings that the file does not have: Whenn.*Did you mean 'When'",
        ),
    ],
)
def test_a_mapping_that_is_not_valid_is_rejected(write, tmp_path, said, error, message):
    text = "Ref,When,Postcode\n1,2024-05-04,BL1 1AP\n"
    if isinstance(said, str):
        path = tmp_path / "ours.toml"
        path.write_text(said)
        said = path
    with pytest.raises(error, match=message):
        local_records.read(write(text), kind=None if error is UsageError else "plans", columns=said)


def test_a_mapping_file_that_is_not_there(write):
    with pytest.raises(SourceError, match=r"There is no mapping file 'none.toml'"):
        local_records.read(write("child_id,date,postcode\n"), kind="plans", columns="none.toml")


def test_a_workbook_under_a_password_says_so(write):
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    content += "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
    with pytest.raises(SourceError, match=r"'x.xlsx' is protected by a password") as caught:
        local_records.read(write(content, name="x.xlsx"), kind="plans")
    assert caught.value.__context__ is None
    with pytest.raises(SourceError, match="workbook that cannot be opened"):
        local_records.read(write(content[:500], name="y.xls"), kind="plans")


def test_a_file_that_is_no_table(write):
    with pytest.raises(SourceError, match="is not text"):
        local_records.read(write(b"abc\0def\0ghi", name="x.bin"), kind="plans")


def test_parquet_of_categories_and_missing_values(tmp_path):
    frame = pd.DataFrame(
        {
            "child_id": pd.Categorical(["a", "b", "c"]),
            "date": pd.to_datetime(["2024-05-03", None, "2024-05-05"]),
            "age": pd.array([1, None, 3], dtype="Int64"),
            "postcode": ["BL1 1AP", None, None],
            "lsoa_code": pd.array([None, None, "E01004817"], dtype="string"),
        }
    )
    frame.to_parquet(tmp_path / "x.parquet", row_group_size=2)
    found = local_records.read(tmp_path / "x.parquet", kind="referrals")
    assert found.records["age"].tolist() == [1, 3]
    assert rejected(found) == {3: "impossible date"}


def test_old_excel_and_zips_are_read_too(write, tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("x.csv", "Child ID,Date,Postcode\na,2024-05-03,BL1 1AP\n")
    assert len(local_records.read(tmp_path / "x.zip", kind="plans").records) == 1


def test_every_name_of_a_column_leads_to_one_column():
    facts = local_layouts.facts()["columns"]
    for kind in ("referral", "plan"):
        seen = {}
        for group in (facts[kind], facts["any"]):
            for name, headings in group.items():
                for heading in headings:
                    assert seen.setdefault(local_layouts.key(heading), name) == name, heading


CENSUS = """<?xml version="1.0" encoding="utf-8"?>
<Message{namespace}><Header><CollectionDetails><Collection>CIN</Collection><Year>2025</Year>
<ReferenceDate>2025-03-31</ReferenceDate></CollectionDetails></Header><Children>
<Child><ChildIdentifiers><LAchildID>c1</LAchildID><PersonBirthDate>2015-01-01</PersonBirthDate>
<Sex>F</Sex></ChildIdentifiers><ChildCharacteristics><Ethnicity>WBRI</Ethnicity>
</ChildCharacteristics><CINdetails><CINreferralDate>2024-05-03</CINreferralDate>
<ReferralSource>6</ReferralSource><PrimaryNeedCode>N1</PrimaryNeedCode>
<ChildProtectionPlans><CPPstartDate>2024-06-03</CPPstartDate><CPPendDate>2024-12-03</CPPendDate>
<InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse>
<LatestCategoryOfAbuse>EMO</LatestCategoryOfAbuse></ChildProtectionPlans></CINdetails>
<CINdetails><CINreferralDate>2025-02-03</CINreferralDate></CINdetails></Child>
<Child><ChildIdentifiers><LAchildID>c2</LAchildID>
<ExpectedPersonBirthDate>2025-05-01</ExpectedPersonBirthDate><GenderCurrent>9</GenderCurrent>
</ChildIdentifiers><CINdetails><CINreferralDate>2025-02-31</CINreferralDate></CINdetails>
<CINdetails><CINreferralDate>2025-02-03</CINreferralDate></CINdetails></Child>
</Children></Message>"""


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://example.org/cin"'])
def test_a_census_return(write, namespace):
    found = local_records.read(write(CENSUS.format(namespace=namespace), name="cin.xml"))
    records = found.records
    assert records["kind"].tolist() == ["referral", "referral", "referral", "plan"]
    assert records["age"].tolist() == [9, 10, -1, 9]
    assert records["birth_year_to_march"].tolist() == [2015, 2015, 2026, 2015]
    assert records["sex"].tolist() == ["female", "female", "unknown", "female"]
    assert records["category"].dropna().tolist() == ["Abuse or neglect", "Neglect"]
    assert records["referral_source"].dropna().tolist() == ["Police"]
    assert records["end_date"].dropna().tolist() == [pd.Timestamp("2024-12-03")]
    assert found.reading.year == 2025
    assert rejected(found) == {2: "impossible date"}
    assert (
        len(
            local_records.read(
                write(CENSUS.format(namespace=namespace), name="cin.xml"), kind="plans"
            ).records
        )
        == 1
    )


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (CENSUS.format(namespace="")[:600], SourceError, "cut off, damaged"),
        ('<?xml version="1.0"?><Other/>', SchemaError, "not a children in need census return"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><Message/>', SourceError, "declares a document type"),
    ],
)
def test_xml_that_is_not_a_return_is_rejected(write, text, error, message):
    with pytest.raises(error, match=message) as caught:
        local_records.read(write(text, name="x.xml"))
    assert caught.value.__context__ is None


cells = st.text(alphabet="abcXYZ0123456789/-:=+@;,|\"'\n\r\t é", max_size=10)


@given(st.lists(st.lists(cells, max_size=6), max_size=8), st.sampled_from(",;\t|"))
def test_any_bytes_are_read_or_rejected_with_our_own_message(tmp_path_factory, rows, delimiter):
    import csv

    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([["Child ID", "Date", "Postcode"], *rows])
    path = tmp_path_factory.mktemp("any") / "x.csv"
    path.write_bytes(text.getvalue().encode())
    # A cell over several lines that look like rows is refused: a stray quote may have made it.
    over_lines = any(end in cell for row in rows for cell in row for end in "\r\n")
    with contextlib.suppress(SourceError) if over_lines else contextlib.nullcontext():
        found = local_records.read(path, kind="referrals")
        assert len(found.records) + len(found.rejects) == found.reading.rows
        assert found.rows["row"].is_monotonic_increasing
