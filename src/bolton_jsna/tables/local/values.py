"""The records in the rows of an extract: each row is used, or rejected with a reason."""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from bolton_jsna.tables import _spreadsheet_damage, schemas
from bolton_jsna.tables._row_widths import OVERFULL
from bolton_jsna.tables.local import _ages as local_ages
from bolton_jsna.tables.local import _blanks as local_blanks
from bolton_jsna.tables.local import _dates as local_days
from bolton_jsna.tables.local import layouts as local_layouts
from bolton_jsna.tables.local._ages import ANNEX_A, UNBORN, Ages
from bolton_jsna.tables.local.cells import Coded
from bolton_jsna.tables.local.layouts import EventKind, FileSettings

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

KINDS: Final = cast("Mapping[str, EventKind]", local_layouts.labels("kinds"))
"""The words for the kind of a record, lower case."""

SEXES: Final[Mapping[str, str]] = local_layouts.labels("sexes")
"""The words and census codes for the sex of a child; any other word is ``unknown``."""

HEADINGS: Final = "headings again"
REPEATED: Final = "same child, kind and day as an earlier row"
REMARKS: Final[Mapping[str, str]] = {
    "no_home": "no postcode or LSOA: counted for the authority, but for no ward",
    "bad_home": "postcode or LSOA that cannot be read: counted for the authority, but for no ward",
    "zeros": "child id shorter than others that begin with zeros: it may have lost its zeros",
    "shown": "child id in a number format (.0, commas, %): used as it is written",
    "error": "spreadsheet error (#N/A, #REF!, ####) in a cell: read as empty",
    "mended": "postcode corrected (the letter O for a zero, I for a one)",
    "number": "date written as Excel's number of the day",
    "either": "day and month could be the other way round: read as stated for the column",
    "open": "end date that means not ended, such as Ongoing or 31/12/9999",
    "unborn": "child not yet born on the day (age -1)",
    "no_age": "no age and no birth date",
    "category": "category that is not one of the census: kept as written",
    "referral_source": "source that is not one of the census: kept as written",
    "ethnicity": "ethnicity that is not one of the census: kept as written",
}
"""Remarks on rows that are used."""

_WORDED: Final = ("category", "referral_source", "ethnicity")
_FLAGS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NOBODY: Final = frozenset({"", "unknown", "notknown", "na", "none", "null", "tbc", "nan"})
_LONG: Final = 20
_FORMULA: Final = re.compile(r"[=@+](?![\d\s.,]*$).|-.*[(|!]", re.DOTALL)


@dataclass(frozen=True, eq=False)
class ReadRows:
    """The rows of one sheet read as one kind of event.

    Attributes
    ----------
    tidy : DataFrame
        ``row`` and the columns of ``local_records`` of the rows that can be used.
    rejects : DataFrame
        ``row`` and ``reason``.
    remarks : DataFrame
        ``row`` and ``remark`` (a key of :data:`REMARKS`) of the rows that can be used.
    orders : dict of str to str
        How the slashed days of each column were read.
    """

    tidy: pd.DataFrame
    rejects: pd.DataFrame
    remarks: pd.DataFrame
    orders: dict[str, str]


def read_rows(
    numbers: np.ndarray,
    columns: Mapping[str, Coded],
    *,
    kind: EventKind | None,
    settings: FileSettings,
    today: dt.date,
    only: EventKind | None = None,
) -> ReadRows:
    """Return the records in rows of text, and why the other rows cannot be used."""
    import numpy as np

    # An end date of #N/A is both a spreadsheet error and no end.
    blank = Coded(np.zeros(len(numbers), dtype="int32"), [""])
    ends_open = columns.get("end_date", blank).where(local_blanks.is_open)
    columns, why, errors = _spreadsheet_damage.without_errors(columns, ("child_id", "date", "kind"))
    emptied = {name: local_blanks.emptied(name, column) for name, column in columns.items()}
    # A column that the sheet does not have is blank.
    cells = defaultdict(lambda: blank, emptied)
    notes: dict[str, np.ndarray] = {} if errors is None else {"error": errors}
    # There are fewer dates than children, so these are searched only if a date is a heading.
    again = cells["date"].where(_is_heading)
    why[HEADINGS] = again & cells["child_id"].where(_is_heading) if again.any() else again
    why[OVERFULL] = cells["beyond"].where(bool)
    kinds = cells["kind"].map(lambda text: KINDS.get(text.casefold().replace("_", " ")))
    named = kinds.values() if kind is None else np.full(len(numbers), kind, dtype=object)
    why["unknown kind"] = named == ""
    why["no child id"] = cells["child_id"].where(_is_nobody)
    why |= _spreadsheet_damage.lost_ids(cells["child_id"])
    notes |= _spreadsheet_damage.doubtful_ids(cells["child_id"])
    for name in ("child_id", *_WORDED):
        why[f"formula in {name}"] = cells[name].where(_FORMULA.match)
    date = local_days.read_days(cells["date"], what="date", order=settings.date_order)
    why |= date.wrong
    why["impossible date"] = date.wrong["impossible date"] | cells["date"].where(operator.not_)
    why["date in the future"] = date.days > np.datetime64(today)
    end = local_days.read_days(cells["end_date"], what="end date", order=settings.date_order)
    early = end.days < date.days
    far = early & cells["end_date"].where(local_blanks.ends_far_away)
    ends = np.where(far, np.datetime64("NaT"), end.days)
    why |= end.wrong
    why["ends before it begins"] = early & ~far
    notes["open"] = far | ends_open
    notes["number"], notes["either"] = date.numbers, date.ambiguous
    ages = local_ages.read_ages(
        {name: cells[name] for name in local_ages.COLUMNS}, date.days, order=settings.date_order
    )
    why |= ages.wrong
    notes["unborn"], notes["no_age"] = ages.age == UNBORN, ages.age < UNBORN
    data = {
        "child_id": cells["child_id"],
        "sex": cells["sex"].map(_sex),
        **_homes(cells, notes),
        **_words(cells, notes, settings),
    }
    why["illustrative is neither true nor false"] = cells["illustrative"].where(
        lambda text: _flag(text) is None
    )
    # A row of unknown kind may be of the wanted one, so it is reported.
    wanted = (named == only) | (named == "") | (only is None)
    bad = np.logical_or.reduce(list(why.values()))
    good = ~bad & wanted
    tidy = _tidy(numbers, good, data, named=named, days=date.days, ends=ends, ages=ages)
    tidy["illustrative"] = cells["illustrative"].where(_flag)[good]
    orders = {"date": date.order, "end_date": end.order, "birth_date": ages.order}
    return ReadRows(
        tidy,
        _rejects(numbers, why, bad & wanted),
        _remarks(numbers, notes, good),
        {name: order for name, order in orders.items() if order},
    )


def _is_heading(text: str) -> bool:
    return local_layouts.is_known(local_layouts.key(text))


def _is_nobody(text: str) -> bool:
    # Fast path: most ids end in a digit, and no such word does.
    return not text[-1:].isdigit() and len(text) < _LONG and local_layouts.key(text) in _NOBODY


def _flag(text: str) -> bool | None:
    return _FLAGS.get(text.casefold() or "false")


def _homes(cells: Mapping[str, Coded], notes: dict[str, np.ndarray]) -> dict[str, Coded]:
    made = {text: local_days.postcode(text) for text in cells["postcode"].texts}
    notes["mended"] = cells["postcode"].where(lambda text: made[text][1])
    homes = {
        "postcode": cells["postcode"].map(lambda text: made[text][0]),
        "lsoa_code": cells["lsoa_code"].map(local_days.lsoa),
    }
    written, placed = (
        each["postcode"].where(bool) | each["lsoa_code"].where(bool) for each in (cells, homes)
    )
    notes["no_home"], notes["bad_home"] = ~written, written & ~placed
    return homes


def _words(
    cells: Mapping[str, Coded], notes: dict[str, np.ndarray], settings: FileSettings
) -> dict[str, Coded]:
    found = {}
    for name in _WORDED:
        column = cells[name]
        meanings = [local_layouts.meaning(name, text, settings) for text in column.texts]
        found[name] = Coded(column.codes, [text for text, _ in meanings])
        notes[name] = column.take([bool(text) and not known for text, known in meanings], bool)
    return found


def _tidy(
    numbers: np.ndarray,
    good: np.ndarray,
    data: Mapping[str, Coded],
    *,
    named: np.ndarray,
    days: np.ndarray,
    ends: np.ndarray,
    ages: Ages,
) -> pd.DataFrame:
    import pandas as pd

    age = pd.array(ages.age[good], dtype="Int64")
    age[ages.age[good] < UNBORN] = pd.NA
    born = pd.array(ages.born[good], dtype="Int64")
    born[ages.born[good] == local_ages.NOT_KNOWN] = pd.NA
    is_plan = (named[good] == "plan").astype("int32")
    return pd.DataFrame(
        {
            "row": numbers[good],
            "kind": _texts(["referral", "plan"], is_plan),
            "date": days[good].astype("datetime64[ns]"),
            "end_date": ends[good].astype("datetime64[ns]"),
            "age": age,
            "birth_year_to_march": born,
            **{name: _texts(column.texts, column.codes[good]) for name, column in data.items()},
        }
    )


def _remarks(
    numbers: np.ndarray, notes: Mapping[str, np.ndarray], good: np.ndarray
) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    rows = [numbers[good & mask] for mask in notes.values()]
    names = np.repeat(np.array(list(notes), dtype=object), list(map(len, rows)))
    return pd.DataFrame({"row": np.concatenate(rows), "remark": names})


def _sex(text: str) -> str | None:
    return SEXES.get(ANNEX_A.sub("", text).casefold(), "unknown") if text else None


def _texts(values: list[str], codes: np.ndarray) -> Any:
    import pandas as pd

    found = pd.Series([each or None for each in values], dtype=schemas.text_dtype())
    return found.array.take(codes)


def _rejects(numbers: np.ndarray, why: Mapping[str, np.ndarray], bad: np.ndarray) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    reasons = np.full(int(bad.sum()), "", dtype=object)
    for reason, mask in why.items():
        holds = mask[bad]
        # A row of headings has no other reason.
        holds &= reasons != HEADINGS
        reasons[holds] = [f"{before}; {reason}" if before else reason for before in reasons[holds]]
    return pd.DataFrame({"row": numbers[bad], "reason": reasons})
