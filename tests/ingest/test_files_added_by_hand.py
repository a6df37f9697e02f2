"""Files added by hand and fetched files of the same edition: which is used, and the warning."""

import logging

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna import building
from bolton_jsna.building.refresh import refresh
from bolton_jsna.ingest import raw_tables, store

pytestmark = pytest.mark.usefixtures("sketched")

REFERRALS = "children_in_need@latest/referrals"


def fetched(folder, key) -> bytes:
    return (folder / store.RAW / store.entries(folder)[key].path).read_bytes()


def add_file(folder, dataset, name, content: bytes) -> None:
    (folder / store.RAW / dataset).mkdir(parents=True, exist_ok=True)
    (folder / store.RAW / dataset / name).write_bytes(content)


def rows_of(content: bytes, text: str) -> bytes:
    """The heading and the lines that have a text."""
    head, *lines = content.decode("utf-8-sig").splitlines(keepends=True)
    return "".join([head, *(line for line in lines if text in line)]).encode()


def referrals(folder) -> pd.DataFrame:
    frame = jsna.load_children_in_need(indicators="referrals", workspace=folder)
    return frame.set_index(["area_code", "year"])["count"]


def test_a_fetched_file_that_is_issued_again_goes_before_one_added_by_hand(
    live, tmp_path, session, caplog
):
    refresh(workspace=tmp_path, only=REFERRALS, session=session)
    add_file(tmp_path, "children_in_need", "mine.csv", fetched(tmp_path, REFERRALS))
    before = referrals(tmp_path)
    assert caplog.records == []
    live.world.revise("children_in_need")
    refresh(workspace=tmp_path, only=REFERRALS, session=session, fresh_hours=0)
    assert store.added_by_hand("children_in_need", tmp_path)[0].name == "mine.csv"
    with caplog.at_level(logging.WARNING, logger="bolton_jsna.ingest.raw_tables"):
        after = referrals(tmp_path)
    assert len(after) == len(before)
    assert not after.equals(before)
    said = " ".join(each.getMessage() for each in caplog.records)
    name = store.entries(tmp_path)[REFERRALS].path.rpartition("/")[2]
    assert f"'mine.csv' of data/raw/children_in_need, added by hand, is not used: '{name}'" in said
    assert "in a workspace that is not refreshed" in said
    where = jsna.load_children_in_need("Bolton", indicators="referrals", workspace=tmp_path)
    assert not jsna.sources(where, workspace=tmp_path)["file"].str.contains("mine.csv").any()
    (tmp_path / store.RAW / "children_in_need" / "mine.csv").unlink()
    assert referrals(tmp_path).equals(after)


def test_figures_of_two_issues_are_not_mixed(live, tmp_path, session):
    """What only the file laid by hand has of an edition is passed over with the rest of it."""
    refresh(workspace=tmp_path, only=REFERRALS, session=session)
    old = fetched(tmp_path, REFERRALS)
    add_file(tmp_path, "children_in_need", "mine.csv", old.replace(b"\n2013,", b"\n2012,"))
    assert ("E08000001", 2012) in referrals(tmp_path).index
    live.world.revise("children_in_need")
    refresh(workspace=tmp_path, only=REFERRALS, session=session, fresh_hours=0)
    assert ("E08000001", 2012) not in referrals(tmp_path).index
    assert ("E08000001", 2013) in referrals(tmp_path).index


def test_other_areas_of_a_file_added_by_hand_stay_where_each_has_a_file_of_its_own(
    live, tmp_path, session
):
    name, load = "population_projections@2022", jsna.load_population_projections
    refresh(["Bolton", "Barnsley"], workspace=tmp_path, only=name, session=session)
    before = {each: load(each, workspace=tmp_path) for each in ("Bolton", "Barnsley")}
    bolton, barnsley = (fetched(tmp_path, f"{name}/{code}") for code in ("E08000001", "E08000016"))
    own = tmp_path / "own"
    whole = bolton + barnsley.partition(b"\n")[2]
    add_file(own, "population_projections", "nomis_base_2022_mine.csv", whole)
    live.world.revise("population_projections")
    refresh(workspace=own, only=name, session=session)
    assert not load("Bolton", workspace=own)["population"].equals(before["Bolton"]["population"])
    assert load("Barnsley", workspace=own)["population"].equals(before["Barnsley"]["population"])


def test_indices_added_by_hand_do_not_stop_a_build_when_the_fetched_ones_are_corrected(
    live, tmp_path, session, caplog, without_maps
):
    refresh(workspace=tmp_path, only=["idaci@2025", "idaci@2019"], session=session)
    add_file(tmp_path, "idaci", "Mine_7.csv", fetched(tmp_path, "idaci@2025"))
    add_file(tmp_path, "idaci", "Mine_2019.csv", fetched(tmp_path, "idaci@2019"))
    before = raw_tables.table("idaci", tmp_path)
    live.world.revise("idaci")
    refresh(workspace=tmp_path, only="idaci@2025", session=session, fresh_hours=0)
    after = raw_tables.table("idaci", tmp_path)
    assert "'Mine_2019.csv', 'Mine_7.csv' of data/raw/idaci, added by hand" in caplog.text
    assert after.groupby("edition").size().equals(before.groupby("edition").size())
    assert not after.equals(before)
    found = jsna.sources(jsna.load_idaci(workspace=tmp_path), workspace=tmp_path)
    assert not found["file"].str.contains("Mine_7.csv").any()
    with without_maps():
        assert all(check.passed for check in building.build("Bolton", workspace=tmp_path).checks)


def test_a_lookup_added_by_hand_counts_no_area_twice(live, tmp_path, session, caplog):
    name = "lookup@lsoa21-ward24"
    refresh(workspace=tmp_path, only=name, session=session)
    whole = fetched(tmp_path, f"{name}/E08000001")
    expected = jsna.load_lookup("Bolton", to="ward24", workspace=tmp_path)
    first, second = expected["to_code"].unique()[:2]
    add_file(
        tmp_path,
        "lookup",
        "mine.csv",
        rows_of(whole, first).replace(first.encode(), second.encode()),
    )
    found = jsna.load_lookup("Bolton", to="ward24", workspace=tmp_path)
    assert found.equals(expected)
    assert "'mine.csv' of data/raw/lookup, added by hand, is not used" in caplog.text


def test_files_that_agree_are_read_together(live, tmp_path, session, caplog):
    refresh(workspace=tmp_path, only=REFERRALS, session=session)
    add_file(
        tmp_path, "children_in_need", "mine.csv", rows_of(fetched(tmp_path, REFERRALS), "E08000001")
    )
    where = jsna.load_children_in_need("Bolton", indicators="referrals", workspace=tmp_path)
    assert len(where) == where["year"].nunique()
    listed = jsna.sources(where, workspace=tmp_path)["file"]
    assert [each.split("; ") for each in listed if "mine.csv" in each] == [
        ["c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv", "mine.csv"]
    ]
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


@pytest.mark.parametrize("first", [True, False])
def test_two_fetched_files_that_contradict_each_other_are_named(
    live, tmp_path, session, monkeypatch, first
):
    refresh(workspace=tmp_path, only=REFERRALS, session=session)
    old = fetched(tmp_path, REFERRALS)
    live.world.revise("children_in_need")
    refresh(workspace=tmp_path, only=REFERRALS, session=session, fresh_hours=0)
    add_file(tmp_path, "children_in_need", "a.csv" if first else "z.csv", old)
    monkeypatch.setattr(store, "added_by_hand", lambda *_: ())
    with pytest.raises(
        jsna.SchemaError, match=r"c1_.*csv.* contradict each other in .* remove the"
    ):
        referrals(tmp_path)
