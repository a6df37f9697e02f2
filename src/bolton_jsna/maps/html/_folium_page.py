"""A folium map whose root is a page of this library, in notebooks and in files."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import UsageError
from bolton_jsna.maps._spec import MapSpec, unique_texts
from bolton_jsna.maps.html import _outlines
from bolton_jsna.maps.html._page import MAP_NAME, page

if TYPE_CHECKING:
    import folium

_FOLIUM_OWN = frozenset({"leaflet", "leaflet_css"})

_NOTEBOOK_HEIGHT: Final = 1_400
"""Pixels of a page in a notebook that does not let it take its own height."""

# In a frame that is as high as the page, no length may depend on the height of the frame, and a
# long table scrolls, so that notes and sources are near.
_NOTEBOOK_STYLE: Final = "#map{max-height:40rem}.scroll{max-height:52rem;overflow:auto}"
_NOTEBOOK_SCRIPT: Final = """(() => {
let frame = null;
try { frame = window.frameElement; } catch (error) { /* another origin: the height stays */ }
if (!frame) return;
const fit = () => { frame.style.height = `${document.body.offsetHeight}px`; };
new ResizeObserver(fit).observe(document.body);
})();"""


def folium_map(spec: MapSpec, tiles: Any = None, attribution: str | None = None) -> folium.Map:
    """Return a ``folium.Map`` whose root is the page of a specification."""
    import folium

    (south, west), (north, east) = _outlines.bounds(spec.shapes)
    drawn = folium.Map(location=[(south + north) / 2, (west + east) / 2], tiles=None)
    drawn._name, drawn._id = MAP_NAME.rpartition("_")[0], MAP_NAME.rpartition("_")[2]
    if tiles is not None:
        drawn.add_child(_tiles(tiles, attribution))
    _page_figure(spec).add_child(drawn)
    return drawn


def _tiles(tiles: Any, attribution: str | None) -> Any:
    import folium

    if not isinstance(tiles, folium.TileLayer):
        try:
            tiles = folium.TileLayer(tiles, attr=attribution)
        except ValueError as error:
            raise UsageError(
                f"tiles={tiles!r} cannot be used: {error}. Give a known name, or an address "
                "https://.../{z}/{x}/{y}.png with attribution='...'."
            ) from None
    tiles._id = "base"
    return tiles


def _page_figure(spec: MapSpec) -> Any:
    """Return the root of a map: this library's page instead of folium's, which loads scripts."""
    from branca.element import Figure

    class WholePage(Figure):
        """The page of a map."""

        def render(self, *, style: str = "", script: str = "", **kwargs: Any) -> str:
            (drawn,) = self._children.values()
            children = list(drawn._children.values())
            scripts = [_child_script(self, child, kwargs) for child in children]
            return page(
                spec,
                script="\n".join(filter(None, [*scripts, script])),
                style=style,
                tiles=any(type(child).__name__ == "TileLayer" for child in children),
            )

        def _repr_html_(self, **kwargs: Any) -> str:
            whole = self.render(style=_NOTEBOOK_STYLE, script=_NOTEBOOK_SCRIPT, **kwargs)
            return (
                f'<iframe srcdoc="{escape(whole)}" title="{escape(spec.title)}" '
                f'style="width:100%;height:{_NOTEBOOK_HEIGHT}px;border:0"></iframe>'
            )

    root: Any = WholePage()
    root.spec = spec
    return root


def _child_script(figure: Any, child: Any, kwargs: Mapping[str, Any]) -> str:
    """Return the script of an element that a user added, if it needs nothing from the network."""
    for part in (figure.header, figure.html, figure.script):
        part._children.clear()
    child.render(**kwargs)
    script = figure.script.render()
    loads = [
        name
        for name in figure.header._children
        if name not in _FOLIUM_OWN and "http" in figure.header._children[name].render()
    ]
    if loads or "$(" in script or "jQuery" in script:
        what = unique_texts(loads) or ("jQuery",)
        raise UsageError(
            f"The element {child.get_name()!r} added to the map needs {', '.join(what)}, which the "
            "page does not contain. Show more about an area with details=, or draw your own map "
            "with folium."
        )
    return str(script)
