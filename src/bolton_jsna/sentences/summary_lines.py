"""The lines of the summary that a build prints: its figures in the words of a chapter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bolton_jsna.core import wording

_PROJECTION_APART: Final = 0.01
"""How far a projection may be from a later estimate of the same year before it is noted."""


MEANINGS: Final = (
    "The usual range is worked out from how much the neighbours (or all authorities) differ. "
    "95 in 100 areas like it would lie inside. One in twenty lies outside by chance "
    "alone: look at several years and indicators before you call an area different. "
    "Usual does not mean acceptable.",
    "A difference by more than chance in the counts may come from need, from practice or from "
    "how things are recorded. It does not mean that the area is unusual: most authorities "
    "differ from England in this way.",
)
"""What the words of a comparison mean, and what they do not mean."""


def about_rate(each: Mapping[str, Any], name: str) -> list[str]:
    """Return the lines of one indicator: number, interval, comparisons."""
    if each["rate"] is None:
        lines = [f"no rate ({each['status'].replace('_', ' ')})"]
    else:
        lines = [
            f"{each['rate']:,} per 10,000 children ({each['count']:,} in all; 95% interval "
            f"{each['lower']:,} to {each['upper']:,}{wording.repeats(each['method'])})"
        ]
    lines.append(wording.against_england(each["england"], each["against_england"]))
    if each["unusual"] != "not_available":
        usual = _usual(each, each["unusual"], "unusual", each["unusual_reason"])
        others = f"{each['unusual_used'] - 1} other authorities of England with a rate"
        lines.append(f"among {others}: {usual}")
    if each["of"]:
        reason = each["against_neighbours_reason"]
        usual = _usual(each, each["against_neighbours"], "usual", reason)
        used = f"{each['used']} of {each['of']} statistical neighbours, {each['model']} model"
        lines.append(f"areas like it ({used}): {usual}")
    else:
        lines.append("areas like it: there is no list of statistical neighbours")
    if each["used"]:
        text = (
            f"their mean {wording.figure(each['mean'])}, median {wording.figure(each['median'])}, "
            f"from {wording.figure(each['lowest'])} to {wording.figure(each['highest'])}"
        )
        # Without a rate of the area none is compared: "0 lower and 0 higher" would not be true.
        if each["rate"] is not None:
            text += (
                f"; of them {each['lower_beyond_chance']} lower and "
                f"{each['higher_beyond_chance']} higher than {name} by more than chance in the "
                "counts"
            )
        lines.append(text)
    place = (each["rank"], each["rank_of"], each["rank_first"], each["rank_last"])
    rank = wording.rank(*place, "95%")
    return [*lines, rank] if rank else lines


def _usual(each: Mapping[str, Any], verdict: str, of: str, reason: str) -> str:
    """Return where a rate is in a usual range, whose figures begin with ``of``."""
    ends = (each[f"{of}_{name}"] for name in ("lower", "centre", "upper"))
    return wording.usual_range(verdict, *ends, rate=each["rate"], reason=reason)


def about_children(facts: Mapping[str, Any]) -> list[str]:
    """Return the estimate, and the projection on its own base."""
    estimate = facts["estimate"]
    lines = (
        [f"Children aged 0-17: {estimate[1]:,} at mid-{estimate[0]} (estimate)"] if estimate else []
    )
    if facts["base_year"] is None:
        return [*lines, "", "No projection of children aged 0-17 is available"]
    same = facts["projected_for_estimate"]
    left = estimate and same and abs(same / estimate[1] - 1) >= _PROJECTION_APART
    text = wording.projected(
        tuple(facts["from"]),
        tuple(facts["to"]),
        later=tuple(estimate) if left else None,
        same=same,
    )
    title = f"{facts['base_year']}-based projection of children aged 0-17"
    return [*lines, "", title, *(f"  {each}" for each in text)]


def about_local(facts: Mapping[str, Any], *, illustrative: bool) -> list[str]:
    """Return the lines of the local records: totals, and wards without a figure."""
    titles = {"referrals": "referrals", "plans": "plans open at its end"}
    hidden = facts["wards_hidden"]
    totals = []
    for name in hidden:
        total, day = facts["totals"][name], facts["as_of"][name]
        number = "few (hidden)" if total is None else f"{total:,}"
        totals.append(f"{number} {titles[name]}{f' (as of {day})' if day else ''}")
    whose = "illustrative" if illustrative else "the authority's own"
    return [
        f"Local records ({whose}), year ending 31 March {facts['year']}: {' and '.join(totals)}",
        "  wards without a figure, small or protecting small ones: "
        + ", ".join(f"{number} wards' {name}" for name, number in hidden.items()),
    ]


def about_deprivation(idaci: Mapping[str, Any], wards: Sequence[Sequence[Any]]) -> list[str]:
    """Return the lines of child deprivation: LSOAs in the most deprived tenth, and wards."""
    return [
        f"Child deprivation (IDACI {idaci['edition']}): {idaci['most_deprived_10']} of "
        f"{idaci['lsoas']} LSOAs are among England's most deprived tenth",
        "  the most deprived wards",
        *(f"  - {wording.deprived(name, score)}" for name, score in wards),
    ]
