"""What the values of access logs mean, whichever server wrote them."""

import re
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "changed",
    "clients",
    "clock_time",
    "months_of",
    "present",
    "request_parts",
    "unquoted",
    "visitors",
]

_REQUEST = r"^(?P<method>[A-Za-z]+) (?P<path>.*?)(?: (?P<protocol>HTTP/[0-9.]+))?$"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOBODY = ("-", "unknown", "unix:")
_UNKNOWN = r"^(?:(?:-|unknown), ?)+"
_CLIENT = (
    r"^(?:\[(?P<six>[^\]]*)\]|(?P<four>[0-9.]+)|(?P<other>[^,]*?))"
    r"(?::(?P<port>\d{1,5}))?(?:,.*)?$"
)
_BARE_SIX = r"^[0-9A-Fa-f]*:[0-9A-Fa-f]*:"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_ESCAPED = re.compile(r'\\(["\\])|((?:\\x[0-9A-Fa-f]{2})+)')


def present(texts: pa.Array) -> pa.Array:
    """Return texts with a null for each that stands for nothing: ``-``, or none at all."""
    return pc.if_else(pc.is_in(texts, pa.array(["-", ""])), None, texts)


def unquoted(texts: pa.Array) -> pa.Array:
    r"""Return what stood in quotes, without the escapes of web servers.

    ``\"`` and ``\\`` are a quote and a backslash; ``\xC3\xA9`` is the character of these bytes.
    Control characters, and bytes that are no text, stay as they are written.
    """

    def plain(text: str) -> str:
        return _ESCAPED.sub(lambda found: found[1] or _characters(found[2]), text)

    return changed(present(texts), "\\", plain)


def changed(texts: pa.Array, sign: str, change: Callable[[str], str]) -> pa.Array:
    """Return texts, those that hold a sign changed."""
    odd = pc.match_substring(texts, sign).fill_null(False)
    if not pc.any(odd).as_py():
        return texts
    new = [change(text) for text in texts.filter(odd).to_pylist()]
    return pc.replace_with_mask(texts, odd, pa.array(new, pa.string()))


def _characters(escapes: str) -> str:
    try:
        text = bytes.fromhex(escapes.replace("\\x", "")).decode("utf-8")
    except UnicodeDecodeError:
        return escapes
    return escapes if _CONTROL.search(text) else text


def clock_time(texts: pa.Array) -> pa.Array:
    """Return ``01/May/2024:10:00:00 +0000`` as ISO 8601; what is no month stays as it is.

    All texts are of this form, with or without a bracket before it.
    """
    start = 1 if len(texts) and texts[0].as_py().startswith("[") else 0

    def part(first: int, last: int) -> pa.Array:
        return pc.utf8_slice_codeunits(texts, start + first, start + last)

    date = pc.binary_join_element_wise(part(7, 11), months_of(part(3, 6)), part(0, 2), "-")
    clock = pc.binary_join_element_wise(part(12, 20), part(21, 26), "")
    return pc.binary_join_element_wise(date, clock, "T")


def months_of(names: pa.Array) -> pa.Array:
    """Return months by their number, ``05`` for ``May``; what is no month stays as it is."""
    numbers = pa.array([f"{n:02}" for n in range(1, 13)])
    return pc.coalesce(numbers.take(pc.index_in(names, pa.array(_MONTHS))), names)


def request_parts(request: pa.Array) -> dict[str, pa.Array]:
    """Return the method, the path and the protocol of requests that have them."""
    parts = pc.extract_regex(request, _REQUEST)
    names = [field.name for field in parts.type]
    return {name: present(pc.struct_field(parts, name)) for name in names}


def clients(texts: pa.Array) -> dict[str, pa.Array]:
    """Return who asked: the address, its port, and the list that it was the first of.

    In a list, the first known address is the client; the others are proxies.
    """
    known = pc.replace_substring_regex(texts, _UNKNOWN, "")
    bare = pc.match_substring_regex(known, _BARE_SIX)
    parts = pc.extract_regex(known, _CLIENT)
    six, four, other, port = parts.flatten()
    first = pc.coalesce(present(six), present(four), present(other))
    found = {
        "address": present(pc.if_else(bare, pc.replace_substring_regex(known, ",.*$", ""), first)),
        "port": pc.if_else(bare, None, present(port)).cast(pa.int64()),
        "forwarded": pc.if_else(pc.match_substring(texts, ","), texts, None),
    }
    return {
        name: values
        for name, values in found.items()
        if name == "address" or values.null_count < len(values)
    }


def visitors(address: pa.Array, agent: pa.Array | None) -> pa.Array:
    """Return who, as far as an access log can say: the address with the agent.

    Without an address, it is nobody.
    """
    known = pc.if_else(pc.is_in(address, pa.array(_NOBODY)), None, address)
    if agent is None:
        return known
    # Not with null_handling="skip": it leaves out rows in which all parts are null.
    return pc.coalesce(pc.binary_join_element_wise(known, agent, " "), known)
