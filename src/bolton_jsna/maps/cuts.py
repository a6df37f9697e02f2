"""Where the breaks of classes lie: quantiles, equal intervals and Jenks, none leaving a gap."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def distinct(cuts: Any) -> list[float]:
    """Return numbers, each once, in their order.

    Examples
    --------
    >>> distinct([1, 1, 2.5])
    [1.0, 2.5]
    """
    return [float(cut) for cut in dict.fromkeys(cuts)]


def cuts(printed: np.ndarray[Any, Any], method: str, k: int) -> list[float]:
    """Return the breaks for ascending numbers, none of which leaves a class empty.

    Parameters
    ----------
    printed : array of float
        Ascending numbers, rounded as they are printed.
    method : {"quantile", "equal_interval", "jenks"}
        How.
    k : int
        How many classes at most.

    Examples
    --------
    >>> import numpy as np
    >>> cuts(np.array([1.0, 2.0, 3.0, 4.0]), "quantile", 2)
    [3.0]
    """
    different = distinct(printed)
    import numpy as np

    k = min(k, len(different))
    if k == 1:
        return []
    if method == "quantile":
        first = {each: int(np.searchsorted(printed, each)) for each in different[1:]}
        ranks = (at * len(printed) / k for at in range(1, k))
        # A tie is not parted: the class begins at the value whose first rank is nearest.
        starts = {min(first, key=lambda each: abs(first[each] - math.ceil(rank))) for rank in ranks}
        return sorted(starts)
    if method == "jenks":
        return _jenks(printed, different, k)
    return _equal(printed, k)


def _jenks(printed: np.ndarray[Any, Any], different: list[float], k: int) -> list[float]:
    if k == len(different):
        return different[1:]
    import mapclassify

    with warnings.catch_warnings():
        # It says so when numba is not installed; the slower way is quick enough for a map.
        warnings.filterwarnings("ignore", message="Numba not installed", category=UserWarning)
        tops = mapclassify.FisherJenks(printed, k).bins
    starts = (next((each for each in different if each > top), None) for top in tops[:-1])
    return list(dict.fromkeys(start for start in starts if start is not None))


def _equal(printed: np.ndarray[Any, Any], k: int) -> list[float]:
    """As many equal intervals, up to k, as leave none empty; two never do."""
    import numpy as np

    places = max((len(repr(float(each)).partition(".")[2]) for each in printed), default=0)
    low, high = float(printed[0]), float(printed[-1])
    for classes in range(k, 1, -1):
        found = [round(low + (high - low) * at / classes, places) for at in range(1, classes)]
        holds = np.bincount(np.searchsorted(found, printed, "right"), minlength=classes)
        if len(set(found)) == len(found) and holds.all():
            return found
    return [high]
