"""Rows of a delimited file with more cells than headings.

A comma inside a cell that is not quoted moves every later cell of its row one column to the right:
``1,164`` becomes 1, and the end of a plan lands in another column.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.errors import SchemaError

if TYPE_CHECKING:
    import numpy as np

BEYOND: Final = -1
"""The number of the column that marks such rows."""

OVERFULL: Final = "more cells than headings (a comma in a cell that is not in quotation marks?)"
"""Why such a row is rejected."""

_THOUSANDS: Final = re.compile(r"\s*[1-9][0-9]{0,2}")
_REST: Final = re.compile(r"[0-9]{3}\s*")


class Overfull:
    """Find the rows with something in a cell beyond the last heading.

    Empty cells at the end of a row are ignored, unless the row is longer than most and has a cell
    that seems cut by a comma: then its empty last cell has been moved. A column without a heading
    is not an error where the row of headings has an empty cell for it and rows are usually that
    long.

    Parameters
    ----------
    header : sequence of str
        The headings in their places, with the empty ones.

    Examples
    --------
    >>> found = Overfull(["area", "count"])
    >>> _ = list(found.watched([["area", "count"], ["a", "1", "164"], ["b", "2", ""]], 1))
    >>> found.of([2, 3]).tolist()
    [True, False]
    """

    def __init__(self, header: Sequence[str]) -> None:
        self._width = len(header)
        self._headings = max((at for at, cell in enumerate(header, 1) if cell), default=0)
        self._lengths: Counter[int] = Counter()
        self._longer: list[int] = []
        self._as_long: list[int] = []
        self._cut: list[tuple[int, int]] = []

    def watched(self, rows: Iterable[list[str]], start: int) -> Iterator[list[str]]:
        """Yield the rows and look at those after the first ``start``."""
        for number, row in enumerate(rows, 1):
            if number > start:
                self._lengths[len(row)] += 1
                if len(row) > self._headings and any(map(str.strip, row[self._headings :])):
                    (self._as_long if len(row) == self._width else self._longer).append(number)
                elif len(row) > self._width and _seems_cut(row):
                    self._cut.append((number, len(row)))
            yield row

    def of(self, numbers: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return which of the rows, by number, are too long."""
        import numpy as np

        usual = self._lengths.most_common(1)[0][0] if self._lengths else self._width
        found = [*self._longer, *(number for number, length in self._cut if length > usual)]
        found += [] if usual == self._width else self._as_long
        return np.isin(np.asarray(numbers), np.asarray(found, dtype="int64"))


def reject_cut_heading(top: Sequence[Sequence[str]], place: int, name: str) -> None:
    """Reject headings with a comma outside of quotation marks, which moves columns."""
    # Every row below then has fewer cells, by the number of headings that begin with a blank.
    header = top[place]
    below = [len(row) for row in top[place + 1 :] if any(map(str.strip, row))]
    cut = sum(
        after[:1] == " " and bool(after.strip()) and bool(before.strip())
        for before, after in itertools.pairwise(header)
    )
    if cut and below and max(below) == len(header) - cut:
        raise SchemaError(
            f"{name!r} has {len(header)} headings in row {place + 1} and {max(below)} cells in the "
            "rows below it: a comma (or another separator) in a heading moves "
            f"every column after it. In row {place + 1}, put the whole heading into quotation "
            "marks, or delete its comma."
        )


def _seems_cut(row: Sequence[str]) -> bool:
    """Return whether a cell goes on in the next, as "Neglect, home" and "1,164" without quotes."""
    return any(
        (after[:1] == " " and after.strip() and before.strip())
        or (_THOUSANDS.fullmatch(before) and _REST.fullmatch(after))
        for before, after in itertools.pairwise(row)
    )
