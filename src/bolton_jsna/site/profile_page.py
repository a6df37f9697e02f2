"""The profile of an area as one page of HTML: a table by subject, then what its words mean.

The page has no script and loads nothing. Every text passes :func:`html.escape`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core import wording
from bolton_jsna.core.export import NOT_FOR_PUBLICATION
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.measures.panel import between, panel_notes, rank_text
from bolton_jsna.sentences import profile_words

if TYPE_CHECKING:
    import pandas as pd

_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


def profile_page(panel: pd.DataFrame, *, sources: Sequence[str] = (), mark: str = "") -> str:
    """Return the page of a panel; the same panel gives the same text."""
    name = str(panel["area_name"].iloc[0])
    regions = [each for each in panel["region_name"].unique() if each]
    region = regions[0] if regions else ""
    title = f"{mark}: Profile of {name}" if mark else f"Profile of {name}"
    against = ["England"] if name != "England" else []
    against += [f"its region ({region})"] if region else []
    neighbours = bool((panel["neighbours_of"] > 0).any())
    against += ["statistical neighbours"] if neighbours else []
    compared = f", compared with {wording.listed(against)}" if against else ""
    number = f"{len(panel)} indicator{'s' if len(panel) != 1 else ''}"
    return f"""<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escape(title)}</title>
<style>{_style()}</style>
</head>
<body>
<a class="skip" href="#meanings">Skip the table and go to what the words mean</a>
<header><h1>{escape(title)}</h1>
<p class="subtitle">{escape(number + compared)}. Each figure is of the latest year of its \
indicator.</p></header>
<main>
{_table(panel, name, region, neighbours=neighbours)}
<section id="meanings" tabindex="-1">
<h2>What the words mean</h2>
{_list([*profile_words.MEANINGS, *panel_notes(panel)])}
<p class="download"><a href="profile.csv">The whole table with p-values and reasons (CSV)</a></p>
</section>
</main>
<footer><h2>Sources and licence</h2>{_list(sources or panel_sources(panel))}</footer>
</body>
</html>
"""


def built_page(panel: pd.DataFrame, origin: pd.DataFrame, *, not_for_publication: bool) -> str:
    """Return the page of a build, with the attributions of the sources that the panel has."""
    ours = origin[origin["source"].isin(panel_sources(panel))]
    lines = [
        f"{each.title} ({each.publisher}): {each.vintage or each.edition}. {each.attribution}"
        for each in ours.itertuples()
    ]
    mark = NOT_FOR_PUBLICATION if not_for_publication else ""
    return profile_page(panel, sources=list(dict.fromkeys(lines)), mark=mark)


def profile_table(panel: pd.DataFrame) -> str:
    """Return the table of a panel as a part of a longer page, which has :func:`part_style`."""
    regions = [each for each in panel["region_name"].unique() if each]
    neighbours = bool((panel["neighbours_of"] > 0).any())
    name = str(panel["area_name"].iloc[0])
    return _table(panel, name, regions[0] if regions else "", neighbours=neighbours)


def part_style() -> str:
    """Return the style of the table on a longer page: the rules of the page are left out."""
    kept = [
        line
        for line in _style().splitlines()
        if not line.startswith(("body", "h1", "h2", "p ", "footer"))
    ]
    return "\n".join(kept) + "\n"


def panel_sources(panel: pd.DataFrame) -> list[str]:
    """Return the ids of the sources of a panel, each once."""
    return list(dict.fromkeys(part for each in panel["source"] for part in each.split(SEPARATOR)))


def _style() -> str:
    return resources.files(__package__).joinpath("profile.css").read_text(encoding="utf-8")


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _table(panel: pd.DataFrame, name: str, region: str, *, neighbours: bool) -> str:
    """Return the table: rows of a subject under its heading."""
    # Roles are written out because the narrow page shows rows as blocks, which would end the table
    # for a screen reader.
    headings = ["Indicator", name]
    headings += ["England"] if name != "England" else []
    headings += [region] if region else []
    headings += ["Neighbours", "Among neighbours"] if neighbours else []
    headings.append("Trend")
    heads = "".join(f'<th scope="col" role="columnheader">{escape(each)}</th>' for each in headings)
    groups = [
        f'<tbody role="rowgroup"><tr role="row" class="subject"><th scope="rowgroup" '
        f'role="rowheader" colspan="{len(headings)}">{escape(str(subject))}</th></tr>\n'
        + "\n".join(_row(row, headings) for row in rows.to_dict(orient="records"))
        + "</tbody>"
        for subject, rows in panel.groupby("subject", sort=False)
    ]
    return (
        f'<table role="table"><caption>{escape(name)}: indicators by subject</caption>'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>\n'
        + "\n".join(groups)
        + "\n</table>"
    )


def _row(row: dict[str, Any], headings: Sequence[str]) -> str:
    """Return the row of an indicator."""
    unit = row["unit"]
    limits = between(row["lower"], row["upper"], unit)
    cells = {
        "England": _figure(row["england"], unit, row["england_status"]) + _verdict(row, "england"),
        row["region_name"]: _figure(row["region"], unit, row["region_status"])
        + _verdict(row, "region"),
        "Neighbours": _neighbours(row),
        "Among neighbours": _verdict(row, "neighbours", small=False),
        "Trend": _trend(row),
        # Last, so that England's own figure stands under its name.
        row["area_name"]: _figure(row["value"], unit, row["status"])
        + (f'<span class="small">{escape(limits)}</span>' if limits else ""),
    }
    listed = "".join(
        f'<td role="cell" class="number" data-head="{escape(each)}">{cells[each]}</td>'
        for each in headings[1:]
    )
    period = row["period"] or row["year"]
    return (
        f'<tr role="row"><th scope="row" role="rowheader"><span class="title">'
        f'{escape(row["title"])}</span> <span class="small">{escape(f"{unit}, {period}")}</span>'
        f'</th>{listed}</tr>\n<tr role="row" class="about"><td role="cell" '
        f'colspan="{len(headings)}">{_details(row)}</td></tr>'
    )


def _figure(value: float, unit: str, status: str) -> str:
    text = escape(wording.stated(value, unit, status))
    return f'<span class="{"state" if math.isnan(value) else "figure"}">{text}</span>'


def _verdict(row: dict[str, Any], of: str, *, small: bool = True) -> str:
    """Return a verdict in words; better and worse only where a test supports it."""
    verdict = row[f"against_{of}"]
    word = escape(wording.whose(row["area_name"], verdict))
    word = f'<span class="small">{word}</span>' if small else word
    return word + _tag(verdict, {"lower": "lower", "higher": "higher"}, row["better"])


def _tag(verdict: str, directions: Mapping[str, str], better: str) -> str:
    direction = directions.get(verdict)
    word = profile_words.quality(direction, better)
    return f' <span class="tag {word}">{word.capitalize()}</span>' if word else ""


def _neighbours(row: dict[str, Any]) -> str:
    """Return the range and the median of the neighbours, and the rank of the area."""
    unit = row["unit"]
    if not row["neighbours_used"]:
        return '<span class="state">Not available</span>'
    span = between(row["neighbours_lowest"], row["neighbours_highest"], unit)
    middle = wording.in_unit(row["neighbours_median"], unit)
    lines = [f"median {middle}"]
    lines += [f"rank {rank_text(row)}"] if rank_text(row) else []
    if row["neighbours_used"] < row["neighbours_of"]:
        lines.append(f"{row['neighbours_used']} of {row['neighbours_of']} areas")
    return escape(span) + "".join(f'<span class="small">{escape(line)}</span>' for line in lines)


def _trend(row: dict[str, Any]) -> str:
    """Return a trend in words with its years."""
    found = row["trend"]
    text = escape(wording.TRENDS[found])
    if found == "not_compared":
        return f'<span class="state">{text}</span>'
    tag = _tag(found, {"decreasing": "lower", "increasing": "higher"}, row["better"])
    return f'{text}<span class="small">{escape(row["trend_years"])}</span>{tag}'


def _details(row: dict[str, Any]) -> str:
    """Return what the indicator is, folded up."""
    facts = {
        "Definition": row["definition"],
        "Out of": row["denominator"],
        "Before you compare": row["note"],
        "Missing verdicts": row["why"],
        "Method of the interval": row["method"],
        "Source": row["source"],
    }
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>"
        for name, text in facts.items()
        if text
    )
    about = f'About<span class="hidden"> {escape(row["title"])}</span>'
    return f"<details><summary>{about}</summary><dl>{items}</dl></details>"
