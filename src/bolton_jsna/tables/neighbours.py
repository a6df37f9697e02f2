"""Statistical neighbours: the ten authorities most like an authority, as DfE's models find them.

Two models are read: April 2021 and May 2025. Both name neighbours by DfE's numbers. There are two
layouts, but the old one does not tell the model: DfE has published both models under its headings.
The model is told by Bolton's list, which is known, by the title, the sheet or the name of the file.
A file of a model that is not known is refused.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from bolton_jsna.core.areas import Area, find
from bolton_jsna.core.errors import SchemaError, choice, some
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.tables import _files, schemas
from bolton_jsna.tables.reader_notes import remark

if TYPE_CHECKING:
    import pandas as pd

Model = Literal["2021", "2025"]

# The layouts are named after the model that each was first used for.
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
# Bolton's neighbours of each model, closest first, by which a whole file is known.
_KNOWN: Final[dict[Model, tuple[str, ...]]] = {
    "2021": ("382", "831", "332", "357", "354", "894", "381", "383", "372", "331"),
    "2025": ("354", "831", "353", "357", "335", "355", "889", "331", "373", "874"),
}
# Those of others, by which a file without Bolton is known: Bury, Oldham, Rochdale, Wigan.
_LISTS: Final[dict[str, dict[Model, tuple[str, ...]]]] = {
    "350": _KNOWN,
    "351": {
        "2021": ("381", "888", "808", "343", "356", "877", "334", "891", "886", "896"),
        "2025": ("888", "908", "392", "886", "332", "891", "808", "926", "887", "303"),
    },
    "353": {
        "2021": ("354", "380", "335", "357", "382", "350", "831", "332", "889", "372"),
        "2025": ("889", "350", "354", "380", "335", "831", "861", "331", "330", "333"),
    },
    "354": {
        "2021": ("353", "357", "350", "335", "382", "806", "372", "371", "831", "861"),
        "2025": ("335", "357", "861", "350", "394", "371", "372", "831", "353", "355"),
    },
    "359": {
        "2021": ("342", "372", "807", "371", "370", "384", "808", "332", "357", "812"),
        "2025": ("888", "925", "343", "877", "860", "332", "929", "884", "808", "893"),
    },
}
_YEAR: Final = re.compile(r"(?<!\d)(?<!\d[/-])20\d\d(?!\d|-\d\d-\d\d)")
_ABOUT: Final = re.compile(r"neighbour|model|grouping|(?:^|[^a-z])sn(?![a-z])", re.IGNORECASE)
# A list that was revised for a reorganisation of councils still has most of its places.
_ALIKE: Final = 8


@one_error
def read(path: str | Path, *, model: Model | None = None) -> pd.DataFrame:
    r"""Return the statistical neighbours of every authority of one DfE file.

    Parameters
    ----------
    path : str or Path
        The groupings of April 2021 (CSV, or the workbook with sheet ``LA SN Groups``) or of May
        2025 (CSV).
    model : {"2021", "2025"}, optional
        The model that the file must be of. Told by the file if not given: by Bolton's list (or
        that of Bury, Oldham, Rochdale or Wigan), the title above the headings, the name of the
        sheet, or the year in the name of the file.

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
        When the headings are of neither layout; the model cannot be told, is told in two ways
        that contradict each other, or is not the one asked for; or no list can be used.
    UsageError
        When ``model`` is neither.

    Notes
    -----
    A list that is not ten long, names the authority itself or another one twice, has a number of
    no authority or an unknown word of closeness is left out with a warning; the others are used.

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
        choice("model", model, get_args(Model))
    name = Path(path).name
    sheets = _files.found_tables(
        path, lambda cells: _layout(cells) is not None, expected=_EXPECTED, repeated={"snp"}
    )
    alone = len(sheets) == 1
    read_ones = [_sheet(each, model, name=name, alone=alone) for each in sheets]
    tables: dict[Model, pd.DataFrame] = {}
    for told, table in read_ones:
        if model not in (None, told):
            continue
        if told in tables and not table.equals(tables[told]):
            raise SchemaError(
                f"{name!r} has two sheets of the {told} model that are not the same. Expected one "
                "list of neighbours for each model; take one of the sheets away."
            )
        tables[told] = table
    if not tables:
        told = read_ones[0][0]
        raise SchemaError(
            f"{name!r} is of the {told} model, not of model={model!r}. Load it with "
            f"model={told!r}, or let the model be detected."
        )
    return schemas.conform(pd.concat(tables.values(), ignore_index=True), "statistical_neighbours")


def _layout(found: set[str]) -> Model | None:
    layouts: tuple[Model, ...] = get_args(Model)
    return next(
        (each for each in layouts if {_NUMBER[each], _NEIGHBOUR[each][0]} <= found),
        None,
    )


def _sheet(
    found: _files.Found, asked: Model | None, *, name: str, alone: bool
) -> tuple[Model, pd.DataFrame]:
    """Return the model and the lists of one sheet."""
    frame = found.frame.rename(columns=_files.heading)
    layout = _layout(set(frame.columns))
    assert layout is not None  # noqa: S101 (the headings were found by it)
    rows = _long(frame, layout, name=name)
    told = _told_model(rows, found, asked, name=name, alone=alone)
    table = _usable(rows, name=name)
    return told, table.assign(model=told, source=source_id("statistical_neighbours", told))


def _long(frame: pd.DataFrame, layout: Model, *, name: str) -> pd.DataFrame:
    """Return a row for each neighbour: number, name, rank, neighbour and closeness as printed."""
    import pandas as pd

    lacking = [
        each
        for each in (*_NEIGHBOUR[layout], *_CLOSENESS[layout], _NAME[layout])
        if each not in frame.columns
    ]
    if lacking:
        raise SchemaError(
            f"{name!r} has no column {some(map(repr, lacking))}. The {layout} layout has ten "
            f"neighbours and ten words of closeness; it has {some(frame.columns, most=25)}."
        )
    # Blank rows and lines of text such as "Old SNs:" part the authorities.
    numbered = frame[_NUMBER[layout]].str.fullmatch(r"[0-9]{3}")
    lists = frame[list(_NEIGHBOUR[layout])].apply(lambda each: each.str.fullmatch(r"[0-9]{3}"))
    stray = frame.loc[~numbered & (lists.sum(axis=1) > 1), _NAME[layout]]
    rows = frame[numbered].reset_index(drop=True)
    if len(stray):
        said = (
            f"{name!r} has neighbours of {some(map(repr, stray))} without a number in "
            f"{_NUMBER[layout]!r}. Expected DfE's three-digit number, such as 350 for Bolton."
        )
        if rows.empty:
            raise SchemaError(said)
        remark(f"{said} These lists are left out.")
    if rows.empty:
        raise SchemaError(
            f"{name!r} has the headings of the neighbours but no authorities. Expected a row "
            "for each; download it again."
        )
    parts = [
        pd.DataFrame(
            {
                "number": rows[_NUMBER[layout]],
                "rank": rank,
                "neighbour": rows[neighbour],
                "closeness": rows[closeness].str.strip().str.capitalize(),
            }
        )
        for rank, (neighbour, closeness) in enumerate(
            zip(_NEIGHBOUR[layout], _CLOSENESS[layout], strict=True), start=1
        )
    ]
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)


def _told_model(
    rows: pd.DataFrame,
    found: _files.Found,
    asked: Model | None,
    *,
    name: str,
    alone: bool,
) -> Model:
    """Return the model of a sheet by what the file says of itself, or as it was asked for."""
    place, listed = _by_list(rows)
    said: dict[str, Model | None] = {
        f"{place}'s list": listed,
        "the title above its headings": _by_year(found.above, name=name),
        "the name of its sheet": _by_year(found.sheet, name=name) if found.sheet != name else None,
    }
    if alone or not any(said.values()):
        # Of several sheets each may be of another model.
        said["the name of the file"] = _by_year(name, name=name)
    told = {where: each for where, each in said.items() if each}
    if len(set(told.values())) > 1:
        shown = some((f"{where} is of {each}" for where, each in told.items()), most=9)
        raise SchemaError(
            f"{name!r} contradicts itself about the model of its neighbours: {shown}. Expected "
            "one model. Check which it is and correct the name or the title, or download it again."
        )
    # What a cover sheet says may be about something else.
    model = next(iter(told.values()), None) or _by_year(found.cover, name=None) or asked
    if model is None:
        old, new = get_args(Model)
        why = (
            f"the neighbours of {place} are those of neither {old} nor {new}"
            if place
            else f"its headings were used for both {old} and {new}"
        )
        raise SchemaError(
            f"{name!r} does not say of which model its neighbours are: {why}. Look up its model; "
            "if it is one of these, ask for it with model=, or put its year into the name of the "
            "file, such as statistical_neighbours_2025.xlsx."
        )
    if place and not listed:
        remark(
            f"{name!r} is read as of the {model} model, but its neighbours of {place} are not "
            "those that this library knows of it. Check which model it is."
        )
    return model


def _by_list(rows: pd.DataFrame) -> tuple[str, Model | None]:
    """Return the first known authority of a file, and the model whose list of it stands there."""
    there = set(rows["number"])
    number = next((each for each in _LISTS if each in there), None)
    if number is None:
        return "", None
    known = tuple(rows.loc[rows["number"] == number, "neighbour"])
    same = {
        each: sum(ours == theirs for ours, theirs in zip(known, listed, strict=False))
        for each, listed in _LISTS[number].items()
    }
    best = max(same, key=same.__getitem__)
    place = _authority(number)
    return place.name if place else number, best if same[best] >= _ALIKE else None


def _by_year(text: str, *, name: str | None) -> Model | None:
    """Return the model whose year stands in a text, if it is one."""
    # A text on neighbours with the year of another model is refused, if there is a ``name`` of the
    # file. Days, and years of a tool that has the neighbours of several models, are of no model.
    years = set(_YEAR.findall(text))
    found: list[Model] = [each for each in get_args(Model) if each in years]
    if name is not None and years and not found and _ABOUT.search(text):
        raise SchemaError(
            f"{name!r} is by its name, title or sheet of {some(sorted(years))}, which is no model "
            f"of statistical neighbours that this library knows: expected one of "
            f"{' and '.join(get_args(Model))}. Check which model it is: if the year is another "
            "one, such as that of the download, take it out of the name or title; a newer model "
            "needs a newer version of this library."
        )
    return found[0] if len(found) == 1 else None


def _usable(rows: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return the lists that can be used, with their areas; the others are named and left out."""
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
        said = f"{name!r} {some(dict.fromkeys(faults.values()))}."
        if used.empty:
            raise SchemaError(f"{said} Correct the list, or download the file again.")
        whose = some(names.get(each, each) for each in faults)
        remark(f"{said} The neighbours of {whose} are left out; those of others are used.")
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
        return (
            f"has numbers that are no authority's: {some(map(repr, unknown))} (expected DfE's "
            "three-digit numbers, such as 350 for Bolton; if DfE has a new authority, report it)"
        )
    odd = listed.loc[~listed["closeness"].isin(_WORDS), "closeness"].unique()
    if len(odd):
        return (
            f"has the closeness {some(map(repr, odd))} (expected one of {some(sorted(_WORDS))}, "
            "in any case)"
        )
    if number in set(near):
        return f"has {names[number]} among its own neighbours (expected ten others)"
    if len(near) > len(_NEIGHBOUR["2025"]):
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
