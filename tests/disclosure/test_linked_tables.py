"""Linked tables: no hidden count can be worked out, by an intruder who shares no code with us."""

import itertools
import logging

import numpy as np
import pandas as pd
import pytest

import bolton_jsna as jsna
import by_hand
from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.disclosure.rules import DFE, LOCAL, NHS, ROUND_TO_5, SuppressionRule
from bolton_jsna.disclosure.suppress import suppress, unprotected

RULE = SuppressionRule("1 to 5", threshold=5, width=5)


def table(**columns):
    return pd.DataFrame(columns)


def cube(seed, sizes, mean=6.0):
    counts = by_hand.counts(np.random.default_rng(seed), sizes, mean)
    return by_hand.long_table(counts, sizes, set(sizes))


@pytest.mark.parametrize("seed", range(30))
def test_an_intruder_written_apart_bounds_no_hidden_count_of_linked_tables(seed):
    _, tables = by_hand.random_set(
        np.random.default_rng(seed), wards=(2, 8), years=(1, 3), categories=(2, 3)
    )
    shown = suppress(tables, rule=RULE)
    for name, before in tables.items():
        hidden = shown[name]["count"].isna()
        assert hidden[before["count"].between(1, 5)].all()
        assert (shown[name]["count"][~hidden] == before["count"][~hidden]).all()
        assert ((shown[name]["status"] == "suppressed") == hidden).all()
    floor = (
        0
        if any(
            (tables[name]["count"][each["count"].isna()] == 0).any() for name, each in shown.items()
        )
        else 1
    )
    intruder = by_hand.Intruder(shown, floor=floor)
    if len(intruder.hidden):
        assert intruder.too_tight(RULE.width - 1) == []


@pytest.mark.parametrize("seed", range(6))
def test_what_is_hidden_depends_on_which_counts_are_small_not_how_small(seed):
    """Counts move around a square of hidden cells; who is small stays, and so does the rest."""
    true = cube(seed, {"ward": 5, "category": 3}, 12.0)
    shown = suppress(true, rule=RULE)
    hidden = shown["count"].isna().to_numpy()
    inner = true[(true["ward"] != "All") & (true["category"] != "All")]
    tried = 0
    for (one, a), (two, b) in itertools.combinations(
        itertools.product(sorted(set(inner["ward"])), sorted(set(inner["category"]))), 2
    ):
        if tried == 5:
            break
        if one == two or a == b:
            continue
        other = true.copy()
        for ward, category, step in ((one, a, 1), (one, b, -1), (two, a, -1), (two, b, 1)):
            here = (other["ward"] == ward) & (other["category"] == category)
            other.loc[here, "count"] += step
        before, after = true["count"].to_numpy(), other["count"].to_numpy()
        alike = [
            RULE.small(x) == RULE.small(y) and (x == 0) == (y == 0)
            for x, y in zip(before, after, strict=True)
        ]
        if (after < 0).any() or not all(alike) or (before != after)[~hidden].any():
            continue
        tried += 1
        pd.testing.assert_series_equal(suppress(other, rule=RULE)["count"], shown["count"])
    assert tried or not hidden.any() or hidden.all()


def test_the_audit_agrees_with_the_intruder_written_apart():
    true = cube(3, {"ward": 5, "year": 3, "category": 2}, 30.0)
    rule = SuppressionRule("0 to 5", threshold=5, width=6, zeros="hidden")
    shown = suppress(true, rule=rule)
    # All but a few cells are given away.
    place = shown.index[shown["status"] == "suppressed"][3:]
    shown.loc[place, "count"] = true.loc[place, "count"]
    found = jsna.audit(shown, rule=rule)
    intruder = by_hand.Intruder({"": shown}, floor=0)
    theirs = sorted(intruder.whole_bounds(cell) for cell in intruder.hidden)
    rows = found.merge(shown.loc[shown["count"].isna(), ["ward", "year", "category"]])
    mine = {(row.lower, row.upper) for row in rows.itertuples() if np.isfinite(row.upper)}
    assert mine <= {(round(low, 6), round(high, 6)) for low, high in theirs}
    assert not found["safe"].all()
    assert len(rows) == shown["count"].isna().sum()


def test_a_cube_of_wards_years_and_categories_is_safe_by_our_own_audit():
    shown = suppress(cube(1, {"ward": 12, "year": 4, "category": 3}, 20.0), rule=RULE)
    found = jsna.audit(shown, rule=RULE)
    assert len(found) == shown["count"].isna().sum() > 100
    assert found["safe"].all()


def test_equal_dimension_names_link_tables():
    """Alone, the table by sex is safe; beside the wards, its total would tell of a ward."""
    wards = table(ward=["a", "b", "c", "All"], count=[3, 20, 30, 53])
    sexes = table(sex=["f", "m"], count=[23, 30])
    both = suppress({"wards": wards, "sexes": sexes}, rule=RULE)
    assert both["wards"]["count"].isna().sum() == 3
    without = suppress({"wards": wards.iloc[:3], "sexes": sexes}, rule=RULE)
    assert without["wards"]["count"].isna().sum() == 3
    alone = suppress(wards.iloc[:3], rule=RULE)
    assert alone["count"].isna().tolist() == [True, False, False]


def test_lsoas_next_to_their_ward_do_not_reveal_it():
    lsoas = table(
        ward=["a", "a", "a", "b", "b"], lsoa=["1", "2", "3", "4", "5"], count=[2, 12, 30, 40, 50]
    )
    wards = table(ward=["a", "b", "All"], count=[44, 90, 134])
    shown = suppress({"lsoa": lsoas, "ward": wards}, rule=RULE)
    intruder = by_hand.Intruder(shown)
    assert shown["lsoa"]["count"].isna().tolist()[0]
    assert len(intruder.hidden) >= 2
    assert intruder.too_tight(RULE.width - 1) == []


def test_a_public_total_protects_where_no_table_holds_it():
    wards = table(ward=["a", "b", "c"], year=[2024] * 3, count=[2, 30, 40])
    total = table(year=[2024], count=[72])
    assert suppress(wards, rule=RULE)["count"].isna().sum() == 1
    shown = suppress(wards, rule=RULE, public_totals=total)
    assert shown["count"].isna().sum() == 3
    assert jsna.audit(shown, rule=RULE, public_totals=total)["safe"].all()
    assert suppress(wards, rule=DFE)["count"].isna().sum() == 3


def test_a_public_total_without_a_safe_choice_is_logged(caplog):
    wards = table(ward=["a", "b", "c"], count=[1, 2, 0])
    total = table(count=[3])
    with caplog.at_level(logging.WARNING):
        shown = suppress(wards, rule=RULE, public_totals=total)
    assert "fewer than 5 possible values" in caplog.text
    assert shown["count"].isna().all()
    found = jsna.audit(shown, rule=RULE, public_totals=total)
    assert found["upper"].tolist() == [3, 3, 3]
    assert not found["safe"].any()


def test_records_without_a_ward_are_a_group_of_their_own():
    """Three records have no ward: total less wards must not tell of them."""
    wards = table(ward=["a", "b", "All"], count=[20, 30, 53])
    shown = suppress(wards, rule=RULE)
    assert shown["count"].isna().any()


def test_two_releases_with_one_record_more_are_hidden_alike():
    sizes = {"ward": 6, "year": 4}
    counts = by_hand.counts(np.random.default_rng(5), sizes, 6.0)
    at = tuple(np.argwhere(counts == 5)[0])
    more = counts.copy()
    more[at] += 1  # hidden in the first release; alone, the second would show it
    old = by_hand.long_table(counts, sizes, set(sizes))
    new = by_hand.long_table(more, sizes, set(sizes))
    shown = suppress({"old": old, "new": new}, rule=RULE)
    assert (shown["old"]["count"].isna() == shown["new"]["count"].isna()).all()
    # Whoever knows which record was added can turn one release into the other.
    for name in ("old", "new"):
        assert by_hand.Intruder({name: shown[name]}, floor=0).too_tight(RULE.width - 1) == []
    assert jsna.audit(shown, rule=RULE)["safe"].all()


def test_earlier_output_that_gives_a_count_away_is_found():
    new = suppress(table(ward=["a", "b", "c", "All"], count=[5, 30, 40, 75]), rule=RULE)
    old = table(ward=["a"], count=[5])
    found = jsna.audit(new, rule=RULE, also=old)
    assert found.loc[found["ward"] == "a", ["lower", "upper"]].to_numpy().tolist() == [[5, 5]]
    assert found["safe"].tolist() == [False, True, True]


def test_old_and_new_wards_side_by_side_hide_what_lies_between_them():
    """Old ward a lost an area with three records to new ward x: a less x would tell."""
    columns = {"dimensions": ["old", "new"]}
    old = table(old=["a", "b", "All"], count=[33, 40, 73])
    new = table(new=["x", "y", "All"], count=[30, 43, 73])
    between = table(old=["a", "a", "b", "b"], new=["x", "y", "x", "y"], count=[30, 3, 0, 40])
    open_ = suppress({"old": old, "new": new}, rule=RULE, **columns)
    assert not any(each["count"].isna().any() for each in open_.values())
    shown = suppress({"old": old, "new": new}, rule=RULE, unpublished=between, **columns)
    everything = by_hand.Intruder(
        {**shown, "between": between.assign(count=pd.array([None] * 4, dtype="Int64"))}, floor=0
    )
    low, high = everything.whole_bounds(np.array([1.0, 1.0, 1.0, 1.0]) * (np.arange(4) == 1))
    assert high - low >= RULE.width - 1


def test_rates_go_with_their_counts_and_the_audit_reads_those_that_stay():
    wards = table(
        ward=["a", "b", "c", "All"],
        count=[3, 20, 30, 53],
        population=[1000, 1500, 2000, 4500],
        rate=[30.0, 133.3, 150.0, 117.8],
    )
    shown = suppress(wards, rule=RULE)
    assert (shown["rate"].isna() == shown["count"].isna()).all()
    found = jsna.audit(shown.assign(rate=wards["rate"]), rule=RULE)
    assert found["values"].tolist() == [1, 1, 1]
    found = jsna.audit(shown.assign(at_least=[1, 6, 6, None], at_most=[5, 99, 99, None]))
    assert found.iloc[0][["lower", "upper"]].tolist() == [1, 5]


def test_published_rules():
    wards = table(ward=list("abcd"), count=[0, 7, 13, 40])
    nhs = suppress(wards, rule=NHS)
    assert nhs["count"].tolist() == [0, pd.NA, 15, 40]
    assert suppress(wards, rule=LOCAL)["count"].isna().tolist()[0]
    areas = table(
        area=["e", "n", "b"], area_level=["country", "region", "authority"], count=[1234, 125, 44]
    )
    assert suppress(areas, rule=DFE)["count"].tolist() == [1230, 130, 44]


def test_nhs_rounding_protects_by_itself_as_the_audit_shows():
    shown = suppress(cube(2, {"ward": 6, "year": 4}, 12.0), rule=NHS)
    shown_counts = shown["count"].dropna()
    assert (shown_counts % 5 == 0).all()
    found = jsna.audit(shown, rule=NHS)
    assert len(found)
    assert found["safe"].all()


def test_one_child_behind_most_of_a_count_is_hidden():
    rule = SuppressionRule("dominance", threshold=5, width=5, dominance=0.8)
    wards = table(ward=list("abc"), count=[20, 20, 20], largest=[18, 2, 2])
    shown = suppress(wards, rule=rule)
    assert shown["count"].isna().tolist() == [True, False, False]
    assert "largest" not in shown
    with pytest.raises(UsageError, match="no column 'largest'"):
        suppress(wards.drop(columns="largest"), rule=rule)


@pytest.mark.parametrize("seed", range(4))
def test_controlled_rounding_adds_up_and_stays_near(seed):
    before = cube(seed, {"ward": 8, "year": 4}, 8.0)
    shown = suppress(before, rule=ROUND_TO_5)
    assert (shown["count"] % 5 == 0).all()
    assert (shown["count"] - before["count"]).abs().max() < 5
    inner = shown[(shown["ward"] != "All") & (shown["year"] != "All")]
    for name, whole in itertools.product(("ward", "year"), ("All",)):
        other = "year" if name == "ward" else "ward"
        sums = inner.groupby(name)["count"].sum()
        margin = shown[(shown[other] == whole) & (shown[name] != "All")].set_index(name)["count"]
        assert (margin == sums).all()
    found = jsna.audit(shown, rule=ROUND_TO_5)
    assert len(found) == len(shown)
    assert found["safe"].all()


def test_inputs_are_left_alone_and_index_and_order_kept():
    before = cube(4, {"ward": 4, "year": 3}).sample(frac=1, random_state=2)
    copy = before.copy(deep=True)
    shown = suppress(before, rule=RULE)
    pd.testing.assert_frame_equal(before, copy)
    assert shown.index.tolist() == before.index.tolist()
    assert suppress({"t": before}, rule=RULE)["t"].equals(shown)
    assert suppress(before, rule=RULE).equals(shown)


def test_protection_can_be_turned_off_with_a_reason_only(caplog):
    wards = table(ward=["a"], count=[2])
    with caplog.at_level(logging.WARNING):
        open_ = unprotected({"wards": wards}, reason="Case audit")
    assert open_["wards"]["publication"].tolist() == ["Not for publication"]
    assert "Case audit" in caplog.text
    with pytest.raises(UsageError, match="Give the reason"):
        unprotected(wards, reason=" ")


def test_wrong_input_is_rejected():
    with pytest.raises(SchemaError, match="no column 'count'"):
        suppress(table(ward=["a"]), rule=RULE)
    with pytest.raises(SchemaError, match="two rows for ward=a"):
        suppress(table(ward=["a", "a"], count=[1, 2]), rule=RULE)
    with pytest.raises(SchemaError, match="1 rows without 'ward'"):
        suppress(table(ward=["a", None], count=[1, 2]), rule=RULE)
    with pytest.raises(UsageError, match="1 rows without a count"):
        suppress(table(ward=["a", "b"], count=[1, None]), rule=RULE)
    with pytest.raises(UsageError, match="zero or more; the table has -1"):
        suppress(table(ward=["a"], count=[-1]), rule=RULE)
    with pytest.raises(UsageError, match=r"whole number; the table has 2\.5"):
        suppress(table(ward=["a"], count=[2.5]), rule=RULE)
    with pytest.raises(UsageError, match="whole number; the table has True"):
        suppress(table(ward=["a", "b"], count=[True, False]))
    with pytest.raises(UsageError, match="No counts agree"):
        jsna.audit(table(ward=["a", "b", "All"], count=[None, 9, 4]), rule=RULE)
    with pytest.raises(UsageError, match="share between 0 and 1"):
        SuppressionRule("x", threshold=5, width=5, dominance=80)
    with pytest.raises(UsageError, match="can leave only 5 possible values"):
        SuppressionRule("x", threshold=5, width=6, rounding=5, controlled=True)
    with pytest.raises(UsageError, match="zeros='open' is not known"):
        SuppressionRule("x", threshold=5, width=5, zeros="open")


def crossing(counts, year):
    """Return a table by ward and category of one year, with all margins."""
    inner = pd.DataFrame(counts, index=["a", "b", "c"], columns=["x", "y", "z"])
    inner.loc["All"] = inner.sum()
    inner["All"] = inner.sum(axis=1)
    long = inner.rename_axis("ward").melt(
        ignore_index=False, var_name="category", value_name="count"
    )
    return long.reset_index().assign(year=year)


def test_if_a_sum_is_too_small_the_year_is_hidden_and_the_sum_not_revealed(caplog):
    tight = ([1, 6, 6], [60, 70, 80], [20, 33, 44])
    elsewhere = ([29, 40, 30], [1, 6, 6], [42, 66, 100])
    ample = ([30, 40, 50], [60, 70, 80], [20, 33, 44])
    shown = [
        suppress(pd.concat([crossing(each, "2024"), crossing(ample, "2025")]), rule=DFE)
        for each in (tight, elsewhere)
    ]
    pd.testing.assert_frame_equal(*shown)
    total = (shown[0]["ward"] == "All") & (shown[0]["category"] == "All")
    assert (shown[0]["count"].isna() == (shown[0]["year"] == "2024") & ~total).all()
    assert "All counts that are linked" in caplog.text
