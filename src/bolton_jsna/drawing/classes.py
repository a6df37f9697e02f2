"""Classes of a choropleth: the breaks, their printed labels, and the class of each value.

The rules, which are also printed on the map:

- A class runs from its lower bound to *under* the next ("0.12 to under 0.25"), so no value is in
  two classes; only the last class includes its upper bound.
- Breaks, values and labels are rounded once, to the printed decimals, and a value is classed as
  it is printed: the number in the table decides the colour.
- Equal values stay together. If ties or few different values would leave a class of quantiles,
  Jenks or equal intervals empty, there are fewer classes.
- Fixed breaks are kept as given, even if a class is empty, so that two maps can be compared; the
  outer classes are open ("under 200", "600 and over").
- Published breaks are fixed breaks of up to ten classes. Deciles of England are the numbers 1 to
  10 as published; the legend always shows all ten.
"""

from __future__ import annotations

import functools
import itertools
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.arguments import is_whole
from bolton_jsna.core.errors import UsageError, choice, some
from bolton_jsna.core.table_checks import as_numbers
from bolton_jsna.drawing._breaks import cuts as found_cuts
from bolton_jsna.drawing._breaks import distinct
from bolton_jsna.drawing.palettes import MOST_CLASSES, MOST_PUBLISHED

Method = Literal["quantile", "equal_interval", "jenks", "fixed", "published", "deciles"]

METHODS: Final[dict[str, str]] = {
    "quantile": "Quantiles: classes of about equally many areas",
    "equal_interval": "Equal intervals",
    "jenks": "Jenks natural breaks",
    "fixed": "Fixed breaks",
    "published": "Published breaks",
    "deciles": "Deciles of England as published: each has a tenth of England's areas",
}
MOST_DECIMALS: Final = 6
MOST_FOUND: Final = 12  # decimals of numbers that would otherwise be printed as 0
DECILES: Final = [float(each) for each in range(1, 11)]
_DECILES: Final = (
    "1: most deprived tenth of England",
    *map(str, range(2, 10)),
    "10: least deprived tenth of England",
)
_FEWER: Final = {
    "quantile": "equal values stay together",
    "jenks": "equal values stay together",
    "equal_interval": "no class may be empty",
    "fixed": "breaks that are printed the same are one",
    "published": "breaks that are printed the same are one",
}
_BY_BREAKS: Final = {"fixed": MOST_CLASSES, "published": MOST_PUBLISHED}


@dataclass(frozen=True)
class Classes:
    """Classes of numbers.

    Attributes
    ----------
    method : {"quantile", "equal_interval", "jenks", "fixed", "published", "deciles"}
        The method of the breaks.
    breaks : tuple of float
        Lower bound of the second and of every later class, ascending.
    lowest, highest : float or None
        The outer bounds; None if the outer classes are open (fixed breaks).
    decimals : int
        Decimals of breaks and values as printed.
    labels : tuple of str
        The labels in the legend, lowest class first.
    counts : tuple of int
        The number of values in each class.
    note : str
        The method and, if there are fewer classes than asked for, the reason.
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
        """Return the class of each value, 0 for the lowest; None if there is no number.

        Examples
        --------
        >>> classify([1, 2, 3, 4], k=2).of([1, None, 4, 3])
        (0, None, 1, 1)
        """
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


@checked
def classify(
    values: Iterable[object],
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
    method : {"quantile", "equal_interval", "jenks", "fixed", "published", "deciles"}, \
default "quantile"
        The method of the breaks. ``"fixed"`` (up to seven classes) and ``"published"`` (up to ten)
        take ``breaks``; ``"deciles"`` takes deciles of England, 1 the most deprived tenth.
    k : int, default 5
        Number of classes, 1 to 7; ties and few different values may give fewer.
    breaks : sequence of float, optional
        For ``"fixed"`` and ``"published"``: the lower bounds of the second and of every later
        class.
    decimals : int, optional
        Printed decimals; chosen from the values if left out.

    Returns
    -------
    Classes
        Breaks, printed labels that do not overlap, and counts.

    Raises
    ------
    UsageError
        If the method is unknown, there is no number or an infinite one, there are too many
        classes, a decile is not 1 to 10, or breaks are missing, not ascending or given with
        another method.

    Notes
    -----
    Jenks: Fisher's exact algorithm. Quantiles: a class begins at the value
    that occurs first nearest to rank i n / k, so a break is always a value in the data.

    Examples
    --------
    >>> found = classify([0.05, 0.11, 0.12, 0.30, 0.44, 0.69], k=3)
    >>> found.labels
    ('0.05 to under 0.12', '0.12 to under 0.44', '0.44 to 0.69')
    >>> found.counts
    (2, 2, 2)
    >>> classify([310, 480, 519.4], method="fixed", breaks=[400, 519.4]).labels
    ('Under 400.0', '400.0 to under 519.4', '519.4 and over')
    >>> classify([1, 1, 4], method="deciles").counts
    (2, 0, 0, 1, 0, 0, 0, 0, 0, 0)
    >>> classify([1, 1, 1, 1, 2], k=4).note
    'Quantiles: classes of about equally many areas (2 classes, not 4, because equal values ...)'
    """
    choice("method", method, METHODS)
    _check_options(method, k, breaks, decimals)
    numbers = _numbers(values)
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        raise UsageError(
            "There is no number to class: every value is missing. A map needs at least one number: "
            "check the column and its status."
        )
    if not np.isfinite(numbers).all():
        raise UsageError("A value is infinite and cannot be classed. Check for a division by zero.")
    lowest: float | None
    highest: float | None
    if method == "deciles":
        _check_deciles(numbers)
        cuts, places, asked = DECILES[1:], 0, len(DECILES)
        lowest, highest = DECILES[0], DECILES[-1]
    elif breaks is not None:
        places = _decimals_of(breaks, _smallest_step(breaks)) if decimals is None else decimals
        cuts = distinct(_printed(np.array(breaks, dtype=float), places))
        lowest = highest = None
        asked = len(breaks) + 1
    else:
        places = sensible_decimals(numbers) if decimals is None else decimals
        printed = np.sort(_printed(numbers, places))
        cuts = found_cuts(printed, method, k, places)
        lowest, highest = float(printed[0]), float(printed[-1])
        asked = k
    note = METHODS[method]
    if len(cuts) + 1 < asked:
        note += f" ({_fewer(len(cuts) + 1, asked, method, len(numbers))})"
    place = np.searchsorted(np.array(cuts), _printed(numbers, places), "right")
    return Classes(
        method=method,
        breaks=tuple(cuts),
        lowest=lowest,
        highest=highest,
        decimals=places,
        labels=_DECILES if method == "deciles" else _labels(cuts, lowest, highest, places),
        counts=tuple(int((place == at).sum()) for at in range(len(cuts) + 1)),
        note=note,
    )


@checked
def applied(classes: Classes, values: Iterable[object]) -> Classes:
    """Return the same classes with the counts of other numbers, so that maps can be compared.

    Parameters
    ----------
    classes : Classes
        The classes of another map, or of the numbers of all maps together.
    values : sequence of float
        The numbers of this map.

    Returns
    -------
    Classes
        The same breaks, labels and decimals; an outer class is open if a number is outside it.

    Examples
    --------
    >>> shared = classify([10, 20, 30, 40], k=2)
    >>> applied(shared, [10, 15]).counts, applied(shared, [10, 15]).labels == shared.labels
    ((2, 0), True)
    >>> applied(shared, [5, 90]).labels
    ('Under 30', '30 and over')
    """
    placed = classes.of(values)
    numbers = [float(n) for n in _printed(_numbers(values), classes.decimals) if not math.isnan(n)]
    if classes.method == "deciles":
        _check_deciles(np.array(numbers))
    lowest, highest, labels = classes.lowest, classes.highest, classes.labels
    below = lowest is not None and any(number < lowest for number in numbers)
    above = highest is not None and any(number > highest for number in numbers)
    if below or above:
        lowest, highest = None if below else lowest, None if above else highest
        labels = _labels(list(classes.breaks), lowest, highest, classes.decimals)
    return replace(
        classes,
        lowest=lowest,
        highest=highest,
        labels=labels,
        counts=tuple(placed.count(at) for at in range(len(classes))),
    )


def sensible_decimals(values: Any) -> int:
    """Return enough decimals to distinguish numbers without false precision."""
    # Whole numbers have none. Others have as many as their range needs for three digits, and no
    # more than they are given with: at most 6, and at most 12 if the numbers are so small that
    # 6 would print them the same.
    numbers = _numbers(values)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers) or (numbers == np.round(numbers)).all():
        return 0
    low, high = float(numbers.min()), float(numbers.max())
    # The difference of the largest numbers can be too large for a float.
    spread = min(high - low, sys.float_info.max) or abs(high)
    needed = max(2 - math.floor(math.log10(spread)), 0)
    return min(needed, _decimals_of(numbers, spread))


def number_text(value: float, decimals: int) -> str:
    """Return a number with commas for thousands and a minus sign."""
    text = f"{round(value, decimals) + 0.0:,.{decimals}f}"
    return text.replace("-", "\N{MINUS SIGN}")


def _check_options(
    method: str, k: int, breaks: Sequence[float] | None, decimals: int | None
) -> None:
    if not is_whole(k) or not 1 <= k <= MOST_CLASSES:
        raise UsageError(f"A map can have 1 to {MOST_CLASSES} classes; found {k!r}.")
    if decimals is not None and not 0 <= decimals <= MOST_DECIMALS:
        raise UsageError(f"A map can show 0 to {MOST_DECIMALS} decimals; found {decimals!r}.")
    if (method in _BY_BREAKS) != (breaks is not None):
        raise UsageError(
            f"method={method!r} with breaks={breaks!r}: 'fixed' and 'published' need breaks, other "
            "methods must have none. Breaks are the lower bounds of the second and later classes, "
            "such as breaks=[200, 400]."
        )
    if breaks is not None:
        listed = [float(each) for each in breaks]
        rising = all(low < high for low, high in itertools.pairwise(listed))
        if not listed or not all(map(math.isfinite, listed)) or not rising:
            raise UsageError(f"breaks must be finite and ascending; found {some(listed, 10)}.")
        most = _BY_BREAKS[method]
        if len(listed) + 1 > most:
            way_out = ""
            if most < MOST_PUBLISHED:
                way_out = f" (method='published' up to {MOST_PUBLISHED})"
            raise UsageError(
                f"{len(listed)} breaks make {len(listed) + 1} classes; a map shows at most "
                f"{most}{way_out}."
            )


def _check_deciles(numbers: np.ndarray[Any, Any]) -> None:
    wrong = sorted(set(numbers.tolist()) - set(DECILES))
    if wrong:
        raise UsageError(
            f"method='deciles' needs the whole numbers 1 to 10 (1 is the most deprived); found "
            f"{some(wrong)}. Map the column of deciles, such as 'idaci_decile', not scores."
        )


def _fewer(few: int, asked: int, method: str, figures: int) -> str:
    """Return why there are fewer classes than asked for: few figures, or what the method keeps."""
    reasons = [_FEWER[method]]
    if figures < asked and method not in _BY_BREAKS:
        only = "is only 1 figure" if figures == 1 else f"are only {figures} figures"
        reasons = [f"there {only}", *(reasons if few < figures else [])]
    return f"{few} class{'' if few == 1 else 'es'}, not {asked}, because {' and '.join(reasons)}"


def _numbers(values: Any) -> np.ndarray[Any, Any]:
    try:
        given = pd.Series(list(values), dtype=object)
        numbers: np.ndarray[Any, Any] = as_numbers(given)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"values is of the type {type(values).__name__} and holds something that is not a "
            f"number ({error}). Give numbers, such as frame['rate'], with None where there is none."
        ) from None
    return numbers


def _printed(numbers: np.ndarray[Any, Any], decimals: int) -> np.ndarray[Any, Any]:
    """Round as printed text is rounded (numpy's rounding differs in the last digit)."""
    return np.array([round(float(number), decimals) for number in numbers])


def _decimals_of(numbers: Any, step: float) -> int:
    """Return the decimals of numbers as given, at most as many as show a step."""
    most = MOST_DECIMALS
    if 0 < step < 10**-MOST_DECIMALS:
        most = min(2 - math.floor(math.log10(step)), MOST_FOUND)
    texts = (f"{float(each):.{most}f}".rstrip("0") for each in numbers)
    return max(len(text.partition(".")[2]) for text in texts)


def _smallest_step(breaks: Sequence[float]) -> float:
    """Return the smallest difference of two breaks, or of a break and 0."""
    ordered = sorted({0.0, *map(float, breaks)})
    return min((high - low for low, high in itertools.pairwise(ordered)), default=0.0)


def _labels(
    cuts: list[float], lowest: float | None, highest: float | None, decimals: int
) -> tuple[str, ...]:
    text = functools.partial(number_text, decimals=decimals)
    if not cuts:
        if lowest is None:
            return ("All" if highest is None else f"{text(highest)} and under",)
        if highest is None:
            return (f"{text(lowest)} and over",)
        return (text(lowest) if lowest == highest else f"{text(lowest)} to {text(highest)}",)
    first = f"Under {text(cuts[0])}" if lowest is None else _span(lowest, cuts[0], text)
    last = f"{text(cuts[-1])} and over"
    if highest is not None:
        last = text(highest) if highest == cuts[-1] else f"{text(cuts[-1])} to {text(highest)}"
    inner = [_span(low, high, text) for low, high in itertools.pairwise(cuts)]
    return (first, *inner, last)


def _span(low: float, high: float, text: Any) -> str:
    return f"{text(low)} to under {text(high)}"
