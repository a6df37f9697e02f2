"""One odd thing stops nothing else: what can be made is made, and what is left out is named."""

import json
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna
from command_line import command

pytestmark = pytest.mark.usefixtures("sketched")


def build(workspace: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return command("build", "--area", "Rochdale", *options, cwd=workspace)


# ---------------------------------------------------------------- without ward shapes
def test_without_ward_shapes_everything_that_needs_none_is_built(rochdale: Path) -> None:
    counts = [768, 700, 700, 600]  # as many as DfE published
    rows = [f"E0599900{ward},2025,{each},{each}" for ward, each in enumerate(counts, start=1)]
    text = "\n".join(["ward_code,year,referrals,cpp_at_31_march", *rows])
    (rochdale / "counts.csv").write_text(text, encoding="utf-8")
    jsna.build("Rochdale", workspace=rochdale, local_records=rochdale / "counts.csv")
    whole = json.loads((rochdale / "data/processed/run.json").read_text())["outputs"]
    profile = pd.read_parquet(rochdale / "data/processed/ward_profile.parquet")
    assert any(name.startswith("maps/") for name in whole)
    shutil.rmtree(rochdale / "data/raw/ward_boundaries")

    done = build(rochdale, "--local-records", "counts.csv")

    assert done.returncode == 0, done.stderr
    for said in (done.stdout, done.stderr):
        assert "Left out: every map" in said
        assert "no ward boundaries of Rochdale" in said
        assert "data/raw/ward_boundaries/" in said
    record = json.loads((rochdale / "data/processed/run.json").read_text())
    assert set(record["outputs"]) == {name for name in whole if name.startswith("data/")}
    assert not list((rochdale / "maps").iterdir())
    after = pd.read_parquet(rochdale / "data/processed/ward_profile.parquet")
    columns = [name for name in after.columns if name != "source"]
    assert after[columns].equals(profile[columns])
    assert after["referrals"].tolist() == counts
    assert {each["passed"] for each in record["checks"]} == {True}


def test_missing_shapes_are_named_with_what_stops_a_build(rochdale: Path) -> None:
    for dataset in ("ward_boundaries", "idaci"):
        shutil.rmtree(rochdale / "data/raw" / dataset)
    with pytest.raises(jsna.MissingDataError, match="2 things are missing") as caught:
        jsna.build("Rochdale", workspace=rochdale)
    assert "the wards of Rochdale" in str(caught.value)


def test_status_says_that_a_build_can_be_made_without_ward_shapes(rochdale: Path) -> None:
    shutil.rmtree(rochdale / "data/raw/ward_boundaries")
    done = command("status", "--area", "Rochdale", cwd=rochdale)
    assert done.returncode == 0, done.stderr
    assert "A build would use:" in done.stdout
