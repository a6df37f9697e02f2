"""Projections of children next to newer estimates, and their change applied to these."""

import csv
import shutil
from importlib import resources
from pathlib import Path

import pytest

import bolton_jsna as jsna
from bolton_jsna.core.states import NUMERIC

AGES = [*map(str, range(90)), "90 and over"]
BANDS = ["0-4", "5-9", "10-14", "15-17", "0-17", "0-18", "0-19"]


def put(path: Path, areas, years, people, ages=range(91)) -> None:
    """A made-up table by single year of age in the layout of ONS."""
    lines = ["AREA_CODE,AREA_NAME,COMPONENT,SEX,AGE_GROUP," + ",".join(map(str, years))]
    for code in areas:
        for age in ages:
            figures = ",".join(f"{people(code, age, year):.3f}" for year in years)
            lines.append(f"{code},x,Population,persons,{AGES[age]},{figures}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def projected(code, age, year):
    """Another change for each age, and another size for each area."""
    return (100 + age) * (1 + (age % 7 - 3) * (year - 2022) / 200) * int(code[-1])


def estimated(code, age, year):
    """Ever further from the projection, by age."""
    return projected(code, age, year) * (1 + (year - 2021) * (age % 5) / 100)


def both(workspace, areas=("E08000003", "E08000005"), estimates=(2022, 2023, 2024)):
    """A workspace with both, of Manchester and Rochdale."""
    raw = workspace / "data" / "raw"
    put(
        raw / "population_projections" / "2022snpp_persons.csv", areas, range(2022, 2031), projected
    )
    put(raw / "population_estimates" / "MYEB_2024.csv", areas, estimates, estimated)
    return workspace


def profile(areas="Manchester", **options):
    options = {"kind": "projections", "years": 2030} | options
    return jsna.population_profile(areas, **options)


def test_the_newest_estimate_is_compared_with_its_projection(tmp_path):
    found = profile(bands=["0-4", "0-17"], workspace=both(tmp_path)).set_index("ages")
    for label, ages in (("0-4", range(5)), ("0-17", range(18))):
        row = found.loc[label]
        there = sum(estimated("E08000003", age, 2024) for age in ages)
        plan = sum(projected("E08000003", age, 2024) for age in ages)
        assert row["estimate_year"] == 2024
        assert (row["estimate"], row["projected"]) == pytest.approx((there, plan), abs=0.05)
        assert row["apart"] == pytest.approx(100 * (there / plan - 1), abs=0.001)
        assert row["apart_status"] == "modelled"
    # The projection itself is left as it is.
    assert found["population"].iloc[0] == pytest.approx(
        sum(projected("E08000003", age, 2030) for age in range(5)), abs=0.05
    )
    assert set(found["basis"]) == {"projection with base 2022"}
    assert set(found["reason"]) == {""}


def test_rebased_bands_are_by_single_year_of_age_and_add_up(tmp_path):
    found = profile(rebase=True, workspace=both(tmp_path)).set_index("ages")
    people = found["population"]
    single = {
        age: estimated("E08000003", age, 2024)
        * projected("E08000003", age, 2030)
        / projected("E08000003", age, 2024)
        for age in range(91)
    }
    assert people["0-17"] == pytest.approx(sum(single[age] for age in range(18)), abs=0.1)
    assert people["0-4"] + people["5-9"] + people["10-14"] + people["15-17"] == pytest.approx(
        people["0-17"], rel=1e-12
    )
    assert people["0-18"] - people["0-17"] == pytest.approx(single[18], abs=0.01)
    assert set(found["status"]) == set(found["share_status"]) == {"modelled"}
    assert found["all_ages"].iloc[0] == pytest.approx(sum(single.values()), abs=0.5)
    assert found["share"].to_numpy() == pytest.approx(100 * people / found["all_ages"])
    assert set(found["basis"]) == {
        "projected change from mid-2024 by single year of age (base 2022), applied to the estimate "
        "of mid-2024"
    }
    assert set(found["source"]) == {"population_projections@2022; population_estimates@2024"}


def test_the_year_of_the_estimate_keeps_it_and_earlier_years_the_projected_change(tmp_path):
    workspace = both(tmp_path)
    found = profile(bands="0-4", years=[2022, 2024, 2030], rebase=True, workspace=workspace)
    people = found.set_index("year")["population"]
    assert people[2024] == pytest.approx(found["estimate"].iloc[0])
    single = [(estimated("E08000003", age, 2024), age) for age in range(5)]
    then = sum(
        there * projected("E08000003", age, 2022) / projected("E08000003", age, 2024)
        for there, age in single
    )
    assert people[2022] == pytest.approx(then, abs=0.05)
    # That is not the estimate of 2022.
    assert abs(people[2022] - sum(estimated("E08000003", age, 2022) for age in range(5))) > 1


def test_the_usual_year_of_a_rebased_table_is_that_of_the_estimate():
    """The base year would look like its estimate, 72,655, and is not."""
    row = jsna.population_profile(bands="0-17", kind="projections", rebase=True).iloc[0]
    assert (row["year"], row["population"]) == (2024, 75_599)
    with_others = jsna.population_profile(kind="projections", rebase=True)
    assert set(with_others["year"]) == {2024}


def test_growth_of_a_rebased_band_is_between_two_rebased_years(tmp_path):
    workspace = both(tmp_path)
    row = profile(bands="0-17", since=2023, rebase=True, workspace=workspace).iloc[0]
    then = profile(bands="0-17", years=2023, rebase=True, workspace=workspace).iloc[0]
    assert row["population_since"] == then["population"]
    assert row["change"] == pytest.approx(row["population"] - then["population"])
    assert row["growth"] == pytest.approx(100 * row["change"] / then["population"])
    assert row["growth_status"] == "modelled"
    early = profile(bands="0-17", since=2020, rebase=True, workspace=workspace).iloc[0]
    assert early["growth_status"] == "not_available"
    assert "2020" in early["reason"]


def test_the_snapshot_rebases_children_aged_0_to_17_only():
    found = jsna.population_profile(kind="projections", years=[2025, 2035], rebase=True)
    children = found[found["ages"] == "0-17"].set_index("year")
    raw = jsna.population_profile(bands="0-17", kind="projections", years=[2025, 2035])
    raw = raw.set_index("year")
    assert children["population"].to_dict() == pytest.approx(
        {year: raw["population"][year] * 75_599 / raw["projected"][year] for year in (2025, 2035)}
    )
    assert raw["apart"].round(2).unique().tolist() == [4.57]
    # Not a rebased numerator over a denominator that is not.
    assert set(children["share_status"]) == {"not_available"}
    assert children["share"].isna().all()
    assert children["all_ages"].isna().all()
    assert children["reason"].str.contains("ages 0-90, 2024").all()
    others = found[found["ages"] != "0-17"]
    assert set(others["status"]) == set(others["apart_status"]) == {"not_available"}
    assert others[["population", "estimate", "apart"]].isna().all(axis=None)
    assert others["estimate_year"].isna().all()
    assert set(others["basis"]) == {""}
    assert others["reason"].str.contains("data/raw/population_estimates/").all()
    young = others[others["ages"] == "0-4"]
    assert young["reason"].str.contains("bolton-jsna refresh --only population_est").all()


def test_a_missing_estimate_leaves_the_projection_and_says_so():
    found = jsna.population_profile(bands=["0-4", "0-17"], kind="projections", years=2030)
    row = found.set_index("ages").loc["0-4"]
    assert (row["status"], row["apart_status"]) == ("modelled", "not_available")
    assert row["basis"] == "projection with base 2022"
    assert "rows of Bolton (ages 0-4, 2024" in row["reason"]


def test_estimates_from_before_the_projection_are_not_used(tmp_path):
    workspace = both(tmp_path, estimates=(2020, 2021))
    row = profile(bands="0-17", rebase=True, workspace=workspace).iloc[0]
    assert (row["status"], row["apart_status"]) == ("not_available", "not_available")
    assert "Manchester" in row["reason"]


def test_bands_of_an_area_share_a_mid_year_so_that_they_add_up(tmp_path):
    """Bolton's children are known for 2024, its single years of age for 2023 here."""
    workspace = both(tmp_path, ("E08000001",), estimates=(2022, 2023))
    found = profile("Bolton", rebase=True, workspace=workspace).set_index("ages")
    assert set(found["estimate_year"]) == {2023}
    people = found["population"]
    assert people[["0-4", "5-9", "10-14", "15-17"]].sum() == pytest.approx(people["0-17"])
    assert "mid-2024 is not used" in found.loc["0-17", "reason"]
    alone = profile("Bolton", bands="0-17", rebase=True, workspace=workspace).iloc[0]
    assert alone["estimate_year"] == 2024
    assert alone["estimate"] == 75_599
    assert alone["basis"].startswith("projected change from mid-2024 (base 2022)")
    # Estimates of all ages are of 2023: no share of two origins.
    assert alone["share_status"] == "not_available"
    assert "one origin" in alone["reason"]
    raw = profile("Bolton", workspace=workspace).set_index("ages")
    assert raw["estimate_year"].to_dict() == dict.fromkeys(BANDS, 2023) | {"0-17": 2024}


def test_bands_without_single_years_are_rebased_as_a_whole(tmp_path):
    """Two bands are each moved by their own ratio, and need not add up to a wider one."""
    workspace = both(tmp_path)
    folder = workspace / "data" / "raw" / "population_estimates"
    (folder / "MYEB_2024.csv").unlink()
    lines = ["AREA_CODE,AREA_NAME,COMPONENT,SEX,AGE_GROUP,2024"]
    lines += [
        f"E08000003,x,Population,persons,{label},{people}"
        for label, people in (("0-4", 1800), ("5-17", 4000))
    ]
    (folder / "bands.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = profile(bands=["0-4", "5-17", "0-17"], rebase=True, workspace=workspace)
    people = found.set_index("ages")["population"]

    def ratio(first, last):
        now, then = (
            sum(projected("E08000003", age, year) for age in range(first, last + 1))
            for year in (2030, 2024)
        )
        return now / then

    assert people["0-4"] == pytest.approx(1800 * ratio(0, 4), rel=1e-5)
    assert people["0-17"] == pytest.approx(5800 * ratio(0, 17), rel=1e-5)
    assert abs(people["0-4"] + people["5-17"] - people["0-17"]) > 1
    assert not found["basis"].str.contains("single year").any()


def test_a_total_is_the_sum_of_the_rebased_areas(tmp_path):
    found = profile(
        ["Manchester", "Rochdale"], bands=["0-4", "0-17"], total="Both", rebase=True, since=2023,
        workspace=both(tmp_path),
    )  # fmt: skip
    by_area = found.pivot_table(index="ages", columns="area_name", values="population")
    assert by_area["Both"].to_numpy() == pytest.approx(
        by_area["Manchester"] + by_area["Rochdale"], rel=1e-12
    )
    total = found[found["area_name"] == "Both"]
    assert total["basis"].str.startswith("sum of the areas: projected change").all()
    assert total["share"].to_numpy() == pytest.approx(100 * total["population"] / total["all_ages"])


def test_a_total_with_an_area_without_estimates_has_no_number(tmp_path):
    workspace = both(tmp_path)
    path = workspace / "data" / "raw" / "population_estimates" / "MYEB_2024.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line for line in lines if "E08000005" not in line), encoding="utf-8")
    found = profile(
        ["Manchester", "Rochdale"], bands="0-4", total="Both", rebase=True, workspace=workspace
    ).set_index("area_name")
    assert found["status"].to_dict() == {
        "Manchester": "modelled",
        "Rochdale": "not_available",
        "Both": "not_available",
    }
    assert "Rochdale" in found.loc["Both", "reason"]


def test_a_growth_is_never_between_projections_of_two_base_years(tmp_path):
    """Rochdale has children of the 2018-based only, so that those of both are loaded together."""
    folder = tmp_path / "data" / "raw" / "population_projections"
    put(folder / "2022snpp.csv", ["E08000003"], range(2022, 2031), projected)
    put(folder / "2018snpp_a.csv", ["E08000003"], range(2018, 2031), projected)
    put(folder / "2018snpp_b.csv", ["E08000005"], range(2018, 2031), projected, range(18))
    found = profile(
        ["Manchester", "Rochdale"], bands="0-17", years=2024, since=2018, workspace=tmp_path
    ).set_index("area_name")
    assert found["basis"].to_dict() == {
        "Manchester": "projection with base 2022",
        "Rochdale": "projection with base 2018",
    }
    assert found["growth_status"].to_dict() == {
        "Manchester": "not_available",
        "Rochdale": "modelled",
    }
    assert "2018" in found.loc["Manchester", "reason"]


def test_rebase_needs_projections():
    with pytest.raises(jsna.UsageError, match=r"rebase= is of projections.*kind='projections'"):
        jsna.population_profile(rebase=True)


def test_estimates_have_no_columns_of_projections():
    found = jsna.population_profile(bands="0-17")
    assert not {"basis", "apart", "estimate_year"} & set(found.columns)


def test_growth_of_bolton_from_2025_to_2035_by_hand():
    """The 2022-based projections of the snapshot, added up here from their file."""
    file = resources.files("bolton_jsna.snapshot") / "population_projections_2022.csv"
    text = file.read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    found = jsna.population_profile(kind="projections", years=2035, since=2025)
    assert set(found["status"]) <= NUMERIC
    for row in found.itertuples():
        first, last = map(int, row.ages.split("-"))
        then, now = (
            sum(
                float(each["population"])
                for each in rows
                if each["year"] == year and first <= int(each["age"]) <= last
            )
            for year in ("2025", "2035")
        )
        assert row.population == pytest.approx(now)
        assert row.growth == pytest.approx(100 * (now / then - 1))
    assert found.set_index("ages")["growth"].round(1).to_dict() == {
        "0-4": -3.1, "5-9": -10.9, "10-14": -13.7, "15-17": -8.2,
        "0-17": -9.3, "0-18": -8.9, "0-19": -8.4,
    }  # fmt: skip


@pytest.mark.reference
def test_children_of_the_2012_chapter(reference, tmp_path):
    """Printed: 68,201 aged 0-18 in 2011, an estimate, and 69,338 in 2013, a projection of then."""
    folder = tmp_path / "data" / "raw" / "population_estimates"
    folder.mkdir(parents=True)
    name = "mye_la_syoa_sex_2000_2023.csv.gz"
    shutil.copy(reference / "population" / name, folder / name)
    found = jsna.population_profile(bands="0-18", years=[2011, 2013], workspace=tmp_path)
    assert found.set_index("year")["population"].to_dict() == {2011: 68_201, 2013: 69_678}
    assert set(found["status"]) == {"value"}
    assert round(100 * (69_678 / 69_338 - 1), 1) == 0.5
