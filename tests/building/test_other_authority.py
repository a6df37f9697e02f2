"""A build for an authority that only the workspace's raw files know."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.building._run_record import RunRecord

pytestmark = pytest.mark.usefixtures("sketched")


@pytest.fixture(scope="module")
def built(
    lay_rochdale: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, RunRecord]:
    """Rochdale built from raw files, for tests that only look."""
    workspace = lay_rochdale(tmp_path_factory.mktemp("rochdale"))
    return workspace, jsna.build("Rochdale", workspace=workspace)


def test_rochdale_is_built_from_raw_files(built: tuple[Path, RunRecord]) -> None:
    rochdale, record = built

    assert record.area_code == "E08000005"
    assert not record.illustrative
    referrals = record.figures["rates"][0]
    assert referrals["rate"] == 476.5  # 2,768 of 58,087, DfE 2025
    assert (referrals["used"], referrals["of"]) == (9, 10)
    profile = pd.read_parquet(rochdale / "data" / "processed" / "ward_profile.parquet")
    assert profile["area_name"].tolist() == ["Ward 1", "Ward 2", "Ward 3", "Ward 4"]
    assert "referrals" not in profile.columns
    assert {"population_projections@2022", "idaci@2025", "ward_boundaries@2024"} <= {
        each["source"] for each in record.sources
    }
    assert all(each["sha256"] for each in record.sources)


def test_without_local_records_only_deprivation_is_drawn(built: tuple[Path, RunRecord]) -> None:
    _, record = built

    maps = {name for name in record.outputs if name.startswith("maps/")}
    endings = (".html", ".png", ".svg", "_notes.txt")
    layer = {"maps/wards.gpkg", "maps/wards.parquet"}
    assert maps == layer | {f"maps/ward_idaci{ending}" for ending in endings}
    assert any("no local records of Rochdale" in note for note in record.notes)


def test_a_suppressed_neighbour_is_left_out_and_said(built: tuple[Path, RunRecord]) -> None:
    rochdale, record = built

    table = pd.read_parquet(rochdale / "data" / "processed" / "neighbour_comparison.parquet")
    salford = table[(table["area_code"] == "E08000006") & (table["indicator"] == "referrals")]
    assert salford["status"].tolist() == ["suppressed"]
    assert salford["rate"].isna().all()
    assert any("9 of 10 neighbours" in note for note in record.notes)


@pytest.mark.parametrize(
    ("dataset", "words"),
    [
        ("idaci", "edition 2025 of Rochdale"),
        ("population_projections", "rows of Rochdale .persons, all years, base year any"),
        ("lookup", "of Rochdale"),
    ],
)
def test_what_is_missing_is_named_with_the_way_out(
    rochdale: Path, dataset: str, words: str
) -> None:
    shutil.rmtree(rochdale / "data" / "raw" / dataset)

    with pytest.raises(jsna.MissingDataError, match=words) as caught:
        jsna.build("Rochdale", workspace=rochdale)

    assert f"data/raw/{dataset}/" in str(caught.value)
    assert not (rochdale / "data" / "processed").exists()
    assert not (rochdale / "maps").exists()


def test_everything_missing_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(jsna.MissingDataError) as caught:
        jsna.build("Leeds", workspace=tmp_path)

    text = str(caught.value)
    datasets = ("idaci", "population_projections", "ward_boundaries", "lookup")
    for dataset in (*datasets, "statistical_neighbours"):
        assert text.count(f"in data/raw/{dataset}/") == 1
    assert text.startswith(f"Leeds cannot be built: {text.count('Fetch it')} things are missing. ")
    last = (
        f"Fetch all of it, then try again: bolton-jsna refresh --area Leeds --workspace {tmp_path}"
    )
    assert text.splitlines()[-1] == last
    assert list(tmp_path.iterdir()) == []


def test_counts_without_children_to_divide_by_are_no_build(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "raw" / "children_in_need"
    folder.mkdir(parents=True)
    (folder / "c1_2025.csv").write_text(
        "time_period,time_identifier,geographic_level,country_code,country_name,region_code,"
        "region_name,old_la_code,new_la_code,la_name,category,referral_count\n"
        "2025,Reporting year,Local authority,E92000001,England,E12000002,North West,359,E08000010,"
        "Wigan,x,2000\n"
    )
    with pytest.raises(jsna.MissingDataError, match="in data/raw/population_estimates/"):
        jsna.build("Wigan", workspace=tmp_path)


def test_wards_and_lookup_of_different_years_are_refused(rochdale: Path) -> None:
    path = rochdale / "data" / "raw" / "ward_boundaries" / "WD_MAY_2024_UK_BGC.geojson"
    path.write_text(path.read_text().replace("E05999001", "E05999009"))

    with pytest.raises(jsna.VintageError, match="E05999001, E05999009"):
        jsna.build("Rochdale", workspace=rochdale)


def test_a_ward_without_an_lsoa_is_shown_as_not_applicable(rochdale: Path) -> None:
    """As in the City of London, whose LSOAs are fewer than its wards."""
    path = rochdale / "data" / "raw" / "ward_boundaries" / "WD_MAY_2024_UK_BGC.geojson"
    shapes = json.loads(path.read_text())
    fifth = json.loads(json.dumps(shapes["features"][0]))
    fifth["properties"] |= {"WD24CD": "E05999005", "WD24NM": "Ward 5"}
    ring = fifth["geometry"]["coordinates"][0]
    fifth["geometry"]["coordinates"] = [[[x, round(y - 0.02, 5)] for x, y in ring]]
    path.write_text(json.dumps({**shapes, "features": [*shapes["features"], fifth]}))

    record = jsna.build("Rochdale", workspace=rochdale)

    profile = pd.read_parquet(rochdale / "data" / "processed" / "ward_profile.parquet")
    bare = profile.set_index("area_name").loc["Ward 5"]
    assert bare[["idaci_status", "children_0_17_status"]].tolist() == ["not_applicable"] * 2
    assert bare[["children_0_15", "children_0_17", "idaci_score"]].isna().all()
    assert "1 without an LSOA" in record.checks[0].found
    page = (rochdale / "maps" / "ward_idaci.html").read_text(encoding="utf-8")
    assert "Not applicable" in page


def test_maps_of_the_area_before_are_taken_away(rochdale: Path) -> None:
    jsna.build("Bolton", workspace=rochdale)
    assert (rochdale / "maps" / "ward_referral_rate.html").is_file()

    jsna.build("Rochdale", workspace=rochdale)

    assert not (rochdale / "maps" / "ward_referral_rate.html").exists()
    record = json.loads((rochdale / "data" / "processed" / "run.json").read_text())
    assert record["area"] == "Rochdale"
    assert all((rochdale / name).is_file() for name in record["outputs"])
