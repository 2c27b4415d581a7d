"""From the columns of stored events to those that another schema would have made."""

from dataclasses import dataclass

import pyarrow as pa

from clicksession.errors import RulesChangedError, WriteError
from clicksession.readers.rows.naming import named
from clicksession.readers.rows.times import Meaning, as_instants
from clicksession.readers.rows.types import first_present
from clicksession.schema import CANONICAL, REQUIRED, EventSchema, column_name

__all__ = ["Mapping"]

# What a schema says of a source, and no longer of what is stored.
_UNTOLD = ("json", "null_values", "drop", "pack", "rename", "exclude", "outside")
# Nor what a stored instant was written as; another column that becomes the time does.
_UNTOLD_OF_TIMES = ("time_format", "zone", "ambiguous", "nonexistent")


@dataclass(frozen=True)
class Mapping:
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

    def require(self) -> None:
        """Refuse a schema whose canonical columns stored events do not tell.

        Raises
        ------
        RulesChangedError
            With the column, and why.
        """
        for name in CANONICAL:
            self._feeding(name)

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
            (self.old.paths(column)[0] if column in CANONICAL else column, rows[column])
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

    def _refusal(self, name: str, problem: str) -> RulesChangedError:
        return RulesChangedError(
            self.table,
            f"{name} cannot be mapped anew: {problem}",
            "Read the files again into other tables: run(…, tables=Tables(prefix=…)).",
        )
