"""Protected tables in the order of a public list, whichever order they come in."""

import pandas as pd
import pytest

from bolton_jsna.building._successive_releases import in_order_of

GIVEN = pd.DataFrame({"sex": ["male", "female", "All"], "year": 2025, "count": [7, 2, 9]})
MADE = pd.DataFrame(
    {
        "sex": ["male", "female", "All"],
        "year": 2025,
        "count": pd.array([None, None, 9], dtype="Int64"),
        "status": ["suppressed", "suppressed", "value"],
    }
)


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [1, 2, 0]])
def test_rows_come_back_in_the_order_in_which_they_were_given(order):
    found = in_order_of(GIVEN, MADE.iloc[order])
    pd.testing.assert_frame_equal(found, MADE)


def test_a_row_that_is_not_there_is_missing_and_none_changes_places():
    found = in_order_of(GIVEN, MADE.iloc[[2, 0]])
    assert found["sex"].tolist() == GIVEN["sex"].tolist()
    assert found["status"].isna().tolist() == [False, True, False]


def test_a_row_that_is_there_twice_is_rejected():
    with pytest.raises(ValueError, match="merge"):
        in_order_of(GIVEN, pd.concat([MADE, MADE.iloc[:1]]))
