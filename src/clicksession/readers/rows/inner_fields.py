"""The fields that lie in a field of a row, as fields of the row beside its others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from clicksession.readers.base import Batch
from clicksession.readers.rows.flattening import Leaves, batch_of, beside, without_column
from clicksession.readers.rows.packing import REST, merged

__all__ = ["beside_row", "with_fields"]


def with_fields(
    batch: Batch, source: str, records: Sequence[Mapping[str, Any]], leaves: Leaves
) -> Batch:
    """Return a batch with the fields of a record beside those of each row.

    A row is refused whose record has too many.
    """
    inner = batch_of(records, range(len(records)), batch.unit, find=batch.find, leaves=leaves)
    crowded = [replace(row, file=source) for row in inner.refused]
    if crowded:
        batch = batch.taken(inner.numbers)
        batch = replace(batch, refused=[*batch.refused, *crowded])
    return beside_row(batch, inner)


def beside_row(batch: Batch, inner: Batch) -> Batch:
    """Return a batch with the fields of another one, which has as many rows, beside its own."""
    rows, more = batch.rows, inner.rows
    if {REST}.issubset(rows.column_names) and {REST}.issubset(more.column_names):
        both = merged(rows[REST], more[REST])
        rows = without_column(rows, REST)
        more = more.set_column(more.column_names.index(REST), REST, both)
    return replace(
        batch,
        rows=beside(rows, more),
        mixed={**batch.mixed, **inner.mixed},
        truths={**batch.truths, **inner.truths},
    )
