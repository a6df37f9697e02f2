"""The section "Method and glossary"."""

from __future__ import annotations

from typing import Final

from bolton_jsna.chapter.document import Section
from bolton_jsna.chapter.materials import Materials

TITLES: Final = {"method": "Method and glossary"}


def section(given: Materials) -> Section:  # noqa: ARG001
    """Return the section."""
    return Section("method", TITLES["method"], ())
