"""Hiding small counts in a set of linked tables."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bolton_jsna.disclosure.cells import (
    Key,
    Sheet,
    named,
    releases_apart,
    sheets_of,
)
from bolton_jsna.disclosure.exact import least_loss
from bolton_jsna.disclosure.lines import hide
from bolton_jsna.disclosure.moves import Moves
from bolton_jsna.disclosure.problem import Facts, Problem, problem_of
from bolton_jsna.disclosure.rounding import rounded
from bolton_jsna.disclosure.rules import LOCAL, SuppressionRule
from bolton_jsna.disclosure.search import proved, search
from bolton_jsna.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

SMALL: Final = 60
"""Cells of a set for which the integer programme is solved."""

DERIVED: Final = ("rate", "lower", "upper", "method")
"""Columns that tell of a count and go with it."""

Tables = TypeVar("Tables", "pd.DataFrame", "Mapping[str, pd.DataFrame]")


def suppress(
    tables: Tables,
    *,
    rule: SuppressionRule = LOCAL,
    public_totals: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None,
    unpublished: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None,
    also: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None,
) -> Tables:
    """Hide small counts of linked tables, and as many more as it takes to keep them hidden.

    Parameters
    ----------
    tables : DataFrame or Mapping of str to DataFrame
        Long tables: one row per combination of dimensions, whole numbers in ``count``. Every
        column is a dimension but ``count``, ``status``, names (``..._name``) and what is derived
        from counts. A margin is a row whose dimension holds ``All``. Equal dimension names link
        tables; a table by LSOA that has a column for the ward is tied to the tables by ward. A
        combination without a row counts as zero, known to all. Tables that disagree about a cell
        (or rows with another value of a column ``release``) are releases of the same tables, one
        beside the other.
    rule : SuppressionRule
        The rule; by default counts from 0 to 5 are hidden.
    public_totals : DataFrame or Mapping of str to DataFrame, optional
        Totals known to the public whatever is hidden here, as long tables; only their dimensions
        are read. They are shown.
    unpublished : DataFrame or Mapping of str to DataFrame, optional
        Counts that are not written but must not be worked out from those that are: for old and
        new wards side by side, the counts by old and new ward (or by LSOA with columns for both).
    also : DataFrame or Mapping of str to DataFrame, optional
        What was written earlier, protected: what was hidden there stays hidden here, and a
        count is rounded as it was while it can be. Whether it tells of a hidden count all the same
        is for :func:`~bolton_jsna.disclosure.audit.audit` to say.

    Returns
    -------
    DataFrame or dict of str to DataFrame
        As given, ``count`` missing and ``status`` ``suppressed`` where hidden, ``status``
        ``value`` elsewhere; rates and intervals missing where the count is; ``largest`` left out.

    Raises
    ------
    SchemaError
        When a table has no counts, a dimension without a value or a combination twice.
    UsageError
        When a count is missing, negative or no whole number, or a rule on dominance finds no
        column ``largest``.

    Notes
    -----
    Hundepool et al. 2012, chapter 4: a hidden cell is safe when the interval an intruder can work
    out for it is wide enough. Small sets are solved to the least loss (Fischetti and Salazar
    2001), large ones by a search; both end with two sets of whole counts for each hidden cell
    that agree with everything shown and differ there by the width of the rule. A single line of
    counts with a known total is hidden as in :func:`~bolton_jsna.disclosure.lines.hide`. Where
    public totals leave no safe way, everything that can be hidden is, a warning is logged, and
    :func:`~bolton_jsna.disclosure.audit.audit` says which cells are not safe.

    Examples
    --------
    >>> import pandas as pd
    >>> wards = pd.DataFrame({"ward": ["a", "b", "c", "All"], "count": [2, 9, 40, 51]})
    >>> suppress(wards)["count"].tolist()
    [<NA>, <NA>, 40, 51]
    """
    given = named(tables)
    sheets, behind = _sheets(given, unpublished)
    facts = Facts(
        dominated=_dominated(given, rule),
        levels=_levels(given),
        known=frozenset(_keys(public_totals)),
        sticky=frozenset(_hidden_keys(also)),
    )
    own = {name: [sheet for sheet in sheets if sheet.name == name] for name in given}
    if rule.controlled:
        problem = problem_of(sheets, behind, rule=rule, facts=facts)
        written = rounded(problem, rule.rounding, before=_shown_before(also))
        done = {
            name: _rounded_table(table, own[name], problem, written)
            for name, table in given.items()
        }
    else:
        problem, moves = protected(sheets, behind, rule=rule, facts=facts)
        done = {
            name: _table(table, own[name], problem, moves, rule=rule)
            for name, table in given.items()
        }
    return done if isinstance(tables, Mapping) else done[""]


def protected(
    sheets: list[Sheet], behind: list[Sheet], *, rule: SuppressionRule, facts: Facts
) -> tuple[Problem, Moves]:
    """Return the equations and what to hide: by lines, exactly, by search, or all there is."""
    problem = problem_of(sheets, behind, rule=rule, facts=facts)

    def zeros_too(rule: SuppressionRule) -> Problem:
        """Return the problem where a hidden count may be zero for all one knows."""
        return problem_of(sheets, behind, rule=rule, facts=replace(facts, zeros_hidden=True))

    hidden = _lines(problem, rule)
    if hidden is not None:
        opened = zeros_too(rule) if (hidden & problem.zero).any() else problem
        moves = Moves(opened, hidden)
        if proved(moves):
            return opened, moves
    small = len(problem.value) <= SMALL and not problem.slack.any()
    found = least_loss(problem, rounds=50) if small else None
    moves = search(problem) if found is None else found
    if not len(moves.unproved()):
        return problem, moves
    import numpy as np

    opened = replace(problem, public=np.zeros_like(problem.public))
    moves = search(opened)
    if len(moves.unproved()) and rule.zeros == "shown":
        opened = zeros_too(replace(rule, zeros="hidden"))
        moves = search(opened)
    if len(moves.unproved()):
        moves.hidden |= opened.printed & ~opened.fixed
        logger.warning(
            "%d hidden counts can be bounded more tightly than %d by totals that are known; "
            "everything that can be hidden is.",
            len(moves.unproved()),
            rule.width,
        )
    return opened, moves


def _lines(problem: Problem, rule: SuppressionRule) -> NDArray[np.bool_] | None:
    """Hide as ``hide`` does where all there is are lines of counts, each with a total that stays.

    Then nobody who knows the method can run it backwards; the search cannot promise as much.
    """
    import numpy as np

    if problem.slack.any() or rule.dominance is not None:
        return None
    stays = problem.known | (problem.printed & ~problem.sensitive)
    hidden = problem.printed & problem.sensitive & ~problem.known  # what was hidden before, too
    part = np.zeros(len(problem.value), dtype=bool)
    whole = np.zeros(len(problem.value), dtype=bool)
    for row in np.split(np.arange(problem.sums.nnz), problem.sums.indptr[1:-1]):
        cells, signs = problem.sums.indices[row], problem.sums.data[row]
        if problem.known[cells].all():
            continue
        parts, total = cells[signs > 0], cells[signs < 0]
        usable = problem.printed[parts] & ~problem.known[parts] & ~part[parts]
        if not (usable.all() and stays[total].all()):
            return None
        part[parts] = whole[total] = True
        hidden[parts] = hide(problem.value[parts], rule, already=hidden[parts])
    return None if (part & whole).any() else hidden


def _sheets(
    given: Mapping[str, pd.DataFrame],
    unpublished: pd.DataFrame | Mapping[str, pd.DataFrame] | None,
) -> tuple[list[Sheet], list[Sheet]]:
    sheets = [sheet for name, table in given.items() for sheet in sheets_of(name, table)]
    behind = [
        sheet
        for name, table in named(unpublished if unpublished is not None else {}).items()
        for sheet in sheets_of(f"unpublished {name}".strip(), table)
    ]
    apart = releases_apart([*sheets, *behind])
    return apart[: len(sheets)], apart[len(sheets) :]


def _keys(tables: pd.DataFrame | Mapping[str, pd.DataFrame] | None) -> list[Key]:
    if tables is None:
        return []
    return [
        key
        for name, table in named(tables).items()
        for sheet in sheets_of(name, table)
        for key in sheet.keys
    ]


def _hidden_keys(tables: pd.DataFrame | Mapping[str, pd.DataFrame] | None) -> list[Key]:
    if tables is None:
        return []
    return [
        key
        for name, table in named(tables).items()
        for sheet in sheets_of(name, table)
        for key, count in zip(sheet.keys, sheet.counts, strict=True)
        if count is None
    ]


def _shown_before(
    tables: pd.DataFrame | Mapping[str, pd.DataFrame] | None,
) -> dict[Key, int]:
    """Return the counts that were shown last."""
    return {
        key: count
        for name, table in named({} if tables is None else tables).items()
        for sheet in sheets_of(name, table)
        for key, count in zip(sheet.keys, sheet.counts, strict=True)
        if count is not None
    }


def _levels(given: Mapping[str, pd.DataFrame]) -> tuple[tuple[Key, str], ...]:
    found: list[tuple[Key, str]] = []
    for name, table in given.items():
        if "area_level" in table.columns:
            levels = table["area_level"].tolist()
            for sheet in sheets_of(name, table):
                found += [
                    (key, str(levels[row])) for key, row in zip(sheet.keys, sheet.rows, strict=True)
                ]
    return tuple(found)


def _dominated(given: Mapping[str, pd.DataFrame], rule: SuppressionRule) -> frozenset[Key]:
    if rule.dominance is None:
        return frozenset()
    found: set[Key] = set()
    for name, table in given.items():
        if "largest" not in table.columns:
            raise UsageError(
                f"The rule {rule.name!r} hides counts of which one child gives more than "
                f"{rule.dominance:.0%}; table {name!r} has no column 'largest' with the events of "
                "the child with the most. Add it, or use a rule without dominance."
            )
        largest = table["largest"].tolist()
        for sheet in sheets_of(name, table):
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
    moves: Moves,
    *,
    rule: SuppressionRule,
) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    hidden = np.zeros(len(table), dtype=bool)
    for sheet in sheets:
        hidden[list(sheet.rows)] = [moves.hidden[problem.index[key]] for key in sheet.keys]
    levels = table["area_level"].tolist() if "area_level" in table.columns else [None] * len(table)
    shown = [
        pd.NA if hide_it else rule.shown(int(count), level)
        for hide_it, count, level in zip(hidden, table["count"].tolist(), levels, strict=True)
    ]
    return _with(table, shown, hidden)


def _rounded_table(
    table: pd.DataFrame, sheets: list[Sheet], problem: Problem, written: Any
) -> pd.DataFrame:
    import numpy as np

    counts = np.zeros(len(table), dtype=np.int64)
    for sheet in sheets:
        counts[list(sheet.rows)] = [written[problem.index[key]] for key in sheet.keys]
    return _with(table, counts.tolist(), np.zeros(len(table), dtype=bool))


def _with(table: pd.DataFrame, counts: list[Any], hidden: Any) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    out = table.drop(columns=["largest"], errors="ignore").copy()
    out["count"] = pd.array(counts, dtype="Int64")
    out["status"] = np.where(hidden, "suppressed", "value")
    for column in DERIVED:
        if column in out.columns:
            out[column] = out[column].where(~pd.Series(hidden, index=out.index))
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
