"""Fields as the texts that a `Join` of a schema puts together."""

import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import as_text, is_text
from clicksession.numerals import of_decimals

__all__ = ["part_of_time", "texts"]


def texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as text; a whole number is spelled as one, whatever holds it."""
    if pa.types.is_decimal(column.type):
        column = of_decimals(column)
    return (column if is_text(column.type) else as_text(column)).cast(pa.string())


def part_of_time(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of dates, or of times of day, as text that can be joined; empty as null.

    A moment at midnight is its date, as frames keep dates.
    """
    kind = column.type
    if pa.types.is_timestamp(kind):
        found = column.cast(pa.timestamp(kind.unit)).cast(pa.string())
        return pc.replace_substring_regex(found, r" 00:00:00(\.0+)?$", "")
    found = texts(column)
    if pa.types.is_time(kind):
        found = pc.replace_substring_regex(found, r"\.0+$", "")
    # What frames write of whole numbers beside a null: 20240501.0.
    found = pc.replace_substring_regex(found, r"^([0-9]+)\.0+$", r"\1")
    return pc.if_else(pc.equal(found, ""), pa.scalar(None, pa.string()), found)
