"""From the names that columns have in a file to those that they have in its table."""

from typing import Any

import pyarrow as pa

from clicksession.errors import ReadError

__all__ = ["Fields", "plain_field", "renamed"]

_PHYSICAL = "delta.columnMapping.physicalName"

Fields = list[dict[str, Any]]
"""The columns of a table that stand in its files, as Delta's schema says them."""


def renamed(rows: pa.Table, fields: Fields, name: str) -> pa.Table:
    """Return the rows of a file as those of its table.

    A column that the file does not have yet is null; one that the table has dropped is left out.

    Parameters
    ----------
    name
        What messages call the file.

    Raises
    ------
    ReadError
        The file has none of the columns, or a list holds objects with a field that the table has
        dropped.
    """
    if fields and not {_physical(field) for field in fields} & {*rows.column_names}:
        reason = f"it has none of the table's columns, but {', '.join(rows.column_names)}"
        raise ReadError(name, reason, "Is it a file of this table?")
    columns = {}
    for field in fields:
        physical = _physical(field)
        if physical in rows.column_names:
            column = rows[physical]
            chunks = [_renamed(chunk, field["type"], name) for chunk in column.chunks]
            columns[field["name"]] = pa.chunked_array(chunks, chunks[0].type if chunks else None)
        else:
            columns[field["name"]] = pa.chunked_array([pa.nulls(rows.num_rows)])
    return pa.table(columns)


def plain_field(field: dict[str, Any]) -> dict[str, Any]:
    """Return a field, and those within it, without other names in the files."""
    return {**field, "metadata": {}, "type": _plain_type(field["type"])}


def _plain_type(kind: Any) -> Any:
    if not isinstance(kind, dict):
        return kind
    plain = {name: _plain_type(inner) for name, inner in kind.items()}
    if "fields" in kind:
        plain["fields"] = [plain_field(field) for field in kind["fields"]]
    return plain


def _physical(field: dict[str, Any]) -> str:
    return str(field.get("metadata", {}).get(_PHYSICAL, field["name"]))


def _renamed(values: pa.Array, kind: Any, name: str) -> pa.Array:
    """Return values with their objects' fields named as in the table."""
    if kind == "timestamp" and pa.types.is_timestamp(values.type) and values.type.tz is None:
        # Parquet's old type of times does not say that they are instants; the table does.
        return values.cast(pa.timestamp(values.type.unit, "UTC"))
    if not isinstance(kind, dict) or not pa.types.is_nested(values.type):
        return values
    if kind["type"] != "struct":
        return values.view(_as_named(values.type, kind, name))
    names, parts = [], []
    for field in kind["fields"]:
        position = values.type.get_field_index(_physical(field))
        if position >= 0:
            names.append(field["name"])
            # With the nulls of the object itself.
            part = pa.compute.struct_field(values, [position])
            parts.append(_renamed(part, field["type"], name))
    if not parts:
        return pa.nulls(len(values))
    return pa.StructArray.from_arrays(parts, names, mask=values.is_null())


def _as_named(type_: pa.DataType, kind: Any, name: str) -> pa.DataType:
    """Return the type of lists and maps with the names that the table has for what they hold."""
    if not isinstance(kind, dict):
        return type_
    if kind["type"] == "array":
        inner = _as_named(type_.value_type, kind["elementType"], name)
        return pa.list_(type_.value_field.with_type(inner))
    if kind["type"] == "map":
        key = _as_named(type_.key_type, kind["keyType"], name)
        return pa.map_(key, _as_named(type_.item_type, kind["valueType"], name))
    known = {_physical(field): field for field in kind["fields"]}
    fields = []
    for field in type_:
        if field.name not in known:
            reason = f"a list holds objects with the field {field.name!r}, which the table dropped"
            raise ReadError(name, reason, "Rewrite the table's files (OPTIMIZE, or REORG).")
        own = known[field.name]
        inner = _as_named(field.type, own["type"], name)
        fields.append(field.with_name(own["name"]).with_type(inner))
    return pa.struct(fields)
