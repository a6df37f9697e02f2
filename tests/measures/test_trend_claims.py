"""The error of "rose", "fell" and "lower than the year before", on every authority's series."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def trends(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from claim_lines import trends

    return trends


@pytest.mark.reference
def test_words_are_as_seldom_wrong_as_they_must_be(reference, trends):
    """Published series in random order, and rates that stand still: .03 to .08 (chance: .08)."""
    rows = trends.lines(reference, quick=True)
    barred = [row for row in rows if row.must_be]
    assert len(barred) > 25
    wrong = [row for row in barred if not row.must_be[0] <= row.found <= row.must_be[1]]
    assert wrong == []
    marker = [row.found for row in rows if row.what.startswith("marker of Fingertips")]
    assert max(marker) > 0.3


@pytest.mark.reference
def test_a_trend_that_was_called_goes_on_no_more_often_than_chance(reference, trends):
    """So the words are about the years named, and never "is falling"."""
    table = trends.real_series(reference)
    *_, after, any_year = trends.afterwards(table[table["area_level"] == "authority"])
    assert after.number_of_draws > 500
    assert after.found < any_year.found


def test_series_are_shuffled_whole(trends):
    """Each count keeps its people; every area is drawn as often; a year that is missing is none."""
    table = pd.DataFrame(
        [
            {"area_code": area, "year": year, "indicator": "referrals", "count": base + year}
            for area, base in (("a", 0), ("b", 10_000), ("c", 20_000))
            for year in range(2013, 2026)
        ]
    )
    table["population"] = table["count"] * 10
    table["count"] = table["count"].astype("Int64")
    table.loc[(table["area_code"] == "b") & (table["year"] == 2018), "count"] = pd.NA
    table = table[~((table["area_code"] == "c") & (table["year"] > 2016))]
    generator = np.random.default_rng(1)
    counts, people = trends.shuffled_windows(table, "referrals", 400, generator)
    assert np.isfinite(counts).all()
    assert (people == 10 * counts).all()
    assert np.ptp(counts, axis=1).max() == 4
    assert np.unique(counts[:, 0] // 10_000, return_counts=True)[1].tolist() == [200, 200]
    counts, people = trends.shuffled_series(table, "referrals", 400, generator)
    assert np.isnan(counts).sum(axis=1).tolist() == [0] * 200 + [1] * 200
    assert np.isnan(counts[200:, 0]).all()
    known = np.isfinite(counts)
    assert (people[known] == 10 * counts[known]).all()
    assert len(np.unique(counts[:200], axis=0)) > 190
