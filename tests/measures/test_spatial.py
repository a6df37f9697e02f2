"""Moran's I against published figures, against esda, against counting by hand."""

import itertools
import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError, UsageError, VintageError
from bolton_jsna.measures import _moran
from bolton_jsna.measures.spatial import PATTERNS, spatial_autocorrelation
from bolton_jsna.measures.weights import weights_from_pairs

COLUMBUS = Path(__file__).parent / "data" / "columbus.json"

# de Smith, Goodchild and Longley, Geospatial Analysis: ten areas, as PySAL distributes them.
TEN_VALUES = [2.24, 3.10, 4.55, -5.15, -4.39, 0.46, 5.54, 9.02, -2.09, -3.06]
TEN_NEIGHBOURS = {
    1: [2, 4], 2: [1, 5], 3: [4, 7], 4: [1, 3, 5, 8], 5: [2, 4, 6, 9],
    6: [5, 10], 7: [3, 8], 8: [4, 7, 9], 9: [5, 8, 10], 10: [6, 9],
}  # fmt: skip


def map_of(neighbours, values, **columns):
    """A frame of values and the weights of who borders whom."""
    pairs = [(str(a), str(b)) for a, near in neighbours.items() for b in near]
    weights = weights_from_pairs(
        pd.DataFrame(pairs, columns=["area_code", "neighbour_code"]),
        codes=[str(each) for each in neighbours],
    )
    codes = [str(each) for each in neighbours]
    return pd.DataFrame({"area_code": codes, "rate": values, **columns}), weights


def columbus():
    held = json.loads(COLUMBUS.read_text(encoding="utf-8"))
    return map_of(dict(enumerate(held["neighbours"], start=1)), held["crime"])


def grid(side):
    cells = {}
    for x, y in itertools.product(range(side), repeat=2):
        near = [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
        cells[x * side + y] = [a * side + b for a, b in near if 0 <= a < side and 0 <= b < side]
    return cells


def test_columbus_crime_as_spdep_prints_it():
    """Bivand and others, spdep, moran.test and localmoran on Columbus crime (Anselin 1988).

    I 0.500188557, expectation -0.020833333, variance 0.008689289, deviate 5.5894.
    """
    found = spatial_autocorrelation(*columbus(), permutations=999)
    # The crimes are laid down to six figures, so I agrees to as many.
    assert found.summary["i"] == pytest.approx(0.500188557, abs=2e-7)
    assert found.summary["expected"] == pytest.approx(-0.020833333, abs=1e-9)
    assert found.summary["variance"] == pytest.approx(0.008689289, abs=2e-8)
    assert found.summary["z"] == pytest.approx(5.5894, abs=5e-5)
    assert found.summary["p"] == 0.002
    assert found.table["local_i"].mean() == pytest.approx(0.5001886, abs=2e-7)


def test_ten_areas_as_pysal_prints_them():
    """PySAL, esda.Moran_Local on the example of de Smith and others.

    PySAL's figures are by n - 1; Anselin's 1995 definition, used here, is by n.
    """
    printed = [-0.11409277, -0.19940543, -0.13351408, -0.51770383, 0.48095009,
               0.12208113, 1.19148298, -0.58144305, 0.07101383, 0.34314301]  # fmt: skip
    found = spatial_autocorrelation(*map_of(TEN_NEIGHBOURS, TEN_VALUES))
    assert found.table["local_i"].to_numpy() * 9 / 10 == pytest.approx(printed, abs=1e-8)


def test_a_chessboard_is_as_unlike_as_can_be():
    """Cliff and Ord 1981: alternating values under rook contiguity have I = -1."""
    side = 6
    values = [(x + y) % 2 for x, y in itertools.product(range(side), repeat=2)]
    found = spatial_autocorrelation(*map_of(grid(side), values), alternative="less")
    assert found.summary["i"] == pytest.approx(-1)
    assert found.summary["p"] == 1 / 10_000
    assert "unlike values" in found.summary["sentence"]
    shown = repr(found).splitlines()
    assert shown[:4] == [
        "Spatial autocorrelation of rate: 36 of 36 areas",
        "  Moran's I: -1.000",
        "  Expected without a pattern: -0.029",
        "  p: under 0.001 (less, 9,999 permutations)",
    ]
    assert shown[-1] == found.summary["sentence"] + "."
    assert "<td style=" in found._repr_html_()


def test_the_p_of_a_small_map_is_that_of_all_its_orders():
    path = {each: [n for n in (each - 1, each + 1) if 0 <= n < 6] for each in range(6)}
    values = np.array([1.0, 2, 4, 3, 6, 5])
    frame, weights = map_of(path, values)
    matrix = _moran.standardised(weights.matrix(), "row")
    z = values - values.mean()
    every = [_moran.global_i(np.array(p), np.array(p), matrix) for p in itertools.permutations(z)]
    observed = _moran.global_i(z, z, matrix)
    exact = np.mean([each >= observed - 1e-12 for each in every])
    found = spatial_autocorrelation(frame, weights, alternative="greater", permutations=9_999)
    assert found.summary["p"] == pytest.approx(exact, abs=0.01)
    expected, variance = _moran.moments(z, matrix)
    assert np.mean(every) == pytest.approx(expected)
    assert np.var(every) == pytest.approx(variance)


@settings(max_examples=40)
@given(
    n=st.integers(4, 12),
    seed=st.integers(0, 10_000),
    density=st.floats(0.1, 1.0),
    ties=st.booleans(),
)
def test_shared_samples_count_as_each_area_counting_for_itself(n, seed, density, ties):
    rng = np.random.default_rng(seed)
    links = np.triu(rng.random((n, n)) < density, 1)
    links[np.arange(n - 1), np.arange(1, n)] = True
    pairs = pd.DataFrame(np.argwhere(links).astype(str), columns=["area_code", "neighbour_code"])
    weights = weights_from_pairs(pairs, codes=[str(each) for each in range(n)])
    values = rng.integers(0, 3, n).astype(float) if ties else rng.normal(size=n)
    values -= values.mean()
    permutations = 50
    above, below = _moran.lag_tails(
        values, weights.matrix(), permutations, np.random.default_rng(seed)
    )

    again = np.random.default_rng(seed)
    width = min(int(weights.numbers.max()) + 1, n)
    samples = [again.choice(n, size=width, replace=False) for _ in range(permutations)]
    observed = weights.matrix() @ values
    for area in range(n):
        k = int(weights.numbers[area])
        sums = np.array([values[[d for d in s if d != area][:k]].sum() for s in samples])
        assert above[area] == (sums >= observed[area] - 1e-9).sum()
        assert below[area] == (sums <= observed[area] + 1e-9).sum()


def test_conditional_draws_never_take_the_area_itself_and_every_other_alike():
    """Two neighbours of three others: each of the three pairs comes a third of the time."""
    frame, weights = map_of({0: [1, 2], 1: [0, 3], 2: [0, 3], 3: [1, 2]}, [0.0, 1, 2, 4])
    z = frame["rate"].to_numpy() - 1.75
    above, below = _moran.lag_tails(z, weights.matrix(), 30_000, np.random.default_rng(2))
    # Area 0 sees 1 + 2 of the sums {1 + 2, 1 + 4, 2 + 4}: the least of three.
    assert above[0] == 30_000
    assert below[0] / 30_000 == pytest.approx(1 / 3, abs=0.01)


@pytest.fixture
def esda(oracle):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return oracle("esda")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("style", ["row", "binary"])
def test_agreement_with_esda(esda, style):
    from libpysal.weights import W

    rng = np.random.default_rng(7)
    neighbours = grid(9)
    values = rng.normal(size=81) + np.repeat(np.arange(9), 9) / 4
    second = values + rng.normal(size=81)
    frame, weights = map_of(neighbours, values, other=second)
    theirs = W(neighbours, silence_warnings=True)
    letter = style[0]

    ours = spatial_autocorrelation(frame, weights, style=style, alternative="greater")
    np.random.seed(1)  # noqa: NPY002 (esda.Moran draws from the old global generator)
    whole = esda.Moran(values, theirs, transformation=letter, permutations=9_999)
    assert ours.summary["i"] == pytest.approx(whole.I, rel=1e-9)
    assert ours.summary["expected"] == pytest.approx(whole.EI, rel=1e-9)
    assert ours.summary["variance"] == pytest.approx(whole.VI_rand, rel=1e-9)
    assert ours.summary["p"] == pytest.approx(whole.p_sim, abs=0.01)

    local = esda.Moran_Local(values, theirs, transformation=letter, permutations=9_999, seed=1)
    table = ours.table
    assert table["local_i"].to_numpy() * 80 / 81 == pytest.approx(local.Is, rel=1e-9)
    one_sided = np.minimum(table["p"], 1 + 1 / 10_000 - table["p"])
    assert one_sided.to_numpy() == pytest.approx(local.p_sim, abs=0.03)
    quadrants = {1: "high-high", 2: "low-high", 3: "low-low", 4: "high-low"}
    named = spatial_autocorrelation(frame, weights, style=style, alpha=0.999_999, adjust="none")
    shown = named.table["pattern"]
    certain = shown != "not significant"
    expected = np.array([quadrants[q] for q in local.q])
    assert (shown[certain] == expected[certain]).all()
    assert certain.mean() > 0.9

    both = spatial_autocorrelation(frame, weights, other="other", style=style)
    paired = esda.Moran_BV(values, second, theirs, transformation=letter, permutations=999)
    if style == "row":  # esda does not divide by the sum of the weights
        assert both.summary["i"] == pytest.approx(paired.I, rel=1e-9)
    nearby = esda.Moran_Local_BV(values, second, theirs, transformation=letter, permutations=99)
    assert both.table["local_i"].to_numpy() * 80 / 81 == pytest.approx(nearby.Is, rel=1e-9)


def test_suppressed_values_are_masked_whatever_stands_in_the_cell():
    frame, weights = columbus()
    status = pd.Series("value", index=frame.index)
    status[[3, 10]] = ["suppressed", "not_available"]
    hidden = frame.assign(status=status)
    hidden.loc[[3, 10], "rate"] = [99_999.0, np.nan]
    found = spatial_autocorrelation(hidden, weights)

    kept = frame.drop(index=[3, 10])
    pairs = weights.table()
    both = pairs["area_code"].isin(kept["area_code"]) & pairs["neighbour_code"].isin(
        kept["area_code"]
    )
    alone = spatial_autocorrelation(kept, weights_from_pairs(pairs[both]))
    assert found.summary["i"] == pytest.approx(alone.summary["i"])
    assert found.summary["used"] == 47
    assert found.summary["without_value"] == {"suppressed": 1, "not_available": 1}
    assert "2 of 49 left out" in found.summary["sentence"]
    masked = found.table.loc[[3, 10]]
    assert masked["local_status"].tolist() == ["suppressed", "not_available"]
    assert masked["reason"].tolist() == ["no value: suppressed", "no value: not available"]
    assert (
        masked[["neighbours", "lag", "local_i", "p", "p_adjusted", "pattern"]].isna().all(axis=None)
    )
    others = found.table.drop(index=[3, 10])
    assert others["local_i"].notna().all()
    assert others["reason"].isna().all()


def test_islands_are_left_out_of_everything_and_listed():
    neighbours = {**grid(4), 16: [], 17: [18], 18: [17]}
    values = [*range(16), 500.0, 7.0, 8.0]
    status = ["value"] * 18 + ["low"]
    found = spatial_autocorrelation(*map_of(neighbours, values, status=status))
    inner = spatial_autocorrelation(*map_of(grid(4), list(range(16))))
    assert found.summary["i"] == pytest.approx(inner.summary["i"])
    assert found.summary["islands"] == ("16", "17")
    assert found.summary["used"] == 16
    last = found.table.iloc[16:]
    assert last["local_status"].tolist() == ["not_applicable", "not_applicable", "low"]
    assert last["reason"].tolist() == [
        "no neighbour (island)",
        "no neighbour with a value",
        "no value: low reliability",
    ]


def test_a_missing_second_value_is_masked_too():
    frame, weights = columbus()
    paired = frame.assign(other=frame["rate"][::-1].to_numpy())
    paired.loc[5, "other"] = np.nan
    found = spatial_autocorrelation(paired, weights, other="other")
    assert found.table.loc[5, "reason"] == "no other: not available"
    assert found.table.loc[5, "local_status"] == "not_available"
    assert found.summary["used"] == 48
    assert np.isnan(found.summary["expected"])
    assert found.summary["sentence"].startswith("Bivariate Moran's I of rate and other is")


def test_with_itself_the_bivariate_is_the_univariate():
    frame, weights = columbus()
    one = spatial_autocorrelation(frame, weights)
    two = spatial_autocorrelation(frame.assign(other=frame["rate"]), weights, other="other")
    assert two.summary["i"] == pytest.approx(one.summary["i"])
    assert two.table["local_i"].to_numpy() == pytest.approx(one.table["local_i"].to_numpy())
    assert two.table["p"].to_numpy() == pytest.approx(one.table["p"].to_numpy())


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([1, 2, 3, np.nan, np.nan, np.nan], "fewer than 4 areas with a value and a neighbour"),
        ([0.1 + 0.2, 0.3, 0.3, 0.3, 0.3, 0.3], "every area has the same value"),
    ],
)
def test_a_map_without_a_moran_gives_the_reason(values, reason):
    path = {each: [n for n in (each - 1, each + 1) if 0 <= n < 6] for each in range(6)}
    found = spatial_autocorrelation(*map_of(path, values))
    assert np.isnan(found.summary["i"])
    assert np.isnan(found.summary["p"])
    assert (found.summary["status"], found.summary["reason"]) == ("not_applicable", reason)
    assert found.summary["sentence"].startswith(f"Moran's I of rate cannot be computed: {reason}")
    assert found.table.loc[0, "local_status"] == "not_applicable"
    assert found.table["local_i"].isna().all()
    assert repr(found).splitlines()[1] == "  Moran's I: not applicable"


@settings(max_examples=25)
@given(st.randoms(use_true_random=False), st.floats(0.001, 1_000), st.floats(-1_000, 1_000))
def test_order_scale_and_origin_change_nothing(random, scale, origin):
    frame, weights = columbus()
    base = spatial_autocorrelation(frame, weights, permutations=99)
    order = list(range(49))
    random.shuffle(order)
    moved = frame.iloc[order].assign(rate=lambda rows: rows["rate"] * scale + origin)
    found = spatial_autocorrelation(moved, weights, permutations=99)
    assert found.summary["i"] == pytest.approx(base.summary["i"], abs=1e-7)
    assert found.summary["p"] == base.summary["p"]
    back = found.table.sort_index()
    for column in ("local_i", "p", "p_adjusted"):
        assert back[column].to_numpy() == pytest.approx(base.table[column].to_numpy(), abs=1e-6)


def test_the_same_seed_gives_the_same_and_the_frame_is_not_changed():
    frame, weights = columbus()
    before = frame.copy(deep=True)
    one, two = (spatial_autocorrelation(frame, weights, seed=5) for _ in range(2))
    pd.testing.assert_frame_equal(one.table, two.table)
    assert one.summary == two.summary
    other = spatial_autocorrelation(frame, weights, seed=6)
    assert not np.array_equal(one.table["p"], other.table["p"])
    assert (
        spatial_autocorrelation(frame, weights, seed=5, local=False).summary["p"]
        == (one.summary["p"])
    )
    pd.testing.assert_frame_equal(frame, before)


def test_patterns_after_adjustment_are_among_those_before():
    frame, weights = columbus()
    strict = spatial_autocorrelation(frame, weights)
    loose = spatial_autocorrelation(frame, weights, adjust="none")
    named = strict.table["pattern"] != "not significant"
    assert 0 < named.sum() < (loose.table["pattern"] != "not significant").sum()
    assert (strict.table["p_adjusted"] >= strict.table["p"]).all()
    assert (strict.table["p_adjusted"][named] <= 0.05).all()
    assert set(strict.summary["patterns"]) == set(PATTERNS)
    assert sum(strict.summary["patterns"].values()) == 49


def test_too_few_permutations_for_one_area_to_stand_out_are_noted():
    frame, weights = columbus()
    few = spatial_autocorrelation(frame, weights, permutations=99)
    assert few.summary["smallest_p"] == 0.02
    assert "named only where 20 or more stand out together" in few.summary["note"]
    assert spatial_autocorrelation(frame, weights, permutations=9_999).summary["note"] == ""


def test_chance_values_are_called_patterns_as_rarely_as_promised():
    frame, weights = map_of(grid(12), np.random.default_rng(11).normal(size=144))
    found = spatial_autocorrelation(frame, weights, adjust="none")
    assert (found.table["p"] <= 0.05).mean() < 0.1
    assert found.table["p"].mean() == pytest.approx(0.5, abs=0.08)
    assert spatial_autocorrelation(frame, weights).summary["patterns"]["not significant"] == 144


def test_an_area_exactly_at_the_mean_has_no_pattern():
    path = {each: [n for n in (each - 1, each + 1) if 0 <= n < 7] for each in range(7)}
    found = spatial_autocorrelation(*map_of(path, [-3, -2, -1, 0, 1, 2, 3]), adjust="none")
    assert found.table.loc[3, ["local_i", "p", "pattern"]].tolist() == [0, 1, "not significant"]


def test_boundaries_may_stand_for_weights():
    wards = jsna.load_boundaries("Bolton", level="ward")
    frame = pd.DataFrame({"area_code": wards["area_code"], "rate": range(20)})
    direct = spatial_autocorrelation(frame, wards, permutations=99)
    made = spatial_autocorrelation(frame, jsna.contiguity_weights(wards), permutations=99)
    assert direct.summary == made.summary
    assert direct.summary["rule"] == "queen"
    part = spatial_autocorrelation(frame.iloc[:15], wards, permutations=99)
    assert part.summary["not_in_frame"] == 5


def test_rejections():
    frame, weights = columbus()
    with pytest.raises(SchemaError, match="no column 'score'"):
        spatial_autocorrelation(frame, weights, value="score")
    with pytest.raises(SchemaError, match="1 has more than one row"):
        spatial_autocorrelation(pd.concat([frame, frame.iloc[:1]]), weights)
    with pytest.raises(VintageError, match=r"1 of 49 areas \(E1\) are not in the weights"):
        spatial_autocorrelation(frame.replace({"area_code": {"1": "E1"}}), weights)
    with pytest.raises(UsageError, match=r"cannot reach 0\.05"):
        spatial_autocorrelation(frame, weights, permutations=9)
    with pytest.raises(UsageError, match="seed=-1"):
        spatial_autocorrelation(frame, weights, seed=-1)
    with pytest.raises(UsageError, match=r"alpha=5 .* Write 5 per cent as 0\.05"):
        spatial_autocorrelation(frame, weights, alpha=5)
    for option in ("style", "alternative", "adjust"):
        with pytest.raises(UsageError, match=f"{option}='x' is not known"):
            spatial_autocorrelation(frame, weights, **{option: "x"})
    with pytest.raises(UsageError, match="1 rows have the state 'value'"):
        spatial_autocorrelation(
            frame.assign(status="value", rate=[np.nan, *frame["rate"][1:]]), weights
        )
