"""What a reader is, and what it hands on."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, BinaryIO, Protocol

import pyarrow as pa

from clicksession.numerals import of_decimal
from clicksession.schema import EventSchema

__all__ = [
    "MAX_ROW_BYTES",
    "BadRow",
    "Batch",
    "Reader",
    "Reason",
    "Whereabouts",
    "finite",
    "in_json",
    "plain_value",
]

MAX_ROW_BYTES = 16 * 2**20


class Reason(StrEnum):
    """Why a row is no event.

    Examples
    --------
    >>> Reason("not_json") is Reason.NOT_JSON
    True
    """

    TOO_LONG = "too_long"
    """It is longer than `max_row_bytes`."""
    NOT_UTF8 = "not_utf8"
    """Its bytes are no UTF-8, or not of the encoding that was given."""
    NUL_BYTES = "nul_bytes"
    """It holds bytes of zero, as a file does that a crash cut short."""
    NOT_JSON = "not_json"
    """It is no JSON."""
    NOT_A_NUMBER = "not_a_number"
    """It holds ``NaN`` or ``Infinity``, which are no JSON."""
    HALF_CHARACTER = "half_character"
    r"""It holds half a surrogate pair, such as ``\ud83d`` alone."""
    DUPLICATE_KEYS = "duplicate_keys"
    """One object in it names a key twice."""
    TOO_DEEP = "too_deep"
    """It is nested more than 100 levels deep."""
    TOO_MANY_FIELDS = "too_many_fields"
    """It has more than 4,096 fields, or brings those of all rows above as many."""
    NOT_OBJECT = "not_object"
    """It is a number, a text or a null where an event should be."""
    SEVERAL_LISTS = "several_lists"
    """A list of events beside another in one object, where it is a guess which one is meant."""
    FIELD_COUNT = "field_count"
    """A record with more or fewer fields than its header or its format has.

    Of JSON, an object of columns that are not of one length.
    """
    NOT_LOG_LINE = "not_log_line"
    """It is no line of a log of its format."""
    NOT_A_LIST = "not_a_list"
    """A field is no list of objects, of which the schema says that it is one."""
    OPEN_QUOTE = "open_quote"
    """A record of CSV whose quotation mark is not closed."""
    STRAY_QUOTE = "stray_quote"
    """A record of CSV with something behind the quotation mark that closes a value."""
    BAD_TIME = "bad_time"
    """Its time is no time."""
    FUTURE_TIME = "future_time"
    """Its time is later than `latest`."""
    PAST_TIME = "past_time"
    """Its time is earlier than `earliest`."""
    MISSING_HOUR = "missing_hour"
    """Its time is in an hour that its zone leaves out, as the clocks go forward."""
    AMBIGUOUS_TIME = "ambiguous_time"
    """Its time may be two: a count that reads as a date too, or an hour that comes twice."""
    LONG_ID = "long_id"
    """An id that no index holds."""
    TOO_WIDE = "too_wide"
    """It has more or longer values than a database's row holds."""
    TOO_MANY_COLUMNS = "too_many_columns"
    """It brings a column that a database's table has no room for."""
    FAR_TIME = "far_time"
    """One of its times, other than the event's own, is one that databases do not know."""
    NOT_FINITE = "not_finite"
    """One of its numbers is infinite."""
    TRUNCATED = "truncated"
    """The compressed file ends too soon or is damaged: what was left of a row, or nothing."""
    UNREADABLE = "unreadable"
    """From here on the file could not be read; rows after it were not seen."""


@dataclass(frozen=True)
class BadRow:
    """A row that is no event, as a quarantine keeps it.

    Attributes
    ----------
    file
        Which source it stands in; without any secret.
    place
        Where, as messages say it: ``"line 17"``.
    line
        The line in which it begins, from 1, where the format has lines.
    offset
        Where it begins in the decompressed source, in bytes, where that is known.
    reason
        A `Reason`.
    detail
        The reason as a sentence, with what was found.
    raw
        The bytes of the row as they stand in the source; as UTF-8, where the source is CSV of
        another encoding. Of one that is too long, the beginning.
    size
        How many bytes the whole row has.
    format
        By which reader `raw` can be read again.
    header
        What that reader needs to see before it.

    Examples
    --------
    >>> import clicksession as cs
    >>> report = cs.ReadReport()
    >>> rows = [{"user_id": 1, "timestamp": "yesterday"}]
    >>> _ = cs.read_events(rows, on_error="quarantine", report=report)
    >>> bad = next(iter(report.quarantine))
    >>> bad.place, bad.reason
    ('row 1', 'bad_time')
    """

    file: str
    place: str
    line: int | None
    offset: int | None
    reason: str
    detail: str
    raw: bytes
    size: int
    format: str = ""
    header: bytes = b""


@dataclass(frozen=True)
class Whereabouts:
    """Where one row of a batch stands, and its bytes."""

    line: int | None
    offset: int | None
    raw: bytes
    format: str = ""
    header: bytes = b""

    def bad_row(
        self, source: str, reason: Reason, detail: str, place: str = "", size: int | None = None
    ) -> BadRow:
        """Return the row as one that is no event; `size`, where there is more of it than `raw`."""
        return BadRow(
            file=source,
            place=place or f"line {self.line}",
            line=self.line,
            offset=self.offset,
            reason=reason,
            detail=detail,
            raw=self.raw,
            size=len(self.raw) if size is None else size,
            format=self.format,
            header=self.header,
        )


@dataclass(frozen=True)
class Batch:
    """Some consecutive rows of one source.

    Attributes
    ----------
    rows
        One column per source path (``"event.user-agent"``), of text, numbers, booleans or times;
        what is nested deeper than objects is JSON text.
    numbers
        Where each row stands in its source, counted from 1.
    unit
        What `numbers` count: ``"line"``, ``"element"`` or ``"record"``.
    refused
        Rows among these that are no events. They are not in `rows`.
    find
        Gives the whereabouts of a row; left out, a row that turns out to be bad (by its time) is
        kept as JSON.
    mixed
        Paths whose values had several types here, and became text; with the names of the types.
    truths
        Of these paths, those with a true or false that became text, and the rows in which: it is
        no user there, as it is none by itself.
    format
        By which reader the bytes of a row can be read again; left out, by the one that gave them.
    has_nuls
        Whether a text may hold a NUL (U+0000).

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> rows = pa.table({"who": ["ann", "bob"], "when": ["2024-05-01", "2024-05-02"]})
    >>> Batch(rows, np.array([1, 2]), "line").unit
    'line'
    """

    rows: pa.Table
    numbers: Sequence[int]
    unit: str
    refused: Sequence[BadRow] = ()
    find: Callable[[int], Whereabouts] | None = None
    mixed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    truths: Mapping[str, Sequence[int]] = field(default_factory=dict)
    format: str = ""
    has_nuls: bool = True

    def taken(self, rows: Sequence[int]) -> "Batch":
        """Return these rows of the batch, in their order; what is refused stays."""
        find = self.find
        truths: dict[str, Sequence[int]] = {}
        for path, those in self.truths.items():
            known = set(those)
            truths[path] = [place for place, row in enumerate(rows) if row in known]
        return replace(
            self,
            rows=self.rows.take(pa.array(rows, pa.int64())),
            numbers=[self.numbers[row] for row in rows],
            find=None if find is None else lambda row: find(rows[row]),
            truths=truths,
        )

    def place(self, row: int) -> str:
        """Return where a row stands, for a message: ``line 17``."""
        return f"{self.unit} {self.numbers[row]}"

    def whereabouts(self, row: int) -> Whereabouts:
        """Return where a row stands, and its bytes; of one without any, its values as JSON."""
        if self.find:
            return self.find(row)
        columns = zip(self.rows.column_names, self.rows.columns, strict=True)
        values = {name: plain_value(column, row) for name, column in columns}
        text = json.dumps(_nested(values), ensure_ascii=False, default=in_json)
        line = self.numbers[row] if self.unit == "line" else None
        return Whereabouts(line, None, text.encode("utf-8", "surrogatepass"), "json")

    def bad_row(self, row: int, source: str, reason: Reason, detail: str) -> BadRow:
        """Return a row of the batch as one that is no event after all."""
        found = self.whereabouts(row)
        place = self.place(row)
        if self.unit == "element" and found.line is not None:
            place = f"{place}, line {found.line}"
        row_format = found.format or self.format
        return replace(found, format=row_format).bad_row(source, reason, detail, place)


def finite(value: Any) -> Any:
    """Return a value, an infinite number as text: JSON has no such number."""
    if not isinstance(value, float) or not math.isinf(value):
        return value
    return "Infinity" if value > 0 else "-Infinity"


def plain_value(column: pa.ChunkedArray, row: int) -> Any:
    """Return one value of a column; NaN as null, a time that Python cannot hold as text."""
    try:
        value = column[row].as_py()
        return None if isinstance(value, float) and math.isnan(value) else finite(value)
    except (ValueError, OverflowError):
        return str(column.slice(row, 1).cast(pa.string())[0])


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a row as objects within objects, which lead to the same paths."""
    record: dict[str, Any] = {}
    for path, value in values.items():
        *above, name = path.split(".")
        inner = record
        for key in above:
            inner = inner.setdefault(key, {}) if isinstance(inner, dict) else inner
        if isinstance(inner, dict) and not isinstance(inner.get(name), dict):
            inner[name] = value
        else:
            # A value stands on the way.
            record[path] = value
    return record


def in_json(value: object) -> object:
    """Return a value that JSON does not have as one that it has: a decimal as a number."""
    return of_decimal(value) if isinstance(value, Decimal) else str(value)


class Reader(Protocol):
    """Turns the bytes of one source into batches of flat rows.

    A reader that has one of these attributes is given its value: `max_row_bytes`, the longest row
    that the user accepts; `columns`, the names of the columns where the source does not hold them;
    `form`, the value of `clicksession.formats` that says what is particular about the source;
    `known`, the paths that all rows have without it, as from the names of its folders.
    One with `seekable = True` is given a stream that can be sought.
    """

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source, in its order.

        A row that is no event goes into a batch's `refused`, and the reading goes on after it.

        Parameters
        ----------
        stream
            The decompressed bytes.
        source
            What to call the source in errors; it holds no secret.
        schema
            Which paths feed the canonical columns: some formats need it to tell an event from an
            object that holds events.

        Raises
        ------
        BadRowError
            Something that ends the reading of this source: rows after it cannot be found.
        """
        ...
