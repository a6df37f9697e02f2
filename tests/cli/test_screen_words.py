"""What a person reads on the screen: names of publishers, no contradictions, advice that helps."""

import json

import pytest
from typer.testing import CliRunner

from bolton_jsna import catalogue
from bolton_jsna.building import refresh_text
from bolton_jsna.building.refresh import refresh
from bolton_jsna.cli import _sources, _status, _status_text
from bolton_jsna.ingest import store
from bolton_jsna.services.endpoints import SERVICES
from bolton_jsna.services.redaction import scrubbed

IDACI = "idaci/2025"


def of_idaci(folder):
    (path,) = (folder / store.RAW / IDACI).glob("*.csv")
    return path


@pytest.mark.parametrize("fault", ["drop", "status"])
def test_a_service_that_is_down_is_named_as_people_know_it(live, session, tmp_path, fault):
    options = {"code": 503} if fault == "status" else {}
    live.fault(fault, match="/ees|/nomis|/govuk|/arcgis|/ons|/fingertips", **options)
    record = refresh(workspace=tmp_path, session=session)
    lines = [refresh_text.outcome_line(each) for each in record.outcomes]
    text = "\n".join(lines)
    assert "Nomis (127.0.0.1) " in text
    for key in SERVICES:
        assert f"{key} (" not in text
    # One sentence must not say that nothing is kept and the next that something is.
    assert not [each for each in lines if "Nothing was kept" in each]
    # A service is named once in its reason.
    for each in record.outcomes:
        assert each.reason.count("Nomis (127.0.0.1)") <= 1


def test_one_failure_of_a_service_is_one_message_of_the_status(live, session, tmp_path):
    live.fault("drop", match="/ees")
    record = refresh(workspace=tmp_path, only="children_in_need", session=session)
    assert len({each.reason for each in record.outcomes if each.verdict == "stale"}) == 2
    text = _status_text.status_lines(_status.status(workspace=tmp_path))
    assert text.count("ended its answer too early") == 1
    assert "(2)" not in text


def test_the_snapshot_s_wards_are_not_kept_in_place_of_a_lookup_between_lsoas(live, tmp_path):
    live.fault("status", match="/arcgis", code=404)
    record = refresh(workspace=tmp_path, only=["lookup@lsoa11-lsoa21", "lookup@lsoa21-ward25"])
    found = {each.edition: (each.verdict, bool(each.kept)) for each in record.outcomes}
    assert found == {"lsoa11-lsoa21": ("missing", False), "lsoa21-ward25": ("stale", True)}


def test_the_words_user_name_and_password_stay_whatever_a_proxy_is_signed_in_with(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://user:password@proxy.example:8080")
    said = "the proxy wants a user name and a password (407); sent user, password"
    assert scrubbed(said) == "the proxy wants a user name and a password (407); sent ***, ***"


def test_a_copy_changed_by_hand_is_compared_with_the_publishers_and_kept(live, tmp_path):
    refresh(workspace=tmp_path, only="idaci@2025")
    path = of_idaci(tmp_path)
    path.write_bytes(path.read_bytes() + b"\n")
    mine = path.read_bytes()
    record = refresh(workspace=tmp_path, only="idaci@2025", keep=0)
    (found,) = record.outcomes
    assert found.verdict == "updated"
    assert "the copy that was changed by hand is in .superseded/" in found.reason
    assert [(each.first, each.rows) for each in record.changes] == [(False, found.rows)]
    hidden = list((tmp_path / store.RAW / IDACI / ".superseded").iterdir())
    assert [each.read_bytes() for each in hidden] == [mine]
    assert path.read_bytes() != mine


def test_files_that_are_not_there_are_not_counted_as_files_of_others(live, tmp_path):
    refresh(["Rochdale", "Bury"], workspace=tmp_path, only="ward_boundaries@2025")
    text = _status_text.status_lines(_status.status("Bolton", workspace=tmp_path))
    assert "Also here, not used for Bolton: 1 file of Rochdale." in text


def test_a_file_that_stops_every_build_is_put_right_first(live, tmp_path):
    from bolton_jsna.cli import main as cli

    run = CliRunner().invoke
    here = ["--workspace", str(tmp_path)]
    processed = tmp_path / "data/processed"
    processed.mkdir(parents=True)
    record = {"area": "Bolton", "area_code": "E08000001", "inputs": {}, "options": {}}
    (processed / "run.json").write_text(json.dumps(record))
    own = tmp_path / store.RAW / "idaci" / "File_7_2025.csv"
    own.parent.mkdir(parents=True)
    own.write_text("LSOA code (2021),IDACI score\nE01004766,nonsense\n")
    told = run(cli.app, ["status", *here]).output
    assert "A build of Bolton cannot be made now" in told
    assert "To build again as before, solve the problem at the end; then: bolton-jsna" in told


def test_the_catalogue_names_services_not_their_keys():
    text = _sources.sources_lines()
    for each in catalogue.editions():
        assert f"{each.id}: {each.ways[0].service} (" not in text
    assert "only with --only idaci@2015" in text
