"""Statistical neighbours: the ten authorities most like an authority, as DfE's models find them.

Two models are read, told apart by their headings: April 2021 (CSV, or the workbook of the
benchmarking tool) and May 2025 (CSV). Both name neighbours by DfE's numbers.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from bolton_jsna.areas import Area, find
from bolton_jsna.errors import SchemaError, choice, some
from bolton_jsna.origins import source_id
from bolton_jsna.reading.net import one_error
from bolton_jsna.tables import files, schemas

if TYPE_CHECKING:
    import pandas as pd

Model = Literal["2021", "2025"]

_NUMBER: Final[dict[Model, str]] = {"2021": "la num", "2025": "old_la_code"}
_NAME: Final[dict[Model, str]] = {"2021": "la name", "2025": "la_name"}
# "SNP" stands ten times in 2021, each for the neighbour before it: the reader of files numbers
# repeated headings snp, snp.1, snp.2 and so on.
_NEIGHBOUR: Final[dict[Model, tuple[str, ...]]] = {
    "2021": tuple(f"sn{rank}" for rank in range(1, 11)),
    "2025": tuple(f"sn_{rank}" for rank in range(1, 11)),
}
_CLOSENESS: Final[dict[Model, tuple[str, ...]]] = {
    "2021": ("snp", *(f"snp.{repeat}" for repeat in range(1, 10))),
    "2025": tuple(f"sn_{rank}p" for rank in range(1, 11)),
}
_WORDS: Final[frozenset[str]] = frozenset(
    {"Extremely close", "Very close", "Close", "Somewhat close", "Not close"}
)
_EXPECTED = "DfE's statistical neighbours of 2021 or 2025"


@one_error
def read(path: str | Path, *, model: Model | None = None) -> pd.DataFrame:
    r"""Return the statistical neighbours of every authority of one DfE file.

    Parameters
    ----------
    path : str or Path
        The groupings of April 2021 (CSV, or the workbook with sheet ``LA SN Groups``) or of May
        2025 (CSV).
    model : {"2021", "2025"}, optional
        The model that the file must be of. Detected from the headings if not given.

    Returns
    -------
    pandas.DataFrame
        Table ``statistical_neighbours``: ten rows per authority, ``rank`` 1 the closest, with
        GSS codes and names of the register and DfE's word for the closeness. Authorities
        abolished since (Dorset to 2019, Poole, Bournemouth, Northamptonshire) keep their own
        codes, and may be neighbours of others.

    Raises
    ------
    SourceError
        When the file is not there, is empty, is damaged, or is a web page.
    SchemaError
        When the headings are of neither model or not of the one asked for, a list is not ten
        long or names the authority itself or another twice, a number is no authority's, or a
        word of closeness is unknown.
    UsageError
        When ``model`` is neither.

    Notes
    -----
    Source: DfE, Children's services statistical neighbour benchmarking tool, April 2021, and
    Local authority interactive tool, May 2025 (Open Government Licence v3.0).

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> ranks = ",".join(f"SN_{rank},SN_{rank}P" for rank in range(1, 11))
    >>> numbers = (354, 831, 353, 382, 332, 351, 340, 357, 372, 359)
    >>> cells = ",".join(f"{number},Close " for number in numbers)
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "sn.csv")
    ...     text = f"old_la_code,la_name,{ranks}\n350,Bolton,{cells}\n"
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     table = read(file)
    >>> table[["area_name", "rank", "neighbour_name", "closeness", "model"]].head(2)
      area_name  rank neighbour_name closeness model
    0    Bolton     1       Rochdale     Close  2025
    1    Bolton     2          Derby     Close  2025
    """
    import pandas as pd

    if model is not None:
        choice("model", model, get_args(Model))
    name = Path(path).name
    frame = files.table_with(path, lambda found: _model(found) is not None, expected=_EXPECTED)
    frame = frame.rename(columns=files.heading)
    edition = _model(set(frame.columns))
    if edition is None or model not in (None, edition):
        raise SchemaError(
            f"{name!r} has the headings of the {edition} model, not of model={model!r}. Load it "
            f"with model={edition!r}, or let the model be detected."
        )
    lacking = [
        each
        for each in (*_NEIGHBOUR[edition], *_CLOSENESS[edition], _NAME[edition])
        if each not in frame.columns
    ]
    if lacking:
        raise SchemaError(
            f"{name!r} has no column {some(map(repr, lacking))}. The {edition} model has ten "
            f"neighbours and ten words of closeness; it has {some(frame.columns, most=25)}."
        )
    # Blank rows and lines of text such as "Old SNs:" part the authorities.
    numbered = frame[_NUMBER[edition]].str.fullmatch(r"\d{3}")
    stray = frame[~numbered & (frame[list(_NEIGHBOUR[edition])] != "").any(axis=1)]
    if not stray.empty:
        raise SchemaError(
            f"{name!r} has neighbours of {some(map(repr, stray[_NAME[edition]]))} without a number "
            f"in {_NUMBER[edition]!r}. Expected DfE's three-digit number, such as 350 for Bolton."
        )
    rows = frame[numbered].reset_index(drop=True)
    if rows.empty:
        raise SchemaError(
            f"{name!r} has the headings of the {edition} model but no authorities. Expected a row "
            "for each; download it again."
        )
    parts = [
        pd.DataFrame(
            {
                "number": rows[_NUMBER[edition]],
                "rank": rank,
                "neighbour": rows[neighbour],
                "closeness": rows[closeness].str.strip().str.capitalize(),
            }
        )
        for rank, (neighbour, closeness) in enumerate(
            zip(_NEIGHBOUR[edition], _CLOSENESS[edition], strict=True), start=1
        )
    ]
    table = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    _check_words(table, name=name)
    table = _with_areas(table, name=name)
    _check_lists(table, name=name)
    table = table.assign(model=edition, source=source_id("statistical_neighbours", edition))
    return schemas.conform(table, "statistical_neighbours")


def _model(found: set[str]) -> Model | None:
    models: tuple[Model, ...] = get_args(Model)
    return next(
        (each for each in models if {_NUMBER[each], _NEIGHBOUR[each][0]} <= found),
        None,
    )


def _check_words(table: pd.DataFrame, *, name: str) -> None:
    odd = table.loc[~table["closeness"].isin(_WORDS), "closeness"].unique()
    if len(odd):
        raise SchemaError(
            f"{name!r} has the closeness {some(map(repr, odd))}. Expected one of "
            f"{some(sorted(_WORDS))}, in any case."
        )


def _with_areas(table: pd.DataFrame, *, name: str) -> pd.DataFrame:
    numbers = dict.fromkeys([*table["number"], *table["neighbour"]])
    found: dict[str, Area | None] = {each: _authority(each) for each in numbers}
    unknown = [each for each, place in found.items() if place is None]
    if unknown:
        raise SchemaError(
            f"{name!r} has numbers that are no authority's: {some(map(repr, unknown))}. Expected "
            "DfE's three-digit numbers, such as 350 for Bolton; if DfE has a new authority, "
            "report it."
        )
    codes = {each: place.code for each, place in found.items() if place}
    names = {each: place.name for each, place in found.items() if place}
    return table.assign(
        area_code=table["number"].map(codes),
        area_name=table["number"].map(names),
        neighbour_code=table["neighbour"].map(codes),
        neighbour_name=table["neighbour"].map(names),
    ).drop(columns=["number", "neighbour"])


def _authority(number: str) -> Area | None:
    place = find(number) if re.fullmatch(r"\d{3}", number) else None
    return place if place is not None and place.level == "authority" else None


def _check_lists(table: pd.DataFrame, *, name: str) -> None:
    own = table[table["area_code"] == table["neighbour_code"]]
    if not own.empty:
        raise SchemaError(
            f"{name!r} has {some(own['area_name'].unique())} among its own neighbours. Expected "
            "ten others; correct the list."
        )
    twice = table[table.duplicated(["area_code", "neighbour_code"])]
    if not twice.empty:
        first = twice.iloc[0]
        raise SchemaError(
            f"{name!r} has {first['neighbour_name']} twice among the neighbours of "
            f"{first['area_name']}. Expected ten others, each once; correct the list."
        )
