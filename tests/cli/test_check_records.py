"""What ``bolton-jsna check`` shows of an extract: numbers and row numbers, never a child."""

import json
import stat

import pandas as pd
import pytest
from typer.testing import CliRunner

from bolton_jsna import snapshot
from bolton_jsna.cli.check_records import check_lines, check_records
from bolton_jsna.cli.main import app
from bolton_jsna.core.errors import SchemaError, SourceError, UsageError

SECRETS = ("CHILD-77", "CHILD-78", "M1 1AE", "ZZ9 9ZZ", "2024-05-17", "17/05/2024", "Secret words")
TEXT = (
    "Child ID,Date,Postcode,LSOA,Age,Source,Name\n"
    "CHILD-77,17/05/2024,BL1 1AP,,7,Police,N\n"
    "CHILD-77,17/05/2024,BL1 1AP,,7,Police,N\n"
    "CHILD-77,18/05/2024,BL1 1AP,,7,Secret words,N\n"
    "CHILD-78,31/02/2024,BL1 1AP,,7,Police,N\n"
    "CHILD-78,17/05/2024,BL1 1AP,,19,Police,N\n"
    "CHILD-78,17/05/2024,M1 1AE,,8,Police,N\n"
    "CHILD-79,17/05/2024,,E01005061,8,Police,N\n"
    "CHILD-80,17/05/2024,ZZ9,,8,Police,N\n"
    ",17/05/2990,,,8,Police,N\n"
)


@pytest.fixture
def extract(tmp_path):
    path = tmp_path / "extract.csv"
    path.write_text(TEXT, encoding="utf-8")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("year", ["20245", "24", "-1", "2024/25", "2024.5"])
@pytest.mark.parametrize("verb", ["check", "build"])
def test_a_year_that_is_not_one_is_wrong_use(extract, verb, year):
    with pytest.raises(UsageError, match=f"year='{year}' is not a year"):
        run(verb, *([extract] if verb == "check" else []), "--year", year)


@pytest.mark.parametrize("verb", ["check", "build", "status", "refresh"])
def test_a_place_that_is_no_authority_is_wrong_use_of_every_command(extract, tmp_path, verb):
    given = [extract] if verb == "check" else []
    with pytest.raises(UsageError, match="for current upper-tier authorities only; found England"):
        run(verb, *given, "--area", "England", "--workspace", tmp_path)


def run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)


def found_of(check):
    return {each.what: each.rows for each in check.findings}


def test_everything_is_counted_with_its_rows(extract):
    check = check_records(extract, kind="referrals")
    assert (check.rows, check.used) == (9, 5)
    assert check.kinds == {"referral": 5}
    assert check.years == {"referral": (2025, 2025)}
    assert check.events_per_child == {"referral": {"1": 3, "2": 1, "3": 0, "4 or more": 0}}
    rows = found_of(check)
    assert rows["same child, kind and day as an earlier row"] == (3,)
    assert rows["impossible date"] == (5, 10)
    assert rows["no child id"] == (10,)
    assert rows["aged 18 or over"] == (6,)
    (unknown,) = [each for each in check.findings if each.what.startswith("unknown postcode")]
    assert (unknown.rows, unknown.used) == ((7,), True)
    (outside,) = [each for each in check.findings if each.what.startswith("LSOA outside Bolton")]
    assert outside.rows == (8,)
    (bad,) = [each for each in check.findings if "cannot be read" in each.what]
    assert bad.rows == (9,)
    assert check.notes == ("Columns left out: 1.",)
    assert sum(each.count for each in check.findings if not each.used) >= check.rows - check.used


def test_neither_lines_nor_json_nor_rejects_hold_a_child(extract, tmp_path):
    rejects = tmp_path / "rejects.csv"
    for arguments in ([], ["--json"]):
        said = run("check", extract, "--kind", "referrals", "--rejects", rejects, *arguments)
        assert said.exit_code == 0
        assert "Not for publication" in said.output
        told = said.output + rejects.read_text(encoding="utf-8")
        assert not [secret for secret in SECRETS if secret in told]
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    written = pd.read_csv(rejects)
    assert list(written.columns) == ["row", "reason"]
    assert written["row"].tolist() == [3, 5, 6, 10]
    parsed = json.loads(run("check", extract, "--kind", "referrals", "--json").output)
    assert parsed["rows"] == 9
    assert {each["count"] for each in parsed["findings"]} == {1, 2}


def test_nothing_is_written_unless_asked(extract, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("check", extract, "--kind", "referrals")
    assert [each.name for each in tmp_path.iterdir()] == ["extract.csv"]


def test_rejects_are_private_whatever_the_umask_and_never_replace_the_extract(extract, tmp_path):
    rejects = tmp_path / "rejects.csv"
    rejects.write_text("row,reason\n1,old\n")
    rejects.chmod(0o644)
    check_records(extract, kind="referrals", rejects=rejects)
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="would replace the extract"):
        check_records(extract, kind="referrals", rejects=extract)
    assert extract.read_text(encoding="utf-8") == TEXT


def test_an_extract_that_others_can_read_is_reported(extract):
    extract.chmod(0o644)
    assert any("chmod 600 extract.csv" in each for each in check_records(extract, kind="cpp").notes)


def test_the_illustrative_records_are_without_fault(tmp_path):
    path = tmp_path / "records.parquet"
    snapshot.read("local_records@illustrative").to_parquet(path)
    check = check_records(path)
    assert check.used == check.rows
    assert not [each for each in check.findings if not each.used]
    assert check.years == {"plan": (2020, 2025), "referral": (2023, 2025)}
    assert set(check.kinds) == {"plan", "referral"}


def test_rows_of_several_sheets_are_reported_by_sheet(tmp_path):
    path = tmp_path / "x.xlsx"
    with pd.ExcelWriter(path) as book:
        for name, days in (("Ann", ["2024-05-03", "x"]), ("Bob", ["x", "2024-06-03"])):
            pd.DataFrame(
                {"Child ID": ["a", "b"], "Referral date": days, "Postcode": ["BL1 1AP"] * 2}
            ).to_excel(book, sheet_name=name, index=False)
    lines = check_lines(check_records(path))
    assert "2  impossible date: sheet 1 row 3; sheet 2 row 2" in lines
    assert "Sheets by number: read 1-2." in lines
    assert "Ann" not in lines


def test_counts_by_area_are_checked_too(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text("WD23CD,Year,Referrals\nE05014818,2024-25,12\nE05099999,2025,c\nx,2025,1.5\n")
    check = check_records(path)
    assert (check.rows, check.used, check.how) == (3, 1, "counts by area")
    assert found_of(check) == {
        "ward of another authority or year": (3,),
        "area code is not a GSS code": (4,),
        "count is neither a whole number nor a known marker": (4,),
    }
    assert "1 counts of referrals, years 2025, 1 areas" in check.notes[0]


def test_counts_of_several_events_are_all_reported(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text(
        "WD23CD,Year,Referrals,Plans,Notes\nE05014818,2025,12,3,\nE05014819,2025,9,?,\n"
    )
    check = check_records(path)
    assert (check.rows, check.used) == (2, 3)
    assert found_of(check) == {
        "count is neither a whole number nor a known marker: cpp_at_31_march": (3,)
    }
    said = run("check", path)
    assert said.exit_code == 0
    assert "2 rows: 3 counts used." in said.output
    assert "3 counts of cpp_at_31_march, referrals, years 2025, 2 areas" in said.output


def test_a_file_that_cannot_be_understood_fails_without_quoting_it(tmp_path, capfd):
    path = tmp_path / "x.csv"
    path.write_text("CHILD-77,2024-05-17,M1 1AE,Secret words\n")
    for arguments in ([], ["--kind", "referrals"]):
        with pytest.raises(SchemaError, match="has no row of headings") as caught:
            run("check", path, *arguments)
        assert not any(secret in str(caught.value) for secret in SECRETS)
    with pytest.raises(SourceError, match="There is no file"):
        run("check", tmp_path / "none.csv")


def test_another_authority_without_its_lookup_is_reported(extract):
    check = check_records(extract, kind="referrals", area="Rochdale")
    assert any("LSOAs of Rochdale are not available" in each for each in check.notes)
