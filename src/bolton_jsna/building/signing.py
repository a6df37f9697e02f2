"""The proof of a build that its small numbers stay hidden, for the person who signs it off."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.building.counting import LOCAL_EVENTS, LocalCounts, of_year
from bolton_jsna.building.crossings import Told, pieces_hidden
from bolton_jsna.building.record import Check
from bolton_jsna.building.releases import BY_WARD, Linked
from bolton_jsna.disclosure.audit import audit
from bolton_jsna.disclosure.rules import SuppressionRule
from bolton_jsna.errors import BoltonJsnaError, some
from bolton_jsna.measures.event_counts import ELSEWHERE
from bolton_jsna.measures.events import Event

if TYPE_CHECKING:
    import pandas as pd

WORDS: Final[Mapping[Event, str]] = {
    "referrals": "Referrals in the year",
    "cpp_at_31_march": "Plans at 31 March",
}
"""The local events as a heading names them."""

_WIDTH: Final = 88
"""The longest line of the page."""


@dataclass(frozen=True)
class SignOff:
    """What an intruder can work out of everything that a build writes of local records.

    Attributes
    ----------
    area : str
    year : int
        Year ending 31 March of the chapter.
    illustrative : bool
        Whether the records are made up.
    rule : SuppressionRule
    lines : list of dict
        For each event and table the counts shown and hidden and the narrowest range left.
    cells : list of dict
        Each hidden count with its bounds, as anybody can work them out.
    compared : list of str
        Names of the earlier releases that the intruder holds too.
    safe : bool
    """

    area: str
    year: int
    illustrative: bool
    rule: SuppressionRule
    lines: list[dict[str, Any]]
    cells: list[dict[str, Any]]
    compared: list[str]
    safe: bool

    def check(self) -> Check:
        """Return what was found as a check of the build."""
        return Check(
            "no hidden count can be bounded more tightly than the rule allows",
            self.safe,
            f"{len(self.cells)} hidden counts, {len(self.compared)} earlier releases",
        )

    def to_json(self) -> str:
        """Return everything as JSON text."""
        facts = {
            "area": self.area,
            "year": self.year,
            "illustrative": self.illustrative,
            "rule": {**asdict(self.rule), "in_words": rule_in_words(self.rule)},
            "safe": self.safe,
            "compared_with": self.compared,
            "tables": self.lines,
            "cells": self.cells,
        }
        return json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def to_text(self) -> str:
        """Return one page of plain text."""
        kind = "illustrative local records" if self.illustrative else "the authority's own records"
        lines = [
            f"{self.area}: small numbers in what was built from {kind}",
            "For the person who signs it off",
            "",
            f"Chapter: year ending 31 March {self.year}",
            *textwrap.wrap(
                f"Rule:    {self.rule.name}. {rule_in_words(self.rule)}",
                width=_WIDTH,
                subsequent_indent=" " * 9,
            ),
            "",
            f"{'':<44}{'shown':>8}{'hidden':>8}  narrowest range left",
        ]
        for each in self.lines:
            narrow = "-" if each["narrowest"] is None else each["narrowest"]
            lines.append(
                f"{WORDS[each['event']] + ', by ' + each['by']:<44}{each['shown']:>8}"
                f"{each['hidden']:>8}  {narrow if narrow != 'open' else 'no upper limit'}"
            )
        earlier = (
            [
                f"  - what {len(self.compared)} earlier builds of this workspace wrote, from",
                f"    {self.compared[0]} to {self.compared[-1]};",
            ]
            if self.compared
            else ["  - no earlier build: none is kept in this workspace;"]
        )
        lines += [
            "",
            "An intruder was played who holds",
            "  - every count and total written, of every table and year;",
            "  - ward rates and intervals, and the children that they are divided by; map classes,",
            "    sentences and bars are made of these and show no ward that is hidden;",
            *earlier,
            "  - the rule above and the method by which more counts are hidden.",
            "",
            "He works out the smallest and the largest value that each hidden count can have, by",
            "linear programming. The narrowest range is the least distance between the two; the",
            f"rule asks for {self.rule.width}. Each hidden count and its bounds: sign_off.json.",
            "",
            f"Result:  {'SAFE' if self.safe else 'NOT SAFE'}",
            "",
            "What this does not cover",
            "  - tables of the same records that were made elsewhere: other systems, answers to",
            "    requests for information, reports to boards;",
            "  - what somebody knows of a family and finds again in a count that is shown;",
            "  - the number without a known ward, which two releases may tell: it is of no ward.",
            "DfE's own tables of the authority by age, sex or category were not read. Therefore,",
            "where any count of such a group is small, all groups of that year are hidden.",
            "",
            "Name: ______________________    Date: ____________    Signed: ____________________",
        ]
        return "\n".join(lines) + "\n"


def rule_in_words(rule: SuppressionRule) -> str:
    """Return what a rule does, in a sentence or two.

    Examples
    --------
    >>> from bolton_jsna.disclosure.rules import DFE, ROUND_TO_5
    >>> rule_in_words(DFE)
    'Counts from 1 to 5 are hidden, and others with them where they could be worked out.'
    >>> rule_in_words(ROUND_TO_5)
    'Every count is moved to a multiple of 5 so that totals add up; none is hidden.'
    """
    if rule.controlled:
        return (
            f"Every count is moved to a multiple of {rule.rounding} so that totals add up; none is "
            "hidden."
        )
    first = 0 if rule.zeros == "hidden" else 1
    text = (
        f"Counts from {first} to {rule.threshold} are hidden, and others with them where they "
        "could be worked out."
    )
    if rule.rounding > 1:
        text += f" The others are rounded to {rule.rounding}."
    return text


def sign_off(
    local: LocalCounts,
    profile: pd.DataFrame,
    *,
    area: str,
    illustrative: bool,
    told: Told,
    lookup: pd.DataFrame,
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
        now = {**tables, BY_WARD: _with_rates(tables[BY_WARD], profile, event, local.year)}
        pieces = pieces_hidden(told.crossings, lookup, tables[BY_WARD])
        found = _audited({**now, **pieces}, before, local.rule)
        for name, table in tables.items():
            own = [each for each in found if each["table"] == name]
            lines.append(_line(event, table, own))
            cells += [{"event": event, **each} for each in own]
        unsafe += _unsafe(event, found, pieces, local.rule, compared=bool(before))
        lost = _given_away({**tables, **pieces}, before, local.rule)
        unsafe += _unsafe(event, lost, pieces, local.rule, compared=True)
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
    )


def _unsafe(
    event: Event,
    found: list[dict[str, Any]],
    pieces: Linked,
    rule: SuppressionRule,
    *,
    compared: bool,
) -> list[str]:
    """Say in which tables and years hidden counts can be bounded too tightly.

    What was shown once may be known: a count that is certainly not small, a piece of a ward that
    is large. Nor does the number of those without a known ward, known from two releases, tell of
    any ward.
    """
    tight = Counter(
        ("ward" if each["table"] in pieces else _by(each["table"]), each["year"])
        for each in found
        if not each["safe"]
        and not (each["lower"] > rule.threshold and (compared or each["table"] in pieces))
        and not (each["group"] == ELSEWHERE and compared)
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


def _audited(tables: Linked, before: Linked, rule: SuppressionRule) -> list[dict[str, Any]]:
    """Return each hidden count of each year with its bounds."""
    found: list[dict[str, Any]] = []
    years = sorted({int(year) for table in tables.values() for year in table["year"]})
    for year in years:
        bounds = audit(of_year(tables, year), rule=rule, also=of_year(before, year))
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


def _given_away(tables: Linked, before: Linked, rule: SuppressionRule) -> list[dict[str, Any]]:
    """Return the counts that earlier builds hid well and that these tables would tell of."""
    if not before:
        return []
    beside = [each for each in _audited(before, tables, rule) if not each["safe"]]
    if not beside:
        return []
    alone = {_named(each) for each in _audited(before, {}, rule) if each["safe"]}
    return [each for each in beside if _named(each) in alone]


def _named(cell: dict[str, Any]) -> tuple[str, int, str]:
    return cell["table"], cell["year"], cell["group"]


_BOUNDS: Final = frozenset({"table", "year", "lower", "upper", "width", "safe"})


def _line(event: Event, table: pd.DataFrame, cells: list[dict[str, Any]]) -> dict[str, Any]:
    group = str(table.columns[0])
    widths = [None if each["upper"] is None else each["upper"] - each["lower"] for each in cells]
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
    if others:
        said += f"Earlier builds used another rule ({some(others)}): keep to it with --rule. "
    files = ", ".join(f"{each.name}.json" for each in earlier[-5:])
    return said + (
        "A record withdrawn, or one in a group that had none, is told by the total: publish when "
        "more has changed, or leave the groups of the authority out (--wards-only). If what one of "
        "these builds wrote never left your team, delete its file in data/processed/releases/ and "
        f"build again: {files}."
    )
