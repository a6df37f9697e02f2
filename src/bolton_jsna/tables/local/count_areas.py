"""The areas of counts that an authority has added up: of one level and one authority."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bolton_jsna.core.area_codes import level_of
from bolton_jsna.core.errors import VintageError, some
from bolton_jsna.tables.local.layouts import key

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.tables.local.counts import LocalCounts

ELSEWHERE: Final = "{level} of another authority or year"
OTHER_LEVEL: Final = "area of another level than the rows used"
NOWHERE: Final = "nowhere: "
"""How the area of a count without a known area begins."""
_COUNTED: Final = {"ward": "ward", "lsoa": "LSOA"}
"""The levels that are counted, and what messages call them."""

NOT_OURS: Final = (OTHER_LEVEL, *(ELSEWHERE.format(level=each) for each in _COUNTED.values()))
"""Why rows of no area of the authority are rejected."""

# ASCII digits only: others, such as a raised 2, are not figures of a table.
_CODE: Final = re.compile(r"[EWSNK][0-9]{8}")
_NOWHERE: Final = re.compile(
    r"(?:ward|lsoa|postcode|address|home)?(?:is)?(?:unknown|notknown|notrecorded|notavailable|nfa|"
    r"notstated|notmatched|unmatched|notallocated|unallocated|unassigned|missing|blank|none|na)"
    r"(?:ward|lsoa|postcode|address|home)?(?:outofarea)?|no(?:known)?(?:ward|lsoa|postcode|address|fixedabode|home)"
)
_WARD: Final = re.compile(r"\bward$", re.IGNORECASE)


def code_of(text: str, names: Mapping[str, str] | None = None) -> str | None:
    """Return the code of an area from its code or name, if it is known."""
    plain = "".join(text.upper().split())
    if _CODE.fullmatch(plain):
        return plain
    if is_nowhere(text):
        return f"{NOWHERE}{key(text)}"
    return (names or {}).get(name_key(text))


def is_nowhere(text: str) -> bool:
    """Return whether the words in a cell mean that the area is unknown."""
    return _NOWHERE.fullmatch(key(text)) is not None


def name_key(text: str) -> str:
    """Return the name of an area in the form in which names are compared."""
    return key(_WARD.sub("", text.strip().replace("&", " and ")))


def names_of(lookup: pd.DataFrame) -> dict[str, str]:
    """Return the codes of wards and small areas by name; names of several areas are left out."""
    codes: dict[str, set[str]] = {}
    for names, of in (("to_name", "to_code"), ("from_name", "from_code")):
        if names in lookup.columns:
            for name, code in lookup[[names, of]].dropna().itertuples(index=False, name=None):
                codes.setdefault(name_key(name), set()).add(code)
    return {name: of.pop() for name, of in codes.items() if len(of) == 1}


def of_place(found: LocalCounts, lookup: pd.DataFrame, place: str) -> LocalCounts:
    """Return the counts of an authority's wards, or of its LSOAs, and reject all other rows."""
    # For each event and year one level is used: the wards if each of them has a row, else the
    # LSOAs. A row for the authority, England or a ward of another council would be added to them.
    import pandas as pd

    counts, rows = found.counts, found.numbers
    own = {"ward": set(lookup["to_code"]), "LSOA": set(lookup["from_code"])}
    code = counts["area_code"].astype(object)
    level = code.map(lambda each: _COUNTED.get(level_of(each) or "", ""))
    nowhere = code.str.startswith(NOWHERE)
    here = nowhere.astype(bool)
    for name, codes in own.items():
        here |= (level == name) & code.isin(codes)
    why = level.map(lambda each: ELSEWHERE.format(level=each) if each else OTHER_LEVEL)
    why = why.where(~here, "")
    for _, group in counts[here].groupby(["event", "year"], dropna=False):
        parts = {name: set(code[group.index][level[group.index] == name]) for name in own}
        if not all(parts.values()):
            continue
        used = "LSOA" if parts["ward"] < own["ward"] and parts["LSOA"] >= own["LSOA"] else "ward"
        other = (level[group.index] != used) & ~nowhere[group.index]
        why.loc[group.index[other]] = OTHER_LEVEL
    good = why == ""
    if len(counts) and not (good & ~nowhere).any():
        raise _no_area_fits(code, level, lookup, place)
    kept = counts[good].reset_index(drop=True)
    _check_year(kept, code[~here & (level == "LSOA")], own["LSOA"], lookup, place)
    more = pd.DataFrame({"row": rows[~good].to_numpy(), "reason": why[~good].to_numpy()})
    return replace(
        found,
        counts=kept,
        numbers=rows[good].reset_index(drop=True),
        rejects=_joined(pd.concat([found.rejects, more.drop_duplicates()], ignore_index=True)),
    )


def _joined(rejects: pd.DataFrame) -> pd.DataFrame:
    """Return one line for each row, with all its reasons."""
    if not rejects["row"].duplicated().any():
        return rejects.sort_values("row", kind="stable", ignore_index=True)
    return rejects.groupby("row", as_index=False)["reason"].agg("; ".join).astype({"row": "int64"})


def _no_area_fits(
    code: pd.Series, level: pd.Series, lookup: pd.DataFrame, place: str
) -> VintageError:
    areas = code[level != ""].unique()
    shown = f" ({some(areas, most=3)})" if len(areas) else ""
    return VintageError(
        f"The local counts have {code.nunique()} areas, but no ward or LSOA of {place}: "
        f"{len(areas)} are wards or LSOAs of another authority or year{shown}. Give counts by "
        f"ward as in {lookup['to_geography'].iloc[0]} or by LSOA as in "
        f"{lookup['from_geography'].iloc[0]}, or name their authority: area= or --area."
    )


def _check_year(
    kept: pd.DataFrame, strange: pd.Series, own: set[str], lookup: pd.DataFrame, place: str
) -> None:
    """Reject LSOAs of another year: those that changed would be lost."""
    there = set(kept["area_code"]) & own
    absent = own - there
    if not (there and absent and len(strange)):
        return
    raise VintageError(
        f"The local counts have {strange.nunique()} LSOAs that are not of {place} in "
        f"{lookup['from_geography'].iloc[0]} ({some(sorted(set(strange)), most=3)}), and no row "
        f"for {len(absent)} that are ({some(sorted(absent), most=3)}). They are of another year or "
        "another authority. Give a row for each LSOA of that year, with zero where there are none."
    )
