"""What is carried to larger areas adds up, or says that it does not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.core.errors import AreaNotFoundError, SchemaError, UsageError, VintageError
from bolton_jsna.geography import check_vintage, to_areas


def lookup(pairs, shares=None):
    return pd.DataFrame(
        {
            "from_code": [small for small, _ in pairs],
            "to_code": [large for _, large in pairs],
            "to_name": [f"Ward {large}" for _, large in pairs],
            "from_geography": "lsoa21",
            "to_geography": "ward23",
            "share": shares or [np.nan] * len(pairs),
            "area_code": "E08000001",
        }
    )


def small_areas(**columns):
    count = len(next(iter(columns.values())))
    return pd.DataFrame({"lsoa_code": [f"L{number}" for number in range(count)], **columns})


NESTED = lookup([("L0", "B"), ("L1", "A"), ("L2", "B")])


def test_ward_idaci_of_bolton_2025():
    """IoD 2025 on the wards of 2023, LSOA scores weighted by children aged 0-15."""
    wards = to_areas(
        jsna.load_idaci("Bolton", edition=2025),
        jsna.load_lookup("Bolton"),
        sums=["children_0_15"],
        means={"idaci_score": "children_0_15"},
    )
    top = wards.sort_values("idaci_score", ascending=False).head(3)
    assert list(zip(top["area_name"], top["idaci_score"].round(3), strict=True)) == [
        ("Rumworth", 0.691),
        ("Queens Park & Central", 0.680),
        ("Halliwell", 0.644),
    ]
    assert len(wards) == 20
    assert wards["parts"].sum() == 177
    assert wards["children_0_15"].sum() == jsna.load_idaci("Bolton")["children_0_15"].sum()
    assert wards["area_code"].is_monotonic_increasing


@given(
    st.lists(
        st.tuples(st.sampled_from("ABCDE"), st.integers(0, 5_000), st.floats(0, 1)),
        min_size=1,
        max_size=40,
    )
)
def test_adding_up_and_carrying_commute(rows):
    frame = small_areas(n=[row[1] for row in rows], score=[row[2] for row in rows])
    wards = to_areas(
        frame,
        lookup([(f"L{number}", row[0]) for number, row in enumerate(rows)]),
        sums=["n"],
        means={"score": "n"},
    )
    assert wards["n"].sum() == frame["n"].sum()
    assert wards["parts"].sum() == wards["n_parts"].sum() == len(rows)
    # The mean of the wards, weighted again, is that of the small areas.
    assert (wards["score"] * wards["n"]).sum() == pytest.approx((frame["score"] * frame["n"]).sum())
    seen = wards["score"].notna()
    assert seen.tolist() == (wards["n"] > 0).tolist()
    assert wards.loc[seen, "score"].between(-1e-12, 1 + 1e-12).all()


@given(
    st.lists(st.tuples(st.integers(0, 900), st.floats(0, 1)), min_size=1, max_size=20),
    st.randoms(use_true_random=False),
)
def test_shares_split_and_lose_nothing(rows, random):
    frame = small_areas(n=[number for number, _ in rows])
    pairs, shares = [], []
    for place, (_, share) in enumerate(rows):
        pairs += [(f"L{place}", "A"), (f"L{place}", "B")]
        shares += [share, 1 - share]
    order = list(range(len(pairs)))
    random.shuffle(order)
    table = lookup([pairs[place] for place in order], [shares[place] for place in order])
    wards = to_areas(frame, table, sums=["n"]).set_index("area_code")
    assert wards.loc["A", "n"] == pytest.approx(sum(number * share for number, share in rows))
    assert wards["n"].sum() == pytest.approx(frame["n"].sum())


@given(st.permutations(range(8)), st.permutations(range(8)))
def test_order_of_rows_does_not_matter(rows, places):
    frame = small_areas(n=range(8), score=[0.1 * number for number in range(8)])
    table = lookup([(f"L{number}", "AB"[number % 2]) for number in range(8)])
    usual = to_areas(frame, table, sums=["n"], means={"score": "n"})
    again = to_areas(frame.iloc[rows], table.iloc[places], sums=["n"], means={"score": "n"})
    pd.testing.assert_frame_equal(again, usual)


def test_a_sum_with_a_missing_part_is_missing_and_says_how_many_it_had():
    frame = small_areas(n=pd.array([1, 2, None], dtype="Int64"))
    wards = to_areas(frame, NESTED, sums=["n"]).set_index("area_code")
    assert wards["n"].isna().to_dict() == {"A": False, "B": True}
    assert wards["parts"].to_dict() == {"A": 1, "B": 2}
    assert wards["n_parts"].to_dict() == {"A": 1, "B": 1}


def test_a_small_area_without_a_row_is_a_missing_part():
    frame = small_areas(n=[1, 2, 3], score=[0.2, 0.4, 0.6]).iloc[:2]
    wards = to_areas(frame, NESTED, sums=["n"], means={"score": "n"}).set_index("area_code")
    assert wards["n"].isna().to_dict() == {"A": False, "B": True}
    # A mean is that of the parts that are known, and says how many.
    assert wards["score"].to_dict() == {"A": 0.4, "B": 0.2}
    assert wards["score_parts"].to_dict() == {"A": 1, "B": 1}


def test_means_leave_out_parts_without_a_value_or_a_weight():
    frame = small_areas(
        score=[0.2, 0.4, None], children=pd.array([10, None, 30], dtype="Int64")
    ).assign(more=[1, 1, 1])
    wards = to_areas(frame, NESTED, means={"score": "children"}).set_index("area_code")
    assert wards["score"].isna().to_dict() == {"A": True, "B": False}
    assert wards.loc["B", "score"] == 0.2
    assert wards["score_parts"].to_dict() == {"A": 0, "B": 1}


def test_nobody_to_weigh_by_gives_no_mean():
    frame = small_areas(score=[0.2, 0.4, 0.6], children=[0, 5, 0])
    wards = to_areas(frame, NESTED, means={"score": "children"}).set_index("area_code")
    assert wards["score"].isna().to_dict() == {"A": False, "B": True}


def test_a_share_beside_a_best_fit_divides_nothing():
    """ONS best fit: a small area that goes to one area goes whole, whatever its share there."""
    best = lookup([("L0", "A")], [0.8]).assign(method="best_fit")
    wards = to_areas(small_areas(n=[10]), best, sums=["n"])
    assert wards["n"].tolist() == [10]


def test_whole_numbers_stay_whole_and_names_of_the_lookup_may_be_columns():
    frame = small_areas(share=pd.array([1, 2, 3], dtype="Int64"), area_code=["x", "y", "z"])
    wards = to_areas(frame, NESTED, sums=["share"])
    assert str(wards["share"].dtype) == "Int64"
    assert wards["share"].tolist() == [2, 4]
    assert wards["area_code"].tolist() == ["A", "B"]


def test_the_code_may_have_another_name():
    for name, options in (("area_code", {}), ("place", {"code": "place"})):
        frame = small_areas(n=[1, 2, 3]).rename(columns={"lsoa_code": name})
        assert to_areas(frame, NESTED, sums=["n"], **options)["n"].tolist() == [2, 4]


def test_inputs_are_not_changed():
    frame, table = small_areas(n=[1, 2, 3]), NESTED.copy(deep=True)
    before = frame.copy(deep=True)
    to_areas(frame, table, sums=["n"])
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(table, NESTED)


def test_no_small_areas_give_missing_sums():
    wards = to_areas(small_areas(n=[1, 2, 3]).iloc[:0], NESTED, sums=["n"])
    assert wards["n"].isna().all()
    assert wards["n_parts"].tolist() == [0, 0]


def test_codes_of_another_year_are_refused():
    frame = small_areas(n=[1, 2, 3]).replace({"L2": "E01004766"})
    with pytest.raises(VintageError) as caught:
        to_areas(frame, NESTED, sums=["n"])
    assert str(caught.value) == (
        "1 of 3 codes (E01004766) are not in the lookup from lsoa21 to ward23 (L0, L1 and 1 more). "
        "They are of another year or another authority: load the lookup of their own year with "
        "load_lookup(of=..., to=...)."
    )
    with pytest.raises(VintageError, match="from no geography to no geography"):
        check_vintage(pd.Series(["L0"]), NESTED.iloc[:0])
    check_vintage(pd.Series(["L0", None]), NESTED)


def test_refusals():
    frame = small_areas(n=[1, 2, 3])
    with pytest.raises(SchemaError, match=r"no column 'm', 'w'\. It has 'lsoa_code', 'n'"):
        to_areas(frame, NESTED, sums=["m"], means={"n": "w"})
    with pytest.raises(SchemaError, match=r"L0 has more than one row.* give the rows of one"):
        to_areas(pd.concat([frame, frame.iloc[:1]]), NESTED, sums=["n"])
    with pytest.raises(SchemaError, match="1 rows have no 'lsoa_code' and would be lost"):
        to_areas(frame.replace({"L1": None}), NESTED, sums=["n"])
    with pytest.raises(UsageError, match="'n' cannot be both added up and averaged"):
        to_areas(frame, NESTED, sums=["n"], means={"n": "n"})
    with pytest.raises(SchemaError, match="'t' hold text and cannot be carried"):
        to_areas(frame.assign(t=["a", "b", "c"]), NESTED, sums="t")
    assert to_areas(frame, NESTED, sums="n").equals(to_areas(frame, NESTED, sums=["n"]))
    two = lookup([("L0", "A"), ("L0", "B"), ("L1", "A"), ("L2", "A")])
    with pytest.raises(UsageError, match="L0 go to several areas and the lookup has no share"):
        to_areas(frame, two, sums=["n"])
    with pytest.raises(UsageError, match="shares of L0 add up to 2; expected 1 at most"):
        to_areas(frame, two.assign(share=1.0), sums=["n"])


def test_a_ward_with_an_unknown_part_has_no_children_and_says_so():
    import bolton_jsna as jsna
    from bolton_jsna.geography import children_to_areas

    lsoas = jsna.load_population_estimates("Bolton", level="lsoa")
    lookup = jsna.load_lookup("Bolton")
    lsoas.loc[0, ["population", "status"]] = [float("nan"), "not_available"]
    wards = children_to_areas(lsoas, lookup).set_index("area_code")
    hit = lookup.set_index("from_code").loc[lsoas["area_code"][0], "to_code"]
    assert wards.loc[hit, "status"] == "not_available"
    assert wards["population"].isna().sum() == 1
    assert (wards.drop(hit)["status"] == "modelled").all()


def test_small_areas_are_known_by_any_heading_and_by_name():
    idaci, places = jsna.load_idaci("Bolton"), jsna.load_lookup("Bolton")
    expected = to_areas(idaci, places, sums=["children_0_15"])
    for heading, column in (("LSOA21CD", "lsoa_code"), ("neighbourhood", "lsoa_name")):
        own = pd.DataFrame(
            {heading: idaci[column].str.upper(), "children_0_15": idaci["children_0_15"]}
        )
        pd.testing.assert_frame_equal(to_areas(own, places, sums=["children_0_15"]), expected)
    wrong = own.assign(neighbourhood=own["neighbourhood"].replace("BOLTON 005A", "BOLTON 905A"))
    with pytest.raises(
        AreaNotFoundError, match=r"1 of 177 names in 'neighbourhood'.*'BOLTON 905A'"
    ):
        to_areas(wrong, places, sums=["children_0_15"])


@pytest.mark.parametrize(("weight", "value"), [(-1, 0.2), (float("inf"), 0.2), (1, float("-inf"))])
def test_weights_are_finite_and_not_negative(weight, value):
    small = [f"E0100000{at}" for at in (1, 2)]
    places = pd.DataFrame({"from_code": small, "to_code": "W1", "to_name": "One"})
    frame = pd.DataFrame(
        {"lsoa_code": small, "score": [value, 0.4], "children": [weight, 3], "change": [-5, 2]}
    )
    with pytest.raises(UsageError, match=r"(inf|-1.0); expected weights|-inf; expected finite"):
        to_areas(frame, places, means={"score": "children"})
    assert to_areas(frame, places, sums="change")["change"].tolist() == [-3]
