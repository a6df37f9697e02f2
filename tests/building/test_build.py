"""The main job: Bolton's tables and maps from the embedded snapshot."""

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.building import inputs
from bolton_jsna.building._run_record import RunRecord
from bolton_jsna.building.summary import summary

TABLES = (
    "projections",
    "idaci_lsoa",
    "idaci_ward",
    "children_in_need",
    "rates",
    "neighbour_comparison",
    "neighbour_summary",
    "profile",
    "projected_demand",
    "ward_profile",
    "local_counts",
    "sources",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunRecord]:
    workspace = tmp_path_factory.mktemp("bolton")
    return workspace, jsna.build(workspace=workspace)


def table(workspace: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(workspace / "data" / "processed" / f"{name}.parquet")


def test_every_output_is_there_and_recorded(built: tuple[Path, RunRecord]) -> None:
    workspace, record = built
    expected = {f"data/processed/{name}.{end}" for name in TABLES for end in ("parquet", "csv")}
    for name in ("ward_idaci", "ward_referral_rate", "ward_idaci_vs_referrals"):
        expected |= {f"maps/{name}{end}" for end in (".html", ".png", ".svg", "_notes.txt")}
    expected |= {"maps/ward_layers.html", "maps/wards.gpkg", "maps/wards.parquet"}
    expected.add("data/processed/profile.html")
    expected |= {"data/processed/sign_off.txt", "data/processed/sign_off.json"}
    assert set(record.outputs) == expected
    written = json.loads((workspace / "data" / "processed" / "run.json").read_text())
    for name, digest in written["outputs"].items():
        assert hashlib.sha256((workspace / name).read_bytes()).hexdigest() == digest
    assert all(check["passed"] for check in written["checks"])
    assert {"bolton-jsna", "python", "pandas"} <= set(written["versions"])
    leftovers = [path.name for path in workspace.iterdir() if path.name.startswith(".")]
    assert leftovers == []


def test_bolton_and_england_rates_of_the_2025_release(built: tuple[Path, RunRecord]) -> None:
    rates = table(built[0], "rates").set_index(["area_name", "indicator", "year"])["rate"].round(1)
    assert rates["Bolton", "referrals", 2022] == 794.7
    assert rates["Bolton", "referrals", 2025] == 503.0
    assert rates["England", "referrals", 2025] == 519.4
    assert rates["Bolton", "cpp_at_31_march", 2022] == 48.9
    assert rates["Bolton", "cpp_at_31_march", 2025] == 42.2
    assert rates["England", "cpp_at_31_march", 2025] == 40.6


def test_neighbours_of_both_models(built: tuple[Path, RunRecord]) -> None:
    found = table(built[0], "neighbour_summary")
    referrals = found[found["indicator"] == "referrals"].set_index("model")
    figures = referrals[["mean", "median", "pooled"]].round(2)
    assert figures.loc["2021"].tolist() == [534.33, 527.69, 531.27]
    assert figures.loc["2025"].tolist() == [604.97, 594.17, 581.03]
    assert (referrals[["used", "of"]] == 10).all(axis=None)


def test_the_profile_is_that_of_the_call(built: tuple[Path, RunRecord]) -> None:
    found = table(built[0], "profile")
    expected = pd.DataFrame(jsna.profile("Bolton", workspace=built[0]))
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    summary = table(built[0], "neighbour_summary").query("model == '2025'").set_index("indicator")
    both = found.set_index("indicator").loc[summary.index]
    assert both["against_england"].tolist() == summary["against_england"].tolist()
    assert both["against_neighbours"].tolist() == summary["against_neighbours"].tolist()
    used = {part for each in found["source"] for part in each.split("; ")}
    assert used <= set(table(built[0], "sources")["source"])


def test_oldham_2013_stays_not_available(built: tuple[Path, RunRecord]) -> None:
    rates = table(built[0], "rates")
    row = rates.query("area_name == 'Oldham' and indicator == 'cin_at_31_march' and year == 2013")
    assert row["status"].tolist() == ["not_available"]
    assert row[["count", "rate", "lower", "upper"]].isna().all(axis=None)


def test_ward_profile_says_what_is_made_up_and_modelled(built: tuple[Path, RunRecord]) -> None:
    profile = table(built[0], "ward_profile")
    assert len(profile) == 20
    assert profile["illustrative"].all()
    assert (profile["children_0_17_status"] == "modelled").all()
    shown = profile[profile["referrals_status"] == "modelled"]
    rate = shown["referrals"] / shown["children_0_17"] * 10_000
    assert rate.tolist() == pytest.approx(shown["referrals_rate"].tolist())
    top = profile.sort_values("idaci_score", ascending=False).head(3)
    assert top["area_name"].tolist() == ["Rumworth", "Queens Park & Central", "Halliwell"]
    assert top["idaci_score"].round(3).tolist() == [0.691, 0.680, 0.644]


def test_ward_rates_rest_on_the_children_behind_the_authoritys_rate(
    built: tuple[Path, RunRecord],
) -> None:
    """ONS by DfE, mid-2024: 75,599 children. 31 of the 3,803 referrals have no ward."""
    workspace, record = built
    profile = table(workspace, "ward_profile").set_index("area_name")
    assert profile["children_0_17"].sum() == pytest.approx(75_599, rel=1e-12)
    assert profile["children_0_17_year"].unique().tolist() == [2024]
    together = profile["referrals"].sum() / profile["children_0_17"].sum() * 10_000
    assert together == pytest.approx((3_803 - 31) / 75_599 * 10_000)
    assert round(together, 1) == 498.9
    rates = profile["referrals_rate"].round(1)
    assert (rates["Rumworth"], rates["Halliwell"], rates["Bromley Cross"]) == (598.7, 586.9, 259.2)
    england = table(workspace, "rates").query("area_name == 'England' and year == 2025")
    benchmark = england.set_index("indicator")["rate"]["referrals"]
    assert int((profile["referrals_lower"] > benchmark).sum()) == 3
    assert int((profile["referrals_upper"] < benchmark).sum()) == 9
    (check,) = [each for each in record.checks if "behind the authority's rate" in each.name]
    assert check.found == "75,599.0 and 75,599 at mid-2024"


def test_maps_and_summary_say_how_far_out_the_wards_children_may_be(
    built: tuple[Path, RunRecord],
) -> None:
    workspace, record = built
    words = "wards is that of mid-2022 (children aged 0-15 in the Indices of Deprivation), scaled"
    error = "2.4% out on average after 2 years, and 1 ward in 20 was out by more than 5.7%"
    assert [words in note and error in note for note in record.notes].count(True) == 1
    assert words in summary(record)
    for name in ("ward_referral_rate", "ward_idaci_vs_referrals", "ward_layers"):
        page = (workspace / "maps" / f"{name}.html").read_text(encoding="utf-8")
        assert words in page
        assert error in page


def test_a_build_of_an_earlier_year_divides_by_the_children_of_that_year(
    tmp_path: Path, without_maps: Callable[[], AbstractContextManager[None]]
) -> None:
    """ONS by DfE, mid-2023: 74,266 children."""
    with without_maps():
        record = jsna.build(workspace=tmp_path, year=2024)
    profile = table(tmp_path, "ward_profile")
    assert profile["children_0_17_year"].unique().tolist() == [2023]
    assert profile["children_0_17"].sum() == pytest.approx(74_266, rel=1e-12)
    assert any("estimate of mid-2023 (74,266)" in note for note in record.notes)


def test_wards_that_do_not_add_up_to_the_authority_stop_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bolton_jsna.building._denominators import small_area_children

    def unscaled(*args: object, **options: object) -> pd.DataFrame:
        found = small_area_children(*args, **options)
        return found.assign(population=found["population"] * 0.96)

    monkeypatch.setattr(inputs, "small_area_children", unscaled)
    with pytest.raises(jsna.BoltonJsnaError, match=r"72,575\.0 and 75,599 at mid-2024"):
        jsna.build(workspace=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_ward_referral_intervals_allow_for_repeated_referrals(
    built: tuple[Path, RunRecord],
) -> None:
    """4,595 over 3,803, to a tenth: squared referrals per child over the referrals."""
    workspace, record = built
    profile = table(workspace, "ward_profile")
    shown = profile[profile["referrals"].notna()]
    assert (shown["referrals_method"] == "Byar, repeated events").all()
    plain = jsna.crude_rates(shown, count="referrals", population="children_0_17", status="none")
    wider = (shown["referrals_rate"] - shown["referrals_lower"]) / (plain["rate"] - plain["lower"])
    assert wider.tolist() == pytest.approx([round(4595 / 3803, 1) ** 0.5] * len(shown))
    assert not profile["plans_method"].str.contains("repeated").fillna(value=False).any()
    assert any("variance 1.2 times the count" in note for note in record.notes)


def test_no_small_ward_count_and_nothing_about_a_child_is_written(
    built: tuple[Path, RunRecord],
) -> None:
    workspace, _ = built
    profile = table(workspace, "ward_profile")
    for name in ("referrals", "plans"):
        assert not profile[name].between(1, 5).any()
    hidden = profile[profile["plans_status"] == "suppressed"]
    assert hidden[["plans", "plans_rate", "plans_lower", "plans_upper"]].isna().all(axis=None)
    records = jsna.load_local_records().records
    needles = {each.encode() for each in records["child_id"].head(50)}
    needles |= {each.encode() for each in records["postcode"].dropna().head(50)}
    for path in workspace.rglob("*"):
        if path.is_file() and path.suffix in {".csv", ".json", ".html", ".svg", ".txt"}:
            content = path.read_bytes()
            # A page gives the first of the public postcodes as an example for its search.
            example = set(re.findall(rb"such as ([A-Z]+\d+ \d[A-Z]{2})", content))
            assert not [each for each in needles - example if each in content], path.name


def test_the_same_inputs_give_the_same_bytes(
    built: tuple[Path, RunRecord], bolton_built: Path
) -> None:
    again = json.loads((bolton_built / "data" / "processed" / "run.json").read_text())
    assert again["outputs"] == built[1].outputs


def test_csv_and_parquet_say_the_same(built: tuple[Path, RunRecord]) -> None:
    workspace, _ = built
    for name in TABLES:
        text = pd.read_csv(workspace / "data" / "processed" / f"{name}.csv", dtype=str)
        typed = table(workspace, name)
        assert list(text.columns) == list(typed.columns)
        assert len(text) == len(typed)


def test_the_summary_says_what_a_chapter_author_needs(built: tuple[Path, RunRecord]) -> None:
    text = summary(built[1])
    for words in (
        "503.0 per 10,000 children (3,803 in all",
        "95% interval 485.5 to 521.0, allowing for children counted more than once)",
        "England 519.4: similar (the difference could be chance in the counts)",
        "areas like it (10 of 10 statistical neighbours, 2025 model): 343.2 to 1,015.9 is usual",
        "their mean 605.0, median 594.2, from 422.3 to 934.4; of them 3 lower and 7 higher than",
        "8th highest of 11",
        "8.2 per cent fewer in 2032 than in 2022",
        "a later estimate has overtaken it: 4.6 per cent above the 72,298 projected for mid-2024",
        "35 of 177 LSOAs",
        "Rumworth: 69.1 per cent of children aged 0-15 live in income-deprived families",
        "illustrative",
        "--local-records FILE",
        "English Indices of Deprivation 2025",
        "data/processed/",
        "maps/",
    ):
        assert words in text


def test_maps_say_illustrative_and_whose_data(built: tuple[Path, RunRecord]) -> None:
    workspace, _ = built
    page = (workspace / "maps" / "ward_idaci_vs_referrals.html").read_text(encoding="utf-8")
    for words in ("Illustrative local data", "Contains OS data", "Open Government Licence"):
        assert words in page
    assert "the colours do not show whether a difference from England" in page
    assert "about one in twenty would still be called lower or higher by chance" in page
    deprivation = (workspace / "maps" / "ward_idaci.html").read_text(encoding="utf-8")
    assert "Illustrative local data" not in deprivation


def test_the_combined_page_says_which_of_its_layers_are_made_up(
    built: tuple[Path, RunRecord],
) -> None:
    page = (built[0] / "maps" / "ward_layers.html").read_text(encoding="utf-8")
    assert page.count('name="layer"') == 4
    assert "Illustrative local data: Referrals; Children on protection plans<" in page
    assert "Not significantly different from England 2025 (519.4)" in page
    assert len(page.encode()) < 300_000
