"""Equal groups: the published deciles come out, ties stay together, few areas are rejected."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.measures.quantiles import quantiles, rates_by_deprivation
from bolton_jsna.tables import idaci

VALUES = st.lists(st.one_of(st.none(), st.integers(0, 20)), max_size=60)


def areas(values, **more):
    return pd.DataFrame({"score": pd.array(values, dtype="Float64")} | more)


@pytest.mark.reference
@pytest.mark.parametrize("edition", [2019, 2025])
def test_deciles_of_idaci_are_those_published(reference, edition):
    """MHCLG, Indices of Deprivation: deciles of IDACI from its ranks, for all of England."""
    table = idaci.read(*(reference / "idaci").glob(f"File_3*{edition}*"))
    assert len(table) == idaci.LSOAS[edition]
    made = quantiles(table, "idaci_rank", groups=10, first="lowest")
    assert (made["quantile"] == made["idaci_decile"]).all()


@pytest.mark.parametrize("first", ["highest", "lowest"])
def test_the_rule_of_ohid_is_that_of_phstatsmethods(oracle, first):
    methods = oracle("PHStatsMethods")
    generator = np.random.default_rng(7)
    for size in (31, 57, 177, 1_000):
        frame = pd.DataFrame({"score": generator.integers(0, size, size).astype(float)})
        for groups in (4, 5, 10):
            theirs = methods.ph_quantile(
                frame, "score", nquantiles=groups, invert=first == "highest"
            )["quantile"]
            ours = quantiles(frame, "score", groups=groups, first=first, rule="ohid", fewest=groups)
            assert ours["quantile"].tolist() == theirs.tolist()


def test_groups_are_of_equal_size_and_the_first_has_the_highest():
    made = quantiles(areas(range(40)), "score", groups=4)
    assert made["quantile"].value_counts().tolist() == [10] * 4
    assert made.loc[made["score"] >= 30, "quantile"].eq(1).all()
    turned = quantiles(areas(range(40)), "score", groups=4, first="lowest")
    assert (turned["quantile"] == 5 - made["quantile"]).all()


def test_seven_of_ten_is_no_rounding_of_floats():
    made = quantiles(areas(range(70)), "score", first="lowest")
    assert made["quantile"].value_counts().sort_index().tolist() == [7] * 10


@given(VALUES, st.integers(2, 10), st.sampled_from(["highest", "lowest"]))
def test_ties_are_never_parted_and_order_is_kept(values, groups, first):
    frame = areas(values)
    before = frame.copy(deep=True)
    made = quantiles(frame, "score", groups=groups, first=first, fewest=groups)
    pd.testing.assert_frame_equal(frame, before)
    known = made.dropna(subset=["score"])
    if len(known) < groups:
        assert made["quantile"].isna().all()
        assert (made["quantile_reason"] != "").all()
        return
    assert made["quantile"].isna().tolist() == made["score"].isna().tolist()
    assert (made.loc[made["score"].isna(), "quantile_reason"] == "there is no score").all()
    assert known["quantile"].between(1, groups).all()
    assert not known.drop_duplicates(["score", "quantile"])["score"].duplicated().any()
    by_value = known.sort_values("score", ascending=first == "lowest")["quantile"]
    assert by_value.is_monotonic_increasing


def test_too_few_areas_are_rejected_with_the_number():
    made = quantiles(areas([*range(29), None]), "score")
    assert made["quantile"].isna().all()
    assert made["quantile_reason"].iloc[0] == "29 areas have a value; 30 are needed for 10 groups"
    assert quantiles(areas(range(29)), "score", fewest=10)["quantile"].notna().all()


def test_sets_are_divided_by_themselves():
    frame = areas([*range(12), *range(100, 112)], year=[2024] * 12 + [2025] * 12)
    made = quantiles(frame, "score", groups=4, by=["year"])
    assert made.groupby("year")["quantile"].value_counts().eq(3).all()


def lsoas(deciles, counts=None, **more):
    counts = [10] * len(deciles) if counts is None else counts
    return pd.DataFrame(
        {
            "idaci_decile": deciles,
            "count": pd.array(counts, dtype="Int64"),
            "population": 1_000,
        }
        | more
    )


def test_fifths_are_pairs_of_deciles():
    found = rates_by_deprivation(lsoas([1, 2, 2, 3, 10]), groups=5)
    assert found["quantile"].tolist() == [1, 2, 5]
    assert found["areas"].tolist() == [3, 1, 1]
    assert found["count"].tolist() == [30, 10, 10]
    assert found["rate"].tolist() == [100, 100, 100]


def test_a_group_over_a_hidden_part_is_no_sum():
    frame = lsoas([1, 1, 2], [5, None, 7], status=["value", "suppressed", "value"])
    found = rates_by_deprivation(frame)
    assert found["status"].tolist() == ["suppressed", "value"]
    assert found["parts"].tolist() == [2, 1]
    assert found["parts_used"].tolist() == [1, 1]
    assert np.isnan(found["rate"].iloc[0])


@given(st.lists(st.integers(1, 10), min_size=1, max_size=40))
def test_sums_commute_with_the_folding_of_deciles(deciles):
    frame = lsoas(deciles, list(range(len(deciles))))
    tenths, fifths = (rates_by_deprivation(frame, groups=groups) for groups in (10, 5))
    folded = tenths.groupby((tenths["quantile"] + 1) // 2)["count"].sum()
    assert folded.tolist() == fifths["count"].tolist()
    assert fifths["count"].sum() == frame["count"].sum()


def test_years_are_kept_apart():
    frame = lsoas([1, 1, 2], year=[2024, 2025, 2025])
    found = rates_by_deprivation(frame, by=["year"])
    assert found[["year", "quantile"]].to_numpy().tolist() == [[2024, 1], [2025, 1], [2025, 2]]


def test_rejections():
    with pytest.raises(
        UsageError, match=r"groups=1 is not valid; expected a whole number from 2 to 100"
    ):
        quantiles(areas([1]), "score", groups=1)
    with pytest.raises(UsageError, match=r"fewest=5 is less than one area for each of 10 groups"):
        quantiles(areas([1]), "score", fewest=5)
    with pytest.raises(UsageError, match=r"first='top' is not known"):
        quantiles(areas([1]), "score", first="top")
    with pytest.raises(SchemaError, match=r"no column 'rate'"):
        quantiles(areas([1]), "rate")
    with pytest.raises(UsageError, match=r"1 rows have 11 in 'idaci_decile'; expected the deciles"):
        rates_by_deprivation(lsoas([1, 11]))
    with pytest.raises(UsageError, match=r"1 rows have nan in 'idaci_decile'"):
        rates_by_deprivation(lsoas([1, None]))
    with pytest.raises(UsageError, match=r"groups=4 is not known"):
        rates_by_deprivation(lsoas([1]), groups=4)
