"""Each source is named once, with its true publisher, wherever sources are listed."""

import csv
import dataclasses
import json
import re

import pytest

import bolton_jsna as jsna
from bolton_jsna import building
from bolton_jsna.building import _maps, inputs, refresh_text
from bolton_jsna.building.refresh import refresh
from bolton_jsna.building.summary import summary
from bolton_jsna.cli import _sources, _status, _status_text
from bolton_jsna.core.provenance import Source
from bolton_jsna.ingest import store
from bolton_jsna.loaders._provenance import once
from bolton_jsna.services.http import Session
from standin import in_place

pytestmark = pytest.mark.usefixtures("sketched")

DFE, OHID = "Department for Education", "Office for Health Improvement and Disparities (OHID)"
IN_PLACE = "from OHID Fingertips in place of DfE's Explore education statistics"
PLANS, LOOKED_AFTER = "children_in_need@latest/plans", "children_looked_after@latest"
OTHERS = [f"children_in_need@latest/{part}" for part in ("referrals", "plans_started", "in_need")]


def anew():
    """A session that knows of no failure."""
    return Session(sleep=lambda _: None, timeout=(1, 30))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workspace with plans from Fingertips and the rest from DfE, its build and the refresh."""
    folder = tmp_path_factory.mktemp("named")
    with pytest.MonkeyPatch.context() as patched, in_place(patched) as server:
        server.fault("status", match="/ees_", code=503)
        with anew() as session:
            first = refresh("Bolton", workspace=folder, only=[PLANS, LOOKED_AFTER], session=session)
        server.faults.clear()
        with anew() as session:
            refresh("Bolton", workspace=folder, only=OTHERS, session=session)
        yield folder, building.build("Bolton", workspace=folder), first


def identities(sources):
    return [(each["publisher"], each["title"], each["edition"]) for each in sources]


def printed(record):
    """The lines below Sources in what a build prints."""
    (found,) = re.findall(r"^Sources\n((?:  - .*\n)+)", summary(record), re.MULTILINE)
    return found.splitlines()


def test_the_neighbours_are_named_with_their_publisher_in_each_list(made):
    folder, record, _ = made
    (line,) = [each for each in printed(record) if "May 2025 model" in each]
    assert "statistical neighbours of Bolton" in line
    assert "Department for Education (DfE) and National Foundation" in line
    written = json.loads((folder / "data/processed/run.json").read_text())
    with (folder / "data/processed/sources.csv").open(encoding="utf-8-sig") as file:
        table = list(csv.DictReader(file))
    for listed in (record.sources, written["sources"], table):
        found = {each["source"] for each in listed}
        assert {"statistical_neighbours@2025", "statistical_neighbours@2021"} <= found


def test_each_source_is_listed_once(made):
    folder, record, _ = made
    written = json.loads((folder / "data/processed/run.json").read_text())["sources"]
    with (folder / "data/processed/sources.csv").open(encoding="utf-8-sig") as file:
        table = list(csv.DictReader(file))
    for listed in (record.sources, written, table):
        assert len(identities(listed)) == len(set(identities(listed)))
    assert len(printed(record)) == len(set(printed(record))) == len(record.sources)


def test_several_files_of_one_source_are_listed_in_its_line(made):
    folder, record, _ = made
    (dfe,) = [
        each
        for each in record.sources
        if each["dataset"] == "children_in_need" and each["publisher"] == DFE
    ]
    files, marks = dfe["file"].split("; "), dfe["sha256"].split("; ")
    assert len(files) == len(marks) == 3
    held = store.raw_files("children_in_need", folder)
    known = {each.name: store.fingerprint(each) for each in held}
    assert dict(zip(files, marks, strict=True)).items() <= known.items()
    (line,) = [each for each in printed(record) if f"({DFE}): 2025" in each]
    assert f"; 3 files: {', '.join(files)}" in line


def test_what_comes_from_another_service_is_shown_with_its_publisher(made):
    folder, record, _ = made
    ohid, after = [each for each in record.sources if each["publisher"] == OHID]
    assert (after["source"], after["in_place"]) == ("children_looked_after@2025", IN_PLACE)
    assert (ohid["source"], ohid["in_place"]) == ("children_in_need@2025", IN_PLACE)
    assert ohid["attribution"].startswith("Source: Office for Health Improvement")
    lines = [each for each in printed(record) if OHID in each]
    assert len(lines) == 2
    assert all(each.endswith(f"({OHID}): 2025, {IN_PLACE}") for each in lines)
    dfe = [each for each in record.sources if each["publisher"] == DFE]
    assert not any(each["in_place"] for each in dfe)
    plans = jsna.load_children_in_need("Bolton", indicators="cpp_at_31_march", workspace=folder)
    found = jsna.sources(plans, workspace=folder).set_index("source")
    assert OHID in set(found.loc[["children_in_need@2025"], "publisher"])


def test_the_refresh_and_the_status_show_it_too(made):
    folder, _, first = made
    for each in first.outcomes:
        assert (each.verdict, each.service, each.in_place) == ("updated", "fingertips", IN_PLACE)
        line = refresh_text.outcome_line(each)
        assert line.startswith(f"updated    {each.file}, {IN_PLACE}: ")
    found = _status.status("Bolton", workspace=folder)
    said = {each.name: each.in_place for each in found.holdings if each.in_place}
    assert set(said.values()) == {IN_PLACE}
    assert len(said) == 2
    text = " ".join(_status_text.status_lines(found).split())
    assert text.count(IN_PLACE) == 2


def test_a_dry_run_and_a_stale_copy_show_it_too(live, tmp_path, session):
    live.fault("status", match="/ees_", code=503)
    refresh("Bolton", workspace=tmp_path, only=LOOKED_AFTER, session=session)
    live.fault("status", match="/fingertips", code=503)
    for options in ({"dry_run": True}, {}):
        record = refresh(
            "Bolton",
            workspace=tmp_path,
            only=LOOKED_AFTER,
            session=session,
            fresh_hours=0,
            **options,
        )
        (found,) = record.outcomes
        assert found.verdict == "stale"
        assert f", {IN_PLACE}: " in refresh_text.outcome_line(found)
    live.faults.clear()
    with anew() as later:
        (own,) = refresh("Bolton", workspace=tmp_path, only=LOOKED_AFTER, session=later).outcomes
    assert (own.service, own.in_place) == ("ees", "")


def test_a_file_of_fingertips_added_by_hand_is_not_called_dfe_s(live, tmp_path, session):
    live.fault("status", match="/ees_", code=503)
    folder = tmp_path / "fetched"
    folder.mkdir()
    refresh("Bolton", workspace=folder, only=LOOKED_AFTER, session=session)
    (fetched,) = store.raw_files("children_looked_after", folder)
    own = tmp_path / "own" / "data" / "raw" / "children_looked_after"
    own.mkdir(parents=True)
    (own / "mine.csv").write_bytes(fetched.read_bytes())
    frame = store_table(tmp_path / "own")
    (found,) = jsna.sources(frame, workspace=tmp_path / "own").to_dict("records")
    assert (found["publisher"], found["retrieved"]) == (OHID, "")
    assert found["address"] == "https://fingertips.phe.org.uk/"


def store_table(folder):
    from bolton_jsna.ingest import raw_tables

    return raw_tables.table("children_looked_after", folder)


def test_the_catalogue_names_services_and_who_publishes_what_they_give():
    text = _sources.sources_lines()
    assert (
        "children_looked_after@latest: DfE's Explore education statistics, or in its place "
        f"OHID Fingertips (published by {OHID}), national" in text
    )
    assert (
        "population_projections@2022: Nomis, or in its place the ONS website (one file for all "
        "authorities), for each authority" in text
    )
    assert "Department for Education" in text.partition("statistical_neighbours: ")[2][:200]
    (edition,) = json.loads(_sources.sources_json())["children_looked_after"]["editions"]
    assert [each["publisher"] for each in edition["ways"]] == [DFE, OHID]
    assert edition["ways"][1]["name"] == "OHID Fingertips"


def test_a_map_names_every_publisher_of_its_figures():
    made_from = inputs.gather("Bolton")
    attributions = {"idaci@2025": ("Source: A.", "Source: B."), "lookup@lsoa21-ward23": ("C.",)}
    lines = _maps._lines(made_from, attributions, with_children=False)
    assert lines == ("Source: A.", "Source: B.", "C.")


def test_rows_of_neighbours_name_the_list_they_stand_in():
    table = jsna.compare_with_neighbours("Bolton", "referrals", model="2025").table
    listed = table["source"].str.contains("statistical_neighbours@2025")
    assert (listed == (table["role"] == "neighbour")).all()
    assert "statistical_neighbours@2025" in set(jsna.sources(table)["source"])


def test_files_of_unlike_publishers_or_editions_are_not_put_together():
    one = Source("idaci", "2025", "MHCLG", "Indices", "", "OGL", "", "https://a", "a.csv", "1f", 2)
    unlike = [
        dataclasses.replace(one, publisher="another"),
        dataclasses.replace(one, edition="2019"),
        dataclasses.replace(one, title="another"),
    ]
    assert once([one, *unlike]) == (one, *unlike)
    again = dataclasses.replace(one, file="b.csv", rows=None, retrieved="2026-11-01")
    (both,) = once([one, again])
    assert (both.file, both.sha256, both.rows) == ("a.csv; b.csv", "1f; 1f", None)
    assert (both.address, both.retrieved) == ("https://a", "2026-11-01")
    assert once([]) == ()
