"""Maps for the web: a ``folium.Map`` that shows itself as one page without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bolton_jsna.drawing.classes import Classes, Method
from bolton_jsna.maps._bivariate import Breaks, bivariate_spec
from bolton_jsna.maps._choropleth import choropleth_spec
from bolton_jsna.maps._spec import combine
from bolton_jsna.maps._uncertainty import Uncertainty
from bolton_jsna.maps.html._folium_page import folium_map
from bolton_jsna.maps.html.saving import spec_of

if TYPE_CHECKING:
    import folium
    import geopandas as gpd
    import pandas as pd


def choropleth_map(
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
    tiles: Any = None,
    attribution: str | None = None,
) -> folium.Map:
    """Return an interactive map of one measure by area.

    Parameters
    ----------
    frame : DataFrame
        One row per area: ``area_code``, the column, and a status where figures are withheld. A
        GeoDataFrame when ``boundaries`` is left out.
    column : str
        The numbers to class.
    boundaries : GeoDataFrame, optional
        One shape per ``area_code`` in any stated CRS, such as ``load_boundaries()`` gives.
    title, subtitle : str
        What stands above the map; the title is the label when left out.
    label, unit : str
        Name of the measure and its unit, such as "Referrals" and "per 10,000 children".
    method : {"quantile", "equal_interval", "jenks", "fixed", "published", "deciles"}, \
default "quantile"
        How breaks are found: see :func:`bolton_jsna.drawing.classes.classify`. "deciles" maps a
        column of deciles of England in ten colours.
    classes : int or Classes, default 5
        How many classes, or those that this map shares with another: see
        :func:`bolton_jsna.maps._choropleth.shared_classes`.
    breaks : sequence of float, optional
        Own breaks: the lower bounds of the second and later classes. They are called published
        with method "published" (up to ten classes), else fixed (up to seven).
    decimals : int, optional
        Decimals of the printed numbers.
    palette : str or sequence of str, optional
        A palette of :mod:`bolton_jsna.drawing.palettes` or own colours; "blue" when left out, and
        "deciles" for more than seven classes.
    status : str, optional
        The column of states; ``<column>_status`` or ``status`` when left out and there. A state
        without a number (suppressed, not_available, ...) is never painted as a class, and a
        number beside it is not shown. Without any such column a gap is not available.
    uncertainty : Uncertainty, optional
        The columns of interval and count, and the benchmark: areas whose interval holds it are
        hatched or muted, figures made from few events marked, and all of it told in words.
    details : mapping of str to str, optional
        Further columns to tell of each area, with their labels. They are told as they stand: a
        detail that would give a withheld figure away must be missing in the frame too.
    notes, sources : sequence of str
        Lines below the map: remarks, and sources with licence and attribution.
    source : str
        Short name of the source, told with each area.
    illustrative : bool, default False
        Whether figures are made up: the face of the map then says so.
    allow_missing : bool, default False
        Whether shapes without a row may stand, drawn as not available.
    tiles : str or folium.TileLayer, optional
        Base tiles, which need a network; none by default.
    attribution : str, optional
        Attribution of tiles given by their address.

    Returns
    -------
    folium.Map
        Shown by a notebook; written by :func:`save_map`. ``get_root().spec`` says what it shows.

    Raises
    ------
    UsageError
        For an unknown option, no shapes, or no number to class.
    SchemaError
        For a missing column, a repeated area, an unknown state, an invalid or empty shape, a
        missing or impossible CRS.
    VintageError
        When codes of frame and boundaries differ; the message lists them and the way out.

    Notes
    -----
    Shapes are drawn in EPSG:4326 with five decimals. Colours: Government Analysis Function.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> wards = gpd.GeoDataFrame(
    ...     {"area_code": ["E05000001", "E05000002"], "area_name": ["Hill", "Dale"]},
    ...     geometry=[shapely.box(4e5, 4e5, 4.1e5, 4.1e5), shapely.box(4.1e5, 4e5, 4.2e5, 4.1e5)],
    ...     crs="EPSG:27700",
    ... )
    >>> rates = pd.DataFrame({
    ...     "area_code": ["E05000001", "E05000002"], "rate": [512.3, None],
    ...     "status": ["value", "suppressed"],
    ... })
    >>> shown = choropleth_map(rates, "rate", boundaries=wards, label="Referrals")
    >>> [(entry.label, entry.count) for entry in shown.get_root().spec.layers[0].entries]
    [('512', 1), ('Suppressed', 1)]
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
    return folium_map(spec, tiles, attribution)


def bivariate_map(
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
    tiles: Any = None,
    attribution: str | None = None,
) -> folium.Map:
    """Return an interactive map of two measures crossed, with a square legend.

    Parameters
    ----------
    frame, boundaries, title, subtitle, details, notes, sources, source, illustrative, \
allow_missing, tiles, attribution
        As in :func:`choropleth_map`.
    x, y : str
        The columns across and up the legend.
    x_label, y_label, x_unit, y_unit : str
        Their names and units.
    method : {"quantile", "equal_interval", "jenks"}, default "quantile"
        How breaks are found where none are given.
    classes : {3, 2}, default 3
        Classes to a side: terciles or halves.
    x_breaks, y_breaks : sequence of float or "benchmark", optional
        Own breaks of a side, one or two; "benchmark" breaks it at that of its uncertainty, such
        as England's rate.
    x_decimals, y_decimals : int, optional
        Decimals of the printed numbers.
    palette : str, default "blue_orange"
        A bivariate palette.
    x_status, y_status : str, optional
        The columns of states; ``<column>_status`` or else ``status`` when left out and there. An
        area is painted as a state when either measure has no number.
    x_uncertainty, y_uncertainty : Uncertainty, optional
        As ``uncertainty`` of :func:`choropleth_map`; areas are hatched or left, not muted.

    Returns
    -------
    folium.Map
        As :func:`choropleth_map`.

    Raises
    ------
    UsageError, SchemaError, VintageError
        As :func:`choropleth_map`; UsageError also when a measure has one class only.

    Notes
    -----
    Every cell of the legend stands with its count, empty ones too. Areas are compared, not
    families: what holds between wards need not hold within them.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> wards = gpd.GeoDataFrame(
    ...     {"area_code": ["E05000001", "E05000002"], "idaci": [0.1, 0.5], "rate": [10.0, 30.0]},
    ...     geometry=[shapely.box(4e5, 4e5, 4.1e5, 4.1e5), shapely.box(4.1e5, 4e5, 4.2e5, 4.1e5)],
    ...     crs="EPSG:27700",
    ... )
    >>> bivariate_map(wards, "idaci", "rate", classes=2).get_root().spec.layers[0].painted
    ('cell-0-0', 'cell-1-1')
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
    return folium_map(spec, tiles, attribution)


def layered_map(
    *maps: folium.Map,
    title: str = "",
    subtitle: str = "",
    tiles: Any = None,
    attribution: str | None = None,
) -> folium.Map:
    """Return one map with the pictures of several, between which the reader switches.

    Parameters
    ----------
    *maps : folium.Map
        Maps of :func:`choropleth_map` or :func:`bivariate_map` over the same areas.
    title, subtitle : str
        What stands above; those of the first map when both are left out.
    tiles, attribution
        As in :func:`choropleth_map`.

    Returns
    -------
    folium.Map
        The shapes are held once.

    Raises
    ------
    UsageError
        When there is none, or one was not made here.
    VintageError
        When they show different areas.

    Examples
    --------
    >>> layered_map()
    Traceback (most recent call last):
    bolton_jsna.core.errors.UsageError: There are no maps to combine. Give at least one.
    """
    specs = [spec_of(each) for each in maps]
    return folium_map(combine(*specs, title=title, subtitle=subtitle), tiles, attribution)
