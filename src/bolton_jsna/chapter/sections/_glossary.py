"""The measures, methods and terms of the chapter in plain words, each with its reference."""

from __future__ import annotations

from typing import Final

METHODS: Final = (
    (
        "Rate per 10,000",
        "The count divided by the children aged 0-17 of the mid-year before, times 10,000.",
        "Department for Education, Children in need: methodology",
    ),
    (
        "Interval of a rate",
        "Byar's method, and exact Poisson limits for counts under 10. It shows how far chance in "
        "the count could move the rate.",
        "Breslow and Day 1987; Armitage and Berry 2002",
    ),
    (
        "Children referred more than once",
        "Referrals of one child are not independent, so the interval of a rate of referrals is "
        "wider where the children behind the referrals are known.",
        "Stukel and others 1994",
    ),
    (
        "Interval of a share",
        "Wilson's method for a number out of a whole.",
        "Wilson 1927; Newcombe and Altman 2000",
    ),
    (
        "Comparison with England",
        "A test of whether the difference could be chance in the counts. It does not show whether "
        "an area is unusual.",
        "Przyborowski and Wilenski 1940",
    ),
    (
        "Usual range",
        "The range in which 95 of 100 areas like the neighbours (or like all other authorities of "
        "England, where they have figures) would lie, worked out from how much these differ.",
        "Higgins, Thompson and Spiegelhalter 2009",
    ),
    (
        "Rank among neighbours",
        "The place by rate, with an interval from many random draws of all rates.",
        "Goldstein and Spiegelhalter 1996",
    ),
    (
        "Statistical neighbours",
        "The ten authorities that a model of the Department for Education (DfE) names as most "
        "like the area. The area itself is not one of them.",
        "DfE and National Foundation for Educational Research, local authority interactive tool",
    ),
    (
        "Trend",
        "A test of whether a figure rose or fell steadily over the years named.",
        "McCullagh and Nelder 1989",
    ),
    (
        "IDACI of a ward",
        "The mean of the scores of its LSOAs, weighted by children aged 0-15.",
        "English Indices of Deprivation, technical report",
    ),
    (
        "Slope index of inequality",
        "A line through the rates of the fifths, from the most to the least deprived end: the rate "
        "at one end less that at the other. The relative index divides the two.",
        "Preston, Haines and Pamuk 1981; Mackenbach and Kunst 1997; Hayes and Berry 2002",
    ),
    (
        "Rate ratio across wards",
        "A Poisson or negative binomial regression of the counts on deprivation. Dispersion shows "
        "how much more than by chance the counts vary: 1 is chance alone.",
        "Cameron and Trivedi 2013",
    ),
    (
        "Rank correlation",
        "How closely the order of the wards by rate follows their order by deprivation: 1 is the "
        "same order, -1 the opposite one.",
        "Bonett and Wright 2000",
    ),
    (
        "Projection of use",
        "The last rate times the projected children. Its interval comes from how far past "
        "projections by the same method were out.",
        "Vovk, Gammerman and Shafer 2005; Gneiting and Raftery 2007",
    ),
    (
        "Hidden figures",
        "Small counts are hidden, and others with them, until no hidden count can be worked out "
        "from everything that is written.",
        "Fischetti and Salazar 2001",
    ),
)
"""Each measure, how it is made, and its reference."""

TERMS: Final = (
    (
        "Chance in the counts",
        "A count differs from year to year even where nothing has changed. A difference that is no "
        "larger than this could be chance.",
    ),
    (
        "Child in need",
        "A child with an open case in children's social care. Children on a protection plan and "
        "children looked after are among them.",
    ),
    (
        "Child looked after",
        "A child in the care of the authority, by a court order or by agreement with the parents.",
    ),
    (
        "Child protection plan",
        "A plan to keep a child safe, made by a conference that finds the child at risk of "
        "significant harm.",
    ),
    (
        "Confidence interval",
        "A range that shows how far chance in the counts could move a figure. Of 100 intervals of "
        "95 per cent made in this way, 95 hold the true figure.",
    ),
    ("Contact", "A message about a child that an authority has not, or not yet, made a referral."),
    ("Denominator", "The number that a count is divided by, such as all children of the area."),
    ("Estimate", "A number worked out from a census and later records, not counted."),
    (
        "IDACI",
        "Income Deprivation Affecting Children Index: the share of children aged 0-15 who live in "
        "income-deprived families.",
    ),
    (
        "JSNA",
        "Joint Strategic Needs Assessment: how an authority and its partners describe the health "
        "and care needs of the people who live there.",
    ),
    (
        "LSOA",
        "Lower layer super output area: a small area of the census with about 1,500 people.",
    ),
    (
        "Mid-year",
        "30 June of a year. Estimates and projections of people are for this day.",
    ),
    ("Projection", "What a number would be if the assumptions hold. It is not a forecast."),
    ("Rate", "The number of events for every 10,000 children, so that areas can be compared."),
    (
        "Referral",
        "A request to children's social care for help with a child. A child referred twice in a "
        "year is counted twice.",
    ),
    (
        "Statistical neighbour",
        "An authority that is like the area in the things that go with the use of services, such "
        "as income and housing. It need not be near.",
    ),
    (
        "Suppression, primary and secondary",
        "Hiding a figure because it is small (primary), or because it would give away another that "
        "is hidden (secondary).",
    ),
    ("Ward", "An area that elects councillors, made up here of LSOAs that fit it best."),
    ("Year", "Unless said otherwise, the twelve months to 31 March of the year that is named."),
)
"""Each term and its meaning, by letter."""
