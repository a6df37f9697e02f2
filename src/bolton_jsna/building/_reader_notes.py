"""What a reader of a build's tables and maps must know, in whole sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bolton_jsna.building import _rejects
from bolton_jsna.building._local_counts import LOCAL_EVENTS
from bolton_jsna.building._local_doubts import (
    EVENT_WORDS,
    TOTALS_APART,
    not_compared,
    of_event,
    published_counts,
)
from bolton_jsna.building._maps import can_be_crossed, classes_of
from bolton_jsna.building._protected_counts import ProtectedCounts
from bolton_jsna.building._sign_off import rule_in_words
from bolton_jsna.building._successive_releases import about_waiting
from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.core.errors import some
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.wording import INDICATORS, apart
from bolton_jsna.core.years import denominator_year
from bolton_jsna.measures.events import Event
from bolton_jsna.measures.ward_children import CarryingError, carrying_error, carrying_errors
from bolton_jsna.sentences import summary_lines

if TYPE_CHECKING:
    import pandas as pd


def notes(
    made_from: Ingredients, local: ProtectedCounts, tables: dict[str, pd.DataFrame]
) -> list[str]:
    """Return what a reader of the outputs must know."""
    return list(dict.fromkeys(_notes(made_from, local, tables)))


def _notes(
    made_from: Ingredients, local: ProtectedCounts, tables: dict[str, pd.DataFrame]
) -> Iterator[str]:
    place, own = made_from.place.name, made_from.local
    if made_from.illustrative:
        yield (
            "Ward-level referrals and plans are illustrative: they are made up, and agree with "
            f"{place}'s published totals only. Give the authority's own extract with "
            "--local-records FILE."
        )
    if not local.events:
        yield (
            f"There are no local records of {place}, so no ward referrals or plans and no map of "
            "them. Give the authority's own extract with --local-records FILE."
        )
    yield from about_shapes(made_from)
    yield from about_absent(made_from)
    yield from _about_unranked(made_from)
    yield from accepted(made_from, local)
    yield from _about_children(made_from, local, whole=True)
    if local.events:
        yield rule_in_words(local.rule)
        yield from local.hidden_whole
        yield from about_waiting(local)
        yield from _about_events(made_from, local)
        yield from _about_year(made_from, local)
        yield from _about_years(local)
        yield from _about_repeats(local)
        yield from about_ages(made_from, local)
        drawn = "referrals" in local.events and made_from.wards is not None
        if drawn and not local.wards("referrals").empty:
            yield from _about_maps(tables["ward_profile"])
    summary = tables["neighbour_summary"]
    yield from _about_comparison(summary)
    yield (
        f"Deprivation is that of IDACI {int(made_from.idaci['edition'].iloc[0])}. Editions measure "
        "different things: do not compare these figures with those of another edition."
    )
    yield from made_from.remarks
    yield from own.reading.sheet_notes
    yield from _rejects.rounded(made_from)
    if own.plans_have_no_end:
        yield (
            "No plan of the local records has an end date, so every plan begun counts as open at "
            "31 March."
        )
    yield from filter(None, summary["note"].dropna().unique())
    for row in summary.query("used < of").itertuples():
        yield (
            f"{INDICATORS[row.indicator]} {row.year}: {row.used} of {row.of} neighbours of the "
            f"{row.model} model have a figure."
        )


def about_shapes(made_from: Ingredients) -> list[str]:
    """Return that there are no maps if ward boundaries are missing, and how to get these."""
    if made_from.wards is not None:
        return []
    return [
        f"Left out: every map, because there are no ward boundaries of {made_from.place.name}. "
        f"All tables are made. {made_from.no_shapes}"
    ]


def about_absent(made_from: Ingredients) -> list[str]:
    """Return what is left out because a list or a projection is missing, and how to get it."""
    left_out = {
        "projections": "Left out: projected children and projected use of services.",
        "neighbours": "Left out: every comparison with statistical neighbours.",
    }
    return [f"{left_out[each]} {text}" for each, text in made_from.absent.items()]


def _about_unranked(made_from: Ingredients) -> Iterator[str]:
    """Name the LSOAs without a rank or a score in the file of the Indices."""
    for column, what in (("idaci_rank", "rank"), ("idaci_score", "score")):
        without = made_from.idaci.loc[made_from.idaci[column].isna(), "lsoa_code"]
        if len(without):
            yield (
                f"Without an IDACI {what}: {len(without)} of {len(made_from.idaci)} LSOAs of "
                f"{made_from.place.name} ({some(without)}). They are in no figure made of it."
            )


def _about_events(made_from: Ingredients, local: ProtectedCounts) -> Iterator[str]:
    """Return for each event how many have no ward, and how the total compares with DfE's."""
    for event, name in LOCAL_EVENTS.items():
        if event not in local.events:
            yield f"The local file has no {name}, so no ward has a figure of them."
            continue
        if local.wards(event).empty:
            yield (
                f"The local file gives no home, so its {name} count for the authority and no ward "
                "has a figure of them. There is no map of them."
            )
        yield from _about_unplaced(local, event)
        if not local.doubts:
            yield from _about_total(made_from, local, event)
    yield from filter(None, [not_compared(made_from, local.events, local.year)])


def map_notes(made_from: Ingredients, local: ProtectedCounts, event: Event) -> list[str]:
    """Return what a reader of a map of a local event must know, in the words of :func:`notes`."""
    found = [
        # The first is in the note of the map.
        *(f"{each}." for each in _about_extract(made_from, local, event)[1:]),
        *about_waiting(local, wards=True, event=event),
        *_about_children(made_from, local),
        *_about_unplaced(local, event),
    ]
    if not local.doubts:
        found += _about_total(made_from, local, event)
    if event == "referrals":
        found += _about_repeats(local)
    return found


def map_note(made_from: Ingredients, local: ProtectedCounts, event: Event) -> str:
    """Return the one note that is printed with the maps of a local event."""
    # The title and the subtitle show that figures are made up, unprotected or of an earlier date.
    if doubted := _about_extract(made_from, local, event):
        reason = local.accepted.rstrip(" .")
        return f"{doubted[0]}; accepted with the reason: {reason}."
    if not (made_from.children["status"] == "modelled").any():
        return ""
    note = "Numbers of children by ward are modelled, not published"
    error, _ = _error_of(made_from)
    if error is None:
        return f"{note}."
    return f"{note}: in a test, 1 ward in 20 was out by more than {error.p95:.1f}%."


def accepted(made_from: Ingredients, local: ProtectedCounts) -> list[str]:
    """Return what was accepted and why, in figures that may be published."""
    # It is printed on the summary, on each map of local figures and on the page to sign.
    if not local.doubts:
        return []
    parts: list[str] = []
    for each in local.doubts:
        if each.kind == "rows":
            parts.append(_rejects.many(made_from))
        elif each.kind != "total" or each.event is None:
            parts.append(each.what)
        else:
            parts += list(_about_total(made_from, local, each.event)) or [
                f"The {LOCAL_EVENTS[each.event]} in the local records are not near DfE's count."
            ]
    return [f"{' '.join(parts)} Accepted for this build, with the reason: {local.accepted}"]


def _about_extract(made_from: Ingredients, local: ProtectedCounts, event: Event) -> list[str]:
    """Return what was accepted of an event for readers of its maps, without full stops."""
    found = []
    for each in of_event(local.doubts, event):
        if each.kind == "rows":
            found.append(_rejects.many(made_from))
        elif each.kind == "total":
            found.append(_about_unlike_total(made_from, local, event))
        else:
            found.append(each.what)
    return [text.rstrip(".") for text in found]


def _about_unlike_total(made_from: Ingredients, local: ProtectedCounts, event: Event) -> str:
    """Return why the wards of a map are not compared with England."""
    of, total = published_counts(made_from, event).get(local.year), local.total(event)
    name = LOCAL_EVENTS[event]
    ending = f"so ward {name} are not compared with England."
    if not of or total is None:
        return f"The {name} in the local records are not near DfE's count, {ending}"
    doubt = "may not be whole" if total < of else "may count more than DfE does"
    return (
        f"The local records {doubt}: they have {total:,} {EVENT_WORDS[event]} ending 31 March "
        f"{local.year}, {apart(total, of, decimals=0, counted=True)} than DfE published "
        f"({of:,}), {ending}"
    )


def _about_unplaced(local: ProtectedCounts, event: Event) -> Iterator[str]:
    """Return how many events are in no ward's count; ward rates are lower because of them."""
    name, number, total = LOCAL_EVENTS[event], local.unplaced(event), local.total(event)
    if number is None:
        yield (
            f"The number of {name} with no known ward is not shown: it is small, or protects "
            "others."
        )
    elif number:
        of = f"{number:,}" if total is None else f"{number:,} of {total:,} ({number / total:.1%})"
        yield (
            f"Without a known ward: {of} of the {name} in the local records. They are in no "
            "ward's count or rate."
        )


def _about_total(made_from: Ingredients, local: ProtectedCounts, event: Event) -> Iterator[str]:
    """Return how far the local total is from the one that DfE published for the same year."""
    of, total = published_counts(made_from, event).get(local.year), local.total(event)
    if of and total is not None and abs(total / of - 1) > TOTALS_APART:
        yield (
            f"The local records have {total:,} {LOCAL_EVENTS[event]} in the year ending 31 March "
            f"{local.year}, {apart(total, of, decimals=0, counted=True)} than DfE published "
            f"({of:,}). Check that the extract is whole and counts the same thing."
        )


def _about_years(local: ProtectedCounts) -> Iterator[str]:
    """Name the earlier years that are left out."""
    for event, years in local.unlike.items():
        if years:
            yield (
                f"Earlier {LOCAL_EVENTS[event]} are left out for {', '.join(map(str, years))}: the "
                f"local records are more than {TOTALS_APART:.0%} away from DfE's count, or DfE has "
                "none."
            )


def _about_repeats(local: ProtectedCounts) -> Iterator[str]:
    """Return whether intervals of ward referrals allow for children referred more than once."""
    repeats = local.repeats["referrals"]
    if repeats is None:
        yield (
            "How often one child is counted is not known, so intervals of ward referral rates may "
            "be too narrow."
        )
    elif repeats > 1:
        yield (
            "Intervals of ward referral rates are wider for children referred more than once "
            f"(variance {repeats:.1f} times the count in the whole authority)."
        )


def about_ages(made_from: Ingredients, local: ProtectedCounts) -> list[str]:
    """Return that ages at 31 March are estimates if the records have ages and no birth dates."""
    table = local.tables.get("cpp_at_31_march", {}).get("age_band x year")
    if table is None or not made_from.local.ages_estimated(sorted(set(table["year"]))):
        return []
    return [
        "Some or all ages of children on plans at 31 March are estimated, because the local "
        "records give an age and no birth date. They are worked out from the age when the plan "
        "began, and can be one year too low or too high. Give birth dates for exact ages."
    ]


def _about_maps(profile: pd.DataFrame) -> Iterator[str]:
    """Name the maps of referrals that are left out, and why."""
    if not classes_of(profile["referrals_rate"]):
        yield (
            "Every ward's referral rate is hidden to protect small numbers, so there is no map of "
            "referrals."
        )
    elif not can_be_crossed(profile):
        yield (
            "The wards' rates that are shown are all alike, so there is no map of deprivation "
            "against referrals."
        )


def _about_year(made_from: Ingredients, local: ProtectedCounts) -> Iterator[str]:
    """Return that the local figures are of another year than the published ones."""
    figures = made_from.children_in_need
    latest = int(figures.loc[figures["area_code"] == made_from.place.code, "year"].max())
    if local.year != latest:
        yield (
            f"The local figures are of the year ending 31 March {local.year}; the rates of the "
            f"authority are of {latest}, the latest that DfE has published."
        )


def _about_comparison(summary: pd.DataFrame) -> Iterator[str]:
    """Return what the words of a comparison mean, and what they do not mean."""
    yield from summary_lines.MEANINGS
    indicators = summary.drop_duplicates("indicator")
    without = indicators[indicators["unusual"] == "not_available"]
    for why, rows in without.groupby("unusual_reason", sort=False):
        names = [INDICATORS[each].lower() for each in rows["indicator"]]
        of = "" if len(without) == len(indicators) else f" for {', '.join(names)}"
        # Other reasons, such as no events, are not removed by figures of more areas.
        fetch = " To fetch all authorities: bolton-jsna refresh." if "too few" in why else ""
        yield f"Whether the area is unusual among all authorities is not shown{of} ({why}).{fetch}"


def _about_children(
    made_from: Ingredients, local: ProtectedCounts, *, whole: bool = False
) -> Iterator[str]:
    """Return what the wards' children are if they are not published, and how far out they are."""
    # A map has the error for the years in question only; ``whole`` adds the rest of the study.
    children = made_from.children
    mid, base = int(children["year"].iloc[0]), int(children["base_year"].iloc[0])
    if local.events and denominator_year(local.year) > mid:
        yield (
            f"There is no estimate of children at mid-{denominator_year(local.year)} yet, so ward "
            f"rates of {local.year} are per child at mid-{mid}."
        )
    if not (children["status"] == "modelled").any():
        return
    total = round(float(children["population"].sum()))
    goal = f"scaled so that wards add up to the authority's estimate of mid-{mid} ({total:,})"
    error, indices = _error_of(made_from)
    if not indices and mid == base:
        yield (
            f"Children aged 0-17 by ward are modelled: the ONS estimates by LSOA of mid-{mid}, "
            f"{goal}. The two are of different issues. How far out a ward may be was not tested."
        )
        return
    of = "children aged 0-15 in the Indices of Deprivation" if indices else "ONS estimates by LSOA"
    yield (
        "Children aged 0-17 by ward are modelled: the spread between wards is that of "
        f"mid-{base} ({of}), {goal}."
        + (_how_far_out(error, mid - base) if error is not None else "")
        + (" Intervals of ward rates do not include this." if local.events else "")
    )
    if error is not None and whole:
        scaled, plain = (_errors_after(error, scaled=each) for each in (True, False))
        yield f"Children by ward in that test: out by {scaled}; without scaling {plain}."


def _error_of(made_from: Ingredients) -> tuple[CarryingError | None, bool]:
    """Return how far out modelled children were in a test, and whether the Indices were used."""
    children = made_from.children
    after = int(children["year"].iloc[0]) - int(children["base_year"].iloc[0])
    indices = bool(children["source"].str.contains(source_id("idaci", "")).any())
    if not indices and not after:
        return None, indices
    return carrying_error("modelled" if indices else "estimates", after), indices


def _how_far_out(error: CarryingError, years: int) -> str:
    """Return how far out wards' children were in a test, after as many years."""
    after = "in the same year"
    if years:
        after = f"{'after' if years > 0 else 'when carried back'} {_years(error.years)}"
    beyond = f" Here it is {_years(years)}, so a ward may be further out."
    return (
        f" In a test on {error.wards} wards of {error.place}, such figures were {error.mean:.1f}% "
        f"out on average {after}, and 1 ward in 20 was out by more than {error.p95:.1f}%."
        f"{beyond if error.years != years else ''}"
    )


def _errors_after(error: CarryingError, *, scaled: bool) -> str:
    """Return the errors of the test after two and three years."""
    found = {each.years: each for each in carrying_errors(scaled=scaled) if each.base == error.base}
    return " and ".join(
        f"{found[after].mean:.1f}% (1 in 20 more than {found[after].p95:.1f}%) after {after} years"
        for after in (2, 3)
    )


def _years(number: int) -> str:
    return f"{abs(number)} year{'' if abs(number) == 1 else 's'}"
