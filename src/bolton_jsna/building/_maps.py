"""The maps of a build, each drawn for the web and for print."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from bolton_jsna.building._local_counts import LOCAL_EVENTS
from bolton_jsna.building._local_doubts import of_event, unlike_published
from bolton_jsna.building._protected_counts import ProtectedCounts
from bolton_jsna.building._sign_off import rule_in_words
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.core.areas import ENGLAND
from bolton_jsna.core.export import NOT_FOR_PUBLICATION
from bolton_jsna.core.provenance import source_ids
from bolton_jsna.measures.events import Event
from bolton_jsna.measures.rates import crude_rates
from bolton_jsna.sentences import map_words

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.maps import Uncertainty


LAYERS: Final = "ward_layers"
"""The page of all maps as layers."""
_CLASSES: Final = 3
"""Classes of each measure of a bivariate map, by default."""
_PER_CHILD: Final = "per 10,000 children aged 0-17"
_OF_CHILDREN: Final = "% of children aged 0-15"
_LOW_INCOME: Final = "Children in low-income families"
"""What readers call the Income Deprivation Affecting Children Index (IDACI)."""


@dataclass(frozen=True)
class PlannedMap:
    """One map of a build.

    Attributes
    ----------
    name : str
        The file name without its ending.
    kind : {"choropleth", "bivariate"}
    columns : tuple of str
        The column drawn, or the two of a bivariate map.
    options : Mapping
        What the interactive and the printed map have in common.
    own_files : bool
        Whether it has files of its own, or is a layer of the combined page only.
    web_sources : tuple of str
        Sources of what the interactive map can be searched by.
    web_notes : tuple of str
        Notes on what only the interactive map shows.
    caution : str
        What readers of the interactive map must know first, below its subtitle.
    """

    name: str
    kind: Literal["choropleth", "bivariate"]
    columns: tuple[str, ...]
    options: Mapping[str, Any]
    own_files: bool = True
    web_sources: tuple[str, ...] = ()
    web_notes: tuple[str, ...] = ()
    caution: str = ""


@dataclass(frozen=True)
class _RateMap:
    """The texts of a map of ward rates; ``{year}`` is the year ending 31 March."""

    name: str
    title: str
    subtitle: str
    label: str
    palette: str
    decimals: int
    count: str


_RATE_MAPS: Final[Mapping[Event, _RateMap]] = {
    "referrals": _RateMap(
        name="ward_referral_rate",
        title="Referrals to children's social care",
        subtitle=f"Referrals {_PER_CHILD}, year ending 31 March {{year}}",
        label="Referrals",
        palette="purple",
        decimals=0,
        count="Referrals in the year",
    ),
    "cpp_at_31_march": _RateMap(
        name="ward_plan_rate",
        title="Children on protection plans",
        subtitle=f"Children on plans {_PER_CHILD}, at 31 March {{year}}",
        label="Children on protection plans",
        palette="teal",
        decimals=1,
        count="Children on plans at 31 March {year}",
    ),
}


def planned_maps(
    made_from: Ingredients,
    profile: pd.DataFrame,
    local: ProtectedCounts,
    *,
    attributions: Mapping[str, Sequence[str]],
    notes: Mapping[Event, Sequence[str]] = MappingProxyType({}),
    printed: Mapping[Event, str] = MappingProxyType({}),
) -> tuple[pd.DataFrame, list[PlannedMap]]:
    """Return the figures of the maps of a build, and the maps: none without ward boundaries.

    ``notes`` are those of each event; ``printed`` is the one printed with each map of an event.
    """
    frame, planned = _planned(
        made_from, profile, local, attributions=attributions, notes=notes, printed=printed
    )
    postcodes = [] if made_from.postcodes is None else [made_from.postcodes]
    searched = tuple(_attributions(postcodes, attributions))
    return frame, [replace(each, web_sources=searched) for each in planned]


def _planned(
    made_from: Ingredients,
    profile: pd.DataFrame,
    local: ProtectedCounts,
    *,
    attributions: Mapping[str, Sequence[str]],
    notes: Mapping[Event, Sequence[str]],
    printed: Mapping[Event, str],
) -> tuple[pd.DataFrame, list[PlannedMap]]:
    if made_from.wards is None:
        return profile, []
    place, edition = made_from.place.name, int(made_from.idaci["edition"].iloc[0])
    frame = profile.assign(
        idaci_percent=profile["idaci_score"] * 100,
        idaci_percent_status=profile["idaci_status"],
    )
    deprived = (
        f"{_LOW_INCOME}: the Income Deprivation Affecting Children Index (IDACI) of the Indices of "
        f"Deprivation {edition}, which counts children aged 0-15 in income-deprived families. Ward "
        "figures are means of LSOA scores weighted by children."
    )
    shapes = (
        f"Wards of {int(made_from.wards['year'].iloc[0])}; each LSOA is counted whole in one ward "
        "(ONS best fit), so a home near the line of a ward can be counted in the next one."
    )
    deprivation = PlannedMap(
        "ward_idaci",
        "choropleth",
        ("idaci_percent",),
        {
            "title": marked(f"{_LOW_INCOME} in {place} by ward", local),
            "subtitle": f"% of children aged 0-15, Indices of Deprivation {edition}",
            "label": _LOW_INCOME,
            "unit": _OF_CHILDREN,
            "decimals": 1,
            "details": {
                "children_0_15": "Children aged 0-15",
                "lsoas_most_deprived_10": "LSOAs in England's most deprived tenth",
            },
            "note": "Do not compare these figures with those of other editions of the Indices: "
            "each edition measures something else.",
            "notes": (deprived, shapes),
            "source": f"Indices of Deprivation {edition}",
            "sources": _lines(made_from, attributions, with_children=False),
        },
    )
    if not local.events:
        return frame, [deprivation]

    def about(event: Event) -> tuple[str, ...]:
        hides = bool((frame[f"{LOCAL_EVENTS[event]}_status"] == "suppressed").any())
        said = (*notes.get(event, ()), rule_in_words(local.rule, hides=hides), shapes)
        return tuple(filter(None, said))

    def compared(uncertainty: Uncertainty) -> tuple[str, ...]:
        return (map_words.MANY_COMPARED,) if uncertainty.benchmark is not None else ()

    def caution(event: Event) -> str:
        return printed.get(event, "") if of_event(local.doubts, event) else ""

    common = {
        "illustrative": made_from.illustrative,
        "source": "Illustrative local records" if made_from.illustrative else "Local records",
        "sources": _lines(made_from, attributions, with_children=True),
        "details": {"children_0_17": "Children aged 0-17"},
    }
    found = [deprivation]
    for event, texts in _RATE_MAPS.items():
        column = LOCAL_EVENTS[event]
        if not classes_of(frame[f"{column}_rate"], decimals=texts.decimals):
            continue
        uncertainty = _uncertainty(made_from, local, event)
        options = {
            "title": marked(f"{texts.title} in {place} by ward", local),
            "subtitle": texts.subtitle.format(year=local.year) + _dated(local, event),
            "label": texts.label,
            "unit": _PER_CHILD,
            "palette": texts.palette,
            "decimals": texts.decimals,
            "status": f"{column}_status",
            "uncertainty": uncertainty,
            "note": printed.get(event, ""),
            "notes": (*compared(uncertainty), *about(event)),
            **common,
        }
        # Plans have files of their own only if there is no map of referrals.
        own_files = len(found) == 1
        found.append(
            PlannedMap(
                texts.name,
                "choropleth",
                (f"{column}_rate",),
                options,
                own_files,
                caution=caution(event),
            )
        )
    if not can_be_crossed(frame):
        return frame, found
    uncertainty = _uncertainty(made_from, local, "referrals")
    options = {
        "title": marked(f"{_LOW_INCOME} and referrals in {place} by ward", local),
        "subtitle": f"% of children aged 0-15, Indices of Deprivation {edition}, and referrals "
        f"{_PER_CHILD}, year ending 31 March {local.year}{_dated(local, 'referrals')}",
        "label": f"{_LOW_INCOME} and referrals",
        "x_label": _LOW_INCOME,
        "x_unit": _OF_CHILDREN,
        "y_label": _RATE_MAPS["referrals"].label,
        "y_unit": _PER_CHILD,
        "x_decimals": 1,
        "y_decimals": 0,
        "y_status": "referrals_status",
        # Readers already read two colours at once: uncertainty is given in words.
        "y_uncertainty": replace(uncertainty, similar="plain", small=0),
        "note": printed.get("referrals", ""),
        "notes": (
            f"{deprived} Scores of other editions measure something else.",
            *about("referrals"),
            "Areas, not families: a deprived ward with many referrals does not show that "
            "the children referred are the deprived ones.",
        ),
        **common,
    }
    columns = ("idaci_percent", "referrals_rate")
    crossed = PlannedMap(
        "ward_idaci_vs_referrals",
        "bivariate",
        columns,
        options,
        # The print shows England's figure, and no comparison of each ward with it.
        web_notes=compared(uncertainty),
        caution=caution("referrals"),
    )
    return frame, [*found, crossed]


def _dated(local: ProtectedCounts, event: Event) -> str:
    """Return what a subtitle adds if the figures are those of an earlier build."""
    day = local.dated(event)
    if not day:
        return ""
    date = dt.date.fromisoformat(day)
    return f" (as counted on {date.day} {date:%B %Y})"


def marked(title: str, local: ProtectedCounts) -> str:
    """Return the title of a map, marked if small numbers are not hidden."""
    return f"{NOT_FOR_PUBLICATION}: {title}" if local.rule is None else title


def classes_of(values: pd.Series, *, decimals: int = 0) -> int:
    """Return how many classes a bivariate map would have of figures; 0 if all are hidden."""
    from bolton_jsna.drawing.classes import classify

    shown = values.dropna().astype(float)
    return len(classify(shown, k=_CLASSES, decimals=decimals)) if len(shown) else 0


def can_be_crossed(profile: pd.DataFrame) -> bool:
    """Return whether deprivation and referrals both differ between wards as they are printed."""
    deprivation = classes_of(profile["idaci_score"] * 100, decimals=1)
    return min(deprivation, classes_of(profile["referrals_rate"])) > 1


def draw(
    frame: pd.DataFrame,
    made_from: Ingredients,
    local: ProtectedCounts,
    planned: list[PlannedMap],
    folder: Path,
) -> dict[str, tuple[Any, Any]]:
    """Draw each map as an HTML file, a PNG at 300 dpi and an SVG, and all as layers of one page.

    Return the pages and the printed maps by name.
    """
    from bolton_jsna import maps

    draws: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
        "choropleth": (maps.choropleth_map, maps.static_choropleth),
        "bivariate": (maps.bivariate_map, maps.static_bivariate),
    }
    folder.mkdir(parents=True, exist_ok=True)
    pages = []
    made = {}
    # The page of layers opens on the question of the chapter: deprivation against referrals.
    for each in sorted(planned, key=lambda plan: plan.kind != "bivariate"):
        page, figure = (
            functools.partial(
                drawn, frame, *each.columns, boundaries=made_from.wards, **each.options
            )
            for drawn in draws[each.kind]
        )
        page = functools.partial(
            page,
            postcodes=made_from.postcodes,
            notes=(*each.options["notes"], *each.web_notes),
            sources=(*each.options["sources"], *each.web_sources),
        )
        pages.append(page())
        if each.own_files:
            subtitle = f"{each.options['subtitle']}. {each.caution}"
            own = page(subtitle=subtitle) if each.caution else pages[-1]
            maps.save_map(own, folder / f"{each.name}.html")
            printed = figure()
            for ending in (".png", ".svg"):
                maps.save_figure(printed, folder / f"{each.name}{ending}")
            made[each.name] = (own, printed)
    if len(pages) > 1:
        place = made_from.place.name
        title = marked(f"Children in {place} by ward", local)
        # Each says which figures it is about, and is shown once.
        cautions = " ".join(dict.fromkeys(each.caution for each in planned if each.caution))
        layered = maps.layered_map(*pages, title=title, subtitle=cautions)
        maps.save_map(layered, folder / f"{LAYERS}.html")
    return made


def _uncertainty(made_from: Ingredients, local: ProtectedCounts, event: Event) -> Uncertainty:
    """Return the columns of a ward rate's interval and count, and England's rate of the year."""
    # An extract that is not whole makes every ward look lower than England.
    from bolton_jsna.maps import Uncertainty

    name, year = LOCAL_EVENTS[event], local.year
    unlike = unlike_published(local.doubts, event)
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
        count_label=_RATE_MAPS[event].count.format(year=year),
        benchmark=float(england.iloc[0]) if len(england) and not unlike else None,
        benchmark_label=f"England {year}",
    )


def _attributions(
    tables: Sequence[pd.DataFrame], attributions: Mapping[str, Sequence[str]]
) -> list[str]:
    return [line for each in source_ids(tables) for line in attributions.get(each, ())]


def _lines(
    made_from: Ingredients, attributions: Mapping[str, Sequence[str]], *, with_children: bool
) -> tuple[str, ...]:
    wards = [] if made_from.wards is None else [made_from.wards]
    children = [made_from.children] if with_children else []
    tables = [*wards, made_from.idaci, made_from.lookup, *children]
    lines = _attributions(tables, attributions)
    if with_children:
        lines.append(
            "Source: illustrative local records, made up for this library."
            if made_from.illustrative
            else f"Source: {made_from.place.name}'s own records."
        )
    # One publisher's lines often differ only in what one adds.
    return tuple(
        each
        for each in dict.fromkeys(lines)
        if not any(other != each and other.startswith(each.rstrip(".")) for other in lines)
    )
