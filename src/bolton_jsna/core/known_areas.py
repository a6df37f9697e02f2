"""Areas that are known by code and name, and what a cell of a table means among them.

Names may differ in case, blanks, punctuation, accents, "&" or "and", "St" or "Saint", and may have
"Ward" or the name of their authority. Nothing else is matched: a near name is only suggested.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from bolton_jsna.core import areas
from bolton_jsna.core.area_codes import level_of
from bolton_jsna.core.naming import name_key, trimmed

BY_CODE, BY_NAME, BY_SPELLING, NOT_MATCHED = "code", "name", "spelling", "not matched"
"""How a row was matched: its code, the name as it is, the name in another spelling, or not."""

_CODE: Final = re.compile(r"[A-Z]\d{8}")
_PARTED: Final = r"[-\u2010-\u2015:,/|(\[]"


@dataclass(frozen=True)
class KnownAreas:
    """The areas that rows can be matched to: codes, names, codes of their authorities.

    ``what`` is what has them, such as "the boundaries"; ``years`` the first and last year that they
    are known to be of, if any; ``read`` keeps what cells were found to mean.
    """

    codes: tuple[Any, ...]
    names: tuple[Any, ...]
    authorities: tuple[Any, ...]
    what: str
    years: tuple[int, int] | None = None
    read: dict[Any, tuple[list[Any], str]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        table: pd.DataFrame,
        what: str,
        *,
        columns: tuple[str, str, str] = ("area_code", "area_name", "authority_code"),
    ) -> KnownAreas:
        """Return the areas of a table: boundaries, or the small areas of a lookup."""
        rows = table.drop_duplicates(columns[0])
        codes, names, owners = (
            tuple(rows[each].astype(object) if each in rows.columns else [None] * len(rows))
            for each in columns
        )
        return cls(codes, names, owners, what, _years(rows))

    @functools.cached_property
    def levels(self) -> frozenset[str]:
        """The levels of the areas, by their codes."""
        return frozenset(filter(None, (level_of(code) for code in self.codes if is_code(code))))

    @functools.cached_property
    def by_code(self) -> dict[Any, Any]:
        """The name of each code."""
        return dict(zip(self.codes, self.names, strict=True))

    @functools.cached_property
    def by_key(self) -> dict[tuple[str | None, str], list[Any]]:
        """The codes of each name as it is compared: in all authorities (None) and in each."""
        found: dict[tuple[str | None, str], list[Any]] = {}
        for code, name, owner in zip(self.codes, self.names, self.authorities, strict=True):
            if isinstance(name, str) and (key := _key(name)):
                for within in dict.fromkeys((None, _authority(owner))):
                    found.setdefault((within, key), []).append(code)
        return found

    def named(self, text: str) -> list[Any]:
        """Return the codes of the areas that a name may mean: none, one, or several."""
        keys = [(None, _key(text)), *((within, _key(rest)) for within, rest in _qualified(text))]
        return list(dict.fromkeys(code for key in keys for code in self.by_key.get(key, [])))

    def found(self, value: Any) -> tuple[list[Any], str]:
        """Return the codes that a cell may mean, and how they were found."""
        if value not in self.read:
            self.read[value] = self._found(value)
        return self.read[value]

    def code_of(self, value: Any) -> Any:
        """Return the code that a cell is, in capitals and without blanks; None for a name."""
        if value in self.by_code or not isinstance(value, str):
            return value if value in self.by_code else None
        text = trimmed(value)
        return next((each for each in (text, text.upper()) if each in self.by_code), None)

    def _found(self, value: Any) -> tuple[list[Any], str]:
        code = self.code_of(value)
        if code is not None:
            return [code], BY_CODE
        if not isinstance(value, str):
            return [], NOT_MATCHED
        text = trimmed(value)
        codes = self.named(text) or self._coded(text)
        if not codes:
            return [], NOT_MATCHED
        return codes, BY_NAME if self.by_code[codes[0]] == text else BY_SPELLING

    def _coded(self, text: str) -> list[Any]:
        """Return the areas of a text such as "E05014833 : Rumworth": code and name together."""
        parts = re.split(rf"({_CODE.pattern})", text)
        if len(parts) != 3 or parts[1] not in self.by_code:
            return []
        rest = name_key(parts[0] + parts[2])
        return list({parts[1]: None, **dict.fromkeys(self.named(rest))}) if rest else [parts[1]]

    def near(self, text: str) -> list[str]:
        """Return the names most like one that was not matched, to suggest and not to use."""
        keys = {_key(name): name for name in self.names if isinstance(name, str)}
        rest = [part for _, part in _qualified(text)]
        close = difflib.get_close_matches(_key(rest[0] if rest else text), keys, n=2)
        return [keys[each] for each in close]


def _years(table: pd.DataFrame) -> tuple[int, int] | None:
    """Return the first and last year of boundaries, or of the small areas of a lookup."""
    if "from_geography" in table.columns:
        year = re.search(r"\d\d$", str(table["from_geography"].iloc[0])) if len(table) else None
        return (2000 + int(year[0]),) * 2 if year else None
    stated = pd.to_numeric(table["year"], errors="coerce") if "year" in table.columns else None
    if stated is None or not stated.notna().any():
        return None
    # Areas read as of a later year than their file are the same areas in both.
    files = table["source"].astype(object) if "source" in table.columns else ()
    filed = [int(found[1]) for each in files if (found := re.search(r"@(\d{4})$", str(each)))]
    first, last = int(stated.min()), int(stated.max())
    return min([first, *filed]), max([last, *filed])


def is_code(text: object) -> bool:
    """Return whether a text has the form of a GSS code of a known level."""
    code = trimmed(text).upper() if isinstance(text, str) else ""
    return bool(_CODE.fullmatch(code)) and level_of(code) is not None


def cell_of(value: Any) -> Any:
    """Return a cell without blanks at its ends, and None for an empty one."""
    if isinstance(value, str):
        return trimmed(value) or None
    if not isinstance(value, Hashable):
        return str(value)
    return None if pd.isna(value) else value


def texts_of(values: pd.Series) -> set[str]:
    """Return the texts of a column."""
    if values.dtype.kind in "iufcbmM":
        return set()
    return {cell for each in values.astype(object) if isinstance(cell := cell_of(each), str)}


@functools.lru_cache(maxsize=10_000)
def _key(name: str) -> str:
    """Return a name as it is compared, without "Ward" at its end."""
    return name_key(name).removesuffix(" ward")


def _qualified(text: str) -> Iterator[tuple[str, str]]:
    """Return authority and name in texts such as "Bolton - Rumworth" and "Rumworth (Bolton)"."""
    for at in re.finditer(_PARTED, text):
        before, after = text[: at.start()], text[at.end() :].rstrip(" )]")
        for owner, rest in ((before, after), (after, before)):
            code = None if owner.strip().isdigit() else _authority(owner)
            if code is not None and rest.strip():
                yield code, rest


@functools.lru_cache(maxsize=1000)
def _authority(place: Any) -> str | None:
    """Return the code of an authority by its name or code; None if there is none."""
    found = areas.find(place) if isinstance(place, str) else None
    return None if found is None else found.code
