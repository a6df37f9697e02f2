"""Advice on an extract with unknown headings, which shows these headings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from bolton_jsna.core.errors import SchemaError, did_you_mean, some
from bolton_jsna.tables.local import _dates as local_days
from bolton_jsna.tables.local import cells as local_cells
from bolton_jsna.tables.local.layouts import (
    EventKind,
    FileSettings,
    key,
    missing_columns,
    recognised,
)

_NEEDED: Final[Mapping[str, str]] = {
    "child_id": "needed: the child, by a number of your own",
    "date": "needed: day of the referral, or on which the plan began",
    "end_date": "day on which the plan ended",
    "birth_date": "or age",
    "postcode": "or lsoa_code: of the child's home",
}


def headings_error(
    file: str, headers: Sequence[Sequence[str]], kind: EventKind | None, settings: FileSettings
) -> SchemaError:
    """Return the error of a file without the headings that are needed."""
    # Headings are shown only if most cells are known ones, because the others may be data.
    header = max(headers, key=lambda each: recognised(each, settings))
    missing = missing_columns(header, kind, settings)
    filled = [cell for cell in header if cell]
    known = [cell for cell in filled if recognised([cell], settings)]
    shown = known if len(known) * 2 < len(filled) else filled
    own = [each for names in settings.columns.values() for each in names]
    unmatched = [each for each in own if key(each) not in {key(cell) for cell in header}]
    hint = ""
    if "kind" in missing:
        hint = ' Without a column kind, give kind="referrals" or "plans" (--kind).'
    if unmatched:
        near = did_you_mean(unmatched[0], shown)
        hint += f" The mapping names headings that the file does not have: {some(unmatched)}.{near}"
    return SchemaError(
        f"{file!r} has no column for {some(missing)}. Its headings: "
        f"{some(shown, most=20, like=missing)}. "
        "Expected: kind, child_id, date, end_date, age or birth_date, sex, ethnicity, postcode, "
        f"lsoa_code, category, referral_source, or names for them in a mapping (columns=).{hint}"
        f"{template(shown)}"
    )


def template(headings: Sequence[str]) -> str:
    """Return how to name the columns of a file, with its own headings."""
    listed = some((json.dumps(each, ensure_ascii=False) for each in headings if each), most=30)
    lines = [
        " Write a file such as ours.toml and give it: --columns ours.toml (in Python columns=).",
        "",
        f"[columns]  # each one of: {listed}" if headings else "[columns]  # your own headings",
        *(f'{name} = "..."  # {what}' for name, what in _NEEDED.items()),
        "",
        "[options]",
        'kind = "referrals"  # or "plans": what the rows are',
    ]
    return "\n".join(lines)


def may_be_headings(cells: Sequence[str]) -> int:
    """Return how many cells a row has if it may be headings: words without digits."""
    # A record has a date, and a date has digits.
    filled = [cell.strip() for cell in cells if cell.strip()]
    plain = all(any(mark.isalpha() for mark in cell) for cell in filled)
    digits = any(mark.isdigit() for cell in filled for mark in cell)
    return len(filled) if plain and not digits and len(set(filled)) == len(filled) else 0


def own_headings(content: bytes, name: str) -> list[str]:
    """Return unknown headings, if they cannot be a record."""
    # They are words without digits above a column of dates.
    for sheet in local_cells.sheets(content, name, may_be_headings):
        _, columns = sheet.rows([at for at, cell in enumerate(sheet.header) if cell])
        for column in columns.values():
            filled = [text for text in column.texts if text]
            days = [text for text in filled if local_days.year_of(text) is not None]
            if filled and len(days) * 2 > len(filled):
                return [cell for cell in sheet.header if cell]
    return []
