"""Files of DfE's Explore education statistics: found through its content API."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bolton_jsna.core.errors import SourceError, some
from bolton_jsna.core.naming import safe_name
from bolton_jsna.services import Fetched, StoredCopy, Wanted, endpoints, published_file
from bolton_jsna.services.http import Session
from bolton_jsna.services.redaction import shown
from bolton_jsna.services.responses import StatusError

_NEXT_DATA: Final = re.compile(r'<script[^>]{0,500}\bid="__NEXT_DATA__"[^>]{0,500}>', re.IGNORECASE)
_SLUG: Final = re.compile(r"[\w-]+")
LATEST: Final = "latest"


@dataclass(frozen=True)
class DataRelease:
    """One release of a publication and what it holds.

    Attributes
    ----------
    publication, slug : str
        Of the publication and of the release, such as ``2025``.
    latest : bool
        Whether it is the newest release.
    version : str
        The id of its version; every amendment has a new one.
    data_sets : tuple of mapping
        ``title``, ``dataSetFileId``, ``fileId``, ``isApiEnabled`` and so on of each file.
    """

    publication: str
    slug: str
    latest: bool
    version: str
    data_sets: tuple[Mapping[str, Any], ...]


def fetch(
    wanted: Wanted, session: Session, folder: Path, known: StoredCopy | None = None
) -> Fetched:
    """Fetch one data file of a release as published CSV."""
    # The latest release is fetched by the stable link of the data catalogue and, if that fails, by
    # the file of its version. An older release is fetched by the file of its version, because the
    # link always gives the latest one. Open Government Licence v3.0.
    ask = wanted.ask
    publication, pattern = str(ask.get("publication", "")), str(ask.get("file", ""))
    if not pattern or not _SLUG.fullmatch(publication):
        raise SourceError(
            f"The catalogue asks ees for {wanted.dataset} {wanted.edition} without 'publication' "
            "or 'file'. Correct the catalogue."
        )
    found = release(session, publication, str(ask.get("release", LATEST)))
    chosen = _chosen(found, pattern)
    name = _name(str(ask.get("name") or chosen.get("title") or "data"), chosen)
    stamp = f"{found.version}/{chosen.get('fileId', '')}"
    ways = [("ees_content", f"releases/{found.version}/files/{chosen.get('fileId')}")]
    if found.latest and chosen.get("dataSetFileId"):
        ways.insert(0, ("ees_site", f"data-catalogue/data-set/{chosen['dataSetFileId']}/csv"))
    if known is not None and known.stamp == stamp and not (known.etag or known.last_modified):
        # Without an ETag or a date, the version of the release stands for the bytes.
        address = shown(endpoints.resolve(*ways[0]))
        return Fetched(path=None, name=name, address=address, stamp=stamp)
    rows = (chosen.get("meta") or {}).get("numDataFileRows")
    facts: dict[str, Any] = {"stamp": stamp, "rows": rows if isinstance(rows, int) else None}
    troubles: list[str] = []
    for service, path in ways:
        try:
            return published_file.download(
                session, service, path, folder / name, known, notes=troubles, **facts
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
            f"Explore education statistics: the publication {publication} has no latest release "
            f"({slug!r}). Expected a year. Try again later."
        )
    return slug


def release(session: Session, publication: str, slug: str = LATEST) -> DataRelease:
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
    return DataRelease(
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
                f"Explore education statistics: there is no {what} (404). It may not be published "
                "yet. Otherwise correct the catalogue.",
                404,
            ) from error
        raise
    if not isinstance(answer, dict):
        raise SourceError(
            f"Explore education statistics: {path} answered with a JSON {type(answer).__name__}."
        )
    return answer


def _from_page(session: Session, publication: str, slug: str, error: SourceError) -> dict[str, Any]:
    """Return the contents of a release from its page, which includes the content API's answer."""
    try:
        page = session.get("ees_site", f"find-statistics/{publication}/{slug}/data-guidance")
        found = _NEXT_DATA.search(page.text)
        data = page.text[found.end() :].partition("</script>")[0] if found else "{}"
        facts = json.loads(data)["props"]["pageProps"]
        return {**(facts.get("releaseVersionSummary") or {}), **facts["dataContent"]}
    except (SourceError, ValueError, KeyError, TypeError):
        raise error from None


def _chosen(found: DataRelease, pattern: str) -> Mapping[str, Any]:
    """Choose a data set by its title, or by its file name if the release has it."""

    def fits(each: Mapping[str, Any]) -> bool:
        texts = (each.get("title"), each.get("filename"), each.get("name"))
        return any(re.search(pattern, str(text), re.IGNORECASE) for text in texts if text)

    fitting = [each for each in found.data_sets if fits(each)]
    if len(fitting) != 1:
        titles = some((each.get("title") for each in fitting or found.data_sets), 12)
        raise SourceError(
            f"Explore education statistics: release {found.slug} of {found.publication} has "
            f"{len(fitting) or 'no'} files like {pattern!r}: {'' if fitting else 'it has '}"
            f"{titles}. Expected one. Correct the pattern in the catalogue."
        )
    return fitting[0]


def _name(start: str, chosen: Mapping[str, Any]) -> str:
    """Return a file name with the years it covers, from which readers take the release."""
    years = (chosen.get("meta") or {}).get("timePeriodRange") or {}
    ends = [str(years.get(each) or "") for each in ("start", "end")]
    known: Callable[[str], Any] = re.compile(r"(?:19|20)\d\d").fullmatch
    stem = re.sub(r"\.csv$", "", start, flags=re.IGNORECASE)
    if all(map(known, ends)) and "_to_" not in stem:
        stem = f"{stem}_{ends[0]}_to_{ends[1]}"
    return safe_name(stem, ending="csv")
