"""The lines below a ``#Fields:`` of the W3C's extended log format, as rows."""

import re
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.base import Reason
from clicksession.readers.formats.text_lines import shown
from clicksession.readers.formats.weblogs.cutting import columns_of
from clicksession.readers.formats.weblogs.values import present
from clicksession.readers.formats.weblogs.w3c_values import DECIMAL, WHOLE, table_of
from clicksession.readers.rows.naming import distinct

__all__ = ["Declared", "rows_of"]

Places = npt.NDArray[np.int64]
Wrong = dict[int, tuple[Reason, str]]

_MOST_FIELDS = 4_096
_DATE = re.compile(r"\s*(\d{4}-\d\d-\d\d)\s+(\d\d:\d\d:\d\d)")
_FIELD = {mark: re.compile(rf'"((?:[^"]|"")*)"|([^"{mark}][^{mark}]*|)') for mark in (" ", "\t")}
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
# What holds a time or a number in every log: a text there says that the line has other fields.
_WHOLE = (r"^\d{1,18}$", "whole number")
_DECIMAL = (r"^-?\d{1,15}(\.\d+)?$", "number")
_FORMS = {
    "date": (r"^\d{4}-\d\d-\d\d$", "date"),
    "time": (r"^\d\d:\d\d(:\d\d([.,]\d+)?)?$", "time of day"),
    **dict.fromkeys(WHOLE, _WHOLE),
    **dict.fromkeys(DECIMAL, _DECIMAL),
}


@dataclass(frozen=True)
class Declared:
    """What directives say of the lines below them.

    Attributes
    ----------
    fields
        The names, in their order.
    needs_date
        Whether the lines hold the time of day alone.
    date, clock
        The day and the time at which the log was begun, or gone on with.
    """

    fields: tuple[str, ...] = ()
    needs_date: bool = False
    date: str = ""
    clock: str = ""

    def after(self, directive: str) -> "Declared":
        """Return what holds below a further directive."""
        name, _, value = directive.removeprefix("#").partition(":")
        if name.strip().lower() == "fields":
            names = tuple(distinct(value.split()))
            return replace(self, fields=names, needs_date="time" in names and "date" not in names)
        if name.strip().lower() == "date" and (found := _DATE.match(value)):
            return replace(self, date=found[1], clock=found[2])
        return self

    @property
    def header(self) -> bytes:
        """The directives without which the lines cannot be read."""
        if not self.fields:
            return b""
        date = f"#Date: {self.date} {self.clock}\n" if self.date and self.needs_date else ""
        return f"{date}#Fields: {' '.join(self.fields)}\n".encode()

    def means(self, other: "Declared") -> bool:
        """Say whether lines mean the same below the other; at no cost where nothing was said."""
        same = self.fields is other.fields or self.fields == other.fields
        return same and (
            not self.needs_date or (self.date, self.clock) == (other.date, other.clock)
        )


def rows_of(lines: pa.Array, declared: Declared) -> tuple[pa.Table, Wrong]:
    """Return the rows of lines, and which lines are none, with what is wrong."""
    said = "" if declared.fields else "no #Fields line before it says what its fields are"
    if len(declared.fields) > _MOST_FIELDS:
        said = f"#Fields names {len(declared.fields):,} fields, more than {_MOST_FIELDS:,}"
    if said:
        return pa.table({}), dict.fromkeys(range(len(lines)), (Reason.NOT_LOG_LINE, said))
    places, values = _fields_of(lines, len(declared.fields))
    count = f"it has not the {len(declared.fields)} fields that #Fields names"
    wrong: Wrong = {
        place: (Reason.FIELD_COUNT, f"{count}: {shown(lines[place].as_py())}")
        for place in np.setdiff1d(np.arange(len(lines)), places).tolist()
    }
    columns = dict(zip(declared.fields, map(present, values), strict=True))
    misfits = _misfits(columns, declared)
    wrong |= {int(places[row]): (Reason.NOT_LOG_LINE, said) for row, said in misfits.items()}
    good = np.ones(len(places), dtype=bool)
    good[list(misfits)] = False
    mask = pa.array(good)
    columns = {name: column.filter(mask) for name, column in columns.items()}
    return table_of(columns, declared.date if declared.needs_date else ""), wrong


def _misfits(columns: dict[str, pa.Array], declared: Declared) -> dict[int, str]:
    """Return the rows that hold in a field what cannot stand there."""
    found: dict[int, str] = {}
    for name in [name for name in _FORMS if name in columns]:
        pattern, kind = _FORMS[name]
        fits = pc.match_substring_regex(columns[name], pattern).fill_null(True)
        for row in np.flatnonzero(~np.asarray(fits)).tolist():
            value = columns[name][row].as_py()
            found.setdefault(row, f"{name} is no {kind}: {shown(value)}")
    if declared.needs_date:
        clocks = columns["time"]
        # A day that went by in the log is told by no directive.
        early = pc.less(clocks, declared.clock) if declared.date else pc.is_valid(clocks)
        said = f"its time is before that of #Date, {declared.date} {declared.clock}"
        said = said if declared.date else "neither it nor a #Date line says the day of its time"
        for row in np.flatnonzero(np.asarray(early.fill_null(False))).tolist():
            found.setdefault(row, said)
    return found


def _fields_of(lines: pa.Array, count: int) -> tuple[Places, list[pa.Array]]:
    """Return which lines have so many fields, and a column of each field, without quotes.

    A line that holds a tab outside of quotes has its fields between tabs, else between blanks.
    Between blanks, no field is empty.
    """
    texts = _trimmed(lines, count)
    quoted = np.asarray(pc.match_substring(texts, '"'))
    tabs = np.asarray(pc.match_substring(texts, "\t"))
    parts = [_alike(texts, ~quoted & tabs, "\t", count), _alike(texts, ~quoted & ~tabs, " ", count)]
    if quoted.any():
        parts.append(_one_by_one(texts, quoted, count))
    parts = [part for part in parts if len(part[0])]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return np.zeros(0, dtype=np.int64), [pa.array([], pa.string())] * count
    places = np.concatenate([part[0] for part in parts])
    order = np.argsort(places)
    columns = zip(*(part[1] for part in parts), strict=True)
    return places[order], [pa.concat_arrays(column).take(pa.array(order)) for column in columns]


def _trimmed(lines: pa.Array, count: int) -> pa.Array:
    """Return lines without what some writers leave at the end of each."""
    texts = pc.ascii_rtrim(lines, " ")
    # CloudFront's own example holds a line with a tab at its end.
    extra = pc.and_(pc.ends_with(texts, "\t"), pc.equal(pc.count_substring(texts, "\t"), count))
    return pc.if_else(extra, pc.ascii_rtrim(texts, "\t"), texts) if pc.any(extra).as_py() else texts


def _alike(
    texts: pa.Array, which: npt.NDArray[np.bool_], mark: str, count: int
) -> tuple[Places, list[pa.Array]]:
    fits = np.asarray(pc.equal(pc.count_substring(texts, mark), count - 1)) & which
    if mark == " ":
        empty = pc.or_(pc.match_substring(texts, "  "), pc.starts_with(texts, " "))
        fits &= ~np.asarray(empty) & np.asarray(pc.not_equal(texts, ""))
    places = np.flatnonzero(fits)
    some = texts if len(places) == len(texts) else texts.take(pa.array(places))
    return places, columns_of(pc.split_pattern(some, mark).flatten(), count)


def _one_by_one(
    texts: pa.Array, which: npt.NDArray[np.bool_], count: int
) -> tuple[Places, list[pa.Array]]:
    places, rows = [], []
    for place in np.flatnonzero(which).tolist():
        fields = _fields(texts[place].as_py(), count)
        if len(fields) == count:
            places.append(place)
            rows.append(fields)
    columns = list(zip(*rows, strict=True)) or [()] * count
    return np.array(places, dtype=np.int64), [pa.array(column, pa.string()) for column in columns]


def _fields(line: str, count: int) -> list[str]:
    """Return the fields of a line that holds a quotation mark; none, where they cannot be told.

    Where there are more than `count`, not all of them.
    """
    mark = "\t" if "\t" in _QUOTED.sub("", line) else " "
    fields: list[str] = []
    place = 0
    while place <= len(line) and len(fields) <= count:
        found = _FIELD[mark].match(line, place)
        end = found.end() if found else place
        if found is None or line[end : end + 1] not in ("", mark):
            return []
        quoted, bare = found.groups()
        if mark == " " and not bare and quoted is None:
            return []
        fields.append(bare if quoted is None else quoted.replace('""', '"'))
        place = end + 1
    return fields
