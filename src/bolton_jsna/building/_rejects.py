"""Sentences on rejected rows: exact on the screen, rounded in what is written.

How many rows an export lost is a small number about few children, and a row number identifies the
child. Written outputs therefore hold one figure only: the rows that may be missing from a total,
to the nearest 10, or "fewer than 10". No other figure is given from which it could be worked out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.building._local_doubts import ROWS_LOST, rows_lost, takes_nothing
from bolton_jsna.core.errors import UsageError

if TYPE_CHECKING:
    from bolton_jsna.building.inputs import Ingredients

_TO: Final = 10
_REASONS: Final = 3
"""How many reasons are named: nine for fewer than ten rows would show that there are 9."""
_SHOWN: Final = 8
_LONG: Final = 5
_NUMBER: Final = re.compile(r"\d+(?:,\d{3})*")
_ROW: Final = re.compile(r"\brows?\s+(?:no\.?\s+|numbers?\s+)?\d", re.IGNORECASE)
_PATH: Final = re.compile(
    r"[/\\][^\s/\\]+[/\\]|\b[a-z]:[/\\]|\.(?:csv|tsv|txt|xlsx?|xml|parquet|zip)\b", re.IGNORECASE
)


def about(number: int) -> str:
    """Return a number of rows as written outputs show it."""
    if number < _TO:
        return f"fewer than {_TO}"
    return f"about {(number + _TO // 2) // _TO * _TO:,}"


def many(made_from: Ingredients) -> str:
    """Return a sentence: so many rows were rejected that a person had to accept it."""
    return (
        f"More than {ROWS_LOST[1]:.0%} of the rows of the local file were rejected "
        f"({about(rows_lost(made_from.local.rejects))})."
    )


def rounded(made_from: Ingredients) -> list[str]:
    """Return sentences on rejected rows for written outputs; nothing if there are none."""
    rejects = made_from.local.rejects
    harmless = rejects["reason"].map(takes_nothing).astype(bool)
    found = []
    if not harmless.all():
        number = about(int((~harmless).sum()))
        found.append(
            f"{number[0].upper()}{number[1:]} rows of the local file were rejected (to the "
            f"nearest {_TO}; a smaller number is not shown): {_some(rejects[~harmless])}."
        )
    if harmless.any():
        found.append(
            "Rows of the local file that take nothing from a total were left out; their number is "
            f"not shown: {_some(rejects[harmless])}."
        )
    return found


def exact(made_from: Ingredients) -> list[str]:
    """Return sentences on rejected rows with exact numbers, for the screen."""
    found = []
    for reason, rows in made_from.local.rejects.groupby("reason")["row"]:
        more = " ..." if len(rows) > _SHOWN else ""
        one = len(rows) == 1
        number = "1 row" if one else f"{len(rows):,} rows"
        listed = ", ".join(map(str, rows.head(_SHOWN)))
        found.append(
            f"{number} of the local file {'was' if one else 'were'} rejected: {reason} "
            f"({'row' if one else 'rows'} {listed}{more})."
        )
    return found


def check_reason(reason: str, made_from: Ingredients, own: Mapping[str, Any]) -> None:
    """Make sure that a reason, which is published, gives neither a file nor a number of rows."""
    if not reason:
        return
    files = [Path(each).name for each in own.values() if isinstance(each, str)]
    low = reason.casefold()
    if _PATH.search(reason) or any(
        ("." in each and each.casefold() in low) or _is_named(Path(each).stem.casefold(), low)
        for each in files
    ):
        raise UsageError(f"The reason in accept= (--accept) names a file or a folder. {_INSTEAD}")
    if _ROW.search(reason):
        raise UsageError(f"The reason in accept= (--accept) names a row. {_INSTEAD}")
    rejects = made_from.local.rejects
    if rejects.empty:
        return
    exact = {len(rejects), rows_lost(rejects), made_from.local.reading.rows}
    exact |= set(rejects["reason"].value_counts().tolist())
    for each in _NUMBER.findall(reason):
        if int(each.replace(",", "")) in exact - {0}:
            raise UsageError(
                f"The reason in accept= (--accept) has the number {each}, which is the number "
                f"of rows read or rejected. {_INSTEAD} If it is another number, write it as a word."
            )


_INSTEAD: Final = "Leave it out: the reason is printed on maps that others read."


def _is_named(stem: str, reason: str) -> bool:
    """Return whether a reason holds the name of a file, if that is more than a plain word."""
    mixed = not stem.isalpha() and any(each.isalpha() for each in stem)
    return mixed and len(stem) >= _LONG and stem in reason


def _some(rejects: Any) -> str:
    """Return the first reasons, without the number of the others."""
    reasons = list(
        dict.fromkeys(part for each in rejects["reason"].unique() for part in each.split("; "))
    )
    more = ["others"] if len(reasons) > _REASONS else []
    return "; ".join([*reasons[:_REASONS], *more])
