"""A build from the authority's own extract."""

import hashlib
from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.building.record import RunRecord


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunRecord]:
    """An invented extract of a fifth of the illustrative records, without their mark."""
    folder = tmp_path_factory.mktemp("own")
    extract = folder / "extract.csv"
    records = jsna.load_local_records().records
    kept = records[records["date"] >= "2024-04-01"].iloc[::5]
    kept.drop(columns=["illustrative", "lsoa_code"]).to_csv(extract, index=False)
    return folder, jsna.build(workspace=folder, local_records=extract)


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


def test_ward_rates_keep_the_newest_children_under_an_older_index(tmp_path: Path) -> None:
    jsna.build(workspace=tmp_path, idaci_edition=2019)
    profile = pd.read_parquet(tmp_path / "data" / "processed" / "ward_profile.parquet")
    assert profile["children_0_17_year"].unique().tolist() == [2024]
    assert profile["children_0_17"].sum() == pytest.approx(75_599, rel=1e-12)
    newest = jsna.load_population_estimates("Bolton", level="ward").set_index("area_code")
    children = profile.set_index("area_code")["children_0_17"]
    assert children.to_dict() == pytest.approx(newest["population"].to_dict())
