"""Whole folders of published files, and the figures that the chapter of 2012 quotes."""

import gzip
import shutil
import zipfile

import pytest

import bolton_jsna as jsna
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.loaders.indicators import held

pytestmark = pytest.mark.reference


ZIPPED = 1_500
"""Rows of each file in a zip."""


def folder_of(workspace, dataset="children_in_need"):
    where = workspace / "data" / "raw" / dataset
    where.mkdir(parents=True)
    return where


@pytest.mark.parametrize(
    ("indicator", "year", "count"),
    [
        ("referrals", 2012, 3916),
        ("cpp_started", 2012, 252),
        ("cpp_at_31_march", 2012, 236),
        ("cpp_at_31_march", 2010, 367),
    ],
)
def test_the_figures_of_that_time_are_those_of_the_chapter(
    reference, tmp_path, indicator, year, count
):
    where = folder_of(tmp_path)
    for path in (reference / "safeguarding").glob("cin_20*ud.csv"):
        shutil.copy(path, where)
    row = jsna.load_indicators("Bolton", indicators=indicator, years=year, workspace=tmp_path).iloc[
        0
    ]
    assert row["count"] == count
    assert row["value"] == pytest.approx(row["published_value"], abs=0.5)


@pytest.mark.parametrize("way", ["gzipped", "zipped"])
def test_a_whole_release_is_loaded_with_a_report_of_what_was_used(reference, tmp_path, way):
    where = folder_of(tmp_path)
    paths = sorted((reference / "safeguarding_2024").glob("*.csv.gz"))
    assert len(paths) == 29
    if way == "gzipped":
        for path in paths:
            shutil.copy(path, where)
    else:
        # The first rows of each file: all of them are read in the other way.
        texts = {
            path.name.removesuffix(".gz"): b"".join(
                gzip.decompress(path.read_bytes()).splitlines(keepends=True)[:ZIPPED]
            )
            for path in paths
        }
        with zipfile.ZipFile(where / "release.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in texts.items():
                archive.writestr(f"data/{name}", content)
    files = raw.table(raw.INDICATORS, tmp_path)
    assert files["indicator"].nunique() > 80
    assert len(files) > (200_000 if way == "gzipped" else 20_000)
    jsna.load_children_in_need("Bolton", indicators="referrals", workspace=tmp_path)
    (said,) = [each for each in raw.remarks("children_in_need", tmp_path) if "skipped" in each]
    for path in paths:
        # A long name within a zip is cut short.
        assert path.name.removesuffix(".gz")[:40] in said
    assert said.startswith("data/raw/children_in_need: 2 files are not needed")
    assert held(["plan_reviews_in_time"], tmp_path)["area_code"].nunique() > 150
