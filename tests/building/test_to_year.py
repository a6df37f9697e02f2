"""The chapter of an earlier year: published figures up to it, own counts protected."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna
import files_of_2012 as old
from bolton_jsna.building._last_build import last_build
from bolton_jsna.building._run_record import RunRecord
from bolton_jsna.core.errors import MissingDataError, UsageError


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunRecord, Path]:
    folder = tmp_path_factory.mktemp("of_2012")
    old.published(folder)
    (folder / "plans.csv").write_text(old.OWN)
    record = jsna.build(
        "Bolton", workspace=folder, to_year=2012, local_records=folder / "plans.csv"
    )
    return record, folder


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / "data" / "processed" / f"{name}.parquet")


def test_the_figures_are_those_of_the_chapter_of_2012(built):
    _, folder = built
    rates = table(folder, "rates").query("year == 2012").set_index(["area_name", "indicator"])
    assert rates["count"]["Bolton", "referrals"] == 3916
    assert rates["count"]["Bolton", "cpp_started"] == 252
    assert rates["count"]["Bolton", "cpp_at_31_march"] == 236
    assert rates["published_rate"]["Bolton", "referrals"] == 606
    assert rates["published_rate"]["England", "referrals"] == 533.5
    assert rates["published_rate"]["Bolton", "cpp_started"] == 39
    assert rates["published_rate"]["England", "cpp_started"] == 46
    assert rates["rate"].round()["England", "referrals"] == 534
    before = table(folder, "rates").query("year == 2010").set_index(["area_name", "indicator"])
    assert before["count"]["Bolton", "cpp_at_31_march"] == 367


@pytest.mark.parametrize(
    "name", ["children_in_need", "rates", "neighbour_comparison", "neighbour_summary", "profile"]
)
def test_no_later_figure_is_in_a_table(built, name):
    assert table(built[1], name)["year"].max() == 2012


def test_what_the_figures_support_is_said_and_no_more(built):
    _, folder = built
    said = str(
        jsna.describe(
            jsna.compare_with_neighbours("Bolton", "referrals", year=2012, workspace=folder)
        )
    )
    assert "3,916 referrals in Bolton, 606 per 10,000 children" in said
    assert "higher than England (534) by more than chance in the counts" in said
    assert "(2025 model)" in said
    assert "significant" not in said
    summary = table(folder, "neighbour_summary").set_index(["indicator", "model"])
    # The printed chapter has "significantly lower than statistical neighbours".
    assert summary["against_neighbours"]["cpp_started", "2025"] == "similar"


def test_what_is_of_a_later_date_or_missing_is_named(built):
    notes = "\n".join(built[0].notes)
    assert "up to the year ending 31 March 2012. Later years are left out." in notes
    assert "DfE's 2025 and 2021 models, made after 2012" in notes
    assert "Indices of 2025, published after 2012" in notes
    assert "a projection of Bolton that begins in mid-2012 or before" in notes
    assert "The rates of 2010 and 2011 are divided by children estimated before the 2011" in notes
    assert "projections" not in {path.stem for path in (built[1] / "data/processed").iterdir()}


def test_wards_add_up_to_the_children_behind_the_rate(built):
    wards = table(built[1], "ward_profile")
    assert wards["children_0_17"].sum() == pytest.approx(64_600)
    assert set(wards["children_0_17_year"]) == {2011}
    assert set(wards["children_0_17_status"]) == {"modelled"}


def test_the_printed_2_per_cent_is_hidden_and_the_build_says_so(built):
    record, folder = built
    own = table(folder, "local_counts")
    groups = own[own["by"].isin(["age band", "category"])].set_index(["by", "group"])
    assert groups["count"]["age band", "All"] == groups["count"]["category", "All"] == 236
    assert groups.drop(index="All", level="group")["count"].isna().all()
    assert {"Under 5", "5-16", "16+"} <= set(groups.loc["age band"].index)
    notes = "\n".join(record.notes)
    assert "by age band: no group is shown for 2012, because DfE has published such" in notes
    assert "by category: no group is shown for 2012, because a group is small" in notes
    check = next(each for each in record.checks if each.name.startswith("every hidden count"))
    assert check.passed
    # 132, 113, 80 and 33 are in no other figure of these tables.
    for path in (folder / "data" / "processed").glob("local_counts.*"):
        if path.suffix == ".csv":
            assert not re.search(r"\b(99|132|113|80|33)\b", path.read_text())


def test_a_rebuild_has_the_same_year(built):
    record, folder = built
    assert record.options["to_year"] == 2012
    kept = last_build(folder)
    assert (kept.options.to_year, kept.options.year) == (2012, 2012)


def test_a_record_of_a_build_of_all_years_is_as_before(tmp_path):
    from bolton_jsna.building._options import BuildOptions

    assert "to_year" not in BuildOptions(workspace=tmp_path).recorded()
    assert "to_year" in BuildOptions(workspace=tmp_path, to_year=2024).recorded()


def test_years_that_contradict_each_other_are_rejected(tmp_path):
    with pytest.raises(UsageError, match=r"year=2013 \(--year\) is after to_year=2012"):
        jsna.build("Bolton", workspace=tmp_path, to_year=2012, year=2013)
    with pytest.raises(UsageError, match="to_year"):
        jsna.build("Bolton", workspace=tmp_path, to_year=12)


def test_a_year_before_all_figures_names_the_file_that_has_it(tmp_path):
    with pytest.raises(MissingDataError, match="underlying data of 2011-12") as error:
        jsna.build("Bolton", workspace=tmp_path, to_year=2012)
    assert "the first are of 2013" in str(error.value)


def test_a_changed_record_names_no_impossible_year(built, tmp_path):
    from bolton_jsna.core.errors import SourceError

    _, folder = built
    processed = tmp_path / "data" / "processed"
    processed.mkdir(parents=True)
    record = json.loads((folder / "data/processed/run.json").read_text())
    record |= {"own_file": False, "options": {**record["options"], "to_year": 2011}}
    (processed / "run.json").write_text(json.dumps(record))
    with pytest.raises(SourceError, match="its year is not that of its to_year or before"):
        last_build(tmp_path)


def test_an_earlier_year_of_the_illustrative_records(tmp_path):
    record = jsna.build("Bolton", workspace=tmp_path, to_year=2024)
    assert record.illustrative
    assert record.figures["local"]["year"] == 2024
    assert {each["year"] for each in record.figures["rates"]} == {2024}
