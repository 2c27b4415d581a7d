"""Keep passwords, keys and signed queries out of every message.

A URL can hold a secret in its user part, in its query (signed URLs) and, in a
chained URL, in any link; a dictionary of storage options holds them in its
values. Messages show places, never secrets.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

_USER_PART = re.compile(r"(?<=://)[^/@\s]*@")
_KEYS = re.compile(r"(AccountKey|SharedAccessSignature)=([^;]+)")
_QUERY = re.compile(r"\?[^\s'\"]*")
_HIDDEN = "***"

# Here a name may hold an "@"; a user could only stand before the first slash.
_OBJECT_STORES = frozenset({"file", "gcs", "gs", "local", "memory", "s3", "s3a", "az", "abfs"})

# Options whose values say where and how, not who: they may stand in a message.
_HARMLESS = frozenset({"endpoint_url", "protocol", "region", "project", "access", "token_type"})


def without_secrets(url: str) -> str:
    """Return a URL as it may be shown: no user part, no query values.

    A ``?`` is a query only in a URL with ``http`` in its protocol: in a local path or an object
    store it is part of a name or of a pattern.

    Examples
    --------
    >>> without_secrets("https://anna:pw@shop.example/e.json?X-Goog-Signature=abc&x=1")
    'https://***@shop.example/e.json?***'
    >>> without_secrets("gs://shop/events/2022-0?.json.gz")
    'gs://shop/events/2022-0?.json.gz'
    """
    shown = "::".join(map(_without_user, url.split("::")))
    return _QUERY.sub(f"?{_HIDDEN}", shown) if "http" in shown.partition("://")[0] else shown


def secrets_in(url: str, options: Mapping[str, object] | None = None) -> frozenset[str]:
    """Return the texts that must not appear in a message about this source."""
    return frozenset(
        text
        for text in (*_in_url(url), *_in_options(options or {}))
        if len(text) > 2  # shorter ones would blank out half the alphabet and guard nothing
    )


def scrub(message: str, secrets: frozenset[str]) -> str:
    """Return the message with every secret replaced by ``***``.

    Examples
    --------
    >>> scrub("login failed for s3cr3t", frozenset({"s3cr3t"}))
    'login failed for ***'
    """
    for secret in sorted(secrets, key=len, reverse=True):
        message = message.replace(secret, _HIDDEN)
    return _USER_PART.sub(f"{_HIDDEN}@", message)


def _in_url(url: str) -> Iterator[str]:
    for link in url.split("::"):
        parts = urlsplit(link)
        user, at, _ = _user_part(link).rpartition("@")
        if at:
            # A layer below may have read it otherwise, and quote a part: "port 's3cr3t'".
            yield from (user, unquote(user), *re.split("[:/@]", user))
        if parts.scheme.startswith("http") and parts.query:
            yield parts.query
            yield from (value for _, value in parse_qsl(parts.query))


def _without_user(link: str) -> str:
    user = _user_part(link)
    return link.replace(user, f"{_HIDDEN}@", 1) if user else link


def _user_part(link: str) -> str:
    """Return what stands before the host, with its ``@``, or nothing.

    Passwords are not always written as URLs want them: where the text up to the first slash holds
    a user or the beginning of one, everything up to the last ``@`` counts. In a path alone an
    ``@`` is part of a name, and in an object store it always is.
    """
    protocol, _, rest = link.partition("://")
    address = rest.partition("?")[0]
    host = address.partition("/")[0]
    _, colon, port = host.partition(":")
    if protocol in _OBJECT_STORES:
        address = host
    elif "@" not in host and not (colon and not port.isdigit()):
        return ""
    user, at, _ = address.rpartition("@")
    return f"{user}{at}"


def _in_options(options: Mapping[str, object]) -> Iterator[str]:
    for name, value in options.items():
        if name in _HARMLESS:
            continue
        if isinstance(value, Mapping):
            yield from _in_options(value)
        elif isinstance(value, bytes):
            yield value.decode("utf-8", "replace")
        elif isinstance(value, str):
            yield value
            # A connection string of Azure: its parts may be quoted alone.
            yield from (key for _, key in _KEYS.findall(value))
