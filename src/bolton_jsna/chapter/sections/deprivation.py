"""The section "Deprivation and referrals"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bolton_jsna.chapter import ward_deprivation
from bolton_jsna.chapter.document import Block, Section, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _deprivation_fifths, _deprivation_wards, _parts
from bolton_jsna.core.states import NUMERIC
from bolton_jsna.measures.association_text import CAUTION

if TYPE_CHECKING:
    import pandas as pd

TITLES: Final = {
    "deprivation": "Deprivation and referrals",
    "deprivation_wards": "Deprivation and referrals by ward",
    "deprivation_referrals_link": "Referrals and deprivation across wards",
    "deprivation_plans_link": "Child protection plans and deprivation across wards",
}
_LINKS: Final = {"referrals": "deprivation_referrals_link", "plans": "deprivation_plans_link"}
_WHAT: Final = "comparison of wards by deprivation"
_CHANCE: Final = (
    "An interval shows how far chance in the counts could move a figure. It does not show why "
    "wards differ. The number of referrals also depends on who refers, on local services and on "
    "how work is recorded."
)


def section(given: Materials) -> Section:
    """Return the section."""
    key = "deprivation"
    wards = _parts.rows_of(given, "ward_profile")
    by_ward = _parts.rows_of(given, _deprivation_wards.TABLE)
    counted = [] if wards is None else _counted(wards)
    if wards is None or by_ward is None or not counted:
        return Section(key, TITLES[key], (_parts.no_local(given, _WHAT),))
    parts = {}
    if "referrals" in counted:
        parts["deprivation_wards"] = _deprivation_wards.blocks(given, by_ward)
    for name in counted:
        parts[_LINKS[name]] = _deprivation_fifths.blocks(given, wards, by_ward, name)
    below = [Section(each, TITLES[each], blocks) for each, blocks in parts.items()]
    return Section(key, TITLES[key], tuple(_lead(given, counted)), tuple(below))


def _counted(wards: pd.DataFrame) -> list[str]:
    """Return the events that the local records have: not those of which no ward has a count."""
    found = []
    for name in ward_deprivation.TITLES:
        if ward_deprivation.has_figures(wards, name):
            states = set(wards[f"{name}_status"])
            if states & (NUMERIC | {"suppressed"}):
                found.append(name)
    return found


def _lead(given: Materials, counted: list[str]) -> Iterator[Block]:
    """Return what the section shows, and what must not be read from it."""
    whose = "illustrative records" if given.illustrative else "the authority's own records"
    what = "referrals and child protection plans" if len(counted) > 1 else "local figures"
    yield paragraph(
        f"This section shows {what} by ward next to the income deprivation of the families there. "
        f"Nobody publishes counts by ward: these come from {whose}."
    )
    if given.illustrative:
        yield paragraph(
            "The ward figures below are illustrative: they are made up, and only their totals "
            f"agree with the published figures of {given.place.name}. Do not use them for "
            "decisions.",
            role="caution",
        )
    yield paragraph(CAUTION, _CHANCE, role="caution")
    for name in ward_deprivation.TITLES:
        if name not in counted:
            title = ward_deprivation.TITLES[name].lower()
            yield _parts.missing(
                f"The local records have no {title} by ward, so these are not shown. To show them, "
                "give an extract that has them"
            )
