"""A build that was killed is made by the next refresh, of what the store has by then."""

import json

import pytest
from typer.testing import CliRunner

from bolton_jsna import building
from bolton_jsna.cli import main as cli
from bolton_jsna.ingest import store

pytestmark = pytest.mark.usefixtures("sketched")

IOD = "idaci@2025"


def run(*words: str):
    return CliRunner().invoke(cli.app, [*words])


def night(folder):
    """A nightly refresh of one file."""
    return run("refresh", "--workspace", str(folder), "--only", IOD, "--fresh-hours", "0")


class Killed(BaseException):
    """Ends the process in the place of a signal."""


def kill(*_, **__):
    raise Killed


def used(folder) -> str:
    """The sha256 of the file of the Indices from which the outputs were made."""
    record = json.loads((folder / "data" / "processed" / "run.json").read_text(encoding="utf-8"))
    return {each["source"]: each["sha256"] for each in record["sources"]}[IOD]


def test_outputs_have_the_figures_of_the_store_after_a_build_that_was_killed(
    live, tmp_path, monkeypatch
):
    monkeypatch.setattr("bolton_jsna.building._maps.draw", lambda *_: None)
    assert night(tmp_path).exit_code == 0
    building.build(workspace=tmp_path)
    first = store.entries(tmp_path)[IOD].sha256
    assert used(tmp_path) == first
    live.world.revise("idaci")
    with monkeypatch.context() as patched:
        patched.setattr(building, "build", kill)
        with pytest.raises(Killed):
            night(tmp_path)
    now = store.entries(tmp_path)[IOD].sha256
    assert now != first
    told = run("status", "--workspace", str(tmp_path))
    done = night(tmp_path)  # nothing is newer at the publisher now
    assert done.exit_code == 0, done.stdout
    assert "unchanged  idaci@2025" in done.stdout
    assert used(tmp_path) == now
    assert "Bolton was built again" in done.stdout
    assert "Changed since the last build: " in told.stdout
    assert "Changed since the last build" not in run("status", "--workspace", str(tmp_path)).stdout
    assert "built again" not in night(tmp_path).stdout


def test_status_says_that_a_file_is_newer_than_the_last_build(live, tmp_path, monkeypatch):
    monkeypatch.setattr("bolton_jsna.building._maps.draw", lambda *_: None)
    assert night(tmp_path).exit_code == 0
    building.build(workspace=tmp_path)
    fetched = tmp_path / store.RAW / store.entries(tmp_path)[IOD].path
    (tmp_path / store.RAW / "idaci" / "mine.csv").write_bytes(fetched.read_bytes())
    told = run("status", "--workspace", str(tmp_path))
    assert "Changed since the last build: data/raw/idaci/mine.csv is new" in told.stdout
