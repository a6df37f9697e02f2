"""The page that a build leaves for the person who signs its small numbers off."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from bolton_jsna.building.record import Check
from bolton_jsna.disclosure.rules import SuppressionRule
from bolton_jsna.measures.events import Event

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
        Each hidden count with its bounds, as anybody can work them out; ``harmless`` where they
        may be known.
    compared : list of str
        Names of the earlier releases that the intruder holds too.
    safe : bool
    accepted : list of str
        What was accepted of the authority's own file, and why.
    """

    area: str
    year: int
    illustrative: bool
    rule: SuppressionRule
    lines: list[dict[str, Any]]
    cells: list[dict[str, Any]]
    compared: list[str]
    safe: bool
    accepted: list[str] = field(default_factory=list)

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
            "accepted": self.accepted,
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
            *(line for each in self.accepted for line in ("", *textwrap.wrap(each, width=_WIDTH))),
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
                f"  - what earlier builds of this workspace wrote ({len(self.compared)}), from",
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
            *(
                [
                    f"Left out of it ({known}): hidden now, but shown by earlier builds as larger",
                    f"than {self.rule.threshold}, or of no known ward.",
                ]
                if (known := sum(each["harmless"] for each in self.cells))
                else []
            ),
            "",
            f"Result:  {'SAFE' if self.safe else 'NOT SAFE'}",
            "",
            "What this does not cover",
            "  - tables of the same records that were made elsewhere: other systems, answers to",
            "    requests for information, reports to boards;",
            "  - what somebody knows of a family and finds again in a count that is shown;",
            "  - the number without a known ward, which two releases may tell: it is of no ward.",
            "Small groups of the authority are counted together with others, by a fixed list.",
            "DfE's own tables by category and source were compared where they lie in data/raw/;",
            "where they do not, all groups of such a year are hidden as soon as one is small.",
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
