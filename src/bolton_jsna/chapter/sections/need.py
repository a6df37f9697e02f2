"""The section "The level of need in the population"."""

from __future__ import annotations

from typing import Final

from bolton_jsna.chapter.document import Section
from bolton_jsna.chapter.materials import Materials

TITLES: Final = {"need": "The level of need in the population"}


def section(given: Materials) -> Section:  # noqa: ARG001
    """Return the section."""
    return Section("need", TITLES["need"], ())
