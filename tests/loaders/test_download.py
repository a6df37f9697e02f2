"""Loaders that may ask the network fetch what is missing, once; against the stand-in."""

import logging
import threading

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna import building, catalogue
from bolton_jsna.building.refresh import refresh
from bolton_jsna.core.errors import SourceError
from bolton_jsna.ingest import store
from bolton_jsna.loaders import _resolve
from bolton_jsna.services._request import Request
from bolton_jsna.tables.children_in_need import indicators
from stored import changed_files

pytestmark = pytest.mark.usefixtures("sketched")

AREA = "Rochdale"
LOADERS = {
    "projections": lambda **how: jsna.load_population_projections(AREA, **how),
    "estimates": lambda **how: jsna.load_population_estimates("Barnsley", **how),
    "wards": lambda **how: jsna.load_population_estimates(AREA, level="ward", **how),
    "idaci": lambda **how: jsna.load_idaci(AREA, edition=2015, **how),
    "figures": lambda **how: jsna.load_children_in_need("Barnsley", indicators="referrals", **how),
    "looked_after": lambda **how: jsna.load_children_in_need(
        "Barnsley", indicators="cla_at_31_march", **how
    ),
    "neighbours": lambda **how: jsna.load_statistical_neighbours(AREA, **how),
    "boundaries": lambda **how: jsna.load_boundaries(AREA, year=2024, **how),
    "lookup": lambda **how: jsna.load_lookup(AREA, to="ward24", **how),
}
FILES = {
    "projections": {"population_projections@2022/E08000005"},
    "estimates": {"population_estimates@latest/authorities"},
    "wards": {
        "idaci@2025",
        "population_estimates@latest/lsoas/E08000005",
        "lookup@lsoa21-ward23/E08000005",
    },
    "idaci": {"idaci@2015"},
    "figures": {"children_in_need@latest/referrals", "population_estimates@latest/authorities"},
    "looked_after": {"children_looked_after@latest"},
    "neighbours": {"statistical_neighbours@2025"},
    "boundaries": {"ward_boundaries@2024/E08000005"},
    "lookup": {"lookup@lsoa21-ward24/E08000005"},
}


def tables(folder) -> dict[str, bytes]:
    found = (folder / "data" / "processed").glob("*.csv")
    return {each.name: each.read_bytes() for each in found}


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    monkeypatch.delenv(_resolve.DOWNLOAD, raising=False)


@pytest.mark.parametrize("name", LOADERS)
def test_what_is_missing_is_fetched_once_and_then_answered_from_the_workspace(live, tmp_path, name):
    load = LOADERS[name]
    with pytest.raises(jsna.MissingDataError, match="in Python download=True"):
        load(workspace=tmp_path)
    assert live.requests == []
    first = load(workspace=tmp_path, download=True)
    assert set(store.entries(tmp_path)) == FILES[name]
    assert changed_files(tmp_path) == ()
    asked = len(live.requests)
    assert load(workspace=tmp_path, download=True).equals(first)
    assert load(workspace=tmp_path).equals(first)
    assert len(live.requests) == asked
    where = jsna.sources(first, workspace=tmp_path)
    assert where["retrieved"].ne("").any()
    assert where["address"].str.startswith("http").all()


def test_bolton_is_built_without_asking_anyone(live, tmp_path, monkeypatch, without_maps):
    monkeypatch.setenv(_resolve.DOWNLOAD, "1")
    with without_maps():
        building.build("Bolton", workspace=tmp_path)
    jsna.compare_with_neighbours("Bolton", "referrals", workspace=tmp_path)
    assert live.requests == []
    assert not (tmp_path / store.RAW).exists()


def test_what_the_snapshot_has_is_not_asked_for(live, tmp_path):
    for level in ("authority", "ward", "lsoa"):
        jsna.load_population_estimates("Bolton", level=level, workspace=tmp_path, download=True)
    jsna.load_children_in_need(workspace=tmp_path, download=True)
    jsna.load_boundaries("Bolton", workspace=tmp_path, download=True)
    assert live.requests == []
    assert list(tmp_path.iterdir()) == []


def test_the_environment_allows_it_and_the_caller_has_the_last_word(live, tmp_path, monkeypatch):
    monkeypatch.setenv(_resolve.DOWNLOAD, "0")
    with pytest.raises(jsna.MissingDataError):
        jsna.load_idaci(AREA, workspace=tmp_path)
    monkeypatch.setenv(_resolve.DOWNLOAD, "1")
    with pytest.raises(jsna.MissingDataError):
        jsna.load_idaci(AREA, workspace=tmp_path, download=False)
    assert live.requests == []
    assert len(jsna.load_idaci(AREA, workspace=tmp_path)) > 0
    monkeypatch.setenv(_resolve.DOWNLOAD, "perhaps")
    with pytest.raises(jsna.UsageError, match="BOLTON_JSNA_DOWNLOAD='perhaps' is neither"):
        jsna.load_idaci(AREA, workspace=tmp_path)
    with pytest.raises(
        jsna.UsageError, match="download='yes' is of the type str; expected True, False"
    ):
        jsna.load_idaci(AREA, workspace=tmp_path, download="yes")


def test_a_failure_names_the_gap_and_why_it_could_not_be_filled(live, tmp_path, capsys):
    live.fault("status", match="/govuk", code=404)
    with pytest.raises(jsna.MissingDataError) as caught:
        jsna.load_idaci(AREA, workspace=tmp_path, download=True)
    said = str(caught.value)
    assert "has edition 2025 of Rochdale" in said
    assert "It could not be fetched. idaci@2025: " in said
    assert "answered 404" in said
    assert "in data/raw/idaci/" in said
    assert store.raw_files("idaci", tmp_path) == ()
    assert capsys.readouterr() == ("", "")
    live.faults.clear()
    assert len(jsna.load_idaci(AREA, workspace=tmp_path, download=True)) > 0


def test_bytes_that_a_refresh_would_refuse_are_refused(live, tmp_path):
    live.fault("html", match="/govuk_assets/media/")
    with pytest.raises(jsna.MissingDataError, match="web page"):
        jsna.load_idaci(AREA, workspace=tmp_path, download=True)
    assert store.raw_files("idaci", tmp_path) == ()


def test_what_the_publisher_does_not_have_is_asked_for_once_and_told(live, tmp_path):
    def load():
        return jsna.load_children_in_need(
            "Bolton", indicators="referrals", years=1999, workspace=tmp_path, download=True
        )

    with pytest.raises(jsna.MissingDataError, match=r"do not have it: children_in_need@latest/ref"):
        load()
    asked = len(live.requests)
    with pytest.raises(jsna.MissingDataError, match=r"Files fetched earlier .*renews"):
        load()
    # No service has it: nobody is asked.
    with pytest.raises(jsna.MissingDataError, match="edition 1999"):
        jsna.load_idaci(AREA, edition=1999, workspace=tmp_path, download=True)
    assert len(live.requests) == asked


def test_a_file_that_is_there_is_left_alone_however_old(live, tmp_path, session):
    refresh(workspace=tmp_path, only="idaci@2025", session=session)
    path = tmp_path / store.RAW / store.entries(tmp_path)["idaci@2025"].path
    path.write_bytes(path.read_bytes() + b"\n")
    live.world.revise("idaci")
    asked = len(live.requests)
    with pytest.raises(jsna.MissingDataError, match="fetched earlier do not have it: idaci@2025"):
        jsna.load_idaci("Sheffield", workspace=tmp_path, download=True)
    assert len(live.requests) == asked
    assert path.read_bytes().endswith(b"\n\n")


def test_a_workspace_that_cannot_be_written_is_told_with_the_gap(live, tmp_path):
    (tmp_path / "data").write_text("no folder")
    with pytest.raises(jsna.MissingDataError) as caught:
        jsna.load_lookup(AREA, workspace=tmp_path, download=True)
    assert "lsoa21 to ward23 of Rochdale" in str(caught.value)
    assert "cannot be written" in str(caught.value)
    assert "name another folder" in str(caught.value)
    assert live.requests == []


def test_two_loaders_at_once_ask_once(live, tmp_path):
    found = []

    def load():
        found.append(jsna.load_idaci(AREA, workspace=tmp_path, download=True))

    both = [threading.Thread(target=load) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert found[0].equals(found[1])
    assert len([each for each in live.requests if "/media/" in each.path]) == 1


def test_a_snapshot_without_the_area_is_nothing_to_fall_back_on(live, tmp_path, caplog):
    live.fault("status", match="/govuk", code=404)
    with pytest.raises(jsna.MissingDataError):
        jsna.load_idaci(AREA, workspace=tmp_path, download=True)
    (said,) = [
        each.getMessage() for each in caplog.records if each.name == "bolton_jsna.ingest.runner"
    ]
    assert said.startswith("idaci@2025: missing: ")
    assert "snapshot" not in said


def test_it_is_logged(live, tmp_path, caplog):
    with caplog.at_level(logging.INFO, logger="bolton_jsna"):
        jsna.load_lookup(AREA, workspace=tmp_path, download=True)
    said = [each.getMessage() for each in caplog.records]
    assert "fetching lookup@lsoa21-ward23/E08000005" in said
    assert any(each.startswith("lookup@lsoa21-ward23/E08000005: updated: ") for each in said)


def test_a_build_of_another_authority_needs_no_refresh_where_the_network_is_allowed(
    live, tmp_path, monkeypatch, without_maps
):
    with pytest.raises(jsna.MissingDataError):
        building.build(AREA, workspace=tmp_path)
    monkeypatch.setenv(_resolve.DOWNLOAD, "1")
    with without_maps():
        record = building.build(AREA, workspace=tmp_path)
    assert all(check.passed for check in record.checks)
    # Nothing is fetched too late to be used, such as the figures of neighbours of whom the
    # snapshot has a few.
    summary = pd.read_csv(tmp_path / "data" / "processed" / "neighbour_summary.csv")
    assert set(summary["used"]) == {10}
    made = tables(tmp_path)
    asked = len(live.requests)
    with without_maps():
        building.build(AREA, workspace=tmp_path)
    assert tables(tmp_path) == made
    assert len(live.requests) == asked
    # The report of what a refresh changed is a refresh's to write.
    assert not (tmp_path / "data" / "processed" / "changes.md").exists()


def test_a_comparison_has_all_its_neighbours_at_the_first_call(live, tmp_path, monkeypatch):
    monkeypatch.setenv(_resolve.DOWNLOAD, "1")
    first = jsna.compare_with_neighbours(AREA, "cpp_at_31_march", workspace=tmp_path)
    again = jsna.compare_with_neighbours(AREA, "cpp_at_31_march", workspace=tmp_path)
    assert first.summary == again.summary
    assert first.summary["used"] == 10


def test_the_catalogue_says_truly_which_file_holds_what(live, tmp_path, session):
    refresh(workspace=tmp_path, only=["children_in_need", "children_looked_after"], session=session)
    for name in ("children_in_need", "children_looked_after"):
        for each in catalogue.holding(name):
            assert set(each.holds) <= set(indicators())
            path = store.entries(tmp_path)[each.id].path
            found = jsna.tables.children_in_need.read(tmp_path / store.RAW / path)
            assert set(found["indicator"]) <= set(each.holds)


def test_what_has_failed_is_forgotten_half_a_minute_after_the_last_new_failure(monkeypatch):
    """However often something else is asked for meanwhile: a program may ask every few seconds."""
    moment = [1000.0]
    monkeypatch.setattr(_resolve, "_memory", {})
    monkeypatch.setattr(_resolve.time, "monotonic", lambda: moment[0])

    def down(*, fails=()):
        with _resolve._session() as session:
            for service in fails:
                session.outages.begin()
                request = Request("GET", service, f"https://{service}.example/x")
                session.outages.failed(request, "unreachable", 5, SourceError("No connection."))
            return set(session.outages.down)

    assert down(fails=["nomis"]) == {"nomis"}
    for moment[0] in (1010.0, 1020.0):
        assert down() == {"nomis"}
    moment[0] = 1031.0
    assert down() == set()
    # What fails meanwhile begins the half minute anew.
    assert down(fails=["nomis"]) == {"nomis"}
    moment[0] = 1050.0
    assert down(fails=["ons"]) == {"nomis", "ons"}
    moment[0] = 1070.0
    assert down() == {"nomis", "ons"}
    moment[0] = 1081.0
    assert down() == set()
