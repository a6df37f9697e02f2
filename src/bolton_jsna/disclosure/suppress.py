"""Hiding small counts in a set of linked tables."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from bolton_jsna.core.errors import UsageError, choice
from bolton_jsna.disclosure._linked_tables import (
    ALL,
    Key,
    Role,
    Sheet,
    named,
    releases_apart,
    sheets_of,
)
from bolton_jsna.disclosure._method_choice import protected
from bolton_jsna.disclosure._model import Facts, Problem, problem_of
from bolton_jsna.disclosure._rounding import rounded
from bolton_jsna.disclosure.dimensions import Columns
from bolton_jsna.disclosure.earlier_tables import IF_TOLD, IfTold, settled
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule, rule_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from bolton_jsna.disclosure._linked_tables import Frames

logger = logging.getLogger(__name__)

Tables = TypeVar("Tables", "pd.DataFrame", "Mapping[str, pd.DataFrame]")


def suppress(
    tables: Tables,
    *,
    rule: str | SuppressionRule = LOCAL,
    public_totals: Frames = None,
    unpublished: Frames = None,
    also: Frames = None,
    if_told: IfTold = "hold",
    dimensions: Collection[str] = (),
    keep: Collection[str] = (),
) -> Tables:
    """Hide small counts of linked tables, and as many more as it takes to keep them hidden.

    Parameters
    ----------
    tables : DataFrame or Mapping of str to DataFrame
        Long tables: one row per combination of dimensions, whole numbers in ``count``. A margin is
        a row whose dimension holds ``All``. Equal dimension names link tables; a table by LSOA
        that has a column for the ward is tied to the tables by ward. A combination without a row
        counts as zero, known to all. Tables that disagree about a cell (or rows with another value
        of a column ``release``) are releases of the same tables, one beside the other.
    rule : str or SuppressionRule
        The rule, or its name; by default counts from 0 to 5 are hidden.
    public_totals : DataFrame or Mapping of str to DataFrame, optional
        Totals known to the public whatever is hidden here, as long tables; only their dimensions
        are read. They are shown.
    unpublished : DataFrame or Mapping of str to DataFrame, optional
        Counts that are not written but must not be worked out from those that are: for old and
        new wards side by side, the counts by old and new ward (or by LSOA with columns for both).
    also : DataFrame or Mapping of str to DataFrame, optional
        What was written earlier, protected, the oldest first. A line of counts (with public totals
        by year, a year of a table and what is linked with it) goes out again where the same counts
        are hidden as in the last table by the same dimensions. Counts are rounded as they were
        while they can be.
    if_told : {"hold", "hide", "stop"}, default "hold"
        What happens where a count has become small or is no longer small since then, to all tables
        with the same value of the public dimensions: the figures of the earlier tables stay, with
        their date in a column ``as_of`` (a table that was not written before is hidden); all is
        hidden, totals too; or an error is raised.
    dimensions, keep : collection of str, optional
        Columns that are dimensions, and columns that tell nothing of the count, beside those that
        are known to be (:mod:`bolton_jsna.disclosure.dimensions`).

    Returns
    -------
    DataFrame or dict of str to DataFrame
        As given (rows that stand by the size of their counts by their dimensions instead, as that
        order would tell of hidden ones), ``count`` missing and ``status`` ``suppressed`` where
        hidden, ``status`` ``value`` elsewhere; rates, intervals and every other number missing
        where the count is;
        ``largest`` left out.

    Raises
    ------
    SchemaError
        When a table has no counts, a column that is not known and holds no numbers, a dimension
        without a value or a combination twice.
    UsageError
        When a count is missing, negative or no whole number, a rule on dominance finds no column
        ``largest``, or a count crossed the line and ``if_told`` is ``"stop"``.

    Notes
    -----
    Hundepool et al. 2012, chapter 4, for primary and secondary suppression. What is hidden turns
    on which counts are small, on zeros that are shown and on the dimensions, in an order that is
    public (Wong et al. 2007: a choice that looks at the counts can be run backwards). A line of
    counts with a known total is hidden as in :func:`~bolton_jsna.disclosure._one_way.hide`; small
    sets are solved to the least loss (Fischetti and Salazar 2001), large ones by a search, both on
    nominal counts. Where the true counts then leave a hidden one fewer possible values than the
    rule asks for, all that is linked with it is hidden; where public totals leave no safe way, a
    warning is logged, and :func:`~bolton_jsna.disclosure.audit.audit` says which cells are not
    safe.

    Examples
    --------
    >>> import pandas as pd
    >>> wards = pd.DataFrame({"ward": ["a", "b", "c", "d", "All"], "count": [2, 9, 40, 30, 81]})
    >>> suppress(wards)["count"].tolist()
    [<NA>, <NA>, <NA>, 30, 81]
    """
    choice("if_told", if_told, IF_TOLD)
    rule = rule_of(rule)
    given: dict[str, pd.DataFrame] = named(tables)
    columns: Columns = Columns.of(dimensions, keep)
    apart = releases_apart(
        [*_sheets(given, columns), *_sheets(named(unpublished), columns, "unpublished")]
    )
    sheets = [each for each in apart if each.role == "current"]
    behind = [each for each in apart if each.role == "unpublished"]
    earlier = _sheets(named(also), columns, "earlier")
    facts = Facts(
        dominated=_dominated(given, sheets, rule),
        levels=_levels(given, sheets),
        known=frozenset(
            key for each in _sheets(named(public_totals), columns, "public") for key in each.keys
        ),
    )
    problem = problem_of(sheets, behind, rule=rule, facts=facts)
    own = {name: [sheet for sheet in sheets if sheet.name == name] for name in given}
    if rule.controlled:
        written = rounded(problem, rule.rounding, before=_shown(earlier))
        done = {
            name: _rounded_table(table, own[name], problem, written)
            for name, table in given.items()
        }
    else:
        hidden = protected(problem, rule)
        done = {
            name: _table(table, own[name], problem, hidden, rule=rule, columns=columns)
            for name, table in given.items()
        }
        done = settled(
            done, named(also), public=rule.public or (), columns=columns, if_told=if_told
        )
    done = {
        name: _telling_nothing_by_order(table, given[name], columns) for name, table in done.items()
    }
    return done if isinstance(tables, Mapping) else done[""]


def _telling_nothing_by_order(
    table: pd.DataFrame, given: pd.DataFrame, columns: Columns
) -> pd.DataFrame:
    """Return rows by their dimensions where they were in the order of their counts."""
    out = table.copy()
    out.attrs = {}
    if len(given) != len(table) or not table["count"].isna().any():
        return out
    if given.index.tolist() == given["count"].tolist():
        out = out.reset_index(drop=True)
    dimensions = list(columns.dimensions_of(given))
    keys = [tuple(map(_natural, map(str, row))) for row in given[dimensions].to_numpy()]
    counts = given["count"].tolist()
    inner = [place for place, key in enumerate(keys) if _natural(ALL) not in key]
    lines = [[inner]]
    for number in range(len(dimensions)):
        parts: dict[Any, list[int]] = defaultdict(list)
        for place in inner:
            parts[keys[place][number]].append(place)
        lines.append(list(parts.values()))
    if not any(
        _sorted_by(each, counts.__getitem__) and not _sorted_by(each, keys.__getitem__)
        for each in lines
    ):
        return out
    order = sorted(
        range(len(keys)), key=lambda place: [(word == _natural(ALL), word) for word in keys[place]]
    )
    return out.iloc[order].reset_index(drop=True)


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key by which ward 2 comes before ward 10."""
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part)
        for part in re.split(r"([0-9]+)", text)
        if part
    )


def _sorted_by(lines: list[list[int]], key: Callable[[int], Any]) -> bool:
    """Say whether all of some lines, of which one has three rows or more, are sorted by a key."""
    return max(map(len, lines), default=0) > 2 and any(
        all(line == sorted(line, key=key, reverse=down) for line in lines) for down in (False, True)
    )


def _sheets(
    tables: Mapping[str, pd.DataFrame], columns: Columns, role: Role = "current"
) -> list[Sheet]:
    return [
        sheet
        for name, table in tables.items()
        for sheet in sheets_of(name, table, columns, role=role)
    ]


def _shown(sheets: Iterable[Sheet]) -> dict[Key, int]:
    """Return the counts that were shown last."""
    return {
        key: count
        for sheet in sheets
        for key, count in zip(sheet.keys, sheet.counts, strict=True)
        if count is not None
    }


def _levels(
    given: Mapping[str, pd.DataFrame], sheets: Iterable[Sheet]
) -> tuple[tuple[Key, str], ...]:
    return tuple(
        (key, str(given[sheet.name]["area_level"].iloc[row]))
        for sheet in sheets
        if "area_level" in given[sheet.name].columns
        for key, row in zip(sheet.keys, sheet.rows, strict=True)
    )


def _dominated(
    given: Mapping[str, pd.DataFrame], sheets: Iterable[Sheet], rule: SuppressionRule
) -> frozenset[Key]:
    if rule.dominance is None:
        return frozenset()
    found: set[Key] = set()
    for sheet in sheets:
        if "largest" not in given[sheet.name].columns:
            raise UsageError(
                f"The rule {rule.name!r} hides counts of which one child gives more than "
                f"{rule.dominance:.0%}; table {sheet.name!r} has no column 'largest' with the "
                "events of the child with the most. Add it, or use a rule without dominance."
            )
        largest = given[sheet.name]["largest"].tolist()
        found |= {
            key
            for key, row, count in zip(sheet.keys, sheet.rows, sheet.counts, strict=True)
            if count and largest[row] > rule.dominance * count
        }
    return frozenset(found)


def _table(
    table: pd.DataFrame,
    sheets: list[Sheet],
    problem: Problem,
    hidden: NDArray[np.bool_],
    *,
    rule: SuppressionRule,
    columns: Columns,
) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    gone = np.zeros(len(table), dtype=bool)
    for sheet in sheets:
        gone[list(sheet.rows)] = [hidden[problem.index[key]] for key in sheet.keys]
    levels = table["area_level"].tolist() if "area_level" in table.columns else [None] * len(table)
    shown = [
        pd.NA if hide_it else rule.shown(int(count), level)
        for hide_it, count, level in zip(gone, table["count"].tolist(), levels, strict=True)
    ]
    out = _with(table, shown, gone)
    for column in columns.derived(table):
        if column in out.columns:
            out[column] = out[column].where(~pd.Series(gone, index=out.index))
    return out


def _rounded_table(
    table: pd.DataFrame, sheets: list[Sheet], problem: Problem, written: NDArray[np.int64]
) -> pd.DataFrame:
    import numpy as np

    counts = np.zeros(len(table), dtype=np.int64)
    for sheet in sheets:
        counts[list(sheet.rows)] = [written[problem.index[key]] for key in sheet.keys]
    return _with(table, counts.tolist(), np.zeros(len(table), dtype=bool))


def _with(table: pd.DataFrame, counts: list[Any], hidden: NDArray[np.bool_]) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    out = table.drop(columns=["largest"], errors="ignore").copy()
    out["count"] = pd.array(counts, dtype="Int64")
    out["status"] = np.where(hidden, "suppressed", "value")
    return out


def unprotected(tables: Tables, *, reason: str) -> Tables:
    """Return tables as they are, each row marked as not for publication.

    Parameters
    ----------
    tables : DataFrame or Mapping of str to DataFrame
        As for :func:`suppress`.
    reason : str
        Why they are needed and by whom; it is logged and belongs into the record of the run.

    Returns
    -------
    DataFrame or dict of str to DataFrame
        With ``status`` ``value`` and a column ``publication``: ``Not for publication``.

    Raises
    ------
    UsageError
        When no reason is given.

    Examples
    --------
    >>> import pandas as pd
    >>> wards = pd.DataFrame({"ward": ["a"], "count": [2]})
    >>> unprotected(wards, reason="Case audit, team manager only")["publication"].tolist()
    ['Not for publication']
    """
    if not reason.strip():
        raise UsageError("Say why small numbers are left open, such as reason='Case audit'.")
    logger.warning("Small numbers are left open: %s. Not for publication.", reason.strip())
    done = {
        name: table.assign(status="value", publication="Not for publication")
        for name, table in named(tables).items()
    }
    return done if isinstance(tables, Mapping) else done[""]
