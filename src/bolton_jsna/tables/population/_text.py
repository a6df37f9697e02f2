"""Turn the text of a published table of populations into labels, years and figures."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NoReturn

from bolton_jsna.core.age_bands import OPEN, read_band, written
from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.tables import _files, _markers

if TYPE_CHECKING:
    import pandas as pd

_LARGE: Final = 10_000
"""Cells from which on text is turned into numbers by Arrow, which is faster."""

WORDS: Final = tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text("utf-8"))
"""Words and codes of the publishers."""

SEXES: Final = {word: sex for sex, words in WORDS["sexes"].items() for word in words}
"""The sex that each word of publishers means."""


def age_label(text: str) -> str | None:
    """Return the label of a published age or age band, or None for other text."""
    words = _files.heading(text).replace("_", " ")
    if words in {"all ages", "total", "all", "total population"}:
        return "all"
    ages = read_band(words)
    if ages is None or ages[0] > ages[1]:
        return None
    # 90 stands for 90 and over in the codes of Nomis.
    return written((90, OPEN) if ages == (90, 90) else ages)


def column(frame: pd.DataFrame, pattern: re.Pattern[str] | str, *, name: str) -> str:
    """Return the first heading that matches a whole pattern."""
    found: str | None = next((each for each in frame.columns if re.fullmatch(pattern, each)), None)
    return found or _no_column(frame, re.compile(pattern).pattern, name=name)


def first(frame: pd.DataFrame, headings: Sequence[str], *, name: str) -> str:
    """Return the first of some headings that a frame has."""
    found = next((each for each in headings if each in frame.columns), None)
    return found or _no_column(frame, "|".join(headings), name=name)


def _no_column(frame: pd.DataFrame, wanted: str, *, name: str) -> NoReturn:
    raise SchemaError(
        f"{name!r} has no column {wanted.replace('|', ' or ')!r}. It has "
        f"{some(frame.columns, most=12, like=wanted.split('|'))}. Download the whole table, "
        "or keep this column when selecting."
    )


def years(texts: pd.Series, *, name: str) -> Any:
    """Return the mid-years of a column as whole numbers."""
    import pandas as pd

    found = texts.str.extract(r"^((?:19|20)[0-9]{2})(?:[^0-9]|$)", expand=False)
    if found.isna().any():
        raise SchemaError(
            f"{name!r}: column {texts.name!r} has "
            f"{some(map(repr, texts[found.isna()].unique()))}; expected a mid-year such as 2024."
        )
    return pd.to_numeric(found).to_numpy(dtype="int64")


def age_meanings(texts: pd.Series, *, name: str) -> dict[str, str]:
    """Return the label of each age that a column holds."""
    meanings = {text: age_label(text) for text in texts.unique()}
    unknown = [text for text, label in meanings.items() if label is None]
    if unknown:
        raise SchemaError(
            f"{name!r}: ages {some(map(repr, unknown))} are not known. Expected single years "
            "('0' to '89', '90 and over'), bands ('0-4', 'Aged 0 to 15') or 'All ages'."
        )
    return {text: label for text, label in meanings.items() if label}


def category(texts: pd.Series, meaning: Mapping[str, str] | None, *, name: str) -> pd.Categorical:
    """Return texts as categories, translated once per category instead of once per row."""
    import pandas as pd

    codes, found = pd.factorize(texts)
    if meaning is not None:
        unknown = [text for text in found if text not in meaning]
        if unknown:
            raise SchemaError(
                f"{name!r}: column {texts.name!r} has {some(map(repr, unknown))}. Expected "
                f"{some(map(repr, meaning), most=12)}."
            )
        found = [meaning[text] for text in found]
    again, kept = pd.factorize(pd.Series(found, dtype=object))
    return pd.Categorical.from_codes(again[codes] if len(kept) else codes, categories=kept)


def figures(frame: pd.DataFrame, *, name: str) -> tuple[Any, Any]:
    """Return the numbers and states of a block of text, row by row."""
    import numpy as np
    import pandas as pd

    try:
        values = _floats(frame).ravel()
    except ValueError:
        where = ", ".join(map(str, frame.columns[:1])) + (" ..." if frame.shape[1] > 1 else "")
        block = frame.to_numpy(dtype=object)
        value, status = _markers.numbers(
            pd.Series(block.ravel(), dtype=object), column=where, name=name
        )
        return value.to_numpy(dtype=float), pd.Categorical(status)
    if not np.isfinite(values).all():
        raise SchemaError(f"{name!r} has figures that are not finite. Correct these cells.")
    return values, pd.Categorical.from_codes(np.zeros(len(values), dtype="int8"), ["value"])


def _floats(frame: pd.DataFrame) -> Any:
    """Return a block of text as numbers; a ValueError where one is not."""
    if frame.size < _LARGE:
        return frame.to_numpy(dtype=object).astype(float)
    import numpy as np
    import pyarrow as pa

    found = np.empty(frame.shape, dtype=float)
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place].to_numpy(dtype=object)
        # What Arrow does not read as a number, such as "+5", Python may.
        try:
            found[:, place] = pa.array(column, type=pa.string()).cast(pa.float64())
        except pa.ArrowInvalid:
            found[:, place] = column.astype(float)
    return found
