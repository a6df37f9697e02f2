"""DfE's children in need census as XML: the referrals and plans of a year's return."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET
from xml.parsers import expat

from bolton_jsna.core.errors import BoltonJsnaError, SchemaError, SourceError
from bolton_jsna.core.naming import trimmed
from bolton_jsna.core.reading import delimited, limits
from bolton_jsna.core.reading.isolated import IsolatedReader
from bolton_jsna.tables.local.cells import Coded, merged
from bolton_jsna.tables.local.layouts import EVENT_KINDS, EventKind, facts

if TYPE_CHECKING:
    import numpy as np

_ELEMENTS: Final = facts("words")["census"]
"""Our columns by element, of a child, a referral and a plan."""

_START: Final = re.compile(r"\s*(<\?xml|<[\w:]*Message\b|<!)", re.ASCII)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    # Before those of UTF-16, with which they begin.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    # Without a mark; parsers know these by their first character.
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_SAYS: Final = re.compile(
    rb"""(\s*<\?xml\b[^>]{0,200}?)\s+encoding\s*=\s*(["'])([\w.:-]*)\2""", re.ASCII
)
_UNICODE: Final = re.compile(rb"utf-?8|utf-?16(?:-?[bl]e)?|us-ascii")
_PIECE: Final = 2**22
_SMALL: Final = 2**20
"""Bytes up to which a return is parsed in this process, because it cannot grow large."""

_WHOLE: Final = {"Child", "Header"}
"""The elements that are read whole."""


@dataclass(frozen=True, eq=False)
class Census:
    """The events in a return.

    Attributes
    ----------
    year : int or None
        Year ending 31 March that the return states.
    authority : int or None
        DfE's number of the authority that the return states.
    numbers : dict of kind to ndarray of int64
        For each record the number of its child in the return, counted from 1.
    columns : dict of kind to dict of str to Coded
        The columns of the referrals and of the plans.
    """

    year: int | None
    authority: int | None
    numbers: dict[EventKind, np.ndarray]
    columns: dict[EventKind, dict[str, Coded]]


def is_xml(content: bytes) -> bool:
    """Return whether bytes are XML."""
    start = content[:2_000].decode(_encoding(content), errors="replace")
    return _START.match(start.removeprefix("\ufeff")) is not None


def _encoding(content: bytes) -> str:
    return next((each for mark, each in _MARKS if content.startswith(mark)), "utf-8")


def read(content: bytes, *, name: str) -> Census:
    """Return the referrals and child protection plans of a return."""
    # DfE, Children in need census: guide and technical specification. A child's ``CINdetails`` is
    # a referral, and each ``ChildProtectionPlans`` within it a plan. A return holds every child in
    # need during the year, so some referrals are of earlier years, as their dates show.
    if len(content) <= _SMALL:
        return _parsed(content, name)
    from bolton_jsna.tables import _workbooks

    file = IsolatedReader(
        "bolton_jsna.tables.local._cin_census:serve",
        content,
        name=name,
        damaged="is XML that cannot be read",
        advice="Export it again.",
    )
    with contextlib.closing(file):
        facts, _ = file.ask(ask="year")
        found = {kind: _workbooks.unpacked(*file.ask(ask=kind)) for kind in EVENT_KINDS}
    return Census(
        facts["year"],
        facts["authority"],
        {kind: numbers for kind, (numbers, _) in found.items()},
        {
            kind: dict(zip(_names(kind), columns.values(), strict=True))
            for kind, (_, columns) in found.items()
        },
    )


def serve(content: bytes, name: str) -> Any:
    """Parse a return in a child process and return what gives its parts."""
    from bolton_jsna.tables import _workbooks

    census = _parsed(content, name)

    def answer(asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        if asked["ask"] == "year":
            return {"year": census.year, "authority": census.authority}, []
        kind: EventKind = asked["ask"]
        columns = dict(enumerate(census.columns[kind].values()))
        return _workbooks.packed(name, census.numbers[kind], columns)

    return answer


def _parsed(content: bytes, name: str) -> Census:
    import numpy as np

    content = _readable(content)
    _reject_declarations(content, name)
    rows: dict[EventKind, list[dict[str, str]]] = {"referral": [], "plan": []}
    numbers: dict[EventKind, list[int]] = {"referral": [], "plan": []}
    failure: BoltonJsnaError | None = None
    seen = False
    number = 0
    year = authority = None
    try:
        for tag, element in _ends(content, name):
            seen = seen or tag == "Children"
            if tag == "Header":
                year = _number(element, "Year", 4)
                authority = _number(element, "LEA", 3)
            elif tag == "Child":
                number += 1
                for kind, record in _events(element):
                    rows[kind].append(record)
                    numbers[kind].append(number)
                if sum(map(len, rows.values())) > limits.ROWS:
                    raise limits.exceeded(name, "more than", limits.ROWS, "referrals and plans")
    except (ET.ParseError, ValueError, LookupError, RecursionError):
        # An unknown or unsupported encoding is one of the last three.
        failure = _damaged(name)
    if not failure and not seen:
        failure = SchemaError(
            f"{name!r} is XML, but not a children in need census return. Expected Message, "
            "Children, Child. Give the return as it is uploaded to DfE, or a CSV."
        )
    # Outside of the handler, so that nothing of the return comes with the error.
    if failure:
        raise failure
    return Census(
        year,
        authority,
        {kind: np.array(found, dtype="int64") for kind, found in numbers.items()},
        {kind: _columns(found, kind) for kind, found in rows.items()},
    )


def _readable(content: bytes) -> bytes:
    """Return a return with the right declaration of its encoding."""
    # A mark at its beginning is right, whatever the declaration: programs save the text in another
    # encoding and leave the declaration as it was.
    wide = next(
        (each for mark, each in _MARKS if each != "utf-8" and content.startswith(mark)), None
    )
    if wide is not None:
        try:
            plain = content.decode(wide).removeprefix("\ufeff").encode()
        except ValueError:
            # Cut or damaged, which the parser finds too.
            return content
    else:
        plain = content.removeprefix(codecs.BOM_UTF8)
    settings = _SAYS.match(plain)
    declared = settings[3].lower() if settings else b"utf-8"
    if wide is None and not _UNICODE.fullmatch(declared):
        return content
    # What is not UTF-8 is Windows-1252, as in every other text.
    return delimited.as_utf8((settings[1] + plain[settings.end() :]) if settings else plain)


class _DeclaredError(Exception):
    pass


def _reject_declarations(content: bytes, name: str) -> None:
    """Reject a document type or entities anywhere, in any encoding."""
    # The parser finds one before anything in it is expanded. A search of the bytes would be misled
    # by comments, encodings and distance.

    def declared(*_: object) -> Any:
        raise _DeclaredError

    if content.count(b"<") > limits.TAGS:
        raise limits.exceeded(name, "more than", limits.TAGS, "tags")
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = declared
    parser.EntityDeclHandler = declared
    parser.ExternalEntityRefHandler = declared
    found = damaged = False
    try:
        parser.Parse(content, True)
    except _DeclaredError:
        found = True
    except (expat.ExpatError, ValueError, LookupError):
        damaged = True
        # It may be in an encoding unknown to the parser, or declare the wrong one.
        text = content.decode(_encoding(content), errors="replace")
        found = "<!DOCTYPE" in text or "<!ENTITY" in text
    if found:
        raise SourceError(
            f"{name!r} declares a document type or entities, which a census return does not have. "
            "Export it again from the case system."
        )
    if damaged:
        raise _damaged(name)


def _damaged(name: str) -> SourceError:
    return SourceError(
        f"{name!r} is XML that is cut off, damaged, or not in the encoding that it declares. "
        "Export it again, as UTF-8."
    )


def _ends(content: bytes, name: str) -> Iterator[tuple[str, ET.Element]]:
    """Yield each child and the header once complete, and the other elements near the root."""
    # Each is released afterwards, so that neither many elements nor deep ones fill the memory.
    open_: list[ET.Element] = []
    within = elements = 0
    for event, element in _events_of(content):
        if event == "start":
            open_.append(element)
            within += _tag(element) in _WHOLE
            elements += 1
            if len(open_) > limits.DEPTH:
                raise limits.exceeded(name, "parts nested deeper than", limits.DEPTH, "levels")
            if within and elements > limits.ELEMENTS:
                raise limits.exceeded(name, "a child with more than", limits.ELEMENTS, "parts")
            continue
        open_.pop()
        tag = _tag(element)
        within -= tag in _WHOLE
        if not within:
            elements = 0
            yield tag, element
            if open_:
                open_[-1].clear()


def _events_of(content: bytes) -> Iterator[tuple[str, ET.Element]]:
    # In large pieces: older parsers read a tag from its beginning again with each.
    parser: Any = ET.XMLPullParser(("start", "end"))
    for at in range(0, len(content), _PIECE):
        parser.feed(content[at : at + _PIECE])
        yield from parser.read_events()
    parser.close()
    yield from parser.read_events()


def _tag(element: ET.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _number(header: ET.Element, tag: str, digits: int) -> int | None:
    for element in header.iter():
        text = (element.text or "").strip()
        if _tag(element) == tag and re.fullmatch(rf"[0-9]{{{digits}}}", text):
            return int(text)
    return None


def _events(child: ET.Element) -> Iterator[tuple[EventKind, dict[str, str]]]:
    own: dict[str, str] = {}
    needs = []
    for part in child:
        if _tag(part) == "CINdetails":
            needs.append(part)
        else:
            own |= _take(part, _ELEMENTS["child"])
    for need in needs:
        yield "referral", own | _take(need, _ELEMENTS["referral"])
        for part in need:
            if _tag(part) == "ChildProtectionPlans":
                yield "plan", own | _take(part, _ELEMENTS["plan"])


def _take(part: ET.Element, names: dict[str, str]) -> dict[str, str]:
    return {
        names[tag]: trimmed(element.text)
        for element in (part, *part)
        if (tag := _tag(element)) in names and element.text and trimmed(element.text)
    }


def _names(kind: EventKind) -> list[str]:
    return sorted({*_ELEMENTS["child"].values(), *_ELEMENTS[kind].values()})


def _columns(rows: list[dict[str, str]], kind: EventKind) -> dict[str, Coded]:
    import numpy as np

    each = np.arange(len(rows), dtype="int32")
    return {name: merged(each, [row.get(name, "") for row in rows]) for name in _names(kind)}
