"""The population as a subject: bands, shares of all ages and growth, with their states."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna


def put(workspace: Path, *files: Path) -> Path:
    folder = workspace / "data" / "raw" / "population_estimates"
    folder.mkdir(parents=True, exist_ok=True)
    for each in files:
        shutil.copy(each, folder / each.name)
    return workspace


def table(workspace: Path, rows: dict[str, int], *, last: int = 90, years=(2014, 2024)) -> Path:
    """Estimates by single year of age in the layout of ONS: so many people of each age."""
    lines = ["AREA_CODE,AREA_NAME,COMPONENT,SEX,AGE_GROUP," + ",".join(map(str, years))]
    for code, number in rows.items():
        for age in range(last + 1):
            label = "90 and over" if age == 90 else str(age)
            figures = ",".join(str(number + at) for at, _ in enumerate(years))
            lines.append(f"{code},x,Population,persons,{label},{figures}")
    folder = workspace / "data" / "raw" / "population_estimates"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "MYEB_2024.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return workspace


def test_bands_add_up_and_shares_are_of_all_ages(tmp_path):
    workspace = table(tmp_path, {"E08000001": 10})
    found = jsna.population_profile(years=2014, workspace=workspace).set_index("ages")
    assert found["population"].to_dict() == {
        "0-4": 50, "5-9": 50, "10-14": 50, "15-17": 30, "0-17": 180, "0-18": 190, "0-19": 200,
    }  # fmt: skip
    assert set(found["all_ages"]) == {910}
    assert found["share"].to_numpy() == pytest.approx(100 * found["population"] / 910)
    assert set(found["status"]) == set(found["share_status"]) == {"value"}
    assert set(found["reason"]) == {""}
    assert "growth" not in found.columns


def test_growth_between_two_years_and_a_total_of_several_areas(tmp_path):
    workspace = table(tmp_path, {"E08000001": 10, "E08000002": 30})
    found = jsna.population_profile(
        ["Bolton", "Bury"], bands="under 1", years=2024, since=2014, total="Both",
        workspace=workspace,
    )  # fmt: skip
    assert found["area_name"].tolist() == ["Bolton", "Bury", "Both"]
    assert found["population"].tolist() == [11, 31, 42]
    assert found["population_since"].tolist() == [10, 30, 40]
    assert found["change"].tolist() == [1, 1, 2]
    assert found["growth"].tolist() == pytest.approx([10, 100 / 30, 5])
    assert set(found["growth_status"]) == {"value"}
    assert found["area_level"].tolist() == ["authority", "authority", "group of authorities"]
    # An authority of a list is counted once.
    again = jsna.population_profile(
        ["Bolton", "Bury", "Bolton"], bands=["0-4"], total="Both", workspace=workspace
    )
    assert again["population"].tolist() == [55, 155, 210]


def test_a_total_with_an_area_that_is_missing_has_no_number(tmp_path):
    workspace = table(tmp_path, {"E08000001": 10})
    found = jsna.population_profile(
        ["Bolton", "Bury"], bands=["0-4"], years=2014, total="Both", workspace=workspace
    ).set_index("area_name")
    assert found["status"].to_dict() == {
        "Bolton": "value",
        "Bury": "not_available",
        "Both": "not_available",
    }
    assert found.loc[["Bury", "Both"], "population"].isna().all()
    assert "rows of Bury (ages 0-4, 2014" in found.loc["Both", "reason"]


def test_a_table_of_a_part_of_the_ages_has_no_share(tmp_path):
    workspace = table(tmp_path, {"E08000001": 10}, last=25)
    row = jsna.population_profile(bands="0-19", years=2014, workspace=workspace).iloc[0]
    assert (row["population"], row["status"], row["share_status"]) == (
        200,
        "value",
        "not_available",
    )
    assert pd.isna(row["share"])
    # A refresh fetches children only, so that it is no advice for all ages.
    assert "ages 0-90" in row["reason"]
    assert "refresh" not in row["reason"]
    assert "single year of age" in row["reason"]


def test_the_snapshot_has_children_aged_0_to_17():
    found = jsna.population_profile().set_index("ages")
    assert set(found["year"]) == {2024}
    assert found.loc["0-17", "population"] == 75_599
    others = found.drop(index="0-17")
    assert set(others["status"]) == {"not_available"}
    assert others["population"].isna().all()
    # Bands of children can be fetched; those with older people cannot.
    assert (
        "bolton-jsna refresh --only population_est" in found.loc["0-4", "reason"].split("0-90")[0]
    )
    assert "refresh" not in found.loc["0-19", "reason"]
    assert "ages 0-19" in found.loc["0-19", "reason"]


def test_the_later_year_of_children_is_found_next_to_a_table_of_all_ages(tmp_path):
    workspace = table(tmp_path, {"E08000001": 10}, years=(2011, 2012))
    usual = jsna.population_profile(workspace=workspace)
    assert set(usual["year"]) == {2012}
    both = jsna.population_profile(bands=["0-17"], years=[2012, 2024], workspace=workspace)
    assert both["population"].tolist() == [198, 75_599]
    assert both["share_status"].tolist() == ["value", "not_available"]
    assert jsna.population_profile(bands="0-17", workspace=workspace)["year"].tolist() == [2024]


def test_projections_are_modelled():
    found = jsna.population_profile(
        bands=[(0, 4), (0, 17)], kind="projections", since=2022, years=2032
    )
    assert set(found["status"]) == {"modelled"}
    assert found["ages"].tolist() == ["0-4", "0-17"]
    assert found["population"].round().tolist()[1] == 66_544
    assert found["growth"].iloc[1] == pytest.approx(100 * (66_544 / 72_493 - 1), abs=0.01)
    assert set(jsna.population_profile(kind="projections")["year"]) == {2022}


def test_wards_of_the_snapshot_are_modelled_and_add_up():
    found = jsna.population_profile(bands="0-17", level="ward", years=[2022, 2024], since=2022)
    assert set(found["status"]) == {"modelled"}
    totals = found.groupby("year")["population"].sum()
    assert totals.round(6).to_dict() == {2022: 72_655, 2024: 75_599}
    assert set(found["area_level"]) == {"ward"}
    assert (found[found["year"] == 2022]["change"] == 0).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bands": "five to nine"}, "not an age band. Write bands such as '0-4'"),
        ({"bands": [(4, 0)]}, "not an age band"),
        ({"bands": []}, "bands= is empty"),
        ({"level": "ward", "total": "x"}, "has no total= and no projections"),
        ({"level": "ward", "kind": "projections"}, "has no total= and no projections"),
        ({"base_year": 2018}, "base_year= is of projections"),
        ({"level": "ward", "since": 2020}, "since= of wards or LSOAs needs years="),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(jsna.UsageError, match=message):
        jsna.population_profile(**options)


def test_an_area_without_any_figure_is_an_error():
    with pytest.raises(jsna.MissingDataError, match="Trafford"):
        jsna.population_profile("Trafford")


@pytest.mark.reference
def test_the_shares_of_the_2012_chapter(reference, tmp_path):
    """ONS estimates of 2011: 25.8 per cent of Bolton aged 0-19 and 6.8 per cent aged 0-4."""
    put(tmp_path, reference / "population" / "mye_la_syoa_sex_2000_2023.csv.gz")
    found = jsna.population_profile(
        ["Bolton", "Greater Manchester", "England"], bands=["0-4", "0-19"], years=2011,
        workspace=tmp_path,
    )  # fmt: skip
    shares = found.pivot_table(index="area_name", columns="ages", values="share").round(1)
    assert shares.loc["Bolton"].to_dict() == {"0-4": 6.8, "0-19": 25.8}
    assert shares.loc["Greater Manchester"].to_dict() == {"0-4": 6.8, "0-19": 25.2}
    assert shares.loc["England"].to_dict() == {"0-4": 6.3, "0-19": 23.9}
    assert set(found["share_status"]) == {"value"}


@pytest.mark.reference
def test_projections_of_a_combined_authority(reference, tmp_path):
    """ONS 2018-based: the ten authorities, of one base year though the snapshot has a later one."""
    name = "snpp_2018based_principal_la_syoa_sex_2018_2043.csv.gz"
    folder = tmp_path / "data" / "raw" / "population_projections"
    folder.mkdir(parents=True)
    shutil.copy(reference / "population" / name, folder / name)
    found = jsna.population_profile(
        ["Bolton", "Greater Manchester"], bands="0-17", kind="projections", years=2028,
        since=2018, workspace=tmp_path,
    )  # fmt: skip
    assert set(found["source"]) == {"population_projections@2018"}
    raw = pd.read_csv(reference / "population" / name)
    children = raw["AGE_GROUP"].isin([str(age) for age in range(18)])
    persons = raw["SEX"].isin(["males", "females"])
    ours = raw[children & persons & raw["AREA_CODE"].between("E08000001", "E08000010")]
    assert found["population"].tolist() == [
        ours.loc[ours["AREA_CODE"] == "E08000001", "2028"].sum(),
        ours["2028"].sum(),
    ]
    assert set(found["growth_status"]) == {"modelled"}
    # Bolton alone has a later one.
    alone = jsna.population_profile(
        bands="0-17", kind="projections", years=2028, workspace=tmp_path
    )
    assert set(alone["source"]) == {"population_projections@2022"}
    older = jsna.population_profile(
        bands="0-17", kind="projections", years=2028, base_year=2018, workspace=tmp_path
    )
    assert older["population"].tolist() == found["population"].tolist()[:1]


@pytest.mark.reference
def test_wards_from_lsoas_by_single_year_of_age(reference, tmp_path):
    """ONS estimates by LSOA of mid-2020, added up for Bolton by hand here."""
    name = "sape_lsoa11_syoa_persons_2017_2019_2020_bolton_comparators.csv.gz"
    put(tmp_path, reference / "population" / name)
    found = jsna.population_profile(
        bands=["0-4", "0-17"], years=2020, since=2017, level="ward", workspace=tmp_path
    )
    raw = pd.read_csv(reference / "population" / name)
    ours = raw[(raw["lad_name_from_lsoa"] == "Bolton") & (raw["mid_year"] == 2020)]
    under_5 = ours[[str(age) for age in range(5)]].sum().sum()
    assert found[found["ages"] == "0-4"]["population"].sum() == under_5
    assert found["area_name"].nunique() == 20
    assert set(found["share_status"]) == {"value"}
    assert found[found["ages"] == "0-4"]["all_ages"].sum() == ours["total_population"].sum()
