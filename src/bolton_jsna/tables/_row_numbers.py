"""Rows numbered by the values of some columns, which finds repeated rows of millions in no time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_MOST: Final = 8
_FREE: Final = 2**20
"""Numbers are used if they are below this, or this many times the rows."""


def numbered(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[np.ndarray, int] | None:
    """Return a number for each combination of values, in order of the columns, and their limit.

    None where the combinations that there could be are far more than the rows.
    """
    import numpy as np

    numbers, size = np.zeros(len(frame), dtype="int64"), 1
    for name in columns:
        codes, kinds = _codes(frame[name])
        size *= max(kinds, 1)
        if size > _MOST * len(frame) + _FREE:
            return None
        if kinds > 1:
            numbers *= kinds
            numbers += codes
    return numbers, size


def repeated(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series | None:
    """Return which rows have the values of another row in some columns; None if no row has."""
    import numpy as np

    found = numbered(frame, columns)
    if found is not None:
        seen = np.zeros(found[1], dtype=bool)
        seen[found[0]] = True
        if int(seen.sum()) == len(frame):
            return None
    again = frame.duplicated(list(columns), keep=False)
    return again if again.any() else None


def _codes(values: pd.Series) -> tuple[Any, int]:
    """Return the values as numbers from 0 in their order, and how many numbers there are."""
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy()
        missing = bool((codes < 0).any())
        return codes + missing if missing else codes, len(values.cat.categories) + missing
    if pd.api.types.is_integer_dtype(values.dtype) and len(values) and not values.hasnans:
        least, most = int(values.min()), int(values.max())
        if most - least < len(values) + _FREE:
            return values.to_numpy(dtype="int64") - least, most - least + 1
    codes, kinds = pd.factorize(values, use_na_sentinel=False)
    return codes, len(kinds)
