"""From the paths of a source to columns: what a schema says, applied to one batch."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.readers.base import Batch
from clicksession.readers.rows.fields import Fields, matches
from clicksession.readers.rows.flattening import stands_for_rows
from clicksession.readers.rows.ids import without
from clicksession.readers.rows.naming import name_of, named
from clicksession.readers.rows.packing import REST
from clicksession.readers.rows.ties import order_of
from clicksession.schema import CANONICAL, EventSchema

__all__ = ["Mapped", "SchemaMapping"]

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Mapped:
    """The columns of a batch.

    Attributes
    ----------
    columns
        Canonical ones first, the time as the source holds it; then the others.
    kinds
        What kinds of values each column had.
    nobody
        The rows without a user for what stood there, by what it was.
    outside
        The rows of events that are in no session, whatever their user.
    order
        Texts that sort as events of one moment do, where the schema says so and a row has them.
    """

    columns: dict[str, pa.ChunkedArray]
    kinds: dict[str, frozenset[str]]
    nobody: dict[str, Flags]
    outside: Flags
    order: pa.ChunkedArray | None = None

    def count_nobody(self, counts: Counter[str], events: Flags) -> None:
        """Add how many of these events have no user, by what stood there."""
        for what, rows in self.nobody.items():
            if number := int((rows & events).sum()):
                counts[what] += number


class SchemaMapping:
    """Applies a schema to batches."""

    def __init__(self, schema: EventSchema) -> None:
        self._schema = schema
        used = {path for name in CANONICAL for path in schema.paths(name)}
        # An event in no session loses its user: whose it was stays beside it.
        kept = (*schema.keep, *(schema.paths("user_id") if schema.outside else ()))
        self._used = used.difference(kept)
        self._below = tuple(f"{path}." for path in schema.drop)
        self._renamed = {REST: "fields", **dict(schema.rename)}

    def of(self, batch: Batch) -> Mapped:
        """Return the columns of a batch."""
        fields, schema = Fields(batch, self._schema.null_values), self._schema
        outside = matches(batch, schema.outside)
        users, ids = (fields.ids(schema.mapping(name)) for name in ("user_id", "event_id"))
        found = {
            "event_id": ids and ids.column,
            "user_id": users and (without(users.column, outside)),
            "timestamp": fields.times(schema.mapping("timestamp")),
            "event_type": fields.values(schema.mapping("event_type")),
        }
        nothing = pa.chunked_array([pa.nulls(batch.rows.num_rows)])
        columns = {
            name: nothing if column is None else column
            for name, column in found.items()
            if column is not None or schema.needs(name)
        }
        columns |= named(self._others(batch.rows, fields), self._renamed)
        gone = users.gone if users else {}
        return Mapped(columns, self._kinds(fields), gone, outside, self._order(batch.rows, fields))

    def _order(self, rows: pa.Table, fields: Fields) -> pa.ChunkedArray | None:
        """Return in which order events of one moment come, if anything says so."""
        there = set(rows.column_names)
        if not there.intersection(self._schema.order):
            return None
        nothing = pa.chunked_array([pa.nulls(rows.num_rows, pa.string())])
        return order_of(
            [fields.value(path) if path in there else nothing for path in self._schema.order]
        )

    def _others(self, rows: pa.Table, fields: Fields) -> Iterator[tuple[str, pa.ChunkedArray]]:
        for path in rows.column_names:
            is_dropped = path in self._schema.drop or path.startswith(self._below)
            if path not in self._used and not is_dropped and not stands_for_rows(rows, path):
                yield path, fields.value(path)

    def _kinds(self, fields: Fields) -> dict[str, frozenset[str]]:
        """Return what kinds of values came together in each column."""
        kinds: dict[str, frozenset[str]] = {}
        feeding = {path: name for name in CANONICAL for path in self._schema.paths(name)}
        for path, found in fields.kinds.items():
            names = [feeding[path]] if path in feeding else []
            names += [] if path in self._used else [name_of(path, self._renamed)]
            for name in names:
                kinds[name] = kinds.get(name, frozenset()) | found
        return kinds
