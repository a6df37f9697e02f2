"""The section "The level of need in the population"."""

from __future__ import annotations

from typing import Final

from bolton_jsna.chapter.document import Section, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _need_children, _need_deprivation, _need_wards

TITLES: Final = {
    "need": "The level of need in the population",
    "need_children": "Children now and in the years ahead",
    "need_wards": "Children and deprivation by ward",
    "need_deprivation": "Deprivation and its change",
}


def section(given: Materials) -> Section:
    """Return the section."""
    lead = paragraph(
        f"This section shows how many children live in {given.place.name}, how their number may "
        "change, and how many of them live with deprivation. These figures are about all children. "
        "They do not show which child needs help."
    )
    parts = {
        "need_children": _need_children.blocks(given),
        "need_wards": _need_wards.blocks(given),
        "need_deprivation": _need_deprivation.blocks(given),
    }
    below = tuple(Section(key, TITLES[key], blocks) for key, blocks in parts.items())
    return Section("need", TITLES["need"], (lead,), below)
