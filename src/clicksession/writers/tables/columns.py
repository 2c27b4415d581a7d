"""The types of a table's columns, and what they hold."""

from typing import Any

import pyarrow as pa
from sqlalchemy import BigInteger
from sqlalchemy.dialects.mysql import TINYINT
from sqlalchemy.types import Boolean, DateTime, Double, Float, Integer, Numeric, TypeEngine

from clicksession.sql.tables import Instant, Key, Words

__all__ = [
    "INSTANT",
    "arrow_type",
    "as_written",
    "family_of",
    "sql_type",
]

INSTANT = pa.timestamp("us", "UTC")

# Ids that tell one thing from another; where they are text, it can be indexed.
_IDS = ("event_id", "user_id")


def sql_type(name: str, kind: pa.DataType) -> TypeEngine[Any]:
    """Return the column type that keeps values of an Arrow type in this column."""
    if name == "event_type":
        # Metrics compare it with words, whatever a log has.
        return Words()
    if name in _IDS and not pa.types.is_integer(kind):
        return Key()
    if pa.types.is_integer(kind):
        return BigInteger()
    if pa.types.is_floating(kind):
        return Double()
    if pa.types.is_boolean(kind):
        return Boolean()
    return Instant() if pa.types.is_timestamp(kind) else Words()


def as_written(name: str, there: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return our own type for a column, which knows how to hand over instants and keys."""
    family = family_of(there)
    if family == "text":
        return Key() if name in _IDS else Words()
    if family == "decimal":
        # As floats, which is what is put in: databases would hand out decimals of a few digits.
        return Double()
    if family == "boolean":
        # MariaDB calls it a small number.
        return Boolean()
    return Instant() if family == "time" else there


def arrow_type(kind: TypeEngine[Any]) -> pa.DataType:
    """Return the Arrow type of a column of a table."""
    return _ARROW[family_of(kind)]


def family_of(kind: TypeEngine[Any]) -> str:
    """Return what a type holds: ``boolean``, ``whole``, ``decimal``, ``time`` or ``text``."""
    families: tuple[tuple[type | tuple[type, ...], str], ...] = (
        ((Boolean, TINYINT), "boolean"),
        (Integer, "whole"),
        ((Numeric, Float), "decimal"),
        (DateTime, "time"),
    )
    generic = getattr(kind, "impl_instance", kind)
    return next((family for base, family in families if isinstance(generic, base)), "text")


_ARROW = {
    "boolean": pa.bool_(),
    "whole": pa.int64(),
    "decimal": pa.float64(),
    "time": INSTANT,
    "text": pa.large_string(),
}
