"""A description: sentences, each with the ids of the rows that it rests on, and these rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal

import pandas as pd

from bolton_jsna.core.errors import clean

Kind = Literal["figure", "benchmark", "region", "all", "usual", "neighbours", "trend", "caution"]
"""What a sentence is about: the figure, what it is compared with, its trend, or a caution."""


@dataclass(frozen=True)
class Sentence:
    """One sentence, or two that belong together.

    Attributes
    ----------
    text : str
        The words.
    rows : tuple of str
        The ids of the rows of :attr:`Description.table` that hold its figures.
    kind : str
        What it is about, such as ``"figure"`` or ``"caution"``.
    """

    text: str
    rows: tuple[str, ...]
    kind: Kind = "figure"


@dataclass(frozen=True, eq=False)
class Description:
    """What a result says, in sentences.

    Attributes
    ----------
    sentences : tuple of Sentence
        The figures with their intervals and comparisons first, cautions last.
    table : DataFrame
        The rows that the sentences rest on, with their ids in the first column, ``id``.

    Examples
    --------
    >>> import bolton_jsna as jsna
    >>> plans = jsna.load_children_in_need("Bolton", indicators="cpp_at_31_march", years=[2025])
    >>> found = jsna.describe(plans)
    >>> found.sentences[0].rows, found.table["count"].tolist()
    (('cpp_at_31_march/E08000001/2025',), [319])
    """

    sentences: tuple[Sentence, ...]
    table: pd.DataFrame = field(repr=False)

    @property
    def text(self) -> str:
        """All sentences, one after the other."""
        return " ".join(each.text for each in self.sentences)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{escape(each.text)}</p>" for each in self.sentences)
        rows = "".join(f"<li>{escape(each)}</li>" for each in self.table["id"])
        return f"{lines}<details><summary>Rows</summary><ul>{rows}</ul></details>"


def described(
    sentences: Iterable[tuple[str, Sequence[str]]],
    cautions: Iterable[tuple[str, Sequence[str]]],
    table: pd.DataFrame,
    *,
    kinds: Iterable[Kind] | None = None,
) -> Description:
    """Return a description; a caution about several rows is given once, with all of them.

    ``kinds`` are what the sentences are about, in turn; by default all are about the figure.
    """
    about: Iterable[Kind] = itertools.repeat("figure") if kinds is None else itertools.cycle(kinds)
    first = [
        Sentence(_ended(clean(text)), tuple(rows), kind)
        for (text, rows), kind in zip(sentences, about, strict=False)
        if text
    ]
    found: dict[str, dict[str, None]] = {}
    for text, rows in cautions:
        if text:
            found.setdefault(_ended(clean(text)), {}).update(dict.fromkeys(rows))
    last = [Sentence(text, tuple(rows), "caution") for text, rows in found.items()]
    return Description((*first, *last), table)


def _ended(text: str) -> str:
    """Return a text that ends as a sentence."""
    return text if text.endswith((".", "?", "!")) else f"{text}."
