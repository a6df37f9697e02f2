"""The tidy tables: every column with its type, unit and meaning, as data.

The descriptions are data, so that documentation, the run record and the checks say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from bolton_jsna.core.states import MEANINGS

Kind = Literal["text", "whole", "number", "flag", "date"]


@dataclass(frozen=True)
class Column:
    """One column of a tidy table.

    Attributes
    ----------
    name : str
        Its name.
    kind : {"text", "whole", "number", "flag", "date"}
        Text, whole number (Int64), number (float64), true or false, or a day.
    description : str
        What it says, with its unit.
    missing : bool
        Whether a cell may be missing.
    minimum, maximum : float or None
        The bounds of a number.
    allowed : tuple of str
        The values a text may take; empty for any.
    pattern : str
        Regular expression that a text must match whole; empty for any.
    """

    name: str
    kind: Kind
    description: str
    missing: bool = False
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True)
class Schema:
    """One tidy table: its columns in order and the columns that tell its rows apart."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = field(default=())

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self.columns]


_GSS = r"[EWNSK][0-9]{8}"
_STATUS = Column(
    "status", "text", "State of the figure: " + "; ".join(MEANINGS), allowed=tuple(MEANINGS)
)
_SOURCE = Column("source", "text", "Dataset and edition the row came from, as dataset@edition")
_AREA = (
    Column("area_code", "text", "GSS code of the area", pattern=_GSS),
    Column("area_name", "text", "Name of the area"),
)
_AREA_LEVEL = Column(
    "area_level",
    "text",
    "What the area is: country, region, authority, ward or lsoa",
    allowed=("country", "region", "authority", "ward", "lsoa"),
)
_SEX = Column(
    "sex", "text", "Sex: persons, females or males", allowed=("persons", "females", "males")
)

SCHEMAS: Final[dict[str, Schema]] = {
    schema.name: schema
    for schema in (
        Schema(
            "population_projections",
            "Subnational population projections by single year of age",
            (
                *_AREA,
                Column(
                    "base_year", "whole", "Mid-year on which the projection rests", minimum=1990
                ),
                Column("variant", "text", "Variant of the projection, as ONS names it"),
                Column("year", "whole", "Mid-year projected to (30 June)", minimum=1990),
                _SEX,
                Column(
                    "age",
                    "whole",
                    "Age last birthday in years; 90 stands for 90 and over",
                    minimum=0,
                    maximum=90,
                ),
                Column("population", "number", "Projected persons (may be fractional)", minimum=0),
                _SOURCE,
            ),
            ("area_code", "base_year", "variant", "year", "sex", "age"),
        ),
        Schema(
            "population_estimates",
            "Mid-year population estimates by single year of age or age band",
            (
                *_AREA,
                _AREA_LEVEL,
                Column("year", "whole", "Mid-year (30 June)", minimum=1980),
                _SEX,
                Column("ages", "text", "Ages counted: one year ('7', '90+') or a band ('0-17')"),
                Column(
                    "age",
                    "whole",
                    "Age last birthday in years, 90 for 90 and over; missing for a band",
                    missing=True,
                    minimum=0,
                    maximum=90,
                ),
                Column("population", "number", "Estimated persons", missing=True, minimum=0),
                _STATUS,
                _SOURCE,
            ),
            ("area_code", "year", "sex", "ages", "source"),
        ),
        Schema(
            "idaci",
            "Income Deprivation Affecting Children Index by LSOA",
            (
                Column("lsoa_code", "text", "GSS code of the LSOA", pattern=r"[EW]01[0-9]{6}"),
                Column("lsoa_name", "text", "Name of the LSOA", missing=True),
                Column(
                    "area_code",
                    "text",
                    "GSS code of the local authority district; missing in 2010 for districts of "
                    "counties, which had no such code",
                    missing=True,
                    pattern=_GSS,
                ),
                Column(
                    "idaci_score",
                    "number",
                    "Share of children aged 0-15 in income-deprived families, 0 to 1; not "
                    "comparable between editions",
                    missing=True,
                    minimum=0,
                    maximum=1,
                ),
                Column(
                    "idaci_rank",
                    "whole",
                    "Rank among England's LSOAs, 1 most deprived",
                    missing=True,
                    minimum=1,
                ),
                Column(
                    "idaci_decile",
                    "whole",
                    "Tenth of England's LSOAs, 1 most deprived",
                    missing=True,
                    minimum=1,
                    maximum=10,
                ),
                Column(
                    "children_0_15",
                    "whole",
                    "Children aged 0-15 in the edition's own denominator",
                    missing=True,
                    minimum=0,
                ),
                Column("edition", "whole", "Year of the Indices of Deprivation", minimum=2004),
                Column("lsoa_year", "whole", "Census year of the LSOA codes: 2001, 2011 or 2021"),
                _SOURCE,
            ),
            ("lsoa_code", "edition"),
        ),
        Schema(
            "children_in_need",
            "Referrals, child protection plans, children in need and looked after",
            (
                *_AREA,
                _AREA_LEVEL,
                Column("year", "whole", "Year ending 31 March", minimum=2009, maximum=2100),
                Column("indicator", "text", "What is counted"),
                Column(
                    "count",
                    "whole",
                    "Number in the year or at 31 March; England and regions rounded to 10 by DfE",
                    missing=True,
                    minimum=0,
                ),
                Column(
                    "persons",
                    "whole",
                    "Different children behind the count of events, each counted once",
                    missing=True,
                    minimum=0,
                ),
                Column(
                    "persons_status",
                    "text",
                    "State of persons; not_applicable where the count has each child once",
                    allowed=tuple(MEANINGS),
                ),
                Column(
                    "population",
                    "whole",
                    "Children aged 0-17 at the mid-year before (denominator)",
                    missing=True,
                    minimum=0,
                ),
                Column(
                    "published_rate",
                    "number",
                    "Rate per 10,000 children aged 0-17 as printed in the release",
                    missing=True,
                    minimum=0,
                ),
                Column(
                    "published_rate_status",
                    "text",
                    "State of the published rate; not_available where the release prints none",
                    allowed=tuple(MEANINGS),
                ),
                _STATUS,
                Column("release", "text", "Reporting year of the release, such as 2025"),
                _SOURCE,
            ),
            ("area_code", "year", "indicator", "release"),
        ),
        Schema(
            "statistical_neighbours",
            "DfE statistical neighbours of an authority",
            (
                *_AREA,
                Column("rank", "whole", "Closeness, 1 closest", minimum=1, maximum=10),
                Column("neighbour_code", "text", "GSS code of the neighbour", pattern=_GSS),
                Column("neighbour_name", "text", "Name of the neighbour"),
                Column("closeness", "text", "DfE's word for how close it is"),
                Column("model", "text", "Year of the model: 2021 or 2025", pattern=r"[0-9]{4}"),
                _SOURCE,
            ),
            ("area_code", "model", "rank"),
        ),
        Schema(
            "lookup",
            "Small areas and the larger areas they are assigned to",
            (
                Column("from_code", "text", "GSS code of the small area", pattern=_GSS),
                Column("from_name", "text", "Name of the small area", missing=True),
                Column("to_code", "text", "GSS code of the area it goes to", pattern=_GSS),
                Column("to_name", "text", "Name of the area it goes to", missing=True),
                Column("from_geography", "text", "Kind and year, such as lsoa21"),
                Column("to_geography", "text", "Kind and year, such as ward23"),
                Column(
                    "method",
                    "text",
                    "exact (the areas nest) or best_fit (each goes whole to one area)",
                    allowed=("exact", "best_fit"),
                ),
                Column(
                    "share",
                    "number",
                    "Share of the small area's people that goes there, where known",
                    missing=True,
                    minimum=0,
                    maximum=1,
                ),
                Column("area_code", "text", "GSS code of the local authority", missing=True),
                _SOURCE,
            ),
            ("from_code", "to_code", "from_geography", "to_geography"),
        ),
        Schema(
            "postcodes",
            "Postcodes with their LSOA and ward",
            (
                Column("postcode", "text", "Postcode with one space, such as BL1 1AP"),
                Column("lsoa_code", "text", "LSOA 2011 and 2021, where still valid", missing=True),
                Column(
                    "ward_code",
                    "text",
                    "Electoral ward of the file's vintage, where it has wards",
                    missing=True,
                    pattern=_GSS,
                ),
                _SOURCE,
            ),
            ("postcode",),
        ),
        Schema(
            "local_records",
            "One row per referral or child protection plan from the authority's own records",
            (
                Column("kind", "text", "referral or plan", allowed=("referral", "plan")),
                Column("child_id", "text", "Pseudonym of the child; never written to an output"),
                Column("date", "date", "Day of the referral, or on which the plan began"),
                Column("end_date", "date", "Day on which the plan ended", missing=True),
                Column(
                    "age",
                    "whole",
                    "Age last birthday on the day of the referral, or on which the plan began, in "
                    "years; -1 before birth",
                    missing=True,
                    minimum=-1,
                    maximum=17,
                ),
                Column(
                    "birth_year_to_march",
                    "whole",
                    "Year ending 31 March in which the child was born or is expected; gives the "
                    "age on any 31 March; never written to an output",
                    missing=True,
                    minimum=1900,
                    maximum=2100,
                ),
                Column("sex", "text", "female, male or unknown", missing=True),
                Column("postcode", "text", "Postcode of the child's home", missing=True),
                Column("lsoa_code", "text", "LSOA of the child's home", missing=True),
                Column("category", "text", "Category of abuse or primary need", missing=True),
                Column("referral_source", "text", "Who referred the child", missing=True),
                Column("ethnicity", "text", "Ethnicity as the census names it", missing=True),
                Column("illustrative", "flag", "True for made-up records of the snapshot"),
            ),
        ),
    )
}
"""The tidy tables by name."""

BOUNDARY_COLUMNS: Final[tuple[Column, ...]] = (
    *_AREA,
    Column("level", "text", "ward, lsoa or authority", allowed=("ward", "lsoa", "authority")),
    Column("year", "whole", "Year of the boundaries, where known", minimum=2001, missing=True),
    Column("authority_code", "text", "GSS code of the authority, where known", missing=True),
    _SOURCE,
)
"""The columns of a boundary table beside ``geometry`` (EPSG:27700, metres)."""
