"""The charts of a build, each for print and the web, with its figures, caption and description."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.building import paths
from bolton_jsna.building._local_counts import LOCAL_EVENTS
from bolton_jsna.building.inputs import INDICATORS, Ingredients
from bolton_jsna.core.areas import ENGLAND, Area
from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.core.export import NOT_FOR_PUBLICATION

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.charts._chart import Chart
    from bolton_jsna.measures.comparison import NeighbourComparison

_EVENTS: Final = {
    "referrals": ("Referrals", "year ending 31 March {year}"),
    "cpp_at_31_march": ("Children on protection plans", "at 31 March {year}"),
}
_PROJECTED: Final = (*INDICATORS, "cla_at_31_march")
_GROUPS: Final = {"age_band": "age band", "category": "category"}
_AHEAD: Final = 10
_PER: Final = "per 10,000 children aged 0-17"

Planned = tuple[str, Callable[[], "Chart"]]


def charts_of(
    made_from: Ingredients, made: dict[str, pd.DataFrame], compared: list[NeighbourComparison]
) -> dict[str, Chart | str]:
    """Return every chart that the tables of a build have figures for, or why it is not drawn."""
    found: dict[str, Chart | str] = {}
    for name, make in planned(made_from, made, compared):
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
    made_from: Ingredients, made: dict[str, pd.DataFrame], compared: list[NeighbourComparison]
) -> Iterator[Planned]:
    """Return each chart by name, made when it is called."""
    yield from _published(made_from, made, compared)
    yield from _local(made)
    from bolton_jsna.charts.spine import chart_spine

    if "projections" in made:
        yield "pyramid", partial(_pyramid, made_from, made["projections"])
    yield "spine", partial(chart_spine, made["profile"])


def _pyramid(made_from: Ingredients, projections: pd.DataFrame) -> Chart:
    """Return the children projected for the year of the newest estimate, and ten years later."""
    from bolton_jsna.charts.pyramid import chart_pyramid

    estimate, years = made_from.latest_estimate, projections["year"]
    now = max(int(years.min()), estimate[0] if estimate else 0)
    later = min(now + _AHEAD, int(years.max()))
    return chart_pyramid(
        projections[years == now],
        projections[years == later] if later > now else None,
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


def _local(made: dict[str, pd.DataFrame]) -> Iterator[Planned]:
    """Return the charts of the authority's own figures, as they are protected in the tables."""
    from bolton_jsna.charts.shares import chart_shares

    wards = made["ward_profile"]
    for event, name in LOCAL_EVENTS.items():
        if f"{name}_rate" not in wards.columns:
            continue
        about = _Local(_as_rates(wards, name), *_EVENTS[event])
        yield f"deprivation_{name}", about.deprivation
        yield f"scatter_{name}", about.scatter
        yield f"funnel_{name}", about.funnel
        counts = made["local_counts"]
        for key, by in _GROUPS.items():
            rows = counts[(counts["event"] == event) & (counts["by"] == by)]
            # Groups are merged year by year, so each year has its own.
            rows = rows[(rows["group"] != "All") & (rows["year"] == rows["year"].max())]
            if len(rows):
                options: dict[str, Any] = {
                    "title": f"{about.what} by {by}, {rows['year'].iloc[0]}",
                    "subtitle": f"Per cent of all, {about.when}",
                }
                draw = partial(chart_shares, rows, whole="year", part="group_name", **options)
                yield f"shares_{name}_{key}", draw


@dataclass(frozen=True)
class _Local:
    """An event's figures of wards, what they are, and when."""

    rates: pd.DataFrame
    what: str
    period: str

    @property
    def when(self) -> str:
        """The year or day of the figures."""
        return self.period.format(year=int(self.rates["year"].iloc[0]))

    @property
    def options(self) -> dict[str, Any]:
        """What all charts of the figures have in common."""
        from bolton_jsna.drawing.attribution import attributions

        return {
            "subtitle": f"{self.what} {_PER}, wards, {self.when}",
            "illustrative": bool(self.rates["illustrative"].any()),
            "sources": attributions(self.rates),
        }

    def deprivation(self) -> Chart:
        """Return rates by fifth of the wards, ordered by deprivation."""
        from bolton_jsna.charts.deprivation import chart_deprivation
        from bolton_jsna.measures.quantiles import quantiles
        from bolton_jsna.measures.rates import crude_rates
        from bolton_jsna.measures.slope import slope_index_of_inequality

        fifths = crude_rates(quantiles(self.rates, "idaci_score", groups=5), by=["quantile"])
        slope = slope_index_of_inequality(fifths)
        title = f"{self.what} by fifth of deprivation of the wards"
        return chart_deprivation(fifths, slope, groups=5, title=title, **self.options)

    def scatter(self) -> Chart:
        """Return deprivation and rate of each ward."""
        from bolton_jsna.charts.scatter import chart_scatter
        from bolton_jsna.measures.association import deprivation_association

        found = deprivation_association(self.rates, events=self.what.lower(), areas="wards")
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


def _as_rates(wards: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return an event's figures of wards with the usual names of columns."""
    parts = {f"{name}_{part}": part for part in ("rate", "lower", "upper", "status")}
    parts |= {
        name: "count",
        "children_0_17": "population",
        "children_0_17_status": "population_status",
    }
    kept = ["area_code", "area_name", "idaci_score", "year", "illustrative", "source", *parts]
    return wards[kept].rename(columns=parts)
