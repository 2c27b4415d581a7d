"""JSON text inside a field: what it holds are fields below the field's path."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import is_text
from clicksession.readers.base import Batch, Reason
from clicksession.readers.formats.blocks import Block
from clicksession.readers.formats.json.block import BlockParser, Rows
from clicksession.readers.formats.json.strict import RefusedError, kind_of_value, loaded, shown
from clicksession.readers.rows.flattening import Leaves, without_column
from clicksession.readers.rows.flattening import leaves as plain
from clicksession.readers.rows.unpacking import beside_row, with_fields

__all__ = ["opened"]


def opened(batch: Batch, source: str, paths: Sequence[str], leaves: Leaves) -> Batch:
    """Return a batch with the fields of the JSON texts at some paths, in the place of the texts.

    An empty text holds nothing. A row is refused whose text is no JSON, or no object.
    """
    # What lies in a text comes after the text.
    for path in sorted(paths, key=len):
        if path in batch.rows.column_names and batch.rows[path].null_count < batch.rows.num_rows:
            batch = _opened(batch, source, path, leaves)
    return batch


def _opened(batch: Batch, source: str, path: str, leaves: Leaves) -> Batch:
    column = batch.rows[path]
    texts = pc.utf8_trim_whitespace(column if is_text(column.type) else column.cast(pa.string()))
    texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, texts.type), texts)
    batch = replace(batch, rows=without_column(batch.rows, path), find=batch.whereabouts)
    whole = _parsed(texts, path) if leaves is plain else None
    if whole is not None:
        return beside_row(batch, whole)
    records, refused = _loaded(texts, path)
    if refused:
        bad = [
            batch.bad_row(row, source, error.reason, f"its {path!r} {error.detail}")
            for row, error in refused.items()
        ]
        good = [row for row in range(len(texts)) if row not in refused]
        batch = replace(batch.taken(good), refused=[*batch.refused, *bad])
    return with_fields(batch, source, records, leaves)


def _loaded(
    texts: pa.ChunkedArray, path: str
) -> tuple[list[dict[str, Any]], dict[int, RefusedError]]:
    """Return what the texts hold, at their path, and the rows in which one is no object."""
    records: list[dict[str, Any]] = []
    refused: dict[int, RefusedError] = {}
    for row, text in enumerate(texts.to_pylist()):
        try:
            value = {} if text is None else loaded(text.encode("utf-8", "surrogatepass"))
            if not isinstance(value, dict):
                detail = f"is no object but {kind_of_value(value)}{shown(text.encode())}"
                raise RefusedError(Reason.NOT_OBJECT, detail)
            records.append({path: value})
        except RefusedError as error:
            refused[row] = error
    return records, refused


def _parsed(texts: pa.ChunkedArray, path: str) -> Batch | None:
    """Return the fields of texts that are all objects as Arrow can read them; else nothing."""
    known = texts.drop_null()
    if pc.any(pc.match_substring(known, "\n")).as_py():
        return None
    content = "\n".join(known.to_pylist()).encode("utf-8", "surrogatepass") + b"\n"
    found = BlockParser().parse(Block(content, 1, 0))
    if not isinstance(found, Rows) or found.table.num_rows != len(known):
        return None
    places = np.full(len(texts), -1, dtype=np.int64)
    places[np.asarray(texts.is_valid())] = np.arange(len(known))
    rows = found.table.take(pa.array(places, mask=places < 0))
    mixed = {f"{path}.{name}": kinds for name, kinds in found.mixed.items()}
    names = [f"{path}.{name}" for name in rows.column_names]
    return Batch(rows.rename_columns(names), range(len(texts)), "row", mixed=mixed)
