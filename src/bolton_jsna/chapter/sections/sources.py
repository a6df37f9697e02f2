"""The section "Sources and licences"."""

from __future__ import annotations

from typing import Final

from bolton_jsna.chapter.document import Section
from bolton_jsna.chapter.materials import Materials

TITLES: Final = {"sources": "Sources and licences"}


def section(given: Materials) -> Section:  # noqa: ARG001
    """Return the section."""
    return Section("sources", TITLES["sources"], ())
