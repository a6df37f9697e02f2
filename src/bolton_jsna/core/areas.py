"""The register of England's areas that the library knows by name, code and DfE number.

It holds England, its nine regions (and Inner and Outer London, which DfE publishes as if they
were regions), the 153 upper-tier authorities that exist since April 2023, and five authorities
abolished since 2013 whose figures are still in the releases. Facts (``areas.csv``,
``districts.csv``): ONS local authority, region and code-change registers and DfE's authority
numbers (Open Government Licence v3.0).

An authority has one code here. Codes that it had before or was given later (Barnsley, Gateshead,
Northumberland, Sheffield and the counties that became unitary) lead to the same ``Area``.
"""

from __future__ import annotations

import csv
import difflib
import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from typing import Final, Literal

from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import AreaNotFoundError, UsageError, short, some
from bolton_jsna.core.naming import name_key

Level = Literal["country", "region", "authority", "combined authority", "metropolitan county"]

GROUPS: Final = ("combined authority", "metropolitan county")
"""Levels of areas that are the sum of their authorities; few publishers have figures for them."""

DEFAULT_AREA = "Bolton"
ALL: Final = "all"
"""What names all upper-tier authorities of England where many are built."""

ENGLAND = "E92000001"


@dataclass(frozen=True)
class Area:
    """A place of the register.

    Attributes
    ----------
    code : str
        Its GSS code, such as ``E08000001``.
    name : str
        Its name as ONS writes it.
    level : {"country", "region", "authority", "combined authority", "metropolitan county"}
        What it is.
    region : str
        The name of its region; empty for England and for a group in two regions.
    region_code : str
        The GSS code of its region; empty where ``region`` is.
    dfe_number : int or None
        The Department for Education's number of an authority, such as 350.
    other_codes : tuple of str
        GSS codes that the same place had before or has been given since.
    until : int or None
        The year in which (at the end of March) an abolished authority ended.
    successors : tuple of str
        The codes of the authorities that followed it.
    members : tuple of str
        The codes of the authorities in a combined authority or a metropolitan county.
    """

    code: str
    name: str
    level: Level
    region: str
    region_code: str = ""
    dfe_number: int | None = None
    other_codes: tuple[str, ...] = ()
    until: int | None = None
    successors: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Every GSS code of the place, the register's first."""
        return (self.code, *self.other_codes)

    @property
    def as_option(self) -> str:
        """The option that names it in a command, with a space before it.

        Examples
        --------
        >>> area("Bury").as_option, area("Bristol").as_option
        (' --area Bury', ' --area "Bristol, City of"')
        """
        return f" --area {self.name}" if self.name.isalpha() else f' --area "{self.name}"'

    def __str__(self) -> str:
        return self.name


@checked
def area(place: str | int | Area) -> Area:
    """Return the area that a name, a GSS code or a DfE number means.

    Names are forgiving of case, punctuation, "&" for "and", "St." for "St", and of the inverted
    forms of ONS ("Bristol, City of" is also Bristol and City of Bristol).

    Parameters
    ----------
    place : str, int or Area
        ``"Bolton"``, ``"E08000001"``, ``350`` or ``"350"``; an ``Area`` is returned as it is.

    Raises
    ------
    AreaNotFoundError
        When nothing of the register matches; the message has near matches.
    UsageError
        When ``place`` is neither text nor a number.

    Notes
    -----
    Register: ONS names and codes with DfE numbers, April 2023 structure, later codes recognised.

    Examples
    --------
    >>> area("bolton")
    Area(code='E08000001', name='Bolton', level='authority', region='North West', ...)
    >>> area(350) == area("E08000001")
    True
    >>> area("Telford & Wrekin").name, area("ST. HELENS").name, area("Bristol").code
    ('Telford and Wrekin', 'St. Helens', 'E06000023')
    >>> area("E08000039").name
    'Sheffield'
    >>> area("Greater Manchester").level, len(area("E11000001").members)
    ('combined authority', 10)
    >>> area("Boltn")
    Traceback (most recent call last):
    bolton_jsna.core.errors.AreaNotFoundError: No area is called 'Boltn'. Did you mean 'Bolton'...
    """
    if isinstance(place, Area):
        return place
    text = str(place).strip()
    found = find(text)
    if found is None:
        raise AreaNotFoundError(_not_found(text))
    return found


def areas(places: str | int | Area | Iterable[str | int | Area]) -> tuple[Area, ...]:
    """Return the areas that one place or several mean, in the order given, each once."""
    if isinstance(places, Area | str) or not isinstance(places, Iterable):
        places = [places]
    return tuple(dict.fromkeys(area(place) for place in places))


@functools.cache
def register() -> tuple[Area, ...]:
    """Return every area: England, regions, authorities, abolished ones, groups of authorities.

    Examples
    --------
    >>> sum(each.level == "authority" and each.until is None for each in register())
    153
    """
    single = tuple(
        Area(
            code=row["code"],
            name=row["name"],
            level=row["level"],  # type: ignore[arg-type]
            region=row["region"],
            region_code=row["region_code"],
            dfe_number=int(row["dfe_number"]) if row["dfe_number"] else None,
            other_codes=_parts(row["other_codes"]),
            until=int(row["until"]) if row["until"] else None,
            successors=_parts(row["successors"]),
        )
        for row in _rows("areas.csv")
    )
    by_code = {code: each for each in single for code in each.codes}
    return single + tuple(_group(row, by_code) for row in _rows("groups.csv"))


def _group(row: dict[str, str], by_code: dict[str, Area]) -> Area:
    members = [by_code[code] for code in _parts(row["members"])]
    regions = {(each.region, each.region_code) for each in members}
    region, region_code = regions.pop() if len(regions) == 1 else ("", "")
    return Area(
        code=row["code"],
        name=row["name"],
        level=row["level"],  # type: ignore[arg-type]
        region=region,
        region_code=region_code,
        other_codes=_parts(row["other_codes"]),
        members=tuple(each.code for each in members),
    )


def find(place: str) -> Area | None:
    """Return the area of a code, number or name, or None: for readers, which report in bulk."""
    text = place.strip()
    key = name_key(text)
    # "-350" is not the number 350.
    found = _index().get(text.upper()) or (None if key.isdigit() else _index().get(key))
    return found or _council(key)


_COUNCIL_BEFORE: Final = re.compile(
    r"(the )?(((royal|london|metropolitan) )?borough of|lb( of)?|city of|council of( the)?"
    r"|county of) "
)
_COUNCIL_BEHIND: Final = re.compile(
    r" (m[bd]c|met|cc|bc|lb|ua|la|local authority|unitary authority|city"
    r"|((metropolitan|london|royal|unitary) )?borough"
    r"|(((metropolitan|london|royal|unitary) )?(borough |district |city |county )?council))$"
)


def _council(key: str) -> Area | None:
    """Return the authority of a council's name, such as "bolton mbc"; None if there is none."""
    behind = _COUNCIL_BEHIND.search(key)
    for each in (_COUNCIL_BEHIND.sub("", key), _bare(key)):
        found = _index().get(each) if each != key and not each.isdigit() else None
        # "Nottingham County Council" could be that of the city or of the county.
        county = behind is not None and "county" in behind[0] and f"{each}shire" in _index()
        if found is not None and found.level == "authority" and not county:
            return found
    return None


def _bare(key: str) -> str:
    """Return the name of a council without "City of", "Borough Council" and the like."""
    return _COUNCIL_BEFORE.sub("", _COUNCIL_BEHIND.sub("", key), count=1)


@functools.cache
def authorities_in(place: Area) -> tuple[Area, ...]:
    """Return the authorities of today in England, a region or a group; an authority is its own."""
    # The register does not say which boroughs are in Inner and Outer London: they have none.
    if place.level == "authority":
        return (place,)
    if place.members:
        return tuple(area(code) for code in place.members)
    current = (each for each in register() if each.level == "authority" and each.until is None)
    return tuple(each for each in current if place.code in (ENGLAND, each.region_code))


def without_groups(places: Iterable[Area]) -> tuple[Area, ...]:
    """Return areas with its authorities in place of each combined authority, each once."""
    inside = (authorities_in(each) if each.members else (each,) for each in places)
    return tuple(dict.fromkeys(one for each in inside for one in each))


def check_authorities(places: Iterable[Area], what: str) -> None:
    """Reject places that are not authorities of today, and say what to name instead."""
    found = list(places)
    wrong = [each for each in found if each.level != "authority" or each.until is not None]
    if found and not wrong:
        return
    advice = "".join(
        f" {each.name} ended in {each.until}; name {some(area(code).name for code in after)}."
        for each in wrong
        if (after := each.successors)
    )
    advice += "".join(
        f" {each.name} is a {each.level}; name one of its authorities, such as "
        f"{area(each.members[0]).name}."
        for each in wrong
        if each.members
    )
    raise UsageError(
        f"{what} is for current upper-tier authorities only; found "
        f"{some(each.name for each in wrong)}.{advice or ' Name for example Bolton.'}"
    )


@functools.cache
def district_codes(place: str | int | Area) -> frozenset[str]:
    """Return the codes under which the small areas of a place are filed by district."""
    # ONS and MHCLG list LSOAs and wards by lower-tier district. ``districts.csv`` has the districts
    # of counties since 2011 (ONS, June 2026); every other authority is its own district.
    found = area(place)
    if found.level != "authority":
        return frozenset(found.codes).union(*map(district_codes, authorities_in(found)))
    below = {row["code"] for row in _rows("districts.csv") if row["authority_code"] == found.code}
    # Bournemouth and Poole were authorities and became parts of a new one.
    before = {
        code for each in register() if each.successors == (found.code,) for code in each.codes
    }
    return frozenset({*found.codes, *below, *before})


@functools.cache
def districts_in_force(place: Area) -> frozenset[str]:
    """Return the codes of the districts of a county in April 2024; none of another authority."""
    # No district of a county has ended or begun since April 2023.
    return frozenset(
        row["code"]
        for row in _rows("districts.csv")
        if row["authority_code"] == place.code and row["in_2024"] == "yes"
    )


def district_named(text: str) -> str | None:
    """Return the code of a lower-tier district by its code or name; None if there is none."""
    code, key = text.strip().upper(), name_key(text)
    return _districts().get(code) or _districts().get(key) or _districts().get(_bare(key))


@functools.cache
def _districts() -> dict[str, str]:
    return {
        key: row["code"]
        for row in _rows("districts.csv")
        for key in (row["code"], name_key(row["name"]))
    }


@functools.cache
def _rows(file: str) -> tuple[dict[str, str], ...]:
    source = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    return tuple(csv.DictReader(source.splitlines()))


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split("|")))


@functools.cache
def _index() -> dict[str, Area]:
    """Map every code, number and normalised name to its area; the first area of a key keeps it."""
    files = (*_rows("areas.csv"), *_rows("groups.csv"))
    aliases = {row["code"]: _parts(row["aliases"]) for row in files}
    index: dict[str, Area] = {}
    for each in register():
        for code in each.codes:
            index.setdefault(code, each)
        if each.dfe_number is not None:
            index.setdefault(str(each.dfe_number), each)
    for each in register():
        index.setdefault(name_key(each.name), each)
    # Shorter forms come after all full names: "London" is the region, not the City.
    for each in register():
        before, comma, after = each.name.partition(",")
        if comma and after.strip().lower() in {"city of", "county of"}:
            index.setdefault(name_key(before), each)
            index.setdefault(name_key(f"{after} {before}"), each)
        if each.name.startswith("City of "):
            index.setdefault(name_key(f"{each.name.removeprefix('City of ')}, City of"), each)
        for alias in aliases[each.code]:
            index.setdefault(name_key(alias), each)
    return index


def _not_found(text: str) -> str:
    key = name_key(text)
    for row in _rows("districts.csv"):
        if text.upper() == row["code"] or key == name_key(row["name"]):
            above = area(row["authority_code"]).name
            hint = f"{row['name']} is a district of {above}. Name the authority, {above}."
            return f"No area is called {text!r}. {hint}"
    names = {known: each.name for known, each in _index().items() if not known[-1].isdigit()}
    near = [known for known in names if key and known.startswith(f"{key} ")]
    near += difflib.get_close_matches(key, names, n=3)
    found = list(dict.fromkeys(names[known] for known in near))[:3]
    if found:
        hint = f" Did you mean {' or '.join(map(repr, found))}?"
    else:
        hint = (
            " Areas are England, its regions, combined authorities and upper-tier authorities, by "
            "name, GSS code (E08000001) or DfE number (350)."
        )
        if re.fullmatch(r"[EWSN]0[57]\d{6}", text.upper()):
            hint = (
                " That is the code of a ward or district; give the upper-tier authority it lies in."
            )
    return f"No area is called {short(text)!r}.{hint}"
