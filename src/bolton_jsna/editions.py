"""Is this the edition that was asked for? Compared before a fetched file takes its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bolton_jsna.areas import Area, district_codes
from bolton_jsna.catalogue import Edition
from bolton_jsna.errors import some
from bolton_jsna.origins import source_id
from bolton_jsna.services.answers import OtherEditionError

if TYPE_CHECKING:
    import pandas as pd

LATEST: Final = "latest"
"""The edition of files that are renewed under one name: which issue it is, their rows say."""

_AUTHORITIES: Final = ("E06", "E07", "E08", "E09", "E10")


def refuse_another(
    edition: Edition,
    place: Area | None,
    came: pd.DataFrame,
    held: pd.DataFrame | None,
    *,
    what: str,
) -> None:
    """Refuse a file that is of another edition, part or authority than was asked for.

    A publisher may put a new edition at the address of an old one, and headings stay the same for
    years. So the edition that the file's reader found is compared with the one that was asked
    for, whatever the headings are.

    Parameters
    ----------
    edition : Edition
        What was asked for.
    place : Area or None
        The authority that it was asked for; None for a national file.
    came : DataFrame
        The rows of the file, with the reader's ``source``.
    held : DataFrame or None
        The rows of the copy at rest.
    what : str
        The service and the file, for the message.

    Raises
    ------
    OtherEditionError
        With what was asked for, what came and what to do.

    Examples
    --------
    >>> import pandas as pd
    >>> from bolton_jsna.catalogue import editions
    >>> came = pd.DataFrame({"source": ["statistical_neighbours@2025"]})
    >>> refuse_another(editions("statistical_neighbours@2021")[0], None, came, None, what="govuk")
    Traceback (most recent call last):
    bolton_jsna.services.answers.OtherEditionError: govuk: statistical_neighbours@2021 was asked
    for, and statistical_neighbours@2025 came. ...
    """
    if edition.edition != LATEST:
        _same_edition(edition, came, what)
    else:
        _no_older(edition, came, held, what)
    _same_part(edition, came, what)
    if place is not None:
        _same_place(place, came, what)


def _same_edition(edition: Edition, came: pd.DataFrame, what: str) -> None:
    wanted = source_id(edition.dataset, edition.edition)
    found = sorted(set(came["source"]))
    if found != [wanted]:
        raise OtherEditionError(
            f"{what}: {wanted} was asked for, and {some(found)} came. It was not stored. Look at "
            "the publisher's page; if the edition has moved, the catalogue must learn where it is."
        )


def _no_older(edition: Edition, came: pd.DataFrame, held: pd.DataFrame | None, what: str) -> None:
    """Refuse an issue from before the one at rest: a publisher's page may fall back to it."""
    if held is None:
        return
    new, old = _issue(came), _issue(held)
    if new < old:
        raise OtherEditionError(
            f"{what}: the issue of {new} came, which is older than that of {old} at rest. It was "
            f"not stored. If the publisher has gone back to it, run bolton-jsna refresh --force "
            f"--only {edition.id}."
        )


def _issue(rows: pd.DataFrame) -> int:
    """Return the year of the newest issue that rows are of."""
    return max(int(each.rpartition("@")[2]) for each in set(rows["source"]))


def _same_part(edition: Edition, came: pd.DataFrame, what: str) -> None:
    kind = next((name for name in ("indicator", "area_level") if name in came.columns), None)
    if kind is None or not edition.holds:
        return
    found = set(came[kind])
    if found.isdisjoint(edition.holds):
        raise OtherEditionError(
            f"{what}: a file with {some(edition.holds)} was asked for, and one with "
            f"{some(sorted(found))} came. It was not stored. Look at the publisher's page; if the "
            "file has another name now, the catalogue must learn it."
        )


def _same_place(place: Area, came: pd.DataFrame, what: str) -> None:
    column = "authority_code" if "authority_code" in came.columns else "area_code"
    known = {each for each in came[column].dropna() if each[:3] in _AUTHORITIES}
    # Instead of the authority's own file a national one may come.
    if known and known.isdisjoint({place.code, *district_codes(place)}):
        raise OtherEditionError(
            f"{what}: rows of {place.name} were asked for, and rows of {some(sorted(known))} "
            "came. They were not stored. Run the refresh again; if this stays, the service or the "
            "catalogue is wrong."
        )
