"""Many authorities in one run: national tables, a folder each, and faults of single ones."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.building.many import _run, _task
from bolton_jsna.core.errors import MissingDataError, SourceError, UsageError

pytestmark = pytest.mark.usefixtures("sketched")

NATIONAL = Path("data") / "processed" / "national"
ROCHDALE = Path("areas") / "E08000005-rochdale"


def files(folder: Path) -> dict[str, bytes]:
    """The files of a run without the record, which has times."""
    kept = [folder / NATIONAL, *sorted((folder / "areas").glob("*"))]
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for each in kept
        for path in sorted(each.rglob("*"))
        if path.is_file() and path.name != "run.json"
    }


def run(folder: Path, areas: object = ("Rochdale", "Bolton", "Bury"), **options: object):
    return jsna.build_many(areas, workspace=folder, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def built(
    lay_rochdale: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, jsna.ManyRecord]:
    """Rochdale from raw files, Bolton with the snapshot, and Bury, of which little is there."""
    folder = lay_rochdale(tmp_path_factory.mktemp("many"))
    return folder, run(folder)


@pytest.fixture
def again(built: tuple[Path, jsna.ManyRecord], tmp_path: Path) -> Path:
    """A copy of the workspace after the run."""
    return Path(shutil.copytree(built[0], tmp_path / "again"))


def test_an_authority_that_cannot_be_built_stops_no_other(built) -> None:
    _, record = built
    states = {each.area_name: (each.figures, each.folder) for each in record.areas}
    assert states["Bolton"] == states["Rochdale"] == ("made", "made")
    assert states["Bury"][1] == "failed"
    (bury,) = record.failed
    assert bury.area_name == "Bury"
    assert "bolton-jsna refresh" in bury.message


def test_a_folder_has_what_a_build_of_the_authority_alone_has(built, tmp_path: Path) -> None:
    folder, _ = built
    alone = Path(shutil.copytree(folder / "data" / "raw", tmp_path / "data" / "raw")).parents[1]
    jsna.build("Rochdale", workspace=alone, maps=False)
    single = {
        path.relative_to(alone).as_posix(): path.read_bytes()
        for path in sorted((alone / "data" / "processed").rglob("*"))
        if path.name != "run.json"
    }
    many = {
        name.removeprefix(f"{ROCHDALE.as_posix()}/"): content
        for name, content in files(folder).items()
        if name.startswith(ROCHDALE.as_posix())
    }
    assert many == single
    assert not (alone / "maps").exists()


def test_national_tables_have_the_rows_of_each_authority(built) -> None:
    folder, record = built
    assert record.outputs.keys() == {each.name for each in (folder / NATIONAL).iterdir()} - {
        "run.json"
    }
    profile = pd.read_parquet(folder / NATIONAL / "profile.parquet")
    own = pd.read_parquet(folder / ROCHDALE / "data" / "processed" / "profile.parquet")
    rows = profile[profile["area_code"] == "E08000005"].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows, own, check_dtype=False)
    figures = pd.read_parquet(folder / NATIONAL / "indicators.parquet")
    assert {"E92000001", "E12000002", "E08000001", "E08000005"} <= set(figures["area_code"])
    demand = pd.read_parquet(folder / NATIONAL / "projected_demand.parquet")
    assert {"E08000001", "E08000005"} <= set(demand["area_code"])


def test_no_output_has_the_path_of_the_workspace(built) -> None:
    folder, _ = built
    for name, content in files(folder).items():
        assert str(folder).encode() not in content, name
    assert str(folder) not in (folder / NATIONAL / "run.json").read_text()


def test_a_second_run_makes_nothing_again(built, again: Path) -> None:
    before = files(again)
    times = {path: path.stat().st_mtime_ns for path in (again / "areas").rglob("*.parquet")}
    record = run(again)
    states = {each.area_name: (each.figures, each.folder) for each in record.areas}
    assert states["Bolton"] == states["Rochdale"] == ("kept", "kept")
    assert files(again) == before == files(built[0])
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_a_run_that_is_stopped_is_resumed(again: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(again)
    shutil.rmtree(again / "areas")
    shutil.rmtree(again / "data" / "cache")
    shutil.rmtree(again / NATIONAL)

    def stop(number: int, of: int, outcome: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(again, progress=stop)
    made: list[str] = []
    record = run(again, progress=lambda number, of, each: made.append(each.folder))
    assert made == ["kept", "failed", "made"]  # Bolton was complete when it was stopped
    assert record.areas[0].figures == "kept"
    assert files(again) == before


def test_a_changed_output_is_made_again(again: Path) -> None:
    before = files(again)
    (again / ROCHDALE / "data" / "processed" / "profile.csv").write_text("changed")
    record = run(again)
    assert [each.folder for each in record.areas] == ["kept", "failed", "made"]
    assert files(again) == before


def test_figures_of_other_files_are_not_used(again: Path) -> None:
    key = next((again / _task.PARTS).iterdir()).name
    figures = next((again / "data" / "raw" / "children_in_need").glob("c1_*"))
    figures.write_text(figures.read_text().replace(",2768,", ",2769,"))
    record = run(again, areas=["Rochdale"])
    assert record.areas[0].figures == record.areas[0].folder == "made"
    assert [each.name for each in (again / _task.PARTS).iterdir()] != [key]
    profile = pd.read_parquet(again / NATIONAL / "profile.parquet")
    rows = profile[profile["indicator"] == "referrals"]
    assert rows["count"].tolist() == [2769]


def test_a_damaged_file_of_one_authority_stops_no_other(again: Path) -> None:
    raw = again / "data" / "raw" / "population_estimates" / "latest"
    raw.mkdir()
    bad = raw / "nomis_NM_2014_1_E08000002.csv"
    bad.write_bytes(b"<html>Sorry")
    lock = {
        "version": 1,
        "files": {
            "population_estimates@latest/lsoas/E08000002": {
                "dataset": "population_estimates",
                "edition": "latest",
                "part": "lsoas",
                "area_code": "E08000002",
                "path": bad.relative_to(again / "data" / "raw").as_posix(),
                "sha256": "0" * 64,
                "size": 99,
                "retrieved": "2026-11-01T00:00:00+00:00",
            }
        },
    }
    (again / "data" / "raw" / "sources.lock.json").write_text(json.dumps(lock))
    with pytest.raises(SourceError):
        jsna.build("Rochdale", workspace=again, maps=False)

    record = run(again)
    assert [each.folder for each in record.areas if each.area_name != "Bury"] == ["kept", "kept"]
    (bury,) = record.failed
    assert bury.area_name == "Bury"
    assert bad.name in bury.message


def test_two_processes_write_the_same_bytes(built, again: Path) -> None:
    shutil.rmtree(again / "data" / "cache")
    record = jsna.build_many(
        ["Rochdale", "Bolton", "Bury"], workspace=again, tables_only=True, jobs=2
    )
    assert [each.figures for each in record.areas] == ["made", "failed", "made"]
    assert [each.area_code for each in record.areas] == ["E08000001", "E08000002", "E08000005"]
    national = {name: each for name, each in files(again).items() if "/national/" in name}
    assert national == {name: each for name, each in files(built[0]).items() if name in national}


class Ending:
    """A pool of processes in which one authority ends its process, as a full memory does."""

    def __init__(self, ends: str) -> None:
        self.ends = ends

    def __enter__(self) -> "Ending":
        return self

    def __exit__(self, *_: object) -> None: ...

    def submit(self, function: object, task: _task.Task) -> Future[_task.Outcome]:
        future: Future[_task.Outcome] = Future()
        if task.area_code == self.ends:
            future.set_exception(BrokenProcessPool("ended"))
        else:
            future.set_result(_task.Outcome(task.area_code, task.area_code))
        return future


@pytest.mark.parametrize("ends", ["E08000001", "E08000003", "E08000005"])
def test_a_process_that_is_ended_costs_one_authority(
    monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    monkeypatch.setattr(_run, "_pool", lambda jobs: Ending(ends))
    options = _task.BuildOptions()
    tasks = [_task.Task(f"E0800000{at}", ".", "", options) for at in range(1, 6)]
    done = list(_run.run(tasks, jobs=2, executor=None))
    assert sorted(each.area_code for each in done) == [each.area_code for each in tasks]
    assert [each.area_code for each in done if each.failed] == [ends]
    (failed,) = [each for each in done if each.failed]
    assert "jobs=1" in failed.message


class Refusing(Executor):
    """An executor that cannot run anything."""

    def submit(self, *_: object, **__: object) -> Future[_task.Outcome]:  # type: ignore[override]
        future: Future[_task.Outcome] = Future()
        future.set_exception(OSError("the scheduler is gone"))
        return future


def test_an_executor_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="the scheduler is gone"):
        jsna.build_many("Bolton", workspace=tmp_path, executor=Refusing())


@pytest.mark.parametrize(
    ("areas", "options", "words"),
    [
        ("Cumbria", {}, "Cumberland"),
        ([], {}, "names no area"),
        ("Inner London", {}, "no upper-tier authorities"),
        ("Bolton", {"jobs": 0}, "1 or more"),
        ("Bolton", {"jobs": 1.5}, "a whole number"),
    ],
)
def test_what_is_not_valid_is_rejected_first(
    tmp_path: Path, areas: object, options: dict[str, object], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        jsna.build_many(areas, workspace=tmp_path, **options)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


@pytest.fixture(autouse=True, scope="module")
def _forgotten() -> Iterator[None]:
    yield
    _task._shared.cache_clear()


@pytest.mark.skipif(os.name != "posix", reason="kills a process by a signal")
def test_processes_end_with_a_run_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys, time\n"
        "from bolton_jsna.building.many import _run\n"
        "if __name__ == '__main__':\n"
        "    with _run._pool(1) as pool:\n"
        "        print(pool.submit(os.getpid).result(), file=open('pid', 'w'), flush=True)\n"
        "        pool.submit(time.sleep, 600)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    script = tmp_path / "run.py"
    script.write_text(code)
    killed = subprocess.run([sys.executable, script], cwd=tmp_path, check=False)
    assert killed.returncode == -signal.SIGKILL
    worker = int((tmp_path / "pid").read_text())
    for _ in range(300):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.kill(worker, signal.SIGKILL)
    pytest.fail("the process went on without its run")
