"""A build from an authority's own records: few, unplaced and refused ones."""

from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.building.summary import summary

HEAD = "kind,child_id,date,end_date,lsoa_code\n"


def extract(folder: Path, counts: dict[str, int], *, unplaced: int = 0, more: str = "") -> Path:
    """Write referrals of some wards, by code of the ward, and some without a home."""
    lookup = jsna.load_lookup("Bolton").drop_duplicates("to_code").set_index("to_code")["from_code"]
    homes = [lookup[ward] for ward, count in counts.items() for _ in range(count)]
    homes += [""] * unplaced
    rows = [f"referral,c{number},01/05/2024,,{home}\n" for number, home in enumerate(homes)]
    path = folder / "own.csv"
    path.write_text(HEAD + "".join(rows) + more + "referral,last,31/03/2025,,\n")
    return path


def wards() -> list[str]:
    return sorted(jsna.load_boundaries("Bolton")["area_code"])


def test_very_few_records_are_built_without_the_maps_they_cannot_fill(tmp_path: Path) -> None:
    """The shown rates are all zero: nothing to cross; three plans tell nothing at all."""
    plans = "".join(
        f"plan,p{place},15/03/2025,,{home}\n"
        for place, home in enumerate(jsna.load_lookup("Bolton")["from_code"].iloc[[0, 50, 100]])
    )
    path = extract(tmp_path, dict.fromkeys(wards()[:4], 3), more=plans)
    record = jsna.build(workspace=tmp_path, local_records=path)

    assert "maps/ward_referral_rate.html" in record.outputs
    assert "maps/ward_idaci_vs_referrals.html" not in record.outputs
    assert any("no map of deprivation against referrals" in note for note in record.notes)
    assert record.figures["local"]["totals"]["plans"] is None
    profile = pd.read_parquet(tmp_path / "data/processed/ward_profile.parquet")
    assert (profile["plans_status"] == "suppressed").all()
    assert (profile["referrals_status"] == "suppressed").sum() == 4
    assert "few (hidden) plans" in summary(record)


def test_without_a_rate_to_show_there_is_no_map_of_referrals(tmp_path: Path) -> None:
    path = extract(tmp_path, dict.fromkeys(wards(), 3))
    record = jsna.build(workspace=tmp_path, local_records=path)
    assert {name for name in record.outputs if name.endswith(".html")} == {"maps/ward_idaci.html"}
    assert any("there is no map of referrals" in note for note in record.notes)


def test_records_without_a_ward_are_told_on_the_terminal_and_the_map(tmp_path: Path) -> None:
    counts = {ward: 20 + place for place, ward in enumerate(wards())}
    path = extract(tmp_path, counts, unplaced=9, more="visit,x,01/05/2024,,\n")
    record = jsna.build(workspace=tmp_path, local_records=path)

    told = "Without a known ward: 10 of 600 (1.7%) of the referrals in the local records."
    assert told in summary(record)
    for name in ("ward_referral_rate", "ward_idaci_vs_referrals"):
        assert told in (tmp_path / "maps" / f"{name}.html").read_text(encoding="utf-8")
    assert any(
        "72,298 children aged 0-17 at mid-2024, 4.4% fewer than the estimate made since (75,599)"
        in note
        for note in record.notes
    )
    assert "1 row of the local records was refused: unknown kind (row 601)." in record.notes


def test_a_small_number_without_a_ward_is_not_told(tmp_path: Path) -> None:
    counts = {ward: 20 + place for place, ward in enumerate(wards())}
    record = jsna.build(workspace=tmp_path, local_records=extract(tmp_path, counts, unplaced=2))
    assert record.figures["local"]["without_ward"]["referrals"] is None
    assert not any(note.startswith("Without a known ward") for note in record.notes)
    assert "How many referrals have no known ward is not told" in summary(record)


def test_records_of_another_place_are_no_map_of_zeros(tmp_path: Path) -> None:
    with pytest.raises(jsna.MissingDataError, match=r"None of the 8 local records .* known ward"):
        jsna.build(workspace=tmp_path, local_records=extract(tmp_path, {}, unplaced=7))
    assert not (tmp_path / "maps").exists()


def test_an_extract_without_a_usable_row_says_why(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(HEAD + "referral,c1,31/02/2025,,E01004766\n")
    with pytest.raises(jsna.MissingDataError, match=r"1 were refused \(impossible date\)"):
        jsna.build(workspace=tmp_path, local_records=path)
    path.write_text(HEAD)
    with pytest.raises(jsna.MissingDataError, match=r"0 were refused \(none\)"):
        jsna.build(workspace=tmp_path, local_records=path)


@pytest.mark.parametrize("year", [0, -5, 10_000])
def test_a_year_that_is_none_is_refused(tmp_path: Path, year: int) -> None:
    with pytest.raises(jsna.UsageError, match="is no year"):
        jsna.build(workspace=tmp_path, year=year)
