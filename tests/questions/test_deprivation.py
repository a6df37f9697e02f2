"""IDACI of whole areas: averages where there are scores, shares and ranks where there are ranks."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.core.areas import area, authorities_in
from bolton_jsna.measures.inequality import deprivation_of_areas

HEAD = (
    "LSOA code (2021),LSOA name (2021),Local Authority District code (2024),"
    "Local Authority District name (2024),"
    "Income Deprivation Affecting Children Index (IDACI) Rank (where 1 is most deprived),"
    "Income Deprivation Affecting Children Index (IDACI) Decile "
    "(where 1 is most deprived 10% of LSOAs)\n"
)


def put(workspace: Path, *files: Path) -> Path:
    folder = workspace / "data" / "raw" / "idaci"
    folder.mkdir(parents=True)
    for each in files:
        shutil.copy(each, folder / each.name)
    return workspace


def ranks_only(workspace: Path) -> Path:
    """File 3 of Bolton, made from the snapshot, and of one LSOA of Bury."""
    held = jsna.load_idaci("Bolton")
    rows = [
        f"{row.lsoa_code},{row.lsoa_name},E08000001,Bolton,{row.idaci_rank},{row.idaci_decile}\n"
        for row in held.itertuples()
    ]
    rows.append("E01005000,Bury 001A,E08000002,Bury,33000,10\n")
    folder = workspace / "data" / "raw" / "idaci"
    folder.mkdir(parents=True)
    (folder / "File_3_IoD2025.csv").write_text(HEAD + "".join(rows), encoding="utf-8")
    return workspace


def test_an_average_is_weighted_by_children_and_is_the_share_of_children():
    lsoas = pd.DataFrame(
        {
            "lsoa_code": ["a", "b", "c"],
            "edition": 2025,
            "idaci_score": [0.5, 0.1, 0.9],
            "idaci_rank": [3_000, 20_000, 1],
            "children_0_15": [100, 300, 0],
            "at": [0, 0, 1],
        }
    )
    first, empty = deprivation_of_areas(lsoas, "at", shares=[10]).to_dict("records")
    assert first["children_deprived"] == pytest.approx(80)
    assert first["average_score"] == pytest.approx(0.2)
    assert first["percent_deprived"] == pytest.approx(20)
    assert (first["lsoas_10"], first["share_10"]) == (1, 50)
    # No children: there is no average, and the LSOA is still among the most deprived.
    assert (empty["status"], empty["lsoas_10"]) == ("not_available", 1)


@pytest.mark.parametrize("column", ["idaci_score", "children_0_15", "idaci_rank"])
def test_an_area_with_a_gap_has_no_average_of_the_rest(column):
    rows = jsna.load_idaci("Bolton").assign(at=0)
    rows[column] = rows[column].astype(float).where(rows.index != 5)
    found = deprivation_of_areas(rows, "at", shares=[10]).iloc[0]
    if column == "idaci_rank":
        assert (found["status"], found["shares_status"]) == ("value", "not_available")
        assert pd.isna(found["lsoas_10"])
        assert pd.isna(found["share_10"])
    else:
        assert (found["status"], found["shares_status"]) == ("not_available", "value")
        assert pd.isna(found["average_score"])
        assert pd.isna(found["children_deprived"])


def test_bolton_from_the_snapshot():
    """MHCLG, district summaries: average score .219 (2019) and .481 (2025)."""
    for edition, score, share in ((2019, 0.219, 0.1751), (2025, 0.481, 0.1977)):
        row = jsna.idaci_profile(edition=edition).iloc[0]
        assert round(row["average_score"], 3) == score
        assert round(row["share_10"] / 100, 4) == share
        assert row["rank_status"] == row["rank_10_status"] == "not_available"
        assert f"bolton-jsna refresh --only idaci@{edition}" in row["reason"]
        assert row["source"] == f"idaci@{edition}"


def test_shares_of_one_number_and_wrong_shares():
    row = jsna.idaci_profile(shares=15).iloc[0]
    assert row["lsoas_15"] == 52
    assert "lsoas_10" not in row.index
    deciles = jsna.idaci_profile(shares=range(10, 101, 10)).iloc[0]
    assert deciles["lsoas_100"] == deciles["lsoas"] == 177
    with pytest.raises(jsna.UsageError, match="is not a percentage above 0"):
        jsna.idaci_profile(shares=[0])


def test_a_file_of_ranks_does_not_hide_the_scores_of_the_snapshot(tmp_path):
    workspace = ranks_only(tmp_path)
    found = jsna.idaci_profile(["Bolton", "Bury"], total="Both", workspace=workspace)
    bolton, bury, both = found.to_dict("records")
    assert round(bolton["average_score"], 3) == 0.481
    assert (bury["status"], bury["children_status"]) == ("not_available", "not_available")
    assert bury["lsoas_20"] == 0
    assert "1 of 1 LSOAs are without score or children of IDACI 2025" in bury["reason"]
    assert f"refresh --workspace {tmp_path} --only idaci@2025" in bury["reason"]
    assert (both["area_name"], both["lsoas"], both["status"]) == ("Both", 178, "not_available")
    assert pd.isna(both["average_score"])
    assert both["lsoas_20"] == bolton["lsoas_20"]
    assert both["rank_status"] == "not_applicable"


def test_figures_of_the_snapshot_are_not_put_to_other_ranks(tmp_path):
    workspace = ranks_only(tmp_path)
    file = workspace / "data" / "raw" / "idaci" / "File_3_IoD2025.csv"
    rank = jsna.load_idaci("Bolton").set_index("lsoa_code").loc["E01004803", "idaci_rank"]
    text = file.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("E01004803"))
    file.write_text(text.replace(row, row.replace(f",{rank},", f",{rank + 1},")), encoding="utf-8")
    found = jsna.load_idaci("Bolton", workspace=workspace).set_index("lsoa_code")
    assert pd.isna(found.loc["E01004803", "idaci_score"])
    assert found["idaci_score"].notna().sum() == 176


def test_an_area_that_is_not_there_is_named():
    with pytest.raises(jsna.MissingDataError, match="It has no LSOAs of Bury, Manchester"):
        jsna.idaci_profile("Greater Manchester")


@pytest.mark.reference
def test_averages_shares_and_ranks_are_those_of_the_district_summaries(reference, tmp_path):
    """MHCLG, lower-tier summaries of 2019 and 2025, every district that is also an authority."""
    folder = reference / "idaci"
    put(
        tmp_path,
        folder / "iod2019_idaci_england_lsoa11.csv.gz",
        folder / "File_3_IoD2025_Supplementary_Indices_IDACI_and_IDAOPI.xlsx",
    )
    printed = pd.read_csv(folder / "iod_idaci_lad_summaries_2015_2019_2025.csv")
    for edition, districts in ((2019, 317), (2025, 296)):
        ours = printed[printed["iod_year"] == edition].set_index("lad_code")
        places = [each for each in authorities_in(area("England")) if each.code in ours.index]
        found = jsna.idaci_profile(places, edition=edition, among="district", workspace=tmp_path)
        found = found.set_index("area_code").query("rank_10_status == 'value'")
        assert len(found) > 120
        ours = ours.loc[found.index]
        assert set(found["rank_of"]) == {districts}
        assert found["rank_10"].tolist() == ours["rank_proportion_bottom_decile"].tolist()
        assert (found["share_10"] / 100 - ours["proportion_bottom_decile"]).abs().max() < 1e-4
        if edition == 2019:
            assert (found["average_score"] - ours["average_score"]).abs().max() < 0.00101
            apart = (found["rank"].astype(int) - ours["rank_average_score"]).abs()
            assert apart.max() <= 1
            assert (apart == 0).mean() > 0.95
        else:
            assert set(found["rank_status"]) == {"not_available"}
    # England's own share is what the publisher's shares are of.
    england = jsna.idaci_profile("England", edition=2019, workspace=tmp_path).iloc[0]
    assert england["share_10"] == pytest.approx(10, abs=0.01)
    assert england["rank_status"] == "not_applicable"
    manchester = jsna.idaci_profile("Greater Manchester", edition=2019, workspace=tmp_path).iloc[0]
    parts = jsna.idaci_profile(
        authorities_in(area("Greater Manchester")), edition=2019, workspace=tmp_path, total="all"
    )
    assert manchester["children_deprived"] == pytest.approx(parts["children_deprived"].iloc[-1])
    assert manchester["lsoas_10"] == parts["lsoas_10"].iloc[:10].sum()
