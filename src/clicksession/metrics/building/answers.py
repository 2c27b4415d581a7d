"""Answers as frames: rows of a statement in the types of a frame, of the library that was given."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from clicksession.engines.frames import in_memory
from clicksession.errors import ParameterError
from clicksession.metrics.building.scope import Period

__all__ = ["as_frame", "as_given", "is_frame"]


def is_frame(data: Any) -> bool:
    """Say whether this is a frame, of any library that speaks Arrow."""
    return hasattr(data, "__arrow_c_stream__")


def as_frame(
    names: list[str], rows: Sequence[Any], periods: Mapping[str, Period] | None = None
) -> Any:
    """Return rows as a DataFrame; through Arrow, which types columns that hold nulls.

    Hours become times in their zones, other periods the midnight of their first day, without one.
    """
    import pyarrow as pa

    columns = [[_plain(value) for value in values] for values in zip(*rows, strict=True)]
    known = periods or {}
    pairs = zip(names, columns or [[] for _ in names], strict=True)
    table = pa.table([_column(values, known.get(name)) for name, values in pairs], names=names)
    # Not as floats, which pandas makes of whole numbers beside a null: large ones would be equal.
    frame = table.to_pandas(integer_object_nulls=True)
    with_nulls = [
        field.name
        for field, column in zip(table.schema, table.columns, strict=True)
        if pa.types.is_integer(field.type) and column.null_count
    ]
    return frame.astype(dict.fromkeys(with_nulls, "Int64"))


def as_given(answer: Any, data: Any) -> Any:
    """Return a table as a frame of the library that `data` is of, where that is Polars or Arrow."""
    if not is_frame(data) or not hasattr(answer, "columns"):
        return answer
    try:
        library = in_memory(data, who="compute", parameter="data")
    except ParameterError:
        # Of other libraries whose frames speak Arrow, not all can be made of rows.
        return answer
    return library.made_of(answer)


def _column(values: list[Any], period: Period | None) -> Any:
    import pyarrow as pa

    if period is None:
        return pa.array(values)
    if period.unit == "hour":
        return pa.array(values, pa.timestamp("us", period.zone))
    # A day is no instant, so that its midnight has no zone: clocks may pass over it.
    return pa.array(values, pa.date32()).cast(pa.timestamp("us"))


def _plain(value: Any) -> Any:
    """Return a value as every database would give it: what some average to decimals is a float."""
    return float(value) if isinstance(value, Decimal) else value
