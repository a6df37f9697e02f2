"""The charts of a build, each for print and the web, with its figures, caption and description."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.building import paths
from bolton_jsna.building._chapter_tables import pyramid_years
from bolton_jsna.building._local_counts import LOCAL_EVENTS
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.building.published import INDICATORS
from bolton_jsna.chapter import ward_deprivation
from bolton_jsna.core.areas import ENGLAND, Area
from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.core.export import NOT_FOR_PUBLICATION

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.charts._chart import Chart
    from bolton_jsna.measures.comparison import NeighbourComparison
    from bolton_jsna.measures.events import Event

_PROJECTED: Final = (*INDICATORS, "cla_at_31_march")
_GROUPS: Final = {"age_band": "age band", "category": "category"}
_MOST_GROUPS: Final = 6
_OTHER: Final = "Other groups"
_FACTORS: Final = "Factors at assessment"
"""The subject of the profile with most indicators."""
_PER: Final = "per 10,000 children aged 0-17"

Planned = tuple[str, Callable[[], "Chart"]]


def charts_of(
    made_from: Ingredients,
    made: dict[str, pd.DataFrame],
    compared: list[NeighbourComparison],
    repeats: Mapping[Event, float | None],
) -> dict[str, Chart | str]:
    """Return every chart that the tables of a build have figures for, or why it is not drawn."""
    found: dict[str, Chart | str] = {}
    for name, make in planned(made_from, made, compared, repeats):
        try:
            found[name] = make()
        except BoltonJsnaError as error:
            # One figure that cannot be drawn stops no build: the captions name it.
            found[name] = str(error)
    return found


def draw(charts: Mapping[str, Chart | str], place: Area, folder: Path, *, marked: bool) -> None:
    """Draw charts in every format, with their captions."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for name, chart in charts.items():
        if isinstance(chart, str):
            parts.append(f"## {name}\n\nNot drawn: {chart}\n")
            continue
        for ending in paths.CHART_FORMATS:
            chart.save(folder / f"{name}.{ending}")
        parts.append(_caption(name, chart))
    mark = f"{NOT_FOR_PUBLICATION}\n\n" if marked else ""
    text = f"# Charts of {place.name}\n\n{mark}" + "\n".join(parts)
    (folder / paths.CAPTIONS.name).write_text(text, encoding="utf-8", newline="\n")


def _caption(name: str, chart: Chart) -> str:
    """Return what an author copies next to a chart."""
    spec = chart.spec
    lines = [f"## {name}", f"**{spec.title}**", spec.subtitle]
    lines += ["Illustrative figures."] if spec.illustrative else []
    lines += [f"Text alternative: {spec.description}", *spec.notes]
    lines += [f"Source: {' '.join(each.removeprefix('Source: ') for each in spec.sources)}"]
    return "\n\n".join(filter(None, lines)) + "\n"


def planned(
    made_from: Ingredients,
    made: dict[str, pd.DataFrame],
    compared: list[NeighbourComparison],
    repeats: Mapping[Event, float | None],
) -> Iterator[Planned]:
    """Return each chart by name, made when it is called."""
    yield from _published(made_from, made, compared)
    yield from _local(made, made_from.place.name, repeats)
    from bolton_jsna.charts.spine import chart_spine

    if "projections" in made:
        yield "pyramid", partial(_pyramid, made_from, made["projections"])
    # All rows in one would be too small to read on paper. Without neighbours a row of factors has
    # no scale, and the chart would be of states alone.
    panel = made["profile"]
    factors = panel["subject"] == _FACTORS
    if not factors.all():
        yield "spine", partial(chart_spine, panel[~factors])
    if (panel.loc[factors, "neighbours_used"] > 0).any():
        name = panel["area_name"].iloc[0]
        title = f"Factors at assessment in {name}, {panel.loc[factors, 'year'].max()}"
        yield "spine_factors", partial(chart_spine, panel[factors], title=title)


def _pyramid(made_from: Ingredients, projections: pd.DataFrame) -> Chart:
    """Return the children projected for the year of the newest estimate, and ten years later."""
    from bolton_jsna.charts.pyramid import chart_pyramid

    now, later = pyramid_years(made_from, projections)
    years = projections["year"]
    place = made_from.place.name
    shown = f"{now} and {later}" if later > now else f"{now}"
    return chart_pyramid(
        projections[years == now],
        projections[years == later] if later > now else None,
        # An estimate of the same year may be far from it.
        title=f"Projected children by age in {place}, {shown}",
        notes=[f"{int(projections['base_year'].iloc[0])}-based projection."],
    )


def _published(
    made_from: Ingredients, made: dict[str, pd.DataFrame], compared: list[NeighbourComparison]
) -> Iterator[Planned]:
    """Return the charts of published figures."""
    from bolton_jsna.charts.neighbours import chart_neighbours
    from bolton_jsna.charts.projection import chart_projection
    from bolton_jsna.charts.trend import chart_trend

    place, rates = made_from.place, made["rates"]
    above = {place.code, place.region_code, ENGLAND}
    model = next(iter(made_from.neighbours), "")
    mine = {each.summary["indicator"]: each for each in compared if each.summary["model"] == model}
    for indicator in INDICATORS:
        rows = rates[(rates["indicator"] == indicator) & rates["area_code"].isin(above)]
        # Others may have years before an authority was made: the table has the years of its own.
        rows = rows[rows["year"].isin(rows.loc[rows["area_code"] == place.code, "year"])]
        if len(rows):
            yield f"trend_{indicator}", partial(chart_trend, rows, subject=place.name)
        if indicator in mine and made_from.neighbours:
            yield f"neighbours_{indicator}", partial(chart_neighbours, mine[indicator])
    demand = made["projected_demand"]
    for indicator in _PROJECTED:
        ahead = demand[(demand["indicator"] == indicator) & (demand["status"] == "modelled")]
        if not len(ahead):
            continue
        past = rates[(rates["indicator"] == indicator) & (rates["area_code"] == place.code)]
        # Figures of children looked after are in the indicators, and not in the table of rates.
        given = past if len(past) else None
        yield f"projection_{indicator}", partial(chart_projection, ahead, given)


def _local(
    made: dict[str, pd.DataFrame], place: str, repeats: Mapping[Event, float | None]
) -> Iterator[Planned]:
    """Return the charts of the authority's own figures, as they are protected in the tables."""
    from bolton_jsna.charts.shares import chart_shares

    wards = made["ward_profile"]
    for event, name in LOCAL_EVENTS.items():
        if not ward_deprivation.has_figures(wards, name):
            continue
        about = _Local(
            ward_deprivation.ward_rates(wards, name),
            ward_deprivation.TITLES[name],
            ward_deprivation.PERIODS[name],
            place,
            repeats.get(event, 1.0),
        )
        yield f"deprivation_{name}", about.deprivation
        yield f"scatter_{name}", about.scatter
        yield f"funnel_{name}", about.funnel
        counts = made["local_counts"]
        for key, by in _GROUPS.items():
            rows = counts[(counts["event"] == event) & (counts["by"] == by)]
            # Groups are merged year by year, so each year has its own.
            rows = rows[(rows["group"] != "All") & (rows["year"] == rows["year"].max())]
            if len(rows):
                rows, others = _few_groups(rows)
                options: dict[str, Any] = {
                    "notes": [f"Other groups: {'; '.join(others)}."] if others else [],
                    "title": f"{about.what} by {by}, {rows['year'].iloc[0]}",
                    "subtitle": f"Per cent of all, {about.when}",
                }
                draw = partial(chart_shares, rows, whole="year", part="group_name", **options)
                yield f"shares_{name}_{key}", draw


def _few_groups(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return as many groups as a chart has colours for: the smallest in one, and their names."""
    import pandas as pd

    if len(rows) <= _MOST_GROUPS or rows["count"].isna().any():
        return rows, []
    order = rows["count"].astype("float64").sort_values(ascending=False, kind="stable").index
    small = rows.loc[rows.index.isin(order[_MOST_GROUPS - 1 :])]
    other = small.tail(1).assign(count=small["count"].sum(), group="Other", group_name=_OTHER)
    return pd.concat([rows.drop(small.index), other]), small["group_name"].tolist()


@dataclass(frozen=True)
class _Local:
    """An event's figures of wards, what they are, and when."""

    rates: pd.DataFrame
    what: str
    period: str
    place: str
    repeats: float | None

    @property
    def when(self) -> str:
        """The year or day of the figures."""
        return self.period.format(year=int(self.rates["year"].iloc[0]))

    @property
    def options(self) -> dict[str, Any]:
        """What all charts of the figures have in common."""
        from bolton_jsna.drawing.attribution import attributions

        return {
            "subtitle": f"{self.what} {_PER}, wards of {self.place}, {self.when}",
            "illustrative": bool(self.rates["illustrative"].any()),
            "sources": attributions(self.rates),
        }

    def deprivation(self) -> Chart:
        """Return rates by fifth of the wards, ordered by deprivation."""
        from bolton_jsna.charts.deprivation import chart_deprivation

        fifths, slope = ward_deprivation.fifths_of(self.rates, self.repeats)
        title = f"{self.what} by fifth of deprivation of the wards"
        return chart_deprivation(fifths, slope, groups=5, title=title, **self.options)

    def scatter(self) -> Chart:
        """Return deprivation and rate of each ward."""
        from bolton_jsna.charts.scatter import chart_scatter

        found = ward_deprivation.association_of(self.rates, self.what)
        title = f"{self.what} and deprivation of {len(self.rates)} wards"
        return chart_scatter(
            self.rates, "idaci_score", "rate", found, areas="wards", title=title, **self.options
        )

    def funnel(self) -> Chart:
        """Return the rate of each ward by its number of children."""
        from bolton_jsna.charts.funnel import chart_funnel
        from bolton_jsna.measures.funnel import funnel_limits

        title = f"{self.what} in {len(self.rates)} wards by size"
        return chart_funnel(funnel_limits(self.rates), title=title, **self.options)
