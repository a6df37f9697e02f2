"""The disclosure check of a build: what an intruder can work out of hidden counts."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.building._local_counts import BY_WARD, LOCAL_EVENTS, Linked
from bolton_jsna.building._protected_counts import ProtectedCounts, of_year, with_least
from bolton_jsna.building._reader_notes import accepted
from bolton_jsna.building._release_history import Release, release_of, unlike
from bolton_jsna.building._sign_off import SignOff
from bolton_jsna.building._successive_releases import Line, by, describe, last_published
from bolton_jsna.building._ward_changes import EarlierCounts, earlier_counts, pieces_hidden
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.core.errors import BoltonJsnaError, UsageError, some
from bolton_jsna.disclosure.audit import audit
from bolton_jsna.disclosure.rules import SuppressionRule
from bolton_jsna.measures.event_dimensions import ELSEWHERE
from bolton_jsna.measures.events import Event

if TYPE_CHECKING:
    import pandas as pd


def signed_off(
    local: ProtectedCounts,
    make: Callable[[ProtectedCounts], dict[str, pd.DataFrame]],
    *,
    made_from: Ingredients,
    earlier: Sequence[Release],
    may_hide: bool,
) -> tuple[ProtectedCounts, dict[str, pd.DataFrame], SignOff | None, Release | None]:
    """Return local counts, their tables, what those reveal, and the release for later builds."""
    # Lines that would reveal a hidden count are hidden whole, if allowed, and all is made again.
    if not local.events or local.rule is None:
        return local, make(local), None, None
    release = functools.partial(
        release_of, rule=local.rule, area_code=made_from.place.code, lookup=made_from.lookup
    )
    # The same figures again reveal nothing new.
    different = unlike(earlier, release(local.tables))
    before = earlier_counts(different, made_from.lookup, by_lsoa=made_from.local.by_lsoa)
    for _ in range(2):
        made = make(local)
        found = sign_off(made_from, local, made["ward_profile"], before)
        if found.safe or not may_hide:
            break
        local = local.without(found.unsafe)
    if not found.safe:
        raise BoltonJsnaError(stop_message(found))
    return local, made, found, release(local.tables)


def sign_off(
    made_from: Ingredients, local: ProtectedCounts, profile: pd.DataFrame, earlier: EarlierCounts
) -> SignOff:
    """Audit everything that a build writes of local records, as an intruder would."""
    assert local.rule is not None  # noqa: S101 (counts that are left open are not signed off)
    intruder = _Intruder(local.rule, [each.dimension for each in earlier.ward_changes])
    rows: list[dict[str, Any]] = []
    cells: list[dict[str, Any]] = []
    unsafe: list[Line] = []
    for event, tables in local.tables.items():
        before = last_published(earlier.of(event))
        # A group that is hidden with its year may be zero, whatever the rule.
        now = {name: table.assign(at_least=0) for name, table in tables.items()}
        now[BY_WARD] = _with_rates(tables[BY_WARD], profile, event, local.year)
        pieces = pieces_hidden(earlier.ward_changes, made_from.lookup, tables[BY_WARD])
        found = intruder.audited(now, before, pieces)
        for name, table in tables.items():
            own = [each for each in found if each["table"] == name]
            rows.append(_row(event, table, own))
            cells += [{"event": event, **each} for each in own]
        lost = intruder.given_away(tables, before, pieces)
        # Where wards have changed, a ward or a piece of one that an earlier build showed, and that
        # is certainly not small, is known anyway.
        named = {by(name): name for name in tables}
        for each in [*found, *lost]:
            group = by(BY_WARD if each["table"] in pieces else each["table"])
            known = pieces and group == by(BY_WARD) and each["lower"] > local.rule.threshold
            if not each["safe"] and not known:
                unsafe.append(Line(event, named[group], each["year"]))
    return SignOff(
        area=made_from.place.name,
        year=local.year,
        illustrative=made_from.illustrative,
        rule=local.rule,
        lines=rows,
        cells=cells,
        compared=[each.name for each in earlier.releases],
        unsafe=tuple(sorted(set(unsafe))),
        accepted=accepted(made_from, local),
        waiting=[describe(each, local.tables) for each in local.waiting],
    )


def _with_rates(
    table: pd.DataFrame, profile: pd.DataFrame, event: Event, year: int
) -> pd.DataFrame:
    """Add what the ward profile prints next to the counts, for the intruder to use."""
    rated = profile.set_index("area_code")
    here = table["year"] == year
    rate, children = (
        table["area_code"].map(rated[column]).where(here).astype(float)
        for column in (f"{LOCAL_EVENTS[event]}_rate", "children_0_17")
    )
    return with_least(table.assign(rate=rate, population=children))


@dataclass(frozen=True)
class _Intruder:
    """An intruder who has the rule, and the names of the columns of old wards."""

    rule: SuppressionRule
    dimensions: Sequence[str]

    def audited(self, tables: Linked, before: Linked, pieces: Linked) -> list[dict[str, Any]]:
        """Return each hidden count of each year with its bounds."""
        found: list[dict[str, Any]] = []
        for year in sorted({int(year) for table in tables.values() for year in table["year"]}):
            bounds = self._bounds(*(of_year(each, year) for each in (tables, before, pieces)))
            for row in bounds.to_dict("records"):
                group = next(
                    str(row[name])
                    for name in bounds.columns
                    if name not in _BOUNDS and isinstance(row[name], str)
                )
                upper, values = (
                    None if row[name] == float("inf") else int(row[name])
                    for name in ("upper", "values")
                )
                # The row of events without a ward is there only if there are any.
                wanted = self.rule.width - (group == ELSEWHERE and not self.rule.least)
                found.append(
                    {
                        "table": row["table"],
                        "year": year,
                        "group": group,
                        "lower": int(row["lower"]),
                        "upper": upper,
                        "values": values,
                        "safe": row["values"] >= wanted,
                    }
                )
        return found

    def _bounds(self, tables: Linked, before: Linked, pieces: Linked) -> pd.DataFrame:
        """Return the bounds of hidden counts, with pieces of wards unless they contradict."""
        for each in [{**tables, **pieces}, tables] if pieces else [tables]:
            try:
                return audit(each, rule=self.rule, also=before, dimensions=self.dimensions)
            except UsageError as error:
                # Records were moved between wards that have changed, so the pieces have changed.
                reason = error
        raise BoltonJsnaError(
            "The build stopped and wrote nothing: its counts contradict what earlier builds "
            f"published ({some(before, most=3)}), so it is not known what both reveal. Use "
            "the rule and the year of those builds; or, if what they wrote never left your team, "
            "delete their files in data/processed/releases/ and build again."
            if before
            else f"The local counts could not be checked: {reason}"
        ) from reason

    def given_away(self, tables: Linked, before: Linked, pieces: Linked) -> list[dict[str, Any]]:
        """Return the counts that earlier builds hid well and that these tables would reveal."""
        if not before:
            return []
        both = self.audited(before, {**tables, **pieces}, {})
        revealed = [each for each in both if not each["safe"]]
        if not revealed:
            return []
        hidden = {_key(each) for each in self.audited(before, {}, {}) if each["safe"]}
        return [each for each in revealed if _key(each) in hidden]


def _key(cell: dict[str, Any]) -> tuple[str, int, str]:
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


def stop_message(found: SignOff) -> str:
    """Return why a build stops if its lines would still reveal hidden counts."""
    return (
        "The build stopped and wrote nothing: hidden counts could be worked out from what it would "
        f"write{' and what earlier builds wrote' if found.compared else ''}: "
        f"{some(sorted(map(str, found.unsafe)), most=8)}. A known total leaves them too few "
        "possible values. Use a rule that hides more (--rule local), leave the groups of the "
        "authority out (--wards-only), or leave these records out."
    )
