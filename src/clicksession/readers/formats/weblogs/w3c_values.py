"""What the values of the W3C's extended log format mean."""

from collections.abc import Callable
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.formats.weblogs.values import visitors

__all__ = ["DECIMAL", "WHOLE", "table_of"]

WHOLE = (
    "sc-status",
    "sc-substatus",
    "sc-win32-status",
    "sc-bytes",
    "cs-bytes",
    "c-port",
    "s-port",
)
DECIMAL = ("time-taken", "time-to-first-byte")
_ADDRESS, _ID = "c-ip", "x-edge-request-id"
# The names of headers mean the same in capitals or not.
_AGENTS = ("cs(user-agent)", "cs-user-agent", "c-user-agent")


def table_of(columns: dict[str, pa.Array], date: str) -> pa.Table:
    """Return the rows of lines, with who and when beside their own fields.

    A `date` that is given is the day of times that have none.
    """
    columns = dict(columns)
    is_cloudfront = any(name.startswith("x-edge-") for name in columns)
    if is_cloudfront:
        columns = {name: _decoded(values) for name, values in columns.items()}
        if _ID not in columns:
            # The oldest logs name no request; what maps the id finds that none is known.
            columns[_ID] = pa.nulls(len(next(iter(columns.values()))), pa.string())
    agent = next((name for name in columns if name.lower() in _AGENTS), "")
    if agent:
        values = columns[agent]
        columns[agent] = _decoded_twice(values) if is_cloudfront else _spaced(values)
    for names, kind in ((WHOLE, pa.int64()), (DECIMAL, pa.float64())):
        columns |= {name: columns[name].cast(kind) for name in names if name in columns}
    who = (
        {"visitor": visitors(columns[_ADDRESS], columns.get(agent))} if _ADDRESS in columns else {}
    )
    return pa.table({**who, **_when(columns, date), **columns})


def _when(columns: dict[str, pa.Array], date: str) -> dict[str, pa.Array]:
    """Take the date and the time from the columns, and return them as one."""
    if "time" not in columns or not ("date" in columns or date):
        return {}
    clock = columns.pop("time")
    if "date" in columns:
        return {"time": pc.binary_join_element_wise(columns.pop("date"), clock, "T")}
    day = pc.if_else(pc.is_valid(clock), date, None)
    return {"time": pc.binary_join_element_wise(day, clock, "T")}


def _decoded(texts: pa.Array) -> pa.Array:
    """Return what CloudFront encoded, as it was: ``%20`` is a blank, ``%2520`` is ``%20``."""
    return _changed(texts, "%", _unquote)


def _decoded_twice(agents: pa.Array) -> pa.Array:
    """Return agents of the years in which CloudFront encoded them twice as those of the others.

    Agents that are encoded after all have a ``%20`` where others have a blank.
    """
    return _changed(agents, "%20", lambda text: text if " " in text else _unquote(text))


def _spaced(agents: pa.Array) -> pa.Array:
    """Return agents of IIS, which writes ``+`` for a blank: those that have no blank.

    ``(+https://…)``, by which crawlers say who they are, keeps its own.
    """
    agents = _changed(agents, "+", lambda text: text if " " in text else text.replace("+", " "))
    return pc.replace_substring_regex(agents, r"([ (]) (https?://)", r"\1+\2")


def _changed(texts: pa.Array, sign: str, change: Callable[[str], str]) -> pa.Array:
    """Return texts, those that hold a sign changed; each text once, however often it comes."""
    if not pc.any(pc.match_substring(texts, sign)).as_py():
        return texts
    known = texts.dictionary_encode()
    changed = [change(text) if sign in text else text for text in known.dictionary.to_pylist()]
    return pa.array(changed, pa.string()).take(known.indices)


def _unquote(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text
