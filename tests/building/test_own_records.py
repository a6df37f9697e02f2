"""A build from the authority's own extract."""

import dataclasses
import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.building import _protected_counts, _reader_notes, _tables
from bolton_jsna.building._options import BuildOptions
from bolton_jsna.building._run_record import RunRecord
from bolton_jsna.building.inputs import gather
from bolton_jsna.core.errors import MissingDataError

pytestmark = pytest.mark.usefixtures("sketched")

Undrawn = Callable[[], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunRecord]:
    """An invented extract of a fifth of the illustrative records, without their mark."""
    folder = tmp_path_factory.mktemp("own")
    extract = folder / "extract.csv"
    records = jsna.load_local_records().records
    kept = records[records["date"] >= "2024-04-01"].iloc[::5]
    kept.drop(columns=["illustrative", "lsoa_code"]).to_csv(extract, index=False)
    return folder, jsna.build(workspace=folder, local_records=extract, accept="a fifth, for a test")


def test_it_is_not_called_illustrative(built: tuple[Path, RunRecord]) -> None:
    folder, record = built
    assert not record.illustrative
    page = (folder / "maps" / "ward_referral_rate.html").read_text(encoding="utf-8")
    assert "Illustrative local data" not in page


def test_its_fingerprint_is_in_no_output(built: tuple[Path, RunRecord]) -> None:
    """Whoever guesses hidden counts could try each guess against it."""
    folder, record = built
    (own,) = [each for each in record.sources if each["source"] == "local_records@own"]
    assert (own["file"], own["sha256"], own["rows"]) == ("", "", None)
    extract = folder / "extract.csv"
    mark = hashlib.sha256(extract.read_bytes()).hexdigest().encode()
    written = [each for each in folder.rglob("*") if each.is_file() and each != extract]
    assert len(written) > 25
    assert [each.name for each in written if mark in each.read_bytes()] == []
    sources = pd.read_parquet(folder / "data" / "processed" / "sources.parquet")
    assert mark.decode() not in sources.to_csv()


def test_a_total_unlike_dfes_is_questioned(built: tuple[Path, RunRecord]) -> None:
    (note,) = [each for each in built[1].notes if "referrals in the year" in each]
    assert "fewer than DfE published (3,803)" in note


def test_ward_rates_keep_the_newest_children_under_an_older_index(
    tmp_path: Path, without_maps: Undrawn
) -> None:
    with without_maps():
        jsna.build(workspace=tmp_path, idaci_edition=2019)
    profile = pd.read_parquet(tmp_path / "data" / "processed" / "ward_profile.parquet")
    assert profile["children_0_17_year"].unique().tolist() == [2024]
    assert profile["children_0_17"].sum() == pytest.approx(75_599, rel=1e-12)
    newest = jsna.load_population_estimates("Bolton", level="ward").set_index("area_code")
    children = profile.set_index("area_code")["children_0_17"]
    assert children.to_dict() == pytest.approx(newest["population"].to_dict())


AGED = {
    # On 31 March 2025: the day of birth, the first day of the plan, the age on that day.
    "Under 1": ("2024-05-20", "2024-10-07", 0),
    "1 to 4": ("2021-02-20", "2022-02-14", 0),
    "5 to 9": ("2018-06-20", "2020-06-22", 2),
    "10 to 15": ("2014-07-20", "2021-05-10", 6),
    "16 and over": ("2007-03-31", "2021-04-05", 14),
}
"""Children on a plan; all but the first are in another band than when it began."""


@pytest.fixture(scope="module")
def long_plans(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two extracts of the same plans and referrals: with birth dates, and with ages only."""
    records = jsna.load_local_records().records
    referrals = records[(records["kind"] == "referral") & (records["date"] >= "2024-04-01")]
    referrals = referrals[["kind", "child_id", "date", "postcode"]].iloc[::4]
    homes = referrals["postcode"].tolist()
    plans = pd.DataFrame(
        [
            ("plan", f"P{place}{n}", began, homes[place * 40 + n], born, age)
            for place, (born, began, age) in enumerate(AGED.values())
            for n in range(20 + place)
        ],
        columns=["kind", "child_id", "date", "postcode", "birth_date", "age"],
    )
    both = pd.concat([referrals.assign(date=referrals["date"].astype(str)), plans])
    folder = tmp_path_factory.mktemp("long")
    born, aged = folder / "born.csv", folder / "aged.csv"
    both.drop(columns="age").to_csv(born, index=False)
    both.drop(columns="birth_date").to_csv(aged, index=False)
    return born, aged


def plans_by_age(workspace: Path) -> dict[str, int]:
    table = pd.read_parquet(workspace / "data" / "processed" / "local_counts.parquet")
    table = table.query("event == 'cpp_at_31_march' and by == 'age band' and year == 2025")
    return dict(zip(table["group"], table["count"], strict=True))


@pytest.mark.parametrize("given_by", ["birth dates", "ages"])
def test_plans_by_age_are_those_on_31_march(
    tmp_path: Path, long_plans: tuple[Path, Path], given_by: str, without_maps: Undrawn
) -> None:
    """Ages only are estimated: here the band is the right one, and the build says so."""
    born, aged = long_plans
    path = born if given_by == "birth dates" else aged
    # The local rule hides noughts too, and so counts bands together with unborn children.
    with without_maps():
        record = jsna.build(
            workspace=tmp_path, local_records=path, rule="dfe", accept="made up for a test"
        )
    found = plans_by_age(tmp_path)
    expected = {band: 20 + place for place, band in enumerate(AGED)}
    assert {band: int(found[band]) for band in expected} == expected
    said = [note for note in record.notes if "ages of children on plans" in note]
    assert len(said) == (given_by == "ages")


def test_the_note_on_estimated_ages_is_for_tables_by_age(long_plans: tuple[Path, Path]) -> None:
    for path, wards_only, said in (
        (long_plans[1], False, True),
        (long_plans[1], True, False),
        (long_plans[0], False, False),
        (None, False, False),
    ):
        made_from = gather("Bolton", BuildOptions(local_records=path))
        local = _protected_counts.local_counts(made_from, BuildOptions(wards_only=wards_only))
        assert bool(_reader_notes.about_ages(made_from, local)) is said


def counts_by_ward(folder: Path, year: int = 2025) -> Path:
    """A file of referrals that were added up before: no child in it."""
    wards = sorted(set(jsna.load_lookup("Bolton")["to_code"]))
    rows = [(ward, year, 100 + 9 * number) for number, ward in enumerate(wards)]
    path = folder / "counts.csv"
    frame = pd.DataFrame(rows, columns=["ward_code", "year", "referrals"])
    frame.to_csv(path, index=False)
    return path


def test_counts_without_children_are_widened_by_those_that_dfe_published(
    tmp_path: Path, without_maps: Undrawn
) -> None:
    """DfE 2025: 3,803 referrals of 3,425 children, a variance of 1.2 times the count."""
    path = counts_by_ward(tmp_path)
    with without_maps():
        record = jsna.build(workspace=tmp_path, local_records=path, accept="made up")
    profile = pd.read_parquet(tmp_path / "data" / "processed" / "ward_profile.parquet")
    assert set(profile["referrals_method"]) == {"Byar, repeated events"}
    plain = jsna.crude_rates(profile, count="referrals", population="children_0_17", status="none")
    wider = (profile["referrals_upper"] - profile["referrals_rate"]) / (
        plain["upper"] - plain["rate"]
    )
    assert wider.to_numpy() == pytest.approx(1.2**0.5)
    assert [each for each in record.notes if "variance 1.2 times the count" in each]


def test_where_nobody_published_the_children_the_limits_say_so(tmp_path: Path) -> None:
    made_from = gather("Bolton", BuildOptions(local_records=counts_by_ward(tmp_path)))
    figures = made_from.children_in_need.assign(persons=pd.NA, persons_status="suppressed")
    unknown = dataclasses.replace(made_from, children_in_need=figures)
    local = _protected_counts.local_counts(unknown)
    assert local.repeats["referrals"] is None
    made = _tables.make_tables(unknown, local, _tables.comparisons(unknown))
    assert set(made["ward_profile"]["referrals_method"]) == {"Byar, repeats not allowed for"}
    said = _reader_notes.notes(unknown, local, made)
    assert [each for each in said if "How often one child is counted is not known" in each]
    assert set(made["rates"]["method"].dropna()) >= {"Byar, repeats not allowed for"}


def test_a_year_that_the_records_do_not_reach_is_rejected(tmp_path: Path) -> None:
    """Open plans would otherwise be counted in any later year."""
    with pytest.raises(MissingDataError, match=r"reach the year ending 31 March 2025, not 2031"):
        jsna.build(workspace=tmp_path, year=2031)
    assert not list((tmp_path / "data" / "processed").glob("*.csv"))
