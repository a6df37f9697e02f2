"""Ids and cells that a spreadsheet has changed: found and reported, not repaired.

A spreadsheet keeps 15 digits of a number and no leading zeros, reads ``1-2`` as a day in February,
and writes ``#N/A`` for what a formula does not find. What was lost is not in the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bolton_jsna.tables.local.cells import Coded

if TYPE_CHECKING:
    import numpy as np

SCIENTIFIC: Final = "child id in scientific notation, with digits lost (save it as text)"
CUT: Final = "child id of which a spreadsheet kept 15 digits (save it as text)"
DAY: Final = "child id that a spreadsheet turned into a date (save it as text)"
ERROR: Final = "an error of a spreadsheet (#N/A, #REF!, ####) as"

_DIGITS: Final = 15
# 1E05 may be a real id; a spreadsheet that read it as a number writes 1E+05 or 1.00E+05.
_SCIENTIFIC: Final = re.compile(
    r"[+-]?[0-9](?:[.,][0-9]+)?e[+-][0-9]{1,3}|[+-]?[0-9][.,][0-9]+e[0-9]{1,3}", re.IGNORECASE
)
_LONG: Final = re.compile(r"[0-9]{16,}(?:\.0+)?")
_MONTH: Final = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DAY: Final = re.compile(
    rf"[0-9]{{1,2}}[- ]{_MONTH}(?:[- ](?:[0-9]{{2}}|[0-9]{{4}}))?|{_MONTH}[- ][0-9]{{2,4}}"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]+)?",
    re.IGNORECASE,
)
_ERROR: Final = re.compile(
    r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA|BLOCKED!)|#{2,}",
    re.IGNORECASE,
)
_SHOWN: Final = re.compile(r"[0-9]+\.0+|[0-9]{1,3}(?:,[0-9]{3})+(?:\.0+)?|[0-9.,]+ ?%")
_PLAIN: Final = re.compile(r"[0-9]+")


def lost_ids(column: Coded) -> dict[str, np.ndarray]:
    """Return for each reason the rows whose id no longer identifies one child."""
    texts = column.texts
    long = [bool(_LONG.fullmatch(each)) for each in texts]
    cut = [
        is_long and not each.partition(".")[0][_DIGITS:].strip("0")
        for each, is_long in zip(texts, long, strict=True)
    ]
    # Real ids of 16 digits end in any digit, one in ten of them in a zero.
    cut = cut if cut == long else [False] * len(cut)
    return {
        SCIENTIFIC: column.take([bool(_SCIENTIFIC.fullmatch(each)) for each in texts], bool),
        CUT: column.take(cut, bool),
        DAY: column.take([bool(_DAY.fullmatch(each)) for each in texts], bool),
    }


def doubtful_ids(column: Coded) -> dict[str, np.ndarray]:
    """Return the rows whose ids are used although a spreadsheet may have changed them."""
    # ``zeros``: shorter than other ids of the column, which have leading zeros to one length.
    # ``shown``: written as a number, with ``.0``, commas or a percent sign.
    texts = column.texts
    plain = [each for each in texts if _PLAIN.fullmatch(each)]
    filled = Counter(len(each) for each in plain if each.startswith("0") and len(each) > 1)
    longest = max(map(len, plain), default=0)
    width = longest if set(filled) == {longest} else 0
    return {
        "zeros": column.take(
            [bool(_PLAIN.fullmatch(each)) and len(each) < width for each in texts], bool
        ),
        "shown": column.take([bool(_SHOWN.fullmatch(each)) for each in texts], bool),
    }


def without_errors(
    columns: Mapping[str, Coded], needed: Sequence[str]
) -> tuple[dict[str, Coded], dict[str, np.ndarray], np.ndarray | None]:
    """Return columns with the errors of a spreadsheet made blank, and where they were."""
    wrong: dict[str, np.ndarray] = {}
    noted: np.ndarray | None = None
    out = dict(columns)
    for name, column in columns.items():
        errors = [is_error(each) for each in column.texts]
        if not any(errors):
            continue
        out[name] = Coded(
            column.codes,
            ["" if bad else each for each, bad in zip(column.texts, errors, strict=True)],
        )
        rows = column.take(errors, bool)
        if name in needed:
            wrong[f"{ERROR} {name}"] = rows
        else:
            noted = rows if noted is None else noted | rows
    return out, wrong, noted


def is_error(text: str) -> bool:
    """Return whether a cell is an error of a spreadsheet."""
    return text.startswith("#") and _ERROR.fullmatch(text) is not None


_COUNT: Final = re.compile(r"([0-9]{1,9}|[0-9]{1,3}(?:[, ][0-9]{3}){1,2})(?:\.0+)?")


def whole(text: str) -> int | None:
    """Return a whole number as spreadsheets write it; None if it is not one or is not clear."""
    found = _COUNT.fullmatch(text)
    return int(found[1].replace(",", "").replace(" ", "")) if found else None
