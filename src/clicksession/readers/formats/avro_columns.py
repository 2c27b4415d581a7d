"""From the values that Avro's reader gives to columns: one for each path."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pyarrow as pa

from clicksession.readers.rows.flattening import leaves
from clicksession.readers.rows.types import column_of, kinds_of

__all__ = ["AvroColumns", "unmarked"]

Column = tuple[str, pa.Array, frozenset[str]]

_PLAIN = {
    "boolean": pa.bool_(),
    "int": pa.int64(),
    "long": pa.int64(),
    "float": pa.float64(),
    "double": pa.float64(),
    "string": pa.string(),
    "enum": pa.string(),
    "bytes": pa.binary(),
}
# Numbers that mean a time, with what they mean.
_TIMES = {
    "timestamp-millis": (pa.int64(), pa.timestamp("ms", "UTC")),
    "timestamp-micros": (pa.int64(), pa.timestamp("us", "UTC")),
    "timestamp-nanos": (pa.int64(), pa.timestamp("ns", "UTC")),
    "local-timestamp-millis": (pa.int64(), pa.timestamp("ms")),
    "local-timestamp-micros": (pa.int64(), pa.timestamp("us")),
    "local-timestamp-nanos": (pa.int64(), pa.timestamp("ns")),
    "date": (pa.int32(), pa.date32()),
    "time-millis": (pa.int32(), pa.time32("ms")),
    "time-micros": (pa.int64(), pa.time64("us")),
}
_MARK = "clicksession-time"

# Of a decimal, before it takes twice the room.
_DIGITS = 38


def unmarked(kind: Any) -> Any:
    """Return a schema whose times are numbers, but for those within arrays and beside other types.

    What they mean stands in an attribute of our own; the schema is changed.
    """
    if isinstance(kind, list):
        # Of several types, a number alone would not say that it is a time.
        several = sum(branch != "null" for branch in kind) > 1
        return kind if several else [unmarked(branch) for branch in kind]
    if not isinstance(kind, dict):
        return kind
    if kind.get("logicalType") in _TIMES:
        kind[_MARK] = kind.pop("logicalType")
    elif kind.get("type") == "record":
        for field in kind["fields"]:
            field["type"] = unmarked(field["type"])
    elif kind.get("type") == "map":
        kind["values"] = unmarked(kind["values"])
    elif isinstance(kind.get("type"), dict | list):
        kind["type"] = unmarked(kind["type"])
    return kind


class AvroColumns:
    """Makes columns of the rows of one schema, as `unmarked` leaves it."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self._named: dict[str, Any] = {}
        self._collect(kind)

    def of(self, rows: list[Any]) -> Iterator[Column]:
        """Yield the columns: path, values, and of what kinds they are, where they are mixed."""
        yield from self._columns(self._kind, rows, "", ())

    def _columns(
        self, kind: Any, values: list[Any], path: str, above: tuple[str, ...]
    ) -> Iterator[Column]:
        kind = self._present(kind)
        name = kind.get("type") if isinstance(kind, dict) else kind
        if name == "record":
            if kind["name"] in above and all(value is None for value in values):
                # A record within one of its own kind: it goes on for as long as there is one.
                return
            for field in kind["fields"]:
                below = [None if value is None else value[field["name"]] for value in values]
                inner = _joined(path, field["name"])
                yield from self._columns(field["type"], below, inner, (*above, kind["name"]))
        elif name == "map":
            for key in dict.fromkeys(key for value in values if value for key in value):
                below = [value.get(key) if value else None for value in values]
                yield from self._columns(kind["values"], below, _joined(path, key), above)
            if not any(values):
                yield path, pa.nulls(len(values)), frozenset()
        elif name == "array":
            texts = [None if value is None else _json(value) for value in values]
            yield path or "value", pa.array(texts, pa.string()), frozenset()
        elif (column := _column(kind, values)) is not None:
            yield path or "value", column, frozenset()
        else:
            yield from _any(values, path)

    def _present(self, kind: Any) -> Any:
        """Return the schema of a value that is there, where there is one such schema only."""
        if isinstance(kind, list):
            branches = [branch for branch in kind if branch != "null"]
            return self._present(branches[0]) if len(branches) == 1 else branches or "null"
        if isinstance(kind, str):
            return self._named.get(kind, kind)
        inner = kind.get("type")
        return self._present(inner) if isinstance(inner, dict | list) else kind

    def _collect(self, kind: Any) -> None:
        """Note the types that have a name, by which the schema may come back to them."""
        if isinstance(kind, list):
            for branch in kind:
                self._collect(branch)
        elif isinstance(kind, dict):
            if "name" in kind:
                self._named[kind["name"]] = kind
            for field in kind.get("fields", ()):
                self._collect(field["type"])
            for part in ("type", "items", "values"):
                self._collect(kind.get(part))


def _column(kind: Any, values: list[Any]) -> pa.Array | None:
    """Return the column of a schema that says of what type its values are; else nothing."""
    if kind == "null":
        return pa.nulls(len(values))
    if isinstance(kind, str):
        return pa.array(values, _PLAIN[kind]) if kind in _PLAIN else None
    if not isinstance(kind, dict):
        return None
    if _MARK in kind:
        number, time = _TIMES[kind[_MARK]]
        return pa.array(values, number).cast(time)
    logical = kind.get("logicalType")
    if logical == "decimal":
        kept = pa.decimal128 if kind["precision"] <= _DIGITS else pa.decimal256
        return pa.array(values, kept(kind["precision"], kind.get("scale", 0)))
    if logical == "uuid":
        texts = (UUID(bytes=each) if isinstance(each, bytes) else each for each in values)
        return pa.array([None if text is None else str(text) for text in texts], pa.string())
    if kind.get("type") == "fixed":
        return pa.array(values, pa.binary(kind["size"]))
    plain = _PLAIN.get(str(kind.get("type")))
    return None if plain is None else pa.array(values, plain)


def _any(values: list[Any], path: str) -> Iterator[Column]:
    """Yield the columns of values of any types: a union of several, a type of another's name."""
    flat = [dict(leaves({path or "value": _plain(value)})) for value in values]
    for name in dict.fromkeys(name for record in flat for name in record):
        items = [record.get(name) for record in flat]
        texts = [_json(item) if isinstance(item, list) else item for item in items]
        yield name, column_of(texts), kinds_of(items)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    known = value is None or isinstance(value, bool | int | float | str | list)
    return value if known else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_in_json)


def _in_json(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
