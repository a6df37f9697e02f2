"""The section "What the figures cannot say"."""

from __future__ import annotations

from typing import Final

from bolton_jsna.chapter.document import Section
from bolton_jsna.chapter.materials import Materials

TITLES: Final = {"limits": "What the figures cannot say"}


def section(given: Materials) -> Section:  # noqa: ARG001
    """Return the section."""
    return Section("limits", TITLES["limits"], ())
