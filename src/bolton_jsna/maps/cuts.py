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


def rounded(number: float, decimals: int) -> float:
    """Return a number as it is printed: the one rounding of breaks, values and labels.

    Examples
    --------
    >>> rounded(519.38, 1), rounded(2.5, 0)
    (519.4, 2.0)
    """
    # Python's rounding is that of printed text; numpy's own differs in the last digit.
    return round(number, decimals)


def cuts(printed: np.ndarray[Any, Any], method: str, k: int, decimals: int = 0) -> list[float]:
    """Return the breaks for ascending numbers, none of which leaves a class empty.

    Parameters
    ----------
    printed : array of float
        Ascending numbers, rounded as they are printed.
    method : {"quantile", "equal_interval", "jenks"}
        How.
    k : int
        How many classes at most.
    decimals : int, default 0
        Decimals that the numbers are rounded to, and the breaks.

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
    return _equal(printed, k, decimals)


def _jenks(printed: np.ndarray[Any, Any], different: list[float], k: int) -> list[float]:
    if k == len(different):
        return different[1:]
    import mapclassify
    import numpy as np

    # It squares numbers of 32 bits. A power of two changes none of their digits.
    scaled = np.ldexp(printed, -int(np.frexp(np.abs(printed).max())[1]))
    with warnings.catch_warnings():
        # It says so when numba is not installed; the slower way is quick enough for a map.
        warnings.filterwarnings("ignore", message="Numba not installed", category=UserWarning)
        tops = mapclassify.FisherJenks(scaled, k).bins
    at = np.searchsorted(scaled, tops[:-1], "right")
    return sorted({float(printed[place]) for place in at if 0 < place < len(printed)})


def _equal(printed: np.ndarray[Any, Any], k: int, decimals: int) -> list[float]:
    """As many equal intervals, up to k, as leave none empty; two never do."""
    import numpy as np

    low, high = float(printed[0]), float(printed[-1])
    for classes in range(k, 1, -1):
        shares = [at / classes for at in range(1, classes)]
        # Parts of each end, as the distance between the largest numbers is more than a float holds.
        found = [rounded(low * (1 - share) + high * share, decimals) for share in shares]
        holds = np.bincount(np.searchsorted(found, printed, "right"), minlength=classes)
        if found == distinct(found) and holds.all():
            return found
    return [high]
