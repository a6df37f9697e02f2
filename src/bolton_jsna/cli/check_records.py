"""What was understood of an extract: for the person who made it, and never about a child."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.cli._rejects_file import replaces_no_input
from bolton_jsna.core.areas import Area
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.errors import MissingDataError, VintageError, clean
from bolton_jsna.core.export import NOT_FOR_PUBLICATION, write_private
from bolton_jsna.core.years import day_of
from bolton_jsna.ingest.store import workspace_folder
from bolton_jsna.tables.local import counts as local_counts
from bolton_jsna.tables.local.layouts import HOME
from bolton_jsna.tables.local.sheets import sheets_aside
from bolton_jsna.tables.local.values import REMARKS

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building.preview import Forecast
    from bolton_jsna.tables.local.counts import LocalCounts
    from bolton_jsna.tables.local.layouts import Columns
    from bolton_jsna.tables.local.records import LocalRecords

MOST: Final = 4
"""Children with this many events and more are told together, as many events are a mark of one."""

_SHOWN: Final = 12
_COUNTS: Final = "counts by area"


@dataclass(frozen=True)
class Finding:
    """One thing found, and where.

    Attributes
    ----------
    what : str
        In words; nothing of a row's cells.
    used : bool
        Whether these rows are counted all the same.
    count : int
        How many rows.
    rows : tuple of int
        Their numbers in the file; in a sheet of several, those are in ``sheets``.
    sheets : tuple of int
        The sheet of each row by number, empty where one sheet was read.
    """

    what: str
    used: bool
    count: int
    rows: tuple[int, ...]
    sheets: tuple[int, ...] = ()


@dataclass(frozen=True)
class RecordsCheck:
    """What was understood of a file.

    Attributes
    ----------
    file, how, area : str
        Its name, its format, and the authority that it was checked for.
    rows, used : int
        Rows below the headings, and records made of them (a row with a referral and a plan makes
        two); of a file of counts, the counts made of them (a row makes one for each event).
    kinds : Mapping of str to int
        Records of each kind.
    years : Mapping of str to tuple of int
        The first and last year ending 31 March of the dates of each kind.
    events_per_child : Mapping of str to Mapping of str to int
        For each kind the children with 1, 2, 3 events and more.
    findings : tuple of Finding
        What is amiss: rows not used first.
    headings : Mapping
        Which heading each column was taken from.
    orders : Mapping of str to str
        How days such as 3/4/2024 were read.
    notes : tuple of str
        What else there is to know.
    build : Forecast
        What a build would use, or why it would stop.
    area_from : str
        Why this authority, in words; empty where it was named.
    """

    file: str
    how: str
    area: str
    rows: int
    used: int
    kinds: Mapping[str, int] = field(default_factory=dict)
    years: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    events_per_child: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    headings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    orders: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    build: Forecast | None = None
    area_from: str = ""

    def to_json(self) -> str:
        """Return the check as JSON text."""
        said = {"publication": NOT_FOR_PUBLICATION, **asdict(self)}
        return clean(json.dumps(said, indent=1, ensure_ascii=False, default=dict)) + "\n"


def check_records(
    path: str | Path,
    *,
    kind: str | None = None,
    columns: Columns | None = None,
    area: str | int | Area | None = None,
    year: int | None = None,
    records_to: dt.date | str | None = None,
    workspace: str | Path | None = None,
    rejects: str | Path | None = None,
) -> RecordsCheck:
    r"""Say what is understood of an extract, by number of rows and row numbers.

    Parameters
    ----------
    path : str or Path
        An extract of records, or counts by area.
    kind, columns
        As :func:`~bolton_jsna.load_local_records`.
    area : place, optional
        The authority whose children they should be. If none is named, the one of the last build
        in the workspace, and Bolton if nothing has been built.
    year, records_to
        As :func:`~bolton_jsna.building.build`.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.
    rejects : str or Path, optional
        Write the number and reason of each row not used to this CSV, which only its owner can
        read. Nothing is written unless it is named.

    Raises
    ------
    UsageError
        When the rejects would replace the extract, the mapping or a file of the workspace, or an
        argument cannot be meant.
    SourceError, SchemaError
        When the file cannot be read or lacks a column.

    Examples
    --------
    >>> import tempfile
    >>> text = "Child ID,Date,Postcode\nA1,03/05/2024,BL1 1AP\nA1,03/05/2024,BL1 1AP\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "referrals.csv"
    ...     _ = path.write_text(text)
    ...     found = check_records(path, kind="referrals")
    >>> found.rows, found.used, [(each.what, each.rows) for each in found.findings][0]
    (2, 1, ('same child, kind and day as an earlier row', (3,)))
    """
    from bolton_jsna.building import last_area
    from bolton_jsna.building._options import BuildOptions
    from bolton_jsna.building.inputs import own_file
    from bolton_jsna.building.preview import forecast

    path = Path(path)
    if rejects is not None:
        replaces_no_input(Path(rejects), path, columns, workspace)
    meant = last_area.meant(None if area is None else area_of(area), workspace_folder(workspace))
    (place,) = meant.places
    options = BuildOptions(
        workspace=workspace,
        local_records=path,
        kind=kind,
        columns=columns,
        year=year,
        records_to=day_of(records_to),
    )
    made_from, build = forecast(place, options)
    if made_from is not None:
        lookup, found, counted = made_from.lookup, made_from.local, made_from.counted
    else:
        lookup = _own_lookup(place, workspace)
        understood = functools.partial(own_file, place, options, whole=False)
        try:
            found, counted = understood(lookup=lookup)
        except VintageError:
            # The forecast says so; what the file holds is told all the same.
            found, counted = understood()
    own = found or counted
    assert own is not None  # noqa: S101 (there is a file)
    if rejects is not None:
        write_private(own.rejects.to_csv(index=False, lineterminator="\n"), rejects)
    notes = _private(path)
    if lookup is None:
        notes.append(f"The LSOAs of {place.name} are not at hand: areas were not checked.")
    if counted is not None:
        return replace(_of_counts(path, counted, place, notes, build), area_from=meant.why)
    assert found is not None  # noqa: S101 (one of the two)
    findings = [*_refused(found.rejects), *_remarked(found), *_elsewhere(found, place, lookup)]
    notes += _notes(found)
    records = found.records
    return RecordsCheck(
        file=path.name,
        how=found.reading.how,
        area=place.name,
        rows=found.reading.rows,
        used=len(records),
        kinds={name: int(n) for name, n in records["kind"].value_counts().sort_index().items()},
        years=_years(records),
        events_per_child=_per_child(records),
        findings=tuple(findings),
        headings=found.reading.headings,
        orders=found.reading.orders,
        notes=tuple(notes),
        build=build,
        area_from=meant.why,
    )


def _of_counts(
    path: Path, found: LocalCounts, place: Area, notes: list[str], build: Forecast
) -> RecordsCheck:
    return RecordsCheck(
        file=path.name,
        how=_COUNTS,
        area=place.name,
        rows=found.rows,
        used=len(found.counts),
        findings=tuple(_refused(found.rejects)),
        notes=(
            f"Counts by area, not records: {local_counts.told(found)}.",
            *notes,
            *sheets_aside(found.sheets_left, found.sheets_hidden),
        ),
        build=build,
    )


def _own_lookup(place: Area, workspace: str | Path | None) -> pd.DataFrame | None:
    """Return the wards of the LSOAs of an authority; None where they are not there."""
    from bolton_jsna.loaders import load_lookup

    try:
        return load_lookup(place, workspace=workspace)
    except MissingDataError:
        return None


def _finding(what: str, frame: pd.DataFrame, *, used: bool) -> Finding:
    ordered = frame.sort_values([each for each in ("sheet", "row") if each in frame])
    return Finding(
        what,
        used,
        len(ordered),
        tuple(int(each) for each in ordered["row"]),
        tuple(int(each) for each in ordered["sheet"]) if "sheet" in ordered else (),
    )


def _refused(rejects: pd.DataFrame) -> list[Finding]:
    """Return a finding for each reason; a row with two stands in both."""
    split = rejects.assign(reason=rejects["reason"].str.split("; ")).explode("reason")
    counts = split["reason"].value_counts()
    return [
        _finding(str(each), split[split["reason"] == each], used=False) for each in counts.index
    ]


def _remarked(found: LocalRecords) -> list[Finding]:
    remarks = found.remarks
    if remarks is None or remarks.empty:
        return []
    counts = remarks["remark"].value_counts()
    return [
        _finding(text, remarks[remarks["remark"] == name], used=True)
        for name, text in REMARKS.items()
        if name in counts.index
    ]


def _elsewhere(found: LocalRecords, place: Area, lookup: pd.DataFrame | None) -> list[Finding]:
    """Return homes outside of the authority and postcodes that are not known."""
    records, rows = found.records, found.rows
    if rows is None:
        return []
    findings = []
    lsoa = records["lsoa_code"]
    unknown = records["postcode"].notna() & lsoa.isna()
    if unknown.any():
        what = (
            f"postcode not among those known here: outside of {place.name}, ended or mistyped "
            "(counted for the authority, and for no ward)"
        )
        findings.append(_finding(what, rows[unknown.to_numpy()], used=True))
    if lookup is None:
        return findings
    outside = lsoa.notna() & ~lsoa.isin(set(lookup["from_code"]))
    if outside.any():
        what = f"LSOA outside of {place.name}, or of another year (counted for no ward)"
        findings.append(_finding(what, rows[outside.to_numpy()], used=True))
    return findings


def _years(records: pd.DataFrame) -> dict[str, tuple[int, int]]:
    found = {}
    for kind, dates in records.groupby("kind", observed=True)["date"]:
        years = dates.dt.year + (dates.dt.month >= 4)
        found[str(kind)] = (int(years.min()), int(years.max()))
    return found


def _per_child(records: pd.DataFrame) -> dict[str, dict[str, int]]:
    found = {}
    for kind, rows in records.groupby("kind", observed=True):
        events = rows["child_id"].value_counts().clip(upper=MOST).value_counts()
        names = {n: f"{n} or more" if n == MOST else str(n) for n in range(1, MOST + 1)}
        found[str(kind)] = {name: int(events.get(n, 0)) for n, name in names.items()}
    return found


def _notes(found: LocalRecords) -> list[str]:
    reading = found.reading
    notes = []
    if reading.year is not None:
        notes.append(f"Census return for the year ending 31 March {reading.year}.")
    if reading.sheets:
        left = f", not used {_ranges(reading.sheets_left)}" if reading.sheets_left else ""
        notes.append(f"Sheets by number: read {_ranges(reading.sheets)}{left}.")
    notes += sheets_aside((), reading.sheets_hidden, reading.sheets_other)
    if len(found.records) and found.records[list(HOME)].isna().all(axis=None):
        headed = any(set(HOME) & set(each) for each in reading.headings.values())
        where = "row" if headed else "column"
        notes.append(
            f"No {where} has a home: the records count for the authority, and for no ward."
        )
    if reading.others:
        notes.append(f"Columns left out: {reading.others}.")
    return notes


def _private(path: Path) -> list[str]:
    if os.name != "posix" or not path.stat().st_mode & 0o077:
        return []
    return [f"Others on this machine may read the extract: chmod 600 {path.name} keeps them out."]


def check_lines(found: RecordsCheck) -> str:
    """Return a check as text for a person."""
    kinds = ", ".join(f"{count:,} {name}{_s(name, count)}" for name, count in found.kinds.items())
    made = "counts" if found.how == _COUNTS else "records"
    lines = [
        f"{found.file}: {found.how}. {NOT_FOR_PUBLICATION}.",
        f"{found.rows:,} rows: {found.used:,} {made} used{f' ({kinds})' if kinds else ''}.",
    ]
    if found.area_from:
        lines.append(f"Checked for {found.area}, {found.area_from}. --area takes another.")
    for kind, names in found.headings.items():
        taken = ", ".join(f"{name} from {heading!r}" for name, heading in names.items())
        lines.append(f"Read as {kind}: {taken}.")
    lines += [f"Days of {name} read {order}." for name, order in found.orders.items()]
    for kind, (first, last) in found.years.items():
        years = f"year ending 31 March {first}"
        years = years if first == last else f"years ending 31 March {first} to {last}"
        lines.append(f"Dates of {kind}s: {years}.")
    for kind, events in found.events_per_child.items():
        told = ", ".join(f"{count:,} with {name}" for name, count in events.items())
        lines.append(f"Children by number of {kind}s: {told}.")
    for used, title in ((False, "Rows not used"), (True, "Rows used though something is amiss")):
        here = [each for each in found.findings if each.used is used]
        if here:
            lines += ["", f"{title}:"]
            lines += [f"{each.count:>9,}  {each.what}: {_where(each)}" for each in here]
    if found.findings and not any(not each.used for each in found.findings):
        lines += ["", "No row is left out."]
    if found.notes:
        lines += ["", *found.notes]
    if found.build is not None:
        lines += ["", *found.build.lines()]
    return clean("\n".join(lines))


def _s(word: str, count: int) -> str:
    return "" if count == 1 or word.endswith("s") else "s"


def _where(found: Finding) -> str:
    if not found.sheets:
        return f"row{_s('row', len(found.rows))} {_ranges(found.rows)}"
    pairs = zip(found.sheets, found.rows, strict=True)
    return "; ".join(
        f"sheet {sheet} row {_ranges([row for _, row in group])}"
        for sheet, group in itertools.groupby(pairs, key=lambda each: each[0])
    )


def _ranges(numbers: Iterable[int] | Sequence[int]) -> str:
    """Return numbers in order as ``2-5, 9``, the first of many written out."""
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    shown = [str(a) if a == b else f"{a}-{b}" for a, b in spans[:_SHOWN]]
    left: int = sum(b - a + 1 for a, b in spans[_SHOWN:])
    return ", ".join(shown) + (f" and {left:,} more" if left else "")
