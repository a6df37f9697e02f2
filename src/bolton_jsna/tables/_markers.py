"""Turn cells of text into numbers and states: the one reader of publishers' markers.

DfE and other publishers print a marker where a figure cannot be shown. Its meaning depends on
the year: ``x`` hides one to five children in the files of 2009-10 to 2012-13 and means
"not available" since.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import some
from bolton_jsna.core.states import MARKERS
from bolton_jsna.tables.reader_notes import MOST, leave_out

if TYPE_CHECKING:
    import pandas as pd

CURRENT: Final = MARKERS
"""DfE's releases since 2013 and the harmonised symbols of the Government Statistical Service."""

OLD_WIDE: Final = CURRENT | {"x": "suppressed", "a": "not_available", "p": "not_available"}
"""The additional tables of 2009-10 to 2012-13: ``x`` hides 1 to 5, ``..`` was not supplied."""


_MOST: Final = 1e15
_GROUPED: Final = re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_PLAIN: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


def are_figures(cells: pd.Series, *, meanings: Mapping[str, str] = CURRENT) -> bool:
    """Return whether every cell of a column of text is a number or a known marker."""
    import pandas as pd

    text = cells.str.replace(",", "", regex=False)
    known = pd.to_numeric(text, errors="coerce").notna() | text.str.lower().isin(list(meanings))
    return bool(known.all())


def numbers(
    cells: pd.Series,
    *,
    meanings: Mapping[str, str] = CURRENT,
    column: str,
    name: str,
    whole: bool = False,
) -> tuple[pd.Series, pd.Series]:
    """Return the numbers of a column of text and the state of each."""
    import pandas as pd

    # Each different text is looked at once: most columns repeat a few hundred.
    places, different = pd.factorize(cells.astype(object), use_na_sentinel=False)
    texts = ["" if each != each else str(each).strip() for each in different]  # noqa: PLR0124 (NaN)
    found = [_number(each, whole=whole) for each in texts]
    known = [
        meanings.get(text.lower()) if number is None else "value"
        for text, number in zip(texts, found, strict=True)
    ]
    value = pd.Series(_taken(found, places, float), index=cells.index)
    if None in known:
        unknown = _taken([each is None for each in known], places, bool)
        odd = [text for text, state in zip(texts, known, strict=True) if state is None]
        leave_out(
            int(unknown.sum()),
            len(cells),
            said=f"{name!r}: column {column!r} holds {some(map(repr, dict.fromkeys(odd)))}; "
            f"expected {'whole ' if whole else ''}numbers or the markers "
            f"{some(filter(None, meanings), most=20)}. If the publisher has a new marker, report "
            "it.",
            what="figures",
            most=MOST,
        )
    states = [each or "not_available" for each in known]
    return value, pd.Series(_taken(states, places, object), index=cells.index)


def _number(text: str, *, whole: bool) -> float | None:
    """Return the number that a text is, if it is one."""
    # A comma that does not separate thousands may be a decimal point: 1,5 is not 15.
    if "," in text:
        if not _GROUPED.fullmatch(text):
            return None
        text = text.replace(",", "")
    if not _PLAIN.fullmatch(text):
        return None
    number = float(text)
    # 1e400 is not a figure.
    if abs(number) >= _MOST or (whole and number % 1):
        return None
    return number


def _taken(values: Sequence[Any], places: Any, kind: Any) -> Any:
    """Return the value of each row from those of the different texts."""
    import numpy as np

    if not len(values):
        return np.empty(0, dtype=kind)
    return np.array([float("nan") if each is None else each for each in values], dtype=kind)[places]
