"""Title, language and dates of a Word file, and what Word does when it opens it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from bolton_jsna.chapter.document import Document
from bolton_jsna.chapter.word._styles import Styles
from bolton_jsna.chapter.word._xml import name_of, node, plain
from bolton_jsna.core.errors import SourceError, short

LANGUAGE: Final = "en-GB"
_MONTHS: Final = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAY: Final = re.compile(rf"([0-9]{{1,2}}) ({'|'.join(_MONTHS)}) ([0-9]{{4}})")
_EARLIEST: Final = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)
_LONGEST: Final = 255

_AFTER_LANGUAGE: Final = ("w:eastAsianLayout", "w:specVanish", "w:oMath")
_AFTER_UPDATE: Final = (
    *(
        f"w:{each}"
        for each in ["hdrShapeDefaults", "footnotePr", "endnotePr", "compat", "docVars", "rsids"]
    ),
    "m:mathPr",
    *(
        f"w:{each}"
        for each in [
            "attachedSchema",
            "themeFontLang",
            "clrSchemeMapping",
            "doNotIncludeSubdocsInStats",
            "doNotAutoCompressPictures",
            "forceUpgrade",
            "captions",
            "readModeInkLockDown",
            "smartTagType",
        ]
    ),
    "sl:schemaLibrary",
    *(f"w:{each}" for each in ["shapeDefaults", "doNotEmbedSmartTags", "decimalSymbol"]),
    "w:listSeparator",
)


def write_properties(document: Any, chapter: Document, title: str) -> None:
    """Write what the file says about itself; its dates are those of the data."""
    kept = document.core_properties
    kept.title = _short(title)
    kept.subject = _short(chapter.subject)
    kept.author = kept.last_modified_by = _short(chapter.author)
    kept.language = LANGUAGE
    kept.keywords = "Joint Strategic Needs Assessment, JSNA, safeguarding, children"
    kept.comments = _short(chapter.footer)
    kept.content_status = _short(chapter.mark)
    kept.category = _short(chapter.subtitle)
    kept.created = kept.modified = _date(chapter.dated)
    kept.revision = 1


def without_thumbnail(document: Any) -> None:
    """Take away the picture of the template's first page, which file managers show."""
    rels = document.part.package.rels
    for identity, each in list(rels.items()):
        if each.reltype.rpartition("/")[2] == "thumbnail":
            del rels[identity]


def write_language(styles: Styles) -> None:
    """Set British English as the language of the defaults and of plain paragraphs."""
    for each in styles.defaults:
        if each.tag == name_of("docDefaults"):
            default = _inside(each, "rPrDefault", first=True)
            properties = _inside(default, "rPr", first=True)
        else:
            properties = each.get_or_add_rPr()
        language = properties.find(name_of("lang"))
        if language is None:
            language = node("lang")
            after = [properties.find(name_of(tag)) for tag in _AFTER_LANGUAGE]
            first = next((one for one in after if one is not None), None)
            if first is None:
                properties.append(language)
            else:
                first.addprevious(language)
        language.set(name_of("val"), LANGUAGE)


def write_settings(document: Any) -> list[str]:
    """Have Word fill in the fields when it opens the file; forget the template it came from.

    Returns
    -------
    list of str
        What the author must know.
    """
    settings = document.settings.element
    for tag in ("attachedTemplate", "linkStyles", "updateFields", "mailMerge"):
        for each in settings.findall(name_of(tag)):
            settings.remove(each)
    rels = document.part._settings_part.rels
    for identity, each in list(rels.items()):
        if each.is_external:
            del rels[identity]
    settings.insert_element_before(node("updateFields", val="true"), *_AFTER_UPDATE)
    fonts = settings.find(name_of("themeFontLang"))
    if fonts is None:
        after = _AFTER_UPDATE[_AFTER_UPDATE.index("w:clrSchemeMapping") :]
        settings.insert_element_before(node("themeFontLang", val=LANGUAGE), *after)
    else:
        fonts.set(name_of("val"), LANGUAGE)
    if settings.find(name_of("documentProtection")) is None:
        return []
    return [
        "The template is protected against changes, and so is the chapter: in Word, Review > "
        "Restrict Editing > Stop Protection."
    ]


def without_outside(document: Any, name: str) -> None:
    """Reject a template that shows what is kept elsewhere, such as a picture of another site."""
    for part in document.part.package.iter_parts():
        for each in part.rels.values():
            kind = each.reltype.rpartition("/")[2]
            if each.is_external and kind != "hyperlink":
                raise SourceError(
                    f"The template {short(name)!r} shows what is kept elsewhere: {kind} "
                    f"{short(each.target_ref)!r} in {part.partname}. Readers would not see it, and "
                    "their computers would ask for it. In Word, use File > Info > Edit Links to "
                    "Files > Break Link, or insert the picture itself, and save the template."
                )


def _date(text: str) -> dt.datetime:
    found = _DAY.search(text)
    if not found:
        return _EARLIEST
    day, month, year = found.groups()
    try:
        return dt.datetime(int(year), _MONTHS.index(month) + 1, int(day), tzinfo=dt.UTC)
    except ValueError:
        return _EARLIEST


def _inside(parent: Any, tag: str, *, first: bool) -> Any:
    found = parent.find(name_of(tag))
    if found is None:
        found = node(tag)
        parent.insert(0 if first else len(parent), found)
    return found


def _short(text: str) -> str:
    return plain(text)[:_LONGEST]
