r"""The access log of a web server, in the common or the combined format.

A line is ``address ident user [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326`` and, in the
combined format, ``"referer" "agent"``. A ``-`` stands for nothing. Within quotes, ``\"`` and ``\\``
stand for a quote and a backslash; other escapes (``\x16``) are bytes that may be no text, and stay
as they are written.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.text_lines import Flags, LineReader, shown

__all__ = ["WeblogReader", "is_weblog_line"]

_QUOTED = r'"(?P<{}>(?:[^"\\]|\\.)*)"'
_LINE = (
    r"^(?P<address>\S+) (?P<ident>\S+) (?P<remote_user>.*?) "
    r"\[(?P<day>\d\d)/(?P<month>[A-Z][a-z][a-z])/(?P<year>\d{4}):(?P<clock>\d\d:\d\d:\d\d) "
    r"(?P<zone>[+-]\d{4})\] "
    rf"{_QUOTED.format('request')} (?P<status>\d{{3}}|-) (?P<bytes>\d{{1,18}}|-)"
    rf"(?: {_QUOTED.format('referer')} {_QUOTED.format('agent')}(?P<rest> .*)?)?$"
)
_REQUEST = r"^(?P<method>[A-Za-z]+) (?P<path>.*?)(?: (?P<protocol>HTTP/[0-9.]+))?$"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class WeblogReader(LineReader):
    """Reads access logs; see the module.

    The columns are ``visitor`` (the address with the agent: who, as far as such a log can say),
    ``time``, ``address``, ``ident``, ``remote_user``, ``request``, and of it ``method``, ``path``
    and ``protocol`` where it is one, ``status``, ``bytes``, ``referer``, ``agent``, and ``rest``:
    what a server was told to write after the agent.
    """

    def fits(self, lines: pa.Array) -> Flags:
        """Return which lines are of an access log."""
        return np.asarray(pc.match_substring_regex(lines, _LINE))

    def rows(self, lines: pa.Array) -> pa.Table:
        """Return the fields of each line."""
        return _rows(lines)

    def detail(self, line: str) -> str:
        """Return that a line is none."""
        return f"it is no line of an access log: {shown(line)}"


def is_weblog_line(line: bytes) -> bool:
    """Say whether a line is one of an access log."""
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    return bool(pc.match_substring_regex(pa.scalar(text), _LINE).as_py())


def _rows(lines: pa.Array) -> pa.Table:
    parts = pc.extract_regex(lines, _LINE)
    found = dict(zip((field.name for field in parts.type), parts.flatten(), strict=True))
    quoted = {name: _unquoted(found[name]) for name in ("request", "referer", "agent")}
    request = pc.extract_regex(quoted["request"], _REQUEST)
    columns = {
        "visitor": pc.binary_join_element_wise(
            found["address"], quoted["agent"], " ", null_handling="skip"
        ),
        "time": _time(found),
        "address": found["address"],
        "ident": _present(found["ident"]),
        "remote_user": _present(found["remote_user"]),
        "request": quoted["request"],
        **{name: _present(pc.struct_field(request, name)) for name in _names_of(request)},
        "status": _present(found["status"]).cast(pa.int64()),
        "bytes": _present(found["bytes"]).cast(pa.int64()),
        "referer": quoted["referer"],
        "agent": quoted["agent"],
    }
    rest = _present(pc.utf8_trim_whitespace(found["rest"]))
    if rest.null_count < len(rest):
        columns["rest"] = rest
    return pa.table(columns)


def _names_of(request: pa.Array) -> list[str]:
    return [field.name for field in request.type]


def _present(texts: pa.Array) -> pa.Array:
    """Return texts with a null for each that stands for nothing: ``-``, or none at all."""
    nothing = pc.is_in(texts, pa.array(["-", ""]))
    return pc.if_else(nothing, pa.scalar(None, pa.string()), texts)


def _unquoted(texts: pa.Array) -> pa.Array:
    return _present(pc.replace_substring_regex(texts, r'\\(["\\])', r"\1"))


def _time(found: dict[str, pa.Array]) -> pa.Array:
    """Return ISO 8601; a month that is none gives a text that is no time."""
    number = pc.index_in(found["month"], pa.array(_MONTHS))
    months = pa.array([f"{n:02}" for n in range(1, 13)])
    month = pc.coalesce(months.take(number), found["month"])
    date = pc.binary_join_element_wise(found["year"], month, found["day"], "-")
    clock = pc.binary_join_element_wise(found["clock"], found["zone"], "")
    return pc.binary_join_element_wise(date, clock, "T")
