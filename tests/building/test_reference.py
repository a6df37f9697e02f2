"""A build of another authority from what the publishers really write."""

import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import bolton_jsna as jsna

pytestmark = pytest.mark.usefixtures("sketched")

FILES = {
    "children_in_need": (
        "safeguarding/c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv.gz",
        "safeguarding/c1_children_in_need_referrals_and_rereferrals_2013_to_2022.csv.gz",
        "safeguarding/d1_child_protection_plans_2013_to_2022.csv.gz",
        "safeguarding/d3_cpps_subsequent_plan_2013_to_2025.csv.gz",
        "safeguarding/d5_cpps_at31march_by_duration_2013_to_2025.csv.gz",
        "safeguarding/b1_children_in_need_2013_to_2025.csv.gz",
        "safeguarding/cin_2011_12_SFR27-2012ud.csv",
    ),
    "children_looked_after": ("safeguarding/cla_number_and_rate_per_10k_children.csv.gz",),
    "population_estimates": (
        "population/dfe_ons_mid-year_population_estimates_0_17_2012_to_2024.csv.gz",
    ),
    "population_projections": ("population/snpp_2018based_principal_la_syoa_sex_2018_2043.csv.gz",),
    "idaci": ("idaci/iod2019_idaci_england_lsoa11.csv.gz",),
    "statistical_neighbours": (
        "neighbours/sn_model_2025_wide.csv",
        "neighbours/New_Statistical_Neighbour_Groupings_April_2021.csv",
    ),
    "lookup": ("geography/gm_lsoa11_to_wd19_bestfit.csv",),
}


@pytest.fixture(scope="module")
def workspace(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of published files; its wards are LSOAs put together, for want of the layer."""
    folder = tmp_path_factory.mktemp("published")
    for dataset, names in FILES.items():
        raw = folder / "data" / "raw" / dataset
        raw.mkdir(parents=True)
        for name in names:
            shutil.copy(reference / name, raw)
    lookup = pd.read_csv(reference / "geography" / "gm_lsoa11_to_wd19_bestfit.csv")
    lsoas = gpd.read_file(reference / "geography" / "gm_lsoa11_bsc.geojson")
    wards = lsoas[["LSOA11CD", "geometry"]].merge(lookup, on="LSOA11CD").dissolve("WD19CD")
    raw = folder / "data" / "raw" / "ward_boundaries"
    raw.mkdir()
    named = wards.reset_index()[["WD19CD", "WD19NM", "LAD19CD", "geometry"]]
    named.to_file(raw / "wards.geojson", driver="GeoJSON")
    return folder


@pytest.mark.reference
@pytest.mark.parametrize(("place", "wards"), [("Rochdale", 20), ("Manchester", 32), (350, 20)])
def test_greater_manchester_is_built_from_published_files(
    workspace: Path, place: str | int, wards: int
) -> None:
    record = jsna.build(place, workspace=workspace, idaci_edition=2019)

    profile = pd.read_parquet(workspace / "data" / "processed" / "ward_profile.parquet")
    assert len(profile) == wards
    assert profile["idaci_score"].between(0, 1).all()
    assert all(check.passed for check in record.checks)


@pytest.mark.reference
def test_printed_rates_of_every_release_stand_beside_the_recomputed(workspace: Path) -> None:
    load = jsna.load_children_in_need
    older = load("Bolton", indicators="referrals", release=2022, workspace=workspace)
    newer = load("Bolton", indicators="referrals", release=2025, workspace=workspace)
    # DfE, Children in need 2022: 823.3 on denominators before the rebasing to Census 2021.
    assert older.set_index("year")["published_rate"][2022] == 823.3
    for frame in (older, newer):
        assert jsna.crude_rates(frame).set_index("year")["rate"].round(1)[2022] == 794.7
    chapter = load(["Bolton", "England"], release=2012, workspace=workspace)
    printed = chapter.set_index(["area_name", "indicator"])["published_rate"]
    assert printed["Bolton", "referrals"] == 606
    assert printed["England", "referrals"] == 533.5
    assert printed["Bolton", "cpp_started"] == 39
    assert printed["England", "cpp_started"] == 46
    assert printed["Bolton", "cpp_at_31_march"] == 36.5
    assert printed["England", "cpp_at_31_march"] == 37.8
    counts = chapter[chapter["area_name"] == "Bolton"].set_index("indicator")["count"]
    wanted = ["referrals", "cpp_started", "cpp_at_31_march"]
    assert counts[wanted].tolist() == [3916, 252, 236]


@pytest.mark.reference
def test_the_workspace_agrees_with_the_snapshot(workspace: Path, tmp_path: Path) -> None:
    def figures(folder: Path) -> pd.Series:
        frame = jsna.load_children_in_need("Bolton", release=2025, workspace=folder)
        wanted = frame[frame["indicator"].isin(["referrals", "cpp_started", "cpp_at_31_march"])]
        return wanted.set_index(["indicator", "year"]).sort_index()[["count", "population"]]

    pd.testing.assert_frame_equal(figures(workspace), figures(tmp_path))
    raw = jsna.load_statistical_neighbours("Bolton", workspace=workspace)
    held = jsna.load_statistical_neighbours("Bolton", workspace=tmp_path)
    assert raw["neighbour_code"].tolist() == held["neighbour_code"].tolist()
