"""A chart as authors use it: shown in a notebook, saved as PNG, SVG, HTML or CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.charts import _print, _web
from bolton_jsna.charts._spec import ChartSpec
from bolton_jsna.core.atomic import file_to_write, write
from bolton_jsna.drawing.saving import picture

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.drawing.shown_figure import ShownFigure

_ENDINGS: Final = (".png", ".svg", ".pdf", ".html", ".csv")


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart from a tidy frame.

    Attributes
    ----------
    spec : ChartSpec
        What it shows, from which print and web are drawn.
    """

    spec: ChartSpec

    @property
    def title(self) -> str:
        """The title: what is shown."""
        return self.spec.title

    @property
    def alt(self) -> str:
        """The text alternative, for readers who cannot see the chart."""
        return self.spec.description

    @property
    def data(self) -> pd.DataFrame:
        """Every figure of the chart."""
        return self.spec.data.copy()

    def figure(self, *, width: float = _print.WIDTH) -> ShownFigure:
        """Return the chart for print, ``width`` inches wide."""
        return _print.figure(self.spec, width=width)

    def html(self) -> str:
        """Return the chart as one page that loads nothing."""
        return _web.page(self.spec)

    def csv(self) -> str:
        """Return every figure of the chart as CSV."""
        return _web.csv(self.spec)

    def save(self, path: str | Path, *, width: float = _print.WIDTH) -> Path:
        """Save the chart as .png (300 dpi), .svg, .pdf, .html or .csv, by the ending."""
        target = file_to_write(path, _ENDINGS, "For the figures alone, use .csv.")
        kind = target.suffix.lower().removeprefix(".")
        if kind == "html":
            return write(target, self.html())
        if kind == "csv":
            return write(target, self.csv())
        return write(target, picture(self.figure(width=width), kind))

    def _repr_html_(self) -> str:
        return _web.inline(self.spec)

    def __repr__(self) -> str:
        return f"<Chart {self.title!r}; .save('{self.spec.kind}.png') writes it>"
