"""A local file that may be wrong stops a build, with the message of the check."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.building import rebuild
from bolton_jsna.cli.check_records import check_lines
from bolton_jsna.core.errors import BoltonJsnaError
from command_line import command

pytestmark = pytest.mark.usefixtures("sketched")

REASON = "The teams of two wards are on another system"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[int, str]]:
    """The command line as it is typed: exit code, and what it said."""
    folder = tmp_path_factory.mktemp("here")

    def _run(*arguments: object) -> tuple[int, str]:
        done = command(*arguments, cwd=folder)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    return _run


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    """Invented records that agree with the published totals of 2023 to 2025."""
    found = jsna.load_local_records().records.drop(columns="illustrative")
    return found.assign(date=found["date"].dt.date, end_date=found["end_date"].dt.date)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[pd.DataFrame], Path]:
    def _write(frame: pd.DataFrame, name: str = "extract.csv") -> Path:
        (tmp_path / "w").mkdir(exist_ok=True)
        path = tmp_path / name
        frame.to_csv(path, index=False)
        path.chmod(0o600)
        return path

    return _write


@pytest.fixture(scope="module")
def wards() -> list[str]:
    return sorted(set(jsna.load_lookup("Bolton")["to_code"]))


def counts(
    wards: list[str], total: int, year: object = 2025, name: str = "Referrals"
) -> pd.DataFrame:
    each, more = divmod(total, len(wards))
    return pd.DataFrame(
        {
            "WD24CD": wards,
            "Year": year,
            name: [each + (place < more) for place in range(len(wards))],
        }
    )


@pytest.mark.parametrize("word", ["Ongoing", "Not ended", "31/12/9999"])
def test_plans_that_are_open_in_words_are_all_counted(run, records, write, word):
    open_ = (records["kind"] == "plan") & records["end_date"].isna()
    marked = records.assign(end_date=records["end_date"].astype(object).where(~open_, word))
    code, said = run("check", write(marked))
    assert code == 0
    assert "319 plans at the end of the year (DfE: 319)" in said
    assert "A build would use the year ending 31 March 2025:" in said
    assert f"{int(open_.sum()):>9,}  end date that means not ended" in said


@pytest.mark.parametrize("year", [2026, 2035])
def test_a_year_that_the_records_do_not_reach_is_not_built(run, records, write, tmp_path, year):
    # One event after the year's end is no year either.
    late = records[records["kind"] == "referral"].tail(1).assign(date="2025-04-02")
    path = write(pd.concat([records, late]))
    code, said = run(
        "build", "--local-records", path, "--year", year, "--workspace", tmp_path / "w"
    )
    assert code == 1
    assert f"reach the year ending 31 March 2025, not {year}." in said
    assert "Complete years in them: 2023 to 2025." in said
    assert not (tmp_path / "w" / "data").exists()
    assert f", not {year}." in run("check", path, "--year", year)[1]


def test_years_that_the_records_hold_are_named_for_one_before_them(run, records, write, tmp_path):
    given = ("build", "--local-records", write(records), "--workspace", tmp_path / "w")
    code, said = run(*given, "--year", 2022)
    assert code == 1
    assert "2022" in said
    assert "2023 to 2025" in said


def test_the_day_up_to_which_records_are_whole_can_be_said(records, write):
    """Nothing has happened since January, and the extract was made in April."""
    early = records[pd.to_datetime(records["date"]) <= "2025-01-15"]
    ended = pd.to_datetime(early["end_date"]) > "2025-01-15"
    path = write(early.assign(end_date=early["end_date"].where(~ended)))
    said = check_lines(jsna.check_records(path))
    assert "A build would use the year ending 31 March 2024:" in said
    assert jsna.check_records(path, records_to="2025-04-02").build.year == 2025
    before = jsna.check_records(path, records_to="2024-12-31").build.refusal
    assert "is before the last event of the records" in before
    assert "is after today" in jsna.check_records(path, records_to="2999-01-01").build.refusal


def test_a_year_without_a_published_count_is_reported_as_not_compared(records, write):
    moved = records[records["kind"] == "referral"].drop(
        columns=["age", "birth_year_to_march"], errors="ignore"
    )
    moved["date"] = pd.to_datetime(moved["date"]) + pd.DateOffset(years=1)
    said = check_lines(jsna.check_records(write(moved)))
    assert "A build would use the year ending 31 March 2026:" in said
    assert "Not compared with DfE's count" in said


def test_many_rejected_rows_stop_a_build(records, write, build_of):
    bad = records["date"].astype(object).copy()
    bad.iloc[-160:] = "31/02/2025"
    path = write(records.assign(date=bad))
    words = r"160 of the 14,839 rows of the local file \(1\.1%\) were rejected"
    with pytest.raises(BoltonJsnaError, match=words):
        build_of(path)
    assert re.search(words, jsna.check_records(path).build.refusal)
    bad.iloc[-160:-15] = records["date"].iloc[-160:-15]
    assert jsna.check_records(write(records.assign(date=bad))).build.refusal == ""


def test_what_was_accepted_holds_for_the_same_file_only(run, wards, write, tmp_path):
    path, folder = write(counts(wards, 3000)), tmp_path / "w"
    given = ("build", "--local-records", path, "--workspace", folder)
    code, said = run(*given)
    assert code == 1
    assert "3,000 referrals in the year ending 31 March 2025, 21.1 per cent fewer than" in said
    assert said.split("bolton-jsna: ")[1].strip() in run("check", path)[1].replace("\n  ", "\n")
    assert not (folder / "data" / "processed").exists()

    code, said = run(*given, "--accept", REASON)
    assert code == 0
    assert REASON in said
    assert REASON in (folder / "data/processed/sign_off.json").read_text(encoding="utf-8")
    page = (folder / "data/processed/sign_off.txt").read_text(encoding="utf-8")
    assert REASON in " ".join(page.split())
    for name in ("ward_referral_rate.html", "ward_referral_rate.svg"):
        assert REASON.rsplit(maxsplit=1)[-1] in (folder / "maps" / name).read_text(
            encoding="utf-8"
        ), name
    kept = folder / "not_for_publication.json"
    assert kept.stat().st_mode & 0o077 == 0

    again = rebuild(folder)
    assert again is not None
    assert again.accepted == REASON
    write(counts(wards, 3001))
    with pytest.raises(BoltonJsnaError, match="3,001 referrals"):
        rebuild(folder)
    write(counts(wards, 3000))
    facts = json.loads(kept.read_text(encoding="utf-8"))
    facts["accepted"]["mark"] = "0" * 64
    kept.write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(BoltonJsnaError, match="3,000 referrals"):
        rebuild(folder)


def test_a_reason_is_one_that_can_stand_below_a_map(run, wards, write):
    path = write(counts(wards, 3000))
    assert run("build", "--local-records", path, "--accept", "x" * 301)[0] == 2
    assert run("build", "--local-records", path, "--accept", "  ")[0] == 1


def annex_a(records: pd.DataFrame) -> pd.DataFrame:
    """Referrals as Ofsted's List 3 has them: without a home."""
    referrals = records[records["kind"] == "referral"]
    return pd.DataFrame(
        {
            "Child Unique ID": referrals["child_id"],
            "Age of Child (Years)": referrals["age"],
            "Gender": referrals["sex"],
            "Date of referral": referrals["date"],
            "Referral Source": referrals["referral_source"],
        }
    )


def census(records: pd.DataFrame) -> str:
    """The referrals of 2025 as a return to DfE: the year in its header, and no home."""
    year = pd.to_datetime(records["date"]).between("2024-04-01", "2025-03-31")
    referrals = records[year & (records["kind"] == "referral")]
    children = "".join(
        f"<Child><ChildIdentifiers><LAchildID>{child}</LAchildID></ChildIdentifiers>"
        f"<CINdetails><CINreferralDate>{day}</CINreferralDate></CINdetails></Child>"
        for child, day in zip(referrals["child_id"], referrals["date"], strict=True)
    )
    return (
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2025</Year>"
        "<ReferenceDate>2025-03-31</ReferenceDate></CollectionDetails><Source><LEA>350</LEA>"
        f"</Source></Header><Children>{children}</Children></Message>"
    )


@pytest.mark.parametrize("how", ["a column of blanks", "a census return"])
def test_a_file_whose_homes_are_all_missing_counts_for_the_authority(
    records, write, build_of, tmp_path, how
):
    if how == "a census return":
        path = tmp_path / "cin.xml"
        path.write_text(census(records), encoding="utf-8")
    else:
        path = write(annex_a(records).assign(Postcode=""))
    assert build_of(path).figures["local"]["totals"]["referrals"] == 3803
    assert "  - 3,803 referrals in the year" in check_lines(jsna.check_records(path))


def test_records_without_a_home_count_for_the_authority(records, write, tmp_path):
    """As in Annex A."""
    path = write(annex_a(records))
    record = jsna.build(workspace=tmp_path / "w", local_records=path)
    assert record.figures["local"]["totals"]["referrals"] == 3803
    profile = pd.read_parquet(tmp_path / "w/data/processed/ward_profile.parquet")
    assert set(profile["referrals_status"]) == {"not_available"}
    assert profile["referrals"].isna().all()
    assert [note for note in record.notes if "gives no home" in note]
    maps = {path.stem for path in (tmp_path / "w" / "maps").glob("*.html")}
    assert maps == {"ward_idaci"}
    table = pd.read_parquet(tmp_path / "w/data/processed/local_counts.parquet")
    assert (
        int(table.query("by == 'sex' and year == 2025 and group != 'All'")["count"].sum()) == 3803
    )


def test_homes_that_are_all_unknown_are_a_fault(records, write):
    frame = annex_a(records).assign(Postcode="ZZ9 9ZZ")
    assert "has a home in a known ward of Bolton" in jsna.check_records(write(frame)).build.refusal
