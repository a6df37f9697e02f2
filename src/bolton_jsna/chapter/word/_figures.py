"""Pictures of charts and maps, with a text alternative."""

from __future__ import annotations

import io
from typing import Any, Final

from bolton_jsna.chapter.document import Figure
from bolton_jsna.chapter.word._place import Room
from bolton_jsna.chapter.word._xml import node, plain

_TWIP: Final = 635
"""English metric units of a twentieth of a point."""
_TALLEST: Final = 0.68
"""The part of the height of a page that a picture may take, so that its words fit below it."""


def picture_of(given: Figure, number: int, identity: int, room: Room, part: Any) -> Any:
    """Return a run with the picture of a figure, as wide as the text where its height fits."""
    content = given.drawing.png()
    _, image = part.get_or_add_image(io.BytesIO(content))
    width = room.width * _TWIP
    height = round(width * image.px_height / image.px_width)
    tallest = int(room.height * _TALLEST) * _TWIP
    if height > tallest:
        width, height = round(width * tallest / height), tallest
    inline = part.new_pic_inline(io.BytesIO(content), width, height)
    words = {
        "id": str(identity),
        "name": f"Figure {number}",
        "descr": plain(given.alt),
        "title": plain(given.title),
    }
    for key, value in words.items():
        inline.docPr.set(key, value)
    shown = inline.graphic.graphicData.pic.nvPicPr.cNvPr
    shown.set("id", str(identity))
    shown.set("name", f"Figure {number}")
    shown.set("descr", plain(given.alt))
    return node("r", node("drawing", inline))
