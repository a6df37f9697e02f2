"""The error of carrying wards' children to another year: the table, and the study behind it."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from bolton_jsna.core.errors import UsageError
from bolton_jsna.measures.ward_children import carrying_error, carrying_errors


@pytest.fixture(scope="module")
def benchmark(root: Path) -> ModuleType:
    """The script of the study."""
    path = root / "benchmarks" / "ward_children.py"
    spec = importlib.util.spec_from_file_location("ward_children_study", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def study(benchmark: ModuleType, reference: Path) -> pd.DataFrame:
    # The package has no figures of these two, which take most of the time.
    return benchmark.study(reference, without=("estimates, by bands", "estimates, by single year"))


@pytest.mark.reference
def test_estimates_by_lsoa_carried_two_and_three_years(study: pd.DataFrame) -> None:
    """ONS, mid-2017 to mid-2019 and mid-2020, 215 wards of Greater Manchester."""
    found = study.set_index(["way", "start", "end"])[["mean", "median", "p95", "wards"]].round(2)
    raked = found.loc["estimates, by total"]
    assert raked.loc[2017, 2019].tolist() == [2.32, 1.79, 5.81, 215]
    assert raked.loc[2017, 2020].tolist() == [3.06, 2.36, 7.36, 215]
    plain = found.loc["estimates, not raked"]
    assert plain.loc[2017, 2019].tolist() == [2.54, 1.99, 5.99, 215]
    assert plain.loc[2017, 2020].tolist() == [3.37, 2.64, 8.51, 215]
    modelled = found.loc["modelled"]
    assert modelled.loc[2015, 2017].tolist() == [2.44, 1.82, 5.70, 215]
    assert modelled.loc[2017, 2020].tolist() == [2.93, 2.23, 7.51, 215]


@pytest.mark.reference
def test_scaling_lowers_the_mean_error_of_every_pair_of_years(study: pd.DataFrame) -> None:
    means = study.set_index(["start", "end", "way"])["mean"]
    for base, way in (("estimates", "estimates, by total"), ("modelled", "modelled")):
        raked = means.xs(way, level="way")
        plain = means.xs(f"{base}, not raked", level="way")
        both = raked.index.intersection(plain.index)
        apart = [pair for pair in both if pair[0] != pair[1]]
        assert len(apart) == 6
        assert (raked[apart] < plain[apart]).all()


@pytest.mark.reference
def test_the_table_of_the_package_is_what_the_study_finds(study: pd.DataFrame) -> None:
    ways = {"estimates": "estimates, by total", "modelled": "modelled"}
    found = study.set_index(["way", "start", "end"])
    for each in carrying_errors():
        row = found.loc[ways[each.base], each.start, each.end]
        figures = [round(row[name], 2) for name in ("mean", "median", "p95")]
        assert [each.mean, each.median, each.p95] == pytest.approx(figures, abs=0.051)
        assert (each.years, each.wards) == (each.end - each.start, row["wards"])
        alike = study[(study["way"] == ways[each.base]) & (study["years"] == each.years)]
        assert row["mean"] == alike["mean"].max()


@pytest.mark.reference
def test_the_figures_without_scaling_are_what_the_study_finds(study: pd.DataFrame) -> None:
    found = study.set_index(["way", "start", "end"])
    unscaled = carrying_errors(scaled=False)
    assert {(each.base, each.years) for each in unscaled} == {
        (base, years) for base in ("estimates", "modelled") for years in (2, 3)
    }
    for each in unscaled:
        row = found.loc[f"{each.base}, not raked", each.start, each.end]
        figures = [round(row[name], 2) for name in ("mean", "median", "p95")]
        assert [each.mean, each.median, each.p95] == pytest.approx(figures, abs=0.051)


def test_without_the_published_files_the_study_notes_it_and_does_not_fail(
    root: Path, tmp_path: Path
) -> None:
    run = subprocess.run(
        [sys.executable, str(root / "benchmarks" / "ward_children.py"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=dict(os.environ),
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "Nothing was measured" in run.stdout
    assert "gm_lsoa11_to_wd19_bestfit.csv" in run.stdout
    assert "BOLTON_JSNA_REFERENCE_DATA" in run.stdout


def test_the_nearest_tested_distance_in_the_same_direction_is_given() -> None:
    assert carrying_error("modelled", 2).years == 2
    assert carrying_error("modelled", 9).years == 5
    assert carrying_error("modelled", -9).years == -3
    assert carrying_error("modelled", 0).years == 0
    assert carrying_error("estimates", 4).years == 3
    # Estimates of the year itself are not carried anywhere.
    assert carrying_error("estimates", 0) is None
    with pytest.raises(UsageError, match="base='guessed' is not known"):
        carrying_error("guessed", 2)


def test_errors_grow_with_the_years() -> None:
    for base in ("modelled", "estimates"):
        for sign in (1, -1):
            rows = [each for each in carrying_errors() if each.base == base]
            side = sorted((each.years * sign, each.mean) for each in rows if each.years * sign > 0)
            assert [mean for _, mean in side] == sorted(mean for _, mean in side)
