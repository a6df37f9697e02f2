"""Pictures of charts and maps, with a text alternative."""

from __future__ import annotations

import io
from typing import Any, Final

from bolton_jsna.chapter.document import Figure
from bolton_jsna.chapter.word._place import Room
from bolton_jsna.chapter.word._xml import name_of, node, plain

_TWIP: Final = 635
"""English metric units of a twentieth of a point."""
_WHOLE: Final = 100_000
"""A length as a part of the height of a picture is in thousandths of a per cent."""
_TALLEST: Final = 0.68
"""The part of the height of a page that a picture may take, so that its words fit below it."""


def picture_of(given: Figure, number: int, identity: int, room: Room, part: Any) -> Any:
    """Return a run with the picture of a figure, as wide as the text where its height fits."""
    content = given.drawing.png()
    _, image = part.get_or_add_image(io.BytesIO(content))
    width = room.width * _TWIP
    above, below = given.drawing.repeated()
    height = round(width * (1 - above - below) * image.px_height / image.px_width)
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
    _cut(inline.graphic.graphicData.pic.blipFill, above, below)
    return node("r", node("drawing", inline))


def _cut(fill: Any, above: float, below: float) -> None:
    """Show a picture without what the caption and the notes say; it stays whole in the file."""
    from docx.oxml import OxmlElement

    if above or below:
        cut = OxmlElement("a:srcRect")
        cut.set("t", str(round(above * _WHOLE)))
        cut.set("b", str(round(below * _WHOLE)))
        fill.find(name_of("a:blip")).addnext(cut)
