"""The charts and maps of a build as figures of the chapter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bolton_jsna.chapter.materials import Drawn
from bolton_jsna.drawing.saving import picture

if TYPE_CHECKING:
    import folium
    from matplotlib.figure import Figure as Printed

    from bolton_jsna.charts._chart import Chart


@dataclass(frozen=True, eq=False)
class ChartDrawing:
    """A chart, drawn once when it is asked for: Word and the folder of figures use one picture."""

    chart: Chart

    @cached_property
    def _figure(self) -> Printed:
        return self.chart.figure()

    def png(self) -> bytes:
        """Return it for print, at 300 dots an inch."""
        return self._png

    @cached_property
    def _png(self) -> bytes:
        return picture(self._figure, "png")

    def svg(self) -> str:
        """Return it for print, without dots."""
        return self._svg

    @cached_property
    def _svg(self) -> str:
        return picture(self._figure, "svg").decode("utf-8")

    def fragment(self, key: str) -> str:
        """Return it as a part of a page, whose ids begin with the key."""
        from bolton_jsna.charts._web import part

        return part(self.chart.spec, key)


@dataclass(frozen=True, eq=False)
class MapDrawing:
    """A map: the page that is searched and zoomed, and the printed one."""

    page: folium.Map
    printed: Printed

    def png(self) -> bytes:
        """Return it for print, at 300 dots an inch."""
        return self._png

    @cached_property
    def _png(self) -> bytes:
        return picture(self.printed, "png")

    def svg(self) -> str:
        """Return it for print, without dots."""
        return self._svg

    @cached_property
    def _svg(self) -> str:
        return picture(self.printed, "svg").decode("utf-8")

    def fragment(self, key: str) -> str:
        """Return it as a part of a page, whose ids begin with the key."""
        from bolton_jsna.maps.html.parts import part

        return part(self.page.get_root(), self.svg(), key)


def drawn_chart(chart: Chart) -> Drawn:
    """Return a chart with its words."""
    spec = chart.spec
    return Drawn(
        title=spec.title,
        subtitle=spec.subtitle,
        alt=spec.description,
        drawing=ChartDrawing(chart),
        notes=tuple(spec.notes),
        sources=tuple(dict.fromkeys(spec.sources)),
        illustrative=spec.illustrative,
    )


def drawn_map(page: folium.Map, printed: Printed) -> Drawn:
    """Return a map with its words."""
    spec: Any = page.get_root().spec  # type: ignore[attr-defined]
    return Drawn(
        title=spec.title,
        subtitle=spec.subtitle,
        alt=spec.description,
        drawing=MapDrawing(page, printed),
        notes=tuple(spec.notes),
        sources=tuple(dict.fromkeys(spec.sources)),
        illustrative=spec.illustrative,
    )
