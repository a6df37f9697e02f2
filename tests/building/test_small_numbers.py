"""Small numbers in a build: hidden, checked, and compared with earlier builds."""

import datetime as dt
import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

import bolton_jsna as jsna
from bolton_jsna.building import rebuild
from bolton_jsna.building._disclosure_check import sign_off
from bolton_jsna.building._groups import tree_of
from bolton_jsna.building._local_source import LocalSource
from bolton_jsna.building._options import BuildOptions
from bolton_jsna.building._protected_counts import ProtectedCounts, local_counts, of_year
from bolton_jsna.building._release_history import (
    BY_WARD,
    Linked,
    Release,
    earlier_releases,
    release_of,
    write,
)
from bolton_jsna.building._sign_off import SignOff
from bolton_jsna.building._tables import comparisons, make_tables
from bolton_jsna.building._ward_changes import NOTHING_EARLIER, EarlierCounts, earlier_counts
from bolton_jsna.building.inputs import Ingredients, gather
from bolton_jsna.core.errors import BoltonJsnaError, SourceError, UsageError
from bolton_jsna.disclosure.rules import DFE, LOCAL, NHS, ROUND_TO_5, RULES, SuppressionRule
from bolton_jsna.measures.event_dimensions import ELSEWHERE
from by_hand import Intruder

pytestmark = pytest.mark.usefixtures("sketched")

RELEASES = Path("data") / "processed" / "releases"
Undrawn = Callable[[], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def bolton() -> Ingredients:
    """Bolton with an invented extract: a fifth of the illustrative records, without their mark."""
    made_from = gather("Bolton")
    records = made_from.local.records.iloc[::5].assign(illustrative=False)
    return with_records(made_from, records)


def with_records(made_from: Ingredients, records: pd.DataFrame) -> Ingredients:
    return replace(made_from, local=replace(made_from.local, records=records))


def one_more(made_from: Ingredients, ward: str, kind: str = "plan") -> Ingredients:
    """The same with a record more in a ward."""
    records = made_from.local.records
    lookup = made_from.lookup
    home = lookup.loc[lookup["to_code"] == ward, "from_code"].iloc[0]
    row = records[(records["kind"] == kind) & (records["date"] >= "2025-01-01")].iloc[:1]
    added = row.assign(child_id="another", lsoa_code=home, end_date=pd.NaT)
    return with_records(made_from, pd.concat([records, added.astype(records.dtypes)]))


def fewer(made_from: Ingredients, ward: str, number: int) -> Ingredients:
    """The same without some of the plans open in a ward."""
    records = made_from.local.records
    homes = made_from.lookup.loc[made_from.lookup["to_code"] == ward, "from_code"]
    there = (records["kind"] == "plan") & records["lsoa_code"].isin(homes)
    there &= records["end_date"].isna() | (records["end_date"] > "2025-03-31")
    return with_records(made_from, records.drop(records.index[there][:number]))


_compared: list[dict[str, pd.DataFrame]] = []
_counted: dict[tuple[object, ...], tuple[Ingredients, ProtectedCounts]] = {}


def signed(made_from: Ingredients, local: ProtectedCounts, releases: list[Release]) -> SignOff:
    # Published figures are compared once: no test here changes them.
    if not _compared:
        _compared.append(comparisons(made_from))
    profile = make_tables(made_from, local, _compared[0])["ward_profile"]
    return sign_off(made_from, local, profile, earlier_counts(releases, made_from.lookup))


def released(made_from: Ingredients, local: ProtectedCounts) -> Release:
    assert local.rule is not None
    return release_of(local.tables, local.rule, area_code="E08000001", lookup=made_from.lookup)


def counted(
    made_from: Ingredients,
    rule: SuppressionRule,
    earlier: EarlierCounts = NOTHING_EARLIER,
    **more: object,
) -> ProtectedCounts:
    # The same question about the same records is answered once; nobody changes the answer.
    asked = (id(made_from), rule, id(earlier), *sorted(more.items()))
    if asked not in _counted:
        options = BuildOptions(rule=rule, **more)  # type: ignore[arg-type]
        answer = local_counts(made_from, options, earlier)
        if earlier is not NOTHING_EARLIER:
            return answer
        _counted[asked] = (made_from, answer)
    return _counted[asked][1]


@pytest.mark.parametrize("rule", [LOCAL, DFE])
def test_an_independent_intruder_learns_nothing_from_what_a_build_writes(
    bolton: Ingredients, rule: SuppressionRule
) -> None:
    local = counted(bolton, rule)
    hidden = 0
    for tables in local.tables.values():
        for year in tables[BY_WARD]["year"].unique():
            for table in of_year(tables, year).values():
                alone = table.drop(columns=["year"])
                intruder = Intruder({"": alone}, floor=int(rule.zeros == "shown"))
                hidden += len(intruder.hidden)
                if len(intruder.hidden):
                    assert intruder.too_tight(rule.width - 1) == []
    assert hidden > 20


def beside(local: ProtectedCounts, true: ProtectedCounts) -> pd.DataFrame:
    """Every cell that is written with its true count, 0 where there is no such row."""
    frames = []
    for event, tables in local.tables.items():
        for name, table in tables.items():
            keys = [table.columns[0], "year"]
            counts = as_joined(true.tables[event][name], table, event)
            both = table.merge(counts, on=keys, how="left", suffixes=("", "_true"))
            both = both.assign(event=event, table=name, group=both[keys[0]])
            frames.append(both[["event", "table", "group", "year", "count", "count_true"]])
    every = pd.concat(frames, ignore_index=True)
    return every.assign(count_true=every["count_true"].fillna(0))


def as_joined(true: pd.DataFrame, written: pd.DataFrame, event: str) -> pd.DataFrame:
    """The true counts, and those of several rows together where they were written so."""
    group = str(true.columns[0])
    counts = true[[group, "year", "count"]]
    strange = sorted(set(written[group]) - set(true[group]))
    sums = [
        counts[counts[group].isin(tree_of(event, group).under(name))]  # type: ignore[arg-type]
        .groupby("year", as_index=False)["count"]
        .sum()
        .assign(**{group: name})
        for name in strange
    ]
    return pd.concat([counts, *sums], ignore_index=True)


def test_small_counts_are_hidden_and_larger_ones_are_those_of_the_records(
    bolton: Ingredients,
) -> None:
    local, true = counted(bolton, LOCAL), counted(bolton, LOCAL, unprotected="test")
    cells = beside(local, true)
    shown = cells.dropna(subset=["count"])
    assert (shown["count"] > 5).all()
    assert (shown["count"] == shown["count_true"]).all()
    assert true.total("referrals") == local.total("referrals")


def test_a_group_of_the_authority_is_shown_whole_or_not_at_all(bolton: Ingredients) -> None:
    local = counted(bolton, LOCAL)
    hidden = 0
    for event, tables in local.tables.items():
        for name, table in tables.items():
            if name != BY_WARD:
                groups = table[table[table.columns[0]] != "All"]
                for _, year in groups.groupby("year"):
                    missing = year["count"].isna()
                    assert missing.all() or not missing.any()
                    hidden += int(missing.all())
                    if missing.all():
                        # Rows that are there only for what occurred would tell that it did.
                        group = str(table.columns[0])
                        assert tuple(year[group]) == tree_of(event, group).rows
    assert hidden > 1


@pytest.mark.parametrize("ward", ["E05014818", "E05014819", "E05014830"])
def test_a_record_added_later_is_given_away_by_nothing(bolton: Ingredients, ward: str) -> None:
    first = counted(bolton, LOCAL)
    before = [released(bolton, first)]
    more = one_more(bolton, ward)
    second = counted(more, LOCAL, earlier=earlier_counts(before, bolton.lookup))
    for event, tables in first.tables.items():
        for name, table in tables.items():
            hidden = table["count"].isna()
            assert second.tables[event][name]["count"][hidden].isna().all()
    assert signed(more, second, before).safe


def test_a_count_that_was_shown_and_is_small_now_is_not_revealed_by_two_builds(
    bolton: Ingredients,
) -> None:
    first = counted(bolton, LOCAL)
    wards = first.wards("cpp_at_31_march").dropna()
    ward, count = wards.sort_values("count")[["area_code", "count"]].iloc[0]
    before = [released(bolton, first)]
    less = fewer(bolton, ward, int(count) - 5)
    second = counted(less, LOCAL, earlier=earlier_counts(before, bolton.lookup))
    # All tables of that year's plans keep their figures: a new total would tell what changed.
    assert {(line.event, line.year) for line in second.waiting} == {("cpp_at_31_march", 2025)}
    assert {line.table for line in second.waiting} == set(second.tables["cpp_at_31_march"])
    for name, table in first.tables["cpp_at_31_march"].items():
        held = second.tables["cpp_at_31_march"][name]
        of = [each["year"] == 2025 for each in (table, held)]
        assert held[of[1]]["count"].tolist() == table[of[0]]["count"].tolist()
    assert not [line for line in second.waiting if line.event == "referrals"]
    page = signed(less, second, before)
    assert page.safe
    assert f"plans at 31 March 2025 by ward: figures of {before[0].finished[:10]}" in page.waiting
    with pytest.raises(BoltonJsnaError, match="plans at 31 March 2025 by ward") as stopped:
        counted(less, LOCAL, earlier=earlier_counts(before, less.lookup), if_told="stop")
    assert ward not in str(stopped.value)
    hidden = counted(less, LOCAL, earlier=earlier_counts(before, less.lookup), if_told="hide")
    assert hidden.wards("cpp_at_31_march")["count"].isna().all()
    assert signed(less, hidden, before).safe
    # Had it been written, both releases together would tell it.
    assert not signed(less, counted(less, LOCAL), before).safe


def test_each_rule_is_kept(bolton: Ingredients) -> None:
    shown = {rule.name: counted(bolton, rule) for rule in RULES.values()}
    plans = {name: each.tables["cpp_at_31_march"][BY_WARD] for name, each in shown.items()}
    dfe = plans[DFE.name]["count"]
    assert not dfe.between(1, 5).any()
    assert dfe.notna().sum() > plans[LOCAL.name]["count"].notna().sum()
    assert (plans[NHS.name]["count"].dropna() % 5 == 0).all()
    rounded = plans[ROUND_TO_5.name]
    assert rounded["count"].notna().all()
    assert (rounded["count"] % 5 == 0).all()
    of_all = rounded["area_code"] == "All"
    totals = rounded[of_all].set_index("year")["count"]
    assert rounded[~of_all].groupby("year")["count"].sum().equals(totals)


def test_the_page_to_sign_shows_no_true_count(bolton: Ingredients) -> None:
    local, true = counted(bolton, LOCAL), counted(bolton, LOCAL, unprotected="test")
    page = signed(bolton, local, [])
    facts = json.loads(page.to_json())
    hidden = sum(int(t["count"].isna().sum()) for e in local.tables.values() for t in e.values())
    assert len(facts["cells"]) == hidden
    text = page.to_text()
    assert len(text.splitlines()) < 60
    assert max(map(len, text.splitlines())) < 90
    assert "Result:  SAFE" in text
    counts = beside(local, true).set_index(["event", "table", "group", "year"])["count_true"]
    for cell in facts["cells"]:
        count = counts[cell["event"], cell["table"], cell["group"], cell["year"]]
        assert cell["lower"] <= count <= cell["upper"]
        assert cell["values"] >= LOCAL.width - (cell["group"] == ELSEWHERE)


def test_events_without_a_ward_are_known_not_to_be_zero(bolton: Ingredients) -> None:
    """Their row is there only if there are any, so of 17 hidden no ward can have 11."""
    wards = sorted(set(bolton.lookup["to_code"]))
    counts = pd.DataFrame({"area_code": [*wards, "none"], "event": "cpp_at_31_march", "year": 2025})
    counts["count"] = [6, 6, *[40] * (len(wards) - 2), 5]
    given = LocalSource("counts", counts=counts, from_file=True)
    local = local_counts(replace(bolton, local=given))
    table = local.tables["cpp_at_31_march"][BY_WARD]
    assert ELSEWHERE in set(table["area_code"])
    assert table.loc[table["area_code"] != "All", "count"].isna().all()
    assert list(table.columns) == ["area_code", "year", "count", "status"]


def test_years_whose_total_is_not_dfes_are_left_out() -> None:
    made_from = gather("Bolton")
    records = made_from.local.records
    old = (records["kind"] == "referral") & (records["date"] < "2024-04-01")
    thinned = with_records(made_from, records[~old | (np.arange(len(records)) % 10 != 0)])
    local = counted(thinned, LOCAL)
    assert set(local.tables["referrals"][BY_WARD]["year"]) == {2025}
    assert local.unlike["referrals"] == (2023, 2024)
    assert set(local.tables["cpp_at_31_march"][BY_WARD]["year"]) == {2023, 2024, 2025}


def moved(made_from: Ingredients, number: int, every: int = 3) -> Ingredients:
    """The same under older wards: some LSOAs of each ward then lay in the next one."""
    lookup = made_from.lookup.sort_values(["to_code", "from_code"], ignore_index=True)
    wards = sorted(set(lookup["to_code"]))
    after = dict(zip(wards, [*wards[1:], wards[0]], strict=True))
    first = lookup.groupby("to_code").cumcount() < number
    first &= lookup["to_code"].isin(wards[::every])
    to = lookup["to_code"].where(~first, lookup["to_code"].map(after))
    return replace(made_from, lookup=lookup.assign(to_code=to.map(lambda code: f"{every} {code}")))


def least_width(sides: list[tuple[Linked, Ingredients]], year: int) -> float:
    """The narrowest range of a small piece between ward tables, from these and no more."""
    wards = [dict(zip(m.lookup["from_code"], m.lookup["to_code"], strict=True)) for _, m in sides]
    pieces = sorted({tuple(each[lsoa] for each in wards) for lsoa in wards[0]})
    pieces.append(("Elsewhere or not known",) * len(sides))
    equations, right = [], []
    for side, (tables, _) in enumerate(sides):
        table = of_year(tables, year)[BY_WARD]
        for row in table.dropna(subset=["count"]).itertuples():
            whole = row.area_code == "All"
            equations.append([float(whole or piece[side] == row.area_code) for piece in pieces])
            right.append(float(row.count))
    narrowest = np.inf
    known = {"A_eq": np.array(equations), "b_eq": np.array(right), "bounds": (0, None)}
    for aim in np.eye(len(pieces)):
        low, high = linprog(aim, **known).fun, -linprog(-aim, **known).fun
        if low <= 5:
            narrowest = min(narrowest, high - low)
    return float(narrowest)


@pytest.mark.parametrize("number", [1, 2])
def test_old_and_new_wards_give_away_no_piece_between_them(
    bolton: Ingredients, number: int
) -> None:
    """The pieces have zero to a few plans; old less new would be their number."""
    was = moved(bolton, number)
    first = counted(was, LOCAL)
    before = [released(was, first)]
    earlier = earlier_counts(before, bolton.lookup)
    assert len(earlier.ward_changes) == 1
    careless, careful = counted(bolton, LOCAL), counted(bolton, LOCAL, earlier=earlier)
    event = "cpp_at_31_march"
    then = (first.tables[event], was)
    if number == 1:
        assert least_width([then, (careless.tables[event], bolton)], 2025) < 1
        assert not signed(bolton, careless, before).safe
    assert least_width([then, (careful.tables[event], bolton)], 2025) >= LOCAL.width - 1 - 1e-6
    assert signed(bolton, careful, before).safe


def test_wards_that_only_changed_their_codes_are_the_same_wards(bolton: Ingredients) -> None:
    renamed = moved(bolton, 0)
    first = counted(renamed, LOCAL)
    earlier = earlier_counts([released(renamed, first)], bolton.lookup)
    assert earlier.ward_changes == ()
    old = first.wards("cpp_at_31_march")
    again = counted(bolton, LOCAL, earlier=earlier).wards("cpp_at_31_march")
    assert again["count"].equals(old["count"])


def test_wards_that_changed_twice_give_away_no_piece(bolton: Ingredients) -> None:
    """The pieces between all three are checked, not only those between two."""
    oldest, older = moved(bolton, 2), moved(bolton, 1, every=2)
    first = counted(oldest, LOCAL)
    releases = [released(oldest, first)]
    second = counted(older, LOCAL, earlier=earlier_counts(releases, older.lookup))
    releases.append(released(older, second))
    earlier = earlier_counts(releases, bolton.lookup)
    assert len(earlier.ward_changes) == 2
    third = counted(bolton, LOCAL, earlier=earlier)
    event = "cpp_at_31_march"
    sides = [(first, oldest), (second, older), (third, bolton)]
    told_of = [(tables.tables[event], place) for tables, place in sides]
    assert least_width(told_of, 2025) >= LOCAL.width - 1e-6
    # A build hides the lines that would tell all the same.
    third = third.without(signed(bolton, third, releases).unsafe)
    assert signed(bolton, third, releases).safe


def test_wards_of_other_lsoas_are_compared_as_far_as_they_are_the_same(
    bolton: Ingredients,
) -> None:
    """One LSOA has another code: all wards but its own are the same, and its own has no rival."""
    codes = bolton.lookup["from_code"]
    was = replace(bolton, lookup=bolton.lookup.assign(from_code=codes.replace(codes[0], "E0")))
    first = counted(was, LOCAL)
    earlier = earlier_counts([released(was, first)], bolton.lookup)
    (crossing,) = earlier.ward_changes
    assert not crossing.wards
    assert {new for new, old in crossing.pairs if new == old} == set(bolton.lookup["to_code"])
    assert sum(new != old for new, old in crossing.pairs) == 2  # in no known ward, then or now
    more = one_more(bolton, "E05014819")
    again = counted(more, LOCAL, earlier=earlier)
    hidden = first.wards("cpp_at_31_march")["count"].isna()
    assert again.wards("cpp_at_31_march")["count"][hidden].isna().all()
    assert signed(more, again, [released(was, first)]).safe


# Whole builds.


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, without_maps: Undrawn) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("own")
    extract = folder / "extract.csv"
    records = jsna.load_local_records().records.iloc[::5]
    records.drop(columns="illustrative").to_csv(extract, index=False)
    with without_maps():
        jsna.build(workspace=folder, local_records=extract, rule="dfe", accept="a fifth")
    return folder, extract


def test_a_build_leaves_its_proof_and_what_it_published(built: tuple[Path, Path]) -> None:
    folder, _ = built
    processed = folder / "data" / "processed"
    facts = json.loads((processed / "sign_off.json").read_text(encoding="utf-8"))
    table = pd.read_parquet(processed / "local_counts.parquet")
    assert facts["safe"] is True
    assert facts["compared_with"] == []
    assert len(facts["cells"]) == int(table["count"].isna().sum()) > 0
    (released,) = (folder / RELEASES).iterdir()
    told = json.loads(released.read_text(encoding="utf-8"))["tables"]["referrals"][BY_WARD]
    ours = table[(table["event"] == "referrals") & (table["by"] == "ward")]
    assert told["count"] == [None if pd.isna(each) else each for each in ours["count"]]


def test_the_same_build_again_reveals_nothing_new_and_keeps_its_rule(
    built: tuple[Path, Path], without_maps: Undrawn
) -> None:
    folder, _ = built
    before = {path.name: path.read_bytes() for path in (folder / RELEASES).iterdir()}
    page = (folder / "data" / "processed" / "sign_off.txt").read_bytes()
    with without_maps():
        record = rebuild(folder)
    assert record is not None
    assert record.options["rule"]["name"] == DFE.name
    assert {path.name: path.read_bytes() for path in (folder / RELEASES).iterdir()} == before
    assert (folder / "data" / "processed" / "sign_off.txt").read_bytes() == page


def test_a_release_that_cannot_be_read_stops_the_build(
    built: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / RELEASES).mkdir(parents=True)
    (tmp_path / RELEASES / "2026-01-01-E08000001-0123456789ab.json").write_text("{")
    with pytest.raises(SourceError, match="what an earlier build published of small numbers"):
        jsna.build(workspace=tmp_path, local_records=built[1], accept="a fifth")
    assert not (tmp_path / "data" / "processed" / "run.json").exists()


@pytest.fixture(scope="module")
def opened(built: tuple[Path, Path]) -> tuple[Path, object]:
    folder, extract = built
    record = jsna.build(
        workspace=folder,
        local_records=extract,
        unprotected="Case audit, team manager",
        accept="a fifth",
    )
    return folder / "not_for_publication", record


def test_an_unprotected_build_marks_every_output_and_is_recorded(
    opened: tuple[Path, object],
) -> None:
    folder, _ = opened
    written = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(written) > 25
    for path in written:
        if path.suffix == ".gpkg":
            assert (gpd.read_file(path)["publication"] == "Not for publication").all()
        elif path.suffix == ".parquet":
            marked = pd.read_parquet(path)["publication"]
            assert (marked == "Not for publication").all()
        elif path.suffix == ".csv":
            head, *rows = path.read_text(encoding="utf-8").splitlines()
            assert head.startswith("publication,")
            assert rows[0].startswith("Not for publication,")
        elif path.suffix == ".html":
            assert "<h1>Not for publication: " in path.read_text(encoding="utf-8"), path
        elif path.suffix != ".png":
            assert "not for publication" in path.read_text(encoding="utf-8").lower(), path
    said = json.loads((folder / "data" / "processed" / "run.json").read_text(encoding="utf-8"))
    assert said["unprotected"] == "Case audit, team manager"
    counts = pd.read_parquet(folder / "data" / "processed" / "local_counts.parquet")
    assert counts["count"].between(1, 5).any()
    assert not (folder / "data" / "processed" / "sign_off.txt").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_only_its_owner_can_read_an_unprotected_build(opened: tuple[Path, object]) -> None:
    modes = {oct(path.stat().st_mode & 0o077) for path in opened[0].rglob("*") if path.is_file()}
    assert modes == {"0o0"}


def test_an_unprotected_build_leaves_the_published_one_alone(
    built: tuple[Path, Path], opened: tuple[Path, object]
) -> None:
    folder, _ = built
    assert len(list((folder / RELEASES).iterdir())) == 1
    table = pd.read_parquet(folder / "data" / "processed" / "local_counts.parquet")
    assert not table["count"].between(1, 5).any()
    assert not (opened[0] / RELEASES).exists()


def test_what_is_made_up_is_neither_remembered_nor_compared(
    built: tuple[Path, Path], tmp_path: Path, without_maps: Undrawn
) -> None:
    (tmp_path / RELEASES).mkdir(parents=True)
    for path in (built[0] / RELEASES).iterdir():
        (tmp_path / RELEASES / path.name).write_bytes(path.read_bytes())
    with without_maps():
        jsna.build(workspace=tmp_path)
    facts = json.loads((tmp_path / "data" / "processed" / "sign_off.json").read_text())
    assert facts["compared_with"] == []
    assert len(list((tmp_path / RELEASES).iterdir())) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_nobody_else_can_list_an_unprotected_build(opened: tuple[Path, object]) -> None:
    assert opened[0].stat().st_mode & 0o777 == 0o700
    assert rebuild(opened[0]) is None


@pytest.mark.parametrize(
    ("kind", "held", "absent"), [("referral", "referrals", "plans"), ("plan", "plans", "referrals")]
)
def test_what_a_file_does_not_hold_is_not_zero(
    tmp_path: Path, kind: str, held: str, absent: str
) -> None:
    records = jsna.load_local_records().records.drop(columns="illustrative")
    extract = tmp_path / "extract.csv"
    records[records["kind"] == kind].to_csv(extract, index=False)
    record = jsna.build(workspace=tmp_path, local_records=extract)
    profile = pd.read_parquet(tmp_path / "data" / "processed" / "ward_profile.parquet")
    assert profile[held].notna().any()
    assert profile[absent].isna().all()
    assert (profile[f"{absent}_status"] == "not_available").all()
    assert any(f"The local file has no {absent}" in note for note in record.notes)
    maps = {path.stem for path in (tmp_path / "maps").glob("*.html")}
    assert ("ward_referral_rate" in maps) == (held == "referrals")
    assert ("ward_plan_rate" in maps) == (held == "plans")
    (path,) = (tmp_path / RELEASES).iterdir()
    assert len(json.loads(path.read_text(encoding="utf-8"))["tables"]) == 1


def test_releases_are_taken_in_the_order_of_their_making(
    bolton: Ingredients, tmp_path: Path
) -> None:
    """A day may have several, and their marks say nothing of time."""
    local = counted(bolton, LOCAL)
    moments = {
        "first rule": "2026-11-29T12:00:00+00:00",
        "second rule": "2026-11-29T08:00:00+00:00",
    }
    for name, finished in moments.items():
        made = release_of(
            local.tables, replace(LOCAL, name=name), area_code="E08000001", lookup=bolton.lookup
        )
        write(replace(made, finished=finished), tmp_path)
    found = earlier_releases(tmp_path, "E08000001")
    assert [each.rule[:11] for each in found] == ["second rule", "first rule "]


def test_many_releases_are_tied_in_their_order() -> None:
    """The tenth comes after the second, though not in the alphabet."""
    keys = ["a", "b", "c", "All"]

    def shown(*counts: int | None) -> pd.DataFrame:
        counted = pd.array(counts, dtype="Int64")
        return pd.DataFrame({"ward": keys, "count": counted})

    earlier = {f"{n:02}": shown(None, None, 40 + n, 80 + n) for n in range(11)}
    # The last one shows b; a then grew by one, and nothing else did.
    earlier["11"] = shown(None, 30, 50, 90)
    now = shown(None, None, 50, 91)
    found = jsna.audit(now, rule=LOCAL, also=earlier)
    assert not found["safe"].all()


def test_the_variance_behind_intervals_is_shown_to_a_tenth(bolton: Ingredients) -> None:
    made_from = gather("Bolton")
    assert counted(made_from, LOCAL).repeats["referrals"] == 1.2
    assert counted(bolton, LOCAL).repeats["cpp_at_31_march"] == 1.0


def test_a_count_is_rounded_as_it_was_while_it_can_be(bolton: Ingredients) -> None:
    first = counted(bolton, ROUND_TO_5)
    releases = [released(bolton, first)]
    more = one_more(bolton, "E05014824")
    second = counted(more, ROUND_TO_5, earlier=earlier_counts(releases, more.lookup))
    moved_on = [
        (old != new).sum()
        for event in first.tables
        for old, new in [(first.wards(event)["count"], second.wards(event)["count"])]
    ]
    assert sum(moved_on) <= 1
    assert signed(more, second, releases).safe


# Counts that were added up before.


def counts_file(folder: Path, made_from: Ingredients, **changes: object) -> Path:
    wards = sorted(set(made_from.lookup["to_code"]))
    table = pd.DataFrame(
        {"Ward code": wards, "Year": "2024-25", "Referrals": range(3, 3 + 2 * len(wards), 2)}
    ).astype({"Referrals": object})
    for ward, count in changes.items():
        table.loc[table["Ward code"] == ward, "Referrals"] = count
    path = folder / "counts.csv"
    table.dropna().to_csv(path, index=False)
    return path


def test_counts_by_ward_are_built_from(
    bolton: Ingredients, tmp_path: Path, without_maps: Undrawn
) -> None:
    path = counts_file(tmp_path, bolton)
    with without_maps():
        record = jsna.build(workspace=tmp_path, local_records=path, accept="few, for a test")
    profile = pd.read_parquet(tmp_path / "data" / "processed" / "ward_profile.parquet")
    shown = profile.sort_values("area_code")["referrals"]
    assert shown.isna().tolist()[:2] == [True, True]
    assert shown.iloc[-1] == 41
    assert record.figures["local"]["totals"] == {"referrals": 440, "plans": None}
    assert any("wider for children referred more than once" in note for note in record.notes)


def test_a_line_that_waits_says_so_wherever_it_is_shown(
    bolton: Ingredients, tmp_path: Path, without_maps: Undrawn
) -> None:
    build = partial(jsna.build, workspace=tmp_path, accept="few, for a test")
    with without_maps():
        first = build(local_records=counts_file(tmp_path, bolton))
    day = dt.date.fromisoformat(first.finished[:10])
    ward = "E05014824"
    path = counts_file(tmp_path, bolton, **{ward: 4})
    outputs = tmp_path / "data" / "processed"
    with pytest.raises(BoltonJsnaError, match="referrals in the year 2025 by ward"):
        build(local_records=path, if_told="stop")
    with pytest.raises(UsageError, match="Two rules together reveal more than each"):
        build(local_records=path, rule="dfe")
    record = build(local_records=path)
    line = f"referrals in the year 2025 by ward: figures of {day.isoformat()}"
    assert any(line in note for note in record.notes)
    assert line in (outputs / "sign_off.txt").read_text()
    counts = pd.read_parquet(outputs / "local_counts.parquet").set_index("group")
    assert counts.loc[ward, ["count", "as_of"]].tolist() == [15, day.isoformat()]
    assert counts.loc["All", "count"] == 440
    picture = (tmp_path / "maps" / "ward_referral_rate.html").read_text()
    assert f"as counted on {day.day} {day:%B %Y}" in picture
    with without_maps():
        hidden = build(local_records=path, if_told="hide")
    assert any(
        "referrals in the year 2025 by ward: all parts hidden" in note for note in hidden.notes
    )
    counts = pd.read_parquet(outputs / "local_counts.parquet").set_index("group")["count"]
    assert counts.drop("All").isna().all()


def test_counts_without_a_row_for_a_ward_and_hidden_counts_are_rejected(
    bolton: Ingredients, tmp_path: Path
) -> None:
    own = BuildOptions(local_records=counts_file(tmp_path, bolton, E05014819=None))
    with pytest.raises(UsageError, match="no row for E05014819 in every year from 2025 to 2025"):
        local_counts(gather("Bolton", own))
    own = BuildOptions(local_records=counts_file(tmp_path, bolton, E05014819="c"))
    with pytest.raises(UsageError, match="1 of the local counts are hidden already"):
        local_counts(gather("Bolton", own))
