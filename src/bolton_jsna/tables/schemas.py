"""Tidy tables checked against their schemas: types, bounds, allowed values, keys.

The columns stand as data in :mod:`bolton_jsna.tables._columns`. pandera does the checking; it is
imported only when a table is checked.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from bolton_jsna.core.errors import SchemaError, choice, short, some
from bolton_jsna.tables._columns import BOUNDARY_COLUMNS, SCHEMAS, Column, Kind, Schema

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BOUNDARY_COLUMNS",
    "SCHEMAS",
    "Column",
    "Schema",
    "check",
    "conform",
    "pandera_schema",
    "text_dtype",
    "typed",
]


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
    have are refused.

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
        When there is no such table.
    SchemaError
        When a column is missing or unknown, a value is out of bounds, or rows repeat.

    Examples
    --------
    >>> import pandas as pd
    >>> conform(pd.DataFrame({"postcode": ["BL1 1AP"]}), "postcodes")
    Traceback (most recent call last):
    bolton_jsna.core.errors.SchemaError: Table 'postcodes' lacks source. It has postcode.
    """
    choice("table", table, SCHEMAS)
    schema = SCHEMAS[table]
    lacking = [c.name for c in schema.columns if not c.missing and c.name not in frame.columns]
    if lacking:
        raise SchemaError(
            f"Table {table!r} lacks {some(lacking, most=20)}. It has "
            f"{some(frame.columns, most=20)}."
        )
    unknown = [name for name in frame.columns if name not in schema.names]
    if unknown:
        raise SchemaError(
            f"Table {table!r} has columns that its schema does not: {some(unknown)}. "
            f"Expected {some(schema.names, most=20)}."
        )
    tidy = typed(frame, schema.columns)
    check(tidy, table)
    return tidy


def typed(frame: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return a frame with the given columns in order and of their types, values unchecked.

    For data of the package itself, whose fingerprints are checked instead; everything else goes
    through :func:`conform`. Columns that the frame lacks are added empty.

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
    import pandas as pd

    data: dict[str, pd.Series] = {}
    for column in columns:
        name = column.name
        values = (
            frame[name].reset_index(drop=True)
            if name in frame.columns
            else pd.Series([None] * len(frame), dtype=object)
        )
        try:
            data[name] = _cast(values, column.kind)
            continue
        except (TypeError, ValueError, OverflowError):
            # What pandas says quotes a cell.
            pass
        raise SchemaError(
            f"Column {name!r} cannot be read as {column.kind}: a cell holds something else. Look "
            "at this column in the file."
        )
    return pd.DataFrame(data)


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
    """Check a tidy table against its schema with pandera.

    Raises
    ------
    SchemaError
        With the first failing columns, rule and values.
    """
    import pandera.errors

    schema = pandera_schema(table)
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
        first = cases.iloc[0]
        found = first["failure_case"]
        found = found.item() if hasattr(found, "item") else found
        columns = some(cases["column"].dropna().astype(str).unique())
        raise SchemaError(
            f"Table {table!r} breaks its schema in {columns}: found "
            f"{short(repr(found))}, rule {first['check']} ({len(cases)} cases). "
            "Look at these cells in the file."
        ) from None


@functools.cache
def pandera_schema(table: str) -> Any:
    """Return the pandera schema of a tidy table, units in each column's description.

    Raises
    ------
    UsageError
        When there is no such table.

    Examples
    --------
    >>> pandera_schema("idaci").columns["idaci_rank"].description
    "Rank among England's LSOAs, 1 most deprived"
    """
    import pandera.pandas as pa

    choice("table", table, SCHEMAS)
    schema = SCHEMAS[table]
    dtypes = {
        "whole": "Int64",
        "number": "float64",
        "flag": "bool",
        "date": "datetime64[ns]",
        "text": None,
    }
    columns = {}
    for column in schema.columns:
        checks = []
        if column.minimum is not None:
            checks.append(pa.Check.ge(column.minimum))
        if column.maximum is not None:
            checks.append(pa.Check.le(column.maximum))
        if column.allowed:
            checks.append(pa.Check.isin(column.allowed))
        if column.pattern:
            checks.append(pa.Check.str_matches(rf"^(?:{column.pattern})$"))
        columns[column.name] = pa.Column(
            dtypes[column.kind],
            checks=checks,
            nullable=column.missing,
            description=column.description,
        )
    return pa.DataFrameSchema(
        columns,
        strict=True,
        ordered=True,
        unique=list(schema.key) or None,
        name=schema.name,
        title=schema.title,
    )
