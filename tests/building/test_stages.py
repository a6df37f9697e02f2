"""The seconds and the memory of each stage of a build, where they are asked for."""

import json
from pathlib import Path

import pytest

import bolton_jsna as jsna
from bolton_jsna.building import _stages

pytestmark = pytest.mark.usefixtures("sketched")
STAGES = [
    "reading",
    "local counts",
    "comparisons",
    "disclosure control",
    "profile and projections",
    "writing tables",
    "maps",
]


def test_stages_are_in_the_record_and_change_nothing_else(tmp_path: Path) -> None:
    with_stages, without = (tmp_path / name for name in ("with", "without"))
    for folder in (with_stages, without):
        folder.mkdir()
    record = jsna.build(workspace=with_stages, profile=True)
    plain = jsna.build(workspace=without)
    assert [each.name for each in record.stages] == STAGES
    assert all(each.seconds >= 0 and each.processor >= 0 for each in record.stages)
    assert plain.stages == []
    assert record.outputs == plain.outputs
    written = json.loads((with_stages / "data/processed/run.json").read_text())
    assert [each["name"] for each in written["stages"]] == STAGES
    other = json.loads((without / "data/processed/run.json").read_text())
    assert "stages" not in other
    assert written["options"] == other["options"]


def test_a_rebuild_does_not_note_them_again(tmp_path: Path) -> None:
    from bolton_jsna.building import rebuild

    jsna.build(workspace=tmp_path, profile=True, maps=False)
    again = rebuild(tmp_path)
    assert again is not None
    assert again.stages == []


def test_memory_grows_and_the_table_has_the_whole() -> None:
    stages = _stages.Stages(wanted=True)
    stages.begin("first")
    held = bytearray(50_000_000)
    stages.begin("second")
    stages.end()
    del held
    first, second = stages.found
    assert first.megabytes is None or second.megabytes >= first.megabytes > 0
    table = _stages.lines([_stages.Stage("a", 1.5, 1.25, 100.0), _stages.Stage("b", 2, 1, 90.0)])
    assert table[-1].split() == ["all", "3.50", "2.25", "100"]
    windows = _stages.lines([_stages.Stage("a", 1.5, 1.25, None)])
    assert windows[-1].split() == ["all", "1.50", "1.25"]


def test_nothing_is_noted_unless_it_is_asked_for() -> None:
    stages = _stages.Stages(wanted=False)
    stages.begin("first")
    stages.end()
    assert stages.found == []
