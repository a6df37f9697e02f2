"""How long a build takes with protection, and with many earlier releases."""

import logging
import tempfile
import time
from pathlib import Path

import numpy as np

import bolton_jsna as jsna

REASON = "timing"


def extract(folder: Path, *, without: int = 0) -> Path:
    """Write the illustrative records as an extract of somebody's own, some of them left out."""
    records = jsna.load_local_records().records.drop(columns=["illustrative"])
    draw = np.random.default_rng(without)
    gone = draw.choice(len(records), size=without, replace=False)
    path = folder / "extract.csv"
    records.drop(index=records.index[gone]).to_csv(path, index=False)
    return path


def seconds(workspace: Path, records: Path, *, unprotected: str = "") -> float:
    """Return how long a build takes."""
    logging.disable(logging.ERROR)
    began = time.perf_counter()
    jsna.build(
        "Bolton",
        workspace=workspace,
        local_records=records,
        unprotected=unprotected,
        accept="timing",
    )
    return time.perf_counter() - began


def open_and_protected(rounds: int) -> tuple[float, float]:
    """Return the quickest of some builds without protection, and with it."""
    found: tuple[list[float], list[float]] = ([], [])
    with tempfile.TemporaryDirectory() as folder:
        records = extract(Path(folder))
        for at in range(rounds):
            for each, reason in zip(found, (REASON, ""), strict=True):
                workspace = Path(folder) / f"{at}{reason}"
                workspace.mkdir()
                each.append(seconds(workspace, records, unprotected=reason))
    return min(found[0]), min(found[1])


def after_releases(number: int) -> tuple[int, float]:
    """Return how many different releases a workspace holds, and how long the next build takes."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        workspace.mkdir()
        for at in range(number):
            seconds(workspace, extract(Path(folder), without=number - at))
        kept = len(list((workspace / "data" / "processed" / "releases").glob("*.json")))
        return kept, seconds(workspace, extract(Path(folder)))
