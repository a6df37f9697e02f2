"""What was asked for and what came are compared before a refresh stores anything."""

import io
import os

import pandas as pd
import pytest

from bolton_jsna import catalogue
from bolton_jsna.building.refresh import refresh
from bolton_jsna.core.areas import area
from bolton_jsna.ingest import store
from bolton_jsna.services.responses import OtherEditionError
from command_line import command
from standin import govuk as standin_govuk


def edition_of(name):
    return catalogue.editions(name)[0]


def rows(source, **columns):
    return pd.DataFrame({"source": [source], **{name: [each] for name, each in columns.items()}})


@pytest.mark.parametrize(
    ("asked", "came"),
    [
        ("statistical_neighbours@2021", "statistical_neighbours@2025"),
        ("statistical_neighbours@2025", "statistical_neighbours@2021"),
        ("idaci@2025", "idaci@2019"),
        ("idaci@2019", "idaci@2015"),
        ("population_projections@2022", "population_projections@2018"),
        ("population_projections@2018", "population_projections@2022"),
        ("ward_boundaries@2024", "ward_boundaries@2025"),
        ("lsoa_boundaries@2021", "lsoa_boundaries@2011"),
        ("lookup@lsoa21-ward25", "lookup@lsoa21-ward24"),
        ("lookup@lsoa21-ward25", "lookup@lsoa11-ward25"),
        ("lookup@lsoa11-lsoa21", "lookup@lsoa21-lsoa11"),
    ],
)
def test_another_edition_than_that_asked_for_is_rejected(asked, came):
    from bolton_jsna.ingest._validate import reject_another

    edition = edition_of(asked)
    reject_another(edition, None, rows(asked), None, what="it")
    with pytest.raises(OtherEditionError, match=f"{asked} was asked for, but the file is {came}"):
        reject_another(edition, None, rows(came), None, what="it")
    both = pd.concat([rows(asked), rows(came)])
    with pytest.raises(OtherEditionError, match=r"the file is .*\. It was not stored"):
        reject_another(edition, None, both, None, what="it")


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("children_in_need@latest/referrals", {"indicator": "referrals"}),
        ("children_in_need@latest/plans", {"indicator": "cpp_at_31_march"}),
        ("children_looked_after@latest", {"indicator": "cla_at_31_march"}),
        ("population_estimates@latest/authorities", {"area_level": "authority"}),
    ],
)
def test_an_older_issue_than_the_stored_one_is_rejected(name, columns):
    from bolton_jsna.ingest._validate import reject_another

    edition = edition_of(name)
    old, new = (rows(f"{edition.dataset}@{year}", **columns) for year in (2024, 2025))
    reject_another(edition, None, new, old, what="it")
    reject_another(edition, None, old, old, what="it")
    reject_another(edition, None, old, None, what="it")
    with pytest.raises(OtherEditionError, match="the issue of 2024, which is older than"):
        reject_another(edition, None, old, new, what="it")


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("children_in_need@latest/referrals", {"indicator": "cpp_started"}),
        ("children_in_need@latest/plans_started", {"indicator": "referrals"}),
        ("population_estimates@latest/authorities", {"area_level": "lsoa"}),
        ("population_estimates@latest/lsoas", {"area_level": "authority"}),
    ],
)
def test_another_file_of_the_same_release_is_rejected(name, columns):
    from bolton_jsna.ingest._validate import reject_another

    edition = edition_of(name)
    with pytest.raises(OtherEditionError, match="was asked for, but it has"):
        reject_another(edition, None, rows(f"{edition.dataset}@2025", **columns), None, what="it")


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("population_projections@2022", "area_code"),
        ("lookup@lsoa21-ward25", "area_code"),
        ("ward_boundaries@2025", "authority_code"),
    ],
)
def test_the_file_of_another_authority_is_rejected(name, column):
    from bolton_jsna.ingest._validate import reject_another

    edition, bolton = edition_of(name), area("Bolton")
    reject_another(edition, bolton, rows(name, **{column: "E08000001"}), None, what="it")
    reject_another(edition, bolton, rows(name, **{column: None}), None, what="it")
    with pytest.raises(OtherEditionError, match="rows of Bolton were asked for"):
        reject_another(edition, bolton, rows(name, **{column: "E08000002"}), None, what="it")


# ---------------------------------------------------------------- the command line
def test_the_model_of_2025_at_the_address_of_2021_is_not_stored(live, tmp_path, monkeypatch):
    """The workbook of the new model has the headings of the old one."""
    before = standin_govuk.neighbours_2021

    def moved_on(world):
        new = type("World", (), {"neighbours": lambda _, __: world.neighbours("2025")})()
        return before(new)

    monkeypatch.setattr(standin_govuk, "neighbours_2021", moved_on)
    only = ("--no-build", "--only", "statistical_neighbours@2021")
    more = ("--workspace", tmp_path)
    done = command("refresh", *only, *more, cwd=tmp_path, env={**os.environ, **live.env()})
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Bolton's list is of 2025" in done.stdout
    assert store.raw_files("statistical_neighbours", tmp_path) == ()


def test_a_newer_model_at_the_address_of_2025_is_not_stored(live, tmp_path, session, monkeypatch):
    before = standin_govuk.neighbours_2025

    def moved_on(world):
        lists = [(place, near[::-1]) for place, near in world.neighbours("2025")]
        book = before(type("World", (), {"neighbours": lambda _, __: lists})())
        opened = openpyxl.load_workbook(io.BytesIO(book))
        opened["SN model"]["A1"] = "Statistical neighbours model, May 2027"
        written = io.BytesIO()
        opened.save(written)
        return written.getvalue()

    openpyxl = pytest.importorskip("openpyxl")
    monkeypatch.setattr(standin_govuk, "neighbours_2025", moved_on)
    (outcome,) = refresh(
        workspace=tmp_path, only="statistical_neighbours@2025", session=session
    ).outcomes
    assert "has 2027 in its name, title or sheet, which is not a known model" in outcome.reason
    assert store.raw_files("statistical_neighbours", tmp_path) == ()


def test_an_issue_that_goes_back_keeps_the_newer_one(live, tmp_path, session):
    name = "children_in_need@latest/referrals"
    session.timeout = (1, 30)
    live.world.release += 1
    refresh(workspace=tmp_path, only=name, session=session)
    entry = store.entries(tmp_path)[name]
    live.world.release -= 1
    (outcome,) = refresh(workspace=tmp_path, only=name, session=session, fresh_hours=0).outcomes
    assert outcome.verdict == "stale"
    assert "older than the stored one of 2026" in outcome.reason
    assert store.entries(tmp_path)[name].sha256 == entry.sha256
