"""Paragraphs of the authors, written in Markdown, as blocks of the document by section.

A heading that is the title (or key) of a section puts the text below it into that section. Any
other heading is a section of the authors' own: inside the section above it if it is deeper, else
before the last three sections of the chapter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.chapter.document import LEVELS, Block, Bullets, Paragraph, Section, Span
from bolton_jsna.chapter.materials import OwnText
from bolton_jsna.core.errors import SourceError, did_you_mean

if TYPE_CHECKING:
    from markdown_it.token import Token

_CAN: Final = "headings, paragraphs, lists, bold, italic and links"
_ADDRESS: Final = re.compile(r"(https?://|mailto:)[^\s]+", re.IGNORECASE)
_NOT_SUPPORTED: Final = {
    "table_open": "a table",
    "image": "a picture",
    "fence": "a block of code",
    "code_block": "a block of code (a line that begins with four spaces)",
}


@dataclass
class _Part:
    """What stands below one heading, as it is gathered."""

    title: str
    level: int
    key: str
    blocks: list[Block] = field(default_factory=list)
    parts: list[_Part] = field(default_factory=list)


def read_own_text(texts: Mapping[str, str], titles: Mapping[str, str]) -> OwnText:
    """Return the blocks of texts by section; ``texts`` by file, ``titles`` by key of a section."""
    known = {_plain(each): key for key, title in titles.items() for each in (key, title)}
    matched: dict[str, list[Block]] = {}
    inside: dict[str, list[_Part]] = {}
    others: list[_Part] = []
    remarks: list[str] = []
    for name, text in texts.items():
        open_parts: list[_Part] = []
        for title, level, blocks in _pieces(name, text):
            key = known.get(_plain(title))
            if key is not None:
                matched.setdefault(key, []).extend(blocks)
                open_parts = [_Part(titles[key], level, key)]
                continue
            if not blocks and not title:
                continue
            remarks.append(_unknown(name, title, titles))
            part = _Part(title, level, "", list(blocks))
            while open_parts and open_parts[-1].level >= level:
                open_parts.pop()
            if not open_parts:
                others.append(part)
            elif open_parts[-1].key:
                inside.setdefault(open_parts[-1].key, []).append(part)
            else:
                open_parts[-1].parts.append(part)
            open_parts.append(part)
    numbers = iter(range(1, 10_000))
    return OwnText(
        sections={key: tuple(blocks) for key, blocks in matched.items()},
        parts={key: tuple(_section(each, numbers) for each in own) for key, own in inside.items()},
        others=tuple(_section(each, numbers) for each in others),
        remarks=tuple(remarks),
    )


def _section(part: _Part, numbers: Iterator[int]) -> Section:
    key = f"own_{next(numbers)}"
    below = tuple(_section(each, numbers) for each in part.parts)
    return Section(key, part.title, tuple(part.blocks), below)


def _plain(title: str) -> str:
    """Return a title without numbers, capitals and punctuation, to compare it with others."""
    return " ".join(re.sub(r"^[\d.\s]+", "", re.sub(r"[^\w]+|_", " ", title)).casefold().split())


def _unknown(name: str, title: str, titles: Mapping[str, str]) -> str:
    return (
        f"{name}: no section has the heading {title!r}, so its text has a section of its own."
        f"{did_you_mean(title, titles.values())} Sections: {'; '.join(titles.values())}."
    )


def _pieces(name: str, text: str) -> Iterator[tuple[str, int, list[Block]]]:
    """Return each heading of a file with its level and what stands below it."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(text)
    title, level = name.rpartition("/")[2].removesuffix(".md"), 1
    blocks: list[Block] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == "heading_open":
            if blocks or at:
                yield title, level, blocks
            title = _words(tokens[at + 1], name).strip()
            level, blocks = min(int(token.tag[1:]), LEVELS), []
            at += 3
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            end = _end(tokens, at)
            blocks.append(_list(tokens[at : end + 1], name))
            at = end + 1
        elif token.type == "inline":
            blocks.append(Paragraph(_spans(token, name), "author"))
            at += 1
        elif token.type in _NOT_SUPPORTED:
            raise _not_supported(token, name)
        else:
            at += 1
    yield title, level, blocks


def _not_supported(token: Token, name: str, line: int | None = None) -> SourceError:
    at = line if line is not None else token.map[0] if token.map else None
    where = f", line {at + 1}" if at is not None else ""
    return SourceError(
        f"{name}{where} has {_NOT_SUPPORTED[token.type]}. Own text can have {_CAN}. Take "
        "it out, or add it to the Word file afterwards."
    )


def _end(tokens: list[Token], start: int) -> int:
    """Return where the list that begins at a token ends."""
    depth = 0
    for at in range(start, len(tokens)):
        depth += tokens[at].nesting
        if depth == 0:
            return at
    return len(tokens) - 1


def _list(tokens: list[Token], name: str) -> Bullets:
    """Return a list; a list inside of it is read as further items."""
    items = []
    for token in tokens:
        if token.type in _NOT_SUPPORTED:
            raise _not_supported(token, name)
        if token.type == "inline":
            items.append(Paragraph(_spans(token, name), "author"))
    return Bullets(tuple(items), numbered=tokens[0].type == "ordered_list_open")


def _words(token: Token, name: str) -> str:
    return "".join(each.text for each in _spans(token, name))


def _spans(token: Token, name: str) -> tuple[Span, ...]:
    """Return the text of a paragraph in spans of one look."""
    spans: list[Span] = []
    look: dict[str, Any] = {"bold": False, "italic": False, "address": ""}
    line = token.map[0] if token.map else None
    for each in token.children or []:
        if each.type in _NOT_SUPPORTED:
            raise _not_supported(each, name, line)
        if each.type in ("strong_open", "strong_close"):
            look["bold"] = each.type == "strong_open"
        elif each.type in ("em_open", "em_close"):
            look["italic"] = each.type == "em_open"
        elif each.type == "link_open":
            look["address"] = _address(str(each.attrGet("href") or ""), name, line)
        elif each.type == "link_close":
            look["address"] = ""
        else:
            text = " " if each.type in ("softbreak", "hardbreak") else each.content
            if spans and replace(spans[-1], text="") == Span("", **look):
                spans[-1] = replace(spans[-1], text=spans[-1].text + text)
            elif text:
                spans.append(Span(text, **look))
    return tuple(spans)


def _address(address: str, name: str, line: int | None) -> str:
    if _ADDRESS.fullmatch(address):
        return address
    where = f", line {line + 1}" if line is not None else ""
    raise SourceError(
        f"{name}{where} has a link to {address[:80]!r}. Expected an address that begins with "
        "https://, http:// or mailto:."
    )
