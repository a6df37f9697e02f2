"""Where no authority is named, that of the workspace's last build is meant, else Bolton."""

import json
import logging

import pytest
from typer.testing import CliRunner

from bolton_jsna import building, catalogue
from bolton_jsna.building import fingerprints, next_steps, refresh_text
from bolton_jsna.building.paths import RECORD
from bolton_jsna.building.refresh import refresh
from bolton_jsna.cli import _status, check_records
from bolton_jsna.cli import main as cli
from bolton_jsna.core.areas import area
from bolton_jsna.core.errors import SourceError
from bolton_jsna.ingest.jobs import Task

DRY = {"dry_run": True, "only": "lookup@lsoa21-ward24"}
COUNTS = "ward,ward_code,year,referrals\nCrompton,E05014821,2025,100\n"


def built(folder, **facts):
    """Leave the record of a build, as far as it matters here."""
    path = folder / RECORD
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"area": "x", "own_file": False, "options": {}} | facts))
    return folder


@pytest.fixture
def rochdale(tmp_path):
    return built(tmp_path, area_code="E08000005", finished="2026-11-01T00:00:00+00:00")


def run(*words):
    return CliRunner().invoke(cli.app, [*words])


def test_the_library_means_the_authority_of_the_last_build(rochdale):
    record = refresh(workspace=rochdale, **DRY)
    assert record.areas == ("Rochdale",)
    assert [each.file for each in record.outcomes] == ["lookup@lsoa21-ward24/E08000005"]
    assert record.area_from == "the authority of the last build in this workspace"
    found = _status.status(workspace=rochdale)
    assert (found.area, found.area_from) == ("Rochdale", record.area_from)
    own = rochdale / "counts.csv"
    own.write_text(COUNTS)
    checked = check_records.check_records(own, workspace=rochdale)
    assert (checked.area, checked.area_from) == ("Rochdale", record.area_from)


def test_an_authority_that_is_named_is_taken_and_nothing_is_explained(rochdale):
    record = refresh("Bury", workspace=rochdale, **DRY)
    assert (record.areas, record.area_from) == (("Bury",), "")
    assert "takes another" not in refresh_text.refresh_summary(record)
    found = _status.status("Bolton", workspace=rochdale)
    assert (found.area, found.area_from) == ("Bolton", "")


def test_without_a_build_it_is_bolton(tmp_path):
    record = refresh(workspace=tmp_path, **DRY)
    assert record.areas == ("Bolton",)
    assert record.area_from == "the default, because nothing has been built in this workspace"
    assert f"For Bolton, {record.area_from}." in refresh_text.refresh_summary(record)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"area_code": "E99999999"}, "its area_code is not that of an authority"),
        ({"area_code": "Rochdale"}, "its area_code is not that of an authority"),
        ({"area_code": ["E08000005"]}, "its area_code is not that of an authority"),
        ({}, "its area_code is not that of an authority"),
        ({"area_code": "E92000001"}, "its area is England, which is not an authority"),
        ({"area_code": "E12000002"}, "its area is North West, which is not an authority"),
        (
            {"area_code": "E10000021"},
            "its area is Northamptonshire, which ended in 2021 (now North Northamptonshire",
        ),
    ],
)
def test_a_record_of_no_current_authority_falls_back_to_bolton(tmp_path, caplog, facts, why):
    record = refresh(workspace=built(tmp_path, **facts), **DRY)
    assert record.areas == ("Bolton",)
    assert record.area_from == "the default, because data/processed/run.json cannot be used"
    (warned,) = [each.getMessage() for each in caplog.records if "no area was named" in each.msg]
    assert why in warned
    assert "Bolton is taken" in warned


@pytest.mark.parametrize("text", ["{", "[]", '{"area_code": "E08000005", "area_code": "x"}'])
def test_a_record_that_cannot_be_read_falls_back_to_bolton(tmp_path, caplog, text):
    built(tmp_path)
    (tmp_path / RECORD).write_text(text)
    assert refresh(workspace=tmp_path, **DRY).areas == ("Bolton",)
    assert "data/processed/run.json cannot be used: " in caplog.text


def test_a_link_in_place_of_the_record_is_not_followed(tmp_path, rochdale):
    away = tmp_path / "away.json"
    (rochdale / RECORD).rename(away)
    (rochdale / RECORD).symlink_to(away)
    assert refresh(workspace=rochdale, **DRY).areas == ("Bolton",)


def test_an_earlier_code_of_an_authority_is_understood(tmp_path):
    assert refresh(workspace=built(tmp_path, area_code="E08000038"), **DRY).areas == ("Barnsley",)


def test_the_screen_says_which_area_was_taken_and_why(rochdale):
    why = "the authority of the last build in this workspace"
    where = ("--workspace", str(rochdale))
    told = run("refresh", *where, "--dry-run", "--only", "lookup@lsoa21-ward24").stdout
    assert "lookup@lsoa21-ward24/E08000005" in told
    assert f"For Rochdale, {why}. --area takes another (in Python area=)." in told
    told = run("status", *where).stdout
    assert told.startswith(f"Rochdale ({why}; --area takes another), workspace ")
    own = rochdale / "counts.csv"
    own.write_text(COUNTS)
    told = run("check", str(own), *where).stdout
    assert f"Checked for Rochdale, {why}. --area takes another (in Python area=)." in told
    named = run("status", *where, "--area", "Bury").stdout
    assert named.startswith("Bury, workspace ")
    facts = json.loads(run("status", *where, "--json").stdout)
    assert (facts["area"], facts["area_from"]) == ("Rochdale", why)


# ---------------------------------------------------------------- building
class StopError(Exception):
    """A build that has gone as far as a test needs."""


@pytest.fixture
def begun(monkeypatch):
    """Builds stop once it is known what they are of."""
    areas = []

    def stop(gather, *_):
        areas.append(gather.args[0])
        raise StopError

    monkeypatch.setattr(fingerprints, "read_with", stop)
    return areas


def test_a_build_without_an_area_is_of_bolton_and_warns_of_the_last_one(rochdale, caplog, begun):
    with pytest.raises(StopError):
        building.build(workspace=rochdale)
    assert [each.name for each in begun] == ["Bolton"]
    (warned,) = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    assert warned == (
        "Bolton is built, because no area was named. The last build in this workspace was for "
        "Rochdale. To build that again: bolton-jsna build --area Rochdale."
    )


@pytest.mark.parametrize("code", [None, "E08000001", "E99999999"])
def test_nothing_is_warned_where_the_last_build_was_of_no_other(tmp_path, caplog, begun, code):
    if code:
        built(tmp_path, area_code=code)
    with pytest.raises(StopError):
        building.build(workspace=tmp_path)
    assert "no area was named" not in caplog.text


def test_a_named_area_is_built_without_a_warning(rochdale, caplog, begun):
    for name in ("Bolton", "Bury"):
        with pytest.raises(StopError):
            building.build(name, workspace=rochdale)
    assert begun == ["Bolton", "Bury"]
    assert "no area was named" not in caplog.text


def test_a_name_of_several_words_is_quoted_in_the_command(tmp_path, caplog, begun):
    built(tmp_path, area_code="E06000023")
    with pytest.raises(StopError):
        building.build(workspace=tmp_path)
    assert 'bolton-jsna build --area "Bristol, City of".' in caplog.text


def test_the_command_warns_too(rochdale, caplog, begun):
    done = run("build", "--workspace", str(rochdale))
    assert isinstance(done.exception, StopError)
    assert "bolton-jsna build --area Rochdale." in caplog.text


# ---------------------------------------------------------------- what messages name
@pytest.mark.parametrize(
    ("place", "option"),
    [(None, ""), ("Rochdale", " --area Rochdale"), ("Bristol", ' --area "Bristol, City of"')],
)
def test_advice_names_the_authority_that_a_file_is_for(place, option):
    edition = catalogue.editions("lookup@lsoa21-ward24")[0]
    task = Task(edition, None if place is None else area(place))
    assert task.force == f"bolton-jsna refresh --force --only lookup@lsoa21-ward24{option}"


def test_a_gone_own_file_is_asked_for_with_its_authority(tmp_path):
    from bolton_jsna.building import _last_build

    built(tmp_path)
    record = {"area_code": "E08000005", "options": {"local_records": "gone.csv"}}
    (tmp_path / RECORD).write_text(json.dumps(record))
    last = _last_build.last_build(tmp_path)
    with pytest.raises(SourceError, match="bolton-jsna build --area Rochdale --local-records FILE"):
        _last_build.check_files(last)


def test_data_that_are_newer_are_built_by_a_refresh_of_the_same_authority(rochdale):
    text = next_steps.out_of_date(["data/raw/idaci/mine.csv is new"], rochdale)
    assert "To build again as before: bolton-jsna refresh --area Rochdale" in text
    assert "bolton-jsna build" not in text
