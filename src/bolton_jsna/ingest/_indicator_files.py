"""The files of indicators, in the folders of all datasets that the dictionary names."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from bolton_jsna.catalogue import indicators as entries
from bolton_jsna.ingest import store
from bolton_jsna.tables import mixed_folders
from bolton_jsna.tables.reader_notes import gathered, remark

OF_CHILDREN: Final = ("children_in_need", "children_looked_after")
"""Datasets whose files have a table of their own too."""


def read(
    files: Sequence[tuple[Path, bool]], reader: Callable[[Path], Any]
) -> list[mixed_folders.Used]:
    """Read the files of every folder of indicators, folder by folder."""
    # Which files of children in need are no use at all, their own reader reports.
    used: list[mixed_folders.Used] = []
    for folder in entries.folders():
        own = [(path, True) for path, _ in files if _folder_of(path) == folder]
        hand = {path for path, by_hand in files if by_hand}
        if not own:
            continue
        with gathered() as said:
            found = mixed_folders.read(folder, own, reader, many_subjects=True).used
        for each in said:
            if folder not in OF_CHILDREN or "not needed there" not in each:
                remark(each)
        used += [dataclasses.replace(each, by_hand=each.file in hand) for each in found]
    return used


def _folder_of(path: Path) -> str:
    """Return the dataset in whose folder of ``data/raw/`` a file lies."""
    parts, raw = path.parts, Path(store.RAW).parts
    starts = [at for at in range(len(parts)) if parts[at : at + len(raw)] == raw]
    return parts[starts[-1] + len(raw)]


def serves(path: Path) -> bool:
    """Report whether a file has an indicator of the dictionary."""
    from bolton_jsna.tables import indicators

    return indicators.serves(path)
