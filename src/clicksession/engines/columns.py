"""Read a frame's user and time columns as integers that arrays can work on."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import ENDLESS, FLOAT_HOLDS, in_one, is_text, text_of
from clicksession.engines.keys import Codes, Keys, Texts
from clicksession.engines.taking import shares, taken
from clicksession.engines.threads import in_threads
from clicksession.errors import ParameterError

__all__ = ["Times", "Users", "as_arrow", "read_ids", "read_times", "read_users", "zone_of"]

NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}

# Codes for integers are their distance from the smallest one, as long as it fits these bits.
_CODE_BITS = 40

# What stands for no time in numpy and pandas.
_NO_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Users:
    """Whose each row is; rows without a user have ``known`` false."""

    ids: pa.Array

    @cached_property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which rows have a user."""
        if self.ids.null_count:
            return np.asarray(self.ids.is_valid())
        return np.ones(len(self.ids), dtype=bool)

    @property
    def codes(self) -> npt.NDArray[np.int64]:
        """One code per row that says which user it is, and 0 where it is none."""
        return self._coding.codes

    @cached_property
    def keys(self) -> Keys:
        """What rows are put in order by: short texts are cheaper by themselves than by codes."""
        texts = Texts.of(self.ids) if is_text(self.ids.type) else None
        return texts or Codes(self.codes)

    def names(self, codes: npt.NDArray[np.int64]) -> pa.Array:
        """Return the users of these codes, in the type of the source."""
        if self._coding.names is None:
            return pa.array(codes + self._coding.smallest)
        return self._coding.names.take(pa.array(codes))

    def of_rows(self, rows: npt.NDArray[np.int64]) -> pa.Array:
        """Return the users of these rows, as `names` does."""
        if is_text(self.ids.type):
            return taken(self.ids, pa.array(rows)).combine_chunks()
        return self.names(self.codes[rows])

    def ranks(self) -> npt.NDArray[np.int64]:
        """Return codes in the order of the users: of numbers by value, of texts by code points."""
        names = self._coding.names
        if names is None:
            return self.codes
        # One at least: a row without a user has the code 0 where there are no users too.
        ranks = np.zeros(max(len(names), 1), dtype=np.int64)
        ranks[np.asarray(pc.sort_indices(names))] = np.arange(len(names))
        return ranks[self.codes]

    @cached_property
    def _coding(self) -> "_Coding":
        ids, known = self.ids, self.known
        if pa.types.is_integer(ids.type) and ids.type != pa.uint64():
            numbers = np.asarray(ids.cast(pa.int64()).fill_null(0))
            present = numbers if known.all() else numbers[known]
            if len(present):
                low, high = int(present.min()), int(present.max())
                if (high - low).bit_length() <= _CODE_BITS:
                    codes = numbers - low
                    codes[~known] = 0
                    return _Coding(codes, None, low)
        return _Coding(*_encoded(ids))


@dataclass(frozen=True)
class _Coding:
    """A code for each row; the user of each code, or None where it is a distance from a number."""

    codes: npt.NDArray[np.int64]
    names: pa.Array | None
    smallest: int = 0


@dataclass(frozen=True)
class Times:
    """One count of units since 1970 in UTC per row; ``known`` is false where none is an instant."""

    counts: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]
    unit: str

    @property
    def nanoseconds_per_unit(self) -> int:
        """How many nanoseconds one count is worth."""
        return NANOSECONDS[self.unit]

    def microseconds(self, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return these counts in whole microseconds, rounded down."""
        if self.unit == "ns":
            return counts // 1000
        return counts * (NANOSECONDS[self.unit] // 1000)


def read_users(column: pd.Series, *, who: str, parameter: str) -> Users:
    """Return a code per row for a column of user ids.

    Two rows are of one user when their ids are the same text. Whole numbers that pandas holds as
    floats, as it does beside a null, are those numbers: ``1403.0`` is user ``1403``.
    """
    return Users(read_ids(column, who=who, parameter=parameter))


def _encoded(ids: pa.Array) -> tuple[npt.NDArray[np.int64], pa.Array]:
    """Return a code for each id, and the id of each code; a null has the code 0."""
    encoded = in_threads(lambda part: ids[part].dictionary_encode(), shares(len(ids)))
    chunks = pa.chunked_array(encoded).unify_dictionaries().chunks
    codes = [np.asarray(chunk.indices.fill_null(0), dtype=np.int64) for chunk in chunks]
    return np.concatenate(codes), chunks[-1].dictionary


def read_times(column: pd.Series, *, who: str, parameter: str) -> Times:
    """Return the instants of a column of times: aware ones in UTC, naive ones read as UTC.

    An infinite time, which databases write as the last count that there is, is no instant.
    """
    kind = column.dtype
    if isinstance(kind, pd.ArrowDtype) and pa.types.is_timestamp(kind.pyarrow_dtype):
        return _arrow_times(column)
    times = _as_datetimes(column, who=who, parameter=parameter)
    if isinstance(times.dtype, pd.DatetimeTZDtype):
        times = times.dt.tz_convert("UTC").dt.tz_localize(None)
    instants = times.to_numpy()
    unit, counts = np.datetime_data(instants.dtype)[0], instants.view(np.int64)
    return Times(counts, _are_instants(counts), unit)


def _are_instants(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which counts are of a moment: neither of no time nor of an infinite one."""
    known = counts > -ENDLESS
    if len(counts) and counts.max() == ENDLESS:
        known &= counts < ENDLESS
    return known


def zone_of(column: pd.Series) -> tzinfo | str | None:
    """Return the zone of a column of times, or None for naive ones; of several zones, UTC."""
    if isinstance(column.dtype, pd.ArrowDtype):
        zone: str | None = getattr(column.dtype.pyarrow_dtype, "tz", None)
        return zone
    if column.dtype == object:
        return UTC if any(getattr(time, "tzinfo", None) for time in column) else None
    return getattr(column.dtype, "tz", None)


def read_ids(column: pd.Series, *, who: str, parameter: str) -> pa.Array:
    """Return a column of ids as whole numbers or as text, with a null for each that is missing."""
    ids = as_arrow(column)
    if pa.types.is_dictionary(ids.type):
        ids = ids.dictionary_decode()
    if pa.types.is_floating(ids.type):
        return _whole_numbers(ids, column, who=who, parameter=parameter)
    if pa.types.is_integer(ids.type) or is_text(ids.type):
        return ids
    if pa.types.is_null(ids.type):
        return ids.cast(pa.string())
    raise ParameterError(
        who,
        parameter,
        "a column of text or whole numbers",
        f"{column.name} ({column.dtype})",
        "Convert it to text first, in pandas with .astype(str).",
    )


def as_arrow(column: pd.Series) -> pa.Array:
    """Return a column as one Arrow array; objects of mixed types as their text."""
    if column.dtype == object:
        # The same text is the same user, whatever the objects are: 7, "7", UUID(...).
        kinds = ("integer", "floating", "mixed-integer-float")
        if pd.api.types.infer_dtype(column, skipna=True) not in kinds:
            column = column.map(_id_text, na_action="ignore")
    array = pa.array(column, from_pandas=True)
    return in_one(array)


def _id_text(value: object) -> str:
    # A number of more digits than a float has is not the whole number that these digits show.
    return text_of(float(value)) if isinstance(value, float) else str(value)


def _whole_numbers(ids: pa.Array, column: pd.Series, *, who: str, parameter: str) -> pa.Array:
    ids = ids.cast(pa.float64())
    ids = pc.if_else(pc.is_nan(ids), pa.scalar(None, pa.float64()), ids)
    # From 2**53 on a float has lost digits: two users may have become one.
    lossy = pc.any(pc.greater_equal(pc.abs(ids), float(FLOAT_HOLDS))).as_py()
    if lossy or (not pc.all(pc.equal(ids, pc.floor(ids))).as_py() and ids.null_count < len(ids)):
        raise ParameterError(
            who,
            parameter,
            "a column of text or whole numbers",
            f"{column.name} ({column.dtype}, with fractions or digits lost)",
            "Read the ids as text or as Int64.",
        )
    return ids.cast(pa.int64())


def _arrow_times(column: pd.Series) -> Times:
    # Arrow keeps instants in UTC, whatever the zone: its counts are what is wanted.
    times = as_arrow(column)
    counts = times.view(pa.int64())
    if counts.null_count:
        counts = counts.fill_null(_NO_TIME)
    instants = np.asarray(counts)
    return Times(instants, _are_instants(instants), times.type.unit)


def _as_datetimes(column: pd.Series, *, who: str, parameter: str) -> pd.Series:
    # Of Arrow's types, pandas takes dates for times too.
    kind = column.dtype
    if pd.api.types.is_datetime64_any_dtype(kind) and not isinstance(kind, pd.ArrowDtype):
        return column
    inferred = pd.api.types.infer_dtype(column, skipna=True) if column.dtype == object else ""
    if inferred == "datetime" or len(column) == 0 or bool(column.isna().all()):
        # Several zones in one column stay Python objects in pandas; as instants they agree.
        return pd.to_datetime(column, utc=True)
    raise ParameterError(
        who,
        parameter,
        "a column of times",
        f"{column.name} ({column.dtype})",
        "Convert it first, in pandas with pandas.to_datetime(…, utc=True).",
    )
