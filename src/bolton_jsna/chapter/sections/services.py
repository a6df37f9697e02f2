"""The section "Current services in relation to need"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bolton_jsna.chapter.document import Block, Section, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import (
    _parts,
    _services_groups,
    _services_indicators,
    _services_profile,
)
from bolton_jsna.core.commands import refresh_command
from bolton_jsna.core.states import NUMERIC

TITLES: Final = {
    "services": "Current services in relation to need",
    "services_referrals": "Referrals to children's social care",
    "services_referral_groups": "Ages and categories of referrals",
    "services_plans_started": "Child protection plans started",
    "services_plans": "Child protection plans at 31 March",
    "services_plan_groups": "Ages and categories of plans",
    "services_children_in_need": "Children in need at 31 March",
    "services_repeats": "Repeat referrals and repeat plans",
    "services_looked_after": "Children looked after",
    "services_profile": "Profile of all indicators",
}
_INDICATORS: Final = {
    "services_referrals": "referrals",
    "services_plans_started": "cpp_started",
    "services_plans": "cpp_at_31_march",
    "services_children_in_need": "cin_at_31_march",
}
_GROUPS: Final = {
    "services_referrals": ("services_referral_groups", "referrals"),
    "services_plans": ("services_plan_groups", "cpp_at_31_march"),
}


def section(given: Materials) -> Section:
    """Return the section."""
    cautions = _parts.Cautions()
    below = []
    for key, indicator in _INDICATORS.items():
        blocks = _services_indicators.blocks(given, indicator, cautions)
        groups: tuple[Section, ...] = ()
        if key in _GROUPS:
            name, event = _GROUPS[key]
            found = _services_groups.blocks(given, event, cautions)
            groups = (Section(name, TITLES[name], found),)
        below.append(Section(key, TITLES[key], blocks, groups))
    for key, indicators in _services_profile.PARTS.items():
        blocks = _services_profile.described(given, indicators, cautions)
        below.append(Section(key, TITLES[key], blocks))
    below.append(
        Section("services_profile", TITLES["services_profile"], _services_profile.profile(given))
    )
    return Section("services", TITLES["services"], tuple(_lead(given)), tuple(below))


def _lead(given: Materials) -> Iterator[Block]:
    """Return what the section shows, and what it cannot be compared with."""
    name = given.place.name
    yield paragraph(
        f"This section shows how many children of {name} use children's social care, and how that "
        "compares with England, the region and areas like it. Use of services is not the same as "
        "need: it also depends on practice, on thresholds and on how work is recorded."
    )
    if "neighbours" in given.missing:
        start = f"{name} is not compared with statistical neighbours."
        yield _parts.missing(f"{start} {given.missing['neighbours']}")
    rates = _parts.rows_of(given, "rates_by_year")
    if rates is not None and not rates["england_status"].isin(NUMERIC).any():
        command = refresh_command(["children_in_need"], ["England"])
        yield _parts.missing(
            f"There are no figures of England, so {name} is not compared with it. To fetch them: "
            f"{command}"
        )
