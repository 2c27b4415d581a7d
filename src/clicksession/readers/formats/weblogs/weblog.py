r"""The access log of a web server, in the common or the combined format.

A line is ``address ident user [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326`` and, in the
combined format, ``"referer" "agent"``. A ``-`` stands for nothing. Within quotes, ``\"`` and ``\\``
stand for a quote and a backslash. Before the address may stand the server that was asked, as in
Apache's ``vhost_combined``, and before all, what a container or the system's log writes.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.formats import Weblog
from clicksession.log_format.clients import CLOCK_TIME
from clicksession.readers.formats.text_lines import Flags, LineReader, shown
from clicksession.readers.formats.weblogs.cutting import columns_of
from clicksession.readers.formats.weblogs.fronts import fronts
from clicksession.readers.formats.weblogs.values import (
    clock_time,
    present,
    request_parts,
    unquoted,
    visitors,
)
from clicksession.readers.rows.types import concatenated

__all__ = ["WeblogReader"]

_TIME = rf"\[{CLOCK_TIME}\]"
_STATUS, _BYTES = r"(?:\d{3}|-)", r"(?:\d{1,18}|-)"
# In nearly all lines nothing is escaped: there the quotes are where to cut, which is four times as
# fast as an expression with groups.
_PLAIN = r'"[^"\\]*"'
_COMMON = rf'^[^"]*? {_TIME} {_PLAIN} {_STATUS} {_BYTES}$'
_COMBINED = rf'^[^"]*? {_TIME} {_PLAIN} {_STATUS} {_BYTES} {_PLAIN} {_PLAIN}(?: .*)?$'
_QUOTED = r'"(?P<{}>(?:[^"\\]|\\.)*)"'
_ESCAPED = (
    rf"^(?P<front>.*?) \[(?P<time>{CLOCK_TIME})\] {_QUOTED.format('request')} "
    rf"(?P<status>{_STATUS}) (?P<bytes>{_BYTES})"
    rf"(?: {_QUOTED.format('referer')} {_QUOTED.format('agent')}(?P<rest> .*)?)?$"
)
_TIME_LETTERS = 26


class WeblogReader(LineReader):
    """Reads access logs; see the module.

    The columns are ``visitor`` (the address with the agent: who, as far as such a log can say),
    ``time``, ``address``, ``ident``, ``remote_user``, ``request``, and of it ``method``, ``path``
    and ``protocol`` where it is one, ``status``, ``bytes``, ``referer``, ``agent``. Where a line
    has them: ``port`` of the client; ``forwarded``, the list of addresses of which the first is
    the client; ``server_name`` and ``server_port``, which was asked; ``prefix``, what stands
    before the line; ``rest``, what a server was told to write after the agent.
    """

    form: Weblog = Weblog()

    def cut(self, lines: pa.Array) -> tuple[Flags, pa.Table]:
        """Return which lines are of an access log, and the rows of those."""
        if self.form.log_format is not None:
            # Not before it is needed: most logs have no form of their own.
            from clicksession.readers.formats.weblogs.form import cut_by_form

            return cut_by_form(lines, self.form.log_format)
        left = np.ones(len(lines), dtype=bool)
        places, tables = [], []
        for form, cut in _FORMS:
            of_form = True if form is None else np.asarray(pc.match_substring_regex(lines, form))
            fits = np.flatnonzero(left & of_form)
            some = lines if len(fits) == len(lines) else lines.take(pa.array(fits))
            which, table = cut(some)
            left[fits] = False
            places.append(fits[which])
            tables.append(table)
            if not left.any():
                break
        place = np.concatenate(places)
        good = np.zeros(len(lines), dtype=bool)
        good[place] = True
        if len(place) == len(places[0]):
            return good, tables[0]
        return good, concatenated(tables).take(pa.array(np.argsort(place)))

    def detail(self, line: str) -> str:
        """Return that a line is none."""
        kind = "of this log_format" if self.form.log_format else "of an access log"
        return f"it is no line {kind}: {shown(line)}"


def _combined(lines: pa.Array) -> tuple[Flags, pa.Table]:
    head, request, numbers, referer, _, agent, rest = _pieces(lines, 7)
    (front, time), (status, size) = _head(head), _numbers(numbers)
    return _table(front, time, request, status, size, referer, agent, rest)


def _common(lines: pa.Array) -> tuple[Flags, pa.Table]:
    head, request, numbers = _pieces(lines, 3)
    (front, time), (status, size) = _head(head), _numbers(numbers)
    nothing = pa.nulls(len(lines), pa.string())
    return _table(front, time, request, status, size, nothing, nothing, nothing)


def _pieces(lines: pa.Array, count: int) -> list[pa.Array]:
    """Return what stands before, in, between and after the quotes of lines."""
    return columns_of(pc.split_pattern(lines, '"', max_splits=count - 1).flatten(), count)


def _head(heads: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return the front and the time of ``front [time] ``."""
    time = pc.utf8_slice_codeunits(heads, -_TIME_LETTERS - 2, -2)
    return pc.utf8_slice_codeunits(heads, 0, -_TIME_LETTERS - 4), time


def _numbers(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return the status and the size of `` 200 5120 ``."""
    words = pc.split_pattern(pc.ascii_trim_whitespace(texts), " ").flatten()
    status, size = columns_of(words, 2)
    return status, size


def _escaped(lines: pa.Array) -> tuple[Flags, pa.Table]:
    found = pc.extract_regex(lines, _ESCAPED)
    which = np.asarray(found.is_valid())
    front, time, request, status, size, referer, agent, rest = found.filter(
        pa.array(which)
    ).flatten()
    request, referer, agent = map(unquoted, (request, referer, agent))
    good, table = _table(front, time, request, status, size, referer, agent, rest)
    which[which] = good
    return which, table


def _table(front: pa.Array, *others: pa.Array) -> tuple[Flags, pa.Table]:
    """Return which of some lines name a client, and the rows of those.

    Behind the front come the time, the request, the status, the size, the referer, the agent and
    the rest.
    """
    which, who = fronts(front)
    if not which.all():
        mask = pa.array(which)
        others = tuple(values.filter(mask) for values in others)
    time, *texts, rest = others
    request, status, size, referer, agent = map(present, texts)
    rest = present(pc.utf8_trim_whitespace(rest))
    columns = {
        "visitor": visitors(who["address"], agent),
        "time": clock_time(time),
        **who,
        "request": request,
        **request_parts(request),
        "status": status.cast(pa.int64()),
        "bytes": size.cast(pa.int64()),
        "referer": referer,
        "agent": agent,
        "rest": rest,
    }
    if rest.null_count == len(rest):
        del columns["rest"]
    return which, pa.table(columns)


_FORMS: tuple[tuple[str | None, Callable[[pa.Array], tuple[Flags, pa.Table]]], ...] = (
    (_COMBINED, _combined),
    (_COMMON, _common),
    (None, _escaped),
)
