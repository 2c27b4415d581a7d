"""Keep passwords, keys and signed queries out of every message.

A URL can hold a secret in its user part, in its query (signed URLs) and, in a
chained URL, in any link; a dictionary of storage options holds them in its
values. Messages show places, never secrets.
"""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from urllib.parse import parse_qsl, unquote

_USER_PART = re.compile(r"(?<=://)[^/@\s]*@")
_KEYS = re.compile(r"(AccountKey|SharedAccessSignature)=([^;]+)")
_QUERY = re.compile(r"[?#][^\s'\"]*")
# In a path or an object's name a question mark may be a part of the name, or of a pattern; what
# names a value behind it is a query.
_NAMED_QUERY = re.compile(r"\?(?=[\w.~-]+=)[^\s'\"]*")
_HIDDEN = "***"

# Here a name may hold an "@"; a user could only stand before the first slash.
_OBJECT_STORES = frozenset({"file", "gcs", "gs", "local", "memory", "s3", "s3a", "az", "abfs"})

# What a URL is signed with: another value each time that it is, for one and the same content.
_SIGNING = re.compile(
    r"x-(amz|goog|oss|cos)-.*|(aws|google|oss)?access(key)?_?id|key-pair-id|(access_)?token|"
    r"sig(nature)?|expires|policy|hmac|s[eiprtv]|spr|sk(oid|tid|t|e|s|v)",
    re.IGNORECASE,
)
_DIGITS = 12

# Options whose values say where and how, not who: they may stand in a message.
_HARMLESS = frozenset({"endpoint_url", "protocol", "region", "project", "access", "token_type"})


def without_secrets(url: str) -> str:
    """Return a URL as it may be shown: no user part and no query, in any link of a chained one.

    In a local path or an object store a ``?`` is part of a name or of a pattern, unless it stands
    before ``name=``.

    Examples
    --------
    >>> without_secrets("https://anna:pw@shop.example/e.json?X-Goog-Signature=abc&x=1")
    'https://***@shop.example/e.json?***'
    >>> without_secrets("gs://shop/events/2022-0?.json.gz")
    'gs://shop/events/2022-0?.json.gz'
    >>> without_secrets("zip://e.json::HTTPS://host/a.zip?sig=abc")
    'zip://e.json::HTTPS://host/a.zip?***'
    """
    return "::".join(_without_query(_without_user(link)) for link in url.split("::"))


def asked_of(url: str) -> str:
    """Return digits that stand for what the queries of a URL ask for; nothing where they do not.

    What a URL is signed with asks for nothing. The digits give no secret away.

    Examples
    --------
    >>> one, other = asked_of("https://host/e?day=1&sig=a"), asked_of("https://host/e?day=1&sig=b")
    >>> one == other, one == asked_of("https://host/e?day=2"), asked_of("https://host/e?sig=a")
    (True, False, '')
    """
    asked = [
        pair
        for link in url.split("::")
        for pair in parse_qsl(_query_of(link), keep_blank_values=True)
        if not _SIGNING.fullmatch(pair[0])
    ]
    return sha256(repr(asked).encode()).hexdigest()[:_DIGITS] if asked else ""


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
        user, at, _ = _user_part(link).rpartition("@")
        if at:
            # A layer below may have read it otherwise, and quote a part: "port 's3cr3t'".
            yield from (user, unquote(user), *re.split("[:/@]", user))
        if query := _query_of(link):
            yield query
            yield from (value for _, value in parse_qsl(query))


def _asks(link: str) -> re.Pattern[str]:
    """Return what a query looks like in a link of this protocol."""
    return _QUERY if link.lower().startswith("http") else _NAMED_QUERY


def _query_of(link: str) -> str:
    found = _asks(link).search(link)
    return found.group()[1:] if found else ""


def _without_query(link: str) -> str:
    return _asks(link).sub(f"?{_HIDDEN}", link)


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
