"""Read the statistical neighbours of authorities: the ten most similar by a model of DfE.

The catalogue has the models and the layouts of their files. DfE has published two models with the
headings of one layout, so the model of a file is known by the neighbours of one authority, the
title, the sheet or the name of the file. A file of an unknown model is rejected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna import catalogue
from bolton_jsna.core.areas import Area, find
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import SchemaError, choice, some
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.tables import _files, schemas
from bolton_jsna.tables.reader_notes import remark

if TYPE_CHECKING:
    import pandas as pd

_TEN: Final = 10
_FACTS: Final = catalogue.dataset("statistical_neighbours")
_MODELS: Final = sorted(_FACTS.facts)
_CLOSENESS: Final = {"Extremely close", "Very close", "Close", "Somewhat close", "Not close"}
_EXPECTED: Final = f"DfE's statistical neighbours of {' or '.join(_MODELS)}"
_YEAR: Final = re.compile(r"(?<!\d)(?<!\d[/-])20\d\d(?!\d|-\d\d-\d\d)")
_ABOUT: Final = re.compile(r"neighbour|model|grouping|(?:^|[^a-z])sn(?![a-z])", re.IGNORECASE)
# A list that was revised for a reorganisation of councils still has most neighbours in place.
_ALIKE: Final = 8


@dataclass(frozen=True)
class NeighbourLayout:
    """The headings of one layout."""

    name: str
    number: str
    place: str
    neighbours: tuple[str, ...]
    closeness: tuple[str, ...]


def _layout_of(name: str, headings: Mapping[str, str]) -> NeighbourLayout:
    ranks = range(1, _TEN + 1)
    closeness = tuple(headings["closeness"].format(rank=rank) for rank in ranks)
    if len(set(closeness)) == 1:
        # The reader of files numbers repeated headings: snp, snp.1, snp.2 and so on.
        closeness = (closeness[0], *(f"{closeness[0]}.{repeat}" for repeat in range(1, _TEN)))
    neighbours = tuple(headings["neighbour"].format(rank=rank) for rank in ranks)
    return NeighbourLayout(name, headings["number"], headings["name"], neighbours, closeness)


_LAYOUTS: Final = [_layout_of(name, headings) for name, headings in _FACTS.layouts.items()]
_REPEATED: Final = {
    each.closeness[0] for each in _LAYOUTS if each.closeness[1] == f"{each.closeness[0]}.1"
}


@checked
@one_error
def read(path: str | Path, *, model: str | None = None) -> pd.DataFrame:
    r"""Return the statistical neighbours of every authority of one DfE file.

    Parameters
    ----------
    path : str or Path
        The groupings of a model in the catalogue, such as those of April 2021 (CSV, or the
        workbook with sheet ``LA SN Groups``) or May 2025 (CSV).
    model : str, optional
        The model that the file must be of. By default the file shows it: by the neighbours of an
        authority in the catalogue, the title above the headings, the name of the sheet, or the
        year in the name of the file.

    Returns
    -------
    pandas.DataFrame
        Table ``statistical_neighbours``: ten rows per authority, ``rank`` 1 the closest, with
        GSS codes and names of the register and DfE's word for the closeness. Abolished
        authorities (Dorset to 2019, Poole, Bournemouth, Northamptonshire) keep their own codes,
        and may be neighbours of others.

    Raises
    ------
    SourceError
        When the file does not exist, is empty, is damaged, or is a web page.
    SchemaError
        When the headings are of no layout; the model is not known, is contradicted, or is not the
        one asked for; or no list can be used.
    UsageError
        When ``model`` is not in the catalogue.

    Notes
    -----
    A list is left out with a warning if it is not ten long, has the authority itself or another
    one twice, or has an unknown number or word of closeness. The others are used.

    Source: DfE, Children's services statistical neighbour benchmarking tool, April 2021, and
    Local authority interactive tool, May 2025 (Open Government Licence v3.0).

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> ranks = ",".join(f"SN_{rank},SN_{rank}P" for rank in range(1, 11))
    >>> numbers = (354, 831, 353, 382, 332, 351, 340, 357, 372, 359)
    >>> cells = ",".join(f"{number},Close " for number in numbers)
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "sn_2025.csv")
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
        choice("model", model, _MODELS)
    name = Path(path).name
    sheets = _files.found_tables(
        path, lambda cells: _layout(cells) is not None, expected=_EXPECTED, repeated=_REPEATED
    )
    alone = len(sheets) == 1
    read_ones = [_sheet(each, model, name=name, alone=alone) for each in sheets]
    tables: dict[str, pd.DataFrame] = {}
    for found, table in read_ones:
        if model not in (None, found):
            continue
        if found in tables and not table.equals(tables[found]):
            raise SchemaError(
                f"{name!r} has two different sheets of the {found} model. Expected one list of "
                "neighbours for each model; delete one of the sheets."
            )
        tables[found] = table
    if not tables:
        found = read_ones[0][0]
        raise SchemaError(
            f"{name!r} is of the {found} model, not of model={model!r}. Load it with "
            f"model={found!r}, or let the model be detected."
        )
    return schemas.conform(pd.concat(tables.values(), ignore_index=True), "statistical_neighbours")


def _layout(found: set[str]) -> NeighbourLayout | None:
    return next((each for each in _LAYOUTS if {each.number, each.neighbours[0]} <= found), None)


def _sheet(
    found: _files.Found, asked: str | None, *, name: str, alone: bool
) -> tuple[str, pd.DataFrame]:
    """Return the model and the lists of one sheet."""
    frame = found.frame.rename(columns=_files.heading)
    layout = _layout(set(frame.columns))
    assert layout is not None  # noqa: S101 (the headings were found by it)
    rows = _long(frame, layout, name=name)
    model = _model_of(rows, found, asked, name=name, alone=alone)
    table = _usable(rows, name=name)
    return model, table.assign(model=model, source=source_id("statistical_neighbours", model))


def _long(frame: pd.DataFrame, layout: NeighbourLayout, *, name: str) -> pd.DataFrame:
    """Return a row for each neighbour: number, name, rank, neighbour and closeness as printed."""
    import pandas as pd

    headings = (*layout.neighbours, *layout.closeness, layout.place)
    missing = [each for each in headings if each not in frame.columns]
    if missing:
        raise SchemaError(
            f"{name!r} has no column {some(map(repr, missing))}. The {layout.name} layout has ten "
            f"neighbours and ten words of closeness; it has {some(frame.columns, most=25)}."
        )
    # Blank rows and lines of text such as "Old SNs:" separate the authorities.
    numbered = frame[layout.number].str.fullmatch(r"[0-9]{3}")
    lists = frame[list(layout.neighbours)].apply(lambda each: each.str.fullmatch(r"[0-9]{3}"))
    stray = frame.loc[~numbered & (lists.sum(axis=1) > 1), layout.place]
    rows = frame[numbered].reset_index(drop=True)
    if len(stray):
        problem = (
            f"{name!r} has neighbours of {some(map(repr, stray))} without a number in "
            f"{layout.number!r}. Expected DfE's three-digit number, such as 350 for Bolton."
        )
        if rows.empty:
            raise SchemaError(problem)
        remark(f"{problem} These lists are left out.")
    if rows.empty:
        raise SchemaError(
            f"{name!r} has the headings of the neighbours but no authorities. Expected a row "
            "for each; download it again."
        )
    parts = [
        pd.DataFrame(
            {
                "number": rows[layout.number],
                "rank": rank,
                "neighbour": rows[neighbour],
                "closeness": rows[closeness].str.strip().str.capitalize(),
            }
        )
        for rank, (neighbour, closeness) in enumerate(
            zip(layout.neighbours, layout.closeness, strict=True), start=1
        )
    ]
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)


def _model_of(
    rows: pd.DataFrame, found: _files.Found, asked: str | None, *, name: str, alone: bool
) -> str:
    """Return the model of a sheet by its list, title, sheet or file name, or as asked for."""
    place, listed = _by_list(rows)
    models = {
        f"{place}'s list": listed,
        "the title above its headings": _by_year(found.above, name=name),
        "the name of its sheet": _by_year(found.sheet, name=name) if found.sheet != name else None,
    }
    if alone or not any(models.values()):
        # The sheets of one file may be of different models.
        models["the name of the file"] = _by_year(name, name=name)
    shown = {where: each for where, each in models.items() if each}
    if len(set(shown.values())) > 1:
        listing = some((f"{where} is of {each}" for where, each in shown.items()), most=9)
        raise SchemaError(
            f"{name!r} contradicts itself about the model of its neighbours: {listing}. Expected "
            "one model. Check which it is and correct the name or the title, or download it again."
        )
    # The text of a cover sheet may be about something else.
    model = next(iter(shown.values()), None) or _by_year(found.cover, name=None) or asked
    if model is None:
        known = " and ".join(_MODELS)
        why = f"its headings were used for {known}"
        if place:
            why = f"the neighbours of {place} are not those of {' or '.join(_MODELS)}"
        raise SchemaError(
            f"The model of the neighbours in {name!r} is not known: {why}. Look up its model; if "
            "it is one of these, ask for it with model=, or put its year into the name of the "
            f"file, such as statistical_neighbours_{_MODELS[-1]}.xlsx."
        )
    if place and not listed:
        remark(
            f"{name!r} is read as the {model} model, but its neighbours of {place} are not those "
            "of this model in the catalogue. Check which model it is."
        )
    return model


def _by_list(rows: pd.DataFrame) -> tuple[str, str | None]:
    """Return the first known authority of a file, and the model whose list of it the file has."""
    numbers = set(rows["number"])
    lists = {model: facts.get("lists", {}) for model, facts in _FACTS.facts.items()}
    known = dict.fromkeys(number for each in lists.values() for number in each)
    number = next((each for each in known if each in numbers), None)
    if number is None:
        return "", None
    found = rows.loc[rows["number"] == number, "neighbour"]
    same = {
        model: sum(ours == str(theirs) for ours, theirs in zip(found, each[number], strict=False))
        for model, each in lists.items()
        if number in each
    }
    best = max(same, key=same.__getitem__)
    place = _authority(number)
    return place.name if place else number, best if same[best] >= _ALIKE else None


def _by_year(text: str, *, name: str | None) -> str | None:
    """Return the model whose year is in a text, if there is one."""
    # A text on neighbours with the year of another model is rejected, if there is a ``name`` of the
    # file. Dates, and years of a tool with the neighbours of several models, are of no model.
    years = set(_YEAR.findall(text))
    found = [each for each in _MODELS if each in years]
    if name is not None and years and not found and _ABOUT.search(text):
        raise SchemaError(
            f"{name!r} has {some(sorted(years))} in its name, title or sheet, which is not a known "
            f"model of statistical neighbours: expected one of {' and '.join(_MODELS)}. Check "
            "which model it is: if the year is another one, such as that of the download, take it "
            "out of the name or title; a newer model needs a newer version of this library."
        )
    return found[0] if len(found) == 1 else None


def _usable(rows: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return the lists that can be used, with their areas; log the others."""
    places = {
        each: _authority(each) for each in dict.fromkeys([*rows["number"], *rows["neighbour"]])
    }
    names = {each: place.name for each, place in places.items() if place}
    faults: dict[str, str] = {}
    for number, listed in rows.groupby("number", sort=False):
        fault = _fault(str(number), listed, names)
        if fault:
            faults[str(number)] = fault
    used = rows[~rows["number"].isin(list(faults))]
    if faults:
        problem = f"{name!r} {some(dict.fromkeys(faults.values()))}."
        if used.empty:
            raise SchemaError(f"{problem} Correct the list, or download the file again.")
        whose = some(names.get(each, each) for each in faults)
        remark(f"{problem} The neighbours of {whose} are left out; those of others are used.")
    codes = {each: place.code for each, place in places.items() if place}
    return used.assign(
        area_code=used["number"].map(codes),
        area_name=used["number"].map(names),
        neighbour_code=used["neighbour"].map(codes),
        neighbour_name=used["neighbour"].map(names),
    ).drop(columns=["number", "neighbour"])


def _fault(number: str, listed: pd.DataFrame, names: dict[str, str]) -> str:
    """Return what is wrong with the list of an authority, or an empty text."""
    near = listed["neighbour"]
    unknown = [each for each in (number, *near) if each not in names]
    if unknown:
        return f"has unknown numbers: {some(map(repr, unknown))} (expected DfE's; report new ones)"
    odd = listed.loc[~listed["closeness"].isin(_CLOSENESS), "closeness"].unique()
    if len(odd):
        return (
            f"has the closeness {some(map(repr, odd))} (expected {some(sorted(_CLOSENESS))}, "
            "in any case)"
        )
    if number in set(near):
        return f"has {names[number]} among its own neighbours (expected ten others)"
    if len(near) > _TEN:
        return f"has several lists for {names[number]} (expected one)"
    twice = near[near.duplicated()]
    if len(twice):
        return (
            f"has {names[twice.iloc[0]]} twice among the neighbours of {names[number]} (expected "
            "ten others, each once)"
        )
    return ""


def _authority(number: str) -> Area | None:
    place = find(number) if re.fullmatch(r"[0-9]{3}", number) else None
    return place if place is not None and place.level == "authority" else None
