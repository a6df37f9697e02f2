"""``bolton-jsna build`` for many authorities: what is printed, and the exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bolton_jsna.building import many
from bolton_jsna.building.many._task import Outcome
from bolton_jsna.cli import main as cli

BOLTON = Outcome("E08000001", "Bolton", folder="made", path="areas/E08000001-bolton", seconds=2.5)
SLOUGH = Outcome("E06000039", "Slough", folder="failed", message="No wards of 2025.\nMore.")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What the command asks for; the run itself is not made."""
    calls: list[dict[str, object]] = []

    def build_many(areas: object, *, progress: object, **options: object) -> many.ManyRecord:
        calls.append({"areas": areas, **options})
        outcomes = [SLOUGH, BOLTON] if "all" in areas else [BOLTON]
        for number, each in enumerate(outcomes, 1):
            if progress is not None:
                progress(number, len(outcomes), each)
        return many.ManyRecord(outcomes, {"profile.csv": "0" * 64, "profile.parquet": "1" * 64})

    monkeypatch.setattr(many, "build_many", build_many)
    return calls


def run(*options: str):
    return CliRunner().invoke(cli.app, ["build", *options])


def test_the_failed_are_named_and_the_exit_code_is_4(asked, tmp_path: Path) -> None:
    done = run("--area", "all", "--jobs", "2", "--workspace", str(tmp_path))
    assert done.exit_code == 4
    assert asked[0]["areas"] == "all"
    assert asked[0]["jobs"] == 2
    assert not asked[0]["maps"]
    assert "Failed: 1 of 2. The others are complete." in done.output
    assert "- Slough (no folder): No wards of 2025." in done.output
    assert "1 of 2  Slough: failed" in done.output
    assert "National tables in data/processed/national/: profile." in done.output


def test_all_built_is_exit_code_0(asked) -> None:
    done = run("--region", "North West", "--maps", "--chapter", "docx")
    assert done.exit_code == 0
    assert asked[0]["areas"] == ["North West"]
    assert asked[0]["maps"]
    assert asked[0]["chapter"] == "docx"
    assert "Failed" not in done.output


def test_the_record_is_printed_as_json(asked) -> None:
    done = run("--area", "all", "--json", "--quiet")
    assert done.exit_code == 4
    assert [each["area_name"] for each in json.loads(done.stdout)["areas"]] == ["Slough", "Bolton"]


@pytest.mark.parametrize(
    ("options", "areas"),
    [
        (["--with-neighbours"], ["Bolton"]),
        (["--area", "Bury", "--with-neighbours"], ["Bury"]),
        (["--area", "Bury", "--area", "Bristol, City of"], ["Bury", "Bristol, City of"]),
        (["--area", "Bury", "--region", "London"], ["Bury", "London"]),
        (["--area", "ALL"], "all"),
    ],
)
def test_the_areas_asked_for(asked, options: list[str], areas: object) -> None:
    run(*options, "--quiet")
    assert [each["areas"] for each in asked] == [areas]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--area", "all", "--local-records", "own.csv"], "--local-records is for the records of"),
        (["--area", "all", "--unprotected", "audit"], "--unprotected is for the records of one"),
        (["--tables-only"], "are for many authorities"),
        (["--jobs", "2"], "are for many authorities"),
        (["--area", "all", "--jobs", "two"], "is not a whole number"),
    ],
)
def test_options_that_do_not_go_together(asked, options: list[str], words: str) -> None:
    done = run(*options)
    assert done.exit_code != 0
    assert words in str(done.exception)
    assert not asked
