"""Who is whose neighbour: by a point, by a line, by pairs; islands are said."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError, UsageError, VintageError
from bolton_jsna.measures.weights import contiguity_weights, places_in, weights_from_pairs


def squares(places, crs=27700):
    """Unit squares at given corners, named a, b, c and so on."""
    return gpd.GeoDataFrame(
        {"area_code": [chr(97 + each) for each in range(len(places))]},
        geometry=[box(x, y, x + 1, y + 1) for x, y in places],
        crs=crs,
    )


def test_a_corner_is_enough_for_a_queen_and_not_for_a_rook():
    block = squares([(0, 0), (1, 0), (0, 1), (1, 1)])
    queen = contiguity_weights(block)
    rook = contiguity_weights(block, rule="rook")
    assert queen.neighbours_of("a") == ("b", "c", "d")
    assert rook.neighbours_of("a") == ("b", "c")
    assert (repr(queen), repr(rook)) == (
        "Weights(queen: 4 areas, 6 pairs, 0 islands)",
        "Weights(rook: 4 areas, 4 pairs, 0 islands)",
    )


@pytest.mark.parametrize(("rule", "inner"), [("queen", 8), ("rook", 4)])
def test_a_lattice_has_the_neighbours_that_chess_gives_it(rule, inner):
    side = 5
    lattice = squares([(x, y) for y in range(side) for x in range(side)])
    weights = contiguity_weights(lattice, rule=rule)
    grid = weights.numbers.reshape(side, side)
    assert (grid[1:-1, 1:-1] == inner).all()
    assert grid[0, 0] == inner // 2 - (rule == "queen")
    assert len(weights.neighbours) == {"queen": 144, "rook": 80}[rule]


def test_wards_of_bolton_touch_and_none_is_an_island():
    boundaries = jsna.load_boundaries("Bolton", level="ward")
    queen = contiguity_weights(boundaries)
    assert len(queen) == 20
    assert queen.islands == ()
    touching = boundaries.geometry.apply(lambda one: boundaries.geometry.touches(one).sum())
    assert queen.numbers.tolist() == touching.tolist()


def test_an_island_is_left_or_joined_to_its_nearest_and_listed():
    places = squares([(0, 0), (1, 0), (5, 0), (20, 0)])
    left = contiguity_weights(places)
    assert left.islands == ("c", "d")
    assert left.joined == ()
    joined = contiguity_weights(places, islands="nearest")
    assert joined.islands == ()
    assert joined.joined == ("c", "d")
    assert joined.neighbours_of("c") == ("b", "d")
    assert joined.neighbours_of("d") == ("c",)


def test_a_tolerance_bridges_slits():
    slit = squares([(0, 0), (1.2, 0)])
    assert contiguity_weights(slit).islands == ("a", "b")
    assert contiguity_weights(slit, tolerance=0.25).islands == ()


def test_an_overlap_is_a_shared_line_and_a_bow_tie_is_mended():
    shapes = gpd.GeoDataFrame(
        {"area_code": ["a", "b"]},
        geometry=[Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), box(0.9, 0, 2, 1)],
        crs=27700,
    )
    assert contiguity_weights(shapes, rule="rook").neighbours_of("a") == ("b",)


def test_the_table_of_pairs_gives_the_same_weights_back():
    weights = contiguity_weights(jsna.load_boundaries("Bolton", level="ward"))
    again = weights_from_pairs(weights.table(), codes=weights.codes)
    assert again.codes == weights.codes
    assert np.array_equal(again.starts, weights.starts)
    assert np.array_equal(again.neighbours, weights.neighbours)
    assert not weights.neighbours.flags.writeable


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1]),
        max_size=30,
    )
)
def test_pairs_are_mutual_once_and_whole(pairs):
    codes = [str(each) for each in range(10)]
    frame = pd.DataFrame(
        {"area_code": [str(a) for a, _ in pairs], "neighbour_code": [str(b) for _, b in pairs]}
    ).astype(object)
    weights = weights_from_pairs(frame, codes=codes)
    dense = weights.matrix().toarray()
    assert np.array_equal(dense, dense.T)
    assert set(np.unique(dense)) <= {0.0, 1.0}
    assert {tuple(sorted(pair)) for pair in pairs} == {
        (int(a), int(b)) for a, b in np.argwhere(dense) if a < b
    }
    assert set(weights.islands) == set(codes) - {str(each) for pair in pairs for each in pair}


def test_rejections_of_shapes():
    good = squares([(0, 0), (1, 0)])
    with pytest.raises(SchemaError, match="no column 'code'"):
        contiguity_weights(good, code="code")
    with pytest.raises(SchemaError, match=r"repeated or missing in 'area_code': a\. Dissolve"):
        contiguity_weights(good.assign(area_code="a"))
    with pytest.raises(UsageError, match="boundaries is of the type DataFrame; expected a Geo"):
        contiguity_weights(pd.DataFrame(good.drop(columns="geometry")))
    for wrong in (Point(0, 0), LineString([(0, 0), (1, 1)]), Polygon(), None):
        with pytest.raises(SchemaError, match="b has no polygon"):
            contiguity_weights(good.set_geometry([box(0, 0, 1, 1), wrong], crs=27700))


def test_rejections_of_options():
    good = squares([(0, 0), (1, 0)])
    with pytest.raises(UsageError, match="rule='bishop' is not known"):
        contiguity_weights(good, rule="bishop")
    with pytest.raises(UsageError, match="islands='drop' is not known"):
        contiguity_weights(good, islands="drop")
    with pytest.raises(UsageError, match="tolerance=nan is not a number; expected a number"):
        contiguity_weights(good, tolerance=float("nan"))
    for wrong in (-1, float("inf")):
        with pytest.raises(UsageError, match="is not a distance"):
            contiguity_weights(good, tolerance=wrong)
    with pytest.raises(UsageError, match="or use rule='queen'"):
        contiguity_weights(good, rule="rook", tolerance=1)
    with pytest.raises(UsageError, match=r"are degrees .* Use to_crs\(27700\)"):
        contiguity_weights(good.set_crs(4326, allow_override=True), tolerance=1)


def test_rejections_of_pairs():
    pairs = pd.DataFrame({"area_code": ["a", "b"], "neighbour_code": ["b", "c"]})
    with pytest.raises(UsageError, match=r"name c, which codes= does not have"):
        weights_from_pairs(pairs, codes=["a", "b"])
    with pytest.raises(SchemaError, match="names an area twice"):
        weights_from_pairs(pairs, codes=["a", "a", "b", "c"])
    with pytest.raises(UsageError, match="a is named as its own neighbour"):
        weights_from_pairs(pairs.assign(neighbour_code=["a", "c"]))
    with pytest.raises(SchemaError, match="A code is missing"):
        weights_from_pairs(pairs.assign(neighbour_code=["b", None]))
    with pytest.raises(UsageError, match="'z' is not one of the 3 areas"):
        weights_from_pairs(pairs).neighbours_of("z")


def test_areas_of_another_vintage_are_rejected():
    weights = weights_from_pairs(pd.DataFrame({"area_code": ["a"], "neighbour_code": ["b"]}))
    frame = pd.DataFrame({"area_code": ["a", "x"]})
    with pytest.raises(VintageError, match=r"1 of 2 areas \(x\) are not in the weights \(a, b\)"):
        places_in(weights, frame, "area_code")
    with pytest.raises(SchemaError, match="a has more than one row"):
        places_in(weights, pd.DataFrame({"area_code": ["a", "a"]}), "area_code")


def test_names_in_place_of_codes_are_told_of_the_way_to_codes():
    wards = jsna.load_boundaries("Bolton", level="ward")
    own = pd.DataFrame({"ward": wards["area_name"]})
    with pytest.raises(VintageError, match=r"join_areas\(frame\) gives a column of codes"):
        places_in(contiguity_weights(wards), own, "ward")
    with pytest.raises(SchemaError, match=r"'area_code'.*join_areas\(frame\) gives"):
        contiguity_weights(wards.drop(columns="area_code"))
