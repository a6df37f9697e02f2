"""The authority's own records: read in many forms, rejected by row number, never quoted."""

import csv
import io
import logging

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna import snapshot
from bolton_jsna.core.errors import BoltonJsnaError, SchemaError, SourceError, UsageError
from bolton_jsna.tables import schemas
from bolton_jsna.tables.local import records as local_records

SECRET = ("CHILD-77", "BL1 9ZZ", "2024-02-31", "Name Of A Child")


@pytest.fixture
def write(tmp_path):
    """Write a text as a CSV and return its path."""

    def _write(text, encoding="utf-8"):
        path = tmp_path / "extract.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return _write


def rejected(found):
    return dict(found.rejects.itertuples(index=False, name=None))


def test_the_smallest_file(write):
    found = local_records.read(
        write("child_id,date,lsoa_code\na,2024-04-01,e01004817\n"), kind="cpp"
    )
    (row,) = found.records.to_dict("records")
    assert row["kind"] == "plan"
    assert row["date"] == pd.Timestamp("2024-04-01")
    assert row["lsoa_code"] == "E01004817"
    assert not row["illustrative"]
    assert found.records[["end_date", "age", "sex", "postcode", "category"]].isna().all(axis=None)
    assert found.rejects.empty
    schemas.check(found.records, "local_records")


def test_headings_and_words_are_forgiven(write):
    text = (
        "KIND,Child ID,DATE,End-Date,Age,Sex,Post Code,LSOA code,Referral_Source,Surname\n"
        "Referrals,a,3/5/2024,,7,F,bl11ap,,Police,Smith\n"
        "child_protection plan,b,03-05-2024 10:30,04.06.2024,0,boy, bl1  1ap ,,,Smith\n"
        "\n"
        "CPP,c,2024-05-03T09:00:00,,17,9,,E01004817,Zoë,Smith\n"
    )
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        found = local_records.read(write(text, encoding))
        assert found.rejects.empty
        assert found.records["kind"].tolist() == ["referral", "plan", "plan"]
        assert found.records["date"].eq(pd.Timestamp("2024-05-03")).all()
        assert found.records["end_date"].dropna().tolist() == [pd.Timestamp("2024-06-04")]
        assert found.records["age"].tolist() == [7, 0, 17]
        assert found.records["sex"].tolist() == ["female", "male", "unknown"]
        assert found.records["postcode"].dropna().tolist() == ["BL1 1AP", "BL1 1AP"]
        assert found.records["referral_source"].iloc[-1] == "Zoë"
        assert "Surname" not in found.records


REASONS = [
    ("referral,a,31/02/2024,,7,BL1 1AP,,", "impossible date"),
    ("referral,a,05/13/2024,,7,BL1 1AP,,", "month before day in the date"),
    ("referral,a,03/05/2999,,7,BL1 1AP,,", "impossible date"),
    ("referral,a,03/05/2090,,7,BL1 1AP,,", "date in the future"),
    ("referral,a,,,7,BL1 1AP,,", "impossible date"),
    ("referral,a,03/05/0204,,7,BL1 1AP,,", "impossible date"),
    ("plan,a,03/05/2024,soon,7,BL1 1AP,,", "impossible end date"),
    ("plan,a,03/05/2024,02/05/2024,7,BL1 1AP,,", "ends before it begins"),
    ("referral,a,03/05/2024,,18,BL1 1AP,,", "aged 18 or over"),
    ("referral,a,03/05/2024,,-2,BL1 1AP,,", "age is not a whole number from 0 to 17"),
    ("referral,a,03/05/2024,,7.5,BL1 1AP,,", "age is not a whole number from 0 to 17"),
    ("enquiry,a,03/05/2024,,7,BL1 1AP,,", "unknown kind"),
    ("referral,,03/05/2024,,7,BL1 1AP,,", "no child id"),
    ("referral,a,03/05/2024,,7,BL1 1AP,,maybe", "illustrative is neither true nor false"),
    ("enquiry,,03/05/2024,,7,BL1 1AP,,", "unknown kind; no child id"),
]


@pytest.mark.parametrize(("row", "reason"), REASONS)
def test_a_row_that_cannot_be_used_is_named_by_number_and_reason(write, row, reason):
    text = (
        "kind,child_id,date,end_date,age,postcode,lsoa_code,illustrative\n"
        f"referral,good,2024-05-03,,7,BL1 1AP,,\n{row}\n"
    )
    found = local_records.read(write(text))
    assert found.records["child_id"].tolist() == ["good"]
    assert rejected(found) == {3: reason}


def test_a_child_without_a_known_home_still_counts(write):
    text = "child_id,date,postcode,lsoa_code\na,03/05/2024,,\nb,03/05/2024,BL1,X1\n"
    found = local_records.read(write(text), kind="referrals")
    assert found.rejects.empty
    assert found.records[["postcode", "lsoa_code"]].isna().all(axis=None)


def test_rows_of_one_child_kind_and_day_are_used_once(write):
    text = (
        "kind,child_id,date,postcode\n"
        "referral,a,03/05/2024,BL1 1AP\n"
        "plan,a,03/05/2024,BL1 1AP\n"
        "referral,a,2024-05-03,BL2 2AA\n"
        "referral,a,04/05/2024,BL1 1AP\n"
        "referral,b,03/05/2024,BL1 1AP\n"
    )
    found = local_records.read(write(text))
    assert len(found.records) == 4
    assert rejected(found) == {4: "same child, kind and day as an earlier row"}


def test_a_rejected_row_does_not_make_a_later_one_a_repeat(write):
    text = "child_id,date,age,postcode\na,03/05/2024,70,BL1 1AP\na,03/05/2024,7,BL1 1AP\n"
    found = local_records.read(write(text), kind="referrals")
    assert found.records["age"].tolist() == [7]
    assert list(rejected(found)) == [2]


def test_kind_chooses_if_the_file_shows_it(write):
    text = (
        "kind,child_id,date,postcode\nreferral,a,03/05/2024,BL1 1AP\nplan,a,bad,BL1 1AP\n"
        "what,a,03/05/2024,BL1 1AP\n"
    )
    found = local_records.read(write(text), kind="referrals")
    assert found.records["kind"].tolist() == ["referral"]
    assert rejected(found) == {4: "unknown kind"}


def test_an_unreadable_postcode_next_to_an_lsoa_is_left_out(write):
    text = "kind,child_id,date,postcode,lsoa_code\nplan,a,03/05/2024,near BL1,E01004817\n"
    (row,) = local_records.read(write(text)).records.to_dict("records")
    assert pd.isna(row["postcode"])
    assert row["lsoa_code"] == "E01004817"


def test_a_file_of_headings_only_has_no_records(write):
    found = local_records.read(write("kind,child_id,date,postcode\n"))
    assert len(found.records) == len(found.rejects) == 0
    schemas.check(found.records, "local_records")


def test_workbook_and_parquet_say_the_same_as_csv(tmp_path):
    frame = pd.DataFrame(
        {
            "Kind": ["referral", "plan", "plan"],
            "Child ID": [1001, 1002, 1002],
            "Date": pd.to_datetime(["2024-05-03", "2024-05-04", "2024-05-04"]),
            "Age": [7.0, np.nan, 17.0],
            "Postcode": ["BL1 1AP", "bl11aq", "BL1 1AQ"],
        }
    )
    frame.to_csv(tmp_path / "x.csv", index=False)
    frame.to_parquet(tmp_path / "x.parquet", index=False)
    with pd.ExcelWriter(tmp_path / "x.xlsx") as book:
        pd.DataFrame({"Cover": ["notes"]}).to_excel(book, sheet_name="Cover", index=False)
        frame.to_excel(book, sheet_name="Data", index=False)
    flat, parquet, xlsx = (
        local_records.read(tmp_path / f"x.{end}") for end in ("csv", "parquet", "xlsx")
    )
    for other in (parquet, xlsx):
        pd.testing.assert_frame_equal(flat.records, other.records)
        pd.testing.assert_frame_equal(flat.rejects, other.rejects)
    assert flat.records["child_id"].tolist() == ["1001", "1002"]
    # The second of the two says the age as well.
    assert list(rejected(flat)) == [3]


@pytest.mark.parametrize("end", ["csv", "parquet"])
def test_the_illustrative_records_pass_whole(tmp_path, end):
    laid = snapshot.read("local_records@illustrative")
    path = tmp_path / f"records.{end}"
    laid.to_csv(path, index=False) if end == "csv" else laid.to_parquet(path)
    found = local_records.read(path)
    assert found.rejects.empty
    pd.testing.assert_frame_equal(found.records, laid)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Child ID,When,Postcode\nCHILD-77,2024-02-31,BL1 9ZZ\n",
            r"no column for date, kind\. Its headings: Child ID, When, Postcode\. Expected: kind, "
            r".*Without a column kind, give kind=",
        ),
        (
            "kind,child_id,date,Name\nplan,CHILD-77,2024-02-31,Name Of A Child\n",
            r"has no column for postcode or lsoa_code\. Its headings: kind, child_id, date, Name\.",
        ),
        (
            "kind,child_id,date,postcode,Date\nplan,CHILD-77,2024-02-31,BL1 9ZZ,x\n",
            "more than one column for date",
        ),
        ("CHILD-77,2024-02-31,BL1 9ZZ,Name Of A Child\n", "has no row of headings"),
        ("kind\nplan,CHILD-77,2024-02-31,BL1 9ZZ\n", "has no row of headings"),
    ],
)
def test_missing_headings_are_named_and_no_cell_is(write, text, message):
    with pytest.raises(SchemaError, match=message) as caught:
        local_records.read(write(text))
    assert not any(secret in str(caught.value) for secret in SECRET)
    assert caught.value.__context__ is None


def test_a_word_that_is_no_kind_is_wrong_use(write):
    with pytest.raises(UsageError, match=r"kind='referals' is not known.*Did you mean"):
        local_records.read(write("child_id,date,postcode\n"), kind="referals")


def test_a_damaged_parquet_file_is_rejected(tmp_path):
    path = tmp_path / "x.parquet"
    path.write_bytes(b"PAR1" + b"CHILD-77" * 9)
    with pytest.raises(SourceError, match=r"'x.parquet' is a damaged Parquet file") as caught:
        local_records.read(path)
    assert caught.value.__context__ is None


def test_neither_repr_nor_log_shows_a_child(write, caplog):
    text = (
        "kind,child_id,date,postcode\nplan,CHILD-77,2024-02-28,BL1 9ZZ\n"
        "plan,CHILD-77,2024-02-31,BL1 9ZZ\n"
    )
    with caplog.at_level(logging.DEBUG):
        found = local_records.read(write(text))
    assert "1 rows used, 1 rejected" in caplog.text
    said = caplog.text + repr(found) + found.rejects.to_csv()
    assert not any(secret in said for secret in (*SECRET, "2024-02-28"))


noise = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
cells = st.tuples(
    st.sampled_from(["referral", "plan"]) | noise,
    st.sampled_from("abc") | noise,
    st.dates().map(str) | noise,
    st.integers(-1, 19).map(str) | noise,
    st.sampled_from(["BL1 1AP", "bl2 2aa"]) | noise,
    st.sampled_from(["E01004817", ""]) | noise,
)


@given(st.lists(cells, max_size=8))
def test_whatever_stands_in_the_cells_every_row_is_used_or_named(tmp_path_factory, rows):
    columns = ["kind", "child_id", "date", "age", "postcode", "lsoa_code"]
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([columns, *rows])
    path = tmp_path_factory.mktemp("cells") / "x.csv"
    path.write_bytes(text.getvalue().encode())
    try:
        found = local_records.read(path)
    except BoltonJsnaError as error:
        pytest.fail(f"refused as a whole: {error}")
    filled = sum(any(each.strip() for each in row) for row in rows)
    assert len(found.records) + len(found.rejects) == filled
    assert list(found.rejects.columns) == ["row", "reason"]
    schemas.check(found.records, "local_records")


def test_placing_fills_only_what_is_missing_and_changes_nothing_given():
    postcodes = snapshot.read("postcodes@2025")
    without = postcodes.loc[postcodes["lsoa_code"].isna(), "postcode"].iloc[0]
    records = pd.DataFrame(
        {
            "postcode": ["BL1 1AP", "BL1 1AP", without, "ZZ1 1ZZ", None],
            "lsoa_code": [None, "E01004766", None, None, None],
        }
    )
    before = records.copy()
    placed = local_records.place(records, postcodes)
    assert placed["lsoa_code"].iloc[:2].tolist() == ["E01004817", "E01004766"]
    assert placed["lsoa_code"].iloc[2:].isna().all()
    pd.testing.assert_frame_equal(records, before)


def test_placing_needs_both_columns():
    with pytest.raises(SchemaError, match=r"postcodes has no column lsoa_code\. It has postcode"):
        local_records.place(
            pd.DataFrame({"postcode": [], "lsoa_code": []}), pd.DataFrame({"postcode": []})
        )
