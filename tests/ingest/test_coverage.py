"""A fetched file that should be of the whole of England is counted; a cut by hand is named."""

import dataclasses
import json

import pytest
from typer.testing import CliRunner

from bolton_jsna import building, catalogue
from bolton_jsna.building.refresh import refresh
from bolton_jsna.cli import _status
from bolton_jsna.cli import main as cli
from bolton_jsna.ingest import raw_tables, store
from bolton_jsna.tables import children_in_need, idaci, neighbours, population
from standin.server import Answer
from standin.world import FEW_LSOAS

pytestmark = pytest.mark.usefixtures("sketched")

CSV = {"Content-Type": "text/csv"}


def run(*words: str):
    return CliRunner().invoke(cli.app, [*words])


@pytest.mark.parametrize("edition", ["2025", "2019", "2015"])
def test_half_a_file_7_is_not_taken_into_an_empty_store(live, tmp_path, edition):
    name = f"idaci@{edition}"
    words = ("refresh", "--workspace", str(tmp_path), "--area", "Rochdale", "--only", name)
    live.fault("half", match="/govuk_assets/media/")
    done = run(*words)
    assert done.exit_code == 1
    assert f"of England's {FEW_LSOAS} LSOAs, so it looks incomplete" in done.stdout
    assert "--force --only" in done.stdout
    assert store.raw_files("idaci", tmp_path) == ()
    live.faults.clear()
    assert run(*words).exit_code == 0
    assert len(raw_tables.table("idaci", tmp_path)) == FEW_LSOAS


def test_the_catalogue_has_the_true_numbers_and_the_published_file_meets_them(tmp_path):
    numbers = {each.edition: dict(each.ways[0].whole) for each in catalogue.editions("idaci")}
    assert numbers == {"2025": {"lsoas": 33_755}, "2019": {"lsoas": 32_844}}
    for each in catalogue.editions():
        national = each.scope == "nation"
        assert bool(each.ways[0].whole) == national, each.id


def shortened(body: bytes) -> bytes:
    """Half of a table; of the years in it, one is cut in the middle."""
    lines = body.splitlines(keepends=True)
    return b"".join(lines[: len(lines) // 2])


@pytest.mark.parametrize(
    "name",
    [
        "children_in_need@latest/referrals",
        "children_in_need@latest/plans",
        "children_looked_after@latest",
    ],
)
def test_half_a_file_of_authorities_is_noticed_by_its_latest_year(live, tmp_path, session, name):
    """Also where the service does not say how many rows there are."""
    from bolton_jsna.tables import coverage

    dataset = name.partition("@")[0]
    refresh(workspace=tmp_path, only=name, session=session)
    (path,) = store.raw_files(dataset, tmp_path)
    half = shortened(path.read_bytes())
    path.write_bytes(half)
    frame = raw_tables.read_file(dataset, path)
    short = coverage.shortfall(frame, {"authorities": 151})
    assert "of England's 151 upper-tier authorities in " in short
    live.route(r"/ees_site/data-catalogue/.*csv", Answer(200, CSV, half))
    live.route(r"/ees_content/releases/.*/files/.*", Answer(200, CSV, half))
    live.fault("replace", match="/ees_content/", old=b"numDataFileRows", new=b"rowsOfTheDataFile")
    path.unlink()
    (found,) = refresh("Rochdale", workspace=tmp_path, only=name, session=session).outcomes
    assert found.service != "ees" or found.verdict == "missing", found
    assert not [each for each in store.raw_files(dataset, tmp_path) if each.read_bytes() == half]


def test_a_list_of_neighbours_without_half_of_the_authorities_is_not_whole(live, tmp_path, session):
    from bolton_jsna.tables import coverage

    refresh(workspace=tmp_path, only="statistical_neighbours@2025", session=session)
    frame = raw_tables.table("statistical_neighbours", tmp_path)
    numbers = {"authorities": 151}
    assert coverage.shortfall(frame, numbers) == ""
    codes = sorted(frame["area_code"].unique())[:70]
    short = coverage.shortfall(frame[frame["area_code"].isin(codes)], numbers)
    assert short == "70 of England's 151 upper-tier authorities"


def test_force_takes_what_a_publisher_has_really_shortened(live, tmp_path, session):
    live.fault("half", match="/govuk_assets/media/")
    (found,) = refresh(workspace=tmp_path, only="idaci@2025", session=session, force=True).outcomes
    assert found.verdict == "updated"
    assert found.notes == (f"taken with --force: 144 of England's {FEW_LSOAS} LSOAs",)
    (again,) = refresh(
        workspace=tmp_path, only="idaci@2025", session=session, fresh_hours=0
    ).outcomes
    assert again.verdict == "unchanged"


def test_half_a_stored_file_is_fetched_again(live, tmp_path, session):
    """An earlier version of the library has taken it."""
    live.fault("half", match="/govuk_assets/media/")
    refresh(workspace=tmp_path, only="idaci@2025", session=session, force=True)
    entries = store.entries(tmp_path)
    store.note({key: dataclasses.replace(e, notes=()) for key, e in entries.items()}, tmp_path)
    assert any("of England's" in each for each in _status.status(workspace=tmp_path).cuts)
    (still,) = refresh(workspace=tmp_path, only="idaci@2025", session=session).outcomes
    assert (still.verdict, "it looks incomplete" in still.reason) == ("stale", True)
    live.faults.clear()
    (found,) = refresh(workspace=tmp_path, only="idaci@2025", session=session).outcomes
    assert found.verdict == "updated"
    assert _status.status(workspace=tmp_path).cuts == ()


def test_a_cut_added_by_hand_is_used_and_named(live, tmp_path, session, monkeypatch):
    monkeypatch.setattr("bolton_jsna.building._maps.draw", lambda *_: None)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    refresh(workspace=elsewhere, only="idaci@2025", session=session)
    (path,) = store.raw_files("idaci", elsewhere)
    folder = tmp_path / store.RAW / "idaci"
    folder.mkdir(parents=True)
    head, *lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    bolton = [line for line in lines if "Bolton" in line]
    (folder / "bolton.csv").write_text("".join([head, *bolton]))
    words = f"idaci@2025 has 177 of England's {FEW_LSOAS} LSOAs"
    words += " (data/raw/idaci/bolton.csv, added by hand)"
    done = run("status", "--workspace", str(tmp_path))
    assert f"Not the whole of England: {words}." in " ".join(done.stdout.split())
    record = building.build(workspace=tmp_path)
    assert f"Not the whole of England: {words}." in record.notes
    used = {each["source"]: each["file"] for each in record.sources}
    assert used["idaci@2025"] == "bolton.csv"
    assert json.loads(run("status", "--workspace", str(tmp_path), "--json").stdout)["cuts"]


def test_what_the_publishers_really_issue_is_whole(reference):
    from bolton_jsna.tables import coverage

    safe, near = reference / "safeguarding", reference / "neighbours"
    numbers = {"authorities": 151}
    for name in ("b1_children_in_need", "c1_children_in_need_referrals", "d5_cpps_at31march"):
        (path,) = safe.glob(f"{name}*2025.csv.gz")
        assert coverage.shortfall(children_in_need.read(path), numbers) == ""
    looked_after = children_in_need.read(safe / "cla_number_and_rate_per_10k_children.csv.gz")
    assert coverage.shortfall(looked_after, numbers) == ""
    for path in near.glob("*.csv"):
        if path.name.startswith(("New_", "sn_")):
            assert coverage.shortfall(neighbours.read(path), numbers) == ""
    (people,) = (reference / "population").glob("dfe_ons_mid-year*")
    assert coverage.shortfall(population.read_estimates(people), numbers) == ""
    (ranks,) = (reference / "idaci").glob("File_3_-_IoD2019*")
    assert coverage.shortfall(idaci.read(ranks), {"lsoas": 32_844}) == ""
