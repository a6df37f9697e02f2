"""What a refresh decides, does, keeps and says; against the stand-in of the publishers."""

import datetime as dt
import json
import logging
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import certifi
import pandas as pd
import pytest
from typer.testing import CliRunner

from at_moment import refresh_at
from bolton_jsna import building, catalogue
from bolton_jsna.building import _options, refresh_text
from bolton_jsna.building.refresh import refresh
from bolton_jsna.cli import _status
from bolton_jsna.cli import main as cli
from bolton_jsna.core.areas import area
from bolton_jsna.core.errors import (
    AreaNotFoundError,
    MissingDataError,
    SourceError,
    UsageError,
)
from bolton_jsna.ingest import diff, raw_tables, store
from bolton_jsna.ingest.diff import _markdown_page
from bolton_jsna.ingest.lockfile import LockEntry
from bolton_jsna.ingest.policy import decide
from bolton_jsna.services import govuk
from bolton_jsna.services.http import Session
from standin import StandIn, in_place
from stored import changed_files, previous_copies

pytestmark = pytest.mark.usefixtures("sketched")

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
MIDNIGHT = "2026-11-24 00:00 UTC"
FOUR = ("Bolton", "Rochdale", "Lancashire", "Barnsley")
SMALL = ("idaci@2025", "lookup@lsoa21-ward25")


def verdicts(record) -> dict[str, str]:
    return {each.file: each.verdict for each in record.outcomes}


def only(record):
    (found,) = record.outcomes
    return found


# ---------------------------------------------------------------- all of it, for four authorities
@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A workspace refreshed for four authorities, and the stand-in that it came from."""
    folder = tmp_path_factory.mktemp("refreshed")
    with pytest.MonkeyPatch.context() as patched, in_place(patched) as server:
        record = refresh(FOUR, workspace=folder)
        yield folder, server, record


def test_everything_in_the_catalogue_is_fetched_for_four_authorities(everything):
    folder, _, record = everything
    assert record.exit_code == 0
    assert set(verdicts(record).values()) == {"updated"}
    national = sum(each.scope == "nation" for each in catalogue.editions())
    each_area = len(catalogue.editions()) - national
    assert len(record.outcomes) == national + len(FOUR) * each_area
    assert changed_files(folder) == ()


@pytest.mark.parametrize("name", FOUR)
def test_a_build_from_fetched_files_is_complete(everything, name):
    folder, _, _ = everything
    record = building.build(name, workspace=folder)
    assert {"maps/ward_idaci.html", "maps/lsoa_idaci.html"} & set(record.outputs)
    assert all(check.passed for check in record.checks)
    fetched = {each["source"]: each for each in record.sources if each["retrieved"]}
    wanted = {"idaci", "children_in_need", "population_projections", "ward_boundaries", "lookup"}
    assert wanted <= {each.partition("@")[0] for each in fetched}
    for each in fetched.values():
        # Of the files of four authorities, those of this one.
        codes = {place.code for place in map(area, FOUR) if place.code in each["file"]}
        assert codes <= {record.area_code}
        assert all(part.startswith("http") for part in each["address"].split("; "))
        assert all(len(part) == 64 for part in each["sha256"].split("; "))


def test_a_second_refresh_asks_nobody(everything):
    folder, server, _ = everything
    asked = len(server.requests)
    record = refresh("Bolton", workspace=folder)
    assert len(server.requests) == asked
    assert set(verdicts(record).values()) == {"fresh"}
    assert record.exit_code == 0


def test_asking_again_transfers_no_bodies_of_data(everything):
    folder, server, _ = everything
    seen = len(server.requests)
    record = refresh("Bolton", workspace=folder, fresh_hours=0)
    assert set(verdicts(record).values()) == {"unchanged"}
    for each in server.requests[seen:]:
        # Only descriptions of tables, layers and pages; a file answers 304.
        assert each.sent < 5_000, each
    files = [each for each in server.requests[seen:] if "/media/" in each.path]
    assert files
    assert {each.status for each in files} == {304}


def test_status_of_a_full_workspace_names_what_a_build_would_use(everything):
    folder, _, _ = everything
    found = _status.status("Rochdale", workspace=folder)
    assert found.lacks == ""
    assert {"idaci@2025", "ward_boundaries@2025", "lookup@lsoa21-ward25"} <= set(found.uses)
    assert {each.origin for each in found.holdings} <= {"fetched", "snapshot", "nothing"}


# ---------------------------------------------------------------- deciding
def laid(**facts) -> LockEntry:
    facts = {"checked": "2026-11-24T00:00:00+00:00"} | facts
    return LockEntry("idaci", "2025", path="idaci/2025/f.csv", **facts)


@pytest.mark.parametrize(
    ("entry", "options", "verdict", "action", "reason"),
    [
        (None, {"intact": False}, "missing", "fetch", "no copy yet"),
        (laid(), {"intact": False}, "missing", "fetch", "was deleted or changed by hand"),
        (
            laid(),
            {},
            "fresh",
            "none",
            f"checked {MIDNIGHT}, 6 hours ago; due for a check in 6 hours",
        ),
        (laid(), {"fresh_hours": 6}, "stale", "ask", f"last checked {MIDNIGHT}, 6 hours ago"),
        (laid(), {"force": True}, "stale", "fetch", "force"),
        (laid(), {"same_question": False}, "stale", "fetch", "request for it has changed"),
        (laid(failed="2026-11-23"), {}, "stale", "ask", "not available since 2026-11-23"),
        (laid(checked=""), {}, "stale", "ask", "never checked"),
        (laid(checked="2027-01-01T00:00:00+00:00"), {}, "stale", "ask", "never checked"),
    ],
)
def test_the_decision_is_a_pure_function(entry, options, verdict, action, reason):
    found = decide(entry, **{"intact": True, "now": NOW, "fresh_hours": 12} | options)
    assert (found.verdict, found.action) == (verdict, action)
    assert reason in found.reason


def test_a_dry_run_asks_and_writes_nothing(live, tmp_path):
    record = refresh(workspace=tmp_path, dry_run=True)
    assert set(verdicts(record).values()) == {"missing"}
    assert record.exit_code == 0
    assert live.requests == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"only": "idacy"},
            "only='idacy' is not a dataset or edition that .*'idaci'",
        ),
        ({"only": "postcodes"}, "is not a dataset or edition that can be fetched"),
        ({"area": "England"}, "upper-tier authorities only; found England"),
        ({"area": "Boltn"}, "Did you mean 'Bolton'"),
        ({"area": []}, "upper-tier authorities only; found none"),
        ({"keep": -1}, "cannot be below 0"),
    ],
)
def test_wrong_use_is_refused_before_anything_is_asked(live, tmp_path, options, message):
    with pytest.raises(UsageError, match=message):
        refresh(workspace=tmp_path, **options)
    assert live.requests == []


def test_a_combined_authority_is_refreshed_as_its_authorities(live, tmp_path):
    record = refresh(
        ["Bury", "Greater Manchester"],
        workspace=tmp_path,
        only=["lookup@lsoa21-ward23", "idaci@2025"],
        dry_run=True,
    )
    assert len(record.areas) == 10
    assert record.areas[0] == "Bury"
    assert len(verdicts(record)) == 11


def test_an_edition_that_is_fetched_only_when_named_can_be_named(live, tmp_path, session):
    record = refresh(workspace=tmp_path, only="idaci@2015", session=session)
    assert verdicts(record) == {"idaci@2015": "updated"}


# ---------------------------------------------------------------- doing
def test_new_bytes_take_the_place_of_old_and_the_change_is_reported(live, tmp_path, session):
    first = refresh(workspace=tmp_path, only=SMALL, session=session)
    assert set(verdicts(first).values()) == {"updated"}
    live.world.revise("idaci")
    record = refresh_at(NOW, workspace=tmp_path, only=SMALL, session=session, fresh_hours=0)
    assert verdicts(record) == {
        "idaci@2025": "updated",
        "lookup@lsoa21-ward25/E08000001": "unchanged",
    }
    (change,) = record.changes
    assert (change.first, change.added, change.removed) == (False, 0, 0)
    assert change.revised == len(change.revisions) > 0
    assert {"lsoa_code", "edition"} == set(change.revisions[0].where)
    entry = store.entries(tmp_path)["idaci@2025"]
    assert len(previous_copies(entry, tmp_path)) == 1
    assert entry.retrieved == "2026-11-24T06:00:00+00:00"
    report = (tmp_path / diff.REPORT).read_text()
    assert report.startswith("# What the refresh of 2026-11-24 06:00 UTC changed")
    assert change.revisions[0].where["lsoa_code"] in report
    assert json.loads((tmp_path / diff.RECORD).read_text())["changes"][0]["revised"]
    assert changed_files(tmp_path) == ()


def test_a_refresh_without_changes_leaves_the_last_report(live, tmp_path, session):
    refresh(workspace=tmp_path, only=SMALL, session=session)
    report = (tmp_path / diff.REPORT).read_text()
    assert "first copy" in report
    assert refresh(workspace=tmp_path, only=SMALL, session=session, fresh_hours=0).changes == ()
    assert (tmp_path / diff.REPORT).read_text() == report


def test_force_fetches_what_is_unchanged(live, tmp_path, session):
    refresh(workspace=tmp_path, only="idaci@2025", session=session)
    sent = live.bodies()
    record = refresh(workspace=tmp_path, only="idaci@2025", session=session, force=True)
    assert only(record).verdict == "unchanged"
    assert only(record).reason == "fetched again, the same bytes"
    assert live.bodies() > sent + 10_000


def test_a_file_changed_by_hand_is_fetched_anew(live, tmp_path, session):
    refresh(workspace=tmp_path, only="idaci@2025", session=session)
    path = tmp_path / store.RAW / store.entries(tmp_path)["idaci@2025"].path
    path.write_text("by hand")
    assert len(changed_files(tmp_path)) == 1
    record = refresh(workspace=tmp_path, only="idaci@2025", session=session)
    assert only(record).verdict == "updated"
    assert changed_files(tmp_path) == ()


def test_a_file_changed_by_hand_stays_known_while_its_publisher_is_down(live, tmp_path, session):
    name = "children_in_need@latest/referrals"
    refresh(workspace=tmp_path, only=name, session=session)
    fetched = store.entries(tmp_path)[name]
    path = tmp_path / store.RAW / fetched.path
    path.write_bytes(path.read_bytes() + b"\n")
    live.fault("status", match="/ees_", code=503)
    record = refresh_at(NOW, workspace=tmp_path, only=name, session=session)
    assert only(record).verdict == "stale"
    assert only(record).kept == f"data/raw/{fetched.path} as it was changed by hand"
    entry = store.entries(tmp_path)[name]
    assert (entry.path, entry.sha256, entry.rows) == (fetched.path, fetched.sha256, fetched.rows)
    assert "answered 503" in entry.failure
    assert len(changed_files(tmp_path)) == 1
    assert store.added_by_hand("children_in_need", tmp_path) == ()
    (told,) = [each for each in _status.status(workspace=tmp_path).holdings if each.trouble]
    assert "changed by hand. A build reads it as it is; a refresh" in told.trouble
    assert "answered 503" in told.trouble
    # The next release has another name: the file that was changed must not stay beside it.
    live.faults.clear()
    live.world.release += 1
    assert only(refresh(workspace=tmp_path, only=name, session=session)).verdict == "updated"
    assert path not in store.raw_files("children_in_need", tmp_path)
    assert len(store.raw_files("children_in_need", tmp_path)) == 1
    assert changed_files(tmp_path) == ()


def test_a_file_that_is_gone_while_its_publisher_is_down_is_missing(live, tmp_path, session):
    refresh("Rochdale", workspace=tmp_path, only="idaci@2025", session=session)
    (tmp_path / store.RAW / store.entries(tmp_path)["idaci@2025"].path).unlink()
    live.fault("status", match="/govuk", code=503)
    record = refresh("Rochdale", workspace=tmp_path, only="idaci@2025", session=session)
    assert (only(record).verdict, only(record).kept, record.exit_code) == ("missing", "", 1)
    assert not store.entries(tmp_path)["idaci@2025"].held


def test_one_source_failing_does_not_stop_the_others(live, tmp_path, session):
    live.fault("status", match="/govuk", code=503)
    record = refresh("Rochdale", workspace=tmp_path, only=SMALL, session=session)
    assert verdicts(record) == {
        "idaci@2025": "missing",
        "lookup@lsoa21-ward25/E08000005": "updated",
    }
    assert record.exit_code == 1
    assert record.bare == ("idaci",)


def test_an_answer_that_no_client_foresaw_does_not_stop_the_others(
    live, tmp_path, session, monkeypatch
):
    def surprised(*_, **__):
        raise KeyError("details")

    monkeypatch.setattr(govuk, "fetch", surprised)
    record = refresh(workspace=tmp_path, only=SMALL, session=session)
    assert verdicts(record)["lookup@lsoa21-ward25/E08000001"] == "updated"
    assert (
        "The answer of GOV.UK could not be understood (KeyError: 'details')"
        in record.outcomes[0].reason
    )
    assert record.exit_code == 3


@pytest.mark.parametrize("listens", [True, False])
def test_what_is_lacking_is_logged_as_a_warning_unless_somebody_says_it(
    live, tmp_path, session, caplog, listens
):
    live.fault("status", match="/govuk", code=404)
    heard = []
    refresh(
        workspace=tmp_path,
        only="idaci@2025",
        session=session,
        each=heard.append if listens else None,
    )
    warned = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert len(heard) == (1 if listens else 0)
    assert len(warned) == (0 if listens else 1)


def test_what_fails_is_asked_for_again_and_its_trouble_forgotten(live, tmp_path, session):
    refresh(workspace=tmp_path, only="idaci@2025", session=session)
    live.fault("status", match="/govuk", code=500)
    failed = refresh_at(NOW, workspace=tmp_path, only="idaci@2025", session=session, fresh_hours=0)
    assert only(failed).verdict == "stale"
    assert only(failed).kept.startswith("the copy of ")
    entry = store.entries(tmp_path)["idaci@2025"]
    assert entry.failed == "2026-11-24T06:00:00+00:00"
    assert "answered 500" in entry.failure
    trouble = _status.status(workspace=tmp_path).holdings
    assert any("Stale since 2026-11-24 06:00 UTC" in each.trouble for each in trouble)
    live.faults.clear()
    # It is due at once, however lately it was checked.
    mended = refresh(workspace=tmp_path, only="idaci@2025", session=session)
    assert only(mended).verdict == "unchanged"
    assert store.entries(tmp_path)["idaci@2025"].failure == ""


def test_a_good_copy_is_not_swapped_for_another_service_s(live, tmp_path, session):
    name = "population_projections@2022"
    refresh(workspace=tmp_path, only=name, session=session)
    live.fault("status", match="/nomis", code=500)
    record = refresh(workspace=tmp_path, only=name, session=session, fresh_hours=0)
    assert only(record).verdict == "stale"
    assert not [each for each in live.requests if each.path.startswith("/ons/")]


def test_an_edition_that_nomis_has_moved_on_from_comes_from_ons(live, tmp_path, monkeypatch):
    from standin import nomis

    name = "population_projections@2022"
    with Session(sleep=lambda _: None) as session:  # the stand-in makes its zip when it is asked
        refresh(workspace=tmp_path, only=name, session=session)
        before = raw_tables.table("population_projections", tmp_path, areas=("E08000001",))
        monkeypatch.setattr(nomis, "BASE", 2024)
        monkeypatch.setattr(nomis, "LAST", 2049)
        live.world.revise("population_projections")
        # While ONS cannot be asked either, the good copy stays.
        live.fault("status", match="/ons/", code=503)
        stale = refresh(workspace=tmp_path, only=name, session=session, fresh_hours=0)
        assert (only(stale).verdict, stale.exit_code) == ("stale", 3)
        assert "Nomis has the 2024-based projections" in only(stale).reason
        assert "answered 503" in only(stale).reason
        live.faults.clear()
        record = refresh(workspace=tmp_path, only=name, session=session)
        assert (only(record).verdict, only(record).service) == ("updated", "ons")
        assert record.exit_code == 0
        # Two publishers' files are compared by their figures, not by headings and words.
        (change,) = record.changes
        assert change.switched == "now from the ONS website, before from Nomis"
        assert (change.both, change.only_before) == (len(before), 0)
        assert {each.where["age"] for each in change.revisions} == {5}
        assert only(record).reason.startswith(change.switched)
        assert len(store.raw_files("population_projections", tmp_path)) == 1
        assert changed_files(tmp_path) == ()
        after = raw_tables.table("population_projections", tmp_path, areas=("E08000001",))
        assert set(after["base_year"]) == set(before["base_year"]) == {2022}
        # From then on ONS is asked, and has nothing newer.
        seen = len(live.requests)
        again = refresh(workspace=tmp_path, only=name, session=session, fresh_hours=0)
    assert (only(again).verdict, again.exit_code) == ("unchanged", 0)
    zips = [each for each in live.requests[seen:] if each.path.startswith("/ons/")]
    assert {each.status for each in zips} == {304}


def test_two_refreshes_in_the_same_second_are_two(live, tmp_path, monkeypatch):
    from standin import nomis

    name = "population_projections@2022"
    monkeypatch.setattr(nomis, "BASE", 2024)
    with Session(sleep=lambda _: None) as session:
        first, second = (
            refresh_at(NOW, workspace=tmp_path, only=name, session=session, fresh_hours=0)
            for _ in range(2)
        )
    assert (only(first).verdict, only(second).verdict) == ("updated", "unchanged")
    assert [each.status for each in live.requests if each.path.startswith("/ons/")] == [200, 304]


def test_where_there_is_no_copy_the_second_service_is_turned_to(live, tmp_path, session):
    live.fault("status", match="/nomis", code=500)
    record = refresh(workspace=tmp_path, only="population_projections@2022", session=session)
    assert only(record).verdict == "updated"
    assert only(record).service == "ons"
    assert only(record).path.endswith(".zip")


@pytest.mark.parametrize(
    ("name", "indicator"),
    [
        ("children_in_need@latest/plans", "cpp_at_31_march"),
        ("children_looked_after@latest", "cla_at_31_march"),
    ],
)
def test_children_come_from_fingertips_where_dfe_cannot_be_asked(
    live, tmp_path, session, name, indicator
):
    live.fault("status", match="/ees_", code=503)
    record = refresh(workspace=tmp_path, only=name, session=session)
    assert (only(record).verdict, only(record).service) == ("updated", "fingertips")
    table = raw_tables.table(name.partition("@")[0], tmp_path)
    assert set(table["indicator"]) == {indicator}
    assert "E08000001" in set(table["area_code"])
    # When DfE answers again, its own file takes the place of that one.
    live.faults.clear()
    again = refresh(workspace=tmp_path, only=name, session=session, fresh_hours=0)
    assert (only(again).verdict, only(again).service) == ("updated", "ees")
    assert len(store.raw_files(name.partition("@")[0], tmp_path)) == 1


def test_a_build_that_was_made_is_made_again_after_an_update(live, tmp_path, session, monkeypatch):
    asked = {}

    def build(area, **options):
        asked.update(options, area=area)
        raise MissingDataError("wards are missing")

    refresh(workspace=tmp_path, only="idaci@2025", session=session)
    own = tmp_path / "x" / "own.csv"
    own.parent.mkdir()
    own.write_text("ward,referrals\n")
    (tmp_path / "data" / "processed" / "run.json").write_text(
        json.dumps(
            {"area_code": "E08000001", "options": {"local_records": "x/own.csv", "year": 2025}}
        )
    )
    monkeypatch.setattr(building, "build", build)
    live.world.revise("idaci")
    record = refresh(workspace=tmp_path, only="idaci@2025", session=session, fresh_hours=0)
    assert asked["area"] == "E08000001"
    assert asked["local_records"] == own
    assert asked["year"] == 2025
    assert record.build_failed
    assert "wards are missing" in record.build
    assert record.exit_code == 1
    # It was a build of an own file, of which such words may tell.
    page = (tmp_path / diff.REPORT).read_text()
    assert "wards are missing" not in page
    assert "The reason is not written here" in page
    asked.clear()
    live.world.revise("idaci")
    assert (
        refresh(
            workspace=tmp_path, only="idaci@2025", session=session, fresh_hours=0, rebuild=False
        ).exit_code
        == 0
    )
    assert asked == {}


def test_a_build_that_fails_in_no_foreseen_way_hides_no_change(
    live, tmp_path, session, monkeypatch
):
    def crash(*_, **__):
        written.append((tmp_path / diff.REPORT).read_text())
        raise KeyError("rate")

    written = []
    monkeypatch.setattr(building, "rebuild", crash)
    record = refresh(workspace=tmp_path, only="idaci@2025", session=session)
    # The report was there before the build began, so that one that is killed hides nothing.
    assert "first copy" in written[0]
    assert record.build_failed
    assert record.exit_code == 1
    report = (tmp_path / diff.REPORT).read_text()
    assert "KeyError in test_refresh.py" in report
    # The words of such an error may be those of a record.
    assert "rate" not in report.partition("KeyError")[2]


@pytest.mark.parametrize("by_hand", [True, False])
def test_what_was_added_by_hand_is_something_to_fall_back_on(tmp_path, monkeypatch, by_hand):
    monkeypatch.setenv("BOLTON_JSNA_GOVUK_URL", "http://127.0.0.1:9/govuk")
    monkeypatch.setenv("BOLTON_JSNA_GOVUK_ASSETS_URL", "http://127.0.0.1:9/assets")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    if by_hand:
        lay = tmp_path / "data" / "raw" / "idaci"
        lay.mkdir(parents=True)
        (lay / "File_7.csv").write_text("LSOA code (2021)\n")
    with Session(sleep=lambda _: None) as session:
        record = refresh("Rochdale", workspace=tmp_path, only="idaci@2025", session=session)
    assert record.exit_code == (3 if by_hand else 1)
    assert only(record).kept == ("what was added by hand in data/raw/idaci/" if by_hand else "")


def test_words_of_an_answer_cannot_steer_a_terminal(live, tmp_path, session):
    live.fault("redirect", match="/govuk", to="https://evil.example/\x1b]0;mine\x07\x1b[2J")
    record = refresh(workspace=tmp_path, only="idaci@2025", session=session)
    assert "evil.example" in only(record).reason
    assert only(record).reason.isprintable()
    assert refresh_text.outcome_line(only(record)).isprintable()


def test_a_build_records_how_it_was_asked_for(tmp_path, monkeypatch):
    (tmp_path / "own").mkdir()
    inside = tmp_path / "own" / "records.csv"
    assert _options._relative(inside, tmp_path) == "own/records.csv"
    outside = tmp_path.parent / "records.csv"
    assert _options._relative(outside, tmp_path) == str(outside.resolve())
    assert _options._relative(None, tmp_path) is None


def test_a_folder_that_cannot_be_written_is_told_as_such(live, tmp_path, session, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "note", full)
    with pytest.raises(SourceError, match="cannot be written: No space left on device"):
        refresh(workspace=tmp_path, only="idaci@2025", session=session)
    assert changed_files(tmp_path) == ()


def test_two_refreshes_at_once_end_in_one_good_store(live, tmp_path):
    records = []

    def run():
        with Session(sleep=lambda _: None) as session:
            records.append(refresh(workspace=tmp_path, only=SMALL, session=session))

    both = [threading.Thread(target=run) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(verdicts(record)["idaci@2025"] for record in records) == ["fresh", "updated"]
    assert changed_files(tmp_path) == ()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="refreshes are killed in forked children")
def test_a_dozen_killed_refreshes_leave_a_store_that_verifies_and_builds(root):
    """``make soak`` does the same two hundred times."""
    done = subprocess.run(
        [sys.executable, root / "tests" / "support" / "soak.py", "--rounds", "12"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 refreshes, " in done.stdout
    assert "verified clean" in done.stdout


# ---------------------------------------------------------------- comparing
def test_renamed_columns_and_new_editions_are_told():
    old = pd.DataFrame({"area_code": ["A"], "year": [2025], "release": ["2025"], "count": [7]})
    new = pd.DataFrame({"area_code": ["A"], "year": [2025], "release": ["2026"], "count": [pd.NA]})
    found = diff.compare(
        old,
        new,
        key=("area_code", "year", "release"),
        file="children_in_need@latest/referrals",
        headings=(["la", "Referrals", "x"], ["la", "referral_count", "x", "extra"]),
    )
    assert found.new_editions == ("release 2026",)
    assert found.columns_renamed == (("Referrals", "referral_count"),)
    assert found.columns_added == ("extra",)
    (revision,) = found.revisions
    assert (revision.old, revision.new, revision.by) == (7, None, None)
    page = _markdown_page.page([_markdown_page.Run(NOW.isoformat(), (found,))])
    assert "Columns renamed: Referrals is now referral_count." in page


def test_a_report_cannot_bring_markup_or_break_its_table():
    old = pd.DataFrame({"area_code": ["A|<b>"], "name": ["x"]})
    new = pd.DataFrame({"area_code": ["A|<b>"], "name": ["<script>|\n"]})
    found = diff.compare(old, new, key=("area_code",), file="x@1")
    page = _markdown_page.page([_markdown_page.Run(NOW.isoformat(), (found,))])
    assert "<script>" not in page
    assert "&lt;script>\\|" in page


def test_comparing_changes_neither_copy():
    old = pd.DataFrame({"area_code": ["A"], "count": [7.0], "source": ["x@1"]})
    new = old.assign(count=8.0)
    kept = old.copy(), new.copy()
    assert diff.compare(old, new, key=("area_code",), file="x@1").revisions[0].by == 1
    pd.testing.assert_frame_equal(old, kept[0])
    pd.testing.assert_frame_equal(new, kept[1])


# ---------------------------------------------------------------- the command line
def run(*words: str):
    return CliRunner().invoke(cli.app, [*words])


def test_the_command_says_a_line_for_each_file_and_exits_with_the_state(live, tmp_path):
    where = ("--workspace", str(tmp_path), "--only", "idaci@2025", "--only", "lookup@lsoa21-ward25")
    done = run("refresh", *where)
    assert done.exit_code == 0
    assert "updated    idaci@2025: 289 rows" in done.stdout
    assert "2 files: 2 updated." in done.stdout
    assert run("refresh", *where, "--quiet").stdout == ""
    live.fault("status", match="/govuk", code=404)
    stale = run("refresh", *where, "--fresh-hours", "0")
    assert stale.exit_code == 3
    assert "stale      idaci@2025: " in stale.stdout
    assert "Kept: the copy of " in stale.stdout
    facts = json.loads(run("refresh", *where, "--json").stdout)
    assert facts["exit_code"] == 3
    assert facts["counts"]["stale"] == 1
    dry = run("refresh", *where, "--dry-run")
    assert dry.exit_code == 0
    assert "would be asked about" in dry.stdout


@pytest.mark.skipif(os.name == "nt", reason="cron and sh are not there")
def test_the_lines_of_the_docs_for_cron_and_actions_run(live, tmp_path, root):
    """In an environment as bare as cron's; a mail is sent only if something is printed."""
    live.world.options["all_lsoas"] = True
    page = (root / "docs" / "refresh.md").read_text(encoding="utf-8")
    for line, trouble, code in [
        (re.search(r"^15 4 \* \* \* (.+)$", page, re.MULTILINE)[1], False, 0),
        (re.search(r"^15 4 \* \* \* (.+)$", page, re.MULTILINE)[1], True, 3),
        (re.search(r"run: (bolton-jsna refresh .+)$", page, re.MULTILINE)[1], True, 0),
    ]:
        if trouble:
            live.fault("status", match="/govuk", code=404)
        command = line.replace("cd /srv/jsna", f"cd {tmp_path}")
        command = command.replace(".venv/bin/bolton-jsna", "bolton-jsna")
        command = command.replace("bolton-jsna", f"{sys.executable} -m bolton_jsna")
        command = command.replace(" refresh", " refresh --only idaci@2025 --fresh-hours 0")
        done = subprocess.run(
            ["bash", "-ec", command],
            env={"PATH": "/usr/bin:/bin", **live.env()},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert bool(done.stdout + done.stderr) is trouble


def test_sources_prints_the_catalogue():
    text = run("sources").stdout
    for each in catalogue.datasets():
        assert each.title in text
        assert each.licence in text
    facts = json.loads(run("sources", "--json").stdout)
    assert facts["idaci"]["editions"][0]["ways"][0]["service"] == "govuk"


def test_status_tells_snapshot_laid_and_fetched_apart(live, tmp_path, session):
    refresh(workspace=tmp_path, only="idaci@2025", session=session)
    lay = tmp_path / "data" / "raw" / "children_looked_after"
    lay.mkdir(parents=True)
    (lay / "own.csv").write_text("time_period\n")
    told = json.loads(run("status", "--workspace", str(tmp_path), "--json").stdout)
    origins = {each["dataset"]: each["origin"] for each in told["holdings"]}
    assert origins["idaci"] == "fetched"
    assert origins["children_looked_after"] == "added by hand"
    assert origins["ward_boundaries"] == "snapshot"
    assert run("status", "--workspace", str(tmp_path)).exit_code == 0


def test_status_reads_the_tables_once_while_the_files_stay(live, tmp_path, session, monkeypatch):
    from bolton_jsna.building import inputs

    gathered = []

    def counted(place, options):
        gathered.append(place.name)
        return true(place, options)

    true = inputs.gather
    monkeypatch.setattr(inputs, "gather", counted)
    refresh(workspace=tmp_path, only="idaci@2025", session=session)
    first = _status.status("Bolton", workspace=tmp_path)
    assert "idaci@2025" in first.uses
    assert "Rochdale cannot be built" in _status.status("Rochdale", workspace=tmp_path).lacks
    assert gathered == ["Bolton", "Rochdale"]
    assert _status.status("Bolton", workspace=tmp_path).uses == first.uses
    assert _status.status("Rochdale", workspace=tmp_path).lacks
    assert gathered == ["Bolton", "Rochdale"]
    # Another file, other bytes, or something else than an answer written down: read again.
    lay = tmp_path / "data" / "raw" / "idaci" / "File_7_own.csv"
    lay.write_text("LSOA code (2021)\n")
    assert _status.status("Bolton", workspace=tmp_path).lacks
    lay.unlink()
    assert _status.status("Bolton", workspace=tmp_path).uses == first.uses
    for text in ("{", "[]", '{"mark": 1}'):
        (tmp_path / "data" / "raw" / _status.REMEMBERED).write_text(text)
        assert _status.status("Bolton", workspace=tmp_path).uses == first.uses
    assert len(gathered) == 7
    assert changed_files(tmp_path) == ()


@pytest.mark.parametrize(("area", "code"), [("Bolton", 3), ("Rochdale", 1)])
def test_without_a_network_it_says_what_was_kept_and_which_settings_were_in_force(
    tmp_path, monkeypatch, area, code
):
    for key in StandIn.__init__.__globals__["SERVICES"]:
        monkeypatch.setenv(f"BOLTON_JSNA_{key.upper()}_URL", f"https://127.0.0.1:9/{key}")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    done = subprocess.run(
        [sys.executable, "-m", "bolton_jsna", "refresh", "--area", area, "--workspace", tmp_path],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    for each in catalogue.editions():
        assert each.id in done.stdout
    assert "Proxy in use: HTTPS_PROXY=http://127.0.0.1:9" in done.stdout
    assert f"certificates: REQUESTS_CA_BUNDLE={certifi.where()}" in done.stdout
    assert "could not be reached: " in done.stdout
    if code == 3:
        assert "Kept: the snapshot's idaci@2025 (Bolton and its comparators)." in done.stdout
    else:
        assert "No copy, neither in the workspace nor in the snapshot: " in done.stdout


def test_a_network_that_swallows_everything_is_given_up_within_30_seconds(tmp_path, monkeypatch):
    import requests

    from bolton_jsna.services import http

    clock = [0.0]

    def swallow(*_, timeout, **__):
        clock[0] += timeout[0]
        raise requests.ConnectTimeout("timed out")

    monkeypatch.setattr(requests.Session, "request", swallow)
    monkeypatch.setattr(http.time, "monotonic", lambda: clock[0])

    def sleep(seconds):
        clock[0] += seconds

    with Session(sleep=sleep) as session:
        record = refresh(workspace=tmp_path, session=session)
    assert clock[0] < 30
    assert set(verdicts(record).values()) == {"stale", "missing"}
    assert record.exit_code == 3


# ---------------------------------------------------------------- the old order of arguments
@pytest.mark.parametrize(
    ("given", "call"),
    [
        (lambda here: ((here,), {"areas": "Bury"}), "refresh('Bury', workspace="),
        (lambda here: ((str(here),), {"areas": ["Bury"]}), "refresh(['Bury'], workspace="),
        (lambda here: ((here,), {}), "refresh(workspace="),
        (lambda here: ((str(here),), {}), "refresh(workspace="),
        (lambda here: ((), {"workspace": here, "areas": "Bury"}), "refresh('Bury', workspace="),
    ],
)
def test_the_old_order_of_arguments_works_and_names_the_new_call(tmp_path, given, call):
    place, named = given(tmp_path)
    with pytest.warns(DeprecationWarning, match="until version 1.0") as caught:
        record = refresh(*place, **named, only="lookup@lsoa21-ward24", dry_run=True)
    assert call in str(caught[0].message)
    assert caught[0].filename == __file__
    assert record.workspace == str(tmp_path)
    assert record.areas == (("Bury",) if "areas" in named else ("Bolton",))


def test_the_new_order_takes_one_authority_or_several(tmp_path):
    for place, names in (("Bury", ("Bury",)), (["Bury", 350], ("Bury", "Bolton"))):
        record = refresh(place, workspace=tmp_path, only="lookup@lsoa21-ward24", dry_run=True)
        assert record.areas == names
    with pytest.raises(UsageError, match="not both"):
        refresh(350, workspace=tmp_path, areas="Bury")


def test_a_folder_with_the_name_of_an_authority_is_not_taken_silently(
    tmp_path, monkeypatch, caplog
):
    (tmp_path / "Bury").mkdir()
    monkeypatch.chdir(tmp_path)
    assert refresh("Bury", only="idaci@2025", dry_run=True).workspace == "."
    assert "refresh(workspace='Bury')" in caplog.text


@pytest.mark.parametrize("path", ["./Bury", "Bury/", "./Bury/"])
def test_a_path_is_a_folder_although_an_authority_has_its_name(tmp_path, monkeypatch, path):
    (tmp_path / "Bury").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.warns(DeprecationWarning, match="until version 1.0"):
        record = refresh(path, only="idaci@2025", dry_run=True)
    assert (record.workspace, record.areas) == ("Bury", ("Bolton",))


def test_two_folders_and_two_authorities_are_rejected(tmp_path, monkeypatch):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    monkeypatch.chdir(tmp_path)
    for first in ("one", Path("one")):
        with pytest.raises(UsageError, match="has two folders, 'one' and workspace='two'"):
            refresh(first, workspace="two", only="idaci@2025", dry_run=True)
    with pytest.raises(UsageError, match="not both"):
        refresh("Wigan", areas="Bury", only="idaci@2025", dry_run=True)


@pytest.mark.parametrize("nothing", ["", " ", "x" * 5000])
def test_an_empty_or_endless_name_is_not_an_authority(tmp_path, monkeypatch, nothing):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AreaNotFoundError):
        refresh(nothing, only="idaci@2025", dry_run=True)
