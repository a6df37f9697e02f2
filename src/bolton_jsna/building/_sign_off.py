"""The page of a build for the person who signs off its small numbers."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from bolton_jsna.building._run_record import Check
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
    """What an intruder can work out from everything that a build writes of local records.

    Attributes
    ----------
    area : str
    year : int
        Year ending 31 March of the chapter.
    illustrative : bool
        Whether the records are made up.
    rule : SuppressionRule
    lines : list of dict
        For each event and table the counts shown and hidden and the fewest values left.
    cells : list of dict
        Each hidden count with the values that it can have.
    compared : list of str
        Names of the earlier releases that the intruder has too.
    unsafe : tuple of Line
        Lines in which a hidden count keeps too few values.
    accepted : list of str
        What was accepted of the authority's own file, and why.
    waiting : list of str
        Lines that show earlier figures, or are hidden whole, because new ones would reveal counts.
    """

    area: str
    year: int
    illustrative: bool
    rule: SuppressionRule
    lines: list[dict[str, Any]]
    cells: list[dict[str, Any]]
    compared: list[str]
    unsafe: tuple[Any, ...] = ()
    accepted: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    @property
    def safe(self) -> bool:
        """Whether every hidden count keeps as many values as the rule asks for."""
        return not self.unsafe

    def check(self) -> Check:
        """Return what was found as a check of the build."""
        return Check(
            "every hidden count keeps as many possible values as the rule asks for",
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
            "waiting": self.waiting,
            "compared_with": self.compared,
            "tables": self.lines,
            "values": "how many whole numbers a count can be, from lower to upper",
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
            f"Result:  {'SAFE' if self.safe else 'NOT SAFE'}",
            f"Chapter: year ending 31 March {self.year}",
            *textwrap.wrap(
                f"Rule:    {self.rule.name}. {rule_in_words(self.rule)}",
                width=_WIDTH,
                subsequent_indent=" " * 9,
            ),
            *(line for each in self.accepted for line in ("", *textwrap.wrap(each, width=_WIDTH))),
            *self._waits(),
            "",
            f"{'':<44}{'shown':>8}{'hidden':>8}  fewest values left",
        ]
        for each in self.lines:
            few = "-" if each["fewest"] is None else each["fewest"]
            lines.append(
                f"{WORDS[each['event']] + ', by ' + each['by']:<44}{each['shown']:>8}"
                f"{each['hidden']:>8}  {few if few != 'open' else 'no upper limit'}"
            )
        lines += [
            "",
            "The check assumes an intruder who has",
            "  - every count and total written, of every table and year;",
            "  - ward rates and intervals, and the children that they are divided by; map classes,",
            "    sentences and bars are made of these and show no ward that is hidden;",
            *self._earlier(),
            "  - the rule above and the method by which more counts are hidden.",
            "",
            *textwrap.wrap(self._method(), width=_WIDTH),
            "",
            "What this does not cover",
            "  - tables of the same records that were made elsewhere: other systems, answers to",
            "    requests for information, reports to boards;",
            "  - what a person already knows of a family and recognises in a count that is shown.",
            "Small groups of the authority are counted together with others, by a fixed list.",
            "DfE's own tables by category and source were compared if they are in data/raw/;",
            "if not, all groups of such a year are hidden as soon as one is small.",
            "",
            "Name: ______________________    Date: ____________    Signed: ____________________",
        ]
        return "\n".join(lines) + "\n"

    def _waits(self) -> list[str]:
        """Return what to check before signing: lines that do not show the new figures."""
        if not self.waiting:
            return []
        return [
            "",
            "These lines have no new figures, which with earlier ones could reveal a few children.",
            "Check that the date is given wherever these are quoted:",
            *(f"  - {each}" for each in self.waiting),
        ]

    def _earlier(self) -> list[str]:
        if not self.compared:
            return ["  - no earlier build: this workspace has none;"]
        ends = dict.fromkeys((self.compared[0], self.compared[-1]))
        return [
            f"  - what earlier builds of this workspace wrote ({len(self.compared)}):",
            f"    {' to '.join(ends)};",
        ]

    def _method(self) -> str:
        """Return what the intruder tries, and what was found."""
        text = (
            "The intruder works out the smallest and the largest value of each hidden count, by "
            "linear programming. Where a line of counts adds up to a known total, the method is "
            "run backwards: every set of counts that would print the same is allowed for. "
        )
        if self.compared:
            text += (
                "The intruder assumes that few records have changed since earlier builds. Where "
                "wards have changed the method is not run backwards. "
            )
        text += (
            f"The rule asks for {self.rule.width} possible values of each hidden count; "
            "sign_off.json has them. Readers may learn which counts are small, not how small."
        )
        if not self.rule.least:
            text += (
                " The row of events without a known ward is there only if there are any, so it is "
                f"never zero and {self.rule.width - 1} values are enough."
            )
        return text


def rule_in_words(rule: SuppressionRule | None, *, hides: bool = True) -> str:
    """Return what a rule does, in a sentence or two; without ``hides`` it hides no count here."""
    if rule is None:
        return "Small numbers are not hidden. Not for publication."
    if rule.controlled:
        return (
            f"Every count is moved to a multiple of {rule.rounding} so that totals add up; no "
            "count is hidden."
        )
    if not hides:
        return f"Counts are rounded to {rule.rounding}." if rule.rounding > 1 else ""
    text = (
        f"Counts from {0 if rule.zeros == 'hidden' else 1} to {rule.threshold} are hidden, and "
        "others that would give them away (secondary suppression)."
    )
    return f"{text} The others are rounded to {rule.rounding}." if rule.rounding > 1 else text
