"""The whole chapter: its sections in order, with the text of the authors in its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat
from types import ModuleType
from typing import Final

from bolton_jsna.chapter.document import Block, Document, Section
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import (
    demand,
    deprivation,
    limits,
    method,
    need,
    services,
    sources,
    summary,
)

_MODULES: Final = (summary, need, services, deprivation, demand, limits, method, sources)
TITLES: Final[dict[str, str]] = {
    key: title for module in _MODULES for key, title in module.TITLES.items()
}
"""The sections and their parts, by key: where text of the authors can go."""
PARTS: Final[dict[str, tuple[str, ...]]] = {
    title: tuple(parts) for title, *parts in (each.TITLES.values() for each in _MODULES)
}
"""The titles of the parts of each section, by its title."""


def document_of(given: Materials) -> Document:
    """Return the chapter from what a build made."""
    sections = [_with_own(each, given) for each in map(_with_places, _MODULES, repeat(given))]
    at = _MODULES.index(limits)
    title = f"Safeguarding children in {given.place.name}"
    return Document(
        title=f"{given.mark}: {title}" if given.mark else title,
        subtitle="Joint Strategic Needs Assessment chapter",
        subject="Needs of children for safeguarding, services and projected use",
        author=f"{given.place.name} JSNA",
        dated=given.dated,
        version=given.version,
        sections=(*sections[:at], *given.own_text.others, *sections[at:]),
        mark=given.mark,
        illustrative=given.illustrative,
    )


def _with_places(module: ModuleType, given: Materials) -> Section:
    """Return a section; a part that has no figures is there if the authors wrote text for it."""
    section: Section = module.section(given)
    there = set(_keys(section))
    own = {*given.own_text.sections, *given.own_text.parts}
    lost = [key for key in module.TITLES if key in own and key not in there]
    parts = (*section.sections, *(Section(key, TITLES[key], ()) for key in lost))
    return replace(section, sections=parts)


def _keys(section: Section) -> Iterator[str]:
    yield section.key
    for each in section.sections:
        yield from _keys(each)


def _with_own(section: Section, given: Materials) -> Section:
    """Return a section with the text of the authors before its figures, and their parts last."""
    own: tuple[Block, ...] = given.own_text.sections.get(section.key, ())
    below = [_with_own(each, given) for each in section.sections]
    below += given.own_text.parts.get(section.key, ())
    return replace(section, blocks=(*own, *section.blocks), sections=tuple(below))
