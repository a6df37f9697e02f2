"""Rows of counts that are a part of another, shares, and areas that are not known."""

from pathlib import Path

import pytest

from bolton_jsna.core.errors import SchemaError
from bolton_jsna.tables.local import _cin_census
from bolton_jsna.tables.local import counts as local_counts
from bolton_jsna.tables.local import records as local_records

WARDS = [f"E050148{number}" for number in range(18, 22)]


def counted(folder: Path, *lines: str):
    path = folder / "x.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return local_counts.read(path)


@pytest.mark.parametrize("counts", [(5, 5), (5, 6)])
@pytest.mark.parametrize(("heading", "parts"), [("Sex", "MF"), ("Quarter", "12")])
def test_counts_broken_down_are_not_taken_for_repeats(tmp_path, counts, heading, parts):
    lines = [
        f"{ward},2025,{count},{part}"
        for ward in WARDS
        for count, part in zip(counts, parts, strict=True)
    ]
    with pytest.raises(SchemaError, match=rf"differ in column '{heading}'\. Expected one row"):
        counted(tmp_path, f"Ward code,Year,Referrals,{heading}", *lines)


def test_a_row_that_says_the_same_again_is_used_once(tmp_path):
    lines = [f"{ward},2025,5,M" for ward in WARDS]
    found = counted(tmp_path, "Ward code,Year,Referrals,Sex", *lines, lines[0])
    assert found.counts["count"].sum() == 20
    assert found.rejects["row"].tolist() == [6]


@pytest.mark.parametrize("heading", ["Referrals (%)", "Referrals %", "% of referrals"])
def test_a_share_is_no_count(tmp_path, heading):
    from bolton_jsna.tables.local._count_layouts import event_of

    assert event_of(heading) is None
    lines = [f"{ward},2025,40,5" for ward in WARDS]
    found = counted(tmp_path, f"Ward code,Year,Referrals,{heading}", *lines)
    assert found.counts["count"].sum() == 160


@pytest.mark.parametrize("word", ["Unknown", "Unallocated", "Not Known / Out of Area", "Missing"])
def test_a_blank_code_next_to_an_unknown_name_counts_for_the_authority(tmp_path, word):
    lines = [f"{ward},a ward,2025,40" for ward in WARDS]
    head = "WD24CD,Ward,Year,Referrals"
    found = counted(tmp_path, head, *lines, f",{word},2025,7", ",Total,2025,167")
    assert found.counts["count"].sum() == 167
    assert found.rejects["row"].tolist() == [7]


@pytest.mark.parametrize(("number", "code"), [("354", {"E08000005"}), ("999", set())])
def test_a_return_says_by_its_header_whose_it_is(tmp_path, number, code):
    child = "<ChildIdentifiers><LAchildID>a</LAchildID></ChildIdentifiers>"
    need = "<CINdetails><CINreferralDate>2024-05-03</CINreferralDate></CINdetails>"
    header = (
        f"<Header><CollectionDetails><Year>2025</Year></CollectionDetails>"
        f"<Source><LEA>{number}</LEA></Source></Header>"
    )
    text = f"<Message>{header}<Children><Child>{child}{need}</Child></Children></Message>"
    path = tmp_path / "x.xml"
    path.write_text(text)
    assert _cin_census.read(text.encode(), name="x.xml").authority == int(number)
    assert set(local_records.read(path).reading.claims.areas) == code


@pytest.mark.parametrize(
    "word",
    [
        *("Not Closed Yet", "open - ongoing", "Child still on plan", "No end date recorded"),
        *("Not applicable - current", "01/01/1753", "0001-01-01"),
    ],
)
def test_more_ways_to_say_that_a_plan_is_open(word):
    from bolton_jsna.tables.local import _blanks as local_blanks

    assert local_blanks.is_open(word)


@pytest.mark.parametrize("word", ["06/02/0023", "2024-13-01", "1024-05-03", "plan", "case"])
def test_a_slip_of_the_pen_is_no_open_plan(word):
    from bolton_jsna.tables.local import _blanks as local_blanks

    assert not local_blanks.is_open(word)


def test_a_long_cell_is_judged_at_once():
    from bolton_jsna.tables.local import _blanks as local_blanks

    assert not local_blanks.is_open("currentlyopen" * 2000 + "x")


@pytest.mark.parametrize(
    "written", ["May 03, 2024", "May  3 2024 12:00AM", "Friday, May 3, 2024", "Sept 3, 2024"]
)
def test_a_day_with_its_month_in_words_first_is_read(tmp_path, written):
    path = tmp_path / "x.csv"
    path.write_text(f'Child ID,Date,Kind,Postcode\na,"{written}",CP Plan,BL1 1AP\n')
    found = local_records.read(path)
    month = 9 if written.startswith("Sept") else 5
    assert found.records["date"].dt.strftime("%Y-%m-%d").tolist() == [f"2024-{month:02d}-03"]
    assert found.records["kind"].tolist() == ["plan"]
