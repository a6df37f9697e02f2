"""Counts that an authority added up itself."""

import pytest

from bolton_jsna.errors import SchemaError, UsageError
from bolton_jsna.tables import local_counts


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
        "E05014819,2025,referrals,7\nE05014820,2024-26,referrals,7\nE05014821,2025,contacts,7\n"
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


def test_what_is_not_said_is_asked_for(write):
    with pytest.raises(UsageError, match="does not say the year"):
        local_counts.read(write("Ward code,Referrals\nE05014818,12\n"))
    with pytest.raises(UsageError, match="does not say what is counted"):
        local_counts.read(write("Ward code,Count\nE05014818,12\n"), year=2025)
    with pytest.raises(SchemaError, match="lacks area_code and count"):
        local_counts.read(write("Ward,Count\nA,12\n"), year=2025)


def test_records_are_not_taken_for_counts(write):
    assert local_counts.are_counts(write("Ward code,Count\nE05014818,12\n"))
    assert not local_counts.are_counts(write("Child ID,Date,LSOA code,Count\na,x,E01004766,1\n"))
