"""The raw files of a workspace: ``data/raw/<dataset>/``, any depth, bytes as published."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from bolton_jsna.errors import UsageError

RAW = Path("data") / "raw"
_READABLE = (".csv", ".tsv", ".txt", ".gz", ".zip", ".xlsx", ".geojson", ".json", ".gpkg")


def workspace_folder(workspace: str | Path | None = None) -> Path:
    """Return the folder that holds ``data/`` and ``maps/``.

    Parameters
    ----------
    workspace : str or Path, optional
        The folder; without it the environment variable ``BOLTON_JSNA_WORKSPACE``, and without
        that the current folder.

    Raises
    ------
    UsageError
        When the folder is not there.

    Examples
    --------
    >>> workspace_folder(".").is_dir()
    True
    """
    folder = Path(workspace or os.environ.get("BOLTON_JSNA_WORKSPACE") or ".")
    if not folder.is_dir():
        raise UsageError(
            f"There is no folder {str(folder)!r} to work in. Make it, or name another with "
            "workspace= or --workspace."
        )
    return folder


def raw_files(dataset: str, workspace: str | Path | None = None) -> tuple[Path, ...]:
    """Return the raw files of a dataset in a workspace, in order of name.

    Notes and other files that no reader opens (README, .md, hidden files) are passed over.

    Examples
    --------
    >>> raw_files("no-such-dataset")
    ()
    """
    folder = workspace_folder(workspace) / RAW / dataset
    return tuple(
        sorted(
            path
            for path in folder.rglob("*")
            if path.is_file()
            and path.suffix.lower() in _READABLE
            and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        )
    )


def fingerprint(path: Path) -> str:
    """Return the sha256 of a file as hexadecimal text.

    Examples
    --------
    >>> import tempfile
    >>> empty = Path(tempfile.mkdtemp()) / "empty"
    >>> empty.write_bytes(b"")
    0
    >>> fingerprint(empty)[:12]
    'e3b0c44298fc'
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
