"""Headings of exports that each authority sets up itself."""

import pytest

from bolton_jsna.core.errors import SchemaError
from bolton_jsna.tables.local import layouts as local_layouts
from bolton_jsna.tables.local import records as local_records
from bolton_jsna.tables.local.layouts import FileSettings

CHILD = [
    *("LL Person ID", "Person Ref", "LCS Person ID", "Child Ref No", "Client Ref", "Anonymised ID"),
    *("Case Ref", "Case Number", "Mosaic ID", "Eclipse Person ID", "Childs Unique Ref", "LL ID"),
    *("Young Person ID", "Person Number", "Pseudonymised Child ID", "Service User Ref"),
]
REFERRAL = [
    *("Referral Date", "Date Of Referral", "Referral Received On", "CIN Referral Date"),
    *("Date Referral Started", "Referral Start", "New Referral Date", "Referral Opened Date"),
]
PLAN = [
    *("CP Plan Start", "CPP Start", "CP Start", "Child Protection Plan Started On", "CPP From"),
    *("Plan Start", "Plan Started On", "Date CP Plan Started", "Start of CP Plan", "CP Plan Began"),
    *("Date of CP Registration", "CP Plan Commenced", "Start Date of CP Plan", "Plan Commencement"),
]
END = [
    *("CP Plan End", "CPP End", "CP Plan Closed", "Plan Ended On", "Date CP Plan Ended", "CPP To"),
    *("End of CP Plan", "Plan End", "CP Plan Ceased Date", "End Date of CP Plan"),
]


def found(*headings: str) -> dict[str | None, dict[str, int]]:
    return {
        way.kind: dict(way.places)
        for way in local_layouts.row_layouts(headings, None, FileSettings())
    }


@pytest.mark.parametrize("heading", CHILD)
def test_a_child_goes_by_many_names(heading):
    assert found(heading, "Referral date")["referral"] == {"child_id": 0, "date": 1}


@pytest.mark.parametrize("heading", REFERRAL)
def test_the_day_of_a_referral(heading):
    assert found("Child ID", heading) == {"referral": {"child_id": 0, "date": 1}}


@pytest.mark.parametrize("heading", PLAN)
def test_the_day_on_which_a_plan_began(heading):
    assert found("Child ID", heading) == {"plan": {"child_id": 0, "date": 1}}


@pytest.mark.parametrize("heading", END)
def test_the_day_on_which_a_plan_ended(heading):
    assert found("Child ID", "CP Plan Start", heading)["plan"]["end_date"] == 2


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "Referral ID",
            "Referral Outcome",
            "Referral Closed Date",
            "Referral Count",
            "Referrer ID",
        ),
        *(
            "CIN Plan Start",
            "Pathway Plan Start",
            "EHCP Start",
            "Assessment Start",
            "Care Plan End",
        ),
        *("Worker ID", "Team", "Placement Postcode", "School Postcode", "LA Code", "Family ID"),
        *("Ward", "Surname", "Parent Ethnicity", "Mother DOB", "Next Review Date", "Case Worker"),
    ],
)
def test_what_is_something_else_is_left(heading):
    assert not local_layouts.is_known(local_layouts.key(heading))


def test_the_child_goes_before_the_case():
    """Brothers and sisters may share a case."""
    places = found("Case Number", "LL Person ID", "Referral Date")["referral"]
    assert places["child_id"] == 1


def test_an_export_is_read_whole(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(
        "LL Person ID,Person DOB,Gender Code,CP Plan Start,CP Plan End,LSOA code (2021)\n"
        "1,2015-04-05,F,2024-05-03,Ongoing,E01004766\n"
    )
    found = local_records.read(path)
    assert found.rejects.empty
    row = found.records.iloc[0]
    assert (row["kind"], row["age"], row["sex"], row["lsoa_code"]) == (
        "plan",
        9,
        "female",
        "E01004766",
    )


def test_the_advice_has_the_files_own_headings(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("Client,Reg'd,Ended,Home\nQX1,03/05/2024,,BL1 1AP\nQX2,04/05/2024,,BL1 1AP\n")
    with pytest.raises(SchemaError, match="has no row of headings") as caught:
        local_records.read(path)
    said = str(caught.value)
    assert "--columns ours.toml" in said
    assert '"Client", "Reg\'d", "Ended", "Home"' in said
    ours = tmp_path / "ours.toml"
    made = said[said.index("[columns]") :]
    for name, heading in {"child_id": "Client", "date": "Reg'd", "postcode": "Home"}.items():
        made = made.replace(f'{name} = "..."', f'{name} = "{heading}"')
    ours.write_text(made)
    assert len(local_records.read(path, columns=ours).records) == 2


def test_the_advice_quotes_no_record_of_a_file_without_headings(tmp_path):
    path = tmp_path / "bare.csv"
    for text in (
        "Zed Smith,03/05/2024,BL1 1AP,girl\nBob Jones,04/05/2024,BL1 1AP,boy\n",
        "Zed Smith,3 May 2024,Neglect\nBob Jones,4 May 2024,Neglect\n",
        "Zed Smith,girl,Neglect\nBob Jones,boy,Neglect\n",
    ):
        path.write_text(text)
        with pytest.raises(SchemaError) as caught:
            local_records.read(path, kind="referrals")
        assert not any(word in str(caught.value) for word in ("Zed", "Bob", "2024", "BL1"))
        assert "--columns ours.toml" in str(caught.value)
