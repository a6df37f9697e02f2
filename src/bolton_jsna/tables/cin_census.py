"""DfE's children in need census as XML: the referrals and plans of a year's return."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from bolton_jsna.errors import SchemaError, SourceError
from bolton_jsna.tables.local_cells import Coded
from bolton_jsna.tables.local_layouts import EventKind

if TYPE_CHECKING:
    import numpy as np

_CHILD: Final = {
    "LAchildID": "child_id",
    "PersonBirthDate": "birth_date",
    "ExpectedPersonBirthDate": "expected_birth_date",
    "GenderCurrent": "sex",
    "Sex": "sex",
    "Ethnicity": "ethnicity",
    # Not part of the census; some systems write them into their own copy of the return.
    "PostCode": "postcode",
    "Postcode": "postcode",
    "LSOA": "lsoa_code",
}
_REFERRAL: Final = {
    "CINreferralDate": "date",
    "ReferralSource": "referral_source",
    "PrimaryNeedCode": "category",
}
_PLAN: Final = {
    "CPPstartDate": "date",
    "CPPendDate": "end_date",
    "InitialCategoryOfAbuse": "category",
}
_START: Final = re.compile(rb"\s*(<\?xml|<Message\b|<!)")


@dataclass(frozen=True, eq=False)
class Census:
    """What a return holds.

    Attributes
    ----------
    year : int or None
        Year ending 31 March that the return says it is for.
    numbers : dict of kind to ndarray of int64
        For each record the number of its child in the return, counted from 1.
    columns : dict of kind to dict of str to Coded
        Our columns of the referrals and of the plans.
    """

    year: int | None
    numbers: dict[EventKind, np.ndarray]
    columns: dict[EventKind, dict[str, Coded]]


def is_xml(content: bytes) -> bool:
    """Say whether bytes are XML.

    Examples
    --------
    >>> is_xml(b'<?xml version="1.0"?><Message/>'), is_xml(b"child_id,date")
    (True, False)
    """
    return _START.match(content.removeprefix(b"\xef\xbb\xbf")) is not None


def read(content: bytes, *, name: str) -> Census:
    """Return the referrals and child protection plans of a return.

    A child's module ``CINdetails`` is a referral, and each ``ChildProtectionPlans`` within it a
    plan. A return holds every child in need during the year: the referrals of some lie in years
    before, and are told by their dates.

    Parameters
    ----------
    content : bytes
        The return, with or without a namespace.
    name : str
        The file, for messages.

    Raises
    ------
    SourceError
        When it is damaged, or declares entities (which no return needs, and which can be made to
        fill the memory).
    SchemaError
        When it is XML but no return of children in need.

    Notes
    -----
    DfE, Children in need census: guide and technical specification. The sex of a child is
    ``GenderCurrent`` in the returns up to 2023 and ``Sex`` since.

    Examples
    --------
    >>> child = "<ChildIdentifiers><LAchildID>a</LAchildID></ChildIdentifiers>"
    >>> need = "<CINdetails><CINreferralDate>2024-05-03</CINreferralDate></CINdetails>"
    >>> text = f"<Message><Children><Child>{child}{need}</Child></Children></Message>"
    >>> read(text.encode(), name="x.xml").columns["referral"]["date"].texts
    ['2024-05-03']
    """
    import numpy as np

    if re.search(rb"<!(DOCTYPE|ENTITY)", content[:10_000], re.IGNORECASE):
        raise SourceError(
            f"{name!r} declares a document type or entities; a census return has none. Export it "
            "again from the case system."
        )
    rows: dict[EventKind, list[dict[str, str]]] = {"referral": [], "plan": []}
    numbers: dict[EventKind, list[int]] = {"referral": [], "plan": []}
    damaged = seen = False
    year: int | None = None
    try:
        number = 0
        for tag, element in _ends(content):
            if tag == "Header":
                year = _year(element)
            elif tag == "Children":
                seen = True
            elif tag == "Child":
                number += 1
                for kind, record in _events(element):
                    rows[kind].append(record)
                    numbers[kind].append(number)
                element.clear()
    except ET.ParseError:
        damaged = True
    # Outside of the handler, so that nothing of the return comes with the error.
    if damaged:
        raise SourceError(f"{name!r} is XML that breaks off or is damaged. Export it again.")
    if not seen:
        raise SchemaError(
            f"{name!r} is XML but no children in need census return: expected Message, Children, "
            "Child. Give the return as it is uploaded to DfE, or a CSV."
        )
    return Census(
        year,
        {kind: np.array(found, dtype="int64") for kind, found in numbers.items()},
        {kind: _columns(found, kind) for kind, found in rows.items()},
    )


def _ends(content: bytes) -> Iterator[tuple[str, ET.Element]]:
    for _, element in ET.iterparse(io.BytesIO(content)):  # noqa: S314 (entities refused above)
        yield _tag(element), element


def _tag(element: ET.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _year(header: ET.Element) -> int | None:
    for element in header.iter():
        if _tag(element) == "Year" and (element.text or "").strip().isdigit():
            return int((element.text or "").strip())
    return None


def _events(child: ET.Element) -> Iterator[tuple[EventKind, dict[str, str]]]:
    own: dict[str, str] = {}
    needs = []
    for part in child:
        if _tag(part) == "CINdetails":
            needs.append(part)
        else:
            own |= _take(part, _CHILD)
    for need in needs:
        yield "referral", own | _take(need, _REFERRAL)
        for part in need:
            if _tag(part) == "ChildProtectionPlans":
                yield "plan", own | _take(part, _PLAN)


def _take(part: ET.Element, names: dict[str, str]) -> dict[str, str]:
    return {
        names[tag]: element.text.strip()
        for element in (part, *part)
        if (tag := _tag(element)) in names and element.text and element.text.strip()
    }


def _columns(rows: list[dict[str, str]], kind: EventKind) -> dict[str, Coded]:
    import numpy as np

    names = {*_CHILD.values(), *(_REFERRAL if kind == "referral" else _PLAN).values()}
    found = {}
    for name in sorted(names):
        values: dict[str, int] = {}
        codes = [values.setdefault(row.get(name, ""), len(values)) for row in rows]
        found[name] = Coded(np.array(codes, dtype="int32"), list(values))
    return found
