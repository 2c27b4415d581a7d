"""What a picture is of: the columns of an answer, as lists."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from clicksession.errors import ParameterError

__all__ = ["choose", "columns_of", "instant_of", "require"]


def columns_of(
    answer: Any, who: str, *needed: str, parameter: str = "answer"
) -> dict[str, list[Any]]:
    """Return the columns of a frame as lists in which what is null is None, and so is a NaN.

    Parameters
    ----------
    answer
        A frame of pandas, Polars or Arrow.
    who, parameter
        Named in an error.
    needed
        Columns that must be there.

    Raises
    ------
    ParameterError
        It is no frame, or lacks one of these columns.
    """
    if not hasattr(answer, "__arrow_c_stream__"):
        must = "a frame of pandas, Polars or Arrow, as a metric gives"
        raise ParameterError(who, parameter, must, answer)
    table = pa.table(answer)
    for name in needed:
        require(name, table.column_names, who, parameter)
    return {name: list(map(_known, table[name].to_pylist())) for name in table.column_names}


def choose(value: object, who: str, parameter: str, *allowed: object) -> None:
    """Refuse what is none of these."""
    if value not in allowed:
        raise ParameterError(who, parameter, " or ".join(map(repr, allowed)), value)


def instant_of(time: Any) -> Any:
    """Return a time of a zone in UTC, and all else as it is.

    To Python, times of one zone are equal where clocks show the same, also in the hour that comes
    twice when they are set back.
    """
    is_zoned = isinstance(time, datetime) and time.tzinfo is not None
    return time.astimezone(UTC) if is_zoned else time


def require(name: str, names: list[str], who: str, parameter: str) -> None:
    """Refuse a frame without this column."""
    if name not in names:
        got = f"the columns {', '.join(map(repr, names)) or 'of none'}"
        raise ParameterError(who, parameter, f"a frame with a column {name!r}", got)


def _known(value: Any) -> Any:
    return None if value != value else value
