"""What a refresh changed: rows added and removed, figures revised, columns renamed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bolton_jsna.catalogue.publishers import publisher
from bolton_jsna.core import untrusted
from bolton_jsna.ingest.diff import _revised_figures

if TYPE_CHECKING:
    import pandas as pd

REPORT = Path("data") / "processed" / "changes.md"
RECORD = Path("data") / "processed" / "changes.json"

MOST = 200
"""The most revised figures of one file in the record, which counts all of them."""

SHOWN = 40
"""The most revised figures of one file on the page."""

# Columns that name the edition of a row and are not figures.
_EDITIONS = ("edition", "release", "base_year", "model", "year")


@dataclass(frozen=True)
class Revision:
    """One figure that a publisher has revised.

    Attributes
    ----------
    where : dict
        The key of its row.
    column : str
        The column of the figure.
    old, new : int, float, str or None
        The figure before and now.
    by : float or None
        The difference, where both are numbers.
    old_state, new_state : str
        The state of each, such as ``"suppressed"``; empty for a value.
    names : dict of str to str
        The names of the codes in ``where``, ``old`` and ``new``.
    """

    where: dict[str, Any]
    column: str
    old: Any
    new: Any
    by: float | None
    old_state: str = ""
    new_state: str = ""
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """What a new copy of a file changed.

    Attributes
    ----------
    file : str
        The key of the file, such as ``"idaci@2025"``.
    path : str
        Where it is, below ``data/raw/``.
    first : bool
        Whether there was no copy before.
    rows : int
        Rows of the tidy table now.
    added, removed : int
        Rows that only the new or only the old copy has.
    revised : int
        Figures that differ.
    revisions : tuple of Revision
        The first of them: those of the areas of the refresh, of their neighbours, of England and
        the regions, then others. In each group the largest differences are first.
    new_editions : tuple of str
        Editions, releases, years or models that the old copy did not have.
    columns_added, columns_removed : tuple of str
        Published headings.
    columns_renamed : tuple of (str, str)
        Old and new heading.
    added_what, removed_what : str
        The years, indicators and so on of rows added and removed, in words.
    figures_gone, figures_come : tuple of str
        Kinds of figures that only the old or only the new copy has, and how many, as
        ``"published_rate of referrals (1,980)"``. They do not count as revised.
    beyond : int
        The number of areas of the figures that are not on the page.
    service, service_before : str
        The services of both copies, if they differ; otherwise empty.
    both, only_before, only_now : int
        If the services differ: figures that both copies have, or only one.
    id : str
        Its name in the journal.
    left : str
        When the refresh began that was interrupted before it reported the change (ISO 8601); else
        empty.
    download : bool
        Whether a loader fetched it (``download=True``), not a refresh.
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
    added_what: str = ""
    removed_what: str = ""
    figures_gone: tuple[str, ...] = ()
    figures_come: tuple[str, ...] = ()
    beyond: int = 0
    service: str = ""
    service_before: str = ""
    both: int = 0
    only_before: int = 0
    only_now: int = 0
    id: str = ""
    left: str = ""
    download: bool = False

    @property
    def switched(self) -> str:
        """The service of the copy now and before; empty if it is the same."""
        if not self.service:
            return ""
        now, before = (publisher(each).name for each in (self.service, self.service_before))
        return f"now from {now}, before from {before}"

    def __str__(self) -> str:
        """The change in one line, such as ``"3 rows added, 1 figure revised"``."""
        if self.service:
            return (
                f"{self.switched}: {self.both:,} figures in both, "
                f"{f'{self.revised:,}' if self.revised else 'none'} of them different; "
                f"{self.only_before:,} only before, {self.only_now:,} only now"
            )
        counts = (
            (self.added, "row added", "rows added"),
            (self.removed, "row removed", "rows removed"),
            (self.revised, "figure revised", "figures revised"),
            (len(self.figures_gone), "kind of figure", "kinds of figures", " no longer published"),
            (len(self.figures_come), "new kind of figure", "new kinds of figures"),
            (len(self.columns_renamed), "column renamed", "columns renamed"),
        )
        said = [
            f"{count:,} {one if count == 1 else many}{''.join(more)}"
            for count, one, many, *more in counts
            if count
        ]
        return ", ".join(said) or "new bytes, the same figures"


def left_behind(changes: Sequence[Change]) -> str:
    """Return how many changes an interrupted refresh or a loader left; empty if none."""
    said = []
    for download, whom in (
        (False, "left by a refresh that was interrupted"),
        (True, "fetched before it with download=True"),
    ):
        count = sum(bool(each.left) and each.download is download for each in changes)
        if count:
            said.append(f"{count} of {len(changes)} {'was' if count == 1 else 'were'} {whom}")
    return f" ({'; '.join(said)})" if said else ""


def compare(
    before: pd.DataFrame | None,
    after: pd.DataFrame,
    *,
    key: Sequence[str],
    file: str,
    path: str = "",
    headings: tuple[Sequence[str], Sequence[str]] = ((), ()),
    services: tuple[str, str] = ("", ""),
    ranks: Mapping[str, int] | None = None,
) -> Change:
    """Return what differs between two copies of a tidy table."""
    if before is None:
        return Change(file, path, first=True, rows=len(after), new_editions=_new(None, after))
    switched = all(services) and services[0] != services[1]
    named: dict[str, Any] = {}
    if switched:
        named = {"service": services[1], "service_before": services[0]}
    else:
        named = {"new_editions": _new(before, after), **_headings(*headings)}
    by = _revised_figures.key_of(before, after, key, switched=switched)
    if not by or any(name not in before.columns for name in by):
        return Change(
            file, path, first=False, rows=len(after), added=len(after), removed=len(before), **named
        )
    old, new = _revised_figures.indexed(before, by), _revised_figures.indexed(after, by)
    there = new.index.isin(old.index)
    both, come = new.index[there], new.index[~there]
    gone = old.index[~old.index.isin(new.index)]
    if switched:
        named |= _revised_figures.shared(old, new)
    old, new = old.loc[both], new.loc[both]
    lost, won = (
        ((), ())
        if switched
        else (_revised_figures.whole(old, new, by), _revised_figures.whole(new, old, by))
    )
    found = _revised_figures.differing(
        old, new, by, ranks or {}, switched=switched, passed_over=[*lost, *won]
    )
    return Change(
        file=file,
        path=path,
        first=False,
        rows=len(after),
        added=len(come),
        removed=len(gone),
        added_what=_revised_figures.what(come, by),
        removed_what=_revised_figures.what(gone, by),
        figures_gone=_kinds(lost),
        figures_come=_kinds(won),
        revised=len(found),
        revisions=tuple(
            Revision(**_revised_figures.facts(each, old, new, by)) for each in found[:MOST]
        ),
        beyond=len({each.whose for each in found[SHOWN:]}),
        **named,
    )


def _kinds(found: Sequence[_revised_figures.KindOfFigure]) -> tuple[str, ...]:
    return tuple(
        f"{each.column}{f' of {each.of}' if each.of else ''} ({each.figures:,})" for each in found
    )


def _new(before: pd.DataFrame | None, after: pd.DataFrame) -> tuple[str, ...]:
    found: list[str] = []
    for name in _EDITIONS:
        if name not in after.columns:
            continue
        known = set() if before is None or name not in before.columns else set(before[name])
        come = sorted(set(after[name].dropna()) - known, key=str)
        if before is not None:
            found += [untrusted.plain(f"{name} {each}") for each in come]
    return tuple(found)


def _headings(old: Sequence[str], new: Sequence[str]) -> dict[str, Any]:
    """Return headings removed, added and renamed (similar, or in the same place)."""
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
    return {
        "columns_added": tuple(map(untrusted.plain, come)),
        "columns_removed": tuple(map(untrusted.plain, gone)),
        "columns_renamed": tuple((untrusted.plain(a), untrusted.plain(b)) for a, b in renamed),
    }
