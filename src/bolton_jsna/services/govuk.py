"""Files on GOV.UK: found through the Content API, fetched from the assets site."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from bolton_jsna.core.errors import SourceError, some
from bolton_jsna.core.naming import safe_name
from bolton_jsna.services import Fetched, StoredCopy, Wanted, endpoints, published_file
from bolton_jsna.services.http import Session
from bolton_jsna.services.responses import StatusError

_HOPS: Final = 5
# Limited lengths: a page of tags without ends would take hours otherwise.
_LINK: Final = re.compile(
    r'<a\s[^>]{0,500}?href="([^">]{1,1000})"[^>]{0,500}>(.{0,1000}?)</a>', re.IGNORECASE | re.DOTALL
)
_MOST: Final = 4 * 2**20
_FILE: Final = re.compile(r"\.(csv|xlsx|xls|ods|zip|pdf)$", re.IGNORECASE)


@dataclass(frozen=True)
class Attachment:
    """A file on a page.

    Attributes
    ----------
    title, filename : str
        Its title and its name on disk.
    url : str
        Where it is: absolute, or a path of www.gov.uk.
    content_type : str
        Its declared type; empty if only a link names it.
    """

    title: str
    filename: str
    url: str
    content_type: str = ""


def fetch(
    wanted: Wanted, session: Session, folder: Path, known: StoredCopy | None = None
) -> Fetched:
    """Fetch a published file of a GOV.UK page, chosen by its name."""
    # The address of a file changes with every new issue, so the page is read each time. Open
    # Government Licence v3.0.
    pages, pinned = _listed(wanted.ask.get("page")), _listed(wanted.ask.get("pinned"))
    pattern, ending = str(wanted.ask.get("file", "")), str(wanted.ask.get("ending", "csv"))
    if not pattern or not (pages or pinned):
        raise SourceError(
            f"The catalogue asks govuk for {wanted.dataset} {wanted.edition} without 'file' or "
            "without 'page' and 'pinned'. Correct the catalogue."
        )
    troubles: list[str] = []
    for page in pages:
        try:
            chosen = _chosen(_offered(session, page, wanted), pattern, ending, page)
            return _download(session, chosen, folder, known, ending, doubt=" ".join(troubles))
        except SourceError as error:
            troubles.append(str(error))
    if known is not None and pages:
        raise SourceError(
            f"GOV.UK: it is not known whether there is a newer file of {wanted.dataset} "
            f"{wanted.edition}: {' '.join(troubles)}"
        )
    doubt = " ".join(troubles)
    for address in pinned:
        attachment = Attachment("", safe_name(address, ending=ending), address)
        notes = ("from the pinned address: the page did not give it", *troubles)
        try:
            return _download(session, attachment, folder, known, ending, notes=notes, doubt=doubt)
        except SourceError as error:
            troubles.append(str(error))
    raise SourceError(
        f"GOV.UK: no file for {wanted.dataset} {wanted.edition}: {' '.join(troubles)}"
    )


def content(session: Session, page: str) -> dict[str, Any]:
    """Return the content item of a page, or of the page that it has moved to."""
    path = page.strip("/")
    seen: list[str] = []
    while path not in seen and len(seen) < _HOPS:
        seen.append(path)
        try:
            item = session.get("govuk", f"api/content/{path}", max_bytes=_MOST).json()
        except StatusError as error:
            if error.status in {404, 410}:
                state = "withdrawn" if error.status == 410 else "not there"
                raise SourceError(
                    f"The page {path} is {state} (GOV.UK answered {error.status}). Correct the "
                    "catalogue."
                ) from error
            raise
        if not isinstance(item, dict) or not item.get("schema_name"):
            raise SourceError(
                f"GOV.UK's Content API gave no content item for {path}: {some(item or [], 5)}."
            )
        if item["schema_name"] != "redirect":
            return item
        # After an HTTP redirect the item has another path.
        path = _destination(item, str(item.get("base_path") or path).strip("/"))
    raise SourceError(f"The page {page} redirects in a circle: {' -> '.join([*seen, path])[:400]}.")


def attachments(item: dict[str, Any]) -> list[Attachment]:
    """Return the files of a content item: its attachments, and the links in its text."""
    details = item.get("details") or {}
    found = [
        Attachment(
            title=str(each.get("title") or ""),
            filename=str(each.get("filename") or _last(str(each.get("url") or ""))),
            url=str(each["url"]),
            content_type=str(each.get("content_type") or ""),
        )
        for each in details.get("attachments") or ()
        if isinstance(each, dict) and each.get("url") and each.get("attachment_type") != "html"
    ]
    texts = [details.get("body"), *(details.get("documents") or ())]
    for text in texts:
        for url, title in _LINK.findall(text) if isinstance(text, str) else ():
            address = _without_preview(html.unescape(url))
            words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", title)).split())
            if _FILE.search(urlsplit(address).path):
                found.append(Attachment(words, _last(address), address))
    return list({each.url: each for each in reversed(found)}.values())[::-1]


def _offered(session: Session, page: str, wanted: Wanted) -> list[Attachment]:
    item = content(session, page)
    offered = attachments(item)
    if item.get("document_type") == "document_collection":
        within = str(wanted.ask.get("document", "."))
        for each in (item.get("links") or {}).get("documents") or ():
            path, title = str(each.get("base_path") or ""), str(each.get("title") or "")
            if path and any(re.search(within, text, re.IGNORECASE) for text in (path, title)):
                offered += attachments(content(session, path))
    return offered


def _chosen(offered: Sequence[Attachment], pattern: str, ending: str, page: str) -> Attachment:
    """Choose a file by its name or title; of several issues the highest version."""
    fitting = [
        each
        for each in offered
        if each.filename.lower().endswith(f".{ending}")
        and any(re.search(pattern, text, re.IGNORECASE) for text in (each.filename, each.title))
    ]
    if not fitting:
        raise SourceError(
            f"The page {page} offers no {ending.upper()} file like {pattern!r}. It offers "
            f"{some((each.filename for each in offered), 8)}. The file may have been renamed: "
            "correct the catalogue."
        )
    best = max(_version(each) for each in fitting)
    last = [each for each in fitting if _version(each) == best]
    if len(last) > 1:
        raise SourceError(
            f"The page {page} offers {len(last)} files like {pattern!r}: "
            f"{some((each.filename for each in last), 8)}. Expected one: narrow the pattern in the "
            "catalogue."
        )
    return last[0]


def _version(each: Attachment) -> int:
    found = re.search(r"[_ -]v(\d+)(?=\W|_|$)", each.filename, re.IGNORECASE)
    return int(found[1]) if found else 0


def _download(
    session: Session,
    attachment: Attachment,
    folder: Path,
    known: StoredCopy | None,
    ending: str,
    **facts: Any,
) -> Fetched:
    address = _without_preview(attachment.url)
    service = "govuk_assets" if "://" in address else "govuk"
    target = folder / safe_name(attachment.filename or address, ending=ending)
    return published_file.download(session, service, address, target, known, **facts)


def _destination(item: dict[str, Any], path: str) -> str:
    """Return the new path of a page; an exact rule counts before the longest prefix."""
    rules = [each for each in item.get("redirects") or () if isinstance(each, dict)]
    rules.sort(key=lambda each: (each.get("type") != "exact", -len(str(each.get("path", "")))))
    for each in rules:
        start, goal = str(each.get("path", "")).strip("/"), str(each.get("destination", ""))
        if path != start and not (each.get("type") == "prefix" and path.startswith(f"{start}/")):
            continue
        parts = urlsplit(goal)
        if parts.hostname and parts.hostname not in endpoints.service("govuk").hosts:
            raise SourceError(
                f"The page {path} has moved to {goal[:200]}, outside GOV.UK. That address was not "
                "followed. Correct the catalogue."
            )
        return parts.path.strip("/")
    raise SourceError(f"The page {path} has moved, but the Content API has no new address.")


def _without_preview(url: str) -> str:
    """Return the address of the file behind a preview, which is a web page."""
    preview = re.search(r"/csv-preview/([0-9a-f]+)/([^/?#]+)$", url)
    if preview:
        return f"https://assets.publishing.service.gov.uk/media/{preview[1]}/{preview[2]}"
    return re.sub(r"(\.csv)/preview$", r"\1", url)


def _last(url: str) -> str:
    return unquote(urlsplit(url).path.rstrip("/")).rpartition("/")[2]


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(each) for each in value or ()]
