"""Counts that an authority has added up."""

import pandas as pd
import pytest

from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.tables.local import counts as local_counts


@pytest.fixture
def write(tmp_path):
    def _write(text):
        path = tmp_path / "counts.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return _write


def test_counts_by_ward_and_year(write):
    text = (
        'area_code,year,indicator,count\nE05014818,2024/25,referrals,"1,204"\n'
        "E05014818,2024-2025,Plans at 31 March,0\ne05014819,2025,referrals,c\n"
        "E05014819,2025,referrals,c\nE05014820,2024-26,referrals,7\nE05014821,2025,contacts,7\n"
        "E05014822,2025,referrals,-7\n"
    )
    found = local_counts.read(write(text))
    rows = found.counts.astype(object).where(found.counts.notna(), None).to_numpy().tolist()
    assert rows == [
        ["E05014818", "referrals", 2025, 1204, "value"],
        ["E05014818", "cpp_at_31_march", 2025, 0, "value"],
        ["E05014819", "referrals", 2025, None, "suppressed"],
    ]
    assert dict(found.rejects.itertuples(index=False, name=None)) == {
        5: "same area, event and year as an earlier row",
        6: "year cannot be read",
        7: "what is counted is not known",
        8: "count is neither a whole number nor a known marker",
    }


def test_the_heading_or_the_call_may_say_what_is_counted(write):
    path = write("Ward code;Referrals\nE05014818;12\n")
    assert local_counts.read(path, year=2025).counts["event"].tolist() == ["referrals"]
    path = write("LSOA21CD,Count\nE01004766,3\n")
    found = local_counts.read(path, year=2025, event="cpp_started").counts
    assert found[["event", "year"]].to_numpy().tolist() == [["cpp_started", 2025]]


WIDE = (
    "Ward code,Year,Referrals,Assessments,Plans\n"
    "E05014818,2024-25,12,99,3\nE05014819,2024-25,c,99,0\n"
)


def test_every_column_that_names_an_event_is_read(write):
    found = local_counts.read(write(WIDE))
    rows = found.counts.astype(object).where(found.counts.notna(), None).to_numpy().tolist()
    assert rows == [
        ["E05014818", "referrals", 2025, 12, "value"],
        ["E05014818", "cpp_at_31_march", 2025, 3, "value"],
        ["E05014819", "referrals", 2025, None, "suppressed"],
        ["E05014819", "cpp_at_31_march", 2025, 0, "value"],
    ]
    assert found.rejects.empty
    assert found.reading.rows == 2
    assert local_counts.described(found.counts) == (
        "4 counts of cpp_at_31_march, referrals, years 2025, 2 areas"
    )


def test_wide_counts_are_the_long_ones(write):
    wide = local_counts.read(write(WIDE)).counts
    text = (
        "Ward code,Year,Event,Count\nE05014818,2025,Referrals,12\nE05014818,2025,Plans,3\n"
        "E05014819,2025,Referrals,c\nE05014819,2025,Plans,0\n"
    )
    long = local_counts.read(write(text)).counts
    pd.testing.assert_frame_equal(wide, long)


def test_a_bad_cell_takes_its_own_event_and_no_other(write):
    text = (
        "Wards of the town\n"
        "Ward code,Year,Plans started,Referrals\n"
        "E05014818,2025,1.5,12\n"
        "\n"
        "E05014818,2025,4,12\n"
        "x,2025,4,many\n"
        "E05014818,2025,4,12\n"
    )
    found = local_counts.read(write(text))
    assert found.counts[["event", "count"]].to_numpy().tolist() == [
        ["referrals", 12],
        ["cpp_started", 4],
    ]
    number, again = (
        "count is neither a whole number nor a known marker",
        "same area, event and year as an earlier row",
    )
    assert dict(found.rejects.itertuples(index=False, name=None)) == {
        3: f"{number}: cpp_started",
        5: f"{again}: referrals",
        6: f"area code is not a GSS code; {number}: referrals",
        7: f"{again}: cpp_started; {again}: referrals",
    }
    assert found.reading.rows == 4


@pytest.mark.parametrize("rows", [["12", "13"], ["13", "12"], ["c", "12"], ["12", "c"]])
def test_two_counts_of_one_area_are_rejected_in_any_order(write, rows):
    lines = [f"E05014818,2025,referrals,{each}\n" for each in rows]
    other = "E05014819,2025,referrals,4\n"
    found = local_counts.read(write("".join(["area_code,year,event,count\n", *lines, other])))
    assert found.counts["area_code"].tolist() == ["E05014819"]
    reason = "another count for the same area, event and year"
    assert dict(found.rejects.itertuples(index=False, name=None)) == {2: reason, 3: reason}


def test_events_under_headings_of_two_rows(write):
    found = local_counts.read(
        write(",,Referrals,Plans\nWard code,Year,Number,Number\nE05014818,2025,12,3\n")
    )
    assert found.counts[["event", "count"]].to_numpy().tolist() == [
        ["referrals", 12],
        ["cpp_at_31_march", 3],
    ]


@pytest.mark.parametrize(
    ("headings", "message"),
    [
        (
            "Ward code,Year,Measure,Referrals,Plans",
            r"has a column 'Measure' and more than one heading that names an event "
            r"\('Referrals', 'Plans'\)\. Give either",
        ),
        (
            "Ward code,Year,Total,Referrals,Plans",
            r"column 'Total', which does not name what it counts, next to 'Referrals', 'Plans'",
        ),
        (
            "Ward code,Year,Plans,Child protection plans,Referrals",
            r"more than one column for cpp_at_31_march: its counts are under 'Plans', 'Child ",
        ),
        ("Ward code,Year,Count,Count,Notes", r"more than one column 'Count'\. Name the event"),
    ],
)
def test_columns_that_contradict_each_other_are_rejected(write, headings, message):
    path = write(f"{headings}\nE05014818,2025,1,2,3\n")
    assert local_counts.are_counts(path)
    with pytest.raises(SchemaError, match=message):
        local_counts.read(path)


def test_an_event_asked_for_must_be_one_of_several_in_the_headings(write):
    path = write(WIDE)
    assert len(local_counts.read(path, event="referrals").counts) == 4
    with pytest.raises(UsageError, match="not event='cpp_started'"):
        local_counts.read(path, event="cpp_started")


def test_headings_alone_hold_no_counts(write):
    found = local_counts.read(write(WIDE.splitlines()[0] + "\n"))
    assert (len(found.counts), len(found.rejects), found.reading.rows) == (0, 0, 0)


def test_what_is_not_said_is_asked_for(write):
    with pytest.raises(UsageError, match="gives no year"):
        local_counts.read(write("Ward code,Referrals\nE05014818,12\n"))
    with pytest.raises(UsageError, match="does not name what is counted"):
        local_counts.read(write("Ward code,Count\nE05014818,12\n"), year=2025)
    with pytest.raises(SchemaError, match="no row of headings with area_code and count"):
        local_counts.read(write("Place,Count\nA,12\n"), year=2025)


def test_records_are_not_taken_for_counts(write):
    assert local_counts.are_counts(write("Ward code,Count\nE05014818,12\n"))
    assert local_counts.are_counts(write(WIDE))
    assert not local_counts.are_counts(write("Child ID,Date,LSOA code,Count\na,x,E01004766,1\n"))
