"""The folders and files of a workspace that a build writes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from bolton_jsna.core.wording import INDICATORS

PROCESSED: Final = Path("data") / "processed"
MAPS: Final = Path("maps")
CHARTS: Final = Path("charts")
RECORD: Final = PROCESSED / "run.json"
RELEASES: Final = PROCESSED / "releases"
"""What each build published of local records; no build deletes it."""
SIGN_OFF: Final = PROCESSED / "sign_off"
"""The page for the person who signs, without its ending."""
PRIVATE: Final = Path("not_for_publication")
"""The folder of a build that does not hide small numbers."""
KEPT: Final = Path("not_for_publication.json")
"""What a rebuild needs of the authority's own file, for its owner only: never an output."""
STAGING: Final = ".bolton-jsna-"
"""The start of the names of staging folders in the workspace."""

PROFILE_PAGE: Final = PROCESSED / "profile.html"
"""The indicators of the area as a page."""

RELEASE: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}-(?P<area>[A-Z][0-9]{8})-(?P<mark>[0-9a-f]{12})\.json"
)
"""The name of a file in :data:`RELEASES`."""

_TABLES: Final = (
    "chapter_figures",
    "children_by_age",
    "children_by_age_band",
    "children_by_ward",
    "children_in_need",
    "deprivation_association",
    "deprivation_by_edition",
    "deprivation_by_ward",
    "deprivation_fifths",
    "idaci_lsoa",
    "idaci_ward",
    "local_counts",
    "local_shares",
    "neighbour_comparison",
    "neighbour_summary",
    "profile",
    "projected_demand",
    "projections",
    "rates",
    "rates_by_year",
    "sources",
    "ward_profile",
)
_MAPS: Final = (
    "lsoa_idaci",
    "ward_idaci",
    "ward_idaci_vs_referrals",
    "ward_plan_rate",
    "ward_referral_rate",
)
_EVENTS: Final = ("referrals", "plans")
CHART_NAMES: Final = (
    *(f"trend_{each}" for each in INDICATORS),
    *(f"neighbours_{each}" for each in INDICATORS),
    *(f"projection_{each}" for each in (*INDICATORS, "cla_at_31_march")),
    *(f"{kind}_{each}" for kind in ("deprivation", "scatter", "funnel") for each in _EVENTS),
    *(f"shares_{each}_{group}" for each in _EVENTS for group in ("age_band", "category")),
    *("pyramid", "spine", "spine_factors"),
)
"""The names of the charts of a build."""
CHAPTER: Final = Path("chapter")
CHAPTER_FORMATS: Final = ("docx", "html", "xlsx", "ods")
OWN_TEXT: Final = CHAPTER / "text"
"""The paragraphs of the authors; no build changes them."""
GUIDE: Final = OWN_TEXT / "README.txt"
"""How to write them; put there once, never changed, never taken for own text."""
TEMPLATE: Final = CHAPTER / "template.docx"
"""The authority's own Word template; no build writes it."""
FIGURES: Final = CHAPTER / "figures"
"""The charts and maps of the chapter, with their captions."""
COPIES: Final = 9
"""How many chapters of one format there can be, if earlier ones were changed by hand."""
CHART_FORMATS: Final = ("png", "svg", "html", "csv")
CAPTIONS: Final = CHARTS / "captions.md"
"""The titles, descriptions, notes and sources of all charts."""


def chapter_file(kind: str, copy: int = 1) -> Path:
    """Return the file of a chapter, or of the next if that one was changed by hand."""
    return CHAPTER / f"chapter{f'_{copy}' if copy > 1 else ''}.{kind}"


OUTPUTS: Final = frozenset(
    [f"{PROCESSED.as_posix()}/{name}.{kind}" for name in _TABLES for kind in ("csv", "parquet")]
    + [f"{SIGN_OFF.as_posix()}.{kind}" for kind in ("txt", "json")]
    + [f"{MAPS.as_posix()}/{name}.{kind}" for name in _MAPS for kind in ("html", "png", "svg")]
    + [f"{MAPS.as_posix()}/{name}_notes.txt" for name in _MAPS]
    + [f"{MAPS.as_posix()}/wards.{kind}" for kind in ("gpkg", "parquet")]
    + [f"{MAPS.as_posix()}/ward_layers.html", PROFILE_PAGE.as_posix()]
    + [f"{CHARTS.as_posix()}/{name}.{kind}" for name in CHART_NAMES for kind in CHART_FORMATS]
    + [CAPTIONS.as_posix()]
    + [
        chapter_file(kind, copy).as_posix()
        for kind in CHAPTER_FORMATS
        for copy in range(1, COPIES + 1)
    ]
    + [
        f"{FIGURES.as_posix()}/{name}.{kind}"
        for name in (*CHART_NAMES, *_MAPS)
        for kind in ("png", "svg")
    ]
    + [f"{FIGURES.as_posix()}/captions.md"]
)
"""All that a build may write apart from its record, and so all that the next may delete."""


def is_release(name: str) -> bool:
    """Return whether a path in a workspace is that of a release."""
    folder, _, file = name.rpartition("/")
    return folder == RELEASES.as_posix() and RELEASE.fullmatch(file) is not None
