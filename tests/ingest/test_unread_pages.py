"""A page that could not be read says nothing of what is newest: never "nothing newer"."""

import dataclasses
import datetime as dt

import pytest
from typer.testing import CliRunner

from bolton_jsna import catalogue
from bolton_jsna.building.refresh import refresh
from bolton_jsna.cli import _status
from bolton_jsna.cli import main as cli
from bolton_jsna.ingest import runner, store
from bolton_jsna.ingest.jobs import Settings, Task
from bolton_jsna.services import StoredCopy, fingertips
from bolton_jsna.services.http import Session

PAGE = "/govuk/api/content"
JSON = {"Content-Type": "application/json"}


def run(folder, name, *more: str):
    words = ("refresh", "--workspace", str(folder), "--only", name, "--fresh-hours", "0", *more)
    return CliRunner().invoke(cli.app, words)


def unreadable(live, how: str) -> None:
    """Every page of GOV.UK in trouble; the files behind pinned addresses are as they were."""
    faults = {
        "an error": ("status", {"code": 403}),
        "gone": ("status", {"code": 410}),
        "cut": ("half", {}),
        "empty": ("empty", {}),
        "a web page": ("html", {}),
        "another layout": ("replace", {"old": b"details", "new": b"contents"}),
    }
    kind, options = faults[how]
    live.fault(kind, match=PAGE, **options)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("idaci@2025", "an error"),
        ("idaci@2025", "gone"),
        ("idaci@2025", "cut"),
        ("idaci@2025", "empty"),
        ("idaci@2025", "another layout"),
        ("idaci@2019", "a web page"),
        ("statistical_neighbours@2021", "an error"),
    ],
)
def test_a_file_whose_page_cannot_be_read_is_stale(live, tmp_path, name, how):
    assert run(tmp_path, name).exit_code == 0
    before = store.entries(tmp_path)[name]
    unreadable(live, how)
    done = run(tmp_path, name)
    assert done.exit_code == 3
    assert f"stale      {name}: " in done.stdout
    assert "it is not known whether there is a newer file" in done.stdout
    assert "Kept: the copy of " in done.stdout
    assert "nothing newer\n" not in done.stdout
    (held,) = [each for each in _status.status(workspace=tmp_path).holdings if each.trouble]
    assert held.trouble.startswith("Stale since ")
    silent = run(tmp_path, name, "--quiet")
    assert (silent.exit_code, silent.stdout) == (3, "")
    live.faults.clear()
    assert run(tmp_path, name).exit_code == 0
    entry = store.entries(tmp_path)[name]
    assert (entry.sha256, entry.failed, entry.failure) == (before.sha256, "", "")


@pytest.mark.parametrize("more", [(), ("--force",)])
def test_an_older_file_behind_a_pinned_address_takes_no_newer_one_s_place(live, tmp_path, more):
    """The page gave the second issue; the pinned address still has the first."""
    live.world.options["govuk_reissue"] = True
    assert run(tmp_path, "idaci@2025").exit_code == 0
    before = store.entries(tmp_path)["idaci@2025"]
    assert "_v2" in before.path
    unreadable(live, "an error")
    assert run(tmp_path, "idaci@2025", *more).exit_code == 3
    after = store.entries(tmp_path)["idaci@2025"]
    assert (after.path, after.sha256) == (before.path, before.sha256)


def test_a_first_copy_from_a_pinned_address_is_used_and_its_doubt_reported(live, tmp_path):
    unreadable(live, "an error")
    done = run(tmp_path, "idaci@2025")
    assert done.exit_code == 3
    assert "updated    idaci@2025: " in done.stdout
    assert "It is not known whether this is the newest: " in done.stdout
    # Asked again at once, not when the copy is twelve hours old.
    again = CliRunner().invoke(
        cli.app, ["refresh", "--workspace", str(tmp_path), "--only", "idaci@2025"]
    )
    assert (again.exit_code, "stale      idaci@2025" in again.stdout) == (3, True)
    live.faults.clear()
    assert run(tmp_path, "idaci@2025").exit_code == 0
    assert _status.status(workspace=tmp_path).holdings[0].trouble == ""


def test_a_first_copy_from_the_next_service_has_a_note_that_the_first_was_not_asked(live, tmp_path):
    live.fault("status", match="/ees_", code=503)
    with Session(sleep=lambda _: None) as session:
        record = refresh(workspace=tmp_path, only="children_looked_after@latest", session=session)
    assert record.exit_code == 3
    assert (record.outcomes[0].verdict, record.outcomes[0].service) == ("updated", "fingertips")
    assert "answered 503" in record.outcomes[0].doubt


@pytest.mark.parametrize("kind", ["status", "half", "empty", "html"])
@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("children_in_need@latest/referrals", "/ees_content/"),
        ("ward_boundaries@2025", r"/arcgis/[^?]*FeatureServer/0"),
        ("lookup@lsoa21-ward25", r"/arcgis/[^?]*FeatureServer/0"),
        ("population_projections@2022", r"/nomis/.*def\.sdmx"),
        ("population_estimates@latest/lsoas", r"/nomis/.*def\.sdmx"),
    ],
)
def test_no_service_takes_an_unread_answer_for_nothing_newer(  # noqa: PLR0917
    live, tmp_path, session, name, match, kind
):
    refresh(workspace=tmp_path, only=name, session=session)
    # An answer 304 has no body that could be damaged.
    entries = store.entries(tmp_path)
    store.note({key: dataclasses.replace(e, etag="") for key, e in entries.items()}, tmp_path)
    live.fault(kind, match=match, **({"code": 503} if kind == "status" else {}))
    (found,) = refresh(workspace=tmp_path, only=name, session=session, fresh_hours=0).outcomes
    assert found.verdict == "stale", found


@pytest.mark.parametrize("kind", ["status", "half", "empty", "html"])
def test_fingertips_unread_is_not_fingertips_unchanged(live, tmp_path, session, kind):
    name = "children_looked_after@latest"
    live.fault("status", match="/ees_", code=404)
    edition = catalogue.editions(name)[0]
    only = dataclasses.replace(edition, ways=edition.ways[1:])
    settings = Settings(tmp_path, dt.datetime.now(dt.UTC))
    assert runner.fetch([Task(only)], settings, session=session).outcomes[0].verdict == "updated"
    entries = store.entries(tmp_path)
    store.note({key: dataclasses.replace(e, etag="") for key, e in entries.items()}, tmp_path)
    live.fault(kind, match="/fingertips/", **({"code": 503} if kind == "status" else {}))
    again = dataclasses.replace(settings, fresh_hours=0)
    (found,) = runner.fetch([Task(only)], again, session=session).outcomes
    assert found.verdict == "stale", found


def test_fingertips_moves_on_to_a_newer_kind_of_area(live, tmp_path, session):
    """The figures of the old kind answer "unchanged" for ever."""
    wanted = fingertips.Wanted("x", "latest", "fingertips", {"indicators": [90803]})
    older = dataclasses.replace(wanted, ask={**wanted.ask, "area_types": [402]})
    first = fingertips.fetch(older, session, tmp_path)
    known = StoredCopy(first.address, first.etag, first.last_modified)
    assert fingertips.fetch(older, session, tmp_path, known).path is None
    assert fingertips.fetch(wanted, session, tmp_path, known).path is not None
