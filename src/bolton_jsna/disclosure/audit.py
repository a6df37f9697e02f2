"""The audit: what an intruder can work out about hidden counts from everything that is shown."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import UsageError
from bolton_jsna.disclosure._intruder_knowledge import (
    ReleaseCell,
    intruder_knowledge,
    reject_undeclared_figures,
)
from bolton_jsna.disclosure._linked_tables import (
    CellKey,
    Frames,
    LinkedTable,
    Role,
    Sum,
    linked_tables,
    separate_releases,
    sums_of,
    tables_by_name,
)
from bolton_jsna.disclosure._minimality_attack import possible_in_one_way_tables
from bolton_jsna.disclosure.dimensions import ColumnRoles
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule, rule_of

if TYPE_CHECKING:
    import pandas as pd

Given = Mapping[Role, Mapping[str, "pd.DataFrame"]]


@checked
def audit(
    tables: pd.DataFrame | Mapping[str, pd.DataFrame],
    *,
    rule: str | SuppressionRule = LOCAL,
    public_totals: Frames = None,
    also: Frames = None,
    dimensions: Collection[str] = (),
    keep: Collection[str] = (),
) -> pd.DataFrame:
    """Work out the possible values of each hidden count, as an intruder would.

    Parameters
    ----------
    tables : DataFrame or Mapping of str to DataFrame
        Protected tables, as returned by :func:`~bolton_jsna.disclosure.suppress.suppress`:
        everything that is to be written. A column ``rate`` with ``population`` (and ``per``,
        10,000 if missing) limits the count of its row; so do columns ``at_least`` and
        ``at_most``, such as the limits of a map class or the precision of a chart; a hidden count
        with ``at_least`` 0 may be zero whatever the rule. A share is a rate too: give it as
        ``rate`` with its base as ``population`` and ``per`` 1 or 100.
    rule : str or SuppressionRule
        The rule they were protected by, or its name; the intruder knows it. By default that of
        ``suppress``.
    public_totals : DataFrame or Mapping of str to DataFrame, optional
        Totals published elsewhere, with their ``count``.
    also : DataFrame or Mapping of str to DataFrame, optional
        What was written earlier, the oldest first. The intruder assumes that few records changed:
        a count that was shown and is hidden now, or the reverse, is known to within a few.
        Columns ``at_least`` and ``at_most`` give the limits of a count that was written under
        another rule.
    dimensions, keep : collection of str, optional
        As for ``suppress``.

    Returns
    -------
    DataFrame
        One row per hidden cell (with controlled rounding, per cell) and per small count that is
        shown: ``table`` if several tables are given, the dimensions, ``lower``, ``upper``
        (infinite if nothing limits it), ``values``, the number of possible whole counts, and
        ``safe``: whether there are at least as many as the width of the rule.

    Raises
    ------
    SchemaError
        As ``suppress``.
    UsageError
        If no counts agree with the tables, or there are figures next to a hidden count that may
        reveal it.

    Notes
    -----
    All linked cells are one sparse system. The smallest and the largest value of each hidden cell
    are found by linear programming, rounded to whole counts, and by integer programming if the
    solution is not whole and the number of values is near the limit. For one-way tables with a
    known total, the values for which the method would print the same are counted too (minimality
    attack); for tables with two or more dimensions they are not.

    Examples
    --------
    >>> import pandas as pd
    >>> shown = pd.DataFrame({"ward": ["a", "b", "c", "All"], "count": [None, None, None, 51]})
    >>> audit(shown)[["lower", "upper", "values", "safe"]].head(1)
       lower  upper  values  safe
    0    0.0   51.0    52.0  True
    """
    rule, columns = rule_of(rule), ColumnRoles.of(dimensions, keep)
    given: Given = {
        "current": tables_by_name(tables, "tables"),
        "earlier": tables_by_name(also),
        "public": tables_by_name(public_totals),
    }
    reject_undeclared_figures(given["current"], columns)
    # The oldest tables are the first release.
    order: tuple[Role, ...] = ("earlier", "current", "public")
    linked = separate_releases(
        [cells for role in order for cells in linked_tables(given[role], columns, role)]
    )
    current = [cells for cells in linked if cells.role == "current"]
    found = _possible(given, linked, current, rule)
    public = {key for cells in linked if cells.role == "public" for key in cells.keys}
    return _report(given["current"], current, found, rule=rule, public=public)


def _possible(
    given: Given,
    linked: Sequence[LinkedTable],
    current: Sequence[LinkedTable],
    rule: SuppressionRule,
) -> dict[ReleaseCell, tuple[float, float, float]]:
    """Return the smallest, the largest and the number of possible values of each hidden cell."""
    sums = sums_of(linked, rule.public)
    limits = _bounds_by_assumption(given, linked, sums, rule)
    known = intruder_knowledge(given, linked, sums, rule, rule.least)
    values = possible_in_one_way_tables(current, sums, known, rule, again=bool(given["earlier"]))
    found = {}
    for place, (least, most) in limits.items():
        number = most - least + 1
        if place in values:
            inside = [each for each in values[place] if least <= each <= most]
            number = min(number, float(len(inside)))
        found[place] = (least, most, number if math.isfinite(number) else math.inf)
    return found


def _bounds_by_assumption(
    given: Given,
    linked: Sequence[LinkedTable],
    sums: Sequence[Sum],
    rule: SuppressionRule,
) -> dict[ReleaseCell, tuple[float, float]]:
    """Return the bounds under the strongest assumptions that what is shown does not contradict."""
    # The assumptions: few records changed between two releases, and if zeros are shown a hidden
    # count is at least one.
    from bolton_jsna.disclosure._intruder_bounds import CHANGES, intruder_bounds

    several = len({each.release for each in linked}) > 1
    most_changes: tuple[int | None, ...] = (*CHANGES, None) if several else (None,)
    *stronger, weakest = itertools.product(most_changes, dict.fromkeys((rule.least, 0)))
    for changes, floor in stronger:
        known = intruder_knowledge(given, linked, sums, rule, floor)
        with contextlib.suppress(UsageError):
            return intruder_bounds(sums, known, changes=changes, width=rule.width)
    known = intruder_knowledge(given, linked, sums, rule, weakest[1])
    return intruder_bounds(sums, known, changes=weakest[0], width=rule.width)


def _report(
    given: Mapping[str, pd.DataFrame],
    linked: Sequence[LinkedTable],
    found: Mapping[ReleaseCell, tuple[float, float, float]],
    *,
    rule: SuppressionRule,
    public: Collection[CellKey],
) -> pd.DataFrame:
    import pandas as pd

    dimensions = list(dict.fromkeys(name for cells in linked for name in cells.dimensions))
    rows: list[dict[str, Any]] = []
    for cells in linked:
        table = given[cells.name]
        for row, key, count in zip(cells.rows, cells.keys, cells.counts, strict=True):
            shown = count is not None and not rule.controlled
            if count is not None and shown and rule.small(count) and key not in public:
                least, most, values = float(count), float(count), 1.0
            elif shown or (cells.release, key) not in found:
                continue
            else:
                least, most, values = (end + 0.0 for end in found[cells.release, key])
            rows.append(
                {"table": cells.name}
                | ({"release": table["release"].iloc[row]} if "release" in table else {})
                | {name: table[name].iloc[row] for name in cells.dimensions}
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
