"""Read the stored events as another schema would have read them from their source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from clicksession.arrow import is_text
from clicksession.errors import RulesChangedError, WriteError
from clicksession.quality.content import made_ids
from clicksession.quality.fitting import IDS
from clicksession.readers.events import events_frame
from clicksession.readers.frames import to_pandas
from clicksession.readers.naming import named
from clicksession.readers.times import Meaning, as_instants
from clicksession.readers.unify import first_present
from clicksession.schema import CANONICAL, REQUIRED, EventSchema, column_name
from clicksession.writers.access import Access
from clicksession.writers.columns import arrow_type
from clicksession.writers.incoming import Part
from clicksession.writers.manifest import FilePart
from clicksession.writers.spill import Spill
from clicksession.writers.target import Target

__all__ = ["Remapped"]

_ROWS_AT_A_TIME = 500_000

# What a schema says of a source, and no longer of what is stored.
_UNTOLD = ("json", "null_values", "drop", "pack", "rename", "exclude", "outside")
# Nor what a stored instant was written as; another column that becomes the time does.
_UNTOLD_OF_TIMES = ("time_format", "zone", "ambiguous", "nonexistent")


class Remapped:
    """All stored events, with their fields mapped anew; they wait on disk."""

    files: Sequence[FilePart] = ()

    def __init__(
        self, access: Access, target: Target, schemas: tuple[EventSchema, EventSchema], folder: Path
    ) -> None:
        self._spill = Spill(folder)
        mapping = _Mapping(access.tables.events.name, *schemas, tuple(target.events.c.keys()))
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
    schema = pa.schema([(column.name, arrow_type(column.type)) for column in columns])
    key = target.events.c.event_id
    some = select(*columns).order_by(key).limit(_ROWS_AT_A_TIME)
    rows = access.loader.fetch(access.connection, some, schema)
    while rows.num_rows:
        yield _with_own_ids(rows)
        last = rows["event_id"][-1].as_py()
        rows = access.loader.fetch(access.connection, some.where(key > last), schema)


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


@dataclass(frozen=True)
class _Mapping:
    """From the columns of a table, filled by one schema, to those of another."""

    table: str
    old: EventSchema
    new: EventSchema
    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        is_other_time = self.new.mapping("timestamp") != self.old.mapping("timestamp")
        for name in (*_UNTOLD, *(() if is_other_time else _UNTOLD_OF_TIMES)):
            if getattr(self.new, name) != getattr(self.old, name):
                raise self._refusal(name, "stored events do not tell what the source held")

    def applied(self, rows: pa.Table) -> pa.Table:
        """Return rows as the new schema reads them."""
        mapped = {name: self._feeding(name) for name in CANONICAL}
        kept = {
            name: first_present([rows[column] for column in feeding])
            for name, feeding in mapped.items()
            if feeding
        }
        # Without the bounds of a reading: what is stored was within those that were asked for.
        found = as_instants(kept["timestamp"], self._meaning(kept["timestamp"].type))
        if found.refused:
            value = kept["timestamp"][min(found.refused)].as_py()
            paths = " or ".join(self.new.paths("timestamp"))
            raise WriteError(self.table, f"a stored value of {paths} is no time: {value!r}")
        kept["timestamp"] = found.times
        used = {column for feeding in mapped.values() for column in feeding}
        kept |= named(
            (self._source_name(column), rows[column])
            for column in rows.column_names
            if column not in used and rows[column].null_count < rows.num_rows
        )
        return pa.table(kept)

    def _meaning(self, kind: pa.DataType) -> Meaning:
        """Return what stored times mean: those of a type of times are in UTC already."""
        if pa.types.is_timestamp(kind):
            return Meaning()
        return Meaning(
            forms=tuple(self.new.time_format),
            zone=self.new.zone,
            # Rows come in no order that would tell one hour from the other.
            ambiguous="refuse" if self.new.ambiguous == "order" else self.new.ambiguous,
            nonexistent=self.new.nonexistent,
        )

    def _feeding(self, name: str) -> list[str]:
        """Return the stored columns that feed a canonical one, in order of preference."""
        paths = self.new.paths(name)
        if self.new.mapping(name) == self.old.mapping(name):
            return [name] if name in self.columns else []
        made = [each for each in self.new.mapping(name) if not isinstance(each, str)]
        if made:
            raise self._refusal(name, f"stored events hold no parts for {made[0]!r}")
        found = [column for path in paths if (column := self._column_of(path))]
        if not found and (name in REQUIRED or self.new.is_mapped(name)):
            raise self._refusal(name, f"no stored column came from {' or '.join(map(repr, paths))}")
        return found

    def _column_of(self, path: str) -> str | None:
        """Return the column that holds what came from a path of the source."""
        for name in CANONICAL:
            paths = self.old.paths(name)
            if path in paths:
                if self.old.mapping(name) == (path,) or path == name:
                    return name if name in self.columns else None
                fed = " and ".join(map(repr, paths))
                raise self._refusal(name, f"its stored values came from {fed}, which are one now")
        column = dict(self.old.rename).get(path) or column_name(path)
        return column if column in self.columns and column not in CANONICAL else None

    def _source_name(self, column: str) -> str:
        return self.old.paths(column)[0] if column in CANONICAL else column

    def _refusal(self, name: str, problem: str) -> RulesChangedError:
        return RulesChangedError(
            self.table,
            f"{name} cannot be mapped anew: {problem}",
            "Read the files again into other tables: run(…, tables=Tables(prefix=…)).",
        )
