"""An indicator with figures of a few years only, as in the chapter of an early year."""

from __future__ import annotations

from collections.abc import Iterator

from bolton_jsna.chapter.document import Block, paragraph
from bolton_jsna.chapter.materials import Materials
from bolton_jsna.chapter.sections import _parts
from bolton_jsna.core.areas import ENGLAND
from bolton_jsna.sentences import few_years


def blocks(given: Materials, indicator: str, cautions: _parts.Cautions) -> Iterator[Block]:
    """Return each year by name and the published rates; nothing where there are more years."""
    rows = _parts.rows_of(given, "rates", indicator=indicator)
    if rows is None:
        return
    own = rows[rows["area_code"] == given.place.code]
    text = few_years.years_named(own, indicator)
    if not text:
        return
    known = few_years.known(own).to_dict(orient="records")
    spans = [_parts.cited(text, "rates", *known)]
    last = rows[rows["year"] == own["year"].max()]
    printed = last[last["published_rate"].notna()].set_index("area_code", drop=False)
    printed = printed.reindex(
        [each for each in (given.place.code, ENGLAND) if each in printed.index]
    )
    if len(printed):
        said = few_years.as_published(printed)
        spans.append(_parts.cited(said, "rates", *printed.to_dict(orient="records")))
    yield paragraph(*spans)
    census = few_years.before_census(own)
    if census:
        yield from cautions.new([_parts.cited(census, "rates", *known)])
