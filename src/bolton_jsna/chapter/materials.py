"""What a chapter is made from: the tables of a build as they are published, and its drawings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bolton_jsna.chapter.document import Block, Drawing, Figure, Section
from bolton_jsna.core.areas import Area

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Drawn:
    """A chart or map of a build with its words, before it has a place in the document."""

    title: str
    subtitle: str
    alt: str
    drawing: Drawing = field(repr=False)
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    illustrative: bool = False

    def figure(self, key: str, *, table: str) -> Figure:
        """Return it as a figure of the document whose numbers are in a table."""
        return Figure(
            key=key,
            title=self.title,
            subtitle=self.subtitle,
            alt=self.alt,
            drawing=self.drawing,
            table=table,
            notes=self.notes,
            sources=self.sources,
            illustrative=self.illustrative,
        )


@dataclass(frozen=True, eq=False)
class OwnText:
    """What the authors wrote.

    Attributes
    ----------
    sections : mapping of str to tuple of Block
        What goes below the heading of a section, by its key.
    parts : mapping of str to tuple of Section
        Headings of the authors inside of a section, by its key.
    others : tuple of Section
        Sections of the authors.
    remarks : tuple of str
        Headings that no section has.
    """

    sections: Mapping[str, tuple[Block, ...]] = field(default_factory=dict)
    parts: Mapping[str, tuple[Section, ...]] = field(default_factory=dict)
    others: tuple[Section, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Materials:
    """What the sections of a chapter are made from.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        The tables of the build by name, as ``data/processed/`` has them: small numbers are hidden.
        Nothing of the chapter is from anything else, so it can reveal nothing that they do not.
    drawings : mapping of str to Drawn
        The charts and maps of the build by name, such as ``trend_referrals`` and ``ward_idaci``.
    missing : mapping of str to str
        Why a table or drawing is not there, and how to get it, by its name.
    notes : tuple of str
        What readers of the build must know.
    rule : str
        How small numbers are hidden, in one sentence.
    year : int or None
        Year ending 31 March of the local figures.
    """

    place: Area
    tables: Mapping[str, pd.DataFrame]
    drawings: Mapping[str, Drawn]
    missing: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    rule: str = ""
    year: int | None = None
    illustrative: bool = False
    dated: str = ""
    version: str = ""
    mark: str = ""
    own_text: OwnText = field(default_factory=OwnText)
    ids_shown: bool = False
    """Whether a draft shows the ids behind each sentence."""
