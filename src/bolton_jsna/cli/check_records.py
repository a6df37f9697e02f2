"""How an extract was read: for the person who made it, without anything about a child."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.cli._rejects_file import check_path
from bolton_jsna.core.areas import Area, check_authorities
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import clean
from bolton_jsna.core.export import NOT_FOR_PUBLICATION, write_private
from bolton_jsna.core.notebook import table_of_text
from bolton_jsna.core.years import day_of
from bolton_jsna.tables.local import counts as local_counts
from bolton_jsna.tables.local.layouts import HOME, Columns
from bolton_jsna.tables.local.sheets import COUNTS, GROUP_COUNTS
from bolton_jsna.tables.local.values import REMARKS

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building._local_source import LocalSource
    from bolton_jsna.building.preview import Preview

MOST: Final = 4
"""Children with this many events or more are counted together: many events identify a child."""

_SHOWN: Final = 12


@dataclass(frozen=True)
class Finding:
    """One thing found in a file, and its rows.

    Attributes
    ----------
    what : str
        In words; nothing of a row's cells.
    used : bool
        Whether these rows are still counted.
    count : int
        How many rows.
    rows : tuple of int
        Their numbers in the file or sheet.
    sheets : tuple of int
        The sheet of each row by number; empty if one sheet was read.
    """

    what: str
    used: bool
    count: int
    rows: tuple[int, ...]
    sheets: tuple[int, ...] = ()


@dataclass(frozen=True)
class RecordsCheck:
    """How a file was read.

    Attributes
    ----------
    file, how, area : str
        Its name, format, and the authority that it was checked for.
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
        Problems; rows not used come first.
    headings : Mapping
        Which heading each column was taken from.
    orders : Mapping of str to str
        How days such as 3/4/2024 were read.
    notes : tuple of str
        Further sentences for the user.
    build : Preview
        What a build would use, or why it would stop.
    area_from : str
        Why this authority; empty if the user named it.
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
    build: Preview | None = None
    area_from: str = ""

    def __repr__(self) -> str:
        return check_lines(self)

    def _repr_html_(self) -> str:
        return table_of_text(repr(self)).to_html()

    def to_json(self) -> str:
        """Return the check as JSON text."""
        said = {"publication": NOT_FOR_PUBLICATION, **asdict(self)}
        return clean(json.dumps(said, indent=1, ensure_ascii=False, default=dict)) + "\n"


@checked
def check_records(
    path: str | Path,
    *,
    kind: str | None = None,
    columns: Columns | None = None,
    area: str | int | Area | None = None,
    year: int | None = None,
    to_year: int | None = None,
    records_to: dt.date | str | None = None,
    workspace: str | Path | None = None,
    rejects: str | Path | None = None,
) -> RecordsCheck:
    r"""Show how an extract is read, by numbers of rows and row numbers.

    Parameters
    ----------
    path : str or Path
        An extract of records, or counts by area.
    kind, columns
        As :func:`~bolton_jsna.load_local_records`.
    area : place, optional
        The children's authority. Default: that of the last build in the workspace, or Bolton if
        nothing has been built.
    year, to_year, records_to
        As :func:`~bolton_jsna.building.build`.
    workspace : str or Path, optional
        The folder that holds ``data/raw/``.
    rejects : str or Path, optional
        A CSV file to write the number and reason of each unused row to; only its owner can read
        it. Nothing is written without it.

    Raises
    ------
    UsageError
        When the rejects would replace the extract, the mapping or a file of the workspace, or an
        argument is not valid.
    SourceError, SchemaError
        When the file cannot be read or has no column for something needed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
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
    from bolton_jsna.building.preview import preview

    path = Path(path)
    options = BuildOptions(
        workspace=workspace,
        local_records=path,
        kind=kind,
        columns=columns,
        year=year,
        to_year=to_year,
        records_to=day_of(records_to),
    )
    if rejects is not None:
        check_path(Path(rejects), options)
    choice = last_area.choose(None if area is None else area_of(area), options.folder)
    (place,) = choice.places
    check_authorities([place], "A check of records")
    found, lookup, build = preview(place, options)
    if rejects is not None:
        write_private(found.rejects.to_csv(index=False, lineterminator="\n"), rejects)
    notes = _private(path)
    if lookup is None:
        notes.append(f"The LSOAs of {place.name} are not available, so areas were not checked.")
    if found.groups is not None:
        notes.insert(0, "Counts of the whole authority by age band or category, not records.")
    elif found.kind == "counts":
        notes.insert(0, f"Counts by area, not records: {local_counts.described(found.counts)}.")
    records = found.records
    return RecordsCheck(
        file=path.name,
        how=found.reading.how,
        area=place.name,
        rows=found.reading.rows,
        used=len(records) + len(found.counts if found.groups is None else found.groups),
        kinds={name: int(n) for name, n in records["kind"].value_counts().sort_index().items()},
        years=_years(records),
        events_per_child=_per_child(records),
        findings=tuple(_findings(found, place, lookup)),
        headings=found.reading.headings,
        orders=found.reading.orders,
        notes=(*notes, *_notes(found)),
        build=build,
        area_from=choice.why,
    )


def _finding(what: str, rows: pd.DataFrame, *, used: bool) -> Finding:
    rows = rows.sort_values([each for each in ("sheet", "row") if each in rows])
    sheets = tuple(map(int, rows["sheet"])) if "sheet" in rows else ()
    return Finding(what, used, len(rows), tuple(map(int, rows["row"])), sheets)


def _findings(found: LocalSource, place: Area, lookup: pd.DataFrame | None) -> list[Finding]:
    """Return a finding for each reason and remark; a row with two reasons is in both."""
    reasons = found.rejects.assign(reason=found.rejects["reason"].str.split("; ")).explode("reason")
    findings = [
        _finding(str(each), reasons[reasons["reason"] == each], used=False)
        for each in reasons["reason"].value_counts().index
    ]
    if found.rows is None or found.remarks is None:
        return findings
    remarks = found.remarks["remark"]
    used = {text: found.remarks[remarks == name] for name, text in REMARKS.items()}
    postcode, lsoa = found.records["postcode"], found.records["lsoa_code"]
    unknown = (
        f"unknown postcode: outside {place.name}, no longer in use, or mistyped (counted for the "
        "authority, but for no ward)"
    )
    used[unknown] = found.rows[(postcode.notna() & lsoa.isna()).to_numpy()]
    if lookup is not None:
        outside = lsoa.notna() & ~lsoa.isin(set(lookup["from_code"]))
        what = f"LSOA outside {place.name}, or of another year (counted for no ward)"
        used[what] = found.rows[outside.to_numpy()]
    return [
        *findings,
        *(_finding(what, rows, used=True) for what, rows in used.items() if len(rows)),
    ]


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


def _notes(found: LocalSource) -> list[str]:
    reading = found.reading
    notes = []
    if reading.year is not None:
        notes.append(f"Census return for the year ending 31 March {reading.year}.")
    if reading.sheets:
        left = f", not used {_ranges(reading.sheets_left)}" if reading.sheets_left else ""
        notes.append(f"Sheets by number: read {_ranges(reading.sheets)}{left}.")
    notes += reading.sheet_notes
    if found.homeless:
        headed = any(set(HOME) & set(each) for each in reading.headings.values())
        where = "row" if headed else "column"
        notes.append(
            f"No {where} has a home: the records count for the authority, but for no ward."
        )
    if reading.others:
        notes.append(f"Columns left out: {reading.others}.")
    return notes


def _private(path: Path) -> list[str]:
    if os.name != "posix" or not path.stat().st_mode & 0o077:
        return []
    return [
        f"Other users of this machine can read the extract. To stop this: chmod 600 {path.name}"
    ]


def check_lines(found: RecordsCheck) -> str:
    """Return a check as text for a person."""
    kinds = ", ".join(f"{count:,} {name}{_s(name, count)}" for name, count in found.kinds.items())
    made = "counts" if found.how in (COUNTS, GROUP_COUNTS) else "records"
    lines = [
        f"{found.file}: {found.how}. {NOT_FOR_PUBLICATION}.",
        f"{found.rows:,} rows: {found.used:,} {made} used{f' ({kinds})' if kinds else ''}.",
    ]
    if found.area_from:
        lines.append(
            f"Checked for {found.area}, {found.area_from}. --area takes another (in Python area=)."
        )
    for kind, names in found.headings.items():
        taken = ", ".join(f"{name} from {heading!r}" for name, heading in names.items())
        lines.append(f"Read as {kind}: {taken}.")
    lines += [f"Days of {name} read {order}." for name, order in found.orders.items()]
    for kind, (first, last) in found.years.items():
        years = f"year ending 31 March {first}"
        years = years if first == last else f"years ending 31 March {first} to {last}"
        lines.append(f"Dates of {kind}s: {years}.")
    for kind, events in found.events_per_child.items():
        listed = ", ".join(f"{count:,} with {name}" for name, count in events.items())
        lines.append(f"Children by number of {kind}s: {listed}.")
    for used, title in ((False, "Rows not used"), (True, "Rows used, with a problem")):
        here = [each for each in found.findings if each.used is used]
        if here:
            lines += ["", f"{title}:"]
            lines += [f"{each.count:>9,}  {each.what}: {_where(each)}" for each in here]
    if found.findings and not any(not each.used for each in found.findings):
        lines += ["", "All rows are used."]
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
