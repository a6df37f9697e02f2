"""Make up the local records of the snapshot: referrals and child protection plans of no child.

    python scripts/make_illustrative_records.py

Nobody publishes referrals by ward, so that maps and tables are shown with made-up records until
an authority's own extract is given. They are drawn with a fixed seed from the figures and
assumptions of ``illustrative.toml``; referrals, plans started and plans at 31 March of each year
are exactly Bolton's published totals. The same versions of the libraries give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from make_snapshot import HERE, TARGET, fingerprint, write_manifest, write_parquet

from bolton_jsna import snapshot
from bolton_jsna.tables import schemas
from bolton_jsna.tables.local import _dates as local_days

BANDS = ((0, 0), (1, 4), (5, 9), (10, 15), (16, 17))
SEXES = ("male", "female", "unknown")
YEAR_DAYS = 365.25
ADULT_DAYS = 6574
FILE = "local_records.parquet"


@dataclass
class Child:
    """A made-up child: birthday as an ordinal day, a home, and the days of its last plan."""

    born: int
    sex: str
    postcode: str
    lsoa: str | None
    step: int
    plan: tuple[int, int | None] | None = None

    def minor(self, day: int) -> bool:
        """Say whether the child is under 18 on a day (18 years are 6,574 days or one more)."""
        return day - self.born < ADULT_DAYS

    def age(self, day: int) -> int:
        """Return the age last birthday on a day."""
        birth, then = dt.date.fromordinal(self.born), dt.date.fromordinal(day)
        return then.year - birth.year - ((then.month, then.day) < (birth.month, birth.day))


@dataclass(frozen=True)
class Event:
    """A referral or a plan of a child; days are ordinal."""

    kind: str
    child: Child
    day: int
    end: int | None
    category: str
    source: str | None


class Maker:
    """Draws children, their homes and what happens to them.

    Only uniform and normal draws are taken from the generator, whose streams do not change
    between releases of numpy; everything else is worked out from them here.
    """

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts
        self.rng = np.random.default_rng(facts["seed"])
        idaci = snapshot.read("idaci@2025").sort_values("lsoa_code", ignore_index=True)
        postcodes = snapshot.read("postcodes@2025")
        self.lsoas = idaci["lsoa_code"].tolist()
        self.steps = 10 - idaci["idaci_decile"].to_numpy(dtype=int)
        variation = np.exp(facts["homes"]["variation"] * self.rng.standard_normal(len(idaci)))
        self.children = idaci["children_0_15"].to_numpy(dtype=float) * variation
        self.postcodes = postcodes.groupby("lsoa_code")["postcode"].apply(list).to_dict()
        self.without = postcodes.loc[postcodes["lsoa_code"].isna(), "postcode"].tolist()

    def pick(self, weights: Any, size: int) -> np.ndarray:
        """Return places drawn with the given weights."""
        steps = np.cumsum(np.asarray(weights, dtype=float))
        return np.searchsorted(steps, self.rng.random(size) * steps[-1], side="right")

    def whole(self, fewest: int, most: int) -> int:
        """Return a whole number between two bounds, both of them possible."""
        return fewest + int(self.rng.random() * (most - fewest + 1))

    def sample(self, size: int, of: int) -> list[int]:
        """Return that many different places out of ``of``, in random order."""
        return np.argsort(self.rng.random(of), kind="stable")[:size].tolist()

    def word(self, shares: dict[str, int]) -> str:
        """Return one of the words, as often as its share says."""
        return list(shares)[self.pick(list(shares.values()), 1)[0]]

    def child(self, kind: str, first: int, last: int) -> Child:
        """Return a new child who is under 18 on the last day and born on the first."""
        ages = self.facts[kind]["ages"]
        cell = int(self.pick(np.concatenate([ages[sex] for sex in SEXES]), 1)[0])
        youngest, oldest = BANDS[cell % len(BANDS)]
        days = youngest + self.rng.random() * (oldest + 1 - youngest)
        born = min(last - int(days * YEAR_DAYS), first)
        born = max(born, last - ADULT_DAYS + 1)
        gradient = self.facts["homes"]["gradient"][kind]
        place = int(self.pick(self.children * gradient**self.steps, 1)[0])
        lsoa: str | None = self.lsoas[place]
        known = self.postcodes[lsoa]
        if self.rng.random() < self.facts["homes"]["unplaced"]:
            lsoa, known = None, self.without
        postcode = known[self.whole(0, len(known) - 1)]
        return Child(born, SEXES[cell // len(BANDS)], postcode, lsoa, int(self.steps[place]))


def referrals(maker: Maker, year: int, total: int, before: list[Child]) -> list[Event]:
    """Return a year's referrals: so many, of so many children, some known from the year before."""
    facts = maker.facts["referrals"]
    children = facts["children"][str(year)]
    start = dt.date(year - 1, 4, 1).toordinal()
    days = np.arange(start, dt.date(year, 4, 1).toordinal())
    weekdays = [dt.date.fromordinal(int(day)).weekday() for day in days]
    weights = np.where(np.array(weekdays) < 5, 1, facts["weekend"])
    young = [child for child in before if child.minor(int(days[-1]))]
    returning = round(facts["returning"] * children) if young else 0
    again: list[Child | None] = [young[place] for place in maker.sample(returning, len(young))]
    times = 1 + np.bincount(maker.pick(np.ones(children), total - children), minlength=children)
    events = []
    for known, count in zip([*again, *[None] * (children - returning)], times, strict=True):
        when: set[int] = set()
        while len(when) < count:
            when.add(int(days[maker.pick(weights, 1)[0]]))
        child = known or maker.child("referrals", min(when), max(when))
        events += [
            Event(
                "referral",
                child,
                day,
                None,
                maker.word(facts["category"]),
                maker.word(facts["source"]),
            )
            for day in sorted(when)
        ]
    return events


def spells(maker: Maker, started: dict[int, int]) -> list[tuple[int, int | None]]:
    """Return first and last day of every plan, so that each year's stock is as published.

    The stock of each 31 March has the published times on the plan, which fixes how many of the
    year's plans and how many of the years before are still open. No plan ends on a 31 March, a
    day on which readers differ whether it counts.
    """
    facts = maker.facts["plans"]
    stock = facts["at_31_march"]
    first = min(started) - 1
    done: list[tuple[int, int | None]] = []
    april = dt.date(first, 4, 1).toordinal()
    reach = [(1, 90), (91, 181), (182, 364), (366, 729), (731, 1000)]
    held = [
        april - maker.whole(*span)
        for span, count in zip(reach, stock[str(first)], strict=True)
        for _ in range(count)
    ]
    for year, total in started.items():
        opening, closing = april, dt.date(year, 4, 1).toordinal()
        april = closing
        *recent, one, two = stock[str(year)]
        year_ago = dt.date(year - 2, 4, 1).toordinal()
        kept: list[int] = []
        for count, group in (
            (one, [day for day in held if day >= year_ago]),
            (two, [day for day in held if day < year_ago]),
        ):
            order = maker.sample(len(group), len(group))
            kept += [group[place] for place in order[:count]]
            for place in order[count:]:
                soonest = max(opening, group[place] + facts["shortest"])
                done.append((group[place], maker.whole(soonest, closing - 2)))
        for (near, far), count in zip(reach, recent, strict=False):
            kept += [closing - maker.whole(near, far) for _ in range(count)]
        for _ in range(total - sum(recent)):
            day = maker.whole(opening, closing - 2 * facts["shortest"])
            done.append((day, maker.whole(day + facts["shortest"], closing - 2)))
        held = kept
    return sorted([*done, *((day, None) for day in held)], key=lambda each: (each[0], each[1] or 0))


def plans(maker: Maker, periods: list[tuple[int, int | None]], known: list[Event]) -> list[Event]:
    """Give each plan a child: referred shortly before, with an earlier plan, or a new one."""
    facts = maker.facts["plans"]
    nearest, furthest = facts["after_referral"]
    referred = sorted(known, key=lambda each: each.day)
    days = np.array([each.day for each in referred])
    horizon = int(days.max())
    on_plans: list[Child] = []
    events = []
    for day, end in periods:
        last = end or horizon
        earlier = [
            child
            for child in on_plans
            if child.plan
            and child.plan[1]
            and child.plan[1] + facts["between"] <= day
            and child.minor(last)
        ]
        window = slice(*np.searchsorted(days, [day - furthest, day - nearest]))
        recent = [each.child for each in referred[window]]
        recent = [child for child in recent if not child.plan and child.minor(last)]
        if earlier and maker.rng.random() < facts["subsequent"]:
            child = earlier[maker.whole(0, len(earlier) - 1)]
        elif recent:
            weights = [likelihood(maker.facts, each, day) for each in recent]
            child = recent[maker.pick(weights, 1)[0]]
        else:
            child = maker.child("plans", day, last)
        if not child.plan:
            on_plans.append(child)
        child.plan = (day, end)
        events.append(Event("plan", child, day, end, maker.word(facts["category"]), None))
    return events


def likelihood(facts: dict[str, Any], child: Child, day: int) -> float:
    """Return how much likelier a plan is for a referred child of this age, sex and place."""
    years = (day - child.born) / YEAR_DAYS
    band = next(place for place, (_, oldest) in enumerate(BANDS) if years < oldest + 1)
    shares = []
    for kind in ("plans", "referrals"):
        ages = facts[kind]["ages"]
        shares.append(ages[child.sex][band] / sum(map(sum, ages.values())))
    gradient = facts["homes"]["gradient"]
    place = (gradient["plans"] / gradient["referrals"]) ** child.step
    return float(place * shares[0] / shares[1]) if shares[1] else 0.0


def records(facts: dict[str, Any]) -> pd.DataFrame:
    """Return all records in the tidy schema, by kind and day."""
    published = snapshot.read("children_in_need@2025")
    bolton = published[published["area_name"].eq("Bolton")].set_index(["indicator", "year"])
    maker = Maker(facts)
    events: list[Event] = []
    before: list[Child] = []
    for year in facts["years"]:
        new = referrals(maker, year, int(bolton.loc[("referrals", year), "count"]), before)
        before = list({id(each.child): each.child for each in new}.values())
        events += new
    started = {year: int(bolton.loc[("cpp_started", year), "count"]) for year in facts["years"]}
    events += plans(maker, spells(maker, started), events)
    events.sort(key=lambda each: (each.day, each.kind, each.child.postcode, each.child.born))
    ids: dict[int, str] = {}
    for each in events:
        ids.setdefault(id(each.child), f"X{len(ids) + 1:06d}")
    events.sort(key=lambda each: (each.kind != "referral", each.day))
    births = np.array(
        [dt.date.fromordinal(each.child.born) for each in events], dtype="datetime64[D]"
    )
    frame = pd.DataFrame(
        {
            "kind": [each.kind for each in events],
            "child_id": [ids[id(each.child)] for each in events],
            "date": [dt.date.fromordinal(each.day) for each in events],
            "end_date": [each.end and dt.date.fromordinal(each.end) for each in events],
            "age": [each.child.age(each.day) for each in events],
            "birth_year_to_march": local_days.years_to_march(births),
            "sex": [each.child.sex for each in events],
            "postcode": [each.child.postcode for each in events],
            "lsoa_code": [each.child.lsoa for each in events],
            "category": [each.category for each in events],
            "referral_source": [each.source for each in events],
            "illustrative": True,
        }
    )
    return schemas.conform(frame, "local_records")


def main(target: Path = TARGET) -> None:
    """Write the records and their entry in the manifest."""
    facts = tomllib.loads((HERE / "illustrative.toml").read_text(encoding="utf-8"))
    frame = records(facts)
    # A column that no record fills is not laid down; reading adds it.
    days = frame.drop(columns="ethnicity").assign(
        **{name: frame[name].dt.date for name in ("date", "end_date")}
    )
    notes = (
        "Illustrative: made up by scripts/make_illustrative_records.py with a fixed seed. No row "
        "is about a child. Referrals, plans started and plans at 31 March of the years ending 31 "
        "March 2023 to 2025 equal Bolton's published totals; ages, sexes, categories and sources "
        "follow published shares; where the children live follows children aged 0-15 and an "
        "assumed gradient in IDACI 2025 (scripts/illustrative.toml), so that nothing may be "
        "learnt from it about any ward. Whatever is drawn from it says so on its face."
    )
    write_parquet(days, target / FILE, {"illustrative": "true", "notes": notes})
    write_manifest(
        [
            {
                "dataset": "local_records",
                "edition": "illustrative",
                "publisher": "No publisher: made up by this project",
                "title": "Illustrative local records of referrals and child protection plans",
                "vintage": "Years ending 31 March 2023 to 2025",
                "licence": "MIT",
                "attribution": "Illustrative local data: made up, not about any child or ward.",
                "address": "",
                **fingerprint(target / FILE, len(frame)),
                "notes": notes,
                "table": "local_records",
                "constants": {},
            }
        ],
        target,
    )


if __name__ == "__main__":
    main()
