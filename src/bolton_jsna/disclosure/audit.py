"""The intruder: what can be worked out of a hidden count from everything that is shown."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bolton_jsna.core.errors import UsageError
from bolton_jsna.disclosure._equations import FEW, bounds
from bolton_jsna.disclosure._linked_tables import (
    Frames,
    Key,
    Role,
    Sheet,
    named,
    releases_apart,
    sheets_of,
    sums_of,
)
from bolton_jsna.disclosure._method_inversion import possible_in_lines
from bolton_jsna.disclosure._prior_bounds import Place, known_of, refuse_open
from bolton_jsna.disclosure.dimensions import Columns
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule, rule_of

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.disclosure._linked_tables import Sum

Given = Mapping[Role, Mapping[str, "pd.DataFrame"]]


def audit(
    tables: pd.DataFrame | Mapping[str, pd.DataFrame],
    *,
    rule: str | SuppressionRule = LOCAL,
    public_totals: Frames = None,
    also: Frames = None,
    dimensions: Collection[str] = (),
    keep: Collection[str] = (),
) -> pd.DataFrame:
    """Work out what each hidden count can be, as an intruder would.

    Parameters
    ----------
    tables : DataFrame or Mapping of str to DataFrame
        Protected tables, as :func:`~bolton_jsna.disclosure.suppress.suppress` gives them:
        everything that is to be written. A column ``rate`` with ``population`` (and ``per``,
        10,000 without it) bounds the count of its row; so do columns ``at_least`` and
        ``at_most``, such as the limits of the class of a map or what a chart can be read to; a
        hidden count with ``at_least`` 0 may be zero whatever the rule. A share is a rate too: give
        it as ``rate`` with the whole as ``population`` and ``per`` 1 or 100.
    rule : str or SuppressionRule
        The rule they were protected by, or its name, which the intruder knows; by default that of
        ``suppress``.
    public_totals : DataFrame or Mapping of str to DataFrame, optional
        Totals published elsewhere, with their ``count``.
    also : DataFrame or Mapping of str to DataFrame, optional
        What was written earlier, the oldest first. The intruder believes that few records changed:
        a count that was shown and is hidden now, or the other way round, is known to a few.
        Columns ``at_least`` and ``at_most`` say what lies behind a count that was written under
        another rule.
    dimensions, keep : collection of str, optional
        As for ``suppress``.

    Returns
    -------
    DataFrame
        One row per hidden cell (with controlled rounding, per cell), and per small count that
        stands open: ``table`` where several
        tables are given, the dimensions, ``lower``, ``upper`` (infinite where nothing limits it),
        ``values``, the number of whole counts that it can be, and ``safe``: whether these are at
        least as many as the width of the rule.

    Raises
    ------
    SchemaError
        As ``suppress``.
    UsageError
        When no counts at all agree with the tables, or figures that may tell of it stand beside a
        hidden count.

    Notes
    -----
    One sparse system of all linked cells; the smallest and the largest value of each hidden cell
    by linear programming, rounded to whole counts, and by integer programming where the corner
    found is not whole and the number of values is near the limit. For lines of counts with a known
    total, every assignment with which the method would print the same is counted too, so that
    running it backwards is ruled out; where tables cross it is not tried.

    Examples
    --------
    >>> import pandas as pd
    >>> shown = pd.DataFrame({"ward": ["a", "b", "c", "All"], "count": [None, None, None, 51]})
    >>> audit(shown)[["lower", "upper", "values", "safe"]].head(1)
       lower  upper  values  safe
    0    0.0   51.0    52.0  True
    """
    rule, columns = rule_of(rule), Columns.of(dimensions, keep)
    given: Given = {
        "current": named(tables),
        "earlier": named(also),
        "public": named(public_totals),
    }
    refuse_open(given["current"], columns)
    # What was written first is the first release.
    order: tuple[Role, ...] = ("earlier", "current", "public")
    sheets = releases_apart(
        [
            sheet
            for role in order
            for name, table in given[role].items()
            for sheet in sheets_of(name, table, columns, role=role)
        ]
    )
    mine = [sheet for sheet in sheets if sheet.role == "current"]
    found = _possible(given, sheets, rule)
    public = {key for sheet in sheets if sheet.role == "public" for key in sheet.keys}
    return _report(given["current"], mine, found, rule=rule, public=public)


def _possible(
    given: Given, sheets: Sequence[Sheet], rule: SuppressionRule
) -> dict[Place, tuple[float, float, float]]:
    """Return the least, the most and the number of values of each hidden cell."""
    import numpy as np

    sums = sums_of(sheets, rule.public)
    mine = [sheet for sheet in sheets if sheet.role == "current"]
    limits = _believed(given, sheets, sums, rule)
    known = known_of(given, sheets, sums, rule, rule.least)
    values = possible_in_lines(mine, sums, known, rule, again=bool(given["earlier"]))
    found = {}
    for place, (least, most) in limits.items():
        number = most - least + 1
        if place in values:
            inside = [each for each in values[place] if least <= each <= most]
            number = min(number, float(len(inside)))
        found[place] = (least, most, number if np.isfinite(number) else np.inf)
    return found


def _believed(
    given: Given,
    sheets: Sequence[Sheet],
    sums: Sequence[Sum],
    rule: SuppressionRule,
) -> dict[Place, tuple[float, float]]:
    """Return the bounds under the strongest beliefs that what is shown does not contradict."""
    # That few records changed between two releases, and that hidden means at least one where zeros
    # are shown.
    several = len({each.release for each in sheets}) > 1
    changes: tuple[int | None, ...] = (*FEW, None) if several else (None,)
    tries = list(itertools.product(changes, dict.fromkeys((rule.least, 0))))
    for few, floor in tries:
        known = known_of(given, sheets, sums, rule, floor)
        if (few, floor) == tries[-1]:
            break
        with contextlib.suppress(UsageError):
            return bounds(sums, known, few=few, width=rule.width)
    return bounds(sums, known, few=few, width=rule.width)


def _report(
    given: Mapping[str, pd.DataFrame],
    sheets: Sequence[Sheet],
    found: Mapping[Place, tuple[float, float, float]],
    *,
    rule: SuppressionRule,
    public: Collection[Key],
) -> pd.DataFrame:
    import pandas as pd

    dimensions = list(dict.fromkeys(name for sheet in sheets for name in sheet.dimensions))
    rows: list[dict[str, Any]] = []
    for sheet in sheets:
        table = given[sheet.name]
        for row, key in zip(sheet.rows, sheet.keys, strict=True):
            count = table["count"].iloc[row]
            open_ = not pd.isna(count) and not rule.controlled
            if open_ and rule.small(int(count)) and key not in public:
                least, most, values = float(count), float(count), 1.0
            elif open_ or (sheet.release, key) not in found:
                continue
            else:
                least, most, values = (end + 0.0 for end in found[sheet.release, key])
            rows.append(
                {"table": sheet.name}
                | ({"release": table["release"].iloc[row]} if "release" in table else {})
                | {name: table[name].iloc[row] for name in sheet.dimensions}
                | {"lower": least, "upper": most, "values": values}
                | {"safe": bool(values >= rule.width)}
            )
    columns = ["table", "release", *dimensions, "lower", "upper", "values", "safe"]
    if not any("release" in table for table in given.values()):
        columns.remove("release")
    if list(given) == [""]:
        columns.remove("table")
    made = pd.DataFrame(rows, columns=columns)
    numbers = dict.fromkeys(("lower", "upper", "values"), "float64")
    return made.astype({**numbers, "safe": "bool"})
