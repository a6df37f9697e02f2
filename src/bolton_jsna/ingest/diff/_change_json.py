"""Changes as JSON, and changes read from JSON that anyone may have edited."""

from __future__ import annotations

import json
from typing import Any, Final

from bolton_jsna.ingest import _typed_json as typed
from bolton_jsna.ingest.diff import MOST, Change, Revision


def text_of(content: dict[str, Any]) -> str:
    """Return facts as JSON text that :func:`bolton_jsna.core.untrusted.read_json` reads."""
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n"


def facts_of(change: Change, *, most: int = MOST) -> dict[str, Any]:
    """Return a change as JSON has it, with no more than so many revised figures."""
    # Not dataclasses.asdict, which takes minutes for the figures of hundreds of files.
    return {**vars(change), "revisions": [vars(each) for each in change.revisions[:most]]}


def change_of(facts: object) -> Change:
    """Return a change whose every value is of its type; texts and lists are cut to a length."""
    return typed.read(Change, facts, _READERS, "a change")


def _revision(facts: object) -> Revision:
    return typed.read(Revision, facts, _READERS, "a revised figure")


_text = typed.text(500)
_texts = typed.many(_text, 1_000)  # headings or editions


def _cell(value: object) -> int | float | str | None:
    """Return the value of a cell: a figure, a text or none."""
    if value is None or type(value) is bool:
        return value
    return _text(value) if isinstance(value, str) else typed.number(value)


def _pair(value: object) -> tuple[str, str]:
    first, second = typed.many(_text, 3)(value)
    return first, second


_READERS: Final[dict[str, typed.Reader]] = {
    "str": _text,
    "bool": typed.flag,
    "int": typed.count,
    "Any": _cell,
    "float | None": lambda value: None if value is None else typed.number(value),
    "dict[str, Any]": typed.table(_text, _cell, 20),
    "dict[str, str]": typed.table(_text, _text, 20),
    "tuple[str, ...]": _texts,
    "tuple[tuple[str, str], ...]": typed.many(_pair, 1_000),
    "tuple[Revision, ...]": typed.many(_revision, MOST),
}
"""How a value of each type is read."""
