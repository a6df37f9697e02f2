"""Tidy tables that do not fit their schema: each fault is found, and the message names it."""

import pandas as pd
import pytest

from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.core.states import MEANINGS
from bolton_jsna.tables.schemas import SCHEMAS, check, conform

ROWS = {
    "lsoa_code": ["E01004766", "E01004767", "E01004768"],
    "lsoa_name": ["Bolton 016A", None, "Bolton 016C"],
    "area_code": ["E08000001"] * 3,
    "idaci_score": [0.2, 0.3, None],
    "idaci_rank": [10, 20, None],
    "idaci_decile": [1, 10, None],
    "children_0_15": [300, 0, None],
    "edition": [2025] * 3,
    "lsoa_year": [2021] * 3,
    "source": ["idaci@2025"] * 3,
}


def idaci(**changed: object) -> pd.DataFrame:
    return conform(pd.DataFrame(ROWS), "idaci").assign(**changed)


def test_a_table_that_fits_is_accepted() -> None:
    check(idaci(), "idaci")


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("idaci_rank", [0, 20, -1], r"in idaci_rank: found 0, expected 1 or more .*fault: 2\)"),
        ("idaci_decile", [11, 1, None], "in idaci_decile: found 11, expected 10 or less"),
        ("idaci_score", [0.2, 1.5, 0.1], "in idaci_score: found 1.5, expected 1 or less"),
        ("lsoa_code", ["E01004766", "X1", "E01"], r"found 'X1', expected text like \[EW\]01"),
        ("source", ["idaci@2025", None, "idaci@2025"], "in source: .* a value in every cell"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(
    column: str, values: list[object], message: str
) -> None:
    with pytest.raises(SchemaError, match=message):
        conform(pd.DataFrame({**ROWS, column: values}), "idaci")


def test_a_value_outside_the_list_is_rejected() -> None:
    rows = {name: ["x"] for name in SCHEMAS["lookup"].names}
    rows |= {"from_code": ["E01004766"], "to_code": ["E05014818"], "share": [1.0]}

    with pytest.raises(SchemaError, match="found 'x', expected one of 'exact', 'best_fit'"):
        conform(pd.DataFrame(rows), "lookup")


def test_rows_with_the_same_key_are_rejected() -> None:
    with pytest.raises(SchemaError, match=r"lsoa_code and edition: .*each combination once.*: 2"):
        conform(pd.DataFrame({**ROWS, "lsoa_code": ["E01004766"] * 2 + ["E01004768"]}), "idaci")


def test_another_type_is_rejected() -> None:
    with pytest.raises(
        SchemaError, match="in edition: found 'float64', expected a column of whole numbers"
    ):
        check(idaci(edition=2025.0), "idaci")


def test_other_columns_or_another_order_are_rejected() -> None:
    for frame in (idaci(extra=1), idaci().drop(columns="source"), idaci().iloc[:, ::-1]):
        with pytest.raises(SchemaError, match=r"Table 'idaci' has the columns .* in this order"):
            check(frame, "idaci")


def test_every_state_is_allowed_in_columns_of_states() -> None:
    columns = [column for schema in SCHEMAS.values() for column in schema.columns]

    for column in columns:
        if column.name.endswith("status"):
            assert column.allowed == tuple(MEANINGS)


def test_types_of_one_kind_are_the_same() -> None:
    """A file that pandas reads has int64 where a tidy table has Int64."""
    whole = idaci().dropna(subset=["idaci_rank"])
    check(whole.astype({"edition": "int64", "lsoa_year": "int64"}), "idaci")


@pytest.mark.parametrize("code", [b"E01004766", 1004766])
def test_text_is_text_and_not_what_looks_like_it(code: object) -> None:
    with pytest.raises(SchemaError, match=r"in lsoa_code: found .*, expected text \("):
        check(idaci().head(1).assign(lsoa_code=[code]), "idaci")
    with pytest.raises(UsageError, match="expected a DataFrame"):
        check([1], "idaci")  # type: ignore[arg-type]
