"""The results that can be described, each as sentences with the rows that they rest on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from bolton_jsna.catalogue.indicators import PER
from bolton_jsna.core import wording
from bolton_jsna.core.errors import UsageError, some
from bolton_jsna.sentences import _comparisons, _trends
from bolton_jsna.sentences._comparisons import Benchmark, UsualRange
from bolton_jsna.sentences._figures import Figure, cautions, figure, row_id, sentence
from bolton_jsna.sentences._limits import (
    Asked,
    check_level,
    check_level_of_trend,
    pers,
    with_limits,
)
from bolton_jsna.sentences._numbers import decimals, number, text_of
from bolton_jsna.sentences.description import Description, Kind, described

_Texts = list[tuple[str, tuple[str, ...]]]
_LIKE: Final = "areas like {area}"
_REST: Final = "the rest of "
_NO_RANGE: Final = UsualRange(math.nan, math.nan, "not_available")


def of_rates(frame: pd.DataFrame, asked: Asked) -> Description:
    """Describe rows of figures, with what they are compared with where the table has it."""
    frame = with_limits(frame, asked)
    value = "rate" if "rate" in frame.columns else "value"
    ends = "" if "lower" in frame.columns else asked.ends
    people = pers(frame, asked, value)
    check_level(frame, people, asked)
    texts: _Texts = []
    notes: _Texts = []
    kinds: list[Kind] = []
    for row, per in zip(frame.to_dict(orient="records"), people, strict=True):
        found = figure(row, asked.subject(row, per), value=value, level=asked.confidence, ends=ends)
        rows = (found.id,)
        other, span, of = _benchmark_of(row, asked, ends)
        places = _places(found, [other] if other else [], span)
        texts.append((sentence(found, places, _word(found, other, places)), rows))
        kinds.append("figure")
        if other is not None:
            why = text_of(row.get("ratio_reason"))
            texts.append((_comparisons.not_compared(found, other, places, why), rows))
            kinds.append("benchmark")
        if span.known:
            texts.append((_comparisons.usual(found, span, places, of), rows))
            kinds.append("usual")
        verdicts = [other.verdict] if other else []
        every = [*_comparisons.cautions(found, verdicts, _NO_RANGE, span), *cautions(found)]
        notes += [(each, rows) for each in every]
    table = _identified(frame, [text[1][0] for text in texts])
    return described(texts, notes, table, kinds=kinds)


def of_neighbours(result: Any, asked: Asked) -> Description:
    """Describe a comparison with neighbours."""
    table, summary = result.table, result.summary
    records = table.to_dict(orient="records")
    ids = [row_id(row) for row in records]
    own = figure(
        records[0],
        asked.subject(records[0], result.per),
        value="rate",
        level=summary["confidence"],
    )
    england = Benchmark("England", summary["england"], summary["against_england"])
    span = UsualRange(
        summary["usual_lower"],
        summary["usual_upper"],
        summary["against_neighbours"],
        summary["against_neighbours_reason"],
        summary["usual_centre"],
    )
    facts = {name: summary[name] for name in ("used", "of", "lowest", "highest", "median")}
    ranked = {name: summary[key] for name, key in _RANK.items()}
    every = _all_of(summary)
    places = _places(own, [england], span, every)
    near = tuple(ids[at] for at, row in enumerate(records) if row["role"] == "neighbour")
    above = tuple(ids[at] for at, row in enumerate(records) if row["role"] == "country")
    rank = _comparisons.rank_words(ranked, own.level)
    like = _LIKE.format(area=own.area)
    texts: _Texts = [
        (sentence(own, places, _word(own, england, places)), (ids[0], *above)),
        (_comparisons.not_compared(own, england, places), (ids[0], *above)),
        (
            _comparisons.among_all(own, every, int(summary.get("unusual_used") or 1) - 1, places),
            (ids[0],),
        ),
        (_comparisons.usual(own, span, places, like), (ids[0], *near)),
        (
            _comparisons.among_neighbours(own, facts, rank, summary["model"], places),
            (ids[0], *near),
        ),
    ]
    warned = _comparisons.cautions(own, [england.verdict], span, every)
    notes = [*warned, *cautions(own), summary["note"]]
    extra = {name: summary[name] for name in (*_SUMMARY, *facts, *_RANK.values())}
    rows = table.assign(
        **{
            name: [value] + [None] * (len(table) - 1)
            for name, value in ((f"summary_{name}", value) for name, value in extra.items())
        }
    )
    cautioned = [(each, (ids[0],)) for each in notes]
    kinds: tuple[Kind, ...] = ("figure", "benchmark", "all", "usual", "neighbours")
    return described(texts, cautioned, _identified(rows, ids), kinds=kinds)


def _all_of(summary: Mapping[str, Any]) -> UsualRange:
    """Return the usual range of all authorities, which the summary of a build has."""
    if "unusual" not in summary:
        return _NO_RANGE
    return UsualRange(
        number(summary["unusual_lower"]),
        number(summary["unusual_upper"]),
        text_of(summary["unusual"]) or "not_available",
        text_of(summary["unusual_reason"]),
        number(summary["unusual_centre"]),
    )


_RANK: Final = {"rank": "rank", "of": "rank_of", "first": "rank_first", "last": "rank_last"}
_SUMMARY: Final = ("model", "usual_lower", "usual_upper", "against_neighbours")


def of_trends(frame: pd.DataFrame, asked: Asked) -> Description:
    """Describe rows of ``recent_trends``."""
    texts: _Texts = []
    notes: _Texts = []
    ids: list[str] = []
    for row in frame.to_dict(orient="records"):
        check_level_of_trend(row, asked)
        what = asked.subject(row, asked.per or PER["per 10,000"])
        area = text_of(row.get("area_name")) or text_of(row.get("area_code"))
        years = f"{int(row['first_year'])}-{int(row['last_year'])}"
        rows = (row_id(row, years),)
        ids += rows
        texts.append((_trends.trend(row, what, area, asked.confidence), rows))
        texts.append((_trends.change(row, what, area, asked.confidence), rows))
        notes += [(each, rows) for each in _trends.notes(row, what)]
    return described(texts, notes, _identified(frame, ids), kinds=("trend",))


_OF_PROFILE: Final[tuple[Kind, ...]] = (
    "figure", "benchmark", "region", "usual", "neighbours", "trend",
)  # fmt: skip
"""What each sentence on a row of a profile is about, in order."""


def of_profile(frame: pd.DataFrame, asked: Asked) -> Description:
    """Describe rows of a profile."""
    texts: _Texts = []
    notes: _Texts = []
    ids: list[str] = []
    for row in frame.to_dict(orient="records"):
        found = figure(row, asked.subject(row), value="value", level=asked.confidence)
        rows = (found.id,)
        ids += rows
        england, region = (
            Benchmark(name, number(row[each]), text_of(row[f"against_{each}"]))
            for name, each in (("England", "england"), (text_of(row["region_name"]), "region"))
        )
        span = UsualRange(
            number(row["usual_lower"]),
            number(row["usual_upper"]),
            text_of(row["against_neighbours"]),
        )
        facts = {
            "used": number(row["neighbours_used"]),
            "of": number(row["neighbours_of"]),
            **{name: number(row[f"neighbours_{name}"]) for name in ("lowest", "median", "highest")},
        }
        place = {name: None if pd.isna(row[name]) else row[name] for name in ("rank", "of")}
        places = _places(found, [england], span)
        rank = _comparisons.rank_words(place, asked.confidence)
        every = [
            sentence(found, places, _word(found, england, places)),
            _comparisons.not_compared(found, england, places),
            _comparisons.rest_of_region(found, region, places),
            _comparisons.usual(found, span, places, _LIKE.format(area=found.area))
            if span.known
            else "",
            _comparisons.among_neighbours(found, facts, rank, "", places),
            _trend_of(row, found),
        ]
        texts += [(each, rows) for each in every]
        chance = [england.verdict, region.verdict if not math.isnan(region.value) else ""]
        notes += [(each, rows) for each in _comparisons.cautions(found, chance, span)]
        notes += [(each, rows) for each in cautions(found)]
        if row["trend"] in _trends.DIRECTIONS and found.known:
            notes.append((_trends.PAST_ONLY, rows))
        if row["why"] and found.known:
            why = _comparisons.without_size(row["why"])
            notes.append((f"Words are missing where there is no test: {why}", rows))
    return described(texts, notes, _identified(frame, ids), kinds=_OF_PROFILE)


def _trend_of(row: Mapping[str, Any], found: Figure) -> str:
    """Return the trend of a profile, which names the years and has no figures of its own."""
    if not found.known or row["trend"] not in wording.TRENDS or row["trend"] == "not_compared":
        return ""
    years = text_of(row["trend_years"]).replace(" to ", " and ")
    what, word = f"the {found.subject.figure} in {found.area}", wording.TRENDS[row["trend"]].lower()
    if row["trend"] in _trends.DIRECTIONS:
        return f"Between {years} {what} {word}."
    return f"Between {years} {what} shows {word}, given how much the years vary."


def _word(found: Figure, other: Benchmark | None, places: int) -> str:
    return "" if other is None else _comparisons.compared(found, other, places)


def _places(found: Figure, others: list[Benchmark], *spans: UsualRange) -> int:
    """Return how many decimals all sentences of a figure have."""
    if not found.known:
        return 0
    pairs = [(found.value, each.value) for each in others if each.verdict in _comparisons.APART]
    pairs += [
        (found.value, span.lower if span.verdict == "lower" else span.upper)
        for span in spans
        if span.verdict in _comparisons.APART
    ]
    return decimals(found.value, pairs)


def _benchmark_of(
    row: Mapping[str, Any], asked: Asked, ends: str
) -> tuple[Benchmark | None, UsualRange, str]:
    """Return what a row of ``compare_with_benchmark`` is compared with."""
    name = text_of(row.get("benchmark"))
    if not name or "benchmark_rate" not in row:
        return None, _NO_RANGE, ""
    if f"verdict{ends}" not in row:
        raise UsageError(
            f"confidence={asked.confidence!r}: result has no verdict at this level. It has "
            f"{some([each for each in row if each.startswith('verdict')])}. Compare with this "
            "confidence=, or describe with that of the table."
        )
    verdict = text_of(row[f"verdict{ends}"]) or "not_compared"
    span = _NO_RANGE
    if f"unusual{ends}" in row:
        span = UsualRange(
            number(row[f"unusual_lower{ends}"]),
            number(row[f"unusual_upper{ends}"]),
            text_of(row[f"unusual{ends}"]) or "not_available",
            text_of(row.get("unusual_reason")),
            number(row.get("unusual_centre")),
        )
    rest, within = name.startswith(_REST), wording.with_article(name.removeprefix(_REST))
    name = f"{_REST if rest else ''}{within}"
    return Benchmark(name, number(row["benchmark_rate"]), verdict), span, f"authorities of {within}"


def _identified(frame: pd.DataFrame, ids: list[str]) -> pd.DataFrame:
    """Return a plain table with the ids of its rows in the first column."""
    unique = list(dict.fromkeys(ids))
    if len(unique) != len(frame):
        raise UsageError(
            f"result has {len(frame)} rows with {len(unique)} ids ({some(unique, most=3)}). "
            "Expected one row for each indicator, area and year: describe the rows of one release "
            "or group."
        )
    rest = pd.DataFrame(frame).drop(columns=[name for name in ("id",) if name in frame.columns])
    rest = rest.reset_index(drop=True)
    rest.insert(0, "id", unique)
    return rest
