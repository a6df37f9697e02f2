"""Groups of the authority in a build: every row of the list, next to DfE's own tables."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.building._groups import completed, tree_of
from bolton_jsna.building._options import BuildOptions
from bolton_jsna.building._protected_counts import ProtectedCounts, count, local_counts
from bolton_jsna.building.inputs import Ingredients, gather
from bolton_jsna.disclosure.rules import DFE, LOCAL, SuppressionRule

pytestmark = pytest.mark.usefixtures("sketched")

PLANS = ("Neglect", "Emotional", "Sexual", "Physical", "Multiple")
SOURCES = (
    *("Individual", "Schools", "Education_Services", "Health_Services", "Housing", "LA_Services"),
    *("Police", "Other_legal_agency", "Other", "Anonymous", "Unknown"),
)


@pytest.fixture(scope="module")
def bolton() -> Ingredients:
    return gather("Bolton")


def shown(made_from: Ingredients, rule: SuppressionRule) -> ProtectedCounts:
    return local_counts(made_from, BuildOptions(rule=rule))


def line(
    local: ProtectedCounts, group: str, year: int, event: str = "cpp_at_31_march"
) -> pd.Series:
    table = local.tables[event][f"{group} x year"]  # type: ignore[index]
    return table[table["year"] == year].set_index(group)["count"]


def with_tables(
    folder: Path, plans: dict[int, str], sources: dict[int, str] | None = None, last: str = ""
) -> Ingredients:
    """Bolton with DfE's tables: the cells of each year in the order above."""
    raw = folder / "data" / "raw" / "children_in_need"
    raw.mkdir(parents=True)
    place = "Local authority,350,E08000001,Bolton"
    start = "time_period,geographic_level,old_la_code,new_la_code,la_name"
    heads = [f"{name}_{when}" for when in ("Initial", "Latest") for name in PLANS]
    rows = [f"{year},{place},319,{cells},{last or cells}" for year, cells in plans.items()]
    text = "\n".join([f"{start},CPP_At31,{','.join(heads)}", *rows])
    name = f"d4_cpps_at31march_by_category_of_abuse_2013_to_{max(plans)}.csv"
    (raw / name).write_text(text + "\n", encoding="utf-8")
    if sources:
        rows = [f"{year},{place},3803,{cells}" for year, cells in sources.items()]
        text = "\n".join([f"{start},Referrals,{','.join(SOURCES)}", *rows])
        name = f"c5_children_in_need_referrals_by_source_2014_to_{max(sources)}.csv"
        (raw / name).write_text(text + "\n", encoding="utf-8")
    return gather("Bolton", BuildOptions(workspace=folder))


def own_counts(bolton: Ingredients, event: str, group: str, year: int) -> list[int]:
    table = count(bolton).tables[event][f"{group} x year"]  # type: ignore[index]
    return [int(each) for each in table[table["year"] == year]["count"]]


def test_each_value_of_the_public_list_has_a_row_in_every_year(bolton: Ingredients) -> None:
    for event, tables in count(bolton).tables.items():
        for table in tables.values():
            group = str(table.columns[0])
            if group == "area_code":
                continue
            for _, rows in table.groupby("year"):
                assert tuple(rows[group]) == (*tree_of(event, group).rows, "All")
                assert rows["count"].iloc[:-1].sum() == rows["count"].iloc[-1]


def test_words_of_the_authoritys_own_make_no_row() -> None:
    table = pd.DataFrame(
        {
            "category": ["Neglect", "Harm of our own", "Low income", "Not known", "All"],
            "year": 2025,
            "count": pd.array([20, 11, 4, 3, 38], dtype="Int64"),
        }
    )
    found = completed(table, "cpp_at_31_march").set_index("category")["count"]
    assert found["Not known or other words"] == 18
    assert found.to_dict() | {"Not known or other words": 0} == {
        **dict.fromkeys(tree_of("cpp_at_31_march", "category").rows, 0),
        "Neglect": 20,
        "All": 38,
    }


def test_small_groups_are_counted_with_others(bolton: Ingredients) -> None:
    local = shown(bolton, LOCAL)
    ages = line(local, "age_band", 2025)
    assert ages.notna().all()
    assert list(ages.index) == [
        *("Under 1 and unborn", "1 to 4", "5 to 9", "10 to 15", "16 and over or not known", "All")
    ]
    assert ages.iloc[:-1].sum() == ages["All"] == 319
    assert list(line(local, "sex", 2025).index) == ["female", "male or not known", "All"]


def test_a_line_that_dfe_may_give_away_is_hidden_and_the_file_named(bolton: Ingredients) -> None:
    local = shown(bolton, DFE)
    assert line(local, "category", 2024).iloc[:-1].isna().all()
    (said,) = local.hidden_whole
    assert "Child protection plans at 31 March by category: no group is shown for 2024," in said
    assert "d4_cpps_at31march_by_category_of_abuse in data/raw/children_in_need/" in said


def test_what_dfes_table_shows_is_shown(bolton: Ingredients, tmp_path: Path) -> None:
    own = own_counts(bolton, "cpp_at_31_march", "category", 2024)
    small = own[4]
    assert 1 <= small <= 5
    hidden = [str(each) for each in own[:5]]
    hidden[2] = hidden[4] = "c"
    made_from = with_tables(tmp_path, {2024: ",".join(hidden)})
    local = shown(made_from, DFE)
    assert local.hidden_whole == ()
    found = line(local, "category", 2024)
    assert found.to_dict() == {
        "Neglect": own[0],
        "Emotional abuse": own[1],
        "Physical abuse": own[3],
        "Sexual abuse or multiple": own[2] + small,
        "Not known or other words": 0,
        "All": sum(own[:5]),
    }
    assert "Sexual abuse, multiple, not known or other words" in line(
        shown(made_from, LOCAL), "category", 2024
    )


def test_dfes_referrals_by_source_are_looked_at_too(bolton: Ingredients, tmp_path: Path) -> None:
    own = own_counts(bolton, "referrals", "referral_source", 2025)
    assert own[10] == 0
    assert line(shown(bolton, LOCAL), "referral_source", 2025, "referrals").iloc[:-1].isna().all()
    cells = ",".join(map(str, own[:11]))
    made_from = with_tables(tmp_path, {2024: "1,1,1,1,1"}, {2025: cells})
    found = line(shown(made_from, LOCAL), "referral_source", 2025, "referrals")
    assert found["Police"] == own[6]
    assert found["Anonymous, unknown, not known or other words"] == own[9]
    assert found.iloc[:-1].sum() == found["All"]


def test_a_table_of_other_records_hides_the_line(bolton: Ingredients, tmp_path: Path) -> None:
    own = own_counts(bolton, "cpp_at_31_march", "category", 2024)
    other = ",".join(map(str, [*own[:4], 40]))
    local = shown(with_tables(tmp_path, {2024: other}), DFE)
    assert line(local, "category", 2024).iloc[:-1].isna().all()
    assert any("small groups are not those of DfE" in each for each in local.hidden_whole)


def test_latest_categories_are_compared_with_dfes_latest(
    bolton: Ingredients, tmp_path: Path
) -> None:
    own = own_counts(bolton, "cpp_at_31_march", "category", 2024)
    first = [str(each) for each in own[:5]]
    latest = list(first)
    first[0] = first[4] = latest[1] = latest[4] = "c"
    made_from = with_tables(tmp_path, {2024: ",".join(first)}, last=",".join(latest))
    for heading, together in (
        ("Initial category of abuse", "Neglect or multiple"),
        ("Latest category of abuse", "Emotional abuse or multiple"),
    ):
        headings = MappingProxyType({"plan": {"category": heading}})
        reading = replace(made_from.local.reading, headings=headings)
        there = replace(made_from, local=replace(made_from.local, reading=reading))
        assert together in line(shown(there, DFE), "category", 2024)


def test_a_build_writes_joined_groups_and_reads_again_what_it_published(
    tmp_path: Path, without_maps: Callable[[], AbstractContextManager[None]]
) -> None:
    extract = tmp_path / "extract.csv"
    records = jsna.load_local_records().records
    records = records[np.arange(len(records)) % 10 < 9].drop(columns="illustrative")
    records.to_csv(extract, index=False)
    for _ in range(2):
        with without_maps():
            record = jsna.build(workspace=tmp_path, local_records=extract, accept="nine tenths")
    table = pd.read_parquet(tmp_path / "data" / "processed" / "local_counts.parquet")
    assert "Under 1 and unborn" in set(table["group_name"])
    assert any("c5_children_in_need_referrals_by_source" in note for note in record.notes)
    page = (tmp_path / "data" / "processed" / "sign_off.txt").read_text(encoding="utf-8")
    assert "counted together with others, by a fixed list" in page
    assert len(list((tmp_path / "data" / "processed" / "releases").iterdir())) == 1
