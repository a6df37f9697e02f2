"""Tidy tables and their schemas: column types, bounds, allowed values and keys.

The columns of every table, with their units, are listed in ``schemas.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, Literal

from bolton_jsna.core.errors import SchemaError, choice, short, some
from bolton_jsna.core.table_checks import check_table
from bolton_jsna.tables._row_numbers import repeated

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = [
    "BOUNDARY_COLUMNS",
    "SCHEMAS",
    "Column",
    "Schema",
    "check",
    "conform",
    "text_dtype",
    "typed",
]

Kind = Literal["text", "whole", "number", "flag", "date"]

_PIECE: Final = 2**16

_WORDS: Final = {
    "text": "text",
    "whole": "whole numbers",
    "number": "numbers",
    "flag": "true or false",
    "date": "dates",
}


@dataclass(frozen=True)
class Column:
    """One column of a tidy table.

    Attributes
    ----------
    name : str
        Its name.
    kind : {"text", "whole", "number", "flag", "date"}
        Text, whole number (Int64), number (float64), true or false, or a day.
    description : str
        What it holds, with its unit.
    missing : bool
        Whether a cell may be missing.
    minimum, maximum : float or None
        The bounds of a number.
    allowed : tuple of str
        The values a text may take; empty for any.
    pattern : str
        Regular expression that a text must match whole; empty for any.
    """

    name: str
    kind: Kind
    description: str
    missing: bool = False
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True)
class Schema:
    """One tidy table: its columns in order and the key columns that identify a row."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self.columns]


def _read_schemas() -> dict[str, Schema]:
    text = resources.files(__package__).joinpath("schemas.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    found = {}
    for name, table in data["tables"].items():
        described: dict[str, dict[str, Any]] = data["shared"] | table.get("described", {})
        for facts in described.values():
            facts["allowed"] = tuple(facts.get("allowed", ()))
        columns = tuple(Column(each, **described[each]) for each in table["columns"])
        found[name] = Schema(name, table["title"], columns, tuple(table.get("key", ())))
    return found


SCHEMAS: Final = _read_schemas()
"""The tidy tables by name."""

BOUNDARY_COLUMNS: Final = SCHEMAS.pop("boundaries").columns
"""The columns of a boundary table next to ``geometry`` (EPSG:27700, metres)."""


def text_dtype() -> Any:
    """Return the type of a text column: ``str`` in pandas 3, ``object`` before.

    Examples
    --------
    >>> text_dtype() in ("str", object)
    True
    """
    import pandas as pd

    return "str" if int(pd.__version__.split(".")[0]) >= 3 else object


def conform(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return a frame with a table's columns in order, of its types, checked.

    Columns of the schema that may be missing are added empty; columns that the schema does not
    have are rejected.

    Parameters
    ----------
    frame : DataFrame
        Columns named as in the schema, in any order.
    table : str
        The name of a schema.

    Returns
    -------
    DataFrame
        A new frame with a fresh index.

    Raises
    ------
    UsageError
        When the table is unknown.
    SchemaError
        When a column is missing or unknown, a value is out of bounds, or rows repeat.

    Examples
    --------
    >>> import pandas as pd
    >>> conform(pd.DataFrame({"postcode": ["BL1 1AP"]}), "postcodes")
    Traceback (most recent call last):
    bolton_jsna.core.errors.SchemaError: Table 'postcodes' has no column source. It has postcode.
    """
    choice("table", table, SCHEMAS)
    schema = SCHEMAS[table]
    missing = [c.name for c in schema.columns if not c.missing and c.name not in frame.columns]
    if missing:
        raise SchemaError(
            f"Table {table!r} has no column {some(missing, most=20)}. It has "
            f"{some(frame.columns, most=20, like=missing)}."
        )
    unknown = [name for name in frame.columns if name not in schema.names]
    if unknown:
        raise SchemaError(
            f"Table {table!r} has unknown columns: {some(unknown)}. "
            f"Expected {some(schema.names, most=20, like=map(str, unknown))}."
        )
    tidy = _typed(frame, schema.columns, categories=True)
    check(tidy, table)
    return _as_text(tidy)


def typed(frame: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return a frame with the given columns in order and of their types, values unchecked.

    For data of the package itself, whose fingerprints are checked instead; everything else goes
    through :func:`conform`. Columns that the frame does not have are added empty.

    Raises
    ------
    SchemaError
        When a column cannot be read as its type.

    Examples
    --------
    >>> import pandas as pd
    >>> year = typed(pd.DataFrame({"year": [2025]}), (Column("year", "whole", "Year"),))["year"]
    >>> str(year.dtype)
    'Int64'
    """
    return _typed(frame, columns)


def _typed(
    frame: pd.DataFrame, columns: tuple[Column, ...], *, categories: bool = False
) -> pd.DataFrame:
    # With ``categories``, text that is held as categories stays so: it is checked faster.
    import pandas as pd

    data: dict[str, pd.Series] = {}
    for column in columns:
        name = column.name
        values = (
            frame[name].reset_index(drop=True)
            if name in frame.columns
            else pd.Series([None] * len(frame), dtype=object)
        )
        if categories and column.kind == "text" and _is_category(values):
            data[name] = values
            continue
        try:
            data[name] = _cast(values, column.kind)
            continue
        except (TypeError, ValueError, OverflowError):
            # The message of pandas quotes a cell.
            pass
        raise SchemaError(
            f"Column {name!r} holds something other than {_WORDS[column.kind]}. Look at this "
            "column in the file."
        )
    return pd.DataFrame(data, copy=False)


def _is_category(values: pd.Series) -> bool:
    """Return whether text is held as categories."""
    import pandas as pd

    kind = values.dtype
    return isinstance(kind, pd.CategoricalDtype) and all(
        isinstance(each, str) for each in kind.categories
    )


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn categories into text."""
    import pandas as pd

    def text(column: pd.Series) -> pd.Series:
        codes = column.cat.codes.to_numpy()
        return text_of(list(column.cat.categories), codes, text_dtype()).set_axis(column.index)

    named = [each for each in frame.columns if isinstance(frame[each].dtype, pd.CategoricalDtype)]
    return frame.assign(**{each: text(frame[each]) for each in named}) if named else frame


def text_of(words: Sequence[str], codes: np.ndarray, dtype: Any, missing: Any = None) -> pd.Series:
    """Return text by the place of each in a list, -1 if missing: fast for millions of rows.

    Examples
    --------
    >>> import numpy as np
    >>> text_of(["Bolton", "Bury"], np.array([1, 0, -1]), object).tolist()
    ['Bury', 'Bolton', None]
    """
    import pandas as pd

    kinds = pd.Series(words, dtype=dtype)
    gaps = bool((codes < 0).any())
    if len(kinds) == 1 and not gaps and len(codes) > _PIECE:
        # Pieces of a string column share their memory.
        piece = kinds.repeat(_PIECE)
        whole, rest = divmod(len(codes), _PIECE)
        return pd.concat([*[piece] * whole, piece[:rest]], ignore_index=True)
    if dtype == "str":
        return pd.Series(kinds.array.take(codes, allow_fill=gaps), dtype=dtype)
    import numpy as np

    # The place -1 is the last.
    known = np.empty(len(words) + 1, dtype=object)
    known[:-1] = list(words)
    known[-1] = missing
    return pd.Series(known[codes], dtype=dtype)


def _cast(values: pd.Series, kind: Kind) -> pd.Series:
    import pandas as pd

    if kind == "whole":
        return values.astype("Int64")
    if kind == "number":
        return values.astype(float)
    if kind == "flag":
        return values.astype(bool)
    if kind == "date":
        return pd.to_datetime(values).astype("datetime64[ns]")
    dtype = text_dtype()
    if dtype == "str" and values.dtype == dtype:
        return values
    return values.astype(object).where(values.notna(), None).astype(dtype)


def check(frame: pd.DataFrame, table: str) -> None:
    """Check a tidy table against its schema.

    Raises
    ------
    UsageError
        When the table is unknown.
    SchemaError
        With the columns at fault, the first value that was found there and what was expected.
    """
    check_table(frame)
    choice("table", table, SCHEMAS)
    schema = SCHEMAS[table]
    if list(frame.columns) != schema.names:
        raise SchemaError(
            f"Table {table!r} has the columns {some(frame.columns, most=20)}. Expected "
            f"{some(schema.names, most=20)}, in this order."
        )
    faults = [(c.name, *fault) for c in schema.columns for fault in _faults(frame[c.name], c)]
    if schema.key:
        key = list(schema.key)
        again = repeated(frame, key)
        if again is not None:
            values = [", ".join(map(str, row)) for row in frame.loc[again, key].to_numpy().tolist()]
            faults.append((" and ".join(key), "each combination once", values))
    faults = [fault for fault in faults if len(fault[2])]
    if faults:
        columns = some(dict.fromkeys(name for name, _, _ in faults))
        _, expected, wrong = faults[0]
        found = next(iter(wrong))
        found = found.item() if hasattr(found, "item") else found
        cells = sum(len(values) for _, _, values in faults)
        raise SchemaError(
            f"Table {table!r} does not fit its schema in {columns}: found {short(repr(found))}, "
            f"expected {expected} (cells at fault: {cells:,}). Look at these cells in the file."
        )


def _faults(values: pd.Series, column: Column) -> Iterator[tuple[str, Any]]:
    """Yield what a column should hold, with the values that do not fit."""
    import pandas as pd

    of_kind = {
        "whole": pd.api.types.is_integer_dtype,
        "number": pd.api.types.is_float_dtype,
        "flag": pd.api.types.is_bool_dtype,
        "date": pd.api.types.is_datetime64_any_dtype,
    }.get(column.kind)
    if of_kind is not None and not of_kind(values.dtype):
        yield f"a column of {_WORDS[column.kind]}", [str(values.dtype)]
        return
    empty = values.isna()
    if not column.missing:
        yield "a value in every cell", values[empty]
    known = values[~empty] if empty.any() else values
    # A column of the string type holds text only.
    known_text = isinstance(values.dtype, pd.StringDtype) or _is_category(values)
    if of_kind is None and not known_text:
        is_text = pd.Series([isinstance(each, str) for each in known], known.index, dtype=bool)
        yield "text", known[~is_text]
        known = known[is_text]
    if column.minimum is not None:
        yield f"{column.minimum} or more", known[known < column.minimum]
    if column.maximum is not None:
        yield f"{column.maximum} or less", known[known > column.maximum]
    if column.allowed:
        listed = some(map(repr, column.allowed), most=20)
        yield f"one of {listed}", known[~known.isin(column.allowed)]
    if column.pattern:
        # Most columns repeat a few values: each is looked at once.
        fits = re.compile(column.pattern).fullmatch
        wrong = [each for each in known.unique() if not fits(str(each))]
        yield f"text like {column.pattern}", known[known.isin(wrong)] if wrong else known[:0]
