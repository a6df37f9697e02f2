"""The charts of a build: which there are, where they come from, and what they do not reveal."""

import csv
import io
import json
from types import SimpleNamespace

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.building import _charts, paths

pytestmark = pytest.mark.usefixtures("sketched")


@pytest.fixture(scope="module")
def built(tmp_path_factory, without_maps):
    """A workspace with Bolton's charts; drawn as CSV only, which needs the least time."""
    folder = tmp_path_factory.mktemp("charts")
    with pytest.MonkeyPatch.context() as patch, without_maps():
        patch.setattr(paths, "CHART_FORMATS", ("csv",))
        jsna.build("Bolton", workspace=folder, charts=True)
    return folder


def captions(folder):
    return (folder / paths.CAPTIONS).read_text(encoding="utf-8")


def test_every_chart_of_a_build_is_an_output_that_the_next_build_may_delete(built):
    drawn = {path.stem for path in (built / paths.CHARTS).glob("*.csv")}
    headings = {line[3:] for line in captions(built).splitlines() if line.startswith("## ")}
    assert drawn <= headings <= set(paths.CHART_NAMES)
    record = json.loads((built / paths.RECORD).read_text(encoding="utf-8"))
    assert {name for name in record["outputs"] if name.startswith("charts/")} == {
        *(f"charts/{name}.csv" for name in drawn),
        "charts/captions.md",
    }
    assert set(record["outputs"]) <= paths.OUTPUTS


def test_bolton_has_every_kind_of_chart(built):
    drawn = {path.stem.split("_")[0] for path in (built / paths.CHARTS).glob("*.csv")}
    assert drawn == {name.split("_")[0] for name in paths.CHART_NAMES}
    assert "Not drawn" not in captions(built)


def test_captions_have_title_description_and_source_of_each_chart(built):
    parts = captions(built).split("\n## ")[1:]
    for part in parts:
        assert "Text alternative: " in part
        assert "Source: " in part
    (trend,) = [part for part in parts if part.startswith("trend_referrals")]
    assert "503.0" in trend
    (fan,) = [part for part in parts if part.startswith("projection_referrals")]
    assert "projection, not a forecast of need" in fan


def test_charts_of_made_up_figures_say_so(built):
    for part in captions(built).split("\n## ")[1:]:
        local = part.split("_")[0] in ("deprivation", "scatter", "funnel", "shares")
        assert ("Illustrative figures." in part) == local, part.splitlines()[0]


def test_charts_have_the_figures_of_the_tables_and_hide_what_these_hide(built):
    wards = pd.read_parquet(built / paths.PROCESSED / "ward_profile.parquet")
    hidden = set(wards.loc[wards["plans_status"] == "suppressed", "area_name"])
    assert hidden
    for name in ("scatter_plans", "funnel_plans"):
        text = (built / paths.CHARTS / f"{name}.csv").read_text(encoding="utf-8")
        rows = list(csv.DictReader(io.StringIO(text)))
        of = "rate" if "rate" in rows[0] else "value"
        empty = {row["area_name"] for row in rows if not row[of]}
        assert empty == hidden
    own = wards.set_index("area_name")["plans_rate"].dropna()
    shown = {row["area_name"]: row[of] for row in rows if row[of]}
    assert {name: float(value) for name, value in shown.items()} == pytest.approx(own.to_dict())


def test_a_chart_that_cannot_be_drawn_is_named_and_the_others_are(built, tmp_path, monkeypatch):
    def broken(*_):
        raise jsna.SchemaError("The frame has no rows.")

    def two(*_):
        yield "pyramid", broken
        yield "spine", lambda: jsna.chart_spine(jsna.profile("Bolton", indicators=["referrals"]))

    monkeypatch.setattr(_charts, "planned", two)
    monkeypatch.setattr(paths, "CHART_FORMATS", ("csv",))
    charts = _charts.charts_of(None, {}, [], {})
    _charts.draw(charts, jsna.area("Bolton"), tmp_path, marked=False)
    assert "## pyramid\n\nNot drawn: The frame has no rows." in captions_of(tmp_path)
    assert (tmp_path / "spine.csv").is_file()


def captions_of(folder):
    return (folder / paths.CAPTIONS.name).read_text(encoding="utf-8")


def test_a_build_without_charts_takes_those_of_the_last_away(built, without_maps):
    with without_maps():
        record = jsna.build("Bolton", workspace=built)
    assert not any(name.startswith("charts/") for name in record.outputs)
    assert not list(built.glob("charts/*"))


def test_more_groups_than_colours_put_the_smallest_together(built):
    tables = built / paths.PROCESSED
    made = {
        name: pd.read_parquet(tables / f"{name}.parquet")
        for name in ("ward_profile", "local_counts")
    }
    counts = made["local_counts"]
    ours = (counts["event"] == "cpp_at_31_march") & (counts["by"] == "age band")
    one = counts[ours & (counts["year"] == 2025)].iloc[[0]]
    numbers = {"Unborn": 7, "Under 1": 30, "1 to 4": 90, "5 to 9": 95, "10 to 15": 80}
    numbers |= {"16 and over": 20, "Not known": 8}
    rows = [one.assign(group=name, group_name=name, count=n) for name, n in numbers.items()]
    made["local_counts"] = pd.concat([counts[~ours], *rows], ignore_index=True)
    chart = dict(_charts._local(made, "Bolton", {}))["shares_plans_age_band"]()
    drawn = dict(zip(chart.data["group_name"], chart.data["count"], strict=True))
    assert drawn == {
        **{name: numbers[name] for name in list(numbers)[1:6]},
        "Other groups": 15,
    }
    assert "Other groups: Unborn; Not known." in chart.spec.notes


def test_a_trend_has_the_years_of_the_area_only():
    """Cumberland began in 2023: years of England before are not in its title, as in its table."""
    codes = {"E06000063": (2024, 2025), "E92000001": range(2013, 2026)}
    rates = pd.DataFrame(
        [
            {"area_code": code, "indicator": "referrals", "year": year}
            for code, years in codes.items()
            for year in years
        ]
    )
    place = SimpleNamespace(code="E06000063", region_code="E12000002", name="Cumberland")
    made_from = SimpleNamespace(place=place, neighbours={})
    made = {"rates": rates, "projected_demand": pd.DataFrame()}
    name, drawn = next(_charts._published(made_from, made, []))
    assert name == "trend_referrals"
    assert sorted(set(drawn.args[0]["year"])) == [2024, 2025]
