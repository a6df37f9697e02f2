"""The summary that a build prints: its main figures, in words a chapter can use."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.building._local_counts import LOCAL_EVENTS
from bolton_jsna.building._projected_demand import summary_figures
from bolton_jsna.building._protected_counts import ProtectedCounts
from bolton_jsna.building._run_record import RunRecord
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.core import wording
from bolton_jsna.core.commands import with_workspace
from bolton_jsna.core.errors import clean
from bolton_jsna.core.export import NOT_FOR_PUBLICATION
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.measures.comparison import NeighbourComparison
from bolton_jsna.measures.demand_text import in_summary
from bolton_jsna.measures.inequality import summarise_idaci

if TYPE_CHECKING:
    import pandas as pd


_PROJECTION_APART: Final = 0.01
"""How far a projection may be from a later estimate of the same year before it is noted."""

_OWN: Final = ("count", "rate", "lower", "upper", "status", "method")
"""What the summary has of the area's own rate."""

_COMPARED: Final = (
    "used",
    "of",
    "mean",
    "median",
    "lowest",
    "highest",
    "lower_beyond_chance",
    "higher_beyond_chance",
    "usual_lower",
    "usual_centre",
    "usual_upper",
    "against_neighbours",
    "against_neighbours_reason",
    "rank",
    "rank_of",
    "rank_first",
    "rank_last",
)
"""What the summary has of a comparison with neighbours."""


def figures(
    made_from: Ingredients,
    tables: dict[str, pd.DataFrame],
    compared: list[NeighbourComparison],
    local: ProtectedCounts,
) -> dict[str, Any]:
    """Return the figures of the summary, rounded as they are printed."""
    model = next(iter(made_from.neighbours), None)
    among = tables["neighbour_summary"].drop_duplicates("indicator").set_index("indicator")
    among = among[[name for name in among.columns if name.startswith("unusual")]]
    rates = []
    for each in compared:
        if each.summary["model"] != model:
            continue
        own, found = each.table.iloc[0], each.summary
        rates.append(
            {
                "indicator": found["indicator"],
                "year": found["year"],
                "model": model,
                **{name: _plain(own[name]) for name in _OWN},
                "england": _plain(found["england"]),
                "against_england": found["against_england"],
                **{name: _plain(found[name]) for name in _COMPARED},
                **{name: _plain(value) for name, value in among.loc[found["indicator"]].items()},
            }
        )
    totals = made_from.projections.groupby("year")["population"].sum()
    first = int(totals.index.min())
    ahead = min(int(totals.index.max()), first + 10)
    latest = made_from.latest_estimate
    same = float(totals[latest[0]]) if latest and latest[0] in totals.index else None
    wards = tables["idaci_ward"].sort_values("idaci_score", ascending=False).head(3)
    ranked = made_from.idaci[made_from.idaci["idaci_rank"].notna()]
    return {
        "rates": rates,
        "children": {
            "estimate": latest,
            "base_year": int(made_from.projections["base_year"].iloc[0]),
            "from": [first, round(float(totals[first]))],
            "to": [ahead, round(float(totals[ahead]))],
            "projected_for_estimate": None if same is None else round(same),
        },
        "demand": summary_figures(tables["projected_demand"]),
        "idaci": {
            "edition": int(made_from.idaci["edition"].iloc[0]),
            "lsoas": len(ranked),
            "most_deprived_10": int(summarise_idaci(ranked, shares=[10])["lsoas"].iloc[0]),
        },
        "most_deprived_wards": [
            [name, _plain(score * 100)]
            for name, score in zip(wards["area_name"], wards["idaci_score"], strict=True)
        ],
        "local": _local_figures(local),
    }


def _local_figures(local: ProtectedCounts) -> dict[str, Any] | None:
    if not local.events:
        return None
    held = {event: name for event, name in LOCAL_EVENTS.items() if event in local.events}
    return {
        "year": local.year,
        "totals": {name: local.total(event) for event, name in LOCAL_EVENTS.items()},
        "as_of": dict.fromkeys(LOCAL_EVENTS.values(), "")
        | {name: local.dated(event) for event, name in held.items()},
        "without_ward": {LOCAL_EVENTS[event]: local.unplaced(event) for event in local.events},
        "wards_hidden": {
            name: int((local.wards(event)["status"] == "suppressed").sum())
            for event, name in held.items()
        },
    }


def summary(record: RunRecord, *, asides: bool = True) -> str:
    """Return the text that a build prints, plain and without colour, with or without asides."""
    facts = record.figures
    lines = [f"{record.area}: safeguarding figures for the JSNA chapter", ""]
    if record.unprotected:
        lines = [f"{NOT_FOR_PUBLICATION}: small numbers are not hidden.", "", *lines]
    for each in facts["rates"]:
        lines.append(f"{wording.INDICATORS[each['indicator']]}, {each['year']}")
        lines += [f"  {line}" for line in _about_rate(each, record.area)]
    lines += ["", *_about_children(facts["children"]), "", *in_summary(facts["demand"])]
    idaci = facts["idaci"]
    lines += [
        "",
        f"Child deprivation (IDACI {idaci['edition']}): {idaci['most_deprived_10']} of "
        f"{idaci['lsoas']} LSOAs are among England's most deprived tenth",
        "  the most deprived wards",
        *(f"  - {wording.deprived(name, score)}" for name, score in facts["most_deprived_wards"]),
        "",
    ]
    if facts["local"] is not None:
        lines += _about_local(facts["local"], illustrative=record.illustrative)
    lines += _listed("What to know", record.notes)
    if record.asides and asides:
        lines += _listed("For your eyes only, and not written to any output", record.asides)
    elif record.asides:
        lines.append("  - Exact numbers for your eyes only: asides of this record, not shown here.")
    lines += _listed("Sources", dict.fromkeys(map(_source, record.sources)))
    names: dict[str, set[str]] = {}
    for path in map(PurePosixPath, sorted(record.outputs)):
        names.setdefault(path.parent.as_posix(), set()).add(path.stem)
    passed = sum(check.passed for check in record.checks)
    written = [f"{folder}/: {', '.join(sorted(each))}" for folder, each in sorted(names.items())]
    written.append(f"{passed} of {len(record.checks)} checks passed; see data/processed/run.json")
    lines += _listed(f"Written to {record.workspace}", written)
    # A build with small counts left open is in a folder within the workspace.
    folder = Path(record.workspace)
    text = with_workspace("\n".join(lines), folder.parent if record.unprotected else folder)
    return clean(text)


def _listed(heading: str, items: Iterable[str]) -> list[str]:
    return ["", heading, *(f"  - {each}" for each in items)]


def _about_local(facts: dict[str, Any], *, illustrative: bool) -> list[str]:
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


def _source(each: dict[str, Any]) -> str:
    """Return what a source is, from whom, and its files where there are several."""
    line = f"{each['title']} ({each['publisher']}): {each['vintage'] or each['edition']}"
    if each["in_place"]:
        line += f", {each['in_place']}"
    files = each["file"].split(SEPARATOR)
    return f"{line}; {len(files)} files: {', '.join(files)}" if len(files) > 1 else line


def _about_rate(each: dict[str, Any], name: str) -> list[str]:
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
    reason = each["against_neighbours_reason"]
    usual = _usual(each, each["against_neighbours"], "usual", reason)
    used = f"{each['used']} of {each['of']} statistical neighbours, {each['model']} model"
    lines.append(f"areas like it ({used}): {usual}")
    if each["used"]:
        lines.append(
            f"their mean {wording.figure(each['mean'])}, median {wording.figure(each['median'])}, "
            f"from {wording.figure(each['lowest'])} to {wording.figure(each['highest'])}; "
            f"of them {each['lower_beyond_chance']} lower and {each['higher_beyond_chance']} "
            f"higher than {name} by more than chance in the counts"
        )
    place = (each["rank"], each["rank_of"], each["rank_first"], each["rank_last"])
    rank = wording.rank(*place, "95%")
    return [*lines, rank] if rank else lines


def _usual(each: dict[str, Any], verdict: str, of: str, reason: str) -> str:
    """Return where a rate is in a usual range, whose figures begin with ``of``."""
    ends = (each[f"{of}_{name}"] for name in ("lower", "centre", "upper"))
    return wording.usual_range(verdict, *ends, rate=each["rate"], reason=reason)


def _about_children(facts: dict[str, Any]) -> list[str]:
    """Return the estimate, and the projection on its own base."""
    estimate, same = facts["estimate"], facts["projected_for_estimate"]
    lines = (
        [f"Children aged 0-17: {estimate[1]:,} at mid-{estimate[0]} (estimate)"] if estimate else []
    )
    left = estimate and same and abs(same / estimate[1] - 1) >= _PROJECTION_APART
    text = wording.projected(
        tuple(facts["from"]),
        tuple(facts["to"]),
        later=tuple(estimate) if left else None,
        same=same,
    )
    title = f"{facts['base_year']}-based projection of children aged 0-17"
    return [*lines, "", title, *(f"  {each}" for each in text)]


def _plain(value: Any) -> Any:
    """Return a value for JSON: a number rounded as it is printed, None if it is missing."""
    import pandas as pd

    if isinstance(value, str):
        return value
    if pd.isna(value):
        return None
    return int(value) if isinstance(value, Integral) else round(float(value), 1)
