"""What gptables leaves out of an Excel file: its language, and headings by style."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

_CORE: Final = "docProps/core.xml"
_STYLES: Final = "xl/styles.xml"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_HEADINGS: Final = {16.0: ("Heading 1", "16"), 14.0: ("Heading 2", "17")}
"""The style of a heading by the size of its letters: its name and Excel's number for it."""

LANGUAGE: Final = "en-GB"


def with_language(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the parts of the file with the language of its text."""
    from lxml import etree

    core = etree.fromstring(parts[_CORE])
    etree.SubElement(core, f"{_DC}language").text = LANGUAGE
    return {**parts, _CORE: _written(core)}


def with_styles(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the parts of the file with titles in Excel's styles of headings."""
    from lxml import etree

    styles = etree.fromstring(parts[_STYLES])
    sizes = [
        float(each.get("val")) for each in styles.iterfind(f"{_MAIN}fonts/{_MAIN}font/{_MAIN}sz")
    ]
    cell_styles = styles.find(f"{_MAIN}cellStyles")
    bases = styles.find(f"{_MAIN}cellStyleXfs")
    known: dict[str, str] = {}
    for each in styles.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf"):
        heading = _HEADINGS.get(sizes[int(each.get("fontId"))])
        if heading is None:
            continue
        name, number = heading
        if name not in known:
            known[name] = str(len(bases))
            base = copy.deepcopy(each)
            del base.attrib["xfId"]
            bases.append(base)
            style = etree.SubElement(cell_styles, f"{_MAIN}cellStyle", name=name, xfId=known[name])
            style.set("builtinId", number)
            style.set("customBuiltin", "1")
        each.set("xfId", known[name])
    for each in (cell_styles, bases):
        each.set("count", str(len(each)))
    return {**parts, _STYLES: _written(styles)}


def _written(root: Any) -> bytes:
    from lxml import etree

    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))
