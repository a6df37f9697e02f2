"""Write a static site of many authorities from the national tables of a run."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bolton_jsna.building.many import Progress, build_many
from bolton_jsna.building.paths import RECORD, STAGING
from bolton_jsna.core import atomic, untrusted
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import UsageError
from bolton_jsna.ingest.store import fingerprint, workspace_folder
from bolton_jsna.loaders.arguments import Place

if TYPE_CHECKING:
    import pandas as pd

    from bolton_jsna.building.many._task import Outcome

_log = logging.getLogger(__name__)

_LIST: Final = "site.json"
"""The files of a site, so that the next one deletes no others."""
_DOCUMENTS: Final[Mapping[str, str]] = {
    "chapter/chapter.html": "The chapter (web page)",
    "chapter/chapter.docx": "The chapter (Word)",
    "maps/ward_idaci.html": "Map of child deprivation by ward",
}
"""Outputs of an authority that are copied next to its page."""


@dataclass(frozen=True)
class SiteRecord:
    """What a site has.

    Attributes
    ----------
    folder : str
        Where it is.
    pages : int
        Pages of HTML.
    files : dict of str to str
        The sha256 of each file, by its address in the site.
    largest : int
        The bytes of its largest page, chapters and maps apart.
    failed : list of Outcome
        Authorities without figures, which have no page.
    """

    folder: str
    pages: int
    files: dict[str, str] = field(repr=False)
    largest: int
    failed: list[Outcome] = field(default_factory=list)


@checked
def write_site(
    areas: Place | Iterable[Place] = "all",
    *,
    with_neighbours: bool = False,
    workspace: str | Path = ".",
    output: str | Path | None = None,
    title: str = "Children's safeguarding figures",
    jobs: int = 1,
    progress: Progress | None = None,
) -> SiteRecord:
    """Write a static site of authorities and indicators, for a web server or an intranet.

    Parameters
    ----------
    areas : place or several, default "all"
        As in :func:`build_many`.
    with_neighbours : bool, default False
        Give the statistical neighbours of each authority pages, too.
    workspace : str or Path, default "."
        The folder whose ``data/raw/`` is read. National tables are made first, if they are not
        there.
    output : str or Path, optional
        The folder of the site; by default ``site/`` in the workspace. Files in it that this
        function did not write stay.
    title : str
        The name of the site.
    jobs : int, default 1
        Processes that make the national tables.
    progress : callable, optional
        As in :func:`build_many`.

    Returns
    -------
    SiteRecord

    Raises
    ------
    UsageError, AreaNotFoundError
        If an area or an option is not valid.
    MissingDataError
        If no authority has any figures.
    OSError
        If a file cannot be written; the site of before stays.

    Notes
    -----
    A page for each area, each indicator, and each indicator of an area, at addresses that do not
    change. Each table is there as CSV with its description as CSV on the Web. Nothing is loaded
    from another host, and the search needs no server. There are published figures and projections
    from them, and none of wards or own records. An
    authority's chapter and its map of deprivation are copied, unless they have figures of wards
    that are made up or not protected.

    Examples
    --------
    >>> import tempfile
    >>> record = write_site("Bolton", workspace=tempfile.mkdtemp())
    >>> "areas/e08000001-bolton/referrals/index.html" in record.files
    True
    """
    import pandas as pd

    from bolton_jsna.building.many import _national
    from bolton_jsna.site.frame import SiteFigures, area_folder
    from bolton_jsna.site.pages import site_pages

    if not title.strip():
        raise UsageError("title is empty. Give the name of the site, such as 'Children in Bolton'.")
    folder = workspace_folder(workspace).resolve()
    goal = (folder / "site" if output is None else Path(output).expanduser()).resolve()
    if goal == folder or goal in folder.parents:
        raise UsageError(
            f"The site cannot be written into {str(output)!r}, because the workspace is in it. "
            "Give a folder of its own."
        )
    made = build_many(
        areas,
        with_neighbours=with_neighbours,
        workspace=folder,
        tables_only=True,
        jobs=jobs,
        progress=progress,
    )
    places = [area_of(each.area_code) for each in made.areas if each.figures != "failed"]
    tables = {
        name: pd.read_parquet(folder / _national.FOLDER / f"{name}.parquet")
        for name in ("profile", "indicators", "neighbour_comparison", "projected_demand", "sources")
    }
    copies = {each.code: _documents(folder, each.code, area_folder(each)) for each in places}
    given = SiteFigures(
        title=title.strip(),
        places=places,
        profile=tables["profile"],
        indicators=tables["indicators"],
        neighbours=_with_subject(tables["neighbour_comparison"]),
        projected=tables["projected_demand"],
        sources=tables["sources"],
        documents={
            code: [(name, to.rpartition("/")[2]) for name, _, to in listed]
            for code, listed in copies.items()
        },
    )
    goal.parent.mkdir(parents=True, exist_ok=True)
    with atomic.reported(goal.parent, doing="written to"):
        staged = Path(tempfile.mkdtemp(prefix=STAGING, dir=goal.parent))
        try:
            new = staged / "site"
            for address, text in site_pages(given):
                _write(new / address, text)
            pages = sorted(new.rglob("*.html"))
            largest = max(each.stat().st_size for each in pages)
            for listed in copies.values():
                for _, source, to in listed:
                    shutil.copyfile(source, new / to)
            files = {
                path.relative_to(new).as_posix(): fingerprint(path)
                for path in sorted(new.rglob("*"))
                if path.is_file()
            }
            _write(new / _LIST, json.dumps({"files": files}, indent=1) + "\n")
            _keep_others(goal, new)
            _swap(new, goal, staged / "before")
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    record = SiteRecord(str(goal), len(pages), files, largest, made.failed)
    _log.info("site of %d areas: %d pages in %s", len(places), record.pages, goal)
    return record


def _with_subject(neighbours: pd.DataFrame) -> pd.DataFrame:
    """Return comparisons with the code of the authority that each is of, without regions."""
    own = neighbours["area_code"].where(neighbours["role"] == "area")
    found = neighbours.assign(of_area=own.ffill())
    return found[found["role"] != "region"].reset_index(drop=True)


def _documents(folder: Path, code: str, to: str) -> list[tuple[str, Path, str]]:
    """Return the outputs of an authority that may be on the site: name, file and address."""
    from bolton_jsna.building.many._task import folder_of

    built = folder / folder_of(code)
    try:
        record = untrusted.read_table(built / RECORD)
    except (OSError, untrusted.UntrustedError):
        return []
    if record.get("area_code") != code or record.get("illustrative") or record.get("unprotected"):
        return []
    outputs = record.get("outputs")
    return [
        (name, built / file, f"{to}/{file.rpartition('/')[2]}")
        for file, name in _DOCUMENTS.items()
        if isinstance(outputs, dict)
        and (built / file).is_file()
        and fingerprint(built / file) == outputs.get(file)
    ]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _keep_others(before: Path, new: Path) -> None:
    """Copy what somebody else put into the folder of the site, or changed there."""
    try:
        listed = untrusted.read_table(before / _LIST).get("files")
    except (OSError, untrusted.UntrustedError):
        listed = {}
    known = listed if isinstance(listed, dict) else {}
    for path in sorted(before.rglob("*")) if before.is_dir() else ():
        name = path.relative_to(before).as_posix()
        if path.is_symlink() or not path.is_file() or name == _LIST or (new / name).exists():
            continue
        if known.get(name) != fingerprint(path):
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, new / name)


def _swap(new: Path, goal: Path, aside: Path) -> None:
    """Put a folder in the place of another in one go."""
    atomic.no_links(goal.parent, goal)
    if goal.exists():
        goal.rename(aside)
    try:
        new.rename(goal)
    except OSError:
        if aside.exists():
            aside.rename(goal)
        raise
