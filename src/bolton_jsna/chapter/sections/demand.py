"""The section "Projected use of services"."""

from __future__ import annotations

from typing import Final

from bolton_jsna.chapter.document import Section
from bolton_jsna.chapter.materials import Materials

TITLES: Final = {"demand": "Projected use of services"}


def section(given: Materials) -> Section:  # noqa: ARG001
    """Return the section."""
    return Section("demand", TITLES["demand"], ())
