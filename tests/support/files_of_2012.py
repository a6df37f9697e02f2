"""Small files as of 2012: DfE's old wide layout, and an authority's own counts by group."""

from pathlib import Path

import bolton_jsna as jsna

# SFR28/2010, SFR26/2011, SFR27/2012: children, referrals, plans started and at 31 March, children
# in need. Bolton and England are as published, all other authorities are made up.
PUBLISHED = {
    2010: {
        "Bolton": (62400, 3546, 381, 367, 1952),
        "England": (11012300, 603700, 44300, 39100, 375900),
    },
    2011: {
        "Bolton": (62646, 4108, 289, 359, 2247),
        "England": (11045369, 615000, 49000, 42700, 382400),
    },
    2012: {
        "Bolton": (64600, 3916, 252, 236, 2032),
        "England": (11340800, 605100, 52100, 42900, 369400),
    },
}
RATES = {"Bolton": ("606", "39", "36.5", "314.5"), "England": ("533.5", "46", "37.8", "325.7")}
"""The rates printed for 2012."""

# The shares that the chapter prints, of the 236 children on a plan at 31 March 2012.
OWN = """Year,Event,Age band,Category,Count
2011-12,Plans at 31 March,Under 5,,99
2011-12,Plans at 31 March,5-16,,132
2011-12,Plans at 31 March,16+,,5
2011-12,Plans at 31 March,,Neglect,113
2011-12,Plans at 31 March,,Emotional,80
2011-12,Plans at 31 March,,Physical,33
2011-12,Plans at 31 March,,Sexual,10
"""


def published(folder: Path) -> None:
    """Write DfE's files of 2009-10 to 2011-12 into the workspace."""
    raw = folder / "data" / "raw" / "children_in_need"
    raw.mkdir(parents=True)
    near = jsna.load_statistical_neighbours("Bolton")["neighbour_code"]
    for year, areas in PUBLISHED.items():
        span, day = f"{(year - 1) % 100:02d}{year % 100:02d}", f"3103{year % 100:02d}"
        counts = [f"Mid{year - 1}Pop0-17", f"Referrals{span}", f"CPPIn{span}", f"CPPAt{day}"]
        counts.append(f"CINAt{day}")
        printed = [f"Referrals{span}Rate", f"CPPStartRate{span}", f"CPPAt{day}Rate"]
        printed = [*printed, f"CINAt{day}RatePer10k"] if year == 2012 else []
        rows = [["geog_l", "geog_c", "geog_n", *counts, *printed]]
        others = {jsna.area(each).name: made_up(at) for at, each in enumerate(near)}
        for name, figures in {**areas, **others}.items():
            place = jsna.area(name)
            level, number = ("National", 921) if name == "England" else ("LA", place.dfe_number)
            rates = RATES.get(name, ("..",) * 4) if printed else ()
            rows.append([level, number, name, *figures, *rates])
        text = "\n".join(",".join(map(str, row)) for row in rows) + "\n"
        (raw / f"cin_underlying_{year}.csv").write_text(text)


def made_up(at: int) -> tuple[int, ...]:
    """Return figures of an authority around those of the North of England."""
    children = 40_000 + 3_000 * at
    of = (0.045 + 0.004 * at, 0.004 + 0.0003 * at, 0.0035 + 0.0003 * at, 0.03 + 0.002 * at)
    return (children, *(round(children * each) for each in of))
