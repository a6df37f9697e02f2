"""The report of what refreshes changed, as a page in Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bolton_jsna.core import untrusted
from bolton_jsna.core.errors import some
from bolton_jsna.core.states import LABELS
from bolton_jsna.core.timestamps import when
from bolton_jsna.ingest.diff import SHOWN, Change, Revision

_WORDS = {
    "area_code": "area",
    "lsoa_code": "LSOA",
    "from_code": "small area",
    "to_code": "larger area",
    "neighbour_code": "neighbour",
    "idaci_score": "IDACI score",
    "idaci_rank": "IDACI rank",
    "idaci_decile": "IDACI decile",
    "children_0_15": "children aged 0-15",
    "persons": "different children",
}
_SHORT = {
    "cpp": "child protection plans ",
    "cin": "children in need ",
    "cla": "children looked after ",
    "re": "re-",
}
_YEARS = {"year", "edition", "base_year", "model", "release", "lsoa_year"}
_ESCAPED = {
    "\\": "&#92;",
    "&": "&amp;",
    "<": "&lt;",
    **{each: f"\\{each}" for each in "|[]`*"},
}


@dataclass(frozen=True)
class Run:
    """One refresh that changed something.

    Attributes
    ----------
    refreshed : str
        When it began (ISO 8601).
    changes : tuple of Change
        What it changed, and what an interrupted refresh before it changed.
    build : str
        The result of the build after it; empty if there was none.
    """

    refreshed: str
    changes: tuple[Change, ...]
    build: str = ""


def page(runs: Sequence[Run]) -> str:
    """Return the report of several refreshes, the newest first, as a page of text."""
    return "\n".join("\n".join(_run(each)) for each in runs)


def _run(run: Run) -> list[str]:
    lines = [f"# What the refresh of {_moment(run.refreshed)} changed", ""]
    lines += [f"Build: {_safe(run.build)}" if run.build else "The refresh made no build."]
    lines += ["", *_origins(run.changes)]
    lines += [
        "| file | rows | added | removed | figures revised | new |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for each in run.changes:
        counts = [f"{count:,}" for count in (each.rows, each.added, each.removed, each.revised)]
        # Figures of another publisher are not revisions.
        shown = [counts[0], *"---"] if each.first or each.service else counts
        new = some(each.new_editions) if each.new_editions else each.switched
        new = "first copy" if each.first else new
        lines.append(f"| {_safe(each.file)} | {' | '.join(shown)} | {_safe(new)} |")
    for each in run.changes:
        lines += _section(each)
    return [*lines, ""]


def _origins(changes: Sequence[Change]) -> list[str]:
    """Return which changes an interrupted refresh left, and which a loader made."""
    lines = []
    left = [each for each in changes if each.left and not each.download]
    if left:
        began = some(sorted({_moment(each.left) for each in left}))
        lines.append(
            f"Left by a refresh that was interrupted (it began on {began}): "
            f"{_safe(some([each.file for each in left], most=20))}."
        )
    loaded = [each.file for each in changes if each.download]
    if loaded:
        lines.append(
            f"Fetched with download=True before this refresh: {_safe(some(loaded, most=20))}."
        )
    return [text for line in lines for text in (line, "")]


def _section(change: Change) -> list[str]:
    lines: list[str] = []
    before, now = ("only before", "only now") if change.service else ("removed", "added")
    if change.service:
        lines += [
            f"{_safe(change.switched[:1].upper() + change.switched[1:])}. Figures "
            f"that both copies have: {change.both:,}, of which {change.revised:,} differ (figures "
            "that are the same when rounded alike count as the same). Figures only in the copy "
            f"before: {change.only_before:,}. Figures only in the new one: {change.only_now:,}.",
            "",
        ]
    for count, words, what in (
        (change.added, now, change.added_what),
        (change.removed, before, change.removed_what),
    ):
        if count and what:
            lines.append(f"- Rows {words}: {count:,} ({_safe(_in_words(what))}).")
    for kinds, words in (
        (change.figures_gone, "No longer in the file"),
        (change.figures_come, "In the file for the first time"),
    ):
        if kinds:
            lines.append(f"- {words}: {_safe(some(map(_in_words, kinds), most=20))}.")
    if change.columns_renamed:
        pairs = [f"{_safe(old)} is now {_safe(new)}" for old, new in change.columns_renamed]
        lines.append(f"- Columns renamed: {'; '.join(pairs)}.")
    if change.columns_added:
        lines.append(f"- Columns added: {_safe(some(change.columns_added, most=20))}.")
    if change.columns_removed:
        lines.append(f"- Columns removed: {_safe(some(change.columns_removed, most=20))}.")
    if change.revisions:
        lines += [*([""] if lines and lines[-1] else []), *_table(change)]
    return ["", f"## {_safe(change.file)}", "", *lines] if lines else []


def _table(change: Change) -> list[str]:
    listed = change.revisions[:SHOWN]
    names = list(listed[0].where)
    heads = [*(_safe(_in_words(name)) for name in names), "figure", "old", "new", "by"]
    lines = [f"| {' | '.join(heads)} |"]
    lines.append(f"| {' | '.join('---' for _ in names)} | --- | ---: | ---: | ---: |")
    for each in listed:
        cells = [_cell(each.where.get(name), name, each) for name in names]
        cells += [
            _safe(_in_words(each.column)),
            _cell(each.old, each.column, each, each.old_state),
            _cell(each.new, each.column, each, each.new_state),
            f"{each.by:+,.10g}" if each.by else "",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    more = change.revised - len(listed)
    if more > 0:
        where = f" in {change.beyond:,} area{'s' * (change.beyond > 1)}" if change.beyond else ""
        lines += ["", f"And {more:,} more{where}."]
    return lines


def _cell(value: Any, column: str, revision: Revision, state: str = "") -> str:
    """Return a figure with its state if it has one, or a code with its name."""
    words = LABELS.get(state, state).lower()
    if value is None:
        return _safe(words or "none")
    if isinstance(value, str) or column in _YEARS:
        if column == "indicator":
            return _safe(_in_words(str(value)))
        name = revision.names.get(str(value), "")
        return _safe(f"{name} ({value})" if name else value)
    shown = f"{value:,.10g}" if isinstance(value, float) else f"{value:,}"
    return f"{shown} ({_safe(words)})" if words else shown


def _in_words(name: str) -> str:
    """Return the name of a column or an indicator, or text with such names, in everyday words."""
    if name in _WORDS:
        return _WORDS[name]
    for short, words in _SHORT.items():
        name = re.sub(rf"\b{short}_", words, name)
    return name.replace("_", " ").replace(" march", " March")


def _moment(text: str) -> str:
    """Return a moment (ISO 8601) as messages print it; other text as it is."""
    return _safe(when(text)) or "an unknown moment"


def _safe(value: object) -> str:
    """Return a value as text without table marks, markup or control characters."""
    text = " ".join(untrusted.plain(str(value), most=20_000).split())
    return "".join(_ESCAPED.get(each, each) for each in text)
