"""Read the columns that rules look at: kinds of events, values that change, own timeouts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import in_one
from clicksession.engines.columns import NANOSECONDS, as_arrow
from clicksession.errors import ParameterError
from clicksession.rules import Rules, reasons

__all__ = ["Marks", "own_timeouts", "read_marks", "values_of"]

Integers = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Marks:
    """Which rows are events of one kind: 0 for none, else the number of the cause, from 1 on."""

    labels: Labels
    causes: tuple[str, ...]

    @property
    def are(self) -> npt.NDArray[np.bool_]:
        """Whether each row is of the kind."""
        return self.labels > 0


def read_marks(events: pd.DataFrame, rules: Rules, kind: str, who: str) -> Marks | None:
    """Return which rows are events of a kind (``"start"``, …), or None without such a rule.

    An event of a type that the rules name is told by its type, and else by the boolean column.
    """
    types, column = rules.names(f"{kind}_events"), getattr(rules, f"{kind}_column")
    if not types and not column:
        return None
    labels = np.zeros(len(events), dtype=np.int32)
    if column:
        labels[_flags(events[column], who, f"{kind}_column")] = len(types) + 1
    if types:
        found = pc.index_in(_texts(events[rules.type_column]), pa.array(types, pa.large_string()))
        numbers = np.asarray(found.fill_null(-1), dtype=np.int32)
        labels = np.where(numbers >= 0, numbers + 1, labels)
    causes = [*map(reasons.event, types), *([reasons.column(column)] if column else [])]
    return Marks(labels, tuple(causes))


def values_of(column: pd.Series) -> Integers:
    """Return a number for each value of a column, the same for equal ones; -1 for none.

    None is a null, or an empty text.
    """
    if isinstance(column.dtype, pd.ArrowDtype) and pa.types.is_dictionary(
        column.dtype.pyarrow_dtype
    ):
        decoded = pa.array(column).dictionary_decode()
        column = pd.Series(pd.array(decoded, dtype=pd.ArrowDtype(decoded.type)))
    if pd.api.types.is_float_dtype(column.dtype):
        # Zero has two signs and is one number.
        column = column + 0.0
    codes, values = pd.factorize(column)
    empty = [number for number, value in enumerate(values) if isinstance(value, str) and not value]
    codes = codes.astype(np.int64)
    codes[np.isin(codes, empty)] = -1
    return codes


def own_timeouts(column: pd.Series, default: int, who: str) -> Integers:
    """Return each row's own timeout in nanoseconds, and the default where it has none."""
    values = _values(column)
    if values.null_count == len(values):
        values = pa.nulls(len(values), pa.duration("ns"))
    if not pa.types.is_duration(values.type):
        must = "a column of durations (timedelta64)"
        got = f"{column.name} ({column.dtype})"
        raise ParameterError(who, "timeout_column", must, got, "Use pandas.to_timedelta(…).")
    scale = NANOSECONDS[values.type.unit]
    counts = values.cast(pa.int64())
    if pc.any(pc.less_equal(counts, 0)).as_py():
        must = "a column of positive durations, with a null for those without their own"
        got = str(pd.Timedelta(pc.min(counts).as_py() * scale, unit="ns"))
        raise ParameterError(who, "timeout_column", must, got)
    # A timeout of centuries is as good as none that is longer.
    longest = np.iinfo(np.int64).max // 2
    counts = np.minimum(np.asarray(counts.fill_null(0)), longest // scale) * scale
    return np.where(counts > 0, counts, min(default, longest))


def _flags(column: pd.Series, who: str, parameter: str) -> npt.NDArray[np.bool_]:
    values = _values(column)
    if values.null_count == len(values):
        return np.zeros(len(column), dtype=bool)
    if not pa.types.is_boolean(values.type):
        must = "a column of True and False"
        raise ParameterError(who, parameter, must, f"{column.name} ({column.dtype})")
    return np.asarray(values.fill_null(False), dtype=bool)


def _values(column: pd.Series) -> pa.Array:
    """Return a column in the type that its values have; in that of text if they have several."""
    try:
        values = pa.array(column, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return as_arrow(column)
    return in_one(values)


def _texts(column: pd.Series) -> pa.Array:
    values = as_arrow(column)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    return values.cast(pa.large_string())
