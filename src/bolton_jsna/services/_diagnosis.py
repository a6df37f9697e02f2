"""The problem of the network of this computer, and what to ask the ICT department for.

A council's network fails for every file in the same way. So each failure is reduced to one word
(:func:`found_in`), and the advice for it is printed once (:func:`advice`).
"""

from __future__ import annotations

import functools
import re
import ssl
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final
from urllib.parse import urlsplit

from bolton_jsna.core.errors import some
from bolton_jsna.services.endpoints import SERVICES
from bolton_jsna.services.redaction import network_settings, scrubbed

GUIDE: Final = "docs/network.md"
"""The page with the steps on Windows and Linux."""


@dataclass(frozen=True)
class _Advice:
    """The problem, what to ask ICT, which setting takes the answer, and if addresses are needed."""

    found: str
    ask: str
    setting: str
    addresses: bool = False


@functools.cache
def advice_for() -> Mapping[str, _Advice]:
    """Return the advice for each problem of the network."""
    text = resources.files(__package__).joinpath("network_advice.toml").read_text(encoding="utf-8")
    return {problem: _Advice(**facts) for problem, facts in tomllib.loads(text).items()}


_NOT_ACCEPTED: Final = (
    "The proxy of this network does not accept the user name and password set (407)."
)


def advice(troubles: Mapping[str, Mapping[str, str]]) -> str:
    """Return what to do about the network, once for all files; empty if there is no problem."""
    known = {word: hosts for word, hosts in troubles.items() if _is_here(word, hosts)}
    if not known:
        return ""
    paragraphs: list[str] = []
    for word, hosts in known.items():
        said = advice_for()[word]
        found = said.found
        if word == "proxy password" and "***@" in network_settings():
            found = _NOT_ACCEPTED
        paragraphs += [
            found.format(hosts=some(dict.fromkeys(hosts.values()), most=9)),
            f"  Ask ICT {said.ask}.",
            f"  Setting: {said.setting}.",
        ]
    if any(advice_for()[word].addresses for word in known):
        every = dict.fromkeys(str(urlsplit(each.base).hostname) for each in SERVICES.values())
        paragraphs.append(f"  Addresses: {', '.join(every)}.")
    lines = [_wrapped(each) for each in paragraphs]
    # In one line, so that the names of files can be copied.
    lines += [f"  Now: {network_settings()}", f"  Steps for Windows and Linux: {GUIDE}."]
    return "\n".join(lines)


def _wrapped(paragraph: str) -> str:
    """Return a paragraph in lines that fit a terminal, indented as its first line is."""
    indent = "  " if paragraph.startswith("  ") else ""
    return textwrap.fill(
        paragraph.strip(),
        width=98,
        initial_indent=indent,
        subsequent_indent=indent and "    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _is_here(word: str, hosts: Mapping[str, str]) -> bool:
    """Report whether the network here is the problem; one publisher alone may forbid requests."""
    publishers = {SERVICES[service].publisher for service in hosts}
    return word in advice_for() and (word != "filter" or len(publishers) > 1)


FORBIDDEN: Final = (403, 451)
"""Statuses that a filter of the network sends, and sometimes a publisher."""
BY_STATUS: Final = {
    407: ("proxy password", "the proxy wants a user name and a password (407)"),
    511: ("sign-in", "the network wants a sign-in (511)"),
}
"""Statuses that the network here sends, not a publisher."""

_TUNNEL: Final = re.compile(r"Tunnel connection failed: (\d{3})\s*([\w .-]{0,60})")
_NO_CERTIFICATES: Final = ("certificate bundle", "NO_CERTIFICATE_OR_CRL_FOUND", "PEM lib")
_SECURE: Final = re.compile(r"\[(?:SSL|X509)[^\]]*\]\s*([\w ,.-]{0,90})")


def found_in(error: Exception) -> tuple[str, str]:
    """Return the word for the problem of the network, and a short description."""
    chain = list(inside(error))
    texts = " ".join(str(each) for each in chain)
    tunnel = _TUNNEL.search(texts)
    if tunnel:
        return _of_tunnel(int(tunnel[1]), tunnel[2].strip())
    by_proxy = any("proxy" in type(each).__name__.lower() for each in chain)
    secure = _of_certificates(chain, texts)
    if secure:
        wrong = by_proxy and secure[0] == "secure connection"
        return ("proxy address", "the proxy itself does not use HTTPS") if wrong else secure
    why = _why(chain, texts)
    if by_proxy:
        return "proxy unreachable", f"the proxy cannot be reached ({why})"
    return (
        ("name", "this computer finds no address for it") if why == _NO_NAME else ("blocked", why)
    )


_NO_NAME: Final = "its name is not known"


def _of_tunnel(status: int, reason: str) -> tuple[str, str]:
    if status in BY_STATUS:
        return BY_STATUS[status]
    said = scrubbed(f"{status} {reason}".strip())
    if 400 <= status < 500:
        return "proxy forbids", f"the proxy does not allow it ({said})"
    return "proxy unreachable", f"the proxy does not connect to it ({said})"


def _of_certificates(chain: list[BaseException], texts: str) -> tuple[str, str] | None:
    rejected = next((e for e in chain if isinstance(e, ssl.SSLCertVerificationError)), None)
    if rejected is not None or "CERTIFICATE_VERIFY_FAILED" in texts:
        why = str(getattr(rejected, "verify_message", "") or "").strip()
        why = why or "the check of its certificate failed"
        dated = "expired" in why or "not yet valid" in why
        return (
            "certificate date" if dated else "certificate",
            f"its certificate is not trusted ({scrubbed(why)})",
        )
    if any(each in texts for each in _NO_CERTIFICATES):
        return "certificate file", "the file of trusted certificates cannot be used"
    if any(isinstance(each, ssl.SSLError) for each in chain):
        found = _SECURE.search(texts)
        why = found[1].strip() if found else ""
        return (
            "secure connection",
            "the secure connection was broken off" + (f" ({scrubbed(why)})" if why else ""),
        )
    return None


def _why(chain: list[BaseException], texts: str) -> str:
    names = {type(each).__name__ for each in chain}
    if "NameResolutionError" in names or "gaierror" in names or "Failed to resolve" in texts:
        return _NO_NAME
    if "timed out" in texts or any("Timeout" in name for name in names):
        return "no answer to the attempt to connect"
    if "refused" in texts.lower():
        return "the connection was not accepted"
    if "unreachable" in texts.lower() or "No route" in texts:
        return "this computer has no route to it"
    return "no connection could be made"


def inside(error: object, depth: int = 0) -> Iterator[BaseException]:
    """Yield an error and the errors that it wraps."""
    if not isinstance(error, BaseException) or depth > 8:
        return
    yield error
    within = [*error.args, getattr(error, "reason", None), error.__cause__]
    for each in within:
        if each is not error:
            yield from inside(each, depth + 1)
