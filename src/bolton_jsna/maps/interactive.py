"""Maps for the web: a ``folium.Map`` that shows itself as one page without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bolton_jsna.errors import UsageError, choice
from bolton_jsna.maps.classes import Classes, Method
from bolton_jsna.maps.leafing import folium_map
from bolton_jsna.maps.pictures import bivariate_spec, choropleth_spec
from bolton_jsna.maps.spec import MapSpec, combine
from bolton_jsna.maps.writing import write

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
    palette: str | Sequence[str] = "blue",
    status: str | None = None,
    details: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    sources: Sequence[str] = (),
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
    method : {"quantile", "equal_interval", "jenks", "fixed"}, default "quantile"
        How breaks are found: see :func:`bolton_jsna.maps.classes.classify`.
    classes : int or Classes, default 5
        How many classes, or those of another map that this one is compared with.
    breaks : sequence of float, optional
        Own breaks: the lower bounds of the second and later classes, whatever the method.
    decimals : int, optional
        Decimals of the printed numbers.
    palette : str or sequence of str, default "blue"
        A palette of :mod:`bolton_jsna.maps.palettes` or own colours.
    status : str, optional
        The column of states; ``<column>_status`` or ``status`` when left out and there. A state
        without a number (suppressed, not_available, ...) is never painted as a class, and a
        number beside it is not shown. Without any such column a gap is not available.
    details : mapping of str to str, optional
        Further columns to tell of each area, with their labels. They are told as they stand: a
        detail that would give a withheld figure away must be missing in the frame too.
    notes, sources : sequence of str
        Lines below the map: remarks, and sources with licence and attribution.
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
        details=details,
        notes=notes,
        sources=sources,
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
    x_breaks: Sequence[float] | None = None,
    y_breaks: Sequence[float] | None = None,
    x_decimals: int | None = None,
    y_decimals: int | None = None,
    palette: str = "blue_orange",
    x_status: str | None = None,
    y_status: str | None = None,
    details: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    sources: Sequence[str] = (),
    illustrative: bool = False,
    allow_missing: bool = False,
    tiles: Any = None,
    attribution: str | None = None,
) -> folium.Map:
    """Return an interactive map of two measures crossed, with a square legend.

    Parameters
    ----------
    frame, boundaries, title, subtitle, details, notes, sources, illustrative, allow_missing, \
tiles, attribution
        As in :func:`choropleth_map`.
    x, y : str
        The columns across and up the legend.
    x_label, y_label, x_unit, y_unit : str
        Their names and units.
    method : {"quantile", "equal_interval", "jenks"}, default "quantile"
        How breaks are found where none are given.
    classes : {3, 2}, default 3
        Classes to a side: terciles or halves.
    x_breaks, y_breaks : sequence of float, optional
        Own breaks of a side, one or two, such as England's rate.
    x_decimals, y_decimals : int, optional
        Decimals of the printed numbers.
    palette : str, default "blue_orange"
        A bivariate palette.
    x_status, y_status : str, optional
        The columns of states; ``<column>_status`` or else ``status`` when left out and there. An
        area is painted as a state when either measure has no number.

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
        details=details,
        notes=notes,
        sources=sources,
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
    bolton_jsna.errors.UsageError: There are no maps to combine. Give at least one.
    """
    specs = [spec_of(each) for each in maps]
    return folium_map(combine(*specs, title=title, subtitle=subtitle), tiles, attribution)


def save_map(map: folium.Map, path: str | Path) -> Path:  # noqa: A002 (the public face's word)
    """Write a map as one HTML file that opens with no network.

    Parameters
    ----------
    map : folium.Map
        A map of :func:`choropleth_map`, :func:`bivariate_map` or :func:`layered_map`.
    path : str or Path
        Where to; missing folders are made. An older file is replaced only when the new one is
        whole.

    Returns
    -------
    Path
        The file written. The same map gives the same bytes.

    Raises
    ------
    UsageError
        When the map was not made here, the name does not end in .html, or elements were added
        to it that need a network or jQuery.

    Examples
    --------
    >>> import folium
    >>> save_map(folium.Map(tiles=None), "map.html")
    Traceback (most recent call last):
    bolton_jsna.errors.UsageError: This map was not made by choropleth_map, bivariate_map or ...
    """
    spec_of(map)
    target = Path(path)
    choice("ending of the file", target.suffix.lower(), (".html", ".htm"))
    return write(target, map.get_root().render().encode("utf-8"))


def spec_of(map: folium.Map) -> MapSpec:  # noqa: A002
    """Return what a map shows.

    Raises
    ------
    UsageError
        When the map was not made by this library.

    Examples
    --------
    >>> spec_of("map")
    Traceback (most recent call last):
    bolton_jsna.errors.UsageError: This map was not made by choropleth_map, bivariate_map or ...
    """
    spec = getattr(getattr(map, "get_root", lambda: None)(), "spec", None)
    if not isinstance(spec, MapSpec):
        raise UsageError(
            "This map was not made by choropleth_map, bivariate_map or layered_map "
            f"(found {type(map).__name__}). Write other folium maps with their own save(), which "
            "needs a network when they are opened."
        )
    return spec
