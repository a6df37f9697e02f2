"""Files of DfE's Explore education statistics: found through its content API."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bolton_jsna.core.errors import SourceError, some
from bolton_jsna.core.naming import safe_name
from bolton_jsna.services import Fetched, Known, Wanted, _downloaded_files, _ees_api, endpoints
from bolton_jsna.services.http import Session
from bolton_jsna.services.responses import StatusError, shown

_NEXT_DATA: Final = re.compile(r'<script[^>]{0,500}\bid="__NEXT_DATA__"[^>]{0,500}>', re.IGNORECASE)
_SLUG: Final = re.compile(r"[\w-]+")
LATEST: Final = "latest"


@dataclass(frozen=True)
class Release:
    """One release of a publication and what it holds.

    Attributes
    ----------
    publication, slug : str
        Of the publication and of the release, such as ``2025``.
    latest : bool
        Whether no newer release is out.
    version : str
        The id of its present version; every amendment has another.
    data_sets : tuple of mapping
        ``title``, ``dataSetFileId``, ``fileId``, ``isApiEnabled`` and so on of each file.
    """

    publication: str
    slug: str
    latest: bool
    version: str
    data_sets: tuple[Mapping[str, Any], ...]


def fetch(wanted: Wanted, session: Session, folder: Path, known: Known | None = None) -> Fetched:
    """Fetch one data file of a release as CSV, as it is published."""
    # The latest release is fetched by the stable link of the data catalogue and, failing that, by
    # the file of its version; an older one by the file of its version, since the link moves on to
    # the next release. Open Government Licence v3.0.
    ask = wanted.ask
    publication, pattern = str(ask.get("publication", "")), str(ask.get("file", ""))
    if not pattern or not _SLUG.fullmatch(publication):
        raise SourceError(
            f"The catalogue asks ees for {wanted.dataset} {wanted.edition} without 'publication' "
            "or 'file'. Correct the catalogue."
        )
    try:
        found = release(session, publication, str(ask.get("release", LATEST)))
        chosen = _chosen(found, pattern)
    except SourceError as error:
        if not ask.get("data_set"):
            raise
        return _pinned(session, wanted, folder, known, trouble=str(error))
    name = _name(str(ask.get("name") or chosen.get("title") or "data"), chosen)
    if ask.get("query"):
        return _queried(session, wanted, chosen, folder / name, known)
    stamp = f"{found.version}/{chosen.get('fileId', '')}"
    file = ("ees_content", f"releases/{found.version}/files/{chosen.get('fileId')}")
    ways = [file]
    if found.latest and chosen.get("dataSetFileId"):
        ways.insert(0, _link(str(chosen["dataSetFileId"])))
    if known is not None and known.stamp == stamp and not (known.etag or known.last_modified):
        # Without a mark of the bytes, the version of the release stands for them.
        address = shown(endpoints.resolve(*ways[0]))
        return Fetched(path=None, name=name, address=address, stamp=stamp)
    rows = (chosen.get("meta") or {}).get("numDataFileRows")
    troubles: list[str] = []
    for service, path in ways:
        try:
            return _downloaded(
                session,
                (service, path),
                folder / name,
                known,
                stamp=stamp,
                rows=rows if isinstance(rows, int) else None,
                notes=troubles,
            )
        except SourceError as error:
            troubles.append(str(error))
    raise SourceError(
        f"Explore education statistics: no file for {wanted.dataset} "
        f"{wanted.edition}: {' '.join(troubles)}"
    )


def latest_release(session: Session, publication: str) -> str:
    """Return the slug of the latest release of a publication, such as ``2025``."""
    answer = _content(session, f"publications/{publication}", f"publication {publication!r}")
    slug = str((answer.get("latestRelease") or {}).get("slug") or "")
    if not _SLUG.fullmatch(slug):
        raise SourceError(
            f"Explore education statistics: the publication {publication} names no latest "
            f"release ({slug!r}). Expected a "
            "year; try again later."
        )
    return slug


def release(session: Session, publication: str, slug: str = LATEST) -> Release:
    """Return a release with its data sets."""
    newest = latest_release(session, publication)
    slug = newest if slug == LATEST else slug
    path = f"publications/{publication}/releases/{slug}/data-content"
    what = f"release {slug!r} of {publication} (the latest is {newest!r})"
    try:
        answer = _content(session, path, what)
    except StatusError:
        raise
    except SourceError as error:
        answer = _from_page(session, publication, slug, error)
    version, data_sets = answer.get("releaseVersionId"), answer.get("dataSets")
    if not version or not isinstance(data_sets, list):
        raise SourceError(
            f"Explore education statistics: the {what} lists no data sets: it has "
            f"{some(answer, 8)}. Try again later."
        )
    return Release(
        publication=publication,
        slug=slug,
        latest=slug == newest,
        version=str(version),
        data_sets=tuple(each for each in data_sets if isinstance(each, dict)),
    )


def _content(session: Session, path: str, what: str) -> dict[str, Any]:
    try:
        answer = session.get("ees_content", path).json()
    except StatusError as error:
        if error.status == 404:
            raise StatusError(
                f"Explore education statistics: there is no {what} (404). It may not be "
                f"published yet, or the catalogue "
                "needs correcting.",
                404,
            ) from error
        raise
    if not isinstance(answer, dict):
        raise SourceError(
            f"Explore education statistics: {path} answered with a JSON {type(answer).__name__}."
        )
    return answer


def _from_page(session: Session, publication: str, slug: str, error: SourceError) -> dict[str, Any]:
    """Return what a release holds from its page, which carries the answer of the content API."""
    try:
        page = session.get("ees_site", f"find-statistics/{publication}/{slug}/data-guidance")
        found = _NEXT_DATA.search(page.text)
        data = page.text[found.end() :].partition("</script>")[0] if found else "{}"
        facts = json.loads(data)["props"]["pageProps"]
        return {**(facts.get("releaseVersionSummary") or {}), **facts["dataContent"]}
    except (SourceError, ValueError, KeyError, TypeError):
        raise error from None


def _chosen(found: Release, pattern: str) -> Mapping[str, Any]:
    """Choose a data set by its title, or by its file name where the release tells it."""

    def fits(each: Mapping[str, Any]) -> bool:
        texts = (each.get("title"), each.get("filename"), each.get("name"))
        return any(re.search(pattern, str(text), re.IGNORECASE) for text in texts if text)

    fitting = [each for each in found.data_sets if fits(each)]
    if len(fitting) != 1:
        titles = some((each.get("title") for each in fitting or found.data_sets), 12)
        raise SourceError(
            f"Explore education statistics: release {found.slug} of {found.publication} has "
            f"{len(fitting) or 'no'} files "
            f"like {pattern!r}: {'' if fitting else 'it has '}{titles}. Expected one: correct the "
            "pattern in the catalogue."
        )
    return fitting[0]


def _downloaded(
    session: Session,
    way: tuple[str, str],
    target: Path,
    known: Known | None,
    *,
    stamp: str,
    rows: int | None,
    notes: list[str],
) -> Fetched:
    body = session.download(*way, target, known=known)
    said = _downloaded_files.checked(body, ending="csv")
    return Fetched(
        path=body.path,
        name=target.name,
        address=shown(endpoints.resolve(*way)),
        etag=body.etag,
        last_modified=body.last_modified,
        stamp=stamp,
        rows=rows,
        notes=(*notes, *said),
    )


def _link(data_set: str) -> tuple[str, str]:
    return "ees_site", f"data-catalogue/data-set/{data_set}/csv"


def _pinned(
    session: Session, wanted: Wanted, folder: Path, known: Known | None, *, trouble: str
) -> Fetched:
    """Fetch by the data set id of the catalogue; the release is then whichever is the latest."""
    name = _name(str(wanted.ask.get("name") or wanted.dataset), {})
    notes = ["from the pinned data set: the content API did not give it", trouble]
    way = _link(str(wanted.ask["data_set"]))
    try:
        got = _downloaded(session, way, folder / name, known, stamp="", rows=None, notes=notes)
        return replace(got, doubt=trouble)
    except SourceError as error:
        raise SourceError(
            f"Explore education statistics: no file for {wanted.dataset} {wanted.edition}: "
            f"{trouble} {error}"
        ) from error


def _queried(
    session: Session,
    wanted: Wanted,
    chosen: Mapping[str, Any],
    target: Path,
    known: Known | None,
) -> Fetched:
    """Fetch rows of a data set that is in the public data API."""
    data_set = chosen.get("publicApiDataSetId")
    if not (chosen.get("isApiEnabled") and data_set):
        raise SourceError(
            f"Explore education statistics: {chosen.get('title')!r} is not in the public data "
            f"API (isApiEnabled). Ask for "
            "its file: take 'query' out of the catalogue."
        )
    version = _ees_api.version(session, str(data_set))
    stamp = f"{data_set}@{version}"
    address = shown(endpoints.resolve("ees_api", f"data-sets/{data_set}/query"))
    if known is not None and known.stamp == stamp:
        return Fetched(path=None, name=target.name, address=address, stamp=stamp)
    rows, notes = _ees_api.table(session, str(data_set), wanted.ask["query"], target)
    return Fetched(
        path=target, name=target.name, address=address, stamp=stamp, rows=rows, notes=notes
    )


def _name(start: str, chosen: Mapping[str, Any]) -> str:
    """Return a file name with the years it covers, by which a reader tells the release."""
    years = (chosen.get("meta") or {}).get("timePeriodRange") or {}
    ends = [str(years.get(each) or "") for each in ("start", "end")]
    known: Callable[[str], Any] = re.compile(r"(?:19|20)\d\d").fullmatch
    stem = re.sub(r"\.csv$", "", start, flags=re.IGNORECASE)
    if all(map(known, ends)) and "_to_" not in stem:
        stem = f"{stem}_{ends[0]}_to_{ends[1]}"
    return safe_name(stem, ending="csv")
