"""A file of all authorities that is used in place of files of single ones is stored once."""

import dataclasses
import datetime as dt
import json
import os
import signal
import zipfile

import pytest

import bolton_jsna as jsna
from at_moment import refresh_at
from bolton_jsna.building import refresh_text
from bolton_jsna.building.refresh import refresh
from bolton_jsna.cli import _status, _status_text
from bolton_jsna.core.areas import area
from bolton_jsna.core.errors import SourceError
from bolton_jsna.ingest import _fetch, lockfile, national_files, raw_provenance, raw_tables, store
from bolton_jsna.ingest.diff import journal, report
from bolton_jsna.services.http import Session
from bolton_jsna.services.outages import Outages
from standin import nomis, ons
from stored import changed_files, previous_copies

NAME = "population_projections@2022"
BOLTON, ROCHDALE, BURY = "E08000001", "E08000005", "E08000002"
TWO = ("Bolton", "Rochdale")
LATER = dt.datetime(2027, 1, 5, 6, 0, tzinfo=dt.UTC)


@pytest.fixture
def moved_on(monkeypatch):
    """Nomis holds the next projections, so those of 2022 come from ONS."""

    def move(*, on=True):
        monkeypatch.setattr(nomis, "BASE", 2024 if on else 2022)
        monkeypatch.setattr(nomis, "LAST", 2049 if on else 2047)

    move()
    return move


def files(folder):
    raw = folder / store.RAW
    found = store.raw_files("population_projections", folder)
    return [each.relative_to(raw).as_posix() for each in found]


def zips(live):
    return [each for each in live.requests if each.path.startswith("/ons/")]


def keys(folder):
    return set(store.entries(folder))


def test_two_authorities_share_one_file_that_is_fetched_once(live, tmp_path, session, moved_on):
    record = refresh(TWO, workspace=tmp_path, only=NAME, session=session)
    assert [each.verdict for each in record.outcomes] == ["updated", "updated"]
    assert [each.status for each in zips(live)] == [200]
    assert keys(tmp_path) == {NAME}
    entry = store.entries(tmp_path)[NAME]
    assert entry.areas == (BOLTON, ROCHDALE)
    assert entry.area_code == ""
    assert files(tmp_path) == ["population_projections/2022/2022snpppopulationsyoamigcat23.zip"]
    assert changed_files(tmp_path) == ()
    for code in (BOLTON, ROCHDALE):
        table = raw_tables.table("population_projections", tmp_path, areas=(code,))
        assert set(table["area_code"]) == {code}
        assert len(table) == 91 * 26 * 3
    # The changes of each authority are its own.
    assert [each.first for each in record.changes] == [True, True]
    assert [each.reason for each in record.outcomes] == ["7,098 rows", "7,098 rows"]
    for each in record.outcomes:
        line = refresh_text.outcome_line(each)
        assert "from the ONS website, one file for all authorities, in place of Nomis" in line
    assert record.exit_code == 0


def test_the_next_refresh_asks_ons_once_and_a_new_file_is_taken_once(
    live, tmp_path, session, moved_on
):
    refresh(TWO, workspace=tmp_path, only=NAME, session=session)
    seen = len(zips(live))
    again = refresh_at(LATER, TWO, workspace=tmp_path, only=NAME, session=session, fresh_hours=0)
    assert [each.verdict for each in again.outcomes] == ["unchanged", "unchanged"]
    assert [each.status for each in zips(live)[seen:]] == [304]
    live.world.revise("population_projections")
    seen = len(zips(live))
    for force in (False, True):
        later = LATER + dt.timedelta(days=1 + force)
        new = refresh_at(
            later, TWO, workspace=tmp_path, only=NAME, session=session, fresh_hours=0, force=force
        )
        assert new.exit_code == 0
        assert [each.verdict for each in new.outcomes] == (
            ["unchanged"] * 2 if force else ["updated"] * 2
        )
        assert len(new.changes) == (0 if force else 1)
    assert [each.status for each in zips(live)[seen:]] == [200, 200]
    assert store.entries(tmp_path)[NAME].areas == (BOLTON, ROCHDALE)
    assert len(files(tmp_path)) == 1


def test_another_authority_joins_in_a_later_run_without_a_download(
    live, tmp_path, session, moved_on
):
    refresh("Bolton", workspace=tmp_path, only=NAME, session=session)
    seen = len(zips(live))
    record = refresh("Rochdale", workspace=tmp_path, only=NAME, session=session)
    assert [each.verdict for each in record.outcomes] == ["updated"]
    assert len(zips(live)) == seen
    assert store.entries(tmp_path)[NAME].areas == (BOLTON, ROCHDALE)
    # When the copy is due for a check, ONS says that it has nothing newer.
    last = refresh_at(LATER, "Bury", workspace=tmp_path, only=NAME, session=session, fresh_hours=0)
    assert [each.verdict for each in last.outcomes] == ["updated"]
    assert [each.status for each in zips(live)[seen:]] == [304]
    assert store.entries(tmp_path)[NAME].areas == (BOLTON, BURY, ROCHDALE)


def test_own_files_give_way_to_the_national_one_and_come_back(live, tmp_path, session, moved_on):
    moved_on(on=False)
    refresh(TWO, workspace=tmp_path, only=NAME, session=session)
    assert keys(tmp_path) == {f"{NAME}/{BOLTON}", f"{NAME}/{ROCHDALE}"}
    moved_on()
    live.world.revise("population_projections")
    record = refresh_at(LATER, TWO, workspace=tmp_path, only=NAME, session=session, fresh_hours=0)
    assert [each.service for each in record.outcomes] == ["ons", "ons"]
    assert keys(tmp_path) == {NAME}
    assert len(files(tmp_path)) == 1
    own = lockfile.LockEntry(
        "population_projections", "2022", area_code=BOLTON, path="population_projections/2022/x"
    )
    assert len(previous_copies(own, tmp_path)) == 1
    # Bolton gets its own file again: Rochdale still relies on the national one.
    moved_on(on=False)
    live.world.revise("population_projections")
    later = LATER + dt.timedelta(days=1)
    refresh_at(later, "Bolton", workspace=tmp_path, only=NAME, session=session, fresh_hours=0)
    assert keys(tmp_path) == {NAME, f"{NAME}/{BOLTON}"}
    assert store.entries(tmp_path)[NAME].areas == (ROCHDALE,)
    # Figures of Bolton differ between the two; its own file counts and nothing contradicts.
    table = raw_tables.table("population_projections", tmp_path, areas=(BOLTON, ROCHDALE))
    assert not table.duplicated(["area_code", "base_year", "year", "sex", "age"]).any()
    five = table[(table["area_code"] == BOLTON) & (table["age"] == 5) & (table["year"] == 2022)]
    want = live.world.projection(BOLTON, 2022, 2022, 5)
    assert five.set_index("sex")["population"]["persons"] == pytest.approx(want)
    sources = raw_provenance.sources({NAME}, "population_projections", tmp_path)
    assert {each.rows for each in sources} >= {91 * 26 * 3}
    # When nobody relies on it any more it is taken away, and kept out of sight like any other.
    refresh_at(later, "Rochdale", workspace=tmp_path, only=NAME, session=session, fresh_hours=0)
    assert keys(tmp_path) == {f"{NAME}/{BOLTON}", f"{NAME}/{ROCHDALE}"}
    assert not [each for each in files(tmp_path) if each.endswith(".zip")]
    shared = dataclasses.replace(own, area_code="")
    assert [each.suffix for each in previous_copies(shared, tmp_path)] == [".zip"]
    assert changed_files(tmp_path) == ()


def test_one_who_joins_a_file_that_is_replaced_has_changes_of_its_own(
    live, tmp_path, session, moved_on
):
    """What the file of others said of an authority is not what that authority had."""
    options = {"only": NAME, "session": session, "fresh_hours": 0}
    moved_on(on=False)
    refresh_at(LATER, TWO, workspace=tmp_path, **options)
    moved_on()
    live.world.revise("population_projections")
    refresh_at(LATER + dt.timedelta(days=1), "Rochdale", workspace=tmp_path, **options)
    moved_on(on=False)
    live.world.revise("population_projections")
    refresh_at(LATER + dt.timedelta(days=2), "Bolton", workspace=tmp_path, **options)
    moved_on()
    live.world.revise("population_projections")
    last = refresh_at(LATER + dt.timedelta(days=3), "Bolton", workspace=tmp_path, **options)
    found = {each.file.rpartition("/")[2]: each for each in last.changes}
    assert set(found) == {BOLTON, ROCHDALE}
    assert (found[BOLTON].service_before, found[BOLTON].service) == ("nomis", "ons")
    assert found[ROCHDALE].service == ""
    assert {round(each.by, 3) for each in found[BOLTON].revisions} == {1.0}
    assert {each.where["area_code"] for each in found[BOLTON].revisions} == {BOLTON}
    assert found[ROCHDALE].revised == 0
    assert last.outcomes[0].reason.startswith("now from the ONS website, before from Nomis")
    # A third that had nothing so far has its first rows, though the file is replaced with it.
    live.world.revise("population_projections")
    third = refresh_at(LATER + dt.timedelta(days=4), "Bury", workspace=tmp_path, **options)
    assert [(each.file.rpartition("/")[2], each.first) for each in third.changes] == [
        (BURY, True),
        (BOLTON, False),
    ]
    assert not list((tmp_path / store.RAW).glob(".changes/*"))


@pytest.mark.parametrize("before", ["note", "confirm"])
def test_killed_while_it_joins_an_authority_is_reported_once(
    live, tmp_path, session, moved_on, before
):
    refresh("Bolton", workspace=tmp_path, only=NAME, session=session)
    module = store if before == "note" else journal
    true = getattr(module, before)

    def killed(*words, **options):
        if before == "confirm" or any(each is not None for each in words[0].values()):
            raise SystemExit
        return true(*words, **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, before, killed)
        with pytest.raises(SystemExit):
            refresh("Rochdale", workspace=tmp_path, only=NAME, session=session)
    for _ in range(2):
        refresh("Rochdale", workspace=tmp_path, only=NAME, session=session)
    assert store.entries(tmp_path)[NAME].areas == (BOLTON, ROCHDALE)
    found = [each for run in report.read(tmp_path) for each in run.changes]
    assert sorted(each.file for each in found) == [f"{NAME}/{BOLTON}", f"{NAME}/{ROCHDALE}"]


def test_a_national_file_changed_by_hand_is_fetched_anew_for_all(live, tmp_path, session, moved_on):
    refresh(TWO, workspace=tmp_path, only=NAME, session=session)
    (path,) = store.raw_files("population_projections", tmp_path)
    path.write_bytes(b"by hand")
    record = refresh("Rochdale", workspace=tmp_path, only=NAME, session=session)
    assert [each.verdict for each in record.outcomes] == ["updated"]
    assert store.entries(tmp_path)[NAME].areas == (BOLTON, ROCHDALE)
    assert changed_files(tmp_path) == ()


def test_what_fails_after_a_copy_took_its_place_does_not_undo_its_entry(
    live, tmp_path, session, moved_on, monkeypatch
):
    refresh(TWO, workspace=tmp_path, only=NAME, session=session)
    live.world.revise("population_projections")

    def failing(*_, **__):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(_fetch, "_updated", failing)
    refresh_at(LATER, TWO, workspace=tmp_path, only=NAME, session=session, fresh_hours=0)
    assert changed_files(tmp_path) == ()
    assert store.entries(tmp_path)[NAME].areas == (BOLTON, ROCHDALE)
    assert store.entries(tmp_path)[NAME].retrieved == LATER.isoformat()


@pytest.mark.parametrize("match", ["/ons/", "/nomis"])
def test_while_a_service_is_down_the_national_file_stays_in_use(
    live, tmp_path, session, moved_on, match
):
    refresh("Bolton", workspace=tmp_path, only=NAME, session=session)
    live.fault("status", match=match, code=503)
    record = refresh_at(LATER, TWO, workspace=tmp_path, only=NAME, session=session, fresh_hours=0)
    assert [each.incomplete for each in record.outcomes] == [True, True]
    assert all(each.kept.startswith("the copy of ") for each in record.outcomes)
    assert record.exit_code == 3
    assert "answered 503" in store.entries(tmp_path)[NAME].failure
    assert store.entries(tmp_path)[NAME].areas == (BOLTON, ROCHDALE)
    # What Rochdale has now is reported, though nobody could be asked.
    assert [(each.file, each.first) for each in record.changes] == [(f"{NAME}/{ROCHDALE}", True)]
    live.faults.clear()
    session.outages = Outages()
    later = LATER + dt.timedelta(minutes=1)
    with Session(sleep=lambda _: None, timeout=(1, 60)) as anew:
        last = refresh_at(later, TWO, workspace=tmp_path, only=NAME, session=anew)
    assert last.exit_code == 0
    assert store.entries(tmp_path)[NAME].failure == ""


def test_half_a_national_file_is_not_taken(live, tmp_path, session, moved_on, monkeypatch):
    true = ons._zip
    few = [area("England"), *map(area, ["Bolton", "Rochdale", "Bury"])]

    class Few:
        regions = ()

        def __init__(self, world):
            self.world = world

        def __getattr__(self, name):
            return few[1:] if name == "authorities" else getattr(self.world, name)

    monkeypatch.setattr(ons, "_made", {})
    monkeypatch.setattr(ons, "_zip", lambda world, *words: true(Few(world), *words))
    record = refresh("Rochdale", workspace=tmp_path, only=NAME, session=session)
    assert record.exit_code == 1
    assert "3 of England's 151 upper-tier authorities in 2022" in record.outcomes[0].reason
    assert files(tmp_path) == []


def test_the_source_of_one_authority_is_named_without_reading_the_others(
    live, tmp_path, session, moved_on
):
    refresh(TWO, workspace=tmp_path, only=NAME, session=session)
    table = jsna.load_population_projections("Bolton", workspace=tmp_path)
    (found,) = jsna.sources(table, workspace=tmp_path).to_dict("records")
    assert found["publisher"] == "Office for National Statistics"
    assert found["in_place"].startswith("from the ONS website, one file for all authorities")
    # Rows of those who rely on the file, out of all of England.
    assert found["rows"] == 2 * 91 * 26 * 3
    # Anyone else's rows are there when they are asked for.
    bury = jsna.load_population_projections("Bury", workspace=tmp_path)
    assert set(bury["area_code"]) == {BURY}


def test_status_names_who_relies_on_the_file(live, tmp_path, session, moved_on):
    refresh(TWO, workspace=tmp_path, only=NAME, session=session)
    found = _status.status("Bolton", workspace=tmp_path)
    (held,) = [each for each in found.holdings if each.origin == "fetched"]
    assert held.area == "Bolton and Rochdale"
    assert held.in_place == "from the ONS website, one file for all authorities, in place of Nomis"
    shown = " ".join(_status_text.status_lines(found).split())
    assert f"{held.in_place}, for Bolton and Rochdale" in shown


def test_a_list_of_authorities_of_any_other_file_has_no_effect(tmp_path):
    """The lock file is only a file: what it says of a file that nobody shares is not used."""
    raw = tmp_path / store.RAW
    (raw / "idaci" / "2025").mkdir(parents=True)
    for name in ("own.csv", "all.csv"):
        (raw / "idaci" / "2025" / name).write_text("x")
    entries = {}
    for code, areas, name in (("", [BOLTON], "all.csv"), (BOLTON, [], "own.csv")):
        entry = {"dataset": "idaci", "edition": "2025", "path": f"idaci/2025/{name}"}
        entry |= {"area_code": code, "areas": areas}
        entries["/".join(filter(None, ["idaci@2025", code]))] = entry
    (raw / lockfile.NAME).write_text(json.dumps({"version": 1, "files": entries}))
    assert set(store.entries(tmp_path)) == set(entries)
    assert national_files.in_use(tmp_path) == {}


# ---------------------------------------------------------------- what earlier versions left
def as_before(folder, codes):
    """Store the national file once for each authority, as earlier versions did."""
    raw = folder / store.RAW
    entry = store.entries(folder)[NAME]
    entries = {}
    for number, code in enumerate(codes):
        name = f"{entry.dataset}/{entry.edition}/{code}_{entry.path.rpartition('/')[2]}"
        (raw / name).write_bytes((raw / entry.path).read_bytes())
        old = dataclasses.replace(
            entry,
            area_code=code,
            areas=(),
            path=name,
            retrieved=f"2026-11-0{number + 1}T00:00:00+00:00",
        )
        entries[old.key] = old
    (raw / entry.path).unlink()
    lockfile.write(raw, lockfile.LockFile(entries))
    written = json.loads((raw / lockfile.NAME).read_text())
    assert not [each for each in written["files"].values() if "areas" in each]


def test_duplicates_of_earlier_versions_become_one_file(live, tmp_path, session, moved_on):
    refresh("Bolton", workspace=tmp_path, only=NAME, session=session)
    as_before(tmp_path, [BOLTON, ROCHDALE])
    assert len(files(tmp_path)) == 2
    before = raw_tables.table("population_projections", tmp_path, areas=(BOLTON,))
    assert _status.status("Bolton", workspace=tmp_path).lacks == ""
    seen = len(live.requests)
    # Any refresh does it, whatever it is for.
    refresh("Bolton", workspace=tmp_path, only="lookup@lsoa21-ward25", session=session)
    assert not [each for each in live.requests[seen:] if "/ons/" in each.path]
    assert keys(tmp_path) == {NAME, f"lookup@lsoa21-ward25/{BOLTON}"}
    assert store.entries(tmp_path)[NAME].areas == (BOLTON, ROCHDALE)
    assert store.entries(tmp_path)[NAME].retrieved == "2026-11-02T00:00:00+00:00"
    assert len(files(tmp_path)) == 1
    # No second copy stays out of sight.
    edition = (tmp_path / store.RAW / store.entries(tmp_path)[NAME].path).parent
    assert not list((edition / store.SUPERSEDED).glob("*"))
    after = raw_tables.table("population_projections", tmp_path, areas=(BOLTON,))
    assert after.equals(before)
    assert changed_files(tmp_path) == ()


def test_duplicates_join_the_national_file_that_is_there(live, tmp_path, session, moved_on):
    refresh("Bolton", workspace=tmp_path, only=NAME, session=session)
    as_before(tmp_path, [ROCHDALE])
    raw = tmp_path / store.RAW
    old = store.entries(tmp_path)[f"{NAME}/{ROCHDALE}"]
    new = dataclasses.replace(
        old,
        area_code="",
        areas=(BURY,),
        path=old.path.replace(f"{ROCHDALE}_", ""),
        retrieved="2026-12-01T00:00:00+00:00",
    )
    (raw / new.path).write_bytes((raw / old.path).read_bytes())
    lockfile.write(raw, lockfile.LockFile({old.key: old, new.key: new}))
    refresh("Bolton", workspace=tmp_path, only="lookup@lsoa21-ward25", session=session)
    assert store.entries(tmp_path)[NAME].areas == (BURY, ROCHDALE)
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"areas": ["../../etc"]},
        {"areas": "E08000001"},
        {"areas": [1]},
    ],
)
def test_a_list_of_authorities_that_no_refresh_writes_is_rejected(tmp_path, facts):
    raw = tmp_path / store.RAW
    raw.mkdir(parents=True)
    entry = {"dataset": "population_projections", "edition": "2022", **facts}
    content = {"version": 1, "files": {NAME: entry}}
    (raw / lockfile.NAME).write_text(json.dumps(content))
    with pytest.raises(SourceError, match="cannot be read as a lock file"):
        store.entries(tmp_path)


# ---------------------------------------------------------------- killed
def small_store(folder):
    """Two old duplicates, and an own file of Bury, small enough to be written often."""
    raw = folder / store.RAW
    edition = raw / "population_projections" / "2022"
    edition.mkdir(parents=True)
    entries = {}
    for code, service in ((BOLTON, "ons"), (ROCHDALE, "ons"), (BURY, "nomis")):
        path = edition / f"{code}_all.{'zip' if service == 'ons' else 'csv'}"
        if service == "ons":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("a.csv", "AREA_CODE\n")
        else:
            path.write_text("GEOGRAPHY_CODE\n")
        entry = lockfile.LockEntry(
            "population_projections",
            "2022",
            area_code=code,
            path=path.relative_to(raw).as_posix(),
            sha256=store.fingerprint(path),
            size=path.stat().st_size,
            service=service,
            retrieved="2026-11-01T00:00:00+00:00",
        )
        entries[entry.key] = entry
    lockfile.write(raw, lockfile.LockFile(entries))


def strays(folder):
    known = {each.path for each in store.entries(folder).values() if each.held}
    return set(files(folder)) ^ known


def change(folder):
    """Merge the duplicates, give Bolton its own file, and take the national one from Rochdale."""
    with store.guarded(folder) as incoming:
        national_files.merge(folder, incoming, keep=1)
        own = incoming / "own.csv"
        own.write_text("GEOGRAPHY_CODE\nE08000001\n")
        entries = store.entries(folder)
        shared = entries[NAME]
        entry = lockfile.LockEntry(
            "population_projections",
            "2022",
            area_code=BOLTON,
            path=f"population_projections/2022/{BOLTON}_own.csv",
        )
        left = dataclasses.replace(shared, areas=(ROCHDALE,))
        store.put(own, entry, folder, others={NAME: left})
        store.note({NAME: None}, folder)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it is killed in forked children")
def test_killed_at_any_step_the_store_is_as_before_or_as_after(tmp_path):
    """Each call that changes something on the disk is the last one of a child once."""
    calls = ["write", "move", "free"]
    seen = set()
    for last in range(100):
        folder = tmp_path / str(last)
        folder.mkdir()
        small_store(folder)
        pid = os.fork()
        if not pid:
            _die_after(last, calls)
            change(folder)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        assert changed_files(folder) == (), last
        assert strays(folder) == set(), last
        seen.add(tuple(sorted(keys(folder))))
        with store.guarded(folder):
            pass  # as the next refresh does: what was half done is settled
        assert changed_files(folder) == (), last
        assert strays(folder) == set(), last
        assert not list((folder / store.RAW).rglob("*.tmp"))
        if not os.WIFSIGNALED(status):
            break
    assert last > 10
    assert tuple(sorted([f"{NAME}/{code}" for code in (BOLTON, BURY)])) in seen


def _die_after(number, names):
    from pathlib import Path

    from bolton_jsna.core import atomic
    from bolton_jsna.ingest import lockfile

    left = [number]

    def deadly(function):
        def called(*words, **options):
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return function(*words, **options)

        return called

    for name in names:
        setattr(atomic, name, deadly(getattr(atomic, name)))
    lockfile.write_atomically = deadly(lockfile.write_atomically)
    Path.unlink = deadly(Path.unlink)
    Path.hardlink_to = deadly(Path.hardlink_to)
