"""From the text of a published table of populations to labels, years and figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.core.errors import SchemaError, some
from bolton_jsna.tables import _files, _markers

if TYPE_CHECKING:
    import pandas as pd

SEXES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("persons", "person", "total", "all", "all persons", "both", "p"), "persons"),
    **dict.fromkeys(("female", "females", "f"), "females"),
    **dict.fromkeys(("male", "males", "m"), "males"),
}
"""The words for a sex that publishers use."""


def age_label(text: str) -> str | None:
    """Return the label of an age or age band as published, or None if it is neither."""
    words = _files.heading(text).replace("_", " ")
    if words in {"all ages", "total", "all", "total population"}:
        return "all"
    words = re.sub(r"^(?:children )?aged? |(?: years?)$", "", words)
    found = re.fullmatch(
        r"([0-9]{1,3})(?: ?(?:-|to) ?([0-9]{1,3})|( ?\+| and over| or over| years and over))?",
        words,
    )
    if found is None:
        return None
    low, high, over = found.groups()
    if over or (high is None and int(low) == 90):
        return f"{int(low)}+"
    return f"{int(low)}-{int(high)}" if high else str(int(low))


def column(frame: pd.DataFrame, pattern: re.Pattern[str] | str, *, name: str) -> str:
    """Return the first heading that matches a pattern whole."""
    found: str | None = next((each for each in frame.columns if re.fullmatch(pattern, each)), None)
    if found is None:
        wanted = pattern if isinstance(pattern, str) else pattern.pattern
        wanted = wanted.replace("|", " or ")
        raise SchemaError(
            f"{name!r} has no column {wanted!r}. It has {some(frame.columns, most=12)}. "
            "Download the whole table, or keep this column when selecting."
        )
    return found


def years(texts: pd.Series, *, name: str) -> Any:
    """Return the mid-years of a column as whole numbers."""
    import pandas as pd

    found = texts.str.extract(r"^((?:19|20)[0-9]{2})(?:[^0-9]|$)", expand=False)
    if found.isna().any():
        raise SchemaError(
            f"{name!r}: column {texts.name!r} holds "
            f"{some(map(repr, texts[found.isna()].unique()))}; expected a mid-year such as 2024."
        )
    return pd.to_numeric(found).to_numpy(dtype="int64")


def age_meanings(texts: pd.Series, *, name: str) -> dict[str, str]:
    """Return the label of each age that a column holds."""
    meanings = {text: age_label(text) for text in texts.unique()}
    unknown = [text for text, label in meanings.items() if label is None]
    if unknown:
        raise SchemaError(
            f"{name!r}: ages {some(map(repr, unknown))} are not understood. Expected single years "
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
                f"{name!r}: column {texts.name!r} holds {some(map(repr, unknown))}. Expected "
                f"{some(map(repr, meaning), most=12)}."
            )
        found = [meaning[text] for text in found]
    again, kept = pd.factorize(pd.Series(found, dtype=object))
    return pd.Categorical.from_codes(again[codes] if len(kept) else codes, categories=kept)


def figures(frame: pd.DataFrame, *, name: str) -> tuple[Any, Any]:
    """Return the numbers and states of a block of text, row by row."""
    import numpy as np
    import pandas as pd

    block = frame.to_numpy(dtype=object)
    try:
        values = block.astype(float).ravel()
    except ValueError:
        where = ", ".join(map(str, frame.columns[:1])) + (" ..." if frame.shape[1] > 1 else "")
        value, status = _markers.numbers(
            pd.Series(block.ravel(), dtype=object), column=where, name=name
        )
        return value.to_numpy(dtype=float), pd.Categorical(status)
    if not np.isfinite(values).all():
        raise SchemaError(f"{name!r} holds figures that are not finite. Look at these cells.")
    return values, pd.Categorical.from_codes(np.zeros(len(values), dtype="int8"), ["value"])
