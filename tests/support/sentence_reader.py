"""Read sentences as a sceptical reader does, and list what the rows do not bear out.

It shares no code with the writer: it finds the numbers and the words of comparison of a text, and
looks for each number in the rows and for each word in p-values and figures. ``facts`` has for each
id of a row its figures by name; the caller takes them from the library's tables, not from the
description.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?")
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
FIXED = (
    (re.compile(r"\bper 10{1,2},000\b|\bper 10,000\b|\bper 100,000\b"), "per"),
    (re.compile(r"\bsection 47\b|\b\d{1,2}-\d{1,2}\b|\bAttainment 8\b"), "named"),
    (re.compile(rf"\b(?:31|30) (?:{MONTHS}) "), "day "),
    (re.compile(r"\bwithin (?:12 months|45 working days|15 working days)\b"), "within"),
    (re.compile(r"\b2 years or more\b"), "long"),
)
"""Numbers that are part of a name or a date; the year after a date stays and is checked."""

WORDS = re.compile(
    r"\b(lower|higher|similar|same|above|below|within|rose|fell|rises|falls|rising|falling|more|"
    r"fewer|less|greater|increas\w+|decreas\w+|unusual|worse|better|improv\w+|significant\w*|"
    r"highest|lowest|change\w*)\b",
    re.IGNORECASE,
)
GIVES_AWAY = re.compile(
    r"\b(remaining|the others|the rest(?! of)|in all|altogether|total|larger counts|small counts)\b"
)
HIDDEN = ("suppressed", "low", "rounds_to_zero")

CAUTIONS = (
    "A difference by more than chance in the counts does not make an area unusual: most areas "
    "differ in this way.",
    "Rose and fell are words about the years named; they do not say what happens next.",
)
BY_CHANCE = re.compile(
    r"Of (?:areas that are like their neighbours|authorities that are like all others), (\S+) in "
    r"100 lie outside of the usual range by chance: look at several years and indicators\."
)
FEW = re.compile(r"A rate or share from (\d+) in .+? may change much by chance from one year to ")
DEFINED = re.compile(r"The definition changed in (\d{4}), so that earlier years cannot be compared")
FIRST = re.compile(r"^(\d{4}) is the first year of this series\.$")

APART = re.compile(r"(lower|higher) than (.+?) \(([\d,.]+)\) by more than chance in the counts")
ALIKE = re.compile(r"similar to (.+?) \(([\d,.]+)\)")
EQUAL = re.compile(r"the same as (.+?) \(([\d,.]+)\)")
REGION = re.compile(
    r"compared with the rest of the region, .+? is (lower by more than chance in the counts|"
    r"higher by more than chance in the counts|"
    r"similar \(the difference could be chance in the counts\))"
)
RANGE = re.compile(
    r"usually lie between ([\d,.]+) and ([\d,.]+): .+? is (above|below|within) the usual range"
    r"(?:, close to its (?:upper|lower) end)?"
)
RANK = re.compile(
    r"; .+? is (?:(\d+)(?:st|nd|rd|th) highest|(highest)|lowest, (\d+)(?:st|nd|rd|th)) of (\d+)"
    r"(?: \(\d[\d.]*% interval (\d+)\w\w (?:only|to (\d+)\w\w)\)|, with no allowance for chance)"
)
TREND = re.compile(r"^From ([\d,.]+) .+? in (\d{4}) to ([\d,.]+) in (\d{4}), the .+? (rose|fell)\b")
BETWEEN = re.compile(r"^Between (\d{4}) and (\d{4}) the .+? (rose|fell)\.$")
FLAT = re.compile(r"shows no clear trend(?:, given how much the years vary)?")
USUAL_CHANGE = re.compile(
    r"^A change of (-?[\d,.]+) .* between (\d{4}) and (\d{4}) is within what is usual for .+? from "
    r"one year to the next"
)
LARGE_CHANGE = re.compile(
    r"^By ([\d,.]+) .+?(?: then)? (rose|fell) between (\d{4}) and (\d{4}).*, by more than it "
    r"usually changes from one year to the next"
)


ROLES: tuple[tuple[re.Pattern, tuple[tuple[str, ...], ...]], ...] = (
    (re.compile(r"there (?:were|was) (?:about )?([\d,]+|no) "), (("count",),)),
    (re.compile(r"referrals? of ([\d,]+) child(?:ren)? in "), (("persons",),)),
    (
        re.compile(
            r"(?:, |was )(?:about )?([\d,.]+) per [^(]*?\(\d[\d.]*% interval ([\d,.]+) to ([\d,.]+)"
        ),
        (("rate", "value"), ("lower", "lower_95"), ("upper", "upper_95")),
    ),
    (
        re.compile(r"(?:lower than|higher than|similar to|the same as) [^(]+? \(([\d,.]+)\)"),
        (("benchmark_rate", "england"),),
    ),
    (re.compile(r"The figure of .+? is ([\d,.]+)"), (("benchmark_rate", "england"),)),
    (
        re.compile(r"usually lie between ([\d,.]+) and ([\d,.]+):"),
        (("usual_lower",), ("usual_upper",)),
    ),
    (
        re.compile(r"go from ([\d,.]+) to ([\d,.]+)(?: per cent)?, with a median of ([\d,.]+)"),
        (
            ("lowest", "neighbours_lowest"),
            ("highest", "neighbours_highest"),
            ("median", "neighbours_median"),
        ),
    ),
    (re.compile(r", .+? included, has ([\d,.]+) per"), (("region",),)),
    (
        re.compile(r"^From ([\d,.]+) per .+? in (\d{4}) to ([\d,.]+) in (\d{4}), "),
        (("rate_first",), ("first_year",), ("rate_last",), ("last_year",)),
    ),
    (
        re.compile(r"^At ([\d,.]+) per .+? in both (\d{4}) and (\d{4}), "),
        (("rate_first",), ("first_year",), ("last_year",)),
    ),
    (re.compile(r"through the \d+ years by ([\d,.]+) per cent"), (("trend_percent",),)),
    (
        re.compile(
            r"^A change of (-?[\d,.]+) per [^(]*\(\d[\d.]*% interval (-?[\d,.]+) to (-?[\d,.]+)"
        ),
        (("change",), ("change_lower",), ("change_upper",)),
    ),
    (re.compile(r"^By ([\d,.]+) per .+ (?:rose|fell) between"), (("change",),)),
)
"""What a number is by the words around it, and the column that must hold it."""


def value_of(text: str) -> float:
    """A number as it is printed."""
    return float(text.replace(",", ""))


def is_printed(text: str, value: float) -> bool:
    """Whether a text is a value rounded once to as many decimals as it has."""
    places = len(text.partition(".")[2])
    # Half a unit of the last place, and what a binary number may be off.
    return abs(abs(value_of(text)) - abs(value)) <= 0.5 * 10**-places * (1 + 1e-9) + 1e-9


def figures(row: Mapping[str, Any]) -> list[float]:
    """Every number of a row, those within its texts too."""
    found = []
    for value in row.values():
        if isinstance(value, str):
            found += [value_of(each) for each in NUMBER.findall(value)]
            found += [value_of(each) for each in re.findall(r"\d+", value)]
        elif value is not None and not isinstance(value, bool):
            try:
                number = float(value)
            except (TypeError, ValueError):
                continue
            if not math.isnan(number):
                found.append(number)
    return found


def problems(description: Any, facts: Mapping[str, Mapping[str, Any]], level: float = 0.95) -> list:
    """What a description says that its rows do not bear out; nothing if all is well."""
    found = []
    for each in description.sentences:
        if not each.rows:
            found.append(f"no rows: {each.text}")
            continue
        unknown = [name for name in each.rows if name not in facts]
        if unknown:
            found.append(f"unknown rows {unknown}: {each.text}")
            continue
        rows = [facts[name] for name in each.rows]
        wrong = [*_numbers(each.text, rows, level), *_words(each.text, rows, level)]
        wrong += [*_hidden(each.text, rows[0]), *_roles(each.text, rows[0])]
        found += [f"{why}: {each.text}" for why in wrong]
    return found


def count_of(text: str) -> tuple[int, int]:
    """How many numbers and how many words of comparison a text has."""
    return len(NUMBER.findall(_plain(text))), len(WORDS.findall(_without_cautions(text)))


def _plain(text: str) -> str:
    for pattern, word in FIXED:
        text = pattern.sub(word, text)
    return text


def _without_cautions(text: str) -> str:
    for each in CAUTIONS:
        text = text.replace(each, "")
    for pattern in (BY_CHANCE, FEW, DEFINED, FIRST):
        text = pattern.sub("", text)
    return text


def _numbers(text: str, rows: list, level: float) -> list[str]:
    """The numbers that are in none of the rows."""
    given = [number for row in rows for number in figures(row)]
    given += [round(level * 100, 6)]
    rest = _plain(text)
    if found := BY_CHANCE.search(rest):
        if not is_printed(found[1], (1 - level) * 100):
            return [f"share outside {found[1]}"]
        rest = BY_CHANCE.sub("", rest)
    if (found := re.search(r"through the (\d+) years", rest)) is not None:
        span = rows[0]["last_year"] - rows[0]["first_year"] + 1
        if int(found[1]) != span:
            return [f"{found[1]} years, not {span}"]
        rest = rest.replace(found[0], "")
    if (found := re.search(r"between (\d{4}) and (\d{4})", rest)) is not None:
        last = rows[0].get("last_year")
        if last is None or (int(found[1]), int(found[2])) != (last - 1, last):
            return [f"a change between {found[1]} and {found[2]}, the last year is {last}"]
        rest = rest.replace(found[0], "")
    rest = re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", rest)
    missing = [
        each
        for each in NUMBER.findall(rest)
        if not any(is_printed(each.rstrip(","), number) for number in given)
    ]
    return [f"number {each} in none of the rows" for each in missing]


def _roles(text: str, own: Mapping[str, Any]) -> list[str]:
    """The numbers that are not those of the column that the words name."""
    found = []
    for pattern, columns in ROLES:
        match = pattern.search(text)
        for printed, names in zip(match.groups() if match else (), columns, strict=False):
            value = _figure(own, *names)
            zero = "0" if printed == "no" else printed.rstrip(".,")
            # A minus is read as one only where the words leave it to the number.
            sign = -1 if printed.startswith("-") and value > 0 else 1
            if math.isnan(value) or not is_printed(zero, value) or sign < 0:
                found.append(f"{printed} in the place of {names[0]} {value}")
    return found


def _figure(row: Mapping[str, Any], *names: str) -> float:
    for name in names:
        value = row.get(name)
        if value is not None and not isinstance(value, str):
            number = float(value)
            if not math.isnan(number):
                return number
    return math.nan


class _Text:
    """A text from which what has been read is taken away."""

    def __init__(self, text: str) -> None:
        self.whole, self.rest = text, _without_cautions(text)

    def taken(self, pattern: re.Pattern) -> re.Match | None:
        match = pattern.search(self.rest)
        if match is not None:
            self.rest = self.rest[: match.start()] + self.rest[match.end() :]
        return match


def _words(text: str, rows: list, level: float) -> list[str]:
    """The words of comparison that no test supports."""
    own, read = rows[0], _Text(text)
    chance = [*_apart(read, own, level), *_alike(read, own, level)]
    by_chance = read.rest != _without_cautions(text)
    usual = _in_range(read, own)
    found = [each for each in [*chance, *usual] if each]
    if by_chance and usual:
        found.append("chance and the usual range in one sentence")
    found += _ranks(read.taken(RANK), own)
    found += _changes(read.taken, own, level)
    if read.taken(FLAT) is not None and _trend_word(own, level) is not None:
        found.append("no clear trend, and the test finds one")
    left = WORDS.findall(_without_neutral(read.rest))
    return [*found, *(f"the word {each!r} has no test" for each in left)]


def _apart(read: _Text, own: Mapping[str, Any], level: float) -> list[str]:
    rate, other = _figure(own, "rate", "value"), _figure(own, "benchmark_rate", "england")
    match = read.taken(APART)
    if match is None:
        return []
    p, found = _figure(own, "p", "england_p"), []
    if not (p < (1 - level) and (rate < other) == (match[1] == "lower") and rate != other):
        found.append(f"{match[1]} with p {p}, {rate} and {other}")
    printed = re.search(r"(?:about )?([\d,.]+) per", _plain(read.whole.replace(match[0], "")))
    if printed is not None and value_of(printed[1]) == value_of(match[3]):
        found.append("different and printed as equal")
    return found


def _alike(read: _Text, own: Mapping[str, Any], level: float) -> list[str]:
    rate, other = _figure(own, "rate", "value"), _figure(own, "benchmark_rate", "england")
    p, found = _figure(own, "p", "england_p"), []
    if read.taken(ALIKE) is not None and not p >= (1 - level) * (1 - 1e-9):
        found.append(f"similar with p {p}")
    if read.taken(EQUAL) is not None and not (rate == other and p >= 1 - level):
        found.append("the same and is not")
    match = read.taken(REGION)
    if match is not None:
        beyond = _figure(own, "region_p") < 1 - level
        if beyond == match[1].startswith("similar"):
            found.append(f"{match[1]} with p {own.get('region_p')}")
    return found


def _in_range(read: _Text, own: Mapping[str, Any]) -> list[str]:
    """What is wrong with a sentence on the usual range: an empty text if nothing is."""
    match = read.taken(RANGE)
    if match is None:
        return []
    rate = _figure(own, "rate", "value")
    low, high = _figure(own, "usual_lower"), _figure(own, "usual_upper")
    where = "below" if rate < low else "above" if rate > high else "within"
    if where != match[3] or math.isnan(low) or math.isnan(high):
        return [f"{match[3]} the usual range with {rate} and {low} to {high}"]
    return [""]


def _without_neutral(text: str) -> str:
    """A text without words that compare nothing: names of what is counted, reasons."""
    text = re.sub(r"No trend of .+", "", text)
    text = re.sub(r"There is no usual range .+", "", text)
    text = re.sub(
        r"children counted more than once|of the same child|Words are missing .+", "", text
    )
    text = re.sub(r"within \d+ [a-z]+|\d+ years? or more|a year or more|at least once", "", text)
    text = re.sub(r"interval of the change", "", text)
    return _plain(text).replace("within", "") if "within 12 months" in text else text


def _ranks(match: re.Match | None, own: Mapping[str, Any]) -> list[str]:
    if match is None:
        return []
    place = 1 if match[2] else int(match[1] or match[3])
    names = {"rank": place, "rank_of": int(match[4])}
    if match[5]:
        names |= {"rank_first": int(match[5]), "rank_last": int(match[6] or match[5])}
    return [
        f"{name} {value} is {own.get(name)}"
        for name, value in names.items()
        if own.get(name) is None or int(own[name]) != value
    ]


def _trend_word(own: Mapping[str, Any], level: float) -> str | None:
    """The word that the test of the trend supports, by p and the rates at both ends."""
    if not _figure(own, "trend_p") < 1 - level:
        return None
    slope = _figure(own, "slope")
    ends = _figure(own, "rate_last") - _figure(own, "rate_first")
    if math.isnan(slope) or slope * ends <= 0:
        return None
    return "rose" if slope > 0 else "fell"


def _changes(taken: Any, own: Mapping[str, Any], level: float) -> list[str]:
    found = []
    if (match := taken(TREND)) is not None:
        years = (int(match[2]), int(match[4]))
        if years != (own["first_year"], own["last_year"]):
            found.append(f"years {years}")
        if _trend_word(own, level) != match[5]:
            found.append(f"{match[5]} with p {own.get('trend_p')}")
        elif (value_of(match[3]) > value_of(match[1])) != (match[5] == "rose"):
            found.append("the printed ends do not show it")
    if (match := taken(BETWEEN)) is not None:
        word = {"increasing": "rose", "decreasing": "fell"}.get(own["trend"])
        if word != match[3] or not own["trend_p"] < 1 - level:
            found.append(f"{match[3]} with {own['trend']}, p {own['trend_p']}")
    if taken(USUAL_CHANGE) is not None and not _figure(own, "change_p") >= 1 - level:
        found.append(f"a usual change with p {own.get('change_p')}")
    if (match := taken(LARGE_CHANGE)) is not None:
        way = "rose" if _figure(own, "change") > 0 else "fell"
        if not _figure(own, "change_p") < 1 - level or way != match[2]:
            found.append(f"{match[2]} with p {own.get('change_p')}")
    return found


def _hidden(text: str, own: Mapping[str, Any]) -> list[str]:
    """What a sentence implies of a figure that is hidden."""
    found = [f"gives away: {each}" for each in GIVES_AWAY.findall(text)]
    if not {own.get("status"), own.get("count_status")} & set(HIDDEN):
        return found
    rest = re.sub(rf"(?:day |(?:{MONTHS}) |In )\d{{4}}|\d{{4}}/\d\d", "", _plain(text))
    if "is the first year" in rest or rest.startswith(("No trend of", "The definition")):
        return found
    found += [f"number {each} of a hidden figure" for each in NUMBER.findall(rest)]
    found += [f"word {each!r} of a hidden figure" for each in WORDS.findall(_without_neutral(rest))]
    return found
