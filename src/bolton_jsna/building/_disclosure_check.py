"""The intruder at a build: what everything that it writes tells of a hidden count."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.building._local_counts import BY_WARD, LOCAL_EVENTS, Linked
from bolton_jsna.building._protected_counts import LocalCounts, of_year
from bolton_jsna.building._reader_notes import accepted
from bolton_jsna.building._release_history import Release, release_of, unlike
from bolton_jsna.building._sign_off import SignOff
from bolton_jsna.building._successive_releases import Line, by, describe, last_told
from bolton_jsna.building._ward_changes import Told, pieces_hidden, told_by
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.core.errors import BoltonJsnaError, UsageError, some
from bolton_jsna.disclosure.audit import audit
from bolton_jsna.disclosure.rules import SuppressionRule
from bolton_jsna.measures.event_dimensions import ELSEWHERE
from bolton_jsna.measures.events import Event

if TYPE_CHECKING:
    import pandas as pd


def signed_off(
    local: LocalCounts | None,
    make: Callable[[LocalCounts | None], dict[str, pd.DataFrame]],
    *,
    made_from: Ingredients,
    earlier: Sequence[Release],
    may_hide: bool,
) -> tuple[LocalCounts | None, dict[str, pd.DataFrame], SignOff | None, Release | None]:
    """Return local counts, their tables, what those reveal, and what the next build is to know."""
    # Lines that would tell of a hidden count are hidden whole, if they may be, and all is made
    # again.
    if local is None or local.rule is None:
        return local, make(local), None, None
    release = functools.partial(
        release_of, rule=local.rule, area_code=made_from.place.code, lookup=made_from.lookup
    )
    # The same figures again tell nothing new.
    told = told_by(unlike(earlier, release(local.tables)), made_from)
    for _ in range(2):
        made = make(local)
        found = sign_off(
            local,
            made["ward_profile"],
            area=made_from.place.name,
            illustrative=made_from.illustrative,
            told=told,
            lookup=made_from.lookup,
            accepted=accepted(made_from, local),
        )
        if found.safe or not may_hide:
            break
        local = local.without(found.unsafe)
    if not found.safe:
        raise BoltonJsnaError(refusal(found))
    return local, made, found, release(local.tables)


def sign_off(
    local: LocalCounts,
    profile: pd.DataFrame,
    *,
    area: str,
    illustrative: bool,
    told: Told,
    lookup: pd.DataFrame,
    accepted: Sequence[str] = (),
) -> SignOff:
    """Play the intruder on everything that a build writes of local records."""
    assert local.rule is not None  # noqa: S101 (nothing is signed off that was left open)
    rows: list[dict[str, Any]] = []
    cells: list[dict[str, Any]] = []
    unsafe: list[Line] = []
    dimensions = [each.dimension for each in told.crossings]
    for event, tables in local.tables.items():
        before = last_told(told.of(event))
        # A group that is hidden with its year may be nought, whatever the rule.
        now = {name: table.assign(at_least=0) for name, table in tables.items()}
        now[BY_WARD] = _with_rates(tables[BY_WARD], profile, event, local.year)
        pieces = pieces_hidden(told.crossings, lookup, tables[BY_WARD])
        found = _audited(now, before, local.rule, pieces, dimensions)
        for name, table in tables.items():
            own = [each for each in found if each["table"] == name]
            rows.append(_row(event, table, own))
            cells += [{"event": event, **each} for each in own]
        lost = _given_away(tables, before, local.rule, pieces, dimensions)
        unsafe += _unsafe(event, [*found, *lost], tables, pieces, local.rule)
    return SignOff(
        area=area,
        year=local.year,
        illustrative=illustrative,
        rule=local.rule,
        lines=rows,
        cells=cells,
        compared=[each.name for each in told.releases],
        unsafe=tuple(sorted(set(unsafe))),
        accepted=list(accepted),
        waiting=[describe(each, local.tables) for each in local.waiting],
    )


def _unsafe(
    event: Event,
    found: list[dict[str, Any]],
    tables: Linked,
    pieces: Linked,
    rule: SuppressionRule,
) -> list[Line]:
    """Return the lines in which hidden counts keep too few values."""
    # Where wards have changed, a ward or a piece of one that an earlier build showed, and that is
    # certainly not small, is known anyway.
    named = {by(name): name for name in tables}
    return [
        Line(event, named[by(BY_WARD if each["table"] in pieces else each["table"])], each["year"])
        for each in found
        if not each["safe"]
        and not (
            pieces
            and (each["table"] in pieces or by(each["table"]) == by(BY_WARD))
            and each["lower"] > rule.threshold
        )
    ]


def _with_rates(
    table: pd.DataFrame, profile: pd.DataFrame, event: Event, year: int
) -> pd.DataFrame:
    """Add what the ward profile prints beside the counts, as the intruder reads it."""
    name = LOCAL_EVENTS[event]
    rated = profile.set_index("area_code")
    here = table["year"] == year
    rate, children = (
        table["area_code"].map(rated[column]).where(here).astype(float)
        for column in (f"{name}_rate", "children_0_17")
    )
    # The row of the unplaced is there only if there are any.
    least = (table["area_code"] == ELSEWHERE).map({True: 1, False: None})
    return table.assign(rate=rate, population=children, at_least=least)


def _audited(
    tables: Linked,
    before: Linked,
    rule: SuppressionRule,
    pieces: Linked,
    dimensions: Sequence[str],
) -> list[dict[str, Any]]:
    """Return each hidden count of each year with its bounds."""
    found: list[dict[str, Any]] = []
    years = sorted({int(year) for table in tables.values() for year in table["year"]})
    for year in years:
        bounds = _bounded(
            of_year(tables, year),
            of_year(before, year),
            rule,
            of_year(pieces, year),
            dimensions,
        )
        for row in bounds.to_dict("records"):
            group = next(
                str(row[name])
                for name in bounds.columns
                if name not in _BOUNDS and isinstance(row[name], str)
            )
            found.append(
                {
                    "table": row["table"],
                    "year": year,
                    "group": group,
                    "lower": int(row["lower"]),
                    "upper": None if row["upper"] == float("inf") else int(row["upper"]),
                    "values": None if row["values"] == float("inf") else int(row["values"]),
                    # The row of the unplaced is there only if there are any, and is of no ward.
                    "safe": row["values"] >= rule.width - (group == ELSEWHERE and not rule.least),
                }
            )
    return found


def _bounded(
    tables: Linked,
    before: Linked,
    rule: SuppressionRule,
    pieces: Linked,
    dimensions: Sequence[str],
) -> pd.DataFrame:
    """Return the bounds of hidden counts as an intruder believes what nothing contradicts."""
    ways = [{**tables, **pieces}, tables] if pieces else [tables]
    for way in ways:
        try:
            return audit(way, rule=rule, also=before, dimensions=dimensions)
        except UsageError as error:
            # Records were moved between wards that have changed: the pieces are others by now.
            reason = error
    raise BoltonJsnaError(
        "The build stopped and wrote nothing: what it would write cannot be squared with what "
        f"earlier builds told ({some(before, most=3)}), so what both tell together is not known. "
        "Keep to the rule and the year of those builds; or, if what they wrote never left your "
        "team, delete their files in data/processed/releases/ and build again."
        if before
        else f"The local counts could not be checked: {reason}"
    ) from reason


def _given_away(
    tables: Linked,
    before: Linked,
    rule: SuppressionRule,
    pieces: Linked,
    dimensions: Sequence[str],
) -> list[dict[str, Any]]:
    """Return the counts that earlier builds hid well and that these tables would tell of."""
    if not before:
        return []
    beside = _audited(before, {**tables, **pieces}, rule, {}, dimensions)
    beside = [each for each in beside if not each["safe"]]
    if not beside:
        return []
    alone = {_named(each) for each in _audited(before, {}, rule, {}, dimensions) if each["safe"]}
    return [each for each in beside if _named(each) in alone]


def _named(cell: dict[str, Any]) -> tuple[str, int, str]:
    return cell["table"], cell["year"], cell["group"]


_BOUNDS: Final = frozenset({"table", "year", "lower", "upper", "values", "safe"})


def _row(event: Event, table: pd.DataFrame, cells: list[dict[str, Any]]) -> dict[str, Any]:
    values = [each["values"] for each in cells]
    limited = [each for each in values if each is not None]
    return {
        "event": event,
        "by": by(str(table.columns[0])),
        "shown": int(table["count"].notna().sum()),
        "hidden": int(table["count"].isna().sum()),
        "fewest": min(limited) if limited else ("open" if values else None),
    }


def refusal(found: SignOff) -> str:
    """Return why a build stops whose lines would still tell of hidden counts."""
    return (
        "The build stopped and wrote nothing: hidden counts could be worked out from what it would "
        f"write{' and what earlier builds told' if found.compared else ''}: "
        f"{some(sorted(map(str, found.unsafe)), most=8)}. A total that is known leaves too little "
        "to hide them in. Use a rule that hides more (--rule local), leave the groups of the "
        "authority out (--wards-only), or leave these records out."
    )
