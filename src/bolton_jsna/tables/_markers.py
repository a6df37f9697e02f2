"""Turn cells of text into numbers and states: the one reader of publishers' markers.

DfE and other publishers print a marker where a figure cannot be shown. Its meaning depends on
the year: ``x`` hides one to five children in the files of 2009-10 to 2012-13 and means
"not available" since.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

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
_GROUPED: Final = r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?"


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

    text = cells.fillna("").astype(str).str.strip()
    plain = text
    if text.str.contains(",", regex=False).any():
        # A comma that does not separate thousands may be a decimal point: 1,5 is not 15.
        grouped = text.str.fullmatch(_GROUPED)
        plain = text.where(~grouped, text.str.replace(",", "", regex=False))
    value = pd.to_numeric(plain, errors="coerce").astype(float)
    # inf and 1e400 are not figures and not markers.
    value = value.where(value.abs() < _MOST)
    if whole:
        value = value.where(value % 1 == 0)
    status = text.str.lower().map(dict(meanings)).astype(object)
    status[value.notna()] = "value"
    unknown = status.isna()
    if unknown.any():
        leave_out(
            int(unknown.sum()),
            len(text),
            said=f"{name!r}: column {column!r} holds {some(map(repr, text[unknown].unique()))}; "
            f"expected {'whole ' if whole else ''}numbers or the markers "
            f"{some(filter(None, meanings), most=20)}. If the publisher has a new marker, report "
            "it.",
            what="figures",
            most=MOST,
        )
    return value, status.mask(unknown, "not_available")
