"""What a chapter in Word must be: each check takes the bytes of a .docx and returns its faults.

The rules are those of chapters that authors publish: headings, text alternatives, real tables,
captions, language, links, contrast, valid XML, and bytes that depend on the contents alone.
"""

import io
import re
import zipfile

from lxml import etree

from bolton_jsna.drawing.palettes import contrast
from word_order import W, order_faults, zip_faults

NS = {
    "w": W,
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "cp": "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
}
_VAL = f"{{{W}}}val"
_VAGUE = re.compile(
    r"(click )?(here|this|link|this link|more|read more)|https?://\S+", re.IGNORECASE
)
_NUMBER = re.compile(r"[-−]?[\d,]+(\.\d+)?%?|\[[a-z]+\]")  # noqa: RUF001
_CAPTION = re.compile(r"(Table|Figure) (\d+): \S")


class Opened:
    """A .docx with its parts as XML."""

    def __init__(self, content):
        with zipfile.ZipFile(io.BytesIO(content)) as whole:
            self.entries = whole.infolist()
            self.parts = {each.filename: whole.read(each) for each in self.entries}
        self.xml = {
            name: etree.fromstring(part)
            for name, part in self.parts.items()
            if name.endswith((".xml", ".rels"))
        }
        self.body = self.xml["word/document.xml"].find("w:body", NS)
        self.styles = {each.get(f"{{{W}}}styleId"): each for each in self.each("w:style", "styles")}

    def each(self, path, part="document"):
        return self.xml[f"word/{part}.xml"].xpath(f".//{path}", namespaces=NS)

    def style(self, paragraph):
        """Return the built-in name of the style of a paragraph, in lower case."""
        found = paragraph.find("w:pPr/w:pStyle", NS)
        style = self.styles.get(found.get(_VAL)) if found is not None else None
        return "" if style is None else style.find("w:name", NS).get(_VAL).lower()

    def paragraphs(self, *styles):
        return [each for each in self.each("w:p") if self.style(each) in styles]

    def setting(self, style_id, path):
        """Return what a style has, itself or from those it is based on."""
        style = self.styles.get(style_id)
        while style is not None:
            found = style.find(path, NS)
            if found is not None:
                return found
            base = style.find("w:basedOn", NS)
            style = None if base is None else self.styles.get(base.get(_VAL))
        return None


def words(element):
    """Return the text of an element."""
    return "".join(each.text or "" for each in element.iter(f"{{{W}}}t"))


def heading_faults(file):
    """One title; levels that begin at 1 and never skip; styles built in to Word."""
    faults = []
    titles = file.paragraphs("title")
    if len(titles) != 1:
        faults.append(f"{len(titles)} titles")
    level = 0
    for each in file.paragraphs(*(f"heading {number}" for number in range(1, 10))):
        now = int(file.style(each)[-1])
        if now > level + 1 or now > 3:
            faults.append(f"heading {words(each)!r} of level {now} after level {level}")
        if not words(each).strip():
            faults.append("a heading without words")
        level = now
    unknown = {
        each.get(_VAL) for each in file.each("w:pStyle") if each.get(_VAL) not in file.styles
    }
    return faults + [f"style {each!r} is not in the file" for each in sorted(unknown)]


def picture_faults(file):
    """Each picture has words of its own, an id of its own, and fits the page."""
    faults, seen, ids = [], set(), set()
    for part, root in file.xml.items():
        for each in root.iter(f"{{{NS['wp']}}}docPr"):
            if each.get("id") in ids:
                faults.append(f"picture id {each.get('id')} is there twice")
            ids.add(each.get("id"))
            if part != "word/document.xml":
                continue
            alt = each.get("descr", "")
            if len(alt) < 20 or re.search(r"\.(png|svg|jpe?g)\b", alt):
                faults.append(f"picture {each.get('name')} has the text alternative {alt!r}")
            if alt in seen:
                faults.append(f"two pictures have the text alternative {alt!r}")
            seen.add(alt)
            if not each.get("title"):
                faults.append(f"picture {each.get('name')} has no title")
    return faults


def table_faults(file):
    """Each table is a real one: headings, caption, description, no merged or empty cells."""
    faults = []
    for number, table in enumerate(file.each("w:tbl"), start=1):
        rows = table.findall("w:tr", NS)
        name = f"table {number}"
        tests = {
            "is inside another": table.getparent().tag == f"{{{W}}}tc",
            "has no row of headings": rows[0].find("w:trPr/w:tblHeader", NS) is None,
            "has no tblLook firstRow": not table.xpath(
                "w:tblPr/w:tblLook[@w:firstRow='1']", namespaces=NS
            ),
            "has no caption": not table.xpath("w:tblPr/w:tblCaption/@w:val", namespaces=NS),
            "has no description": not table.xpath("w:tblPr/w:tblDescription/@w:val", namespaces=NS),
            "has merged cells": table.xpath(
                ".//w:gridSpan | .//w:vMerge | .//w:hMerge", namespaces=NS
            ),
            "has rows that are divided": len(table.findall("w:tr/w:trPr/w:cantSplit", NS))
            < len(rows),
            "has empty cells": any(not words(each).strip() for each in table.iter(f"{{{W}}}tc")),
            "has rows of other lengths": len({len(each.findall("w:tc", NS)) for each in rows}) > 1,
            "has type under 8 points": any(
                int(each.get(_VAL)) < 16 for each in table.iter(f"{{{W}}}sz")
            ),
        }
        faults += [f"{name} {fault}" for fault, found in tests.items() if found]
        style = table.find("w:tblPr/w:tblStyle", NS)
        head = style is not None and file.styles.get(style.get(_VAL))
        if head is None or not head.xpath("w:tblStylePr[@w:type='firstRow']", namespaces=NS):
            faults.append(f"{name} has no style with a row of headings")
        faults += [f"{name} {each}" for each in _column_faults(rows)]
    return faults


def _column_faults(rows):
    """Columns of numbers are to the right, with commas between thousands."""
    heads = [words(each) for each in rows[0].findall("w:tc", NS)]
    if len(set(heads)) < len(heads):
        yield f"has the headings {heads}"
    for at, head in enumerate(heads):
        cells = [each.findall("w:tc", NS)[at] for each in rows[1:]]
        texts = [words(each) for each in cells]
        right = [bool(each.xpath(".//w:jc[@w:val='right']", namespaces=NS)) for each in cells]
        numbers = [bool(re.fullmatch(r"[-−]?[\d,]+(\.\d+)?%?", each)) for each in texts]  # noqa: RUF001
        years = all(re.fullmatch(r"(19|20)\d\d", each) for each in texts)
        if any(right) and not all(right):
            yield f"has numbers at both sides in {head!r}"
        known = all(_NUMBER.fullmatch(each) for each in texts)
        if known and any(numbers) and not years and not all(right):
            yield f"has numbers at the left in {head!r}"
        for each in texts:
            if any(right) and re.search(r"\d{4}", each) and not years:
                yield f"has {each!r} without a comma"


def caption_faults(file):
    """Captions with SEQ fields above tables and below figures, numbered in order, with sources."""
    faults, counts = [], {"Table": 0, "Figure": 0}
    blocks = [each for each in file.body if each.tag in (f"{{{W}}}p", f"{{{W}}}tbl")]
    for at, each in enumerate(blocks):
        if each.tag == f"{{{W}}}tbl" and file.style(blocks[at - 1]) != "caption":
            faults.append(f"a table without a caption above it: {words(each)[:40]!r}")
        if each.find(f".//{{{NS['wp']}}}docPr") is not None and each.tag == f"{{{W}}}p":
            follows = at + 1 < len(blocks) and file.style(blocks[at + 1]) == "caption"
            if not follows:
                faults.append("a picture without a caption below it")
            if each.find("w:pPr/w:keepNext", NS) is None:
                faults.append("a picture that is not kept with its caption")
        if file.style(each) != "caption":
            continue
        found = _CAPTION.match(words(each))
        kind = found[1] if found else ""
        if not found or f"SEQ {kind}" not in "".join(each.itertext()):
            faults.append(f"caption {words(each)!r} has no number of a field")
            continue
        counts[kind] += 1
        if int(found[2]) != counts[kind]:
            faults.append(f"caption {words(each)!r} is the {kind.lower()} number {counts[kind]}")
        faults += _below_faults(file, blocks, at, kind)
    return faults


def _below_faults(file, blocks, at, kind):
    """A figure names its table; what has numbers has a source line; signs are explained."""
    after = []
    for each in blocks[at + 1 :]:
        style = file.style(each)
        if style in ("caption", "chapter figure") or style.startswith("heading"):
            break
        after.append(each)
    name = words(blocks[at])
    if blocks[at].find("w:pPr/w:keepNext", NS) is None:
        yield f"{name!r} is not kept with what follows"
    lines = [words(each) for each in after if each.tag == f"{{{W}}}p"]
    text = " ".join(lines)
    if kind == "Figure":
        if not re.search(r"The figures are in Table \d+\.", text):
            yield f"{name!r} does not name the table of its figures"
        return
    if not after or after[0].tag != f"{{{W}}}tbl":
        yield f"{name!r} has no table below it"
        return
    if after[0].xpath(".//w:jc[@w:val='right']", namespaces=NS) and "Source" not in text:
        yield f"{name!r} has no source line"
    for sign in sorted(set(re.findall(r"\[[a-z]+\]", words(after[0])))):
        if f"{sign} means " not in text:
            yield f"{name!r} does not explain {sign}"


def property_faults(file):
    """Title, subject, author, language, fixed dates; contents, page numbers, footer."""
    core = file.xml["docProps/core.xml"]
    needed = ("dc:title", "dc:subject", "dc:creator", "cp:keywords", "dcterms:created")
    empty = [each for each in needed if not core.findtext(each, "", NS)]
    faults = [f"the property {each} is empty" for each in empty]
    if core.findtext("dc:language", "", NS) != "en-GB":
        faults.append("the language of the document is not en-GB")
    if core.findtext("dcterms:created", "", NS) != core.findtext("dcterms:modified", "", NS):
        faults.append("the dates of the document differ")
    places = {
        "defaults": file.each("w:docDefaults//w:lang", "styles"),
        "plain paragraphs": file.each("w:style[@w:default='1']/w:rPr/w:lang", "styles"),
        "theme": file.each("w:themeFontLang", "settings"),
    }
    faults += [
        f"the language of the {name} is not en-GB"
        for name, found in places.items()
        if not found or found[0].get(_VAL) != "en-GB"
    ]
    return faults


def field_faults(file):
    """A table of contents with every heading; the number of the page and the version below."""
    faults = []
    codes = [each.text or "" for each in file.each("w:instrText")]
    if sum(each.split()[:1] == ["TOC"] for each in codes) != 1:
        faults.append("no table of contents, or several")
    entries = {words(each) for each in file.paragraphs("toc 1", "toc 2", "toc 3")}
    heads = map(words, file.paragraphs("heading 1", "heading 2", "heading 3"))
    faults += [f"heading {each!r} is not in the contents" for each in heads if each not in entries]
    if not file.each("w:updateFields", "settings"):
        faults.append("Word is not asked to fill in the fields")
    feet = [root for name, root in file.xml.items() if re.fullmatch(r"word/footer\d*\.xml", name)]
    if not feet:
        faults.append("no footer")
    for each in feet:
        if not {"PAGE", "NUMPAGES"} & {
            (t.text or "").strip() for t in each.iter(f"{{{W}}}instrText")
        }:
            faults.append("a footer without the number of the page")
        if "bolton-jsna" not in words(each):
            faults.append("a footer without the version")
    return faults


def mark_faults(file, mark):
    """The mark of a draft is in the title and in every header."""
    heads = [root for name, root in file.xml.items() if re.fullmatch(r"word/header\d*\.xml", name)]
    faults = [] if heads else ["no header"]
    faults += ["a header without the mark" for each in heads if mark not in words(each)]
    title = " ".join(words(each) for each in file.paragraphs("title"))
    return faults + ([] if mark in title else ["a title without the mark"])


def link_faults(file):
    """Links say where they go, and go to the web, to e-mail or into the document."""
    rels = file.xml.get("word/_rels/document.xml.rels")
    to = {each.get("Id"): (each.get("Target"), each.get("TargetMode")) for each in rels}
    names = [each.get(f"{{{W}}}name") for each in file.each("w:bookmarkStart")]
    faults = [f"bookmark {each!r} is there twice" for each in set(names) if names.count(each) > 1]
    for each in file.each("w:hyperlink"):
        text, anchor = words(each), each.get(f"{{{W}}}anchor")
        if not text.strip() or _VAGUE.fullmatch(text.strip()):
            faults.append(f"the link {text!r} does not say where it goes")
        if anchor and anchor not in names:
            faults.append(f"the link {text!r} goes to {anchor}, which is not there")
        if not anchor:
            target = to.get(each.get(f"{{{NS['r']}}}id"), ("", ""))[0]
            if not target.startswith(("http://", "https://", "mailto:")):
                faults.append(f"the link {text!r} goes to {target!r}")
    for each in file.each("w:instrText"):
        parts = (each.text or "").split()
        if parts[:1] == ["REF"] and parts[1] not in names:
            faults.append(f"a field goes to {parts[1]}, which is not there")
    for identity, (target, mode) in to.items():
        if mode == "External" and not target.startswith(("http://", "https://", "mailto:")):
            faults.append(f"{identity} is outside: {target}")
    return faults


def contrast_faults(file, least=4.5):
    """Text of every style that is used has enough contrast with what is behind it."""
    faults = []
    used = {each.get(_VAL) for each in file.each("w:pStyle") + file.each("w:rStyle")}
    for each in sorted(used & set(file.styles)):
        ink = file.setting(each, "w:rPr/w:color")
        fill = file.setting(each, "w:pPr/w:shd")
        text = "000000" if ink is None else ink.get(_VAL)
        behind = "FFFFFF" if fill is None else fill.get(f"{{{W}}}fill")
        pair = [f"#{'000000' if one == 'auto' else one}" for one in (text,)]
        pair += [f"#{'FFFFFF' if one == 'auto' else one}" for one in (behind,)]
        if contrast(*pair) < least:
            faults.append(f"style {each} has {text} on {behind}")
    for each in {each.get(_VAL) for each in file.each("w:tblStyle")} & set(file.styles):
        for head in file.styles[each].xpath("w:tblStylePr[@w:type='firstRow']", namespaces=NS):
            ink = head.xpath("string(w:rPr/w:color/@w:val)", namespaces=NS) or "000000"
            fill = head.xpath("string(w:tcPr/w:shd/@w:fill)", namespaces=NS) or "FFFFFF"
            hexes = re.fullmatch(r"[0-9A-Fa-f]{6}", ink) and re.fullmatch(r"[0-9A-Fa-f]{6}", fill)
            if hexes and contrast(f"#{ink}", f"#{fill}") < least:
                faults.append(f"table style {each} has {ink} on {fill}")
    return faults


def xml_faults(file):
    """Children in the order of the standard; ids once; every relation has its part."""
    faults = []
    for name, root in file.xml.items():
        if name.startswith("word/") and name.endswith(".xml"):
            faults += order_faults(name, root)
    ids = [each.get(f"{{{W}}}id") for each in file.each("w:bookmarkStart")]
    ends = [each.get(f"{{{W}}}id") for each in file.each("w:bookmarkEnd")]
    if len(set(ids)) < len(ids) or sorted(ids) != sorted(ends):
        faults.append("bookmarks with the same id or without an end")
    for root in (file.xml[name] for name in file.xml if name.startswith("word/")):
        kinds = [each.get(f"{{{W}}}fldCharType") for each in root.iter(f"{{{W}}}fldChar")]
        if any(kinds.count(each) != kinds.count("begin") for each in ("separate", "end")):
            faults.append("a field without an end")
    for tag in (f"{{{W}}}numId",):
        known = {each.get(f"{{{W}}}numId") for each in file.each("w:num", "numbering")}
        used = {each.get(_VAL) for each in file.xml["word/document.xml"].iter(tag)} - {"0"}
        faults += [f"list {each} is not in the file" for each in sorted(used - known)]
    return faults


def part_faults(file):
    """Every relation has its part, and every part that is named a relation."""
    faults = []
    for name, root in file.xml.items():
        if name.endswith(".rels"):
            folder = name.replace("_rels/", "").rpartition("/")[0]
            known = {each.get("Id") for each in root}
            for each in root:
                target = each.get("Target")
                whole = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
                parts = []
                for part in whole.split("/"):
                    parts = parts[:-1] if part == ".." else [*parts, part] if part else parts
                if each.get("TargetMode") != "External" and "/".join(parts) not in file.parts:
                    faults.append(f"{name} names {target}, which is not there")
            owner = file.xml.get(name.replace("_rels/", "").removesuffix(".rels"))
            for each in [] if owner is None else owner.iter():
                for key, value in each.attrib.items():
                    if key.startswith(f"{{{NS['r']}}}") and value not in known:
                        faults.append(f"{name} has no {value}")
    return faults


CHECKS = (
    heading_faults,
    picture_faults,
    table_faults,
    caption_faults,
    property_faults,
    field_faults,
    link_faults,
    contrast_faults,
    xml_faults,
    part_faults,
    zip_faults,
)


def faults(content, mark=""):
    """Return the faults of a chapter in Word by every check."""
    file = Opened(content)
    found = [f"{check.__name__}: {each}" for check in CHECKS for each in check(file)]
    return found + ([f"mark_faults: {each}" for each in mark_faults(file, mark)] if mark else [])
