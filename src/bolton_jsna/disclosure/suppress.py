"""Hide small counts in a set of linked tables."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import UsageError, choice
from bolton_jsna.disclosure._linked_tables import (
    ALL,
    CellKey,
    Frames,
    LinkedTable,
    linked_tables,
    rows_never_zero,
    separate_releases,
    tables_by_name,
)
from bolton_jsna.disclosure.dimensions import ColumnRoles
from bolton_jsna.disclosure.earlier_tables import CROSSING_OPTIONS, IfCrossed, follow_earlier
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule, rule_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from bolton_jsna.disclosure._protection_problem import ProtectionProblem

_log = logging.getLogger(__name__)

Tables = TypeVar("Tables", "pd.DataFrame", "Mapping[str, pd.DataFrame]")


@checked
def suppress(
    tables: Tables,
    *,
    rule: str | SuppressionRule = LOCAL,
    public_totals: Frames = None,
    unpublished: Frames = None,
    also: Frames = None,
    if_told: IfCrossed = "hold",
    dimensions: Collection[str] = (),
    keep: Collection[str] = (),
) -> Tables:
    """Hide small counts of linked tables, and as many others as needed to protect them.

    Parameters
    ----------
    tables : DataFrame or Mapping of str to DataFrame
        Long tables: one row per combination of dimensions, whole numbers in ``count``. A total is
        a row with ``All`` in a dimension. Dimensions of the same name link tables; a table by
        LSOA with a column for the ward is linked with tables by ward. A combination without a row
        is a zero that everyone knows. Tables with different counts for the same cell (or rows
        with different values in a column ``release``) are releases of the same tables. ``at_least``
        is 1 in a row that is there only if there are any: everyone knows that it is not zero.
    rule : str or SuppressionRule
        The rule, or its name; by default counts from 0 to 5 are hidden.
    public_totals : DataFrame or Mapping of str to DataFrame, optional
        Totals that are public whatever is hidden here, as long tables; only their dimensions are
        used. They are shown.
    unpublished : DataFrame or Mapping of str to DataFrame, optional
        Counts that are not written but must not be worked out from those that are. If tables by
        old and by new wards are written: the counts by old and new ward (or by LSOA with columns
        for both).
    also : DataFrame or Mapping of str to DataFrame, optional
        What was written earlier, protected, the oldest first. A set of counts (with public totals
        by year: one year of a table and what is linked with it) is written again only if the same
        counts are hidden as in the last table by the same dimensions. Counts are rounded as
        before if possible.
    if_told : {"hold", "hide", "stop"}, default "hold"
        What to do if a count has become small, or is no longer small, since then. It applies to
        all tables with the same value of the public dimensions. "hold": keep the figures of the
        earlier tables, with their date in a column ``as_of`` (a table that was not written before
        is hidden); "hide": hide everything, also totals; "stop": raise an error.
    dimensions, keep : collection of str, optional
        Columns that are dimensions, and columns that reveal nothing about the count, in addition
        to the known ones (:mod:`bolton_jsna.disclosure.dimensions`).

    Returns
    -------
    DataFrame or dict of str to DataFrame
        As given, with ``count`` missing and ``status`` ``suppressed`` if hidden, otherwise
        ``status`` ``value``. Rates, intervals and all other numbers are missing if the count is.
        ``largest`` is left out. Rows in the order of their counts are sorted by their dimensions,
        because that order would reveal hidden counts.

    Raises
    ------
    SchemaError
        If a table has no counts, an unknown column that is not numeric, a missing value in a
        dimension, or a combination twice.
    UsageError
        If a count is missing, negative or not a whole number, if a rule with dominance finds no
        column ``largest``, or if a count has become small or is no longer small and ``if_told``
        is ``"stop"``.

    Notes
    -----
    Primary and secondary suppression: Hundepool et al. 2012, chapter 4. What is hidden depends on
    which counts are small, on the zeros that are shown and on the dimensions, in a public order
    (a choice that depends on the counts can be inverted: Wong et al. 2007, minimality attack). A
    one-way table with a known total is protected as in
    ``bolton_jsna.disclosure._one_way_table.hide``. Small sets of tables are solved for the least
    loss (Fischetti and Salazar 2001), large ones by a heuristic search, both on nominal counts. If
    the true counts then leave a hidden count with fewer possible values than the rule requires,
    everything linked with it is hidden. If public totals leave no safe choice, a warning is
    logged, and :func:`~bolton_jsna.disclosure.audit.audit` shows which cells are not safe.

    Examples
    --------
    >>> import pandas as pd
    >>> wards = pd.DataFrame({"ward": ["a", "b", "c", "d", "All"], "count": [2, 9, 40, 30, 81]})
    >>> suppress(wards)["count"].tolist()
    [<NA>, <NA>, <NA>, 30, 81]
    """
    choice("if_told", if_told, CROSSING_OPTIONS)
    from bolton_jsna.disclosure._controlled_rounding import controlled_rounding
    from bolton_jsna.disclosure._protection_problem import CellFacts, protection_problem
    from bolton_jsna.disclosure._secondary_suppression import hidden_cells

    rule = rule_of(rule)
    given: dict[str, pd.DataFrame] = tables_by_name(tables, "tables")
    columns: ColumnRoles = ColumnRoles.of(dimensions, keep)
    linked = separate_releases(
        [*linked_tables(tables, columns), *linked_tables(unpublished, columns, "unpublished")]
    )
    current = [each for each in linked if each.role == "current"]
    earlier = linked_tables(also, columns, "earlier")
    public = linked_tables(public_totals, columns, "public")
    facts = CellFacts(
        dominated=_dominated(given, current, rule),
        levels=_levels(given, current),
        known=frozenset(key for each in public for key in each.keys),
        never_zero=_never_zero(given, current),
    )
    problem = protection_problem(
        current,
        [each for each in linked if each.role == "unpublished"],
        rule=rule,
        facts=facts,
    )
    if rule.controlled:
        before = {key: count for each in earlier for key, count in each.shown.items()}
        rounded = controlled_rounding(problem, rule.rounding, before=before)
        done = {
            name: _with_counts(
                table, _by_row(name, current, problem, rounded), [False] * len(table)
            )
            for name, table in given.items()
        }
    else:
        hidden = hidden_cells(problem, rule)
        done = {
            name: _with_hidden(table, _by_row(name, current, problem, hidden), rule, columns)
            for name, table in given.items()
        }
        done = follow_earlier(
            done, tables_by_name(also), public=rule.public or (), columns=columns, if_told=if_told
        )
    done = {
        name: _without_order_of_counts(table, given[name], columns) for name, table in done.items()
    }
    return done if isinstance(tables, Mapping) else done[""]


def _without_order_of_counts(
    table: pd.DataFrame, given: pd.DataFrame, columns: ColumnRoles
) -> pd.DataFrame:
    """Return rows in the order of their dimensions if they were in the order of their counts."""
    out = table.copy()
    out.attrs = {}
    if len(given) != len(table) or not table["count"].isna().any():
        return out
    if given.index.tolist() == given["count"].tolist():
        out = out.reset_index(drop=True)
    dimensions = list(columns.dimensions_of(given))
    total = _natural_order(ALL)
    keys = [tuple(map(_natural_order, map(str, row))) for row in given[dimensions].to_numpy()]
    counts = given["count"].tolist()
    inner = [place for place, key in enumerate(keys) if total not in key]
    groupings = [[inner]]
    for number in range(len(dimensions)):
        groups: dict[Any, list[int]] = defaultdict(list)
        for place in inner:
            groups[keys[place][number]].append(place)
        groupings.append(list(groups.values()))
    if not any(
        _sorted_by(each, counts.__getitem__) and not _sorted_by(each, keys.__getitem__)
        for each in groupings
    ):
        return out
    order = sorted(
        range(len(keys)), key=lambda place: [(word == total, word) for word in keys[place]]
    )
    return out.iloc[order].reset_index(drop=True)


def _natural_order(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key that puts ward 2 before ward 10."""
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part)
        for part in re.split(r"([0-9]+)", text)
        if part
    )


def _sorted_by(groups: list[list[int]], key: Callable[[int], Any]) -> bool:
    """Return whether every group is sorted by a key; at least one must have three rows or more."""
    return max(map(len, groups), default=0) > 2 and any(
        all(rows == sorted(rows, key=key, reverse=down) for rows in groups)
        for down in (False, True)
    )


def _levels(
    given: Mapping[str, pd.DataFrame], linked: Iterable[LinkedTable]
) -> tuple[tuple[CellKey, str], ...]:
    return tuple(
        (key, str(given[cells.name]["area_level"].iloc[row]))
        for cells in linked
        if "area_level" in given[cells.name].columns
        for key, row in zip(cells.keys, cells.rows, strict=True)
    )


def _never_zero(
    given: Mapping[str, pd.DataFrame], linked: Iterable[LinkedTable]
) -> frozenset[CellKey]:
    rows = {name: rows_never_zero(table) for name, table in given.items()}
    return frozenset(
        key
        for cells in linked
        for key, row, count in zip(cells.keys, cells.rows, cells.counts, strict=True)
        if count and row in rows[cells.name]
    )


def _dominated(
    given: Mapping[str, pd.DataFrame], linked: Iterable[LinkedTable], rule: SuppressionRule
) -> frozenset[CellKey]:
    if rule.dominance is None:
        return frozenset()
    found: set[CellKey] = set()
    for cells in linked:
        if "largest" not in given[cells.name].columns:
            raise UsageError(
                f"The rule {rule.name!r} hides counts of which one child accounts for more than "
                f"{rule.dominance:.0%}; table {cells.name!r} has no column 'largest' with the "
                "number of events of the child with the most. Add it, or use a rule without "
                "dominance."
            )
        largest = given[cells.name]["largest"].tolist()
        found |= {
            key
            for key, row, count in zip(cells.keys, cells.rows, cells.counts, strict=True)
            if count and largest[row] > rule.dominance * count
        }
    return frozenset(found)


def _by_row(
    name: str, linked: Iterable[LinkedTable], problem: ProtectionProblem, values: NDArray[Any]
) -> list[Any]:
    """Return the values of cells in the order of the rows of a table."""
    pairs = [
        (row, values[problem.index[key]].item())
        for cells in linked
        if cells.name == name
        for row, key in zip(cells.rows, cells.keys, strict=True)
    ]
    return [value for _, value in sorted(pairs)]


def _with_hidden(
    table: pd.DataFrame, hidden: list[bool], rule: SuppressionRule, columns: ColumnRoles
) -> pd.DataFrame:
    import pandas as pd

    levels = table["area_level"].tolist() if "area_level" in table.columns else [None] * len(table)
    shown = [
        pd.NA if hide_it else rule.shown(int(count), level)
        for hide_it, count, level in zip(hidden, table["count"].tolist(), levels, strict=True)
    ]
    out = _with_counts(table, shown, hidden)
    for column in columns.derived(table):
        if column in out.columns:
            out[column] = out[column].where(~pd.Series(hidden, index=out.index, dtype=bool))
    return out


def _with_counts(table: pd.DataFrame, counts: list[Any], hidden: list[bool]) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    out = table.drop(columns=["largest"], errors="ignore").copy()
    out["count"] = pd.array(counts, dtype="Int64")
    out["status"] = np.where(hidden, "suppressed", "value")
    return out


@checked
def unprotected(tables: Tables, *, reason: str) -> Tables:
    """Return tables as they are, with each row marked as not for publication.

    Parameters
    ----------
    tables : DataFrame or Mapping of str to DataFrame
        As for :func:`suppress`.
    reason : str
        Why they are needed and by whom; it is logged and belongs in the record of the run.

    Returns
    -------
    DataFrame or dict of str to DataFrame
        With ``status`` ``value`` and a column ``publication``: ``Not for publication``.

    Raises
    ------
    UsageError
        If no reason is given.

    Examples
    --------
    >>> import pandas as pd
    >>> wards = pd.DataFrame({"ward": ["a"], "count": [2]})
    >>> unprotected(wards, reason="Case audit, team manager only")["publication"].tolist()
    ['Not for publication']
    """
    if not reason.strip():
        raise UsageError("Give the reason for showing small numbers, such as reason='Case audit'.")
    _log.warning("Small numbers are shown: %s. Not for publication.", reason.strip())
    done = {
        name: table.assign(status="value", publication="Not for publication")
        for name, table in tables_by_name(tables, "tables").items()
    }
    return done if isinstance(tables, Mapping) else done[""]
