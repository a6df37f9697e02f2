"""A refresh that is killed loses no change: the next one reports each of them once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import bolton_jsna as jsna
from bolton_jsna.building import refresh_text
from bolton_jsna.building.refresh import refresh
from bolton_jsna.core.errors import WorkspaceError
from bolton_jsna.ingest import diff, lockfile, store
from bolton_jsna.ingest.diff import _markdown_page, journal, report
from standin import in_place
from stored import changed_files

SUPPORT = Path(__file__).parents[1] / "support"
SOURCE = Path(store.__file__).parents[2]
THREE = ("idaci@2025", "children_in_need@latest/plans", "children_looked_after@latest")
PLANS = THREE[1]
REVISED = tuple(each.partition("@")[0] for each in THREE)

DRIVER = """
import json, os, pathlib, shutil, sys
from killing import killed_at
from bolton_jsna.ingest import store
from bolton_jsna.ingest.diff import Change, journal, report
from bolton_jsna.ingest.lockfile import LockEntry
from stored import changed_files

template, workspace = map(pathlib.Path, sys.argv[1:3])
again = json.loads(sys.argv[3])

def run(version, when, folder=workspace, names=("a", "b")):
    raw = folder / store.RAW
    with store.guarded(folder) as incoming:
        left = journal.begin(raw)
        for name in names:
            new = incoming / name
            new.write_text(version)
            entry = LockEntry(
                "idaci", "2025", part=name, retrieved=when, path=f"idaci/2025/{name}.csv",
                sha256=store.fingerprint(new), size=len(version),
            )
            change = Change(entry.key, entry.path, False, 1, revised=int(version))
            change = journal.add(raw, change, entry, moment=when)
            store.put(new, entry, folder)
            journal.confirm(raw, change)
        report.publish(folder, when=when, left=left)

def reported():
    return [
        [run.refreshed[:4], change.file, change.revised, change.left[:4]]
        for run in report.read(workspace)
        for change in run.changes
    ]

run("1", "2001-01-01T00:00:00+00:00", template)
found, number, more = [], 1, True
while more:
    second = 0
    while True:
        shutil.rmtree(workspace, ignore_errors=True)
        shutil.copytree(template, workspace)
        more = killed_at(number, lambda: run("2", "2002-01-01T00:00:00+00:00"))
        after = lambda: run("3", "2003-01-01T00:00:00+00:00", names=("a",))
        twice = killed_at(second, after) if second else False
        stood = {
            key: (workspace / store.RAW / entry.path).read_text()
            for key, entry in store.entries(workspace).items()
        }
        run("", "2004-01-01T00:00:00+00:00", names=())
        page = (workspace / "data/processed/changes.md").read_text()
        hidden = sorted(path.name for path in (workspace / store.RAW).iterdir())
        found.append([number, second, stood, reported(), page, hidden])
        second += 3
        if not again or not more or (second > 3 and not twice):
            break
    number += 4 if again else 1
json.dump(found, sys.stdout)
"""


def driven(tmp_path: Path, *, again: bool) -> list[list]:
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, tmp_path / "template", tmp_path / "w", json.dumps(again)],
        env={**os.environ, "PYTHONPATH": f"{SOURCE}{os.pathsep}{SUPPORT}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def template(tmp_path):
    (tmp_path / "template").mkdir()
    return tmp_path


@pytest.mark.skipif(not hasattr(os, "fork"), reason="refreshes are killed in forked children")
def test_killed_at_any_step_each_change_that_took_place_is_reported_once(template):
    found = driven(template, again=False)
    seen = set()
    for number, _, stood, reported, text, hidden in found:
        new = [each[:3] for each in reported if each[2] == 2]
        expected = {key for key, version in stood.items() if version == "2"}
        assert sorted(each[1] for each in new) == sorted(expected), number
        # Those that the killed refresh did not report are marked as left by it.
        assert all(left == ("2002" if run == "2004" else "") for run, _, _, left in reported)
        assert text.count("idaci@2025/a |") == 1 + ("idaci@2025/a" in expected), number
        assert hidden == [".changes.lock", ".refresh.lock", "idaci", "sources.lock.json"]
        seen.add((len(expected), {each[0] for each in new} == {"2004"}))
    # The steps were those meant: killed before, between and after both files, and never.
    assert {(0, False), (1, True), (2, True), (2, False)} <= seen


@pytest.mark.skipif(not hasattr(os, "fork"), reason="refreshes are killed in forked children")
def test_killed_twice_each_change_is_still_reported_once(template):
    """The second refresh replaces the copy whose change the first did not report."""
    found = driven(template, again=True)
    assert max(second for _, second, *_ in found) > 20
    both = 0
    for number, second, stood, reported, _, hidden in found:
        files = [(file, version) for _, file, version, _ in reported]
        assert len(files) == len(set(files)), (number, second)
        assert {(key, int(text)) for key, text in stood.items()} <= set(files), (number, second)
        assert ".changes" not in hidden
        both += {("idaci@2025/a", 2), ("idaci@2025/a", 3)} <= set(files)
    assert both


def reported(folder) -> list[str]:
    """The files of all changes that are not first copies, as the record has them."""
    return [each.file for run in report.read(folder) for each in run.changes if not each.first]


@pytest.fixture(scope="module")
def fetched(tmp_path_factory):
    """A workspace with first copies of three files, and the stand-in that they came from."""
    folder = tmp_path_factory.mktemp("refreshed")
    with pytest.MonkeyPatch.context() as patched, in_place(patched) as server:
        refresh(workspace=folder, only=THREE)
        yield folder, server


@pytest.mark.parametrize("number", range(1, len(THREE) + 1))
def test_stopped_after_any_file_the_next_refresh_reports_every_change(fetched, number):
    folder, server = fetched
    before = len(reported(folder))
    server.world.revise(*REVISED)
    heard = []

    def stop(outcome):
        heard.append(outcome)
        if len(heard) == number:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refresh(workspace=folder, only=THREE, fresh_hours=0, each=stop)
    assert len(reported(folder)) == before
    record = refresh(workspace=folder, only=THREE, fresh_hours=0)
    assert sorted(each.file for each in record.changes) == sorted(THREE)
    assert sum(bool(each.left) for each in record.changes) == number
    was = "was" if number == 1 else "were"
    line = f"changes.md ({number} of 3 {was} left by a refresh that was interrupted)\n"
    assert line in refresh_text.refresh_summary(record)
    assert len(reported(folder)) == before + len(THREE)
    page = (folder / diff.REPORT).read_text()
    assert "Left by a refresh that was interrupted (it began on 20" in page
    assert refresh(workspace=folder, only=THREE, fresh_hours=0).changes == ()
    assert not (folder / store.RAW / journal.FOLDER).exists()


@pytest.mark.parametrize(
    "step", ["before the record", "before the page", "before the journal is emptied"]
)
def test_stopped_while_it_reports_the_next_refresh_completes_it(fetched, monkeypatch, step):
    folder, server = fetched
    server.world.revise("children_in_need")
    before = len(reported(folder))

    def stop(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        module, name = {
            "before the record": (report, "_text"),
            "before the page": (_markdown_page, "page"),
            "before the journal is emptied": (journal, "clear"),
        }[step]
        patched.setattr(module, name, stop)
        with pytest.raises(KeyboardInterrupt):
            refresh(workspace=folder, only=THREE, fresh_hours=0)
    record = refresh(workspace=folder, only=THREE, fresh_hours=0)
    # What is in the record already is not new, and is not written again.
    assert len(record.changes) == (1 if step == "before the record" else 0)
    assert reported(folder)[: len(reported(folder)) - before] == [PLANS]
    (change,) = report.read(folder)[0].changes
    newest = (folder / diff.REPORT).read_text().partition("\n# ")[0]
    assert f"| {change.revisions[0].new:,} | +12 |" in newest
    assert not (folder / store.RAW / journal.FOLDER).exists()


def test_a_report_that_cannot_be_written_is_written_by_the_next_refresh(fetched):
    folder, server = fetched
    server.world.revise("children_in_need")
    (folder / diff.RECORD).unlink()
    (folder / diff.RECORD).mkdir()
    with pytest.raises(WorkspaceError, match=r"changes.json.*The next refresh reports"):
        refresh(workspace=folder, only=THREE, fresh_hours=0)
    (folder / diff.RECORD).rmdir()
    (change,) = refresh(workspace=folder, only=THREE, fresh_hours=0).changes
    assert (change.file, change.revised) == (PLANS, 6)


@pytest.mark.parametrize(("name", "there"), [(PLANS, True), ("idaci@2025", False)])
def test_a_copy_whose_entry_cannot_be_written_is_reported_once(fetched, monkeypatch, name, there):
    """The disk is full just after the copy took its place, and has room again a moment later."""
    folder, server = fetched
    server.world.revise(name.partition("@")[0])
    if not there:
        (folder / store.RAW / store.entries(folder)[name].path).unlink()
    write, calls = lockfile.write, []

    def full(*args):
        calls.append(args)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        write(*args)

    with monkeypatch.context() as patched:
        patched.setattr(lockfile, "write", full)
        record = refresh(workspace=folder, only=name, fresh_hours=0)
    assert "No space left on device" in record.outcomes[0].reason
    assert [(each.file, each.first) for each in record.changes] == [(name, not there)]
    assert changed_files(folder) == ()
    again = refresh(workspace=folder, only=name, fresh_hours=0)
    assert (again.outcomes[0].verdict, again.changes) == ("unchanged", ())


def test_a_copy_that_does_not_take_its_place_is_not_reported(fetched, monkeypatch):
    folder, server = fetched
    server.world.revise("children_in_need")

    def stop(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(store, "put", stop)
        with pytest.raises(KeyboardInterrupt):
            refresh(workspace=folder, only=PLANS, fresh_hours=0)
    assert list((folder / store.RAW / journal.FOLDER).iterdir())
    assert refresh(workspace=folder, only="children_in_need@latest/plans").changes == ()
    assert not (folder / store.RAW / journal.FOLDER).exists()
    (change,) = refresh(workspace=folder, only=PLANS, fresh_hours=0).changes
    assert not change.left


def test_what_a_loader_fetched_is_in_the_report_of_the_next_refresh(live, tmp_path, session):
    jsna.load_idaci("Rochdale", edition=2019, workspace=tmp_path, download=True)
    assert not (tmp_path / diff.REPORT).exists()
    assert refresh(workspace=tmp_path, only="idaci@2019", dry_run=True).changes == ()
    assert len(list((tmp_path / store.RAW / journal.FOLDER).iterdir())) == 1
    (change,) = refresh(workspace=tmp_path, only="idaci@2019", session=session).changes
    assert (change.file, change.first, change.download) == ("idaci@2019", True, True)
    page = (tmp_path / diff.REPORT).read_text()
    assert "Fetched with download=True before this refresh: idaci@2019." in page
    assert "interrupted" not in page


def test_what_a_loader_fetched_when_it_was_killed_is_in_the_report_too(
    live, tmp_path, session, monkeypatch
):
    def stop(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(journal, "confirm", stop)
        with pytest.raises(KeyboardInterrupt):
            jsna.load_idaci("Rochdale", edition=2019, workspace=tmp_path, download=True)
    jsna.load_idaci("Rochdale", edition=2019, workspace=tmp_path, download=True)
    record = refresh(workspace=tmp_path, only="idaci@2019", session=session)
    assert [(each.file, each.download) for each in record.changes] == [("idaci@2019", True)]
    line = "changes.md (1 of 1 was fetched before it with download=True)\n"
    assert line in refresh_text.refresh_summary(record)
