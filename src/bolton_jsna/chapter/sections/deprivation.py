"""The section "Deprivation and referrals"."""

from __future__ import annotations

from typing import Final

from bolton_jsna.chapter.document import Section
from bolton_jsna.chapter.materials import Materials

TITLES: Final = {"deprivation": "Deprivation and referrals"}


def section(given: Materials) -> Section:  # noqa: ARG001
    """Return the section."""
    return Section("deprivation", TITLES["deprivation"], ())
