"""Expected numbers in a build: the table, the lines of the summary, and areas without a number."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.building import _projected_demand, inputs, published
from bolton_jsna.building._options import BuildOptions
from bolton_jsna.building.summary import summary
from bolton_jsna.core.provenance import source_ids
from bolton_jsna.measures.demand_text import in_summary
from bolton_jsna.questions.projections import demand_of

SAME = {"check_exact": False, "rtol": 1e-12}


@pytest.fixture(scope="module")
def bolton(tmp_path_factory):
    return inputs.gather("Bolton", BuildOptions(workspace=tmp_path_factory.mktemp("empty")))


@pytest.fixture
def made(bolton, tmp_path):
    return lambda **changes: _projected_demand.projected_demand(
        replace(bolton, **changes), tmp_path
    )


@pytest.fixture(scope="module")
def written(bolton_built):
    return pd.read_parquet(bolton_built / "data/processed/projected_demand.parquet")


def test_a_build_writes_what_the_command_prints(written):
    assert tuple(written.columns) == _projected_demand.COLUMNS
    assert list(written["indicator"].unique()) == list(_projected_demand.PROJECTED)
    assert written.groupby("indicator").size().tolist() == [10] * 5
    for indicator, rows in written.groupby("indicator"):
        asked = pd.DataFrame(demand_of("Bolton", indicator))
        pd.testing.assert_frame_equal(rows.reset_index(drop=True), asked, check_dtype=False, **SAME)


def test_the_csv_has_the_same_figures(bolton_built, written):
    text = pd.read_csv(bolton_built / "data/processed/projected_demand.csv")
    assert list(text.columns) == list(written.columns)
    for name in ("count", "lower_80", "upper_80", "median_error"):
        assert text[name].tolist() == pytest.approx(written[name].tolist(), nan_ok=True)


def test_its_sources_are_in_the_table_of_sources(bolton_built, written):
    origin = pd.read_parquet(bolton_built / "data/processed/sources.parquet")
    assert set(source_ids([written])) <= set(origin["source"])
    assert {"projection_errors@2025", "projection_tests@2025"} <= set(origin["source"])


def test_the_record_and_the_summary_have_five_years_ahead(bolton_built, written):
    record = json.loads((bolton_built / "data/processed/run.json").read_text(encoding="utf-8"))
    facts = {each["indicator"]: each for each in record["figures"]["demand"]}
    assert list(facts) == list(_projected_demand.PROJECTED)
    rows = written[written["indicator"] == "referrals"].set_index("horizon")
    mine = facts["referrals"]
    assert (mine["last_year"], mine["year"]) == (2025, 2030)
    assert mine["expected"] == round(rows.loc[5, "count"])
    assert (mine["lower"], mine["upper"]) == (
        round(rows.loc[5, "lower_80"]),
        round(rows.loc[5, "upper_80"]),
    )
    assert (mine["end_year"], mine["end_expected"]) == (2035, round(rows.loc[10, "count"]))
    assert (mine["end_lower"], mine["end_upper"]) == (
        round(rows.loc[10, "lower_80"]),
        round(rows.loc[10, "upper_80"]),
    )
    assert mine["median_error"] == round(rows.loc[5, "median_error"], 1)
    # 434.6 of 10,000 in 2020 (year ending March), and the children behind the rate of 2025.
    own = jsna.load_children_in_need("Bolton", indicators="referrals", years=[2020, 2025])
    then, now = own["count"] / own["population"]
    assert mine["past_count"] == round(then * own["population"].iloc[1])
    assert mine["last_count"] == own["count"].iloc[1]
    assert now != then
    # Looked after: the record has three years, so its miss is that of three years.
    cared = written[written["indicator"] == "cla_at_31_march"].set_index("horizon")
    assert facts["cla_at_31_march"]["measured_years"] == 3
    assert facts["cla_at_31_march"]["median_error"] == round(cared.loc[3, "median_error"], 1)
    assert np.isnan(cared.loc[5, "median_error"])


def lines_of(record):
    text = summary(record).splitlines()
    start = next(at for at, line in enumerate(text) if line.startswith("If the "))
    return text[start : text.index("", start)]


def test_the_summary_names_what_it_is_and_its_record(tmp_path, without_maps):
    with without_maps():
        record = jsna.build("Bolton", workspace=tmp_path)
    first, *lines = lines_of(record)
    assert first == "If the rates of 2025 go on (projection, not a forecast of need)"
    assert sum("80% interval" in line and " in 2035 (" in line for line in lines) == 5
    assert lines[-1] == "  intervals more than five years ahead have not been tested"
    assert sum(line.startswith("    record: half of such projections") for line in lines) == 5
    (looked_after,) = [lines[at + 1] for at, line in enumerate(lines) if "looked after" in line]
    assert "3 years ahead, missed" in looked_after
    assert "there are none 5 years ahead" in looked_after
    assert sum("whether the interval holds has not been tested" in line for line in lines) == 1
    assert "has not been tested" in looked_after
    assert lines[-2].startswith("  records are of the rate")
    text = summary(record)
    assert text.index("projection of children aged 0-17") < text.index(first)
    again = tmp_path / "data/processed/projected_demand.csv"
    before = again.read_bytes()
    with without_maps():
        jsna.build("Bolton", workspace=tmp_path)
    assert again.read_bytes() == before


def test_a_hidden_last_year_stops_nothing_and_is_named(bolton, made):
    own = (bolton.rates["area_code"] == "E08000001") & (bolton.rates["year"] == 2025)
    hidden = bolton.rates.assign(
        count=bolton.rates["count"].where(~own),
        status=bolton.rates["status"].where(~own, "suppressed"),
    )
    table = made(rates=hidden)
    without = table[table["status"] == "not_available"]
    assert without["indicator"].tolist() == list(published.INDICATORS)
    assert without["reason"].str.contains("in 2025 is suppressed").all()
    assert without["count"].isna().all()
    assert (table["indicator"] == "cla_at_31_march").sum() == 10
    lines = in_summary(_projected_demand.summary_figures(table))
    assert sum(": not available: " in line for line in lines) == 4
    assert lines[0].startswith("If the rates of 2025 go on")


def test_too_few_years_and_no_figures_are_named(bolton, made):
    short = bolton.rates[bolton.rates["year"] >= 2024]
    table = made(rates=short, looked_after=None, not_looked_after="There are none. Fetch them: x")
    assert table["status"].tolist() == ["not_available"] * 5
    assert table["reason"].iloc[0].startswith("Bolton has 2 years of referrals")
    assert table["reason"].iloc[-1] == "There are none. Fetch them: x"
    assert tuple(table.columns) == _projected_demand.COLUMNS
    assert str(table["year"].dtype) == "Int64"
    lines = in_summary(_projected_demand.summary_figures(table))
    assert lines[0] == "If the last rates go on (projection, not a forecast of need)"
    assert len(lines) == 6


def test_projected_children_that_end_too_early_are_named(bolton, made):
    early = bolton.projections[bolton.projections["year"] <= 2030]
    table = made(projections=early)
    assert (table["status"] == "not_available").all()
    assert table["reason"].str.contains("needs mid-2034").all()


def test_a_reason_in_the_table_has_no_path_of_the_workspace(bolton, tmp_path):
    told = f"Fetch it: bolton-jsna refresh --workspace {tmp_path} --only x"
    made_from = replace(bolton, looked_after=None, not_looked_after=told)
    table = _projected_demand.projected_demand(made_from, tmp_path)
    assert table["reason"].iloc[-1] == "Fetch it: bolton-jsna refresh --only x"


def test_an_area_without_figures_of_children_looked_after(bolton):
    none = bolton.indicators[bolton.indicators["indicator"] != "cla_at_31_march"]
    rows, reason = _projected_demand.looked_after(jsna.area("Northumberland"), none, None)
    assert rows is None
    assert "Northumberland" in reason
    assert "data/raw/children_looked_after/" in reason


def test_a_figure_without_a_record_and_one_with_years_left_out():
    row = {
        "indicator": "referrals",
        "status": "modelled",
        "reason": "",
        "last_year": 2024,
        "year": 2029,
        "expected": 1234,
        "lower": 900,
        "upper": 1600,
        "interval_from": "own_series",
        "measured_years": 0,
        "median_error": None,
        "tested": False,
        "past_year": None,
        "past_count": None,
        "last_count": 1300,
        "left_out": "Years up to 2019 are left out, because there is no figure of 2019.",
    }
    lines = in_summary([row, {**row, "last_year": 2025, "year": 2030, "left_out": ""}])
    assert lines[0] == "If the rates of 2024 and 2025 go on (projection, not a forecast of need)"
    assert lines[1].endswith(": 1,234 in 2029 (80% interval 900 to 1,600)")
    assert lines[2].startswith("    record: no record that fits; the interval is from yearly ")
    assert lines[3].strip() == row["left_out"]
