"""The section "What the figures cannot say"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bolton_jsna.chapter.document import Block, Bullets, Section, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _parts

TITLES: Final = {
    "limits": "What the figures cannot say",
    "limits_build": "Notes on these figures",
}
_FACTS: Final = (
    "Use of services is not need. A referral is a request for help that somebody made and somebody "
    "wrote down. Children who need help and are not seen are in no figure.",
    "Authorities record referrals in different ways: what is a referral in one is a contact in "
    "another. A low rate is not by itself good, and a high rate is not by itself bad.",
    "The figures show what differs, not why. They cannot show whether a service works.",
    "Figures of small areas and small groups move from year to year by chance. One year alone says "
    "little about a ward.",
    "Publishers revise figures. Those of this chapter are of the editions that the last section "
    "names.",
)
_WARDS: Final = (
    "Wards are not families. A deprived ward has families that are not deprived, and the figure of "
    "a ward shows nothing about any one family in it."
)
_HIDDEN: Final = (
    "A hidden figure can be small, or hidden to protect a small one. Do not read it as zero, and "
    "do not work it out from other figures."
)
_ONE_EDITION: Final = "Deprivation is that of IDACI"
"""How the note of a build begins that has one edition of the index."""
_PROJECTED: Final = (
    "A projection shows what follows if rates stay as they are. It does not say that they will."
)


def section(given: Materials) -> Section:
    """Return the section."""
    key = "limits"
    items = [*_FACTS, *_of_these(given)]
    below: tuple[Section, ...] = ()
    if noted := list(_notes(given)):
        notes = Bullets(tuple(paragraph(each, role="note") for each in noted))
        below = (Section("limits_build", TITLES["limits_build"], (notes,)),)
    blocks: tuple[Block, ...] = (Bullets(tuple(paragraph(each) for each in items)),)
    return Section(key, TITLES[key], blocks, below)


def _of_these(given: Materials) -> Iterator[str]:
    """Return what only applies to figures that this chapter has."""
    wards = given.tables.get("ward_profile")
    if wards is not None and "referrals_rate" in wards.columns:
        yield _WARDS
    if _parts.hides(given):
        yield _HIDDEN
    demand = given.tables.get("projected_demand")
    if demand is not None and (demand["status"] == "modelled").any():
        yield _PROJECTED


def _notes(given: Materials) -> Iterator[str]:
    """Return the notes of the build that no other section has in the same words."""
    editions = given.tables.get("deprivation_by_edition")
    several = editions is not None and editions["edition"].nunique() > 1
    for each in dict.fromkeys(given.notes):
        # The chapter compares shares of two editions, and has its own caution on that.
        if each != given.rule and not (several and each.startswith(_ONE_EDITION)):
            yield each
