"""Names as others write them, made comparable and harmless: headings and file names."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote, urlsplit


def heading(text: str) -> str:
    """Return a heading in the form in which headings are compared: one space, no case.

    Parameters
    ----------
    text : str
        As published, with or without a byte-order mark.

    Examples
    --------
    >>> heading("  LSOA  code (2021) ")
    'lsoa code (2021)'
    """
    return " ".join(text.replace("\ufeff", "").split()).casefold()


def safe_name(name: str, *, ending: str = "") -> str:
    r"""Return a file name that can do no harm: its last part, plain characters, no leading dot.

    Parameters
    ----------
    name : str
        A name, a path or an address, of which the last part is taken.
    ending : str, optional
        What the name must end with, such as ``"csv"``; put there where it does not.

    Returns
    -------
    str
        At most 120 characters, the last ones.

    Examples
    --------
    >>> safe_name("../../etc/cron.d/evil.csv"), safe_name("C:\\tmp\\.b 1.csv")
    ('evil.csv', 'b_1.csv')
    >>> safe_name("https://example.org/media/1/File_7%20(2).csv?v=1", ending="csv")
    'File_7_2_.csv'
    >>> safe_name("..%2F..\\.ssh/authorized_keys", ending="csv"), safe_name("../", ending="csv")
    ('authorized_keys.csv', 'file.csv')
    """
    path = unquote(urlsplit(name).path if "://" in name else name).replace("\\", "/")
    last = path.rstrip("/").rpartition("/")[2]
    plain = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode()
    kept = re.sub(r"[^A-Za-z0-9._-]+", "_", plain).lstrip("._-")
    if ending:
        stem = re.sub(rf"\.{ending}$", "", kept, flags=re.IGNORECASE)
        kept = f"{stem or 'file'}.{ending}"
    # The end tells more than the start: an edition, an area, the kind of file.
    return kept[-120:].lstrip("._-") or "file"
