"""Two refreshes and two builds at once leave one good store, and outputs of one build."""

import json
import os
import subprocess
import sys
from pathlib import Path

import bolton_jsna
from bolton_jsna import building
from bolton_jsna.building.paths import PROCESSED, RECORD
from bolton_jsna.building.refresh import refresh
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.services.http import Session
from quick_build import quick_build
from stored import changed_files

FILES = ("idaci@2025", "statistical_neighbours@2025", "lookup@lsoa21-ward25")
SUPPORT = Path(__file__).parents[1] / "support"
RUN = """
import sys
sys.path.insert(0, sys.argv[3])
from quick_build import quick_build
from stored import changed_files
from standin.world import small_catalogue
from bolton_jsna import building, catalogue
from bolton_jsna.building.refresh import refresh
from stored import changed_files
small = small_catalogue()
catalogue._catalogue = lambda: small
building.build = quick_build
if sys.argv[1] == "build":
    quick_build("Bolton", workspace=sys.argv[2])
else:
    record = refresh(workspace=sys.argv[2], only=sys.argv[4:], fresh_hours=0)
    sys.exit(record.exit_code)
"""


def test_two_refreshes_and_two_builds_at_once(live, tmp_path, monkeypatch):
    monkeypatch.setattr(building, "build", quick_build)
    with Session() as session:
        refresh(workspace=tmp_path, only=FILES, session=session)
    quick_build("Bolton", workspace=tmp_path)
    live.world.revise("idaci")
    env = {**os.environ, "PYTHONPATH": str(Path(bolton_jsna.__file__).parents[1])}
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", RUN, what, str(tmp_path), str(SUPPORT), *FILES], env=env
        )
        for what in ("refresh", "build", "refresh", "build")
    ]
    assert [run.wait(timeout=300) for run in runs] == [0] * 4
    assert changed_files(tmp_path) == ()
    # Whichever came last: one more refresh finds nothing newer, and builds only if it must.
    with Session() as session:
        last = refresh(workspace=tmp_path, only=FILES, session=session, fresh_hours=0)
    assert {each.verdict for each in last.outcomes} == {"unchanged"}
    figures = raw.table("idaci", tmp_path).to_csv(index=False)
    assert (tmp_path / PROCESSED / "idaci_lsoa.csv").read_text(encoding="utf-8") == figures
    assert json.loads((tmp_path / RECORD).read_text())["area"] == "Bolton"
    report = json.loads((tmp_path / PROCESSED / "changes.json").read_text())
    reported = [change for run in [report, *report["earlier"]] for change in run["changes"]]
    assert [each["file"] for each in reported if not each["first"]] == ["idaci@2025"]
