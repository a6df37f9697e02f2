"""The parts of an OpenDocument spreadsheet that are the same in every workbook, or nearly so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from bolton_jsna.chapter.workbook._heights import SUBTITLE, TEXT, TITLE

TYPE: Final = "application/vnd.oasis.opendocument.spreadsheet"
VERSION: Final = "1.3"
LANGUAGE: Final = "en-GB"

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_OASIS: Final = "urn:oasis:names:tc:opendocument:xmlns"
_SPACES: Final = " ".join(
    f'xmlns:{short}="{_OASIS}:{name}:1.0"'
    for short, name in {
        "office": "office",
        "style": "style",
        "text": "text",
        "table": "table",
        "number": "datastyle",
        "fo": "xsl-fo-compatible",
        "config": "config",
    }.items()
)
_FONT: Final = 'fo:font-family="Arial" style:font-family-generic="swiss"'
_NOTHING: Final = 'fo:wrap-option="wrap" style:vertical-align="top"'

SHEET_STYLE: Final = (
    '<style:style style:name="sheet" style:family="table" style:master-page-name="Default">'
    '<style:table-properties table:display="true" style:writing-mode="lr-tb"/></style:style>'
)


def shape_style(kind: str, name: str, size: float) -> str:
    """Return the style of a column (width in inches) or of a row (height in points)."""
    if kind == "column":
        inside = f'<style:table-column-properties style:column-width="{size}in"/>'
    else:
        inside = (
            f'<style:table-row-properties style:row-height="{size}pt" '
            'style:use-optimal-row-height="false"/>'
        )
    return f'<style:style style:name="{name}" style:family="table-{kind}">{inside}</style:style>'


def manifest() -> bytes:
    """Return the list of the parts."""
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{each}" manifest:media-type="text/xml"/>'
        for each in ("content.xml", "styles.xml", "settings.xml", "meta.xml")
    )
    return (
        f'{_HEAD}<manifest:manifest xmlns:manifest="{_OASIS}:manifest:1.0" '
        f'manifest:version="{VERSION}"><manifest:file-entry manifest:full-path="/" '
        f'manifest:version="{VERSION}" manifest:media-type="{TYPE}"/>{entries}</manifest:manifest>'
    ).encode()


def styles(footer: str, decimals: int) -> bytes:
    """Return the styles of the page and of cells, of numbers with so many decimals at most."""
    default = (
        '<style:default-style style:family="table-cell"><style:text-properties '
        f'{_FONT} fo:font-size="{TEXT}pt" fo:language="en" fo:country="GB"/>'
        "</style:default-style>"
    )
    cells = [
        _cell_style("Default", parent=""),
        _cell_style("Text"),
        _cell_style("Text later", "start", later=True, parent="Text"),
        _cell_style("Text right", "end", parent="Text"),
        _cell_style("Heading 1", size=TITLE, bold=True),
        _cell_style("Heading 2", size=SUBTITLE, bold=True),
        _cell_style("Column", bold=True, line=True),
        _cell_style("Column later", "start", bold=True, line=True, later=True, parent="Column"),
        _cell_style("Column right", "end", bold=True, line=True, parent="Column"),
        _cell_style("Link", link=True, parent="Text"),
        _cell_style("Label", "start", data="label", parent="Text"),
        _cell_style("Label later", "start", data="label", later=True, parent="Text"),
    ]
    cells += [
        _cell_style(f"Number {each}", "end", data=f"decimals{each}", parent="Text")
        for each in range(decimals + 1)
    ]
    numbers = _number_style("label", 0, grouping=False) + "".join(
        _number_style(f"decimals{each}", each) for each in range(decimals + 1)
    )
    page = (
        '<style:page-layout style:name="page"><style:page-layout-properties '
        'fo:page-width="297mm" fo:page-height="210mm" style:print-orientation="landscape" '
        'fo:margin="18mm" style:scale-to-X="1" style:scale-to-Y="0" '
        'style:print="zero-values"/>'
        '<style:footer-style><style:header-footer-properties fo:min-height="8mm" '
        'fo:margin-top="3mm"/></style:footer-style></style:page-layout>'
    )
    master = (
        '<style:master-page style:name="Default" style:page-layout-name="page"><style:footer>'
        f"<text:p>{escape(footer)}, page <text:page-number>1</text:page-number></text:p>"
        "</style:footer></style:master-page>"
    )
    return (
        f'{_HEAD}<office:document-styles {_SPACES} office:version="{VERSION}"><office:styles>'
        f"{default}{numbers}{''.join(cells)}</office:styles>"
        f"<office:automatic-styles>{page}</office:automatic-styles>"
        f"<office:master-styles>{master}</office:master-styles></office:document-styles>"
    ).encode()


def _cell_style(
    name: str,
    side: str = "",
    *,
    size: int = TEXT,
    bold: bool = False,
    line: bool = False,
    link: bool = False,
    later: bool = False,
    data: str = "",
    parent: str = "Default",
) -> str:
    """Return the style of a cell; ``later`` leaves room after the column before it."""
    look = f'{_FONT} fo:font-size="{size}pt"'
    look += ' fo:font-weight="bold"' if bold else ""
    look += ' fo:color="#0000ff" style:text-underline-style="solid"' if link else ""
    border = ' fo:border-bottom="0.75pt solid #000000"' if line else ""
    margin = ' fo:margin-left="0.1in"' if later else ""
    text = f'<style:paragraph-properties fo:text-align="{side}"{margin}/>' if side else ""
    origin = f' style:parent-style-name="{parent}"' if parent else ""
    format_ = f' style:data-style-name="{data}"' if data else ""
    source = ' style:text-align-source="fix"' if side else ""
    return (
        f'<style:style style:name="{name.replace(" ", "_20_")}" style:display-name="{name}" '
        f'style:family="table-cell"{origin}{format_}>'
        f"<style:table-cell-properties {_NOTHING}{source}{border}/>{text}"
        f"<style:text-properties {look}/></style:style>"
    )


def _number_style(name: str, decimals: int, *, grouping: bool = True) -> str:
    """Return how a number is printed, with commas between thousands."""
    commas = ' number:grouping="true"' if grouping else ""
    return (
        f'<number:number-style style:name="{name}" number:language="en" number:country="GB">'
        f'<number:number number:decimal-places="{decimals}" '
        f'number:min-decimal-places="{decimals}" number:min-integer-digits="1"{commas}/>'
        "</number:number-style>"
    )


_VIEW: Final = "".join(
    f'<config:config-item config:name="{name}" config:type="boolean">{value}</config:config-item>'
    for name, value in {
        # LibreOffice takes what is not named as off: zeros would be empty cells.
        "ShowZeroValues": "true",
        "HasColumnRowHeaders": "true",
        "HasSheetTabs": "true",
        "ShowNotes": "true",
        "ShowGrid": "false",
    }.items()
)


def settings(names: Sequence[str]) -> bytes:
    """Return how the file opens: at the first sheet, in the first cell of each."""
    entry, named = "config:config-item-map-entry", "config:config-item-map-named"
    item = "config:config-item"
    sheets = "".join(
        f'<{entry} config:name="{each}">'
        f'<{item} config:name="CursorPositionX" config:type="int">0</{item}>'
        f'<{item} config:name="CursorPositionY" config:type="int">0</{item}>'
        f"{_VIEW}</{entry}>"
        for each in names
    )
    return (
        f'{_HEAD}<office:document-settings {_SPACES} office:version="{VERSION}"><office:settings>'
        '<config:config-item-set config:name="ooo:view-settings">'
        f'<config:config-item-map-indexed config:name="Views"><{entry}>'
        f'<{item} config:name="ViewId" config:type="string">view1</{item}>'
        f'<{named} config:name="Tables">{sheets}</{named}>'
        f'<{item} config:name="ActiveTable" config:type="string">{names[0]}</{item}>'
        f"{_VIEW}</{entry}></config:config-item-map-indexed></config:config-item-set>"
        "</office:settings></office:document-settings>"
    ).encode()
