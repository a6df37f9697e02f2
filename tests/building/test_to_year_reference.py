"""The chapter of 2012 again, from DfE's files of 2009-10 to 2012-13."""

import re
import shutil
from pathlib import Path
from unittest import mock

import pandas as pd
import pytest

import bolton_jsna as jsna
import chapter_reader
import files_of_2012 as old
from bolton_jsna.building import _chapter
from bolton_jsna.building._to_year import projections_up_to
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import services

pytestmark = pytest.mark.reference

FILES = ("2009_10_osr28-2010", "2010_11_osr26-2011", "2011_12_SFR27-2012", "2012_13_SFR45-2013")


@pytest.fixture(scope="module")
def built(
    reference: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Materials]]:
    """A workspace with the four files, built as of 2012 with the own counts of the chapter."""
    made = tmp_path_factory.mktemp("chapter_of_2012")
    raw = made / "data" / "raw" / "children_in_need"
    raw.mkdir(parents=True)
    for each in FILES:
        shutil.copy(reference / "safeguarding" / f"cin_{each}ud.csv", raw)
    (made / "plans.csv").write_text(old.OWN)
    given: list[Materials] = []
    with mock.patch.object(_chapter, "write", lambda found, *_: given.append(found)):
        jsna.build(
            "Bolton",
            workspace=made,
            to_year=2012,
            local_records=made / "plans.csv",
            chapter="html",
        )
    return made, given


@pytest.fixture
def folder(built: tuple[Path, list[Materials]]) -> Path:
    return built[0]


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / "data" / "processed" / f"{name}.parquet")


def test_the_small_files_have_the_published_figures(folder):
    figures = table(folder, "children_in_need").set_index(["year", "area_name", "indicator"])
    figures = figures.sort_index()
    names = ("referrals", "cpp_started", "cpp_at_31_march", "cin_at_31_march")
    for year, areas in old.PUBLISHED.items():
        for area, (children, *counts) in areas.items():
            here = figures.loc[year, area]
            assert here["count"][list(names)].tolist() == counts
            assert set(here["population"]) == {children}
    for area, printed in old.RATES.items():
        here = figures.loc[2012, area]["published_rate"]
        assert here[list(names)].tolist() == [float(each) for each in printed]


@pytest.mark.parametrize(
    ("indicator", "words"),
    [
        (
            "referrals",
            (
                "3,916 referrals in Bolton, 606 per 10,000 children",
                "higher than England (534) by more than chance in the counts",
                "10 statistical neighbours (2025 model)",
                "Bolton is within the usual range",
            ),
        ),
        (
            "cpp_started",
            (
                "252 child protection plans started in Bolton, 39.0 per 10,000 children",
                "lower than England (45.9) by more than chance in the counts",
                "Bolton is within the usual range",
            ),
        ),
        (
            "cpp_at_31_march",
            (
                "At 31 March 2012 there were 236 children on a child protection plan in Bolton",
                "similar to England (37.8)",
            ),
        ),
    ],
)
def test_the_sentences_of_2012(folder, indicator, words):
    found = jsna.compare_with_neighbours("Bolton", indicator, year=2012, workspace=folder)
    said = str(jsna.describe(found))
    for each in words:
        assert each in said
    assert "significant" not in said


def test_lower_than_the_neighbours_is_not_supported(folder):
    """The printed chapter has "significantly lower than statistical neighbours"."""
    found = table(folder, "neighbour_summary").set_index(["indicator", "model"])
    for model in ("2025", "2021"):
        for indicator in ("referrals", "cpp_started", "cpp_at_31_march"):
            assert found.loc[(indicator, model), "against_neighbours"] == "similar"
            assert found.loc[(indicator, model), "used"] == 10


def test_the_years_from_2010_are_told_by_number(folder):
    rates = table(folder, "rates")
    own = rates[(rates["area_name"] == "Bolton") & (rates["indicator"] == "cpp_at_31_march")]
    assert dict(zip(own["year"], own["count"], strict=True)) == {2010: 367, 2011: 359, 2012: 236}
    panel = table(folder, "profile").set_index("indicator")
    assert panel.loc["cpp_at_31_march", "trend"] == "not_compared"


def test_the_authority_is_compared_with_all_authorities(folder):
    found = table(folder, "neighbour_summary").set_index(["indicator", "model"])
    assert found["unusual"]["referrals", "2025"] == "similar"


def test_dfe_published_plans_by_age_of_each_authority_until_2012_only(reference):
    """Why own ages of 2010 to 2012 are not shown: they are next to a table that hides some."""
    for name, year in zip(FILES, range(2010, 2014), strict=True):
        path = reference / "safeguarding" / f"cin_{name}ud.csv"
        areas = pd.read_csv(path, dtype=str, encoding="latin-1", low_memory=False)
        ages = [each for each in areas if re.fullmatch(r"CPPat\d+Male16\+yrs", each)]
        assert len(ages) == (1 if year < 2013 else 0)
        for each in ages:
            hidden = areas.loc[areas["geog_l"] == "LA", each].str.strip() == "x"
            assert hidden.mean() > 0.5


def test_the_projection_is_the_newest_that_begins_by_then(reference, tmp_path):
    raw = tmp_path / "data" / "raw" / "population_projections"
    raw.mkdir(parents=True)
    name = "snpp_2018based_principal_la_syoa_sex_2018_2043.csv.gz"
    shutil.copy(reference / "population" / name, raw)
    for year, base in ((2018, 2018), (2021, 2018), (2022, 2022), (2025, 2022)):
        found = projections_up_to(jsna.area("Bolton"), year, workspace=tmp_path)
        assert set(found["base_year"]) == {base}
    with pytest.raises(jsna.MissingDataError, match="Those available begin in mid-2018 and 2022"):
        projections_up_to(jsna.area("Bolton"), 2017, workspace=tmp_path)


def test_the_page_on_the_chapter_of_2012_quotes_what_is_said(built, root):
    page = (root / "docs" / "chapter_2012.md").read_text(encoding="utf-8")
    _, _, table = page.partition("## What the chapter of 2012 prints")
    said = chapter_reader.text(services.section(built[1][0]))
    # The first column is what was printed in 2012/13.
    ours = [line.split(" | ")[1] for line in table.splitlines() if line.count(" | ") == 2]
    quoted = [
        part.strip()
        for cell in ours
        for each in re.findall(r'"([^"]+)"', cell)
        for part in each.split("...")
        if part.strip(" )")
    ]
    assert len(quoted) >= 10
    assert [each for each in quoted if each not in said] == []
