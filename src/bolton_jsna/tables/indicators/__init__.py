"""Read the publishers' files of indicators by what the dictionary of indicators says of them.

``catalogue/indicators.toml`` names the headings and filters of each indicator. Any file of Explore
education statistics and any CSV of Fingertips is read by it; no code knows a single indicator.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bolton_jsna.catalogue.indicators import Indicator, dictionary
from bolton_jsna.core.argument_types import checked
from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.core.reading.unexpected import one_error
from bolton_jsna.tables import fingertips as fingertips_files
from bolton_jsna.tables import mixed_folders
from bolton_jsna.tables.indicators import _education, _fingertips

if TYPE_CHECKING:
    import pandas as pd


@checked
@one_error
def read(path: str | Path) -> pd.DataFrame:
    r"""Return the figures of every indicator of the dictionary that a file has.

    Parameters
    ----------
    path : str or Path
        An open data file of DfE's Explore education statistics, or a CSV of OHID's Fingertips
        (plain, gzipped, in a zip, or a workbook); or a zip of several, whose other files are
        skipped and named. The dictionary has the files of children in need (``a1`` to ``d8``,
        factors at assessment ``c3``), children looked after (numbers and rates, characteristics,
        placement stability, health and convictions, care leavers' activity and accommodation),
        outcomes of children in need (absence, key stages 2 and 4, special educational needs),
        education, health and care plans (needs, 20 weeks), the School Census (ethnicity and
        language, free school meals), participation and NEET, the social work workforce, and
        Fingertips' indicator 90284.

    Returns
    -------
    pandas.DataFrame
        Table ``indicators``: a row for each area, year, indicator and part. ``count`` over
        ``population`` in the ``unit`` makes ``value``; ``published_value`` is the figure as
        printed. ``population`` is missing where it is children aged 0-17, which the file does not
        have: :func:`bolton_jsna.load_indicators` adds it.

    Raises
    ------
    SourceError
        When the file does not exist, is empty, is damaged, or is a web page.
    SchemaError
        When no indicator of the dictionary has the headings and filters of the file; or too many
        cells are neither number nor marker.

    Notes
    -----
    Sources: DfE, Explore education statistics; OHID, Fingertips (Open Government Licence v3.0).
    The release is the last year that the file has.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> header = (
    ...     "time_period,geographic_level,new_la_code,la_name,CPP_start,CPP_subsequent,"
    ...     "CPP_subsequent_percent"
    ... )
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "d3_cpps_subsequent_plan_2013_to_2024.csv")
    ...     text = f"{header}\n2024,Local authority,E08000001,Bolton,400,80,20\n"
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     table = read(file)
    >>> table.loc[table["unit"] == "per cent", ["count", "population", "value", "period"]]
       count  population  value                     period
    1     80       400.0   20.0  year ending 31 March 2024
    """
    import pandas as pd

    path = Path(path)
    found = mixed_folders.read("", [(path, True)], read_one)
    tables = [each.found for each in found.used]
    return tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)


def read_one(path: Path, entries: Mapping[str, Indicator] | None = None) -> pd.DataFrame:
    """Return the figures of one file."""
    known = dictionary() if entries is None else entries
    if fingertips_files.is_one(path):
        return _fingertips.read(path, known)
    return _education.read(path, known)


def serves(path: Path) -> bool:
    """Report whether a file has an indicator of the dictionary, by its headings."""
    if fingertips_files.is_one(path):
        return True
    try:
        return bool(_education.serving_of(path, dictionary()))
    except BoltonJsnaError:
        return False
