"""The section "At a glance"."""

from __future__ import annotations

from typing import Final

from bolton_jsna.chapter.document import Section
from bolton_jsna.chapter.materials import Materials

TITLES: Final = {"summary": "At a glance"}


def section(given: Materials) -> Section:  # noqa: ARG001
    """Return the section."""
    return Section("summary", TITLES["summary"], ())
