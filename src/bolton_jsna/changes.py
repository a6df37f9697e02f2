"""What a refresh changed: rows added and removed, figures revised, columns renamed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bolton_jsna import atomic, untrusted
from bolton_jsna.errors import some

if TYPE_CHECKING:
    import pandas as pd

REPORT = Path("data") / "processed" / "changes.md"
RECORD = Path("data") / "processed" / "changes.json"

MOST = 200
"""Revised figures that a report lists for one file; it counts all of them."""

# What says of which edition a row is, and is no figure of its own.
_EDITIONS = ("edition", "release", "base_year", "model", "year")
_PASSED_OVER = {"source", "release"}
_SAME = 1e-9


@dataclass(frozen=True)
class Revision:
    """One figure that a publisher has revised.

    Attributes
    ----------
    where : dict
        The key of its row.
    column : str
        Which figure.
    old, new : int, float, str or None
        As it was and as it is.
    by : float or None
        The difference, where both are numbers.
    """

    where: dict[str, Any]
    column: str
    old: Any
    new: Any
    by: float | None


@dataclass(frozen=True)
class Change:
    """What a new copy of a file changed.

    Attributes
    ----------
    file : str
        The key of the file, such as ``"idaci@2025"``.
    path : str
        Where it lies, below ``data/raw/``.
    first : bool
        Whether there was no copy before.
    rows : int
        Rows of the tidy table now.
    added, removed : int
        Rows that only the new or only the old copy has.
    revised : int
        Figures that differ.
    revisions : tuple of Revision
        The first of them, the largest differences before the small.
    new_editions : tuple of str
        Editions, releases, years or models that the old copy had not.
    columns_added, columns_removed : tuple of str
        Headings as published.
    columns_renamed : tuple of (str, str)
        Headings that stand where another stood.
    """

    file: str
    path: str
    first: bool
    rows: int
    added: int = 0
    removed: int = 0
    revised: int = 0
    revisions: tuple[Revision, ...] = ()
    new_editions: tuple[str, ...] = ()
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    columns_renamed: tuple[tuple[str, str], ...] = ()


def compare(
    before: pd.DataFrame | None,
    after: pd.DataFrame,
    *,
    key: Sequence[str],
    file: str,
    path: str = "",
    headings: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> Change:
    """Return what differs between two copies of a tidy table.

    Parameters
    ----------
    before, after : DataFrame
        The copies; None when there was none before. Neither is changed.
    key : sequence of str
        Columns that name a row; ``source`` and ``release`` among them are passed over, so that
        a figure is followed from one release to the next.
    file, path : str
        What the report calls the file.
    headings : pair of sequences of str
        The headings of the old and the new file as published.

    Examples
    --------
    >>> import pandas as pd
    >>> old = pd.DataFrame({"area_code": ["A", "B"], "year": [2025, 2025], "count": [7, 9]})
    >>> new = pd.DataFrame({"area_code": ["A", "C"], "year": [2025, 2026], "count": [8, 9]})
    >>> found = compare(old, new, key=["area_code", "year"], file="x@2025")
    >>> found.added, found.removed, found.revised, found.revisions[0].by, found.new_editions
    (1, 1, 1, 1.0, ('year 2026',))
    """
    gone, come, renamed = _headings(*headings)
    named: dict[str, Any] = {
        "columns_added": come,
        "columns_removed": gone,
        "columns_renamed": renamed,
    }
    if before is None:
        return Change(file, path, first=True, rows=len(after), new_editions=_new(None, after))
    by = [name for name in key if name not in _PASSED_OVER and name in after.columns]
    if not by or any(name not in before.columns for name in by):
        return Change(
            file, path, first=False, rows=len(after), added=len(after), removed=len(before), **named
        )
    old, new = _indexed(before, by), _indexed(after, by)
    both = new.index[new.index.isin(old.index)]
    revisions = _revisions(old.loc[both], new.loc[both], by)
    return Change(
        file=file,
        path=path,
        first=False,
        rows=len(after),
        added=len(new) - len(both),
        removed=len(old) - len(both),
        revised=len(revisions),
        revisions=tuple(revisions[:MOST]),
        new_editions=_new(before, after),
        **named,
    )


def to_markdown(changes: Sequence[Change], *, when: str, build: str = "") -> str:
    """Return the change report as a page of text.

    Examples
    --------
    >>> print(to_markdown([Change("x@1", "x/1/f.csv", True, 9)], when="2026-11-24T06:00:00+00:00"))
    # What the refresh of 2026-11-24 06:00 UTC changed
    ...
    """
    moment = dt.datetime.fromisoformat(when).astimezone(dt.UTC)
    lines = [f"# What the refresh of {moment:%Y-%m-%d %H:%M} UTC changed", ""]
    lines += [
        "| file | rows | added | removed | figures revised | new editions |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for each in changes:
        counts = [each.rows, each.added, each.removed, each.revised]
        shown = [f"{count:,}" for count in counts] if not each.first else [f"{each.rows:,}", *"---"]
        new = "first copy" if each.first else some(each.new_editions) if each.new_editions else ""
        lines.append(f"| {_cell(each.file)} | {' | '.join(shown)} | {_cell(new)} |")
    for each in changes:
        lines += _section(each)
    lines += ["", _line(build)]
    return "\n".join(lines) + "\n"


def write(folder: Path, changes: Sequence[Change], *, when: str, build: str = "") -> None:
    """Write the report and its record to ``data/processed/``."""
    record = {
        "refreshed": when,
        "build": build,
        "changes": [dataclasses.asdict(each) for each in changes],
    }
    atomic.write(folder / RECORD, _json(record), within=folder)
    page = to_markdown(changes, when=when, build=build)
    atomic.write(folder / REPORT, page, within=folder)


def write_build(folder: Path, build: str) -> None:
    """Write into the last report what a later build made; nothing where there is no report.

    Examples
    --------
    >>> write_build(Path("no-such-folder"), "Bolton was built again: 44 files.")
    """
    try:
        record = untrusted.read_table(folder / RECORD)
        page = untrusted.read_bytes(folder / REPORT).decode("utf-8", errors="replace")
    except (OSError, untrusted.UntrustedError):
        return
    atomic.write(folder / RECORD, _json({**record, "build": build}), within=folder)
    lines = page.rstrip("\n").split("\n")
    atomic.write(folder / REPORT, "\n".join([*lines[:-1], _line(build)]) + "\n", within=folder)


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, indent=1, ensure_ascii=False, default=str) + "\n"


def _line(build: str) -> str:
    """Return what a build made as the last line of a report."""
    return " ".join(build.split()) or "No build was made after it."


def _section(change: Change) -> list[str]:
    lines: list[str] = []
    if change.columns_renamed:
        pairs = [f"{_cell(old)} is now {_cell(new)}" for old, new in change.columns_renamed]
        lines.append(f"- Columns renamed: {'; '.join(pairs)}.")
    if change.columns_added:
        lines.append(f"- Columns added: {_cell(some(change.columns_added, most=20))}.")
    if change.columns_removed:
        lines.append(f"- Columns removed: {_cell(some(change.columns_removed, most=20))}.")
    if change.revisions:
        names = list(change.revisions[0].where)
        lines += ["", f"| {' | '.join(names)} | figure | old | new | by |"]
        lines.append(f"| {' | '.join('---' for _ in names)} | --- | ---: | ---: | ---: |")
        for each in change.revisions:
            where = " | ".join(_cell(value) for value in each.where.values())
            by = "" if each.by is None else f"{each.by:+,.10g}"
            old, new = _cell(each.old), _cell(each.new)
            lines.append(f"| {where} | {each.column} | {old} | {new} | {by} |")
        if change.revised > len(change.revisions):
            lines += ["", f"And {change.revised - len(change.revisions):,} more."]
    return ["", f"## {_cell(change.file)}", "", *lines] if lines else []


def _cell(value: object) -> str:
    """Return a value as text that cannot break a table or bring markup with it."""
    if value is None:
        return "none"
    text = " ".join(str(value).split())
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")


def _indexed(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    import pandas as pd

    plain = pd.DataFrame(frame).drop(columns=[*_PASSED_OVER & set(frame.columns)])
    if "geometry" in plain.columns:
        outline = frame.geometry.map(lambda shape: round(shape.area) if shape else None)
        plain = plain.drop(columns="geometry").assign(area_in_square_metres=outline)
    # One sort of key in both copies, whatever the reader's types.
    for name in by:
        plain[name] = plain[name].astype(object).where(plain[name].notna(), "")
    return plain.drop_duplicates(by, keep="last").set_index(by)


def _revisions(old: pd.DataFrame, new: pd.DataFrame, by: list[str]) -> list[Revision]:
    found: list[Revision] = []
    for column in [name for name in new.columns if name in old.columns]:
        left, right = old[column].astype(object), new[column].astype(object)
        left, right = left.where(left.notna(), None), right.where(right.notna(), None)
        for where, was, now in zip(new.index, left, right, strict=True):
            if was == now:
                continue
            by_how_much = _difference(was, now)
            if by_how_much is not None and abs(by_how_much) < _SAME:
                continue
            names = where if isinstance(where, tuple) else (where,)
            row = {name: _plain(value) for name, value in zip(by, names, strict=True)}
            found.append(Revision(row, column, _plain(was), _plain(now), by_how_much))
    return sorted(found, key=lambda each: -abs(each.by) if each.by is not None else 0)


def _difference(old: Any, new: Any) -> float | None:
    try:
        return float(new) - float(old)
    except (TypeError, ValueError):
        return None


def _plain(value: Any) -> Any:
    """Return a figure as Python writes it, whatever library it came from."""
    return value.item() if hasattr(value, "item") else value


def _new(before: pd.DataFrame | None, after: pd.DataFrame) -> tuple[str, ...]:
    found: list[str] = []
    for name in _EDITIONS:
        if name not in after.columns:
            continue
        known = set() if before is None or name not in before.columns else set(before[name])
        come = sorted(set(after[name].dropna()) - known, key=str)
        if before is not None:
            found += [f"{name} {each}" for each in come]
    return tuple(found)


def _headings(
    old: Sequence[str], new: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return headings gone, come, and renamed: alike, or one in the place of the other."""
    gone = [name for name in old if name not in new]
    come = [name for name in new if name not in old]
    renamed: list[tuple[str, str]] = []
    for name in list(gone):
        near = difflib.get_close_matches(name.casefold(), [each.casefold() for each in come], n=1)
        place = list(old).index(name)
        in_place = place < len(new) and len(old) == len(new) and new[place] in come
        goal = (
            next(each for each in come if each.casefold() == near[0])
            if near
            else new[place]
            if in_place
            else None
        )
        if goal is not None:
            renamed.append((name, goal))
            gone.remove(name)
            come.remove(goal)
    return tuple(gone), tuple(come), tuple(renamed)
