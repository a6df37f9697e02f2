"""The intruder: what can be worked out of a hidden count from everything that is shown."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.disclosure.cells import Key, Sheet, Sum, named, releases_apart, sheets_of, sums_of
from bolton_jsna.disclosure.intruder import bounds_of
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule
from bolton_jsna.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

Place = tuple[str, Key]
"""A release and a cell."""

PER: Final = 10_000
"""What a rate is per, where no column ``per`` says otherwise."""


@dataclass
class _Known:
    """What is known of each cell before any sum is looked at."""

    lower: dict[Place, float]
    upper: dict[Place, float]
    hidden: dict[Place, None]
    shown: dict[Place, None]
    exact: dict[Place, int]


def audit(
    tables: pd.DataFrame | Mapping[str, pd.DataFrame],
    *,
    rule: SuppressionRule = LOCAL,
    public_totals: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None,
    also: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Work out the tightest bounds of each hidden count, as an intruder would.

    Parameters
    ----------
    tables : DataFrame or Mapping of str to DataFrame
        Protected tables, as :func:`~bolton_jsna.disclosure.linked.suppress` gives them:
        everything that is to be written. A column ``rate`` with ``population`` (and ``per``,
        10,000 without it) bounds the count of its row; so do columns ``at_least`` and
        ``at_most``, such as the limits of the class of a map or what a chart can be read to; a
        hidden count with ``at_least`` 0 may be zero whatever the rule. A share is a rate too: give
        it as ``rate`` with the whole as ``population`` and ``per`` 1 or 100.
    rule : SuppressionRule
        The rule they were protected by, which the intruder knows; by default that of ``suppress``.
    public_totals : DataFrame or Mapping of str to DataFrame, optional
        Totals published elsewhere, with their ``count``.
    also : DataFrame or Mapping of str to DataFrame, optional
        What was written earlier. Where it disagrees with the tables, records were added in
        between, and the intruder holds that no count has become smaller, unless what is shown says
        otherwise. Give it in order, the oldest first. Columns ``at_least``
        and ``at_most`` say what lies behind a count that was written under another rule.

    Returns
    -------
    DataFrame
        One row per hidden cell (with controlled rounding, per cell): ``table`` where several
        tables are given, the dimensions, ``lower``, ``upper`` (infinite where nothing limits it),
        ``width``, and ``safe``: whether the width is at least that of the rule.

    Raises
    ------
    SchemaError
        When a table has no counts, a dimension without a value or a combination twice.
    UsageError
        When no counts at all agree with the tables.

    Notes
    -----
    One sparse system of all linked cells; the smallest and the largest value of each hidden cell
    by linear programming, rounded to whole counts, and by integer programming where the corner
    found is not whole and the width is near the limit. The intruder knows all sums, everything
    shown, that counts are not negative, and the rule: where zeros are shown, a hidden count is at
    least 1, unless no zero is shown at all and sums would otherwise leave too little, or the
    cell is hidden in several releases, as it may then be zero in one of them.

    Examples
    --------
    >>> import pandas as pd
    >>> shown = pd.DataFrame({"ward": ["a", "b", "All"], "count": pd.array([None, None, 11])})
    >>> audit(shown)[["lower", "upper", "safe"]].values.tolist()
    [[0.0, 11.0, True], [0.0, 11.0, True]]
    """
    given = named(tables)
    now = [sheet for name, table in given.items() for sheet in sheets_of(name, table)]
    before = [
        sheet
        for name, table in named(_or_none(also)).items()
        for sheet in sheets_of(f"earlier {name}".strip(), table)
    ]
    totals = [
        sheet
        for name, table in named(_or_none(public_totals)).items()
        for sheet in sheets_of(f"public {name}".strip(), table)
    ]
    # What was written first is the first release.
    apart = releases_apart([*before, *now, *totals])
    mine = apart[len(before) : len(before) + len(now)]
    sums = sums_of(apart, rule.public)
    every = {
        **given,
        **{f"earlier {name}".strip(): table for name, table in named(_or_none(also)).items()},
    }
    several = any(each.release != apart[0].release for each in apart)
    found, floor, grown = _believed(every, apart, sums, rule, several=several)
    zeros = any(0 in sheet.counts for sheet in mine)
    if floor and not zeros and not _all_safe(found, rule):
        found = _bounds(every, apart, sums, rule, floor=0, grown=grown)
    return _report(given, mine, found, rule)


def _believed(
    tables: Mapping[str, pd.DataFrame],
    sheets: list[Sheet],
    sums: list[Sum],
    rule: SuppressionRule,
    *,
    several: bool,
) -> tuple[dict[Place, tuple[float, float]], int, bool]:
    """Return the bounds under the strongest beliefs that what is shown does not contradict.

    That hidden means at least one, where zeros are shown; then that records were only added, or
    only withdrawn, between two releases.
    """
    floors = (1, 0) if rule.zeros == "shown" else (0,)
    tries = [
        (floor, grown) for grown in ((True, False) if several else (True,)) for floor in floors
    ]
    for floor, grown in tries[:-1]:
        with contextlib.suppress(UsageError):
            return _bounds(tables, sheets, sums, rule, floor=floor, grown=grown), floor, grown
    floor, grown = tries[-1]
    return _bounds(tables, sheets, sums, rule, floor=floor, grown=grown), floor, grown


def _or_none(
    tables: pd.DataFrame | Mapping[str, pd.DataFrame] | None,
) -> pd.DataFrame | Mapping[str, pd.DataFrame]:
    return {} if tables is None else tables


def _all_safe(found: dict[Place, tuple[float, float]] | None, rule: SuppressionRule) -> bool:
    return found is not None and all(most - least >= rule.width for least, most in found.values())


def _bounds(
    given: Mapping[str, pd.DataFrame],
    sheets: list[Sheet],
    sums: list[Sum],
    rule: SuppressionRule,
    *,
    floor: int,
    grown: bool = True,
) -> dict[Place, tuple[float, float]]:
    """Return the bounds of every cell that is asked about; ``grown``: releases are tied."""
    import numpy as np
    from scipy import sparse

    known = _known(given, sheets, rule, floor)
    index: dict[Place, int] = {}
    for each in sums:
        for key in (each.whole, *each.parts):
            index.setdefault((each.release, key), len(index))
    for place in (*known.hidden, *known.lower):
        index.setdefault(place, len(index))
    rows = [
        ({index[each.release, part]: 1.0 for part in each.parts}, index[each.release, each.whole])
        for each in sums
    ]
    equations: list[dict[int, float]] = []
    right: list[float] = []
    lower = [0.0] * len(index)
    upper = [np.inf] * len(index)
    for place, number in index.items():
        lower[number] = known.lower.get(place, 0.0)
        upper[number] = known.upper.get(place, np.inf)
    rests = _rests(sums, known)
    for each, (row, whole) in zip(sums, rows, strict=True):
        equation = dict(row)
        equation[whole] = equation.get(whole, 0.0) - 1.0
        rest, constant = rests.get((each.release, *each.group), (0, 0)), 0.0
        if rest != (0, 0):
            own = _rest(each, known)
            if own is not None:
                constant = -float(own)
            else:
                equation[len(lower)] = 1.0
                lower.append(-np.inf if rest[0] < 0 else 0.0)
                upper.append(np.inf if rest[1] > 0 else 0.0)
        equations.append(equation)
        right.append(constant)
    limits = (lower, upper)
    if grown:
        _link_releases(index, known, equations, right, limits)
    places = [(n, cell, w) for n, equation in enumerate(equations) for cell, w in equation.items()]
    where = np.array(places, dtype=float).reshape(-1, 3)
    matrix = sparse.csr_array(
        (where[:, 2], (where[:, 0].astype(int), where[:, 1].astype(int))),
        shape=(len(equations), len(lower)),
    )
    asked = np.array([index[place] for place in known.hidden], dtype=np.int64)
    least, most = bounds_of(
        matrix, np.array(right), np.array(lower), np.array(upper), asked, width=rule.width
    )
    return {place: (float(least[n]), float(most[n])) for n, place in enumerate(known.hidden)}


def _known(
    given: Mapping[str, pd.DataFrame], sheets: list[Sheet], rule: SuppressionRule, floor: int
) -> _Known:
    known = _Known({}, {}, {}, {}, {})
    # What is hidden in one release is hidden in all, so it may be zero in one of them.
    times = Counter(
        key
        for sheet in sheets
        for key, count in {(sheet.release, key): count for key, count in _cells(sheet)}.items()
        if count is None
    )
    releases: Counter[Key] = Counter(key for _, key in times)
    for sheet in sheets:
        table = given.get(sheet.name)
        read = _read(table, sheet) if table is not None else {}
        stated = _stated(table)
        asked = not sheet.name.startswith(("earlier", "public"))
        levels = (
            table["area_level"].tolist()
            if table is not None and "area_level" in table.columns
            else None
        )
        for place_in, key, count in zip(sheet.rows, sheet.keys, sheet.counts, strict=True):
            place = (sheet.release, key)
            level = None if levels is None else str(levels[place_in])
            if count is None:
                if asked:
                    known.hidden[place] = None
                least, most = read.get(place_in, (0.0, float("inf")))
                if place_in not in stated:
                    least = max(least, float(floor if releases[key] == 1 else 0))
            else:
                public = sheet.name.startswith("public")
                least, most = (count, count) if public else map(float, rule.behind(count, level))
                if sheet.name.startswith("earlier") and place_in in read:
                    said = read[place_in]
                    least, most = said if said[1] < float("inf") else (least, most)
                known.shown[place] = None
                if least == most:
                    known.exact[place] = count
                if rule.controlled and asked:
                    known.hidden[place] = None
            known.lower[place] = max(known.lower.get(place, 0.0), least)
            known.upper[place] = min(known.upper.get(place, float("inf")), most)
    return known


def _cells(sheet: Sheet) -> Iterable[tuple[Key, int | None]]:
    return zip(sheet.keys, sheet.counts, strict=True)


def _read(table: pd.DataFrame, sheet: Sheet) -> dict[int, tuple[float, float]]:
    """Return what a rate or stated limits tell of the counts of rows."""
    import math

    found: dict[int, tuple[float, float]] = {}
    columns = {name: table[name].tolist() for name in table.columns if name in _TELLING}
    digits = max((_decimals(value) for value in columns.get("rate", [])), default=0)
    for row in sheet.rows:
        least, most = 0.0, math.inf
        rate = _number(columns, "rate", row)
        population = _number(columns, "population", row)
        if rate is not None and population is not None:
            per = _number(columns, "per", row) or PER
            half = 0.5 * 10.0**-digits
            least = math.ceil((rate - half) * population / per - 1e-9)
            most = math.floor((rate + half) * population / per + 1e-9)
        stated = _number(columns, "at_least", row), _number(columns, "at_most", row)
        least = max(least, stated[0] if stated[0] is not None else 0.0)
        most = min(most, stated[1] if stated[1] is not None else math.inf)
        found[row] = (least, most)
    return found


def _stated(table: pd.DataFrame | None) -> set[int]:
    """Return the rows of which it is said what a hidden count is at least."""
    if table is None or "at_least" not in table.columns:
        return set()
    return {row for row, there in enumerate(table["at_least"].notna().tolist()) if there}


_TELLING: Final = ("rate", "population", "per", "at_least", "at_most")


def _number(columns: dict[str, list[Any]], name: str, row: int) -> float | None:
    import pandas as pd

    value = columns[name][row] if name in columns else None
    return None if value is None or pd.isna(value) else float(value)


def _decimals(value: Any) -> int:
    import pandas as pd

    if value is None or pd.isna(value):
        return 0
    text = repr(float(value))
    return 6 if "e" in text else min(6, len(text.partition(".")[2].rstrip("0")))


def _rest(each: Sum, known: _Known) -> int | None:
    """Return the whole less its parts where all are known."""
    places = [(each.release, key) for key in (each.whole, *each.parts)]
    if any(place not in known.exact for place in places):
        return None
    whole, *parts = (known.exact[place] for place in places)
    return whole - sum(parts)


def _rests(sums: list[Sum], known: _Known) -> dict[Any, tuple[int, int]]:
    """Return, for each margin of each table, by how much its known sums miss the parts."""
    found: dict[Any, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for each in sums:
        rest = _rest(each, known)
        if rest:
            least, most = found[each.release, *each.group]
            found[each.release, *each.group] = (min(least, rest), max(most, rest))
    return dict(found)


def _link_releases(
    index: dict[Place, int],
    known: _Known,
    equations: list[dict[int, float]],
    right: list[float],
    limits: tuple[list[float], list[float]],
) -> None:
    """Tie the same cell of two releases: if nothing shown became smaller, nothing did."""
    lower, upper = limits
    cells: dict[Key, list[str]] = defaultdict(list)
    for release, key in index:
        cells[key].append(release)
    pairs: dict[tuple[str, str], list[Key]] = defaultdict(list)
    for key, releases in cells.items():
        for one, two in itertools.pairwise(sorted(releases, key=_order)):
            pairs[one, two].append(key)
    for (one, two), keys in pairs.items():
        sign, most = _growth(known, one, two, keys)
        for key in keys if sign else ():
            equations.append({index[two, key]: 1.0, index[one, key]: -1.0, len(lower): -sign})
            right.append(0.0)
            lower.append(0.0)
            upper.append(most)


def _growth(known: _Known, one: str, two: str, keys: list[Key]) -> tuple[float, float]:
    """Return which way counts went between two releases (0: both), and how far at most."""
    grew = shrank = False
    exact = True
    shown = [key for key in keys if (one, key) in known.shown and (two, key) in known.shown]
    for key in shown:
        before, after = (one, key), (two, key)
        grew |= known.lower[after] > known.upper[before]
        shrank |= known.upper[after] < known.lower[before]
        exact &= before in known.exact and after in known.exact
    if not shown or (grew and shrank):
        return 0.0, 0.0
    # Where nothing moved, nothing moved; where that cannot be seen for rounding, records are added.
    most = 0.0 if exact and not grew and not shrank else float("inf")
    return (-1.0 if shrank else 1.0), most


def _order(release: str) -> tuple[str, int]:
    """Return the order of a release: they are numbered as they are given, the oldest first."""
    name, _, number = release.rpartition("#")
    return name, int(number)


def _report(
    given: Mapping[str, pd.DataFrame],
    sheets: list[Sheet],
    found: dict[Place, tuple[float, float]],
    rule: SuppressionRule,
) -> pd.DataFrame:
    import pandas as pd

    dimensions = list(dict.fromkeys(name for sheet in sheets for name in sheet.dimensions))
    rows: list[dict[str, Any]] = []
    for sheet in sheets:
        table = given[sheet.name]
        for row, key in zip(sheet.rows, sheet.keys, strict=True):
            if (sheet.release, key) not in found or (
                not rule.controlled and not pd.isna(table["count"].iloc[row])
            ):
                continue
            least, most = (end + 0.0 for end in found[sheet.release, key])
            rows.append(
                {"table": sheet.name}
                | ({"release": table["release"].iloc[row]} if "release" in table else {})
                | {name: table[name].iloc[row] for name in sheet.dimensions}
                | {"lower": least, "upper": most, "width": most - least}
                | {"safe": bool(most - least >= rule.width)}
            )
    columns = ["table", "release", *dimensions, "lower", "upper", "width", "safe"]
    if not any("release" in table for table in given.values()):
        columns.remove("release")
    if list(given) == [""]:
        columns.remove("table")
    made = pd.DataFrame(rows, columns=columns)
    numbers = dict.fromkeys(("lower", "upper", "width"), "float64")
    return made.astype({**numbers, "safe": "bool"})
