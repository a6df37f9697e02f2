"""Maps for print, drawn by matplotlib from the same specification as the maps for the web."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bolton_jsna.core.atomic import write
from bolton_jsna.core.errors import UsageError, choice
from bolton_jsna.drawing.classes import Classes, Method
from bolton_jsna.drawing.matplotlib_setup import own_drawing
from bolton_jsna.maps._bivariate import Breaks, bivariate_spec
from bolton_jsna.maps._choropleth import choropleth_spec
from bolton_jsna.maps._spec import MapSpec
from bolton_jsna.maps._uncertainty import Uncertainty
from bolton_jsna.maps.print._sheet import Size, draw
from bolton_jsna.maps.print._small_multiples import draw_beside

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.figure import Figure


@own_drawing
def static_choropleth(
    frame: pd.DataFrame,
    column: str,
    *,
    boundaries: gpd.GeoDataFrame | None = None,
    title: str = "",
    subtitle: str = "",
    label: str = "",
    unit: str = "",
    method: Method = "quantile",
    classes: int | Classes = 5,
    breaks: Sequence[float] | None = None,
    decimals: int | None = None,
    palette: str | Sequence[str] | None = None,
    status: str | None = None,
    uncertainty: Uncertainty | None = None,
    details: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    sources: Sequence[str] = (),
    source: str = "",
    illustrative: bool = False,
    allow_missing: bool = False,
    size: Size = "column",
    labels: bool | None = None,
) -> Figure:
    """Return a printed map of one measure by area.

    Parameters
    ----------
    frame, column, boundaries, title, subtitle, label, unit, method, classes, breaks, decimals, \
palette, status, uncertainty, details, notes, sources, source, illustrative, allow_missing
        As in :func:`bolton_jsna.maps.html.interactive.choropleth_map`, so that both maps of the
        same data agree; ``details`` are checked and not printed.
    size : {"column", "page", "slide"}, default "column"
        160 mm wide for the text of an A4 page, a landscape A4 page, or a 16:9 slide.
    labels : bool, optional
        Whether to write the names; on for 40 areas or fewer when left out.

    Returns
    -------
    matplotlib.figure.Figure
        Write it with :func:`save_figure`.

    Raises
    ------
    UsageError, SchemaError, VintageError
        As :func:`bolton_jsna.maps.html.interactive.choropleth_map`.

    Notes
    -----
    Drawn in EPSG:27700 with a scale bar. A name that has no room is a number with a key.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> wards = gpd.GeoDataFrame(
    ...     {"area_code": ["E05000001", "E05000002"], "rate": [10.0, 30.0]},
    ...     geometry=[shapely.box(4e5, 4e5, 4.1e5, 4.1e5), shapely.box(4.1e5, 4e5, 4.2e5, 4.1e5)],
    ...     crs="EPSG:27700",
    ... )
    >>> figure = static_choropleth(wards, "rate", classes=2, title="Referral rate")
    >>> print(round(figure.get_figwidth() * 25.4))
    160
    """
    spec = choropleth_spec(
        frame,
        column,
        boundaries=boundaries,
        title=title,
        subtitle=subtitle,
        label=label,
        unit=unit,
        method=method,
        classes=classes,
        breaks=breaks,
        decimals=decimals,
        palette=palette,
        status=status,
        uncertainty=uncertainty,
        details=details,
        notes=notes,
        sources=sources,
        source=source,
        illustrative=illustrative,
        allow_missing=allow_missing,
    )
    return draw(spec, size=size, labels=labels)


@own_drawing
def static_bivariate(
    frame: pd.DataFrame,
    x: str,
    y: str,
    *,
    boundaries: gpd.GeoDataFrame | None = None,
    title: str = "",
    subtitle: str = "",
    x_label: str = "",
    y_label: str = "",
    x_unit: str = "",
    y_unit: str = "",
    method: Method = "quantile",
    classes: int = 3,
    x_breaks: Breaks = None,
    y_breaks: Breaks = None,
    x_decimals: int | None = None,
    y_decimals: int | None = None,
    palette: str = "blue_orange",
    x_status: str | None = None,
    y_status: str | None = None,
    x_uncertainty: Uncertainty | None = None,
    y_uncertainty: Uncertainty | None = None,
    details: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    sources: Sequence[str] = (),
    source: str = "",
    illustrative: bool = False,
    allow_missing: bool = False,
    size: Size = "column",
    labels: bool | None = None,
) -> Figure:
    """Return a printed map of two measures crossed, with a square legend.

    Parameters
    ----------
    frame, x, y, boundaries, title, subtitle, x_label, y_label, x_unit, y_unit, method, classes, \
x_breaks, y_breaks, x_decimals, y_decimals, palette, x_status, y_status, x_uncertainty, \
y_uncertainty, details, notes, sources, source, illustrative, allow_missing
        As in :func:`bolton_jsna.maps.html.interactive.bivariate_map`.
    size, labels
        As in :func:`static_choropleth`.

    Returns
    -------
    matplotlib.figure.Figure
        Write it with :func:`save_figure`.

    Raises
    ------
    UsageError, SchemaError, VintageError
        As :func:`bolton_jsna.maps.html.interactive.bivariate_map`.

    Notes
    -----
    As :func:`static_choropleth`.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> wards = gpd.GeoDataFrame(
    ...     {"area_code": ["E05000001", "E05000002"], "idaci": [0.1, 0.5], "rate": [10.0, 30.0]},
    ...     geometry=[shapely.box(4e5, 4e5, 4.1e5, 4.1e5), shapely.box(4.1e5, 4e5, 4.2e5, 4.1e5)],
    ...     crs="EPSG:27700",
    ... )
    >>> figure = static_bivariate(wards, "idaci", "rate", classes=2, size="slide")
    >>> print(round(figure.get_figwidth() / figure.get_figheight(), 2))
    1.78
    """
    spec = bivariate_spec(
        frame,
        x,
        y,
        boundaries=boundaries,
        title=title,
        subtitle=subtitle,
        x_label=x_label,
        y_label=y_label,
        x_unit=x_unit,
        y_unit=y_unit,
        method=method,
        classes=classes,
        x_breaks=x_breaks,
        y_breaks=y_breaks,
        x_decimals=x_decimals,
        y_decimals=y_decimals,
        palette=palette,
        x_status=x_status,
        y_status=y_status,
        x_uncertainty=x_uncertainty,
        y_uncertainty=y_uncertainty,
        details=details,
        notes=notes,
        sources=sources,
        source=source,
        illustrative=illustrative,
        allow_missing=allow_missing,
    )
    return draw(spec, size=size, labels=labels)


@own_drawing
def static_side_by_side(
    *figures: Figure,
    title: str = "",
    subtitle: str = "",
    size: Size = "page",
    labels: bool | None = None,
) -> Figure:
    """Return printed maps side by side: small multiples, or the print twin of a layered map.

    Parameters
    ----------
    *figures : matplotlib.figure.Figure
        Two to four maps of :func:`static_choropleth` or :func:`static_bivariate` of the same
        areas, each over its own legend. To compare them give all the same ``classes=``, of
        :func:`bolton_jsna.maps._choropleth.shared_classes`: they then have one legend, which counts
        the areas of each and says that the classes are the same, and there may be six of them.
    title, subtitle : str
        What stands above them all; their titles when left out.
    size : {"column", "page", "slide"}, default "page"
        As in :func:`static_choropleth`. In a column maps stand in rows of two; on a page or a
        slide in one row, five and six in two rows.
    labels
        As in :func:`static_choropleth`.

    Returns
    -------
    matplotlib.figure.Figure
        Notes and sources are told once, below all. Write it with :func:`save_figure`.

    Raises
    ------
    UsageError
        When a figure was not made here, or there are too few or too many.
    VintageError
        When they show different areas.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> wards = gpd.GeoDataFrame(
    ...     {"area_code": ["E05000001", "E05000002"], "before": [10, 30], "after": [20, 40]},
    ...     geometry=[shapely.box(4e5, 4e5, 4.1e5, 4.1e5), shapely.box(4.1e5, 4e5, 4.2e5, 4.1e5)],
    ...     crs="EPSG:27700",
    ... )
    >>> from bolton_jsna.maps import shared_classes
    >>> classes = shared_classes(wards, ["before", "after"], classes=2)
    >>> maps = [
    ...     static_choropleth(wards, each, classes=classes, label="Rate", title=each)
    ...     for each in ("before", "after")
    ... ]
    >>> static_side_by_side(*maps, title="Two years").spec.notes
    ('All maps have the same classes: equal colours are equal figures.',)
    """
    specs = [getattr(each, "spec", None) for each in figures]
    found = [spec for spec in specs if isinstance(spec, MapSpec) and len(spec.layers) == 1]
    if len(found) < len(specs):
        raise UsageError(
            "A figure was not made by static_choropleth or static_bivariate. Give maps of those."
        )
    return draw_beside(found, title=title, subtitle=subtitle, size=size, labels=labels)


@own_drawing
def save_figure(figure: Figure, path: str | Path, *, dpi: int = 300) -> Path:
    """Write a figure as PNG, SVG or PDF, by the ending of the name.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to write.
    path : str or Path
        Where to; missing folders are made. An older file is replaced only when the new one is
        whole.
    dpi : int, default 300
        Dots per inch of a PNG.

    Returns
    -------
    Path
        The file written. The same figure gives the same bytes: no date, no chance.

    Raises
    ------
    UsageError
        When the ending is another, or dpi is not positive.

    Notes
    -----
    SVG keeps text as text (DejaVu Sans, or Verdana where that is not there). The picture in
    words goes with the file as its description.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> save_figure(Figure(), "map.gif")
    Traceback (most recent call last):
    bolton_jsna.core.errors.UsageError: ending of the file='.gif' is not known. Known: '.png', ...
    """
    target = Path(path)
    choice("ending of the file", target.suffix.lower(), (".png", ".svg", ".pdf"))
    if dpi <= 0:
        raise UsageError(f"dpi={dpi!r}: expected a positive number, such as 300.")
    kind = target.suffix.lower().removeprefix(".")
    content = io.BytesIO()
    figure.savefig(content, format=kind, dpi=dpi, metadata=_metadata(figure, kind))
    data = content.getvalue()
    if kind == "svg":
        # Verdana is as wide as DejaVu Sans, for readers who lack that.
        data = data.replace(b"'DejaVu Sans'", b"'DejaVu Sans', Verdana, sans-serif")
    return write(target, data)


def _metadata(figure: Figure, kind: str) -> dict[str, Any]:
    spec = getattr(figure, "spec", None)
    title, words = (spec.title, spec.description) if spec is not None else ("", "")
    if kind == "png":
        return {"Software": None, "Title": title, "Description": words}
    if kind == "svg":
        return {"Date": None, "Title": title, "Description": words, "Language": "en-GB"}
    return {"CreationDate": None, "Title": title, "Subject": words}
