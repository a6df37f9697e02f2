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
from bolton_jsna.sentences import summary_lines

if TYPE_CHECKING:
    import pandas as pd


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
    model = next(iter(made_from.neighbours), "")
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
    wards = tables["idaci_ward"].sort_values("idaci_score", ascending=False).head(3)
    ranked = made_from.idaci[made_from.idaci["idaci_rank"].notna()]
    return {
        "rates": rates,
        "children": _children(made_from),
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


def _children(made_from: Ingredients) -> dict[str, Any]:
    """Return the estimate of children, and their projection if there is one."""
    latest, projected = made_from.latest_estimate, made_from.projections
    if projected is None:
        return {"estimate": latest, "base_year": None, "absent": made_from.absent["projections"]}
    totals = projected.groupby("year")["population"].sum()
    first = int(totals.index.min())
    ahead = min(int(totals.index.max()), first + 10)
    same = float(totals[latest[0]]) if latest and latest[0] in totals.index else None
    return {
        "estimate": latest,
        "base_year": int(projected["base_year"].iloc[0]),
        "from": [first, round(float(totals[first]))],
        "to": [ahead, round(float(totals[ahead]))],
        "projected_for_estimate": None if same is None else round(same),
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
        lines += [f"  {line}" for line in summary_lines.about_rate(each, record.area)]
    lines += ["", *summary_lines.about_children(facts["children"])]
    lines += ["", *in_summary(facts["demand"])]
    lines += [
        "",
        *summary_lines.about_deprivation(facts["idaci"], facts["most_deprived_wards"]),
        "",
    ]
    if facts["local"] is not None:
        lines += summary_lines.about_local(facts["local"], illustrative=record.illustrative)
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


def _source(each: dict[str, Any]) -> str:
    """Return what a source is, from whom, and its files where there are several."""
    line = f"{each['title']} ({each['publisher']}): {each['vintage'] or each['edition']}"
    if each["in_place"]:
        line += f", {each['in_place']}"
    files = each["file"].split(SEPARATOR)
    return f"{line}; {len(files)} files: {', '.join(files)}" if len(files) > 1 else line


def _plain(value: Any) -> Any:
    """Return a value for JSON: a number rounded as it is printed, None if it is missing."""
    import pandas as pd

    if isinstance(value, str):
        return value
    if pd.isna(value):
        return None
    return int(value) if isinstance(value, Integral) else round(float(value), 1)
