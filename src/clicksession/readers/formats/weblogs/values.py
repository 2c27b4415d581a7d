"""What the values of access logs mean, whichever server wrote them."""

import re

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["MONTHS", "clients", "clock_time", "present", "request_parts", "unquoted", "visitors"]

_REQUEST = r"^(?P<method>[A-Za-z]+) (?P<path>.*?)(?: (?P<protocol>HTTP/[0-9.]+))?$"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
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
    nothing = pc.is_in(texts, pa.array(["-", ""]))
    return pc.if_else(nothing, pa.scalar(None, pa.string()), texts)


def unquoted(texts: pa.Array) -> pa.Array:
    r"""Return what stood in quotes, without the escapes of web servers.

    ``\"`` and ``\\`` are a quote and a backslash; ``\xC3\xA9`` is the character of these bytes.
    Control characters, and bytes that are no text, stay as they are written.
    """
    texts = present(texts)
    odd = pc.match_substring(texts, "\\")
    if not pc.any(odd).as_py():
        return texts
    plain = [_plain(text) for text in texts.filter(odd.fill_null(False)).to_pylist()]
    return pc.replace_with_mask(texts, odd.fill_null(False), pa.array(plain, pa.string()))


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda found: found[1] or _characters(found[2]), text)


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

    number = pc.index_in(part(3, 6), pa.array(MONTHS))
    months = pa.array([f"{n:02}" for n in range(1, 13)])
    month = pc.coalesce(months.take(number), part(3, 6))
    date = pc.binary_join_element_wise(part(7, 11), month, part(0, 2), "-")
    clock = pc.binary_join_element_wise(part(12, 20), part(21, 26), "")
    return pc.binary_join_element_wise(date, clock, "T")


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
        "port": pc.if_else(bare, pa.scalar(None, pa.string()), present(port)).cast(pa.int64()),
        "forwarded": pc.if_else(
            pc.match_substring(texts, ","), texts, pa.scalar(None, pa.string())
        ),
    }
    return {name: values for name, values in found.items() if values.null_count < len(values)} | {
        "address": found["address"]
    }


def visitors(address: pa.Array, agent: pa.Array | None) -> pa.Array:
    """Return who, as far as an access log can say: the address with the agent.

    Without an address, it is nobody.
    """
    nobody = pc.is_in(address, pa.array(_NOBODY))
    known = pc.if_else(nobody, pa.scalar(None, pa.string()), address)
    if agent is None:
        return known
    # Not with null_handling="skip": it leaves out rows in which all parts are null.
    return pc.coalesce(pc.binary_join_element_wise(known, agent, " "), known)
