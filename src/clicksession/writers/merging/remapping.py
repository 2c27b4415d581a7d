"""Read the stored events as another schema would have read them from their source."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from clicksession.arrow import is_text
from clicksession.quality.content import made_ids
from clicksession.quality.fitting import IDS
from clicksession.readers.events import events_frame
from clicksession.readers.rows.frames import to_pandas
from clicksession.schema import EventSchema
from clicksession.writers.logs.log import Log
from clicksession.writers.logs.spill import Spill
from clicksession.writers.merging.incoming import Part
from clicksession.writers.tables.access import Access
from clicksession.writers.tables.manifest import FilePart
from clicksession.writers.tables.mapping import Mapping
from clicksession.writers.tables.target import Target

__all__ = ["Remapped"]

_ROWS_AT_A_TIME = 500_000


class Remapped:
    """All stored events, with their fields mapped anew; they wait on disk."""

    files: Sequence[FilePart] = ()
    log: Log | None = None

    def __init__(
        self, access: Access, target: Target, schemas: tuple[EventSchema, EventSchema], folder: Path
    ) -> None:
        self._spill = Spill(folder)
        mapping = Mapping(access.tables.events.name, *schemas, tuple(target.events.c.keys()))
        for rows in _stored(access, target):
            self._spill.add(mapping.applied(_with_whole_ids(rows)))

    @property
    def is_disjoint(self) -> bool:
        """Whether no two parts share a user or an event."""
        return self._spill.shares_no_event()

    def parts(self) -> Iterator[Part]:
        """Yield the events, each user's in one part."""
        for tables in self._spill.parts():
            yield Part(events_frame(tables), np.empty(0, dtype=np.int64))


def _stored(access: Access, target: Target) -> Iterator[pa.Table]:
    """Yield all stored events, a part at a time."""
    columns = [column for column in target.events.c if column.name != "session_id"]
    key = target.events.c.event_id
    some = select(*columns).order_by(key).limit(_ROWS_AT_A_TIME)
    rows = access.fetch(some)
    while rows.num_rows:
        yield _with_own_ids(rows)
        last = rows["event_id"][-1].as_py()
        rows = access.fetch(some.where(key > last))


def _with_own_ids(rows: pa.Table) -> pa.Table:
    """Leave out the ids that were made of the content: other names give other ones."""
    if not is_text(rows.schema.field("event_id").type):
        return rows
    made = made_ids(to_pandas(rows.drop_columns("event_id")), who="SQLWriter.rebuild")
    ids = rows["event_id"].cast(pa.large_string())
    own = pc.if_else(pc.equal(ids, pa.chunked_array([made])), None, rows["event_id"])
    return rows.set_column(rows.schema.get_field_index("event_id"), "event_id", own)


def _with_whole_ids(rows: pa.Table) -> pa.Table:
    """Put ids that were too long in the place of what stands for them: they are fitted anew."""
    for name, whole in IDS.items():
        if whole in rows.column_names:
            ids = pc.coalesce(rows[whole], rows[name].cast(rows[whole].type))
            rows = rows.set_column(rows.column_names.index(name), name, ids).drop_columns(whole)
    return rows
