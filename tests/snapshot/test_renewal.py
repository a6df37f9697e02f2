"""A snapshot renewed from a workspace is whole, says where it came from, and makes a build."""

import importlib.util
import json
import shutil
import sys
from importlib import resources

import pytest

from bolton_jsna import building, catalogue, snapshot
from bolton_jsna.building.refresh import refresh
from bolton_jsna.core.errors import MissingDataError
from bolton_jsna.loaders import indicators, safeguarding
from standin.world import small_catalogue

pytestmark = pytest.mark.usefixtures("sketched")

# What a process keeps of the snapshot.
KEPT = (snapshot._entries, snapshot._parsed, safeguarding._embedded, indicators._embedded)


@pytest.fixture
def script(root, monkeypatch):
    monkeypatch.syspath_prepend(str(root / "scripts"))
    monkeypatch.delitem(sys.modules, "make_snapshot", raising=False)
    spec = importlib.util.spec_from_file_location(
        "renew_snapshot", root / "scripts" / "renew_snapshot.py"
    )
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "renew_snapshot", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def copy(root, tmp_path):
    """The folder of the snapshot, to be renewed without touching the true one."""
    return shutil.copytree(
        root / "src" / "bolton_jsna" / "snapshot",
        tmp_path / "snapshot",
        ignore=shutil.ignore_patterns("*.py", "__pycache__"),
    )


@pytest.fixture
def renewed(live, session, script, copy, tmp_path, monkeypatch, capsys):  # noqa: PLR0917
    """The snapshot renewed from the stand-in, in the place of the true one."""
    workspace = tmp_path / "fresh"
    workspace.mkdir()
    # A snapshot has the estimates behind every year of its rates.
    whole = small_catalogue(years_before=15)
    monkeypatch.setattr(catalogue, "_catalogue", lambda: whole)
    live.world.revise("children_in_need", "idaci")
    assert refresh(workspace=workspace, session=session).exit_code == 0
    script.main(workspace, copy, dry_run=False)

    class Elsewhere:
        @staticmethod
        def files(name):
            return copy if name == "bolton_jsna.snapshot" else resources.files(name)

    monkeypatch.setattr(snapshot, "resources", Elsewhere)
    for each in KEPT:
        each.cache_clear()
    yield workspace, copy, capsys.readouterr().out
    monkeypatch.undo()
    for each in KEPT:
        each.cache_clear()


LAID_IN = {
    "assessment_factors",
    "local_records",
    "participation_and_neet",
    "postcodes",
    "projection_errors",
    "projection_tests",
}


def test_a_renewed_snapshot_verifies_says_its_origin_and_is_built_from(renewed, script, tmp_path):
    workspace, copy, said = renewed
    assert snapshot.verify() == snapshot.manifest()
    for each in snapshot.manifest():
        if each.dataset not in LAID_IN:
            assert each.retrieved.startswith("20"), each.id
            assert "Fetched from its publisher on 20" in each.notes
        assert each.licence
    assert snapshot.newest("ward_boundaries") == "ward_boundaries@2025"
    assert snapshot.serves("ward_boundaries@2025") == (2023, 2024, 2025)
    assert snapshot.every("idaci") == ("idaci@2019", "idaci@2025")
    assert "postcodes@2025: kept as it is" in said
    assert "idaci@2025: 177 rows, 0 added, 0 removed, " in said
    with pytest.raises(MissingDataError, match="has no 'ward_boundaries@2023'"):
        snapshot.read("ward_boundaries@2023")
    files = {path.name for path in copy.iterdir()} - {"manifest.json"}
    assert files == {each.file for each in snapshot.manifest()}
    empty = tmp_path / "empty"
    empty.mkdir()
    record = building.build("Bolton", workspace=empty)
    assert all(check.passed for check in record.checks)

    before = {path.name: path.read_bytes() for path in copy.iterdir()}
    script.main(workspace, copy, dry_run=False)
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before


def test_a_dry_run_and_an_empty_workspace_write_nothing(script, copy, tmp_path):
    before = {path.name: path.read_bytes() for path in copy.iterdir()}
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SystemExit, match="has nothing for a snapshot"):
        script.main(empty, copy, dry_run=True)
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before
    assert json.loads(before["manifest.json"])
