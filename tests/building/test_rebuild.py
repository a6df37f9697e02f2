"""Outputs never stay older than the store: however the last build ended, the next one is made."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from bolton_jsna import building
from bolton_jsna.building import _outputs, _staged_moves, fingerprints, lock, paths
from bolton_jsna.cli import _status
from bolton_jsna.cli import main as cli
from bolton_jsna.core.errors import SourceError
from bolton_jsna.ingest import diff, store
from quick_build import quick_build

pytestmark = pytest.mark.usefixtures("sketched")

IOD = "idaci@2025"


def run(*words: str):
    return CliRunner().invoke(cli.app, [*words])


def night(folder, *more: str):
    """A nightly refresh of one file."""
    return run("refresh", "--workspace", str(folder), "--only", IOD, "--fresh-hours", "0", *more)


def record(folder) -> dict:
    return json.loads((folder / paths.RECORD).read_text(encoding="utf-8"))


def at_rest(folder) -> str:
    return store.entries(folder)[IOD].sha256


def up_to_date(folder) -> bool:
    return at_rest(folder) in record(folder)["inputs"].values() and fingerprints.newer(folder) == ()


@pytest.fixture
def built(live, tmp_path, monkeypatch):
    """A workspace that was refreshed and built, and the publishers; builds are quick."""
    monkeypatch.setattr(building, "build", quick_build)
    folder = tmp_path / "jsna"
    folder.mkdir()
    assert night(folder).exit_code == 0
    quick_build(workspace=folder)
    assert up_to_date(folder)
    return folder


class Killed(BaseException):
    """Ends the process in the place of a signal."""


def kill(*_, **__):
    raise Killed


# ---------------------------------------------------------------- the next refresh builds
@pytest.mark.parametrize("moment", ["before", "in the middle", "at the moves"])
def test_the_refresh_after_a_killed_build_builds(built, live, monkeypatch, moment):
    live.world.revise("idaci")
    with monkeypatch.context() as patched:
        if moment == "before":
            patched.setattr(building, "build", kill)
        elif moment == "in the middle":
            patched.setattr(_outputs, "put_in_place", kill)
        else:
            patched.setattr(_staged_moves, "carry_out", kill)
        with pytest.raises(Killed):
            night(built)
    before = record(built)
    assert not up_to_date(built)
    done = night(built)  # nothing is newer at the publisher now
    assert done.exit_code == 0
    assert "unchanged  idaci@2025" in done.stdout
    assert "Bolton was built again" in done.stdout
    assert "idaci/2025" in done.stdout
    assert record(built)["finished"] >= before["finished"]
    assert up_to_date(built)
    quiet = night(built)
    assert "built again" not in quiet.stdout


def test_a_build_that_fails_is_tried_again_every_night_and_says_why(built, monkeypatch):
    before = {path: path.read_bytes() for path in built.rglob("rates.csv")}
    bad = built / store.RAW / "idaci" / "mine.csv"
    shutil.copy(built / store.RAW / store.entries(built)[IOD].path, bad)
    monkeypatch.setattr("quick_build.reading", raising("mine.csv cannot be used"))
    for _ in range(3):
        done = night(built)
        assert done.exit_code == 1
        assert "The outputs of the last good build are kept" in done.stdout
        assert "mine.csv cannot be used" in done.stdout
        silent = night(built, "--quiet")
        assert (silent.exit_code, silent.stdout) == (1, "")
        assert "mine.csv cannot be used" in silent.stderr
        assert {path: path.read_bytes() for path in built.rglob("rates.csv")} == before
    bad.unlink()
    assert night(built).exit_code == 0
    assert up_to_date(built)


def test_a_build_that_failed_once_is_made_when_the_reason_is_gone(built, live, monkeypatch):
    live.world.revise("idaci")
    with monkeypatch.context() as patched:
        patched.setattr(building, "rebuild", raising("the disk is full"))
        failed = night(built)
        assert failed.exit_code == 1
        assert "the disk is full" in failed.stdout
    assert night(built).exit_code == 0
    assert up_to_date(built)
    page = (built / diff.REPORT).read_text()
    assert page.splitlines()[2].startswith("Build: Bolton was built again: 2 files.")
    assert "the disk is full" not in page
    assert "the disk is full" not in (built / diff.RECORD).read_text()


def raising(words: str):
    def fail(*_, **__):
        raise SourceError(words)

    return fail


def test_a_publisher_that_is_down_keeps_no_build_back(built, live):
    live.world.revise("idaci")
    assert night(built, "--no-build").exit_code == 0
    live.fault("status", match="/govuk", code=503)
    done = night(built)
    assert done.exit_code == 3
    assert "Bolton was built again" in done.stdout
    assert up_to_date(built)


# ---------------------------------------------------------------- what counts as newer
def laid_new(folder):
    shutil.copy(folder / store.RAW / store.entries(folder)[IOD].path, folder / "copy.csv")
    (folder / "copy.csv").rename(folder / store.RAW / "idaci" / "mine.csv")


def own_records(folder):
    own = folder / "own.csv"
    own.write_text("ward,referrals\n")
    quick_build(workspace=folder, local_records=own)
    assert fingerprints.newer(folder) == ()
    os.utime(own, ns=(1, 1))


def of_an_earlier_version(folder):
    """Earlier versions wrote the path into the record, where every reader of the outputs saw it."""
    own_records(folder)
    facts, kept = record(folder), json.loads((folder / paths.KEPT).read_text())
    del facts["own_file"]
    facts["options"], facts["inputs"] = kept["options"], facts["inputs"] | kept["inputs"]
    facts["inputs"]["local_records"] = "1"
    (folder / paths.RECORD).write_text(json.dumps(facts))
    (folder / paths.KEPT).unlink()


def tampered(change):
    def apply(folder):
        facts = record(folder)
        change(facts)
        (folder / paths.RECORD).write_text(json.dumps(facts))

    return apply


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (laid_new, "data/raw/idaci/mine.csv is new"),
        (own_records, "the authority's own file has changed"),
        (of_an_earlier_version, "the form of data/processed/run.json"),
        (tampered(lambda facts: facts.pop("inputs")), "does not list what was read"),
        (tampered(lambda facts: facts.update(inputs=[1])), "does not list what was read"),
        (tampered(lambda facts: facts["inputs"].update({"idaci/old.csv": "1"})), "old.csv is gone"),
        (
            tampered(lambda facts: facts["inputs"].update({"snapshot/lookup@lsoa21-ward23": "1"})),
            "snapshot/lookup@lsoa21-ward23 of the library has changed",
        ),
        (
            tampered(lambda f: f["sources"].append({"source": "idaci@2025", "sha256": "1"})),
            "idaci@2025 has changed",
        ),
        (tampered(lambda f: f["versions"].update({"bolton-jsna": "0.0.1"})), "made by 0.0.1"),
        (lambda folder: (folder / ".bolton-jsna-x").mkdir(), "stopped before it was complete"),
    ],
)
def test_status_and_refresh_name_what_is_newer_than_the_last_build(built, change, words):
    change(built)
    told = run("status", "--workspace", str(built))
    assert told.exit_code == 0
    assert "Changed since the last build: " in told.stdout
    assert words in told.stdout
    kept = record(built)
    dry = night(built, "--dry-run")
    assert words in dry.stdout
    left = night(built, "--no-build")
    assert (left.exit_code, record(built)) == (0, kept)
    assert words in left.stdout
    done = night(built)
    assert done.exit_code == 0
    assert words in done.stdout
    assert up_to_date(built)
    told = run("status", "--workspace", str(built))
    assert "Changed since the last build" not in told.stdout
    assert "Last build: Bolton, 20" in told.stdout
    assert night(built, "--quiet").stdout == ""


def test_a_file_taken_away_by_hand_is_newer_too(built):
    laid_new(built)
    assert night(built).exit_code == 0
    (built / store.RAW / "idaci" / "mine.csv").unlink()
    assert fingerprints.newer(built) == ("data/raw/idaci/mine.csv is gone",)
    assert "Bolton was built again" in night(built).stdout


def test_a_file_that_changes_while_a_build_reads_is_newer_than_the_build(built, live, monkeypatch):
    """What a build notes is what was there when it began."""

    def meanwhile(folder, **_):
        (folder / store.RAW / "idaci" / "mine.csv").write_bytes(
            (folder / store.RAW / store.entries(folder)[IOD].path).read_bytes()
        )

    live.world.revise("idaci")
    monkeypatch.setattr("quick_build.reading", meanwhile)
    night(built)
    assert fingerprints.newer(built) == ("data/raw/idaci/mine.csv is new",)


def test_what_is_read_while_files_change_is_read_again(built):
    """A build may fetch by itself what it lacks; that is no reason for another one."""
    path, read = built / store.RAW / "idaci" / "mine.csv", []

    def once():
        path.write_text("fetched")
        read.append(1)
        return len(read)

    found, marks = fingerprints.read_with(once, built, {})
    assert (found, len(read)) == (2, 2)
    assert marks == fingerprints.inputs_of(built, {})

    def always():
        read.append(1)
        path.write_text(f"changed {len(read)} times")

    _, marks = fingerprints.read_with(always, built, {})
    assert marks != fingerprints.inputs_of(built, {})


def test_without_a_build_nothing_is_newer_and_nothing_is_built(live, tmp_path, monkeypatch):
    monkeypatch.setattr(building, "build", kill)
    assert night(tmp_path).exit_code == 0
    assert night(tmp_path).exit_code == 0
    assert _status.status(workspace=tmp_path).newer == ()


def test_a_record_that_cannot_be_used_is_a_failure_every_night(built):
    (built / paths.RECORD).write_text("{")
    for _ in range(2):
        done = night(built)
        assert done.exit_code == 1
        assert "The last build cannot be repeated" in done.stdout
    told = run("status", "--workspace", str(built))
    assert "Changed since the last build: unknown, because data/processed/run.json" in told.stdout


def test_the_build_of_another_area_takes_its_place(built):
    """One workspace has the outputs of one area: the last that was built."""
    quick_build("Rochdale", workspace=built)
    assert night(built).exit_code == 0
    laid_new(built)
    assert "Rochdale was built again" in night(built).stdout


def test_own_records_are_known_by_the_time_of_their_last_change_only(built, tmp_path):
    """Guesses of hidden counts could be tried against a fingerprint, or a size."""
    own = tmp_path / "own.csv"
    own.write_text("ward,referrals\nE05000001,4\n")
    os.utime(own, ns=(7, 7))
    options = {"local_records": str(own), "columns": None}
    assert fingerprints.inputs_of(built, options)["local_records"] == "7"
    (built / store.RAW / "local_records").mkdir()
    (built / store.RAW / "local_records" / "own.csv").write_text(own.read_text())
    marks = fingerprints.inputs_of(built, options).values()
    assert store.fingerprint(own) not in marks
    for name in ("//server/share/x.csv", "\\\\server\\x.csv", "a\0b", "gone.csv"):
        assert fingerprints.inputs_of(built, {"local_records": name})["local_records"] == ""


def test_a_running_build_is_not_taken_for_a_killed_one(built):
    with lock.alone(built):
        (built / ".bolton-jsna-x").mkdir()
        assert not lock.killed(built)
    assert lock.killed(built)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="refreshes are killed in forked children")
def test_a_dozen_refreshes_killed_while_they_build_are_each_built_by_the_next(root):
    """``make soak`` does it a hundred times, with the whole build."""
    done = subprocess.run(
        [sys.executable, root / "tests/support/soak_rebuild.py", "--kills", "12", "--build=quick"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 builds killed in " in done.stdout
    assert "always built again" in done.stdout
