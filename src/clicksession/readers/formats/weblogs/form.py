"""Lines of an access log in a form that the server's configuration says."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.log_format import Variable, log_line
from clicksession.readers.formats.text_lines import Flags
from clicksession.readers.formats.weblogs.values import (
    changed,
    clients,
    clock_time,
    months_of,
    present,
    request_parts,
    unquoted,
    visitors,
)

__all__ = ["cut_by_form"]

_KINDS = {"whole": pa.int64(), "decimal": pa.float64()}


def cut_by_form(lines: pa.Array, log_format: str) -> tuple[Flags, pa.Table]:
    """Return which lines are of a form, and the rows of those."""
    form = log_line(log_format)
    found = pc.extract_regex(lines, form.pattern)
    fits = np.asarray(found.is_valid())
    for place, field in enumerate(form.fields):
        if field.strict:
            texts = pc.struct_field(found, [place])
            fits &= np.asarray(pc.match_substring_regex(texts, field.strict).fill_null(False))
    values = found.filter(pa.array(fits)).flatten()
    columns: dict[str, pa.Array] = {}
    times: dict[str, dict[str, pa.Array]] = {}
    for field, texts in zip(form.fields, values, strict=True):
        if field.kind == "time":
            times.setdefault(field.name, {})[field.part] = texts
            columns.setdefault(field.name, texts)
        else:
            columns |= _columns(field, texts, form.escape)
    columns |= {name: _time(parts) for name, parts in times.items()}
    if "request" in columns:
        parts = request_parts(columns["request"])
        columns |= {name: texts for name, texts in parts.items() if name not in columns}
    return fits, pa.table(_visitor(form.fields, columns) | columns)


def _columns(field: Variable, texts: pa.Array, escape: str) -> dict[str, pa.Array]:
    if field.kind in _KINDS:
        return {field.name: present(texts).cast(_KINDS[field.kind])}
    if escape == "json":
        texts = changed(texts, "\\", _json_text)
    elif escape == "default":
        texts = unquoted(texts)
    if field.kind == "clients" and field.name == "address":
        return clients(texts.fill_null("-"))
    if field.kind == "user":
        texts = pc.if_else(pc.equal(texts, '""'), None, texts)
    return {field.name: present(texts)}


def _visitor(fields: tuple[Variable, ...], columns: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Return who: by the address of the client, else by the one that a proxy says."""
    names = [field.name for field in fields if field.kind == "clients"]
    if not names:
        return {}
    if "address" in columns:
        address = columns["address"]
    else:
        address = clients(columns[names[0]].fill_null("-"))["address"]
    return {"visitor": visitors(address, columns.get("agent"))}


def _json_text(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False)).encode("utf-8", "replace").decode()
    except ValueError:
        return text


def _time(parts: dict[str, pa.Array]) -> pa.Array:
    """Return a time as ISO 8601, or as a count since 1970."""
    fraction = parts.get("fraction")
    if "clock" in parts:
        return _with_fraction(clock_time(parts["clock"]), fraction)
    if "iso" in parts:
        return _with_fraction(parts["iso"], fraction)
    for part in ("epoch", "epoch_milliseconds", "epoch_microseconds"):
        if part in parts:
            exact = part != "epoch" or fraction is None
            return parts[part] if exact else _joined([parts[part], fraction], ".")
    month = parts["month"] if "month" in parts else months_of(parts["month_name"])
    day = pc.utf8_lpad(pc.utf8_ltrim_whitespace(parts["day"]), 2, "0")
    date = _joined([parts["year"], month, day], "-")
    clock = [parts[name] for name in ("hour", "minute", "second") if name in parts]
    time = _joined([date, _joined(clock, ":")], "T")
    if "zone" in parts:
        time = _joined([time, parts["zone"]], "")
    return _with_fraction(time, fraction)


def _with_fraction(times: pa.Array, fraction: pa.Array | None) -> pa.Array:
    if fraction is None:
        return times
    begin, rest = pc.utf8_slice_codeunits(times, 0, 19), pc.utf8_slice_codeunits(times, 19)
    return _joined([_joined([begin, fraction], "."), rest], "")


def _joined(parts: list[pa.Array], mark: str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, mark)
