"""Codes that cannot be of the year that a heading says: a contradiction within a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bolton_jsna.errors import SchemaError, some

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class _Codes:
    """A run of codes that came into force together, or ended together.

    Attributes
    ----------
    kind : str
        ``lsoa`` or ``ward``.
    first, last : str
        The run.
    since, until : int
        The first and the last year in which they were in force.
    """

    kind: str
    first: str
    last: str
    since: int = 0
    until: int = 9999


# ONS numbers areas in the order in which they are made. Wards: May 2025 is the newest known here,
# and Bolton's are those of before and after its elections of May 2023.
_RUNS: Final = (
    _Codes("lsoa", "E01033769", "E01035762", since=2021),
    _Codes("lsoa", "W01001959", "W01002040", since=2021),
    _Codes("ward", "E05015927", "E05016261", since=2025),
    _Codes("ward", "E05014818", "E05014837", since=2023),
    _Codes("ward", "E05000650", "E05000669", until=2022),
)


def refuse_later_codes(codes: pd.Series, kind: str, year: int, *, name: str) -> None:
    """Refuse codes that were not in force in the year that their heading says.

    Parameters
    ----------
    codes : Series of str
    kind : str
        What the codes are of: ``lsoa`` and ``ward`` are known.
    year : int
        The year that the heading says.
    name : str
        The file, for the message.

    Raises
    ------
    SchemaError
        With the codes and when they were in force.

    Examples
    --------
    >>> import pandas as pd
    >>> refuse_later_codes(pd.Series(["E01004766"]), "lsoa", 2011, name="x.csv")
    >>> refuse_later_codes(pd.Series(["E05014818"]), "ward", 2022, name="x.csv")
    Traceback (most recent call last):
    bolton_jsna.errors.SchemaError: 'x.csv' has the ward codes E05014818 under a heading of 2022,
    but they came into force in 2023. ...
    """
    for run in _RUNS:
        if run.kind != kind or run.since <= year <= run.until:
            continue
        wrong = codes[(codes >= run.first) & (codes <= run.last)].unique()
        if len(wrong):
            when = (
                f"came into force in {run.since}" if run.since > year else f"ended in {run.until}"
            )
            raise SchemaError(
                f"{name!r} has the {kind} codes {some(wrong)} under a heading of {year}, but they "
                f"{when}. Expected the codes of the year in the heading. Download the file of the "
                "year that you need, or correct the heading."
            )
