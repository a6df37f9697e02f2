"""The document that a chapter begins with if the council has no template."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS: Final = {
    "document": ("word/document.xml", f"{_WORD}.document.main+xml"),
    "styles": ("word/styles.xml", f"{_WORD}.styles+xml"),
    "numbering": ("word/numbering.xml", f"{_WORD}.numbering+xml"),
    "settings": ("word/settings.xml", f"{_WORD}.settings+xml"),
    "theme": ("word/theme/theme1.xml", "application/vnd.openxmlformats-officedocument.theme+xml"),
}


def base_xml(name: str) -> bytes:
    """Return a part of the base document, such as ``styles``."""
    file = _PARTS[name][0].rpartition("/")[2]
    return (files(__package__) / "base" / file).read_bytes()


def base_parts() -> dict[str, bytes]:
    """Return the parts of the base document: A4 portrait, and the styles of a chapter."""
    types = "".join(
        f'<Override PartName="/{path}" ContentType="{kind}"/>' for path, kind in _PARTS.values()
    )
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{name}" '
        f'Target="{path.removeprefix("word/")}"/>'
        for number, (name, (path, _)) in enumerate(_PARTS.items())
        if name != "document"
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f"{related}</Relationships>",
    }
    made = {name: f"{_HEAD}{text}".encode() for name, text in parts.items()}
    return made | {path: base_xml(name) for name, (path, _) in _PARTS.items()}
