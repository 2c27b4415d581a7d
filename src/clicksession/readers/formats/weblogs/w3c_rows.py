"""The lines below a ``#Fields:`` of the W3C's extended log format, as rows."""

import re
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.base import Reason
from clicksession.readers.formats.text_lines import shown
from clicksession.readers.formats.weblogs.values import present
from clicksession.readers.formats.weblogs.w3c_fields import fields_of
from clicksession.readers.formats.weblogs.w3c_values import DECIMAL, WHOLE, table_of
from clicksession.readers.rows.naming import distinct

__all__ = ["Declared", "rows_of"]

Wrong = dict[int, tuple[Reason, str]]

_MOST_FIELDS = 4_096
_DATE = re.compile(r"\s*(\d{4}-\d\d-\d\d)\s+(\d\d:\d\d:\d\d)")
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
    places, values = fields_of(lines, len(declared.fields))
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
