"""Children in the most deprived shares of England."""

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.measures.inequality import summarise_idaci
from bolton_jsna.tables.idaci import LSOAS


def lsoas(ranks, edition=2025, children=100):
    return pd.DataFrame(
        {
            "idaci_rank": pd.array(ranks, dtype="Int64"),
            "children_0_15": pd.array([children] * len(ranks), dtype="Int64"),
            "edition": pd.array([edition] * len(ranks), dtype="Int64"),
        }
    )


@pytest.mark.parametrize(
    ("edition", "expected"),
    [
        # MHCLG, English Indices of Deprivation 2019 and 2025: Bolton's LSOAs by national rank.
        (2019, [14, 31, 42, 57]),
        (2025, [18, 35, 52, 68]),
    ],
)
def test_bolton_lsoas_in_the_most_deprived_5_10_15_20_per_cent(edition, expected):
    found = summarise_idaci(jsna.load_idaci("Bolton", edition=edition))
    assert found.columns.tolist() == ["share", "lsoas", "children"]
    assert found["share"].tolist() == [5, 10, 15, 20]
    assert found["lsoas"].tolist() == expected


@pytest.mark.parametrize(("edition", "total"), LSOAS.items())
def test_a_share_of_all_england_is_that_share(edition, total):
    """Where the share is a whole number of LSOAs, the last one is in (no float rounding)."""
    everywhere = lsoas(range(1, total + 1), edition)
    found = summarise_idaci(everywhere, shares=[5, 10, 20, 60, 100])
    assert found["lsoas"].tolist() == [total * share // 100 for share in (5, 10, 20, 60, 100)]
    assert found["children"].tolist() == [100 * number for number in found["lsoas"]]


def test_the_last_rank_inside_and_the_first_outside():
    """2025: 10 per cent of 33,755 LSOAs are 3,375.5."""
    found = summarise_idaci(lsoas([3_375, 3_376, 3_375]), shares=[10])
    assert found["lsoas"].tolist() == [2]
    assert found["children"].tolist() == [200]


def test_children_are_missing_where_a_denominator_is():
    idaci = lsoas([1, 2, 5_000])
    idaci.loc[1, "children_0_15"] = pd.NA
    found = summarise_idaci(idaci)
    assert found["children"].isna().all()
    assert found["lsoas"].tolist() == [2, 2, 3, 3]
    nobody = summarise_idaci(lsoas([30_000]))
    assert nobody["children"].tolist() == [0, 0, 0, 0]


def test_the_frame_is_not_changed():
    idaci = lsoas([1, 2])
    before = idaci.copy(deep=True)
    summarise_idaci(idaci)
    pd.testing.assert_frame_equal(idaci, before)


def test_rejections():
    with pytest.raises(SchemaError, match=r"no column 'edition'\. .*Make it with load_idaci"):
        summarise_idaci(lsoas([1]).drop(columns="edition"))
    with pytest.raises(UsageError, match=r"holds 2 editions \(2019, 2025\); expected one"):
        summarise_idaci(pd.concat([lsoas([1], 2019), lsoas([1], 2025)]))
    with pytest.raises(UsageError, match=r"holds 0 editions \(none\)"):
        summarise_idaci(lsoas([]))
    with pytest.raises(UsageError, match=r"Edition 2007 is not known\. Known: 2010, 2015"):
        summarise_idaci(lsoas([1], 2007))
    for share in (0, -5, 101):
        with pytest.raises(UsageError, match=f"shares={share} is not a percentage"):
            summarise_idaci(lsoas([1]), shares=[share])


def test_one_share_may_stand_by_itself_and_no_lsoa_counts_twice():
    idaci = jsna.load_idaci("Bolton", edition=2025)
    assert summarise_idaci(idaci, shares=10)["lsoas"].tolist() == [35]
    with pytest.raises(SchemaError, match="177 LSOAs have more than one row"):
        summarise_idaci(pd.concat([idaci, idaci]))


def test_an_lsoa_without_a_rank_is_rejected_not_counted_as_outside():
    frame = pd.DataFrame(
        {
            "idaci_rank": pd.array([1, None], dtype="Int64"),
            "children_0_15": [5, 6],
            "edition": 2025,
        }
    )
    with pytest.raises(SchemaError, match=r"1 LSOAs have no rank"):
        summarise_idaci(frame)


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("idaci_rank", "1st", "'idaci_rank' holds text"),
        ("idaci_rank", 0, "'idaci_rank' holds 0; expected >= 1"),
        ("idaci_rank", 33_756, "'idaci_rank' holds 33756; .* ranks up to 33,755"),
        ("children_0_15", "c", "'children_0_15' holds text"),
        ("children_0_15", -5, "'children_0_15' holds -5"),
        ("children_0_15", 5.5, "'children_0_15' holds 5.5; .* whole numbers"),
        ("children_0_15", float("inf"), "'children_0_15' holds inf"),
    ],
)
def test_ranks_and_children_are_numbers_of_the_edition(column, cell, message):
    frame = lsoas([1, 2], 2025).astype({column: object})
    frame.loc[0, column] = cell
    with pytest.raises((SchemaError, UsageError), match=message):
        summarise_idaci(frame)
