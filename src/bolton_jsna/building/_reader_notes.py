"""What a reader of a build's tables and maps must know, in whole sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bolton_jsna.building import _rejects
from bolton_jsna.building._local_counts import LOCAL_EVENTS
from bolton_jsna.building._local_doubts import TOTALS_APART, not_compared, published_counts
from bolton_jsna.building._maps import can_be_crossed, classes_of
from bolton_jsna.building._protected_counts import ProtectedCounts
from bolton_jsna.building._sign_off import rule_in_words
from bolton_jsna.building._successive_releases import about_waiting
from bolton_jsna.building.inputs import WORDS, Ingredients
from bolton_jsna.core.errors import some
from bolton_jsna.core.provenance import source_id
from bolton_jsna.core.wording import apart
from bolton_jsna.core.years import denominator_year
from bolton_jsna.measures.events import Event
from bolton_jsna.measures.ward_children import CarryingError, carrying_error, carrying_errors

if TYPE_CHECKING:
    import pandas as pd


def notes(
    made_from: Ingredients, local: ProtectedCounts, tables: dict[str, pd.DataFrame]
) -> list[str]:
    """Return what a reader of the outputs must know."""
    found = []
    place = made_from.place.name
    if made_from.illustrative:
        found.append(
            "Ward-level referrals and plans are illustrative: they are made up, and agree with "
            f"{place}'s published totals only. Give the authority's own extract with "
            "--local-records FILE."
        )
    if not local.events:
        found.append(
            f"There are no local records of {place}, so no ward referrals or plans and no map of "
            "them. Give the authority's own extract with --local-records FILE."
        )
    found += about_shapes(made_from)
    found += _about_unranked(made_from)
    found += accepted(made_from, local)
    found += _about_children(made_from, local, whole=True)
    if local.events:
        found.append(
            rule_in_words(local.rule)
            if local.rule is not None
            else "Small numbers are left open: nothing of this is for publication."
        )
        found += local.hidden_whole
        found += about_waiting(local)
        found += _about_events(made_from, local)
        found += _about_year(made_from, local)
        found += _about_years(local)
        found += _about_repeats(local)
        found += about_ages(made_from, local)
        drawn = "referrals" in local.events and made_from.wards is not None
        if drawn and not local.wards("referrals").empty:
            found += _about_maps(tables["ward_profile"])
    found += _about_comparison(tables["neighbour_summary"])
    found += _about_edition(made_from)
    found += made_from.remarks
    found += made_from.local.reading.sheet_notes
    found += _rejects.rounded(made_from)
    if made_from.local.plans_have_no_end:
        found.append(
            "No plan of the local records has an end date, so every plan begun counts as open at "
            "31 March."
        )
    said = [note for note in tables["neighbour_summary"]["note"].dropna().unique() if note]
    found += [note for note in said if note not in found]
    gaps = tables["neighbour_summary"].query("used < of")
    found += [
        f"{WORDS[row.indicator]} {row.year}: {row.used} of {row.of} neighbours of the "
        f"{row.model} model have a figure."
        for row in gaps.itertuples()
    ]
    return found


def about_shapes(made_from: Ingredients) -> list[str]:
    """Say that there are no maps for want of ward boundaries, and how to get these."""
    if made_from.wards is not None:
        return []
    return [
        f"Left out: every map, because there are no ward boundaries of {made_from.place.name}. "
        f"All tables are made. {made_from.no_shapes}"
    ]


def _about_unranked(made_from: Ingredients) -> list[str]:
    """Say which LSOAs have no rank or no score in the file of the Indices."""
    found = []
    for column, what in (("idaci_rank", "rank"), ("idaci_score", "score")):
        without = made_from.idaci.loc[made_from.idaci[column].isna(), "lsoa_code"]
        if len(without):
            found.append(
                f"Without an IDACI {what}: {len(without)} of {len(made_from.idaci)} LSOAs of "
                f"{made_from.place.name} ({some(without)}). They are in no figure made of it."
            )
    return found


def _about_events(made_from: Ingredients, local: ProtectedCounts) -> list[str]:
    """Say of each event how many have no ward, and how the total compares with DfE's."""
    found = []
    for event, name in LOCAL_EVENTS.items():
        if event not in local.events:
            found.append(f"The local file has no {name}, so no ward has a figure of them.")
            continue
        if local.wards(event).empty:
            found.append(
                f"The local file gives no home, so its {name} count for the authority and no ward "
                "has a figure of them. There is no map of them."
            )
        found += _about_unplaced(local, event)
        if not local.doubts:
            found += _about_total(made_from, local, event)
    aside = not_compared(made_from, local.events, local.year)
    return [*found, aside] if aside else found


def map_notes(made_from: Ingredients, local: ProtectedCounts) -> list[str]:
    """Return what a reader of a map of local figures must know, as :func:`notes` says it."""
    found = _about_children(made_from, local)
    if not local.events:
        return found
    found = [*accepted(made_from, local), *about_waiting(local, wards=True), *found]
    for event in local.events:
        found += _about_unplaced(local, event)
        if not local.doubts:
            found += _about_total(made_from, local, event)
    if "referrals" in local.events:
        found += _about_repeats(local)
    return [*found, _ABOUT_MANY]


def accepted(made_from: Ingredients, local: ProtectedCounts) -> list[str]:
    """Return what was accepted and why, in figures that may be published."""
    # It stands on the summary, on each map of local figures and on the page to sign.
    if not local.doubts:
        return []
    parts = []
    for each in local.doubts:
        if each.kind == "rows":
            parts.append(_rejects.many(made_from))
            continue
        if each.kind != "total" or each.event is None:
            parts.append(each.what)
            continue
        parts += _about_total(made_from, local, each.event) or [
            f"The {LOCAL_EVENTS[each.event]} in the local records are not near DfE's count."
        ]
    return [f"{' '.join(parts)} Accepted for this build, with the reason: {local.accepted}"]


_ABOUT_MANY: Final = (
    "Each ward with a rate is compared with England at 95 per cent. If none of them differed, "
    "about one in twenty would still be called lower or higher by chance."
)


def _about_unplaced(local: ProtectedCounts, event: Event) -> list[str]:
    """Say how many events are in no ward's count: ward rates run lower for them."""
    name, number, total = LOCAL_EVENTS[event], local.unplaced(event), local.total(event)
    if number is None:
        return [
            f"How many {name} have no known ward is not told: it is a small number, or protects "
            "others."
        ]
    if not number:
        return []
    of = f"{number:,}" if total is None else f"{number:,} of {total:,} ({number / total:.1%})"
    return [
        f"Without a known ward: {of} of the {name} in the local records. They are in no ward's "
        "count or rate."
    ]


def _about_total(made_from: Ingredients, local: ProtectedCounts, event: Event) -> list[str]:
    """Say when the local records are not as many as DfE published for the same year."""
    of, total = published_counts(made_from, event).get(local.year), local.total(event)
    if not of or total is None or abs(total / of - 1) <= TOTALS_APART:
        return []
    return [
        f"The local records have {total:,} {LOCAL_EVENTS[event]} in the year ending 31 March "
        f"{local.year}, {apart(total, of, decimals=0, counted=True)} than DfE published "
        f"({of:,}). Check that the extract is whole and counts the same thing."
    ]


def _about_years(local: ProtectedCounts) -> list[str]:
    """Say which earlier years the local records do not hold whole."""
    return [
        f"Earlier {LOCAL_EVENTS[event]} are left out for {', '.join(map(str, years))}: the local "
        f"records are more than {TOTALS_APART:.0%} away from DfE's count, or DfE has none."
        for event, years in local.unlike.items()
        if years
    ]


def _about_repeats(local: ProtectedCounts) -> list[str]:
    """Say that intervals of ward referrals allow for children referred more than once."""
    repeats = local.repeats["referrals"]
    if repeats is None:
        return [
            "How often one child is counted is not known, so intervals of ward referral rates may "
            "be too narrow."
        ]
    if repeats <= 1:
        return []
    return [
        "Intervals of ward referral rates are wider for children referred more than once "
        f"(variance {repeats:.1f} times the count in the whole authority)."
    ]


def about_ages(made_from: Ingredients, local: ProtectedCounts) -> list[str]:
    """Say that ages at 31 March are estimates where the records have ages and no birth dates."""
    table = local.tables.get("cpp_at_31_march", {}).get("age_band x year")
    if table is None or not made_from.local.ages_estimated(sorted(set(table["year"]))):
        return []
    return [
        "Some or all ages of children on plans at 31 March are estimated, because the local "
        "records give an age and no birth date. They are worked out from the age when the plan "
        "began, and can be one year too low or too high. Give birth dates for exact ages."
    ]


def _about_maps(profile: pd.DataFrame) -> list[str]:
    """Say which maps of referrals are left out, and why."""
    if not classes_of(profile["referrals_rate"]):
        return [
            "Every ward's referral rate is hidden to protect small numbers, so there is no map of "
            "referrals."
        ]
    if not can_be_crossed(profile):
        return [
            "The wards' rates that are shown are all alike, so there is no map of deprivation "
            "against referrals."
        ]
    return []


def _about_edition(made_from: Ingredients) -> list[str]:
    """Say that figures of deprivation are not to be set against those of another edition."""
    edition = int(made_from.idaci["edition"].iloc[0])
    return [
        f"Deprivation is that of IDACI {edition}. Editions measure different things: do not "
        "compare these figures with those of another edition."
    ]


def _about_year(made_from: Ingredients, local: ProtectedCounts) -> list[str]:
    """Say that the local figures are of another year than the published ones."""
    figures = made_from.children_in_need
    own = figures[figures["area_code"] == made_from.place.code]
    latest = int(own["year"].max())
    if local.year == latest:
        return []
    return [
        f"The local figures are of the year ending 31 March {local.year}; the rates of the "
        f"authority are of {latest}, the latest that DfE has published."
    ]


def _about_comparison(summary: pd.DataFrame) -> list[str]:
    """Say what the words of a comparison mean, and what they do not."""
    found = [
        "The usual range is worked out from how much the neighbours (or all authorities) differ. "
        "95 in 100 areas like it would lie inside. One in twenty lies outside although nothing "
        "sets it apart: look at several years and indicators before you call an area different. "
        "Usual does not mean acceptable.",
        "A difference by more than chance in the counts may come from need, from practice or from "
        "how things are recorded. It does not say that the area is unusual: most authorities "
        "differ from England in this way.",
    ]
    told = summary.drop_duplicates("indicator")
    lacking = told[told["unusual"] == "not_available"]
    for why, rows in lacking.groupby("unusual_reason", sort=False):
        names = [WORDS[each].lower() for each in rows["indicator"]]
        of = "" if len(lacking) == len(told) else f" for {', '.join(names)}"
        found.append(
            f"Whether the area is unusual among all authorities is not shown{of} ({why}). To fetch "
            "them: bolton-jsna refresh."
        )
    return found


def _about_children(
    made_from: Ingredients, local: ProtectedCounts, *, whole: bool = False
) -> list[str]:
    """Say what the wards' children are, where they are not published, and how far out they are."""
    # On a map the figures for the years in question do; ``whole`` adds the rest of the study.
    children = made_from.children
    mid, base = int(children["year"].iloc[0]), int(children["base_year"].iloc[0])
    found = []
    if local.events and denominator_year(local.year) > mid:
        found.append(
            f"There is no estimate of children at mid-{denominator_year(local.year)} yet, so ward "
            f"rates of {local.year} are per child at mid-{mid}."
        )
    if not (children["status"] == "modelled").any():
        return found
    total = round(float(children["population"].sum()))
    goal = f"scaled so that wards add up to the authority's estimate of mid-{mid} ({total:,})"
    indices = children["source"].str.contains(source_id("idaci", "")).any()
    if not indices and mid == base:
        found.append(
            f"Children aged 0-17 by ward are modelled: the ONS estimates by LSOA of mid-{mid}, "
            f"{goal}. The two are of different issues. How far out a ward may be was not tested."
        )
        return found
    of = "children aged 0-15 in the Indices of Deprivation" if indices else "ONS estimates by LSOA"
    error = carrying_error("modelled" if indices else "estimates", mid - base)
    found.append(
        "Children aged 0-17 by ward are modelled: the spread between wards is that of "
        f"mid-{base} ({of}), {goal}."
        + (_how_far_out(error, mid - base) if error is not None else "")
        + (" Intervals of ward rates do not include this." if local.events else "")
    )
    if error is not None and whole:
        found.append(_study(error))
    return found


def _how_far_out(error: CarryingError, years: int) -> str:
    """Say how far out wards' children were in a test, after as many years."""
    after = "in the same year"
    if years:
        after = f"{'after' if years > 0 else 'when carried back'} {_years(error.years)}"
    beyond = (
        f" Here it is {_years(years)}, so a ward may be further out."
        if error.years != years
        else ""
    )
    return (
        f" In a test on {error.wards} wards of {error.place}, such figures were {error.mean:.1f}% "
        f"out on average {after}, and 1 ward in 20 was out by more than {error.p95:.1f}%.{beyond}"
    )


def _study(error: CarryingError) -> str:
    """Say what the test found after two and three years, and without the scaling."""

    def pair(scaled: bool) -> str:
        found = {
            each.years: each for each in carrying_errors(scaled=scaled) if each.base == error.base
        }
        return " and ".join(
            f"{found[after].mean:.1f}% (1 in 20 more than {found[after].p95:.1f}%) after {after} "
            "years"
            for after in (2, 3)
        )

    return f"Children by ward in that test: out by {pair(True)}; without scaling {pair(False)}."


def _years(number: int) -> str:
    return f"{abs(number)} year{'' if abs(number) == 1 else 's'}"
