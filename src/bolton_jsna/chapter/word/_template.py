"""The council's template: read as a file that anyone may have made."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Any, Final

from bolton_jsna.core.errors import SourceError, short

MOST_BYTES: Final = 100 * 2**20
"""The largest template."""
MOST_UNPACKED: Final = 300 * 2**20
"""The most that its parts may hold together."""
_MOST_PARTS: Final = 5_000

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_TYPES: Final = "[Content_Types].xml"
_TEMPLATE: Final = b"wordprocessingml.template.main+xml"
_DOCUMENT: Final = b"wordprocessingml.document.main+xml"
_MACROS: Final = re.compile(rb"macroEnabled|vbaProject|vbaData", re.IGNORECASE)
_CONTROLS: Final = re.compile(r"(^|/)(activeX/|vbaProject)", re.IGNORECASE)
_SAVE: Final = "In Word, use File > Save as > Word Document (.docx)"


def template_parts(content: bytes, name: str) -> dict[str, bytes]:
    """Return the parts of a template by name; a .dotx becomes a document.

    Raises
    ------
    SourceError
        If it is not a Word document or template, is protected by a password, has macros, or is
        damaged or too large.
    """
    _is_zip(content, name)
    try:
        parts = _unpacked(content, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, LookupError) as error:
        raise SourceError(
            f"{_the(name)} is damaged: it cannot be unpacked ({short(error)}). Copy it again from "
            "where it is kept, and see that it opens in Word."
        ) from error
    except (RuntimeError, NotImplementedError) as error:
        raise SourceError(
            f"{_the(name)} is packed with a password or in an unusual way ({short(error)}). "
            f"{_SAVE}."
        ) from error
    _is_document(parts, name)
    parts[_TYPES] = parts[_TYPES].replace(_TEMPLATE, _DOCUMENT)
    return parts


def opened(parts: dict[str, bytes], name: str) -> Any:
    """Return a document of python-docx from its parts."""
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    from bolton_jsna.core.packed import packed

    try:
        document = docx.Document(io.BytesIO(packed(parts)))
        if document.element.body is None:
            raise ValueError("it has no body")  # noqa: TRY301
        _with_lists(document)
        # These parts are read when they are first asked for.
        _ = (document.part.styles, document.settings, document.core_properties.title)
    except (OpcError, LxmlError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise SourceError(
            f"{_the(name)} is damaged: {short(error) or type(error).__name__}. See that it opens "
            f"in Word; there, save it again as a new file. {_SAVE}."
        ) from error
    return document


def _with_lists(document: Any) -> None:
    """Add the part for lists to a document that has none, and miss the one for styles."""
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.parts.numbering import NumberingPart

    part = document.part
    kinds = {each.reltype for each in part.rels.values()}
    if RELATIONSHIP_TYPE.STYLES not in kinds:
        raise ValueError("it has no styles")
    if RELATIONSHIP_TYPE.NUMBERING not in kinds:
        empty = (
            b'<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'
        )
        uri = PackURI("/word/numbering.xml")
        lists = NumberingPart.load(uri, CONTENT_TYPE.WML_NUMBERING, empty, part.package)
        part.relate_to(lists, RELATIONSHIP_TYPE.NUMBERING)


def _is_zip(content: bytes, name: str) -> None:
    if not content:
        raise SourceError(f"{_the(name)} is empty (0 bytes). Copy it again.")
    if len(content) > MOST_BYTES:
        raise SourceError(
            f"{_the(name)} has {len(content) // 2**20} MB; at most {MOST_BYTES // 2**20} MB are "
            "read. Remove large pictures from it."
        )
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise SourceError(
                f"{_the(name)} is protected by a password. In Word, open it, use File > Info > "
                "Protect Document > Encrypt with Password, clear the password, and save it."
            )
        raise SourceError(
            f"{_the(name)} is an old Word file (.doc or .dot), or another file of old Office. "
            f"{_SAVE}."
        )
    if not content.startswith(b"PK"):
        raise SourceError(
            f"{_the(name)} is not a Word file: it begins with {short(content[:12])}. Give a .docx "
            "or .dotx file."
        )


def _unpacked(content: bytes, name: str) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    left = MOST_UNPACKED
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        entries = [each for each in whole.infolist() if not each.is_dir()]
        # What the file says of its size may be wrong, so it is also counted while it is read.
        if len(entries) > _MOST_PARTS or sum(each.file_size for each in entries) > left:
            raise _too_large(name)
        for each in entries:
            if each.filename in parts or ".." in each.filename or each.filename.startswith("/"):
                raise SourceError(
                    f"{_the(name)} is damaged: its part {short(each.filename)!r} is there twice "
                    f"or is not a path inside it. {_SAVE}."
                )
            with whole.open(each) as part:
                parts[each.filename] = part.read(left + 1)
            left -= len(parts[each.filename])
            if left < 0:
                raise _too_large(name)
    return parts


def _is_document(parts: dict[str, bytes], name: str) -> None:
    if "word/document.xml" not in parts and b"wordprocessingml" not in parts.get(_TYPES, b""):
        kinds = {"xl": "an Excel workbook", "ppt": "a presentation", "content.xml": "OpenDocument"}
        found = next(
            (
                words
                for start, words in kinds.items()
                if any(each.startswith(start) for each in parts)
            ),
            "a zip file with other contents",
        )
        raise SourceError(
            f"{_the(name)} is not a Word file: it is {found}, without word/document.xml. Give a "
            ".docx or .dotx file."
        )
    lost = [each for each in (_TYPES, "_rels/.rels") if each not in parts]
    if lost:
        raise SourceError(
            f"{_the(name)} is damaged: it has no {' and no '.join(lost)}. Copy it again from where "
            "it is kept, and see that it opens in Word."
        )
    if _MACROS.search(parts[_TYPES]) or any(_CONTROLS.search(each) for each in parts):
        raise SourceError(
            f"{_the(name)} holds macros or controls, which are not accepted because they are "
            f"programs. {_SAVE}, which leaves macros out."
        )
    if b"purl.oclc.org/ooxml" in parts["_rels/.rels"]:
        raise SourceError(f"{_the(name)} is a Strict Open XML document. {_SAVE}, not Strict.")
    for part, content in parts.items():
        if part.endswith((".xml", ".rels")) and b"<!DOCTYPE" in content.replace(b"\0", b""):
            raise SourceError(
                f"{_the(name)} is not accepted: its part {short(part)!r} declares a document type, "
                f"which Word never writes. {_SAVE}."
            )


def _too_large(name: str) -> SourceError:
    return SourceError(
        f"{_the(name)} unpacks to more than {MOST_UNPACKED // 2**20} MB or {_MOST_PARTS:,} parts. "
        "It is not a usual template; use another."
    )


def _the(name: str) -> str:
    return f"The template {short(name)!r}" if name else "The template"
