"""Whether a file holds counts, which have the headings of no child."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from bolton_jsna.tables.local import cells as local_cells
from bolton_jsna.tables.local.layouts import FileSettings, names_children, recognised


def has_counts(
    path: str | Path,
    known: Callable[[Sequence[str]], int],
    holds: Callable[[Sequence[str]], bool],
) -> bool:
    """Return whether a sheet of a file has the headings of counts, and none those of children."""
    content = local_cells.content_of(Path(path))
    if content.lstrip()[:1] == b"<":
        return False
    name = Path(path).name
    # A letter of a record may be a heading of counts, so children are looked for first.
    of_children = local_cells.sheets(content, name, lambda cells: recognised(cells, FileSettings()))
    if any(names_children(each.header) for each in of_children if not each.hidden):
        return False
    return any(holds(each.header) for each in local_cells.sheets(content, name, known))
