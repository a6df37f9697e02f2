"""The section "Current services in relation to need"."""

from __future__ import annotations

from typing import Final

from bolton_jsna.chapter.document import Section
from bolton_jsna.chapter.materials import Materials

TITLES: Final = {"services": "Current services in relation to need"}


def section(given: Materials) -> Section:  # noqa: ARG001
    """Return the section."""
    return Section("services", TITLES["services"], ())
