"""The intruder at a build: what everything that it writes tells of a hidden count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.building.counting import LocalCounts, of_year
from bolton_jsna.building.crossings import Told, pieces_hidden
from bolton_jsna.building.signing import WORDS, SignOff
from bolton_jsna.building.tallying import BY_WARD, LOCAL_EVENTS, Linked
from bolton_jsna.disclosure.audit import audit
from bolton_jsna.disclosure.rules import RULES, SuppressionRule
from bolton_jsna.errors import BoltonJsnaError, UsageError, some
from bolton_jsna.measures.event_counts import ELSEWHERE
from bolton_jsna.measures.events import Event

if TYPE_CHECKING:
    import pandas as pd


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
    """Play the intruder on everything that a build writes of local records.

    Parameters
    ----------
    local : LocalCounts
        The protected tables.
    profile : DataFrame
        The ``ward_profile`` table with its rates.
    area : str
    illustrative : bool
    told : Told
        What earlier builds told.
    lookup : DataFrame
        From LSOAs to the wards of now.
    accepted : sequence of str
        What was accepted of the authority's own file, and why.

    Returns
    -------
    SignOff

    Raises
    ------
    BoltonJsnaError
        When a hidden count can be bounded more tightly than the rule allows; it says where, never
        by how much.

    Examples
    --------
    >>> from bolton_jsna.building.counting import local_counts
    >>> from bolton_jsna.building.gathering import gather
    >>> from bolton_jsna.building.tables import comparisons, make_tables
    >>> bolton = gather("Bolton")
    >>> local = local_counts(bolton)
    >>> profile = make_tables(bolton, local, comparisons(bolton))["ward_profile"]
    >>> found = sign_off(
    ...     local,
    ...     profile,
    ...     area="Bolton",
    ...     illustrative=True,
    ...     told=Told({}),
    ...     lookup=bolton.lookup,
    ... )
    >>> found.safe, len(found.cells) > 0
    (True, True)
    """
    assert local.rule is not None  # noqa: S101 (nothing is signed off that was left open)
    lines: list[dict[str, Any]] = []
    cells: list[dict[str, Any]] = []
    unsafe: list[str] = []
    for event, tables in local.tables.items():
        before = told.of(event)
        # A group that is hidden with its year may be nought, whatever the rule.
        now = {name: table.assign(at_least=0) for name, table in tables.items()}
        now[BY_WARD] = _with_rates(tables[BY_WARD], profile, event, local.year)
        pieces = pieces_hidden(told.crossings, lookup, tables[BY_WARD])
        found = _audited(now, before, local.rule, pieces)
        _judge(found, pieces, local.rule, compared=bool(before))
        for name, table in tables.items():
            own = [each for each in found if each["table"] == name]
            lines.append(_line(event, table, own))
            cells += [{"event": event, **each} for each in own]
        lost = _given_away(tables, before, local.rule, pieces)
        _judge(lost, pieces, local.rule, compared=True)
        unsafe += _unsafe(event, [*found, *lost], pieces)
    if unsafe:
        raise BoltonJsnaError(_refusal(unsafe, told, local.rule))
    return SignOff(
        area=area,
        year=local.year,
        illustrative=illustrative,
        rule=local.rule,
        lines=lines,
        cells=cells,
        compared=[each.name for each in told.releases],
        safe=True,
        accepted=list(accepted),
    )


def _judge(
    found: list[dict[str, Any]], pieces: Linked, rule: SuppressionRule, *, compared: bool
) -> None:
    """Mark the hidden counts that may be known.

    What earlier builds showed is out: a count that is certainly not small. A piece of a ward that
    is certainly not small is none to hide. Nor does the number of those without a known ward,
    which two releases may tell, say anything of a ward.
    """
    for each in found:
        large = each["lower"] > rule.threshold and (compared or each["table"] in pieces)
        each["harmless"] = bool(large or (compared and each["group"] == ELSEWHERE))


def _unsafe(event: Event, found: list[dict[str, Any]], pieces: Linked) -> list[str]:
    """Say in which tables and years hidden counts can be bounded too tightly."""
    tight = Counter(
        ("ward" if each["table"] in pieces else _by(each["table"]), each["year"])
        for each in found
        if not each["safe"] and not each["harmless"]
    )
    return [
        f"{WORDS[event].lower()} {year} by {by} ({number} {'count' if number == 1 else 'counts'})"
        for (by, year), number in sorted(tight.items())
    ]


def _by(table: str) -> str:
    """Return what a table is by, from its name: that of the release before it is left out."""
    group = table.removesuffix(" x year").rsplit(" ", 1)[-1]
    return "ward" if group == "area_code" else group.replace("_", " ")


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
    tables: Linked, before: Linked, rule: SuppressionRule, pieces: Linked
) -> list[dict[str, Any]]:
    """Return each hidden count of each year with its bounds."""
    found: list[dict[str, Any]] = []
    years = sorted({int(year) for table in tables.values() for year in table["year"]})
    for year in years:
        bounds = _bounded(of_year(tables, year), of_year(before, year), rule, of_year(pieces, year))
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
                    "safe": bool(row["safe"]),
                }
            )
    return found


def _bounded(tables: Linked, before: Linked, rule: SuppressionRule, pieces: Linked) -> pd.DataFrame:
    """Return the bounds of hidden counts as an intruder believes what nothing contradicts."""
    ways = [{**tables, **pieces}, tables] if pieces else [tables]
    for way in ways:
        try:
            return audit(way, rule=rule, also=before)
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
    tables: Linked, before: Linked, rule: SuppressionRule, pieces: Linked
) -> list[dict[str, Any]]:
    """Return the counts that earlier builds hid well and that these tables would tell of."""
    if not before:
        return []
    beside = _audited(before, {**tables, **pieces}, rule, {})
    beside = [each for each in beside if not each["safe"]]
    if not beside:
        return []
    alone = {_named(each) for each in _audited(before, {}, rule, {}) if each["safe"]}
    return [each for each in beside if _named(each) in alone]


def _named(cell: dict[str, Any]) -> tuple[str, int, str]:
    return cell["table"], cell["year"], cell["group"]


_BOUNDS: Final = frozenset({"table", "year", "lower", "upper", "width", "safe"})


def _line(event: Event, table: pd.DataFrame, cells: list[dict[str, Any]]) -> dict[str, Any]:
    group = str(table.columns[0])
    secret = [each for each in cells if not each["harmless"]]
    widths = [None if each["upper"] is None else each["upper"] - each["lower"] for each in secret]
    limited = [each for each in widths if each is not None]
    return {
        "event": event,
        "by": "ward" if group == "area_code" else group.replace("_", " "),
        "shown": int(table["count"].notna().sum()),
        "hidden": int(table["count"].isna().sum()),
        "narrowest": min(limited) if limited else ("open" if widths else None),
    }


def _refusal(unsafe: list[str], told: Told, rule: SuppressionRule) -> str:
    earlier = told.releases
    said = (
        "The build stopped and wrote nothing: hidden counts could be worked out from what it would "
        f"write{' and what earlier builds told' if earlier else ''}: {'; '.join(unsafe)}. "
    )
    if not earlier:
        return said + (
            "A total that is known leaves too little to hide them in. Use a rule that hides more "
            "(--rule local), leave the groups of the authority out (--wards-only), or leave these "
            "records out."
        )
    others = sorted({each.rule for each in earlier} - {rule.name})
    options = {each.name: f"--rule {option}" for option, each in RULES.items()}
    if others:
        listed = some(options.get(each, each) for each in others)
        said += f"Earlier builds used another rule ({listed}): keep to it. "
    files = ", ".join(f"{each.name}.json" for each in earlier[-5:])
    return said + (
        "A record withdrawn, or one in a group that had none, is told by the total: publish when "
        "more has changed, or leave the groups of the authority out (--wards-only). If what one of "
        "these builds wrote never left your team, delete its file in data/processed/releases/ and "
        f"build again: {files}."
    )
