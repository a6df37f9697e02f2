"""Texts that may be printed or written: without keys, passwords and control characters."""

from __future__ import annotations

import base64
import os
import re
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

_SECRET: Final = re.compile(
    r"token|key|secret|sig|pass|pwd|auth(?!ority)|credential|session|sas|^(uid|user|code|s[evpr])$",
    re.IGNORECASE,
)
"""Names in a query whose values may be keys; the same list for every service."""
_PARTS: Final = re.compile(r"[:/?#@&=\s]+")
_LONG: Final = 8
_QUOTED: Final = 4096
_SCHEMES: Final = frozenset({"http", "https", "socks4", "socks4a", "socks5", "socks5h"})


def beginning(content: bytes, most: int = 120) -> str:
    r"""Return the first characters of a body on one line, for a message."""
    if not content:
        return "an empty body"
    # Scrubbed before it is cut: a service may send back the request, with its key.
    text = scrubbed(content[:_QUOTED].decode("utf-8", errors="replace"))
    return repr(" ".join(text[: most * 4].split())[:most])


def shown(address: str, params: Mapping[str, Any] | None = None) -> str:
    """Return an address with its query but without keys and passwords."""
    parts = urlsplit(address)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    for name, value in (params or {}).items():
        if value is not None:
            values = value if isinstance(value, list | tuple) else [value]
            pairs += [(name, str(each)) for each in values]
    query = urlencode([(name, value) for name, value in pairs if not _SECRET.search(name)])
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def network_settings() -> str:
    """Return the proxy and certificate settings in use, as a sentence without passwords."""
    proxies = {name: value for name, value in urllib.request.getproxies().items() if name != "no"}
    listed = ", ".join(
        f"{name.upper()}_PROXY={_proxy(value)}" for name, value in sorted(proxies.items())
    )
    passed_by = urllib.request.getproxies().get("no")
    if passed_by:
        hosts = ",".join(without_password(each.strip()) for each in passed_by.split(","))
        listed = f"{listed or 'none'} (not for {hosts})"
    bundles = [name for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") if os.environ.get(name)]
    certificates = "REQUESTS_CA_BUNDLE not set"
    if bundles:
        certificates = f"{bundles[0]}={_printable(scrubbed(os.environ[bundles[0]]))}"
    return f"Proxy in use: {listed or 'none'}; certificates: {certificates}."


def without_password(address: str) -> str:
    """Return the address of a proxy or a mirror without what is before its last ``@``."""
    # What may be a password in another place is removed too: a port that is not a number, a
    # query, and what follows ``#``.
    before, at, rest = address.strip().rpartition("@")
    scheme, slashes, tail = (before if at else rest).partition("://")
    # Before an @, only a known scheme cannot be part of a password.
    start = f"{scheme}://" if slashes and (not at or scheme.lower() in _SCHEMES) else ""
    if not at and slashes:
        rest = tail
    rest = re.sub(r"([?#]).*", r"\1***", rest, flags=re.DOTALL)
    rest = re.sub(r"^(\[[^\]]*\]|[^:/?#\[]*):(?!\d{1,5}(?:[/?#]|$))[^/?#]*", r"\1:***", rest)
    return start + ("***@" if at else "") + _printable(rest)


def _printable(text: str) -> str:
    """Return a text without control characters."""
    return "".join(c if c.isprintable() else " " for c in text)


def _proxy(address: str) -> str:
    """Return the address of a proxy for messages: its host and port, without a path."""
    return re.sub(r"(?<=[^/:])/.+", "/***", without_password(address))


_OWN_WORDS: Final = "a user name and a password"


def scrubbed(text: str) -> str:
    """Return a message of another library without the passwords of proxies and mirrors."""
    # Such messages quote addresses in various forms, whole or in part.
    if _OWN_WORDS in text:
        # A proxy's user name may be "user", and its password "password".
        return _OWN_WORDS.join(map(scrubbed, text.split(_OWN_WORDS)))
    for secret in sorted(_secrets(), key=len, reverse=True):
        # A short one may be part of a word.
        found = re.escape(secret)
        found = found if len(secret) >= _LONG else rf"(?<!\w){found}(?!\w)"
        # Without case, because messages have the names of hosts in small letters.
        text = re.sub(found, "***", text, flags=re.IGNORECASE)

    def hidden(found: re.Match[str]) -> str:
        scheme = found.group().partition("://")[0]
        return f"{scheme}://***@" if scheme.lower() in _SCHEMES else "***@"

    return re.sub(r"[^\s'\"<>()]*:[^\s'\"<>()]*@(?=[\w\[*])", hidden, text)


def _secrets() -> set[str]:
    """Return every part of the addresses of proxies and mirrors that messages do not show."""
    given = [(value, _proxy(value)) for value in urllib.request.getproxies().values()]
    given += [
        (value, without_password(value))
        for name, value in os.environ.items()
        if name.startswith("BOLTON_JSNA_") and name.endswith("_URL")
    ]
    found = {os.environ.get("BOLTON_JSNA_NOMIS_KEY", "")}
    for value, visible in given:
        parts = {*_PARTS.split(value), *_PARTS.split(unquote(value))}
        found |= parts - set(_PARTS.split(visible))
        # As it was given, and as it is sent.
        before, at, _ = value.rpartition("@")
        pair = before.rpartition("://")[2] if at else ""
        found |= {pair.partition(":")[2], *map(_as_sent, (pair, unquote(pair)))}
    found |= {unquote(each) for each in found}
    return {each for each in found if len(each) > 2}


def _as_sent(pair: str) -> str:
    """Return a user and password in the Base64 of a header, without the padding."""
    return base64.b64encode(pair.encode("utf-8")).decode("ascii").rstrip("=") if pair else ""


def join_messages(troubles: Sequence[str]) -> str:
    """Join messages, each once."""
    # Messages quote answers: control characters and passwords that a service sent back are
    # removed.
    each_once = " ".join(dict.fromkeys(troubles))
    return scrubbed("".join(c if c.isprintable() else " " for c in each_once))
