"""Ethnic groups as ONS, schools, DfE and records write them, and the census table of them.

Publishers write one group in several ways: "Asian, Asian British or Asian Welsh: Bangladeshi"
(ONS), "Asian - Bangladeshi" (school census), "Bangladeshi" (children in need). The five main groups
are the same in all of them.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.areas import find
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.tables import _files
from bolton_jsna.tables._left_out import without
from bolton_jsna.tables._register import area_columns
from bolton_jsna.tables.local.layouts import ethnic_groups, meaning

if TYPE_CHECKING:
    import pandas as pd

NOT_STATED: Final = "Not stated"
"""The main group of events and people whose ethnic group is not known."""

TOTALS: Final = frozenset({"total", "all", "known ethnicity", "known", "all ethnic groups"})
"""Rows of everybody, in lower case: they are not a group."""

_MAIN: Final = {
    "asian": "Asian or Asian British",
    "black": "Black or Black British",
    "mixed": "Mixed",
    "white": "White",
    "other": "Other ethnic group",
}
_WHOLE: Final = re.compile(
    r"(?:total )?(?:(white|mixed|other)(?: ethnic| or multiple ethnic| heritage)?"
    r"(?: groups?| backgrounds?)?|(asian|black)(?: or (?:asian|black) british| ethnic groups?"
    r"|,[^:]*)?)"
)
_UNKNOWN: Final = frozenset(
    {"unclassified", "unknown", "not known", "not stated", "not recorded", "missing"}
)
_MORE: Final = {"gypsy or irish traveller": "White"}
"""Groups that a publisher joins of several ethnicities."""

_COLUMNS: Final = {
    "code": re.compile(r"area_code|.*(?:authorit|region|countr)\w* code", re.IGNORECASE),
    "group": re.compile(r"ethnic_group|ethnic group \(\d+ categories\)", re.IGNORECASE),
    "number": re.compile(r"value|observation", re.IGNORECASE),
    "period": re.compile(r"period", re.IGNORECASE),
}
_YEAR: Final = 2021
"""The year of a census table without a column of its date."""


@functools.cache
def main_group(label: str) -> str | None:
    """Return the main ethnic group of a label, ``Not stated`` for unknown, None if not known."""
    text = " ".join(label.casefold().replace("_", " ").split())
    if text in _UNKNOWN:
        return NOT_STATED
    if text in _MORE:
        return _MORE[text]
    if (whole := _WHOLE.fullmatch(text)) is not None:
        return _MAIN[whole[1] or whole[2]]
    word, known = meaning("ethnicity", label)
    if known:
        return ethnic_groups().get(word)
    parted = re.match(r"(asian|black|mixed|white|other)\b[^:]*?(?::| - )", text)
    return _MAIN[parted[1]] if parted else None


def is_whole(label: str) -> bool:
    """Return whether a label is that of a main group, whose parts have rows of their own."""
    return _WHOLE.fullmatch(" ".join(label.casefold().replace("_", " ").split())) is not None


@checked
@one_error
def read(path: str | Path) -> pd.DataFrame:
    """Return the people of each ethnic group from a table of the census of 2021.

    Parameters
    ----------
    path : str or Path
        CSV (also gzipped) or XLSX of the census table of ethnic groups (TS021), as ONS writes it
        (``Ethnic group (20 categories)``, ``Observation``) or with ``area_code``,
        ``ethnic_group`` and ``value``.

    Returns
    -------
    DataFrame
        ``area_code``, ``area_name``, ``area_level``, ``year``, ``ethnic_group`` (as published),
        ``main_group`` (one of five), ``population`` (persons of all ages) and ``status``. Areas of
        Wales are left out.

    Raises
    ------
    SourceError
        When the file does not exist, is empty or cannot be read.
    SchemaError
        When the columns are not there, a number or a group is not known, or an area has a group
        twice.

    Notes
    -----
    ONS, Census 2021, usual residents of all ages. ONS adds small random changes to counts.

    Examples
    --------
    >>> read("ts021.csv")
    Traceback (most recent call last):
    bolton_jsna.core.errors.SourceError: There is no file 'ts021.csv'. ...
    """
    import pandas as pd

    path = Path(path)
    table = _files.found_tables(path, _is_header, expected="census ethnic groups by area")[0].frame
    columns = {
        name: next((each for each in table if pattern.fullmatch(_files.heading(each))), None)
        for name, pattern in _COLUMNS.items()
    }
    cells = {name: table[each].str.strip() for name, each in columns.items() if each is not None}
    rows = pd.DataFrame(cells)
    rows = rows[(rows != "").any(axis=1)]
    rows = rows[rows["group"].str.casefold() != "does not apply"]
    # Tables of the census are of England and Wales.
    rows = rows[~rows["code"].str.startswith("W")]
    places = {code: find(code) for code in rows["code"].unique()}
    strange = rows["code"].map(lambda code: places[code] is None)
    found = some(rows.loc[strange, "code"].unique())
    rows = without(
        rows,
        strange,
        f"{path.name!r} has areas that are not in the register: {found}.",
        "Expected England, its regions and its upper-tier authorities.",
    )
    main = rows["group"].map(main_group)
    odd = rows.loc[main.isna() | (main == NOT_STATED), "group"].unique()
    if len(odd):
        raise SchemaError(
            f"{path.name!r} has ethnic groups that are not known: {some(map(repr, odd))}. Expected "
            "those of the census of 2021."
        )
    people = pd.to_numeric(rows["number"].str.replace(",", "", regex=False), errors="coerce")
    if people.isna().any() or (people < 0).any():
        wrong = rows.loc[people.isna() | (people < 0), "number"].unique()
        raise SchemaError(
            f"{path.name!r} has {some(map(repr, wrong))} in {columns['number']!r}; expected "
            "numbers of people."
        )
    year = rows["period"].str[:4].astype("Int64") if "period" in rows else _YEAR
    out = area_columns((place for code in rows["code"] if (place := places[code])), rows.index)
    out = out.assign(
        year=year,
        ethnic_group=rows["group"],
        main_group=main,
        population=people.astype("Int64"),
        status="value",
    ).astype({"year": "Int64"})
    twice = out.duplicated(["area_code", "year", "ethnic_group"])
    if twice.any():
        raise SchemaError(
            f"{path.name!r} has {out.loc[twice, 'ethnic_group'].iloc[0]!r} of "
            f"{out.loc[twice, 'area_name'].iloc[0]} twice. Expected one row for each area and "
            "group; take the table of persons of all ages."
        )
    return out.reset_index(drop=True)


def _is_header(cells: set[str]) -> bool:
    wanted = ("code", "group", "number")
    return all(any(map(_COLUMNS[name].fullmatch, cells)) for name in wanted)
