"""Whether two results are alike, whatever the order of their rows."""

import dataclasses
import math

import numpy as np
import pandas as pd

TOLERANCE = 1e-9


def assert_same(one, other, key, at="result"):
    """Assert that two results are alike once their rows are sorted by what tells them apart."""
    assert type(one) is type(other), at
    if isinstance(one, pd.DataFrame):
        by = [each for each in key if each in one.columns]
        sort = {"by": by, "ignore_index": True, "kind": "stable"}
        first, second = (each.sort_values(**sort) if by else each for each in (one, other))
        pd.testing.assert_frame_equal(
            pd.DataFrame(first), pd.DataFrame(second), rtol=TOLERANCE, atol=TOLERANCE, obj=at
        )
    elif isinstance(one, dict):
        assert one.keys() == other.keys(), at
        for each in one:
            assert_same(one[each], other[each], key, f"{at}[{each!r}]")
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), at
        for place, pair in enumerate(zip(one, other, strict=True)):
            assert_same(*pair, key, f"{at}[{place}]")
    elif isinstance(one, float | np.floating):
        assert (math.isnan(one) and math.isnan(other)) or math.isclose(
            one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE
        ), (at, one, other)
    elif dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            if field.name != "shapes":
                assert_same(
                    getattr(one, field.name), getattr(other, field.name), key, f"{at}.{field.name}"
                )
    else:
        assert one == other, at
