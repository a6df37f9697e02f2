"""The schema of a release file: each name, type, range and code that a build writes, and no more.

The mark of a release shows a change, but anyone can work out the mark of other contents. So the
contents are checked too before they are used.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import re
from typing import Any, Final

from bolton_jsna.building._group_counts import AGES_2012
from bolton_jsna.building._local_counts import BY_WARD, GROUPS, LOCAL_EVENTS
from bolton_jsna.core.naming import is_label
from bolton_jsna.core.untrusted import UntrustedError
from bolton_jsna.disclosure.rules import RULES, SuppressionRule
from bolton_jsna.measures.event_dimensions import ALL, ELSEWHERE

NUMBERS: Final = ("count", "at_least", "at_most")
"""The columns of counts of a release."""

_KEYS: Final = {"what", "finished", "rule", "tables", "wards"}
_TABLES: Final = {BY_WARD: "area_code"} | {
    f"{group} x year": group for group in (*GROUPS, AGES_2012)
}
_YEARS: Final = range(1900, 2101)
_MOST: Final = 10**12
_WARD: Final = re.compile(r"[EW]05[0-9]{6}")
_LSOA: Final = re.compile(r"[EW]01[0-9]{6}")
_RULES: Final = tuple(each.name for each in RULES.values())
_OWN: Final = "own rule: "
"""The start of the name of a rule that is not one of the library's."""


def rule_name(rule: SuppressionRule) -> str:
    """Return the name of a build's rule in a release; a rule of your own with what it hides."""
    if rule in RULES.values():
        return rule.name
    mark = hashlib.sha256(repr(dataclasses.astuple(rule)).encode()).hexdigest()[:8]
    return f"{rule.name[:150]} ({rule.least} to {rule.threshold}, {mark})"


def rule_written(name: str) -> str:
    """Return the name of a rule in a release file, with a mark if it is not the library's."""
    return name if name in _RULES else f"{_OWN}{name}"


def rule_read(written: str) -> str:
    """Return the name of a rule from its name in a release file."""
    return written.removeprefix(_OWN)


def check_facts(facts: Any) -> None:
    """Check that a release file has only what a build writes."""
    if not isinstance(facts, dict) or set(facts) != _KEYS:
        raise UntrustedError("its names are not what, finished, rule, tables and wards")
    if not isinstance(facts["what"], str):
        raise UntrustedError("its note is not a text")
    rule = facts["rule"]
    if (
        not isinstance(rule, str)
        or not is_label(rule_read(rule))
        or rule != rule_written(rule_read(rule))
    ):
        raise UntrustedError("its rule is not the name of a rule that a build writes")
    wards = _table(facts["wards"], "its wards are not a table of LSOAs and wards")
    if not all(map(_LSOA.fullmatch, wards)) or not all(
        isinstance(ward, str) and _WARD.fullmatch(ward) for ward in wards.values()
    ):
        raise UntrustedError("its wards hold a code that is not one of an LSOA or a ward")
    events = _table(facts["tables"], "it has no tables")
    if not set(events) <= set(LOCAL_EVENTS):
        raise UntrustedError(f"its events are not among {', '.join(LOCAL_EVENTS)}")
    for tables in events.values():
        linked = _table(tables, "an event has no tables")
        if BY_WARD not in linked or not set(linked) <= set(_TABLES):
            raise UntrustedError("its tables are not those by ward and by group of children")
        for name, columns in linked.items():
            _check_table(_TABLES[name], columns, set(wards.values()))


def moment_of(facts: dict[str, Any]) -> dt.datetime:
    """Return when a release was written, which must be a moment in UTC."""
    found = None
    with contextlib.suppress(TypeError, ValueError):
        found = dt.datetime.fromisoformat(facts["finished"])
    if found is None or found.utcoffset() != dt.timedelta(0):
        raise UntrustedError("its moment is not one in UTC")
    return found


def _check_table(dimension: str, columns: Any, wards: set[str]) -> None:
    needed = {dimension, "year", *NUMBERS}
    if not isinstance(columns, dict) or set(columns) - {"as_of"} != needed:
        raise UntrustedError("a table does not have the columns that a build writes")
    lists = list(columns.values())
    if not all(isinstance(each, list) for each in lists) or len(set(map(len, lists))) != 1:
        raise UntrustedError("the columns of a table are not lists of one length")
    places, years = columns[dimension], columns["year"]
    if not all(map(_label, places)):
        raise UntrustedError("the name of a row is not one line of text of at most 200 characters")
    if dimension == "area_code" and not set(places) <= wards | {ALL, ELSEWHERE}:
        raise UntrustedError("a table by ward names a ward that is not among its wards")
    if not all(type(year) is int and year in _YEARS for year in years):
        raise UntrustedError(f"a year is not one from {_YEARS[0]} to {_YEARS[-1]}")
    keys = set(zip(places, years, strict=True))
    if not keys or len(keys) < len(years) or not {(ALL, year) for year in years} <= keys:
        raise UntrustedError("a table does not have each row once, and a total of each year")
    if not all(each is None or _day(each) for each in columns.get("as_of", [])):
        raise UntrustedError("the day of earlier figures is not a date")
    for numbers in zip(*(columns[name] for name in NUMBERS), strict=True):
        _check_numbers(*numbers)


def _check_numbers(count: Any, least: Any, most: Any) -> None:
    for number in (count, least, most):
        if number is not None and not (type(number) is int and 0 <= number <= _MOST):
            raise UntrustedError(f"a count is not a whole number from 0 to {_MOST:,}, or null")
    if count is None:
        if most is not None or least not in (None, 0):
            raise UntrustedError("a hidden count has limits")
    elif least is None or most is None or least > most:
        raise UntrustedError("a count that is shown has no limits, or the wrong way round")


def _day(text: Any) -> bool:
    return isinstance(text, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None


def _label(text: Any) -> bool:
    return isinstance(text, str) and is_label(text)


def _table(given: Any, why: str) -> dict[str, Any]:
    if not isinstance(given, dict) or not given:
        raise UntrustedError(why)
    return given
