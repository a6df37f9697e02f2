"""The maps of a build: each said once, drawn for the web and for print."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from bolton_jsna.building._local_counts import LOCAL_EVENTS
from bolton_jsna.building._protected_counts import ProtectedCounts
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.core.areas import ENGLAND
from bolton_jsna.core.export import NOT_FOR_PUBLICATION
from bolton_jsna.core.provenance import SEPARATOR
from bolton_jsna.measures.events import Event
from bolton_jsna.measures.rates import crude_rates

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from bolton_jsna.disclosure.rules import SuppressionRule
    from bolton_jsna.maps import Uncertainty


LAYERS: Final = "ward_layers"
"""The page of all maps as layers."""
_CROSSED: Final = 3
"""Classes of each measure of a crossed map, as it is drawn by default."""


@dataclass(frozen=True)
class Picture:
    """One map: its file name, its kind, and everything it says.

    Attributes
    ----------
    name : str
        The file name without its ending.
    kind : {"choropleth", "bivariate"}
    columns : tuple of str
        The column drawn, or the two crossed.
    says : Mapping
        Options that the interactive and the printed map have in common.
    alone : bool
        Whether it has files of its own, or is a layer of the combined page only.
    """

    name: str
    kind: Literal["choropleth", "bivariate"]
    columns: tuple[str, ...]
    says: Mapping[str, Any]
    alone: bool = True


def pictures(
    made_from: Ingredients,
    profile: pd.DataFrame,
    local: ProtectedCounts,
    *,
    attributions: Mapping[str, Sequence[str]],
    notes: tuple[str, ...] = (),
) -> tuple[pd.DataFrame, list[Picture]]:
    """Say what the maps of a build show."""
    # Without ward boundaries there are no maps.
    if made_from.wards is None:
        return profile, []
    frame, found = _pictures(
        made_from, made_from.wards, profile, local, attributions=attributions, notes=notes
    )
    return frame, [
        replace(each, says={**each.says, "title": marked(each.says["title"], local)})
        for each in found
    ]


def _dated(local: ProtectedCounts, event: Event) -> str:
    """Return what a subtitle adds where figures of an earlier build stay."""
    day = local.dated(event)
    if not day:
        return ""
    date = dt.date.fromisoformat(day)
    return f" (as counted on {date.day} {date:%B %Y})"


def marked(title: str, local: ProtectedCounts) -> str:
    """Return the title of a map, marked where small numbers are left open."""
    return f"{NOT_FOR_PUBLICATION}: {title}" if local.rule is None else title


def _pictures(
    made_from: Ingredients,
    shapes_of: gpd.GeoDataFrame,
    profile: pd.DataFrame,
    local: ProtectedCounts,
    *,
    attributions: Mapping[str, Sequence[str]],
    notes: tuple[str, ...],
) -> tuple[pd.DataFrame, list[Picture]]:
    place = made_from.place.name
    edition = int(made_from.idaci["edition"].iloc[0])
    wards = int(shapes_of["year"].iloc[0])
    frame = profile.assign(
        idaci_percent=profile["idaci_score"] * 100,
        idaci_percent_status=profile["idaci_status"],
    )
    deprived = (
        f"IDACI {edition}: children aged 0-15 in income-deprived families; ward figures are means "
        "of LSOA scores weighted by children. Scores of other editions measure something else."
    )
    shapes = f"Wards of {wards}; each LSOA is counted whole in one ward (ONS best fit)."
    lines = _lines(made_from, attributions, with_children=False)
    found = [
        Picture(
            "ward_idaci",
            "choropleth",
            ("idaci_percent",),
            {
                "title": f"Child deprivation in {place} by ward",
                "subtitle": f"Income Deprivation Affecting Children Index, {edition}",
                "label": f"IDACI {edition}",
                "unit": "% of children aged 0-15",
                "decimals": 1,
                "details": {
                    "children_0_15": "Children aged 0-15",
                    "lsoas_most_deprived_10": "LSOAs in England's most deprived tenth",
                },
                "notes": (deprived, shapes),
                "source": f"Indices of Deprivation {edition}",
                "sources": lines,
            },
        )
    ]
    if not local.events:
        return frame, found
    year = f"year ending 31 March {local.year}"
    hidden = _about_small(local.rule)
    local_lines = _lines(made_from, attributions, with_children=True)
    common = {
        "illustrative": made_from.illustrative,
        "source": "Illustrative local records" if made_from.illustrative else "Local records",
        "sources": local_lines,
        "details": {"children_0_17": "Children aged 0-17"},
    }
    sure = _uncertainty(made_from, local.year, "referrals", "Referrals in the year")
    referred = bool(classes_of(frame["referrals_rate"]))
    if referred:
        found.append(
            Picture(
                "ward_referral_rate",
                "choropleth",
                ("referrals_rate",),
                {
                    "title": f"Referrals to children's social care in {place} by ward",
                    "subtitle": f"Referrals per 10,000 children aged 0-17, {year}"
                    f"{_dated(local, 'referrals')}",
                    "label": "Referral rate",
                    "unit": "per 10,000 children aged 0-17",
                    "palette": "purple",
                    "decimals": 0,
                    "status": "referrals_status",
                    "uncertainty": sure,
                    "notes": (*notes, hidden, shapes),
                    **common,
                },
            )
        )
    if classes_of(frame["plans_rate"], decimals=1):
        found.append(
            Picture(
                "ward_plan_rate",
                "choropleth",
                ("plans_rate",),
                {
                    "title": f"Children on protection plans in {place} by ward",
                    "subtitle": "Children on plans per 10,000 children aged 0-17, at 31 March "
                    f"{local.year}{_dated(local, 'cpp_at_31_march')}",
                    "label": "Plan rate",
                    "unit": "per 10,000 children aged 0-17",
                    "palette": "teal",
                    "decimals": 1,
                    "status": "plans_status",
                    "uncertainty": _uncertainty(
                        made_from,
                        local.year,
                        "cpp_at_31_march",
                        f"Children on plans at 31 March {local.year}",
                    ),
                    "notes": (*notes, hidden, shapes),
                    **common,
                },
                # With files of its own where it is the only map of local figures.
                alone=not referred,
            )
        )
    if not can_be_crossed(frame):
        return frame, found
    found.append(
        Picture(
            "ward_idaci_vs_referrals",
            "bivariate",
            ("idaci_percent", "referrals_rate"),
            {
                "title": f"Child deprivation and referrals in {place} by ward",
                "subtitle": f"IDACI {edition} and referrals per 10,000 children, {year}"
                f"{_dated(local, 'referrals')}",
                "x_label": f"IDACI {edition}",
                "x_unit": "% of children aged 0-15",
                "y_label": "Referral rate",
                "y_unit": "per 10,000 children aged 0-17",
                "x_decimals": 1,
                "y_decimals": 0,
                "y_status": "referrals_status",
                # Two colours at once are read already: what is uncertain is told in words.
                "y_uncertainty": replace(sure, similar="plain", small=0),
                "notes": (
                    deprived,
                    *notes,
                    hidden,
                    shapes,
                    "Areas, not families: a deprived ward with many referrals does not say that "
                    "the children referred are the deprived ones.",
                ),
                **common,
            },
        )
    )
    return frame, found


def _about_small(rule: SuppressionRule | None) -> str:
    if rule is None:
        return "Small numbers are not hidden. Not for publication."
    if rule.controlled:
        return f"Counts are rounded to multiples of {rule.rounding} to protect small numbers."
    first = 0 if rule.zeros == "hidden" else 1
    more = f" The others are rounded to {rule.rounding}." if rule.rounding > 1 else ""
    return (
        f"Counts from {first} to {rule.threshold} are hidden, and others that would give them away "
        f"(secondary suppression).{more}"
    )


def classes_of(values: pd.Series, *, decimals: int = 0) -> int:
    """Return how many classes a crossed map would have of some figures, 0 where none is shown."""
    from bolton_jsna.drawing.classes import classify

    shown = values.dropna().astype(float)
    return len(classify(shown, k=_CROSSED, decimals=decimals)) if len(shown) else 0


def can_be_crossed(profile: pd.DataFrame) -> bool:
    """Return whether deprivation and referrals both differ between wards as they are printed."""
    deprivation = classes_of(profile["idaci_score"] * 100, decimals=1)
    return min(deprivation, classes_of(profile["referrals_rate"])) > 1


def draw(
    frame: pd.DataFrame,
    made_from: Ingredients,
    local: ProtectedCounts,
    found: list[Picture],
    folder: Path,
) -> list[Path]:
    """Draw each map as an HTML file, a PNG at 300 dpi and an SVG, and all as layers of one page."""
    from bolton_jsna import maps

    folder.mkdir(parents=True, exist_ok=True)
    web: dict[str, Callable[..., Any]] = {
        "choropleth": maps.choropleth_map,
        "bivariate": maps.bivariate_map,
    }
    paper: dict[str, Callable[..., Any]] = {
        "choropleth": maps.static_choropleth,
        "bivariate": maps.static_bivariate,
    }
    written, pages = [], []
    for picture in found:
        said = dict(picture.says)
        page = web[picture.kind](frame, *picture.columns, boundaries=made_from.wards, **said)
        pages.append(page)
        if not picture.alone:
            continue
        written.append(maps.save_map(page, folder / f"{picture.name}.html"))
        figure = paper[picture.kind](frame, *picture.columns, boundaries=made_from.wards, **said)
        written += [
            maps.save_figure(figure, folder / f"{picture.name}{ending}")
            for ending in (".png", ".svg")
        ]
    if len(pages) > 1:
        title = marked(f"{made_from.place.name} by ward", local)
        every = maps.layered_map(*pages, title=title)
        written.append(maps.save_map(every, folder / f"{LAYERS}.html"))
    return written


def _uncertainty(made_from: Ingredients, year: int, event: Event, count: str) -> Uncertainty:
    """Return the columns of a ward rate's interval and count, and England's rate of the year."""
    from bolton_jsna.maps import Uncertainty

    name = LOCAL_EVENTS[event]
    figures = made_from.children_in_need
    england = crude_rates(
        figures[
            (figures["area_code"] == ENGLAND)
            & (figures["indicator"] == event)
            & (figures["year"] == year)
        ]
    )["rate"].dropna()
    return Uncertainty(
        lower=f"{name}_lower",
        upper=f"{name}_upper",
        count=name,
        count_label=count,
        benchmark=float(england.iloc[0]) if len(england) else None,
        benchmark_label=f"England {year}",
    )


def _lines(
    made_from: Ingredients, attributions: Mapping[str, Sequence[str]], *, with_children: bool
) -> tuple[str, ...]:
    shapes = [] if made_from.wards is None else [made_from.wards]
    tables = [*shapes, made_from.idaci, made_from.lookup]
    if with_children:
        tables.append(made_from.children)
    ids = [
        part
        for table in tables
        for each in table["source"].dropna().unique()
        for part in str(each).split(SEPARATOR)
    ]
    lines = [line for each in ids for line in attributions.get(each, ())]
    if with_children:
        lines.append(
            "Illustrative local records made for this library; not the records of any child."
            if made_from.illustrative
            else f"{made_from.place.name}: the authority's own records."
        )
    # One publisher's lines often differ only in what one adds.
    return tuple(
        each
        for each in dict.fromkeys(lines)
        if not any(other != each and other.startswith(each.rstrip(".")) for other in lines)
    )
