"""The embedded record of past projections is what the published files give, and says enough."""

import importlib
import json
import shutil
import sys
from importlib import resources

import numpy as np
import pandas as pd
import pytest

from bolton_jsna import snapshot
from bolton_jsna.measures._past_errors import CHILDREN, COLUMNS, PROBABILITIES, QUANTILES

INDICATORS = ["referrals", "cin_at_31_march", "cpp_started", "cpp_at_31_march", "cla_at_31_march"]
HELD = {
    "referrals": (78, 88),
    "cin_at_31_march": (76, 90),
    "cpp_at_31_march": (70, 88),
    "cpp_started": (70, 88),
}
"""Where the share of outcomes within 80 per cent limits must lie, at one and three years."""


@pytest.fixture(scope="module")
def errors():
    return snapshot.read("projection_errors@2025")


@pytest.fixture(scope="module")
def tests():
    return snapshot.read("projection_tests@2025")


def test_each_indicator_has_errors_of_every_year_and_size(errors):
    rates = errors[errors["indicator"] != CHILDREN]
    assert rates["indicator"].unique().tolist() == INDICATORS
    for indicator, rows in rates.groupby("indicator"):
        first = 2023 if indicator == "cla_at_31_march" else 2016
        assert sorted(rows["origin"].unique()) == list(range(first, 2026))
        sizes = rows.groupby("origin")["size"].unique().map(sorted)
        assert sizes.map(lambda each: each == [1, 2, 3]).all()
    assert rates["origins"].min() == 2
    assert rates["errors"].min() >= 30
    assert (rates["last_target"] <= rates["origin"]).all()
    assert rates["first_origin"].min() == 2013


def test_quantiles_ascend_and_get_no_nearer_with_the_horizon(errors):
    assert errors.columns.tolist() == [*COLUMNS, "source"]
    table = errors[list(QUANTILES)]
    assert (np.diff(table, axis=1) >= 0).all()
    rates = errors[errors["indicator"] != CHILDREN]
    below = [name for name, each in zip(QUANTILES, PROBABILITIES, strict=True) if each < 0.5]
    above = [name for name, each in zip(QUANTILES, PROBABILITIES, strict=True) if each > 0.5]
    for _, rows in rates.groupby(["indicator", "origin", "size"]):
        assert rows["horizon"].tolist() == list(range(1, len(rows) + 1))
        assert (np.diff(rows[below], axis=0) <= 0).all()
        assert (np.diff(rows[above], axis=0) >= 0).all()


def test_errors_of_children_are_of_one_base(errors):
    rows = errors[errors["indicator"] == CHILDREN]
    assert rows["horizon"].tolist() == [1, 2, 3, 4, 5, 6]
    assert rows["last_target"].tolist() == [2019, 2020, 2021, 2022, 2023, 2024]
    shared = rows[["origin", "size", "count_from", "origins", "first_origin"]]
    assert shared.drop_duplicates().to_numpy().tolist() == [[2024, 1, 0, 1, 2018]]
    away = rows[list(QUANTILES)].sub(rows["q500"], axis="index").abs()
    assert (np.diff(away, axis=0) >= -1e-6).all()


def test_each_method_and_interval_is_tested(tests):
    kinds = tests[["method", "interval"]].drop_duplicates().to_numpy().tolist()
    assert sorted(kinds) == [
        ["constant", "past_errors"],
        ["constant", "poisson"],
        ["constant", "random_walk"],
        ["damped_trend", "past_errors"],
        ["mean3", "past_errors"],
    ]
    assert not tests.drop(columns="origin").isna().any().any()
    assert tests["origin"].max() == 2024
    assert ((tests["origin"] + tests["horizon"]).dropna() <= 2025).all()


def test_years_together_are_the_years_apart(tests):
    keys = ["indicator", "method", "interval", "horizon"]
    pooled = tests["origin"].isna()
    apart = tests[~pooled].assign(within=lambda each: each["held_80"] * each["projections"])
    sums = apart.groupby(keys)[["origins", "projections", "within"]].sum()
    whole = tests[pooled].set_index(keys)
    assert len(whole) == len(sums)
    assert (whole["origins"] == sums["origins"].reindex(whole.index)).all()
    assert (whole["projections"] == sums["projections"].reindex(whole.index)).all()
    held = sums["within"].reindex(whole.index) / whole["projections"]
    assert np.allclose(held.astype(float), whole["held_80"], atol=0.05)


@pytest.mark.parametrize("indicator", sorted(HELD))
@pytest.mark.parametrize("horizon", [1, 3])
def test_limits_held_as_often_as_they_should(tests, indicator, horizon):
    rows = tests[tests["origin"].isna() & (tests["method"] == "constant")]
    rows = rows[(rows["indicator"] == indicator) & (rows["horizon"] == horizon)]
    by = rows.set_index("interval")
    lowest, highest = HELD[indicator]
    assert by.loc["past_errors", "origins"] == 10 - horizon
    assert lowest <= by.loc["past_errors", "held_80"] <= highest
    assert by.loc["past_errors", "score"] < by.loc[["poisson", "random_walk"], "score"].min()


NAMES = {
    "referrals": "referrals",
    "children in need at 31 March": "cin_at_31_march",
    "plans started": "cpp_started",
    "plans at 31 March": "cpp_at_31_march",
    "looked after at 31 March": "cla_at_31_march",
}


def test_the_page_on_projections_has_the_figures_of_the_record(tests, root):
    text = (root / "docs" / "methods" / "projection.md").read_text(encoding="utf-8")
    page = text.partition("## How often limits held")[2].partition("## Other ways")[0]
    cells = [[each.strip() for each in line.strip("| ").split("|")] for line in page.splitlines()]
    whole = tests[tests["origin"].isna() & (tests["method"] == "constant")]
    whole = whole.set_index(["interval", "indicator", "horizon"])
    columns = ["origins", "projections", "median_error", "p90_error"]
    columns += ["held_50", "held_80", "held_95", "score"]
    named = [row for row in cells if row[0] in NAMES and row[1].isdecimal()]
    assert len(named) == 21
    for name, horizon, *figures in named:
        row = whole.loc[("past_errors", NAMES[name], int(horizon))]
        printed = [float(each.replace(",", "")) for each in figures[:8]]
        assert printed == pytest.approx(row[columns].astype(float).tolist(), abs=0.0501), name

    apart = tests[(tests["method"] == "constant") & (tests["interval"] == "past_errors")]
    held = apart.set_index(["origin", "indicator", "horizon"])["held_80"]
    years = [row for row in cells if row[0].startswith("20") and len(row) == 9]
    assert [int(row[0]) for row in years] == list(range(2016, 2025))
    for year, *figures in years:
        pairs = [(name, horizon) for name in list(NAMES.values())[:4] for horizon in (1, 3)]
        for (name, horizon), printed in zip(pairs, figures, strict=True):
            if not printed[0].isdecimal():
                assert (int(year), name, horizon) not in held.index
            else:
                assert float(printed) == pytest.approx(
                    held.loc[(int(year), name, horizon)], abs=0.0501
                )


@pytest.mark.reference
def test_the_record_is_what_the_published_files_give(reference, root, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(root / "scripts"))
    for name in ("make_snapshot", "make_projection_record"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    script = importlib.import_module("make_projection_record")
    shutil.copy(str(resources.files(snapshot).joinpath("manifest.json")), tmp_path)

    script.main(reference, tmp_path)

    for source in ("projection_errors@2025", "projection_tests@2025"):
        file = snapshot.entry(source).file
        here = pd.read_csv(str(resources.files(snapshot).joinpath(file)))
        # Another release of numpy may round the last figure otherwise.
        pd.testing.assert_frame_equal(pd.read_csv(tmp_path / file), here, rtol=1e-3)
    made = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    ids = [f"{each['dataset']}@{each['edition']}" for each in made]
    assert ids == [each.id for each in snapshot.manifest()]
