"""Maps as parts of a longer page: each in a frame, its picture on paper and without scripts.

What all maps of a page share, such as Leaflet, is in the page once. The script of the page puts a
map together from it and lets the frame be as high as the map.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from typing import Any, Final

from bolton_jsna.maps.html import _leaflet
from bolton_jsna.maps.html._page import SCRIPTS, as_json, asset

_SHARED_ID: Final = "jsna-map-shared"

# The page around it has title, table, notes and sources. No length depends on the height of the
# frame, which depends on that of its content.
_STYLE: Final = (
    "body{max-width:none;padding:4px}.skip,.after,footer{display:none}"
    "header{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}"
    "#map{max-height:36rem}.tools{margin-top:0}.whole{white-space:normal}"
)
_SCRIPT: Final = """(() => {
const root = document.documentElement;
const send = () => {
  parent.postMessage({ jsnaMap: Math.ceil(root.getBoundingClientRect().height) }, "*");
};
// A frame that is out of sight observes nothing, but it answers.
addEventListener("message", (event) => { if (event.source === parent) { send(); } });
new ResizeObserver(send).observe(root);
})();"""


def part(page: Any, picture: str, key: str) -> str:
    """Return a map as a part of a longer page, whose ids begin with the key.

    ``page`` is the root of the map and ``picture`` its SVG. The page around it has
    :func:`part_style` and :func:`part_script` once, and shows title, notes and sources.
    """
    spec = page.spec
    words = escape(spec.description)
    source = base64.b64encode(picture.encode("utf-8")).decode("ascii")
    return f"""<div class="jsna-map" data-title="Map: {escape(spec.title)}">
<img src="data:image/svg+xml;base64,{source}" alt="{words}">
<script type="application/json">{as_json(_pieces(page.render(style=_STYLE, script=_SCRIPT)))}\
</script>
<details class="in-words"><summary>The map in words</summary>
<p id="{key}-words">{words}</p></details>
</div>"""


def part_style() -> str:
    """Return the style of all maps of a page."""
    return asset("parts.css")


def part_script() -> str:
    """Return the elements that all maps of a page share; they come after the maps."""
    return (
        f'<script type="application/json" id="{_SHARED_ID}">{as_json(_shared())}</script>\n'
        f'<script>(function () {{\n"use strict";\n{asset("script/parts.js")}}}());</script>'
    )


def _shared() -> list[str]:
    """Return what the pages of all maps have."""
    return [
        _leaflet.script(),
        _leaflet.style(),
        asset("page.css"),
        "".join(asset(f"script/{name}.js") for name in SCRIPTS),
    ]


def _pieces(text: str) -> list[str | int]:
    """Return a page in pieces: texts of its own, and the numbers of what is shared."""
    pieces: list[str | int] = [text]
    for number, shared in enumerate(_shared()):
        pieces = [each for piece in pieces for each in _parted(piece, shared, number)]
    return pieces


def _parted(piece: str | int, shared: str, number: int) -> Iterable[str | int]:
    if isinstance(piece, int):
        return [piece]
    before, found, after = piece.partition(shared)
    return [before, number, after] if found else [piece]
