"""The sources of a printed map in one line; their whole text is in the notes next to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_LICENCE: Final = "Open Government Licence v3.0"
_OGL: Final = r"(?:Open Government Licen[cs]e|OGL)\s*v?\.?\s*3(?:\.0)?"
_LICENSED: Final = re.compile(
    rf"(?:,?\s*(?:Contains public sector information\s+)?licensed under the\s+|,?\s*){_OGL}",
    re.IGNORECASE,
)
_SENTENCES: Final = re.compile(r"(?<=[.;])\s+(?=[A-Z])")
_SHORT: Final = {
    "Office for National Statistics": "ONS",
    "Department for Education": "DfE",
    "Ministry of Housing, Communities and Local Government": "MHCLG",
    "Office for Health Improvement and Disparities": "OHID",
    "Ordnance Survey": "OS",
}


def source_line(sources: Sequence[str]) -> str:
    """Return sources in one line: publishers, copyright, licence once; other words as given."""
    publishers: list[str] = []
    others: list[str] = []
    licensed = several = False
    for source in sources:
        text, found = _LICENSED.subn("", " ".join(source.split()))
        licensed = licensed or bool(found)
        for sentence in _SENTENCES.split(text):
            part = sentence.strip(" ,;.")
            named = re.match(r"source(s?):\s*(.+)", part, re.IGNORECASE)
            if named:
                several = several or bool(named[1])
                publishers.append(_shorter(named[2]))
            elif part:
                others.append(part)
    parts = [*dict.fromkeys(others), *([_LICENCE] if licensed else [])]
    if publishers:
        listed = list(dict.fromkeys(publishers))
        ending = "s" if several or len(listed) > 1 else ""
        parts.insert(0, f"Source{ending}: {'; '.join(listed)}")
    return " ".join(f"{part}." for part in parts)


def _shorter(name: str) -> str:
    """Return a publisher by its short name, with what it published in brackets."""
    for whole, short in _SHORT.items():
        name = name.replace(whole, short)
    first, comma, rest = name.partition(", ")
    titled = comma and first in _SHORT.values() and not rest.isupper()
    return f"{first} ({rest})" if titled else name
