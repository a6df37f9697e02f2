"""Classes of a choropleth: where the breaks lie, how they are printed, and who is in which.

The rules, which are also printed on the map:

- A class runs from its lower bound to *under* the next ("0.12 to under 0.25"), so no value lies
  in two; only the last class includes its upper bound.
- Breaks are rounded to the decimals that are printed, and a value is classed as it is printed:
  what a reader sees in the table is what decided the colour.
- Equal values are never parted. Where ties or few different values would leave a class of
  quantiles, Jenks or equal intervals empty, there are fewer classes instead.
- Fixed breaks are kept as given, even where a class is empty, so that two maps can be compared;
  their outer classes are open ("under 200", "600 and over").
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from bolton_jsna.errors import UsageError, choice, some
from bolton_jsna.maps.palettes import MOST_CLASSES

if TYPE_CHECKING:
    import numpy as np

Method = Literal["quantile", "equal_interval", "jenks", "fixed"]

METHODS: Final[dict[str, str]] = {
    "quantile": "Quantiles: classes of about equally many areas",
    "equal_interval": "Equal intervals",
    "jenks": "Jenks natural breaks",
    "fixed": "Fixed breaks",
}
MOST_DECIMALS: Final = 6


@dataclass(frozen=True)
class Classes:
    """Classes of numbers.

    Attributes
    ----------
    method : {"quantile", "equal_interval", "jenks", "fixed"}
        How the breaks were found.
    breaks : tuple of float
        Lower bound of the second and of every later class, ascending.
    lowest, highest : float or None
        The outer bounds; None where the outer classes are open (fixed breaks).
    decimals : int
        Decimals of breaks and values as printed.
    labels : tuple of str
        What the legend prints, lowest class first.
    counts : tuple of int
        How many values each class holds.
    note : str
        The method and, where there are fewer classes than asked for, why.
    """

    method: Method
    breaks: tuple[float, ...]
    lowest: float | None
    highest: float | None
    decimals: int
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    note: str

    def __len__(self) -> int:
        return len(self.breaks) + 1

    def of(self, values: Any) -> tuple[int | None, ...]:
        """Return the class of each value, 0 for the lowest; None where there is no number.

        Examples
        --------
        >>> classify([1, 2, 3, 4], k=2).of([1, None, 4, 3])
        (0, None, 1, 1)
        """
        import numpy as np

        numbers = _numbers(values)
        found = np.searchsorted(np.array(self.breaks), _printed(numbers, self.decimals), "right")
        return tuple(
            None if math.isnan(number) else int(place)
            for number, place in zip(numbers, found, strict=True)
        )

    def text(self, value: float) -> str:
        """Return a value with the decimals of the classes.

        Examples
        --------
        >>> classify([1000, 2500], k=2).text(2500)
        '2,500'
        """
        return number_text(value, self.decimals)


def classify(
    values: Any,
    *,
    method: Method = "quantile",
    k: int = 5,
    breaks: Sequence[float] | None = None,
    decimals: int | None = None,
) -> Classes:
    """Return classes of numbers.

    Parameters
    ----------
    values : sequence of float
        The numbers, in any unit; missing ones (None, NaN) are left out and not classed.
    method : {"quantile", "equal_interval", "jenks", "fixed"}, default "quantile"
        How to find the breaks. ``"fixed"`` takes ``breaks``.
    k : int, default 5
        How many classes, 1 to 7; ties and few different values may give fewer.
    breaks : sequence of float, optional
        For ``"fixed"``: the lower bounds of the second and of every later class.
    decimals : int, optional
        Decimals to print; found from the values when left out.

    Returns
    -------
    Classes
        Breaks, printed labels that do not overlap, and counts.

    Raises
    ------
    UsageError
        When the method is unknown, there is no number, an infinite one, too many classes, or
        breaks are missing, not ascending or given with another method.

    Notes
    -----
    Jenks: Fisher's exact algorithm, as in mapclassify. Quantiles: a class begins at the value
    that occurs first nearest to rank i n / k, so a break is always a value that occurs.

    Examples
    --------
    >>> found = classify([0.05, 0.11, 0.12, 0.30, 0.44, 0.69], k=3)
    >>> found.labels
    ('0.05 to under 0.12', '0.12 to under 0.44', '0.44 to 0.69')
    >>> found.counts
    (2, 2, 2)
    >>> classify([310, 480, 519.4], method="fixed", breaks=[400, 519.4]).labels
    ('Under 400.0', '400.0 to under 519.4', '519.4 and over')
    >>> classify([1, 1, 1, 1, 2], k=4).note
    'Quantiles: classes of about equally many areas (2 classes, not 4, as equal values stay ...)'
    """
    choice("method", method, METHODS)
    _check_options(method, k, breaks, decimals)
    import numpy as np

    numbers = _numbers(values)
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        raise UsageError(
            "There is no number to class: every value is missing. Look at the column and its "
            "status; a map needs at least one number."
        )
    if not np.isfinite(numbers).all():
        raise UsageError("A value is infinite and cannot be classed. Look for a division by zero.")
    if breaks is not None:
        places = _decimals_of(breaks) if decimals is None else decimals
        cuts = _distinct(_printed(np.array(breaks, dtype=float), places))
        lowest = highest = None
        asked = len(breaks) + 1
    else:
        places = sensible_decimals(numbers) if decimals is None else decimals
        printed = np.sort(_printed(numbers, places))
        cuts = _cuts(printed, method, k)
        lowest, highest = float(printed[0]), float(printed[-1])
        asked = k
    note = METHODS[method]
    if len(cuts) + 1 < asked:
        few = len(cuts) + 1
        note += (
            f" ({few} class{'' if few == 1 else 'es'}, not {asked}, as "
            f"{'equal values stay together' if method != 'equal_interval' else 'none is empty'})"
        )
    place = np.searchsorted(np.array(cuts), _printed(numbers, places), "right")
    return Classes(
        method=method,
        breaks=tuple(cuts),
        lowest=lowest,
        highest=highest,
        decimals=places,
        labels=_labels(cuts, lowest, highest, places),
        counts=tuple(int((place == at).sum()) for at in range(len(cuts) + 1)),
        note=note,
    )


def sensible_decimals(values: Any) -> int:
    """Return how many decimals tell numbers apart without false precision.

    Whole numbers have none. Others have what their spread needs for three digits, and no more
    than they are given with.

    Examples
    --------
    >>> sensible_decimals([0.0512, 0.691]), sensible_decimals([210.55, 903.1])
    (3, 0)
    >>> sensible_decimals([1, 5, 9000])
    0
    """
    import numpy as np

    numbers = _numbers(values)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers) or (numbers == np.round(numbers)).all():
        return 0
    spread = float(numbers.max() - numbers.min()) or abs(float(numbers.max()))
    needed = min(max(2 - math.floor(math.log10(spread)), 0), MOST_DECIMALS)
    return min(needed, _decimals_of(numbers))


def number_text(value: float, decimals: int) -> str:
    """Return a number with commas for thousands and a true minus.

    Examples
    --------
    >>> number_text(1234.56, 1), number_text(-0.5, 1), number_text(-0.001, 1)
    ('1,234.6', '\N{MINUS SIGN}0.5', '0.0')
    """
    text = f"{round(value, decimals) + 0.0:,.{decimals}f}"
    return text.replace("-", "\N{MINUS SIGN}")


def _check_options(
    method: str, k: int, breaks: Sequence[float] | None, decimals: int | None
) -> None:
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= MOST_CLASSES:
        raise UsageError(f"k={k!r}: a map shows 1 to {MOST_CLASSES} classes.")
    if decimals is not None and not 0 <= decimals <= MOST_DECIMALS:
        raise UsageError(f"decimals={decimals!r}: expected 0 to {MOST_DECIMALS}.")
    if (method == "fixed") != (breaks is not None):
        raise UsageError(
            f"method={method!r} with breaks={breaks!r}: breaks go with method='fixed' and it needs "
            "them: the lower bounds of the second and later classes, such as breaks=[200, 400]."
        )
    if breaks is not None:
        listed = [float(each) for each in breaks]
        rising = all(low < high for low, high in itertools.pairwise(listed))
        if not listed or not all(map(math.isfinite, listed)) or not rising:
            raise UsageError(f"breaks must be finite and ascending; found {some(listed, 10)}.")
        if len(listed) + 1 > MOST_CLASSES:
            raise UsageError(
                f"{len(listed)} breaks make {len(listed) + 1} classes; a map shows at most "
                f"{MOST_CLASSES}."
            )


def _numbers(values: Any) -> np.ndarray[Any, Any]:
    import pandas as pd

    numbers: np.ndarray[Any, Any] = pd.to_numeric(pd.Series(list(values), dtype=object)).to_numpy(
        dtype=float, na_value=math.nan
    )
    return numbers


def _printed(numbers: np.ndarray[Any, Any], decimals: int) -> np.ndarray[Any, Any]:
    """Round as the printed text is rounded (numpy's own rounding differs in the last digit)."""
    import numpy as np

    return np.array([round(float(number), decimals) for number in numbers])


def _distinct(cuts: np.ndarray[Any, Any]) -> list[float]:
    return [float(cut) for cut in dict.fromkeys(cuts)]


def _cuts(printed: np.ndarray[Any, Any], method: str, k: int) -> list[float]:
    """Return the breaks for ascending numbers, none of which leaves a class empty."""
    distinct = _distinct(printed)
    import numpy as np

    k = min(k, len(distinct))
    if k == 1:
        return []
    if method == "quantile":
        first = {each: int(np.searchsorted(printed, each)) for each in distinct[1:]}
        ranks = (at * len(printed) / k for at in range(1, k))
        # A tie is not parted: the class begins at the value whose first rank is nearest.
        starts = {min(first, key=lambda each: abs(first[each] - math.ceil(rank))) for rank in ranks}
        return sorted(starts)
    if method == "jenks":
        return _jenks(printed, distinct, k)
    return _equal(printed, k)


def _jenks(printed: np.ndarray[Any, Any], distinct: list[float], k: int) -> list[float]:
    if k == len(distinct):
        return distinct[1:]
    import mapclassify

    with warnings.catch_warnings():
        # It says so when numba is not installed; the slower way is quick enough for a map.
        warnings.filterwarnings("ignore", message="Numba not installed", category=UserWarning)
        tops = mapclassify.FisherJenks(printed, k).bins
    starts = (next((each for each in distinct if each > top), None) for top in tops[:-1])
    return list(dict.fromkeys(start for start in starts if start is not None))


def _equal(printed: np.ndarray[Any, Any], k: int) -> list[float]:
    """As many equal intervals, up to k, as leave none empty; two never do."""
    import numpy as np

    places = max((len(repr(float(each)).partition(".")[2]) for each in printed), default=0)
    low, high = float(printed[0]), float(printed[-1])
    for classes in range(k, 1, -1):
        cuts = [round(low + (high - low) * at / classes, places) for at in range(1, classes)]
        holds = np.bincount(np.searchsorted(cuts, printed, "right"), minlength=classes)
        if len(set(cuts)) == len(cuts) and holds.all():
            return cuts
    return [high]


def _decimals_of(numbers: Any) -> int:
    texts = (f"{float(each):.{MOST_DECIMALS}f}".rstrip("0") for each in numbers)
    return max(len(text.partition(".")[2]) for text in texts)


def _labels(
    cuts: list[float], lowest: float | None, highest: float | None, decimals: int
) -> tuple[str, ...]:
    def text(value: float) -> str:
        return number_text(value, decimals)

    if not cuts:
        if lowest is None or highest is None or lowest == highest:
            return (text(lowest) if lowest is not None else "All",)
        return (f"{text(lowest)} to {text(highest)}",)
    first = f"Under {text(cuts[0])}" if lowest is None else _span(lowest, cuts[0], text)
    last = f"{text(cuts[-1])} and over"
    if highest is not None:
        last = text(highest) if highest == cuts[-1] else f"{text(cuts[-1])} to {text(highest)}"
    inner = [_span(low, high, text) for low, high in itertools.pairwise(cuts)]
    return (first, *inner, last)


def _span(low: float, high: float, text: Any) -> str:
    return f"{text(low)} to under {text(high)}"
