"""Maps for print, drawn by matplotlib from the same specification as the maps for the web."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.atomic import file_to_write, write
from bolton_jsna.core.errors import UsageError
from bolton_jsna.drawing.matplotlib_setup import own_drawing
from bolton_jsna.drawing.saving import picture
from bolton_jsna.maps._bivariate import two_measures
from bolton_jsna.maps._choropleth import one_measure
from bolton_jsna.maps._options import (
    Size,
    StaticBivariateOptions,
    StaticChoroplethOptions,
    takes,
)
from bolton_jsna.maps._spec import MapSpec
from bolton_jsna.maps.print._notes import notes_path, notes_text
from bolton_jsna.maps.print._page import draw
from bolton_jsna.maps.print._small_multiples import draw_side_by_side

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LEAST_DPI, _MOST_DPI = 20, 2_400


@own_drawing
@takes(StaticChoroplethOptions)
def static_choropleth(options: StaticChoroplethOptions) -> Figure:
    """Return a printed map of one measure by area.

    Parameters
    ----------
    frame, column, boundaries, title, subtitle, label, unit, method, classes, breaks, decimals, \
palette, status, uncertainty, details, note, notes, sources, source, illustrative, \
allow_missing, code, unmatched
        As in :func:`bolton_jsna.maps.html.interactive.choropleth_map`, so that the web map and
        the printed map of the same data agree; ``details`` are checked but not printed.
    size : {"column", "page", "slide"}, default "column"
        160 mm wide for the text of an A4 page, a landscape A4 page, or a 16:9 slide.
    labels : bool, optional
        Whether to write the names; if left out, for 40 areas or fewer.
    inset : str, optional
        A region whose authorities are drawn larger in a frame below the legend, such as
        ``"London"`` on a map of the authorities of England.

    Returns
    -------
    matplotlib.figure.Figure
        Write it with :func:`save_figure`.

    Raises
    ------
    UsageError, SchemaError, VintageError
        As :func:`bolton_jsna.maps.html.interactive.choropleth_map`; UsageError as well if none or
        all of the areas are in the region of ``inset``.

    Notes
    -----
    Drawn in EPSG:27700 with a scale bar. A name that has no room in its area is next to the map
    with a line to the area, or is replaced by a number and a list of names. No name touches a line.

    Printed with the map are one note and one line of sources. All notes, and the sources with
    their licences, are in the text file that :func:`save_figure` writes. No text is smaller than
    7 point, and most of it is at least 8 point, at the width of the size.

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
    return draw(one_measure(options), size=options.size, labels=options.labels, inset=options.inset)


@own_drawing
@takes(StaticBivariateOptions)
def static_bivariate(options: StaticBivariateOptions) -> Figure:
    """Return a printed map of two measures crossed, with a square legend.

    Parameters
    ----------
    frame, x, y, boundaries, title, subtitle, x_label, y_label, x_unit, y_unit, method, classes, \
x_breaks, y_breaks, x_decimals, y_decimals, palette, x_status, y_status, x_uncertainty, \
y_uncertainty, details, note, notes, sources, source, illustrative, allow_missing, code, unmatched
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
    As :func:`static_choropleth`. The legend names the areas among which a figure is low or high. A
    triangle at the square shows the benchmark of ``x_uncertainty`` or ``y_uncertainty``.

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
    return draw(two_measures(options), size=options.size, labels=options.labels)


@checked
@own_drawing
def static_side_by_side(
    *figures: Figure,
    title: str = "",
    subtitle: str = "",
    size: Size = "page",
    labels: bool | None = None,
) -> Figure:
    """Return printed maps side by side: small multiples, or a layered map for print.

    Parameters
    ----------
    *figures : matplotlib.figure.Figure
        Two to four maps from :func:`static_choropleth` or :func:`static_bivariate` of the same
        areas, each with its own legend. To compare them, give all the same ``classes=`` from
        :func:`bolton_jsna.maps._choropleth.shared_classes`: they then have one legend with the
        number of areas of each (of two or three maps), and up to six maps fit.
    title, subtitle : str
        Shown above all maps; their titles if left out.
    size : {"column", "page", "slide"}, default "page"
        As in :func:`static_choropleth`. A column has rows of two maps; a page or a slide has one
        row, and two rows for five and six maps.
    labels
        As in :func:`static_choropleth`.

    Returns
    -------
    matplotlib.figure.Figure
        The note and the sources are shown once, below all maps. Write it with
        :func:`save_figure`.

    Raises
    ------
    UsageError
        If a figure was not made by these functions, or there are too few or too many.
    VintageError
        If they show different areas.

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
            "A figure was not made by static_choropleth or static_bivariate. Give figures from "
            "these functions only."
        )
    return draw_side_by_side(found, title=title, subtitle=subtitle, size=size, labels=labels)


@checked
@own_drawing
def save_figure(figure: Figure, path: str | Path, *, dpi: int = 300) -> Path:
    """Write a figure as PNG, SVG or PDF, depending on the file extension, and its notes as text.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    path : str or Path
        The file, with ``~`` for the home folder; missing folders are created. An older file is
        replaced only if the new one is complete.
    dpi : int, default 300
        Dots per inch of a PNG, from 10 to 2,400.

    Returns
    -------
    Path
        The file. The same figure gives the same bytes: there is no date and nothing random.

    Raises
    ------
    UsageError
        If it is not a figure, the extension is another one, or dpi is not from 10 to 2,400.
    OSError
        If the file cannot be written; the message says why.

    Notes
    -----
    SVG keeps text as text (DejaVu Sans, or Verdana if that is not installed). The description of
    the map in words is stored in the file.

    The notes are written next to it: ``map_notes.txt`` for ``map.png``, ``map.svg`` and
    ``map.pdf``. They have the map in words, how to read it, all notes, and the sources with their
    licences. An older file of that name is replaced.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> save_figure(Figure(), "map.gif")
    Traceback (most recent call last):
    bolton_jsna.core.errors.UsageError: path='map.gif' does not end in .png, .svg or .pdf. ...
    """
    advice = "For a page of HTML, draw it with choropleth_map or bivariate_map, and use save_map."
    target = file_to_write(path, (".png", ".svg", ".pdf"), advice)
    if not _LEAST_DPI <= dpi <= _MOST_DPI:
        raise UsageError(
            f"dpi={dpi} is not valid; expected a whole number from {_LEAST_DPI} to "
            f"{_MOST_DPI}, such as 300."
        )
    data = picture(figure, target.suffix.lower().removeprefix("."), dpi=dpi)
    spec = getattr(figure, "spec", None)
    if isinstance(spec, MapSpec):
        write(notes_path(target), notes_text(spec).encode("utf-8"))
    return write(target, data)
