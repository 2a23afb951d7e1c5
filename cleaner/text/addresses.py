"""What an address names, and what of it nobody else should see."""
from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

CREDENTIALS = re.compile(r"(\b[a-z][a-z0-9+.-]{0,30}://)[^\s/@]{1,1000}@", re.IGNORECASE)
QUERY = re.compile(r"(\b[a-z][a-z0-9+.-]{0,30}://[^\s?#]{1,2000})\?[^\s\"'<>]+", re.IGNORECASE)


def host_of(url: str | None) -> str | None:
    """The host of a URL without ``www.``; sites that share a domain (weblogs) stay apart. None where there is none.

    It is in ASCII, Unicode as punycode (RFC 3492): a host is one however its URLs write it, and none can pass for another.
    """
    try:
        host = (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:  # "http://]/" has no host
        return None
    if host.isascii():
        return host or None
    try:
        return host.encode("idna").decode().lower().removeprefix("www.")
    except UnicodeError:  # no name that a DNS server could know
        return quote(host, errors="replace")


def without_secrets(text: str) -> str:
    """A message without what a URL in it may hold: a name and password before the host, a signature or key in its query."""
    return QUERY.sub(r"\1?…", CREDENTIALS.sub(r"\1…@", text))
